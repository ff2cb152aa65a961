//! Columns that say what became of orders: those that are empty, and those that look so and that no field is read from.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::locale::Remark;
use crate::parse::layout::Layout;
use crate::parse::records::{for_first_records, whole_records};
use crate::parse::value::date::{DateReader, Day};
use crate::parse::value::money;
use crate::schema::{Field, Table};
use crate::text;

/// How many records of the head are looked at.
const SAMPLE: usize = 20_000;

/// What the head of a file of orders tells of its columns of statuses.
#[derive(Debug, Clone, Default)]
pub struct Statuses {
    /// The column of statuses, where the head has none; later rows may have.
    pub is_blank_so_far: bool,
    /// Columns of statuses that are empty in all rows, and are therefore read as if they were not there.
    blank: Vec<usize>,
    /// Columns that look like statuses and are not read, with some of their words.
    unread: Vec<(usize, BTreeSet<String>)>,
    /// Columns that look like statuses, are not read, and are empty in the head; later rows may have words.
    pub unread_and_blank_so_far: Vec<usize>,
    /// Columns of statuses that are empty in the head, though not in all rows for sure.
    read_and_blank_so_far: Vec<usize>,
}

impl Statuses {
    /// Adds what the rows of the whole file say of columns that are empty in the head; `has_status` is whether any has a
    /// word in those that are read.
    pub fn see_rest(&mut self, has_status: bool, words: BTreeMap<usize, BTreeSet<String>>) {
        if self.is_blank_so_far && !has_status {
            self.blank.append(&mut self.read_and_blank_so_far);
        }
        self.unread.extend(words.into_iter().filter(|(_, words)| !words.is_empty()));
    }

    /// What the user should know of them.
    pub fn remarks(&self, file: &str, layout: &Layout) -> Vec<Remark> {
        const SHOWN: usize = 4;
        let header = |column: usize| layout.headers.get(column).cloned().unwrap_or_default();
        let blank = self
            .blank
            .iter()
            .map(|column| Remark::new("blank_status").with("file", file).with("header", header(*column)));
        let unread = self.unread.iter().map(|(column, words)| {
            let words: Vec<&str> = words.iter().take(SHOWN).map(String::as_str).collect();
            let code = if layout.has(Field::Status) { "unread_payment_status" } else { "unread_status" };
            Remark::new(code)
                .with("file", file)
                .with("header", header(*column))
                .with("words", words.join(", "))
        });
        blank.chain(unread).collect()
    }
}

