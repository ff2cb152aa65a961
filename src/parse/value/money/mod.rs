//! Reads amounts, in every way that shops' exports write them, as micro-units ([`crate::schema::money`]).

mod decimal;
mod written;

use crate::parse::value::currency::{self, Mark};
use crate::schema::money::{Micros, SCALE};
use crate::schema::packed::{Packed, eight_digits};
use crate::text;
pub use decimal::{Cells, Decided, Known, Numbers, Why};
use written::Written;

/// The largest amount of a cell or row: a hundred thousand million. Anything larger is a barcode or phone number in the
/// wrong column.
pub const MAX: Micros = Micros::units(100_000_000_000);

/// The content of a cell in an amount column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Blank.
    Null,
    /// A number.
    Micros(Micros),
    /// Not an amount.
    Bad,
}

/// The decimal mark of a column's amounts: `1,234.50` or `1.234,50`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum DecimalMark {
    /// A decimal point; commas separate thousands.
    #[default]
    Point,
    /// A decimal comma; points separate thousands.
    Comma,
}

/// Reads an amount: `12.5`, `￥1,234.50`, `৳2,999`, `12元`, `499.00（…）`, `1,23,456.78`, `(12.00)`, `US$ 3`, `59.90-`,
/// `1.5E+03`.
///
/// With a decimal comma, `1.234,50` means 1234.5. Decimals beyond the sixth are rounded half away from zero
/// (spreadsheets write 0.1 + 0.2 as 0.30000000000000004).
pub fn parse(cell: &[u8], mark: DecimalMark) -> Amount {
    let cell = text::trim(cell);
    match plain(Packed::of(cell)) {
        Some(micros) if mark == DecimalMark::Point || !cell.contains(&b'.') => return Amount::Micros(micros),
        _ if text::is_null(cell) => return Amount::Null,
        _ => {}
    }
    let micros = Written::of(cell).and_then(|written| written.micros(mark));
    micros.filter(|micros| micros.abs() <= MAX).map_or(Amount::Bad, Amount::Micros)
}

/// The marks or codes of currencies in an amount's cell: `￥12`, `12 EUR`, `US$ 3`.
pub fn currencies(cell: &[u8]) -> [Option<Mark>; 3] {
    let cell = text::trim(cell);
    let written = if plain(Packed::of(cell)).is_some() { None } else { Written::of(cell) };
    let marks = written.map_or([None; 3], |written| written.currencies);
    // `$3 CAD` names one currency in two ways.
    let all = || marks.iter().flatten();
    match all().min_by_key(|mark| mark.codes().len()) {
        Some(narrowest) if currency::can_be_one(all().map(|mark| mark.name)) => {
            [Some(*narrowest), None, None]
        }
        _ => marks,
    }
}

/// Whether an amount is written as a power of ten (`1.5E+03`), so that a spreadsheet may have rounded it.
pub fn is_scientific(cell: &[u8]) -> bool {
    memchr::memchr2(b'e', b'E', cell).is_some_and(|e| {
        cell[..e].last().is_some_and(u8::is_ascii_digit)
            && Written::of(text::trim(cell)).is_some_and(|w| w.exponent.is_some())
    })
}

/// The common case: an optional sign, up to eleven digits, at most one point, and up to six decimals.
#[inline(always)]
pub fn plain(cell: Packed<'_>) -> Option<Micros> {
    in_register(cell).or_else(|| by_digits(cell.text()))
}

/// By the number of decimals, how many micro-units the last of them is.
const POWERS: [i64; SCALE as usize + 1] = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

