//! The meaning of every name, as text in both languages, for `ecrm define`.

mod fitted;
mod meanings;
#[cfg(test)]
mod pairs;

use include_dir::{Dir, include_dir};

use crate::customers;
use crate::error::Result;
use crate::locale::{Lang, sentence};
use crate::parse::preset::Preset;
use crate::questions;
use crate::schema::accounting::Rule;
use crate::schema::reject::Reason;
use crate::schema::{Field, Table, names as columns};

pub use fitted::fitted;

/// The English texts, and the Chinese ones in the folder `zh`.
static TEXTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/define/texts");

/// The names that have a definition of their own, in alphabetical order.
pub fn names() -> Vec<&'static str> {
    let of_files = TEXTS.files().filter_map(|file| file.path().file_stem()?.to_str());
    let mut names: Vec<&str> = of_files.chain(["fields", "presets", "reasons", "rules"]).collect();
    names.sort_unstable();
    names
}

/// All names with the first line of their text.
pub fn list(lang: Lang) -> String {
    let names = names();
    let widest = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let line = |name: &str| {
        let text = text(name, lang).ok().flatten().unwrap_or_default();
        format!("{name:widest$}  {}\n", text.lines().next().unwrap_or_default())
    };
    names.into_iter().map(line).collect()
}

/// The definition of a name. A column or a question is also found by its heading in either language. The first line of
/// a definition is a sentence that says what the name is.
pub fn find(name: &str, lang: Lang) -> Result<Option<String>> {
    let name = name.trim();
    if let Some(text) = text(name, lang)? {
        return Ok(Some(text));
    }
    let mut found: Vec<String> = headed(name).into_iter().filter_map(|name| column(name, lang)).collect();
    for question in titled(name) {
        found.extend(text(question, lang)?);
    }
    Ok((!found.is_empty()).then(|| found.join("\n")))
}

/// The names of columns. They have definitions too, although [`names`] does not list them.
pub fn column_names() -> impl Iterator<Item = &'static str> {
    columns::ALL.iter().map(|(name, _)| *name)
}

/// The headings of columns and the titles of questions in both languages, by which [`find`] finds them too.
pub fn headings() -> impl Iterator<Item = &'static str> {
    words("columns").chain(words("report")).map(|(_, heading)| heading)
}

/// The definition of a name; its first line is a sentence.
pub fn text(name: &str, lang: Lang) -> Result<Option<String>> {
    let list = match name {
        "presets" => return presets(lang).map(Some),
        "reasons" => Reason::ALL.iter().map(|code| (code.code(), meanings::reason(*code, lang))).collect(),
        "rules" => Rule::ALL.iter().map(|rule| (rule.code(), meanings::rule(*rule, lang))).collect(),
        "fields" => Field::ALL.iter().map(|field| (field.name(), meanings::field(*field, lang))).collect(),
        _ => {
            let written =
                written(name, lang).map(|text| text.to_owned() + &needs(name, lang).unwrap_or_default());
            return Ok(written.or_else(|| column(name, lang)));
        }
    };
    Ok(Some(codes(&says(lang, name, &[]), 18, list)))
}

/// The text of a name in a language. If the Chinese text is missing, which a test rules out, it is the English one.
fn written(name: &str, lang: Lang) -> Option<&'static str> {
    let file = |path: String| TEXTS.get_file(path)?.contents_utf8();
    let chinese = || file(format!("zh/{name}.md")).filter(|_| lang == Lang::Zh);
    chinese().or_else(|| file(format!("{name}.md")))
}

/// A sentence from the translations that goes around the texts.
fn says(lang: Lang, key: &str, values: &[(&str, String)]) -> String {
    lang.locale().sentence("define", &sentence(key, values)).into_owned()
}

/// The words of a section in both languages, with their keys.
fn words(section: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    [Lang::En, Lang::Zh].into_iter().flat_map(move |lang| lang.locale().words(section))
}

/// The keys of all entries of a section whose words are `heading` in either language, in upper or lower case.
fn saying(section: &'static str, heading: &str) -> Vec<&'static str> {
    let heading = heading.to_lowercase();
    words(section).filter(|(_, words)| words.to_lowercase() == heading).map(|(key, _)| key).collect()
}

/// The columns with this heading, including headings that only one table uses.
fn headed(heading: &str) -> Vec<&'static str> {
    let keys = saying("columns", heading);
    column_names().filter(|name| keys.iter().any(|key| column_of(key) == Some(*name))).collect()
}

