//! Reads times of day behind dates.

use chrono::NaiveTime;

use crate::parse::value::date::number;
use crate::text;

/// A time of day, and its offset from UTC.
pub struct Clock {
    /// The time.
    pub time: NaiveTime,
    /// Seconds east of UTC; `None` if the cell has no offset.
    pub offset_seconds: Option<i32>,
}

/// `T22:02:33.123Z`, ` 22:02`, ` 02`, ` 10:15 PM`, ` 下午10:15`, ` at 22.02.33`, ` klo 22.02`, ` 08:00:00 +0400`,
/// ` 12:00:00 UTC`.
pub fn clock(rest: &[u8]) -> Option<Clock> {
    let rest = match rest[0] {
        b'T' | b't' => &rest[1..],
        _ => text::trim(rest),
    };
    let rest = before_hours(rest);
    let (half_before, rest) = half_before(rest);
    let (mut hour, _, mut rest) = number(rest)?;
    let (mut minute, mut second) = (0, 0);
    // Some countries write 22.02.33.
    let mark: &[u8] = if rest.first() == Some(&b'.') { b"." } else { b":" };
    if let Some(more) = rest.strip_prefix(mark) {
        (minute, _, rest) = number(more)?;
        if let Some(more) = rest.strip_prefix(mark) {
            (second, _, rest) = number(more)?;
            if let Some(more) = rest.strip_prefix(b".").or_else(|| rest.strip_prefix(b",")) {
                rest = more.trim_ascii_start();
                rest = &rest[rest.iter().take_while(|b| b.is_ascii_digit()).count()..];
            }
        }
    }
    rest = after_hours(rest.trim_ascii());
    if let Some((half, more)) = half_before.map(|half| (half, rest)).or_else(|| half_day(rest)) {
        rest = more;
        // Some exports put AM or PM behind a 24-hour time, where it adds nothing.
        match (half, hour) {
            (b'a', 12) => hour = 0,
            (b'p', 1..12) => hour += 12,
            _ => {}
        }
    }
    // JavaScript puts the zone's name in brackets behind the offset.
    let rest = memchr::memchr(b'(', rest).filter(|_| rest.ends_with(b")")).map_or(rest, |open| &rest[..open]);
    let offset_seconds = offset(rest.trim_ascii())?;
    let time = NaiveTime::from_hms_opt(hour, minute, second.min(59))?;
    Some(Clock { time, offset_seconds })
}

/// Whether a trimmed cell ends with the mark of UTC: `Z`, `UTC`, `GMT`, `+00:00`.
pub fn is_utc(cell: &[u8]) -> bool {
    let has_clock = cell.contains(&b':');
    let ends =
        |word: &&[u8]| cell.len() > word.len() && cell[cell.len() - word.len()..].eq_ignore_ascii_case(word);
    has_clock && [b"Z".as_slice(), b"UTC", b"GMT", b"+00:00", b"+0000", b"+00"].iter().any(ends)
}

/// The rest of a cell behind a word for hours: `10:00 hs.`, `10:00 Uhr`, `10:00 h`.
fn after_hours(rest: &[u8]) -> &[u8] {
    const WORDS: [&[u8]; 6] = [b"hs", b"hrs", b"h", b"uhr", b"horas", b"uur"];
    let word = rest.strip_suffix(b".").unwrap_or(rest);
    if WORDS.iter().any(|hours| word.eq_ignore_ascii_case(hours)) { b"" } else { rest }
}

/// A time without the preposition in front of it: `at 10:00`, `um 10:00`, `klo 10.00`.
fn before_hours(rest: &[u8]) -> &[u8] {
    const WORDS: [&str; 13] = [
        "at ",
        "um ",
        "à ",
        "a las ",
        "às ",
        "alle ore ",
        "alle ",
        "om ",
        "klo ",
        "kl. ",
        "kl ",
        "pukul ",
        "lúc ",
    ];
    WORDS.iter().find_map(|word| rest.strip_prefix(word.as_bytes())).unwrap_or(rest)
}

/// The half of the day from a Chinese, Japanese or Korean word before the time, and the time.
fn half_before(rest: &[u8]) -> (Option<u8>, &[u8]) {
    const WORDS: [(&str, u8); 10] = [
        ("上午", b'a'),
        ("凌晨", b'a'),
        ("早上", b'a'),
        ("下午", b'p'),
        ("晚上", b'p'),
        ("中午", b'p'),
        ("午前", b'a'),
        ("午後", b'p'),
        ("오전", b'a'),
        ("오후", b'p'),
    ];
    let found = WORDS.iter().find_map(|(word, half)| Some((*half, rest.strip_prefix(word.as_bytes())?)));
    found.map_or((None, rest), |(half, time)| (Some(half), text::trim(time)))
}

