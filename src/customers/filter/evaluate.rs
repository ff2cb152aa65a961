//! Evaluates nodes over the rows of a frame.

use std::collections::HashSet;
use std::hash::Hash;
use std::ops::{BitAnd, BitOr};

use polars::prelude::*;
use sqlparser::tokenizer::Span;

use super::complaint::complain;
use super::node::{Arithmetic, Comparison, Constant, Node};
use super::values::{TooLarge, Values, rescaled};
use crate::error::{Error, Result};
use crate::schema::Day;

/// The data that a condition is evaluated on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evaluation<'a> {
    pub(super) frame: &'a DataFrame,
    /// The value of `as_of`.
    pub(super) as_of: Day,
    /// The text of the condition, for errors.
    pub(super) text: &'a str,
}

impl Evaluation<'_> {
    /// The values of a node, one per row.
    pub(super) fn values(&self, node: &Node) -> Result<Values> {
        Ok(self.of(node)?.spread(self.frame.height()))
    }

    /// The truth of a node for each row: true, false or unknown.
    pub(super) fn truths(&self, node: &Node) -> Result<BooleanChunked> {
        match self.values(node)? {
            Values::Truth(truths) => Ok(truths),
            _ => Err(unsettled()),
        }
    }

    fn of(&self, node: &Node) -> Result<Values> {
        Ok(match node {
            Node::Column(name, kind) => Values::of_column(self.frame, name, *kind)?,
            Node::Constant(constant) => Values::of_constant(constant),
            Node::AsOf => Values::of_constant(&Constant::Date(self.as_of)),
            Node::Arithmetic(op, left, right, place) => {
                let result = calculated(*op, self.of(left)?, self.of(right)?);
                self.fits(result.ok_or_else(unsettled)?, *place)?
            }
            Node::Negated(inner, place) => {
                let zero = Values::of_constant(&Constant::Exact(0, 0));
                let result = calculated(Arithmetic::Subtract, zero, self.of(inner)?);
                self.fits(result.ok_or_else(unsettled)?, *place)?
            }
            Node::Compared(op, left, right, place) => {
                Values::Truth(self.compared(*op, self.of(left)?, self.of(right)?, *place)?)
            }
            Node::All(parts) => Values::Truth(self.joined(parts, |all, part| all.bitand(part))?),
            Node::Any(parts) => Values::Truth(self.joined(parts, |any, part| any.bitor(part))?),
            Node::Not(inner) => Values::Truth(!self.truth(inner)?),
            Node::IsNull(inner) => Values::Truth(self.of(inner)?.is_null()),
            Node::Is(inner, wanted) => {
                let is = |truth: Option<bool>| Some(truth == Some(*wanted));
                Values::Truth(arity::unary_elementwise(&self.truth(inner)?, is))
            }
            Node::Between(of, low, high, place) => {
                let of = self.of(of)?;
                let above = self.compared(Comparison::GreaterOrEqual, of.clone(), self.of(low)?, *place)?;
                let below = self.compared(Comparison::LessOrEqual, of, self.of(high)?, *place)?;
                Values::Truth(above & below)
            }
            Node::Among(of, list, place) => Values::Truth(self.among(of, list, *place)?),
            Node::Like(of, pattern) => {
                let texts = self.texts(of)?;
                let is_match = |text: Option<&str>| text.map(|text| pattern.matches(text));
                Values::Truth(arity::unary_elementwise(&texts, is_match))
            }
            Node::Lower(of) => {
                let texts = self.texts(of)?;
                Values::Text(arity::unary_elementwise(&texts, |text: Option<&str>| {
                    text.map(str::to_lowercase)
                }))
            }
            Node::Coalesce(nodes, place) => self.coalesce(nodes, *place)?,
        })
    }

    fn truth(&self, node: &Node) -> Result<BooleanChunked> {
        match self.of(node)? {
            Values::Truth(truths) => Ok(truths),
            _ => Err(unsettled()),
        }
    }

    fn texts(&self, node: &Node) -> Result<StringChunked> {
        match self.of(node)? {
            Values::Text(texts) => Ok(texts),
            _ => Err(unsettled()),
        }
    }

    /// Polars combines truths like SQL: unknown AND false is false, unknown OR true is true.
    fn joined(
        &self,
        parts: &[Node],
        join: impl Fn(BooleanChunked, BooleanChunked) -> BooleanChunked,
    ) -> Result<BooleanChunked> {
        let mut parts = parts.iter().map(|part| self.truth(part));
        let first = parts.next().ok_or_else(unsettled)??;
        parts.try_fold(first, |joined, part| Ok(join(joined, part?)))
    }

    fn compared(&self, op: Comparison, left: Values, right: Values, place: Span) -> Result<BooleanChunked> {
        let (left, right) = self.fits(left.alike(right).ok_or_else(unsettled)?, place)?;
        left.compare(op, &right).ok_or_else(unsettled)
    }

    fn coalesce(&self, nodes: &[Node], place: Span) -> Result<Values> {
        let rows = self.frame.height();
        let mut nodes = nodes.iter().map(|node| Ok(self.of(node)?.spread(rows)));
        let first = nodes.next().ok_or_else(unsettled)??;
        nodes.try_fold(first, |so_far, next: Result<Values>| {
            let (so_far, next) = self.fits(so_far.alike(next?).ok_or_else(unsettled)?, place)?;
            Ok(so_far.or_else(&next).ok_or_else(unsettled)??)
        })
    }

    /// For each value whether it is in a list. Constants of the list are found in a hash set, all others by comparison.
    /// If the list has a NULL, a value that is not found gives unknown.
    fn among(&self, of: &Node, list: &[Node], place: Span) -> Result<BooleanChunked> {
        let of = self.of(of)?;
        let mut texts = HashSet::new();
        let mut days = HashSet::new();
        let mut numbers: Vec<(i128, u8)> = Vec::new();
        let mut rest = Vec::new();
        for node in list {
            match (node, &of) {
                (Node::Constant(Constant::Text(text)), Values::Text(_)) => drop(texts.insert(text.as_str())),
                (Node::Constant(Constant::Date(day)), Values::Date(_)) => drop(days.insert(day.number())),
                (Node::Constant(Constant::Exact(units, decimals)), Values::Exact(..)) => {
                    numbers.push((*units, *decimals));
                }
                (other, _) => rest.push(other),
            }
        }
        let found = match &of {
            Values::Text(values) if !texts.is_empty() => {
                Some(arity::unary_elementwise(values, |value: Option<&str>| {
                    value.map(|value| texts.contains(value))
                }))
            }
            Values::Date(values) if !days.is_empty() => Some(membership(values, &days)),
            Values::Exact(values, decimals) if !numbers.is_empty() => {
                Some(self.fits(number_membership(values, *decimals, &numbers), place)?)
            }
            _ => None,
        };
        let mut found = found;
        for node in rest {
            let is_equal = self.compared(Comparison::Equal, of.clone(), self.of(node)?, place)?;
            found = Some(match found {
                Some(found) => found | is_equal,
                None => is_equal,
            });
        }
        found.ok_or_else(unsettled)
    }

    /// Turns an overflow into an error at its place, so that it never becomes NULL.
    fn fits<T>(&self, result: Result<T, TooLarge>, place: Span) -> Result<T> {
        result.map_err(|TooLarge| complain(self.text, place, "too_large", &[]))
    }
}

