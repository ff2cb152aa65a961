//! What an expression asks of the data.

use super::calls::Call;
use super::check::Checker;
use crate::error::{Error, Result};

/// The text of an expression, and the columns and calls in it.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    text: String,
    columns: Vec<String>,
    calls: Vec<Call>,
    is_open: bool,
}

impl Asked {
    /// Takes the columns and calls that the checker found in a text.
    pub(super) fn of(text: &str, checker: Checker<'_>) -> Self {
        let Checker { columns, calls, is_open, .. } = checker;
        Self { text: text.to_owned(), columns, calls, is_open }
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of its columns, each once and in their exact spelling; while the expression is open, also names that
    /// no known column has.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str)
    }

    /// Its calls of functions about the data. Each is answered by a column with the name of the call.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Whether it has names that only the files can resolve, so that it must be parsed again with all columns.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Runs `evaluate`, unless names are still unresolved.
    pub(super) fn closed<T>(&self, evaluate: impl FnOnce() -> Result<T>) -> Result<T> {
        match self.is_open {
            true => {
                Err(Error::Internal("a condition was evaluated before all columns were known".to_owned()))
            }
            false => evaluate(),
        }
    }
}
