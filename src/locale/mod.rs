//! Every word a person sees in a table or a report, in each language.

mod harmless;
mod lines;
mod remark;
mod toml_faults;
mod words;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use clap::ValueEnum;
use serde::Deserialize;

pub use harmless::harmless;
pub use lines::{broken, first_piece};
pub use remark::Remark;
pub use toml_faults::toml_fault;
pub use words::{LANGUAGES, Words};

/// A language of tables and reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese (simplified).
    Zh,
}

impl Lang {
    /// The language of a locale name such as `zh_CN.UTF-8`.
    pub fn of_locale(name: &str) -> Self {
        if name.to_ascii_lowercase().starts_with("zh") { Self::Zh } else { Self::En }
    }

    /// The language's words.
    pub fn locale(self) -> &'static Locale {
        static EN: LazyLock<Locale> = LazyLock::new(|| Locale::parse(Lang::En, include_str!("en.toml")));
        static ZH: LazyLock<Locale> = LazyLock::new(|| Locale::parse(Lang::Zh, include_str!("zh.toml")));
        match self {
            Self::En => &EN,
            Self::Zh => &ZH,
        }
    }

    /// The language's code.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }
}

/// Digits in groups of three.
pub fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut out = sign.to_owned();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A key of the translations with the values for the places in its text, as one text: what a table's cell holds of a
/// sentence, for the writers to put into words.
pub fn sentence(key: &str, values: &[(&str, String)]) -> String {
    let mut text = key.to_owned();
    for (name, value) in values {
        // Tabs part the values; none comes out of a cell's words.
        text.push_str(&format!("\t{name}={}", value.replace('\t', " ")));
    }
    text
}

/// The words of one language, by section and key.
#[derive(Debug)]
pub struct Locale {
    /// The language.
    pub lang: Lang,
    sections: BTreeMap<String, BTreeMap<String, String>>,
}

impl Locale {
    fn parse(lang: Lang, text: &str) -> Self {
        let sections = toml::from_str(text)
            .unwrap_or_else(|error| unreachable!("translations are part of the program: {error}"));
        Self { lang, sections }
    }

    /// The words for a key; the key itself where there are none.
    pub fn get<'a>(&'a self, section: &str, key: &'a str) -> &'a str {
        self.sections.get(section).and_then(|words| words.get(key)).map_or(key, String::as_str)
    }

    /// The words for a key, where there are any.
    pub fn find(&self, section: &str, key: &str) -> Option<&str> {
        self.sections.get(section)?.get(key).map(String::as_str)
    }

    /// The keys of a section, with their words.
    pub fn words(&self, section: &str) -> impl Iterator<Item = (&str, &str)> {
        let section = self.sections.get(section);
        section.into_iter().flatten().map(|(key, words)| (key.as_str(), words.as_str()))
    }

    /// The heading of a column: that of the table's own, where it has one.
    pub fn heading<'a>(&'a self, table: &str, column: &'a str) -> &'a str {
        let own = self.find("columns", &format!("{table}_{column}"));
        own.unwrap_or_else(|| self.get("columns", column))
    }

    /// A message behind the word that says what it is: `error`, `hint` or `note`.
    pub fn marked(&self, kind: &str, message: &str) -> String {
        self.get("mark", kind).replacen("{message}", message, 1)
    }

    /// The words for a sentence, with the places in it filled in.
    pub fn sentence<'a>(&'a self, section: &str, sentence: &'a str) -> Cow<'a, str> {
        /// Places for keys of the section of the same name.
        const KEYS: [&str; 4] = ["reason", "canonical", "delimiter", "wanted"];
        /// Places for counts.
        const COUNTS: [&str; 6] = ["n", "others", "rows", "quarantined", "net", "gross"];
        let Some((key, values)) = sentence.split_once('\t') else {
            return self.get(section, sentence).into();
        };
        // About one thing, where the language says that in another way.
        let count = |name: &str| values.split('\t').find_map(|value| value.strip_prefix(name));
        let is_one = count("n=").or_else(|| count("rows=")) == Some("1");
        let one = is_one.then(|| format!("{key}_one"));
        let singular = one.as_deref().and_then(|one| self.find(section, one));
        let mut text = singular.unwrap_or_else(|| self.get(section, key)).to_owned();
        for (name, value) in values.split('\t').filter_map(|value| value.split_once('=')) {
            // A value may be a key of its own, such as the reason of a rejected row.
            let words = match self.find(name, value).filter(|_| KEYS.contains(&name)) {
                Some(words) => words.to_owned(),
                None if COUNTS.contains(&name) => grouped(value),
                None if value.contains(LANGUAGES) => {
                    let mut languages = value.split(LANGUAGES);
                    let words = if self.lang == Lang::Zh { languages.nth(1) } else { languages.next() };
                    words.unwrap_or_default().to_owned()
                }
                None => value.to_owned(),
            };
            text = text.replace(&format!("{{{name}}}"), &words);
        }
        text.into()
    }

