//! Unknown status words of the rows that could not be read, as a piece of `ecrm.toml` to paste.

use std::collections::BTreeMap;

use crate::locale::{Lang, Words};
use crate::parse::preset::Preset;
use crate::schema::reject::{Reason, Reject};
use crate::schema::{nearest, squash};

/// The most words that are shown. A column with more different words hardly holds statuses.
const MAX_WORDS_SHOWN: usize = 20;

/// The unknown status words among the rejected rows as a `[status]` table of TOML, the most frequent word first. Each
/// has an empty meaning to fill in, with a guess as a comment where there is one. None where no row has an unknown
/// status.
pub fn snippet(rejects: &[Reject]) -> Option<Words> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for reject in rejects.iter().filter(|reject| reject.reason == Reason::UnknownStatus) {
        let word = reject.seen.trim();
        if !word.is_empty() {
            *counts.entry(word).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return None;
    }
    let mut words: Vec<(&str, u64)> = counts.into_iter().collect();
    words.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    let hidden = words.len().saturating_sub(MAX_WORDS_SHOWN);
    words.truncate(MAX_WORDS_SHOWN);
    let meanings = meanings();
    let text = |lang: Lang| {
        let say = |key: &str, values: &[(&str, String)]| Words::of("error", key, values).get(lang).to_owned();
        let mut lines = vec!["[status]".to_owned(), format!("# {}", say("status_meanings", &[]))];
        for (word, rows) in &words {
            let mut note = say("status_rows", &[("n", rows.to_string())]);
            if let Some(guess) = guess(word, &meanings) {
                note.push_str(&say("status_guess", &[("guess", guess.to_owned())]));
            }
            lines.push(format!("{} = \"\"  # {note}", quoted(word)));
        }
        if hidden > 0 {
            lines.push(format!("# {}", say("status_more", &[("n", hidden.to_string())])));
        }
        lines.join("\n")
    };
    Some(Words { en: text(Lang::En), zh: text(Lang::Zh) })
}

/// A word as a key of TOML. JSON and basic strings of TOML are written alike, except for the character 7F.
fn quoted(word: &str) -> String {
    serde_json::Value::from(word).to_string().replace('\u{7f}', "\\u007F")
}

/// The status words of all platforms in the form in which words are compared, each with its meaning.
fn meanings() -> BTreeMap<String, &'static str> {
    let presets = Preset::all().unwrap_or_default();
    let words = presets.iter().flat_map(|preset| &preset.status);
    words.flat_map(|(name, words)| words.iter().map(|word| (squash(word), name.as_str()))).collect()
}

/// A guess at the meaning of a word: the meaning of the same or the most similar word on some platform.
fn guess(word: &str, meanings: &BTreeMap<String, &'static str>) -> Option<&'static str> {
    let word = squash(word);
    let within =
        || meanings.iter().filter(|(known, _)| known.chars().count() > 3 && word.contains(known.as_str()));
    meanings
        .get(&word)
        .or_else(|| meanings.get(nearest(&word, meanings.keys().map(String::as_str))?))
        .or_else(|| within().max_by_key(|(known, _)| known.len()).map(|(_, name)| name))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reject(seen: &str) -> Reject {
        Reject {
            file: "a.csv".into(),
            record: 2,
            reason: Reason::UnknownStatus,
            column: None,
            seen: seen.into(),
            raw: String::new(),
        }
    }

    #[test]
    fn the_snippet_is_toml_whatever_the_words() {
        let words = [
            "say \"yes\"",
            "back\\slash",
            "two\nlines",
            "tab\there",
            "del\u{7f}",
            "a.b = c # d",
            "待处理",
            "'",
        ];
        let rejects: Vec<Reject> =
            words.iter().chain(&["待处理", "", "  "]).map(|word| reject(word)).collect();
        for text in [snippet(&rejects).expect("words").en, snippet(&rejects).expect("words").zh] {
            let table: toml::Table = text.parse().expect(&text);
            let status = table["status"].as_table().expect("a table");
            assert_eq!(status.len(), words.len(), "{text}");
            assert!(
                words
                    .iter()
                    .all(|word| status.get(*word).is_some_and(|meaning| meaning.as_str() == Some("")))
            );
            assert!(
                text.lines().nth(2).is_some_and(|line| line.starts_with("\"待处理\" = \"\"  # ")),
                "{text}"
            );
        }
        assert!(snippet(&[reject("")]).is_none());
    }

    #[test]
    fn guesses_are_comments() {
        let text = snippet(&[reject("Completedd"), reject("zzz")]).expect("words").en;
        assert!(text.contains("\"Completedd\" = \"\"  # rows: 1; perhaps completed"), "{text}");
        assert!(
            text.contains("\"zzz\" = \"\"  # rows: 1\n") || text.ends_with("\"zzz\" = \"\"  # rows: 1"),
            "{text}"
        );
    }
}
