//! Sentences about who the customers are, whether they come back, and how they can be reached.

use super::{Saying, count, share};
use crate::error::Result;
use crate::page::sheet::Sheet;
use crate::schema::names;

/// For each key in a column: its first row, its customers and its net amount, added up over its rows. Keys are in the
/// order of the rows.
fn by_key<'a>(sheet: &'a Sheet<'_>, name: &str) -> Vec<(&'a str, usize, f64, f64)> {
    let mut found: Vec<(&str, usize, f64, f64)> = Vec::new();
    for row in 0..sheet.height() {
        let Some(key) = sheet.key(name, row) else { continue };
        let customers = sheet.number(names::CUSTOMER_COUNT, row).unwrap_or(0.0);
        let net = sheet.number(names::NET_AMOUNT, row).unwrap_or(0.0);
        match found.iter_mut().find(|(known, ..)| *known == key) {
            Some((.., of, sum)) => (*of, *sum) = (*of + customers, *sum + net),
            None => found.push((key, row, customers, net)),
        }
    }
    found
}

/// The element with the greatest number, the first if several are equal.
fn most<T>(all: &[T], number: impl Fn(&T) -> f64) -> Option<&T> {
    all.iter().reduce(|best, one| if number(one) > number(best) { one } else { best })
}

pub(super) fn segments(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    let Some(sheet) = saying.table("segments")? else { return Ok(saying) };
    let found = by_key(&sheet, names::SEGMENT);
    let (customers, net): (f64, f64) =
        (found.iter().map(|(_, _, of, _)| of).sum(), found.iter().map(|(.., net)| net).sum());
    let (Some(largest), Some(richest)) = (most(&found, |of| of.2), most(&found, |of| of.3)) else {
        return Ok(saying);
    };
    if customers <= 0.0 {
        saying.says("nobody", &[]);
        return Ok(saying);
    }
    let named = |row: usize| sheet.shown(names::SEGMENT, row);
    let values = [("segment", named(largest.1)), ("rate", share(largest.2 / customers))];
    saying.says("segments", &[&values[..], &[("n", format!("{customers:.0}"))]].concat());
    let mut first = largest;
    if net > 0.0 {
        let values = [("segment", named(richest.1)), ("rate", share(richest.3 / net))];
        saying.says("segments_net", &values);
        first = richest;
    }
    saying.todo("segments", &[("segment", named(first.1)), ("advice", sheet.shown(names::ADVICE, first.1))]);
    Ok(saying)
}

pub(super) fn rfm(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    /// Groups of customers who order often and ordered recently, who should be served first.
    const SERVED: [&str; 3] = ["champions", "loyal", "important_value"];
    let Some(sheet) = saying.table("groups")? else { return Ok(saying) };
    let found = by_key(&sheet, names::RFM_GROUP);
    let net: f64 = found.iter().map(|(.., net)| net).sum();
    let customers: f64 = found.iter().map(|(_, _, of, _)| of).sum();
    if customers <= 0.0 {
        saying.says("nobody", &[]);
        return Ok(saying);
    }
    if let Some(richest) = most(&found, |of| of.3).filter(|_| net > 0.0) {
        let group = sheet.shown(names::RFM_GROUP, richest.1);
        let values = [("group", group.clone()), ("customers", share(richest.2 / customers))];
        saying.says("rfm", &[&values[..], &[("rate", share(richest.3 / net))]].concat());
        if SERVED.contains(&richest.0) {
            saying.todo("rfm", &[("group", group)]);
        }
    }
    // The groups, in the usual groupings, of customers who bought much but have not ordered for a long time.
    let leaving = ["at_risk", "cant_lose", "important_keep", "important_retain"];
    let leaving: f64 = found.iter().filter(|(key, ..)| leaving.contains(key)).map(|(_, _, of, _)| of).sum();
    if leaving > 0.0 {
        saying.todo("rfm_leaving", &[("customers", count(leaving))]);
    }
    Ok(saying)
}

pub(super) fn repurchase(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    /// The horizons in days that get a sentence each.
    const SAID: [f64; 2] = [90.0, 365.0];
    let Some(sheet) = saying.table("curve")? else { return Ok(saying) };
    for days in SAID {
        let row = (0..sheet.height()).find(|row| sheet.number(names::HORIZON_DAYS, *row) == Some(days));
        let Some(row) = row.filter(|row| sheet.number(names::REPURCHASE_RATE, *row).is_some()) else {
            continue;
        };
        let shown = |name: &str| sheet.shown(name, row);
        let values = [("days", count(days)), ("rate", shown(names::REPURCHASE_RATE))];
        let band = [("low", shown(names::RATE_LOW)), ("high", shown(names::RATE_HIGH))];
        saying.says("repurchase", &[&values[..], &band].concat());
    }
    let Some(gaps) = saying.table("gaps")? else { return Ok(saying) };
    if gaps.number(names::CYCLE_DAYS, 0).is_none() {
        saying.says("repurchase_no_gaps", &[]);
        return Ok(saying);
    }
    let cycle = gaps.shown(names::CYCLE_DAYS, 0);
    saying.says("repurchase_gaps", &[("cycle", cycle.clone())]);
    saying.todo("repurchase", &[("cycle", cycle)]);
    churn(saying)
}

