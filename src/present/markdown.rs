//! Markdown tables: localised, complete, for reports and chat.

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
                line(vec![heading, value.replace('|', "\\|")]).map_err(failed)?;
            }
        }
        return note_of_masks(masked_before, style, out);
    }
    let header = views.iter().map(|view| style.locale.heading(view.table, view.spec.name).to_owned());
    let rules = views.iter().map(|view| if view.is_number() { "--:" } else { ":--" }.to_owned());
    line(header.collect()).map_err(failed)?;
    line(rules.collect()).map_err(failed)?;
    for row in 0..table.frame.height().min(limit) {
        let cells = views.iter().map(|view| words::shown(view, row, report, style).replace('|', "\\|"));
        line(cells.collect()).map_err(failed)?;
    }
    note_of_masks(masked_before, style, out)
}

/// That personal data are masked, where any was since there were so many masks.
fn note_of_masks(masked_before: u64, style: &Style, out: &mut dyn Write) -> Result<()> {
    match style.masks.count() > masked_before {
        true => writeln!(out, "\n{}", style.locale.get("text", "masked")).map_err(failed),
        false => Ok(()),
    }
}
