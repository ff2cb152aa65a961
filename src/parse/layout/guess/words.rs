//! Parts of headers that show what kind of table a file is, whatever its columns are.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::error::{Error, Result};

/// The parts, in lower case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableWords {
    /// Words for days of purchase, and for purchases.
    pub deals: Vec<String>,
    /// Words of logs of events.
    pub logs: Vec<String>,
    /// Words for users of a page.
    pub users: Vec<String>,
    /// Words for which of several purchases is meant (first, last).
    pub which: Vec<String>,
    /// Words for a number of purchases or their sum.
    pub sums: Vec<String>,
}

/// Whether a header contains an entry of a list, ignoring case, with `_` and `-` read as spaces.
///
/// # Errors
/// When `tables.toml` is broken, which a test rules out.
pub(super) fn says(header: &str, list: impl Fn(&TableWords) -> &Vec<String>) -> Result<bool> {
    static WORDS: LazyLock<std::result::Result<TableWords, String>> =
        LazyLock::new(|| toml::from_str(include_str!("tables.toml")).map_err(|error| error.to_string()));
    let words = WORDS.as_ref().map_err(|message| Error::Internal(message.clone()))?;
    // The typographic apostrophe counts as a plain one; a space is added so that an entry that ends with one matches at
    // the end.
    let header = format!("{} ", header.to_lowercase().replace(['_', '-'], " ").replace('’', "'"));
    Ok(list(words).iter().any(|part| header.contains(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_headers_tell_kinds_of_tables() {
        let says = |header, list: fn(&TableWords) -> &Vec<String>| says(header, list).expect("words");
        for header in ["Kaufdatum", "order_date", "消费日期", "Date d’achat"] {
            assert!(says(header, |words| &words.deals), "{header}");
        }
        for header in ["Last order", "last_purchase", "Letzte Bestellung", "最近下单"] {
            assert!(says(header, |words| &words.which), "{header}");
        }
        for header in ["Bestellung erstellt", "Sales person", "Firstname", "Order date"] {
            assert!(!says(header, |words| &words.which), "{header}");
        }
        assert!(says("Nombre d’achats", |words| &words.sums));
        assert!(!says("Número de pedido", |words| &words.sums));
    }
}
