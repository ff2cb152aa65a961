//! The values of a node: one per row, or a single one for all rows.

use polars::prelude::*;

use super::node::{AMOUNT_DECIMALS, Comparison, Constant, Type};
use crate::error::{Error, Result};
use crate::schema::Holds;

/// The number of seconds in a day.
const SECONDS_OF_DAY: i64 = 86_400;

/// Values of one type, which may include NULLs.
#[derive(Debug, Clone)]
pub(super) enum Values {
    Text(StringChunked),
    /// Exact numbers: their digits as whole numbers, and how many of the digits are decimals.
    Exact(Int128Chunked, u8),
    Real(Float64Chunked),
    /// Days since 1970-01-01.
    Date(Int32Chunked),
    Truth(BooleanChunked),
}

/// A number that does not fit into 128 bits, or is no finite floating-point number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLarge;

impl Values {
    /// The values of a column.
    ///
    /// # Errors
    ///
    /// When the frame lacks the column or it has another type, which is a defect.
    pub(super) fn of_column(frame: &DataFrame, name: &str, kind: Holds) -> Result<Self> {
        let series = frame.column(name)?.as_materialized_series();
        let defect = || Error::Internal(format!("column {name} holds {} and not {kind:?}", series.dtype()));
        if matches!(series.dtype(), DataType::Null) {
            return Ok(Self::null(kind.into(), series.len()));
        }
        Ok(match kind {
            Holds::Text => Self::Text(series.str().map_err(|_| defect())?.clone()),
            Holds::Whole if series.dtype().is_integer() => {
                let whole = series.strict_cast(&DataType::Int64)?;
                Self::Exact(arity::unary_elementwise(whole.i64()?, |value| value.map(i128::from)), 0)
            }
            Holds::Amount if matches!(series.dtype(), DataType::Decimal(..)) => {
                let decimals = series.decimal()?;
                let scale = u8::try_from(decimals.scale()).map_err(|_| defect())?;
                let units = rescaled(decimals.physical(), scale, AMOUNT_DECIMALS).map_err(|_| defect())?;
                Self::Exact(units, AMOUNT_DECIMALS)
            }
            Holds::Real if series.dtype().is_primitive_numeric() => {
                let real = series.cast(&DataType::Float64)?;
                let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
                Self::Real(arity::unary_elementwise(real.f64()?, finite))
            }
            Holds::Date => Self::Date(days(series).ok_or_else(defect)?),
            Holds::Flag => Self::Truth(series.bool().map_err(|_| defect())?.clone()),
            Holds::Whole | Holds::Amount | Holds::Real => return Err(defect()),
        })
    }

    /// A single value.
    pub(super) fn of_constant(constant: &Constant) -> Self {
        const NAME: PlSmallStr = PlSmallStr::EMPTY;
        match constant {
            Constant::Text(text) => Self::Text(StringChunked::from_slice(NAME, &[text.as_str()])),
            Constant::Exact(units, decimals) => {
                Self::Exact(Int128Chunked::from_slice(NAME, &[*units]), *decimals)
            }
            Constant::Real(real) => Self::Real(Float64Chunked::from_slice(NAME, &[*real])),
            Constant::Date(day) => Self::Date(Int32Chunked::from_slice(NAME, &[day.number()])),
            Constant::Truth(truth) => Self::Truth(BooleanChunked::from_slice(NAME, &[*truth])),
            Constant::Null(kind) => Self::null(*kind, 1),
        }
    }

    fn null(kind: Type, rows: usize) -> Self {
        const NAME: PlSmallStr = PlSmallStr::EMPTY;
        match kind {
            Type::Text => Self::Text(StringChunked::full_null(NAME, rows)),
            Type::Exact(decimals) => Self::Exact(Int128Chunked::full_null(NAME, rows), decimals),
            Type::Real => Self::Real(Float64Chunked::full_null(NAME, rows)),
            Type::Date => Self::Date(Int32Chunked::full_null(NAME, rows)),
            Type::Truth | Type::Null | Type::Later => Self::Truth(BooleanChunked::full_null(NAME, rows)),
        }
    }

    /// Repeats a single value for each row.
    pub(super) fn spread(self, rows: usize) -> Self {
        match self {
            Self::Text(values) if values.len() != rows => Self::Text(values.new_from_index(0, rows)),
            Self::Exact(values, decimals) if values.len() != rows => {
                Self::Exact(values.new_from_index(0, rows), decimals)
            }
            Self::Real(values) if values.len() != rows => Self::Real(values.new_from_index(0, rows)),
            Self::Date(values) if values.len() != rows => Self::Date(values.new_from_index(0, rows)),
            Self::Truth(values) if values.len() != rows => Self::Truth(values.new_from_index(0, rows)),
            values => values,
        }
    }

    /// For each value whether it is NULL.
    pub(super) fn is_null(&self) -> BooleanChunked {
        match self {
            Self::Text(values) => values.is_null(),
            Self::Exact(values, _) => values.is_null(),
            Self::Real(values) => values.is_null(),
            Self::Date(values) => values.is_null(),
            Self::Truth(values) => values.is_null(),
        }
    }

    /// The values as floating-point numbers, if they are numbers.
    pub(super) fn real(&self) -> Option<Float64Chunked> {
        match self {
            Self::Real(values) => Some(values.clone()),
            Self::Exact(units, decimals) => {
                let unit = 10_f64.powi(i32::from(*decimals));
                Some(arity::unary_elementwise(units, |units| units.map(|units| units as f64 / unit)))
            }
            _ => None,
        }
    }

