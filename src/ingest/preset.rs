//! Platform presets: what a platform's export looks like and what its words mean, one TOML file each.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono_tz::Tz;
use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::value::date::DateOrder;
use crate::error::{Error, Result};
use crate::schema::{Field, Status};

/// The canonical table that a file's rows belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Orders, or their items carrying what orders carry.
    Orders,
    /// Items of orders kept in another file.
    OrderItems,
    /// Customers.
    Customers,
    /// Behaviour events.
    Events,
    /// Message sends.
    Sends,
}

/// What a status word of a platform means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(untagged)]
pub enum StatusWord {
    /// One status.
    Plain(Status),
    /// The platform says "closed" for two things: refunded when it was paid, else closed without payment.
    Closed(ClosedWord),
}

/// The one value of [`StatusWord::Closed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedWord {
    /// As it stands in presets.
    Closed,
}

/// A platform's export layout.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// The name `--preset` takes.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// The table its rows belong to.
    pub table: Table,
    /// Another preset that fills in the fields and status words not given here.
    inherits: Option<String>,
    /// Headers that together only this platform writes.
    #[serde(default)]
    pub signature: Vec<String>,
    /// Groups of field names, of each of which at least one must be there.
    #[serde(default)]
    pub requires: Vec<Vec<String>>,
    /// The zone its times are in when they do not say.
    pub zone: Option<Tz>,
    /// Which of day and month comes first, where the platform fixes it.
    pub date_order: Option<DateOrder>,
    /// Whether the paid column has refunds taken off already.
    #[serde(default)]
    pub paid_is_net_of_refund: bool,
    /// Whether further rows of an order leave the order's own cells blank.
    #[serde(default)]
    pub has_continuation_rows: bool,
    /// What to do when the layout names no buyers.
    pub customer_hint: Option<String>,
    /// Headers of each field, best first. Several e-mail or phone headers are tried in turn on every row.
    #[serde(default)]
    pub fields: BTreeMap<String, Vec<String>>,
    /// The platform's words for each status.
    #[serde(default)]
    pub status: BTreeMap<String, Vec<String>>,
}

impl Preset {
    /// Every preset, most specific first; orders before other tables.
    pub fn all() -> Result<&'static [Self]> {
        static ALL: LazyLock<Result<Vec<Preset>, String>> = LazyLock::new(load);
        ALL.as_deref().map_err(|message| Error::Internal(message.clone()))
    }

    /// The preset of this name.
    pub fn named(name: &str) -> Result<&'static Self> {
        let all = Self::all()?;
        all.iter().find(|preset| preset.name == name).ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|preset| preset.name.as_str()).collect();
            Error::usage(
                format!("no preset is called {name:?}"),
                format!("the presets are {}", names.join(", ")),
            )
        })
    }

    /// The headers a field may have.
    pub fn headers(&self, field: Field) -> &[String] {
        self.fields.get(field.name()).map_or(&[], Vec::as_slice)
    }

    /// Its status words with their meanings.
    pub fn status_words(&self) -> impl Iterator<Item = (&str, StatusWord)> {
        self.status.iter().flat_map(|(name, words)| {
            let meaning = status_word(name);
            words.iter().filter_map(move |word| meaning.map(|meaning| (word.as_str(), meaning)))
        })
    }
}

/// The meaning a status name of a preset or of `ecrm.toml` stands for.
pub fn status_word(name: &str) -> Option<StatusWord> {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error as ValueError, StrDeserializer};
    let deserializer: StrDeserializer<'_, ValueError> = name.into_deserializer();
    if name == "closed" {
        return Some(StatusWord::Closed(ClosedWord::Closed));
    }
    Status::deserialize(deserializer).ok().map(StatusWord::Plain)
}

/// A header or word as it is compared: no case, no spaces, underscores or hyphens, ASCII brackets and commas.
pub fn squash(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '\u{feff}' | '\u{200b}'))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            '，' => ',',
            '：' => ':',
            other => other,
        })
        .collect()
}

fn load() -> Result<Vec<Preset>, String> {
    static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/ingest/presets");
    let mut presets = Vec::new();
    for file in FILES.files() {
        let name = file.path().display();
        let text = file.contents_utf8().ok_or_else(|| format!("preset {name} is not UTF-8"))?;
        presets.push(parse(text).map_err(|error| format!("preset {name}: {error}"))?);
    }
    let originals = presets.clone();
    for preset in &mut presets {
        inherit(preset, &originals)?;
    }
    presets.sort_by_key(|preset| {
        let specific = (preset.signature.len(), preset.requires.len());
        (preset.table != Table::Orders, std::cmp::Reverse(specific), preset.name.clone())
    });
    Ok(presets)
}

fn parse(text: &str) -> Result<Preset, String> {
    let preset: Preset = toml::from_str(text).map_err(|error| error.to_string())?;
    let field_names = preset.fields.keys().chain(preset.requires.iter().flatten());
    for name in field_names {
        name.parse::<Field>()?;
    }
    if let Some(name) = preset.status.keys().find(|name| status_word(name).is_none()) {
        return Err(format!("no status is called {name:?}"));
    }
    Ok(preset)
}

fn inherit(preset: &mut Preset, all: &[Preset]) -> Result<(), String> {
    let Some(parent) = &preset.inherits else { return Ok(()) };
    let parent = all
        .iter()
        .find(|other| &other.name == parent)
        .ok_or_else(|| format!("{}: no preset {parent}", preset.name))?;
    for (name, headers) in &parent.fields {
        preset.fields.entry(name.clone()).or_insert_with(|| headers.clone());
    }
    for (name, words) in &parent.status {
        preset.status.entry(name.clone()).or_insert_with(|| words.clone());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_loads_and_names_are_unique() {
        let all = Preset::all().expect("the presets load");
        let mut names: Vec<_> = all.iter().map(|preset| &preset.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all.len());
        assert!(Preset::named("taobao_orders").is_ok());
        let error = Preset::named("taobo").unwrap_err();
        assert!(error.hint().is_some_and(|hint| hint.contains("taobao_orders")));
    }

    #[test]
    fn a_wrong_field_or_status_name_is_caught() {
        let head = "name = \"x\"\ntitle = \"x\"\ntable = \"orders\"\n";
        assert!(parse(&format!("{head}[fields]\norderid = []")).unwrap_err().contains("order_id"));
        assert!(parse(&format!("{head}[status]\npayed = []")).unwrap_err().contains("payed"));
    }

    #[test]
    fn no_status_word_means_two_things() {
        for preset in Preset::all().expect("the presets load") {
            let mut seen = BTreeMap::new();
            for (word, meaning) in preset.status_words() {
                let other = seen.insert(squash(word), meaning);
                assert!(other.is_none_or(|other| other == meaning), "{}: {word}", preset.name);
            }
        }
    }
}
