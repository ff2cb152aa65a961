//! A hash table that numbers keys.
//!
//! The hash function has a random key of its own in each run. So nobody who writes an export can choose ids that all
//! fall into one slot, where every lookup would have to pass all the others. Numbers follow the order of insertion and
//! never the hashes, so that answers do not depend on the random key.

use std::hash::BuildHasher;
use std::sync::LazyLock;

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;

use crate::schema::Key;

/// The hash function of this run.
static OF_THIS_RUN: LazyLock<SeedableRandomState> = LazyLock::new(|| {
    let random = || getrandom::u64().ok();
    match random().zip(random()) {
        Some((seed, shared)) => hashes(seed, shared),
        // If the system gives no random numbers, the randomness of memory addresses is used.
        None => SeedableRandomState::random(),
    }
});

/// The hash function for a key of 128 bits. It is made once in a run, because the shared half is never freed.
fn hashes(seed: u64, shared: u64) -> SeedableRandomState {
    SeedableRandomState::with_seed(seed, Box::leak(Box::new(SharedSeed::from_u64(shared))))
}

/// Distinct keys in the order of their first insertion, in a table with open addressing.
#[derive(Debug)]
pub struct KeyTable {
    slots: Vec<Slot>,
    mask: usize,
    keys: Vec<Key>,
    hashes: SeedableRandomState,
}

/// A slot of the table. Almost all different keys differ in their tag, so that the keys themselves are rarely compared.
#[derive(Debug, Clone, Copy)]
struct Slot {
    tag: u32,
    /// The key's number, [`EMPTY`] for a free slot.
    number: u32,
}

const EMPTY: u32 = u32::MAX;

impl KeyTable {
    /// A table with room for about `count` distinct keys. It grows when there are more.
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

    /// Returns the key's number: as `Ok` if the key is new, as `Err` if it was there before.
    pub fn insert(&mut self, key: Key) -> Result<u32, u32> {
        let (place, tag) = self.place(key);
        match self.slots[place].number {
            EMPTY => {
                let number = self.keys.len() as u32;
                self.slots[place] = Slot { tag, number };
                self.keys.push(key);
                // At least half of the slots stay free, so that searches are short.
                if self.keys.len() * 2 > self.slots.len() {
                    self.grow();
                }
                Ok(number)
            }
            number => Err(number),
        }
    }

    /// Loads the slots of several keys into the cache at once. Looked up one by one, each would have to be waited for.
    pub fn prepare(&self, keys: &[Key]) {
        let tags = keys.iter().map(|key| self.slots[self.hashes.hash_one(key) as usize & self.mask].tag);
        // The result is not needed, but the compiler must not find that out and drop the loads.
        std::hint::black_box(tags.fold(0, |all, tag| all ^ tag));
    }

    /// The slot in which a key is or would be inserted, and its tag.
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

    /// The number of a key, if it is in the table.
    pub fn find(&self, key: Key) -> Option<u32> {
        Some(self.slots[self.place(key).0].number).filter(|number| *number != EMPTY)
    }

    /// Whether the table has no keys.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys, by number.
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

    /// Ids that agree in the 64 bits of [`Key::mix`], which uses no random key: numbers of 21 digits, `k` times 2^56
    /// apart.
    fn colliding(count: u128) -> Vec<Key> {
        const FIRST: u128 = 0x9e_3779_b97f_4a7c;
        (0..count).map(|k| Key::of(format!("{:021}", FIRST + (k << 56)).as_bytes())).collect()
    }

    /// The length of the longest search for one of the keys, in slots.
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
            // In a table that is at most half full, hardly any search is this long. Without a random key every search
            // would pass up to 13,800 slots.
            assert!(longest_search(&table, &keys) < 100, "{seed} {shared}");
            assert_eq!(table.into_keys(), keys);
        }
        let distinct = |of: &SeedableRandomState| of.hash_one(keys[0]);
        assert_ne!(distinct(&hashes(0, 1)), distinct(&hashes(1, 1)));
        assert_ne!(distinct(&hashes(0, 1)), distinct(&hashes(0, 2)));
    }
}
