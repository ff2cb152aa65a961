//! A condition: parsed, its names and kinds settled, ready to choose rows.

use polars::prelude::*;

use super::asked::Asked;
use super::check::Checker;
use super::evaluate::Evaluation;
use super::node::Node;
use super::sql::{self, Named};
use super::syntax;
use super::vocabulary::Vocabulary;
use crate::error::Result;
use crate::schema::Day;

/// A condition on the rows of a table.
#[derive(Debug, Clone)]
pub struct Condition {
    node: Node,
    asked: Asked,
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
            Ok(Self { node, asked: Asked::of(text, checker) })
        })
    }

    /// What it asks of the data.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Whether each row is kept: never NULL. The frame holds the columns and the calls; as-of is in days since
    /// 1970-01-01.
    ///
    /// # Errors
    ///
    /// Wrong usage when a calculation becomes too large; a defect when the frame is not what was promised.
    pub fn keeps(&self, frame: &DataFrame, as_of: Day) -> Result<BooleanChunked> {
        let truths = self.asked.closed(|| self.evaluation(frame, as_of).truths(&self.node))?;
        Ok(truths.fill_null_with_values(false)?)
    }

    /// As SQL of an engine, which keeps the same rows.
    ///
    /// # Errors
    ///
    /// Wrong usage: what no engine is asked, by name; a defect while there are names that only the files will tell of.
    pub fn sql(&self, named: &dyn Named) -> Result<String> {
        self.asked.closed(|| sql::condition(&self.node, named))
    }

    fn evaluation<'a>(&'a self, frame: &'a DataFrame, as_of: Day) -> Evaluation<'a> {
        Evaluation { frame, as_of, text: self.asked.text() }
    }
}
