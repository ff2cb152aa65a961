//! A condition whose names and kinds are settled.

use sqlparser::tokenizer::Span;

use super::pattern::Pattern;
use crate::locale::Words;
use crate::schema::{Day, Holds};

/// One step of a condition: an operand, or what is done with operands.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Column(String, Holds),
    Constant(Constant),
    AsOf,
    /// Of numbers, or of dates and whole days. The place is named when numbers become too large.
    Arithmetic(Arithmetic, Box<Node>, Box<Node>, Span),
    Negated(Box<Node>, Span),
    Compared(Comparison, Box<Node>, Box<Node>, Span),
    /// All of them: `AND`.
    All(Vec<Node>),
    /// Any of them: `OR`.
    Any(Vec<Node>),
    Not(Box<Node>),
    IsNull(Box<Node>),
    /// `IS TRUE`, `IS FALSE`: never unknown.
    Is(Box<Node>, bool),
    Between(Box<Node>, Box<Node>, Box<Node>, Span),
    /// `IN`.
    Among(Box<Node>, Vec<Node>, Span),
    Like(Box<Node>, Pattern),
    Lower(Box<Node>),
    /// The first that is not NULL.
    Coalesce(Vec<Node>, Span),
}

/// A value that is written in the condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant {
    Text(String),
    /// Units of the last of so many decimals.
    Exact(i128, u8),
    Real(f64),
    /// Days since 1970-01-01.
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

/// Of what a node's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    /// Exact numbers of so many decimals.
    Exact(u8),
    Real,
    Date,
    Truth,
    /// NULL, which is of every type.
    Null,
    /// A column that only the files will tell of.
    Later,
}

/// Decimals that amounts have.
pub(super) const AMOUNT_DECIMALS: u8 = crate::schema::money::SCALE as u8;

impl Type {
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Exact(_) | Self::Real)
    }

    /// What a person calls it.
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
