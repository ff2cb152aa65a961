//! Text of others (file names, headers, cells, arguments) as terminals can be given it.

use std::borrow::Cow;

/// A text on one line in which nothing drives a terminal, turns the order of writing or hides: control characters (C0,
/// C1), marks of direction and characters of no width are shown as escapes such as `\n` and `\u{1b}`.
///
/// ```
/// use ecrm::locale::harmless;
/// assert_eq!(harmless("a\u{1b}[31mb\u{202e}c"), r"a\u{1b}[31mb\u{202e}c");
/// assert_eq!(harmless("内蒙古 – ok"), "内蒙古 – ok");
/// ```
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match is_harmful(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown.into()
}

fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' // direction
            | '\u{2028}' | '\u{2029}' // further ends of lines
            // Characters without width.
            | '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{feff}'
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // fillers that look like a space
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}') // annotations and tags
}
