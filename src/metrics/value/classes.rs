//! Which class customers are in: each by its place among all, or those who contribute the same together.

use super::{Basis, CLASSES, ClassSum, Figures, ValueParams, WHOLE};
use crate::schema::Micros;

/// The class of each amount, the greatest first: core until their sum reaches its part of the whole, the one that
/// reaches it included, and so on. Where the whole is nothing or less, nobody carries it.
pub(super) fn classes(ranked: &[Micros], params: &ValueParams) -> Vec<u8> {
    let whole: i128 = ranked.iter().map(|amount| i128::from(*amount)).sum();
    let mut before = 0_i128;
    let class = |before: i128| {
        let reached = before * i128::from(WHOLE);
        match reached {
            _ if whole <= 0 => 2,
            _ if reached < whole * i128::from(params.core) => 0,
            _ if reached < whole * i128::from(params.potential) => 1,
            _ => 2,
        }
    };
    let mut assign = |amount: &Micros| {
        let class = class(before);
        before += i128::from(*amount);
        class
    };
    ranked.iter().map(&mut assign).collect()
}

/// Customers who contribute the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Level {
    /// What each contributes.
    pub amount: Micros,
    /// What they come to.
    pub sum: ClassSum,
}

/// Where the first two classes end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Where core customers do.
    pub core: End,
    /// Where potential customers do.
    pub potential: End,
}

/// The last customer of a class and of those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct End {
    /// What this one contributes; above zero.
    pub amount: Micros,
    /// The place among those who contribute the same, from 1, by the order of lists.
    pub place: u64,
    /// How many these are.
    pub equals: u64,
}

impl Ends {
    /// Of levels in ascending order; none where the whole is nothing or less.
    pub fn of(levels: &[Level], params: &ValueParams) -> Option<Self> {
        let whole: i128 = levels.iter().map(|level| level.sum.contribution).sum();
        let end = |share: u32| End::of(levels, whole * i128::from(share));
        (whole > 0).then(|| Self { core: end(params.core), potential: end(params.potential) })
    }

    /// Whether a class ends among customers who contribute the same, so that their order decides who is in it.
    pub fn are_among_equals(&self) -> bool {
        [self.core, self.potential].iter().any(End::is_among_equals)
    }

    /// The class of all who contribute so much; none where a class ends among them.
    fn class(&self, amount: Micros) -> Option<u8> {
        let ends = [self.core, self.potential];
        match ends.iter().any(|end| end.amount == amount && end.is_among_equals()) {
            true => None,
            false => Some(ends.iter().filter(|end| amount < end.amount).count() as u8),
        }
    }
}

impl End {
    /// Where the sum of the greatest amounts reaches so much, in micro-units times [`WHOLE`]; more than nothing, and no
    /// more than all.
    fn of(levels: &[Level], aim: i128) -> Self {
        let (mut left, mut end) = (aim, Self::default());
        for Level { amount, sum } in levels.iter().rev() {
            if left <= 0 {
                break;
            }
            // As long as anything is left, there are amounts above zero, and this is the greatest of them.
            let each = i128::from(*amount) * i128::from(WHOLE);
            let place = u64::try_from((left + each - 1) / each).unwrap_or(u64::MAX).min(sum.customers);
            end = Self { amount: *amount, place, equals: sum.customers };
            left -= each * i128::from(sum.customers);
        }
        end
    }

    fn is_among_equals(&self) -> bool {
        self.place < self.equals
    }
}

