//! A hash table of keys, for numbering them.

use crate::schema::Key;

/// Distinct keys in the order of their first insertion, by open addressing.
#[derive(Debug)]
pub struct KeyTable {
    slots: Vec<u32>,
    mask: usize,
    keys: Vec<Key>,
}

impl KeyTable {
    /// For up to `count` keys.
    pub fn with_capacity(count: usize) -> Self {
        let size = (count.max(4) * 3 / 2).next_power_of_two();
        Self { slots: vec![u32::MAX; size], mask: size - 1, keys: Vec::new() }
    }

    /// The number of a key: `Ok` when it is new, `Err` when it was there.
    pub fn insert(&mut self, key: Key) -> Result<u32, u32> {
        let mut slot = key.mix() as usize & self.mask;
        loop {
            match self.slots[slot] {
                u32::MAX => {
                    let number = self.keys.len() as u32;
                    self.slots[slot] = number;
                    self.keys.push(key);
                    return Ok(number);
                }
                number if self.keys[number as usize] == key => return Err(number),
                _ => slot = (slot + 1) & self.mask,
            }
        }
    }

    /// The number of a key that is there.
    pub fn find(&self, key: Key) -> Option<u32> {
        let mut slot = key.mix() as usize & self.mask;
        loop {
            match self.slots[slot] {
                u32::MAX => return None,
                number if self.keys[number as usize] == key => return Some(number),
                _ => slot = (slot + 1) & self.mask,
            }
        }
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
