//! Compares names as people write them: headers, words and ids that only differ in case, spaces and hyphens are equal.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The form in which a header or word is compared: lower case, without spaces, underscores and hyphens, with brackets
/// and commas in ASCII.
pub fn squash(name: &str) -> String {
    if name.is_ascii() {
        // This runs for some thousand headers of presets in every run.
        let kept = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'));
        let mut squashed = String::with_capacity(name.len());
        squashed.extend(kept.map(|c| c.to_ascii_lowercase()));
        return squashed;
    }
    // Some platforms write accents as separate characters. Composing them is slow, and most names have none.
    match is_nfc_quick(name.chars()) {
        IsNormalized::Yes => squashed(name.chars()),
        IsNormalized::No | IsNormalized::Maybe => squashed(name.nfc()),
    }
}

fn squashed(letters: impl Iterator<Item = char>) -> String {
    letters
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '\u{feff}' | '\u{200b}'))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            '，' => ',',
            '：' => ':',
            other => other,
        })
        .collect()
}

/// The name most similar to `wanted`; `None` if none is similar.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = squash(wanted);
    names
        .map(|name| (strsim::jaro_winkler(&wanted, &squash(name)), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// The word that a mistyped word on the command line was meant to be: one that differs by a single slip (a letter too
/// many, missing, wrong, or two swapped: `rmf` for `rfm`, which [`nearest`] does not find), else the nearest. Not for
/// headers and status words, where one letter changes the meaning.
pub fn meant<'a>(typed: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const LETTERS_PER_SLIP: usize = 4;
    let (squashed, words) = (squash(typed), words.collect::<Vec<_>>());
    let slips = |word: &str| strsim::damerau_levenshtein(&squashed, &squash(word));
    let is_near = |word: &&str| {
        let letters = word.len().min(squashed.len());
        letters > 2 && slips(word) <= letters.div_ceil(LETTERS_PER_SLIP)
    };
    let slip = words.iter().copied().filter(is_near).min_by_key(|word| slips(word));
    slip.or_else(|| nearest(typed, words.into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_are_known_and_other_words_are_not() {
        let commands = ["customers", "rfm", "region", "report", "segment", "store", "tag"];
        for (typed, wanted) in [
            ("rmf", Some("rfm")),
            ("RFM", Some("rfm")),
            ("tags", Some("tag")),
            ("segmnet", Some("segment")),
            ("seg", Some("segment")),
            ("stroe", Some("store")),
            ("xyz", None),
            ("a", None),
            ("orders", None),
        ] {
            assert_eq!(meant(typed, commands.into_iter()), wanted, "{typed}");
        }
        assert_eq!(meant("cvs", ["table", "csv", "tsv"].into_iter()), Some("csv"));
    }
}
