//! The table itself: the columns that are wished for, of everybody.

use polars::prelude::*;

use super::{Ground, Needs, Provider, find};
use crate::answer::Spec;
use crate::error::Result;

/// The columns that a question names, each once.
#[derive(Debug, Clone, Default)]
pub struct Wished {
    columns: Vec<&'static Spec>,
}

/// One row per person, with the columns that were wished for.
#[derive(Debug, Clone)]
pub struct Table {
    /// The columns, named as they were wished for.
    pub frame: DataFrame,
}

impl Wished {
    /// Adds a column; false where there is no such one.
    pub fn add(&mut self, name: &str) -> bool {
        let Some((_, spec)) = find(name) else { return false };
        if !self.columns.iter().any(|column| column.name == spec.name) {
            self.columns.push(spec);
        }
        true
    }

    /// What they need to be read.
    pub fn needs(&self) -> Needs {
        self.providers().fold(Needs::NONE, |needs, (provider, _)| needs.and(provider.needs))
    }

    /// The providers of the columns, each with its own.
    fn providers(&self) -> impl Iterator<Item = (&'static Provider, Vec<&'static str>)> {
        let of = |provider: &&'static Provider| {
            let is_its = |name: &str| provider.columns.iter().any(|spec| spec.name == name);
            let names: Vec<&'static str> =
                self.columns.iter().map(|spec| spec.name).filter(|name| is_its(name)).collect();
            (!names.is_empty()).then_some((*provider, names))
        };
        super::PROVIDERS.iter().filter_map(of).collect::<Vec<_>>().into_iter()
    }
}

impl Table {
    /// Runs the providers of the columns.
    pub fn build(ground: &Ground<'_>, wished: &Wished) -> Result<Self> {
        let mut filled = Vec::with_capacity(wished.columns.len());
        for (provider, names) in wished.providers() {
            filled.extend((provider.fill)(ground, &names)?);
        }
        let place =
            |column: &Column| wished.columns.iter().position(|spec| spec.name == column.name().as_str());
        filled.sort_by_key(place);
        debug_assert!(filled.iter().all(|column| column.len() == ground.len()));
        Ok(Self { frame: DataFrame::new(ground.len(), filled)? })
    }
}
