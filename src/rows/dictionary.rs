//! Repeated texts (regions, products, sources) as small numbers: first numbered within each block, then in one
//! numbering for all blocks.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::schema::Key;

/// Stands in place of a number where the record does not say.
pub const UNKNOWN: u32 = u32::MAX;

/// The distinct values of a block, numbered in the order in which they first appear, with the number of rows of each.
#[derive(Debug, Clone)]
pub struct Dictionary<T> {
    /// The values by number, each with how many rows have it.
    pub list: Vec<(T, u64)>,
    met: Met<T>,
}

/// The values of all blocks of a file so far, so that each distinct cell is parsed only once.
#[derive(Debug, Clone)]
pub struct Met<T> {
    by_cells: HashMap<Vec<u8>, u32, RandomState>,
    by_keys: HashMap<[Key; 4], u32, RandomState>,
    /// A small cache in front of `by_keys`: for each [`slot`] the cells that came first, and the place of their value.
    /// Empty until the first lookup.
    first_of_slot: Vec<([Key; 4], u32)>,
    by_value: HashMap<T, u32, RandomState>,
    values: Vec<MetValue<T>>,
    block: u32,
}

/// A value, the last block in which it appeared, and its number in that block.
#[derive(Debug, Clone)]
struct MetValue<T> {
    value: T,
    block: u32,
    number: u32,
}

impl<T> Default for Met<T> {
    fn default() -> Self {
        Self {
            by_cells: HashMap::default(),
            by_keys: HashMap::default(),
            first_of_slot: Vec::new(),
            by_value: HashMap::default(),
            values: Vec::new(),
            block: 0,
        }
    }
}

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self::from_list(Vec::new())
    }
}

impl<T> Dictionary<T> {
    /// A dictionary of values with their numbers of rows.
    pub fn from_list(list: Vec<(T, u64)>) -> Self {
        Self { list, met: Met::default() }
    }

    /// An empty dictionary for the next block, which reuses the values of the blocks before.
    pub fn of_next_block(met: Met<T>) -> Self {
        Self { list: Vec::new(), met: Met { block: met.block + 1, ..met } }
    }

    /// Hands over what is needed only while rows are read.
    pub fn finish(&mut self) -> Met<T> {
        std::mem::take(&mut self.met)
    }
}

/// The most cells that are remembered. Of addresses, which hardly ever repeat, there may be as many as rows.
const MAX_CELLS: usize = 1 << 16;

/// The most bytes of a cell that is remembered. Longer cells are addresses or notes.
const MAX_KEPT_CELL: usize = 256;

impl<T: Clone + Eq + Hash> Dictionary<T> {
    /// Counts a row with the value in these cells (one cell, or several joined), and returns the value's number. `read`
    /// parses the cells and is called only if they were not seen before.
    pub fn number(&mut self, cells: &[u8], read: impl FnOnce() -> T) -> u32 {
        let place = match self.met.by_cells.get(cells) {
            Some(&place) => place,
            None => {
                let place = self.met.place(read());
                match cells.len() {
                    ..=MAX_KEPT_CELL => kept(&mut self.met.by_cells, cells.to_vec(), place),
                    _ => place,
                }
            }
        };
        self.add(place, 1)
    }

    /// As [`Self::number`], for up to four cells given by their keys. What a file has no cells for has the same key in
    /// all of its rows.
    #[inline]
    pub fn number_of_keys(&mut self, cells: [Key; 4], read: impl FnOnce() -> T) -> u32 {
        let slot = slot(&cells);
        let place = match self.met.first_of_slot.get(slot) {
            Some((known, place)) if *known == cells && *place != NO_PLACE => *place,
            _ => self.met.place_of_keys(cells, slot, read),
        };
        self.add(place, 1)
    }

    /// Adds the values of another dictionary and returns the new number for each of its numbers.
    pub fn append(&mut self, other: Self) -> Vec<u32> {
        let number = |(value, rows)| {
            let place = self.met.place(value);
            self.add(place, rows)
        };
        other.list.into_iter().map(number).collect()
    }

    /// Subtracts rows, given for each number. A value without any rows left is replaced by the default, which says
    /// nothing.
    pub fn take_off(&mut self, rows: &[u64])
    where
        T: Default,
    {
        for ((value, count), lost) in self.list.iter_mut().zip(rows) {
            *count = count.saturating_sub(*lost);
            if *count == 0 {
                *value = T::default();
            }
        }
    }

    /// Adds rows to a value that was met and returns its number in this block, which is new if the block did not have
    /// the value yet.
    fn add(&mut self, place: u32, rows: u64) -> u32 {
        let met = &mut self.met.values[place as usize];
        if met.block != self.met.block {
            (met.block, met.number) = (self.met.block, self.list.len() as u32);
            self.list.push((met.value.clone(), 0));
        }
        self.list[met.number as usize].1 += rows;
        met.number
    }
}

