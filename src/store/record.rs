//! What was noted about an imported file, for everything that is asked about a file besides its rows.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, LazyLock, Mutex};

use serde::{Deserialize, Serialize};

use super::frames;
use super::manifest::{FileRef, Import};
use super::person::Person;
use super::preset::KeptPreset;
use crate::error::Result;
use crate::locale::Remark;
use crate::parse::encoding::{self, CellEncoding};
use crate::parse::layout::{Found, Layout, Statuses};
use crate::parse::orders::refund_ids::Parent;
use crate::parse::orders::{Edges, FileTraits, Survey};
use crate::parse::records::Dialect;
use crate::parse::sections::Sections;
use crate::parse::source::Digest;
use crate::parse::value::money::{DecimalMark, Numbers};
use crate::parse::{DateColumn, SourceInfo};
use crate::schema::accounting::{Rule, RuleCounts};
use crate::schema::{EventKind, Field, Key};
use crate::sync::locked;

/// The notes about a file. What an earlier version did not write has the value of an empty record.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Record {
    preset: KeptPreset,
    is_asked: bool,
    encoding: String,
    dialect: Dialect,
    headers: Vec<String>,
    columns: BTreeMap<String, Vec<usize>>,
    sums: BTreeMap<String, (Vec<usize>, Vec<usize>)>,
    header_record: u64,
    decimal_comma: bool,
    notes: Vec<(String, Vec<(String, String)>)>,
    dates: Vec<(String, String, [u64; 5])>,
    excluded: BTreeMap<String, u64>,
    /// The notes about a file of orders.
    pub orders: Option<OrderRecord>,
    /// How often each word for a kind of event occurs, with the kind that it means.
    pub words: BTreeMap<(String, Option<EventKind>), u64>,
    /// The currencies of the amounts of items.
    pub item_currencies: BTreeSet<String>,
    /// Whether a file that may belong to two tables is kept as both; earlier versions kept it as one.
    pub knows_other: bool,
}

/// The notes about a file of orders.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct OrderRecord {
    pub traits: FileTraits,
    pub inferred_days: u64,
    pub currencies: Vec<String>,
    pub written_currencies: BTreeSet<String>,
    pub has_personal_ids: bool,
    pub edges: Edges,
    pub survey: Survey,
    /// For negative rows, the orders that they may be refunds of.
    #[serde(default)]
    pub refunds: Vec<(Key, Vec<Parent>)>,
    /// Whether its further columns are kept.
    pub keeps_columns: bool,
}

impl Record {
    pub(super) fn new(
        info: &SourceInfo,
        notes: &[Remark],
        dates: &[DateColumn],
        excluded: &RuleCounts,
        orders: Option<OrderRecord>,
        words: BTreeMap<(String, Option<EventKind>), u64>,
    ) -> Self {
        let layout = &info.layout;
        let named = |field: &Field| field.name().to_owned();
        let note = |note: &Remark| {
            let values = note.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
            (note.code.to_owned(), values.collect())
        };
        Self {
            preset: KeptPreset::of(&layout.preset),
            is_asked: layout.is_asked,
            encoding: layout.encoding.name().to_owned(),
            dialect: layout.dialect,
            headers: layout.headers.clone(),
            columns: layout.columns.iter().map(|(field, columns)| (named(field), columns.clone())).collect(),
            sums: layout.sums.iter().map(|(field, sum)| (named(field), sum.clone())).collect(),
            header_record: layout.header_record,
            decimal_comma: layout.numbers.has_comma(),
            notes: notes.iter().map(note).collect(),
            dates: dates
                .iter()
                .map(|date| (date.header.clone(), date.order.to_owned(), date.counts))
                .collect(),
            excluded: excluded.iter().map(|(rule, rows)| (rule.code().to_owned(), rows)).collect(),
            orders,
            words,
            item_currencies: BTreeSet::new(),
            knows_other: true,
        }
    }

