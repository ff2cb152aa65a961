//! The meaning of each name in one sentence. The English sentence is part of the name's declaration; the Chinese
//! sentences are all in one file.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::locale::Lang;
use crate::schema::accounting::Rule;
use crate::schema::reject::Reason;
use crate::schema::{Field, names};

/// What a column of this name contains.
pub fn column(name: &str, lang: Lang) -> Option<&'static str> {
    names::meaning(name).map(|english| of(&CHINESE.column, name, english, lang))
}

/// What a field of an export contains.
pub fn field(field: Field, lang: Lang) -> &'static str {
    of(&CHINESE.field, field.name(), field.meaning(), lang)
}

/// Which rows a rule leaves out.
pub fn rule(rule: Rule, lang: Lang) -> &'static str {
    of(&CHINESE.rule, rule.code(), rule.meaning(), lang)
}

/// What a cell should have contained that was rejected for this reason.
pub fn reason(reason: Reason, lang: Lang) -> &'static str {
    match lang {
        Lang::En => reason.expected(),
        Lang::Zh => lang.locale().get("wanted", reason.code()),
    }
}

/// Chinese sentences by name.
type Sentences = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chinese {
    column: Sentences,
    field: Sentences,
    rule: Sentences,
}

static CHINESE: LazyLock<Chinese> = LazyLock::new(|| {
    let parsed = toml::from_str(include_str!("../locale/define_zh.toml"));
    parsed.unwrap_or_else(|error| unreachable!("define_zh.toml is part of the program: {error}"))
});

/// The sentence in a language. A test ensures that no Chinese sentence is missing.
fn of(chinese: &'static Sentences, name: &str, english: &'static str, lang: Lang) -> &'static str {
    match lang {
        Lang::En => english,
        Lang::Zh => chinese.get(name).map_or(english, String::as_str),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::define::pairs;

    /// Panics unless every name has a Chinese sentence that agrees with the English one, and no Chinese sentence is
    /// left over.
    fn hold_each_other(chinese: &Sentences, english: &[(&str, &str)]) {
        let names: BTreeSet<&str> = english.iter().map(|(name, _)| *name).collect();
        let missing: Vec<_> = names.iter().filter(|name| !chinese.contains_key(**name)).collect();
        assert!(missing.is_empty(), "no Chinese in define_zh.toml: {missing:?}");
        let left: Vec<_> = chinese.keys().filter(|name| !names.contains(name.as_str())).collect();
        assert!(left.is_empty(), "nothing is called: {left:?}");
        for (name, english) in english {
            pairs::hold(name, english, &chinese[*name]);
        }
    }

    #[test]
    fn every_name_has_its_chinese_meaning_and_nothing_is_left_over() {
        hold_each_other(&CHINESE.column, names::ALL);
        let fields: Vec<_> = Field::ALL.iter().map(|field| (field.name(), field.meaning())).collect();
        hold_each_other(&CHINESE.field, &fields);
        let rules: Vec<_> = Rule::ALL.iter().map(|rule| (rule.code(), rule.meaning())).collect();
        hold_each_other(&CHINESE.rule, &rules);
    }

    #[test]
    fn sentences_are_told_apart_by_language() {
        assert_eq!(column("net_amount", Lang::En), Some("Paid minus refunded."));
        assert_eq!(column("net_amount", Lang::Zh), Some("实付减退款。"));
        assert_eq!(column("nonsense", Lang::Zh), None);
        assert_eq!(rule(Rule::Cancelled, Lang::Zh), "已取消。");
        assert_eq!(reason(Reason::MissingDate, Lang::Zh), "日期");
        assert_eq!(reason(Reason::MissingDate, Lang::En), "a date");
    }
}
