//! Erases people: every row about them is removed from every file, and hashes remain so that later imports do not bring
//! them back.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Removal;
use super::erase::{Theirs, leave_rows, leave_table_rows, scrub_texts};
use super::files::{self, Writing};
use super::ids::Ids;
use super::load::Wanted;
use super::lock::{Notice, Wait};
use super::manifest::{Manifest, Segment, TablePart};
use super::person::{Known, Name, Person};
use super::record::Record;
use super::rows::{contact_columns, load_segment};
use super::search::{self, Found, texts};
use super::tombstones::Tombstones;
use super::{Store, frames, further, lock, marks, segment, settled, table};
use crate::error::Result;
use crate::parse::orders::{Block, LostRow};
use crate::schema::{Key, Table, names};

/// What was or would be erased.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// The number of erased rows by table.
    pub rows: BTreeMap<Table, u64>,
    /// The number of rows that could not be read and that name one of the people.
    pub rejects: u64,
    /// The ids of the people as exports had them.
    pub ids: BTreeSet<String>,
    /// Phone numbers and e-mail addresses that the people share with others. They are not erased where the others have
    /// them.
    pub shared: BTreeSet<String>,
    /// Ids of other people in whose orders a named number or address was found. Only the number or address is removed
    /// there.
    pub others: BTreeSet<String>,
    /// Files in the store's folder that do not belong to the store, so that it cannot vouch for them.
    pub foreign_files: Vec<String>,
}

impl Forgotten {
    /// The number of erased rows of orders.
    pub fn orders(&self) -> u64 {
        self.rows.get(&Table::Orders).copied().unwrap_or(0)
    }

    /// The number of erased rows of other tables.
    pub fn others(&self) -> u64 {
        self.rows.iter().filter(|(table, _)| **table != Table::Orders).map(|(_, rows)| rows).sum()
    }
}

impl Store {
    /// Erases people, each named by an id, a phone number or an e-mail address: their orders, items, events and
    /// messages, their entries in customer lists, and rows that cannot be read but name them. The exported files
    /// themselves are not changed; what they hold of these people is left out if they are imported again.
    ///
    /// # Errors
    /// When a name is unknown, a file of the store is damaged, or the store cannot be written; it is then as it was.
    pub fn forget(&self, names: &[String], wait: Wait<'_>) -> Result<Forgotten> {
        let names = names.iter().map(|name| Name::of(name)).collect::<Result<Vec<_>>>()?;
        let changed = self.change(wait, Removal::Now, |manifest, writing| {
            let found = search::find(self.folder(), manifest, &names)?;
            let forgotten = Erasing { store: self, writing: Some(writing) }.all(manifest, &found)?;
            let mut graves = Tombstones::load(self.folder(), manifest)?;
            graves.add(&found.person);
            graves.save(writing, manifest)?;
            Ok(forgotten)
        })?;
        Ok(Forgotten { foreign_files: changed.foreign_files, ..changed.answer })
    }

    /// Erases the people who were found, and returns how many rows that were.
    pub(super) fn erase(&self, manifest: &mut Manifest, writing: &Writing, found: &Found) -> Result<u64> {
        let erased = Erasing { store: self, writing: Some(writing) }.all(manifest, found)?;
        Ok(erased.orders() + erased.others() + erased.rejects)
    }

    /// What [`Self::forget`] would erase, without changing anything. `note` is called when it has to wait for a process
    /// that removes files.
    ///
    /// # Errors
    /// When a name is unknown, or a file of the store is damaged.
    pub fn would_forget(&self, names: &[String], note: &dyn Fn(Notice<'_>)) -> Result<Forgotten> {
        let names = names.iter().map(|name| Name::of(name)).collect::<Result<Vec<_>>>()?;
        let _reading = lock::reader(self.folder(), note)?;
        let mut manifest = self.manifest()?;
        let found = search::find(self.folder(), &manifest, &names)?;
        let forgotten = Erasing { store: self, writing: None }.all(&mut manifest, &found)?;
        Ok(Forgotten { foreign_files: files::foreign(self.folder(), &manifest), ..forgotten })
    }
}

/// Descriptions of the removed rows, by their import.
type LostRows = BTreeMap<u64, Vec<LostRow>>;

/// Erases people from the files of a store; without `writing` it only counts what it would erase.
struct Erasing<'a> {
    store: &'a Store,
    writing: Option<&'a Writing<'a>>,
}

