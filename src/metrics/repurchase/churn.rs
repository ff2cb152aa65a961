//! The silence past which a customer is taken as lost.

use crate::stats::survival::{Durations, Silence};

/// A chance of return is worked out where so many customers are still watched at its end.
pub const MIN_WATCHED: u64 = 20;

/// Days within which a customer who is not lost may come back, where nobody says others.
pub const RETURN_DAYS: u32 = 90;

/// What the silence past which a customer is lost is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ChurnRule {
    /// The least after which fewer than `chance` of the silent, 0 to 1, come back within the next `days`.
    Chance {
        /// Part of the silent.
        chance: f64,
        /// Days.
        days: u32,
    },
    /// A percentile of the gaps that have ended.
    Percentile(u64),
    /// So many days.
    Days(u32),
}

impl Default for ChurnRule {
    fn default() -> Self {
        Self::Chance { chance: 0.1, days: RETURN_DAYS }
    }
}

/// The churn lines in days; none where the line is never reached, so that nobody is lost.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ChurnLines {
    /// Of buyers with one order day.
    pub one: Option<f64>,
    /// Of buyers with several.
    pub several: Option<f64>,
}

impl ChurnLines {
    /// The same line for all.
    pub fn both(days: f64) -> Self {
        Self { one: Some(days), several: Some(days) }
    }

    /// The line of a buyer with so many gaps between order days.
    pub fn after(self, gaps: u32) -> Option<f64> {
        if gaps == 0 { self.one } else { self.several }
    }
}

impl ChurnRule {
    /// The lines of a shop, from the gaps after first orders and those after later ones.
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

    /// What the silence of a line means by these gaps, where enough are watched to say it.
    pub(super) fn meaning(self, line: f64, gaps: &Durations) -> Option<Silence> {
        let days = if let Self::Chance { days, .. } = self { days } else { RETURN_DAYS };
        gaps.after(line as i32, days as i32).filter(|silence| silence.at_risk >= MIN_WATCHED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half of 40 come back after ten days, and nobody else; of 40 others all but two.
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
        // 20 gaps of ten days and 38 of forty: at 0.5 · 57 stands the 29th, a forty.
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
