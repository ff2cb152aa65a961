//! What hand-kept files say beside the inputs.

use super::Session;
use crate::cli::{configuration, voice};
use crate::error::{Error, Result};
use crate::hand::{CustomerNotes, HandFile, IDENTITIES, NOTES, Notes, decisions};
use crate::locale::{Remark, harmless};
use crate::merge::identity::check_decisions;
use crate::reading::Ingested;
use crate::schema::Key;

impl Session {
    /// Reads the hand-kept files that are asked for, beside the rows of the inputs.
    ///
    /// # Errors
    /// When one cannot be read; with `--strict` also when a row cannot.
    pub(super) fn read_by_hand<P>(&mut self, ingested: &mut Ingested<P>) -> Result<()> {
        if !self.options.wants.notes {
            return Ok(());
        }
        let file = HandFile::read(&NOTES, &configuration::folder(&self.config));
        let Some(file) = self.hand_file(file)? else { return Ok(()) };
        let notes = Notes::of(&file).by_customer(|key| ingested.aliases.resolve(key));
        self.say_beyond(&notes, ingested, &file);
        ingested.hand.notes = Some(notes);
        Ok(())
    }

    /// Reads which customer ids are one person's, for the reading of the inputs.
    ///
    /// # Errors
    /// As [`Self::read_by_hand`]; and when decisions contradict each other.
    pub(super) fn read_identities(&mut self) -> Result<()> {
        let file = HandFile::read_at(&IDENTITIES, configuration::identities(&self.config));
        if let Some(file) = self.hand_file(file)? {
            self.options.identity.decisions = decisions(&file).into();
            check_decisions(&self.options.identity)?;
        }
        Ok(())
    }

    /// A file, where it is there and one of ours. An answer does not fail for what a person wrote beside it; what of it
    /// is left out is said.
    fn hand_file(&mut self, file: Result<HandFile>) -> Result<Option<HandFile>> {
        let file = match file {
            Ok(file) => file,
            Err(Error::Input { input, message, hint }) if !self.tolerance.is_strict => {
                let hint = hint.map(|hint| hint.to_string()).unwrap_or_default();
                let remark = Remark::new("hand_unused").with("file", input);
                self.remark(&[remark.with("message", message).with("hint", hint)]);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        if let Some(first) = file.rejects.first() {
            if self.tolerance.is_strict {
                return Err(file.refusal("hand_strict"));
            }
            let remark = Remark::new("hand_rejects").with("n", file.rejects.len());
            self.remark(&[remark.with("place", first.place())]);
        }
        let Some(summary) = &file.summary else { return Ok(None) };
        let (name, encoding, rows) = (harmless(&summary.name), summary.encoding, summary.rows_read);
        voice::detail(&format!("{name}: {encoding}, {rows} rows"));
        self.hand.push(summary.clone());
        Ok(Some(file))
    }

    /// Says how many have a note whom no input names: an id may be written wrongly.
    fn say_beyond<P>(&self, notes: &CustomerNotes, ingested: &Ingested<P>, file: &HandFile) {
        let customers = &ingested.orders.customers;
        let n = notes.count_beyond(customers.keys().iter().copied().filter(|key: &Key| key.is_usable()));
        if n > 0 {
            self.remark(&[Remark::new("notes_beyond").with("n", n).with("file", file.path.display())]);
        }
    }
}
