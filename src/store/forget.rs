//! Erasing a customer: every row that is about them leaves every file.

use std::collections::HashSet;

use super::change::Removal;
use super::files::Writing;
use super::ids::Ids;
use super::load::Wanted;
use super::lock::Wait;
use super::manifest::{FileRef, Manifest, Segment, TablePart, damaged};
use super::record::Record;
use super::rows::{by_import, load_segment, replaced_by_import};
use super::{Store, filter, frames, segment, table};
use crate::error::{Error, Result};
use crate::ingest::layout::Layout;
use crate::ingest::orders::{Block, spellings};
use crate::ingest::records::{Record as Row, for_each_record};
use crate::ingest::value::id::{self, Id};
use crate::schema::{Field, Key, names};

/// What was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// Rows of orders.
    pub orders: u64,
    /// Rows of other tables.
    pub rows: u64,
    /// Rows that could not be read and hold the id.
    pub rejects: u64,
}

/// A customer to erase.
struct Person {
    /// The ways the id may be written.
    texts: Vec<String>,
    keys: HashSet<Key>,
    /// Their orders, as far as they are known.
    orders: HashSet<Key>,
}

impl Store {
    /// Erases a customer, named as the exports name them: their orders, their items, events and messages, what is known of
    /// them, and rows that cannot be read but hold their id. The exports themselves are not the store's.
    ///
    /// # Errors
    /// When a file of the store is damaged, or the store cannot be written; it is then as it was.
    pub fn forget(&self, customer: &str, wait: Wait<'_>) -> Result<Forgotten> {
        let mut person = Person::new(customer)?;
        self.change(wait, Removal::Now, |manifest, writing| self.forget_all(manifest, writing, &mut person))
    }

    fn forget_all(
        &self,
        manifest: &mut Manifest,
        writing: &Writing,
        person: &mut Person,
    ) -> Result<Forgotten> {
        let orders = self.forget_orders(manifest, writing, person)?;
        let rows = self.forget_rows(manifest, writing, person)?;
        let rejects = self.forget_rejects(manifest, writing, person)?;
        self.forget_examples(manifest, writing, person)?;
        Ok(Forgotten { orders, rows, rejects })
    }

    fn forget_orders(&self, manifest: &mut Manifest, writing: &Writing, person: &mut Person) -> Result<u64> {
        let wanted = Wanted::everything();
        let load = |segment: &Segment| load_segment(self.folder(), segment, &wanted, true);
        let mut theirs = HashSet::new();
        for segment in &manifest.segments {
            let in_phones = segment.phones.as_ref().map_or(Ok(false), |file| self.holds(file, person))?;
            if in_phones || self.holds(&segment.customers, person)? {
                theirs.insert(segment.number);
                person.note_orders(&load(segment)?);
            }
        }
        // Further rows of their orders, which may name nobody.
        let orders: Vec<Key> = person.orders.iter().copied().collect();
        for segment in manifest.segments.iter().filter(|segment| !segment.grain.is_whole) {
            let Some(ids) = &segment.ids else { continue };
            if !Ids::open(self.folder(), ids)?.rows_of(&orders)?.is_empty() {
                theirs.insert(segment.number);
            }
        }
        let mut total = 0;
        for place in 0..manifest.segments.len() {
            let old = manifest.segments[place].clone();
            if !theirs.contains(&old.number) {
                continue;
            }
            let mut block = load(&old)?;
            let superseded = replaced_by_import(self.folder(), &old)?;
            let mut erased = by_import(&block);
            person.leave(&mut block);
            for (import, rows) in by_import(&block) {
                erased.entry(import).and_modify(|before| *before -= rows);
            }
            let number = manifest.number();
            let new = segment::save(writing, number, old.imports, old.grain, &[block])?;
            total += erased.values().sum::<u64>();
            manifest.note_superseded(&superseded);
            manifest.note_forgotten(&erased);
            manifest.segments[place] = new;
        }
        Ok(total)
    }

