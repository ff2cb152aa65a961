//! A condition: parsed, its names and kinds settled, ready to choose rows.

use polars::prelude::*;

use super::calls::Call;
use super::check::Checker;
use super::evaluate::Evaluation;
use super::node::Node;
use super::syntax;
use super::vocabulary::Vocabulary;
use crate::error::{Error, Result};

/// A condition on the rows of a table.
#[derive(Debug, Clone)]
pub struct Condition {
    text: String,
    node: Node,
    needs: Needs,
}

/// What of the data an expression asks.
#[derive(Debug, Clone, Default)]
pub(super) struct Needs {
    pub(super) columns: Vec<String>,
    pub(super) calls: Vec<Call>,
    pub(super) is_open: bool,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    ///
    /// Wrong usage, with a mark at the place, of what is no condition on these columns.
    pub fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Self> {
        syntax::on_own_stack(|| {
            let tree = syntax::condition(text)?;
            let mut checker = Checker::new(text, vocabulary);
            let node = checker.condition(&tree)?.node;
            Ok(Self { text: text.to_owned(), node, needs: checker.into() })
        })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns that it names, each once by its exact name; while it is open, also names that no column has yet.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.needs.columns.iter().map(String::as_str)
    }

    /// The calls that ask the data: columns by the name of the call, of the kind of the call.
    pub fn calls(&self) -> &[Call] {
        &self.needs.calls
    }

    /// Whether it has names that only the files will tell of, so that it must be read again with all columns.
    pub fn is_open(&self) -> bool {
        self.needs.is_open
    }

    /// Whether each row is kept: never NULL. The frame holds the columns and the calls; as-of is in days since
    /// 1970-01-01.
    ///
    /// # Errors
    ///
    /// Wrong usage when a calculation becomes too large; a defect when the frame is not what was promised.
    pub fn keeps(&self, frame: &DataFrame, as_of: i32) -> Result<BooleanChunked> {
        let truths = self.needs.closed(|| self.evaluation(frame, as_of).truths(&self.node))?;
        Ok(truths.fill_null_with_values(false)?)
    }

    fn evaluation<'a>(&'a self, frame: &'a DataFrame, as_of: i32) -> Evaluation<'a> {
        Evaluation { frame, as_of, text: &self.text }
    }
}

impl Needs {
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

impl From<Checker<'_>> for Needs {
    fn from(checker: Checker<'_>) -> Self {
        Self { columns: checker.columns, calls: checker.calls, is_open: checker.is_open }
    }
}
