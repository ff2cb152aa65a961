//! Tags that are given by rules: each rule is a condition on the columns of the customer table.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::{Ground, Table, Where, Wished};
use crate::error::{Error, Result};
use crate::locale::Words;
use crate::metrics::finish::flags;
use crate::schema::names;

/// A tag and its rules.
#[derive(Debug, Clone)]
pub struct TagRule {
    /// The tag's name.
    pub name: String,
    /// Whether the tag is given if any rule is true; else all must be.
    pub is_any: bool,
    /// The rules; there is at least one.
    pub rules: Vec<Where>,
}

/// All tags with rules. A rule may ask for tags of other rules, which are then judged before it.
#[derive(Debug, Clone, Default)]
pub struct TagRules {
    /// In the order of their declaration.
    tags: Vec<TagRule>,
    /// Indices into `tags`, in an order in which each tag comes after the tags that it asks for.
    order: Vec<usize>,
}

/// Why tags cannot be put into such an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRules {
    /// These tags ask for each other in a circle; the first one is repeated at the end.
    Circle(Vec<String>),
}

/// The result of a tag's rules for the rows of a ground.
#[derive(Debug, Clone)]
pub struct Judged {
    /// For each rule the rows for which it is true.
    pub rules: Vec<BooleanChunked>,
    /// For each row whether the customer has the tag.
    pub is_held: BooleanChunked,
}

impl TagRule {
    /// Parses the rules. Names that may be columns of files are checked when the files have been read.
    ///
    /// # Errors
    /// Wrong usage, naming the tag and the rule, with a mark at the place.
    pub fn parse(name: &str, is_any: bool, rules: &[String]) -> Result<Self> {
        let rule = |(number, text): (usize, &String)| {
            let rule = Where::parse(text, true).map_err(|error| at(error, name, number))?;
            if rule.names_column(names::TAGS) {
                let message = Words::of("error", "tag_of_tags", &[]);
                let hint = Words::of("error", "tag_of_tags_hint", &[]);
                return Err(at(Error::usage(message, hint), name, number));
            }
            Ok(rule)
        };
        let rules = (1..).zip(rules).map(rule).collect::<Result<Vec<Where>>>()?;
        Ok(Self { name: name.to_owned(), is_any, rules })
    }

    /// The text of all rules as one condition.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.rules.iter().map(Where::text).collect();
        match texts.as_slice() {
            [one] => (*one).to_owned(),
            several => {
                let joint = if self.is_any { " or " } else { " and " };
                several.iter().map(|text| format!("({text})")).collect::<Vec<_>>().join(joint)
            }
        }
    }

    /// The tags that the rules ask for.
    fn asked(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().flat_map(Where::tags)
    }
}

impl TagRules {
    /// Puts the tags into an order in which they can be judged.
    ///
    /// # Errors
    /// When rules ask for each other's tags in a circle, so that none of them can be judged first.
    pub fn new(tags: Vec<TagRule>) -> Result<Self, NoRules> {
        let places: BTreeMap<&str, usize> = tags.iter().map(|tag| tag.name.as_str()).zip(0..).collect();
        let mut order = Vec::with_capacity(tags.len());
        for start in 0..tags.len() {
            // Depth-first search. `way` holds the tags from the start to the current one, each with the tags it asks
            // for that have not been visited yet.
            let mut way = vec![(start, tags[start].asked())];
            while let Some((tag, asked)) = way.last_mut() {
                let tag = *tag;
                if order.contains(&tag) {
                    way.pop();
                    continue;
                }
                match asked.find_map(|name| places.get(name.trim()).copied()) {
                    None => {
                        order.push(tag);
                        way.pop();
                    }
                    Some(next) => {
                        if let Some(first) = way.iter().position(|(on_way, _)| *on_way == next) {
                            let circle = way[first..].iter().map(|(tag, _)| *tag).chain([next]);
                            return Err(NoRules::Circle(circle.map(|tag| tags[tag].name.clone()).collect()));
                        }
                        way.push((next, tags[next].asked()));
                    }
                }
            }
        }
        Ok(Self { tags, order })
    }

    /// The tags in the order of their declaration.
    pub fn tags(&self) -> &[TagRule] {
        &self.tags
    }

    /// Whether no tag has rules.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// The columns and calls that the rules ask for, other than tags.
    pub fn wished(&self) -> Wished {
        let mut wished = Wished::default();
        self.tags.iter().flat_map(|tag| &tag.rules).for_each(|rule| wished.add_all(&rule.wished()));
        wished.without_tags()
    }

    /// The tags that any rule asks for.
    pub fn asked(&self) -> BTreeSet<&str> {
        self.tags.iter().flat_map(TagRule::asked).map(str::trim).collect()
    }

