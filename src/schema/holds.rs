//! What the values of a column are, as far as conditions compare them.

use polars::prelude::DataType;

use super::money;

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Texts.
    Text,
    /// Whole numbers.
    Whole,
    /// Exact amounts.
    Amount,
    /// Numbers that need not be whole.
    Real,
    /// Days.
    Date,
    /// Yes or no.
    Flag,
}

impl Holds {
    /// What a column of this type holds; `None` where conditions know no such values.
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

    /// What a column of such values is made of.
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
