//! Writes the cells of a sheet: numbers as numbers, days as days, and text that is never run as a formula.

use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, FormatBorder, Worksheet};
use unicode_width::UnicodeWidthStr;

use super::super::cells::{Cell, View};
use super::super::report::{Kind, Report};
use super::super::{Style, words};
use super::xlsx_failed;
use crate::error::Result;
use crate::locale::grouped;
use crate::schema::Day;
use crate::text::neutral;

/// Writes cells in the language and formats of one workbook.
pub(super) struct Pen<'a> {
    pub style: &'a Style,
    pub formats: Formats,
}

/// Cell formats.
pub(super) struct Formats {
    pub title: Format,
    pub block: Format,
    pub head: Format,
    pub link: Format,
    pub whole: Format,
    pub whole_left: Format,
    pub date_left: Format,
    wrapped: Format,
    quoted: Format,
    date: Format,
    month: Format,
    amount: Format,
    share: Format,
    tenths: Format,
    hundredths: Format,
    chance: Format,
}

impl Formats {
    fn new() -> Self {
        let cell = || Format::new().set_align(FormatAlign::Top);
        let number = |format: &str| cell().set_num_format(format);
        let left = |format: &str| number(format).set_align(FormatAlign::Left);
        let fill = Color::RGB(0xE7_EC_F3);
        Self {
            title: Format::new().set_bold().set_font_size(16),
            block: Format::new().set_bold().set_font_size(12),
            head: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter)
                .set_background_color(fill)
                .set_border_bottom(FormatBorder::Thin),
            link: cell().set_hyperlink(),
            whole: number("#,##0"),
            whole_left: left("#,##0"),
            date_left: left("yyyy-mm-dd"),
            wrapped: cell().set_text_wrap(),
            quoted: cell().set_text_wrap().set_quote_prefix(),
            date: number("yyyy-mm-dd"),
            month: number("yyyy-mm"),
            amount: number("#,##0.00"),
            share: number("0.0%"),
            tenths: number("#,##0.0"),
            hundredths: number("#,##0.00"),
            // Smaller chances are written as `<0.001`, since 0.000 would mean "impossible".
            chance: number("[<0.001]\"<0.001\";0.000"),
        }
    }
}

impl<'a> Pen<'a> {
    pub fn new(style: &'a Style) -> Self {
        Self { style, formats: Formats::new() }
    }

    /// A word from the workbook's own translations, or the key itself.
    pub fn word(&self, key: &'a str) -> &'a str {
        if self.style.has_keys { key } else { self.style.locale.get("workbook", key) }
    }

    /// The heading of a column.
    pub fn heading(&self, view: &View) -> &'a str {
        match self.style.has_keys {
            true => view.spec.name,
            false => self.style.locale.heading(view.table, view.spec.name),
        }
    }

    /// Writes a text that is never a formula: the cell is of type text, and its quote prefix keeps it one when it is
    /// edited. Returns its width on one line, in characters.
    pub fn text(&self, sheet: &mut Worksheet, (row, column): (u32, u16), text: &str) -> Result<usize> {
        let would_run = neutral(text).len() > text.len();
        let format = if would_run { &self.formats.quoted } else { &self.formats.wrapped };
        let longest = text.split('\n').map(|line| line.width()).max().unwrap_or(0);
        sheet.write_string_with_format(row, column, self.style.cut.fit(text), format).map_err(xlsx_failed)?;
        Ok(longest)
    }

    /// Writes the value of a column in a row. Returns its width in characters.
    pub fn cell(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        (view, of): (&View, usize),
        report: &Report,
    ) -> Result<usize> {
        let (style, formats) = (self.style, &self.formats);
        let is_named = matches!(view.spec.kind, Kind::Named | Kind::Title | Kind::LabelOr(_));
        let mut number = |value: f64, format: &Format, room: usize| {
            sheet.write_number_with_format(row, column, value, format).map_err(xlsx_failed)?;
            Ok(room)
        };
        match view.get(of) {
            Cell::Null if is_named && !style.has_keys => {
                self.text(sheet, (row, column), style.locale.get("text", "unknown"))
            }
            Cell::Null => Ok(0),
            Cell::Text(text) => {
                let text = words::in_workbooks(view, of, text, report, style);
                self.text(sheet, (row, column), &text)
            }
            Cell::Int(value) => match view.spec.kind {
                Kind::Label(section) if !style.has_keys => {
                    let label = words::label(section, &value.to_string(), report, style.locale).to_owned();
                    self.text(sheet, (row, column), &label)
                }
                _ => number(value as f64, &formats.whole, grouped(&value.to_string()).len()),
            },
            Cell::Float(value) => {
                let (format, decimals) = self.of_float(view.spec.kind, value);
                number(value, format, grouped(&format!("{:.0}", value.trunc())).len() + decimals)
            }
            // Excel's numbers are binary floats, exact to 15 digits.
            Cell::Amount(micros) => {
                let value = micros as f64 / 1e6;
                let format = match view.spec.kind {
                    Kind::Number => self.of_float(Kind::Number, value).0,
                    _ => &formats.amount,
                };
                number(value, format, words::amount(micros).len())
            }
            Cell::Date(days) => match excel_date(Day::new(days)) {
                Some(date) => {
                    let is_month = !style.has_keys && report.has_months(view.spec.name);
                    let format = if is_month { &formats.month } else { &formats.date };
                    sheet.write_datetime_with_format(row, column, &date, format).map_err(xlsx_failed)?;
                    Ok("2026-01-01".len())
                }
                // The day is before Excel's calendar begins.
                None => self.text(sheet, (row, column), &words::day_text(days)),
            },
            Cell::Flag(flag) if style.has_keys => {
                sheet.write_boolean(row, column, flag).map_err(xlsx_failed)?;
                Ok("FALSE".len())
            }
            Cell::Flag(flag) => {
                self.text(sheet, (row, column), style.locale.get("text", if flag { "yes" } else { "no" }))
            }
        }
    }

    /// The format of a number, and the width of what follows its whole part.
    fn of_float(&self, kind: Kind, value: f64) -> (&Format, usize) {
        let formats = &self.formats;
        match kind {
            Kind::Share | Kind::Bar => (&formats.share, "00.0%".len()),
            Kind::Chance => (&formats.chance, "<.000".len()),
            _ if value.fract() == 0.0 => (&formats.whole, 0),
            Kind::Days => (&formats.tenths, ".0".len()),
            _ => (&formats.hundredths, ".00".len()),
        }
    }
}

/// A day as an Excel date; `None` before Excel's calendar begins.
pub(super) fn excel_date(day: Day) -> Option<ExcelDateTime> {
    use chrono::Datelike;
    let date = day.date()?;
    ExcelDateTime::from_ymd(u16::try_from(date.year()).ok()?, date.month() as u8, date.day() as u8).ok()
}
