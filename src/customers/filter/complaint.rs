//! Errors about a condition: the message, and the text with a mark under the wrong place.

use sqlparser::tokenizer::Span;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::error::{Error, said};
use crate::locale::{Words, harmless};

/// How many columns of the terminal are shown of the text before the place, of the place itself, and after it.
const SHOWN: (usize, usize, usize) = (40, 36, 24);

/// The values that fill in a message, by name.
pub(super) type Values<'a> = &'a [(&'a str, String)];

/// An error of wrong usage with the messages `condition_KEY` and `condition_KEY_hint`, and a mark at the place.
pub(super) fn complain(text: &str, place: Span, key: &str, values: Values<'_>) -> Error {
    let (message, hint) = said(&format!("condition_{key}"), values);
    refuse(text, place, message, hint)
}

/// Like [`complain`], with the hint of another key.
pub(super) fn complain_with(text: &str, place: Span, key: &str, hint: &str, values: Values<'_>) -> Error {
    let (message, _) = said(&format!("condition_{key}"), values);
    refuse(text, place, message, Words::of("error", hint, values))
}

fn refuse(text: &str, place: Span, message: Words, hint: Words) -> Error {
    let marked = marked(text, place);
    let message = Words { en: message.en + &marked, zh: message.zh + &marked };
    Error::usage(message, hint)
}

/// The line of the text that has the place, with carets under it; an empty place is the end of the text.
fn marked(text: &str, place: Span) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let is_end = place.start.line == 0;
    let number = if is_end { lines.len() } else { place.start.line as usize };
    let line = lines.get(number - 1).unwrap_or(&"");
    let line: Vec<char> = if is_end { line.trim_end() } else { line }.chars().collect();
    let start = if is_end { line.len() } else { (place.start.column as usize - 1).min(line.len()) };
    let ends_here = !is_end && place.end.line == place.start.line;
    let end = if ends_here { (place.end.column as usize - 1).clamp(start, line.len()) } else { line.len() };
    let shown = |part: &[char]| -> String {
        let text: String = part.iter().map(|c| if c.is_whitespace() { ' ' } else { *c }).collect();
        harmless(&text).into_owned()
    };
    let before = last_columns(&shown(&line[..start]), SHOWN.0);
    let at = first_columns(&shown(&line[start..end]), SHOWN.1);
    let after = first_columns(&shown(&line[end..]), SHOWN.2);
    let indent = " ".repeat(before.width());
    let carets = "^".repeat(at.width().max(1));
    format!("\n  {before}{at}{after}\n  {indent}{carets}")
}

fn first_columns(text: &str, most: usize) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let mut width = 0;
    let kept = text.chars().take_while(|c| {
        width += c.width().unwrap_or(0);
        width < most
    });
    kept.chain(['…']).collect()
}

fn last_columns(text: &str, most: usize) -> String {
    let reversed: String = text.chars().rev().collect();
    first_columns(&reversed, most).chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use sqlparser::tokenizer::Location;

    use super::*;

    fn at(text: &str, line: u64, from: u64, to: u64) -> String {
        marked(text, Span::new(Location::new(line, from), Location::new(line, to)))
    }

    #[test]
    fn carets_stand_under_their_place_whatever_the_width_of_what_is_before() {
        assert_eq!(at("省份 = 浙江", 1, 6, 8), "\n  省份 = 浙江\n         ^^^^");
        assert_eq!(at("a\t= 1", 1, 3, 4), "\n  a = 1\n    ^");
        assert_eq!(at("a = 1\nAND b = 2", 2, 5, 6), "\n  AND b = 2\n      ^");
        assert_eq!(marked("a =  ", Span::empty()), "\n  a =\n     ^");
        assert_eq!(marked("", Span::empty()), "\n  \n  ^");
        assert_eq!(at("a\u{200b} = b", 1, 6, 7), "\n  a\\u{200b} = b\n              ^");
    }

    #[test]
    fn a_long_condition_is_shown_around_the_place() {
        let text = format!("{}x{}", "a".repeat(200), "b".repeat(200));
        let shown = at(&text, 1, 201, 202);
        let lines: Vec<&str> = shown.trim_start_matches('\n').lines().collect();
        assert_eq!(lines[0], format!("  …{}x{}…", "a".repeat(39), "b".repeat(23)));
        assert_eq!(lines[1], format!("  {}^", " ".repeat(40)));
    }
}
