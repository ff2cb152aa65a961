//! The first sheet: what the workbook is about, what its answers use, and what the other sheets hold.

use rust_xlsxwriter::{Format, Url, Worksheet};
use serde_json::Value;

use super::pen::Pen;
use super::sheets::Sheet;
use super::{Book, xlsx_failed};
use crate::error::Result;
use crate::locale::{grouped, sentence};
use crate::present::words;
use crate::schema::Day;

/// Widths of its columns in characters: names, explanations, counts, and the subject of a sheet.
const WIDTHS: [f64; 4] = [30.0, 64.0, 14.0, 28.0];

/// Writes the first sheet.
pub(super) fn sheet(
    book: &Book<'_>,
    [name, title]: [&str; 2],
    sheets: &[Sheet<'_>],
    masked_before: u64,
    pen: &Pen<'_>,
) -> Result<Worksheet> {
    let mut front = Front { sheet: Worksheet::new(), row: 0, pen };
    front.sheet.set_name(name).map_err(xlsx_failed)?;
    for (column, width) in WIDTHS.iter().enumerate() {
        front.sheet.set_column_width(column as u16, *width).map_err(xlsx_failed)?;
    }
    front.sheet.set_landscape().set_paper_size(super::sheets::A4).set_print_fit_to_pages(1, 0);
    let title = pen.style.cut.fit(title);
    front.sheet.write_string_with_format(0, 0, title, &pen.formats.title).map_err(xlsx_failed)?;
    front.row = 1;
    front.scope(book)?;
    front.sheets(sheets)?;
    front.lacks(book)?;
    front.accounting(book)?;
    front.inputs(book)?;
    // A condition in the heading may contain masked values, too.
    let is_masked = pen.style.masks.count() > masked_before;
    front.notes(book, sheets, is_masked)?;
    Ok(front.sheet)
}

struct Front<'a> {
    sheet: Worksheet,
    /// The next row.
    row: u32,
    pen: &'a Pen<'a>,
}