    /// Whether a file names the customer.
    fn holds(&self, file: &FileRef, person: &Person) -> Result<bool> {
        let frame = frames::load(self.folder(), file, Some(&[names::CUSTOMER_ID]))?;
        let is_theirs = |text: &str| person.texts.iter().any(|own| own == text);
        let found = frame
            .column(names::CUSTOMER_ID)
            .and_then(|column| Ok(column.str()?.iter().flatten().any(is_theirs)));
        found.map_err(|_| damaged(&self.folder().join(&file.path)))
    }

    fn forget_rows(&self, manifest: &mut Manifest, writing: &Writing, person: &Person) -> Result<u64> {
        let wanted = Wanted::everything();
        let mut total = 0;
        for place in 0..manifest.tables.len() {
            let old = manifest.tables[place].clone();
            let Some(import) = manifest.imports.iter().find(|import| import.number == old.import) else {
                continue;
            };
            let record = Record::load(self.folder(), &import.record)?;
            let mut rows = table::load(self.folder(), &old, import, &record, &wanted)?;
            let is_theirs = |row: usize| {
                rows.customers.get(row).is_some_and(|key| person.keys.contains(key))
                    || rows.orders.get(row).is_some_and(|key| person.orders.contains(key))
            };
            let is_kept: Vec<bool> = (0..rows.row_count as usize).map(|row| !is_theirs(row)).collect();
            let erased = is_kept.iter().filter(|is_kept| !**is_kept).count() as u64;
            if erased == 0 {
                continue;
            }
            rows.retain(&is_kept);
            rows.accounts.forget(&person.keys);
            let items = &mut rows.details.items;
            let kept: Vec<bool> = items.orders.iter().map(|order| !person.orders.contains(order)).collect();
            let mut kept = kept.iter();
            items.lines.retain(|_| kept.next().copied().unwrap_or(true));
            items.orders.retain(|order| !person.orders.contains(order));
            let mut left = vec![0_u64; items.products.list.len()];
            for line in &items.lines {
                left.get_mut(line.product as usize).into_iter().for_each(|rows| *rows += 1);
            }
            let lost: Vec<u64> = items
                .products
                .list
                .iter()
                .zip(left)
                .map(|((_, rows), left)| rows.saturating_sub(left))
                .collect();
            items.products.take_off(&lost);
            let number = manifest.number();
            let new = table::save(writing, number, old.import, &rows)?;
            manifest.tables[place] = TablePart { forgotten: old.forgotten + erased, ..new };
            total += erased;
        }
        Ok(total)
    }

    fn forget_rejects(&self, manifest: &mut Manifest, writing: &Writing, person: &Person) -> Result<u64> {
        let mut total = 0;
        for place in 0..manifest.imports.len() {
            let import = manifest.imports[place].clone();
            let Some(file) = &import.rejects else { continue };
            let mut rejects = table::rejects(self.folder(), file, &import)?;
            let before = rejects.len();
            let record = Record::load(self.folder(), &import.record)?;
            let layout = record.info(&import).layout;
            rejects.retain(|reject| !person.is_in(&reject.raw, &layout));
            let erased = (before - rejects.len()) as u64;
            if erased > 0 {
                let number = manifest.number();
                let rejects = table::save_rejects(writing, number, &rejects)?;
                let import = &mut manifest.imports[place];
                import.rejects = rejects;
                import.rows_quarantined -= erased;
                import.rows_read -= erased;
                total += erased;
            }
        }
        Ok(total)
    }

    /// Takes their orders out of what was noted of the files.
    fn forget_examples(&self, manifest: &mut Manifest, writing: &Writing, person: &Person) -> Result<()> {
        for place in 0..manifest.imports.len() {
            let mut record = Record::load(self.folder(), &manifest.imports[place].record)?;
            let Some(of) = &mut record.orders else { continue };
            let is_theirs = |order: &str| person.orders.contains(&Key::of(order.as_bytes()));
            let mut is_changed = false;
            if let Some((_, order, _)) = of.survey.greatest.as_mut().filter(|(_, order, _)| is_theirs(order))
            {
                order.clear();
                is_changed = true;
            }
            if is_theirs(&of.survey.tests.example) {
                of.survey.tests.example.clear();
                is_changed = true;
            }
            for edge in [&mut of.edges.first, &mut of.edges.last] {
                if edge.as_ref().is_some_and(|(order, _)| person.orders.contains(order)) {
                    *edge = None;
                    is_changed = true;
                }
            }
            if is_changed {
                let number = manifest.number();
                let path = format!("imports/{number:06}.msgpack");
                manifest.imports[place].record = frames::save_value(writing, &path, &record)?;
            }
        }
        Ok(())
    }
}

