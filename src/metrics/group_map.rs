//! Maps from recency and frequency scores to groups, checked so that each pair of scores has exactly one.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::locale::Words;

/// A rectangle of the R×F grid under a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    /// The stable key of the group; several rectangles may share it.
    pub key: String,
    /// Recency scores, `4` or `4-5`.
    pub r: Scores,
    /// Frequency scores, `1` or `1-3`.
    pub f: Scores,
    /// What the group is called in tables, by language (`en`, `zh`); the key where it is not given.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub title: BTreeMap<String, String>,
}

/// A range of scores, written `3` or `1-3`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "ScoresText", into = "String")]
pub struct Scores(pub RangeInclusive<u8>);

#[derive(Deserialize)]
#[serde(untagged)]
enum ScoresText {
    One(u8),
    Text(String),
}

impl TryFrom<ScoresText> for Scores {
    /// The message in both languages, since the reader of the file passes it on as text (the display form of
    /// [`Words`]).
    type Error = Words;

    fn try_from(text: ScoresText) -> Result<Self, Words> {
        let text = match text {
            ScoresText::One(score) => return Ok(Self(score..=score)),
            ScoresText::Text(text) => text,
        };
        let (low, high) = text.split_once('-').unwrap_or((&text, &text));
        match (low.trim().parse(), high.trim().parse()) {
            (Ok(low), Ok(high)) if low <= high => Ok(Self(low..=high)),
            _ => Err(Words::of("error", "scores", &[("seen", format!("{text:?}"))])),
        }
    }
}

impl From<Scores> for String {
    fn from(scores: Scores) -> Self {
        format!("{}-{}", scores.0.start(), scores.0.end())
    }
}

/// A map that is total and without overlap over `bins × bins` scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMap {
    /// The groups' keys, in the order they are reported.
    pub keys: Vec<String>,
    /// The group of each pair: `[(r - 1) * bins + (f - 1)]`.
    cells: Vec<u8>,
    bins: u8,
}

impl GroupMap {
    /// The ten standard groups, over five bins; other numbers of bins are stretched onto five, so that the
    /// lowest and the highest score stay the lowest and the highest.
    pub fn standard(bins: u8) -> Self {
        const GROUPS: [(&str, RangeInclusive<u8>, RangeInclusive<u8>); 10] = [
            ("champions", 5..=5, 4..=5),
            ("loyal", 3..=4, 4..=5),
            ("potential_loyal", 4..=5, 2..=3),
            ("new", 5..=5, 1..=1),
            ("promising", 4..=4, 1..=1),
            ("need_attention", 3..=3, 3..=3),
            ("about_to_sleep", 3..=3, 1..=2),
            ("at_risk", 1..=2, 3..=4),
            ("cant_lose", 1..=2, 5..=5),
            ("hibernating", 1..=2, 1..=2),
        ];
        let group_of = |r: u8, f: u8| {
            let found = GROUPS.iter().position(|(_, rs, fs)| rs.contains(&r) && fs.contains(&f));
            found.map_or(0, |group| group as u8)
        };
        let scores = || 1..=bins;
        Self {
            keys: GROUPS.iter().map(|(key, ..)| (*key).to_owned()).collect(),
            cells: scores()
                .flat_map(|r| scores().map(move |f| group_of(onto_five(r, bins), onto_five(f, bins))))
                .collect(),
            bins,
        }
    }

    /// A user's own map. `file` is the file that it is from, for the error.
    ///
    /// # Errors
    /// If a pair of scores has no group or more than one, or if a range leaves the grid. The error names the pair and
    /// the groups.
    pub fn custom(rules: &[GroupRule], bins: u8, file: &str) -> Result<Self> {
        let fail = |key: &str, values: &[(&str, String)]| {
            let values = [&[("bins", bins.to_string())][..], values].concat();
            let hint = Words::of("error", "group_map_hint", &values);
            Err(Error::config(file, Words::of("error", key, &values), hint))
        };
        let mut keys: Vec<String> = Vec::new();
        let mut cells: Vec<Option<u8>> = vec![None; usize::from(bins) * usize::from(bins)];
        for rule in rules {
            let ranges = [&rule.r.0, &rule.f.0];
            if ranges.iter().any(|range| *range.start() < 1 || *range.end() > bins) {
                return fail("group_outside", &[("seen", format!("{:?}", rule.key))]);
            }
            let group = keys.iter().position(|key| *key == rule.key).unwrap_or_else(|| {
                keys.push(rule.key.clone());
                keys.len() - 1
            });
            for (r, f) in rule.r.0.clone().flat_map(|r| rule.f.0.clone().map(move |f| (r, f))) {
                let cell = &mut cells[cell_index(r, f, bins)];
                if let Some(other) = cell.replace(group as u8) {
                    let groups = [&keys[usize::from(other)], &rule.key].map(|key| format!("{key:?}"));
                    let [other, seen] = groups;
                    let values =
                        [("r", r.to_string()), ("f", f.to_string()), ("other", other), ("seen", seen)];
                    return fail("group_twice", &values);
                }
            }
        }
        if let Some(empty) = cells.iter().position(Option::is_none) {
            let (r, f) = (empty / usize::from(bins) + 1, empty % usize::from(bins) + 1);
            return fail("group_none", &[("r", r.to_string()), ("f", f.to_string())]);
        }
        Ok(Self { keys, cells: cells.into_iter().flatten().collect(), bins })
    }