/// The questions with this title. The command `tags` has the report key `tag`, hence the comparison without the `s`.
fn titled(title: &str) -> Vec<&'static str> {
    let keys = saying("report", title);
    let is_of = |name: &str, key: &str| name == key || name.strip_suffix('s') == Some(key);
    names().into_iter().filter(|name| keys.iter().any(|key| is_of(name, key))).collect()
}

/// The column that a heading's key is about: `cost` for the key `cost`, and also for `arms_cost`, which is the heading
/// of `cost` in a table of arms alone.
fn column_of(key: &str) -> Option<&'static str> {
    let is_table = |table: &str| {
        let ends = format!("_{table}");
        words("report").chain(words("tables")).any(|(key, _)| key == table || key.ends_with(&ends))
    };
    let of_table =
        |name: &str| key.strip_suffix(name).and_then(|rest| rest.strip_suffix('_')).is_some_and(is_table);
    let exact = column_names().find(|name| *name == key);
    exact.or_else(|| column_names().filter(|name| of_table(name)).max_by_key(|name| name.len()))
}

/// The meaning of a column, its headings, and where it is found.
fn column(name: &str, lang: Lang) -> Option<String> {
    let meaning = meanings::column(name, lang)?;
    let mut lines = vec![says(lang, "column", &[("name", name.into()), ("meaning", meaning.into())])];
    let separator = says(lang, "separator", &[]);
    let headings: Vec<&str> =
        [Lang::En, Lang::Zh].iter().filter_map(|lang| lang.locale().find("columns", name)).collect();
    if !headings.is_empty() {
        lines.push(says(lang, "headings", &[("headings", headings.join(&separator))]));
    }
    if let Some((provider, _)) = customers::find(name) {
        lines.push(says(lang, "of_customers", &[]));
        let tables = provider.needs.wants().tables;
        let files: Vec<String> = tables.iter().map(|table| export(*table, lang)).collect();
        if !files.is_empty() {
            lines.push(says(lang, "filled_from", &[("files", files.join(&separator))]));
        }
    }
    Some(lines.join("\n") + "\n")
}

/// What a question needs of the inputs, as its [`questions::About`] declares it.
fn needs(name: &str, lang: Lang) -> Option<String> {
    let about = questions::ALL.iter().find(|about| about.name == name)?;
    let said = [
        (about.needs_people, "people"),
        (about.needs_places, "places"),
        (about.needs_items, "items"),
        (about.needs_amounts, "amounts"),
    ];
    let said: Vec<String> =
        said.iter().filter(|(is_needed, _)| *is_needed).map(|(_, key)| says(lang, key, &[])).collect();
    let mut text = format!("\n{}\n", says(lang, "needs", &[]));
    about.tables.iter().for_each(|table| text.push_str(&format!("  {}\n", export(*table, lang))));
    if !said.is_empty() {
        text.push_str(&says(lang, "must_say", &[("said", said.join(&says(lang, "and", &[])))]));
        text.push('\n');
    }
    Some(text)
}

/// A phrase that names the file with a table.
fn export(table: Table, lang: Lang) -> String {
    says(lang, "export", &[("export", table.export().into()), ("canonical", table.name().into())])
}

fn presets(lang: Lang) -> Result<String> {
    let list = Preset::all()?.iter().map(|preset| (preset.name.as_str(), preset.title.get(lang))).collect();
    Ok(codes(&says(lang, "presets", &[]), 24, list))
}

/// A sentence and a list of codes with their meanings. The meanings begin at `column`, or further right if a code is
/// longer.
fn codes(first: &str, column: usize, list: Vec<(&str, &str)>) -> String {
    let longest = list.iter().map(|(code, _)| code.len()).max().unwrap_or(0);
    let column = if longest < column { column } else { longest + 2 };
    let lines = list.iter().map(|(code, meaning)| format!("{code:column$}{meaning}\n"));
    format!("{first}\n\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests;
