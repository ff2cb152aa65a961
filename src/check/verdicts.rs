//! The verdict on each command for these inputs.

use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::{CustomerFacts, Scope, latest, predict};
use crate::parse::{SourceInfo, customer_hint};
use crate::questions::{ALL, About};
use crate::reading::Ingested;
use crate::schema::accounting::Rule;
use crate::schema::{Day, Field, Table};

/// Whether a command can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It can run.
    Ready,
    /// It can run, but its answer needs a caveat.
    Caveat,
    /// It cannot run.
    Blocked,
}

/// The keys of the verdicts in output and translations.
pub const VERDICTS: [&str; 3] = ["ready", "caveat", "blocked"];

impl Verdict {
    /// The key of the verdict.
    pub fn key(self) -> &'static str {
        VERDICTS[self as usize]
    }
}

/// The verdict on each command: its name, the verdict, the reason (a key of the translations' `why` section) and the
/// values of that sentence.
pub type Verdicts = Vec<(&'static str, Verdict, &'static str, Vec<(&'static str, String)>)>;

/// The reasons for which a command can run but has an empty answer.
const EMPTY: [&str; 3] = ["no_items", "no_places", "no_rows"];

/// Why a command has no meaningful answer, with the values of the sentence; `None` if it has one.
pub(super) fn why_not<'a>(
    verdicts: &'a Verdicts,
    command: &str,
) -> Option<(&'static str, &'a [(&'static str, String)])> {
    let (_, verdict, why, values) = verdicts.iter().find(|(name, ..)| *name == command)?;
    (*verdict == Verdict::Blocked || EMPTY.contains(why)).then_some((*why, values.as_slice()))
}

pub(super) fn verdicts(
    ingested: &Ingested,
    scope: &Scope,
    facts: &CustomerFacts,
    order_count: u64,
    today: Day,
    has_failures: bool,
) -> Result<Verdicts> {
    let repeaters = predict::repeaters(&ingested.orders, scope)?;
    let all = ALL
        .iter()
        .map(|about| {
            let found = verdict(about, ingested, facts, (order_count, repeaters), today);
            let (verdict, why, values) = match found {
                // The file that could not be read may be the one with the orders.
                (verdict, "no_orders", values) if has_failures => (verdict, "orders_unreadable", values),
                found => found,
            };
            (about.name, verdict, why, values)
        })
        .collect();
    Ok(all)
}

fn verdict(
    about: &About,
    ingested: &Ingested,
    facts: &CustomerFacts,
    (order_count, repeaters): (u64, u64),
    today: Day,
) -> (Verdict, &'static str, Vec<(&'static str, String)>) {
    let (orders, accounting) = (&ingested.orders, &facts.accounting);
    let excluded = |rules: &[Rule]| -> u64 { rules.iter().map(|rule| accounting.excluded.of(*rule)).sum() };
    let counted = |n: u64| vec![("n", n.to_string()), ("rows", accounting.rows_read.to_string())];
    let hint = || vec![("hint", customer_hint(&ingested.sources).to_string())];
    if let Some((verdict, why)) = without_orders(about, ingested) {
        return (verdict, why, Vec::new());
    }
    if let Some(remark) = ingested.notes.iter().find(|remark| remark.code == "several_currencies") {
        return (Verdict::Blocked, "several_currencies", remark.values.clone());
    }
    let of_items = |remark: &&Remark| remark.code == "several_item_currencies";
    if let Some(remark) = ingested.notes.iter().find(of_items).filter(|_| about.needs_items) {
        return (Verdict::Blocked, "several_item_currencies", remark.values.clone());
    }
    if accounting.rows_read == 0 {
        return (Verdict::Caveat, "no_rows", Vec::new());
    }
    if accounting.rows_read == accounting.quarantined_total() {
        return (Verdict::Blocked, "nothing_readable", Vec::new());
    }
    let is_anonymous = !orders.has_buyers();
    let has = |table| ingested.sources.iter().any(|source| source.table() == table);
    let names_others = about.is_about_others_of(has);
    if about.needs_people && is_anonymous && !names_others {
        return (Verdict::Blocked, "nobody_known", hint());
    }
    if about.needs_amounts && orders.lacks_amounts {
        return (Verdict::Blocked, "no_amounts", Vec::new());
    }
    if about.needs_items && !names_items(ingested) {
        return (Verdict::Caveat, "no_items", Vec::new());
    }
    let has_places =
        orders.regions.iter().any(|region| !region.province.is_empty() || !region.city.is_empty());
    if about.needs_places && !has_places && !orders.regions.iter().any(|region| !region.country.is_empty()) {
        return (Verdict::Caveat, "no_places", Vec::new());
    }
    if is_anonymous && order_count > 0 && !matches!(about.tables, [Table::Events]) {
        return (Verdict::Caveat, "customers_empty", hint());
    }
    let outside = excluded(&[Rule::AfterAsOf, Rule::OutsideWindow]);
    if order_count == 0 && outside > 0 {
        return (Verdict::Caveat, "outside_scope", counted(outside));
    }
    if order_count == 0 {
        return (Verdict::Caveat, "nothing_valid", counted(accounting.rows_read));
    }
    if let Some(least) = about.needs_repeaters.filter(|least| repeaters < *least) {
        let values = vec![("n", repeaters.to_string()), ("least", least.to_string())];
        return (Verdict::Blocked, "few_repeaters", values);
    }
    if let Some(doubt) = ingested.notes.iter().find(|remark| latest::is_doubt(remark)) {
        let day = doubt.value("day").unwrap_or_default();
        return (Verdict::Caveat, "doubtful_as_of", vec![("as_of", day.to_owned())]);
    }
    if let Some(as_of) = facts.scope.known_day().filter(|as_of| *as_of > today) {
        return (Verdict::Caveat, "future_as_of", vec![("as_of", as_of.to_string())]);
    }
    if accounting.quarantined_total() > 0 {
        return (Verdict::Caveat, "rows_quarantined", counted(accounting.quarantined_total()));
    }
    let nobody = excluded(&[Rule::NoCustomer, Rule::MaskedCustomer]);
    if about.needs_people && nobody > 0 {
        return (Verdict::Caveat, "rows_without_customer", counted(nobody));
    }
    if orders.lacks_amounts && about.tables.contains(&Table::Orders) {
        return (Verdict::Caveat, "amounts_empty", Vec::new());
    }
    (Verdict::Ready, "all_there", Vec::new())
}

/// Whether a missing export is the reason for not answering, and the reason does not already say what to do.
pub fn is_mended_by_another_export(why: &str) -> bool {
    ["no_orders", "no_events", "no_sends", "no_tables", "no_rows", "few_repeaters"].contains(&why)
}

/// The verdict if there are no orders; `None` if there are.
fn without_orders(about: &About, ingested: &Ingested) -> Option<(Verdict, &'static str)> {
    let has = |table: Table| ingested.sources.iter().any(|source| source.table() == table);
    if about.needs_items && has(Table::OrderItems) && !has(Table::Orders) {
        return Some((Verdict::Caveat, "items_alone"));
    }
    if !about.tables.iter().any(|table| has(*table)) {
        let why = match about.tables {
            [Table::Orders] => "no_orders",
            [Table::Events] => "no_events",
            [Table::Sends] => "no_sends",
            _ => "no_tables",
        };
        return Some((Verdict::Blocked, why));
    }
    match about.tables {
        _ if has(Table::Orders) => None,
        [Table::Events] => Some((Verdict::Ready, "all_there")),
        // Messages do not say who bought.
        [Table::Sends] => Some((Verdict::Blocked, "no_orders")),
        _ => Some((Verdict::Caveat, "without_orders")),
    }
}

/// Whether any input has items of orders.
fn names_items(ingested: &Ingested) -> bool {
    let fields = [Field::ProductId, Field::Title, Field::Category];
    let holds_items = |source: &SourceInfo| matches!(source.table(), Table::Orders | Table::OrderItems);
    let names = |source: &SourceInfo| fields.iter().any(|field| source.layout.has(*field));
    ingested.sources.iter().any(|source| holds_items(source) && names(source))
}
