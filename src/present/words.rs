//! Formats values as people read them.

use std::borrow::Cow;

use super::Style;
use super::cells::{Cell, View};
use super::report::{Kind, Report};
use crate::locale::{Locale, grouped, harmless};
use crate::schema::accounting::LeftOut;
use crate::schema::day;

/// A value as shown in tables and Markdown: personal data masked, on one line, harmless to a terminal.
pub(crate) fn shown(view: &View, row: usize, report: &Report, style: &Style) -> String {
    let locale = style.locale;
    match view.get(row) {
        Cell::Null if matches!(view.spec.kind, Kind::Named | Kind::Title | Kind::LabelOr(_)) => {
            locale.get("text", "unknown").to_owned()
        }
        Cell::Null => "–".to_owned(),
        Cell::Text(text) => harmless(&masked(view, row, text, report, style)).into_owned(),
        Cell::Int(value) => match view.spec.kind {
            Kind::Label(section) => harmless(label(section, &value.to_string(), report, locale)).into_owned(),
            _ => grouped(&value.to_string()),
        },
        Cell::Float(value) => match view.spec.kind {
            Kind::Share | Kind::Bar => format!("{:.1}%", value * 100.0),
            Kind::Number => number(value),
            Kind::Chance => chance(value),
            _ => format!("{value}"),
        },
        Cell::Amount(micros) => match view.spec.kind {
            // For example a count in a column of amounts.
            Kind::Number => number(micros as f64 / 1e6),
            _ => amount(micros),
        },
        Cell::Date(day) => day_text(day),
        Cell::Flag(flag) => locale.get("text", if flag { "yes" } else { "no" }).to_owned(),
    }
}

/// The heading of a column in tables and Markdown; a shop's own header is made as harmless as a cell.
pub(crate) fn heading(view: &View, locale: &Locale) -> String {
    harmless(locale.heading(view.table, view.spec.name)).into_owned()
}

/// A text for people, with personal data masked unless they are to be shown.
fn masked<'a>(view: &View, row: usize, text: &'a str, report: &'a Report, style: &Style) -> Cow<'a, str> {
    let words = match view.spec.kind {
        Kind::Personal(what) if !style.shows_pii => {
            return style.masks.personal(what, text, view.person(row)).into();
        }
        Kind::CustomerId if style.shows_pii => text.into(),
        Kind::CustomerId => return style.masks.id(text, report.ids_are_personal),
        Kind::Label(section) | Kind::Phrase { section, .. } => {
            return label(section, text, report, style.locale).into();
        }
        Kind::LabelOr(section) => label(section, text, report, style.locale).into(),
        Kind::Sentence(section) | Kind::Clause(section) => style.locale.sentence(section, text),
        _ => Cow::Borrowed(text),
    };
    if style.shows_pii { words } else { Cow::Owned(style.masks.text(&words).into_owned()) }
}

/// A probability with three decimals. Smaller ones are written as `<0.001`, since 0.000 would mean "impossible".
fn chance(value: f64) -> String {
    if value < 0.001 { "<0.001".to_owned() } else { format!("{value:.3}") }
}

/// A number with two decimals, or none if it is whole.
fn number(value: f64) -> String {
    let (whole, fraction) = (value.trunc(), value.fract());
    if fraction == 0.0 {
        return grouped(&format!("{whole:.0}"));
    }
    let text = format!("{value:.2}");
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    format!("{}.{decimals}", grouped(whole))
}

/// A text in formats for machines: keys stay, and codes that stand for a sentence are replaced by it.
pub(super) fn in_machine_formats<'a>(view: &View, text: &'a str, locale: &'a Locale) -> Cow<'a, str> {
    match view.spec.kind {
        Kind::Phrase { section, .. } => locale.get(section, text).into(),
        Kind::Sentence(section) | Kind::Clause(section) => locale.sentence(section, text),
        _ => text.into(),
    }
}

/// A text in workbooks: in words for people or, with `--keys`, as in formats for machines; personal data are masked
/// unless they are to be shown.
pub(super) fn in_workbooks<'a>(
    view: &View,
    row: usize,
    text: &'a str,
    report: &'a Report,
    style: &'a Style,
) -> Cow<'a, str> {
    match view.spec.kind {
        _ if !style.has_keys => masked(view, row, text, report, style),
        Kind::Personal(_) | Kind::CustomerId => masked(view, row, text, report, style),
        Kind::Label(_) | Kind::Phrase { .. } => in_machine_formats(view, text, style.locale),
        _ => {
            let words = in_machine_formats(view, text, style.locale);
            if style.shows_pii { words } else { Cow::Owned(style.masks.text(&words).into_owned()) }
        }
    }
}

