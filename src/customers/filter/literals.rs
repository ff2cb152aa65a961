//! Numbers and dates as they are written in a condition.

use chrono::NaiveDate;

use super::node::Constant;
use crate::schema::Day;

/// The most decimals of an exact number; numbers with more become floating-point numbers.
pub(super) const MOST_DECIMALS: u8 = 18;

/// Parses an unsigned number, with a point and an exponent as in SQL. It is exact where possible; `None` if it is too
/// large for any number.
pub(super) fn number(text: &str) -> Option<Constant> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let real = || text.parse::<f64>().ok().filter(|real| real.is_finite()).map(Constant::Real);
    let Ok(exponent) = exponent.parse::<i64>() else { return real() };
    let decimals = fraction.len() as i64 - exponent;
    let Ok(units) = format!("{whole}{fraction}").parse::<i128>() else { return real() };
    match u8::try_from(decimals) {
        Ok(decimals) if decimals <= MOST_DECIMALS => Some(Constant::Exact(units, decimals)),
        Err(_) if decimals < 0 => {
            let factor = u32::try_from(-decimals).ok().and_then(|zeros| 10_i128.checked_pow(zeros));
            factor
                .and_then(|factor| units.checked_mul(factor))
                .map_or_else(real, |units| Some(Constant::Exact(units, 0)))
        }
        _ => real(),
    }
}

/// A calendar day written as `2026-01-31`.
pub(super) fn day(text: &str) -> Option<Day> {
    let is_form = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| is_form).map(Day::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_where_they_can_be() {
        use Constant::{Exact, Real};
        for (text, wanted) in [
            ("0", Some(Exact(0, 0))),
            ("100", Some(Exact(100, 0))),
            ("99.90", Some(Exact(999, 1))),
            (".5", Some(Exact(5, 1))),
            ("5.", Some(Exact(5, 0))),
            ("1e3", Some(Exact(1000, 0))),
            ("1.5E1", Some(Exact(15, 0))),
            ("25e-2", Some(Exact(25, 2))),
            ("0.000000000000000001", Some(Exact(1, 18))),
            ("1e-19", Some(Real(1e-19))),
            ("1e300", Some(Real(1e300))),
            ("1e999", None),
            ("1e99999999999999999999", None),
        ] {
            assert_eq!(number(text), wanted, "{text}");
        }
    }

    #[test]
    fn days_have_one_form() {
        assert_eq!(day("1970-01-01"), Some(Day::EPOCH));
        assert_eq!(day("2026-01-31"), Some(Day::new(20_484)));
        assert_eq!(day("1969-12-31"), Some(Day::new(-1)));
        for wrong in
            ["2026-02-30", "2026-1-31", "2026/01/31", "20260131", " 2026-01-31", "2026-01-31 10:00", "昨天"]
        {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
