//! Amounts, in every way shops' exports write them, as micro-units ([`crate::schema::money`]).

use super::text;
use crate::packed::{Packed, eight_digits};
use crate::schema::money::{SCALE, UNIT};

/// The largest amount of one cell or row, a hundred thousand million: what is greater is a phone number or a
/// barcode in the wrong column.
pub const MAX: i64 = 100_000_000_000 * UNIT;

/// What a cell of an amount column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Nothing.
    Null,
    /// Micro-units.
    Micros(i64),
    /// Something that is no amount.
    Bad,
}

/// Reads an amount: `12.5`, `￥1,234.50`, `৳2,999`, `12元`, `499.00（…）`, `1,23,456.78`, `(12.00)`, `US$ 3`.
///
/// With `decimal_comma`, `1.234,50` is one thousand two hundred and thirty-four and a half. Decimals past the
/// sixth are rounded half away from zero (spreadsheets write 0.1 + 0.2 as 0.30000000000000004).
pub fn parse(cell: &[u8], decimal_comma: bool) -> Amount {
    let cell = text::trim(cell);
    let micros = match plain(Packed::of(cell)) {
        Some(micros) if !decimal_comma => return Amount::Micros(micros),
        _ if text::is_null(cell) => return Amount::Null,
        _ => decorated(cell, decimal_comma),
    };
    micros.filter(|micros| micros.abs() <= MAX).map_or(Amount::Bad, Amount::Micros)
}

/// The currency that an amount's cell names, as an ISO 4217 code: `￥12`, `12 EUR`, `US$ 3`. A bare `$` is taken for US
/// dollars, `¥` and `￥` for yuan.
pub fn currency(cell: &[u8]) -> Option<&'static str> {
    const MARKS: [(&str, &str); 19] = [
        ("元", "CNY"),
        ("圆", "CNY"),
        ("￥", "CNY"),
        ("¥", "CNY"),
        ("円", "JPY"),
        ("$", "USD"),
        ("€", "EUR"),
        ("£", "GBP"),
        ("৳", "BDT"),
        ("₹", "INR"),
        ("₽", "RUB"),
        ("₩", "KRW"),
        ("฿", "THB"),
        ("₫", "VND"),
        ("₺", "TRY"),
        ("₴", "UAH"),
        ("RMB", "CNY"),
        ("NT", "TWD"),
        ("Rs", "INR"),
    ];
    let text = std::str::from_utf8(cell).ok()?;
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    const CODES: [&str; 34] = [
        "CNY", "USD", "EUR", "GBP", "JPY", "HKD", "TWD", "INR", "BDT", "KRW", "SGD", "MYR", "THB", "VND",
        "IDR", "AUD", "CAD", "NZD", "CHF", "SEK", "NOK", "DKK", "PLN", "BRL", "MXN", "RUB", "TRY", "ZAR",
        "PHP", "AED", "SAR", "UAH", "CZK", "HUF",
    ];
    let code = CODES.into_iter().find(|code| letters.eq_ignore_ascii_case(code));
    let of_dollars = [("HK", "HKD"), ("NT", "TWD"), ("A", "AUD"), ("C", "CAD")];
    let dollars =
        || of_dollars.into_iter().find(|(letters_of, _)| text.contains('$') && letters == *letters_of);
    code.or_else(|| dollars().map(|(_, code)| code))
        .or_else(|| MARKS.into_iter().find(|(mark, _)| text.contains(mark)).map(|(_, code)| code))
}