/// The usual amounts: up to eight characters, all digits except at most one point. How many decimals there are decides
/// no branch, since that changes from amount to amount in many exports (`12.5`, `12.55`).
#[inline(always)]
fn in_register(cell: Packed<'_>) -> Option<Micros> {
    // Most orders have no refund, which exports write in these four characters.
    const NONE: u128 = u32::from_le_bytes(*b"0.00") as u128;
    if cell.head() == NONE {
        return Some(Micros::ZERO);
    }
    const MAX_PLAIN_DIGITS: usize = 8;
    let missing = MAX_PLAIN_DIGITS.checked_sub(cell.len()).filter(|missing| *missing < MAX_PLAIN_DIGITS)?;
    // The last character becomes the highest byte, with zeros in front of the first.
    let zeros = (1_u64 << (8 * missing)).wrapping_sub(1) & u64::from_ne_bytes([b'0'; MAX_PLAIN_DIGITS]);
    let text = (cell.head() as u64) << (8 * missing) | zeros;
    let Some(point) = first_point(text) else { return Some(Micros::units(eight_digits(text)? as i64)) };
    // The characters before the point move up to fill its place.
    let before = text & ((1 << (8 * point)) - 1);
    let behind = text >> (8 * point) >> 8 << 8 << (8 * point);
    let power = POWERS.get(MAX_PLAIN_DIGITS - 1 - point).filter(|_| cell.len() > 1)?;
    let digits = eight_digits(before << 8 | u64::from(b'0') | behind)? as i64;
    Some(Micros::new(digits.wrapping_mul(*power)))
}

/// The place of the first point among eight characters, the first of which is the lowest byte.
#[inline(always)]
fn first_point(text: u64) -> Option<usize> {
    let others = text ^ u64::from_ne_bytes([b'.'; 8]);
    // The lowest byte that is zero is the lowest to get its highest bit ("Determine if a word has a zero byte" in
    // Anderson's "Bit Twiddling Hacks").
    let zeros = others.wrapping_sub(u64::from_ne_bytes([1; 8])) & !others & u64::from_ne_bytes([0x80; 8]);
    (zeros != 0).then(|| zeros.trailing_zeros() as usize / 8)
}

