//! What every name means, as text: `ecrm define` prints it.

use include_dir::{Dir, include_dir};

use crate::customers;
use crate::error::Result;
use crate::locale::Lang;
use crate::parse::preset::Preset;
use crate::questions;
use crate::schema::accounting::Rule;
use crate::schema::reject::Reason;
use crate::schema::{Field, names as columns};

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

/// The definition of a name, or of the columns with that heading in one of the languages; its first line says what it is
/// in a sentence.
pub fn find(name: &str) -> Result<Option<String>> {
    let name = name.trim();
    if let Some(text) = text(name)? {
        return Ok(Some(text));
    }
    let found: Vec<String> = headed(name).into_iter().filter_map(column).collect();
    Ok((!found.is_empty()).then(|| found.join("\n")))
}

/// The names of columns, which have a definition though [`names`] does not list them.
pub fn column_names() -> impl Iterator<Item = &'static str> {
    columns::ALL.iter().map(|(name, _)| *name)
}

/// The columns, and the questions, of this heading.
fn headed(heading: &str) -> Vec<&'static str> {
    let heading = heading.to_lowercase();
    let has = |section: &str, name: &str| {
        let of = |lang: Lang| lang.locale().find(section, name).map(str::to_lowercase);
        [Lang::En, Lang::Zh].into_iter().any(|lang| of(lang).as_ref() == Some(&heading))
    };
    column_names().filter(|name| has("columns", name)).collect()
}

/// What a column means, how it is headed and where it is found.
fn column(name: &str) -> Option<String> {
    let mut text = format!("{name}: {}\n", columns::meaning(name)?);
    let headings: Vec<&str> =
        [Lang::En, Lang::Zh].iter().filter_map(|lang| lang.locale().find("columns", name)).collect();
    if !headings.is_empty() {
        text.push_str(&format!("In tables for people: {}.\n", headings.join(", ")));
    }
    if let Some((provider, _)) = customers::find(name) {
        text.push_str("A column of `ecrm customers`, for --columns, --where and --sort.\n");
        let tables: Vec<&str> = provider.needs.wants().tables.iter().map(|table| table.export()).collect();
        if !tables.is_empty() {
            text.push_str(&format!("Filled from {}, where the inputs have that.\n", tables.join(", ")));
        }
    }
    Some(text)
}

/// What a question needs of the inputs, as the registry of questions declares it.
fn needs(name: &str) -> Option<String> {
    let about = questions::ALL.iter().find(|about| about.name == name)?;
    let says = [
        (about.needs_people, "who bought"),
        (about.needs_places, "where orders went"),
        (about.needs_items, "what orders hold"),
        (about.needs_amounts, "what orders came to"),
    ];
    let says: Vec<&str> = says.iter().filter(|(is_needed, _)| *is_needed).map(|(_, words)| *words).collect();
    let mut text = "\nNeeds one of these:\n".to_owned();
    about.tables.iter().for_each(|table| text.push_str(&format!("  {}\n", table.export())));
    if !says.is_empty() {
        text.push_str(&format!("which must say {}.\n", says.join(" and ")));
    }
    Some(text)
}

/// The definition that a name has, its first line a sentence.
pub fn text(name: &str) -> Result<Option<String>> {
    match name {
        "presets" => presets().map(Some),
        "reasons" => {
            Ok(Some(codes(REASONS, Reason::ALL.iter().map(|reason| (reason.code(), reason.expected())))))
        }
        "rules" => Ok(Some(codes(RULES, Rule::ALL.iter().map(|rule| (rule.code(), rule.meaning()))))),
        "fields" => Ok(Some(codes(FIELDS, Field::ALL.iter().map(|field| (field.name(), field.meaning()))))),
        _ => {
            let written = TEXTS.get_file(format!("{name}.md")).and_then(|file| file.contents_utf8());
            Ok(written
                .map(|text| text.to_owned() + &needs(name).unwrap_or_default())
                .or_else(|| column(name)))
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
        assert!(find("nonsense").expect("presets load").is_none());
    }

    #[test]
    fn every_column_is_defined_by_its_name_and_by_its_headings() {
        for spec in customers::columns() {
            assert!(text(spec.name).expect("texts").is_some(), "{}", spec.name);
        }
        for heading in ["客单价", "Per customer", "per CUSTOMER"] {
            let found = find(heading).expect("texts").expect("a column");
            assert!(found.starts_with("spend_per_customer: "), "{found}");
        }
        let found = find("cart_count_30d").expect("texts").expect("a column");
        assert!(found.contains("--where") && found.contains("event"), "{found}");
    }

    #[test]
    fn meanings_stand_by_themselves() {
        for (name, meaning) in columns::ALL {
            let leans = ["Its ", "Their ", "Such ", "As that", "The same"];
            assert!(!leans.iter().any(|word| meaning.trim().starts_with(word)), "{name}: {meaning}");
        }
    }

    #[test]
    fn a_question_says_what_it_needs() {
        let rfm = text("rfm").expect("texts").expect("a text");
        assert!(
            rfm.ends_with("\nNeeds one of these:\n  an order export\nwhich must say who bought and what orders came to.\n"),
            "{rfm}"
        );
    }
}
