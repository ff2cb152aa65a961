//! What of the data an expression asks.

use super::calls::Call;
use super::check::Checker;
use crate::error::{Error, Result};

/// The text of an expression and what it names.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    text: String,
    columns: Vec<String>,
    calls: Vec<Call>,
    is_open: bool,
}

impl Asked {
    /// Of a text that was checked.
    pub(super) fn of(text: &str, checker: Checker<'_>) -> Self {
        let Checker { columns, calls, is_open, .. } = checker;
        Self { text: text.to_owned(), columns, calls, is_open }
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns that it names, each once by its exact name; while it is open, also names that no column has yet.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str)
    }

    /// The calls that ask the data: columns by the name of the call, of the kind of the call.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Whether it has names that only the files will tell of, so that it must be read again with all columns.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Evaluates what is not open any more.
    pub(super) fn closed<T>(&self, evaluate: impl FnOnce() -> Result<T>) -> Result<T> {
        match self.is_open {
            true => {
                Err(Error::Internal("a condition was evaluated before all columns were known".to_owned()))
            }
            false => evaluate(),
        }
    }
}