impl<T: Clone + Eq + Hash> Met<T> {
    /// Looks cells up in `by_keys`, and puts them into the cache if their slot is still free.
    fn place_of_keys(&mut self, cells: [Key; 4], slot: usize, read: impl FnOnce() -> T) -> u32 {
        let place = match self.by_keys.get(&cells) {
            Some(&place) => place,
            None => {
                let place = self.place(read());
                kept(&mut self.by_keys, cells, place)
            }
        };
        self.first_of_slot.resize(1 << SLOT_BITS, ([Key::NONE; 4], NO_PLACE));
        let first = &mut self.first_of_slot[slot];
        if first.1 == NO_PLACE {
            *first = (cells, place);
        }
        place
    }

    /// The index of a value among all values met.
    fn place(&mut self, value: T) -> u32 {
        let next = self.values.len() as u32;
        let place = *self.by_value.entry(value.clone()).or_insert(next);
        if place == next {
            self.values.push(MetValue { value, block: NO_BLOCK, number: 0 });
        }
        place
    }
}

/// Stands for the block of a value that has not appeared in any block yet.
const NO_BLOCK: u32 = u32::MAX;

/// Stands for the place of a value where a slot is empty.
const NO_PLACE: u32 = u32::MAX;

/// 1024 slots of 80 bytes, enough for provinces and most cities.
const SLOT_BITS: u32 = 10;

/// The slot of cells in the cache. Cells whose slot is taken are looked up in the table and do not replace the first: a
/// shop with many products would rewrite slots all the time. Nor does it matter that [`Key::mix`] is not seeded: whoever
/// makes cells collide gets the table, which is.
#[inline]
fn slot(cells: &[Key; 4]) -> usize {
    let mixed = cells.iter().fold(0_u64, |mixed, key| mixed.rotate_left(1) ^ key.mix());
    (mixed >> (u64::BITS - SLOT_BITS)) as usize
}

fn kept<K: Eq + Hash>(places: &mut HashMap<K, u32, RandomState>, cells: K, place: u32) -> u32 {
    if places.len() >= MAX_CELLS {
        places.clear();
    }
    places.insert(cells, place);
    place
}

/// Merges several dictionaries that share values in memory into one, with the rows of all. Also returns, for each
/// dictionary, the new number of each of its numbers. Blocks that were read by the same thread share their values.
pub fn shared<T>(dictionaries: &[&Dictionary<Arc<T>>]) -> (Dictionary<Arc<T>>, Vec<Vec<u32>>) {
    let mut list: Vec<(Arc<T>, u64)> = Vec::new();
    let mut by_address: HashMap<*const T, u32, RandomState> = HashMap::default();
    let mut number = |(value, rows): &(Arc<T>, u64)| {
        let next = list.len() as u32;
        let number = *by_address.entry(Arc::as_ptr(value)).or_insert(next);
        if number == next {
            list.push((Arc::clone(value), 0));
        }
        list[number as usize].1 += rows;
        number
    };
    let numbers = dictionaries.iter().map(|of| of.list.iter().map(&mut number).collect()).collect();
    (Dictionary::from_list(list), numbers)
}

/// One numbering for the values of many dictionaries.
#[derive(Debug)]
pub struct Numbering<T> {
    /// The values by number.
    pub values: Vec<T>,
    /// For each dictionary the new number of each of its numbers, [`UNKNOWN`] for values that say nothing.
    pub numbers: Vec<Vec<u32>>,
}