    /// Removes a person from the notes; returns whether anything was removed.
    pub(super) fn scrub(&mut self, person: &Person) -> bool {
        let mut is_changed = false;
        let mut clean = |text: &mut String| {
            if let Some(clean) = person.scrubbed(text) {
                *text = clean;
                is_changed = true;
            }
        };
        self.notes.iter_mut().flat_map(|(_, values)| values).for_each(|(_, value)| clean(value));
        // In a file without a header, the first row may have been taken for one.
        self.headers.iter_mut().for_each(&mut clean);
        self.dates.iter_mut().for_each(|(header, ..)| clean(header));
        if let Some(of) = &mut self.orders {
            clean(&mut of.traits.name);
            let is_mentioned = |word: &str| person.scrubbed(word).is_some();
            let words: Vec<_> =
                of.survey.statuses.keys().filter(|(word, _)| is_mentioned(word)).cloned().collect();
            for (mut word, meaning) in words {
                let rows = of.survey.statuses.remove(&(word.clone(), meaning)).unwrap_or(0);
                clean(&mut word);
                *of.survey.statuses.entry((word, meaning)).or_default() += rows;
            }
            let is_theirs = |order: &str| person.orders.contains(&Key::of(order.as_bytes()));
            is_changed |= of.survey.clear_examples(|order| !order.is_empty() && is_theirs(order));
            let before = of.refunds.len();
            of.refunds.retain(|(refund, parents)| {
                let is_theirs = |order: &Key| person.orders.contains(order);
                !is_theirs(refund) && !parents.iter().any(|parent| is_theirs(&parent.order))
            });
            is_changed |= of.refunds.len() < before;
            for edge in [&mut of.edges.first, &mut of.edges.last] {
                if edge.as_ref().is_some_and(|(order, _)| person.orders.contains(order)) {
                    *edge = None;
                    is_changed = true;
                }
            }
        }
        let words: Vec<_> =
            self.words.keys().filter(|(word, _)| person.scrubbed(word).is_some()).cloned().collect();
        for (word, kind) in words {
            let rows = self.words.remove(&(word.clone(), kind)).unwrap_or(0);
            let clean = person.scrubbed(&word).unwrap_or_default();
            *self.words.entry((clean, kind)).or_default() += rows;
            is_changed = true;
        }
        is_changed
    }

    pub(super) fn load(folder: &std::path::Path, file: &FileRef) -> Result<Self> {
        frames::load_value(folder, file)
    }

    /// What the file was recognised as.
    pub(super) fn info(&self, import: &Import) -> SourceInfo {
        let fields = |name: &String| name.parse::<Field>().ok();
        let encoding = match self.encoding.as_str() {
            "ASCII" => CellEncoding::Ascii,
            name => encoding::named(name).unwrap_or(CellEncoding::Utf8),
        };
        SourceInfo {
            name: import.name.clone(),
            layout: Layout {
                preset: Arc::new(self.preset.preset()),
                is_asked: self.is_asked,
                encoding,
                dialect: self.dialect,
                headers: self.headers.clone(),
                columns: self
                    .columns
                    .iter()
                    .filter_map(|(name, columns)| Some((fields(name)?, columns.clone())))
                    .collect(),
                sums: self.sums.iter().filter_map(|(name, sum)| Some((fields(name)?, sum.clone()))).collect(),
                body_start: 0,
                header_record: self.header_record,
                // Dates and numbers have already been read.
                dates: BTreeMap::new(),
                numbers: Numbers::default(),
                utc_columns: Vec::new(),
                serials: Vec::new(),
                // Remarks on statuses, recognised columns and sections are among the notes.
                statuses: Statuses::default(),
                found: Found::default(),
                sections: Sections::default(),
            },
            rows_read: import.rows_read,
            digest: Some(Digest { bytes: import.bytes, sha256: import.sha256.clone() }),
        }
    }

    /// Whether the file has a column for a field.
    pub(super) fn has(&self, field: Field) -> bool {
        self.columns.contains_key(field.name())
    }

    /// The decimal mark of a file with a single column of amounts.
    pub(super) fn decimal(&self) -> DecimalMark {
        if self.decimal_comma { DecimalMark::Comma } else { DecimalMark::Point }
    }

    /// The remarks that the user saw when it was imported.
    pub(super) fn notes(&self) -> Vec<Remark> {
        let note = |(code, values): &(String, Vec<(String, String)>)| Remark {
            code: kept(code),
            values: values.iter().map(|(name, value)| (kept(name), value.clone())).collect(),
        };
        self.notes.iter().map(note).collect()
    }

    /// How its columns of dates were read.
    pub(super) fn dates(&self, import: &Import) -> Vec<DateColumn> {
        let column = |(header, order, counts): &(String, String, [u64; 5])| DateColumn {
            file: import.name.clone(),
            header: header.clone(),
            order: kept(order),
            counts: *counts,
        };
        self.dates.iter().map(column).collect()
    }

    /// How many rows rules left out when it was read.
    pub(super) fn excluded(&self) -> RuleCounts {
        let mut counts = RuleCounts::default();
        for rule in Rule::ALL {
            counts.add(*rule, self.excluded.get(rule.code()).copied().unwrap_or(0));
        }
        counts
    }
}

/// A word of the program itself that was read from a file, as a static text. Each word is leaked once, since there are
/// few.
pub fn kept(word: &str) -> &'static str {
    static KEPT: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    let mut words = locked(&KEPT);
    match words.get(word) {
        Some(word) => word,
        None => {
            let word: &'static str = Box::leak(word.into());
            words.insert(word);
            word
        }
    }
}

/// The currencies written beside amounts, by their names in this program.
pub(super) fn currencies(record: &OrderRecord) -> BTreeSet<&'static str> {
    record.written_currencies.iter().map(|code| kept(code)).collect()
}
