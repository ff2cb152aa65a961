//! The order of customer lists: by amount, then by id.

use std::cmp::Reverse;

use rayon::prelude::*;

use crate::schema::CustomerIds;

/// The places of rows of an amount and a customer's code: the greatest amount first, and of equal ones the customer
/// whose id comes first.
pub(super) fn by_amount(rows: &[(i64, u32)], customers: &CustomerIds) -> Vec<u32> {
    // Amounts are whole cents nearly always; how far one is below the greatest, how the id begins and the place then fit
    // one number, and sorting those looks nothing up.
    const CENT: i64 = 10_000;
    let amounts = || rows.iter().map(|row| row.0);
    let (Some(least), Some(greatest)) = (amounts().min(), amounts().max()) else { return Vec::new() };
    let range = (i128::from(greatest) - i128::from(least)) / i128::from(CENT);
    // What all ids begin with tells nothing.
    let prefixes: Vec<u128> = rows.par_iter().map(|row| customers.prefix(row.1)).collect();
    let differing = prefixes.iter().fold(0, |all, prefix| all | (prefix ^ prefixes[0]));
    let shared = differing.leading_zeros().min(u64::BITS);
    let rows_in_place = || {
        let beginnings = prefixes.par_iter().map(|prefix| (prefix << shared >> u64::BITS) as u64);
        rows.par_iter().map(|row| row.0).zip(beginnings).zip(0..rows.len() as u32)
    };
    if range <= i128::from(u32::MAX) && amounts().all(|amount| amount % CENT == 0) {
        let pack = |((amount, beginning), place): ((i64, u64), u32)| {
            let below = (greatest / CENT - amount / CENT) as u32;
            u128::from(below) << 96 | u128::from(beginning) << 32 | u128::from(place)
        };
        let mut packed: Vec<u128> = rows_in_place().map(pack).collect();
        packed.par_sort_unstable();
        return settle_ties(&packed, |a, b| a >> 32 == b >> 32, |packed| *packed as u32, rows, customers);
    }
    let pack = |((amount, beginning), place): ((i64, u64), u32)| (Reverse(amount), beginning, place);
    let mut packed: Vec<(Reverse<i64>, u64, u32)> = rows_in_place().map(pack).collect();
    packed.par_sort_unstable();
    settle_ties(&packed, |a, b| (a.0, a.1) == (b.0, b.1), |packed| packed.2, rows, customers)
}

/// The places of sorted rows; those that are equal as far as was looked at are put into the order of the whole ids.
fn settle_ties<T>(
    sorted: &[T],
    are_equal: impl Fn(&T, &T) -> bool,
    place: impl Fn(&T) -> u32,
    rows: &[(i64, u32)],
    customers: &CustomerIds,
) -> Vec<u32> {
    let mut order = Vec::with_capacity(sorted.len());
    for equal in sorted.chunk_by(are_equal) {
        let start = order.len();
        order.extend(equal.iter().map(&place));
        if equal.len() > 1 {
            order[start..].sort_by_cached_key(|place| customers.text(rows[*place as usize].1));
        }
    }
    order
}
