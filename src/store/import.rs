//! Adds files to a store: either all of them or none.

use std::collections::HashSet;

use super::Store;
use super::change::Removal;
use super::files::Writing;
use super::importing::Importing;
use super::lock::Wait;
use super::manifest::Manifest;
use super::returning::Returning;
use crate::error::Result;
use crate::locale::Remark;
use crate::parse::source::Input;
use crate::parse::value::currency;
use crate::parse::{IdentityOptions, ReadOptions, SourceInfo};
use crate::schema::Wants;
use crate::schema::reject::Reject;

/// What an import did with an input.
#[derive(Debug)]
pub struct Imported {
    /// The file.
    pub info: SourceInfo,
    /// What the import did with the file.
    pub outcome: Outcome,
    /// The rows that cannot be read.
    pub rejects: Vec<Reject>,
    /// The number of rows without data.
    pub empty_rows: u64,
    /// The number of rows that were left out because they are about people who were forgotten.
    pub forgotten: u64,
}

/// What an import did with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its rows were added to the store.
    Added {
        /// How many rows of orders in the store they replace.
        superseded: u64,
    },
    /// A file with the same content is already in the store.
    Known {
        /// The number of that import.
        number: u64,
        /// The number of its rows that could not be read.
        unreadable: u64,
    },
    /// Its rows replaced the ones that it gave before.
    Again {
        /// How many rows of orders of other imports they replace.
        superseded: u64,
        /// How many orders it gave before and does not give now.
        lost: u64,
    },
    /// No question uses what it holds.
    OfNoUse,
}

/// Segments with fewer rows than this factor times the new rows are merged with them. Then there are few segments, and
/// each row is only written a few times, however many days are imported.
const FACTOR: u64 = 2;

impl Store {
    /// Adds files. If several of them, or the store, have the same order, the last one counts. Either all files are
    /// added or none is.
    ///
    /// With `is_again`, files that are already in the store (the same content, or else the same name) are read again,
    /// and what they give now replaces what they gave before.
    ///
    /// `accept` is called with what will be done with each file, and with remarks, before any of it takes effect. It
    /// can print them, and can refuse the import with an error.
    ///
    /// # Errors
    /// The errors of `accept`, and when a file cannot be read, amounts are in several currencies, or the store cannot
    /// be written; the store is then as it was.
    pub fn import(
        &self,
        inputs: &[Input],
        options: &ReadOptions,
        is_again: bool,
        wait: Wait<'_>,
        accept: impl FnOnce(&[Imported], &[Remark]) -> Result<()>,
    ) -> Result<()> {
        let options = ReadOptions {
            wants: Wants::everything(),
            has_digests: true,
            // Customer ids are only joined when the store is read.
            identity: IdentityOptions::default(),
            ..options.clone()
        };
        self.change(wait, Removal::Soon, |manifest, writing| {
            let before = manifest.segments.clone();
            let returning = Returning::load(self.folder(), manifest)?;
            let mut importing = Importing {
                writing,
                manifest,
                reading: options.reading(),
                currency: options.currency.as_deref().and_then(currency::name),
                currencies: Default::default(),
                is_again,
                again: HashSet::new(),
                orders_read: HashSet::new(),
                returning,
                done: Vec::new(),
                notes: Vec::new(),
            };
            importing.all(inputs, &options)?;
            let Importing { manifest, mut returning, mut done, notes, .. } = importing;
            if let Some(found) = returning.end(writing, manifest)? {
                let erased = self.erase(manifest, writing, &found)?;
                done.last_mut().into_iter().for_each(|last| last.forgotten += erased);
            }
            if manifest.segments != before {
                self.put_together(manifest, writing)?;
            }
            accept(&done, &notes)
        })?;
        Ok(())
    }

    /// Merges the last segments, as long as they are small compared to the new ones.
    fn put_together(&self, manifest: &mut Manifest, writing: &Writing) -> Result<()> {
        let mut first = manifest.segments.len();
        let mut rows = 0;
        while let Some(segment) = first.checked_sub(1).and_then(|place| manifest.segments.get(place)) {
            let is_alike = manifest.segments.get(first).is_none_or(|next| next.grain == segment.grain);
            if !segment.grain.is_whole || !is_alike || (rows > 0 && segment.rows > rows * FACTOR) {
                break;
            }
            rows += segment.rows;
            first -= 1;
        }
        if manifest.segments.len() - first > 1 {
            self.merge_segments(manifest, writing, first..manifest.segments.len())?;
        }
        Ok(())
    }
}
