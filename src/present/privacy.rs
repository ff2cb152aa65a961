//! Personal data in tables, and cells that a spreadsheet would run.

use std::borrow::Cow;

/// A customer id as tables show it: e-mail addresses always masked, phone numbers where ids may be personal.
///
/// ```
/// use ecrm::present::privacy::masked;
/// assert_eq!(masked("someone@example.com", false), "s***ne@example.com");
/// assert_eq!(masked("ann@example.com", false), "a***@example.com");
/// assert_eq!(masked("+8613800138000", true), "+86*******8000");
/// assert_eq!(masked("17850", false), "17850");
/// ```
pub fn masked(id: &str, is_personal: bool) -> Cow<'_, str> {
    if let Some((user, domain)) = id.split_once('@') {
        // Enough to tell rows apart, too little to write to.
        const TELLING: usize = 6;
        let count = user.chars().count();
        let first: String = user.chars().take(1).collect();
        let last: String = user.chars().skip(if count >= TELLING { count - 2 } else { count }).collect();
        return Cow::Owned(format!("{first}***{last}@{domain}"));
    }
    let digits = id.strip_prefix('+').unwrap_or(id);
    if is_personal && digits.len() >= 7 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        const MOBILE: usize = 11;
        let (head, tail) = if id.len() >= MOBILE { (3, id.len() - 4) } else { (1, id.len() - 3) };
        return Cow::Owned(format!("{}{}{}", &id[..head], "*".repeat(tail - head), &id[tail..]));
    }
    Cow::Borrowed(id)
}

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

    #[test]
    fn masks_are_safe_on_odd_ids() {
        assert_eq!(masked("@x", true), "***@x");
        assert_eq!(masked("5550100", true), "5***100");
        assert_eq!(masked("小明@例子.cn", false), "小***@例子.cn");
        assert_eq!(masked("12345", true), "12345");
    }
}
