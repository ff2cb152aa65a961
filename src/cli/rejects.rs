//! The file of quarantined rows.

use crate::error::Result;
use crate::ingest::reject::Reject;
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
