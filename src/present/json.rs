//! JSON: one object with everything, or one line per row. Amounts are exact decimal numbers.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::cells::{Cell, View, views};
use super::report::{Report, Table};
use super::{Style, Writer, chosen, failed, words};
use crate::error::Result;
use crate::schema::accounting::Accounting;
use crate::schema::{day, money};

/// One object: report, parameters, accounting, which tables `--limit` cut, and rows, or the tables by name.
pub(super) struct Json;

/// One object per row of one table.
pub(super) struct JsonLines;

impl Writer for Json {
    fn write(&self, report: &Report, style: &Style, out: &mut dyn Write) -> Result<()> {
        let write_head = |out: &mut dyn Write| -> io::Result<()> {
            writeln!(out, "{{\n  \"report\": {},", Value::from(report.name))?;
            writeln!(out, "  \"parameters\": {},", Value::Object(report.parameters.clone()))?;
            writeln!(out, "  \"accounting\": {},", accounting(&report.accounting))?;
            match report.truncated.is_empty() {
                true => Ok(()),
                false => writeln!(out, "  \"truncated\": {},", Value::Object(report.truncated.clone())),
            }
        };
        write_head(out).map_err(failed)?;
        if report.tables.len() == 1 || style.table.is_some() {
            write!(out, "  \"rows\": ").map_err(failed)?;
            write_rows(chosen(report, style)?, style, out, "  ")?;
        } else {
            write!(out, "  \"tables\": {{").map_err(failed)?;
            for (i, table) in report.tables.iter().enumerate() {
                let comma = if i > 0 { "," } else { "" };
                write!(out, "{comma}\n    {}: ", Value::from(table.name)).map_err(failed)?;
                write_rows(table, style, out, "    ")?;
            }
            write!(out, "\n  }}").map_err(failed)?;
        }
        writeln!(out, "\n}}").map_err(failed)
    }
}

impl Writer for JsonLines {
    fn write(&self, report: &Report, style: &Style, out: &mut dyn Write) -> Result<()> {
        let table = chosen(report, style)?;
        for_each_row(table, style, |_, object| {
            out.write_all(object.as_bytes())?;
            out.write_all(b"\n")
        })
    }
}

/// The row accounting as JSON, for reports and manifests.
pub fn accounting(accounting: &Accounting) -> Value {
    let excluded: Map<String, Value> =
        accounting.excluded.iter().map(|(rule, rows)| (rule.code().to_owned(), rows.into())).collect();
    let quarantined: Map<String, Value> = accounting
        .quarantined
        .iter()
        .map(|(reason, rows)| (reason.code().to_owned(), (*rows).into()))
        .collect();
    json!({
        "rows_read": accounting.rows_read,
        "rows_used": accounting.rows_used,
        "rows_excluded": accounting.excluded.total(),
        "rows_quarantined": accounting.quarantined_total(),
        "excluded": excluded,
        "quarantined": quarantined,
    })
}

fn write_rows(table: &Table, style: &Style, out: &mut dyn Write, indent: &str) -> Result<()> {
    out.write_all(b"[").map_err(failed)?;
    let mut is_empty = true;
    for_each_row(table, style, |row, object| {
        is_empty = false;
        let comma = if row > 0 { "," } else { "" };
        write!(out, "{comma}\n{indent}  {object}")
    })?;
    let end = if is_empty { "]".to_owned() } else { format!("\n{indent}]") };
    out.write_all(end.as_bytes()).map_err(failed)
}

fn for_each_row(
    table: &Table,
    style: &Style,
    mut visit: impl FnMut(usize, &str) -> io::Result<()>,
) -> Result<()> {
    let limit = style.limit.unwrap_or(usize::MAX);
    let views = views(table, limit)?;
    // A shop's own column may have any name, so keys are escaped.
    let keys: Vec<String> = views.iter().map(|view| Value::from(view.spec.name).to_string()).collect();
    let mut object = String::new();
    for row in 0..table.frame.height().min(limit) {
        object.clear();
        object.push('{');
        for (i, (view, key)) in views.iter().zip(&keys).enumerate() {
            let comma = if i > 0 { "," } else { "" };
            object.push_str(&format!("{comma}{key}:"));
            write_value(&mut object, view, row, style);
        }
        object.push('}');
        visit(row, &object).map_err(failed)?;
    }
    Ok(())
}

fn write_value(out: &mut String, view: &View, row: usize, style: &Style) {
    let value = match view.get(row) {
        Cell::Null => Value::Null,
        Cell::Text(text) => words::in_machine_formats(view, text, style.locale).into(),
        Cell::Int(value) => value.into(),
        Cell::Float(value) => value.into(),
        // Written as a decimal literal, which a float in a `Value` could not hold exactly.
        Cell::Amount(micros) => return out.push_str(&money::plain(micros)),
        Cell::Flag(flag) => flag.into(),
        Cell::Date(day) => day::date_of(day).map_or(Value::Null, |date| date.to_string().into()),
    };
    out.push_str(&value.to_string());
}
