//! A hash table of keys, for numbering them.
//!
//! Its hashes have a key of their own in each run: whoever writes an export cannot choose ids that all fall into one
//! place, so that each is looked for behind all others. Numbers follow the order of insertion and never the hashes,
//! so that answers are the same whatever the key.

use std::hash::BuildHasher;
use std::sync::LazyLock;

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;

use crate::schema::Key;

/// The hashes of this run.
static OF_THIS_RUN: LazyLock<SeedableRandomState> = LazyLock::new(|| {
    let random = || getrandom::u64().ok();
    match random().zip(random()) {
        Some((seed, shared)) => hashes(seed, shared),
        // Where the system gives no random numbers, what the places of memory have of chance.
        None => SeedableRandomState::random(),
    }
});

/// Hashes by a key of 128 bits; made once in a run, since the shared half is kept for as long as it lasts.
fn hashes(seed: u64, shared: u64) -> SeedableRandomState {
    SeedableRandomState::with_seed(seed, Box::leak(Box::new(SharedSeed::from_u64(shared))))
}

/// Distinct keys in the order of their first insertion, by open addressing.
#[derive(Debug)]
pub struct KeyTable {
    slots: Vec<Slot>,
    mask: usize,
    keys: Vec<Key>,
    hashes: SeedableRandomState,
}

/// A place in the table. Nearly all keys that are another one differ in their tag, so that they need not be looked up.
#[derive(Debug, Clone, Copy)]
struct Slot {
    tag: u32,
    /// The key's number; [`EMPTY`] where there is none.
    number: u32,
}

const EMPTY: u32 = u32::MAX;

impl KeyTable {
    /// For about `count` distinct keys; more make it grow.
    pub fn with_capacity(count: usize) -> Self {
        Self::with_hashes(count, OF_THIS_RUN.clone())
    }

    fn with_hashes(count: usize, hashes: SeedableRandomState) -> Self {
        let size = (count.max(4) * 2).next_power_of_two();
        Self {
            slots: vec![Slot { tag: EMPTY, number: EMPTY }; size],
            mask: size - 1,
            keys: Vec::with_capacity(count),
            hashes,
        }
    }

    /// The number of a key: `Ok` when it is new, `Err` when it was there.
    pub fn insert(&mut self, key: Key) -> Result<u32, u32> {
        let (place, tag) = self.place(key);
        match self.slots[place].number {
            EMPTY => {
                let number = self.keys.len() as u32;
                self.slots[place] = Slot { tag, number };
                self.keys.push(key);
                // Half of the slots stays free, so that searches stay short.
                if self.keys.len() * 2 > self.slots.len() {
                    self.grow();
                }
                Ok(number)
            }
            number => Err(number),
        }
    }

    /// Brings the slots of keys near: one that is looked up alone is waited for.
    pub fn prepare(&self, keys: &[Key]) {
        let tags = keys.iter().map(|key| self.slots[self.hashes.hash_one(key) as usize & self.mask].tag);
        // The answer is of no use, but must not be found out to be so.
        std::hint::black_box(tags.fold(0, |all, tag| all ^ tag));
    }

    /// Where a key is, or would be, and its tag.
    fn place(&self, key: Key) -> (usize, u32) {
        let hash = self.hashes.hash_one(key);
        let (mut place, tag) = (hash as usize & self.mask, (hash >> 32) as u32);
        loop {
            let slot = self.slots[place];
            if slot.number == EMPTY || (slot.tag == tag && self.keys[slot.number as usize] == key) {
                return (place, tag);
            }
            place = place.wrapping_add(1) & self.mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let keys = std::mem::take(&mut self.keys);
        *self = Self::with_hashes(self.slots.len(), self.hashes.clone());
        for key in keys {
            let _ = self.insert(key);
        }
    }

    /// The number of a key that is there.
    pub fn find(&self, key: Key) -> Option<u32> {
        Some(self.slots[self.place(key).0].number).filter(|number| *number != EMPTY)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys by number.
    pub fn into_keys(self) -> Vec<Key> {
        self.keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_numbers_however_many_come() {
        let key = |i: u32| Key::of(format!("customer-{i}").as_bytes());
        let mut table = KeyTable::with_capacity(0);
        for i in 0..1000 {
            assert_eq!(table.insert(key(i)), Ok(i));
            assert_eq!(table.insert(key(i / 2)), Err(i / 2));
        }
        assert_eq!((table.find(key(999)), table.find(key(1000))), (Some(999), None));
        assert_eq!(table.into_keys(), (0..1000).map(key).collect::<Vec<_>>());
    }

    /// Ids that agree in the 64 bits of [`Key::mix`], which has no key: numbers of 21 digits, `k` times 2^56 apart.
    fn colliding(count: u128) -> Vec<Key> {
        const FIRST: u128 = 0x9e_3779_b97f_4a7c;
        (0..count).map(|k| Key::of(format!("{:021}", FIRST + (k << 56)).as_bytes())).collect()
    }

    /// The most slots that are looked at for one of the keys.
    fn longest_search(table: &KeyTable, keys: &[Key]) -> usize {
        let distance = |key: &Key| {
            let (place, _) = table.place(*key);
            place.wrapping_sub(table.hashes.hash_one(key) as usize) & table.mask
        };
        keys.iter().map(distance).max().unwrap_or(0) + 1
    }

    #[test]
    fn ids_made_to_collide_are_spread_by_each_key_and_numbered_alike() {
        let keys = colliding(13_800);
        assert!(keys.iter().all(|key| key.mix() == keys[0].mix() && !key.is_hash()));
        for (seed, shared) in [(0, 1), (1, 0), (0x0123_4567_89ab_cdef, 7)] {
            let mut table = KeyTable::with_hashes(0, hashes(seed, shared));
            let numbers: Vec<_> = keys.iter().map(|key| table.insert(*key)).collect();
            assert!(numbers.iter().zip(0..).all(|(number, i)| *number == Ok(i)));
            // Of a table that is at most half full hardly any search is as long; without a key all would be 13,800
            // long.
            assert!(longest_search(&table, &keys) < 100, "{seed} {shared}");
            assert_eq!(table.into_keys(), keys);
        }
        let distinct = |of: &SeedableRandomState| of.hash_one(keys[0]);
        assert_ne!(distinct(&hashes(0, 1)), distinct(&hashes(1, 1)));
        assert_ne!(distinct(&hashes(0, 1)), distinct(&hashes(0, 2)));
    }
}
