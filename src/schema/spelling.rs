//! Names as people write them: headers, words and ids that differ in case, spaces and hyphens only are one.

use unicode_normalization::UnicodeNormalization;

/// A header or word as it is compared: no case, no spaces, underscores or hyphens, ASCII brackets and commas.
pub fn squash(name: &str) -> String {
    if name.is_ascii() {
        // Every run squashes some thousand headers of presets.
        let kept = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'));
        let mut squashed = String::with_capacity(name.len());
        squashed.extend(kept.map(|c| c.to_ascii_lowercase()));
        return squashed;
    }
    // Some platforms write accents as characters of their own.
    name.nfc()
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

/// The name closest to `wanted`, if any is close.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = squash(wanted);
    names
        .map(|name| (strsim::jaro_winkler(&wanted, &squash(name)), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}
