//! Answers that list people with their names and contacts: in full in a file that the user names, otherwise masked.

use polars::prelude::{Column, StringChunked};

use super::Session;
use crate::answer::{Kind, Spec};
use crate::error::Result;
use crate::present::sink::Sink;
use crate::questions::Answer;
use crate::schema::{Personal, names};

/// How contacts and names of people are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contacts {
    /// As in all answers: masked in formats for people, in full in formats for machines.
    AsUsual,
    /// In full in a file that the user names, whatever its format; masked on terminals, in pipes and in special files.
    InFiles {
        /// Whether ids that are e-mail addresses or phone numbers are masked too.
        hides_ids: bool,
    },
}

impl Session {
    /// Declares that the answer is a list for reaching people.
    pub fn lists_contacts(&mut self, hides_ids: bool) {
        self.contacts = Contacts::InFiles { hides_ids };
    }

    /// A person's name as the answer may show it, in full or masked.
    pub fn name(&self, name: &str, person: &str) -> String {
        let is_whole = self.style.shows_pii
            || (matches!(self.contacts, Contacts::InFiles { .. }) && matches!(self.sink, Sink::File(..)));
        match is_whole {
            true => name.to_owned(),
            false => self.style.masks.personal(Personal::Name, name, Some(person)),
        }
    }

    /// Masks the names and contacts of an answer where they may not be shown in full.
    pub(super) fn show_contacts(&mut self, answer: &mut Answer, ids_are_personal: bool) -> Result<()> {
        let Contacts::InFiles { hides_ids } = self.contacts else { return Ok(()) };
        if matches!(self.sink, Sink::File(..)) {
            self.style.shows_pii = true;
        }
        // Formats for people mask personal data when they are written.
        if self.style.shows_pii || !self.format.is_for_machines() {
            return Ok(());
        }
        let before = self.style.masks.count();
        for table in &mut answer.tables {
            let ids =
                table.frame.column(names::CUSTOMER_ID).ok().map(|ids| ids.str().cloned()).transpose()?;
            for spec in &table.columns {
                let is_masked = match spec.kind {
                    Kind::Personal(_) => true,
                    Kind::CustomerId => hides_ids,
                    _ => false,
                };
                let column = table.frame.column(spec.name)?;
                if !is_masked || column.null_count() == column.len() {
                    continue;
                }
                // The person of each row; nobody, if the table does not say.
                let people = ids.iter().flat_map(StringChunked::iter).chain(std::iter::repeat(None));
                let masked = |(text, person): (Option<&str>, Option<&str>)| {
                    text.map(|text| self.masked(spec, text, person, ids_are_personal))
                };
                let shown: Vec<Option<String>> = column.str()?.iter().zip(people).map(masked).collect();
                table.frame.with_column(Column::new(spec.name.into(), shown))?;
            }
        }
        if self.style.masks.count() > before {
            self.note(self.spoken.get("text", "masked_here"));
        }
        Ok(())
    }

    fn masked(&self, spec: &Spec, text: &str, person: Option<&str>, ids_are_personal: bool) -> String {
        match spec.kind {
            Kind::Personal(what) => self.style.masks.personal(what, text, person),
            _ => self.style.masks.id(text, ids_are_personal).into_owned(),
        }
    }
}
