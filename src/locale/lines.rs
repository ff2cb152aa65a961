//! Lines broken to a width, in both scripts.

use unicode_linebreak::linebreaks;
use unicode_width::UnicodeWidthStr;

/// A line broken where its script may be broken (Unicode Annex 14: Chinese between characters, English at spaces), so
/// that no line is wider than `width` columns; further lines begin with `indent`. No line break stands at its end.
pub fn broken(line: &str, width: usize, indent: &str) -> String {
    let (mut out, mut column) = (String::new(), 0);
    let mut is_line_begun = false;
    for piece in pieces(line) {
        if is_line_begun && column + piece.trim_end().width() > width {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(indent);
            column = indent.width();
        }
        out.push_str(piece);
        column += piece.width();
        is_line_begun |= !piece.trim().is_empty();
    }
    out.truncate(out.trim_end().len());
    out
}

/// What of a line stays together, up to where it may be broken for the first time.
pub fn first_piece(line: &str) -> &str {
    pieces(line).next().unwrap_or_default()
}

/// A line in pieces between which it may be broken.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    linebreaks(line).filter_map(move |(end, _)| {
        let piece = &line[start..end];
        if end < line.len() && ends_in_dashes(piece) {
            return None;
        }
        start = end;
        Some(piece)
    })
}

/// Whether it ends with the dashes of a flag, behind which the annex would let a line end.
fn ends_in_dashes(piece: &str) -> bool {
    let word = piece.trim_end_matches('-');
    word.len() < piece.len() && !word.ends_with(|last: char| last.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_within_the_width_in_both_scripts() {
        let english = broken("one two three four five six seven", 24, "  ");
        assert_eq!(english, "one two three four five\n  six seven");
        let chinese = broken("活跃老客  多做服务性沟通，每次活动都邀请，送小礼物。", 32, "          ");
        assert!(chinese.lines().all(|line| line.width() <= 32), "{chinese}");
        assert!(chinese.lines().all(|line| !line.trim_start().starts_with(['，', '。'])), "{chinese}");
        assert_eq!(
            broken("把发送记录追加到文件，已有的不会重复追加。", 20, ""),
            "把发送记录追加到文\n件，已有的不会重复追\n加。"
        );
        assert_eq!(broken("", 20, "  "), "");
    }

    #[test]
    fn flags_stay_whole() {
        // Behind the dashes there would be room for no more.
        assert_eq!(broken("kept with --where", 12, ""), "kept with\n--where");
        assert_eq!(broken("写到 -o 指定的文件", 6, ""), "写到\n-o 指\n定的文\n件");
        assert_eq!(broken("well-known words", 6, ""), "well-\nknown\nwords");
        assert_eq!(broken("ends with -", 20, ""), "ends with -");
    }
}
