//! Checks the arguments of functions about the data. Their values are known before any file is read, except that
//! `as_of` gets its day later.

use sqlparser::ast::{Expr, Ident};
use sqlparser::tokenizer::Span;

use super::calls::{Call, DayArgument};
use super::check::{Checker, Typed, leftmost};
use super::complaint::complain_with;
use super::literals;
use super::node::{Arithmetic, Constant, Node, Type};
use super::vocabulary::{Found, close, written};
use crate::error::{Error, Result};
use crate::schema::Holds;

/// The longest span of days: a century.
const MOST_DAYS: i128 = 36_525;

impl Checker<'_> {
    /// The call of a function by its name in lower case.
    pub(super) fn call(&mut self, name: &str, arguments: &[&Expr], place: Span, usage: &str) -> Result<Call> {
        match (name, arguments) {
            ("has_tag", [tag]) => Ok(Call::HasTag(self.text_argument(tag, usage)?)),
            ("bought" | "bought_category", [what, days @ ..]) if days.len() < 2 => {
                let what = self.text_argument(what, usage)?;
                let days = days.first().map(|days| self.days_argument(days, usage)).transpose()?;
                Ok(if name == "bought" { Call::Bought(what, days) } else { Call::BoughtCategory(what, days) })
            }
            ("order_count" | "net_amount", [from, to]) => {
                let from_day = self.day_argument(from, usage)?;
                let to_day = self.day_argument(to, usage)?;
                if is_after(from_day, to_day) {
                    return Err(self.complain(leftmost(to), "days_order", &[]));
                }
                let call = if name == "order_count" { Call::OrderCount } else { Call::NetAmount };
                Ok(call(from_day, to_day))
            }
            ("first" | "last", [column]) => {
                let (column, kind) = self.column_argument(column, usage)?;
                Ok(if name == "first" { Call::First(column, kind) } else { Call::Last(column, kind) })
            }
            _ => Err(self.wrong_arguments(place, usage)),
        }
    }

    fn text_argument(&mut self, argument: &Expr, usage: &str) -> Result<String> {
        if let Expr::Identifier(Ident { value, span, .. }) = argument {
            let values = [("seen", value.clone())];
            return Err(complain_with(
                self.text,
                *span,
                "argument_name",
                "condition_quote_text_hint",
                &values,
            ));
        }
        let argument = self.check(argument)?;
        match argument.written_text() {
            Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
            _ => Err(self.wrong_arguments(argument.place, usage)),
        }
    }

    fn days_argument(&mut self, argument: &Expr, usage: &str) -> Result<u32> {
        let argument = self.check(argument)?;
        match argument.node {
            Node::Constant(Constant::Exact(days @ 1..=MOST_DAYS, 0)) => Ok(days as u32),
            _ => Err(self.wrong_arguments(argument.place, usage)),
        }
    }

    /// A day as an argument: a date, or `as_of` plus or minus a number of days.
    fn day_argument(&mut self, argument: &Expr, usage: &str) -> Result<DayArgument> {
        let Typed { node, kind, place } = self.check(argument)?;
        let wrong = |checker: &Self| checker.wrong_arguments(place, usage);
        match node {
            Node::Constant(Constant::Date(day)) => Ok(DayArgument::On(day)),
            Node::Constant(Constant::Text(text)) => {
                let day = literals::day(&text);
                day.map(DayArgument::On).ok_or_else(|| self.complain(place, "no_date", &[("seen", text)]))
            }
            node if kind == Type::Date => {
                days_after(&node).map(DayArgument::AfterAsOf).ok_or_else(|| wrong(self))
            }
            _ => Err(wrong(self)),
        }
    }

    /// A column of orders as an argument, named in a text.
    fn column_argument(&mut self, argument: &Expr, usage: &str) -> Result<(String, Holds)> {
        let name = self.text_argument(argument, usage)?;
        let place = leftmost(argument);
        match self.vocabulary.order_column(&name) {
            Found::One(name, kind) => Ok((name.to_owned(), kind)),
            Found::Later => Ok((name, Holds::Text)),
            Found::Several(names) => {
                let names = names.into_iter().map(written).collect::<Vec<_>>().join(", ");
                Err(self.complain(place, "several", &[("seen", name), ("names", names)]))
            }
            Found::Nothing => Err(self.no_order_column(name, place)),
        }
    }

    fn no_order_column(&self, name: String, place: Span) -> Error {
        let near = close(&name, self.vocabulary.order_columns());
        let hint = if near.is_ok() { "did_you_mean" } else { "condition_no_column_hint" };
        let near = near.unwrap_or_else(|names| names);
        complain_with(self.text, place, "no_order_column", hint, &[("seen", name), ("near", near)])
    }
}

/// The number of days after the as-of day, if the node is `as_of` plus or minus whole days and nothing else.
fn days_after(node: &Node) -> Option<i32> {
    let days = |node: &Node| match node {
        Node::Constant(Constant::Exact(days, 0)) if days.abs() <= MOST_DAYS => i32::try_from(*days).ok(),
        _ => None,
    };
    match node {
        Node::AsOf => Some(0),
        Node::Arithmetic(Arithmetic::Add, left, right, _) => match days_after(left) {
            Some(after) => after.checked_add(days(right)?),
            None => days_after(right)?.checked_add(days(left)?),
        },
        Node::Arithmetic(Arithmetic::Subtract, left, right, _) => days_after(left)?.checked_sub(days(right)?),
        _ => None,
    }
}

/// Whether a span of days certainly ends before it begins.
fn is_after(from: DayArgument, to: DayArgument) -> bool {
    match (from, to) {
        (DayArgument::On(from), DayArgument::On(to)) => from > to,
        (DayArgument::AfterAsOf(from), DayArgument::AfterAsOf(to)) => from > to,
        _ => false,
    }
}
