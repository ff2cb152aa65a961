//! Reading files anew that are in the store: what they give now comes to stand where what they gave before stood.
//!
//! Of the rows of an order those of the last import count. So the marks that this import and later ones have left on rows
//! before them are taken off, and made again in the order of the imports once the new rows are there.

use std::collections::HashSet;

use super::filter;
use super::import::{Imported, Outcome};
use super::importing::Importing;
use super::load::Wanted;
use super::manifest::{Import, Segment};
use super::returning::left_out;
use super::rows::{load_segment, replaced, replaced_by_import};
use super::segment;
use crate::error::{Error, Result};
use crate::ingest::Parsed;
use crate::ingest::orders::Block;
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
        let imports = || self.manifest.imports.iter().enumerate();
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
            several => Err(Error::input(
                name,
                format!("{} imports have this name, and none this content", several.len()),
                "import it without --again, so that it counts as one more",
            )),
        }
    }

    /// Puts what a file gives now in the place of what it gave before.
    pub(super) fn add_again(&mut self, place: usize, parsed: Parsed, sha256: String) -> Result<()> {
        let Parsed { info, notes, dates, rejects, rows, .. } = parsed;
        let (empty_rows, forgotten) = (rows.empty_rows(), left_out(&rows));
        let old = self.manifest.imports[place].clone();
        let number = old.number;
        self.again.insert(number);
        let is_of_orders = [old.table, info.table()].contains(&Table::Orders);
        let taken = if is_of_orders { self.take_orders(number)? } else { Taken::default() };
        self.manifest.tables.retain(|part| part.import != number);
        self.orders_read.clear();
        let made = self.rows(number, &info, &notes, &dates, rows)?;
        self.manifest.tables.sort_by_key(|part| part.import);
        for (segment, block, is_new) in taken.later {
            self.put_back(segment, block, is_new)?;
        }
        let lost = taken.orders.difference(&self.orders_read).count() as u64;
        let import = self.import(number, &info, sha256, &rejects, &made)?;
        self.manifest.imports[place] = import;
        let outcome = Outcome::Again { superseded: made.replaced, lost };
        self.done.push(Imported { info, outcome, rejects, empty_rows, forgotten });
        Ok(())
    }

    /// Takes the rows of orders of an import out, and those of later ones with what they mark.
    fn take_orders(&mut self, number: u64) -> Result<Taken> {
        let folder = self.writing.folder();
        let mut taken = Taken::default();
        for mut segment in std::mem::take(&mut self.manifest.segments) {
            let marks = segment.superseded.len();
            segment.superseded.retain(|superseded| superseded.import < number);
            if segment.superseded.len() < marks {
                segment.superseded_rows = replaced(folder, &segment.superseded)?.len() as u64;
            }
            let of = |is_wanted: &dyn Fn(u64) -> bool| -> Vec<u64> {
                segment.imports.iter().copied().filter(|import| is_wanted(*import)).collect()
            };
            let [before, later] = [of(&|import| import < number), of(&|import| import > number)];
            if before.len() == segment.imports.len() {
                self.manifest.segments.push(segment);
                continue;
            }
            let key = self.manifest.people_key();
            let load = || load_segment(folder, &segment, &Wanted::everything(), true, key.as_ref());
            let mut block = load()?;
            if later.len() == segment.imports.len() {
                taken.later.push((segment, block, false));
                continue;
            }
            taken.orders.extend(filter::orders_of(std::slice::from_ref(&block), number));
            let superseded = replaced_by_import(folder, &segment)?;
            self.manifest.note_superseded(&superseded);
            if !before.is_empty() {
                let mut block = load()?;
                filter::keep_imports(&mut block, |import| import < number);
                let next = self.manifest.number();
                let kept = segment::save(self.writing, next, before, segment.grain, &[block], key.as_ref())?;
                self.manifest.segments.push(kept);
            }
            if !later.is_empty() {
                filter::keep_imports(&mut block, |import| import > number);
                let rest = Segment { imports: later, superseded: Vec::new(), superseded_rows: 0, ..segment };
                taken.later.push((rest, block, true));
            }
        }
        Ok(taken)
    }

    /// Puts rows of later imports behind those that are there, import by import.
    fn put_back(&mut self, mut segment: Segment, block: Block, is_new: bool) -> Result<()> {
        let blocks = [block];
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