    /// The tags that rules ask for and that have no rules themselves.
    pub fn asked_for(&self) -> BTreeSet<&str> {
        let is_ruled = |name: &&str| self.tags.iter().any(|tag| tag.name == *name);
        self.asked().into_iter().filter(|name| !is_ruled(name)).collect()
    }

    /// Judges the rules of each tag; the results are in the order of the declaration. `has_tag` says whether a person
    /// gave the tag to a row's customer by hand, and whether a rule had given it before. For tags with rules, their
    /// present result replaces the latter.
    ///
    /// # Errors
    /// Wrong usage, naming the tag and the rule, if a name is no column of the files either.
    pub fn judge(
        &self,
        ground: &Ground<'_>,
        has_tag: &dyn Fn(usize, &str) -> (bool, bool),
    ) -> Result<Vec<Judged>> {
        let table = Table::build(ground, &self.wished())?;
        let mut judged: Vec<Option<Judged>> = vec![None; self.tags.len()];
        for place in &self.order {
            let tag = &self.tags[*place];
            let mut with_tags = table.clone();
            for (column, asked) in tag.rules.iter().flat_map(Where::tag_columns) {
                let known = self.tags.iter().position(|tag| tag.name == asked.trim());
                let known = known.and_then(|place| judged[place].as_ref());
                let has_it = |row: usize| {
                    let (by_hand, by_rule) = has_tag(row, asked.trim());
                    let by_rule = known.map_or(by_rule, |known| known.is_held.get(row) == Some(true));
                    Some(by_hand || by_rule)
                };
                with_tags.frame.with_column(flags(&column, (0..ground.len()).map(has_it)))?;
            }
            let mut rules = Vec::with_capacity(tag.rules.len());
            for (number, rule) in (1..).zip(&tag.rules) {
                rules.push(rule.keeps(ground, &with_tags).map_err(|error| at(error, &tag.name, number))?);
            }
            let first = BooleanChunked::full(PlSmallStr::EMPTY, !tag.is_any, ground.len());
            let is_held = rules.iter().fold(first, |held, rule| match tag.is_any {
                true => held | rule.clone(),
                false => held & rule.clone(),
            });
            judged[*place] = Some(Judged { rules, is_held });
        }
        Ok(judged.into_iter().flatten().collect())
    }
}

/// An error about a rule, extended by the tag and the number of the rule, counted from 1.
fn at(error: Error, tag: &str, number: usize) -> Error {
    match error.parts() {
        Ok((why, hint)) => {
            let values = [("tag", tag.to_owned()), ("number", number.to_string()), ("why", why.to_string())];
            Error::usage(Words::of("error", "tag_rule", &values), hint)
        }
        Err(other) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, rules: &[&str]) -> TagRule {
        let rules: Vec<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
        TagRule::parse(name, false, &rules).expect("rules")
    }

    #[test]
    fn tags_are_judged_after_those_they_ask_for() {
        let rules = TagRules::new(vec![
            rule("c", &["has_tag('b') and has_tag('a')"]),
            rule("b", &["order_count > 1", "not has_tag('a')"]),
            rule("a", &["has_tag('by hand')"]),
        ]);
        let rules = rules.expect("an order");
        assert_eq!(rules.order, [2, 1, 0]);
        assert_eq!(rules.asked_for(), BTreeSet::from(["by hand"]));
    }

    #[test]
    fn a_circle_is_named() {
        let circle = |tags| TagRules::new(tags).expect_err("a circle");
        let of = |names: &[&str]| NoRules::Circle(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(circle(vec![rule("a", &["has_tag('a')"])]), of(&["a", "a"]));
        let three =
            vec![rule("x", &["has_tag('a')"]), rule("a", &["has_tag('b')"]), rule("b", &["has_tag('a')"])];
        assert_eq!(circle(three), of(&["a", "b", "a"]));
    }

    #[test]
    fn rules_are_one_condition() {
        let rules = |is_any, rules: &[&str]| TagRule { is_any, ..rule("t", rules) }.text();
        assert_eq!(rules(false, &["order_count > 1"]), "order_count > 1");
        assert_eq!(rules(true, &["age > 1", "age < 0"]), "(age > 1) or (age < 0)");
        assert_eq!(rules(false, &["age > 1", "age < 9"]), "(age > 1) and (age < 9)");
    }

    #[test]
    fn a_rule_cannot_ask_for_the_text_of_all_tags() {
        let error = TagRule::parse("t", false, &["tags like '%x%'".to_owned()]).expect_err("refused");
        assert!(error.to_string().contains("[[tag]] t, rule 1"), "{error}");
    }
}
