//! Checks what the inputs are good for, before anyone trusts a number: what was read, what stands out, and which
//! commands can run.

mod findings;
pub mod first_look;
mod frames;
mod references;
mod verdicts;

use std::collections::HashSet;

use crate::error::Result;
use crate::locale::{Locale, harmless};
use crate::masks::masked;
use crate::metrics::Scope;
use crate::metrics::customer_facts::customer_facts;
use crate::metrics::region::{Level, region};
use crate::reading::Ingested;
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::{Day, Frames, Shop};

pub use frames::{
    columns, dates, files, findings as findings_frame, rows, statuses, verdicts as verdicts_frame,
};
pub use verdicts::{VERDICTS, Verdict, Verdicts, is_mended_by_another_export};

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something cannot be read or answered.
    Stop,
    /// An answer may cover less, or mean something else, than one might think.
    Caution,
    /// Good to know.
    Note,
}

impl Severity {
    /// Every severity.
    pub const ALL: [Self; 3] = [Self::Stop, Self::Caution, Self::Note];

    /// Its key in output and translations.
    pub fn key(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Caution => "caution",
            Self::Note => "note",
        }
    }
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Its code, which is a key of the translations' `finding` section.
    pub code: &'static str,
    /// The file it is about; empty if it is about all.
    pub file: String,
    /// The number of rows, orders, customers or dates it is about, if it can be counted.
    pub count: Option<u64>,
    /// One of them.
    pub example: String,
    /// Further values of its sentence, by the name of their place in it.
    pub values: Vec<(&'static str, String)>,
}

/// The result of a check.
#[derive(Debug)]
pub struct Check {
    /// The findings, the most severe first.
    pub findings: Vec<Finding>,
    /// The verdict on each command.
    pub verdicts: Verdicts,
    /// The accounting of the orders, as commands about customers count them.
    pub accounting: Accounting,
    /// The accounting including the rows of the other tables.
    pub total: Accounting,
    /// The as-of day; `None` if nothing that was read has a day.
    pub as_of: Option<Day>,
    /// The number of buyers.
    pub customer_count: u64,
    /// The number of valid orders of buyers.
    pub order_count: u64,
}

/// Checks what was read. Dates after `today` are in the future; `failures` are the messages of files that could not be
/// read, with their hints.
pub fn check(
    ingested: &Ingested,
    scope: &Scope,
    today: Day,
    failures: &[(String, String, String)],
) -> Result<Check> {
    let facts = customer_facts(&ingested.orders, scope, ingested.accounting.clone())?;
    let occasional = Scope { excludes_occasional: true, ..*scope };
    let occasional = customer_facts(&ingested.orders, &occasional, ingested.accounting.clone())?;
    let occasional = occasional.accounting.excluded.of(Rule::Occasional);
    let mut findings = findings::of_failures(failures);
    findings.extend(findings::of_orders(ingested, &facts, today, occasional));
    findings.extend(references::findings(ingested, today));
    findings.sort_by_key(|finding| finding.severity);
    // If no buyer is known, the accounting of questions about orders says more than "no row names a customer".
    let (order_count, accounting) = if !ingested.orders.has_buyers() {
        let orders_alone = Frames::default();
        let shop = Shop { frames: &orders_alone, ..ingested.shop() };
        let all = region(&shop, scope, Level::Country, ingested.accounting.clone())?;
        (all.order_count, all.accounting)
    } else {
        (facts.order_total, facts.accounting.clone())
    };
    let verdicts = verdicts::verdicts(ingested, scope, &facts, order_count, today, !failures.is_empty())?;
    let customer_count = facts.customer_count;
    let total = with_tables(&accounting, ingested);
    Ok(Check { findings, verdicts, as_of: scope.known_day(), customer_count, order_count, accounting, total })
}

/// The accounting of orders plus the rows of the other tables, which count as used if they are read.
fn with_tables(orders: &Accounting, ingested: &Ingested) -> Accounting {
    let mut total = orders.clone();
    for table in &ingested.tables {
        total.rows_read += table.record_count;
        total.rows_used += table.row_count;
        total.excluded.merge(&table.excluded);
    }
    let files: HashSet<&str> = ingested.tables.iter().map(|table| table.file.as_str()).collect();
    for reject in ingested.rejects.iter().filter(|reject| files.contains(reject.file.as_str())) {
        total.quarantine(reject.reason, 1);
    }
    total
}

impl Check {
    /// Why a command has no meaningful answer: a key of the translations' `why` section, and the values of its
    /// sentence. `None` if it has an answer.
    pub fn why_not(&self, command: &str) -> Option<(&'static str, &[(&'static str, String)])> {
        verdicts::why_not(&self.verdicts, command)
    }

    /// The caveat on a command's answer, in the same form.
    pub fn caveat(&self, command: &str) -> Option<(&'static str, &[(&'static str, String)])> {
        let (.., why, values) = self
            .verdicts
            .iter()
            .find(|(name, verdict, ..)| *name == command && *verdict == Verdict::Caveat)?;
        Some((*why, values.as_slice()))
    }
}

impl Finding {
    /// The finding's sentence, which names the file if there are several; personal data in it are masked.
    pub fn explanation(&self, is_one_file: bool, locale: &Locale) -> String {
        let sentence = frames::explanation(self, is_one_file);
        masked(&harmless(&locale.sentence("finding", &sentence)), false).into_owned()
    }

    fn new(severity: Severity, code: &'static str) -> Self {
        Self { severity, code, file: String::new(), count: None, example: String::new(), values: Vec::new() }
    }

    fn file(self, file: &str) -> Self {
        Self { file: file.to_owned(), ..self }
    }

    fn count(self, count: u64) -> Self {
        Self { count: Some(count), ..self }
    }

    fn example(self, example: impl Into<String>) -> Self {
        Self { example: example.into(), ..self }
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }
}
