//! A text in each language.

use serde::{Deserialize, Serialize};

use super::{Lang, sentence};

/// A text in each language; in a preset also one text for both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OneOrBoth")]
pub struct Words {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrBoth {
    One(String),
    Both { en: String, zh: String },
}

impl From<OneOrBoth> for Words {
    fn from(words: OneOrBoth) -> Self {
        match words {
            OneOrBoth::One(text) => Self::verbatim(text),
            OneOrBoth::Both { en, zh } => Self { en, zh },
        }
    }
}

/// Between the languages of a value in a [`sentence`].
pub const LANGUAGES: char = '\u{1f}';

impl Words {
    /// The sentence of a key of the translations' section, with its places filled in.
    pub fn of(section: &str, key: &str, values: &[(&str, String)]) -> Self {
        let sentence = sentence(key, values);
        let text = |lang: Lang| lang.locale().sentence(section, &sentence).into_owned();
        Self { en: text(Lang::En), zh: text(Lang::Zh) }
    }

    /// The same with places that are filled in by each language's own words.
    pub fn of_words(section: &str, key: &str, values: &[(&str, &Self)]) -> Self {
        let text = |lang: Lang| {
            let values: Vec<(&str, String)> =
                values.iter().map(|(name, words)| (*name, words.get(lang).to_owned())).collect();
            lang.locale().sentence(section, &sentence(key, &values)).into_owned()
        };
        Self { en: text(Lang::En), zh: text(Lang::Zh) }
    }

    /// What needs no translation: a name, a number, what somebody wrote or the system says. Nothing else becomes words
    /// without a key of the translations, so that no sentence is in one language alone.
    pub fn verbatim(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { zh: text.clone(), en: text }
    }

    /// Texts one after the other, parted as each language parts a list: `a, b`, `a、b`.
    pub fn listed(texts: impl IntoIterator<Item = Self>) -> Self {
        let (en, zh): (Vec<String>, Vec<String>) =
            texts.into_iter().map(|words| (words.en, words.zh)).unzip();
        let joined = |texts: Vec<String>, lang: Lang| texts.join(lang.locale().get("text", "listed"));
        Self { en: joined(en, Lang::En), zh: joined(zh, Lang::Zh) }
    }

    /// Names one after the other.
    pub fn names<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        Self::listed(names.into_iter().map(Self::verbatim))
    }

    /// The text in a language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

impl std::fmt::Display for Words {
    /// As a value of a [`sentence`], which takes the language it is in.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{LANGUAGES}{}", self.en, self.zh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_parted_as_each_language_does_it() {
        let list = Words::names(["orders", "items"]);
        assert_eq!((list.en.as_str(), list.zh.as_str()), ("orders, items", "orders、items"));
        assert_eq!(Words::listed([]), Words::default());
        // As a value of a sentence each language takes its own.
        let said = Words::of("error", "no_table_hint", &[("names", list.to_string())]);
        assert_eq!((said.en.as_str(), said.zh.as_str()), ("it has orders, items", "有 orders、items"));
    }
}
