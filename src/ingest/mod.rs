//! Export files in, canonical tables out.
//!
//! Excel and Parquet become text ([`workbook`], [`parquet`]); text is cut into blocks of whole records ([`source`],
//! [`records`]). What a file is and which column is which comes from its head ([`layout`]) and the platform presets
//! ([`preset`]). Each block is parsed by whichever core is free: [`orders`] straight into typed columns, whose rows
//! become orders and these the canonical table; the other tables ([`tables`]) as far as they are asked for.

pub mod accounting;
mod blocks;
pub mod cell_notes;
mod date_order;
pub mod dictionary;
pub mod encoding;
pub mod expand;
pub(crate) mod key_table;
pub mod layout;
pub mod options;
pub mod orders;
mod parquet;
mod parse;
pub mod preset;
mod read;
mod recognise;
pub mod records;
pub mod reject;
mod remark;
pub mod sections;
mod shape;
pub mod source;
pub mod tables;
pub mod told;
pub mod unreadable;
pub mod value;
mod workbook;

use crate::locale::Words;

pub use date_order::DateColumn;
pub use options::{IdKind, ReadOptions, Wants};
pub(crate) use parse::parse_input;
pub use parse::{Parsed, Rows};
pub(crate) use read::other_currencies_only;
pub use read::{Ingested, SourceInfo, read, read_any, read_orders};
pub(crate) use recognise::check_mapping;
pub use recognise::recognise;
pub use remark::Remark;

/// The name closest to `wanted`, if any is close.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = preset::squash(wanted);
    names
        .map(|name| (strsim::jaro_winkler(&wanted, &preset::squash(name)), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// What to tell a user whose inputs name no buyers, from the presets of the inputs.
pub fn customer_hint(sources: &[SourceInfo]) -> Words {
    let own = sources.iter().find_map(|source| source.layout.preset.customer_hint.clone());
    own.unwrap_or_else(|| Words {
        en: "say which column names the buyer with --map customer_id=HEADER".to_owned(),
        zh: "用 --map customer_id=列名 指定哪一列是买家".to_owned(),
    })
}
