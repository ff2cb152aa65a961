//! The findings as tables.

use polars::prelude::*;

use super::{Check, Finding};
use crate::error::Result;
use crate::locale::sentence;
use crate::metrics::finish::{counts, frame, texts};
use crate::parse::SourceInfo;
use crate::reading::Ingested;
use crate::schema::{EventKind, Status, Table, names};

/// One row per command: `command`, `verdict` (ready, caveat, blocked), `explanation`.
pub fn verdicts(check: &Check) -> Result<DataFrame> {
    let list = &check.verdicts;
    frame(vec![
        texts(names::COMMAND, list.iter().map(|(command, ..)| Some((*command).to_owned()))),
        texts(names::VERDICT, list.iter().map(|(_, verdict, ..)| Some(verdict.key().to_owned()))),
        texts(names::EXPLANATION, list.iter().map(|(.., why, values)| Some(sentence(why, values)))),
    ])
}

/// One row per file: `file`, `table`, `preset`, `encoding`, `delimiter`, `header_record`, `rows_read`,
/// `rows_quarantined`, `explanation`.
pub fn files(ingested: &Ingested) -> Result<DataFrame> {
    let list = &ingested.sources;
    let quarantined = |source: &SourceInfo| {
        ingested.rejects.iter().filter(|reject| reject.file == source.name).count() as u64
    };
    frame(vec![
        texts(names::FILE, list.iter().map(|source| Some(source.name.clone()))),
        texts(names::TABLE, list.iter().map(|source| Some(source.table().name().to_owned()))),
        texts(names::PRESET, list.iter().map(|source| Some(source.layout.preset.name.clone()))),
        texts(names::ENCODING, list.iter().map(|source| Some(source.layout.encoding.name().to_owned()))),
        texts(names::DELIMITER, list.iter().map(|source| Some(delimiter(source).to_owned()))),
        counts(names::HEADER_RECORD, list.iter().map(|source| Some(source.layout.header_record))),
        counts(names::ROWS_READ, list.iter().map(|source| Some(source.rows_read))),
        counts(names::ROWS_QUARANTINED, list.iter().map(|source| Some(quarantined(source)))),
        texts(names::EXPLANATION, list.iter().map(|source| Some(recognition(source, quarantined(source))))),
    ])
}

/// One row per column of each file, those that are read first: `file`, `header`, `field` (null where no field is read
/// from it).
pub fn columns(ingested: &Ingested) -> Result<DataFrame> {
    let mut rows: Vec<(String, String, Option<String>)> = Vec::new();
    for source in &ingested.sources {
        let layout = &source.layout;
        for (column, header) in layout.headers.iter().enumerate() {
            let of_fields = layout.columns.iter().filter(|(_, columns)| columns.contains(&column));
            let of_sums = layout
                .sums
                .iter()
                .filter(|(_, (plus, minus))| plus.contains(&column) || minus.contains(&column));
            let fields: Vec<&str> = of_fields
                .map(|(field, _)| field.name())
                .chain(of_sums.map(|(field, _)| field.name()))
                .collect();
            let field = (!fields.is_empty()).then(|| fields.join(" "));
            rows.push((source.name.clone(), header.clone(), field));
        }
        let start = rows.len() - layout.headers.len();
        rows[start..].sort_by_key(|(.., field)| field.is_none());
    }
    frame(vec![
        texts(names::FILE, rows.iter().map(|(file, ..)| Some(file.clone()))),
        texts(names::HEADER, rows.iter().map(|(_, header, _)| Some(header.clone()))),
        texts(names::FIELD, rows.iter().map(|(.., field)| field.clone())),
    ])
}

