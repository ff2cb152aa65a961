//! Reads ids as text: the decoration that spreadsheets and platforms add is removed, nothing else changes.

use crate::parse::value::stand_in;
use crate::text;

/// What a cell of an id column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id<'a> {
    /// Blank.
    Null,
    /// A value the platform has masked (`1******6198`, `t**3`, `##…`, `$$…`): it names nobody.
    Masked,
    /// A name that shop systems give all guests, or a spreadsheet error: it names nobody.
    StandIn,
    /// A number a spreadsheet has rounded (`1.93068E+15`): the id is lost.
    Rounded,
    /// The id.
    Text(&'a [u8]),
}

/// Reads an id: removes `="193…"`, `'186…`, quotes and padding; `17850.0` becomes `17850`.
pub fn parse(cell: &[u8]) -> Id<'_> {
    let id = unwrap(text::trim(cell));
    if stand_in::is_stand_in(id) {
        return Id::StandIn;
    }
    if text::is_null(id) {
        return Id::Null;
    }
    if id.contains(&b'*') || id.starts_with(b"##") || id.starts_with(b"$$") {
        return Id::Masked;
    }
    if id[0].is_ascii_digit() {
        if let Some(dot) = memchr::memchr(b'.', id) {
            let (whole, fraction) = (&id[..dot], &id[dot + 1..]);
            let is_number = whole.iter().all(u8::is_ascii_digit);
            if is_number && !fraction.is_empty() && fraction.iter().all(|&b| b == b'0') {
                return Id::Text(whole);
            }
        }
        if is_rounded(id) {
            return Id::Rounded;
        }
    }
    Id::Text(id)
}

/// Whether the cell is the number 0, from which rows and orders may be numbered: `0`, `'0`, `0.0`.
pub fn is_zero(cell: &[u8]) -> bool {
    let id = unwrap(text::trim(cell));
    let whole = id.split(|byte| *byte == b'.').next().unwrap_or_default();
    let is_zeros = |digits: &[u8]| digits.iter().all(|byte| *byte == b'0');
    !whole.is_empty() && is_zeros(whole) && id.get(whole.len() + 1..).is_none_or(is_zeros)
}

/// The digits of a phone number, with a leading `+`; other punctuation is dropped. Of several numbers in a cell the
/// first is taken. The country code of a Chinese mobile number is dropped, so that all its forms are equal.
pub fn phone(id: &[u8]) -> Vec<u8> {
    let keeps = |(i, b): &(usize, &u8)| b.is_ascii_digit() || (*i == 0 && **b == b'+');
    let digits: Vec<u8> = first(id).iter().enumerate().filter(keeps).map(|(_, b)| *b).collect();
    const MOBILE: usize = 11;
    let national = [b"+86".as_slice(), b"0086", b"86"].iter().find_map(|code| digits.strip_prefix(*code));
    match national {
        Some(number) if number.len() == MOBILE && number[0] == b'1' => number.to_vec(),
        _ => digits,
    }
}

/// An e-mail address in lower case; of several in a cell the first.
pub fn email(id: &[u8]) -> Vec<u8> {
    first(id).to_ascii_lowercase()
}

/// The first of several values in one cell.
fn first(id: &[u8]) -> &[u8] {
    let is_mark = |byte: &u8| matches!(byte, b'/' | b';' | b',' | b'|' | b'\n');
    let end = id.iter().position(is_mark).unwrap_or(id.len());
    let wide = ["、", "，", "；"].iter().filter_map(|mark| memchr::memmem::find(id, mark.as_bytes())).min();
    text::trim(&id[..end.min(wide.unwrap_or(end))])
}

/// A cell without the marks by which spreadsheets keep text as text: `="193…"`, `'186…`.
pub fn unwrap(mut id: &[u8]) -> &[u8] {
    if let Some(inner) = id.strip_prefix(b"=\"").and_then(|rest| rest.strip_suffix(b"\"")) {
        id = text::trim(inner);
    }
    // Quotes by which spreadsheets mark text, straight or curly.
    for (open, close) in [("'", "'"), ("`", "`"), ("‘", "’"), ("’", "’")] {
        if let Some(rest) = id.strip_prefix(open.as_bytes()) {
            return text::trim(rest.strip_suffix(close.as_bytes()).unwrap_or(rest));
        }
    }
    id
}

