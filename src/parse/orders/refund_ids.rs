//! Finds the orders that a refund record may belong to, by its own id or by a column that names the order.

use serde::{Deserialize, Serialize};

use crate::parse::value::id::{self, Id};
use crate::schema::{Key, Micros};

/// An order that a refund may belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The order's id.
    pub order: Key,
    /// Whether the two ids could be similar by chance, so that the customers must be equal too.
    pub is_weak: bool,
    /// Whether the refund's id is the order's id and a word, so that the customers must not differ.
    #[serde(default)]
    pub is_suffix: bool,
    /// The amount of the refund's row; 0 if it was not kept.
    #[serde(default)]
    pub back: Micros,
}

/// Words that shop systems add to an order's id to name its refund, longer ones first.
const WORDS: [&str; 25] = [
    "creditnote",
    "gutschrift",
    "remboursement",
    "devolución",
    "devolucion",
    "reembolso",
    "rimborso",
    "refunded",
    "refunds",
    "refund",
    "returned",
    "return",
    "retour",
    "storno",
    "credit",
    "avoir",
    "退款",
    "退货",
    "rma",
    "ref",
    "ret",
    "rfd",
    "rf",
    "cn",
    "r",
];

/// The orders that the row with this id may refund by the amount `back`, likeliest first. `parent` is the cell of the
/// column that names the order.
pub fn parents(id: &[u8], parent: Option<&[u8]>, back: Micros) -> Vec<Parent> {
    let mut found: Vec<Parent> = Vec::new();
    let mut add = |text: &str, (is_weak, is_suffix): (bool, bool)| {
        let order = Key::of(text.as_bytes());
        if !text.is_empty() && found.iter().all(|known| known.order != order) {
            found.push(Parent { order, is_weak, is_suffix, back });
        }
    };
    if let Some(Id::Text(text)) = parent.map(id::parse) {
        let text = String::from_utf8_lossy(text);
        add(&text, (false, false));
        // Many exports write the number with `#` in one column and without it in the other.
        match text.strip_prefix('#') {
            Some(bare) => add(bare, (false, false)),
            None => add(&format!("#{text}"), (false, false)),
        }
    }
    let Ok(id) = std::str::from_utf8(id) else { return found };
    if let Some(base) = without_suffix(id) {
        add(base, (false, true));
    }
    if let Some(base) = without_prefix(id) {
        add(base, (true, false));
    }
    if let Some((base, _)) = without_number(id).filter(|(_, has_mark)| *has_mark) {
        add(base, (true, false));
    }
    found
}

fn is_mark(c: char) -> bool {
    matches!(c, '-' | '_' | '/' | '.' | ' ' | '#' | ':')
}

/// `1001-R-1`, `1001-refund`, `1001_R1` or `1001R1` without the part that marks a refund of `1001`.
fn without_suffix(id: &str) -> Option<&str> {
    let unnumbered = without_number(id).map_or(id, |(base, _)| base);
    [id, unnumbered].into_iter().find_map(|text| {
        let base = without_word(text)?;
        let bare = base.trim_end_matches(is_mark);
        // A letter in front would be part of a longer word.
        let is_end = bare.len() < base.len() || bare.ends_with(|c: char| c.is_numeric());
        (is_end && !bare.is_empty()).then_some(bare)
    })
}

/// A text without a word of [`WORDS`] at its end.
fn without_word(text: &str) -> Option<&str> {
    WORDS.iter().find_map(|word| {
        let at = text.len().checked_sub(word.len())?;
        let (base, end) = (text.get(..at)?, text.get(at..)?);
        is_word(end, word).then_some(base)
    })
}

/// Whether a text is a word of [`WORDS`], in whatever case.
fn is_word(text: &str, word: &str) -> bool {
    if text.is_ascii() { text.eq_ignore_ascii_case(word) } else { text.to_lowercase() == word }
}

/// A text without a number of up to three digits at its end, and whether a separator stands in front of the number.
fn without_number(text: &str) -> Option<(&str, bool)> {
    const MAX_SUFFIX_DIGITS: usize = 3;
    let base = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - base.len();
    let bare = base.trim_end_matches(is_mark);
    ((1..=MAX_SUFFIX_DIGITS).contains(&digits) && !bare.is_empty()).then_some((bare, bare.len() < base.len()))
}

/// `R-1001`, `refund_1001` or `RF1001` without the part in front of the order's id.
fn without_prefix(id: &str) -> Option<&str> {
    WORDS.iter().find_map(|word| {
        let (start, base) = (id.get(..word.len())?, id.get(word.len()..)?);
        let bare = base.trim_start_matches(|c| is_mark(c) && c != '#');
        let begins = bare.len() < base.len() || bare.starts_with(|c: char| c.is_ascii_digit() || c == '#');
        (is_word(start, word) && begins && !bare.is_empty()).then_some(bare)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str, parent: Option<&str>) -> Vec<(String, bool)> {
        let found = parents(id.as_bytes(), parent.map(str::as_bytes), Micros::ZERO);
        found.iter().map(|parent| (parent.order.text().unwrap_or_default(), parent.is_weak)).collect()
    }

    #[test]
    fn a_refund_is_of_the_order_whose_id_it_adds_to() {
        for id in [
            "1001-R-1",
            "1001-refund",
            "1001_R1",
            "1001R1",
            "1001-R",
            "1001 Refund 2",
            "1001退款",
            "1001-CN",
            "1001/REF-02",
        ] {
            assert_eq!(of(id, None).first(), Some(&("1001".to_owned(), false)), "{id}");
        }
        assert_eq!(of("EDD-1-R-1", None)[0], ("EDD-1".to_owned(), false));
        for id in ["R-1001", "refund_1001", "RF1001", "退款1001"] {
            assert_eq!(of(id, None), [("1001".to_owned(), true)], "{id}");
        }
        assert_eq!(of("1001-2", None), [("1001".to_owned(), true)]);
    }

    #[test]
    fn other_ids_are_no_refunds_of_others() {
        for id in ["C536379", "ORDER", "BAR", "1001", "R", "A-CHAIR"] {
            assert_eq!(of(id, None), [], "{id}");
        }
    }

    #[test]
    fn a_column_says_it_first() {
        assert_eq!(
            of("K-9", Some("1001")),
            [("1001".to_owned(), false), ("#1001".to_owned(), false), ("K".to_owned(), true)]
        );
        assert_eq!(of("K9", Some("-")), []);
    }
}