/// One row per status word or kind of event of each file: `file`, `word`, `meaning` (a status, a kind of event, or
/// unknown), `row_count`.
pub fn statuses(ingested: &Ingested) -> Result<DataFrame> {
    const UNKNOWN: &str = "unknown";
    let mut rows: Vec<(String, String, &str, u64)> = Vec::new();
    for (file, survey) in &ingested.surveys {
        rows.extend(survey.statuses.iter().map(|((word, status), rows)| {
            (file.clone(), word.clone(), status.map_or(UNKNOWN, Status::name), *rows)
        }));
    }
    for table in &ingested.tables {
        rows.extend(table.words.iter().map(|((word, kind), rows)| {
            (table.file.clone(), word.clone(), kind.map_or(UNKNOWN, EventKind::name), *rows)
        }));
    }
    rows.sort_by(|a, b| (&a.0, std::cmp::Reverse(a.3), &a.1).cmp(&(&b.0, std::cmp::Reverse(b.3), &b.1)));
    frame(vec![
        texts(names::FILE, rows.iter().map(|(file, ..)| Some(file.clone()))),
        texts(names::WORD, rows.iter().map(|(_, word, ..)| Some(word.clone()))),
        texts(names::MEANING, rows.iter().map(|(_, _, meaning, _)| Some((*meaning).to_owned()))),
        counts(names::ROW_COUNT, rows.iter().map(|(.., rows)| Some(*rows))),
    ])
}

