//! The patterns of `LIKE` and `ILIKE`.

use regex::{Regex, RegexBuilder};
use sqlparser::ast::{Expr, Value, ValueWithSpan};

use super::check::{Checker, Typed, leftmost, negated, with_type};
use super::node::{Node, Type};
use crate::error::Result;

/// A pattern that is compared with texts.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    regex: Regex,
    ignores_case: bool,
    /// The pattern written with `!` as the escape character.
    escaped: String,
}

impl Pattern {
    /// Parses a `LIKE` pattern, or an `ILIKE` one, which ignores case. `None` if the pattern is too large, or if its
    /// escape character stands before a character that cannot be escaped.
    pub(super) fn of(like: &str, ignores_case: bool, escape: Option<char>) -> Option<Self> {
        let like = if ignores_case { like.to_lowercase() } else { like.to_owned() };
        let mut regex = String::with_capacity(like.len() + 8);
        let mut with_escapes = String::with_capacity(like.len());
        regex.push('^');
        let mut chars = like.chars();
        while let Some(c) = chars.next() {
            match c {
                c if Some(c) == escape => {
                    let escaped =
                        chars.next().filter(|next| matches!(next, '%' | '_') || Some(*next) == escape)?;
                    push_plain(&mut regex, escaped);
                    push_escaped(&mut with_escapes, escaped);
                }
                '%' => {
                    regex.push_str(".*");
                    with_escapes.push('%');
                }
                '_' => {
                    regex.push('.');
                    with_escapes.push('_');
                }
                plain => {
                    push_plain(&mut regex, plain);
                    push_escaped(&mut with_escapes, plain);
                }
            }
        }
        regex.push('$');
        // Without `.*` at its ends, the regex engine can search for the literal text directly.
        let regex = regex.strip_prefix("^.*").unwrap_or(&regex);
        let regex = regex.strip_suffix(".*$").filter(|rest| !rest.ends_with('\\')).unwrap_or(regex);
        let regex = RegexBuilder::new(regex).dot_matches_new_line(true).build().ok()?;
        Some(Self { regex, ignores_case, escaped: with_escapes })
    }

    /// The pattern with `!` as the escape character.
    pub(super) fn escaped(&self) -> &str {
        &self.escaped
    }

    /// Whether it is an `ILIKE` pattern.
    pub(super) fn ignores_case(&self) -> bool {
        self.ignores_case
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        if self.ignores_case { self.regex.is_match(&text.to_lowercase()) } else { self.regex.is_match(text) }
    }
}

impl Checker<'_> {
    /// Checks `expr LIKE pattern`; the flags say whether it is `NOT` and whether it is `ILIKE`.
    pub(super) fn like(
        &mut self,
        expr: &Expr,
        pattern: &Expr,
        escape: Option<&ValueWithSpan>,
        (is_negated, ignores_case): (bool, bool),
    ) -> Result<Typed> {
        let of = self.check(expr)?;
        let of = if of.is_null() { with_type(of, Type::Text) } else { of };
        if !matches!(of.kind, Type::Text | Type::Later) {
            return Err(self.complain(of.place, "like_text", &[("kind", of.kind.words().to_string())]));
        }
        let escape = match escape {
            None => None,
            Some(ValueWithSpan { value: Value::SingleQuotedString(text), span }) => {
                let mut chars = text.chars().filter(|c| !c.is_alphanumeric());
                match (chars.next(), text.chars().count()) {
                    (Some(c), 1) => Some(c),
                    _ => return Err(self.complain(*span, "escape", &[])),
                }
            }
            Some(other) => return Err(self.complain(other.span, "escape", &[])),
        };
        let Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), span }) = pattern else {
            return Err(self.complain(leftmost(pattern), "pattern_text", &[]));
        };
        let pattern =
            Pattern::of(text, ignores_case, escape).ok_or_else(|| self.complain(*span, "pattern", &[]))?;
        let node = Node::Like(Box::new(of.node), pattern);
        Ok(negated(Typed::new(node, Type::Truth, of.place.union(span)), is_negated))
    }
}

fn push_escaped(like: &mut String, c: char) {
    if matches!(c, '%' | '_' | '!') {
        like.push('!');
    }
    like.push(c);
}

fn push_plain(regex: &mut String, c: char) {
    regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_any_characters_and_underscore_one() {
        for (pattern, text, is_match) in [
            ("浙%", "浙江省", true),
            ("%江%", "浙江省", true),
            ("%省", "浙江省", true),
            ("浙_省", "浙江省", true),
            ("浙_", "浙江省", false),
            ("江", "浙江省", false),
            ("", "", true),
            ("", "x", false),
            ("%", "", true),
            ("%%", "x", true),
            ("_", "", false),
            ("a.c", "abc", false),
            ("a\\%", "a\\bc", true),
            ("%\\", "a\\", true),
            ("(a|b)*[c]", "(a|b)*[c]", true),
            ("a%b", "a\n\nb", true),
            ("A%", "abc", false),
        ] {
            let pattern_of = Pattern::of(pattern, false, None).expect("a pattern");
            assert_eq!(pattern_of.matches(text), is_match, "{pattern} {text}");
        }
        assert!(Pattern::of("A%É", true, None).expect("a pattern").matches("abcé"));
    }

    #[test]
    fn an_escape_character_makes_the_next_one_plain() {
        let escaped =
            |pattern: &str, text: &str| Pattern::of(pattern, false, Some('!')).map(|p| p.matches(text));
        assert_eq!(escaped("100!%", "100%"), Some(true));
        assert_eq!(escaped("100!%", "1000"), Some(false));
        assert_eq!(escaped("a!_b!!%", "a_b!x"), Some(true));
        assert_eq!(escaped("a!", "a!"), None);
        assert_eq!(escaped("a!b", "ab"), None);
    }

    #[test]
    fn a_pattern_is_written_anew_with_one_escape_character() {
        let anew =
            |like: &str, escape| Pattern::of(like, false, escape).map(|pattern| pattern.escaped().to_owned());
        assert_eq!(anew("a%_!", None).as_deref(), Some("a%_!!"));
        assert_eq!(anew("a#%_##!%", Some('#')).as_deref(), Some("a!%_#!!%"));
        assert_eq!(anew("a!%!_!!", Some('!')).as_deref(), Some("a!%!_!!"));
    }
}
