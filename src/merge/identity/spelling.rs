//! Ids that look alike: one name typed on two keyboards, or written by two programs.

use std::collections::{BTreeSet, HashSet};

use rayon::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::contacts::{ContactKind, Shared};
use crate::parse::orders::Aliases;
use crate::schema::Key;

/// In what two spellings of an id can differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// Capital letters.
    Case,
    /// Full-width letters, digits and marks, half-width kana and hangul.
    Width,
    /// A letter with its accent as one character or as two (NFC, NFD).
    Form,
    /// Spaces, and characters of no width.
    Spaces,
}

impl Aspect {
    /// Every aspect, in the order in which they are shown to the user.
    pub const ALL: [Self; 4] = [Self::Case, Self::Width, Self::Form, Self::Spaces];
    /// Every aspect, in the order in which [`Aspect::tells_apart`] removes the differences.
    const FOLDED: [Self; 4] = [Self::Width, Self::Case, Self::Form, Self::Spaces];

    /// Whether spellings of one name differ in this aspect: removing the differences of this aspect makes fewer
    /// spellings of them. A full-width space differs from a usual one in two aspects, and removing either would do; the
    /// difference is then counted for the aspect that comes first in `FOLDED`.
    fn tells_apart(self, spellings: &[String]) -> bool {
        let several = |is_meant: &dyn Fn(Self) -> bool| {
            spellings.iter().map(|text| folded_but(text, is_meant)).collect::<BTreeSet<String>>().len()
        };
        let place = Self::FOLDED.iter().position(|of| *of == self).unwrap_or(0);
        let before = &Self::FOLDED[..place];
        let with_it = several(&|of| before.contains(&of));
        let without = several(&|of| of == self || before.contains(&of));
        several(&|of| of != self) > 1 || without < with_it
    }
}

/// How many ids look alike, and in what their spellings differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alike {
    /// How many ids have at least one other spelling among the ids.
    pub ids: u64,
    /// How many names these ids come down to once all spellings of a name count as one.
    pub names: u64,
    /// How many of these names have spellings that differ in each aspect, in the order of [`Aspect::ALL`].
    pub by_aspect: [u64; 4],
    /// The spellings of one of the names, sorted: those that sort first.
    pub example: Vec<String>,
}

/// Counts the ids that look alike; `text` gives the text of an id.
pub fn alike(ids: &HashSet<Key>, text: impl Fn(Key) -> String + Sync) -> Alike {
    let mut found = Alike::default();
    for (_, spellings) in groups(ids, &text) {
        found.ids += spellings.len() as u64;
        found.names += 1;
        let texts: Vec<String> = spellings.iter().map(|key| text(*key)).collect();
        for (count, aspect) in found.by_aspect.iter_mut().zip(Aspect::ALL) {
            *count += u64::from(aspect.tells_apart(&texts));
        }
        let mut sorted = texts;
        sorted.sort_unstable();
        if found.example.is_empty() || sorted < found.example {
            found.example = sorted;
        }
    }
    found
}

/// The groups of ids that look alike, each as a shared contact of the kind [`ContactKind::Spelling`].
pub(super) fn shared(
    ids: &HashSet<Key>,
    listed_aliases: &Aliases,
    text: impl Fn(Key) -> String + Sync,
) -> Vec<Shared> {
    let own: HashSet<Key> =
        ids.iter().map(|key| listed_aliases.resolve(*key)).filter(|key| key.is_usable()).collect();
    groups(&own, &text)
        .into_iter()
        .map(|(text, ids)| Shared { kind: ContactKind::Spelling, text, ids })
        .collect()
}

/// The groups of ids that have the same folded text, with that text, sorted by it; the ids of a group are ascending.
fn groups(ids: &HashSet<Key>, text: &(impl Fn(Key) -> String + Sync)) -> Vec<(String, Vec<Key>)> {
    let mut by_name: Vec<(Key, Key)> =
        ids.par_iter().map(|key| (Key::of(folded(&text(*key)).as_bytes()), *key)).collect();
    by_name.par_sort_unstable();
    let several = by_name.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1 && same[0].0.is_usable());
    let mut groups: Vec<(String, Vec<Key>)> =
        several.map(|same| (folded(&text(same[0].1)), same.iter().map(|(_, key)| *key).collect())).collect();
    groups.sort_unstable();
    groups
}

