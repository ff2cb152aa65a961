//! Parses a text into sqlparser's tree, with error messages of our own.

use std::thread;

use sqlparser::ast::{Expr, OrderByExpr};
use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Span, Token, TokenWithSpan};
use unicode_width::UnicodeWidthChar;

use super::complaint::{complain, complain_with};
use super::scan;
use crate::error::{Error, Result};

/// The most levels of nested parentheses and functions.
const DEPTH: usize = 40;

/// The size of the stack in bytes. Without optimisation sqlparser takes about 90 thousand per level.
const STACK: usize = 16 << 20;

/// Parses a condition.
pub(super) fn condition(text: &str) -> Result<Expr> {
    parse(text, |parser| parser.parse_expr())
}

/// Parses the expressions of `--sort`.
pub(super) fn sorting(text: &str) -> Result<Vec<OrderByExpr>> {
    parse(text, |parser| parser.parse_comma_separated(Parser::parse_order_by_expr))
}

/// Parses and checks on a thread with a large stack, which suffices for everything that is not refused.
pub(super) fn on_own_stack<T: Send>(read: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read);
        let thread =
            thread.map_err(|error| Error::Internal(format!("no thread to read a condition: {error}")))?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Whether an unquoted name can start with this character.
pub(super) fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Whether an unquoted name can have this character after its start: letters, digits, and combining marks of some
/// scripts.
pub(super) fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || (!c.is_ascii() && !c.is_control() && c.width() == Some(0))
}

/// The SQL dialect of conditions. Any other operator ends the expression, and is then refused at its place.
#[derive(Debug)]
struct Conditions;

impl Dialect for Conditions {
    fn is_identifier_start(&self, c: char) -> bool {
        starts_name(c)
    }

    fn is_identifier_part(&self, c: char) -> bool {
        continues_name(c)
    }

    fn is_delimited_identifier_start(&self, c: char) -> bool {
        c == '"'
    }

    /// `NOT` is never tried as the name of a function, since each such try would double the work of the enclosing
    /// level.
    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        matches!(keyword, Keyword::NOT | Keyword::EXISTS | Keyword::INTERVAL)
    }

    fn get_next_precedence(&self, parser: &Parser<'_>) -> Option<Result<u8, ParserError>> {
        let is_known = match &parser.peek_token_ref().token {
            Token::Word(word) => matches!(
                word.keyword,
                Keyword::AND
                    | Keyword::OR
                    | Keyword::NOT
                    | Keyword::IS
                    | Keyword::IN
                    | Keyword::BETWEEN
                    | Keyword::LIKE
                    | Keyword::ILIKE
            ),
            token => scan::is_operator(token),
        };
        (!is_known).then(|| Ok(self.prec_unknown()))
    }
}

fn parse<T>(text: &str, read: impl Fn(&mut Parser<'_>) -> Result<T, ParserError>) -> Result<T> {
    let tokens = scan::tokens(text, &Conditions)?;
    let mut parser =
        Parser::new(&Conditions).with_recursion_limit(DEPTH).with_tokens_with_locations(tokens.clone());
    let read = read(&mut parser).map_err(|error| refusal(text, &tokens, &error))?;
    match parser.peek_token_ref() {
        TokenWithSpan { token: Token::EOF, .. } => Ok(read),
        rest => Err(unexpected(text, &tokens, rest.span)),
    }
}

fn refusal(text: &str, tokens: &[TokenWithSpan], error: &ParserError) -> Error {
    match error {
        ParserError::RecursionLimitExceeded => complain(text, Span::empty(), "too_deep", &[]),
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => {
            let place = tokens.iter().find(|token| is_at(token, message)).map(|token| token.span);
            unexpected(text, tokens, place.unwrap_or(Span::empty()))
        }
    }
}

/// Whether a parser error, whose message ends with a place, is about this token.
fn is_at(token: &TokenWithSpan, message: &str) -> bool {
    message.ends_with(&token.span.start.to_string())
}

/// The error that a token, or the end of the text, is unexpected. Without a place it is the end.
fn unexpected(text: &str, tokens: &[TokenWithSpan], place: Span) -> Error {
    let tokens: Vec<&TokenWithSpan> =
        tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect();
    let index = tokens.iter().position(|token| token.span == place);
    let before = &tokens[..index.unwrap_or(tokens.len())];
    let hint = hint(before, index.map(|index| &tokens[index].token));
    match index.map(|index| tokens[index].to_string()) {
        Some(seen) => complain_with(text, place, "unexpected", hint, &[("seen", seen)]),
        None if before.is_empty() => complain(text, place, "empty", &[]),
        None => complain_with(text, place, "ends", hint, &[]),
    }
}

/// The hint for an unexpected token, by the words before it.
fn hint(before: &[&TokenWithSpan], found: Option<&Token>) -> &'static str {
    /// How many words back the wrong construct may have begun.
    const BACK: usize = 4;
    let keywords = before.iter().rev().take(BACK).map(|token| match &token.token {
        Token::Word(word) if word.quote_style.is_none() => word.keyword,
        _ => Keyword::NoKeyword,
    });
    for (keyword, distance) in keywords.zip(0..) {
        match keyword {
            Keyword::IN if distance < 2 => return "condition_in_hint",
            Keyword::BETWEEN => return "condition_between_hint",
            Keyword::IS if distance < 2 => return "condition_is_hint",
            _ => {}
        }
    }
    match found {
        Some(Token::Comma) => "condition_comma_hint",
        _ => "condition_unexpected_hint",
    }
}
