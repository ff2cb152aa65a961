//! Conditions whose names and types are resolved.

use sqlparser::tokenizer::Span;

use super::pattern::Pattern;
use crate::locale::Words;
use crate::schema::{Day, Holds};

/// A node of a condition: an operand or an operation.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Column(String, Holds),
    Constant(Constant),
    AsOf,
    /// A calculation with numbers, or with dates and whole days. The place is for the error if numbers overflow.
    Arithmetic(Arithmetic, Box<Node>, Box<Node>, Span),
    Negated(Box<Node>, Span),
    Compared(Comparison, Box<Node>, Box<Node>, Span),
    /// All of them: `AND`.
    All(Vec<Node>),
    /// Any of them: `OR`.
    Any(Vec<Node>),
    Not(Box<Node>),
    IsNull(Box<Node>),
    /// `IS TRUE` or `IS FALSE`; the result is never unknown.
    Is(Box<Node>, bool),
    Between(Box<Node>, Box<Node>, Box<Node>, Span),
    /// `IN`.
    Among(Box<Node>, Vec<Node>, Span),
    Like(Box<Node>, Pattern),
    Lower(Box<Node>),
    /// The first value that is not NULL.
    Coalesce(Vec<Node>, Span),
}

/// A value written in the condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant {
    Text(String),
    /// An exact number: its digits as a whole number, and how many of them are decimals.
    Exact(i128, u8),
    Real(f64),
    /// A day.
    Date(Day),
    Truth(bool),
    /// NULL of a type.
    Null(Type),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The type of a node's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    /// Exact numbers with this number of decimals.
    Exact(u8),
    Real,
    Date,
    Truth,
    /// NULL, which fits every type.
    Null,
    /// The unknown type of a column that only the files can resolve.
    Later,
}

/// The number of decimals of amounts.
pub(super) const AMOUNT_DECIMALS: u8 = crate::schema::money::SCALE as u8;

impl Type {
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Exact(_) | Self::Real)
    }

    /// The name of the type in messages.
    pub(super) fn words(self) -> Words {
        let key = match self {
            Self::Text => "text",
            Self::Exact(0) => "whole",
            Self::Exact(_) | Self::Real => "number",
            Self::Date => "date",
            Self::Truth => "boolean",
            Self::Null | Self::Later => return Words::verbatim("NULL"),
        };
        Words::of("condition", key, &[])
    }
}

impl From<Holds> for Type {
    fn from(kind: Holds) -> Self {
        match kind {
            Holds::Text => Self::Text,
            Holds::Whole => Self::Exact(0),
            Holds::Amount => Self::Exact(AMOUNT_DECIMALS),
            Holds::Real => Self::Real,
            Holds::Date => Self::Date,
            Holds::Flag => Self::Truth,
        }
    }
}
