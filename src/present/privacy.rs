//! Cells that a spreadsheet would run.

use std::borrow::Cow;

/// A text cell that no spreadsheet runs as a formula: one that begins like a formula and is no plain number gets
/// a single quote in front (OWASP, "CSV Injection"). ecrm takes the quote off again when it reads ids.
pub fn neutral(text: &str) -> Cow<'_, str> {
    let is_formula = match text.as_bytes().first() {
        Some(b'=' | b'@' | b'\t' | b'\r') => true,
        Some(b'+' | b'-') => !text[1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'),
        _ => false,
    };
    if is_formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_neutralised_and_numbers_left() {
        for (text, safe) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+8613800138000", "+8613800138000"),
            ("+1+1", "'+1+1"),
            ("-x", "'-x"),
            ("u-1", "u-1"),
            ("", ""),
        ] {
            assert_eq!(neutral(text), safe);
        }
    }
}