/// The row accounting, one row per outcome: `table` (orders, or the file of another table), `outcome` (used, excluded,
/// quarantined), `rule` that excluded them, `reason` why they cannot be read, `row_count`. The orders are those of all
/// files, as commands about customers count them.
pub fn rows(ingested: &Ingested, check: &Check) -> Result<DataFrame> {
    let mut rows: Vec<(String, &str, Option<&str>, u64)> = Vec::new();
    let mut add = |table: &str,
                   used: u64,
                   excluded: Vec<(&'static str, u64)>,
                   quarantined: Vec<(&'static str, u64)>| {
        rows.push((table.to_owned(), "used", None, used));
        rows.extend(excluded.into_iter().map(|(code, n)| (table.to_owned(), "excluded", Some(code), n)));
        rows.extend(
            quarantined.into_iter().map(|(code, n)| (table.to_owned(), "quarantined", Some(code), n)),
        );
    };
    let accounting = &check.accounting;
    if ingested.sources.iter().any(|source| source.table() == Table::Orders) {
        add(
            Table::Orders.name(),
            accounting.rows_used,
            accounting.excluded.iter().map(|(rule, n)| (rule.code(), n)).collect(),
            accounting.quarantined.iter().map(|(reason, n)| (reason.code(), *n)).collect(),
        );
    }
    for table in &ingested.tables {
        let mut quarantined: Vec<(&'static str, u64)> = Vec::new();
        for reject in ingested.rejects.iter().filter(|reject| reject.file == table.file) {
            let code = reject.reason.code();
            match quarantined.iter_mut().find(|(known, _)| *known == code) {
                Some((_, n)) => *n += 1,
                None => quarantined.push((code, 1)),
            }
        }
        let excluded = table.excluded.iter().map(|(rule, n)| (rule.code(), n)).collect();
        add(&table.file, table.row_count, excluded, quarantined);
    }
    let code = |(_, outcome, code, _): &(String, &str, Option<&str>, u64), wanted: &str| {
        code.filter(|_| *outcome == wanted).map(str::to_owned)
    };
    frame(vec![
        texts(names::TABLE, rows.iter().map(|(table, ..)| Some(table.clone()))),
        texts(names::OUTCOME, rows.iter().map(|(_, outcome, ..)| Some((*outcome).to_owned()))),
        texts(names::RULE, rows.iter().map(|row| code(row, "excluded"))),
        texts(names::REASON, rows.iter().map(|row| code(row, "quarantined"))),
        counts(names::ROW_COUNT, rows.iter().map(|(.., n)| Some(*n))),
    ])
}

/// How each column of dates is read, one row each: `file`, `header`, `date_order` (dmy, mdy, or year_first if no date
/// begins with day or month), and the evidence: the number of rows that can only have the day first, only the month
/// first, can be read either way, or begin with the year.
pub fn dates(ingested: &Ingested) -> Result<DataFrame> {
    let list = &ingested.dates;
    let count =
        |kind: usize| counts(EVIDENCE[kind], list.iter().map(move |date| Some(date.counts[kind + 1])));
    frame(vec![
        texts(names::FILE, list.iter().map(|date| Some(date.file.clone()))),
        texts(names::HEADER, list.iter().map(|date| Some(date.header.clone()))),
        texts(names::DATE_ORDER, list.iter().map(|date| Some(date.order.to_owned()))),
        count(2),
        count(3),
        count(1),
        count(0),
    ])
}

/// Names of the evidence: not needed, either, day first, month first.
const EVIDENCE: [&str; 4] =
    [names::YEAR_FIRST_COUNT, names::EITHER_COUNT, names::DAY_FIRST_COUNT, names::MONTH_FIRST_COUNT];

/// One row per finding, the most severe first: `severity` (stop, caution, note), `finding` (its code), `file`, `count`,
/// `example`, `explanation`.
pub fn findings(ingested: &Ingested, check: &Check) -> Result<DataFrame> {
    findings_of(&check.findings, ingested.sources.len() < 2)
}

/// The table of some findings; `is_one` is whether there is only one file.
pub(super) fn findings_of(list: &[Finding], is_one: bool) -> Result<DataFrame> {
    let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    frame(vec![
        texts(names::SEVERITY, list.iter().map(|finding| Some(finding.severity.key().to_owned()))),
        texts(names::FINDING, list.iter().map(|finding| Some(finding.code.to_owned()))),
        texts(names::FILE, list.iter().map(|finding| filled(&finding.file))),
        counts(names::COUNT, list.iter().map(|finding| finding.count)),
        texts(names::EXAMPLE, list.iter().map(|finding| filled(&finding.example))),
        texts(names::EXPLANATION, list.iter().map(|finding| Some(explanation(finding, is_one)))),
    ])
}

/// The sentence of a finding; it names the file only if there are several.
pub(super) fn explanation(finding: &Finding, is_one: bool) -> String {
    let mut values = finding.values.clone();
    let place = if is_one { String::new() } else { format!("{}: ", finding.file) };
    values.push(("in", place));
    values.push(("file", finding.file.clone()));
    let example = if finding.example.is_empty() { "–" } else { finding.example.as_str() };
    values.push(("example", example.to_owned()));
    values.push(("n", finding.count.unwrap_or_default().to_string()));
    sentence(finding.code, &values)
}

/// What a file was recognised as, and how.
fn recognition(source: &SourceInfo, quarantined: u64) -> String {
    let layout = &source.layout;
    let preset = &layout.preset;
    let key = if layout.is_asked {
        "asked"
    } else if preset.signature.is_empty() {
        "by_names"
    } else {
        "by_signature"
    };
    let ignored: Vec<&str> = layout
        .ignored()
        .map(|column| layout.headers[column].as_str())
        .filter(|header| !header.is_empty())
        .collect();
    sentence(
        key,
        &[
            ("title", preset.title.to_string()),
            ("signature", preset.signature.join(", ")),
            ("encoding", layout.encoding.name().to_owned()),
            ("delimiter", delimiter(source).to_owned()),
            ("record", layout.header_record.to_string()),
            ("rows", source.rows_read.to_string()),
            ("quarantined", quarantined.to_string()),
            ("columns", layout.headers.len().to_string()),
            ("ignored", ignored.len().to_string()),
        ],
    )
}

fn delimiter(source: &SourceInfo) -> &'static str {
    match source.layout.dialect.delimiter {
        b'\t' => "tab",
        b';' => "semicolon",
        b'|' => "bar",
        b',' => "comma",
        _ => "other",
    }
}
