//! The tags of a person, and the rules that give them.

use polars::prelude::BooleanChunked;

use super::{Person, TABLES};
use crate::answer::{Kind, Spec, Table};
use crate::customers::{Judged, TagRule, Where};
use crate::error::{Error, Result};
use crate::hand::Tagged;
use crate::metrics::finish::{dates, flags, frame, texts};
use crate::schema::names;

/// A row of the table: a tag with one of its rules, or alone where it has none.
struct Line<'a> {
    tag: &'a str,
    /// The tag as the file has it; `None` where a rule gives the tag but has not been applied yet.
    set: Option<&'a Tagged>,
    rule: Option<(&'a str, bool)>,
}

impl Person<'_> {
    /// The tags that the person has, then those that rules give but that have not been applied yet: one row per rule.
    pub(super) fn tags(&self) -> Result<Table> {
        let judged = self.judged()?;
        let lines = self.lines(&judged);
        let set = || lines.iter().map(|line| line.set);
        let note = |set: Option<&Tagged>| Some(set?.note.as_deref()?.to_owned());
        let columns = vec![
            texts(names::TAG, lines.iter().map(|line| Some(line.tag.to_owned()))),
            texts(names::ORIGIN, set().map(|set| Some(set?.origin.name().to_owned()))),
            dates(names::SINCE, set().map(|set| Some(set?.since))),
            texts(names::RULE, lines.iter().map(|line| Some(line.rule?.0.to_owned()))),
            flags(names::IS_TRUE, lines.iter().map(|line| Some(line.rule?.1))),
            texts(names::NOTE, set().map(note)),
        ];
        let specs = vec![
            Spec::new(names::TAG, Kind::Text, 0),
            Spec::new(names::ORIGIN, Kind::Label("tag_origin"), 0),
            Spec::new(names::SINCE, Kind::Date, 1),
            Spec::new(names::RULE, Kind::Text, 0),
            Spec::new(names::IS_TRUE, Kind::Flag, 0),
            Spec::new(names::NOTE, Kind::Text, 2),
        ];
        Ok(Table::new("tags", "tags", specs, frame(columns)?))
    }

    /// The result of each tag's rules. If a rule uses a column that these files do not have, no rule has a result, and
    /// the other tables are still shown.
    fn judged(&self) -> Result<Vec<(&TagRule, Judged)>> {
        let ground = self.ground;
        let has_tag = |row: usize, tag: &str| {
            let key = ground.ids.key(ground.codes()[row]);
            ground.hand.tags.as_ref().map_or((false, false), |tags| tags.has(key, tag))
        };
        let rules = self.tag_rules;
        match rules.judge(ground, &has_tag) {
            Ok(judged) => Ok(rules.tags().iter().zip(judged).collect()),
            // If tags are the only table asked for, the error is reported; beside other tables it becomes a remark.
            Err(Error::Usage { message, .. }) if (self.shows)(TABLES[0]) => {
                self.unjudged.get_or_init(|| message.to_string());
                Ok(Vec::new())
            }
            Err(other) => Err(other),
        }
    }

    fn lines<'a>(&'a self, judged: &'a [(&'a TagRule, Judged)]) -> Vec<Line<'a>> {
        let is_true = |truths: &BooleanChunked| self.row.and_then(|row| truths.get(row)) == Some(true);
        let of_tag = |tag: &'a str, set: Option<&'a Tagged>| -> Vec<Line<'a>> {
            let rules = judged.iter().find(|(rule, _)| rule.name == tag).into_iter();
            let rules = rules.flat_map(|(rule, judged)| rule.rules.iter().zip(&judged.rules));
            let rule = |(rule, truths): (&'a Where, &BooleanChunked)| Line {
                tag,
                set,
                rule: Some((rule.text(), is_true(truths))),
            };
            let lines: Vec<Line<'a>> = rules.map(rule).collect();
            if lines.is_empty() { vec![Line { tag, set, rule: None }] } else { lines }
        };
        let mut lines: Vec<Line<'a>> = Vec::new();
        if let Some(tags) = &self.ground.hand.tags {
            for one in tags.by_customer().of(self.ground.ids.key(self.code)) {
                lines.extend(of_tag(&tags.names()[one.tag], Some(one)));
            }
        }
        let set: Vec<&str> = lines.iter().map(|line| line.tag).collect();
        let due = judged
            .iter()
            .filter(|(rule, judged)| is_true(&judged.is_held) && !set.contains(&rule.name.as_str()));
        lines.extend(due.flat_map(|(rule, _)| of_tag(&rule.name, None)));
        lines
    }
}
