//! Reading files anew that are in the store: what they give now comes to stand where what they gave before stood.
//!
//! Of the rows of an order those of the last import count. So the marks that this import and later ones have left on
//! rows before them are taken off, and made again in the order of the imports once the new rows are there.

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

/// What was taken out of a store for an import that is read anew.
#[derive(Default)]
struct Taken {
    /// The orders that it had.
    orders: HashSet<Key>,
    /// Rows of later imports: of a segment that stays as it is, or that is to be written.
    later: Vec<(Segment, Block, bool)>,
}

impl Importing<'_> {
    /// The place among the imports of the one that a file was read into before: with the same content, else under the
    /// same name.
    ///
    /// # Errors
    /// When there are several of the name.
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
        // Where a name is taken, the import's number stands behind it.
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

    /// Puts what a file gives now in the place of what it gave before, as each of the tables that it may be of.
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

    /// Refuses a file that lacks orders which it had, where earlier files had them too and their rows were given up:
    /// they would have to count again.
    fn refuse_given_up(&mut self, old: &Import, lost: u64) -> Result<()> {
        let is_complete = old.replaced.is_empty();
        let mut earlier: Vec<String> = Vec::new();
        for import in self.manifest.imports.iter_mut().filter(|import| import.number < old.number) {
            if import.replaced.contains_key(&old.number) || import.replaced.contains_key(&ANY) {
                earlier.push(import.name.clone());
            }
            // Whether a later one has what this one lacks cannot be told any more.
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

    /// Takes the rows of orders of an import out, and those of later ones with what they mark. Rows that it or later
    /// ones replaced are there again where the originals are.
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
            // What marks its rows is read anew, or put back.
            let segment = segment.unmarked();
            for run in self.runs(&segment.imports, number) {
                self.take_run(&segment, run, number, &mut taken)?;
            }
        }
        Ok(taken)
    }

    /// The imports of a segment in runs of which each is taken out at once: those that have an original, the one that
    /// is read anew, and between them those of which there is no more than the segment.
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

    /// Puts rows of later imports behind those that are there, import by import.
    fn put_back(&mut self, mut segment: Segment, block: Block, is_new: bool) -> Result<()> {
        let blocks = [block];
        let orders =
            || segment.imports.iter().flat_map(|import| filter::orders_of(&blocks, *import)).collect();
        if !self.stand_apart(orders, segment.settled.is_some())? {
            segment.settled = None;
        }
        if segment.grain.is_whole && segment.grain.has_order_id {
            for import in &segment.imports {
                // What stands beside rows of its numbers is put in its place when it is read.
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
