//! What each command can do with the inputs.

use crate::ingest::accounting::Rule;
use crate::ingest::{Ingested, customer_hint};
use crate::metrics::CustomerFacts;
use crate::schema::Table;

/// Whether a command can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It can.
    Ready,
    /// It can, and its answer needs a caveat.
    Caveat,
    /// It cannot.
    Blocked,
}

/// The keys of the verdicts in output and translations.
pub const VERDICTS: [&str; 3] = ["ready", "caveat", "blocked"];

impl Verdict {
    /// Its key.
    pub fn key(self) -> &'static str {
        VERDICTS[self as usize]
    }
}

/// The verdict on each command: its name, the verdict, why (a key of the translations' `why` section) and what the
/// sentence of that says.
pub type Verdicts = Vec<(&'static str, Verdict, &'static str, Vec<(&'static str, String)>)>;

/// What a command needs.
struct Needs {
    command: &'static str,
    customers: bool,
    places: bool,
}

/// Every command that asks a question of the data.
const COMMANDS: [Needs; 3] = [
    Needs { command: "segment", customers: true, places: false },
    Needs { command: "rfm", customers: true, places: false },
    Needs { command: "region", customers: false, places: true },
];

pub(super) fn verdicts(ingested: &Ingested, facts: &CustomerFacts) -> Verdicts {
    COMMANDS
        .iter()
        .map(|needs| {
            let (verdict, why, values) = verdict(needs, ingested, facts);
            (needs.command, verdict, why, values)
        })
        .collect()
}

fn verdict(
    needs: &Needs,
    ingested: &Ingested,
    facts: &CustomerFacts,
) -> (Verdict, &'static str, Vec<(&'static str, String)>) {
    let orders = &ingested.orders;
    if !ingested.sources.iter().any(|source| source.table() == Table::Orders) {
        return (Verdict::Blocked, "no_orders", Vec::new());
    }
    let accounting = &facts.accounting;
    let nobody = accounting.excluded.of(Rule::NoCustomer) + accounting.excluded.of(Rule::MaskedCustomer);
    let counted = |n: u64| vec![("n", n.to_string()), ("rows", accounting.rows_read.to_string())];
    if orders.customers.is_empty() {
        let hint = vec![("hint", customer_hint(&ingested.sources).to_string())];
        return match needs.customers {
            true if accounting.rows_read == accounting.quarantined_total() => {
                (Verdict::Blocked, "nothing_readable", Vec::new())
            }
            true => (Verdict::Blocked, "nobody_known", hint),
            false if needs.places && !orders.has_region_column => (Verdict::Caveat, "no_places", Vec::new()),
            false => (Verdict::Caveat, "customers_empty", hint),
        };
    }
    if needs.places && !orders.has_region_column {
        return (Verdict::Caveat, "no_places", Vec::new());
    }
    if facts.order_total == 0 {
        return (Verdict::Caveat, "nothing_valid", counted(accounting.rows_read));
    }
    if accounting.quarantined_total() > 0 {
        return (Verdict::Caveat, "rows_quarantined", counted(accounting.quarantined_total()));
    }
    if needs.customers && nobody > 0 {
        return (Verdict::Caveat, "rows_without_customer", counted(nobody));
    }
    (Verdict::Ready, "all_there", Vec::new())
}
