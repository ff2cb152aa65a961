//! `[[sale]]`: days of sales, by name.

use serde::Deserialize;
use toml::{Table, Value};

use super::Config;
use super::campaigns::{Entry, a_day};
use crate::error::{Error, Result};
use crate::metrics::firsts;
use crate::schema::Day;

/// `[[sale]]`: a sale; several with the same name are one sale of several periods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sale {
    /// The shop's name for it.
    pub name: String,
    /// The first day.
    #[serde(deserialize_with = "a_day")]
    pub from: Option<Day>,
    /// The last day; `None` means that it lasts one day.
    #[serde(deserialize_with = "a_day")]
    pub to: Option<Day>,
}

impl Config {
    /// The sales.
    pub fn sales(&self) -> Vec<firsts::Sale> {
        let days = |sale: &Sale| {
            Some(firsts::Sale { name: sale.name.clone(), from: sale.from?, to: sale.to.or(sale.from)? })
        };
        self.sale.iter().filter_map(days).collect()
    }
}

/// Checks that the name of a sale is a plain text, and not the key that stands for orders outside of sales.
fn name(text: &str) -> Result<()> {
    let is_name = !text.is_empty() && text.trim() == text && !text.chars().any(char::is_control);
    if is_name && text != firsts::NO_KEY {
        return Ok(());
    }
    Err(Error::usage_of("sale_name", &[("seen", format!("{text:?}"))]))
}

/// Checks every `[[sale]]`.
///
/// # Errors
/// The first wrong value, with its file and what would be right.
pub(super) fn check(table: &Table, file: &str) -> Result<()> {
    let sales = table.get("sale").and_then(Value::as_array).into_iter().flatten();
    for sale in sales.filter_map(Value::as_table) {
        let entry =
            Entry { file, section: "[sale]", id: sale.get("name").and_then(Value::as_str), values: sale };
        entry.text("name", name)?;
        entry.days("from", "to")?;
        if !["name", "from"].iter().all(|key| sale.contains_key(*key)) {
            return Err(Error::config_of(file, "sale_without", &[]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sale_has_a_name_and_days() {
        let config = |text: &str| Config::parse(text, "ecrm.toml");
        let read = config(
            "[[sale]]\nname = \"618\"\nfrom = \"2026-06-01\"\nto = \"2026-06-18\"\n[[sale]]\nname = \"day\"\nfrom = \"1970-01-03\"\n",
        );
        let sales = read.expect("sales").sales();
        assert_eq!((sales[0].name.as_str(), sales[0].from.days_until(sales[0].to)), ("618", 17));
        assert_eq!((sales[1].from, sales[1].to), (Day::new(2), Day::new(2)));
        for (text, said) in [
            ("name = \"x\"", "a [[sale]] without"),
            ("from = \"2026-06-01\"", "a [[sale]] without"),
            ("name = \"none\"\nfrom = \"2026-06-01\"", "\"none\""),
            ("name = \"x\"\nfrom = \"June\"", "[[sale]]"),
            ("name = \"x\"\nfrom = \"2026-06-02\"\nto = \"2026-06-01\"", "[[sale]]"),
            ("name = \"x\"\nfrom = \"2026-06-02\"\nuntil = \"2026-06-03\"", "until"),
        ] {
            let error = config(&format!("[[sale]]\n{text}\n")).expect_err(text).to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
