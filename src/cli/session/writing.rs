//! Turns an answer into a report and writes it, with its manifest and the remarks printed beside it.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::Session;
use crate::answer::Input;
use crate::cli::manifest::Manifest;
use crate::cli::{rfm, tell, voice, worded};
use crate::error::Result;
use crate::locale::{Lang, Remark};
use crate::parse::{IdentityMode, SourceInfo};
use crate::present::sink::Sink;
use crate::present::{Format, Report, Style, no_table, scope_and_accounting};
use crate::questions::{About, Answer};
use crate::schema::Day;

impl Session {
    /// Writes an answer. `ids_are_personal` says whether customers may be known by e-mail or phone.
    pub fn write(mut self, sources: &[SourceInfo], ids_are_personal: bool, mut answer: Answer) -> Result<()> {
        debug_assert!(
            About::of_command(self.name)
                .is_none_or(|about| answer.tables.iter().all(|table| about.writes.contains(&table.name))),
            "{} writes tables that it does not declare: {:?}",
            self.name,
            answer.tables.iter().map(|table| table.name).collect::<Vec<_>>()
        );
        self.show_contacts(&mut answer, ids_are_personal)?;
        self.remark(&answer.notes);
        let notes = std::mem::take(&mut answer.notes);
        let (report, details) = self.report(self.name, ids_are_personal, answer);
        let report = Report { truncated: self.format.truncated(&report, &self.style), ..report };
        let report = self.resting_on(sources, &notes, report);
        if let Some(asked) = &self.style.table {
            let names: Vec<&str> = report.tables.iter().map(|table| table.name).collect();
            if !names.contains(&asked.as_str()) {
                return Err(no_table(asked, &names));
            }
        }
        let says_it_itself = matches!(self.format, Format::Table | Format::Markdown);
        let format = self.format;
        let write = |report: &Report, style: &Style, sink| format.write(report, style, sink);
        self.put_out(report, (sources, details), !says_it_itself, write)
    }

    /// The report of an answer, and the details that only the manifest has.
    pub(super) fn report(
        &self,
        name: &'static str,
        ids_are_personal: bool,
        answer: Answer,
    ) -> (Report, Map<String, Value>) {
        let mut parameters = self.parameters(&answer);
        parameters.extend(answer.parameters);
        let report = Report {
            name,
            parameters,
            as_of: answer.as_of,
            window: answer.window,
            customer_count: answer.customer_count,
            order_count: answer.order_count,
            accounting: answer.accounting,
            tables: answer.tables,
            ids_are_personal,
            titles: rfm::titles(&self.config, self.style.locale.lang),
            ..Report::default()
        };
        (report, answer.details)
    }

    /// Adds the inputs and the remarks on them and on the answer to a report.
    pub(super) fn resting_on(&self, sources: &[SourceInfo], notes: &[Remark], report: Report) -> Report {
        let input = |source: &SourceInfo| {
            // Only the name is kept, since folders differ from machine to machine.
            let name = Path::new(&source.name).file_name().map(|name| name.to_string_lossy().into_owned());
            let name = name.unwrap_or_else(|| source.name.clone());
            Input { name, table: source.table().name(), row_count: source.rows_read }
        };
        let notes = self.sentences(self.notes.iter().chain(notes));
        let inputs = sources.iter().map(input).chain(self.exported.iter().cloned());
        Report { inputs: inputs.collect(), notes, ..report }
    }

    /// Writes a report with `write`, and its manifest. `is_said` says whether scope and accounting are printed beside
    /// it, since the format does not contain them.
    pub(super) fn put_out(
        self,
        report: Report,
        (sources, mut details): (&[SourceInfo], Map<String, Value>),
        is_said: bool,
        write: impl FnOnce(&Report, &Style, Sink) -> Result<()>,
    ) -> Result<()> {
        report.accounting.check_balance()?;
        if is_said && !self.is_quiet {
            scope_and_accounting(&report, self.spoken).iter().for_each(|line| tell(line));
        }
        details.insert("config".into(), json!(self.config.full_path()));
        details.insert("reading".into(), self.options.reading());
        write(&report, &self.style, self.sink)?;
        let cut = self.style.cut.remark();
        cut.iter().filter(|_| !self.is_quiet).for_each(|cut| voice::tell_note(&worded(cut, self.spoken)));
        let manifest =
            Manifest { report: &report, sources, export: self.export.as_ref(), hand: &self.hand, details };
        self.manifest.map_or(Ok(()), |sink| manifest.write(sink))
    }

    /// Remarks as sentences in the language of the report, each once.
    pub(super) fn sentences<'a>(&self, remarks: impl IntoIterator<Item = &'a Remark>) -> Vec<String> {
        let mut said: Vec<String> = Vec::new();
        for remark in remarks {
            let sentence = self.sentence(&worded(remark, self.style.locale));
            if !said.contains(&sentence) {
                said.push(sentence);
            }
        }
        said
    }

    /// A text as a sentence of the report: with a capital letter at its start and a full stop at its end.
    pub(super) fn sentence(&self, text: &str) -> String {
        let text = text.trim();
        let mut chars = text.chars();
        // A file name at the start keeps its spelling.
        let is_word =
            text.split(' ').next().is_some_and(|word| word.chars().all(|c| c.is_alphabetic() || c == ','));
        let capital = |c: char| if is_word { c.to_uppercase().collect() } else { c.to_string() };
        let first: String = chars.next().map(capital).unwrap_or_default();
        let stop = match self.style.locale.lang {
            Lang::En => ".",
            Lang::Zh => "。",
        };
        let stop = if text.ends_with(['.', '。', '!', '?', '！', '？', '…']) { "" } else { stop };
        format!("{first}{}{stop}", chars.as_str())
    }

    fn parameters(&self, answer: &Answer) -> Map<String, Value> {
        // Data without any day have no as-of day.
        let day = answer.as_of.and_then(Day::date).map(|date| date.to_string());
        let mut parameters = Map::new();
        parameters.insert("as_of".into(), json!(day));
        parameters.insert("window".into(), json!(answer.window));
        parameters.insert("include_zero_orders".into(), json!(self.request.include_zero_orders));
        if self.request.excludes_occasional {
            parameters.insert("exclude_occasional".into(), json!(true));
        }
        if let Some(condition) = &self.condition {
            parameters.insert("where".into(), json!(condition));
        }
        if let Some(condition) = &self.orders_where {
            parameters.insert("orders_where".into(), json!(condition.text()));
        }
        let identity = &self.options.identity;
        if identity.mode != IdentityMode::Off {
            parameters.insert("identity".into(), json!(identity.mode.name()));
            parameters.insert("identity_max".into(), json!(identity.max_ids));
        }
        parameters.insert("currency".into(), json!(self.currency));
        parameters.insert("lang".into(), json!(self.style.locale.lang.code()));
        parameters
    }
}
