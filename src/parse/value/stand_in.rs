//! Contents of an id cell that are no id: the word or number that a shop system gives all guests, and spreadsheet
//! errors. Neither tells one person, or one order, from another.

use std::sync::LazyLock;

use crate::schema::squash;

/// Words for an unknown person, in the form in which headers are compared ([`squash`]): without case, spaces and
/// hyphens.
const NOBODY: [&str; 102] = [
    "guest",
    "guests",
    "guestuser",
    "guestcustomer",
    "guestcheckout",
    "guestbuyer",
    "guestorder",
    "anonymous",
    "anonym",
    "anon",
    "anonymoususer",
    "anonymouscustomer",
    "anonymousbuyer",
    "anonymus",
    "unknown",
    "unknownuser",
    "unknowncustomer",
    "unknownbuyer",
    "notavailable",
    "notset",
    "(notset)",
    "(none)",
    "(blank)",
    "(unknown)",
    "nocustomer",
    "noname",
    "na",
    "n/a",
    "n.a.",
    "none",
    "null",
    "(null)",
    "nan",
    "nil",
    "nul",
    "undefined",
    "walkin",
    "walkincustomer",
    "walkinguest",
    "cashcustomer",
    "cashsale",
    "cashsales",
    "visitor",
    "unregistered",
    "notregistered",
    "unassigned",
    "gast",
    "gäste",
    "gastkunde",
    "gastbestellung",
    "unbekannt",
    "laufkunde",
    "laufkundschaft",
    "barverkauf",
    "invité",
    "invite",
    "clientinvité",
    "anonyme",
    "inconnu",
    "clientdepassage",
    "invitado",
    "anónimo",
    "anonimo",
    "desconocido",
    "clientegenerico",
    "ospite",
    "sconosciuto",
    "convidado",
    "desconhecido",
    "gość",
    "nieznany",
    "gäst",
    "gjest",
    "gæst",
    "okänd",
    "vieras",
    "misafir",
    "гость",
    "аноним",
    "неизвестно",
    "ゲスト",
    "匿名希望",
    "不明",
    "비회원",
    "게스트",
    "kháchlẻ",
    "游客",
    "匿名",
    "匿名用户",
    "匿名买家",
    "匿名客户",
    "匿名会员",
    "访客",
    "散客",
    "路人",
    "过路客",
    "未知",
    "未知用户",
    "未登录",
    "未注册",
    "非会员",
    "门店散客",
];

/// Spreadsheet errors that do not end in `!` or `?`.
const ERRORS: [&str; 8] = ["#n/a", "#n/d", "#nd", "#nv", "#i/t", "#н/д", "#n/b", "#gettingdata"];

/// Whether a trimmed id names nobody: a word for guests, `0`, `-1`, only zeros, or a spreadsheet error.
pub fn is_stand_in(id: &[u8]) -> bool {
    /// Longer than any of the words.
    const LONGEST: usize = 40;
    match id.first() {
        None => false,
        Some(b'0') => id.iter().all(|byte| matches!(byte, b'0' | b'-' | b'.')),
        Some(b'-') => id == b"-1" || id == b"-1.0",
        Some(b'?') => id.iter().all(|byte| *byte == b'?'),
        Some(b'#') => is_error(id),
        // A LibreOffice error: `Err:502`.
        Some(b'E') if id.len() == "Err:502".len() && id.starts_with(b"Err:") => true,
        Some(_) if id.len() > LONGEST || !may_be_stand_in(id) => false,
        Some(_) => {
            let text = String::from_utf8_lossy(id);
            let word = squash(&text);
            NOBODY.contains(&word.as_str())
        }
    }
}

/// Whether an id may be a stand-in, judged by its first and last character: few ids pass, and only those are looked up.
#[inline]
pub fn may_be_stand_in(id: &[u8]) -> bool {
    let (Some(first), Some(last)) = (id.first(), id.last()) else { return false };
    match first {
        b'0' => matches!(last, b'0' | b'-' | b'.'),
        _ if last.is_ascii_digit() => false,
        // Punctuation at the ends is removed before an id is compared with the words.
        _ if !first.is_ascii_alphabetic() || !last.is_ascii_alphabetic() => true,
        _ => ENDS[usize::from(first.to_ascii_lowercase())] & end(*last) != 0,
    }
}