/// The figures of levels in ascending order. `of_ends` are those who contribute as much as the last customer of a
/// class, by the class; they are looked at where a class ends among them.
pub fn sum_up(levels: &[Level], ends: Option<&Ends>, of_ends: &[(u8, Level)], basis: Basis) -> Figures {
    let mut figures = Figures::new(basis);
    for Level { amount, sum } in levels {
        figures.add(*amount, sum.customers);
        // Where the whole is nothing or less, nobody carries it.
        let class = ends.map_or(Some(CLASSES.len() as u8 - 1), |ends| ends.class(*amount));
        match class {
            Some(class) => figures.classes[usize::from(class)].add(sum),
            None => {
                let theirs = of_ends.iter().filter(|(_, level)| level.amount == *amount);
                theirs.for_each(|(class, level)| figures.classes[usize::from(*class)].add(&level.sum));
            }
        }
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_customer_who_reaches_a_share_is_within_it() {
        // 50, 30, 15, 5 of 100: the second reaches 80, the third 95.
        let classes = |ranked: &[i64]| {
            let ranked: Vec<Micros> = ranked.iter().copied().map(Micros::new).collect();
            classes(&ranked, &ValueParams::default())
        };
        assert_eq!(classes(&[50, 30, 15, 5]), [0, 0, 1, 2]);
        assert_eq!(classes(&[81, 14, 5]), [0, 1, 2]);
        assert_eq!(classes(&[100]), [0]);
        assert!(classes(&[]).is_empty());
        assert_eq!(classes(&[5, -10, -20]), [2, 2, 2]);
    }

    fn level(amount: i64, customers: u64) -> Level {
        let contribution = i128::from(amount) * i128::from(customers);
        Level {
            amount: Micros::new(amount),
            sum: ClassSum { customers, contribution, ..ClassSum::default() },
        }
    }

    /// Two of 25 and five of 10 are 100: the third of the five reaches 80, the last 95.
    #[test]
    fn a_class_ends_among_equals() {
        let levels = [level(10, 5), level(25, 2)];
        let of = |core, potential| {
            let params = ValueParams { core, potential, ..ValueParams::default() };
            Ends::of(&levels, &params).expect("ends")
        };
        let end = |amount, place, equals| End { amount: Micros::new(amount), place, equals };
        assert_eq!(of(8_000, 9_500), Ends { core: end(10, 3, 5), potential: end(10, 5, 5) });
        assert_eq!(of(8_001, 10_000).core, end(10, 4, 5));
        let whole = of(5_000, 10_000);
        assert_eq!(whole, Ends { core: end(25, 2, 2), potential: end(10, 5, 5) });
        assert!(of(8_000, 9_500).are_among_equals() && !whole.are_among_equals());
        assert_eq!([25, 10, 9].map(|amount| whole.class(Micros::new(amount))), [Some(0), Some(1), Some(2)]);
        assert_eq!([25, 10].map(|amount| of(8_000, 9_500).class(Micros::new(amount))), [Some(0), None]);
        assert_eq!(Ends::of(&[level(-20, 1), level(5, 2)], &ValueParams::default()), None);
    }

    /// Against giving each customer a class in turn: few amounts and many, below zero too, at shares up to all.
    #[test]
    fn levels_have_the_classes_of_their_customers() {
        let spread = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        for (count, most, below) in [(1, 3, 0), (7, 3, 0), (40, 5, 2), (300, 4, 1), (500, 1_000, 300)] {
            for (core, potential) in [(1, 2), (8_000, 9_500), (9_999, 10_000), (3_333, 6_667)] {
                let params = ValueParams { core, potential, ..ValueParams::default() };
                let mut ranked: Vec<i64> = (0..count).map(|i| (spread(i) % most) as i64 - below).collect();
                ranked.sort_unstable_by(|a, b| b.cmp(a));
                let amounts: Vec<Micros> = ranked.iter().copied().map(Micros::new).collect();
                let classes = classes(&amounts, &params);
                let mut levels: Vec<Level> = Vec::new();
                for run in ranked.chunk_by(|a, b| a == b) {
                    levels.insert(0, level(run[0], run.len() as u64));
                }
                let of_ends = ranked.iter().zip(&classes).map(|(amount, class)| (*class, level(*amount, 1)));
                let of_ends: Vec<(u8, Level)> = of_ends.collect();
                let ends = Ends::of(&levels, &params);
                let figures = sum_up(&levels, ends.as_ref(), &of_ends, Basis::default());
                let customers = figures.classes.map(|sum| sum.customers);
                let expected =
                    [0, 1, 2].map(|of| classes.iter().filter(|class| **class == of).count() as u64);
                assert_eq!(customers, expected, "{count} {most} {below} {core} {potential}");
            }
        }
    }
}