/// Whether a number has lost digits: `1.93068E+15`, `1,93068E+15`, `1.93068E15`, `1E+15`. Without a fraction the
/// exponent needs a sign, since `12E5` may be an id.
fn is_rounded(id: &[u8]) -> bool {
    let Some(e) = memchr::memchr2(b'E', b'e', id) else { return false };
    let (mantissa, exponent) = (&id[..e], &id[e + 1..]);
    let marks = mantissa.iter().filter(|byte| matches!(byte, b'.' | b',')).count();
    let digits = exponent.strip_prefix(b"+");
    let exponent = digits.unwrap_or(exponent);
    (digits.is_some() || marks == 1)
        && marks <= 1
        && !exponent.is_empty()
        && exponent.iter().all(u8::is_ascii_digit)
        && mantissa.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_zeros_are_zero() {
        for (id, expected) in [
            ("0", true),
            ("000", true),
            ("'0", true),
            ("0.0", true),
            ("", false),
            (".0", false),
            ("0.5", false),
            ("10", false),
            ("01", false),
        ] {
            assert_eq!(is_zero(id.as_bytes()), expected, "{id}");
        }
    }

    #[test]
    fn wrapping_comes_off_and_nothing_else() {
        for (cell, id) in [
            ("=\"1930679858170647\"", "1930679858170647"),
            ("'18612345678", "18612345678"),
            ("\t6953812345", "6953812345"),
            ("17850.0", "17850"),
            ("17850.00", "17850"),
            ("17850.10", "17850.10"),
            ("007", "007"),
            ("#1001", "#1001"),
            ("v1.0", "v1.0"),
            (" Ann Lee ", "Ann Lee"),
            ("9007199254740993123", "9007199254740993123"),
            ("12E5", "12E5"),
            ("12E", "12E"),
            ("12E+", "12E+"),
            ("1.2.3E5", "1.2.3E5"),
            ("1.5E5x", "1.5E5x"),
            ("1x.5E+5", "1x.5E+5"),
            ("17.", "17."),
            ("1a.0", "1a.0"),
            ("1.2.0", "1.2.0"),
            ("#5", "#5"),
            ("$5", "$5"),
            ("'12'", "12"),
            ("‘12’", "12"),
            ("`12", "12"),
            ("= \"12\"", "= \"12\""),
        ] {
            assert_eq!(parse(cell.as_bytes()), Id::Text(id.as_bytes()), "{cell}");
        }
    }

    #[test]
    fn nothing_masked_and_rounded_ids_are_told_apart() {
        for cell in ["", " ", "-", "=\"\"", "'"] {
            assert_eq!(parse(cell.as_bytes()), Id::Null, "{cell}");
        }
        for cell in ["t**3", "1******6198", "##5kq9", "$$5kq9", "小**", "*"] {
            assert_eq!(parse(cell.as_bytes()), Id::Masked, "{cell}");
        }
        for cell in ["0", "'0", "0.0", "NULL", "N/A", "-1", "Guest", "匿名", "#REF!", "=\"#N/A\""] {
            assert_eq!(parse(cell.as_bytes()), Id::StandIn, "{cell}");
        }
        for cell in ["1.93068E+15", "2e+18", "1,93068E+15", "1.93068E15", "1E+15", "1.E5"] {
            assert_eq!(parse(cell.as_bytes()), Id::Rounded, "{cell}");
        }
    }

    #[test]
    fn phones_keep_their_digits() {
        assert_eq!(phone(b"+86 138-0013-8000"), b"13800138000");
        assert_eq!(phone(b"+44 20 7946 0000"), b"+442079460000");
        assert_eq!(phone("10000000001/10000000002".as_bytes()), b"10000000001");
        assert_eq!(phone("10000000001、10000000002".as_bytes()), b"10000000001");
        assert_eq!(email(b"Ann@shop.example; bob@shop.example"), b"ann@shop.example");
        assert_eq!(phone(b"(021) 5555 0100"), b"02155550100");
        for mobile in ["8613800138000", "008613800138000", "+8613800138000", "138 0013 8000"] {
            assert_eq!(phone(mobile.as_bytes()), b"13800138000", "{mobile}");
        }
        // Only a mobile number of eleven digits, which begins with 1, loses the code.
        for other in ["+862155550100", "8623456789012", "861380013800", "86138001380000", "0013800138000"] {
            assert_eq!(phone(other.as_bytes()), other.as_bytes(), "{other}");
        }
        assert_eq!(phone(b"10+20"), b"1020");
        for several in [
            "ann@shop.example|b",
            "ann@shop.example, b",
            "ann@shop.example\nb",
            "ann@shop.example；b、c",
            "ann@shop.example，b;c",
        ] {
            assert_eq!(email(several.as_bytes()), b"ann@shop.example", "{several}");
        }
    }
}
