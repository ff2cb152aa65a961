//! What every name means, as text: `ecrm define` prints it.

use include_dir::{Dir, include_dir};

use crate::error::Result;
use crate::parse::preset::Preset;
use crate::schema::Field;
use crate::schema::accounting::Rule;
use crate::schema::reject::Reason;

static TEXTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/define/texts");

/// Names that have a definition, in alphabetical order.
pub fn names() -> Vec<&'static str> {
    let of_files = TEXTS.files().filter_map(|file| file.path().file_stem()?.to_str());
    let mut names: Vec<&str> = of_files.chain(["fields", "presets", "reasons", "rules"]).collect();
    names.sort_unstable();
    names
}

/// All names with the first line of their text.
pub fn list() -> String {
    let names = names();
    let widest = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let line = |name: &str| {
        let text = text(name).ok().flatten().unwrap_or_default();
        format!("{name:widest$}  {}\n", text.lines().next().unwrap_or_default())
    };
    names.into_iter().map(line).collect()
}

/// The definition of a name: its first line says what it is in a sentence.
pub fn text(name: &str) -> Result<Option<String>> {
    match name {
        "presets" => presets().map(Some),
        "reasons" => {
            Ok(Some(codes(REASONS, Reason::ALL.iter().map(|reason| (reason.code(), reason.expected())))))
        }
        "rules" => Ok(Some(codes(RULES, Rule::ALL.iter().map(|rule| (rule.code(), rule.meaning()))))),
        "fields" => Ok(Some(codes(FIELDS, Field::ALL.iter().map(|field| (field.name(), field.meaning()))))),
        _ => {
            Ok(TEXTS.get_file(format!("{name}.md")).and_then(|file| file.contents_utf8()).map(str::to_owned))
        }
    }
}

fn presets() -> Result<String> {
    let mut text =
        "The platforms that are recognised from their headers; --preset NAME takes a file as one.\n\n"
            .to_owned();
    for preset in Preset::all()? {
        text.push_str(&format!("{:24}{}\n", preset.name, preset.title.en));
    }
    Ok(text)
}

const REASONS: &str = "Why a row is quarantined: the closed list of reason codes, with what would be right.";
const RULES: &str =
    "Why a readable row is left out: the rules, of which the first that applies gets the row.";
const FIELDS: &str = "What --map and [read.map] can name: the fields of an order export.";

/// A sentence and a list of codes with their meanings.
fn codes<'a>(first: &str, list: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let lines = list.map(|(code, meaning)| format!("{code:18}{meaning}\n"));
    format!("{first}\n\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_text_that_begins_with_a_sentence() {
        for name in names() {
            let text = text(name).expect("presets load").expect("a text");
            assert!(text.lines().next().is_some_and(|line| line.ends_with('.')), "{name}");
            assert!(text.lines().all(|line| line.chars().count() <= 110), "{name}");
        }
        assert!(text("nonsense").expect("presets load").is_none());
    }
}