impl Person {
    fn new(customer: &str) -> Result<Self> {
        // As the files have it, and as reading keeps it.
        let mut texts = vec![customer.to_owned()];
        if let Id::Text(text) = id::parse(customer.as_bytes()) {
            let text = String::from_utf8_lossy(text).into_owned();
            texts.extend(spellings(&text).iter().map(|text| String::from_utf8_lossy(text).into_owned()));
            texts.push(text);
        } else {
            return Err(Error::usage(
                format!("{customer:?} names nobody"),
                "write the customer's id as the exports have it",
            ));
        }
        texts.sort_unstable();
        texts.dedup();
        let keys = texts.iter().map(|text| Key::of(text.as_bytes())).collect();
        Ok(Self { texts, keys, orders: HashSet::new() })
    }

    /// Whether a row that cannot be read is about the customer: by its cells, where these can be told apart.
    fn is_in(&self, raw: &str, layout: &Layout) -> bool {
        let mut is_told = None;
        for_each_record(raw.as_bytes(), layout.dialect, |record| {
            if record.len() == layout.headers.len() && !record.is_unclosed && is_told.is_none() {
                is_told = Some(self.is_named(record, layout));
            }
        });
        is_told.unwrap_or_else(|| self.is_mentioned(raw))
    }

    fn is_named(&self, record: &Row<'_>, layout: &Layout) -> bool {
        let cells = |field: Field| {
            let columns = layout.columns.get(&field).into_iter().flatten();
            columns.map(|column| record.cell(*column).into_owned()).collect::<Vec<_>>()
        };
        let is_theirs = |cell: &Vec<u8>| match id::parse(cell) {
            Id::Text(text) => [text.to_vec(), id::email(text), id::phone(text)]
                .iter()
                .any(|text| self.keys.contains(&Key::of(text))),
            _ => false,
        };
        let is_their_order = |cell: &Vec<u8>| matches!(id::parse(cell), Id::Text(text) if self.orders.contains(&Key::of(text)));
        [Field::CustomerId, Field::Email, Field::Phone, Field::Alias]
            .into_iter()
            .any(|field| cells(field).iter().any(is_theirs))
            || cells(Field::OrderId).iter().any(is_their_order)
    }

    /// Whether a text holds the id, in whatever case, and not as a part of another.
    fn is_mentioned(&self, text: &str) -> bool {
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '@');
        let text = text.to_lowercase();
        self.texts.iter().map(|own| own.to_lowercase()).filter(|own| !own.is_empty()).any(|own| {
            text.match_indices(&own).any(|(start, found)| {
                let (before, behind) = (&text[..start], &text[start + found.len()..]);
                !before.ends_with(goes_on) && !behind.starts_with(goes_on)
            })
        })
    }

    /// Notes the orders of the customer's rows.
    fn note_orders(&mut self, block: &Block) {
        for (key, place) in block.orders.keys.iter().zip(&block.orders.places) {
            let group = &block.rows[place.group as usize].columns;
            if self.keys.contains(&group.customer[place.row as usize]) && key.is_usable() {
                self.orders.insert(*key);
            }
        }
    }

    /// Takes the customer's rows, and those of their orders that name nobody, out of a block.
    fn leave(&self, block: &mut Block) {
        let mut is_theirs: Vec<Vec<bool>> = block
            .rows
            .iter()
            .map(|group| group.columns.customer.iter().map(|key| self.keys.contains(key)).collect())
            .collect();
        for (key, place) in block.orders.keys.iter().zip(&block.orders.places) {
            let (group, row) = (place.group as usize, place.row as usize);
            if !block.rows[group].columns.customer[row].is_usable() && self.orders.contains(key) {
                is_theirs[group][row] = true;
            }
        }
        filter::leave_out(block, &is_theirs);
        block.accounts.forget(&self.keys);
    }
}
