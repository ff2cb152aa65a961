//! Turns sqlparser's tree into nodes: resolves every name and decides the type of every value.

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Spanned, TypedString, UnaryOperator, Value, ValueWithSpan,
};
use sqlparser::tokenizer::{Location, Span};

use super::calls::Call;
use super::complaint::complain;
use super::literals;
use super::node::{Arithmetic, Comparison, Constant, Node, Type};
use super::vocabulary::Vocabulary;
use crate::error::{Error, Result};

/// The most levels of nested operations, so that no condition exhausts the stack.
const DEPTH: usize = 64;

/// A node with its type and its place in the text.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) node: Node,
    pub(super) kind: Type,
    pub(super) place: Span,
}

impl Typed {
    pub(super) fn new(node: Node, kind: Type, place: Span) -> Self {
        Self { node, kind, place }
    }

    pub(super) fn is_null(&self) -> bool {
        self.kind == Type::Null
    }

    /// The text, where it is one written in the condition.
    pub(super) fn written_text(&self) -> Option<&str> {
        match &self.node {
            Node::Constant(Constant::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// Checks a tree, and collects the columns and calls in it.
#[derive(Debug)]
pub(super) struct Checker<'a> {
    pub(super) text: &'a str,
    pub(super) vocabulary: &'a Vocabulary,
    /// The exact names of the columns, each once, in the order in which they appear.
    pub(super) columns: Vec<String>,
    /// The calls of functions about the data, each once.
    pub(super) calls: Vec<Call>,
    /// Whether a name can only be resolved by the files.
    pub(super) is_open: bool,
    depth: usize,
}

impl<'a> Checker<'a> {
    pub(super) fn new(text: &'a str, vocabulary: &'a Vocabulary) -> Self {
        Self { text, vocabulary, columns: Vec::new(), calls: Vec::new(), is_open: false, depth: 0 }
    }

    /// Checks a tree whose value must be true or false.
    pub(super) fn condition(&mut self, expr: &Expr) -> Result<Typed> {
        let checked = self.check(expr)?;
        let kind = ("kind", checked.kind.words().to_string());
        match checked.kind {
            Type::Truth | Type::Later => Ok(checked),
            Type::Null => Ok(with_type(checked, Type::Truth)),
            Type::Date => Err(self.complain(
                checked.place,
                "no_condition",
                &[kind, ("example", "= '2026-01-31'".into())],
            )),
            Type::Text => {
                Err(self.complain(checked.place, "no_condition", &[kind, ("example", "= '…'".into())]))
            }
            Type::Exact(_) | Type::Real => {
                Err(self.complain(checked.place, "no_condition", &[kind, ("example", "> 0".into())]))
            }
        }
    }

    /// Checks a tree of any type.
    pub(super) fn check(&mut self, expr: &Expr) -> Result<Typed> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.complain(Span::empty(), "too_deep", &[]));
        }
        let checked = self.step(expr)?;
        self.depth -= 1;
        Ok(checked)
    }

