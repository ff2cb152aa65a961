//! The order of customer lists: by a number, then by the customer's id.

use rayon::prelude::*;

use crate::rows::partition::{PARTITIONS, bounds, partition_order};
use crate::schema::{CustomerCode, CustomerIds, Key};

/// Rows that one core puts into partitions at a time.
const AT_ONCE: usize = 1 << 14;

/// From this many rows on, sorting one partition is worth more than one core.
const MIN_ROWS_FOR_TWO_CORES: usize = 1 << 18;

/// Sorts rows, of which there is one per customer, by rank and then by the customer's id, both ascending. `by` gives a
/// row's rank and its customer's code. `take` gets the rows of one stretch of the sorted list, with the keys of their
/// customers; its results are returned in the order of the list.
///
/// Rows are put into partitions by rank first, so that sorting and `take` work in cache (a sample sort: Frazer and
/// McKellar, "Samplesort", 1970). Over two and a half million customers `rfm` as a whole takes a fifth longer with a
/// parallel sort of pairs, and two thirds longer if polars sorts the columns.
pub(super) fn in_order<T: Copy + Send + Sync, R: Send>(
    rows: &[&[T]],
    by: impl Fn(&T) -> (i64, CustomerCode) + Sync,
    customers: &CustomerIds,
    take: impl Fn(Vec<T>, Vec<Key>) -> R + Sync,
) -> Vec<R> {
    let splitters = Splitters::new(rows, |row| by(row).0);
    let stretches: Vec<&[T]> = rows.iter().flat_map(|rows| rows.chunks(AT_ONCE)).collect();
    let first = stretches.first().and_then(|rows| rows.first());
    let base = first.map_or(0, |row| prefix(customers, customers.key(by(row).1)));
    let spread = |rows: &&[T]| {
        let keys: Vec<Key> = rows.iter().map(|row| customers.key(by(row).1)).collect();
        let differing = keys.iter().fold(0, |all, key| {
            // Long ids are not looked up for this; they are taken to differ in every bit.
            all | if key.is_hash() { u128::MAX } else { prefix(customers, *key) ^ base }
        });
        let partitions: Vec<u8> = rows.iter().map(|row| splitters.partition(by(row).0)).collect();
        let (order, starts) = partition_order(&partitions);
        Spread { rows: listed(rows, &order), keys: listed(&keys, &order), starts, differing }
    };
    let spread: Vec<Spread<T>> = stretches.par_iter().with_max_len(1).map(spread).collect();
    // The bits with which all ids begin do not help to sort them.
    let shared = spread.iter().fold(0, |all, spread| all | spread.differing).leading_zeros();
    let sort = |partition: usize| {
        let count = spread.iter().map(|of| bounds(&of.starts, partition).len()).sum();
        let (mut rows, mut keys) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for of in &spread {
            rows.extend_from_slice(&of.rows[bounds(&of.starts, partition)]);
            keys.extend_from_slice(&of.keys[bounds(&of.starts, partition)]);
        }
        let order = order(&rows, &keys, |row| by(row).0, shared, customers);
        take(listed(&rows, &order), listed(&keys, &order))
    };
    (0..splitters.partitions).into_par_iter().with_max_len(1).map(sort).collect()
}

/// The values at these places, in the order of the places.
fn listed<T: Copy>(values: &[T], places: &[u32]) -> Vec<T> {
    places.iter().map(|place| values[*place as usize]).collect()
}

/// Rows in partitions by rank.
struct Spread<T> {
    rows: Vec<T>,
    /// The keys of the rows' customers.
    keys: Vec<Key>,
    /// Where each partition begins.
    starts: Vec<u32>,
    /// Bits in which the beginnings of their customers' ids may differ.
    differing: u128,
}

/// Ranks that divide rows into partitions of about the same size.
struct Splitters {
    partitions: usize,
    /// The least rank of each partition but the first.
    least: [i64; PARTITIONS],
}