/// The error for operands whose types do not fit, which checking has ruled out.
fn unsettled() -> Error {
    Error::Internal("a condition was evaluated whose kinds are not settled".to_owned())
}

fn membership<T>(values: &ChunkedArray<T>, list: &HashSet<T::Native>) -> BooleanChunked
where
    T: PolarsNumericType + for<'a> PolarsDataType<Physical<'a> = <T as PolarsNumericType>::Native>,
    T::Native: Hash + Eq,
{
    arity::unary_elementwise(values, |value: Option<T::Native>| value.map(|value| list.contains(&value)))
}

fn number_membership(
    values: &Int128Chunked,
    decimals: u8,
    list: &[(i128, u8)],
) -> Result<BooleanChunked, TooLarge> {
    let most = list.iter().map(|(_, decimals)| *decimals).fold(decimals, u8::max);
    let scaled = |(units, decimals): &(i128, u8)| {
        10_i128
            .checked_pow(u32::from(most - decimals))
            .and_then(|factor| units.checked_mul(factor))
            .ok_or(TooLarge)
    };
    let list = list.iter().map(scaled).collect::<Result<HashSet<i128>, TooLarge>>()?;
    Ok(membership(&rescaled(values, decimals, most)?, &list))
}

/// The result of a calculation; `None` if the types of the operands do not fit.
fn calculated(op: Arithmetic, left: Values, right: Values) -> Option<Result<Values, TooLarge>> {
    Some(match (left, op, right) {
        (Values::Date(left), Arithmetic::Subtract, Values::Date(right)) => {
            let days = |left: i32, right: i32| Ok(i128::from(left) - i128::from(right));
            each(&left, &right, |left, right| days(left, right).map(Some)).map(|days| Values::Exact(days, 0))
        }
        (Values::Date(dates), _, Values::Exact(days, 0)) => {
            let sign = if op == Arithmetic::Subtract { -1 } else { 1 };
            shifted(&dates, &days, sign)
        }
        (Values::Exact(days, 0), Arithmetic::Add, Values::Date(dates)) => shifted(&dates, &days, 1),
        (left, Arithmetic::Divide, right) => return divided(left, right),
        (Values::Exact(left, ours), Arithmetic::Multiply, Values::Exact(right, theirs))
            if ours + theirs <= super::literals::MOST_DECIMALS =>
        {
            let product = |left: i128, right: i128| left.checked_mul(right).map(Some).ok_or(TooLarge);
            each(&left, &right, product).map(|units| Values::Exact(units, ours + theirs))
        }
        (left @ Values::Exact(..), Arithmetic::Add | Arithmetic::Subtract, right @ Values::Exact(..)) => {
            match left.alike(right)? {
                Ok((Values::Exact(left, decimals), Values::Exact(right, _))) => {
                    let sum = |left: i128, right: i128| match op {
                        Arithmetic::Add => left.checked_add(right).map(Some).ok_or(TooLarge),
                        _ => left.checked_sub(right).map(Some).ok_or(TooLarge),
                    };
                    each(&left, &right, sum).map(|units| Values::Exact(units, decimals))
                }
                Ok(_) => return None,
                Err(error) => Err(error),
            }
        }
        (left, _, right) => {
            let real = |left: f64, right: f64| match op {
                Arithmetic::Add => finite(left + right),
                Arithmetic::Subtract => finite(left - right),
                _ => finite(left * right),
            };
            each(&left.real()?, &right.real()?, real).map(Values::Real)
        }
    })
}