    fn step(&mut self, expr: &Expr) -> Result<Typed> {
        match expr {
            Expr::Identifier(ident) => self.name(ident),
            Expr::Value(value) => self.value(value),
            Expr::TypedString(TypedString { data_type: DataType::Date, value, .. }) => {
                let text = self.value(value)?;
                self.as_date(text)
            }
            Expr::Nested(inner) => self.check(inner),
            Expr::UnaryOp { op, expr: inner } => self.unary(*op, inner),
            Expr::BinaryOp { left, op, right } => self.binary(expr, left, op, right),
            Expr::IsNull(inner) => self.is_null(inner, false),
            Expr::IsNotNull(inner) => self.is_null(inner, true),
            Expr::IsTrue(inner) => self.is_truth(inner, true, false),
            Expr::IsNotTrue(inner) => self.is_truth(inner, true, true),
            Expr::IsFalse(inner) => self.is_truth(inner, false, false),
            Expr::IsNotFalse(inner) => self.is_truth(inner, false, true),
            Expr::InList { expr, list, negated } => self.among(expr, list, *negated),
            Expr::Between { expr, negated, low, high } => self.between(expr, low, high, *negated),
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like(expr, pattern, escape_char.as_ref(), (*negated, false))
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char } => {
                self.like(expr, pattern, escape_char.as_ref(), (*negated, true))
            }
            Expr::Function(function) => self.function(function),
            other => Err(self.complain(leftmost(other), "beyond", &[])),
        }
    }

    fn value(&self, value: &ValueWithSpan) -> Result<Typed> {
        let constant = match &value.value {
            Value::Number(digits, _) => literals::number(digits)
                .ok_or_else(|| self.complain(value.span, "number", &[("seen", digits.clone())]))?,
            Value::SingleQuotedString(text) => Constant::Text(text.clone()),
            Value::Boolean(truth) => Constant::Truth(*truth),
            Value::Null => Constant::Null(Type::Null),
            _ => return Err(self.complain(value.span, "beyond", &[])),
        };
        let kind = type_of(&constant);
        Ok(Typed::new(Node::Constant(constant), kind, value.span))
    }

    fn unary(&mut self, op: UnaryOperator, inner: &Expr) -> Result<Typed> {
        match op {
            UnaryOperator::Not => {
                let inner = self.condition(inner)?;
                Ok(negated(inner, true))
            }
            UnaryOperator::Minus | UnaryOperator::Plus => {
                let inner = self.check(inner)?;
                let inner = if inner.is_null() { with_type(inner, Type::Exact(0)) } else { inner };
                let place = to_the_left(inner.place);
                let node = match inner.node {
                    _ if !(inner.kind.is_number() || inner.kind == Type::Later) => {
                        let kind = inner.kind.words().to_string();
                        return Err(self.complain(inner.place, "calculate", &[("kind", kind)]));
                    }
                    node if op == UnaryOperator::Plus => node,
                    Node::Constant(Constant::Exact(units, decimals)) => {
                        Node::Constant(Constant::Exact(-units, decimals))
                    }
                    Node::Constant(Constant::Real(real)) => Node::Constant(Constant::Real(-real)),
                    node => Node::Negated(Box::new(node), place),
                };
                Ok(Typed::new(node, inner.kind, place))
            }
            _ => Err(self.complain(leftmost(inner), "beyond", &[])),
        }
    }

    fn binary(&mut self, whole: &Expr, left: &Expr, op: &BinaryOperator, right: &Expr) -> Result<Typed> {
        let comparison = match op {
            BinaryOperator::And | BinaryOperator::Or => return self.chain(whole, op),
            BinaryOperator::Plus => return self.calculation(left, Arithmetic::Add, right),
            BinaryOperator::Minus => return self.calculation(left, Arithmetic::Subtract, right),
            BinaryOperator::Multiply => return self.calculation(left, Arithmetic::Multiply, right),
            BinaryOperator::Divide => return self.calculation(left, Arithmetic::Divide, right),
            op => comparison(op),
        };
        match comparison {
            Some(comparison) => self.comparison(left, comparison, right),
            None => Err(self.complain(leftmost(whole), "beyond", &[])),
        }
    }

    /// `a AND b AND c`, which sqlparser nests to the left, as one list.
    fn chain(&mut self, whole: &Expr, joined: &BinaryOperator) -> Result<Typed> {
        let mut parts = Vec::new();
        let mut rest = whole;
        while let Expr::BinaryOp { left, op, right } = rest
            && op == joined
        {
            parts.push(&**right);
            rest = left;
        }
        parts.push(rest);
        let parts = parts.into_iter().rev().map(|part| self.condition(part)).collect::<Result<Vec<_>>>()?;
        let place = Span::union_iter(parts.iter().map(|part| part.place));
        let nodes = parts.into_iter().map(|part| part.node).collect();
        let node = if *joined == BinaryOperator::And { Node::All(nodes) } else { Node::Any(nodes) };
        Ok(Typed::new(node, Type::Truth, place))
    }

    fn is_null(&mut self, inner: &Expr, is_negated: bool) -> Result<Typed> {
        let inner = self.check(inner)?;
        let inner = if inner.is_null() { with_type(inner, Type::Truth) } else { inner };
        let node = Node::IsNull(Box::new(inner.node));
        Ok(negated(Typed::new(node, Type::Truth, inner.place), is_negated))
    }

    fn is_truth(&mut self, inner: &Expr, truth: bool, is_negated: bool) -> Result<Typed> {
        let inner = self.condition(inner)?;
        let node = Node::Is(Box::new(inner.node), truth);
        Ok(negated(Typed::new(node, Type::Truth, inner.place), is_negated))
    }

    /// An error of wrong usage, with a mark at the place in the text.
    pub(super) fn complain(&self, place: Span, key: &str, values: super::complaint::Values<'_>) -> Error {
        complain(self.text, place, key, values)
    }
}

