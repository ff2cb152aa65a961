//! Platform presets: what a platform's export looks like and what its words mean, one TOML file each.

mod reading;
mod shared_words;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, LazyLock, OnceLock};

use chrono_tz::Tz;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::locale::Words;
use crate::parse::options::IdKind;
use crate::parse::value::date::DateOrder;
use crate::schema::{EventKind, Field, Status, Table, squash};

/// What a status word of a platform means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusWord {
    /// One status.
    Plain(Status),
    /// The platform says "closed" for two things: refunded when it was paid, else closed without payment.
    Closed,
}

impl StatusWord {
    /// The meaning that a status name of a preset or of `ecrm.toml` stands for.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "closed" => Some(Self::Closed),
            _ => Status::ALL.into_iter().find(|status| status.name() == name).map(Self::Plain),
        }
    }

    /// The name it has in presets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain(status) => status.name(),
            Self::Closed => "closed",
        }
    }
}

/// What a word of a column on what happened after the sale means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AfterSale {
    /// The money went back.
    Refunded,
    /// It did not, or not yet.
    Kept,
}

/// What a row of an export that holds more than sales records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// A sale. One of less than nothing is a payment that the shop itself made.
    Sale,
    /// Money that went back to a buyer, whichever sign it is written with.
    Refund,
    /// No sale: a fee, a payout, a label.
    Other,
}

/// How the day of an order can be read from the head of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderIdDate {
    /// `230517-…`: two digits each of year, month and day.
    Yymmdd,
}

/// An amount that is worked out from several columns of a row; empty cells count nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    /// Headers of what is added.
    pub plus: Vec<String>,
    /// Headers of what is taken off, whichever sign it is written with.
    #[serde(default)]
    pub minus: Vec<String>,
}

/// A platform's export layout.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// The name `--preset` takes.
    pub name: String,
    /// What people call it.
    pub title: Words,
    /// The table its rows belong to.
    pub table: Table,
    /// Another preset that fills in the fields and words not given here.
    inherits: Option<String>,
    /// Headers that together only this platform writes.
    #[serde(default)]
    pub signature: Vec<String>,
    /// Words of which at least one must be in the head of a file, where the header alone does not tell layouts apart.
    #[serde(default)]
    pub telltale: Vec<String>,
    /// Groups of field names, of each of which at least one must be there.
    #[serde(default)]
    pub requires: Vec<Vec<String>>,
    /// The fields of the columns of a layout without a header, empty where a column is of no use.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The zone its times are in when they do not say.
    pub zone: Option<Tz>,
    /// Which of day and month comes first, where the platform fixes it.
    pub date_order: Option<DateOrder>,
    /// The country its addresses are in when they do not say.
    pub country: Option<String>,
    /// Whether the paid column has refunds taken off already.
    #[serde(default)]
    pub paid_is_net_of_refund: bool,
    /// Whether further rows of an order leave the order's own cells blank.
    #[serde(default)]
    pub has_continuation_rows: bool,
    /// What stands between the titles of an order's items, where they share a cell.
    pub title_separator: Option<String>,
    /// Whether the gross column is what was paid and refunded together, with discounts taken off already.
    #[serde(default)]
    pub gross_is_after_discounts: bool,
    /// Presets of each of which a file must stand beside this one's, since they say who bought.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether its orders say no amounts: files of payments or items may, and some questions need none. Where nothing
    /// but ordinary names speaks for it, what such names make of a file otherwise comes first.
    #[serde(default)]
    pub lacks_amounts: bool,
    /// Whether rows say a part of orders that another file lists, as payments do: they add to these and replace none.
    #[serde(default)]
    pub is_part: bool,
    /// The preset of orders beside whose files this one's rows are the items of them: a layout of the same columns, of
    /// items without dates, then reads them.
    pub items_of: Option<String>,
    /// Whether orders that were not paid have no payment date, where no status says it.
    #[serde(default)]
    pub unpaid_has_no_date: bool,
    /// Which of a buyer's ids name the buyer, best first, where that is not the platform's own, then the e-mail, then
    /// the phone.
    #[serde(default)]
    pub customer_keys: Vec<IdKind>,
    /// Headers of buyers' names, which name the buyer where no other column does.
    #[serde(default)]
    pub names: Vec<String>,
    /// What stands in lines of text below the rows.
    #[serde(default)]
    pub footer: Vec<String>,
    /// Whether an order's number says on which day it was placed.
    pub order_id_date: Option<OrderIdDate>,
    /// What to do when the layout names no buyers.
    pub customer_hint: Option<Words>,
    /// For a file of no use: why, and what to export instead.
    pub advice: Option<Words>,
    /// Headers of each field, best first. Several headers of who and where are tried in turn on every row.
    #[serde(default)]
    pub fields: BTreeMap<String, Vec<String>>,
    /// Amounts worked out from several columns.
    #[serde(default)]
    pub sums: BTreeMap<String, Sum>,
    /// The platform's words for each status. An empty word is what a blank cell means; one that ends with `*` stands
    /// for all that begin so.
    #[serde(default)]
    pub status: BTreeMap<String, Vec<String>>,
    /// Its words for what happened after the sale.
    #[serde(default)]
    pub after_sale: BTreeMap<String, Vec<String>>,
    /// Its words for what a row records: `sale`, `refund`, `other`.
    #[serde(default)]
    pub row_kind: BTreeMap<String, Vec<String>>,
    /// Its words for each kind of event.
    #[serde(default)]
    pub kind: BTreeMap<String, Vec<String>>,
    #[serde(skip)]
    squashed: Squashed,
}

