//! `[[tag]]` and `[tags]`: the shop's tags, and the rules that give them.

use serde::Deserialize;
use toml::Value;

use super::{Config, rules};
use crate::customers::{NoRules, TagRule, TagRules};
use crate::error::{Error, Result, said};
use crate::hand::tag_name;
use crate::locale::Words;

/// Default for the most tags that a shop may have.
const MAX_TAGS: u32 = 100;

/// A `[[tag]]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tag {
    /// Its name in `tags.csv`.
    pub name: String,
    /// Its title in tables.
    pub title: Option<Words>,
    /// How many of the rules must be true.
    pub r#match: Match,
    /// Conditions on customers; without any, the tag is only set by hand.
    pub rules: Vec<String>,
    /// Whether customers with the tag may get discounts; `None` if nothing is said.
    pub discount: Option<bool>,
}

/// How many rules of a tag must be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// Every one.
    #[default]
    All,
    /// One is enough.
    Any,
}

/// `[tags]`: settings for all tags.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tags {
    /// The most tags there may be.
    pub max: Option<u32>,
}

impl Config {
    /// The names of the tags, in the order of the file.
    pub fn tag_names(&self) -> Vec<String> {
        self.tag.iter().map(|tag| tag.name.clone()).collect()
    }

    /// Whether a tag has rules.
    pub fn has_rules(&self, name: &str) -> bool {
        self.tag.iter().any(|tag| tag.name == name && !tag.rules.is_empty())
    }

    /// The most tags there may be.
    pub fn max_tags(&self) -> usize {
        self.tags.max.unwrap_or(MAX_TAGS) as usize
    }

    /// The tags that have rules.
    ///
    /// # Errors
    /// Those of the rules, with this file, the tag, the rule and a mark at the place. Another when tags depend on each
    /// other in a circle.
    pub fn tag_rules(&self) -> Result<TagRules> {
        let ruled = self.tag.iter().filter(|tag| !tag.rules.is_empty());
        let rule = |tag: &Tag| TagRule::parse(&tag.name, tag.r#match == Match::Any, &tag.rules);
        let all = ruled.map(rule).collect::<Result<Vec<TagRule>>>().map_err(|error| self.blame(error))?;
        TagRules::new(all).map_err(|NoRules::Circle(names)| {
            Error::config_of(self.name(), "tag_circle", &[("names", names.join(" → "))])
        })
    }

    /// Checks names and rules of the tags.
    ///
    /// # Errors
    /// The first fault in the tags, with its place.
    pub(super) fn check_tags(&self) -> Result<()> {
        let refused = |key: &str, values: &[(&str, String)]| Err(Error::config_of(self.name(), key, values));
        for (number, tag) in (1..).zip(&self.tag) {
            if tag_name(&tag.name) != Some(tag.name.as_str()) {
                let values = [("number", number.to_string()), ("seen", format!("{:?}", tag.name))];
                return refused("tag_name", &values);
            }
            if self.tag[..number - 1].iter().any(|other| other.name == tag.name) {
                return refused("tag_twice", &[("tag", tag.name.clone())]);
            }
        }
        if self.tag.len() > self.max_tags() {
            let values = [("n", self.tag.len().to_string()), ("most", self.max_tags().to_string())];
            return refused("tags_many", &values);
        }
        self.tag_rules().map(drop)
    }
}

/// Checks what serde would only report in its own words.
pub(super) fn check(table: &toml::Table, file: &str) -> Result<()> {
    let tags = table.get("tag").and_then(Value::as_array).into_iter().flatten();
    for tag in tags {
        let Some(title) = tag.get("title") else { continue };
        let is_words = |both: &toml::Table| {
            both.len() == 2 && ["en", "zh"].iter().all(|lang| both.get(*lang).is_some_and(Value::is_str))
        };
        if !(title.is_str() || title.as_table().is_some_and(is_words)) {
            return Err(rules::wrong(file, "[tag]", "title", title, said("tag_title", &[])));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let error = Config::parse(text, "ecrm.toml").expect_err(text);
        format!("{error}; {}", error.hint().unwrap_or_default())
    }

    #[test]
    fn tags_are_read_with_their_rules() {
        let text = "[[tag]]\nname = \"老客户\"\ntitle = { en = \"Old\", zh = \"老客户\" }\nmatch = \"any\"\n\
                    rules = [\"order_count > 10\", \"net_amount > 1000\"]\ndiscount = false\n[[tag]]\nname = \"vip\"\n";
        let config = Config::parse(text, "ecrm.toml").expect("a configuration");
        assert_eq!(config.tag_names(), ["老客户", "vip"]);
        let rules = config.tag_rules().expect("rules");
        assert_eq!(
            rules.tags().iter().map(TagRule::text).collect::<Vec<_>>(),
            ["(order_count > 10) or (net_amount > 1000)"]
        );
        assert_eq!((config.tag[0].discount, config.tag[1].discount), (Some(false), None));
    }

    #[test]
    fn what_is_wrong_with_a_tag_is_named_with_its_place() {
        for (text, said) in [
            ("[[tag]]\nrules = [\"order_count > 1\"]\n", "[[tag]] number 1: \"\" is no name of a tag"),
            ("[[tag]]\nname = \"a\"\n[[tag]]\nname = \"b;c\"\n", "[[tag]] number 2: \"b;c\" is no name"),
            ("[[tag]]\nname = \" a\"\n", "[[tag]] number 1: \" a\" is no name"),
            ("[[tag]]\nname = \"a\"\n[[tag]]\nname = \"a\"\n", "two [[tag]] are called a"),
            ("[[tag]]\nname = \"a\"\nrule = [\"x\"]\n", "line 3 (rule = [\"x\"])"),
            ("[[tag]]\nname = \"a\"\nmatch = \"none\"\n", "line 3 (match = \"none\")"),
            ("[[tag]]\nname = \"a\"\ntitle = { en = \"A\" }\n", "[[tag]] title cannot be"),
            ("[[tag]]\nname = \"a\"\nrules = [\"has_tag('a')\"]\n", "a → a"),
            ("[tags]\nmax = 0\n", "[tags] max cannot be 0"),
            ("[tags]\nmax = 1\n[[tag]]\nname = \"a\"\n[[tag]]\nname = \"b\"\n", "2 [[tag]] are more than 1"),
        ] {
            assert!(refused(text).contains(said), "{text}: {}", refused(text));
        }
        let error = refused("[[tag]]\nname = \"a\"\nrules = [\"age > 1\", \"order_count >> 1\"]\n");
        assert!(error.starts_with("ecrm.toml: [[tag]] a, rule 2: "), "{error}");
        assert!(error.contains("\n  order_count >> 1\n              ^"), "{error}");
    }
}