    /// The highest score.
    pub fn bins(&self) -> u8 {
        self.bins
    }

    /// The number of the group that a pair of scores is in.
    pub fn group(&self, r: u8, f: u8) -> u8 {
        self.cells[cell_index(r, f, self.bins)]
    }

    /// The pairs of scores of a group, as people write them: `R 3-4, F 4-5`. Neighbouring rows with the same frequency
    /// scores are one rectangle; several rectangles are separated by semicolons.
    pub fn rule(&self, group: u8) -> String {
        /// The first and the last of consecutive scores in a row.
        type Run = (u8, u8);
        let of_row = |r: u8| -> Vec<Run> {
            let mut runs: Vec<Run> = Vec::new();
            for f in (1..=self.bins).filter(|f| self.group(r, *f) == group) {
                match runs.last_mut() {
                    Some(run) if run.1 + 1 == f => run.1 = f,
                    _ => runs.push((f, f)),
                }
            }
            runs
        };
        let mut rectangles: Vec<(Run, Vec<Run>)> = Vec::new();
        for (r, runs) in (1..=self.bins).map(|r| (r, of_row(r))).filter(|(_, runs)| !runs.is_empty()) {
            match rectangles.last_mut() {
                Some((rows, same)) if rows.1 + 1 == r && *same == runs => rows.1 = r,
                _ => rectangles.push(((r, r), runs)),
            }
        }
        let range = |(low, high): Run| if low == high { low.to_string() } else { format!("{low}-{high}") };
        let rectangle = |(rows, runs): (Run, Vec<Run>)| {
            let runs: Vec<String> = runs.into_iter().map(range).collect();
            format!("R {}, F {}", range(rows), runs.join("+"))
        };
        rectangles.into_iter().map(rectangle).collect::<Vec<_>>().join("; ")
    }
}

fn cell_index(r: u8, f: u8, bins: u8) -> usize {
    usize::from(r - 1) * usize::from(bins) + usize::from(f - 1)
}

/// `1 + (score - 1) * 4 / (bins - 1)`, rounded half up.
fn onto_five(score: u8, bins: u8) -> u8 {
    let (steps, span) = (u32::from(score - 1) * 4, u32::from(bins - 1));
    1 + ((2 * steps + span) / (2 * span)) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule_of(key: &str, r: RangeInclusive<u8>, f: RangeInclusive<u8>) -> GroupRule {
        GroupRule { key: key.into(), r: Scores(r), f: Scores(f), title: BTreeMap::new() }
    }

    #[test]
    fn the_standard_map_has_its_ten_groups_in_place() {
        let map = GroupMap::standard(5);
        let grid: Vec<Vec<&str>> = (1..=5)
            .rev()
            .map(|r| (1..=5).map(|f| map.keys[usize::from(map.group(r, f))].as_str()).collect())
            .collect();
        assert_eq!(grid[0], ["new", "potential_loyal", "potential_loyal", "champions", "champions"]);
        assert_eq!(grid[1], ["promising", "potential_loyal", "potential_loyal", "loyal", "loyal"]);
        assert_eq!(grid[2], ["about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"]);
        for row in &grid[3..] {
            assert_eq!(row[..], ["hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"]);
        }
    }

    #[test]
    fn a_group_says_its_scores() {
        let map = GroupMap::standard(5);
        let rule = |key: &str| map.rule(map.keys.iter().position(|of| of == key).expect("a group") as u8);
        assert_eq!(rule("potential_loyal"), "R 4-5, F 2-3");
        assert_eq!(rule("new"), "R 5, F 1");
        let ring = [rule_of("in", 2..=2, 2..=2), rule_of("out", 1..=1, 1..=3), rule_of("out", 3..=3, 1..=3)];
        let sides = [rule_of("out", 2..=2, 1..=1), rule_of("out", 2..=2, 3..=3)];
        let ring = GroupMap::custom(&[&ring[..], &sides].concat(), 3, "t").expect("a map");
        assert_eq!([ring.rule(0), ring.rule(1)], ["R 2, F 2", "R 1, F 1-3; R 2, F 1+3; R 3, F 1-3"]);
    }

    #[test]
    fn other_bin_counts_keep_the_ends() {
        assert_eq!((1..=3).map(|s| onto_five(s, 3)).collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!((1..=4).map(|s| onto_five(s, 4)).collect::<Vec<_>>(), [1, 2, 4, 5]);
        assert_eq!((1..=5).map(|s| onto_five(s, 5)).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!((1..=10).map(|s| onto_five(s, 10)).collect::<Vec<_>>(), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    }

    #[test]
    fn gaps_overlaps_and_strays_are_named() {
        let whole = [rule_of("low", 1..=2, 1..=3), rule_of("high", 3..=3, 1..=3)];
        assert!(GroupMap::custom(&whole, 3, "t").is_ok());
        let message = |rules: &[GroupRule]| GroupMap::custom(rules, 3, "t").unwrap_err().to_string();
        assert_eq!(message(&whole[..1]), "t: R 3 × F 1 is in no group");
        let overlap = [whole[0].clone(), rule_of("high", 2..=3, 1..=3)];
        assert_eq!(message(&overlap), "t: R 2 × F 1 is in two groups, \"low\" and \"high\"");
        assert!(message(&[rule_of("all", 1..=4, 1..=3)]).contains("outside the scores 1 to 3"));
    }
}