impl Splitters {
    /// Splitters for these rows, from a sample of their ranks.
    fn new<T>(rows: &[&[T]], rank: impl Fn(&T) -> i64) -> Self {
        /// Partitions of fewer rows are not worth the effort.
        const MIN_ROWS_OF_PARTITION: usize = 1 << 12;
        const SAMPLES_EACH: usize = 16;
        let count = rows.iter().map(|rows| rows.len()).sum::<usize>();
        let partitions = (count / MIN_ROWS_OF_PARTITION).clamp(1, PARTITIONS);
        let samples = partitions * SAMPLES_EACH;
        let every = (count / samples).max(1);
        let mut ranks: Vec<i64> =
            rows.iter().copied().flatten().step_by(every).take(samples).map(rank).collect();
        ranks.sort_unstable();
        let mut least = [i64::MAX; PARTITIONS];
        let every = ranks.into_iter().skip(SAMPLES_EACH).step_by(SAMPLES_EACH).take(partitions - 1);
        least.iter_mut().zip(every).for_each(|(place, rank)| *place = rank);
        Self { partitions, least }
    }

    /// The partition of a rank, by a binary search without branches: a branch would be predicted wrongly half of the
    /// time.
    #[inline]
    fn partition(&self, rank: i64) -> u8 {
        let mut before = 0;
        let mut step = PARTITIONS / 2;
        while step > 0 {
            before += step * usize::from(self.least[(before + step - 1) % PARTITIONS] <= rank);
            step /= 2;
        }
        // Splitters that are not used are `i64::MAX`. A row of that rank would otherwise get a partition that does not
        // exist.
        before.min(self.partitions - 1) as u8
    }
}

/// The places of rows, sorted by rank and then by id. `shared` is the number of bits with which all ids begin.
fn order<T>(
    rows: &[T],
    keys: &[Key],
    rank: impl Fn(&T) -> i64,
    shared: u32,
    customers: &CustomerIds,
) -> Vec<u32> {
    let ranks = || rows.iter().map(&rank);
    let (Some(least), Some(greatest)) = (ranks().min(), ranks().max()) else { return Vec::new() };
    // Each row becomes one number of 64 bits. It ends with the row's place; before that stand how far its rank is above
    // the least one and then the beginning of its id, as many bits of both as there is room for. To sort these numbers
    // nothing needs to be looked up.
    let place_bits = usize::BITS - rows.len().leading_zeros();
    let rank_bits = u64::BITS - greatest.abs_diff(least).leading_zeros();
    let room = u64::BITS - place_bits;
    let pack = |((rank, key), place): ((i64, &Key), u64)| {
        let above = u128::from(rank.abs_diff(least)).checked_shl(u128::BITS - rank_bits).unwrap_or(0);
        let beginning = prefix(customers, *key).checked_shl(shared).unwrap_or(0);
        let both = above | beginning.checked_shr(rank_bits).unwrap_or(0);
        ((both >> (u128::BITS - room)) as u64) << place_bits | place
    };
    let mut packed: Vec<u64> = ranks().zip(keys).zip(0..).map(pack).collect();
    if packed.len() < MIN_ROWS_FOR_TWO_CORES {
        packed.sort_unstable()
    } else {
        packed.par_sort_unstable()
    }
    let place = |packed: &u64| (packed & ((1 << place_bits) - 1)) as u32;
    let mut order: Vec<u32> = packed.iter().map(place).collect();
    let are_equal = |a: u64, b: u64| a >> place_bits == b >> place_bits;
    let of = |place: u32| {
        let key = keys[place as usize];
        (rank(&rows[place as usize]), prefix(customers, key), key)
    };
    // Rows whose numbers differ in nothing but the place are sorted by what the numbers have no room for.
    let mut start = 0;
    while let Some(equal) = packed[start..].windows(2).position(|pair| are_equal(pair[0], pair[1])) {
        start += equal;
        let end =
            start + packed[start..].iter().take_while(|other| are_equal(**other, packed[start])).count();
        settle(&mut order[start..end], of, customers);
        start = end;
    }
    order
}

/// Sorts rows by what `of` gives for each: its rank, the beginning of its id, and the key of its whole id.
fn settle(places: &mut [u32], of: impl Fn(u32) -> (i64, u128, Key), customers: &CustomerIds) {
    let rank_and_prefix = |place: u32| (of(place).0, of(place).1);
    places.sort_by_cached_key(|place| rank_and_prefix(*place));
    for equal in places.chunk_by_mut(|a, b| rank_and_prefix(*a) == rank_and_prefix(*b)) {
        equal.sort_by_cached_key(|place| customers.text_of(of(*place).2));
    }
}

