//! Turns flags and configuration into validated reading options and inputs.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;

use super::shared::{InputArgs, ScopeArgs};
use super::standard_input::{self, StandardInput};
use super::{configuration, reply};
use crate::config::{Config, rules};
use crate::error::{Error, Result};
use crate::hand::IDENTITIES;
use crate::locale::{Remark, Words};
use crate::metrics::ScopeRequest;
use crate::parse::preset::Preset;
use crate::parse::source::{Input, Place};
use crate::parse::{IdKind, IdentityOptions, ReadOptions, SourceInfo};
use crate::place::FileIdentity;
use crate::reading::expand::{Named, Names};
use crate::schema::{Day, Field, Table};
use crate::store::Store;

/// The inputs: those named, else standard input if it has data, else those of the configuration that hold orders or a
/// table in `wanted`. A file that this run will create does not count. `waiting` is called if standard input keeps the
/// run waiting.
pub fn inputs(
    args: &InputArgs,
    config: &Config,
    (wanted, begun): (&[Table], Option<&Path>),
    waiting: impl FnOnce() + Send + 'static,
) -> Result<Named> {
    let begun = begun.filter(|path| !path.exists()).map(FileIdentity::of);
    let is_there = |name: &&String| {
        let is_begun = |begun: &FileIdentity| FileIdentity::of(Path::new(name)).is_same(begun);
        !begun.as_ref().is_some_and(is_begun)
    };
    let there = |named: &[String]| named.iter().filter(is_there).cloned().collect::<Vec<String>>();
    let mut names = Names::default();
    names.add(&there(&args.files), None)?;
    for (table, given) in args.tables.iter() {
        names.add(&there(given), Some(table))?;
    }
    if !names.is_empty() {
        let named = without_hand_kept(names.finish()?, config);
        if named.inputs.iter().any(|input| input.place == Place::Stdin) {
            standard_input::wait(waiting)?;
        }
        return Ok(named);
    }
    let found = standard_input::detect(waiting)?;
    if found == StandardInput::Begun {
        return Ok(Named { inputs: vec![Input::stdin()], ..Named::default() });
    }
    config.store().into_iter().for_each(|folder| names.add_place(Place::Store(folder), None));
    for table in Table::ALL.iter().filter(|table| **table == Table::Orders || wanted.contains(table)) {
        names.add(&there(&config.resolved(config.inputs.of(*table))), Some(*table))?;
    }
    match (names.is_empty(), found) {
        (false, _) => names.finish(),
        (true, StandardInput::Terminal) => Err(Error::usage_of("no_input", &[])),
        (true, _) => Err(Error::input_of(Input::stdin().name(), "stdin_empty", &[])),
    }
}

/// The inputs without the shop's hand-kept files, which a shell's pattern may match beside exports: they are read
/// separately by questions that need them.
fn without_hand_kept(mut named: Named, config: &Config) -> Named {
    let kept: Vec<FileIdentity> =
        configuration::hand_files(config).iter().map(|(path, _)| FileIdentity::of(path)).collect();
    let is_kept = |input: &Input| match &input.place {
        Place::File(path) if input.table.is_none() => {
            let file = FileIdentity::of(path);
            file.is_regular && kept.iter().any(|kept| kept.is_same(&file))
        }
        _ => false,
    };
    let (kept, others): (Vec<Input>, Vec<Input>) = named.inputs.into_iter().partition(is_kept);
    match others.is_empty() {
        // If the file is something else, reading it says so.
        true => named.inputs = kept,
        false => {
            named.inputs = others;
            named.notes.extend(kept.iter().map(|input| Remark::new("hand_input").with("file", input.name())));
        }
    }
    named
}

