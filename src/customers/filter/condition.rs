//! A condition that is parsed and whose names and types are resolved, so that it can choose rows.

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
    /// Wrong usage, with a mark at the place, if the text is no condition on these columns.
    pub fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Self> {
        syntax::on_own_stack(|| {
            let tree = syntax::condition(text)?;
            let mut checker = Checker::new(text, vocabulary);
            let node = checker.condition(&tree)?.node;
            Ok(Self { node, asked: Asked::of(text, checker) })
        })
    }

    /// The columns and calls that it asks for.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// For each row whether it is kept; never NULL. The frame has the columns and the answers to the calls.
    ///
    /// # Errors
    ///
    /// Wrong usage if a calculation overflows; an internal error if the frame does not have what it should.
    pub fn keeps(&self, frame: &DataFrame, as_of: Day) -> Result<BooleanChunked> {
        let truths = self.asked.closed(|| self.evaluation(frame, as_of).truths(&self.node))?;
        Ok(truths.fill_null_with_values(false)?)
    }

    /// The condition as SQL for an engine, which keeps the same rows.
    ///
    /// # Errors
    ///
    /// Wrong usage, naming what is not supported on engines; an internal error if a name can only be resolved by the
    /// files.
    pub fn sql(&self, named: &dyn Named) -> Result<String> {
        self.asked.closed(|| sql::condition(&self.node, named))
    }

    fn evaluation<'a>(&'a self, frame: &'a DataFrame, as_of: Day) -> Evaluation<'a> {
        Evaluation { frame, as_of, text: self.asked.text() }
    }
}