/// By the first letter of the words in [`NOBODY`], their last letters as bits.
static ENDS: LazyLock<[u32; 256]> = LazyLock::new(|| {
    let mut ends = [0; 256];
    for word in NOBODY.iter().filter(|word| word.is_ascii()) {
        let (Some(first), Some(last)) = (word.bytes().next(), word.bytes().last()) else { continue };
        ends[usize::from(first)] |= end(last);
    }
    ends
});

/// The bit of a letter, ignoring case.
fn end(letter: u8) -> u32 {
    1 << (letter & 0x1f)
}

/// Whether this is a spreadsheet error, in any language: `#REF!`, `#NAME?`, `#DIV/0!`, `#¡REF!`, `#BEZUG!`; an order
/// name such as `#1001` is not.
fn is_error(id: &[u8]) -> bool {
    const LONGEST: usize = 24;
    // No error is a number, while most order names are: `#1001`.
    if id.len() > LONGEST || id[1..].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let text = String::from_utf8_lossy(id);
    let word = squash(&text);
    let is_named = || {
        let inner = word.trim_start_matches(['#', '¡', '¿']).trim_end_matches(['!', '?']);
        !inner.is_empty() && (inner == "div/0" || inner.chars().all(|c| c.is_alphabetic() || c == '/'))
    };
    ERRORS.contains(&word.as_str()) || (word.ends_with(['!', '?']) && is_named())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_and_errors_are_nobody_and_ids_are_somebody() {
        for id in [
            "0",
            "-1",
            "0000",
            "00000000-0000-0000-0000-000000000000",
            "guest",
            "Guest",
            "GUEST USER",
            "anonymous",
            "游客",
            "匿名",
            "匿名用户",
            "walk-in",
            "Walk In Customer",
            "unknown",
            "gast",
            "invité",
            "#REF!",
            "#N/A",
            "#NAME?",
            "#VALUE!",
            "#DIV/0!",
            "#NULL!",
            "#NUM!",
            "#SPILL!",
            "#BEZUG!",
            "#NV",
            "#¡REF!",
            "#¿NOMBRE?",
            "#ССЫЛКА!",
            "Err:502",
            "NA",
            "undefined",
            "???",
        ] {
            assert!(is_stand_in(id.as_bytes()), "{id}");
            let is_wordlike = crate::schema::packed::Packed::of(id.as_bytes()).is_wordlike() && id != "-1";
            assert!(!is_wordlike || may_be_stand_in(id.as_bytes()), "{id}");
        }
        for id in [
            "",
            "-",
            "1",
            "10",
            "007",
            "0-7",
            "-12",
            "#1001",
            "#A-7!",
            "guest1",
            "Anna",
            "Gaston",
            "unknown-pleasures",
            "ann@shop.example",
            "无锡小王",
            "散客8号店",
            "Naomi",
            "error",
            "Emma",
            "E-10017",
            "Erik:12",
            "Err:50",
            "-1.5",
            "?a",
            "0a",
        ] {
            assert!(!is_stand_in(id.as_bytes()), "{id}");
        }
        // Words are looked for in texts of at most 40 bytes, whatever stands between their letters.
        let apart = |spaces: usize| format!("guest{}user", " ".repeat(spaces));
        assert!(is_stand_in(apart(31).as_bytes()) && !is_stand_in(apart(32).as_bytes()));
    }

    /// What may be one is looked up in a slow way: hardly an ordinary id is to be.
    #[test]
    fn ends_tell_most_ids_from_words() {
        for id in ["anna", "a3", "zoe", "guestx", "01", "10", ""] {
            assert!(!may_be_stand_in(id.as_bytes()), "{id}");
        }
        for id in ["0", "00", "0x0", "0-", "Guest", "ANON", "n.a.", "(none)", "gast", "unknown_", "_guest"] {
            assert!(may_be_stand_in(id.as_bytes()), "{id}");
        }
    }

    /// 22 letters between the marks are 24 bytes.
    #[test]
    fn errors_are_words_of_at_most_24_bytes() {
        let error = |letters: usize| format!("#{}!", "A".repeat(letters));
        assert!(is_error(error(22).as_bytes()) && !is_error(error(23).as_bytes()));
        for id in ["#!", "#A1!", "#N/A!", "#/!"] {
            assert_eq!(is_error(id.as_bytes()), matches!(id, "#N/A!" | "#/!"), "{id}");
        }
    }
}
