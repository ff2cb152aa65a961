//! The file of quarantined rows.

use crate::error::{Error, Result};
use crate::ingest::reject::Reject;
use crate::present::harmless;
use crate::present::privacy::neutral;
use crate::present::sink::Sink;

/// Writes rejects as CSV: `file, record, reason, column, seen, expected, raw`.
pub fn write(rejects: &[Reject], sink: Sink) -> Result<()> {
    sink.write_with(|out| {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(["file", "record", "reason", "column", "seen", "expected", "raw"])?;
        for reject in rejects {
            let record = reject.record.to_string();
            csv.write_record([
                reject.file.as_str(),
                &record,
                reject.reason.code(),
                reject.column.as_deref().unwrap_or(""),
                &neutral(&reject.seen),
                reject.reason.expected(),
                &neutral(&reject.raw),
            ])?;
        }
        csv.flush()
    })
}

/// Rows that a verbose run shows.
pub const SOME: usize = 5;

/// What to say of rows that cannot be read, of which the first so many are shown. `has_file` is whether a file gets
/// them all.
pub fn notes(rejects: &[Reject], shown: usize, has_file: bool) -> Vec<String> {
    if rejects.is_empty() {
        return Vec::new();
    }
    let first = format!("{} cannot be read; left out{}", rows(rejects), hint(has_file));
    std::iter::once(first)
        .chain(rejects.iter().take(shown).map(|reject| format!("  {}", place(reject))))
        .collect()
}

/// The error for a run that is to read every row.
pub fn refuse(rejects: &[Reject], has_file: bool) -> Result<()> {
    let Some(first) = rejects.first() else { return Ok(()) };
    Err(Error::data(
        format!("{} cannot be read, the first at {}", rows(rejects), place(first)),
        format!("mend them, or run without --strict to leave them out{}", hint(has_file)),
    ))
}

fn rows(rejects: &[Reject]) -> String {
    format!("{} {}", rejects.len(), if rejects.len() == 1 { "row" } else { "rows" })
}

fn hint(has_file: bool) -> &'static str {
    if has_file { "" } else { "; --rejects FILE writes them all" }
}

fn place(reject: &Reject) -> String {
    let column = reject.column.as_ref().map_or(String::new(), |column| format!(", column {column:?}"));
    format!(
        "{} record {}{column}: {} (seen {:?}, wanted {})",
        harmless(&reject.file),
        reject.record,
        reject.reason.code(),
        reject.seen,
        reject.reason.expected()
    )
}
