//! Builds the table of all people with the columns that are asked for.

use polars::prelude::*;

use super::filter::{Asked, Call};
use super::{Ground, Needs, Provider, calls, columns, find};
use crate::answer::{Kind, Spec};
use crate::customers::order_columns;
use crate::error::{Error, Result};
use crate::locale::Words;
use crate::schema::{Personal, Wants, nearest};

/// The columns that a question asks for, each once.
#[derive(Debug, Clone, Default)]
pub struct Wished {
    columns: Vec<&'static Spec>,
    /// Names that are no declared column, and can only be further columns of the files.
    further: Vec<String>,
    calls: Vec<Call>,
}

/// The table: one row per person, with the columns that were asked for.
#[derive(Debug, Clone)]
pub struct Table {
    /// The columns under the names that were asked for.
    pub frame: DataFrame,
}

impl Wished {
    /// The columns and calls of an expression.
    pub fn by(asked: &Asked) -> Self {
        let mut wished = Self::default();
        asked.columns().for_each(|name| wished.add_any(name));
        asked.calls().iter().for_each(|call| wished.add_call(call));
        wished
    }

    /// Adds a declared column; false if there is none of this name.
    pub fn add(&mut self, name: &str) -> bool {
        let Some((_, spec)) = find(name) else { return false };
        if !self.columns.iter().any(|column| column.name == spec.name) {
            self.columns.push(spec);
        }
        true
    }

    /// Adds a column, which may be a further one of the files.
    pub fn add_any(&mut self, name: &str) {
        if !self.add(name) && !self.further.iter().any(|other| other == name) {
            self.further.push(name.to_owned());
        }
    }

    /// Adds the column that answers a call.
    pub fn add_call(&mut self, call: &Call) {
        if !self.calls.contains(call) {
            self.calls.push(call.clone());
        }
    }

    /// Adds the columns and calls of another.
    pub fn add_all(&mut self, other: &Self) {
        other.columns.iter().for_each(|spec| self.add_any(spec.name));
        other.further.iter().for_each(|name| self.add_any(name));
        other.calls.iter().for_each(|call| self.add_call(call));
    }

    /// The same without the calls that ask for tags.
    pub fn without_tags(mut self) -> Self {
        self.calls.retain(|call| calls::tag(call).is_none());
        self
    }

    /// The data that the columns and calls need.
    pub fn needs(&self) -> Needs {
        let own = self.providers().map(|(provider, _)| provider.needs);
        let further = self.further.iter().map(|_| Needs { lists: true, people: true, ..Needs::NONE });
        own.chain(further).chain(self.calls.iter().map(calls::needs)).fold(Needs::NONE, Needs::and)
    }

    /// What must be read for them.
    pub fn wants(&self) -> Wants {
        let mut wants = self.needs().wants();
        order_columns::want(self.calls.iter().filter_map(calls::order_column), &mut wants);
        wants.tag_names = self.calls.iter().filter_map(calls::tag).map(str::to_owned).collect();
        wants
    }

    /// The providers that are needed, each with the columns that it must fill.
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
    /// Builds the table by running the providers of the columns.
    pub fn build(ground: &Ground<'_>, wished: &Wished) -> Result<Self> {
        let mut filled = Vec::with_capacity(wished.columns.len());
        for (provider, names) in wished.providers() {
            filled.extend((provider.fill)(ground, &names)?);
        }
        let place =
            |column: &Column| wished.columns.iter().position(|spec| spec.name == column.name().as_str());
        filled.sort_by_key(place);
        // A name that no file has is left out here; whoever asks for it reports that.
        for name in &wished.further {
            filled.extend(ground.further_column(name)?);
        }
        for call in &wished.calls {
            filled.push(calls::fill(ground, call)?);
        }
        if ground.lacks_amounts() {
            let rests_on_amounts = |column: &Column| {
                let name = column.name().as_str();
                super::rests_on_amounts(name) || wished.calls.iter().any(|call| call.is_amount_called(name))
            };
            for column in filled.iter_mut().filter(|column| rests_on_amounts(column)) {
                *column = Column::full_null(column.name().clone(), column.len(), column.dtype());
            }
        }
        debug_assert!(filled.iter().all(|column| column.len() == ground.len()));
        Ok(Self { frame: DataFrame::new(ground.len(), filled)? })
    }

    /// The declaration of a column; `None` if neither the table nor any file has it.
    pub fn spec(&self, name: &str) -> Option<Spec> {
        if let Some((_, spec)) = find(name) {
            return Some(*spec);
        }
        let kind = match self.frame.column(name).ok()?.dtype() {
            DataType::String => Personal::of_header(name).map_or(Kind::Text, Kind::Personal),
            DataType::Float64 => Kind::Number,
            _ => Kind::Count,
        };
        // The name is leaked, so that it lives as long as the program; there are only a few headers in a run.
        Some(Spec::new(name.to_owned().leak(), kind, 3))
    }

    /// A column of flags as one bool per row; null counts as false.
    ///
    /// # Errors
    /// Those of polars.
    pub fn flags(&self, name: &str) -> Result<Vec<bool>> {
        Ok(self.frame.column(name)?.bool()?.iter().map(|is_so| is_so == Some(true)).collect())
    }

    /// The declaration of a column.
    ///
    /// # Errors
    /// Wrong usage if neither the table nor any file has it.
    pub fn known_spec(&self, name: &str, ground: &Ground<'_>) -> Result<Spec> {
        let all = || columns().map(|spec| spec.name.to_owned());
        let further = || ground.further().into_iter().map(|(name, _)| name);
        self.spec(name).ok_or_else(|| no_column(name, &all().chain(further()).collect::<Vec<_>>()))
    }
}

/// The error that a column does not exist, with the most similar name.
pub fn no_column(name: &str, all: &[String]) -> Error {
    let near = nearest(name, all.iter().map(String::as_str));
    let key = if near.is_some() { "no_column_near" } else { "no_column" };
    let all = Words::names(all.iter().map(String::as_str)).to_string();
    let values = [("name", name.to_owned()), ("near", near.unwrap_or_default().to_owned()), ("all", all)];
    Error::usage_of(key, &values)
}
