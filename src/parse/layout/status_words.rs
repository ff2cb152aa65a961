//! Whether a column holds statuses of orders: by its header, and by the words or codes in it.

use std::collections::BTreeSet;

use crate::parse::preset::Preset;
use crate::parse::value::date::{DateReader, Day};
use crate::parse::value::money;
use crate::schema::squash;
use crate::text;

/// The most distinct words of a status column; one with more holds something else.
const MAX_STATUS_WORDS: usize = 12;

/// What a header says about its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// The status of an order.
    Status,
    /// A status, or a place: `state`.
    StatusOrPlace,
}

/// The distinct words of a column that may be one of statuses.
#[derive(Debug, Clone, Default)]
pub struct WordsSeen {
    /// At most one word more than a status column has.
    words: BTreeSet<String>,
    /// Rows whose cell is not blank.
    rows: u64,
}

impl WordsSeen {
    /// Adds a cell; blank ones are not counted.
    pub fn add(&mut self, cell: &[u8]) {
        let cell = text::trim(cell);
        if text::is_null(cell) {
            return;
        }
        self.rows += 1;
        if !self.has_too_many() {
            let word = String::from_utf8_lossy(cell);
            if !self.words.contains(word.as_ref()) {
                self.words.insert(word.into_owned());
            }
        }
    }

    /// Adds the cells of further rows of the column.
    pub fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        for word in other.words {
            if self.has_too_many() {
                break;
            }
            self.words.insert(word);
        }
    }

    /// Whether all cells so far are blank.
    pub fn is_blank(&self) -> bool {
        self.rows == 0
    }

    /// Whether there are more words than a status column has.
    pub fn has_too_many(&self) -> bool {
        self.words.len() > MAX_STATUS_WORDS
    }

    /// How many rows have a word.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The first `count` words.
    pub(super) fn first(&self, count: usize) -> String {
        let words: Vec<&str> = self.words.iter().take(count).map(String::as_str).collect();
        words.join(", ")
    }

    /// Whether they may be statuses, given what the header says.
    pub(super) fn may_be_statuses(&self, says: Says, probe: &DateReader) -> bool {
        let is_one = |word: &String| is_code(word) || is_word(word, probe);
        // Places have short codes (`CA`) or numbers of two digits (`06`).
        let is_place = |word: &String| match is_code(word) {
            true => word.trim_start_matches('-').split('.').next().is_some_and(|code| code.len() > 1),
            false => word.len() <= 3 && word.chars().all(|c| c.is_ascii_uppercase()),
        };
        !self.is_blank()
            && !self.has_too_many()
            && self.words.iter().all(is_one)
            && (says == Says::Status || !self.words.iter().all(is_place))
    }

    /// Whether a column that is read as places holds statuses instead: bare digits, or any known status.
    pub(super) fn are_no_places(&self, preset: &Preset) -> bool {
        let is_digit = |word: &String| word.trim_start_matches('-').len() == 1 && is_code(word);
        let is_known = |word: &String| {
            let word = squash(word);
            preset.status_words().any(|(status, _)| squash(status) == word)
        };
        self.words.iter().all(is_digit) || self.words.iter().any(is_known)
    }
}