    /// Brings these values and `other` to one type; `None` if no type can hold both.
    pub(super) fn alike(self, other: Self) -> Option<Result<(Self, Self), TooLarge>> {
        Some(Ok(match (self, other) {
            (Self::Exact(left, ours), Self::Exact(right, theirs)) => {
                let decimals = ours.max(theirs);
                let both = rescaled(&left, ours, decimals)
                    .and_then(|left| Ok((left, rescaled(&right, theirs, decimals)?)));
                match both {
                    Ok((left, right)) => (Self::Exact(left, decimals), Self::Exact(right, decimals)),
                    Err(error) => return Some(Err(error)),
                }
            }
            (left @ Self::Real(_), right @ (Self::Exact(..) | Self::Real(_)))
            | (left @ Self::Exact(..), right @ Self::Real(_)) => {
                (Self::Real(left.real()?), Self::Real(right.real()?))
            }
            pair @ ((Self::Text(_), Self::Text(_))
            | (Self::Date(_), Self::Date(_))
            | (Self::Truth(_), Self::Truth(_))) => pair,
            _ => return None,
        }))
    }

    /// Compares with values of the same type; unknown where either is NULL.
    pub(super) fn compare(&self, op: Comparison, other: &Self) -> Option<BooleanChunked> {
        Some(match (self, other) {
            (Self::Text(left), Self::Text(right)) => ordered(op, left, right),
            (Self::Exact(left, _), Self::Exact(right, _)) => ordered(op, left, right),
            (Self::Real(left), Self::Real(right)) => ordered(op, left, right),
            (Self::Date(left), Self::Date(right)) => ordered(op, left, right),
            (Self::Truth(left), Self::Truth(right)) => ordered(op, left, right),
            _ => return None,
        })
    }

    /// The values of `other` in the rows where these values are NULL, else these values. Both have one value per row
    /// and the same type.
    pub(super) fn or_else(self, other: &Self) -> Option<PolarsResult<Self>> {
        let is_here = !self.is_null();
        Some(match (self, other) {
            (Self::Text(ours), Self::Text(theirs)) => ours.zip_with(&is_here, theirs).map(Self::Text),
            (Self::Exact(ours, decimals), Self::Exact(theirs, _)) => {
                ours.zip_with(&is_here, theirs).map(|values| Self::Exact(values, decimals))
            }
            (Self::Real(ours), Self::Real(theirs)) => ours.zip_with(&is_here, theirs).map(Self::Real),
            (Self::Date(ours), Self::Date(theirs)) => ours.zip_with(&is_here, theirs).map(Self::Date),
            (Self::Truth(ours), Self::Truth(theirs)) => ours.zip_with(&is_here, theirs).map(Self::Truth),
            _ => return None,
        })
    }

    /// A column of a frame that sorts like the values.
    pub(super) fn into_column(self, name: PlSmallStr) -> Column {
        /// The most digits that always fit into 128 bits.
        const DIGITS: usize = 38;
        match self {
            Self::Text(values) => values.with_name(name).into_column(),
            Self::Exact(values, decimals) => {
                values.with_name(name).into_decimal_unchecked(DIGITS, usize::from(decimals)).into_column()
            }
            Self::Real(values) => values.with_name(name).into_column(),
            Self::Date(values) => values.with_name(name).into_column(),
            Self::Truth(values) => values.with_name(name).into_column(),
        }
    }
}

/// Exact numbers with another number of decimals.
pub(super) fn rescaled(units: &Int128Chunked, from: u8, to: u8) -> Result<Int128Chunked, TooLarge> {
    if from == to {
        return Ok(units.clone());
    }
    let factor = 10_i128.checked_pow(u32::from(from.abs_diff(to))).ok_or(TooLarge)?;
    let one = |units: i128| match to > from {
        true => units.checked_mul(factor).ok_or(TooLarge),
        // Decimals are only removed where they are zero.
        false => (units % factor == 0).then_some(units / factor).ok_or(TooLarge),
    };
    arity::try_unary_elementwise(units, |units| units.map(one).transpose())
}

fn ordered<'a, T>(op: Comparison, left: &'a T, right: &'a T) -> BooleanChunked
where
    T: ChunkCompareEq<&'a T, Item = BooleanChunked> + ChunkCompareIneq<&'a T, Item = BooleanChunked>,
{
    match op {
        Comparison::Equal => left.equal(right),
        Comparison::Unequal => left.not_equal(right),
        Comparison::Less => left.lt(right),
        Comparison::LessOrEqual => left.lt_eq(right),
        Comparison::Greater => left.gt(right),
        Comparison::GreaterOrEqual => left.gt_eq(right),
    }
}

/// The days of a column of dates or times; `None` for other columns.
fn days(series: &Series) -> Option<Int32Chunked> {
    if let Ok(dates) = series.date() {
        return Some(dates.physical().clone());
    }
    let times = series.datetime().ok()?;
    let per_second = match times.time_unit() {
        TimeUnit::Nanoseconds => 1_000_000_000,
        TimeUnit::Microseconds => 1_000_000,
        TimeUnit::Milliseconds => 1_000,
    };
    let day = |time: i64| i32::try_from(time.div_euclid(per_second * SECONDS_OF_DAY)).ok();
    Some(arity::unary_elementwise(times.physical(), |time| time.and_then(day)))
}
