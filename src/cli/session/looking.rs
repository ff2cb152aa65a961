//! Finds out which inputs are exports and can be read, for `ecrm check` and the first look at files.

use std::path::Path;

use super::Session;
use crate::cli::rejects;
use crate::error::{Error, Result};
use crate::locale::{Remark, Words};
use crate::parse::ReadOptions;
use crate::parse::source::{Input, Place};
use crate::reading::{Ingested, read, recognise};
use crate::schema::RowParts;

/// The inputs by whether they were recognised.
#[derive(Debug)]
pub struct Recognised {
    /// The inputs that are exports or were named by themselves, as they would be typed again: `-` for standard input, a
    /// store by its folder.
    pub typed: Vec<String>,
    /// The files in folders that are no exports and are left out.
    pub strangers: Vec<String>,
    /// Why inputs that were named by themselves cannot be read.
    pub failures: Vec<Error>,
}

impl Recognised {
    /// A remark on the files that are left out, if there are any.
    pub fn remark(&self) -> Option<Remark> {
        /// The most files that are named.
        const MAX_NAMED: usize = 10;
        let mut named: Vec<&str> = self.strangers.iter().take(MAX_NAMED).map(String::as_str).collect();
        if self.strangers.len() > MAX_NAMED {
            named.push("…");
        }
        let remark = Remark::new("strangers_in_folder").with("n", self.strangers.len());
        (!self.strangers.is_empty()).then(|| remark.with("file", Words::names(named)))
    }
}

impl Session {
    /// Leaves out the inputs that cannot be read. Those in `of_folders` were only found in a folder, so that leaving
    /// them out is no failure.
    ///
    /// # Errors
    /// When an input that can be read only once, such as standard input, cannot be read.
    pub fn recognise(&mut self, of_folders: &[String]) -> Result<Recognised> {
        let typed = |input: &Input| match &input.place {
            Place::Stdin => "-".to_owned(),
            _ => input.name(),
        };
        let names: Vec<String> = self.inputs.iter().map(typed).collect();
        self.keep_streams()?;
        let options =
            ReadOptions { progress: Default::default(), has_digests: false, ..self.options.clone() };
        let mut found = Recognised { typed: Vec::new(), strangers: Vec::new(), failures: Vec::new() };
        let mut names = names.into_iter();
        self.inputs.retain(|input| {
            let name = names.next().unwrap_or_default();
            let failure = recognise(input, &options).err();
            let is_known = failure.is_none();
            match failure {
                Some(_) if of_folders.contains(&name) => found.strangers.push(name),
                failure => {
                    found.failures.extend(failure);
                    found.typed.push(name);
                }
            }
            is_known
        });
        Ok(found)
    }

    /// Reads the recognised inputs. An input whose rows contradict each other is left out and its error added to
    /// `failures`. Notes are not printed here but belong to the answer.
    ///
    /// # Errors
    /// Wrong usage, since no input is to blame for it.
    pub fn read_what_can_be(&mut self, failures: &mut Vec<Error>) -> Result<Ingested> {
        let ingested = loop {
            match self.ingest(read) {
                Ok(ingested) => break ingested,
                Err(error @ Error::Usage { .. }) => return Err(error),
                // A contradiction that only the rows show, such as dates in both orders of day and month.
                Err(error) => {
                    let is_culprit = |input: &Input| matches!(&error, Error::Input { input: name, .. } if *name == input.name());
                    let culprit = self.inputs.iter().position(is_culprit);
                    failures.push(error);
                    match culprit {
                        Some(place) => drop(self.inputs.remove(place)),
                        None => break Ingested::<RowParts>::default(),
                    }
                }
            }
        };
        self.currency.clone_from(&ingested.orders.currency);
        self.take_all_valid(&ingested);
        if let Some(sink) = self.rejects.take() {
            rejects::write(&ingested.rejects, sink)?;
        }
        ingested.in_order()
    }

    /// The error if too many rows could not be read. Status words without a meaning are printed as a piece of
    /// `ecrm.toml`.
    pub fn too_little<P>(&self, ingested: &Ingested<P>) -> Option<Error> {
        let unread = self.unread(ingested);
        unread.words_to_teach(self.spoken).iter().for_each(|words| self.note(words));
        unread.judge(&self.tolerance).err()
    }

    /// The first input that a later run cannot read again by its name.
    pub fn passing_input(&self) -> Option<&Input> {
        self.inputs.iter().find(|input| input.is_passing())
    }

    /// Reads inputs that can be read only once into memory, so that they can be read twice.
    pub(super) fn keep_streams(&mut self) -> Result<()> {
        for input in &mut self.inputs {
            let name = input.name();
            let read = |reader: &mut dyn std::io::Read| {
                let mut bytes = Vec::new();
                reader.read_to_end(&mut bytes).map(|_| Place::Bytes(name.clone(), bytes.into()))
            };
            let failed = |error| Error::io("read", Path::new(&name), error);
            let is_stream =
                |path: &Path| std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
            input.place = match &input.place {
                Place::Stdin => read(&mut std::io::stdin()).map_err(failed)?,
                Place::File(path) if is_stream(path) => {
                    read(&mut std::fs::File::open(path).map_err(failed)?).map_err(failed)?
                }
                other => other.clone(),
            };
        }
        Ok(())
    }
}
