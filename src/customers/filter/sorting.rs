//! The order of rows: `net_amount desc, customer_id`.

use polars::prelude::*;

use super::asked::Asked;
use super::check::Checker;
use super::evaluate::Evaluation;
use super::node::Node;
use super::syntax;
use super::vocabulary::Vocabulary;
use crate::error::{Error, Result};
use crate::schema::Day;

/// What rows are sorted by: columns, or calculations with them.
#[derive(Debug, Clone)]
pub struct Sorting {
    keys: Vec<Key>,
    asked: Asked,
}

#[derive(Debug, Clone)]
struct Key {
    node: Node,
    is_descending: bool,
    is_null_last: bool,
}

impl Sorting {
    /// Parses a sort order: the expressions to sort by, the most important first, each with `asc` (the default) or
    /// `desc`. NULLs come last, unless `nulls first` is written.
    ///
    /// # Errors
    ///
    /// Wrong usage, with a mark at the place.
    pub fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Self> {
        syntax::on_own_stack(|| Self::read(text, vocabulary))
    }

    /// The columns and calls that it asks for.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// The row numbers of the frame in this order. Rows that are equal keep their order.
    ///
    /// # Errors
    ///
    /// The errors of [`super::Condition::keeps`].
    pub fn order(&self, frame: &DataFrame, as_of: Day) -> Result<IdxCa> {
        const ROW: &str = "row";
        let evaluation = Evaluation { frame, as_of, text: self.asked.text() };
        let mut columns = Vec::with_capacity(self.keys.len() + 1);
        for (number, key) in self.keys.iter().enumerate() {
            let values = self.asked.closed(|| evaluation.values(&key.node))?;
            columns.push(values.into_column(number.to_string().into()));
        }
        let rows =
            IdxSize::try_from(frame.height()).map_err(|_| Error::Internal("too many rows".to_owned()))?;
        columns.push(IdxCa::from_vec(ROW.into(), (0..rows).collect()).into_column());
        let names: Vec<PlSmallStr> = columns.iter().map(|column| column.name().clone()).collect();
        let flags =
            |flag: fn(&Key) -> bool, row: bool| self.keys.iter().map(flag).chain([row]).collect::<Vec<_>>();
        let options = SortMultipleOptions::default()
            .with_order_descending_multi(flags(|key| key.is_descending, false))
            .with_nulls_last_multi(flags(|key| key.is_null_last, true));
        let sorted = DataFrame::new(frame.height(), columns)?.sort(names, options)?;
        Ok(sorted.column(ROW)?.idx()?.clone())
    }

    fn read(text: &str, vocabulary: &Vocabulary) -> Result<Self> {
        let trees = syntax::sorting(text)?;
        let mut checker = Checker::new(text, vocabulary);
        let mut keys = Vec::with_capacity(trees.len());
        for tree in trees {
            let checked = checker.check(&tree.expr)?;
            if matches!(checked.node, Node::Constant(_)) && !checker.is_open {
                return Err(checker.complain(checked.place, "sort_constant", &[]));
            }
            keys.push(Key {
                node: checked.node,
                is_descending: tree.options.asc == Some(false),
                is_null_last: tree.options.nulls_first != Some(true),
            });
        }
        Ok(Self { keys, asked: Asked::of(text, checker) })
    }
}
