//! Times of day as they stand behind dates.

use chrono::NaiveTime;

use super::date::number;
use super::text;

/// A time of day, and how far east of UTC it is said to be.
pub struct Clock {
    /// The time.
    pub time: NaiveTime,
    /// Seconds east of UTC, where the cell says so.
    pub offset_seconds: Option<i32>,
}

/// `T22:02:33.123Z`, ` 22:02`, ` 02`, ` 10:15 PM`, ` 下午10:15`, ` at 22.02.33`, ` 08:00:00 +0400`, ` 12:00:00 UTC`.
pub fn clock(rest: &[u8]) -> Option<Clock> {
    let rest = match rest[0] {
        b'T' | b't' => &rest[1..],
        _ => text::trim(rest),
    };
    let rest = rest.strip_prefix(b"at ").unwrap_or(rest);
    let (half_before, rest) = chinese_half(rest);
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
    rest = rest.trim_ascii_start();
    if let Some((half, more)) = half_before.map(|half| (half, rest)).or_else(|| half_day(rest)) {
        rest = more;
        // Some exports put AM or PM behind a 24-hour time: then it says nothing new.
        match (half, hour) {
            (b'a', 12) => hour = 0,
            (b'p', 1..12) => hour += 12,
            _ => {}
        }
    }
    // JavaScript puts the zone's name in brackets behind its offset.
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

/// Which half of the day a Chinese word before the time says, and the time.
fn chinese_half(rest: &[u8]) -> (Option<u8>, &[u8]) {
    const WORDS: [(&str, u8); 6] =
        [("上午", b'a'), ("凌晨", b'a'), ("早上", b'a'), ("下午", b'p'), ("晚上", b'p'), ("中午", b'p')];
    let found = WORDS.iter().find_map(|(word, half)| Some((*half, rest.strip_prefix(word.as_bytes())?)));
    found.map_or((None, rest), |(half, time)| (Some(half), text::trim(time)))
}

/// AM or PM, also a.m. and p. m., and what follows.
fn half_day(rest: &[u8]) -> Option<(u8, &[u8])> {
    let half = rest.first()?.to_ascii_lowercase();
    let skip = |rest: &[u8]| rest.iter().take_while(|byte| matches!(byte, b'.' | b' ')).count();
    let marks = skip(&rest[1..]);
    let is_half = matches!(half, b'a' | b'p') && rest.get(1 + marks)?.eq_ignore_ascii_case(&b'm');
    let behind = &rest[(2 + marks).min(rest.len())..];
    is_half.then(|| (half, &behind[skip(behind)..]))
}

/// Seconds east of UTC; `Some(None)` when there is no offset, `None` when it cannot be read.
fn offset(rest: &[u8]) -> Option<Option<i32>> {
    if rest.is_empty() {
        return Some(None);
    }
    if [b"Z".as_slice(), b"UTC", b"GMT"].iter().any(|word| rest.eq_ignore_ascii_case(word)) {
        return Some(Some(0));
    }
    let named = rest.strip_prefix(b"GMT").or_else(|| rest.strip_prefix(b"UTC"));
    let rest = named.filter(|offset| offset.len() > 1).unwrap_or(rest);
    let sign = match rest[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (value, digits, tail) = number(&rest[1..])?;
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
