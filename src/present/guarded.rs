//! Makes foreign text (file names, headers, cells, arguments) safe for terminals.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::locale::harmless;

/// Passes text on to a terminal and makes each line [`harmless`], keeping tabs.
pub struct Guarded<W> {
    terminal: W,
    /// The part of the current line that has arrived.
    line: Vec<u8>,
}

impl<W: Write> Guarded<W> {
    /// Before a terminal.
    pub fn new(terminal: W) -> Self {
        Self { terminal, line: Vec::new() }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let text = String::from_utf8_lossy(&self.line);
        let shown: Vec<Cow<'_, str>> = text.split('\t').map(harmless).collect();
        self.terminal.write_all(shown.join("\t").as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

impl<W: Write> Write for Guarded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
            if line.ends_with(b"\n") {
                self.pass_on()?;
                self.terminal.write_all(b"\n")?;
            }
        }
        Ok(bytes.len())
    }

    /// Passes on everything that has arrived, even an incomplete line.
    fn flush(&mut self) -> io::Result<()> {
        self.pass_on()?;
        self.terminal.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_or_deceives_is_shown() {
        for (text, shown) in [
            ("\u{1b}]0;PWN\u{7}", r"\u{1b}]0;PWN\u{7}"),
            ("\u{9b}31m", r"\u{9b}31m"),
            ("a\r\nb\tc\0\u{7f}", r"a\r\nb\tc\u{0}\u{7f}"),
            ("\u{feff}order_id", r"\u{feff}order_id"),
            ("pay\u{200b}ment\u{2066}x\u{2069}\u{2028}", r"pay\u{200b}ment\u{2066}x\u{2069}\u{2028}"),
            ("é中文😀 \u{a0}'\\", "é中文😀 \u{a0}'\\"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }
    #[test]
    fn terminals_get_lines_that_are_harmless_however_they_come() {
        let text = "id\tx\n\u{1b}[2Jé\u{9b}1m\tb\nlast";
        for size in 1..text.len() {
            let mut shown = Vec::new();
            let mut guarded = Guarded::new(&mut shown);
            for piece in text.as_bytes().chunks(size) {
                assert_eq!(guarded.write(piece).ok(), Some(piece.len()));
            }
            assert!(guarded.flush().is_ok());
            assert_eq!(String::from_utf8(shown).as_deref(), Ok("id\tx\n\\u{1b}[2Jé\\u{9b}1m\tb\nlast"));
        }
    }
}