/// Numbers the values of all dictionaries in the order of their `place`, which is `None` for values that say nothing.
/// Values with the same place are spellings of one value. The spelling is kept that has the greatest `says`, then the
/// one in the most rows, then the one that sorts first.
pub fn unify<T: Clone + Ord + Hash, K: Ord>(
    dictionaries: &[&Dictionary<T>],
    place: impl Fn(&T) -> Option<K>,
    says: impl Fn(&T) -> usize,
) -> Numbering<T> {
    // Most blocks have the same values, so each distinct value is looked up and sorted only once.
    let mut distinct: Vec<(&T, u64)> = Vec::new();
    let mut known: HashMap<&T, usize, RandomState> = HashMap::default();
    let mut among: Vec<Vec<usize>> = Vec::with_capacity(dictionaries.len());
    for dictionary in dictionaries {
        let mut own = Vec::with_capacity(dictionary.list.len());
        for (value, rows) in &dictionary.list {
            let number = *known.entry(value).or_insert(distinct.len());
            if number == distinct.len() {
                distinct.push((value, 0));
            }
            distinct[number].1 += rows;
            own.push(number);
        }
        among.push(own);
    }
    let mut spellings: BTreeMap<K, BTreeMap<&T, u64>> = BTreeMap::new();
    for (value, rows) in &distinct {
        if let Some(place) = place(value) {
            spellings.entry(place).or_default().insert(*value, *rows);
        }
    }
    let places: BTreeMap<&K, u32> = spellings.keys().zip(0..).collect();
    let number = |value: &T| place(value).and_then(|place| places.get(&place).copied()).unwrap_or(UNKNOWN);
    let of_distinct: Vec<u32> = distinct.iter().map(|(value, _)| number(value)).collect();
    let numbers = among.iter().map(|own| own.iter().map(|number| of_distinct[*number]).collect()).collect();
    let most_used = |by_spelling: &BTreeMap<&T, u64>| {
        let most =
            by_spelling.iter().max_by_key(|(value, rows)| (says(value), **rows, std::cmp::Reverse(**value)));
        most.map(|(value, _)| (*value).clone())
    };
    Numbering { values: spellings.values().filter_map(most_used).collect(), numbers }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_numbering_holds_for_all_blocks_and_takes_the_usual_spelling() {
        let mut blocks = [Dictionary::default(), Dictionary::default()];
        let texts = [["Tea", "cup", ""], ["tea", "tea", "CUP"]];
        let numbers: Vec<Vec<u32>> = blocks
            .iter_mut()
            .zip(texts)
            .map(|(block, texts)| {
                texts.map(|text| block.number(text.as_bytes(), || text.to_owned())).to_vec()
            })
            .collect();
        assert_eq!(numbers, [[0, 1, 2], [0, 0, 1]]);
        let fold = |text: &String| (!text.is_empty()).then(|| text.to_lowercase());
        let all = unify(&blocks.each_ref(), fold, |_| 0);
        // If two spellings appear equally often, the one that sorts first is kept.
        assert_eq!(all.values, ["CUP", "tea"]);
        assert_eq!(all.numbers, [vec![1, 0, UNKNOWN], vec![1, 0]]);
    }

    /// More values than slots, so that most are not the first in theirs.
    #[test]
    fn values_that_share_a_slot_keep_their_numbers() {
        let key =
            |number: u32| [Key::NONE, Key::of(format!("place {number}").as_bytes()), Key::NONE, Key::NONE];
        let mut block = Dictionary::default();
        let count = 4 << SLOT_BITS;
        for number in (0..count).chain((0..count).rev()).chain((0..count).map(|number| number * 7 % count)) {
            assert_eq!(block.number_of_keys(key(number), || number.to_string()), number);
        }
        assert!(block.list.iter().enumerate().all(|(number, of)| *of == (number.to_string(), 3)));
    }

    /// Two threads read two blocks each. "tea" appears in three of them, once with a space.
    #[test]
    fn what_was_met_before_has_the_number_of_its_block() {
        let key = |text: &str| [Key::of(text.as_bytes()), Key::NONE, Key::NONE, Key::NONE];
        let read = |met: Met<Arc<String>>, texts: &[&str]| {
            let mut block = Dictionary::of_next_block(met);
            let mut number =
                |text: &&str| block.number_of_keys(key(text), || Arc::new(text.trim().to_owned()));
            let numbers: Vec<u32> = texts.iter().map(&mut number).collect();
            let met = block.finish();
            (block, numbers, met)
        };
        let (first, of_first, met) = read(Met::default(), &["tea", "cup", "tea"]);
        let (second, of_second, _) = read(met, &["pot", " tea", "tea"]);
        let (third, of_third, met) = read(Met::default(), &["pot"]);
        let (fourth, of_fourth, _) = read(met, &["tea", "pot"]);
        assert_eq!([of_first, of_second], [[0, 1, 0], [0, 1, 1]]);
        assert_eq!((of_third, of_fourth), (vec![0], vec![0, 1]));
        let (all, numbers) = shared(&[&first, &second, &third, &fourth]);
        let list: Vec<(&str, u64)> = all.list.iter().map(|(text, rows)| (text.as_str(), *rows)).collect();
        // Values that both threads met appear twice until they are unified.
        assert_eq!(list, [("tea", 4), ("cup", 1), ("pot", 1), ("pot", 2), ("tea", 1)]);
        assert_eq!(numbers, [vec![0, 1], vec![2, 0], vec![3], vec![4, 3]]);
        let values = unify(&[&all], |text| Some(text.to_string()), |_| 0).values;
        assert_eq!(values.iter().map(|text| text.as_str()).collect::<Vec<_>>(), ["cup", "pot", "tea"]);
    }

    #[test]
    fn appended_dictionaries_say_their_new_numbers() {
        let mut first = Dictionary::default();
        first.number(b"a", || "a");
        let mut second = Dictionary::default();
        second.number(b"b", || "b");
        second.number(b"a", || "a");
        assert_eq!(first.append(second), [1, 0]);
        assert_eq!(first.list, [("a", 2), ("b", 1)]);
    }
}