/// NULL, or another value without a type of its own, as a value of the given type.
pub(super) fn with_type(typed: Typed, kind: Type) -> Typed {
    Typed { node: Node::Constant(Constant::Null(kind)), kind, place: typed.place }
}

pub(super) fn negated(typed: Typed, is_negated: bool) -> Typed {
    match is_negated {
        true => Typed { node: Node::Not(Box::new(typed.node)), ..typed },
        false => typed,
    }
}

/// The start of an expression. (The expression's own `span` method walks through the whole tree, however deep it is.)
pub(super) fn leftmost(expr: &Expr) -> Span {
    let mut expr = expr;
    loop {
        expr = match expr {
            Expr::BinaryOp { left, .. } => left,
            Expr::UnaryOp { expr, .. }
            | Expr::Nested(expr)
            | Expr::IsNull(expr)
            | Expr::IsNotNull(expr)
            | Expr::IsTrue(expr)
            | Expr::IsNotTrue(expr)
            | Expr::IsFalse(expr)
            | Expr::IsNotFalse(expr)
            | Expr::IsUnknown(expr)
            | Expr::IsNotUnknown(expr)
            | Expr::IsDistinctFrom(expr, _)
            | Expr::IsNotDistinctFrom(expr, _)
            | Expr::Between { expr, .. }
            | Expr::InList { expr, .. }
            | Expr::Like { expr, .. }
            | Expr::ILike { expr, .. } => expr,
            Expr::Tuple(exprs) if !exprs.is_empty() => &exprs[0],
            Expr::TypedString(TypedString { value, .. }) => return value.span,
            Expr::Identifier(ident) => return ident.span,
            Expr::Function(function) => return function.name.span(),
            Expr::Value(value) => return value.span,
            _ => return Span::empty(),
        };
    }
}

fn type_of(constant: &Constant) -> Type {
    match constant {
        Constant::Text(_) => Type::Text,
        Constant::Exact(_, decimals) => Type::Exact(*decimals),
        Constant::Real(_) => Type::Real,
        Constant::Date(_) => Type::Date,
        Constant::Truth(_) => Type::Truth,
        Constant::Null(kind) => *kind,
    }
}

fn comparison(op: &BinaryOperator) -> Option<Comparison> {
    Some(match op {
        BinaryOperator::Eq => Comparison::Equal,
        BinaryOperator::NotEq => Comparison::Unequal,
        BinaryOperator::Lt => Comparison::Less,
        BinaryOperator::LtEq => Comparison::LessOrEqual,
        BinaryOperator::Gt => Comparison::Greater,
        BinaryOperator::GtEq => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

/// The place, extended by the sign in front of it.
fn to_the_left(place: Span) -> Span {
    let Location { line, column } = place.start;
    Span::new(Location::new(line, column.saturating_sub(1).max(1)), place.end)
}
