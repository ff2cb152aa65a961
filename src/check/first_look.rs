//! What to print about files at first sight: the main findings, and what to type next.

use polars::prelude::*;

use super::frames::findings_of;
use super::{Check, Finding, Severity};
use crate::error::Result;
use crate::metrics::CustomerFacts;
use crate::parse::SourceInfo;
use crate::schema::{Table, names};

/// The most findings that are shown; `ecrm check` shows all.
const MAX_FINDINGS: usize = 5;

/// The number of commands to type next.
const NEXT_COUNT: usize = 3;

/// The main findings: on the buyers, then on the files, the most severe first. The columns are those of
/// [`super::findings_frame`].
///
/// # Errors
/// Those of polars.
pub fn standing_out(
    checked: &Check,
    facts: Option<&CustomerFacts>,
    active_days: u32,
    file_count: usize,
) -> Result<DataFrame> {
    let mut found = facts.map_or(Ok(Vec::new()), |facts| of_buyers(facts, active_days))?;
    let grave = checked.findings.iter().filter(|finding| finding.severity != Severity::Note);
    let (all, shown) = (grave.clone().count(), grave.take(MAX_FINDINGS));
    found.extend(shown.cloned());
    if all > MAX_FINDINGS {
        let more = Finding::new(Severity::Note, "more_findings");
        found.push(more.count((all - MAX_FINDINGS) as u64));
    }
    findings_of(&found, file_count < 2)
}

/// `active_days` is the number of days after which lifecycle segments call a customer lapsing.
fn of_buyers(facts: &CustomerFacts, active_days: u32) -> Result<Vec<Finding>> {
    if facts.customer_count == 0 {
        return Ok(Vec::new());
    }
    let silent = || col(names::RECENCY_DAYS).gt(lit(active_days as i32));
    let once = || col(names::ORDER_COUNT).eq(lit(1u32));
    let sums = facts.frame()?.lazy().select([
        once().sum().cast(DataType::Float64).alias("once"),
        silent().sum().cast(DataType::Float64).alias("silent"),
        col(names::NET_AMOUNT).filter(silent()).cast(DataType::Float64).sum().alias("silent_net"),
    ]);
    let sums = sums.collect()?;
    let of = |name: &str| -> Result<f64> { Ok(sums.column(name)?.f64()?.get(0).unwrap_or_default()) };
    let buyers = facts.customer_count as f64;
    let mut found = Vec::new();
    if of("once")? > 0.0 {
        found.push(
            Finding::new(Severity::Note, "bought_once")
                .with("share", percent(of("once")? / buyers))
                .count(facts.customer_count),
        );
    }
    if of("silent")? > 0.0 {
        let share = share(of("silent_net")?, facts.net_total as f64);
        let code = if share.is_some() { "silent_buyers" } else { "silent_buyers_alone" };
        let found_silent = Finding::new(Severity::Note, code)
            .count(of("silent")? as u64)
            .with("days", active_days.to_string());
        found.push(match share {
            Some(share) => found_silent.with("share", percent(share)),
            None => found_silent,
        });
    }
    Ok(found)
}

/// `part / whole`; `None` if credit notes make it negative or more than 1.
fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0 && (0.0..=whole).contains(&part)).then(|| part / whole)
}

/// A share in whole percent; never 0 or 100 if it is neither exactly.
fn percent(part: f64) -> String {
    match (100.0 * part).round() {
        0.0 if part > 0.0 => "<1 %".to_owned(),
        100.0 if part < 1.0 => ">99 %".to_owned(),
        whole => format!("{whole:.0} %"),
    }
}

/// The commands worth typing next with these files, each with the reason as a key of the translations' `next` section.
pub fn next(checked: &Check, sources: &[SourceInfo], names: &str) -> Vec<(String, &'static str)> {
    let has = |table| sources.iter().any(|source| source.table() == table);
    let is_odd = checked.findings.iter().any(|finding| finding.severity != Severity::Note);
    let has_orders = has(Table::Orders) && checked.order_count > 0;
    let wanted = [
        ("check", is_odd, String::new()),
        ("campaign", has(Table::Sends) && has_orders, String::new()),
        ("segment", has_orders, " --list -o customers.csv".to_owned()),
        ("interest", has(Table::Events), String::new()),
        ("repurchase", has_orders, " --due -o due.csv".to_owned()),
        ("products", has(Table::OrderItems), String::new()),
        ("touchpoints", has(Table::Customers), String::new()),
        ("region", has_orders, String::new()),
        ("overview", true, String::new()),
        ("check", true, String::new()),
        ("customers", true, String::new()),
    ];
    let mut list: Vec<(String, &'static str)> = Vec::new();
    for (command, is_wanted, flags) in wanted {
        let is_new = list.iter().all(|(_, known)| *known != command);
        if is_wanted && is_new && checked.why_not(command).is_none() && list.len() < NEXT_COUNT {
            list.push((format!("ecrm {command} {names}{flags}"), command));
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::{percent, share};

    #[test]
    fn a_part_that_credit_notes_make_none_is_not_said() {
        assert_eq!(share(30.0, 120.0), Some(0.25));
        assert_eq!((share(0.0, 50.0), share(50.0, 50.0)), (Some(0.0), Some(1.0)));
        for (part, whole) in [(-1.0, 50.0), (51.0, 50.0), (-2.0, -4.0), (0.0, 0.0)] {
            assert_eq!(share(part, whole), None, "{part} of {whole}");
        }
    }

    #[test]
    fn some_is_never_said_to_be_none_and_most_never_all() {
        let said = [0.0, 0.004, 0.005, 0.333, 0.994, 0.996, 1.0].map(percent);
        assert_eq!(said, ["0 %", "<1 %", "1 %", "33 %", "99 %", ">99 %", "100 %"]);
    }
}