#[inline(never)]
fn by_digits(cell: &[u8]) -> Option<Micros> {
    let (negative, digits) = match cell.first()? {
        b'-' => (true, &cell[1..]),
        _ => (false, cell),
    };
    // 13 digits before the point and 6 after it always fit.
    if digits.is_empty() || digits.len() > 14 {
        return None;
    }
    let mut value = 0_i64;
    let mut decimals: Option<u32> = None;
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                value = value * 10 + i64::from(byte - b'0');
                decimals = decimals.map(|n| n + 1);
            }
            b'.' if decimals.is_none() => decimals = Some(0),
            _ => return None,
        }
    }
    let decimals = decimals.unwrap_or(0);
    if decimals > SCALE || digits.len() == 1 && decimals == 0 && digits[0] == b'.' {
        return None;
    }
    let micros =
        value.checked_mul(POWERS[decimals as usize]).map(Micros::new).filter(|micros| *micros <= MAX)?;
    Some(if negative { -micros } else { micros })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_shops_write() {
        for (cell, micros) in [
            ("12", 12_000_000),
            ("12.5", 12_500_000),
            ("-3.30", -3_300_000),
            ("+7", 7_000_000),
            (".5", 500_000),
            ("0.0", 0),
            ("￥1,234.50", 1_234_500_000),
            ("¥ 99", 99_000_000),
            ("-¥5.00", -5_000_000),
            ("¥-5.00", -5_000_000),
            ("৳2,999", 2_999_000_000),
            ("12元", 12_000_000),
            ("499.00（含运费）", 499_000_000),
            ("1,23,456.78", 123_456_780_000),
            ("(12.00)", -12_000_000),
            ("US$ 3", 3_000_000),
            ("-US$3", -3_000_000),
            ("12.5 EUR", 12_500_000),
            ("Rs.500", 500_000_000),
            ("1，234", 1_234_000_000),
            ("1 234.5", 1_234_500_000),
            ("0.30000000000000004", 300_000),
            ("16.4485559", 16_448_556),
            ("12345678901.5", 12_345_678_901_500_000),
            ("1.5E+03", 1_500_000_000),
            ("1e5", 100_000_000_000),
            ("1.50E-02", 15_000),
            ("1.23457E+08", 123_457_000_000_000),
            ("'-15.50", -15_500_000),
            ("59.90-", -59_900_000),
            ("$(12.00)", -12_000_000),
            ("($12.00)", -12_000_000),
            ("-$3.00", -3_000_000),
            ("$-3.00", -3_000_000),
            ("−3.50", -3_500_000),
            ("１２．５０", 12_500_000),
            ("1\u{202f}234.50 €", 1_234_500_000),
            ("CHF 1’080.10", 1_080_100_000),
            ("CHF 2'500.00", 2_500_000_000),
            ("150.00 kr", 150_000_000),
            ("99.99 zł", 99_990_000),
            ("RM12.90", 12_900_000),
            ("Rp 150", 150_000_000),
            ("R$ 7.50", 7_500_000),
            ("S/.12.00", 12_000_000),
            ("S/ 12.00", 12_000_000),
            ("Fr. 12.00", 12_000_000),
            ("12.00 Kč", 12_000_000),
            ("12.00 د.إ", 12_000_000),
            ("\u{200f}12.00 ر.س.\u{200f}", 12_000_000),
            ("٤٥٫٥٠", 45_500_000),
            ("$.50", 500_000),
            ("49.-", 49_000_000),
            ("USD 12.00 $", 12_000_000),
            ("=\"12.50\"", 12_500_000),
            ("10,00,000", 1_000_000_000_000),
        ] {
            assert_eq!(
                parse(cell.as_bytes(), DecimalMark::Point),
                Amount::Micros(Micros::new(micros)),
                "{cell}"
            );
        }
    }

    #[test]
    fn decimal_comma_swaps_the_marks() {
        for (cell, micros) in [
            ("1.234,50", 1_234_500_000),
            ("12,5", 12_500_000),
            ("12", 12_000_000),
            ("€ 1.234", 1_234_000_000),
            ("1.234", 1_234_000_000),
            ("1.250.000₫", 1_250_000_000_000),
            ("0,750", 750_000),
            ("1 234,250", 1_234_250_000),
            ("1\u{202f}234,50\u{a0}€", 1_234_500_000),
            ("1,5E+03", 1_500_000_000),
            ("49,-", 49_000_000),
            ("-1.234,50", -1_234_500_000),
        ] {
            assert_eq!(
                parse(cell.as_bytes(), DecimalMark::Comma),
                Amount::Micros(Micros::new(micros)),
                "{cell}"
            );
        }
    }

    /// The quick readers take the common case themselves: the slow one after them would hide one that does not.
    #[test]
    fn plain_amounts_are_read_without_help() {
        let register = |cell: &str| in_register(Packed::of(cell.as_bytes()));
        for (cell, micros) in [
            ("7", 7_000_000),
            ("0.00", 0),
            ("9.99", 9_990_000),
            (".50", 500_000),
            ("7.5", 7_500_000),
            ("7.", 7_000_000),
            ("0.123456", 123_456),
            (".123456", 123_456),
            ("123456.7", 123_456_700_000),
            ("1234567.", 1_234_567_000_000),
            ("12.50", 12_500_000),
            ("12345.67", 12_345_670_000),
            ("90817263", 90_817_263_000_000),
        ] {
            assert_eq!(
                (register(cell), by_digits(cell.as_bytes())),
                (Some(Micros::new(micros)), Some(Micros::new(micros))),
                "{cell}"
            );
        }
        for (cell, micros) in [
            ("123456789", 123_456_789_000_000),
            ("-3.30", -3_300_000),
            ("1234567.123456", 1_234_567_123_456),
            ("100000000000", MAX.number()),
        ] {
            assert_eq!(
                (register(cell), by_digits(cell.as_bytes())),
                (None, Some(Micros::new(micros))),
                "{cell}"
            );
        }
        for cell in [
            "",
            "-",
            ".",
            "1.2.3",
            "1,50",
            "12:50",
            "12/50",
            "1x",
            "0.1234567",
            ".1234567",
            "1.2.3.4",
            "12.34.5",
            "1234567.1234567",
            "100000000001",
            "1.2.50",
        ] {
            assert_eq!((register(cell), by_digits(cell.as_bytes())), (None, None), "{cell}");
        }
    }

    #[test]
    fn digits_of_other_scripts_are_digits() {
        for cell in ["١٢٣٤٥٦٧٨٩٠", "۱۲۳۴۵۶۷۸۹۰", "１２３４５６７８９０"] {
            assert_eq!(
                parse(cell.as_bytes(), DecimalMark::Point),
                Amount::Micros(Micros::units(1_234_567_890)),
                "{cell}"
            );
        }
    }

    #[test]
    fn powers_of_ten_are_told_by_their_mark() {
        for cell in ["1.5E+03", "1e5", " 1E-2 ", "-1,5E+03", "1E+03 EUR"] {
            assert!(is_scientific(cell.as_bytes()), "{cell}");
        }
        for cell in ["12.50", "EUR 12", "12 EUR", "1e", "e5", "free", ""] {
            assert!(!is_scientific(cell.as_bytes()), "{cell}");
        }
        for (cell, micros) in [
            ("12345E-02", 123_450_000),
            ("1.23456E+01", 12_345_600),
            ("1E+00", 1_000_000),
            ("1E-18", 0),
            ("5E-07", 1),
            ("0E+18", 0),
        ] {
            assert_eq!(
                parse(cell.as_bytes(), DecimalMark::Point),
                Amount::Micros(Micros::new(micros)),
                "{cell}"
            );
        }
        for cell in ["0E+19", "1E-19", ".5E+01"] {
            assert_eq!(parse(cell.as_bytes(), DecimalMark::Point), Amount::Bad, "{cell}");
        }
    }

    #[test]
    fn groups_have_their_sizes() {
        for (cell, micros) in
            [("1,234,567", 1_234_567_000_000), ("12,34,567", 1_234_567_000_000), ("123 456", 123_456_000_000)]
        {
            assert_eq!(
                parse(cell.as_bytes(), DecimalMark::Point),
                Amount::Micros(Micros::new(micros)),
                "{cell}"
            );
        }
        for cell in [
            "1,2345,678",
            "1,23",
            "1234,567",
            "0,123",
            "12 34 567",
            "1,2'3,456",
            "1,234 567",
            "1,,234",
            ",234,567",
            "1,234,56",
        ] {
            assert_eq!(parse(cell.as_bytes(), DecimalMark::Point), Amount::Bad, "{cell}");
        }
        assert_eq!(parse(b"12.34.567", DecimalMark::Comma), Amount::Bad);
        // A hundred thousand million is the most.
        assert_eq!(parse(b"-100,000,000,000", DecimalMark::Point), Amount::Micros(-MAX));
        assert_eq!(parse(b"100,000,000,000.01", DecimalMark::Point), Amount::Bad);
    }

    #[test]
    fn marks_beside_amounts_name_their_currencies() {
        let names = |cell: &str| {
            currencies(cell.as_bytes()).into_iter().flatten().map(|mark| mark.name).collect::<Vec<_>>()
        };
        assert_eq!(names("12.50"), [""; 0]);
        assert_eq!(names("12,50 €"), ["EUR"]);
        assert_eq!(names("150 kr"), ["kr"]);
        assert_eq!(names("US$ 3"), ["USD"]);
        assert_eq!(names("$3 CAD"), ["CAD"]);
        assert_eq!(names("$3 EUR"), ["$", "EUR"]);
        assert_eq!(names("12.00 (USD)"), ["USD"]);
        assert_eq!(names("SKU123"), [""; 0]);
    }

    #[test]
    fn what_is_no_amount_is_bad_and_nothing_is_null() {
        for cell in [
            "abc",
            "12.3.4",
            "1,23",
            "12-5",
            ".",
            "1,2345",
            "99999999999999",
            "13800138000000",
            "￥",
            "5 0",
            "0,750",
            "1e99",
            "1E+12",
            "1,234E+03",
            "1.234'567,8",
            "12.50%",
            "1.234,50",
            "12pcs",
            "2026-01-02",
            "SKU123",
            "A-1",
        ] {
            assert_eq!(parse(cell.as_bytes(), DecimalMark::Point), Amount::Bad, "{cell}");
        }
        for cell in ["", " ", "-", "NULL", "——"] {
            assert_eq!(parse(cell.as_bytes(), DecimalMark::Point), Amount::Null, "{cell}");
        }
    }
}
