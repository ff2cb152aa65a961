//! What the inputs are good for, before anyone trusts a number: what was read of them, what stands out, and which
//! commands can run on them.

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

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something cannot be read or answered.
    Stop,
    /// Answers are true of less, or of other things, than one might think.
    Caution,
    /// Good to know.
    Note,
}

impl Severity {
    /// Every severity.
    pub const ALL: [Self; 3] = [Self::Stop, Self::Caution, Self::Note];

    /// The key it has in output and translations.
    pub fn key(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Caution => "caution",
            Self::Note => "note",
        }
    }
}

/// Something that stands out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What it is: a key of the translations' `finding` section.
    pub code: &'static str,
    /// The file it is about; empty for all of them.
    pub file: String,
    /// Rows, orders, customers or dates it is about, where it can be counted.
    pub count: Option<u64>,
    /// One of them.
    pub example: String,
    /// What else its sentence says, by the names of the places in it.
    pub values: Vec<(&'static str, String)>,
}

/// Everything that was found.
#[derive(Debug)]
pub struct Check {
    /// What stands out, the gravest first.
    pub findings: Vec<Finding>,
    /// What each command can do with the inputs.
    pub verdicts: Verdicts,
    /// Where the rows of orders went, as commands about customers see them.
    pub accounting: Accounting,
    /// The same with the rows of the other tables.
    pub total: Accounting,
    /// The as-of day; none where nothing that was read has a day.
    pub as_of: Option<Day>,
    /// Buyers.
    pub customer_count: u64,
    /// Valid orders of buyers.
    pub order_count: u64,
}

/// Looks at what was read. `today` is the day after which dates are in the future; `failures` are the messages of files
/// that could not be read, with their hints.
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
    // Where nobody is known, what questions about orders see says more than that every row names nobody.
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

/// The accounting of orders with the rows of the other tables, which count as used where they are read.
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
    /// Why a command has no answer that says anything: a key of the translations' `why` section, and what its sentence
    /// says. None where it has one.
    pub fn why_not(&self, command: &str) -> Option<(&'static str, &[(&'static str, String)])> {
        verdicts::why_not(&self.verdicts, command)
    }

    /// What there is to say of a command's answer, in the same way.
    pub fn caveat(&self, command: &str) -> Option<(&'static str, &[(&'static str, String)])> {
        let (.., why, values) = self
            .verdicts
            .iter()
            .find(|(name, verdict, ..)| *name == command && *verdict == Verdict::Caveat)?;
        Some((*why, values.as_slice()))
    }
}

impl Finding {
    /// Its sentence, which names the file unless there is only one; personal data in it are masked.
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
