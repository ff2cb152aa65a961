//! Refuses words before the text is parsed, since errors of the parser could not say what was meant.

use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{
    Location, Span, Token, TokenWithSpan, Tokenizer, TokenizerError, Whitespace, Word,
};

use super::complaint::complain;
use crate::error::{Error, Result};

/// The most characters of a condition: enough for about ten thousand ids.
const CHARACTERS: usize = 200_000;

/// The most operators of a condition. The size of the tree grows with their number.
const OPERATORS: usize = 1_000;

/// Splits a text into tokens and refuses tokens that do not belong to the language.
pub(super) fn tokens(text: &str, dialect: &dyn Dialect) -> Result<Vec<TokenWithSpan>> {
    if text.chars().count() > CHARACTERS {
        return Err(too_long(text, Span::new(Location::new(1, 1), Location::new(1, 2)), CHARACTERS));
    }
    let tokens =
        Tokenizer::new(dialect, text).tokenize_with_location().map_err(|error| unreadable(text, &error))?;
    let mut open: Vec<Span> = Vec::new();
    let mut operators = 0;
    for (index, token) in tokens.iter().enumerate() {
        refuse(text, token, tokens.get(index + 1))?;
        match &token.token {
            Token::LParen => open.push(token.span),
            Token::RParen if open.pop().is_none() => {
                return Err(complain(text, token.span, "not_opened", &[]));
            }
            Token::Word(word) => operators += usize::from(is_logic(word)),
            other => operators += usize::from(is_operator(other)),
        }
        if operators > OPERATORS {
            return Err(too_long(text, token.span, OPERATORS));
        }
    }
    match open.pop() {
        Some(span) => Err(complain(text, span, "not_closed", &[])),
        None => Ok(tokens),
    }
}

/// Whether a token is an operator of the language that is not a word.
pub(super) fn is_operator(token: &Token) -> bool {
    matches!(
        token,
        Token::Eq
            | Token::Neq
            | Token::Lt
            | Token::LtEq
            | Token::Gt
            | Token::GtEq
            | Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
    )
}

/// Whether a name must be quoted, since it would otherwise be read as a keyword.
pub(super) fn is_word_of_sql(name: &str) -> bool {
    const WORDS: [&str; 14] = [
        "and", "or", "not", "in", "between", "like", "ilike", "is", "null", "true", "false", "escape",
        "as_of", "date",
    ];
    let name = name.to_lowercase();
    WORDS.contains(&name.as_str())
        || match Token::make_word(&name, None) {
            Token::Word(word) => is_foreign(word.keyword) || is_today(word.keyword),
            _ => false,
        }
}

fn is_logic(word: &Word) -> bool {
    word.quote_style.is_none() && matches!(word.keyword, Keyword::AND | Keyword::OR | Keyword::NOT)
}

fn too_long(text: &str, place: Span, most: usize) -> Error {
    complain(text, place, "too_long", &[("n", most.to_string())])
}

/// The error for what the tokenizer could not read: a quote that is never closed, or unknown characters.
fn unreadable(text: &str, error: &TokenizerError) -> Error {
    let Location { line, column } = error.location;
    let line_of = text.split('\n').nth((line as usize).saturating_sub(1));
    let seen = line_of.and_then(|line| line.chars().nth((column as usize).saturating_sub(1)));
    let place = Span::new(error.location, Location::new(line, column + 1));
    let key = if matches!(seen, Some('\'' | '"')) { "quote" } else { "unexpected" };
    complain(text, place, key, &[("seen", seen.map_or_else(String::new, String::from))])
}