/// The number of days without an order after which buyers count as lost, for those with one order and with several.
fn churn(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    let Some(sheet) = saying.table("churn")? else { return Ok(saying) };
    let known = |row: &usize| sheet.number(names::CHURN_LINE_DAYS, *row).is_some();
    let rows: Vec<usize> = (0..sheet.height()).filter(known).collect();
    for row in &rows {
        let values = [
            ("buyers", sheet.shown(names::BUYERS, *row)),
            ("line", sheet.shown(names::CHURN_LINE_DAYS, *row)),
            ("lost", sheet.shown(names::LOST_CUSTOMER_COUNT, *row)),
            ("chance", sheet.shown(names::RETURN_CHANCE, *row)),
        ];
        // If the line was given in days or as a percentile of gaps, there may be no chance for it.
        let has_chance = sheet.number(names::RETURN_CHANCE, *row).is_some();
        saying.says(if has_chance { "repurchase_line" } else { "repurchase_line_given" }, &values);
    }
    match rows.is_empty() {
        true => saying.says("repurchase_no_line", &[]),
        false => rows.iter().for_each(|row| {
            let values = [
                ("buyers", sheet.shown(names::BUYERS, *row)),
                ("line", sheet.shown(names::CHURN_LINE_DAYS, *row)),
            ];
            saying.todo("repurchase_line", &values);
        }),
    }
    Ok(saying)
}

pub(super) fn cohort(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    /// The least number of customers. In smaller cohorts a rate is mostly chance.
    const MIN_COHORT: f64 = 20.0;
    let Some(sheet) = saying.table("cohort")? else { return Ok(saying) };
    let next = |row: &usize| {
        sheet.number(names::PERIOD, *row) == Some(1.0) && sheet.number(names::RETENTION, *row).is_some()
    };
    let rows: Vec<usize> = (0..sheet.height()).filter(next).collect();
    let of = |name: &str| -> f64 { rows.iter().filter_map(|row| sheet.number(name, *row)).sum() };
    let (size, back) = (of(names::COHORT_CUSTOMER_COUNT), of(names::CUSTOMER_COUNT));
    if size <= 0.0 {
        saying.says("cohort_none", &[]);
        return Ok(saying);
    }
    saying.says("cohort", &[("rate", share(back / size)), ("n", format!("{size:.0}"))]);
    let rate = |row: &usize| sheet.number(names::RETENTION, *row).unwrap_or(0.0);
    let is_large = |row: &&usize| sheet.number(names::COHORT_CUSTOMER_COUNT, **row) >= Some(MIN_COHORT);
    let large: Vec<usize> = rows.iter().filter(is_large).copied().collect();
    if let Some(best) = most(&large, rate).filter(|best| large.len() > 1 && rate(best) > 0.0) {
        let values =
            [("cohort", sheet.shown(names::COHORT, *best)), ("rate", sheet.shown(names::RETENTION, *best))];
        saying.says("cohort_best", &values);
        saying.todo("cohort", &[("cohort", sheet.shown(names::COHORT, *best))]);
    }
    Ok(saying)
}

pub(super) fn due(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    let Some(sheet) = saying.table("due_counts")? else { return Ok(saying) };
    let of = |status: &str| {
        let row = sheet.row_of(names::DUE_STATUS, status);
        row.and_then(|row| sheet.number(names::CUSTOMER_COUNT, row)).unwrap_or(0.0)
    };
    let values = [("due", of("due")), ("overdue", of("overdue")), ("lost", of("lost"))];
    let values: Vec<(&str, String)> = values.iter().map(|(name, number)| (*name, count(*number))).collect();
    saying.says("due", &values);
    if of("due") > 0.0 {
        saying.todo("due", &[("due", count(of("due")))]);
    }
    if of("overdue") + of("lost") > 0.0 {
        saying.todo("win_back", &[("overdue", count(of("overdue"))), ("lost", count(of("lost")))]);
    }
    Ok(saying)
}