/// The first 16 bytes of an id, zero-padded, as a number. These numbers have the same order as the texts of the ids, as
/// far as the first 16 bytes decide it.
#[inline]
fn prefix(customers: &CustomerIds, key: Key) -> u128 {
    key.short_text().map_or_else(|| long_prefix(customers, key), u128::from_be_bytes)
}

fn long_prefix(customers: &CustomerIds, key: Key) -> u128 {
    let mut bytes = [0; 16];
    customers.with_text(key, |text| {
        let len = text.len().min(bytes.len());
        bytes[..len].copy_from_slice(&text.as_bytes()[..len]);
    });
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn customers(texts: &[String]) -> CustomerIds {
        let key = |text: &String| Key::of(text.as_bytes());
        let long = texts.iter().map(|text| (key(text), text.as_str().into())).collect::<HashMap<_, _>>();
        CustomerIds::new(texts.iter().map(key).collect(), long)
    }

    #[test]
    fn prefixes_order_as_texts_do() {
        let texts = ["a", "b", "ab", "a-long-id-of-some-kind", "10", "9", "100000000000000000", "小明", "aa"];
        let mut texts = texts.map(str::to_owned);
        let ids = customers(&texts);
        let mut codes: Vec<CustomerCode> = ids.codes().collect();
        codes.sort_by_key(|&code| prefix(&ids, ids.key(code)));
        texts.sort();
        assert_eq!(codes.iter().map(|&code| ids.text(code)).collect::<Vec<_>>(), texts);
    }

    /// The result is compared with sorting by rank and text: for ranks that are close together, far apart or all equal,
    /// and for ids that are long or begin alike.
    #[test]
    fn rows_come_by_rank_and_id() {
        let spread = |i: usize| (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let ranks: [&dyn Fn(usize) -> i64; 4] = [
            &|i| (spread(i) % 1000) as i64 - 500,
            &|_| 7,
            &|i| if i % 2 == 0 { i64::MIN + i as i64 } else { i64::MAX - i as i64 },
            &|i| if i % 100 == 0 { spread(i) as i64 } else { 0 },
        ];
        let ids: [&dyn Fn(usize) -> String; 3] = [
            &|i| format!("u{:06}", spread(i) % 1_000_000 * 100_000 + i as u64),
            &|i| format!("someone-with-a-long-name-{}@example.com", spread(i)),
            &|i| if i % 3 == 0 { format!("{}", spread(i)) } else { format!("shared-beginning-{i}") },
        ];
        for rank in ranks {
            for id in ids {
                for count in [0, 1, 2, 300, 70_000] {
                    let texts: Vec<String> = (0..count).map(id).collect();
                    let rows: Vec<(i64, CustomerCode)> =
                        (0..count).map(|i| (rank(i), CustomerCode::new(i as u32))).collect();
                    let customers = customers(&texts);
                    let take = |rows: Vec<(i64, CustomerCode)>, keys: Vec<Key>| {
                        assert!(rows.iter().zip(&keys).all(|(row, key)| customers.key(row.1) == *key));
                        rows
                    };
                    let pieces: Vec<&[(i64, CustomerCode)]> = rows.chunks(30_000).collect();
                    let found = in_order(&pieces, |row| *row, &customers, take).concat();
                    let mut expected = rows.clone();
                    expected.sort_by(|a, b| (a.0, &texts[a.1.place()]).cmp(&(b.0, &texts[b.1.place()])));
                    assert_eq!(found, expected, "{count} rows");
                }
            }
        }
    }

    /// Looking up rows that the packed numbers already distinguish would give the same order, but take longer.
    #[test]
    fn what_the_packed_numbers_tell_apart_is_not_looked_at_again() {
        let texts: Vec<String> = (0..100).map(|i| format!("u{i}")).collect();
        let customers = customers(&texts);
        let keys: Vec<Key> = customers.keys().to_vec();
        // Each rank below 100 once.
        let rows: Vec<i64> = (0..100).map(|i| i * 37 % 100).collect();
        let looks = std::cell::Cell::new(0);
        let rank = |row: &i64| {
            looks.set(looks.get() + 1);
            *row
        };
        let found = order(&rows, &keys, rank, 0, &customers);
        assert!(listed(&rows, &found).into_iter().eq(0..100));
        // Each rank is asked for three times: for the least one, for the greatest one, and to be packed.
        assert_eq!(looks.get(), 3 * 100);
    }
}
