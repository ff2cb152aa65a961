//! The columns of lists of customers that only this shop has: of numbers where every value is a number, else of texts.

use polars::prelude::*;

use crate::parse::value::id::unwrap;
use crate::parse::value::money::{self, Amount, Cells, DecimalMark};
use crate::schema::Personal;
use crate::schema::money::UNIT;

/// The most digits before the decimal mark that a number may have. Longer ones are ids or phone numbers, which nobody
/// adds up.
const MAX_DIGITS: usize = 9;

/// A column of numbers (i64 where all are whole, else f64) where every value is written as a number, else of texts.
/// `007` and `13800138000` stay texts, and so does every column whose header names a personal value, for example a
/// phone number.
pub fn typed(name: &str, values: &[Option<&str>]) -> Column {
    let values: Vec<Option<&str>> = values.iter().map(|value| value.map(plain)).collect();
    let known = || values.iter().flatten();
    let may_be_numbers = known().next().is_some() && Personal::of_header(name).is_none();
    let mark = if may_be_numbers { mark(known().copied()) } else { None };
    let column = mark.and_then(|mark| numbers(name, &values, mark));
    column.unwrap_or_else(|| {
        StringChunked::from_iter_options(name.into(), values.iter().copied()).into_column()
    })
}

/// A cell without the quotes and the like that spreadsheets wrap around it.
fn plain(cell: &str) -> &str {
    std::str::from_utf8(unwrap(cell.as_bytes())).unwrap_or(cell)
}

/// The decimal mark of the values; none where a value is no number, or where it is open which mark they use.
fn mark<'a>(values: impl Iterator<Item = &'a str>) -> Option<DecimalMark> {
    let (mut cells, mut has_commas) = (Cells::default(), false);
    for value in values {
        let digits = value.strip_prefix('-').unwrap_or(value);
        let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.ends_with(|c: char| c.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
        let leads_with_nought =
            digits.strip_prefix('0').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if !is_number || leads_with_nought {
            return None;
        }
        has_commas |= digits.contains(',');
        cells.add(value.as_bytes());
    }
    match (has_commas, cells.evident()) {
        (false, Some(DecimalMark::Comma)) | (true, None) => None,
        (false, _) => Some(DecimalMark::Point),
        (true, Some(mark)) if cells.point == 0 || cells.comma == 0 => Some(mark),
        (true, Some(_)) => None,
    }
}

fn numbers(name: &str, values: &[Option<&str>], mark: DecimalMark) -> Option<Column> {
    let micros = |value: &str| match money::parse(value.as_bytes(), mark) {
        Amount::Micros(micros) => Some(micros.number()),
        Amount::Null | Amount::Bad => None,
    };
    let limit = 10_i64.pow(MAX_DIGITS as u32);
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        all.push(match value {
            Some(value) => Some(micros(value).filter(|micros| (micros / UNIT).abs() < limit)?),
            None => None,
        });
    }
    if all.iter().flatten().all(|micros| micros % UNIT == 0) {
        let whole = all.into_iter().map(|micros| micros.map(|micros| micros / UNIT));
        return Some(Int64Chunked::from_iter_options(name.into(), whole).into_column());
    }
    let parts = all.into_iter().map(|micros| micros.map(|micros| micros as f64 / UNIT as f64));
    Some(Float64Chunked::from_iter_options(name.into(), parts).into_column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[&str]) -> Column {
        let values: Vec<_> =
            values.iter().map(|value| Some(*value).filter(|value| !value.is_empty())).collect();
        typed("x", &values)
    }

    #[test]
    fn a_column_is_of_numbers_where_every_value_is_one() {
        let heights = column(&["165", "", "-3", "0"]);
        assert_eq!(heights.i64().unwrap().to_vec(), [Some(165), None, Some(-3), Some(0)]);
        let parts = column(&["165.5", "170", "0.25", ""]);
        assert_eq!(parts.f64().unwrap().to_vec(), [Some(165.5), Some(170.0), Some(0.25), None]);
        let grouped = column(&["1,234.50", "2,000", "=\"7\""]);
        assert_eq!(grouped.f64().unwrap().to_vec(), [Some(1234.5), Some(2000.0), Some(7.0)]);
        let german = column(&["1.234,50", "12,5"]);
        assert_eq!(german.f64().unwrap().to_vec(), [Some(1234.5), Some(12.5)]);
    }

    #[test]
    fn what_could_be_something_else_stays_a_text() {
        for values in [
            &["165", "165cm"][..],
            &["007", "12"],
            &["13800138000", "1"],
            &["1234567890"],
            &["1,234", "2"],
            &["12.5", "12,5"],
            &["1.2.3"],
            &["50%"],
            &["¥12"],
            &["+12"],
            &["2026-01-01"],
            &[""],
        ] {
            assert_eq!(column(values).dtype(), &DataType::String, "{values:?}");
        }
        assert_eq!(typed("电话", &[Some("5550100")]).dtype(), &DataType::String);
        let texts = column(&["'007", "12"]);
        assert_eq!(texts.str().unwrap().iter().collect::<Vec<_>>(), [Some("007"), Some("12")]);
    }
}
