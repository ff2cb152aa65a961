//! Everything that is printed on standard error goes through here: personal data are masked, and control characters
//! that could drive a terminal are escaped.

use std::borrow::Cow;
use std::io::Write;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::output;
use crate::error::Error;
use crate::limits::MAX_SAID_BYTES;
use crate::locale::harmless;
use crate::masks::Masks;

/// Whether personal data are printed in full.
static SHOWS_PII: AtomicBool = AtomicBool::new(false);

/// Whether only errors are printed.
static IS_QUIET: AtomicBool = AtomicBool::new(false);
/// Whether additional details are printed.
static IS_VERBOSE: AtomicBool = AtomicBool::new(false);

/// Sets how much is printed from now on.
pub(super) fn set(is_quiet: bool, is_verbose: bool) {
    IS_QUIET.store(is_quiet, Ordering::Relaxed);
    IS_VERBOSE.store(is_verbose, Ordering::Relaxed);
}

/// Whether `--quiet` was given, so that only errors are printed.
pub(super) fn is_quiet() -> bool {
    IS_QUIET.load(Ordering::Relaxed)
}

/// Whether `--verbose` was given.
pub(super) fn is_verbose() -> bool {
    IS_VERBOSE.load(Ordering::Relaxed)
}

/// Prints personal data in full from now on.
pub(super) fn show_pii() {
    SHOWS_PII.store(true, Ordering::Relaxed);
}

/// Prints a text on standard error. A closed standard error is no failure.
pub(super) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", said(text));
}

/// Prints a text unless `--quiet` was given.
pub(super) fn mention(text: &str) {
    if !is_quiet() {
        tell(text);
    }
}

/// Prints a text only if `--verbose` was given.
pub(super) fn detail(text: &str) {
    if is_verbose() {
        tell(text);
    }
}

/// Prints a note, even with `--quiet`.
pub(super) fn tell_note(text: &str) {
    tell(&output::spoken().locale().marked("note", text));
}

/// Prints a note unless `--quiet` was given.
pub(super) fn note(text: &str) {
    if !is_quiet() {
        tell_note(text);
    }
}

/// Prints an error with its cause and a hint at what to do, in the language of the run, as `error:` and `hint:`.
pub fn tell_error(error: &Error) {
    let lang = output::spoken();
    let (message, hint) = error.said(lang);
    tell(&lang.locale().marked("error", &shortened(&message)));
    hint.iter().for_each(|hint| tell(&lang.locale().marked("hint", &shortened(hint))));
}

/// A text cut to [`MAX_SAID_BYTES`]. It may hold content of a file, for example a header as long as a whole record.
fn shortened(text: &str) -> Cow<'_, str> {
    const CUT: &str = " …";
    if text.len() <= MAX_SAID_BYTES {
        return text.into();
    }
    let end = text.floor_char_boundary(MAX_SAID_BYTES - CUT.len());
    format!("{}{CUT}", &text[..end]).into()
}

/// A text as it may be printed: masked, and with control characters escaped. All lines after the first are indented, so
/// that a line break in a name cannot pass for a message of its own.
fn said(text: &str) -> String {
    static MASKS: LazyLock<Masks> = LazyLock::new(Masks::default);
    let is_shown = SHOWS_PII.load(Ordering::Relaxed);
    let text = if is_shown { text.into() } else { MASKS.text(text) };
    let mut lines = text.split('\n').map(harmless);
    let mut out = lines.next().unwrap_or_default().into_owned();
    for line in lines {
        out.push_str(if line.starts_with(' ') { "\n" } else { "\n  " });
        out.push_str(&line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_ends() {
        assert_eq!(shortened("short"), "short");
        let whole = "字".repeat(1_365) + "x";
        assert_eq!((whole.len(), shortened(&whole).len()), (4_096, 4_096));
        let longer = whole + "y";
        let cut = shortened(&longer);
        assert!(cut.ends_with("字 …") && cut.len() <= 4_096 && cut.len() > 4_090, "{}", cut.len());
    }

    #[test]
    fn what_is_said_is_masked_harmless_and_one_message() {
        assert_eq!(said("note: 13912345678 \u{1b}[2J"), r"note: 139****5678 \u{1b}[2J");
        assert_eq!(said("error: a\nerror: b\n  c"), "error: a\n  error: b\n  c");
    }
}
