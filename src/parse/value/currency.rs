//! Names of currencies in columns and beside amounts: codes, marks such as `kr`, and words such as `人民币`.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use crate::text;

/// A mark of a currency: `€` means one currency, `kr` several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The code if it means one currency, else the mark itself.
    pub name: &'static str,
    codes: &'static [&'static str],
}

impl Mark {
    /// The ISO 4217 codes of the currencies that it can mean.
    pub fn codes(self) -> &'static [&'static str] {
        self.codes
    }
}

/// The mark in a text, ignoring case, padding and a final point: `RMB`, `kr.`, `人民币`, `US$`.
pub fn mark(text: &str) -> Option<Mark> {
    let table = &*TABLE;
    table.marks.get(text).or_else(|| table.marks.get(&squashed(text))).copied()
}

/// The name of the currency that a cell or the user writes: the name of its mark, or the text in capitals if it is
/// unknown; `None` for a blank cell.
pub fn name(cell: &str) -> Option<String> {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || "'\"\u{feff}\u{200b}".contains(c));
    if text::is_null(cell.as_bytes()) {
        return None;
    }
    Some(mark(cell).map_or_else(|| cell.to_uppercase(), |mark| mark.name.to_owned()))
}

/// Whether amounts with these names can be in one currency: `kr` and `SEK` can, `kr` and `€` cannot.
pub fn can_be_one<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
    shared(names).is_none_or(|codes| !codes.is_empty())
}

/// The code of the one currency that all these names mean; for a mark of several currencies, the one it usually means.
pub fn code<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    const USUAL: [&str; 4] = ["USD", "CNY", "GBP", "INR"];
    let codes = shared(names)?;
    let usual = || codes.iter().find(|code| USUAL.contains(code));
    let code = if codes.len() == 1 { codes.first() } else { usual() };
    code.map(|code| (*code).to_owned())
}

/// Whether these names are read as one currency that a mark among them usually does not mean: `$` beside `A$`, which
/// may be two currencies after all.
pub fn is_doubtful<'a>(names: impl IntoIterator<Item = &'a str> + Clone) -> bool {
    const USUAL: [(&str, &str); 4] = [("$", "USD"), ("¥", "CNY"), ("£", "GBP"), ("Rs", "INR")];
    let Some(codes) = shared(names.clone()).filter(|codes| !codes.is_empty()) else { return false };
    let is_unusual = |name: &str| USUAL.iter().any(|(mark, usual)| name == *mark && !codes.contains(usual));
    names.into_iter().any(is_unusual)
}

/// The number of decimals in prices of a currency with these names, if it is known and equal for all currencies they
/// can mean.
pub fn decimals<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<u8> {
    let codes = shared(names)?;
    let mut decimals = codes.iter().map(|code| TABLE.decimals.get(code).copied());
    let first = decimals.next()??;
    decimals.all(|other| other == Some(first)).then_some(first)
}

/// The codes that all names can mean; `None` if there is no name.
fn shared<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Vec<&'a str>> {
    names.into_iter().fold(None, |shared: Option<Vec<&str>>, name| {
        let own = mark(name).map_or_else(|| vec![name], |mark| mark.codes.to_vec());
        Some(match shared {
            None => own,
            Some(shared) => shared.into_iter().filter(|code| own.contains(code)).collect(),
        })
    })
}

struct Table {
    /// Marks, by squashed word.
    marks: HashMap<String, Mark>,
    decimals: HashMap<&'static str, u8>,
}

