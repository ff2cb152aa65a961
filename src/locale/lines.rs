//! Lines broken to a width, in both scripts.

use unicode_linebreak::linebreaks;
use unicode_width::UnicodeWidthStr;

/// A line broken where its script may be broken (Unicode Annex 14: Chinese between characters, English at spaces), so
/// that no line is wider than `width` columns; further lines begin with `indent`. No line break stands at its end.
pub fn broken(line: &str, width: usize, indent: &str) -> String {
    let (mut out, mut start, mut column) = (String::new(), 0, 0);
    let mut is_line_begun = false;
    for (end, _) in linebreaks(line) {
        let piece = &line[start..end];
        if is_line_begun && column + piece.trim_end().width() > width {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(indent);
            column = indent.width();
        }
        out.push_str(piece);
        column += piece.width();
        is_line_begun |= !piece.trim().is_empty();
        start = end;
    }
    out.truncate(out.trim_end().len());
    out
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
        assert_eq!(broken("把发送记录追加到文件，已有的不会重复追加。", 20, ""), "把发送记录追加到文\n件，已有的不会重复追\n加。");
        assert_eq!(broken("", 20, "  "), "");
    }
}
