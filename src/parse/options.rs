//! How inputs are to be read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use crate::parse::encoding::CellEncoding;
use crate::parse::identity::{IdentityMode, IdentityOptions};
use crate::parse::orders::Aliases;
use crate::parse::preset::Preset;
use crate::parse::row_findings::RowFindings;
use crate::parse::source::{Kinds, Progress};
use crate::parse::value;
use crate::parse::value::date::DateOrder;
use crate::parse::value::money::DecimalMark;
use crate::schema::{Field, Wants};

/// How inputs are read. The default recognises everything and reads what every question needs.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// What to read beyond who ordered when for how much.
    pub wants: Wants,
    /// Columns that the user mapped to fields.
    pub mapping: Vec<(Field, String)>,
    /// The preset that the user chose, instead of a recognised one.
    pub preset: Option<Arc<Preset>>,
    /// Whether the files have no header line; their columns are then named 1, 2, 3 …
    pub has_no_header: bool,
    /// The sheet of a workbook to read, instead of every visible sheet recognised as the first is.
    pub sheet: Option<String>,
    /// Whether day or month comes first, instead of deciding from the values.
    pub date_order: Option<DateOrder>,
    /// The decimal mark, instead of deciding from the values.
    pub decimal: Option<DecimalMark>,
    /// By input name, what only the rest of its file showed on a first reading.
    pub row_findings: BTreeMap<String, RowFindings>,
    /// Whether serial day numbers count from 1904. A property of the workbook being read; `None` for other files.
    pub has_1904_dates: Option<bool>,
    /// The shop's time zone; times with an offset are converted to it.
    pub zone: Option<Tz>,
    /// The encoding, instead of detecting it.
    pub encoding: Option<CellEncoding>,
    /// The delimiter, instead of detecting it.
    pub delimiter: Option<u8>,
    /// Additional status words, with the names of the statuses they mean.
    pub status_words: BTreeMap<String, String>,
    /// Only rows with amounts in this currency are read.
    pub currency: Option<String>,
    /// Which kind of id identifies customers, instead of the best column available.
    pub customer_key: Option<IdKind>,
    /// Other ids of customers, from the lists of customers among the inputs.
    pub aliases: Option<Arc<Aliases>>,
    /// What makes several ids one person.
    pub identity: IdentityOptions,
    /// Whether to compute the inputs' digests.
    pub has_digests: bool,
    /// Collects which kinds of files were opened.
    pub kinds: Kinds,
    /// Collects how far reading has come, for a progress bar.
    pub progress: Progress,
    /// Called when another process keeps a store locked for more than a moment, with the lock's path and, as far as the
    /// system tells, the processes that hold it.
    pub on_wait: Option<fn(&Path, &str)>,
}

impl ReadOptions {
    /// The settings that differ from automatic recognition, as JSON.
    pub fn reading(&self) -> Value {
        let map: Map<String, Value> =
            self.mapping.iter().map(|(field, header)| (field.to_string(), header.as_str().into())).collect();
        let mode = self.identity.mode;
        json!({
            "map": map,
            "preset": self.preset.as_ref().map(|preset| preset.name.as_str()),
            "no_header": self.has_no_header,
            "sheet": self.sheet,
            "customer_key": self.customer_key.map(|kind| kind.field().name()),
            "identity": (mode != IdentityMode::Off).then_some(mode.name()),
            "date_order": self.date_order,
            "decimal": self.decimal,
            "tz": self.zone.map(|zone| zone.name()),
            "encoding": self.encoding.map(|encoding| encoding.name()),
            "delimiter": self.delimiter.map(|byte| char::from(byte).to_string()),
            "currency": self.currency,
            "status": self.status_words,
        })
    }

    /// Whether the phones of customers are read, to join ids of one person or to be kept in a store.
    pub(crate) fn wants_phones(&self) -> bool {
        self.identity.reads().has_phones() || self.wants.phones
    }

    /// Whether the e-mail addresses of customers are read, for the same purposes.
    pub(crate) fn wants_mails(&self) -> bool {
        self.identity.reads().has_mails() || self.wants.texts
    }
}

/// Which kind of column a row's customer key comes from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum IdKind {
    /// The platform's id.
    #[value(name = "customer_id", alias = "platform")]
    #[serde(rename = "customer_id")]
    Platform,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
}

impl IdKind {
    /// The fields of these kinds, most trusted first.
    pub const FIELDS: [(Field, Self); 3] =
        [(Field::CustomerId, Self::Platform), (Field::Email, Self::Email), (Field::Phone, Self::Phone)];

    /// The field that holds this kind of id.
    pub fn field(self) -> Field {
        match self {
            Self::Platform => Field::CustomerId,
            Self::Email => Field::Email,
            Self::Phone => Field::Phone,
        }
    }

    /// The text in the one form in which this kind of id is compared.
    pub(super) fn normalised(self, text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
        match self {
            Self::Platform => text,
            Self::Email => value::id::email(&text).into(),
            Self::Phone => value::id::phone(&text).into(),
        }
    }
}