/// How to read: from the flags, then from the configuration.
pub fn options(args: &InputArgs, config: &Config) -> Result<ReadOptions> {
    let read = &config.read;
    let mut mapping = args.map.clone();
    for (name, header) in &read.map {
        let field = name.parse().map_err(|message: Words| {
            let message =
                Words { en: format!("[read.map] {}", message.en), zh: format!("[read.map] {}", message.zh) };
            Error::config(config.name(), message, Words::of("refused", "read_map", &[]))
        })?;
        if !mapping.iter().any(|(seen, _)| *seen == field) {
            mapping.push((field, header.clone()));
        }
    }
    let encoding = args.encoding.as_ref().or(read.encoding.as_ref()).map(|name| rules::encoding(name));
    let delimiter = args.delimiter.as_ref().or(read.delimiter.as_ref()).map(|text| rules::delimiter(text));
    let own_file = |name: &String| config.resolved(std::slice::from_ref(name)).swap_remove(0);
    let preset = match (&args.preset, &read.preset) {
        (Some(name), _) => Some(Preset::named_or_file(name)?),
        // A path in the configuration is relative to its folder.
        (None, Some(name)) if name.ends_with(".toml") => Some(Preset::named_or_file(&own_file(name))?),
        (None, Some(name)) => Some(Preset::named(name)?),
        (None, None) => None,
    };
    Ok(ReadOptions {
        mapping,
        preset,
        has_no_header: args.no_header || read.no_header.unwrap_or(false),
        sheet: args.sheet.clone().or_else(|| read.sheet.clone()),
        customer_key: args.customer_key.or(read.customer_key),
        identity: identity(args, config),
        date_order: args.date_order.or(read.date_order),
        decimal: args.decimal.or(read.decimal),
        zone: zone(args, config)?,
        encoding: encoding.transpose()?,
        delimiter: delimiter.transpose()?,
        status_words: config.status.clone(),
        currency: args.currency.clone().or_else(|| read.currency.clone()),
        on_wait: Some(reply::waiting_for_store),
        ..ReadOptions::default()
    })
}

/// The given flags that apply to one kind of files or columns only.
#[derive(Debug, Clone, Copy)]
pub struct OfKinds {
    sheet: bool,
    delimiter: bool,
    encoding: bool,
    preset: bool,
    customer_key: Option<IdKind>,
    /// Whether a zone was given that only affects the reading of files.
    zone: bool,
}

impl OfKinds {
    /// Takes those flags from `args` and `scope`. Settings of the configuration do not count, since they apply to all
    /// files.
    pub fn of(args: &InputArgs, scope: Option<&ScopeArgs>) -> Self {
        let is_today = scope.and_then(|scope| scope.as_of.as_deref()) == Some("today");
        let is_given = |flag: &Option<String>| flag.is_some();
        Self {
            sheet: is_given(&args.sheet),
            delimiter: is_given(&args.delimiter),
            encoding: is_given(&args.encoding),
            preset: is_given(&args.preset),
            customer_key: args.customer_key,
            zone: is_given(&args.tz) && !is_today,
        }
    }

    /// Whether a zone is given that has no effect because no files are read here.
    pub fn has_idle_zone(self, config: &Config) -> bool {
        self.zone && config.scope.as_of.as_deref() != Some("today")
    }

