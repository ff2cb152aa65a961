//! Writing lists of recipients and recording them in a log of messages.

use std::path::Path;

use super::Session;
use crate::cli::{reply, voice};
use crate::error::Result;
use crate::locale::Remark;
use crate::parse::SourceInfo;
use crate::questions::Answer;
use crate::reading::sends_log::{self, Entry, Mailing};

/// The log of messages that a list is recorded in.
#[derive(Debug, Clone, Copy)]
pub struct Log<'a> {
    /// The file.
    pub path: &'a Path,
    /// Whether lists leave out people who were written to lately, so that the log should be among the inputs.
    pub tires: bool,
}

impl Session {
    /// Writes an answer and adds the messages to the log. The log is only changed if the answer was written.
    ///
    /// # Errors
    /// The errors of writing the answer or the log.
    pub fn write_and_record(
        self,
        sources: &[SourceInfo],
        ids_are_personal: bool,
        answer: Answer,
        log: Log<'_>,
        mailings: &[(Mailing, Vec<Entry>)],
    ) -> Result<()> {
        let Log { path, tires } = log;
        if tires && path.is_file() && !self.reads(path) {
            self.remark(&[Remark::new("record_not_read").with("file", path.display())]);
        }
        let mut done = String::new();
        sends_log::record(path, mailings, reply::waiting_for_hand, |recorded| {
            if recorded.in_both_arms > 0 {
                self.remark(&[Remark::new("record_both_arms").with("n", recorded.in_both_arms)]);
            }
            if recorded.without_order > 0 {
                let remark = Remark::new("record_no_orders").with("file", path.display());
                self.remark(&[remark.with("n", recorded.without_order)]);
            }
            let remark = Remark::new("recorded").with("file", path.display());
            done = self.worded(&remark.with("rows", recorded.added).with("others", recorded.known));
            self.write(sources, ids_are_personal, answer)
        })?;
        voice::note(&done);
        Ok(())
    }
}
