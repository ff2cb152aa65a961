//! A hash table of keys, for numbering them.

use crate::schema::Key;

/// Distinct keys in the order of their first insertion, by open addressing.
#[derive(Debug)]
pub struct KeyTable {
    slots: Vec<Slot>,
    mask: usize,
    keys: Vec<Key>,
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
        let size = (count.max(4) * 2).next_power_of_two();
        Self {
            slots: vec![Slot { tag: EMPTY, number: EMPTY }; size],
            mask: size - 1,
            keys: Vec::with_capacity(count),
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
        let tags = keys.iter().map(|key| self.slots[key.mix() as usize & self.mask].tag);
        // The answer is of no use, but must not be found out to be so.
        std::hint::black_box(tags.fold(0, |all, tag| all ^ tag));
    }

    /// Where a key is, or would be, and its tag.
    fn place(&self, key: Key) -> (usize, u32) {
        let hash = key.mix();
        let (mut place, tag) = (hash as usize & self.mask, (hash >> 32) as u32);
        loop {
            let slot = self.slots[place];
            if slot.number == EMPTY || (slot.tag == tag && self.keys[slot.number as usize] == key) {
                return (place, tag);
            }
            place = (place + 1) & self.mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let keys = std::mem::take(&mut self.keys);
        *self = Self::with_capacity(self.slots.len());
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
}
