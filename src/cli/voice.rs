//! What is said on standard error, in one place: personal data masked, nothing in it that drives a terminal.

use std::borrow::Cow;
use std::io::Write;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::output;
use crate::error::Error;
use crate::limits::MAX_SAID_BYTES;
use crate::locale::harmless;
use crate::masks::Masks;

/// Whether personal data are said in full.
static SHOWS_PII: AtomicBool = AtomicBool::new(false);

/// Whether only errors are said.
static IS_QUIET: AtomicBool = AtomicBool::new(false);
/// Whether more is said.
static IS_VERBOSE: AtomicBool = AtomicBool::new(false);

/// How much is said from now on.
pub(super) fn set(is_quiet: bool, is_verbose: bool) {
    IS_QUIET.store(is_quiet, Ordering::Relaxed);
    IS_VERBOSE.store(is_verbose, Ordering::Relaxed);
}

/// Whether `--quiet` leaves out all but errors.
pub(super) fn is_quiet() -> bool {
    IS_QUIET.load(Ordering::Relaxed)
}

/// Whether `--verbose` wants to know more.
pub(super) fn is_verbose() -> bool {
    IS_VERBOSE.load(Ordering::Relaxed)
}

/// From now on personal data are said in full.
pub(super) fn show_pii() {
    SHOWS_PII.store(true, Ordering::Relaxed);
}

/// Says something beside the result. That nobody listens any more is no failure.
pub(super) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", said(text));
}

/// Says what `--quiet` leaves out.
pub(super) fn mention(text: &str) {
    if !is_quiet() {
        tell(text);
    }
}

/// Says what only `--verbose` wants to know.
pub(super) fn detail(text: &str) {
    if is_verbose() {
        tell(text);
    }
}

/// Says a note, with `--quiet` too.
pub(super) fn tell_note(text: &str) {
    tell(&output::spoken().locale().marked("note", text));
}

/// Says a note, which `--quiet` leaves out.
pub(super) fn note(text: &str) {
    if !is_quiet() {
        tell_note(text);
    }
}

/// Says what went wrong, with its cause, and how to mend it, in the language of the run: `error:`, `hint:`.
pub fn tell_error(error: &Error) {
    let lang = output::spoken();
    let (message, hint) = error.said(lang);
    tell(&lang.locale().marked("error", &shortened(&message)));
    hint.iter().for_each(|hint| tell(&lang.locale().marked("hint", &shortened(hint))));
}

/// A text within [`MAX_SAID_BYTES`]: what a file holds may be in it, and a header may be as long as a record.
fn shortened(text: &str) -> Cow<'_, str> {
    const CUT: &str = " …";
    if text.len() <= MAX_SAID_BYTES {
        return text.into();
    }
    let end = text.floor_char_boundary(MAX_SAID_BYTES - CUT.len());
    format!("{}{CUT}", &text[..end]).into()
}

/// A text as it may be said. Lines after the first are set in, so that no line break in a name can pass for a message.
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