/// The text that all spellings of an id have in common: without differences of any aspect.
fn folded(text: &str) -> String {
    let is_plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte.is_ascii_punctuation();
    if text.bytes().all(is_plain) { text.to_owned() } else { folded_but(text, |_| true) }
}

/// Like [`folded`], but removes only the differences of the aspects for which `is_meant` is true.
fn folded_but(text: &str, is_meant: impl Fn(Aspect) -> bool) -> String {
    let mut text = text.to_owned();
    if is_meant(Aspect::Width) {
        text = narrowed(&text);
    }
    if is_meant(Aspect::Case) {
        text = text.to_lowercase();
    }
    if is_meant(Aspect::Form) {
        text = text.nfc().collect();
    }
    if is_meant(Aspect::Spaces) {
        text.retain(|c| !c.is_whitespace() && !has_no_width(c));
    }
    text
}

/// Replaces characters of the block of half-width and full-width forms (U+FF00 to U+FFEF) and the full-width space by
/// their usual forms. In half-width kana the voicing mark is a character of its own, so that runs of them are
/// normalised as a whole.
fn narrowed(text: &str) -> String {
    let is_other = |c: char| ('\u{ff00}'..='\u{ffef}').contains(&c);
    let (mut out, mut run) = (String::with_capacity(text.len()), String::new());
    for c in text.chars() {
        if is_other(c) {
            run.push(c);
            continue;
        }
        out.extend(run.nfkc());
        run.clear();
        out.push(if c == '\u{3000}' { ' ' } else { c });
    }
    out.extend(run.nfkc());
    out
}

fn has_no_width(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[&str]) -> Alike {
        let keys: HashSet<Key> = texts.iter().map(|text| Key::of(text.as_bytes())).collect();
        let text = |key: Key| {
            let of = texts.iter().find(|text| Key::of(text.as_bytes()) == key);
            of.map(|text| (*text).to_owned()).unwrap_or_default()
        };
        alike(&keys, text)
    }

    #[test]
    fn each_aspect_is_told_from_the_others() {
        for (a, b, by_aspect) in [
            ("Ann", "ann", [1, 0, 0, 0]),
            ("ann1", "ａｎｎ１", [0, 1, 0, 0]),
            ("caf\u{e9}", "cafe\u{301}", [0, 0, 1, 0]),
            ("li ming", "liming", [0, 0, 0, 1]),
            ("li ming", "li\u{3000}ming", [0, 1, 0, 0]),
            ("li ming", "li  ming", [0, 0, 0, 1]),
            ("ann", "an\u{200b}n", [0, 0, 0, 1]),
            ("ガム", "ｶﾞﾑ", [0, 1, 0, 0]),
            ("ANN", "ａｎｎ", [1, 1, 0, 0]),
            ("Caf\u{c9} 1", "cafe\u{301}1", [1, 0, 1, 1]),
            ("a-very-long-customer-id", "A-very-long-customer-id", [1, 0, 0, 0]),
        ] {
            let found = found(&[a, b, "another"]);
            assert_eq!((found.ids, found.names, found.by_aspect), (2, 1, by_aspect), "{a} {b}");
        }
        for (a, b) in [
            ("ann", "anna"),
            ("x²", "x2"),
            ("①", "1"),
            ("0", "O"),
            ("1001", "1002"),
            ("é", "e"),
            ("a-b", "ab"),
        ] {
            assert_eq!(found(&[a, b]), Alike::default(), "{a} {b}");
        }
    }

    #[test]
    fn all_spellings_of_a_name_are_one_and_the_first_name_is_the_example() {
        let found = found(&["Zoe", "zoe", "ANN", "Ann", "ann", "bob"]);
        assert_eq!((found.ids, found.names, found.by_aspect), (5, 2, [2, 0, 0, 0]));
        assert_eq!(found.example, ["ANN", "Ann", "ann"]);
    }
}
