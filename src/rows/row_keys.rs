//! Order ids in the order of their rows, kept until it is known whether any may appear twice. Most exports are sorted
//! by time with ascending order numbers, and their ids are then never needed again.

use crate::rows::partition::{OrderKeys, Place, places};
use crate::schema::Key;

/// The order ids of a block's rows.
#[derive(Debug, Default)]
pub struct RowKeys {
    ids: Ids,
    /// The partition of each row's customer, by which the rows were sorted.
    partitions: Vec<u8>,
    /// The least and the greatest id by rank, if the ids are strictly ascending or strictly descending.
    pub range: Option<(u128, u128)>,
}

/// Ids in a compact form.
#[derive(Debug)]
enum Ids {
    /// How far the rank of each id is above the least one, without the low bits that are 0 in all of these differences.
    Near {
        least: u128,
        shift: u32,
        above: Above,
    },
    Whole(Vec<Key>),
}

/// Differences between ranks.
#[derive(Debug)]
enum Above {
    Narrow(Vec<u32>),
    Wide(Vec<u64>),
}

impl Above {
    fn iter(&self) -> Box<dyn Iterator<Item = u64> + '_> {
        match self {
            Self::Narrow(above) => Box::new(above.iter().map(|above| u64::from(*above))),
            Self::Wide(above) => Box::new(above.iter().copied()),
        }
    }
}

impl Default for Ids {
    fn default() -> Self {
        Self::Whole(Vec::new())
    }
}

impl RowKeys {
    /// `keys[i]` is the id of row `i`, whose customer is in `partitions[i]`.
    pub fn new(keys: &[Key], partitions: Vec<u8>) -> Self {
        let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return Self::default() };
        let (first, last) = (first.rank(), last.rank());
        let least = first.min(last);
        let (mut rises, mut falls, mut bits) = (true, true, first - least);
        keys.iter().map(|key| key.rank()).reduce(|before, rank| {
            rises &= rank > before;
            falls &= rank < before;
            bits |= rank.wrapping_sub(least);
            rank
        });
        let range = (rises || falls).then_some((least, first.max(last)));
        let shift = bits.trailing_zeros() % u128::BITS;
        let is_near = range.is_some() && bits >> shift <= u128::from(u64::MAX);
        let ids = match is_near {
            true => {
                // The smallest rank of all.
                let above = keys.iter().map(|key| key.rank().wrapping_sub(least).wrapping_shr(shift));
                let above = match bits >> shift <= u128::from(u32::MAX) {
                    true => Above::Narrow(above.map(|above| above as u32).collect()),
                    false => Above::Wide(above.map(|above| above as u64).collect()),
                };
                Ids::Near { least, shift, above }
            }
            false => Ids::Whole(keys.to_vec()),
        };
        Self { ids, partitions, range }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.partitions.is_empty()
    }

    /// Calls `visit` with each id and the place of its row.
    pub fn each(&self, mut visit: impl FnMut(Key, Place)) {
        let places = places(&self.partitions).into_iter();
        match &self.ids {
            Ids::Whole(keys) => keys.iter().zip(places).for_each(|(key, place)| visit(*key, place)),
            Ids::Near { least, shift, above } => {
                let key = |above: u64| Key::of_rank(least + (u128::from(above) << shift));
                above.iter().zip(places).for_each(|(above, place)| visit(key(above), place));
            }
        }
    }

    /// The ids sorted into partitions by id, with the places of their rows.
    pub fn indexed(self) -> OrderKeys {
        let keys = match self.ids {
            Ids::Whole(keys) => keys,
            Ids::Near { least, shift, above } => {
                above.iter().map(|above| Key::of_rank(least + (u128::from(above) << shift))).collect()
            }
        };
        OrderKeys::new(&keys, &places(&self.partitions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids in the index, in the order of their rows.
    fn kept(texts: &[&str]) -> (Option<(u128, u128)>, Vec<String>) {
        let keys: Vec<Key> = texts.iter().map(|text| Key::of(text.as_bytes())).collect();
        // All rows are in one partition, so that a row's place is its index.
        let row_keys = RowKeys::new(&keys, vec![0; keys.len()]);
        let range = row_keys.range;
        let index = row_keys.indexed();
        let mut rows: Vec<(u32, String)> = index
            .keys
            .iter()
            .zip(&index.places)
            .map(|(key, place)| (place.row, key.text().unwrap_or_default()))
            .collect();
        rows.sort_unstable();
        (range, rows.into_iter().map(|(_, text)| text).collect())
    }

    #[test]
    fn ids_come_out_as_they_went_in() {
        for (texts, has_range) in [
            (&["1000000013", "1000000014", "1000000999"][..], true),
            (&["1000000999", "1000000014", "1000000013"], true),
            (&["9", "10", "100", "1000000000"], true),
            (&["1930679858170647123", "1930679858170647130", "1930679858180647123"], true),
            (&["999999999999999", "1000000000000000", "1000000000000001"], true),
            (&["A-7", "B-1"], true),
            (&["5"], true),
            (&["7", "5", "6"], false),
            (&["5", "5"], false),
        ] {
            let (range, found) = kept(texts);
            assert_eq!(
                (range.is_some(), found),
                (has_range, texts.iter().map(|text| (*text).to_owned()).collect())
            );
        }
        assert!(RowKeys::new(&[], Vec::new()).is_empty());
    }
}
