//! The churn line: the days of silence after which a customer is taken as lost.

use crate::stats::survival::{Durations, Silence};

/// A chance of return is only computed if at least this many customers are watched for that long.
pub const MIN_WATCHED: u64 = 20;

/// The default number of days within which a customer who is not lost may come back.
pub const RETURN_DAYS: u32 = 90;

/// How the churn line is determined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ChurnRule {
    /// The shortest silence after which fewer than the share `chance` of the silent customers order again within the
    /// next `days`.
    Chance {
        /// Share of the silent customers, from 0 to 1.
        chance: f64,
        /// The period in days.
        days: u32,
    },
    /// This percentile of the gaps that have ended.
    Percentile(u64),
    /// This number of days.
    Days(u32),
}

impl Default for ChurnRule {
    fn default() -> Self {
        Self::Chance { chance: 0.1, days: RETURN_DAYS }
    }
}

/// The churn lines in days; `None` if no line can be determined, so that nobody is lost.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ChurnLines {
    /// The line for buyers with one order day.
    pub one: Option<f64>,
    /// The line for buyers with several order days.
    pub several: Option<f64>,
}

impl ChurnLines {
    /// The same line for all.
    pub fn both(days: f64) -> Self {
        Self { one: Some(days), several: Some(days) }
    }

    /// The line for a buyer with this number of gaps between order days.
    pub fn after(self, gaps: u32) -> Option<f64> {
        if gaps == 0 { self.one } else { self.several }
    }
}

impl ChurnRule {
    /// The lines of a shop, from the gaps after first order days and those after later ones.
    pub(super) fn lines(self, first: &Durations, later: &Durations) -> ChurnLines {
        match self {
            Self::Days(days) => ChurnLines::both(f64::from(days)),
            Self::Percentile(percent) => {
                let mut all = first.clone();
                all.merge(later);
                let line = all.completed(percent);
                ChurnLines { one: line, several: line }
            }
            Self::Chance { chance, days } => {
                let line = |gaps: &Durations| {
                    let found = gaps.silence(chance, days as i32, MIN_WATCHED)?;
                    Some(f64::from(found.time))
                };
                ChurnLines { one: line(first), several: line(later) }
            }
        }
    }

    /// What a silence as long as the line means according to these gaps: the chance of return, and how many customers
    /// were watched for that long; `None` if these are fewer than [`MIN_WATCHED`].
    pub(super) fn meaning(self, line: f64, gaps: &Durations) -> Option<Silence> {
        let days = if let Self::Chance { days, .. } = self { days } else { RETURN_DAYS };
        gaps.after(line as i32, days as i32).filter(|silence| silence.at_risk >= MIN_WATCHED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 40 customers with one order day, half come back after ten days and nobody later. Of 40 with several, all but
    /// two come back.
    #[test]
    fn buyers_of_one_order_and_of_several_have_lines_of_their_own() {
        let (mut first, mut later) = (Durations::default(), Durations::default());
        (0..20).for_each(|_| first.add(10, true));
        (0..20).for_each(|_| first.add(200, false));
        (0..38).for_each(|_| later.add(40, true));
        (0..2).for_each(|_| later.add(200, false));
        let lines = |rule: ChurnRule| rule.lines(&first, &later);
        let found = lines(ChurnRule::default());
        assert_eq!(found, ChurnLines { one: Some(10.0), several: None });
        assert_eq!((found.after(0), found.after(1)), (Some(10.0), None));
        // There are 20 gaps of ten days and 38 of forty. The median is the value at position 0.5 · 57 = 28.5 from 0, a
        // forty.
        assert_eq!(lines(ChurnRule::Percentile(50)), ChurnLines::both(40.0));
        assert_eq!(lines(ChurnRule::Days(60)), ChurnLines::both(60.0));
        let meaning = |line, gaps| ChurnRule::default().meaning(line, gaps);
        assert_eq!(meaning(10.0, &first), Some(Silence { time: 10, chance: 0.0, at_risk: 20 }));
        assert_eq!(meaning(5.9, &first).map(|silence| silence.chance), Some(0.5));
        assert_eq!(meaning(40.0, &later), None);
    }

    #[test]
    fn without_gaps_nobody_is_lost() {
        let nothing = Durations::default();
        for rule in [ChurnRule::default(), ChurnRule::Percentile(80)] {
            assert_eq!(rule.lines(&nothing, &nothing), ChurnLines::default());
        }
    }
}
