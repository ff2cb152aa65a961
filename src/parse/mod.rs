//! Export files in, typed rows out, every row accounted for.
//!
//! Excel and Parquet become text ([`workbook`], [`parquet`]); text is cut into blocks of whole records ([`source`],
//! [`records`]). What a file is and which column is which comes from its head ([`layout`]) and the platform presets
//! ([`preset`]). Each block is parsed by whichever core is free: [`orders`] straight into typed columns, the other
//! tables ([`tables`]) as far as they are asked for. What the rows of several files make together is the work of
//! [`crate::merge`].

mod blocks;
pub mod cell_notes;
pub mod currencies;
pub(crate) mod date_order;
pub mod either;
pub mod encoding;
pub(crate) mod file;
mod foreign;
pub mod identity;
mod input;
mod lane;
pub mod layout;
pub mod options;
pub mod orders;
mod parquet;
pub mod preset;
mod recognise;
pub mod records;
pub mod row_findings;
pub mod sections;
mod shape;
pub mod source;
pub mod tables;
mod unpaired;
pub mod unreadable;
pub mod value;
mod workbook;

use crate::locale::Words;

pub use date_order::DateColumn;
pub use either::{Other, parse_other};
pub use file::{Parsed, Rows, SourceInfo};
pub(crate) use foreign::guarded;
pub use identity::{Decision, IdentityMode, IdentityOptions};
pub use input::{ParsedInput, parse_input};
pub use options::{IdKind, ReadOptions};
pub(crate) use parquet::{Wrong as WrongParquet, check as check_parquet};
pub(crate) use recognise::check_mapping;
pub use recognise::recognise;

/// What to tell a user whose inputs name no buyers, from the presets of the inputs.
pub fn customer_hint(sources: &[SourceInfo]) -> Words {
    let own = sources.iter().find_map(|source| source.layout.preset.customer_hint.clone());
    let header = |source: &SourceInfo| {
        let column = source.layout.found.may_be_buyer?;
        source.layout.headers.get(column).cloned()
    };
    own.unwrap_or_else(|| match sources.iter().find_map(header) {
        Some(header) => Words::of("error", "buyer_column", &[("header", header)]),
        None => Words::of("error", "no_buyer_column", &[]),
    })
}
