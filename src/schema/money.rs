//! Amounts as integers of a millionth of the currency unit: sums are exact, whatever their order.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use serde::{Deserialize, Serialize};

use crate::schema::packed::Short;

/// A decimal number in millionths: an amount of money, a weight, the stars of a review. Columns of frames and slices of
/// them hold the plain number, since without unsafe code they cannot be viewed as slices of this type.
///
/// It can be added, subtracted and negated. To multiply or divide, take the number as an integer wide enough for the
/// result. The plain operators are only for values that cannot overflow, such as two amounts of cells or orders
/// ([`can_be`]); sums of arbitrarily many amounts must be checked, or use `i128`.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(i64);

impl Micros {
    /// An amount of 0.
    pub const ZERO: Self = Self(0);

    /// `number` millionths.
    #[inline]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// `count` units.
    #[inline]
    pub const fn units(count: i64) -> Self {
        Self(count * UNIT)
    }

    /// The number of millionths.
    #[inline]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// As a floating-point number of units, for ratios, estimates and charts; never for sums of money.
    #[inline]
    pub const fn in_units(self) -> f64 {
        self.0 as f64 / UNIT as f64
    }

    /// `None` if it is [`MISSING`].
    #[inline]
    pub fn known(self) -> Option<Self> {
        (self != MISSING).then_some(self)
    }

    /// Whether it is above zero.
    #[inline]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether it is below zero; [`MISSING`] is, too.
    #[inline]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether it is known and below zero, as a refund is.
    #[inline]
    pub fn is_credit(self) -> bool {
        self.is_negative() && self != MISSING
    }

    /// The difference, limited to the range of the type.
    #[inline]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The sum, if it is in range.
    #[inline]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The absolute value; for amounts from cells, which cannot overflow.
    #[inline]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// The absolute value, limited to the range of the type; for amounts that may be [`MISSING`].
    #[inline]
    pub const fn saturating_abs(self) -> Self {
        Self(self.0.saturating_abs())
    }
}

impl Add for Micros {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Micros {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Micros {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for Micros {
    #[inline]
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Neg for Micros {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Micros {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        Self(all.map(Self::number).sum())
    }
}

/// The type of exact sums, which no number of amounts can overflow.
impl From<Micros> for i128 {
    #[inline]
    fn from(micros: Micros) -> Self {
        Self::from(micros.0)
    }
}

/// A sum in micro-units; an error if it does not fit an amount.
impl TryFrom<i128> for Micros {
    type Error = std::num::TryFromIntError;

    #[inline]
    fn try_from(sum: i128) -> Result<Self, Self::Error> {
        i64::try_from(sum).map(Self)
    }
}

/// Decimal places an amount keeps.
pub const SCALE: u32 = 6;

/// Micro-units in one currency unit.
pub const UNIT: i64 = 1_000_000;

/// Marks a missing amount in a column of micro-units.
pub const MISSING: Micros = Micros(i64::MIN);

/// Ten times the largest amount of a row: the amount of an order, and therefore of a store's row, may be the sum of some
/// rows. Two of them can be added and subtracted.
pub const MAX_KEPT: i64 = 1_000_000_000_000 * UNIT;

/// Whether an amount of an order or of a store is one that an export can have.
pub fn can_be(micros: Micros) -> bool {
    micros == MISSING || micros.0.unsigned_abs() <= MAX_KEPT.unsigned_abs()
}

/// Writes micro-units as a decimal number: every significant decimal, at least two, no grouping.
///
/// ```
/// assert_eq!(ecrm::schema::money::plain(1_234_500_000), "1234.50");
/// assert_eq!(ecrm::schema::money::plain(-16_448_000), "-16.448");
/// ```
pub fn plain(micros: impl Into<i128>) -> String {
    let mut text = Vec::with_capacity(16);
    write_plain(&mut text, micros.into());
    String::from_utf8(text).unwrap_or_default()
}

/// Like [`plain`], followed by the byte `behind`, for short amounts: below a million, at most two decimals, not
/// negative.
#[inline]
pub fn short(micros: i128, behind: u8) -> Option<Short> {
    const PER_HUNDREDTH: u64 = UNIT as u64 / 100;
    let micros = u64::try_from(micros).ok().filter(|micros| micros.is_multiple_of(PER_HUNDREDTH))?;
    Short::hundredths(micros / PER_HUNDREDTH, behind)
}

/// Like [`plain`], appended to `out`.
pub fn write_plain(out: &mut Vec<u8>, micros: i128) {
    if micros < 0 {
        out.push(b'-');
    }
    let magnitude = micros.unsigned_abs();
    // Amounts beyond 64 bits are rare, and dividing them is slow.
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

/// Appends the decimal point and up to ten decimals without trailing zeros, but at least `least` decimals; nothing if
/// no decimals are left.
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

/// `total / count` in micro-units, rounded half away from zero; `None` if `count` is 0.
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
/// `None` when it is not a plain decimal or has more than [`SCALE`] decimals.
pub fn parse_plain(text: &str) -> Option<Micros> {
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
    Some(Micros(if negative { -micros } else { micros }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_at_least_two_and_all_significant_decimals() {
        for (micros, text) in [
            (0_i64, "0.00"),
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
    fn amounts_add_up_as_their_numbers_do() {
        let [one, two] = [1, 2].map(Micros::units);
        assert_eq!((one + one, two - one, -(-one)), (two, one, one));
        assert_eq!([one, two].into_iter().sum::<Micros>(), Micros::units(3));
        let most = Micros::new(i64::MAX);
        assert_eq!(most.checked_add(one), None);
        assert_eq!(Micros::try_from(i128::from(most) + 1).ok(), None);
    }

    #[test]
    fn what_is_missing_is_no_credit() {
        let all = [MISSING, Micros::new(-1), Micros::ZERO, Micros::new(1)];
        assert_eq!(all.map(Micros::is_credit), [false, true, false, false]);
        assert_eq!(all.map(|micros| micros.known().is_some()), [false, true, true, true]);
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
            let micros = Micros::new(micros);
            assert_eq!(parse_plain(&plain(micros)), Some(micros));
        }
        for wrong in ["", "-", "1,000", "1.1234567", "1e3", "99999999999999999999", ".5"] {
            assert_eq!(parse_plain(wrong), None, "{wrong}");
        }
    }
}
