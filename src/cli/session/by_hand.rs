//! Reads the files that people keep by hand beside the inputs.

use super::Session;
use crate::cli::configuration;
use crate::cli::voice;
use crate::error::{Error, Result};
use crate::hand::{
    self, ByCustomer, CustomerTags, HandFile, IDENTITIES, NOTES, Notes, SOURCES, TAGS, decisions,
};
use crate::locale::{Remark, harmless};
use crate::merge::identity::check_decisions;
use crate::reading::Ingested;
use crate::schema::{Corrections, Key, nearest};

impl Session {
    /// Reads those hand-kept files that the question or a condition wants, in addition to the rows of the inputs.
    ///
    /// # Errors
    /// When a file cannot be read; with `--strict` also when one of its rows cannot be read.
    pub(super) fn read_by_hand<P>(&mut self, ingested: &mut Ingested<P>) -> Result<()> {
        let wants = self.options.wants.clone();
        if wants.notes
            && let Some(file) = self.hand_file(HandFile::read(&NOTES, &self.hand_folder))?
        {
            let notes = Notes::of(&file).by_customer(|key| ingested.aliases.resolve(key));
            self.say_beyond("notes_beyond", &notes, ingested, &file);
            ingested.hand.notes = Some(notes);
        }
        if wants.tags {
            let order: Vec<String> = self.config.tag.iter().map(|tag| tag.name.clone()).collect();
            if let Some(file) = self.hand_file(HandFile::read(&TAGS, &self.hand_folder))? {
                let tags = CustomerTags::new(&file, &order, |key| ingested.aliases.resolve(key));
                self.say_tags_beyond(&tags, &wants.tag_names, ingested, &file);
                ingested.hand.tags = Some(tags);
            }
            let known = ingested.hand.tags.as_ref().map_or(order.as_slice(), CustomerTags::names);
            self.remark(&self.unknown_tags(&wants.tag_names, known));
            let is_used = |name: &str| ingested.hand.tags.as_ref().is_some_and(|tags| tags.is_used(name));
            let asked = wants.tag_names.iter().map(|name| name.trim());
            let unapplied = asked.filter(|name| self.config.has_rules(name) && !is_used(name));
            let remark = |name| Remark::new("tag_unapplied").with("tag", name);
            self.remark(&unapplied.map(remark).collect::<Vec<Remark>>());
        }
        if wants.corrections
            && let Some(file) = self.hand_file(HandFile::read(&SOURCES, &self.hand_folder))?
        {
            let corrections = hand::Corrections::of(&file).by_customer(|key| ingested.aliases.resolve(key));
            self.say_beyond("sources_beyond", &corrections, ingested, &file);
            let ids = &ingested.orders.customers;
            let customers = ids.keys().iter().zip(ids.codes());
            let corrected = customers
                .filter(|(key, _)| key.is_usable())
                .filter_map(|(key, code)| Some((code, corrections.of(*key).first()?.source.as_str())));
            ingested.hand.corrections = Some(Corrections::new(corrected));
        }
        Ok(())
    }

    /// Reads the decisions about which customer ids belong to one person, before the inputs are read.
    ///
    /// # Errors
    /// The errors of [`Self::read_by_hand`], and when decisions contradict each other.
    pub(super) fn read_identities(&mut self) -> Result<()> {
        let file = HandFile::read_at(&IDENTITIES, configuration::hand_file(&IDENTITIES, &self.config));
        if let Some(file) = self.hand_file(file)? {
            self.options.identity.decisions = decisions(&file).into();
            check_decisions(&self.options.identity)?;
        }
        Ok(())
    }

    /// A remark for each tag in a condition that does not exist. Its name may be misspelt, and no customer has it.
    pub fn unknown_tags(&self, asked: &[String], known: &[String]) -> Vec<Remark> {
        let remark = |name: &String| {
            let near = nearest(name, known.iter().map(String::as_str));
            let remark = Remark::new(if near.is_some() { "tag_unknown_near" } else { "tag_unknown" });
            let remark = remark.with("tag", format!("{name:?}")).with("near", near.unwrap_or_default());
            remark.with("file", TAGS.path(&self.hand_folder).display())
        };
        let unknown = asked.iter().filter(|name| !known.iter().any(|known| known == name.trim()));
        unknown.map(remark).collect()
    }

    /// Notes for the manifest that a hand-kept file was read, even if the command changes it afterwards.
    pub fn rests_on(&mut self, file: &HandFile) {
        if let Some(summary) = file.summary.as_ref().filter(|summary| !self.hand.contains(summary)) {
            self.hand.push(summary.clone());
        }
    }

    /// The file, if it exists and can be used. An answer does not fail because of a file that a person wrote by hand;
    /// what is left out of it is reported.
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
        let (name, rows) = (harmless(&summary.name), summary.rows_read.to_string());
        let places: [(&str, &str); 3] = [("file", &name), ("encoding", summary.encoding), ("n", &rows)];
        voice::detail(&self.spoken.fill("hand_read_as", &places));
        self.rests_on(&file);
        Ok(Some(file))
    }

    /// Like [`Self::say_beyond`], for tags. If a condition asks for tags, only their customers are counted, since the
    /// others do not matter to the answer.
    fn say_tags_beyond<P>(
        &self,
        tags: &CustomerTags,
        asked: &[String],
        ingested: &Ingested<P>,
        file: &HandFile,
    ) {
        let mut asked: Vec<&str> = asked.iter().map(|name| name.trim()).collect();
        asked.sort_unstable();
        asked.dedup();
        if asked.is_empty() {
            return self.say_beyond("tags_beyond", tags.by_customer(), ingested, file);
        }
        let n = tags.count_beyond(&asked, usable_keys(ingested));
        if n > 0 {
            let named: Vec<String> = asked.iter().map(|name| format!("{name:?}")).collect();
            let remark = Remark::new("tags_beyond_of").with("n", n).with("tags", named.join(", "));
            self.remark(&[remark.with("file", file.path.display())]);
        }
    }

    /// Reports how many customers of a hand-kept file occur in no input: their ids may be misspelt.
    fn say_beyond<P, T>(
        &self,
        code: &'static str,
        said: &ByCustomer<T>,
        ingested: &Ingested<P>,
        file: &HandFile,
    ) {
        let n = said.count_beyond(usable_keys(ingested));
        if n > 0 {
            self.remark(&[Remark::new(code).with("n", n).with("file", file.path.display())]);
        }
    }
}

/// The customers that occur in the inputs.
fn usable_keys<P>(ingested: &Ingested<P>) -> impl Iterator<Item = Key> {
    ingested.orders.customers.keys().iter().copied().filter(|key| key.is_usable())
}