pub(super) fn reach(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    let Some(sheet) = saying.table("channels")? else { return Ok(saying) };
    let row = |key: &str| {
        let row = sheet.row_of(names::CHANNEL, key);
        row.filter(|row| sheet.number(names::REACHABLE_SHARE, *row).is_some())
    };
    let Some(any) = row("any") else {
        saying.says("reach_unknown", &[]);
        saying.todo("reach_unknown", &[]);
        return Ok(saying);
    };
    let shown = |name: &str, row: usize| sheet.shown(name, row);
    let values =
        [("reachable", shown(names::REACHABLE_COUNT, any)), ("customers", shown(names::CUSTOMER_COUNT, any))];
    saying.says("reach", &[&values[..], &[("rate", shown(names::REACHABLE_SHARE, any))]].concat());
    let ways = ["phone", "email", "wechat", "qq"];
    let ways: Vec<usize> = ways.iter().filter_map(|way| row(way)).collect();
    let reached = |row: &usize| sheet.number(names::REACHABLE_COUNT, *row).unwrap_or(0.0);
    if let Some(best) = most(&ways, reached).filter(|best| reached(best) > 0.0) {
        let values = [("way", shown(names::CHANNEL, *best)), ("rate", shown(names::REACHABLE_SHARE, *best))];
        saying.says("reach_best", &values);
        let missing = sheet.number(names::NO_CONTACT_COUNT, *best).filter(|missing| *missing > 0.0);
        if let Some(missing) = missing {
            saying.todo("reach", &[("way", shown(names::CHANNEL, *best)), ("missing", count(missing))]);
        }
    }
    Ok(saying)
}

/// How many customers moved up, moved down, were lost and were won back, and the first movement of the table that goes
/// down or out.
pub(super) fn migration(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    let Some(sheet) = saying.table("flows")? else {
        saying.says("migration_none", &[]);
        return Ok(saying);
    };
    let of = |flow: &str| {
        let rows = (0..sheet.height()).filter(|row| sheet.key(names::FLOW, *row) == Some(flow));
        rows.filter_map(|row| sheet.number(names::CUSTOMER_COUNT, row)).sum::<f64>()
    };
    for flow in ["up", "down", "lost", "won_back"] {
        if of(flow) > 0.0 {
            saying.says(&format!("migration_{flow}"), &[("n", format!("{:.0}", of(flow)))]);
        }
    }
    if let Some(row) = (0..sheet.height()).find(|row| {
        matches!(sheet.key(names::FLOW, *row), Some("down" | "lost"))
            && sheet.number(names::CUSTOMER_COUNT, *row) > Some(0.0)
    }) {
        let values = [
            ("from", sheet.shown(names::FROM, row)),
            ("to", sheet.shown(names::TO, row)),
            ("customers", sheet.shown(names::CUSTOMER_COUNT, row)),
        ];
        saying.todo("migration", &values);
    }
    Ok(saying)
}

/// What all buyers are expected to do, and what a new buyer is worth.
pub(super) fn forecast(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    let Some(sheet) = saying.table("summary")? else { return Ok(saying) };
    for row in 0..sheet.height() {
        let shown = |name: &str| sheet.shown(name, row);
        let is_worth = sheet.number(names::EXPECTED_SPEND, row).is_some();
        let values = [
            ("days", shown(names::HORIZON_DAYS)),
            ("orders", shown(names::EXPECTED_ORDERS)),
            ("amount", shown(names::EXPECTED_SPEND)),
        ];
        match sheet.key(names::GROUP, row) {
            Some("shop" | "chosen") => {
                let band = [
                    ("low", shown(names::EXPECTED_ORDERS_LOW)),
                    ("high", shown(names::EXPECTED_ORDERS_HIGH)),
                ];
                let key = match (sheet.key(names::GROUP, row), is_worth) {
                    (Some("chosen"), true) => "forecast_chosen",
                    (Some("chosen"), false) => "forecast_chosen_orders",
                    (_, true) => "forecast",
                    (_, false) => "forecast_orders",
                };
                saying.says(key, &[&values[..], &band].concat());
            }
            Some("new_customer") if is_worth => saying.says("forecast_new", &values),
            _ => {}
        }
    }
    let Some(holdout) = saying.table("holdout")? else { return Ok(saying) };
    if let Some(row) = holdout.row_of(names::GROUP, "total") {
        let values = [
            ("predicted", holdout.shown(names::PREDICTED, row)),
            ("actual", holdout.shown(names::ACTUAL, row)),
        ];
        saying.says("forecast_holdout", &values);
    }
    saying.todo("forecast", &[]);
    Ok(saying)
}
