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
use crate::parse::source::{Kinds, Progress};
use crate::parse::told::Told;
use crate::parse::value;
use crate::parse::value::date::DateOrder;
use crate::parse::value::money::DecimalMark;
use crate::schema::{Field, Wants};

/// How inputs are to be read; the default recognises everything by itself and reads what every question needs.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// What to read beyond who ordered when for how much.
    pub wants: Wants,
    /// Columns named by hand.
    pub mapping: Vec<(Field, String)>,
    /// The preset to use, instead of recognising one.
    pub preset: Option<Arc<Preset>>,
    /// Whether the files have no header line; their columns are then called 1, 2, 3 …
    pub has_no_header: bool,
    /// The sheet of a workbook, instead of every visible one that is recognised as the first is.
    pub sheet: Option<String>,
    /// Which of day and month comes first, instead of deciding from the values.
    pub date_order: Option<DateOrder>,
    /// Which mark stands before decimals, instead of deciding from the values.
    pub decimal: Option<DecimalMark>,
    /// What only the rest of a file told, by the input's name.
    pub told: BTreeMap<String, Told>,
    /// Whether serial numbers of days count from 1904: a property of the workbook that is being read; what is none does
    /// not say.
    pub has_1904_dates: Option<bool>,
    /// The shop's zone; times with an offset are converted to it.
    pub zone: Option<Tz>,
    /// The encoding, instead of detecting it.
    pub encoding: Option<CellEncoding>,
    /// The delimiter, instead of detecting it.
    pub delimiter: Option<u8>,
    /// Further status words and the status names they mean.
    pub status_words: BTreeMap<String, String>,
    /// Read only amounts in this currency.
    pub currency: Option<String>,
    /// What tells customers apart, instead of the best column there is.
    pub customer_key: Option<IdKind>,
    /// The ids that others stand for, as lists of customers among the inputs tell it.
    pub aliases: Option<Arc<Aliases>>,
    /// What makes several ids one person.
    pub identity: IdentityOptions,
    /// Whether to compute the inputs' digests.
    pub has_digests: bool,
    /// Which kinds of files were opened.
    pub kinds: Kinds,
    /// How far reading has come, for a progress bar.
    pub progress: Progress,
    /// What to do when another process keeps a store to itself for more than a moment: with the lock, and with the
    /// processes that hold it as far as the system tells.
    pub on_wait: Option<fn(&Path, &str)>,
}

impl ReadOptions {
    /// How the inputs are read, where that is not left to recognition.
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

    /// Whether the phones of customers are wanted, to tell whose ids are one person's or to be kept.
    pub(crate) fn wants_phones(&self) -> bool {
        self.identity.reads().has_phones() || self.wants.phones
    }

    /// The same of their e-mail addresses.
    pub(crate) fn wants_mails(&self) -> bool {
        self.identity.reads().has_mails() || self.wants.texts
    }
}

/// Where the customer key of a row comes from.
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
    /// The field it stands in, in the order of trust.
    pub const FIELDS: [(Field, Self); 3] =
        [(Field::CustomerId, Self::Platform), (Field::Email, Self::Email), (Field::Phone, Self::Phone)];

    /// The field it stands in.
    pub fn field(self) -> Field {
        match self {
            Self::Platform => Field::CustomerId,
            Self::Email => Field::Email,
            Self::Phone => Field::Phone,
        }
    }

    /// The one way this kind of id is written.
    pub(super) fn normalised(self, text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
        match self {
            Self::Platform => text,
            Self::Email => value::id::email(&text).into(),
            Self::Phone => value::id::phone(&text).into(),
        }
    }
}
