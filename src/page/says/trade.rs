//! Sentences about sales, interests, regions and hours.

use super::{Saying, count, share};
use crate::error::Result;
use crate::page::sheet::Sheet;
use crate::schema::names;

pub(super) fn overview(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    let Some(sheet) = saying.table("overview")? else { return Ok(saying) };
    let row = |metric: &str| sheet.row_of(names::METRIC, metric);
    let raw = |metric: &str| Some(format!("{:.0}", sheet.number(names::VALUE, row(metric)?)?));
    let value = |metric: &str| {
        let row = row(metric)?;
        sheet.number(names::VALUE, row).map(|_| sheet.shown(names::VALUE, row))
    };
    let days = row("orders").and_then(|row| sheet.number(names::PERIOD_DAYS, row));
    let days = days.map(count).unwrap_or_default();
    if let (Some(orders), Some(buyers)) = (raw("orders"), value("buyers")) {
        let values = [("days", days.clone()), ("n", orders), ("buyers", buyers)];
        match value("net_amount") {
            Some(amount) => saying.says("overview", &[&values[..], &[("amount", amount)]].concat()),
            None => saying.says("overview_without_amounts", &values),
        }
    }
    let change = row("net_amount").and_then(|row| sheet.number(names::CHANGE_RATE, row));
    if let Some(rate) = change {
        let (says, todo) = match rate {
            rate if rate > 0.0 => ("overview_more", "overview_more"),
            rate if rate < 0.0 => ("overview_less", "overview_less"),
            _ => ("overview_same", "overview_same"),
        };
        saying.says(says, &[("days", days), ("rate", share(rate.abs()))]);
        saying.todo(todo, &[]);
    }
    if let Some(dormant) =
        value("dormant_customers").filter(|_| raw("dormant_customers").as_deref() != Some("0"))
    {
        let period = row("dormant_customers").and_then(|row| sheet.number(names::PERIOD_DAYS, row));
        saying.says(
            "overview_dormant",
            &[("dormant", dormant), ("days", period.map(count).unwrap_or_default())],
        );
    }
    Ok(saying)
}

pub(super) fn interest(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    let Some(sheet) = saying.table("interest")? else { return Ok(saying) };
    let row = sheet.height() - 1;
    let shown = |name: &str| sheet.shown(name, row);
    let days = ("days", shown(names::PERIOD_DAYS));
    let interested = ("interested", shown(names::INTEREST_CUSTOMER_COUNT));
    if sheet.number(names::INTEREST_CUSTOMER_COUNT, row).unwrap_or(0.0) <= 0.0 {
        saying.says("interest_none", &[days]);
        return Ok(saying);
    }
    match sheet.number(names::CONVERSION_RATE, row) {
        Some(_) => {
            let converted = ("converted", shown(names::CONVERTED_COUNT));
            saying.says("interest", &[days, interested, converted, ("rate", shown(names::CONVERSION_RATE))]);
        }
        None => saying.says("interest_alone", &[days, interested]),
    }
    if sheet.number(names::NOT_YET_BOUGHT_COUNT, row).is_some_and(|open| open > 0.0) {
        saying.todo("interest", &[("open", shown(names::NOT_YET_BOUGHT_COUNT))]);
    }
    Ok(saying)
}

/// The columns that name a place, the finest first.
const PLACES: [&str; 3] = [names::CITY, names::PROVINCE, names::COUNTRY];

/// The name of a region, from the finest column that is not empty.
fn place(sheet: &Sheet<'_>, row: usize) -> String {
    PLACES
        .iter()
        .find(|name| sheet.has(name) && sheet.key(name, row).is_some())
        .map_or_else(|| sheet.style.locale.get("text", "unknown").to_owned(), |name| sheet.shown(name, row))
}

