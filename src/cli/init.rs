//! `ecrm init`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::files::Files;
use super::{output, voice, worded};
use crate::config::{Config, FILE_NAME};
use crate::error::{Error, Result, said};
use crate::locale::{Lang, harmless, sentence};
use crate::parse::ReadOptions;
use crate::parse::source::{Input, Place};
use crate::place::FileIdentity;
use crate::present::sink::Sink;
use crate::reading::expand::{Names, expand};
use crate::reading::recognise;
use crate::schema::Table;

/// Write a commented ecrm.toml that names these files, so that commands need no arguments
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ecrm init exports/*.csv && ecrm rfm --window 365")]
pub struct InitArgs {
    /// Exports to remember, sorted by what they hold
    #[arg(value_name = "FILES")]
    files: Vec<String>,

    /// Where to write, `-` for standard output; names in it are relative to its folder
    #[arg(short, long, value_name = "FILE", default_value = FILE_NAME)]
    output: PathBuf,

    /// Replace an existing file
    #[arg(long)]
    force: bool,

    /// The language of what is said and of the file's comments [default: the system's]
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

/// The part of the file beside the inputs: every table and key with its default, explained in one language.
fn template(lang: Lang) -> &'static str {
    match lang {
        Lang::En => include_str!("init_template_en.toml"),
        Lang::Zh => include_str!("init_template_zh.toml"),
    }
}

impl InitArgs {
    /// Recognises the files and writes the configuration.
    pub fn run(self) -> Result<()> {
        let lang = output::lang(self.lang, &Config::default());
        self.check_files()?;
        let locale = lang.locale();
        let words = |code: &str, values: &[(&str, String)]| {
            harmless(&locale.sentence("store", &sentence(code, values))).into_owned()
        };
        let is_stdout = self.output.as_os_str() == "-";
        let refused = |key: &str| Error::usage_of(key, &[]);
        if self.files.is_empty() {
            return Err(refused("init_names"));
        }
        if self.output.exists() && !self.force && !is_stdout {
            let name = self.output.display().to_string();
            return Err(Error::input_of(name, "init_exists", &[]));
        }
        let sink = if is_stdout { Sink::Stdout } else { Sink::file(&self.output)? };
        let folder = self.output.parent().map_or_else(PathBuf::new, Path::to_owned);
        let mut tables: Vec<(Table, Vec<String>)> =
            Table::ALL.iter().map(|table| (*table, Vec::new())).collect();
        let mut store = None;
        // Patterns are kept as they are, since later files will match too.
        for name in &self.once(lang)? {
            let inputs = expand(std::slice::from_ref(name), None)?;
            if let Some(Input { place: Place::Store(_), .. }) = inputs.first() {
                voice::mention(&words("recognised_store", &[("file", name.clone())]));
                store = Some(seen_from(&folder, name)?);
                continue;
            }
            let Some(first @ Input { place: Place::File(path), .. }) = inputs.first() else {
                return Err(refused("init_stdin"));
            };
            // A pipe does not exist any more when a later command reads it.
            if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
                return Err(refused("init_stdin"));
            }
            let source = recognise(first, &ReadOptions::default())?;
            let preset = &source.layout.preset;
            let Some(place) = tables.iter().position(|(table, _)| *table == source.table()) else {
                let (message, hint) = said("of_no_use", &[("title", preset.title.to_string())]);
                return Err(Error::input(name, message, preset.advice.clone().unwrap_or(hint)));
            };
            let (table, preset) = (source.table().name().to_owned(), preset.name.clone());
            let seen = [("file", name.clone()), ("canonical", table), ("preset", preset)];
            voice::mention(&words("recognised", &seen));
            voice::detail(&format!("  {}", harmless(&source.layout.mapping())));
            tables[place].1.push(seen_from(&folder, name)?);
        }
        let mut text = format!("# {}\n\n[inputs]\n", locale.get("text", "init_head"));
        match store {
            Some(store) => text.push_str(&format!("store = {}\n", toml::Value::from(store))),
            None => text.push_str("# store = \"shop\"\n"),
        }
        for (table, names) in tables {
            let names: Vec<String> =
                names.iter().map(|name| toml::Value::from(name.as_str()).to_string()).collect();
            let mark = if names.is_empty() { "# " } else { "" };
            text.push_str(&format!("{mark}{} = [{}]\n", table.name(), names.join(", ")));
        }
        text.push_str(template(lang));
        sink.write_with(|out| out.write_all(text.as_bytes()))
    }

    /// Refuses to overwrite an input, including one of another configuration; the file being replaced does not count.
    fn check_files(&self) -> Result<()> {
        let mut files = Files::default();
        let folder = std::env::current_dir().map_err(|error| Error::io("read", Path::new("."), error))?;
        let output = FileIdentity::of(&self.output);
        let is_other = |path: &Path| !FileIdentity::of(path).is_same(&output);
        if let Ok(config) = Config::find(None, &folder)
            && config.path.as_deref().is_some_and(is_other)
        {
            files = files.configured(&config).read(config.path.as_deref());
        }
        self.files.iter().for_each(|name| files.input(name));
        files.write("-o", Some(&self.output)).check()
    }
}

impl InitArgs {
    /// The names without repeated files; repeated ones are reported.
    fn once(&self, lang: Lang) -> Result<Vec<String>> {
        let is_plain = |name: &&String| Path::new(name).exists() || *name == "-";
        let mut all = Names::default();
        all.add(&self.files.iter().filter(is_plain).cloned().collect::<Vec<_>>(), None)?;
        let named = all.finish()?;
        named.notes.iter().for_each(|remark| voice::note(&worded(remark, lang.locale())));
        let kept: Vec<String> = named.inputs.iter().map(Input::name).collect();
        let mut names: Vec<String> = Vec::new();
        for name in self.files.iter().filter(|name| !is_plain(name) || *name == "-" || kept.contains(name)) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        Ok(names)
    }
}

/// A name relative to the configuration's folder: unchanged if that is the current folder or the name is absolute,
/// relative if the file is below it, else absolute.
fn seen_from(folder: &Path, name: &str) -> Result<String> {
    if folder.as_os_str().is_empty() || Path::new(name).is_absolute() {
        return Ok(name.to_owned());
    }
    let absolute = |path: &Path| std::path::absolute(path).map_err(|error| Error::io("read", path, error));
    let (folder, file) = (absolute(folder)?, absolute(Path::new(name))?);
    Ok(file.strip_prefix(&folder).unwrap_or(&file).display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_right_from_the_configurations_folder() {
        assert_eq!(seen_from(Path::new(""), "a/*.csv").ok().as_deref(), Some("a/*.csv"));
        assert_eq!(seen_from(Path::new("shop"), "shop/a/*.csv").ok().as_deref(), Some("a/*.csv"));
        let outside = seen_from(Path::new("shop"), "b.csv").expect("a name");
        assert!(Path::new(&outside).is_absolute() && outside.ends_with("b.csv"));
    }

    /// A template with the marks of its keys and tables taken off.
    fn active(lang: Lang) -> String {
        let is_code = |rest: &&str| rest.contains(" = ") || rest.starts_with('[');
        let line = |line: &'static str| line.strip_prefix("# ").filter(is_code).unwrap_or(line);
        template(lang).lines().map(|text| format!("{}\n", line(text))).collect()
    }

    #[test]
    fn every_line_of_the_templates_is_valid_with_its_mark_taken_off() {
        for lang in [Lang::En, Lang::Zh] {
            let active = active(lang);
            assert!(active.lines().filter(|line| line.contains(" = ")).count() > 20);
            Config::parse(&active, "template").expect("the template");
        }
    }

    #[test]
    fn the_templates_differ_in_what_they_explain_alone() {
        let keys = |lang: Lang| {
            let active = active(lang);
            let lines = active.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(keys(Lang::En), keys(Lang::Zh));
        let explained = |lang: Lang| active(lang).lines().filter(|line| line.starts_with("# ")).count();
        assert!(explained(Lang::Zh) > 25 && explained(Lang::Zh) <= explained(Lang::En));
        for line in active(Lang::Zh).lines().filter(|line| line.starts_with("# ")) {
            assert!(line.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{line}");
        }
    }
}
