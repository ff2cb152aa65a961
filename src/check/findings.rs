//! Findings in the orders.

use super::{Finding, Severity};
use crate::locale::Remark;
use crate::metrics::{CustomerFacts, latest};
use crate::parse::orders::Survey;
use crate::parse::{IdKind, SourceInfo, customer_hint};
use crate::reading::Ingested;
use crate::schema::accounting::Rule;
use crate::schema::{Day, Field, Table, day, money, orders};
use crate::stats::outlier::upper_fence;

/// Earlier days cannot be orders of an online shop: 1995-01-01.
const FIRST_DAY: i32 = 9_131;

/// Findings for files that could not be read; failures are name, message and hint.
pub(super) fn of_failures(failures: &[(String, String, String)]) -> Vec<Finding> {
    let finding = |(file, message, hint): &(String, String, String)| {
        Finding::new(Severity::Stop, "unreadable").file(file).with("message", message).with("hint", hint)
    };
    failures.iter().map(finding).collect()
}

/// Findings in the orders of all files.
pub(super) fn of_orders(
    ingested: &Ingested,
    facts: &CustomerFacts,
    today: Day,
    occasional: u64,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(ingested.notes.iter().map(of_remark));
    findings.extend(of_rejects(ingested));
    if let Some(finding) = without_customers(ingested) {
        findings.push(finding);
    }
    for (name, survey) in &ingested.surveys {
        let Some(source) = ingested.sources.iter().find(|source| source.name == *name) else { continue };
        findings.extend(of_identities(source, survey));
        findings.extend(of_amounts(source, survey));
        let is_said = |finding: &Finding| {
            let doubts = ingested.notes.iter().filter(|remark| latest::is_doubt(remark));
            let mut counts = doubts.filter_map(|remark| remark.value("n"));
            finding.code == "future_dates"
                && counts.any(|n| Some(n.to_owned()) == finding.count.map(|n| n.to_string()))
        };
        findings.extend(of_days(name, survey, today).into_iter().filter(|finding| !is_said(finding)));
        findings.extend(of_rows(name, survey));
    }
    findings.extend(of_all(ingested, facts, occasional));
    findings
}

/// A remark made while reading, as a finding.
fn of_remark(remark: &Remark) -> Finding {
    let severity = match remark.code {
        "several_currencies" | "several_item_currencies" => Severity::Stop,
        "dates_unsaid"
        | "half_turned_dates"
        | "mixed_dates"
        | "decimal_point_assumed"
        | "decimal_comma_assumed"
        | "unreadable_cells"
        | "conflicting_amounts"
        | "written_currencies"
        | "headers_in_another_order"
        | "headers_of_other_columns"
        | "refunds_beyond"
        | "kept_as_orders"
        | "sheet" => Severity::Caution,
        _ if latest::is_doubt(remark) => Severity::Caution,
        _ => Severity::Note,
    };
    let count = remark.value("n").and_then(|n| n.parse().ok());
    Finding {
        severity,
        code: remark.code,
        file: remark.value("file").unwrap_or_default().to_owned(),
        count,
        example: String::new(),
        values: remark.values.clone(),
    }
}

/// Rows that cannot be read, by file and reason, with the first of each as example.
fn of_rejects(ingested: &Ingested) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for reject in &ingested.rejects {
        let code = reject.reason.code();
        let known = findings.iter_mut().find(|finding| {
            finding.file == reject.file && finding.values.iter().any(|(_, value)| value == code)
        });
        if let Some(known) = known {
            known.count = known.count.map(|count| count + 1);
            continue;
        }
        let column = reject.column.as_deref().unwrap_or("–");
        let finding = Finding::new(Severity::Caution, "quarantined").file(&reject.file).count(1);
        findings.push(
            finding
                .example(&reject.seen)
                .with("reason", code)
                .with("record", reject.record.to_string())
                .with("column", column)
                .with("wanted", code),
        );
    }
    findings
}

fn without_customers(ingested: &Ingested) -> Option<Finding> {
    let has_orders = ingested.sources.iter().any(|source| source.table() == Table::Orders);
    (has_orders && !ingested.orders.has_customer_column).then(|| {
        Finding::new(Severity::Caution, "no_customer_column").with("hint", customer_hint(&ingested.sources))
    })
}

fn of_identities(source: &SourceInfo, survey: &Survey) -> Vec<Finding> {
    let name = source.name.as_str();
    let mut findings = Vec::new();
    if survey.masked > 0 {
        findings.push(Finding::new(Severity::Caution, "masked_customers").file(name).count(survey.masked));
    }
    let has_column = IdKind::FIELDS.iter().any(|(field, _)| source.layout.has(*field));
    if survey.missing > 0 && has_column {
        findings.push(Finding::new(Severity::Caution, "missing_customers").file(name).count(survey.missing));
    }
    for (kind, code) in [(IdKind::Email, "known_by_email"), (IdKind::Phone, "known_by_phone")] {
        if let Some(&rows) = survey.known.get(&kind) {
            findings.push(Finding::new(Severity::Note, code).file(name).count(rows));
        }
    }
    findings
}