/// The quotient. Exact numbers are first brought to the same number of decimals. With up to fifteen digits the result
/// is then the floating-point number closest to the true quotient, and equal to the number a person would write for it.
fn divided(left: Values, right: Values) -> Option<Result<Values, TooLarge>> {
    if let (Values::Exact(..), Values::Exact(..)) = (&left, &right)
        && let Ok((Values::Exact(left, _), Values::Exact(right, _))) = left.clone().alike(right.clone())?
    {
        let quotient = |left: i128, right: i128| match right {
            0 => Ok(None),
            right => finite(left as f64 / right as f64),
        };
        return Some(each(&left, &right, quotient).map(Values::Real));
    }
    let quotient = |left: f64, right: f64| if right == 0.0 { Ok(None) } else { finite(left / right) };
    Some(each(&left.real()?, &right.real()?, quotient).map(Values::Real))
}

fn finite(real: f64) -> Result<Option<f64>, TooLarge> {
    real.is_finite().then_some(Some(real)).ok_or(TooLarge)
}

fn shifted(dates: &Int32Chunked, days: &Int128Chunked, sign: i128) -> Result<Values, TooLarge> {
    let shifted = |date: i32, days: i128| {
        let day = days.checked_mul(sign).and_then(|days| days.checked_add(i128::from(date)));
        day.and_then(|day| i32::try_from(day).ok()).map(Some).ok_or(TooLarge)
    };
    each(dates, days, shifted).map(Values::Date)
}

/// Applies an operation to each pair of values; the result is NULL if either is.
fn each<L, R, T>(
    left: &ChunkedArray<L>,
    right: &ChunkedArray<R>,
    operation: impl Fn(L::Native, R::Native) -> Result<Option<T::Native>, TooLarge>,
) -> Result<ChunkedArray<T>, TooLarge>
where
    L: PolarsNumericType + for<'a> PolarsDataType<Physical<'a> = <L as PolarsNumericType>::Native>,
    R: PolarsNumericType + for<'a> PolarsDataType<Physical<'a> = <R as PolarsNumericType>::Native>,
    T: PolarsNumericType,
    T::Array: ArrayFromIter<Option<T::Native>>,
{
    arity::broadcast_try_binary_elementwise(
        left,
        right,
        |left: Option<L::Native>, right: Option<R::Native>| match (left, right) {
            (Some(left), Some(right)) => operation(left, right),
            _ => Ok(None),
        },
    )
}