impl Erasing<'_> {
    fn all(&self, manifest: &mut Manifest, found: &Found) -> Result<Forgotten> {
        let person = &found.person;
        let customers = found.ids.iter().map(|id| Key::of(id.as_bytes())).collect();
        let theirs = Theirs { customers, orders: person.orders.clone() };
        let (orders, lost) = self.orders(manifest, &theirs, person)?;
        let mut rows = self.tables(manifest, &theirs, person)?;
        if orders > 0 {
            rows.insert(Table::Orders, orders);
        }
        let rejects = self.rejects(manifest, person)?;
        self.records(manifest, person, &lost)?;
        Ok(Forgotten {
            rows,
            rejects,
            ids: found.ids.clone(),
            shared: found.shared.clone(),
            others: found.others.clone(),
            foreign_files: Vec::new(),
        })
    }

    /// Erases the rows of the people's orders. Returns the number of rows, and descriptions of them by import.
    fn orders(&self, manifest: &mut Manifest, theirs: &Theirs, person: &Person) -> Result<(u64, LostRows)> {
        let orders: Vec<Key> = theirs.orders.iter().copied().collect();
        let mut lost = LostRows::new();
        for place in 0..manifest.originals.len() {
            let old = manifest.originals[place].clone();
            let Some((rows, new)) = self.segment(manifest, &old, theirs, person, &orders)? else { continue };
            rows.into_iter().for_each(|row| lost.entry(row.import).or_default().push(row));
            new.into_iter().for_each(|new| manifest.originals[place] = new);
        }
        let mut read = LostRows::new();
        for place in 0..manifest.segments.len() {
            let old = manifest.segments[place].clone();
            let Some((rows, new)) = self.segment(manifest, &old, theirs, person, &orders)? else { continue };
            rows.into_iter().for_each(|row| read.entry(row.import).or_default().push(row));
            new.into_iter().for_each(|new| manifest.segments[place] = new);
        }
        for (import, rows) in read {
            match manifest.has_original(import) {
                // The original has more of the erased rows if some of them were replaced.
                true => {
                    let replaced = lost.get(&import).map_or(0, Vec::len).saturating_sub(rows.len());
                    manifest.take_off_replaced(import, replaced as u64);
                }
                false => drop(lost.insert(import, rows)),
            }
        }
        let counts = lost.iter().map(|(import, rows)| (*import, rows.len() as u64)).collect();
        manifest.note_forgotten(&counts);
        Ok((counts.values().sum(), lost))
    }

    /// The people's rows in a segment, and the segment without these rows if it is written; none if the segment has
    /// nothing of the people.
    fn segment(
        &self,
        manifest: &mut Manifest,
        old: &Segment,
        theirs: &Theirs,
        person: &Person,
        orders: &[Key],
    ) -> Result<Option<(Vec<LostRow>, Option<Segment>)>> {
        let folder = self.store.folder();
        if !self.is_in_segment(old, person, orders)? {
            return Ok(None);
        }
        let key = manifest.people_key();
        let whole = old.clone().unmarked();
        let mut block = load_segment(folder, &whole, &Wanted::everything(), true, key.as_ref())?;
        let rows = leave_rows(&mut block, theirs, |contact| person.is_contact(contact));
        further::scrub(&mut block.texts, |text| person.scrubbed(text));
        let Some(writing) = self.writing else { return Ok(Some((rows, None))) };
        let number = manifest.number();
        let imports = old.imports.clone();
        let blocks = [block];
        let mut new = segment::save(writing, number, imports, old.grain, &blocks, key.as_ref())?;
        marks::carry_over(writing, manifest, old, &mut new)?;
        if old.settled.is_some() {
            self.keep_orders(manifest, &mut new, blocks.into())?;
        }
        Ok(Some((rows, Some(new))))
    }

    /// Merges the remaining rows into orders and keeps the orders beside the rows.
    fn keep_orders(&self, manifest: &mut Manifest, new: &mut Segment, blocks: Vec<Block>) -> Result<()> {
        let import = manifest.imports.iter().find(|import| new.imports == [import.number]);
        let (Some(import), Some(writing)) = (import, self.writing) else { return Ok(()) };
        let record = Record::load(self.store.folder(), &import.record)?;
        let layout = record.info(import).layout;
        let Some(of) = record.orders else { return Ok(()) };
        settled::keep_orders(writing, manifest, new, blocks, (&of.traits.with_refunds(&layout), 0))
    }

    /// Whether a segment has a row, a contact or a further text of the people, including in rows that a later import
    /// replaced.
    fn is_in_segment(&self, segment: &Segment, person: &Person, orders: &[Key]) -> Result<bool> {
        let folder = self.store.folder();
        let has = |file, column, is_theirs: &dyn Fn(&str) -> bool| -> Result<bool> {
            Ok(texts(folder, file, column)?.iter().flatten().any(is_theirs))
        };
        if has(&segment.customers, names::CUSTOMER_ID, &|id| person.is_id(id))? {
            return Ok(true);
        }
        for file in segment.phones.iter().chain(&segment.mails) {
            let frame = frames::load(folder, file, None)?;
            let is_theirs = |contact: &str| person.is_contact(contact);
            if contact_columns(&frame)?.1.iter().flatten().any(is_theirs) {
                return Ok(true);
            }
        }
        if let Some(file) = &segment.further
            && further::mentions(folder, file, |text| person.scrubbed(text))?
        {
            return Ok(true);
        }
        // The people's orders may have more rows, which name no customer.
        match &segment.ids {
            Some(ids) => Ok(!Ids::open(folder, ids)?.rows_of(orders)?.is_empty()),
            None => Ok(false),
        }
    }

    fn tables(
        &self,
        manifest: &mut Manifest,
        theirs: &Theirs,
        person: &Person,
    ) -> Result<BTreeMap<Table, u64>> {
        let folder = self.store.folder();
        let mut totals = BTreeMap::new();
        for place in 0..manifest.tables.len() {
            let old = manifest.tables[place].clone();
            let Some(import) = manifest.imports.iter().find(|import| import.number == old.import) else {
                continue;
            };
            let record = Record::load(folder, &import.record)?;
            let mut rows = table::load(folder, &old, import, &record, &Wanted::everything())?;
            let contacts = rows.accounts.contacts().count();
            let erased = leave_table_rows(&mut rows, theirs, |contact| person.is_contact(contact));
            let is_scrubbed = scrub_texts(&mut rows, |text| person.scrubbed(text));
            if erased == 0 && !is_scrubbed && rows.accounts.contacts().count() == contacts {
                continue;
            }
            if erased > 0 {
                *totals.entry(old.table).or_insert(0) += erased;
            }
            let Some(writing) = self.writing else { continue };
            let number = manifest.number();
            let new = table::save(writing, number, old.import, &rows)?;
            manifest.tables[place] = TablePart { forgotten: old.forgotten + erased, ..new };
        }
        Ok(totals)
    }

    fn rejects(&self, manifest: &mut Manifest, person: &Person) -> Result<u64> {
        let folder = self.store.folder();
        let mut total = 0;
        for place in 0..manifest.imports.len() {
            let import = manifest.imports[place].clone();
            let Some(file) = &import.rejects else { continue };
            let mut rejects = table::rejects(folder, file, &import)?;
            let before = rejects.len();
            let layout = Record::load(folder, &import.record)?.info(&import).layout;
            rejects.retain(|reject| !person.is_in(&reject.raw, &layout));
            let erased = (before - rejects.len()) as u64;
            total += erased;
            let Some(writing) = self.writing.filter(|_| erased > 0) else { continue };
            let number = manifest.number();
            let rejects = table::save_rejects(writing, number, &rejects)?;
            let import = &mut manifest.imports[place];
            import.rejects = rejects;
            import.rows_quarantined -= erased;
            import.rows_read -= erased;
        }
        Ok(total)
    }

    /// Removes the people from the notes about the imported files.
    fn records(&self, manifest: &mut Manifest, person: &Person, lost: &LostRows) -> Result<()> {
        let Some(writing) = self.writing else { return Ok(()) };
        for place in 0..manifest.imports.len() {
            let import = &manifest.imports[place];
            let mut record = Record::load(self.store.folder(), &import.record)?;
            let mut is_changed = false;
            if let Some(of) = &mut record.orders {
                for row in lost.get(&import.number).into_iter().flatten() {
                    is_changed |= of.survey.take_off(row);
                }
            }
            is_changed |= record.scrub(person);
            let name = person.scrubbed(&import.name);
            if is_changed {
                let path = format!("imports/{:06}.msgpack", manifest.number());
                manifest.imports[place].record = frames::save_value(writing, &path, &record)?;
            }
            if let Some(name) = name {
                manifest.imports[place].name = name;
            }
        }
        Ok(())
    }
}