    /// A text about a number of things, in the singular where the language has one.
    pub fn count(&self, key: &str, n: u64, shown: &str) -> String {
        let one = format!("{key}_one");
        self.fill(if n == 1 { &one } else { key }, &[("n", shown)])
    }

    /// A text with its `{name}` places filled in.
    pub fn fill(&self, key: &str, places: &[(&str, &str)]) -> String {
        let mut text = self.get("text", key).to_owned();
        for (name, value) in places {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_words_for_the_same_keys() {
        let (en, zh) = (Lang::En.locale(), Lang::Zh.locale());
        let keys = |locale: &Locale| -> Vec<String> {
            let sections = locale.sections.iter();
            sections
                .flat_map(|(section, words)| words.keys().map(move |key| format!("{section}.{key}")))
                .collect()
        };
        assert!(!keys(en).is_empty());
        // Chinese has no singular of its own.
        let is_shared = |key: &String| !key.ends_with("_one") || keys(zh).contains(key);
        assert_eq!(keys(en).into_iter().filter(is_shared).collect::<Vec<_>>(), keys(zh));
    }

    #[test]
    fn one_thing_is_said_in_the_singular_where_there_is_one() {
        let said = |lang: Lang, n: u64| {
            let values = [("day", "2062-05-30".into()), ("n", n.to_string()), ("other", "2026-05-31".into())];
            lang.locale().sentence("finding", &sentence("as_of_far", &values)).into_owned()
        };
        assert!(said(Lang::En, 1).contains("is set by 1 row far beyond"), "{}", said(Lang::En, 1));
        assert!(said(Lang::En, 2).contains("is set by 2 rows far beyond"));
        assert!(said(Lang::Zh, 1).contains("1 行"));
    }

    #[test]
    fn every_rule_reason_segment_and_group_has_words() {
        use crate::metrics::group_map::GroupMap;
        use crate::metrics::{overview, profile, repurchase, rfm, segment, value};
        use crate::schema::accounting::Rule;
        use crate::schema::reject::Reason;
        let standard = GroupMap::standard(5);
        let mut wanted: Vec<(&str, String)> = Vec::new();
        wanted.extend(Rule::ALL.iter().map(|rule| ("rule", rule.code().to_owned())));
        wanted.extend(Reason::ALL.iter().map(|reason| ("reason", reason.code().to_owned())));
        wanted.extend(
            segment::SEGMENTS.iter().flat_map(|key| ["segment", "advice"].map(|s| (s, (*key).to_owned()))),
        );
        wanted.extend(segment::VALUES.iter().map(|key| ("value", (*key).to_owned())));
        wanted.extend(segment::MODES.iter().map(|key| ("mode", (*key).to_owned())));
        wanted.extend(standard.keys.iter().map(|key| ("rfm_group", key.clone())));
        wanted.extend(rfm::EIGHT.iter().map(|key| ("rfm_group", (*key).to_owned())));
        for (section, keys) in [
            ("metric", overview::METRICS.as_slice()),
            ("definition", &repurchase::RATES),
            ("definition_of", &repurchase::RATES),
            ("due_status", &repurchase::DUE_STATUSES),
            ("dimension", &profile::DIMENSIONS),
            ("profile_key", &profile::ROLES),
            ("profile_key", &profile::GENDERS),
            ("class", &value::CLASSES),
            ("measure", &value::MEASURES),
        ] {
            wanted.extend(keys.iter().map(|key| (section, (*key).to_owned())));
        }
        for locale in [Lang::En.locale(), Lang::Zh.locale()] {
            for (section, key) in &wanted {
                assert!(
                    locale.sections.get(*section).is_some_and(|words| words.contains_key(key)),
                    "{section}.{key}"
                );
            }
        }
    }

    #[test]
    fn the_locale_name_decides_the_language() {
        assert_eq!(Lang::of_locale("zh_CN.UTF-8"), Lang::Zh);
        assert_eq!(Lang::of_locale("zh-Hans"), Lang::Zh);
        assert_eq!(Lang::of_locale("en_GB"), Lang::En);
        assert_eq!(Lang::of_locale("C"), Lang::En);
    }
}
