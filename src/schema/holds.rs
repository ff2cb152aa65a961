//! Types of column values, as conditions compare them.

use polars::prelude::DataType;

use super::money;

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Texts.
    Text,
    /// Whole numbers.
    Whole,
    /// Exact amounts.
    Amount,
    /// Floating-point numbers.
    Real,
    /// Days.
    Date,
    /// Yes or no.
    Flag,
}

impl Holds {
    /// The type for a polars type; `None` if conditions cannot compare it.
    pub fn of(data: &DataType) -> Option<Self> {
        match data {
            DataType::String | DataType::Null => Some(Self::Text),
            DataType::Decimal(..) => Some(Self::Amount),
            DataType::Date => Some(Self::Date),
            DataType::Boolean => Some(Self::Flag),
            data if data.is_float() => Some(Self::Real),
            data if data.is_integer() => Some(Self::Whole),
            _ => None,
        }
    }

    /// The polars type of such values.
    pub fn data_type(self) -> DataType {
        const DIGITS: usize = 38;
        match self {
            Self::Text => DataType::String,
            Self::Whole => DataType::Int64,
            Self::Amount => DataType::Decimal(DIGITS, money::SCALE as usize),
            Self::Real => DataType::Float64,
            Self::Date => DataType::Date,
            Self::Flag => DataType::Boolean,
        }
    }
}
