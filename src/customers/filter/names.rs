//! Resolves the names of columns.

use sqlparser::ast::Ident;

use super::check::{Checker, Typed};
use super::complaint::complain_with;
use super::functions;
use super::node::{Constant, Node, Type};
use super::vocabulary::{Found, close, written};
use crate::error::{Error, Result};

impl Checker<'_> {
    /// A column, or `as_of`.
    pub(super) fn name(&mut self, ident: &Ident) -> Result<Typed> {
        let (name, place) = (&ident.value, ident.span);
        if ident.quote_style.is_none() && name.eq_ignore_ascii_case("as_of") {
            return Ok(Typed::new(Node::AsOf, Type::Date, place));
        }
        let (name, kind) = match self.vocabulary.column(name) {
            Found::One(name, kind) => (name.to_owned(), kind),
            Found::Later => {
                self.is_open = true;
                self.note_column(name);
                // The value does not matter: a condition with unresolved names is parsed again before it is evaluated.
                return Ok(Typed::new(Node::Constant(Constant::Null(Type::Later)), Type::Later, place));
            }
            Found::Several(names) => {
                let names = names.into_iter().map(written).collect::<Vec<_>>().join(", ");
                return Err(self.complain(place, "several", &[("seen", name.clone()), ("names", names)]));
            }
            Found::Nothing => return Err(self.no_column(ident)),
        };
        self.note_column(&name);
        Ok(Typed::new(Node::Column(name, kind), kind.into(), place))
    }

    fn note_column(&mut self, name: &str) {
        if !self.columns.iter().any(|known| known == name) {
            self.columns.push(name.to_owned());
        }
    }

    /// The error that no column has a name.
    fn no_column(&self, ident: &Ident) -> Error {
        let name = ident.value.clone();
        let near = close(&name, self.vocabulary.columns());
        let is_quoted = ident.quote_style.is_some();
        let hint = match &near {
            _ if functions::usage(&name).is_some() => "condition_is_function_hint",
            Ok(_) if is_quoted => "condition_no_column_quoted_near_hint",
            Ok(_) => "did_you_mean",
            Err(_) if is_quoted => "condition_no_column_quoted_hint",
            Err(_) => "condition_no_column_hint",
        };
        let usage = functions::usage(&name).unwrap_or_default().to_owned();
        let near = near.unwrap_or_else(|names| names);
        let values = [("seen", name), ("near", near), ("usage", usage)];
        complain_with(self.text, ident.span, "no_column", hint, &values)
    }
}
