//! A map from whole numbers, most of which are small, such as days between two events, to values.

use std::collections::BTreeMap;

/// A map from whole numbers to values. A number whose value equals [`Default`] counts as absent. Once a few of the
/// small numbers have values, these are kept in a vector, where looking one up takes no search. Numbers that are few or
/// far apart are kept in a tree, so that they take no space for those between them.
#[derive(Debug, Clone, Default)]
pub struct ByNumber<T> {
    /// The values of the numbers from 0 on.
    row: Vec<T>,
    /// The values of all numbers that are not in `row`.
    others: BTreeMap<i32, T>,
}

/// The row is begun once this many numbers have values.
const MIN_IN_A_ROW: usize = 4;

/// When the row is lengthened, it gets at most this many places for each number that is known then, near or far.
const MAX_PLACES_EACH: usize = 8;

impl<T: Default + PartialEq> ByNumber<T> {
    /// The value of a number, for changing it.
    #[inline]
    pub fn of(&mut self, number: i32) -> &mut T {
        match self.place(number) {
            Some(place) => &mut self.row[place],
            None => self.of_another(number),
        }
    }

    /// The value of a number that is not in the row.
    #[cold]
    fn of_another(&mut self, number: i32) -> &mut T {
        if !self.others.contains_key(&number) {
            self.widen(number);
        }
        match self.place(number) {
            Some(place) => &mut self.row[place],
            None => self.others.entry(number).or_default(),
        }
    }

    /// Whether a number has a value.
    pub fn has(&self, number: i32) -> bool {
        let value = self.place(number).map(|place| &self.row[place]).or_else(|| self.others.get(&number));
        value.is_some_and(|value| *value != T::default())
    }

    /// The numbers that have a value, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (i32, &T)> {
        let below = self.others.range(..0).map(|(number, value)| (*number, value));
        let above = self.others.range(0..).map(|(number, value)| (*number, value));
        let all = below.chain((0..).zip(&self.row)).chain(above);
        all.filter(|(_, value)| **value != T::default())
    }

    /// The place of a number in the row, if it is there.
    #[inline]
    fn place(&self, number: i32) -> Option<usize> {
        usize::try_from(number).ok().filter(|place| *place < self.row.len())
    }

    /// Lengthens the row for a new number, if enough numbers near it have values.
    fn widen(&mut self, number: i32) {
        let known = self.others.len() + self.row.len() / MAX_PLACES_EACH;
        let end = i32::try_from(MAX_PLACES_EACH * known).unwrap_or(i32::MAX);
        if known < MIN_IN_A_ROW || !(0..end).contains(&number) {
            return;
        }
        let last = self.others.range(0..end).next_back().map_or(number, |(last, _)| number.max(*last));
        self.row.resize_with(last as usize + 1, T::default);
        let mut near = self.others.split_off(&0);
        self.others.append(&mut near.split_off(&(last + 1)));
        near.into_iter().for_each(|(number, value)| self.row[number as usize] = value);
    }
}

impl<T: Default + PartialEq> PartialEq for ByNumber<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Default + Eq> Eq for ByNumber<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares it with a map, for numbers near and far, negative ones, and so many that the row is used, in any order.
    #[test]
    fn it_is_a_map() {
        let mut rng = fastrand::Rng::with_seed(3);
        for most in [15, 60, 400, 100_000] {
            let (mut numbers, mut map) = (ByNumber::<u64>::default(), BTreeMap::<i32, u64>::new());
            for i in 0..3_000 {
                let number = match i % 50 {
                    0 => -rng.i32(1..5),
                    1 => rng.i32(1_000_000..1_000_010),
                    _ => rng.i32(0..most),
                };
                *numbers.of(number) += 1;
                *map.entry(number).or_default() += 1;
                assert!(numbers.has(number) && !numbers.has(2_000_000) && !numbers.has(-9));
            }
            assert!(!numbers.row.is_empty(), "{most}");
            assert!(numbers.iter().map(|(number, count)| (number, *count)).eq(map), "{most}");
        }
    }

    /// Every second number up to 999 has a value: they are in the row, in which the odd numbers have none.
    #[test]
    fn what_has_no_value_is_not_there() {
        let mut numbers = ByNumber::<u64>::default();
        (0..500).for_each(|i| *numbers.of(2 * i) += 1);
        assert_eq!((numbers.row.len() > 900, numbers.others.len()), (true, 0));
        assert!(numbers.has(998) && !numbers.has(999) && !numbers.has(997));
        assert_eq!(numbers.iter().count(), 500);
        let mut reversed = ByNumber::default();
        (0..500).rev().for_each(|i| *reversed.of(2 * i) += 1);
        assert_eq!(numbers, reversed);
        // A thousand times as far apart, they would take a million places in the row.
        let mut far = ByNumber::<u64>::default();
        (0..500).for_each(|i| *far.of(2_000 * i) += 1);
        assert_eq!((far.row.len(), far.others.len()), (0, 500));
    }
}
