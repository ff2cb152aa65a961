//! Counts per day.

/// Counts by day (since 1970-01-01), for days at most about a lifetime apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayCounts {
    /// The day of the first count.
    first: i32,
    counts: Vec<u64>,
}

impl DayCounts {
    /// Adds `count` on a day.
    #[inline]
    pub fn add(&mut self, day: i32, count: u64) {
        if let Some(known) =
            usize::try_from(day - self.first).ok().and_then(|place| self.counts.get_mut(place))
        {
            *known += count;
        } else if count > 0 {
            self.reach(day);
            self.add(day, count);
        }
    }

    /// Extends the counts to a day.
    #[cold]
    fn reach(&mut self, day: i32) {
        if self.counts.is_empty() {
            self.first = day;
        }
        let (first, end) = (self.first.min(day), (self.first + self.counts.len() as i32).max(day + 1));
        let mut counts = vec![0; (end - first) as usize];
        let before = (self.first - first) as usize;
        counts[before..before + self.counts.len()].copy_from_slice(&self.counts);
        *self = Self { first, counts };
    }

    /// Adds all counts of another.
    pub fn merge(&mut self, other: &Self) {
        other.iter().for_each(|(day, count)| self.add(day, count));
    }

    /// Keeps only the counts of days for which `is_kept` is true.
    pub fn retain(&mut self, is_kept: impl Fn(i32) -> bool) {
        let days = (self.first..).zip(&mut self.counts);
        days.filter(|(day, _)| !is_kept(*day)).for_each(|(_, count)| *count = 0);
    }

    /// The days with a count above 0, ascending, with their counts.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (i32, u64)> + Clone {
        let days = self.counts.iter().enumerate().map(|(place, count)| (self.first + place as i32, *count));
        days.filter(|(_, count)| *count > 0)
    }

    /// Each day, repeated as often as it was counted.
    pub fn days(&self) -> impl Iterator<Item = i32> + Clone {
        self.iter().flat_map(|(day, count)| std::iter::repeat_n(day, count as usize))
    }

    /// The sum over all days.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The first day with a count above 0.
    pub fn first_day(&self) -> Option<i32> {
        self.iter().next().map(|(day, _)| day)
    }

    /// The last day with a count above 0.
    pub fn last_day(&self) -> Option<i32> {
        self.iter().next_back().map(|(day, _)| day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_in_whatever_order_they_come() {
        let mut counts = DayCounts::default();
        assert_eq!((counts.first_day(), counts.last_day(), counts.total()), (None, None, 0));
        for day in [20, 18, 25, 18, -3] {
            counts.add(day, 1);
        }
        counts.add(30, 0);
        let mut other = DayCounts::default();
        other.add(40, 2);
        counts.merge(&other);
        assert_eq!(counts.iter().collect::<Vec<_>>(), [(-3, 1), (18, 2), (20, 1), (25, 1), (40, 2)]);
        assert_eq!(counts.days().collect::<Vec<_>>(), [-3, 18, 18, 20, 25, 40, 40]);
        assert_eq!((counts.first_day(), counts.last_day(), counts.total()), (Some(-3), Some(40), 7));
    }
}