/// Findings on the meaning of the amounts, and on unusual ones.
fn of_amounts(source: &SourceInfo, survey: &Survey) -> Vec<Finding> {
    let (name, layout) = (source.name.as_str(), &source.layout);
    let mut findings = Vec::new();
    let (net, gross) = survey.refunds;
    let is_net = layout.preset.paid_is_net_of_refund;
    let with_refunds =
        |finding: Finding| finding.with("net", net.to_string()).with("gross", gross.to_string());
    if is_net {
        findings.push(with_refunds(Finding::new(Severity::Note, "paid_is_net").file(name)));
    } else if !layout.has(Field::RefundAmount) {
        findings.push(Finding::new(Severity::Note, "no_refund_column").file(name));
    }
    // In rows with a refund, the order's total equals either paid plus refunded or paid alone; the counts show which.
    let contradicts = if is_net { gross > net } else { layout.has(Field::RefundAmount) && net > gross };
    if contradicts {
        let code = if is_net { "paid_looks_gross" } else { "paid_looks_net" };
        findings.push(with_refunds(Finding::new(Severity::Caution, code).file(name)));
    }
    if survey.over_refunded.count > 0 {
        let finding =
            Finding::new(Severity::Caution, "over_refunded").file(name).count(survey.over_refunded.count);
        findings.push(finding.example(survey.over_refunded.example.clone()));
    }
    if !layout.has(Field::Status) && !layout.has(Field::PaymentStatus) {
        findings.push(Finding::new(Severity::Note, "no_status").file(name));
    }
    let amounts = survey.amounts.iter().map(|(amount, rows)| (amount.number(), *rows));
    let mut amounts: Vec<(i64, u64)> = amounts.collect();
    amounts.sort_unstable();
    let rows_of =
        |is: fn(i64) -> bool| amounts.iter().filter(|(amount, _)| is(*amount)).map(|(_, n)| n).sum::<u64>();
    let negative = rows_of(|amount| amount < 0);
    if negative > 0 {
        findings.push(Finding::new(Severity::Note, "credit_notes").file(name).count(negative));
    }
    if let Some(fence) = upper_fence(&amounts) {
        let far: u64 = amounts.iter().filter(|(amount, _)| *amount > fence).map(|(_, rows)| rows).sum();
        if let Some((amount, order, status)) = survey.greatest.as_ref().filter(|_| far > 0) {
            // Rounded to whole units, since the limit is not exact anyway.
            let fence = fence / money::UNIT * money::UNIT;
            findings.push(
                Finding::new(Severity::Caution, "outliers")
                    .file(name)
                    .count(far)
                    .example(order)
                    .with("fence", money::plain(fence))
                    .with("amount", money::plain(*amount))
                    .with("status", status),
            );
        }
    }
    findings
}

fn of_days(name: &str, survey: &Survey, today: Day) -> Vec<Finding> {
    let mut findings = Vec::new();
    let known = || survey.days.iter().filter(|(day, _)| **day != day::MISSING);
    let future: u64 = known().filter(|(day, _)| Day::new(**day) > today).map(|(_, rows)| rows).sum();
    if let Some((last, _)) = survey.days.last_key_value().filter(|_| future > 0) {
        let finding = Finding::new(Severity::Caution, "future_dates").file(name).count(future);
        findings.push(finding.example(Day::new(*last).to_string()));
    }
    let early: u64 = known().filter(|(day, _)| **day < FIRST_DAY).map(|(_, rows)| rows).sum();
    if let Some((first, _)) = known().next().filter(|_| early > 0) {
        let finding = Finding::new(Severity::Caution, "early_dates").file(name).count(early);
        findings.push(finding.example(Day::new(*first).to_string()));
    }
    let odd = survey.paid_before_created;
    if odd > 0 {
        findings.push(Finding::new(Severity::Caution, "paid_before_created").file(name).count(odd));
    }
    findings
}

fn of_rows(name: &str, survey: &Survey) -> Vec<Finding> {
    let mut findings = Vec::new();
    if survey.tests.count > 0 {
        let finding = Finding::new(Severity::Caution, "test_orders").file(name).count(survey.tests.count);
        findings.push(finding.example(&survey.tests.example));
    }
    if survey.repeated > 0 {
        findings.push(Finding::new(Severity::Note, "identical_rows").file(name).count(survey.repeated));
    }
    findings
}

/// Findings that only show in all files together.
fn of_all(ingested: &Ingested, facts: &CustomerFacts, occasional: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    let excluded = &facts.accounting.excluded;
    let mut add = |severity, code, count: u64| {
        if count > 0 {
            findings.push(Finding::new(severity, code).count(count));
        }
    };
    add(Severity::Note, "superseded", excluded.of(Rule::Superseded));
    let is_told = ingested.notes.iter().any(|remark| remark.code == "unknown_amounts");
    add(Severity::Caution, "incomplete_orders", if is_told { 0 } else { excluded.of(Rule::IncompleteOrder) });
    add(Severity::Note, "zero_amounts", excluded.of(Rule::ZeroAmount));
    add(Severity::Note, "occasional", occasional);
    if ingested.orders.has_region_column {
        add(Severity::Note, "unknown_regions", unknown_regions(ingested));
    }
    if ingested.orders.lacks_amounts {
        findings.push(Finding::new(Severity::Caution, "no_amounts"));
    }
    findings
}

fn unknown_regions(ingested: &Ingested) -> u64 {
    let mut count = 0;
    // A part without the column has no such orders.
    let counted = ingested.orders.parts.visit(|part| {
        if let Ok(column) = part.column(orders::REGION) {
            let regions = &ingested.orders.regions;
            let is_unknown = |region: &u32| {
                let region = regions.get(*region as usize);
                region.is_none_or(|region| region.province.is_empty() && region.city.is_empty())
            };
            count += column.u32()?.iter().flatten().filter(is_unknown).count() as u64;
        }
        Ok(())
    });
    counted.map_or(0, |()| count)
}
