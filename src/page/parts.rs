//! The parts of an answer on the page: cards of key figures, charts, and the tables below.

use maud::{Markup, html};

use super::sheet::Sheet;
use super::svg::{self, Drawn};
use super::tables;
use crate::answer::{Chart, Report};
use crate::error::Result;
use crate::present::Style;
use crate::schema::names;

/// What a section shows besides its sentences.
pub(super) struct Parts {
    /// Cards or advice, which stand next to the sentences.
    pub beside: Markup,
    /// The charts.
    pub charts: Vec<Drawn>,
    /// The tables, collapsed.
    pub tables: Markup,
}

/// The parts made from all answers of a section.
pub(super) fn of(section: &str, reports: &[Report], style: &Style) -> Result<Parts> {
    let mut sheets = Vec::new();
    for (number, report) in reports.iter().enumerate() {
        for table in report.tables.iter().filter(|table| table.frame.height() > 0) {
            // The answer's number makes the ids unique.
            sheets.push((format!("{section}-{number}-{}", table.name), Sheet::new(table, report, style)?));
        }
    }
    let beside = html! {
        @if section == "overview" {
            @for (_, sheet) in &sheets { (cards(sheet)) }
        }
        @if section == "segments" {
            @for (_, sheet) in &sheets { (advice(sheet)) }
        }
    };
    let tables = html! {
        @for (id, sheet) in &sheets { (tables::folded(id, sheet)) }
    };
    Ok(Parts { beside, charts: charts(&sheets), tables })
}

/// The charts of all tables.
fn charts(sheets: &[(String, Sheet<'_>)]) -> Vec<Drawn> {
    let mut charts = Vec::new();
    for (id, sheet) in sheets {
        if let Some(grid) = &sheet.table.grid {
            charts.extend(svg::heat(id, sheet, grid));
        }
        if let Some(curve) = &sheet.table.curve {
            charts.extend(svg::curve(id, sheet, curve));
        }
        for (number, chart) in sheet.table.charts.iter().enumerate() {
            let id = format!("{id}-{number}");
            charts.extend(match chart {
                Chart::Bars { label, value, beside } => svg::bars(&id, sheet, label, value, *beside),
                Chart::Index { label, value } => svg::index(&id, sheet, label, value),
                Chart::Funnel(columns) => svg::funnel(&id, sheet, columns),
                Chart::Lorenz { x, y } => svg::lorenz(&id, sheet, x, y),
            });
        }
    }
    charts
}

/// Key figures, each with its change since the period before. An arrow and a sign show the direction, so that it does
/// not depend on colour alone.
fn cards(sheet: &Sheet<'_>) -> Markup {
    let locale = sheet.style.locale;
    let since = |row| match sheet.number(names::CHANGE_RATE, row) {
        Some(rate) if rate > 0.0 => Some(("up", "▲ +", rate)),
        Some(rate) if rate < 0.0 => Some(("down", "▼ −", -rate)),
        Some(rate) => Some(("same", "= ", rate)),
        None => None,
    };
    // For dormant customers, the days tell how long they have been away, and are not the length of a period.
    let is_dormant = |row: usize| sheet.key(names::METRIC, row) == Some("dormant_customers");
    html! {
        ul.cards {
            @for row in 0..sheet.height() {
                li {
                    span.name { (sheet.shown(names::METRIC, row)) }
                    @if sheet.number(names::VALUE, row).is_some() {
                        span.value { (sheet.shown(names::VALUE, row)) }
                        @if let Some((class, mark, rate)) = since(row) {
                            span class={ "change " (class) } { (mark) (format!("{:.1}%", rate * 100.0)) }
                        }
                        @if let Some(days) = sheet.number(names::PERIOD_DAYS, row).filter(|_| !is_dormant(row)) {
                            span.period { (locale.count("window", days as u64, &sheet.shown(names::PERIOD_DAYS, row))) }
                        }
                    } @else if sheet.key(names::NEEDS, row).is_some() {
                        @let needs = sheet.shown(names::NEEDS, row);
                        span.needs { (locale.get("page", "needs").replace("{needs}", &needs)) }
                    }
                }
            }
        }
    }
}

/// The advice for each segment that has any customers.
fn advice(sheet: &Sheet<'_>) -> Markup {
    let mut shown: Vec<&str> = Vec::new();
    let mut rows = Vec::new();
    for row in 0..sheet.height() {
        let Some(segment) = sheet.key(names::SEGMENT, row) else { continue };
        let is_empty = sheet.number(names::CUSTOMER_COUNT, row).unwrap_or(0.0) <= 0.0;
        if !is_empty && !shown.contains(&segment) {
            shown.push(segment);
            rows.push(row);
        }
    }
    html! {
        dl.advice {
            @for row in rows {
                div {
                    dt { (sheet.shown(names::SEGMENT, row)) }
                    dd { (sheet.shown(names::ADVICE, row)) }
                }
            }
        }
    }
}
