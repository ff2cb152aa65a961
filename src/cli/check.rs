//! `ecrm check`.

use clap::Args;
use serde_json::{Map, json};

use super::session::{Asking, Recognised};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::check::{self, Check, Verdict};
use crate::error::{Error, Result};
use crate::locale::{Lang, Words};
use crate::metrics::latest;
use crate::present::{Kind, Spec, Table};
use crate::questions::Answer;
use crate::reading::Ingested;
use crate::schema::{self, Wants, names};

/// The tables, the main one first.
pub const TABLES: [&str; 7] = ["verdicts", "files", "findings", "statuses", "rows", "dates", "columns"];

/// Look at the files before trusting a number: what was recognised, where rows went, what stands out, which commands
/// can run
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm check exports/*
  ecrm check orders.csv customers.csv --format json
  ecrm check orders.csv --strict --format table > check.txt || mail -s 'orders look odd' me < check.txt

The result is the tables verdicts (the main one), files, findings, statuses, rows, dates and columns. The exit \
code is 1 when a file cannot be read or no command can run; with --strict also when any row cannot be read, with \
--max-rejects when more than so many. Status words that nobody knows are printed as a piece of ecrm.toml to paste.")]
#[command(mut_arg("condition", |arg| arg.hide(true)), mut_arg("orders_where", |arg| arg.hide(true)))]
pub struct CheckArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl CheckArgs {
    /// Reads whatever can be read, checks it, and writes the findings.
    pub fn run(self) -> Result<()> {
        if self.scope.condition.is_some() || self.scope.orders_where.is_some() {
            return Err(Error::usage_of("check_where", &[]));
        }
        let wants =
            Wants { regions: true, tables: schema::Table::ALL.to_vec(), survey: true, ..Wants::default() };
        let mut session = Asking::open(&self.input, &self.scope, &self.output)?.session("check", wants)?;
        let Recognised { mut failures, .. } = session.recognise(&[])?;
        let mut ingested = session.read_what_can_be(&mut failures)?;
        let today = session.today();
        let doubt = latest::doubts(session.request(), &ingested.orders, None, today)?;
        // Every command prints this remark; here it is also a finding, to which the verdicts refer.
        session.remark(doubt.as_slice());
        ingested.notes.extend(doubt);
        let described: Vec<(String, String, String)> = failures.iter().map(describe).collect();
        let scope = session.request().settled(&ingested.orders, None)?;
        let checked = check::check(&ingested, &scope, today, &described)?;
        let too_little = session.too_little(&ingested);
        let problem = problem(&checked, &failures, too_little);
        let answer = Answer {
            tables: tables(&ingested, &checked)?,
            parameters: Map::from_iter([("today".to_owned(), json!(today.to_string()))]),
            window: scope.window,
            as_of: checked.as_of,
            customer_count: checked.customer_count,
            order_count: checked.order_count,
            accounting: checked.total,
            ..Answer::default()
        };
        session.write(&ingested.sources, ingested.orders.ids_are_personal, answer)?;
        problem.map_or(Ok(()), Err)
    }
}

/// The file, the message and the hint of a failure, the latter two in both languages.
pub(super) fn describe(error: &Error) -> (String, String, String) {
    let file = match error {
        Error::Input { input, .. } => input.clone(),
        Error::Io { path, .. } => path.clone(),
        _ => String::new(),
    };
    let said = |lang| {
        let (message, hint) = match error {
            // The file is named in a column of its own.
            Error::Input { .. } => error.said_without_place(lang),
            _ => error.said(lang),
        };
        (message, hint.unwrap_or_default())
    };
    let (en, zh) = (said(Lang::En), said(Lang::Zh));
    let words = |en, zh| Words { en, zh }.to_string();
    (file, words(en.0, zh.0), words(en.1, zh.1))
}

/// The error by which the check fails, for the exit code.
fn problem(checked: &Check, failures: &[Error], too_little: Option<Error>) -> Option<Error> {
    if let Some(first) = failures.first() {
        let (en, zh) = (first.said(Lang::En), first.said(Lang::Zh));
        let message = Words { en: en.0, zh: zh.0 };
        let hint = en.1.zip(zh.1).map(|(en, zh)| Words { en, zh });
        let hint = hint.unwrap_or_else(|| Words::of("error", "check_blocked_hint", &[]));
        let values = [("first", message.to_string()), ("count", (failures.len() - 1).to_string())];
        return Some(Error::data(
            if failures.len() > 1 { Words::of("error", "check_more", &values) } else { message },
            hint,
        ));
    }
    let is_blocked = checked.verdicts.iter().all(|(_, verdict, ..)| *verdict == Verdict::Blocked);
    too_little.or_else(|| is_blocked.then(|| Error::data_of("check_blocked", &[])))
}

fn tables(ingested: &Ingested, checked: &Check) -> Result<Vec<Table>> {
    let made = [
        (verdict_columns(), check::verdicts_frame(checked)?),
        (file_columns(), check::files(ingested)?),
        (finding_columns(), check::findings_frame(ingested, checked)?),
        (status_columns(), check::statuses(ingested)?),
        (row_columns(), check::rows(ingested, checked)?),
        (date_columns(), check::dates(ingested)?),
        (column_columns(), check::columns(ingested)?),
    ];
    let tables = TABLES.into_iter().zip(made);
    Ok(tables.map(|(name, (columns, frame))| Table::new(name, name, columns, frame)).collect())
}

fn verdict_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::COMMAND, Kind::Text, 0),
        Spec::new(names::VERDICT, Kind::Label("verdict"), 0),
        Spec::new(names::EXPLANATION, Kind::Sentence("why"), 0),
    ]
}

pub(super) fn file_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::FILE, Kind::Text, 0),
        Spec::new(names::TABLE, Kind::Label("canonical"), 1),
        Spec::new(names::PRESET, Kind::Text, 1),
        Spec::new(names::ENCODING, Kind::Text, 1),
        Spec::new(names::DELIMITER, Kind::Label("delimiter"), 1),
        Spec::new(names::HEADER_RECORD, Kind::Count, 1),
        Spec::new(names::ROWS_READ, Kind::Count, 1),
        Spec::new(names::ROWS_QUARANTINED, Kind::Count, 1),
        Spec::new(names::EXPLANATION, Kind::Sentence("recognition"), 0),
    ]
}

fn finding_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::SEVERITY, Kind::Label("severity"), 0),
        Spec::new(names::FINDING, Kind::Text, 1),
        Spec::new(names::FILE, Kind::Text, 1),
        Spec::new(names::COUNT, Kind::Count, 1),
        Spec::new(names::EXAMPLE, Kind::Text, 1),
        Spec::new(names::EXPLANATION, Kind::Sentence("finding"), 0),
    ]
}

fn status_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::FILE, Kind::Text, 1),
        Spec::new(names::WORD, Kind::Text, 0),
        Spec::new(names::MEANING, Kind::Label("meaning"), 0),
        Spec::new(names::ROW_COUNT, Kind::Count, 0),
    ]
}

fn row_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::TABLE, Kind::Label("canonical"), 1),
        Spec::new(names::OUTCOME, Kind::Label("outcome"), 0),
        Spec::new(names::RULE, Kind::Label("rule"), 0),
        Spec::new(names::REASON, Kind::Label("reason"), 0),
        Spec::new(names::ROW_COUNT, Kind::Count, 0),
    ]
}

fn date_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::FILE, Kind::Text, 1),
        Spec::new(names::HEADER, Kind::Text, 0),
        Spec::new(names::DATE_ORDER, Kind::Label("date_order"), 0),
        Spec::new(names::DAY_FIRST_COUNT, Kind::Count, 0),
        Spec::new(names::MONTH_FIRST_COUNT, Kind::Count, 0),
        Spec::new(names::EITHER_COUNT, Kind::Count, 0),
        Spec::new(names::YEAR_FIRST_COUNT, Kind::Count, 0),
    ]
}

fn column_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::FILE, Kind::Text, 1),
        Spec::new(names::HEADER, Kind::Text, 0),
        Spec::new(names::FIELD, Kind::Text, 0),
    ]
}