/// Built once and kept until the program ends.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    #[derive(serde::Deserialize)]
    struct Currency {
        decimals: u8,
        words: Vec<String>,
    }
    // The file is compiled in, and a test reads it.
    let currencies: BTreeMap<String, Currency> =
        toml::from_str(include_str!("currencies.toml")).unwrap_or_default();
    let mut decimals = HashMap::new();
    let mut words: BTreeMap<String, (String, Vec<&'static str>)> = BTreeMap::new();
    for (code, currency) in currencies {
        let code: &'static str = Box::leak(code.into_boxed_str());
        decimals.insert(code, currency.decimals);
        for word in std::iter::once(code.to_owned()).chain(currency.words) {
            let codes = &mut words.entry(squashed(&word)).or_insert_with(|| (word, Vec::new())).1;
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    let mark = |(squashed, (word, codes)): (String, (String, Vec<&'static str>))| {
        let name: &'static str = match codes.as_slice() {
            [code] => code,
            _ => Box::leak(word.into_boxed_str()),
        };
        (squashed, Mark { name, codes: Box::leak(codes.into_boxed_slice()) })
    };
    Table { marks: words.into_iter().map(mark).collect(), decimals }
});

/// A word without padding, inner spaces and marks of writing direction, which do not matter.
fn squashed(word: &str) -> String {
    let word: String =
        word.chars().filter(|c| !c.is_whitespace() && !"\u{200e}\u{200f}".contains(*c)).collect();
    word.replace('￥', "¥").replace('＄', "$").trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_words_name_currencies() {
        for (text, expected) in [
            ("EUR", "EUR"),
            ("eur", "EUR"),
            ("€", "EUR"),
            ("RMB", "CNY"),
            ("人民币", "CNY"),
            ("元", "CNY"),
            ("zł", "PLN"),
            ("Rp", "IDR"),
            ("Rp.", "IDR"),
            ("RM", "MYR"),
            ("₫", "VND"),
            ("R$", "BRL"),
            ("S/.", "PEN"),
            ("Kč", "CZK"),
            ("د.إ", "AED"),
            ("NT$", "TWD"),
            ("HK$", "HKD"),
            ("S$", "SGD"),
            ("Ft", "HUF"),
        ] {
            assert_eq!(mark(text).map(|mark| mark.name), Some(expected), "{text}");
        }
        assert_eq!(mark("kr.").map(|mark| mark.codes()), Some(["DKK", "ISK", "NOK", "SEK"].as_slice()));
        assert!(mark("￥").is_some_and(|mark| mark.codes() == ["CNY", "JPY"]));
        for text in ["SKU", "", "x", "pcs"] {
            assert!(mark(text).is_none(), "{text}");
        }
        // What pads a word, stands in it or marks the direction it is written in does not matter.
        for (text, expected) in [("R $", "BRL"), ("\u{200f}د.إ\u{200e}", "AED"), ("NT＄", "TWD")] {
            assert_eq!(mark(text).map(|mark| mark.name), Some(expected), "{text}");
        }
        for cell in [" eur ", "'eur'", "\"EUR\"", "\u{feff}eur", "eur\u{200b}"] {
            assert_eq!(name(cell).as_deref(), Some("EUR"), "{cell:?}");
        }
        assert_eq!(name("points").as_deref(), Some("POINTS"));
        assert_eq!(name("-"), None);
    }

    #[test]
    fn names_agree_where_one_currency_can_be_meant() {
        for (names, expected) in [
            (vec!["kr", "SEK"], true),
            (vec!["$", "US$", "USD"], true),
            (vec!["￥", "RMB", "CNY", "人民币"], true),
            (vec!["￥", "JPY"], true),
            (vec!["kr", "€"], false),
            (vec!["SEK", "NOK", "kr"], false),
            (vec!["US$", "C$"], false),
            (vec!["CNY", "JPY"], false),
            (vec!["POINTS", "EUR"], false),
            (vec!["POINTS"], true),
            (vec![], true),
        ] {
            assert_eq!(can_be_one(names.iter().copied()), expected, "{names:?}");
        }
        assert!(is_doubtful(["$", "AUD"]) && is_doubtful(["¥", "JPY"]));
        assert!(!is_doubtful(["$", "USD"]) && !is_doubtful(["kr", "SEK"]) && !is_doubtful(["$"]));
    }

    #[test]
    fn names_of_one_currency_have_its_code() {
        for (names, expected) in [
            (vec!["$"], Some("USD")),
            (vec!["$", "CAD"], Some("CAD")),
            (vec!["¥"], Some("CNY")),
            (vec!["€"], Some("EUR")),
            (vec!["kr"], None),
            (vec!["POINTS"], Some("POINTS")),
            (vec![], None),
        ] {
            assert_eq!(code(names.iter().copied()).as_deref(), expected, "{names:?}");
        }
    }

    #[test]
    fn decimals_are_known_where_all_that_is_meant_has_the_same() {
        for (names, expected) in [
            (vec!["₫"], Some(0)),
            (vec!["TND"], Some(3)),
            (vec!["€"], Some(2)),
            // Rupees of several countries, all with two.
            (vec!["Rs"], Some(2)),
            // Króna have none, kroner two.
            (vec!["kr"], None),
            (vec!["$"], None),
            (vec!["$", "COP"], Some(0)),
            (vec!["POINTS"], None),
            (vec![], None),
        ] {
            assert_eq!(decimals(names.iter().copied()), expected, "{names:?}");
        }
    }
}
