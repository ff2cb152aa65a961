//! The classes of customers: of each by the place in the ranking, or of all with the same contribution together.

use super::{Basis, CLASSES, ClassSum, Figures, ValueParams, WHOLE};
use crate::schema::Micros;

/// The class of each amount, given the greatest first. Customers are core up to and including the one with whom the sum
/// reaches its share of the whole, then potential up to theirs, then mass. If the whole is 0 or less, all are mass.
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

/// The customers with the same contribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Level {
    /// The contribution of each.
    pub amount: Micros,
    /// Their sums.
    pub sum: ClassSum,
}

/// The last customers of the first two classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// The last core customer.
    pub core: End,
    /// The last potential customer.
    pub potential: End,
}

/// The last customer of a class, as a place in the ranking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct End {
    /// The contribution of this customer; above 0.
    pub amount: Micros,
    /// The place among the customers with the same contribution, from 1, in the order of lists.
    pub place: u64,
    /// The number of customers with the same contribution.
    pub equals: u64,
}

impl Ends {
    /// The ends of the classes, from levels in ascending order; `None` if the whole is 0 or less.
    pub fn of(levels: &[Level], params: &ValueParams) -> Option<Self> {
        let whole: i128 = levels.iter().map(|level| level.sum.contribution).sum();
        let end = |share: u32| End::of(levels, whole * i128::from(share));
        (whole > 0).then(|| Self { core: end(params.core), potential: end(params.potential) })
    }

    /// Whether a class ends among customers with the same contribution, so that the order of their ids decides their
    /// class.
    pub fn are_among_equals(&self) -> bool {
        [self.core, self.potential].iter().any(End::is_among_equals)
    }

    /// The class of all customers with this contribution; `None` if a class ends among them.
    fn class(&self, amount: Micros) -> Option<u8> {
        let ends = [self.core, self.potential];
        match ends.iter().any(|end| end.amount == amount && end.is_among_equals()) {
            true => None,
            false => Some(ends.iter().filter(|end| amount < end.amount).count() as u8),
        }
    }
}

impl End {
    /// The customer with whom the sum of the greatest amounts reaches `aim`, in micro-units times [`WHOLE`]. `aim` must
    /// be above 0 and no more than the sum of all.
    fn of(levels: &[Level], aim: i128) -> Self {
        let (mut left, mut end) = (aim, Self::default());
        for Level { amount, sum } in levels.iter().rev() {
            if left <= 0 {
                break;
            }
            // While something is left of the aim, there are amounts above 0 left, and this is the greatest of them.
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

/// The figures of levels in ascending order. `of_ends` has the customers with the same contributions as the last
/// customers of classes, by class; it is used where a class ends among them.
pub fn sum_up(levels: &[Level], ends: Option<&Ends>, of_ends: &[(u8, Level)], basis: Basis) -> Figures {
    let mut figures = Figures::new(basis);
    for Level { amount, sum } in levels {
        figures.add(*amount, sum.customers);
        // If the whole is 0 or less, all are mass.
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
        // With 50, 30, 15 and 5 of 100, the second customer reaches 80 and the third 95.
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

    /// Two amounts of 25 and five of 10 make 100: the third of the five reaches 80, and the last of them reaches 95.
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

    /// Compares the levels with giving each customer a class in turn, for few and many amounts, also below 0, and
    /// shares up to all.
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
