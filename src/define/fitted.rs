//! Definitions on a narrow terminal. The lines of the texts are already broken, for pipes and for the people who edit
//! them. Here the lines of a paragraph are joined again before they are broken at another width.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::locale::{broken, first_piece};

/// A line counts as full if it would be wider than this with the first word of the next line. The line break after a
/// full line is joined away; after a shorter line it is kept, because the author wanted it there.
const MIN_FULL: usize = 95;

/// The least width of an explanation that stands beside its name. If there is less room, it goes below the name.
const MIN_ROOM: usize = 30;

/// Breaks a text so that no line is wider than `width` columns, unless a single word is. A text that already fits is
/// not changed.
pub fn fitted(text: &str, width: usize) -> String {
    if text.lines().all(|line| line.width() <= width) {
        return text.to_owned();
    }
    let blocks = blocks(text);
    blocks.iter().map(|block| broken(&block.text, width, &" ".repeat(block.hang(width))) + "\n").collect()
}

/// Lines that are one paragraph, or one entry of a list.
struct Block {
    text: String,
    /// Columns by which the first line is indented.
    indent: usize,
    /// The columns at which explanations begin after names, as in `name  text`.
    columns: Vec<usize>,
    /// Columns by which the second and further lines are indented, once there are any.
    further: Option<usize>,
}

impl Block {
    fn new(line: &str) -> Self {
        let indent = indent(line);
        let mut columns: Vec<usize> = gaps(line).iter().map(|gap| line[..gap.end].width()).collect();
        if line.trim_start().starts_with("- ") {
            columns.push(indent + 2);
        }
        Self { text: line.to_owned(), indent, columns, further: None }
    }

    /// Whether a line may continue the block: it is not indented and neither is the block, or it is indented like one
    /// of the explanations.
    fn goes_on(&self, line: &str) -> bool {
        let column = indent(line);
        !line.is_empty()
            && gaps(line).is_empty()
            && match self.further {
                Some(further) => column == further,
                // A line that is indented as much as the first may be a new example below another one.
                None => column == 0 && self.indent == 0 || self.columns.contains(&column),
            }
    }

    fn join(&mut self, line: &str) {
        self.further = Some(indent(line));
        let line = line.trim_start();
        if is_apart(&self.text, line) {
            self.text.push(' ');
        }
        self.text.push_str(line);
    }

    /// Columns by which further lines are indented.
    fn hang(&self, width: usize) -> usize {
        let has_room = |column: &usize| column + MIN_ROOM <= width;
        match self.further {
            Some(further) if has_room(&further) => further,
            _ if self.columns.is_empty() => self.indent,
            _ => self.columns.iter().copied().filter(has_room).max().unwrap_or(self.indent + 2),
        }
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut before = "";
    for line in text.lines() {
        match blocks.last_mut() {
            Some(block) if is_full(before, line) && block.goes_on(line) => block.join(line),
            _ => blocks.push(Block::new(line)),
        }
        before = line;
    }
    blocks
}

/// Whether a line has no room for the first word of the next line.
fn is_full(line: &str, next: &str) -> bool {
    let next = next.trim_start();
    let space = usize::from(is_apart(line, next));
    line.width() + space + first_piece(next).trim_end().width() > MIN_FULL
}

/// Whether joining two lines takes a space: not between two Chinese characters, nor next to Chinese punctuation.
fn is_apart(line: &str, next: &str) -> bool {
    let is_wide = |c: char| c.width() == Some(2);
    let is_mark = |c: char| is_wide(c) && !c.is_alphanumeric() || matches!(c, '“' | '”');
    let (Some(last), Some(first)) = (line.chars().next_back(), next.chars().next()) else { return false };
    !(is_mark(last) || is_mark(first) || is_wide(last) && is_wide(first))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The byte ranges of all gaps of two or more spaces between words.
fn gaps(line: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let words = line.split(' ').map(|word| {
        let start = at;
        at += word.len() + 1;
        start..start + word.len()
    });
    let words: Vec<Range<usize>> = words.filter(|word| !word.is_empty()).collect();
    let gaps = words.windows(2).map(|pair| pair[0].end..pair[1].start);
    gaps.filter(|gap| gap.len() > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::define;
    use crate::locale::Lang;

    #[test]
    fn paragraphs_and_entries_are_broken_anew_and_what_fits_stays() {
        let text = "\
What the files are good for: what was recognised, where rows went, what stands out, which commands can
run.

  opted_out    wants no messages, and so is not on any list that is pulled from these files for whatever
               campaign it may be
  blacklisted  no more
";
        assert_eq!(fitted(text, 110), text);
        assert_eq!(
            fitted(text, 60),
            "\
What the files are good for: what was recognised, where rows
went, what stands out, which commands can run.

  opted_out    wants no messages, and so is not on any list
               that is pulled from these files for whatever
               campaign it may be
  blacklisted  no more
"
        );
        let examples = "\
  segment in ('lapsing_new', 'lapsing_loyal') and net_amount between 100 and 500.50 and age is null
  recency_days > 2 * expected_gap_days
";
        assert!(fitted(examples, 80).ends_with("\n  recency_days > 2 * expected_gap_days\n"));
        // There is no room beside the names.
        assert_eq!(
            fitted("  opted_out    wants no messages at all\n", 30),
            "  opted_out    wants no\n    messages at all\n"
        );
    }

    #[test]
    fn chinese_is_put_together_without_spaces_and_words_with_them() {
        let mut text = "甲".repeat(48);
        text += "\n乙。\n";
        assert_eq!(fitted(&text, 90), format!("{}\n{}乙。\n", "甲".repeat(45), "甲".repeat(3)));
        assert!(is_apart("用", "--by"));
        assert!(is_apart("--by", "时"));
        assert!(!is_apart("见，", "care"));
        assert!(!is_apart("见", "（care"));
        assert!(!is_apart("写有", "“测试”"));
        assert!(is_apart("one", "two"));
    }

    #[test]
    fn gaps_are_found_behind_the_indent() {
        assert_eq!(gaps("  a, b  c d   e"), [6..8, 11..14]);
        assert!(gaps("  one two").is_empty());
        assert!(gaps("").is_empty());
    }

    #[test]
    fn no_definition_is_wider_than_the_terminal_nor_loses_a_word() {
        for lang in [Lang::En, Lang::Zh] {
            for name in define::names() {
                let text = define::text(name, lang).expect("texts").expect("a text");
                for width in [60, 80] {
                    let fitted = fitted(&text, width);
                    for line in fitted.lines().filter(|line| line.width() > width) {
                        // A single word may be wider than the line.
                        assert!(!line.trim().contains(' '), "{name} {width}: {line}");
                    }
                    let letters = |text: &str| text.split_whitespace().collect::<String>();
                    assert_eq!(letters(&fitted), letters(&text), "{name}");
                }
            }
        }
    }
}