pub(super) fn region(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    /// The number of regions whose shares are added up.
    const FIRST: usize = 3;
    let Some(sheet) = saying.table("regions")? else { return Ok(saying) };
    let orders: f64 = sheet.sum(names::ORDER_COUNT);
    let of = |row: usize| sheet.number(names::ORDER_COUNT, row).unwrap_or(0.0);
    // Orders without a known place are left out, since no advice follows from them.
    let is_known = |row: &usize| PLACES.iter().any(|name| sheet.key(name, *row).is_some());
    let known = (0..sheet.height()).filter(is_known);
    let top = known.clone().reduce(|best, row| if of(row) > of(best) { row } else { best });
    if let Some(top) = top.filter(|_| orders > 0.0) {
        let mut counts: Vec<f64> = known.clone().map(of).collect();
        counts.sort_by(|a, b| b.total_cmp(a));
        let values = [("place", place(&sheet, top)), ("rate", share(of(top) / orders))];
        if counts.len() > FIRST {
            let first = share(counts[..FIRST].iter().sum::<f64>() / orders);
            saying.says("region", &[&values[..], &[("first", first)]].concat());
        } else {
            saying.says("region_few", &values);
        }
    }
    let rated = known.filter(|row| sheet.flag(names::IS_INDEX_RELIABLE, *row));
    let rated = rated.filter_map(|row| Some((row, sheet.number(names::CONVERSION_INDEX, row)?)));
    let best = rated.reduce(|best, one| if one.1 > best.1 { one } else { best });
    if let Some((row, index)) = best.filter(|(_, index)| *index > 1.0) {
        let values = [("place", place(&sheet, row)), ("index", format!("{index:.2}"))];
        saying.says("region_index", &values);
        saying.todo("region", &[("place", place(&sheet, row))]);
    }
    Ok(saying)
}

pub(super) fn hours(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    let Some(sheet) = saying.table("hours")? else { return Ok(saying) };
    let counted = if sheet.has(names::ORDER_COUNT) { names::ORDER_COUNT } else { names::EVENT_COUNT };
    let Some(row) = sheet.greatest(counted).filter(|row| sheet.number(counted, *row) > Some(0.0)) else {
        return Ok(saying);
    };
    let hour = sheet.shown(names::HOUR, row);
    let values = [("weekday", sheet.shown(names::WEEKDAY, row)), ("hour", hour.clone())];
    saying.says("hours", &[&values[..], &[("orders", sheet.shown(counted, row))]].concat());
    saying.todo("hours", &[("hour", hour)]);
    Ok(saying)
}

/// The last complete month compared with the same month a year before, or, without that, its new and returning
/// customers.
pub(super) fn trend(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    let Some(sheet) = saying.table("trend")? else { return Ok(saying) };
    let is_over = |row: &usize| {
        sheet.number(names::ORDER_COUNT, *row).is_some() && !sheet.flag(names::IS_UNFINISHED, *row)
    };
    let Some(row) = (0..sheet.height()).rev().find(is_over) else {
        saying.says("trend_unfinished", &[]);
        return Ok(saying);
    };
    let shown = |name: &str| sheet.shown(name, row);
    // A month is named by its first day; the year and the month are kept.
    let month = ("month", shown(names::PERIOD_ON).chars().take(7).collect::<String>());
    if sheet.number(names::NEW_CUSTOMER_COUNT, row).is_some() {
        let counts = [
            ("new", shown(names::NEW_CUSTOMER_COUNT)),
            ("returning", shown(names::RETURNING_CUSTOMER_COUNT)),
        ];
        saying.says("trend", &[&[month.clone()][..], &counts].concat());
    }
    let Some(rate) = sheet.number(names::YEAR_CHANGE_RATE, row) else { return Ok(saying) };
    let key = if rate < 0.0 { "trend_less" } else { "trend_more" };
    saying.says(key, &[month, ("rate", share(rate.abs()))]);
    // The effect that contributes most to the change, in the direction of the change.
    let effects = [names::CUSTOMERS_EFFECT, names::FREQUENCY_EFFECT, names::AOV_EFFECT];
    let sign = if rate < 0.0 { -1.0 } else { 1.0 };
    let of = |name: &'static str| sheet.number(name, row).map(|effect| (name, sign * effect));
    let greatest =
        effects.into_iter().filter_map(of).reduce(|best, one| if one.1 > best.1 { one } else { best });
    if let Some((name, _)) = greatest.filter(|(_, effect)| *effect > 0.0) {
        saying.todo(&format!("trend_{name}"), &[]);
    }
    Ok(saying)
}
