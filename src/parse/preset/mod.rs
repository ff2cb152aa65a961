//! Platform presets: how a platform's export looks and what its words mean. One TOML file each.

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
    /// The platform says "closed" for two things: refunded if the order was paid, otherwise closed without payment.
    Closed,
}

impl StatusWord {
    /// The meaning of a status name in a preset or in `ecrm.toml`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "closed" => Some(Self::Closed),
            _ => Status::ALL.into_iter().find(|status| status.name() == name).map(Self::Plain),
        }
    }

    /// Its name in presets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain(status) => status.name(),
            Self::Closed => "closed",
        }
    }
}

/// The meaning of a word in a column about what happened after the sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AfterSale {
    /// The money was refunded.
    Refunded,
    /// The money was not refunded, or not yet.
    Kept,
}

/// What a row records, in exports that hold more than sales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// A sale. A negative amount is a payment made by the shop itself.
    Sale,
    /// A refund to a buyer, with either sign.
    Refund,
    /// Not a sale: a fee, a payout, a label.
    Other,
}

/// How the day of an order is written at the start of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderIdDate {
    /// `230517-…`: two digits each for year, month and day.
    Yymmdd,
}

/// An amount computed from several columns of a row; empty cells count as 0.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    /// Headers of the columns that are added.
    pub plus: Vec<String>,
    /// Headers of the columns that are subtracted, with either sign.
    #[serde(default)]
    pub minus: Vec<String>,
}

/// A platform's export layout.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// The name that `--preset` takes.
    pub name: String,
    /// The platform's name for display.
    pub title: Words,
    /// The table its rows belong to.
    pub table: Table,
    /// Another preset from which missing fields and words are taken.
    inherits: Option<String>,
    /// Headers that only this platform has together.
    #[serde(default)]
    pub signature: Vec<String>,
    /// Words at least one of which must occur in the head of a file, for layouts that the header alone does not tell
    /// apart.
    #[serde(default)]
    pub telltale: Vec<String>,
    /// Groups of field names; of each group at least one must be present.
    #[serde(default)]
    pub requires: Vec<Vec<String>>,
    /// The fields of the columns of a layout without a header; empty for a column that is not used.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The zone of times without an offset.
    pub zone: Option<Tz>,
    /// Whether day or month comes first, if the platform fixes it.
    pub date_order: Option<DateOrder>,
    /// The country of addresses that name none.
    pub country: Option<String>,
    /// Whether refunds are already subtracted in the paid column.
    #[serde(default)]
    pub paid_is_net_of_refund: bool,
    /// Whether the order's own cells are blank in further rows of the order.
    #[serde(default)]
    pub has_continuation_rows: bool,
    /// What separates the titles of an order's items if they share a cell.
    pub title_separator: Option<String>,
    /// Whether the gross column is the sum of paid and refunded amounts, with discounts already subtracted.
    #[serde(default)]
    pub gross_is_after_discounts: bool,
    /// Presets a file of each of which must be given too, because they say who bought.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether its orders have no amounts: files of payments or items may have them, and some questions need none. If
    /// such a preset fits by ordinary names only, presets with amounts are tried first.
    #[serde(default)]
    pub lacks_amounts: bool,
    /// Whether its rows are parts of orders that another file lists, as payments are: they add to these orders and
    /// replace none.
    #[serde(default)]
    pub is_part: bool,
    /// The preset of orders whose items this preset's rows are, if files of both are given; they are then read with a
    /// layout of items that has the same columns and no dates.
    pub items_of: Option<String>,
    /// Whether an order without a payment date was not paid, if no status says it.
    #[serde(default)]
    pub unpaid_has_no_date: bool,
    /// Which of a buyer's ids is the customer key, best first. Default: the platform's id, then the e-mail address,
    /// then the phone.
    #[serde(default)]
    pub customer_keys: Vec<IdKind>,
    /// Headers of buyers' names, which are the customer key if no other column is.
    #[serde(default)]
    pub names: Vec<String>,
    /// Texts in the lines below the rows.
    #[serde(default)]
    pub footer: Vec<String>,
    /// How an order's number contains the day on which it was placed, if it does.
    pub order_id_date: Option<OrderIdDate>,
    /// What the user should do if the layout names no buyers.
    pub customer_hint: Option<Words>,
    /// For a file that cannot be used: the reason, and what to export instead.
    pub advice: Option<Words>,
    /// Headers of each field, best first. Several columns for buyer or place are tried in turn in every row.
    #[serde(default)]
    pub fields: BTreeMap<String, Vec<String>>,
    /// Amounts computed from several columns.
    #[serde(default)]
    pub sums: BTreeMap<String, Sum>,
    /// The platform's words for each status. An empty word gives the meaning of a blank cell; a word that ends with `*`
    /// stands for all words that begin like it.
    #[serde(default)]
    pub status: BTreeMap<String, Vec<String>>,
    /// The platform's words for what happened after the sale.
    #[serde(default)]
    pub after_sale: BTreeMap<String, Vec<String>>,
    /// The platform's words for what a row records: `sale`, `refund`, `other`.
    #[serde(default)]
    pub row_kind: BTreeMap<String, Vec<String>>,
    /// The platform's words for each kind of event.
    #[serde(default)]
    pub kind: BTreeMap<String, Vec<String>>,
    #[serde(skip)]
    squashed: Squashed,
}

/// The headers of a preset in the form in which headers are compared ([`squash`]).
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

    /// The preset of this name, or the one in the file (`*.toml`) at this path.
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

    /// Whether a header, in its compared form ([`squash`]), is named by any built-in preset. Most rows that may be a
    /// header contain no such cell, which this tells without asking each preset.
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

    /// The signature in the form in which headers are compared ([`squash`]).
    pub fn squashed_signature(&self) -> &[String] {
        &self.squashed.signature
    }

    /// The headers of a field in the form in which they are compared.
    pub fn squashed_headers(&self, field: Field) -> &[String] {
        self.squashed.fields.get(&field).map_or(&[], Vec::as_slice)
    }

    /// [`Self::names`] in the form in which headers are compared.
    pub fn squashed_names(&self) -> &[String] {
        &self.squashed.names
    }

    /// [`Self::sums`], with headers in the form in which they are compared.
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

    /// Whether it is a layout of ordinary names, in which the meaning of a column is a guess.
    pub fn is_generic(&self) -> bool {
        self.name.starts_with("generic")
    }

    /// Whether missing fields and words are taken from another preset.
    pub(super) fn inherits(&self) -> bool {
        self.inherits.is_some()
    }

    /// The headers of a field, best first.
    pub fn headers(&self, field: Field) -> &[String] {
        self.fields.get(field.name()).map_or(&[], Vec::as_slice)
    }

    /// Its status words with their meanings.
    pub fn status_words(&self) -> impl Iterator<Item = (&str, StatusWord)> {
        words(&self.status, StatusWord::named)
    }

    /// Its words for what happened after the sale, with their meanings.
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
