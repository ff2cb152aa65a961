//! The names that a condition may use.

use crate::schema::{Holds, nearest};

/// The columns and functions that a condition may use.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    columns: Names,
    /// The columns of orders, for `first` and `last`; none if functions about the data are not available.
    orders: Option<Names>,
    /// Whether files that have not been read yet may add columns.
    is_open: bool,
}

type Names = Vec<(String, Holds)>;

/// The result of looking up a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// One column, with its exact name.
    One(&'a str, Holds),
    /// Several columns whose names differ only in upper and lower case.
    Several(Vec<&'a str>),
    /// No column so far; files that have not been read yet may add it.
    Later,
    /// No column.
    Nothing,
}

impl Vocabulary {
    /// Only these columns.
    pub fn of<N: Into<String>>(columns: impl IntoIterator<Item = (N, Holds)>) -> Self {
        Self { columns: names(columns), orders: None, is_open: false }
    }

    /// Adds the functions about a customer's tags and purchases; `first` and `last` can use the given columns of
    /// orders.
    pub fn with_functions<N: Into<String>>(mut self, orders: impl IntoIterator<Item = (N, Holds)>) -> Self {
        self.orders = Some(names(orders));
        self
    }

    /// Accepts unknown names, which may be columns of files that have not been read yet.
    pub fn open(mut self) -> Self {
        self.is_open = true;
        self
    }

    pub(super) fn has_functions(&self) -> bool {
        self.orders.is_some()
    }

    pub(super) fn column(&self, name: &str) -> Found<'_> {
        self.find(&self.columns, name)
    }

    pub(super) fn order_column(&self, name: &str) -> Found<'_> {
        self.find(self.orders.as_deref().unwrap_or_default(), name)
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &str> + Clone {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn order_columns(&self) -> impl Iterator<Item = &str> + Clone {
        self.orders.iter().flatten().map(|(name, _)| name.as_str())
    }

    fn find<'a>(&'a self, among: &'a [(String, Holds)], name: &str) -> Found<'a> {
        if let Some((name, kind)) = among.iter().find(|(known, _)| known == name) {
            return Found::One(name, *kind);
        }
        let folded = name.to_lowercase();
        let alike: Vec<&(String, Holds)> =
            among.iter().filter(|(known, _)| known.to_lowercase() == folded).collect();
        match alike.as_slice() {
            [(name, kind)] => Found::One(name, *kind),
            [] if self.is_open => Found::Later,
            [] => Found::Nothing,
            several => Found::Several(several.iter().map(|(name, _)| name.as_str()).collect()),
        }
    }
}

fn names<N: Into<String>>(columns: impl IntoIterator<Item = (N, Holds)>) -> Names {
    columns.into_iter().map(|(name, kind)| (name.into(), kind)).collect()
}

/// A name as it is written in a condition: in double quotes unless it is a plain word.
pub(super) fn written(name: &str) -> String {
    let is_plain = name.chars().next().is_some_and(super::syntax::starts_name)
        && name.chars().all(super::syntax::continues_name)
        && !super::scan::is_word_of_sql(name);
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// The name that a wrong one was probably meant to be, or else (as an error) a few similar names.
pub(super) fn close<'a>(wrong: &str, names: impl Iterator<Item = &'a str> + Clone) -> Result<String, String> {
    /// The most names that are shown; that many fit on a line.
    const SHOWN: usize = 8;
    if let Some(near) = nearest(wrong, names.clone()) {
        return Ok(written(near));
    }
    let mut all: Vec<&str> = names.collect();
    all.sort_by(|a, b| strsim::jaro_winkler(wrong, b).total_cmp(&strsim::jaro_winkler(wrong, a)));
    let rest = if all.len() > SHOWN { ", …" } else { "" };
    let shown: Vec<String> = all.into_iter().take(SHOWN).map(written).collect();
    Err(shown.join(", ") + rest)
}
