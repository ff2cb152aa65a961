//! Common properties of all cells: padding, the ways to write "nothing", and texts that a spreadsheet would run.

use std::borrow::Cow;

/// Trims ASCII white space, no-break, full-width and zero-width spaces, and byte order marks (in UTF-8) from both ends.
pub fn trim(mut cell: &[u8]) -> &[u8] {
    const WIDE: [&[u8]; 4] = [b"\xC2\xA0", b"\xE3\x80\x80", b"\xEF\xBB\xBF", b"\xE2\x80\x8B"];
    loop {
        cell = cell.trim_ascii();
        let Some((&first, &last)) = cell.first().zip(cell.last()) else { return cell };
        if first < 0x80 && last < 0x80 {
            return cell;
        }
        let before = cell.len();
        for wide in WIDE {
            cell = cell.strip_prefix(wide).unwrap_or(cell);
            cell = cell.strip_suffix(wide).unwrap_or(cell);
        }
        if cell.len() == before {
            return cell;
        }
    }
}

/// Whether a trimmed cell means "nothing": empty, `-`, `--`, `—`, `——`, `NULL`, `(null)`, `\N`, `N/A`, `#N/A`, `None`,
/// `nan`, `无`.
pub fn is_null(cell: &[u8]) -> bool {
    match cell.len() {
        0 => true,
        1 => cell == b"-",
        2 => cell == b"--" || cell == b"\\N",
        3 => cell == "—".as_bytes() || cell == "无".as_bytes() || matches_word(cell, &[b"n/a", b"nan"]),
        4 => matches_word(cell, &[b"null", b"none", b"#n/a"]),
        6 => cell == "——".as_bytes() || matches_word(cell, &[b"(null)"]),
        _ => false,
    }
}

/// Makes a text safe from being run as a formula by a spreadsheet: a text that begins like a formula and is no plain
/// number gets a single quote in front (OWASP, "CSV Injection"). Full-width signs begin a formula too with Chinese or
/// Japanese keyboards, and spreadsheets often drop padding in front. ecrm removes the quote again when it reads ids.
pub fn neutral(text: &str) -> Cow<'_, str> {
    let is_padding = |c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}');
    let bare = text.trim_start_matches(is_padding);
    let is_number = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_formula = text.starts_with(['\t', '\r', '\n'])
        || match bare.chars().next() {
            Some('=' | '@' | '＝' | '＠') => true,
            Some(sign @ ('+' | '-' | '＋' | '－')) => !is_number(&bare[sign.len_utf8()..]),
            _ => false,
        };
    if is_formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn matches_word(cell: &[u8], words: &[&[u8]]) -> bool {
    words.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

/// Quotes a word for a shell if needed. Conditions, which are full of single quotes, mostly get double quotes.
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| {
        c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '%' | '+' | '=' | ',')
    };
    match word {
        // `-` stands for standard input.
        "-" => word.to_owned(),
        _ if !word.is_empty() && !word.starts_with('-') && word.chars().all(is_plain) => word.to_owned(),
        _ if word.contains('\'') && !word.contains(['"', '$', '`', '\\', '!']) => format!("\"{word}\""),
        _ => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_what_exports_pad_with() {
        for padded in [" a b ", "\ta b", "\u{a0}a b\u{3000}", "\u{feff}a b\u{200b} "] {
            assert_eq!(trim(padded.as_bytes()), b"a b", "{padded:?}");
        }
        assert_eq!(trim("\u{3000} \u{a0}".as_bytes()), b"");
    }

    #[test]
    fn knows_the_ways_to_write_nothing() {
        for null in ["", "-", "——", "NULL", "null", "\\N", "N/A", "NaN", "None", "无"] {
            assert!(is_null(null.as_bytes()), "{null}");
        }
        for value in ["0", "-1", "x", "nil-person", "无锡"] {
            assert!(!is_null(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn each_way_to_write_nothing_is_one() {
        for null in ["--", "—", "#N/A", "(null)", "(NULL)", "nan", "NONE"] {
            assert!(is_null(null.as_bytes()), "{null}");
        }
        for value in ["---", "—-", "\\n", "nun", "nulls", "(none)", "#n/b", "十"] {
            assert!(!is_null(value.as_bytes()), "{value}");
        }
    }

    /// Only one side is padded. The other side being ASCII must not end the trimming.
    #[test]
    fn trims_each_side_by_itself() {
        for pad in ["\u{a0}", "\u{3000}", "\u{feff}", "\u{200b}"] {
            assert_eq!(trim(format!("{pad}a").as_bytes()), b"a", "{pad:?}");
            assert_eq!(trim(format!("a{pad}").as_bytes()), b"a", "{pad:?}");
        }
    }

    #[test]
    fn formulas_are_neutralised_and_numbers_left() {
        for (text, safe) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+8613800138000", "+8613800138000"),
            ("+1+1", "'+1+1"),
            ("-x", "'-x"),
            ("＝1+1", "'＝1+1"),
            ("＠SUM(A1)", "'＠SUM(A1)"),
            ("＋1－1", "'＋1－1"),
            ("－x", "'－x"),
            ("＋8613800138000", "＋8613800138000"),
            (" =1+1", "' =1+1"),
            ("\u{3000}\u{a0}=1+1", "'\u{3000}\u{a0}=1+1"),
            ("\u{feff}@x", "'\u{feff}@x"),
            ("\t1", "'\t1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            (" -5", " -5"),
            (" x=1", " x=1"),
            ("u-1", "u-1"),
            ("", ""),
            (" ", " "),
        ] {
            assert_eq!(neutral(text), safe);
        }
    }

    #[test]
    fn a_word_is_quoted_for_a_shell() {
        assert_eq!(shell_word("a,b.csv"), "a,b.csv");
        assert_eq!(shell_word("my orders.csv"), "'my orders.csv'");
        assert_eq!(shell_word("-x"), "'-x'");
        assert_eq!(shell_word("name = 'x'"), "\"name = 'x'\"");
        assert_eq!(shell_word("$A is 'x'"), "'$A is '\\''x'\\'''");
    }
}