/// What a preset says of headers, as headers are compared ([`squash`]).
#[derive(Debug, Clone, Default)]
struct Squashed {
    signature: Vec<String>,
    fields: BTreeMap<Field, Vec<String>>,
    names: Vec<String>,
    sums: BTreeMap<String, Sum>,
}

impl Preset {
    /// Every preset, most specific first.
    pub fn all() -> Result<&'static [Arc<Self>]> {
        static ALL: LazyLock<Result<Vec<Arc<Preset>>, String>> = LazyLock::new(reading::load);
        ALL.as_deref().map_err(|message| Error::Internal(message.clone()))
    }

    /// The preset of this name.
    pub fn named(name: &str) -> Result<Arc<Self>> {
        let all = Self::all()?;
        all.iter().find(|preset| preset.name == name).cloned().ok_or_else(|| {
            let names = Words::names(all.iter().map(|preset| preset.name.as_str()));
            Error::usage_of("no_preset", &[("seen", format!("{name:?}")), ("names", names.to_string())])
        })
    }

    /// The preset of this name, or of one's own in a file of this name (`*.toml`).
    pub fn named_or_file(name: &str) -> Result<Arc<Self>> {
        if Path::new(name).extension().is_none_or(|ending| ending != "toml") {
            return Self::named(name);
        }
        let path = Path::new(name);
        let text = std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::input_of(name, "no_file", &[]),
            _ => Error::io("read", path, error),
        })?;
        let text = String::from_utf8(text).map_err(|_| Error::config_of(name, "preset_encoding", &[]))?;
        let wrong = |message| Error::config(name, message, Words::of("error", "preset_hint", &[]));
        let mut preset = reading::parse(&text).map_err(wrong)?;
        reading::inherit(&mut preset, Self::all()?).map_err(wrong)?;
        reading::check_needed(&preset).map_err(wrong)?;
        preset.squash();
        Ok(Arc::new(preset))
    }

    /// Whether a header, as headers are compared ([`squash`]), is one that any of our presets names: of the rows that
    /// may be a header, most hold none, which is told without asking each preset.
    ///
    /// # Errors
    /// As [`Self::all`].
    pub fn is_known(header: &str) -> Result<bool> {
        static KNOWN: OnceLock<HashSet<String>> = OnceLock::new();
        let presets = Self::all()?;
        let known = KNOWN.get_or_init(|| {
            let of = |preset: &Arc<Self>| {
                let Squashed { signature, fields, sums, .. } = &preset.squashed;
                let sums = sums.values().flat_map(|sum| &sum.plus);
                signature.iter().chain(fields.values().flatten()).chain(sums).cloned().collect::<Vec<_>>()
            };
            presets.iter().flat_map(of).collect()
        });
        Ok(known.contains(header))
    }

    /// The signature, as headers are compared ([`squash`]).
    pub fn squashed_signature(&self) -> &[String] {
        &self.squashed.signature
    }

    /// The headers a field may have, as they are compared.
    pub fn squashed_headers(&self, field: Field) -> &[String] {
        self.squashed.fields.get(&field).map_or(&[], Vec::as_slice)
    }

    /// [`Self::names`], as headers are compared.
    pub fn squashed_names(&self) -> &[String] {
        &self.squashed.names
    }

    /// [`Self::sums`], with headers as they are compared.
    pub fn squashed_sums(&self) -> &BTreeMap<String, Sum> {
        &self.squashed.sums
    }

    fn squash(&mut self) {
        let all = |headers: &Vec<String>| headers.iter().map(|header| squash(header)).collect();
        let fields =
            self.fields.iter().filter_map(|(name, headers)| Some((name.parse().ok()?, all(headers))));
        let sum = |sum: &Sum| Sum { plus: all(&sum.plus), minus: all(&sum.minus) };
        self.squashed = Squashed {
            signature: all(&self.signature),
            fields: fields.collect(),
            names: all(&self.names),
            sums: self.sums.iter().map(|(name, of)| (name.clone(), sum(of))).collect(),
        };
    }

    /// Whether it is one of the layouts of ordinary names, in which a column's meaning is a guess.
    pub fn is_generic(&self) -> bool {
        self.name.starts_with("generic")
    }

    /// Whether another preset fills in what it does not say.
    pub(super) fn inherits(&self) -> bool {
        self.inherits.is_some()
    }

    /// The headers a field may have.
    pub fn headers(&self, field: Field) -> &[String] {
        self.fields.get(field.name()).map_or(&[], Vec::as_slice)
    }

    /// Its status words with their meanings.
    pub fn status_words(&self) -> impl Iterator<Item = (&str, StatusWord)> {
        words(&self.status, StatusWord::named)
    }

    /// Its words on what happened after the sale, with their meanings.
    pub fn after_sale_words(&self) -> impl Iterator<Item = (&str, AfterSale)> {
        words(&self.after_sale, after_sale)
    }

    /// Its words for what a row records, with their meanings.
    pub fn row_kind_words(&self) -> impl Iterator<Item = (&str, RowKind)> {
        words(&self.row_kind, row_kind)
    }

    /// Its words for kinds of events, with their meanings.
    pub fn kind_words(&self) -> impl Iterator<Item = (&str, EventKind)> {
        words(&self.kind, EventKind::named)
    }
}

fn after_sale(name: &str) -> Option<AfterSale> {
    match name {
        "refunded" => Some(AfterSale::Refunded),
        "kept" => Some(AfterSale::Kept),
        _ => None,
    }
}

fn row_kind(name: &str) -> Option<RowKind> {
    match name {
        "sale" => Some(RowKind::Sale),
        "refund" => Some(RowKind::Refund),
        "other" => Some(RowKind::Other),
        _ => None,
    }
}

fn words<T: Copy>(
    by_name: &BTreeMap<String, Vec<String>>,
    meaning: impl Fn(&str) -> Option<T>,
) -> impl Iterator<Item = (&str, T)> {
    by_name.iter().flat_map(move |(name, words)| {
        let meaning = meaning(name);
        words.iter().filter_map(move |word| meaning.map(|meaning| (word.as_str(), meaning)))
    })
}
