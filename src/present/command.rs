//! Breaks shell commands into lines that fit a terminal.

use unicode_width::UnicodeWidthStr;

/// A command in lines of a terminal's width, each but the last ending with the shell's continuation mark. Quoted text
/// is never broken.
pub(super) fn lines(command: &str, width: Option<u16>) -> String {
    const INDENT: &str = "  ";
    const GOES_ON: &str = " \\";
    let width = usize::from(width.unwrap_or(u16::MAX));
    let (mut out, mut line) = (String::new(), INDENT.to_owned());
    for word in shell_words(command) {
        let is_first = line.len() == INDENT.len();
        if !is_first && line.width() + 1 + word.width() + GOES_ON.len() > width {
            out.push_str(&format!("{line}{GOES_ON}\n"));
            line = INDENT.repeat(2);
        } else if !is_first {
            line.push(' ');
        }
        line.push_str(word);
    }
    out + &line + "\n"
}

/// The words of a command; spaces within quotes do not separate.
fn shell_words(command: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote, mut is_escaped) = (Vec::new(), 0, None, false);
    for (place, c) in command.char_indices() {
        match (quote, c) {
            _ if is_escaped => is_escaped = false,
            (None | Some('"'), '\\') => is_escaped = true,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, ' ') => {
                words.push(&command[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    words.push(&command[start..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_break_where_a_shell_takes_them_up_again() {
        let command =
            r#"ecrm audience --where "a = 'b c' and d" --on 2026-06-01 -o 'it'\''s here.csv' --max 7"#;
        assert_eq!(
            lines(command, Some(40)),
            "  ecrm audience --where \\\n    \"a = 'b c' and d\" --on 2026-06-01 \\\n    -o 'it'\\''s here.csv' --max 7\n"
        );
        assert_eq!(lines(command, None), format!("  {command}\n"));
        // What a shell makes of the lines is the command.
        let joined = lines(command, Some(30)).replace(" \\\n    ", " ");
        assert_eq!(joined.trim(), command);
    }
}