    /// Refuses a flag that applies to none of the files, and reports settings without effect.
    ///
    /// # Errors
    /// Wrong usage, naming the files.
    pub fn check<'s>(
        self,
        options: &ReadOptions,
        inputs: &[Input],
        sources: impl Iterator<Item = &'s SourceInfo> + Clone,
    ) -> Result<Option<Remark>> {
        let names: Vec<String> = inputs.iter().map(Input::name).collect();
        let refused = |key: &str, flag: &str| {
            let files = Words::names(names.iter().map(String::as_str)).to_string();
            Err(Error::usage_of(key, &[("flag", flag.to_owned()), ("files", files)]))
        };
        let kinds = &options.kinds;
        let has = |field: Field| sources.clone().any(|source| source.layout.has(field));
        let is_used =
            |preset: &Arc<Preset>| sources.clone().any(|source| source.layout.preset.name == preset.name);
        match self {
            Self { sheet: true, .. } if !kinds.has_workbook() => refused("no_workbook", "--sheet"),
            Self { delimiter: true, .. } if !kinds.has_text() => refused("no_text", "--delimiter"),
            Self { encoding: true, .. } if !kinds.has_text() => refused("no_text", "--encoding"),
            Self { preset: true, .. } if !options.preset.as_ref().is_some_and(is_used) => {
                refused("preset_of_others", "--preset")
            }
            Self { customer_key: Some(kind), .. } if !has(kind.field()) => {
                refused(&format!("no_key_{}", kind.field().name()), "--customer-key")
            }
            Self { zone, .. } => {
                // A store's times were interpreted at import.
                let is_read = !inputs.iter().any(|input| matches!(input.place, Place::Store(_)));
                Ok((zone && is_read && !kinds.has_zones()).then(|| Remark::new("zone_unused")))
            }
        }
    }
}

/// Which orders count: from the flags, then from the configuration.
pub fn request(args: &ScopeArgs, input: &InputArgs, config: &Config) -> Result<ScopeRequest> {
    let as_of = args.as_of.as_ref().or(config.scope.as_of.as_ref());
    let zone = zone(input, config)?;
    Ok(ScopeRequest {
        as_of: as_of.map(|text| day(text, zone)).transpose()?,
        window: args.window.or(config.scope.window),
        include_zero_orders: args.include_zero_orders || config.scope.include_zero_orders.unwrap_or(false),
        excludes_occasional: args.exclude_occasional || config.scope.exclude_occasional.unwrap_or(false),
    })
}

/// The shop's time zone, if a flag or the configuration gives it.
pub fn zone(args: &InputArgs, config: &Config) -> Result<Option<Tz>> {
    args.tz.as_ref().or(config.read.tz.as_ref()).map(|name| rules::zone(name)).transpose()
}

/// What makes several ids one person, without decisions made by hand.
fn identity(args: &InputArgs, config: &Config) -> IdentityOptions {
    let own = &config.identity;
    let usual = IdentityOptions::default();
    IdentityOptions {
        mode: args.identity.or(own.mode).unwrap_or_default(),
        max_ids: own.max.unwrap_or(usual.max_ids),
        file: configuration::hand_file(&IDENTITIES, config).display().to_string(),
        ..usual
    }
}

/// Larger inputs (in bytes) are not read for contacts merely to suggest joins. For smaller ones this takes 0.02
/// seconds, or less than 0.1 if phone numbers must be normalised; for larger ones it would be noticeable.
const MAX_BYTES_TO_SUGGEST: u64 = 4 << 20;

/// Whether the inputs are small enough to read their contacts only for a suggestion.
pub fn is_small(inputs: &[Input]) -> bool {
    let size = |input: &Input| match &input.place {
        Place::File(path) => fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|meta| meta.len()),
        Place::Store(folder) => Store::open(folder).and_then(|store| store.imported_bytes()).ok(),
        Place::Bytes(_, bytes) => Some(bytes.len() as u64),
        Place::Stdin => None,
    };
    let sizes: Option<Vec<u64>> = inputs.iter().map(size).collect();
    sizes.is_some_and(|sizes| sizes.iter().sum::<u64>() <= MAX_BYTES_TO_SUGGEST)
}

/// Today, in the shop's zone or else the system's.
pub fn today(zone: Option<Tz>) -> Day {
    now(zone).date().into()
}

/// The present time, in the same zone.
pub fn now(zone: Option<Tz>) -> chrono::NaiveDateTime {
    match zone {
        Some(zone) => chrono::Utc::now().with_timezone(&zone).naive_local(),
        None => chrono::Local::now().naive_local(),
    }
}

/// Parses a date, or `today`.
pub fn day(text: &str, zone: Option<Tz>) -> Result<Day> {
    if text == "today" { Ok(today(zone)) } else { rules::day(text) }
}
