//! Amounts as integers of a millionth of the currency unit: sums are exact, whatever their order.

use crate::schema::packed::Short;

/// Decimal places an amount keeps.
pub const SCALE: u32 = 6;

/// Micro-units in one currency unit.
pub const UNIT: i64 = 1_000_000;

/// Marks a missing amount in a column of micro-units.
pub const MISSING: i64 = i64::MIN;

/// Ten times the largest amount of a row: what a file of a store holds may be the sum of some.
const MAX_KEPT: u64 = 1_000_000_000_000 * UNIT as u64;

/// Whether an amount that a file of a store holds is one that an export can have.
pub fn can_be(micros: i64) -> bool {
    micros == MISSING || micros.unsigned_abs() <= MAX_KEPT
}

/// Writes micro-units as a decimal number: every significant decimal, at least two, no grouping.
///
/// ```
/// assert_eq!(ecrm::schema::money::plain(1_234_500_000), "1234.50");
/// assert_eq!(ecrm::schema::money::plain(-16_448_000), "-16.448");
/// ```
pub fn plain(micros: i128) -> String {
    let mut text = Vec::with_capacity(16);
    write_plain(&mut text, micros);
    String::from_utf8(text).unwrap_or_default()
}

/// As [`plain`] with what stands behind it, where that is short: amounts of less than a million, at most two decimals,
/// no sign.
#[inline]
pub fn short(micros: i128, behind: u8) -> Option<Short> {
    const PER_HUNDREDTH: u64 = UNIT as u64 / 100;
    let micros = u64::try_from(micros).ok().filter(|micros| micros.is_multiple_of(PER_HUNDREDTH))?;
    Short::hundredths(micros / PER_HUNDREDTH, behind)
}

/// As [`plain`], appended to `out`.
pub fn write_plain(out: &mut Vec<u8>, micros: i128) {
    if micros < 0 {
        out.push(b'-');
    }
    let magnitude = micros.unsigned_abs();
    // Amounts beyond 64 bits are rare, and their division slow.
    let fraction = match u64::try_from(magnitude) {
        Ok(magnitude) => {
            out.extend_from_slice(itoa::Buffer::new().format(magnitude / UNIT as u64).as_bytes());
            magnitude % UNIT as u64
        }
        Err(_) => {
            out.extend_from_slice(itoa::Buffer::new().format(magnitude / UNIT as u128).as_bytes());
            (magnitude % UNIT as u128) as u64
        }
    };
    write_decimals(out, fraction, SCALE as usize, 2);
}

/// Appends the point and so many decimals, up to ten, without the zeros at their end but for the `least` ones; nothing
/// where none are left.
pub fn write_decimals(out: &mut Vec<u8>, mut fraction: u64, mut digits: usize, least: usize) {
    while digits > least && fraction.is_multiple_of(10) {
        fraction /= 10;
        digits -= 1;
    }
    if digits == 0 {
        return;
    }
    let mut text = *b".0000000000";
    for place in (1..=digits).rev() {
        text[place] = b'0' + (fraction % 10) as u8;
        fraction /= 10;
    }
    out.extend_from_slice(&text[..=digits]);
}

/// `total / count` in micro-units, rounded half away from zero; `None` when there is nothing to divide by.
pub fn mean(total: i128, count: u64) -> Option<i128> {
    if count == 0 {
        return None;
    }
    let count = i128::from(count);
    let half = if total < 0 { -count / 2 } else { count / 2 };
    Some((total + half) / count)
}

/// Reads a plain decimal number, as people write thresholds in flags and configuration.
///
/// Returns micro-units, or `None` when it is not a plain decimal or has more than [`SCALE`] decimals.
pub fn parse_plain(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || fraction.len() > SCALE as usize {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<6}").parse().ok()?;
    let micros = whole.checked_mul(UNIT)?.checked_add(fraction)?;
    Some(if negative { -micros } else { micros })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_at_least_two_and_all_significant_decimals() {
        for (micros, text) in [
            (0, "0.00"),
            (1, "0.000001"),
            (-1, "-0.000001"),
            (10_000, "0.01"),
            (2_326_534_354_300, "2326534.3543"),
            (-10_953_500_000, "-10953.50"),
        ] {
            assert_eq!(plain(micros), text);
        }
    }

    #[test]
    fn mean_rounds_half_away_from_zero() {
        assert_eq!(mean(10, 4), Some(3));
        assert_eq!(mean(-10, 4), Some(-3));
        assert_eq!(mean(9, 3), Some(3));
        assert_eq!(mean(1, 0), None);
    }

    #[test]
    fn reads_what_it_writes() {
        for micros in [0, 1, -1, 1_500_000, 123_456_789_000_001] {
            assert_eq!(parse_plain(&plain(i128::from(micros))), Some(micros));
        }
        for wrong in ["", "-", "1,000", "1.1234567", "1e3", "99999999999999999999", ".5"] {
            assert_eq!(parse_plain(wrong), None, "{wrong}");
        }
    }
}
