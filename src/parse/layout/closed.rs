//! What the status `closed` means: tills and bookkeeping use it for orders that are paid and done, shops for orders
//! that were never paid.

use std::sync::Arc;

use crate::parse::layout::Layout;
use crate::parse::layout::sample::Sample;
use crate::parse::options::ReadOptions;
use crate::parse::preset::StatusWord;
use crate::schema::Status;
use crate::schema::{Field, squash};

const WORD: &str = "closed";

/// Reads `closed` as completed if no other word in a guessed status column says that anything was paid, since nobody
/// exports the orders of a shop that sold nothing. Returns that column. A payment date decides by itself, and a meaning
/// given by the user stays.
pub(super) fn settle_closed(layout: &mut Layout, sample: &Sample, options: &ReadOptions) -> Option<usize> {
    let column = layout.column(Field::Status)?;
    let is_taught = options.status_words.keys().any(|word| squash(word) == WORD);
    let is_told = [Field::PaidAt, Field::PaymentStatus].into_iter().any(|field| layout.has(field));
    if !layout.preset.is_generic() || is_taught || is_told {
        return None;
    }
    let meaning = |cell: &str| {
        let cell = squash(cell);
        layout.preset.status_words().find(|(word, _)| squash(word) == cell).map(|(_, meaning)| meaning)
    };
    let is_paid = |word: StatusWord| {
        let paid = [Status::Paid, Status::Shipped, Status::Completed, Status::Refunded];
        matches!(word, StatusWord::Plain(status) if paid.contains(&status))
    };
    let is_closed = sample.column(column).any(|cell| squash(cell) == WORD);
    if !is_closed || sample.column(column).filter_map(meaning).any(is_paid) {
        return None;
    }
    let mut preset = (*layout.preset).clone();
    for words in preset.status.values_mut() {
        words.retain(|word| squash(word) != WORD);
    }
    preset.status.entry(Status::Completed.name().to_owned()).or_default().push(WORD.to_owned());
    layout.preset = Arc::new(preset);
    Some(column)
}