/// AM or PM, also written a.m. and p. m., and the rest.
fn half_day(rest: &[u8]) -> Option<(u8, &[u8])> {
    let half = rest.first()?.to_ascii_lowercase();
    let skip = |rest: &[u8]| rest.iter().take_while(|byte| matches!(byte, b'.' | b' ')).count();
    let marks = skip(&rest[1..]);
    let is_half = matches!(half, b'a' | b'p') && rest.get(1 + marks)?.eq_ignore_ascii_case(&b'm');
    let behind = &rest[(2 + marks).min(rest.len())..];
    is_half.then(|| (half, &behind[skip(behind)..]))
}

/// Seconds east of UTC; `Some(None)` if there is no offset, `None` if it cannot be read.
fn offset(rest: &[u8]) -> Option<Option<i32>> {
    if rest.is_empty() {
        return Some(None);
    }
    if [b"Z".as_slice(), b"UTC", b"GMT"].iter().any(|word| rest.eq_ignore_ascii_case(word)) {
        return Some(Some(0));
    }
    let rest = rest.strip_prefix(b"GMT").or_else(|| rest.strip_prefix(b"UTC")).unwrap_or(rest);
    let (sign, rest) = match rest.split_first()? {
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let (value, digits, tail) = number(rest)?;
    let (hours, minutes) = match (digits, tail) {
        (4, b"") => (value / 100, value % 100),
        (1 | 2, b"") => (value, 0),
        (1 | 2, _) => {
            (value, number(tail.strip_prefix(b":")?).filter(|(_, n, t)| *n == 2 && t.is_empty())?.0)
        }
        _ => return None,
    };
    (hours <= 15 && minutes < 60).then_some(Some(sign * (hours * 3600 + minutes * 60) as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_seconds_east() {
        for (text, seconds) in [
            ("Z", 0),
            ("utc", 0),
            ("GMT", 0),
            ("+0400", 14_400),
            ("-0330", -12_600),
            ("+8", 28_800),
            ("-08", -28_800),
            ("+05:45", 20_700),
            ("GMT+0100", 3_600),
            ("UTC-3", -10_800),
            ("+1559", 57_540),
        ] {
            assert_eq!(offset(text.as_bytes()), Some(Some(seconds)), "{text}");
        }
        assert_eq!(offset(b""), Some(None));
        for text in [
            "+1600", "+0860", "+08:60", "+08:6", "+08:060", "+08:30x", "+08x", "+123", "+00800", "+", "GMT+",
            "0800", "x", "+08:",
        ] {
            assert_eq!(offset(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_time_without_hours_minutes_or_seconds_where_they_belong_is_none() {
        for text in [" PM", " UTC", " +0800", " 10:", " 10:15:", " :15", " 24:00", " 10:60", " 10:15 Uhu"] {
            assert!(clock(text.as_bytes()).is_none(), "{text}");
        }
    }

    /// 22:02:33 is 79 353 seconds after midnight; the last minute may have a leap second.
    #[test]
    fn times_are_read_to_the_second() {
        use chrono::Timelike;
        for (text, second) in [
            (" 0:00", 0),
            (" 12:00 AM", 0),
            (" 12:00 PM", 43_200),
            (" 1 PM", 46_800),
            (" 11:59 a.m.", 43_140),
            (" 11:59 p. m.", 86_340),
            (" 13:00 PM", 46_800),
            (" 0:30 PM", 1_800),
            (" 12:30", 45_000),
            (" 12:30 hs.", 45_000),
            (" 12:30 Uhr", 45_000),
            (" 12:30h", 45_000),
            ("t22:02:33", 79_353),
            (" at 22.02.33", 79_353),
            (" 22:02:33,999", 79_353),
            (" 22:02:33. 5", 79_353),
            (" 23:59:60", 86_399),
            (" 上午12:30", 1_800),
            (" 凌晨1:00", 3_600),
            (" 早上8:00", 28_800),
            (" 下午1:00", 46_800),
            (" 晚上11:00", 82_800),
            (" 中午12:00", 43_200),
            (" 午後 1:00", 46_800),
            (" 오전 12:30", 1_800),
            (" 오후 11:00", 82_800),
            (" klo 22.02.33", 79_353),
            (" um 12:30 Uhr", 45_000),
            (" à 12:30", 45_000),
        ] {
            let read = clock(text.as_bytes()).map(|clock| clock.time.num_seconds_from_midnight());
            assert_eq!(read, Some(second), "{text}");
        }
    }
}