/// Whether [`in_machine_formats`] returns the column's texts unchanged.
pub(super) fn is_as_it_is_in_machine_formats(view: &View) -> bool {
    !matches!(view.spec.kind, Kind::Phrase { .. } | Kind::Sentence(_) | Kind::Clause(_))
}

/// The words for a label: the user's own title, the translation, or the key itself.
pub(super) fn label<'a>(
    section: &'static str,
    key: &'a str,
    report: &'a Report,
    locale: &'a Locale,
) -> &'a str {
    let own = report.titles.iter().find(|(of, name, _)| *of == section && name == key);
    own.map_or_else(|| locale.get(section, key), |(.., title)| title.as_str())
}

/// A day as ISO 8601.
pub(crate) fn day_text(day: i32) -> String {
    day::date_of(day).map_or_else(|| "–".to_owned(), |date| date.to_string())
}

/// An amount rounded to two decimals, half away from zero, in groups of three.
pub(crate) fn amount(micros: i128) -> String {
    let cents = (micros.unsigned_abs() + 5_000) / 10_000;
    let sign = if micros < 0 && cents > 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", grouped(&(cents / 100).to_string()), cents % 100)
}

/// The line below the title: as-of day, window, customers, orders; only the customers if the answer is not about
/// orders.
pub(crate) fn scope_line(report: &Report, locale: &Locale) -> String {
    let count = |key, n: u64| locale.count(key, n, &grouped(&n.to_string()));
    if report.as_of.is_none() && report.order_count == 0 && report.parameters.is_empty() {
        return count("customers", report.customer_count);
    }
    let as_of = match report.as_of {
        Some(day) => locale.fill("as_of", &[("date", &day.to_string())]),
        None => locale.get("text", "as_of_none").to_owned(),
    };
    let window = match report.window {
        Some(days) => locale.count("window", u64::from(days), &days.to_string()),
        None => locale.get("text", "all_time").to_owned(),
    };
    [as_of, window, count("customers", report.customer_count), count("orders", report.order_count)]
        .join(" · ")
}

/// How many customers and orders a section uses, if they differ from those in the page's heading.
pub(crate) fn own_scope(reports: &[Report], whole: &Report, locale: &Locale) -> Option<String> {
    let own = reports.iter().find(|report| report.customer_count > 0)?;
    let counts = |report: &Report| (report.customer_count, report.order_count);
    if counts(own) == counts(whole) {
        return None;
    }
    let count = |key, n: u64| locale.count(key, n, &grouped(&n.to_string()));
    let customers = Some(count("customers", own.customer_count));
    let orders = (own.order_count > 0).then(|| count("orders", own.order_count));
    let scope: Vec<String> = customers.into_iter().chain(orders).collect();
    Some(locale.fill("own_scope", &[("scope", &scope.join(" · "))]))
}

/// The row accounting in one line, with the rules and reasons that have rows.
pub(super) fn accounting_line(report: &Report, locale: &Locale) -> String {
    let accounting = &report.accounting;
    let number = |n: u64| grouped(&n.to_string());
    let line = locale.fill(
        "rows",
        &[
            ("read", &number(accounting.rows_read)),
            ("used", &number(accounting.rows_used)),
            ("excluded", &number(accounting.excluded.total())),
            ("quarantined", &number(accounting.quarantined_total())),
        ],
    );
    let detail = |left: LeftOut| {
        let words = locale.get(left.by, left.code);
        locale.fill("detail", &[("words", words), ("n", &number(left.rows))])
    };
    let details: Vec<String> = accounting.left_out().map(detail).collect();
    if details.is_empty() {
        return line;
    }
    let details = details.join(locale.get("text", "listed"));
    locale.fill("rows_with_details", &[("line", &line), ("details", &details)])
}

/// Title with scope, and row accounting: two lines to be printed with formats that do not contain them.
pub fn scope_and_accounting(report: &Report, locale: &Locale) -> [String; 2] {
    let (title, colon) = (locale.get("report", report.name), locale.get("text", "colon"));
    [format!("{title}{colon}{}", scope_line(report, locale)), accounting_line(report, locale)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_never_nothing() {
        assert_eq!(
            [1.0, 0.05, 0.001, 0.000_99, 0.0].map(chance),
            ["1.000", "0.050", "0.001", "<0.001", "<0.001"]
        );
    }

    #[test]
    fn numbers_are_grouped_and_rounded_for_people() {
        assert_eq!(grouped("1234567"), "1,234,567");
        assert_eq!(grouped("-123"), "-123");
        assert_eq!(amount(1_234_567_895_000), "1,234,567.90");
        assert_eq!(amount(-4_999), "0.00");
        assert_eq!(amount(-5_000), "-0.01");
    }
}