/// Refuses tokens that do not belong to the language, and says what to write instead.
fn refuse(text: &str, token: &TokenWithSpan, next: Option<&TokenWithSpan>) -> Result<()> {
    let seen = ("seen", token.to_string());
    let instead =
        |right: &str| complain(text, token.span, "instead", &[seen.clone(), ("right", right.to_owned())]);
    let plain = |key: &str| complain(text, token.span, key, std::slice::from_ref(&seen));
    let next = next.map(|next| &next.token);
    Err(match &token.token {
        Token::Word(word) if word.quote_style.is_some() => return Ok(()),
        Token::Word(word) if is_foreign(word.keyword) => plain("foreign"),
        Token::Word(word) if is_today(word.keyword) => plain("today"),
        Token::Word(word) if next == Some(&Token::LParen) && has_own_syntax(word.keyword) => plain("foreign"),
        Token::Word(word) if next == Some(&Token::Period) => {
            complain(text, token.span, "dot", &[("seen", word.value.clone())])
        }
        Token::Number(..) if matches!(next, Some(Token::Word(word)) if word.keyword == Keyword::NoKeyword) => {
            plain("number_and_word")
        }
        Token::Number(_, true) => plain("number_and_word"),
        Token::Eq => match next {
            Some(Token::Lt) => instead("<="),
            Some(Token::Gt) => instead(">="),
            _ => return Ok(()),
        },
        Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)) => {
            plain("comment")
        }
        Token::DoubleEq | Token::Assignment => instead("="),
        Token::RArrow => instead(">="),
        Token::Overlap | Token::Ampersand => instead("AND"),
        Token::StringConcat | Token::Pipe => instead("OR"),
        Token::ExclamationMark => instead("NOT"),
        Token::Tilde => instead("LIKE"),
        Token::Mod => plain("percent"),
        Token::Char(c) => match ascii(*c) {
            Some(right) => instead(right),
            None => plain("unexpected"),
        },
        token if is_operator(token) => return Ok(()),
        Token::Word(_)
        | Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::Comma
        | Token::LParen
        | Token::RParen
        | Token::Whitespace(_) => return Ok(()),
        _ => plain("unexpected"),
    })
}

/// Keywords of SQL that begin expressions which conditions do not support.
fn is_foreign(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::SELECT
            | Keyword::WITH
            | Keyword::EXISTS
            | Keyword::CASE
            | Keyword::CAST
            | Keyword::TRY_CAST
            | Keyword::SAFE_CAST
            | Keyword::CONVERT
            | Keyword::EXTRACT
            | Keyword::INTERVAL
            | Keyword::COLLATE
            | Keyword::SIMILAR
            | Keyword::REGEXP
            | Keyword::RLIKE
            | Keyword::XOR
            | Keyword::OVERLAPS
            | Keyword::WHERE
            | Keyword::OVER
            | Keyword::DISTINCT
            | Keyword::UNNEST
            | Keyword::ANY
            | Keyword::ALL
            | Keyword::SOME
    )
}

/// SQL functions that have a syntax of their own.
fn has_own_syntax(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::CEIL
            | Keyword::FLOOR
            | Keyword::TRIM
            | Keyword::SUBSTR
            | Keyword::SUBSTRING
            | Keyword::POSITION
            | Keyword::OVERLAY
    )
}

/// Keywords for the present day, on which no answer may depend.
fn is_today(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::CURRENT_DATE
            | Keyword::CURRENT_TIME
            | Keyword::CURRENT_TIMESTAMP
            | Keyword::LOCALTIME
            | Keyword::LOCALTIMESTAMP
    )
}

/// The ASCII operator for a character that Chinese keyboards and word processors write instead.
fn ascii(c: char) -> Option<&'static str> {
    Some(match c {
        '（' => "(",
        '）' => ")",
        '，' | '、' => ",",
        '＝' => "=",
        '＞' => ">",
        '＜' => "<",
        '≥' | '⩾' | '≧' => ">=",
        '≤' | '⩽' | '≦' => "<=",
        '≠' | '！' => "<>",
        '＋' => "+",
        '－' | '−' | '–' | '—' => "-",
        '＊' | '×' => "*",
        '／' | '÷' => "/",
        '‘' | '’' | '＇' | '´' => "'",
        '“' | '”' | '＂' | '`' | '「' | '」' | '『' | '』' => "'…', \"…\"",
        _ => return None,
    })
}
