//! Reads presets from their files: checks every name, shares words between presets, and resolves inheritance.

use std::collections::BTreeMap;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use crate::locale::{Words, toml_fault};
use crate::parse::preset::{Preset, StatusWord, after_sale, row_kind, shared_words};
use crate::schema::{EventKind, Field, Table};

/// Every preset, most specific first.
pub(super) fn load() -> Result<Vec<Arc<Preset>>, String> {
    static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/parse/presets");
    let mut read = Vec::new();
    for file in FILES.files() {
        let name = file.path().display();
        let text = file.contents_utf8().ok_or_else(|| format!("preset {name} is not UTF-8"))?;
        read.push(parse(text).map_err(|error| format!("preset {name}: {}", error.en))?);
    }
    shared_words::share(&mut read);
    let mut presets: Vec<Arc<Preset>> = read.into_iter().map(Arc::new).collect();
    let originals = presets.clone();
    for preset in &mut presets {
        let preset = Arc::make_mut(preset);
        inherit(preset, &originals).map_err(|error| error.en)?;
        preset.squash();
    }
    presets.sort_by_key(|preset| {
        let [signature, requires] = [preset.signature.len(), preset.requires.len()].map(std::cmp::Reverse);
        // Among layouts of ordinary names: those with amounts and items come before orders without amounts and
        // payments.
        let says_part = preset.lacks_amounts || preset.is_part;
        let table = if says_part { Table::OrderItems } else { preset.table };
        (signature, table.declaration().rank, says_part, requires, preset.name.clone())
    });
    Ok(presets)
}

/// Checks that a preset of orders has the day and the amount, and one of another table the fields without which no row
/// can be read.
pub(super) fn check_needed(preset: &Preset) -> Result<(), Words> {
    const NEEDED: [(&str, &[Field]); 2] = [
        ("preset_needs_date", &[Field::CreatedAt, Field::PaidAt]),
        ("preset_needs_amount", &[Field::PaidAmount, Field::Amount, Field::UnitPrice]),
    ];
    let has = |field: &&Field| {
        let name = field.name();
        preset.fields.contains_key(name)
            || preset.sums.contains_key(name)
            || preset.columns.iter().any(|column| column == name)
    };
    // Parts of orders need no day, and orders without amounts need no amount.
    let is_whole = preset.table == Table::Orders && !preset.is_part;
    let needed = NEEDED.iter().take(if preset.lacks_amounts { 1 } else { NEEDED.len() });
    let mut needed = needed.filter(|_| is_whole);
    let missing = needed.find(|(_, fields)| !fields.iter().any(|field| has(&field)));
    if let Some((key, _)) = missing {
        return Err(wrong(key, &[]));
    }
    let missing = preset.table.declaration().needed().find(|field| !has(&field));
    let table = preset.table.name();
    missing.map_or(Ok(()), |field| {
        let values =
            [("table", table.to_owned()), ("canonical", table.to_owned()), ("field", field.to_string())];
        Err(wrong("preset_needs_field", &values))
    })
}

/// The text of what is wrong with a preset; `key` is its key among the translated errors.
fn wrong(key: &str, values: &[(&str, String)]) -> Words {
    Words::of("error", key, values)
}

/// Parses a preset and checks every name in it.
pub(super) fn parse(text: &str) -> Result<Preset, Words> {
    let preset: Preset = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        let message = toml_fault(error.message()).to_string();
        wrong("preset_line", &[("line", line.to_string()), ("message", message)])
    })?;
    let columns = preset.columns.iter().filter(|name| !name.is_empty());
    let field_names =
        preset.fields.keys().chain(preset.requires.iter().flatten()).chain(preset.sums.keys()).chain(columns);
    for name in field_names {
        name.parse::<Field>()?;
    }
    let of = |key: &str, name: &String| Err(wrong(key, &[("seen", format!("{name:?}"))]));
    if let Some(name) = preset.status.keys().find(|name| StatusWord::named(name).is_none()) {
        return of("preset_status", name);
    }
    if let Some(name) = preset.after_sale.keys().find(|name| after_sale(name).is_none()) {
        return of("preset_after_sale", name);
    }
    if let Some(name) = preset.row_kind.keys().find(|name| row_kind(name).is_none()) {
        return of("preset_row_kind", name);
    }
    if let Some(name) = preset.kind.keys().find(|name| EventKind::named(name).is_none()) {
        return of("preset_kind", name);
    }
    if let Some(name) = preset.sums.keys().find(|name| !matches!(name.as_str(), "paid_amount" | "amount")) {
        return Err(wrong("preset_sums", &[("seen", name.clone())]));
    }
    if preset.table == Table::None && preset.advice.is_none() {
        return Err(wrong("preset_advice", &[]));
    }
    Ok(preset)
}

/// Fills in what a preset inherits.
pub(super) fn inherit(preset: &mut Preset, all: &[Arc<Preset>]) -> Result<(), Words> {
    let mut next = preset.inherits.clone();
    while let Some(name) = next {
        let parent = all.iter().find(|other| other.name == name);
        let values = || [("name", preset.name.clone()), ("seen", name.clone())];
        let parent = parent.ok_or_else(|| wrong("preset_parent", &values()))?;
        fill_in(preset, parent);
        next = parent.inherits.clone();
    }
    Ok(())
}

/// Fills in what a preset inherits from one other.
fn fill_in(preset: &mut Preset, parent: &Preset) {
    let fill = |mine: &mut BTreeMap<String, Vec<String>>, theirs: &BTreeMap<String, Vec<String>>| {
        for (name, words) in theirs {
            mine.entry(name.clone()).or_insert_with(|| words.clone());
        }
    };
    fill(&mut preset.fields, &parent.fields);
    fill(&mut preset.status, &parent.status);
    fill(&mut preset.after_sale, &parent.after_sale);
    fill(&mut preset.row_kind, &parent.row_kind);
    fill(&mut preset.kind, &parent.kind);
    if preset.names.is_empty() {
        preset.names.clone_from(&parent.names);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::preset::AfterSale;
    use crate::schema::squash;

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
        assert!(parse(&format!("{head}[fields]\norderid = []")).unwrap_err().en.contains("order_id"));
        assert!(parse(&format!("{head}[status]\npayed = []")).unwrap_err().en.contains("payed"));
    }

    fn assert_one_meaning(preset: &str, words: impl Iterator<Item = (String, &'static str)>) {
        let mut seen = BTreeMap::new();
        for (word, meaning) in words {
            let other = seen.insert(word.clone(), meaning);
            assert!(other.is_none_or(|other| other == meaning), "{preset}: {word}");
        }
    }

    #[test]
    fn no_word_means_two_things() {
        for preset in Preset::all().expect("the presets load") {
            let status = preset.status_words().map(|(word, meaning)| (squash(word), meaning.name()));
            assert_one_meaning(&preset.name, status);
            let kinds = preset.kind_words().map(|(word, meaning)| (squash(word), meaning.name()));
            assert_one_meaning(&preset.name, kinds);
            let after = preset.after_sale_words().map(|(word, meaning)| {
                (
                    squash(word),
                    match meaning {
                        AfterSale::Refunded => "refunded",
                        AfterSale::Kept => "kept",
                    },
                )
            });
            assert_one_meaning(&preset.name, after);
        }
    }
}