/// The content of a cell.
enum Item<'a> {
    Text(&'a str),
    Count(u64),
    CountLeft(u64),
    /// Days since 1970-01-01.
    Day(Day),
    /// The name of a sheet.
    Link(&'a str),
}

impl Front<'_> {
    /// Writes the as-of day, the period, which customers and orders count, and the currency.
    fn scope(&mut self, book: &Book<'_>) -> Result<()> {
        let (report, pen) = (book.whole, self.pen);
        let locale = pen.style.locale;
        let customers = Item::CountLeft(report.customer_count);
        // Answers about a hand-kept file are not about orders.
        if report.as_of.is_none() && report.order_count == 0 && report.parameters.is_empty() {
            return self.line([Item::Text(pen.word("customers")), customers]);
        }
        // With keys the cell is as in formats for machines: a number of days, empty if there is no window.
        let has_keys = pen.style.has_keys;
        let none = |key| Item::Text(if has_keys { "" } else { locale.get("text", key) });
        let as_of = report.as_of.map_or_else(|| none("as_of_none"), Item::Day);
        self.line([Item::Text(pen.word("as_of")), as_of])?;
        let days = report.window.map(u64::from);
        let in_words = days.map(|days| locale.count("window", days, &days.to_string()));
        let window = match (days, &in_words) {
            (Some(days), _) if has_keys => Item::CountLeft(days),
            (_, Some(words)) => Item::Text(words),
            (_, None) => none("all_time"),
        };
        self.line([Item::Text(pen.word("window")), window])?;
        self.line([Item::Text(pen.word("customers")), customers])?;
        self.line([Item::Text(pen.word("orders")), Item::CountLeft(report.order_count)])?;
        for key in ["currency", "where", "orders_where", "identity"] {
            if let Some(text) = report.parameters.get(key).and_then(Value::as_str) {
                // A condition may contain somebody's phone number.
                let text = if pen.style.shows_pii { text.into() } else { pen.style.masks.text(text) };
                self.line([Item::Text(pen.word(key)), Item::Text(&text)])?;
            }
        }
        for (key, what) in [("include_zero_orders", "counted"), ("exclude_occasional", "left_out")] {
            if report.parameters.get(key) == Some(&Value::Bool(true)) {
                self.line([Item::Text(pen.word(key)), Item::Text(pen.word(what))])?;
            }
        }
        Ok(())
    }

    /// Writes the list of the other sheets with links to them.
    fn sheets(&mut self, sheets: &[Sheet<'_>]) -> Result<()> {
        self.block("sheets", &["sheet", "what", "rows", "analysis"])?;
        for sheet in sheets {
            let (title, about) = (Item::Text(&sheet.title), Item::Text(&sheet.about));
            self.line([Item::Link(&sheet.name), title, Item::Count(sheet.rows as u64), about])?;
        }
        Ok(())
    }

    /// Writes the questions without a sheet, and why.
    fn lacks(&mut self, book: &Book<'_>) -> Result<()> {
        let between = self.pen.style.locale.get("workbook", "between");
        let mut lacking = book.parts.iter().filter(|part| part.reports.is_empty()).peekable();
        if lacking.peek().is_some() {
            self.block("lacks", &["analysis", "why"])?;
        }
        for part in lacking {
            let about = Item::Text(part.called(self.pen));
            self.line([about, Item::Text(&part.lacks.join(between))])?;
        }
        Ok(())
    }

    /// Writes the row accounting.
    fn accounting(&mut self, book: &Book<'_>) -> Result<()> {
        let (accounting, pen) = (&book.whole.accounting, self.pen);
        let word = |section: &'static str, key: &'static str| match pen.style.has_keys {
            true => key,
            false => pen.style.locale.get(section, key),
        };
        self.block("accounting", &["outcome", "rule", "rows"])?;
        let mut row = |outcome: &str, why: &str, rows: u64| {
            self.line([Item::Text(outcome), Item::Text(why), Item::Count(rows)])
        };
        row(pen.word("read"), "", accounting.rows_read)?;
        row(word("outcome", "used"), "", accounting.rows_used)?;
        accounting
            .left_out()
            .try_for_each(|left| row(word("outcome", left.outcome), word(left.by, left.code), left.rows))
    }

    /// Writes the inputs.
    fn inputs(&mut self, book: &Book<'_>) -> Result<()> {
        let pen = self.pen;
        if book.whole.inputs.is_empty() {
            return Ok(());
        }
        self.block("files", &["file", "table", "rows"])?;
        for input in &book.whole.inputs {
            let table = match pen.style.has_keys {
                true => input.table,
                false => pen.style.locale.get("canonical", input.table),
            };
            self.line([Item::Text(&input.name), Item::Text(table), Item::Count(input.row_count)])?;
        }
        Ok(())
    }

    /// Writes the remarks: on everything, on each part, and on what is not shown.
    fn notes(&mut self, book: &Book<'_>, sheets: &[Sheet<'_>], is_masked: bool) -> Result<()> {
        let locale = self.pen.style.locale;
        let mut notes: Vec<(&str, String)> = book.whole.notes.iter().map(|note| ("", note.clone())).collect();
        for part in &book.parts {
            let own = words::own_scope(part.reports, book.whole, locale);
            let said = own.into_iter().chain(part.notes.iter().cloned());
            notes.extend(said.map(|note| (part.called(self.pen), note)));
        }
        for (sheet, total) in sheets.iter().filter_map(|sheet| Some((sheet, sheet.total?))) {
            let [shown, total] = [sheet.rows, total].map(|count| grouped(&count.to_string()));
            let rows = locale.get("rows", sheet.table.row);
            let text = locale.fill("shown", &[("shown", &shown), ("total", &total), ("rows", rows)]);
            notes.push((&sheet.name, text));
        }
        if let Some(remark) = self.pen.style.cut.remark() {
            let values: Vec<(&str, String)> = remark.values.clone();
            notes.push(("", locale.sentence("finding", &sentence(remark.code, &values)).into_owned()));
        }
        if is_masked {
            let key = if book.is_masked_always { "masked_always" } else { "masked" };
            notes.push(("", locale.get("text", key).to_owned()));
        }
        let made = locale.get("workbook", "made").replace("{version}", env!("CARGO_PKG_VERSION"));
        notes.push(("", made));
        self.block("notes", &["analysis", "note"])?;
        for (of, note) in &notes {
            self.line([Item::Text(of), Item::Text(note)])?;
        }
        Ok(())
    }

    /// Writes a title with headings below it, after an empty row.
    fn block(&mut self, title: &'static str, heads: &[&'static str]) -> Result<()> {
        let pen = self.pen;
        self.row += 1;
        self.put(0, pen.word(title), &pen.formats.block)?;
        self.row += 1;
        for (column, head) in heads.iter().enumerate() {
            self.put(column as u16, pen.word(head), &pen.formats.head)?;
        }
        self.row += 1;
        Ok(())
    }

    fn line<const N: usize>(&mut self, items: [Item<'_>; N]) -> Result<()> {
        let (pen, row) = (self.pen, self.row);
        for (item, column) in items.into_iter().zip(0..) {
            match item {
                Item::Text("") => {}
                Item::Text(text) => drop(pen.text(&mut self.sheet, (row, column), text)?),
                Item::Count(count) => self.number(column, count, &pen.formats.whole)?,
                Item::CountLeft(count) => self.number(column, count, &pen.formats.whole_left)?,
                Item::Day(day) => match super::pen::excel_date(day) {
                    Some(date) => {
                        let format = &pen.formats.date_left;
                        let written = self.sheet.write_datetime_with_format(row, column, &date, format);
                        written.map_err(xlsx_failed)?;
                    }
                    None => drop(pen.text(&mut self.sheet, (row, column), &day.to_string())?),
                },
                Item::Link(name) => {
                    let place = format!("internal:'{}'!A1", name.replace('\'', "''"));
                    let link = Url::new(place).set_text(name);
                    let written = self.sheet.write_url_with_format(row, column, link, &pen.formats.link);
                    written.map_err(xlsx_failed)?;
                }
            }
        }
        self.row += 1;
        Ok(())
    }

    fn number(&mut self, column: u16, count: u64, format: &Format) -> Result<()> {
        self.sheet.write_number_with_format(self.row, column, count as f64, format).map_err(xlsx_failed)?;
        Ok(())
    }

    fn put(&mut self, column: u16, text: &str, format: &Format) -> Result<()> {
        self.sheet.write_string_with_format(self.row, column, text, format).map_err(xlsx_failed)?;
        Ok(())
    }
}
