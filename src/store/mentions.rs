//! Finds names of people in texts: ids, e-mail addresses and phone numbers among other words.

use std::ops::Range;

use super::person::{SHORTEST_PHONE, is_between_digits};
use crate::parse::value::id;

/// Replaces a name that is removed from a text.
const HIDDEN: &str = "***";

/// A text in lower case, which may differ in length from the original.
pub(super) struct Lower {
    pub text: String,
    /// For each byte of the text and for its end, the position in the original.
    places: Vec<usize>,
}

impl Lower {
    pub(super) fn of(text: &str) -> Self {
        let mut lower = Self { text: String::with_capacity(text.len()), places: Vec::new() };
        for (place, c) in text.char_indices() {
            lower.text.extend(c.to_lowercase());
            lower.places.resize(lower.text.len(), place);
        }
        lower.places.push(text.len());
        lower
    }

    /// The range in the original of a part of the text.
    pub(super) fn place(&self, part: Range<usize>) -> Range<usize> {
        self.places[part.start]..self.places[part.end]
    }
}

/// A text with the given ranges hidden, which may overlap; none if there are none.
pub(super) fn without(text: &str, mut places: Vec<Range<usize>>) -> Option<String> {
    if places.is_empty() {
        return None;
    }
    places.sort_unstable_by_key(|place| (place.start, place.end));
    let mut clean = String::new();
    let mut end = 0;
    for place in places {
        if place.start >= end {
            clean.push_str(text.get(end..place.start).unwrap_or_default());
            clean.push_str(HIDDEN);
        }
        end = end.max(place.end);
    }
    clean.push_str(text.get(end..).unwrap_or_default());
    Some(clean)
}

/// Whether an id is so distinctive that it can hardly be anything else, such as an amount, a quantity or a word of a
/// title.
pub(super) fn is_telling(id: &str) -> bool {
    const DIGITS: usize = 9;
    const CHARS: usize = 7;
    let has_digit = id.bytes().any(|byte| byte.is_ascii_digit());
    match id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        true => id.len() >= DIGITS,
        false => id.contains('@') || (has_digit && id.chars().count() >= CHARS),
    }
}

/// Whether an id or an address can continue with this character.
fn goes_on(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '@')
}

/// The words of a text that may be ids or addresses, without the full stop of a sentence.
pub(super) fn words_in(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let words = text.split(|c: char| !goes_on(c)).map(|word| word.trim_end_matches('.'));
    let start = move |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    words.filter(|word| !word.is_empty()).map(move |word| (start(word)..start(word) + word.len(), word))
}

/// The ranges of a text in lower case that are equal to another text and are not part of a longer word.
pub(super) fn mentions<'a>(text: &'a str, own: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let found = text.match_indices(own).filter(|_| !own.is_empty());
    found.map(|(start, found)| start..start + found.len()).filter(move |at| {
        let behind = &text[at.end..];
        // The text may be followed by the full stop of a sentence.
        let is_end = behind.strip_prefix('.').is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
        !text[..at.start].ends_with(goes_on) && (is_end || !behind.starts_with(goes_on))
    })
}

/// The phone numbers that may be in a text, in the form in which reading keeps them, with their ranges. Marks, such as
/// spaces and hyphens, may stand between the digits.
pub(super) fn phones_in(text: &str) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    /// The most groups of digits in one number.
    const GROUPS: usize = 8;
    const MAX_DIGITS: usize = 16;
    let place = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let runs = text.split(|c: char| !c.is_ascii_digit() && !is_between_digits(c));
    runs.flat_map(move |run| {
        let groups: Vec<&str> =
            run.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
        let mut found = Vec::new();
        for start in 0..groups.len() {
            let mut digits = String::new();
            for group in groups[start..].iter().take(GROUPS) {
                digits.push_str(group);
                if digits.len() > MAX_DIGITS {
                    break;
                }
                if digits.len() >= SHORTEST_PHONE {
                    let range = with_signs(text, place(groups[start])..place(group) + group.len());
                    for written in [digits.clone(), format!("+{digits}")] {
                        let phone = String::from_utf8_lossy(&id::phone(written.as_bytes())).into_owned();
                        found.push((range.clone(), phone));
                    }
                }
            }
        }
        found
    })
}

/// The range of a number, extended by a plus sign before it, or by an opening bracket that is closed within it.
fn with_signs(text: &str, digits: Range<usize>) -> Range<usize> {
    let before = &text[..digits.start];
    let is_its = before.ends_with('+') || (before.ends_with('(') && text[digits.clone()].contains(')'));
    digits.start - usize::from(is_its)..digits.end
}
