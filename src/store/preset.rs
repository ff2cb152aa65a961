//! The properties of a preset that a store keeps for each file. They have a format of their own, since presets change
//! with the version of the program but a store must outlive it. Properties that a store lacks have the values of an
//! empty preset, and unknown ones are ignored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::locale::Words;
use crate::parse::preset::Preset;
use crate::schema::Table;

/// The properties of a preset that answers need after the files have been read.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct KeptPreset {
    name: String,
    title: (String, String),
    table: String,
    signature: Vec<String>,
    country: Option<String>,
    zone: Option<String>,
    title_separator: Option<String>,
    paid_is_net_of_refund: bool,
    gross_is_after_discounts: bool,
    has_continuation_rows: bool,
    items_of: Option<String>,
    customer_hint: Option<(String, String)>,
    advice: Option<(String, String)>,
    fields: BTreeMap<String, Vec<String>>,
}

impl KeptPreset {
    pub(super) fn of(preset: &Preset) -> Self {
        let pair = |words: &Words| (words.en.clone(), words.zh.clone());
        Self {
            name: preset.name.clone(),
            title: pair(&preset.title),
            table: preset.table.name().to_owned(),
            signature: preset.signature.clone(),
            country: preset.country.clone(),
            zone: preset.zone.map(|zone| zone.name().to_owned()),
            title_separator: preset.title_separator.clone(),
            paid_is_net_of_refund: preset.paid_is_net_of_refund,
            gross_is_after_discounts: preset.gross_is_after_discounts,
            has_continuation_rows: preset.has_continuation_rows,
            items_of: preset.items_of.clone(),
            customer_hint: preset.customer_hint.as_ref().map(pair),
            advice: preset.advice.as_ref().map(pair),
            fields: preset.fields.clone(),
        }
    }

    pub(super) fn preset(&self) -> Preset {
        let words = |(en, zh): &(String, String)| Words { en: en.clone(), zh: zh.clone() };
        let mut preset = Preset::default();
        preset.name.clone_from(&self.name);
        preset.title = words(&self.title);
        preset.table = Table::named(&self.table).unwrap_or_default();
        preset.signature.clone_from(&self.signature);
        preset.country.clone_from(&self.country);
        preset.zone = self.zone.as_ref().and_then(|zone| zone.parse().ok());
        preset.title_separator.clone_from(&self.title_separator);
        preset.paid_is_net_of_refund = self.paid_is_net_of_refund;
        preset.gross_is_after_discounts = self.gross_is_after_discounts;
        preset.has_continuation_rows = self.has_continuation_rows;
        // If the store lacks it, it is taken from the program's own preset.
        let own = || Preset::named(&self.name).ok().and_then(|preset| preset.items_of.clone());
        preset.items_of = self.items_of.clone().or_else(own);
        preset.customer_hint = self.customer_hint.as_ref().map(words);
        preset.advice = self.advice.as_ref().map(words);
        preset.fields.clone_from(&self.fields);
        preset
    }
}