/// Whether a cell can only be read with a decimal comma: `12,5`, `1.234,50`.
pub fn needs_decimal_comma(cell: &[u8]) -> bool {
    let Some(comma) = memchr::memrchr(b',', cell) else { return false };
    let digits = cell[comma + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
    let after_dot = memchr::memchr(b'.', &cell[comma..]).is_some();
    !after_dot && (digits == 1 || digits == 2)
}

/// Whether a cell can only be read with a decimal point: `12.5`, `1,234.50`.
pub fn needs_decimal_point(cell: &[u8]) -> bool {
    let Some(point) = memchr::memrchr(b'.', cell) else { return false };
    let digits = cell[point + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
    let after_comma = memchr::memchr(b',', &cell[point..]).is_some();
    !after_comma && (digits == 1 || digits == 2)
}

/// The common case: an optional sign, up to eleven digits, at most one point and six decimals.
#[inline(always)]
pub fn plain(cell: Packed<'_>) -> Option<i64> {
    in_register(cell).or_else(|| by_digits(cell.text()))
}

/// Most amounts: up to eight characters, all of them digits, but for a point before the last two.
#[inline(always)]
fn in_register(cell: Packed<'_>) -> Option<i64> {
    // Most orders have no refund, and exports say so in four characters.
    const NONE: u128 = u32::from_le_bytes(*b"0.00") as u128;
    if cell.head() == NONE {
        return Some(0);
    }
    const MOST: usize = 8;
    let missing = MOST.checked_sub(cell.len()).filter(|missing| *missing < MOST)?;
    // The last character highest, zeros in front of the first.
    let zeros = (1_u64 << (8 * missing)).wrapping_sub(1) & u64::from_ne_bytes([b'0'; MOST]);
    let text = (cell.head() as u64) << (8 * missing) | zeros;
    const POINT_AT: usize = 40;
    if (text >> POINT_AT) as u8 != b'.' {
        return Some(eight_digits(text)? as i64 * UNIT);
    }
    let (whole, cents) = (text & ((1 << POINT_AT) - 1), text >> (POINT_AT + 8) << (POINT_AT + 8));
    Some(eight_digits(whole << 8 | u64::from(b'0') | cents)? as i64 * (UNIT / 100))
}

#[inline(never)]
fn by_digits(cell: &[u8]) -> Option<i64> {
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
    const POWERS: [i64; 7] = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    let micros = value.checked_mul(POWERS[decimals as usize]).filter(|micros| *micros <= MAX)?;
    Some(if negative { -micros } else { micros })
}

/// Everything else: currency marks, units, grouping, brackets, notes, many decimals.
fn decorated(cell: &[u8], decimal_comma: bool) -> Option<i64> {
    let text = std::str::from_utf8(cell).ok()?;
    // A note in brackets behind the amount: 499.00（含运费）.
    let text = match text.find(['（', '(']) {
        Some(open) if open > 0 => text[..open].trim_end(),
        _ => text,
    };
    let (bracketed, text) = match text.strip_prefix(['(', '（']).and_then(|t| t.strip_suffix([')', '）'])) {
        Some(inner) => (true, inner.trim()),
        None => (false, text),
    };
    let text = without_currency(text);
    let (signed, text) = match text.strip_prefix(['-', '−', '－']) {
        Some(rest) => (true, without_currency(rest)),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let micros = grouped(text, decimal_comma)?;
    Some(if bracketed != signed { -micros } else { micros })
}

/// Takes off a currency mark or code on either side. Only known ones: `SKU123` is no amount.
fn without_currency(text: &str) -> &str {
    const MARKS: &[char] =
        &['元', '圆', '円', '￥', '¥', '$', '€', '£', '৳', '₹', '₽', '₩', '฿', '₫', '₺', '₴', ' ', '\u{a0}'];
    const CODES: &[&str] = &[
        "RMB", "CNY", "USD", "US", "EUR", "GBP", "JPY", "HKD", "HK", "TWD", "NTD", "NT", "INR", "Rs.", "Rs",
        "BDT", "Tk", "KRW", "SGD", "MYR", "RM", "THB", "VND", "IDR", "Rp", "AUD", "CAD", "NZD", "CHF", "SEK",
        "NOK", "DKK", "kr", "PLN", "zł", "BRL", "MXN", "RUB", "TRY", "ZAR", "PHP", "AED", "SAR",
    ];
    let bare = text.trim_matches(MARKS);
    let code = |letters: &str| CODES.iter().any(|code| code.eq_ignore_ascii_case(letters));
    let head = bare.len() - bare.trim_start_matches(|c: char| c.is_alphabetic() || c == '.').len();
    if head > 0 && head < bare.len() && code(&bare[..head]) {
        return bare[head..].trim_matches(MARKS);
    }
    let tail = bare.trim_end_matches(char::is_alphabetic).len();
    if tail > 0 && tail < bare.len() && code(&bare[tail..]) {
        return bare[..tail].trim_matches(MARKS);
    }
    bare
}

/// Digits with grouping marks and an optional fraction.
fn grouped(text: &str, decimal_comma: bool) -> Option<i64> {
    let (group, point) = if decimal_comma { ('.', ',') } else { (',', '.') };
    let normal: String = text.chars().map(|c| if c == '，' { ',' } else { c }).collect();
    let (whole, fraction) = normal.split_once(point).unwrap_or((&normal, ""));
    if fraction.contains(point) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut groups = whole.split([group, ' ', '\'', '\u{a0}']);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    let rest: Vec<&str> = groups.collect();
    for (i, part) in rest.iter().enumerate() {
        // Western groups are of three; Indian ones of two but for the last.
        let is_last = i + 1 == rest.len();
        if !(part.len() == 3 || (part.len() == 2 && !is_last)) || first.is_empty() || first.len() > 3 {
            return None;
        }
        digits.push_str(part);
    }
    if (digits.is_empty() && fraction.is_empty()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    whole.checked_mul(UNIT)?.checked_add(rounded_fraction(fraction))
}

/// Micro-units of a fraction's digits, rounded half up at the sixth.
fn rounded_fraction(fraction: &str) -> i64 {
    let digit = |i: usize| fraction.as_bytes().get(i).map_or(0, |b| i64::from(b - b'0'));
    let micros = (0..SCALE as usize).fold(0, |value, i| value * 10 + digit(i));
    micros + i64::from(digit(SCALE as usize) >= 5)
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
        ] {
            assert_eq!(parse(cell.as_bytes(), false), Amount::Micros(micros), "{cell}");
        }
    }

    #[test]
    fn decimal_comma_swaps_the_marks() {
        for (cell, micros) in [
            ("1.234,50", 1_234_500_000),
            ("12,5", 12_500_000),
            ("12", 12_000_000),
            ("€ 1.234", 1_234_000_000),
        ] {
            assert_eq!(parse(cell.as_bytes(), true), Amount::Micros(micros), "{cell}");
        }
        assert!(needs_decimal_comma(b"12,5") && needs_decimal_comma(b"1.234,50 EUR"));
        assert!(
            needs_decimal_point(b"10.50")
                && !needs_decimal_point(b"1.234")
                && !needs_decimal_point(b"1.234,50")
        );
        assert!(!needs_decimal_comma(b"1,234") && !needs_decimal_comma(b"1,23,456.78"));
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
            "1e5",
            "SKU123",
            "A-1",
        ] {
            assert_eq!(parse(cell.as_bytes(), false), Amount::Bad, "{cell}");
        }
        for cell in ["", " ", "-", "NULL", "——"] {
            assert_eq!(parse(cell.as_bytes(), false), Amount::Null, "{cell}");
        }
    }
}
