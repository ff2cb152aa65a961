//! Importing files again that are already in the store: their present content replaces what they gave before.
//!
//! Of the rows of an order, those of the last import count. For this reason the marks that this import and later ones
//! made on rows of earlier imports are removed, and made again in the order of the imports once the new rows are
//! written.

use std::collections::HashSet;

use super::filter;
use super::import::{Imported, Outcome};
use super::importing::Importing;
use super::load::Wanted;
use super::manifest::{ANY, Import, Segment};
use super::marks::replaced;
use super::returning::left_out;
use super::rows::load_segment;
use super::segment;
use crate::error::{Error, Result};
use crate::parse::Parsed;
use crate::parse::orders::Block;
use crate::schema::{Key, Table};

/// What was taken out of a store so that an import can be read again.
#[derive(Default)]
struct Taken {
    /// The orders that the import had.
    orders: HashSet<Key>,
    /// Rows of later imports. The flag says that they must be written as a new segment; else their segment stays as it
    /// is.
    later: Vec<(Segment, Block, bool)>,
}

impl Importing<'_> {
    /// The index of the import that a file was read into before: the one with the same content, or else the one with
    /// the same name.
    ///
    /// # Errors
    /// When several imports have this name.
    pub(super) fn former(&self, name: &str, sha256: &str) -> Result<Option<usize>> {
        let is_free = |import: &Import| !self.again.contains(&import.number);
        let sheet = |reading: &serde_json::Value| reading.get("sheet").cloned().unwrap_or_default();
        let imports = || {
            let imports = self.manifest.imports.iter().enumerate();
            imports.filter(|(_, import)| !import.is_twin())
        };
        let is_same = |import: &Import| {
            import.sha256 == sha256 && is_free(import) && sheet(&import.reading) == sheet(&self.reading)
        };
        if let Some((place, _)) = imports().find(|(_, import)| is_same(import)) {
            return Ok(Some(place));
        }
        // A name that was already taken was extended by the number of the import.
        let is_named =
            |import: &Import| import.name == name || import.name == format!("{name} [{}]", import.number);
        let named: Vec<usize> =
            imports().filter(|(_, import)| is_named(import)).map(|(place, _)| place).collect();
        match named.as_slice() {
            [] => Ok(None),
            [place] => Ok(Some(*place).filter(|place| is_free(&self.manifest.imports[*place]))),
            several => Err(Error::input_of(name, "same_names", &[("count", several.len().to_string())])),
        }
    }

    /// Replaces what a file gave before by what it gives now, for each of the two tables that it may belong to.
    pub(super) fn add_again(
        &mut self,
        place: usize,
        parsed: Parsed,
        twin: Option<Parsed>,
        sha256: String,
    ) -> Result<()> {
        let number = self.manifest.imports[place].number;
        let done = self.put_again(place, (parsed, twin.is_some()), sha256.clone())?;
        match (self.manifest.twin(number), twin) {
            (Some(place), Some(twin)) => drop(self.put_again(place, (twin, true), sha256)?),
            (Some(place), None) => self.drop_twin(place),
            (None, Some(twin)) => self.add_twin(place, twin)?,
            (None, None) => {}
        }
        self.done.push(done);
        Ok(())
    }

    fn put_again(
        &mut self,
        place: usize,
        (parsed, has_twin): (Parsed, bool),
        sha256: String,
    ) -> Result<Imported> {
        let Parsed { info, notes, dates, rejects, rows, .. } = parsed;
        let (empty_rows, forgotten) = (rows.empty_rows(), left_out(&rows));
        let old = self.manifest.imports[place].clone();
        let number = old.number;
        self.again.insert(number);
        let is_of_orders = [old.table, info.table()].contains(&Table::Orders);
        let taken = if is_of_orders { self.take_orders(number)? } else { Taken::default() };
        self.manifest.tables.retain(|part| part.import != number);
        self.orders_read.clear();
        let made = self.rows(number, (&info, has_twin), &notes, &dates, rows)?;
        self.manifest.tables.sort_by_key(|part| part.import);
        for (segment, block, is_new) in taken.later {
            self.put_back(segment, block, is_new)?;
        }
        let lost = taken.orders.difference(&self.orders_read).count() as u64;
        self.refuse_given_up(&old, lost)?;
        let mut import = self.import(number, &info, sha256, &rejects, &made)?;
        if let Some(of) = old.twin_of {
            let name = self.manifest.imports.iter().find(|import| import.number == of);
            import = Import {
                name: name.map_or(old.name, |import| import.name.clone()),
                twin_of: Some(of),
                ..import
            };
        }
        self.manifest.imports[place] = import;
        let outcome = Outcome::Again { superseded: made.replaced, lost };
        Ok(Imported { info, outcome, rejects, empty_rows, forgotten })
    }

    /// Refuses a file that has lost orders, if earlier files had them too and their rows were given up. These rows
    /// would have to count again.
    fn refuse_given_up(&mut self, old: &Import, lost: u64) -> Result<()> {
        let is_complete = old.replaced.is_empty();
        let mut earlier: Vec<String> = Vec::new();
        for import in self.manifest.imports.iter_mut().filter(|import| import.number < old.number) {
            if import.replaced.contains_key(&old.number) || import.replaced.contains_key(&ANY) {
                earlier.push(import.name.clone());
            }
            // Whether a later import has an order that this one lacks is not known any more.
            if is_complete {
                continue;
            }
            if let Some(rows) = import.replaced.remove(&old.number) {
                *import.replaced.entry(ANY).or_default() += rows;
            }
        }
        if lost == 0 || earlier.is_empty() {
            return Ok(());
        }
        let values = [("file", old.name.clone()), ("n", lost.to_string()), ("earlier", earlier.join(" "))];
        Err(Error::data_of("given_up_rows", &values))
    }

    /// Takes out the rows of orders of an import and of all later ones, and the marks that these made on earlier rows.
    /// Where the rows as an import gave them are kept, the rows that were replaced are there again.
    fn take_orders(&mut self, number: u64) -> Result<Taken> {
        let folder = self.writing.folder();
        let mut taken = Taken::default();
        for mut segment in std::mem::take(&mut self.manifest.segments) {
            if segment.imports.iter().all(|import| *import < number) {
                let marks = segment.superseded.len();
                segment.superseded.retain(|superseded| superseded.import < number);
                if segment.superseded.len() < marks {
                    segment.superseded_rows = replaced(folder, &segment.superseded)?.len() as u64;
                }
                self.manifest.segments.push(segment);
                continue;
            }
            // The imports that mark these rows are all read again or put back.
            let segment = segment.unmarked();
            for run in self.runs(&segment.imports, number) {
                self.take_run(&segment, run, number, &mut taken)?;
            }
        }
        Ok(taken)
    }

    /// Splits the imports of a segment into runs that are taken out together. The import that is read again, and each
    /// import whose original rows are kept, is a run by itself; for the others only the segment has rows.
    fn runs(&self, imports: &[u64], number: u64) -> Vec<Vec<u64>> {
        let is_single = |import: u64| import == number || self.manifest.has_original(import);
        let imports = imports.to_vec();
        let is_one = |a: &u64, b: &u64| !is_single(*a) && !is_single(*b) && (*a < number) == (*b < number);
        imports.chunk_by(is_one).map(<[u64]>::to_vec).collect()
    }

    fn take_run(&mut self, from: &Segment, run: Vec<u64>, number: u64, taken: &mut Taken) -> Result<()> {
        let (folder, key) = (self.writing.folder(), self.manifest.people_key());
        let load =
            |segment: &Segment| load_segment(folder, segment, &Wanted::everything(), true, key.as_ref());
        let original = match run.as_slice() {
            [import] => self.manifest.take_original(*import),
            _ => None,
        };
        let is_new = original.is_none() && run != from.imports;
        if original.is_some() {
            let of = self.manifest.imports.iter_mut().find(|import| run == [import.number]);
            of.into_iter().for_each(|import| import.replaced.clear());
        }
        let segment = original.unwrap_or_else(|| from.clone());
        let mut block = load(&segment)?;
        if is_new {
            filter::keep_imports(&mut block, |import| run.contains(&import));
        }
        let segment = Segment { imports: run.clone(), ..segment };
        match run == [number] {
            true => taken.orders.extend(filter::orders_of(std::slice::from_ref(&block), number)),
            false if run.iter().all(|import| *import < number) => self.put_back(segment, block, is_new)?,
            false => taken.later.push((segment, block, is_new)),
        }
        Ok(())
    }

    /// Puts rows of later imports behind the rows that are there, import by import.
    fn put_back(&mut self, mut segment: Segment, block: Block, is_new: bool) -> Result<()> {
        let blocks = [block];
        let orders =
            || segment.imports.iter().flat_map(|import| filter::orders_of(&blocks, *import)).collect();
        if !self.stand_apart(orders, segment.settled.is_some())? {
            segment.settled = None;
        }
        if segment.grain.is_whole && segment.grain.has_order_id {
            for import in &segment.imports {
                // Rows that share order ids with rows they do not replace must be merged when they are read.
                segment.grain.is_whole &= self.replace(*import, &blocks)?.is_some();
            }
        }
        let segment = match is_new {
            true => {
                let number = self.manifest.number();
                let key = self.manifest.people_key();
                segment::save(self.writing, number, segment.imports, segment.grain, &blocks, key.as_ref())?
            }
            false => segment,
        };
        self.manifest.segments.push(segment);
        Ok(())
    }
}
