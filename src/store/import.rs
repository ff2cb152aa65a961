//! Adding exports to a store: all of them or none.

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

/// What became of an input.
#[derive(Debug)]
pub struct Imported {
    /// The file.
    pub info: SourceInfo,
    /// What became of it.
    pub outcome: Outcome,
    /// Its rows that cannot be read.
    pub rejects: Vec<Reject>,
    /// Its rows that hold no data.
    pub empty_rows: u64,
    /// Its rows that were left out since whom they are about was forgotten.
    pub forgotten: u64,
}

/// What became of a file that was to be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its rows are in the store.
    Added {
        /// Rows of orders in the store that it replaced.
        superseded: u64,
    },
    /// A file of the same content is in the store.
    Known {
        /// The import.
        number: u64,
        /// Its rows that could not be read then.
        unreadable: u64,
    },
    /// Its rows stand in the place of those that it gave before.
    Again {
        /// Rows of orders of other imports that they replace.
        superseded: u64,
        /// Orders that it gave before and does not give now.
        lost: u64,
    },
    /// No question needs what it holds.
    OfNoUse,
}

/// Segments of fewer rows than this times those that are new are put together with them, so that there are few
/// segments and every row is written a few times only, however many days are imported.
const FACTOR: u64 = 2;

impl Store {
    /// Adds files. Of an order that several of them hold, and the store, the last counts. Either all files are added or
    /// none is.
    ///
    /// With `is_again`, files that are there already (the same content, or else the same name) are read anew, and what
    /// they give takes the place of what they gave.
    ///
    /// `accept` sees what will have become of each file, and what else is to be said, before any of that counts, so
    /// that what is to be told of it can be written, and refuses it with an error.
    ///
    /// # Errors
    /// Those of `accept`, and when a file cannot be read, amounts are in several currencies, or the store cannot be
    /// written; it is then as it was.
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
            // Whose ids are one person's is asked when the store is.
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

    /// Puts the last segments together while they are small beside what is new.
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
