//! Markdown tables: localised and complete, for reports and chats.

use std::io::{self, Write};

use super::cells::views_for_people;
use super::report::{Report, Table};
use super::{Style, Writer, failed, is_beside_the_point, record, wanted, words};
use crate::error::Result;

pub(super) struct Markdown;

impl Writer for Markdown {
    fn write(&self, report: &Report, style: &Style, out: &mut dyn Write) -> Result<()> {
        let locale = style.locale;
        let head = format!(
            "## {}\n\n{}\n\n{}\n",
            locale.get("report", report.name),
            words::scope_line(report, locale),
            words::accounting_line(report, locale)
        );
        out.write_all(head.as_bytes()).map_err(failed)?;
        for table in wanted(report, style)?.into_iter().filter(|table| !is_beside_the_point(table, report)) {
            write_table(report, table, style, out)?;
        }
        Ok(())
    }
}

fn write_table(report: &Report, table: &Table, style: &Style, out: &mut dyn Write) -> Result<()> {
    let limit = style.limit.unwrap_or(usize::MAX);
    let masked_before = style.masks.count();
    let views = views_for_people(table, limit)?;
    out.write_all(b"\n").map_err(failed)?;
    if let Some(title) = report.title_of(table, style.locale).filter(|_| report.tables.len() > 1) {
        out.write_all(format!("### {title}\n\n").as_bytes()).map_err(failed)?;
    }
    let mut line = |cells: Vec<String>| -> io::Result<()> { writeln!(out, "| {} |", cells.join(" | ")) };
    if table.is_record {
        line(vec![String::new(); 2]).map_err(failed)?;
        line(vec![":--".to_owned(); 2]).map_err(failed)?;
        for row in 0..table.frame.height().min(limit) {
            for (heading, value) in record::pairs(&views, row, report, style) {
                line(vec![escaped(&heading), escaped(&value)]).map_err(failed)?;
            }
        }
        return note_of_masks(masked_before, style, out);
    }
    let header = views.iter().map(|view| escaped(&words::heading(view, style.locale)));
    let rules = views.iter().map(|view| if view.is_number() { "--:" } else { ":--" }.to_owned());
    line(header.collect()).map_err(failed)?;
    line(rules.collect()).map_err(failed)?;
    for row in 0..table.frame.height().min(limit) {
        let cells = views.iter().map(|view| escaped(&words::shown(view, row, report, style)));
        line(cells.collect()).map_err(failed)?;
    }
    note_of_masks(masked_before, style, out)
}

/// Adds the note that personal data are masked, if more masks were given than `masked_before`.
fn note_of_masks(masked_before: u64, style: &Style, out: &mut dyn Write) -> Result<()> {
    match style.masks.count() > masked_before {
        true => writeln!(out, "\n{}", style.locale.get("text", "masked")).map_err(failed),
        false => Ok(()),
    }
}

/// Escapes a text for a cell of a GitHub Flavored Markdown table, so that nothing in it acts as markup, HTML, an
/// entity, a link or the end of the cell. A backslash before punctuation removes its meaning (GFM 0.29, section 6.1),
/// including the punctuation by which bare web addresses are recognised (6.9). An e-mail address still becomes a link;
/// it leads where it says.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    // A mask (`138****8000`) that stands alone has no closing counterpart.
    let can_close = text.split(|c| c != '*').filter(|run| !run.is_empty()).count() > 1;
    let mut before = None;
    for (place, c) in text.char_indices() {
        let rest = &text[place + c.len_utf8()..];
        let next = rest.chars().next();
        let is_markup = match c {
            '\\' | '`' | '[' | ']' | '<' | '|' | '~' => true,
            '*' => can_close,
            // Within a word (`customer_id`) it does not start emphasis.
            '_' => !(before.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric)),
            '&' => next.is_some_and(|next| next == '#' || next.is_ascii_alphanumeric()),
            ':' => rest.starts_with("//"),
            '.' => {
                text.as_bytes()[..place].last_chunk::<3>().is_some_and(|end| end.eq_ignore_ascii_case(b"www"))
            }
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_in_a_cell_is_markup() {
        for (text, written) in [
            ("plain text, 12.50 – 内蒙古", "plain text, 12.50 – 内蒙古"),
            ("customer_id", "customer_id"),
            ("_x_ __y__", r"\_x\_ \_\_y\_\_"),
            ("<script>alert(1)</script>", r"\<script>alert(1)\</script>"),
            ("[a](javascript:x) ![b](c)", r"\[a\](javascript:x) !\[b\](c)"),
            ("a | b \\| c", r"a \| b \\\| c"),
            ("`code` *bold* ~~gone~~", r"\`code\` \*bold\* \~\~gone\~\~"),
            ("138****8000", "138****8000"),
            ("138****8000, 139****0000", r"138\*\*\*\*8000, 139\*\*\*\*0000"),
            ("**x", "**x"),
            ("&lt; &#60; A & B R&D", r"\&lt; \&#60; A & B R\&D"),
            ("https://x.example http:/x", r"https\://x.example http:/x"),
            ("www.x.example WWW.y wwww", r"www\.x.example WWW\.y wwww"),
            (r"\u{1b}", r"\\u{1b}"),
        ] {
            assert_eq!(escaped(text), written);
        }
    }
}