/// Looks for them; empty ones lose their field, where all rows of the file are seen.
/// `answers` are columns that had another field and say yes or no.
pub(super) fn study_statuses(
    layout: &mut Layout,
    body: &[u8],
    is_whole: bool,
    probe: &DateReader,
    answers: Vec<(usize, BTreeSet<String>)>,
) {
    if layout.preset.table != Table::Orders {
        return;
    }
    let read: Vec<usize> = [Field::Status, Field::PaymentStatus]
        .iter()
        .filter_map(|field| layout.columns.get(field))
        .flatten()
        .copied()
        .collect();
    // A platform's own layout is known: what is not read of it says nothing of payment.
    let is_known = !layout.preset.is_generic() && !read.is_empty();
    let may_be = |column: &usize| !is_known && looks_like_status(&layout.headers[*column]);
    let unread: Vec<usize> = layout.ignored().filter(may_be).collect();
    let mut filled = vec![false; read.len()];
    let mut words: Vec<Option<BTreeSet<String>>> = vec![Some(BTreeSet::new()); unread.len()];
    let mut rows = 0;
    let end = whole_records(body, layout.dialect, is_whole);
    for_first_records(&body[..end], layout.dialect, |record| {
        rows += 1;
        if rows > SAMPLE || record.is_blank() {
            return ControlFlow::Continue(());
        }
        let cell = |column: usize| layout.encoding.decode(record.cell(column)).unwrap_or_default();
        for (column, filled) in read.iter().zip(&mut filled).filter(|(_, filled)| !**filled) {
            *filled = !text::is_null(text::trim(&cell(*column)));
        }
        for (column, words) in unread.iter().zip(&mut words) {
            see_word(words, text::trim(&cell(*column)), probe);
        }
        // Further rows say nothing new once no column can be blank or have statuses that are not read.
        match filled.iter().all(|filled| *filled) && words.iter().all(Option::is_none) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    // Rows that continue an order leave its own cells blank.
    let is_all = is_whole && rows <= SAMPLE && rows > 0 && !layout.preset.has_continuation_rows;
    let blank: Vec<usize> =
        read.iter().zip(&filled).filter(|(_, filled)| !**filled).map(|(c, _)| *c).collect();
    let is_blank_so_far = !read.is_empty() && blank.len() == read.len() && rows > 0;
    let is_rest_unseen = !is_whole || rows > SAMPLE;
    let is_blank = |words: &Option<BTreeSet<String>>| words.as_ref().is_some_and(BTreeSet::is_empty);
    let blank_so_far = unread.iter().zip(&words).filter(|(_, words)| is_rest_unseen && is_blank(words));
    let unread_and_blank_so_far = blank_so_far.map(|(column, _)| *column).collect();
    let unread = unread.into_iter().zip(words).filter_map(|(column, words)| {
        let words = words.filter(|words| !words.is_empty())?;
        (!are_codes_of_places(&words)).then_some((column, words))
    });
    let unread = unread.chain(answers);
    layout.statuses = Statuses {
        is_blank_so_far: is_blank_so_far && !is_all && !layout.preset.has_continuation_rows,
        blank: if is_all { blank.clone() } else { Vec::new() },
        unread: unread.collect(),
        unread_and_blank_so_far,
        read_and_blank_so_far: blank.clone(),
    };
    if is_all {
        for field in [Field::Status, Field::PaymentStatus] {
            let Some(columns) = layout.columns.get_mut(&field) else { continue };
            columns.retain(|column| !blank.contains(column));
            if columns.is_empty() {
                layout.columns.remove(&field);
            }
        }
    }
}

/// Notes a word; a column with many of them, or with numbers or dates, holds no statuses.
fn see_word(words: &mut Option<BTreeSet<String>>, cell: &[u8], probe: &DateReader) {
    const MOST: usize = 12;
    let Some(seen) = words else { return };
    if text::is_null(cell) {
        return;
    }
    let word = String::from_utf8_lossy(cell).into_owned();
    if seen.contains(&word) {
        return;
    }
    let is_word = word.chars().any(char::is_alphabetic)
        && !matches!(money::parse(cell, money::DecimalMark::Point), money::Amount::Micros(_))
        && probe.day(cell) == Day::Bad;
    match is_word && seen.len() < MOST {
        true => drop(seen.insert(word)),
        false => *words = None,
    }
}

/// Whether all are short and in capitals: `CA`, `NSW`.
fn are_codes_of_places(words: &BTreeSet<String>) -> bool {
    words.iter().all(|word| word.len() <= 3 && word.chars().all(|c| c.is_ascii_uppercase()))
}

/// Whether a header says that its column holds what became of an order; how far a parcel is, is another matter.
fn looks_like_status(header: &str) -> bool {
    const WORDS: [&str; 9] =
        ["status", "estado", "statut", "stato", "état", "etat", "situação", "situacao", "zustand"];
    const PARTS: [&str; 7] = ["状态", "狀態", "ステータス", "状況", "статус", "상태", "durum"];
    const PARCELS: [&str; 20] = [
        "ship",
        "deliver",
        "fulfil",
        "logist",
        "dispatch",
        "track",
        "versand",
        "liefer",
        "envio",
        "envío",
        "entrega",
        "livraison",
        "spedizione",
        "发货",
        "物流",
        "配送",
        "快递",
        "发票",
        "marital",
        "婚",
    ];
    let header = header.to_lowercase();
    if PARCELS.iter().any(|part| header.contains(part)) {
        return false;
    }
    let is_state = |word: &str| {
        WORDS.iter().any(|status| word.ends_with(status))
            || (word.ends_with("state") && !word.ends_with("estate"))
    };
    PARTS.iter().any(|part| header.contains(part))
        || header.split(|c: char| !c.is_alphanumeric()).any(is_state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_look_like_statuses_by_their_words() {
        for header in [
            "Financial Status",
            "Payment_State",
            "Estado del pago",
            "Bezahlstatus",
            "order_state",
            "支付状态",
            "Statut",
        ] {
            assert!(looks_like_status(header), "{header}");
        }
        for header in [
            "Real estate",
            "Statement",
            "Fulfillment Status",
            "shipping_state",
            "物流状态",
            "Total",
            "Marital status",
        ] {
            assert!(!looks_like_status(header), "{header}");
        }
    }
}
