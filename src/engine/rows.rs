//! Reads the rows that an engine returns into numbers and texts. A missing column or one of another type is an error of
//! the engine.

use polars::prelude::*;

use crate::error::{Error, Result};
use crate::schema::Day;

/// The rows of a statement.
#[derive(Debug)]
pub(super) struct Rows {
    frame: DataFrame,
    statement: &'static str,
}

impl Rows {
    /// The rows of the statement with this name.
    pub fn new(frame: DataFrame, statement: &'static str) -> Self {
        Self { frame, statement }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// A column of whole numbers, exact up to 38 digits; `None` for null.
    pub fn wide(&self, name: &str) -> Result<Vec<Option<i128>>> {
        let column = self.column(name)?;
        let whole = match column.dtype() {
            DataType::Decimal(_, 0) => column.to_physical_repr(),
            dtype if dtype.is_integer() => column.clone(),
            _ => return Err(self.wrong(name)),
        };
        let whole = whole.strict_cast(&DataType::Int128).map_err(|_| self.wrong(name))?;
        Ok(whole.i128()?.iter().collect())
    }

    /// A column of whole numbers without nulls; each must fit into `T`.
    pub fn numbers<T: TryFrom<i128>>(&self, name: &str) -> Result<Vec<T>> {
        let number = |value: Option<i128>| value.and_then(|value| T::try_from(value).ok());
        let numbers = self.wide(name)?.into_iter().map(|value| number(value).ok_or_else(|| self.wrong(name)));
        numbers.collect()
    }

    /// The number in the only row; `None` for null.
    pub fn one<T: TryFrom<i128>>(&self, name: &str) -> Result<Option<T>> {
        match self.wide(name)?.as_slice() {
            [None] => Ok(None),
            [Some(value)] => T::try_from(*value).map(Some).map_err(|_| self.wrong(name)),
            _ => Err(self.wrong(name)),
        }
    }

    /// The day in the only row; `None` for null.
    pub fn day(&self, name: &str) -> Result<Option<Day>> {
        Ok(self.one(name)?.map(Day::new))
    }

    /// A column of texts; `None` for null.
    pub fn texts(&self, name: &str) -> Result<Vec<Option<String>>> {
        let column = self.column(name)?;
        let texts = column.str().map_err(|_| self.wrong(name))?;
        Ok(texts.iter().map(|text| text.map(str::to_owned)).collect())
    }

    fn column(&self, name: &str) -> Result<&Column> {
        self.frame.column(name).map_err(|_| self.wrong(name))
    }

    /// The error that a column is missing or does not hold what it should.
    pub fn wrong(&self, name: &str) -> Error {
        let values = [("statement", self.statement.to_owned()), ("column", name.to_owned())];
        Error::data_of("engine_answer", &values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_that_fit_are_numbers() {
        let frame =
            df!("n" => [1_i64, 300], "x" => [1.0, 2.0], "t" => ["a", "b"], "o" => [Some(1_i32), None]);
        let rows = Rows::new(frame.expect("a frame"), "test");
        assert_eq!(rows.numbers::<u64>("n").expect("numbers"), [1, 300]);
        assert!(rows.numbers::<u8>("n").is_err() && rows.wide("x").is_err() && rows.wide("none").is_err());
        assert!(rows.numbers::<i32>("o").is_err());
        assert_eq!(rows.wide("o").expect("numbers"), [Some(1), None]);
        assert_eq!(rows.texts("t").expect("texts"), [Some("a".to_owned()), Some("b".to_owned())]);
        let exact = Int128Chunked::from_vec("d".into(), vec![10_i128.pow(30)]).into_decimal_unchecked(38, 0);
        let frame = DataFrame::new(1, vec![exact.into_column()]).expect("a frame");
        assert_eq!(Rows::new(frame, "test").one::<i128>("d").expect("a number"), Some(10_i128.pow(30)));
    }
}
