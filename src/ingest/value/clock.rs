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

/// `T22:02:33.123Z`, ` 22:02`, ` 02`, ` 10:15 PM`, ` 08:00:00 +0400`, ` 12:00:00 UTC`.
pub fn clock(rest: &[u8]) -> Option<Clock> {
    let rest = match rest[0] {
        b'T' | b't' => &rest[1..],
        _ => text::trim(rest),
    };
    let (mut hour, _, mut rest) = number(rest)?;
    let (mut minute, mut second) = (0, 0);
    if let Some(more) = rest.strip_prefix(b":") {
        (minute, _, rest) = number(more)?;
        if let Some(more) = rest.strip_prefix(b":") {
            (second, _, rest) = number(more)?;
            if let Some(more) = rest.strip_prefix(b".").or_else(|| rest.strip_prefix(b",")) {
                rest = more.trim_ascii_start();
                rest = &rest[rest.iter().take_while(|b| b.is_ascii_digit()).count()..];
            }
        }
    }
    rest = rest.trim_ascii_start();
    if let Some((half, more)) = half_day(rest) {
        rest = more;
        // Some exports put AM or PM behind a 24-hour time: then it says nothing new.
        match (half, hour) {
            (b'a', 12) => hour = 0,
            (b'p', 1..12) => hour += 12,
            _ => {}
        }
    }
    let offset_seconds = offset(rest.trim_ascii())?;
    let time = NaiveTime::from_hms_opt(hour, minute, second.min(59))?;
    Some(Clock { time, offset_seconds })
}

fn half_day(rest: &[u8]) -> Option<(u8, &[u8])> {
    let half = rest.first()?.to_ascii_lowercase();
    let is_half = matches!(half, b'a' | b'p') && rest.get(1)?.eq_ignore_ascii_case(&b'm');
    is_half.then(|| (half, rest[2..].trim_ascii_start()))
}

/// Seconds east of UTC; `Some(None)` when there is no offset, `None` when it cannot be read.
fn offset(rest: &[u8]) -> Option<Option<i32>> {
    if rest.is_empty() {
        return Some(None);
    }
    if [b"Z".as_slice(), b"UTC", b"GMT"].iter().any(|word| rest.eq_ignore_ascii_case(word)) {
        return Some(Some(0));
    }
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
