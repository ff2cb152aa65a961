//! Calls of functions, both of those evaluated here and of those about the data.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Spanned,
};
use sqlparser::tokenizer::Span;

use super::calls::Call;
use super::check::{Checker, Typed, with_type};
use super::complaint::complain_with;
use super::node::{Node, Type};
use super::vocabulary::Found;
use crate::error::{Error, Result};
use crate::schema::nearest;

/// All functions, with examples of calls.
const FUNCTIONS: [(&str, &str); 9] = [
    ("has_tag", "has_tag('x')"),
    ("bought", "bought('P101'), bought('P101', 30)"),
    ("bought_category", "bought_category('茶'), bought_category('茶', 30)"),
    ("order_count", "order_count('2026-01-01', '2026-03-31')"),
    ("net_amount", "net_amount('2026-01-01', as_of)"),
    ("first", "first('coupon_code')"),
    ("last", "last('payment_method')"),
    ("lower", "lower(x)"),
    ("coalesce", "coalesce(x, y)"),
];

/// The functions that need no data beyond the columns.
const EVALUATED: [&str; 2] = ["lower", "coalesce"];

/// Names of functions in other programs that return today's date.
const TODAY: [&str; 5] = ["now", "today", "curdate", "getdate", "sysdate"];

/// Examples of calls of a function. It is for names that are no column.
pub(super) fn usage(name: &str) -> Option<&'static str> {
    FUNCTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, usage)| *usage)
}

impl Checker<'_> {
    pub(super) fn function(&mut self, function: &Function) -> Result<Typed> {
        let place = function.name.span();
        let written = function.name.to_string();
        let name = written.to_lowercase();
        let is_here = EVALUATED.contains(&name.as_str()) || self.vocabulary.has_functions();
        let Some(usage) = usage(&name).filter(|_| is_here) else {
            return Err(self.no_function(&written, place));
        };
        let arguments = arguments(function).ok_or_else(|| self.complain(place, "beyond", &[]))?;
        let call = match name.as_str() {
            "lower" => return self.lower(&arguments, place, usage),
            "coalesce" => return self.coalesce(&arguments, place, usage),
            _ => self.call(&name, &arguments, place, usage)?,
        };
        let typed = Typed::new(Node::Column(call.to_string(), call.holds()), call.holds().into(), place);
        // A column of orders that only the files can resolve has no type yet.
        let is_later = matches!(&call, Call::First(column, _) | Call::Last(column, _)
            if matches!(self.vocabulary.order_column(column), Found::Later));
        if !self.calls.contains(&call) {
            self.calls.push(call);
        }
        self.is_open |= is_later;
        Ok(if is_later { with_type(typed, Type::Later) } else { typed })
    }

    fn no_function(&self, name: &str, place: Span) -> Error {
        let known = FUNCTIONS.iter().map(|(known, _)| *known);
        let known = known.filter(|known| EVALUATED.contains(known) || self.vocabulary.has_functions());
        let is_column = self.vocabulary.columns().any(|column| column.eq_ignore_ascii_case(name));
        let near = nearest(name, known.clone());
        let hint = match near {
            _ if TODAY.contains(&name.to_lowercase().as_str()) => "condition_today_hint",
            _ if is_column => "condition_is_column_hint",
            Some(_) => "did_you_mean",
            None => "condition_no_function_hint",
        };
        let all = known.collect::<Vec<_>>().join(", ");
        let values =
            [("seen", name.to_owned()), ("near", near.unwrap_or_default().to_owned()), ("names", all)];
        complain_with(self.text, place, "no_function", hint, &values)
    }

    fn lower(&mut self, arguments: &[&Expr], place: Span, usage: &str) -> Result<Typed> {
        let [argument] = arguments else {
            return Err(self.wrong_arguments(place, usage));
        };
        let of = self.check(argument)?;
        let of = if of.is_null() { with_type(of, Type::Text) } else { of };
        match of.kind {
            Type::Text | Type::Later => {
                Ok(Typed::new(Node::Lower(Box::new(of.node)), of.kind, place.union(&of.place)))
            }
            kind => Err(self.complain(of.place, "lower_text", &[("kind", kind.words().to_string())])),
        }
    }

    fn coalesce(&mut self, arguments: &[&Expr], place: Span, usage: &str) -> Result<Typed> {
        if arguments.is_empty() {
            return Err(self.wrong_arguments(place, usage));
        }
        let mut checked = Vec::with_capacity(arguments.len());
        for argument in arguments {
            checked.push(self.check(argument)?);
        }
        let (kind, settled) = self.settle(checked)?;
        let place = place.union(&Span::union_iter(settled.iter().map(|one| one.place)));
        let nodes = settled.into_iter().map(|one| one.node).collect();
        Ok(Typed::new(Node::Coalesce(nodes, place), kind, place))
    }

    /// The error that a function does not take arguments of this number or type.
    pub(super) fn wrong_arguments(&self, place: Span, usage: &str) -> Error {
        self.complain(place, "arguments", &[("usage", usage.to_owned())])
    }
}

/// The arguments of a call; none if the call has clauses of SQL that are not supported.
fn arguments(function: &Function) -> Option<Vec<&Expr>> {
    let is_plain = function.filter.is_none()
        && function.over.is_none()
        && function.null_treatment.is_none()
        && function.within_group.is_empty()
        && !function.uses_odbc_syntax
        && matches!(function.parameters, FunctionArguments::None);
    let FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses }) =
        &function.args
    else {
        return None;
    };
    if !is_plain || !clauses.is_empty() {
        return None;
    }
    let argument = |arg| match arg {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Some(expr),
        _ => None,
    };
    args.iter().map(argument).collect()
}
