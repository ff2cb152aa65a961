//! Texts that come again and again (regions, products, sources) as small numbers: first per block, then one numbering
//! for all blocks.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::schema::Key;

/// In place of a number: the record does not say.
pub const UNKNOWN: u32 = u32::MAX;

/// The values met in a block, with how often, by number in the order of their first row.
#[derive(Debug, Clone)]
pub struct Dictionary<T> {
    /// The values and their rows.
    pub list: Vec<(T, u64)>,
    met: Met<T>,
}

/// What was met in the blocks of a file, one after the other, so that each value is read once.
#[derive(Debug, Clone)]
pub struct Met<T> {
    by_cells: HashMap<Vec<u8>, u32, RandomState>,
    by_keys: HashMap<[Key; 4], u32, RandomState>,
    by_value: HashMap<T, u32, RandomState>,
    values: Vec<MetValue<T>>,
    block: u32,
}

/// A value, and the last block that it stood in, with its number there.
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
    /// From values with their rows, by number.
    pub fn from_list(list: Vec<(T, u64)>) -> Self {
        Self { list, met: Met::default() }
    }

    /// An empty one of the next block, by what was met in those before.
    pub fn of_next_block(met: Met<T>) -> Self {
        Self { list: Vec::new(), met: Met { block: met.block + 1, ..met } }
    }

    /// Gives away what is needed only while rows are read.
    pub fn finish(&mut self) -> Met<T> {
        std::mem::take(&mut self.met)
    }
}

/// Cells that are kept: there may be as many as rows, of addresses that hardly ever come twice.
const MAX_CELLS: usize = 1 << 16;

/// Bytes of cells that are kept: what is longer is an address, if anything.
const MAX_KEPT_CELL: usize = 256;

impl<T: Clone + Eq + Hash> Dictionary<T> {
    /// The number of the value that stands in these cells, which are read only where they were not met before.
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

    /// The same of four cells by their keys, those that a record lacks being empty.
    #[inline]
    pub fn number_of_keys(&mut self, cells: [Key; 4], read: impl FnOnce() -> T) -> u32 {
        let place = match self.met.by_keys.get(&cells) {
            Some(&place) => place,
            None => {
                let place = self.met.place(read());
                kept(&mut self.met.by_keys, cells, place)
            }
        };
        self.add(place, 1)
    }

    /// Adds the values of another dictionary and says which number each of its numbers becomes.
    pub fn append(&mut self, other: Self) -> Vec<u32> {
        let number = |(value, rows)| {
            let place = self.met.place(value);
            self.add(place, rows)
        };
        other.list.into_iter().map(number).collect()
    }

    /// Takes rows off, as many as said of each number; a value without rows becomes one that says nothing.
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

    /// The number of a value that was met.
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
    /// The place of a value among those met.
    fn place(&mut self, value: T) -> u32 {
        let next = self.values.len() as u32;
        let place = *self.by_value.entry(value.clone()).or_insert(next);
        if place == next {
            self.values.push(MetValue { value, block: NO_BLOCK, number: 0 });
        }
        place
    }
}

/// Of a value that has just been met.
const NO_BLOCK: u32 = u32::MAX;

fn kept<K: Eq + Hash>(places: &mut HashMap<K, u32, RandomState>, cells: K, place: u32) -> u32 {
    if places.len() >= MAX_CELLS {
        places.clear();
    }
    places.insert(cells, place);
    place
}

/// One dictionary of all values that several share, with the rows of all; and for each of them what each of its numbers
/// is there. The values of blocks that one processor has read are one in memory.
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

/// One numbering of the values of many dictionaries.
#[derive(Debug)]
pub struct Numbering<T> {
    /// The values by number.
    pub values: Vec<T>,
    /// For each dictionary: the number of each of its numbers, [`UNKNOWN`] for values that say nothing.
    pub numbers: Vec<Vec<u32>>,
}

/// Numbers the values of all dictionaries in the order of `place`, which is none for values that say nothing. Values of
/// one place are one: that which says the most by `says`, and of these the one that most rows have.
pub fn unify<T: Clone + Ord + Hash, K: Ord>(
    dictionaries: &[&Dictionary<T>],
    place: impl Fn(&T) -> Option<K>,
    says: impl Fn(&T) -> usize,
) -> Numbering<T> {
    // Most blocks met the same values: these are put into order once.
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
        // Of two spellings met equally often the one that sorts first.
        assert_eq!(all.values, ["CUP", "tea"]);
        assert_eq!(all.numbers, [vec![1, 0, UNKNOWN], vec![1, 0]]);
    }

    /// Two processors read two blocks each; tea stands in three of them, once with a space.
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
        // What both processors have met is there twice, until it is put into order.
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