/// Whether a cell is a code that only the shop can explain: `0`, `-1`, `200`; also `2.0`, as programs write it.
fn is_code(word: &str) -> bool {
    const MAX_CODE_DIGITS: usize = 4;
    let digits = word.strip_prefix('-').unwrap_or(word);
    let digits = digits.strip_suffix(".0").unwrap_or(digits);
    (1..=MAX_CODE_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a cell is a word, and neither a number nor a date.
fn is_word(word: &str, probe: &DateReader) -> bool {
    let is_text = word.chars().any(char::is_alphabetic) || !word.chars().any(char::is_numeric);
    is_text
        && !matches!(money::parse(word.as_bytes(), money::DecimalMark::Point), money::Amount::Micros(_))
        && probe.day(word.as_bytes()) == Day::Bad
}

/// What a header says, if it speaks of an order's status. Headers about the progress of a parcel, or about who or where
/// a buyer is, give `None`.
pub(super) fn says(header: &str) -> Option<Says> {
    const WORDS: [&str; 7] = ["status", "statut", "stato", "état", "etat", "situação", "situacao"];
    const PARTS: [&str; 8] = ["状态", "狀態", "ステータス", "状況", "статус", "상태", "durum", "zustand"];
    const PARCELS: [&str; 20] = [
        "ship",
        "deliver",
        "fulfil",
        "logist",
        "dispatch",
        "track",
        "versand",
        "liefer",
        "envio",
        "envío",
        "entrega",
        "livraison",
        "spedizione",
        "发货",
        "物流",
        "配送",
        "快递",
        "发票",
        "marital",
        "婚",
    ];
    // Words for people, whose state is a place.
    const PEOPLE: [&str; 9] =
        ["buyer", "customer", "billing", "client", "address", "recipient", "receiver", "home", "comprador"];
    // Words for orders and other things that have a status and no place.
    const ORDERS: [&str; 10] =
        ["order", "pay", "paid", "sale", "trade", "deal", "transaction", "pedido", "pago", "orden"];
    let header = header.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| header.contains(part));
    if has(&PARCELS) {
        return None;
    }
    let mut words = header.split(|c: char| !c.is_alphanumeric());
    if has(&PARTS) || words.clone().any(|word| WORDS.iter().any(|status| word.ends_with(status))) {
        return Some(Says::Status);
    }
    let is_state =
        |word: &str| word.ends_with("estado") || (word.ends_with("state") && !word.ends_with("estate"));
    match words.any(is_state) {
        true if has(&ORDERS) => Some(Says::Status),
        true if !has(&PEOPLE) => Some(Says::StatusOrPlace),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_look_like_statuses_by_their_words() {
        for header in [
            "Financial Status",
            "Payment_State",
            "pay_state",
            "Estado del pago",
            "Bezahlstatus",
            "Zahlzustand",
            "order_state",
            "支付状态",
            "Statut",
        ] {
            assert_eq!(says(header), Some(Says::Status), "{header}");
        }
        for header in ["State", "Estado", "current state"] {
            assert_eq!(says(header), Some(Says::StatusOrPlace), "{header}");
        }
        for header in [
            "Real estate",
            "Statement",
            "Fulfillment Status",
            "shipping_state",
            "Buyer State",
            "物流状态",
            "Total",
            "Marital status",
        ] {
            assert_eq!(says(header), None, "{header}");
        }
    }

    #[test]
    fn few_codes_and_words_are_statuses_and_places_amounts_and_dates_are_none() {
        let probe = DateReader {
            order: Default::default(),
            is_certain: false,
            zone: None,
            epoch_zone: chrono_tz::UTC,
            has_1904_dates: false,
            is_birthday: false,
        };
        let may_be = |says, words: &[&str]| {
            let mut seen = WordsSeen::default();
            words.iter().for_each(|word| seen.add(word.as_bytes()));
            seen.may_be_statuses(says, &probe)
        };
        for words in [
            &["0", "1", "2"][..],
            &["-1", "10", "200"],
            &["1.0", "2.0"],
            &["P", "U"],
            &["✓", "✗"],
            &["open", "-", "1"],
            &["1000", "9999"],
        ] {
            assert!(may_be(Says::Status, words), "{words:?}");
        }
        for words in [
            &["10.50", "3"][..],
            &["20260101", "20260102"],
            &["2026-01-01", "x"],
            &["45000"],
            &["RM10", "RM20"],
            &["", "-"],
            &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"],
        ] {
            assert!(!may_be(Says::Status, words), "{words:?}");
        }
        for words in [&["CA", "NSW"][..], &["06", "36"], &["11", "53", "35"]] {
            assert!(!may_be(Says::StatusOrPlace, words), "{words:?}");
        }
        for words in [&["0", "1"][..], &["-1", "1.0"], &["Awaiting", "CA"]] {
            assert!(may_be(Says::StatusOrPlace, words), "{words:?}");
        }
    }
}
