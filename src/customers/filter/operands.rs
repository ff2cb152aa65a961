//! Checks which operands fit together, in comparisons, lists and calculations.

use sqlparser::ast::{BinaryOperator, Expr};
use sqlparser::tokenizer::Span;

use super::check::{Checker, Typed, leftmost, negated, with_type};
use super::complaint::complain_with;
use super::literals::{self, MOST_DECIMALS};
use super::node::{Arithmetic, Comparison, Constant, Node, Type};
use crate::error::{Error, Result};

impl Checker<'_> {
    /// A comparison, for example `left = right`.
    pub(super) fn comparison(&mut self, left: &Expr, op: Comparison, right: &Expr) -> Result<Typed> {
        if let Expr::BinaryOp { op, .. } = left
            && is_comparison(op)
        {
            return Err(self.complain(leftmost(right), "chained", &[]));
        }
        let (left, right) = (self.check(left)?, self.check(right)?);
        for side in [&left, &right] {
            if side.is_null() {
                let key = if op == Comparison::Unequal { "not_equal_null" } else { "equal_null" };
                return Err(self.complain(side.place, key, &[]));
            }
        }
        let (kind, sides) = self.settle(vec![left, right])?;
        let place = Span::union_iter(sides.iter().map(|side| side.place));
        if kind == Type::Truth && !matches!(op, Comparison::Equal | Comparison::Unequal) {
            return Err(self.complain(place, "ordered_truth", &[]));
        }
        let [left, right] = boxed(sides);
        Ok(Typed::new(Node::Compared(op, left, right, place), Type::Truth, place))
    }

    /// `of BETWEEN low AND high`.
    pub(super) fn between(&mut self, of: &Expr, low: &Expr, high: &Expr, is_negated: bool) -> Result<Typed> {
        let sides = vec![self.check(of)?, self.check(low)?, self.check(high)?];
        let (kind, sides) = self.settle(sides)?;
        let place = Span::union_iter(sides.iter().map(|side| side.place));
        if kind == Type::Truth {
            return Err(self.complain(place, "ordered_truth", &[]));
        }
        let [of, low, high] = boxed(sides);
        let node = Node::Between(of, low, high, place);
        Ok(negated(Typed::new(node, Type::Truth, place), is_negated))
    }

    /// `of IN (list)`.
    pub(super) fn among(&mut self, of: &Expr, list: &[Expr], is_negated: bool) -> Result<Typed> {
        let mut sides = vec![self.check(of)?];
        for item in list {
            sides.push(self.check(item)?);
        }
        let (_, sides) = self.settle(sides)?;
        let place = Span::union_iter(sides.iter().map(|side| side.place));
        let mut nodes = sides.into_iter().map(|side| side.node);
        // The value before the list is always there.
        let of = Box::new(nodes.next().unwrap_or(Node::AsOf));
        let node = Node::Among(of, nodes.collect(), place);
        Ok(negated(Typed::new(node, Type::Truth, place), is_negated))
    }

    /// Brings operands to one type: NULLs take that type, and texts beside dates are parsed as dates.
    pub(super) fn settle(&self, operands: Vec<Typed>) -> Result<(Type, Vec<Typed>)> {
        let has_type = |typed: &&Typed| !matches!(typed.kind, Type::Null | Type::Later);
        let is_date = operands.iter().any(|operand| operand.kind == Type::Date);
        let is_other = |typed: &&Typed| !is_date || typed.written_text().is_none();
        let first =
            operands.iter().filter(has_type).find(is_other).or(operands.iter().find(has_type)).cloned();
        let Some(first) = first else {
            let is_later = operands.iter().any(|operand| operand.kind == Type::Later);
            let kind = if is_later { Type::Later } else { Type::Null };
            let settled = operands.into_iter().map(|operand| with_type(operand, kind)).collect();
            return Ok((kind, settled));
        };
        let settled = operands.into_iter().map(|operand| match operand.kind {
            Type::Null => Ok(with_type(operand, first.kind)),
            Type::Later => Ok(operand),
            Type::Text if first.kind == Type::Date => self.as_date(operand),
            kind if kind == first.kind || (kind.is_number() && first.kind.is_number()) => Ok(operand),
            _ => Err(self.mismatch(&first, &operand)),
        });
        let settled = settled.collect::<Result<Vec<Typed>>>()?;
        let kind = settled.iter().filter(has_type).map(|operand| operand.kind).reduce(wider);
        Ok((kind.unwrap_or(first.kind), settled))
    }

    /// A text written in the condition, as the date that it must be.
    pub(super) fn as_date(&self, operand: Typed) -> Result<Typed> {
        let Some(text) = operand.written_text() else {
            let values =
                [("left", Type::Date.words().to_string()), ("right", operand.kind.words().to_string())];
            return Err(self.complain(operand.place, "kinds", &values));
        };
        match literals::day(text) {
            Some(day) => Ok(Typed::new(Node::Constant(Constant::Date(day)), Type::Date, operand.place)),
            None => Err(self.complain(operand.place, "no_date", &[("seen", text.to_owned())])),
        }
    }

    /// The error that two operands cannot be compared. The one that is written in the condition is marked.
    fn mismatch(&self, first: &Typed, other: &Typed) -> Error {
        let is_written = |typed: &Typed| matches!(typed.node, Node::Constant(_));
        let (right, left) =
            if is_written(first) && !is_written(other) { (first, other) } else { (other, first) };
        let written = right.written_text().unwrap_or_default();
        let seen = self.at(right.place);
        let hint = match (left.kind, right.kind) {
            (Type::Text, kind) if kind.is_number() && is_written(right) => "condition_kinds_text_hint",
            (kind, Type::Text) if kind.is_number() && literals::number(written).is_some() => {
                "condition_kinds_number_hint"
            }
            (Type::Truth, _) if is_written(right) => "condition_kinds_truth_hint",
            (Type::Date, kind) if kind.is_number() => "condition_kinds_date_hint",
            _ => "condition_kinds_hint",
        };
        let values = [
            ("left", left.kind.words().to_string()),
            ("right", right.kind.words().to_string()),
            ("seen", if right.written_text().is_some() { written.to_owned() } else { seen }),
        ];
        complain_with(self.text, right.place, "kinds", hint, &values)
    }

    /// A calculation, for example `left + right`.
    pub(super) fn calculation(&mut self, left: &Expr, op: Arithmetic, right: &Expr) -> Result<Typed> {
        let (mut left, mut right) = (self.check(left)?, self.check(right)?);
        if op == Arithmetic::Subtract && left.kind == Type::Date && right.written_text().is_some() {
            right = self.as_date(right)?;
        }
        if op == Arithmetic::Subtract && right.kind == Type::Date && left.written_text().is_some() {
            left = self.as_date(left)?;
        }
        let place = left.place.union(&right.place);
        // NULL counts as a number here, and beside a date as a number of days.
        let [left, right] = [left, right].map(|side| match side.is_null() {
            true => with_type(side, Type::Exact(0)),
            false => side,
        });
        let kind = match (left.kind, op, right.kind) {
            (Type::Later, _, other) | (other, _, Type::Later)
                if !matches!(other, Type::Text | Type::Truth) =>
            {
                Type::Later
            }
            (Type::Date, Arithmetic::Subtract, Type::Date) => Type::Exact(0),
            (Type::Date, Arithmetic::Add | Arithmetic::Subtract, Type::Exact(0))
            | (Type::Exact(0), Arithmetic::Add, Type::Date) => Type::Date,
            (Type::Date, _, _) | (_, _, Type::Date) => {
                return Err(self.complain(place, "calculate_date", &[]));
            }
            (left_kind, op, right_kind) if left_kind.is_number() && right_kind.is_number() => {
                number_type(left_kind, op, right_kind)
            }
            (left_kind, ..) => {
                let wrong = if left_kind.is_number() || left_kind == Type::Later { &right } else { &left };
                let kind = ("kind", wrong.kind.words().to_string());
                return Err(self.complain(wrong.place, "calculate", &[kind]));
            }
        };
        let [left, right] = boxed(vec![left, right]);
        Ok(Typed::new(Node::Arithmetic(op, left, right, place), kind, place))
    }

    /// The text at a place within one line.
    fn at(&self, place: Span) -> String {
        let line =
            self.text.split('\n').nth((place.start.line as usize).saturating_sub(1)).unwrap_or_default();
        let start = (place.start.column as usize).saturating_sub(1);
        let length = (place.end.column as usize).saturating_sub(1 + start);
        line.chars().skip(start).take(length).collect()
    }
}

/// The type that can hold the values of both types.
fn wider(left: Type, right: Type) -> Type {
    match (left, right) {
        (Type::Exact(left), Type::Exact(right)) => Type::Exact(left.max(right)),
        (Type::Real, Type::Exact(_)) | (Type::Exact(_), Type::Real) => Type::Real,
        (left, _) => left,
    }
}

fn number_type(left: Type, op: Arithmetic, right: Type) -> Type {
    match (left, op, right) {
        (Type::Exact(left), Arithmetic::Add | Arithmetic::Subtract, Type::Exact(right)) => {
            Type::Exact(left.max(right))
        }
        (Type::Exact(left), Arithmetic::Multiply, Type::Exact(right)) if left + right <= MOST_DECIMALS => {
            Type::Exact(left + right)
        }
        _ => Type::Real,
    }
}

fn is_comparison(op: &BinaryOperator) -> bool {
    matches!(
        op,
        BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq
    )
}

fn boxed<const N: usize>(operands: Vec<Typed>) -> [Box<Node>; N] {
    let mut nodes = operands.into_iter().map(|operand| Box::new(operand.node));
    // Settling returns as many operands as it was given.
    std::array::from_fn(|_| nodes.next().unwrap_or_else(|| Box::new(Node::AsOf)))
}
