//! Checks references between tables (ids that lead nowhere) and the dates of events and sends.

use std::collections::HashSet;

use super::{Finding, Severity};
use crate::merge::identity::spelling::{Alike, alike};
use crate::parse::tables::TableRows;
use crate::reading::Ingested;
use crate::schema::table::{DayKind, Rows};
use crate::schema::{Day, Field, Key, day};

/// Findings in the tables beside the orders, and between tables.
pub(super) fn findings(ingested: &Ingested, today: Day) -> Vec<Finding> {
    let mut findings = Vec::new();
    let known = customers(ingested);
    for table in &ingested.tables {
        findings.extend(of_days(table, today));
        let rows = rows_of(table);
        let of = |code, count: u64| {
            let file = table.file.as_str();
            (count > 0).then(|| Finding::new(Severity::Caution, code).file(file).count(count))
        };
        if rows == Rows::Items && !ingested.order_ids.is_empty() {
            let items: HashSet<Key> = table.orders.iter().copied().collect();
            let dangling = items.difference(&ingested.order_ids).count() as u64;
            findings.extend(of("dangling_items", dangling));
            let without = ingested.order_ids.difference(&items).count() as u64;
            findings.extend(of("orders_without_items", without));
        }
        // A list of customers usually lacks some buyers; events may have visitors who never bought.
        if rows == Rows::OfCustomers && table.row_count > 0 {
            let repeated = table.customers.len() - table.customers.iter().collect::<HashSet<_>>().len();
            findings.extend(of("repeated_customers", repeated as u64));
        }
        if let (Rows::OfMoments, Some(known)) = (rows, &known) {
            let customers = table.customers.iter().map(|key| ingested.aliases.resolve(*key));
            let others: HashSet<Key> = customers.filter(|key| !known.contains(key)).collect();
            findings.extend(
                of("unknown_customers", others.len() as u64)
                    .map(|finding| Finding { severity: Severity::Note, ..finding }),
            );
        }
    }
    findings.extend(of_spellings(ingested));
    if let Some(known) = &known {
        let count = buyers(ingested).iter().filter(|key| !known.contains(key)).count() as u64;
        if count > 0 && ingested.tables.iter().any(|table| rows_of(table) == Rows::OfCustomers) {
            findings.push(Finding::new(Severity::Note, "buyers_without_customer").count(count));
        }
    }
    findings
}

/// Customer ids that differ in spelling only, within one table or between several.
fn of_spellings(ingested: &Ingested) -> Option<Finding> {
    let of_tables = ingested.tables.iter().flat_map(|table| &table.customers);
    let ids = buyers(ingested).iter().chain(of_tables).map(|key| ingested.aliases.resolve(*key));
    let ids: HashSet<Key> = ids.filter(|key| key.is_usable()).collect();
    let (tables, customers) = (&ingested.tables, &ingested.orders.customers);
    let text = |key: Key| {
        let long = || tables.iter().find_map(|table| table.details.long.get(&key));
        match customers.text_of(key) {
            text if text.is_empty() => long().map(|text| text.to_string()).unwrap_or_default(),
            text => text,
        }
    };
    let Alike { ids, names, by_aspect: [case, width, form, spaces], example } = alike(&ids, text);
    let finding = Finding::new(Severity::Note, "ids_alike").count(ids).example(example.join(" | "));
    let finding = finding.with("customers", names).with("case", case).with("width", width);
    (ids > 0).then(|| finding.with("form", form).with("spaces", spaces))
}

/// The customers who have a row of their own, else the buyers; `None` if there are neither.
fn customers(ingested: &Ingested) -> Option<HashSet<Key>> {
    let tables = ingested.tables.iter().filter(|table| rows_of(table) == Rows::OfCustomers);
    let customers = tables.flat_map(|table| &table.customers);
    let own: HashSet<Key> = customers.map(|key| ingested.aliases.resolve(*key)).collect();
    if !own.is_empty() {
        return Some(own);
    }
    let buyers: HashSet<Key> = buyers(ingested).iter().copied().collect();
    (!buyers.is_empty()).then_some(buyers)
}

fn buyers(ingested: &Ingested) -> &[Key] {
    ingested.orders.customers.keys()
}

fn rows_of(table: &TableRows) -> Rows {
    table.table.unwrap_or_default().declaration().rows
}

fn of_days(table: &TableRows, today: Day) -> Vec<Finding> {
    let mut findings = Vec::new();
    let declared = table.table.unwrap_or_default().declaration();
    let is_private = |field: Field| declared.days().any(|day| day == (field, DayKind::Private));
    for (field, days) in &table.days {
        let future =
            days.iter().filter(|day| **day != day::MISSING && Day::new(**day) > today).count() as u64;
        let last = days.iter().max().and_then(|day| day::date_of(*day));
        if let Some(last) = last.filter(|_| future > 0) {
            let finding = Finding::new(Severity::Caution, "future_dates").file(&table.file).count(future);
            findings.push(finding.example(last.to_string()));
        }
        let missing = days.iter().filter(|day| **day == day::MISSING).count() as u64;
        if missing > 0 && !is_private(*field) {
            let finding = Finding::new(Severity::Note, "missing_dates").file(&table.file).count(missing);
            findings.push(finding.with("field", field.name()));
        }
    }
    findings
}
