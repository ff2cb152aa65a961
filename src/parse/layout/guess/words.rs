//! Parts of headers that tell what kind of table a file is, whatever its columns are.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::error::{Error, Result};

/// The parts, in lower case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableWords {
    /// Days on which something was bought, and purchases.
    pub deals: Vec<String>,
    /// What logs of events say.
    pub logs: Vec<String>,
    /// Users of a page.
    pub users: Vec<String>,
    /// Which of several purchases is meant.
    pub which: Vec<String>,
    /// How many purchases there were, or what all of them came to.
    pub sums: Vec<String>,
}

/// Whether a header has any part of a list, in whatever case, `_` and `-` being spaces.
///
/// # Errors
/// When `tables.toml` is broken, which a test rules out.
pub(super) fn says(header: &str, list: impl Fn(&TableWords) -> &Vec<String>) -> Result<bool> {
    static WORDS: LazyLock<std::result::Result<TableWords, String>> =
        LazyLock::new(|| toml::from_str(include_str!("tables.toml")).map_err(|error| error.to_string()));
    let words = WORDS.as_ref().map_err(|message| Error::Internal(message.clone()))?;
    // The typographic apostrophe is one too; a header ends as if a space was behind it.
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
