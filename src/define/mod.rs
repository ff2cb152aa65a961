//! What every name means, as text in both languages: `ecrm define` prints it.

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

/// The English texts, and in the folder `zh` the Chinese ones.
static TEXTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/define/texts");

/// Names that have a definition, in alphabetical order.
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

/// The definition of a name, or of the columns and questions with that heading in one of the languages; its first line
/// says what it is in a sentence.
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

/// The names of columns, which have a definition though [`names`] does not list them.
pub fn column_names() -> impl Iterator<Item = &'static str> {
    columns::ALL.iter().map(|(name, _)| *name)
}

/// The headings of columns and the titles of questions in both languages, by which [`find`] finds them too.
pub fn headings() -> impl Iterator<Item = &'static str> {
    words("columns").chain(words("report")).map(|(_, heading)| heading)
}

/// The definition that a name has, its first line a sentence.
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

/// The text of a name. Where there is no Chinese, which a test rules out, it is the English.
fn written(name: &str, lang: Lang) -> Option<&'static str> {
    let file = |path: String| TEXTS.get_file(path)?.contents_utf8();
    let chinese = || file(format!("zh/{name}.md")).filter(|_| lang == Lang::Zh);
    chinese().or_else(|| file(format!("{name}.md")))
}

/// A sentence of the frame around the texts.
fn says(lang: Lang, key: &str, values: &[(&str, String)]) -> String {
    lang.locale().sentence("define", &sentence(key, values)).into_owned()
}

/// The words of a section in both languages, with their keys.
fn words(section: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    [Lang::En, Lang::Zh].into_iter().flat_map(move |lang| lang.locale().words(section))
}

/// The keys of a section that say this, in one of the languages and in whatever case.
fn saying(section: &'static str, heading: &str) -> Vec<&'static str> {
    let heading = heading.to_lowercase();
    words(section).filter(|(_, words)| words.to_lowercase() == heading).map(|(key, _)| key).collect()
}

/// The columns of this heading, be it that of one table alone.
fn headed(heading: &str) -> Vec<&'static str> {
    let keys = saying("columns", heading);
    column_names().filter(|name| keys.iter().any(|key| column_of(key) == Some(*name))).collect()
}

/// The questions of this title; what looks after tags answers as `tag`, and `tags` says what it means.
fn titled(title: &str) -> Vec<&'static str> {
    let keys = saying("report", title);
    let is_of = |name: &str, key: &str| name == key || name.strip_suffix('s') == Some(key);
    names().into_iter().filter(|name| keys.iter().any(|key| is_of(name, key))).collect()
}

/// The column that a key of headings is of: `cost`, or `arms_cost` where a table heads it in another way.
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

/// What a column means, how it is headed and where it is found.
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

/// What a question needs of the inputs, as the registry of questions declares it.
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

/// The file that holds a table, in a phrase.
fn export(table: Table, lang: Lang) -> String {
    says(lang, "export", &[("export", table.export().into()), ("canonical", table.name().into())])
}

fn presets(lang: Lang) -> Result<String> {
    let list = Preset::all()?.iter().map(|preset| (preset.name.as_str(), preset.title.get(lang))).collect();
    Ok(codes(&says(lang, "presets", &[]), 24, list))
}

/// A sentence and a list of codes with their meanings, which begin at a column, or further where codes are longer.
fn codes(first: &str, column: usize, list: Vec<(&str, &str)>) -> String {
    let longest = list.iter().map(|(code, _)| code.len()).max().unwrap_or(0);
    let column = if longest < column { column } else { longest + 2 };
    let lines = list.iter().map(|(code, meaning)| format!("{code:column$}{meaning}\n"));
    format!("{first}\n\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests;
