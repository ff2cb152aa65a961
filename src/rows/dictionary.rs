//! Texts that come again and again (regions, products, sources) as small numbers: first per block, then one numbering
//! for all blocks.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use foldhash::fast::RandomState;

use crate::schema::Key;

/// In place of a number: the record does not say.
pub const UNKNOWN: u32 = u32::MAX;

/// The values met in a block, with how often, by number in the order of their first row.
#[derive(Debug, Clone)]
pub struct Dictionary<T> {
    /// The values and their rows.
    pub list: Vec<(T, u64)>,
    by_cells: HashMap<Vec<u8>, u32, RandomState>,
    by_keys: HashMap<[Key; 4], u32, RandomState>,
    by_value: HashMap<T, u32, RandomState>,
}

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self::of_values(Vec::new())
    }
}

impl<T> Dictionary<T> {
    fn of_values(list: Vec<(T, u64)>) -> Self {
        Self { list, by_cells: HashMap::default(), by_keys: HashMap::default(), by_value: HashMap::default() }
    }
}

/// Cells are kept as long as there are few: addresses hardly ever come twice.
const MAX_CELLS: usize = 1 << 15;

impl<T: Clone + Eq + Hash> Dictionary<T> {
    /// The number of the value that stands in these cells, which are read only where they were not met before.
    pub fn number(&mut self, cells: &[u8], read: impl FnOnce() -> T) -> u32 {
        if let Some(&number) = self.by_cells.get(cells) {
            self.list[number as usize].1 += 1;
            return number;
        }
        let number = self.add(read(), 1);
        if self.by_cells.len() < MAX_CELLS {
            self.by_cells.insert(cells.to_vec(), number);
        }
        number
    }

    /// The same of four cells by their keys, those that a record lacks being empty.
    #[inline]
    pub fn number_of_keys(&mut self, cells: [Key; 4], read: impl FnOnce() -> T) -> u32 {
        if let Some(&number) = self.by_keys.get(&cells) {
            self.list[number as usize].1 += 1;
            return number;
        }
        let number = self.add(read(), 1);
        if self.by_keys.len() < MAX_CELLS {
            self.by_keys.insert(cells, number);
        }
        number
    }

    /// From values with their rows, by number.
    pub fn from_list(list: Vec<(T, u64)>) -> Self {
        Self::of_values(list)
    }

    /// Adds the values of another dictionary and says which number each of its numbers becomes.
    pub fn append(&mut self, other: Self) -> Vec<u32> {
        other.list.into_iter().map(|(value, rows)| self.add(value, rows)).collect()
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

    /// Gives back what is needed only while rows are read.
    pub fn finish(&mut self) {
        (self.by_cells, self.by_keys, self.by_value) = Default::default();
    }

    fn add(&mut self, value: T, rows: u64) -> u32 {
        let next = self.list.len() as u32;
        let number = *self.by_value.entry(value.clone()).or_insert(next);
        if number == next {
            self.list.push((value, 0));
        }
        self.list[number as usize].1 += rows;
        number
    }
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
