//! Status columns that are empty, and columns that look like statuses but are not read as any field.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::locale::Remark;
use crate::parse::layout::Layout;
use crate::parse::layout::status_words::{Says, WordsSeen, says};
use crate::parse::options::ReadOptions;
use crate::parse::records::{for_first_records, whole_records};
use crate::parse::value::date::DateReader;
use crate::schema::{Field, Table, squash};
use crate::text;

/// How many records of the head are examined.
const SAMPLE: usize = 20_000;

/// What the head of a file of orders shows about its status columns.
#[derive(Debug, Clone, Default)]
pub struct Statuses {
    /// Whether the status column is empty in the head; later rows may have words.
    pub is_blank_so_far: bool,
    /// Status columns that are empty in all rows, and are therefore treated as missing.
    blank: Vec<usize>,
    /// Columns that look like statuses but are not read, with their words and how many rows were examined.
    unread: Vec<(usize, WordsSeen, u64)>,
    /// Columns that look like statuses, are not read, and are empty in the head; later rows may have words.
    pub unread_and_blank_so_far: Vec<usize>,
    /// Status columns that are read and empty in the head, but perhaps not in all rows.
    read_and_blank_so_far: Vec<usize>,
    /// Recognises dates, which are no statuses.
    probe: Option<DateReader>,
}

impl Statuses {
    /// Adds the words that the rows of the whole file have in columns that are empty in the head. `has_status` is
    /// whether any row has a word in a status column that is read.
    pub fn add_rest(
        &mut self,
        has_status: bool,
        words: BTreeMap<usize, WordsSeen>,
        rows: u64,
        layout: &Layout,
    ) {
        if self.is_blank_so_far && !has_status {
            self.blank.append(&mut self.read_and_blank_so_far);
        }
        let Some(probe) = self.probe else { return };
        let is_status = |(column, words): &(usize, WordsSeen)| is_status(layout, *column, words, &probe);
        self.unread.extend(words.into_iter().filter(is_status).map(|(column, words)| (column, words, rows)));
    }

    /// Remarks about them for the user.
    pub fn remarks(&self, file: &str, layout: &Layout) -> Vec<Remark> {
        const SHOWN: usize = 4;
        let header = |column: usize| layout.headers.get(column).cloned().unwrap_or_default();
        let blank = self
            .blank
            .iter()
            .map(|column| Remark::new("blank_status").with("file", file).with("header", header(*column)));
        let is_read = layout.has(Field::Status) || layout.has(Field::PaymentStatus);
        let unread = self.unread.iter().map(|(column, words, rows)| {
            let code = if is_read { "unread_payment_status" } else { "unread_status" };
            Remark::new(code)
                .with("file", file)
                .with("header", header(*column))
                .with("words", words.first(SHOWN))
                .with("n", words.rows())
                .with("rows", rows)
        });
        blank.chain(unread).collect()
    }
}

/// Whether a column that looks like statuses and is not read holds words that may be statuses.
fn is_status(layout: &Layout, column: usize, words: &WordsSeen, probe: &DateReader) -> bool {
    let says = says(&layout.headers[column]).unwrap_or(Says::Status);
    let is_place = layout.columns.get(&Field::Province).is_some_and(|columns| columns.contains(&column));
    words.may_be_statuses(says, probe) && (!is_place || words.are_no_places(&layout.preset))
}

/// Columns that look like statuses and are not read as such: those without a field, and one called `state` that was
/// taken for a place, unless the user mapped it.
fn unread_columns(layout: &Layout, options: &ReadOptions) -> Vec<usize> {
    let names = layout.preset.squashed_headers(Field::Status);
    let is_guess = |column: &usize| {
        let header = squash(&layout.headers[*column]);
        let is_said = options.mapping.iter().any(|(_, said)| squash(said) == header);
        names.contains(&header) && !is_said
    };
    let places = layout.columns.get(&Field::Province).into_iter().flatten().copied().filter(is_guess);
    layout.ignored().chain(places).filter(|column| says(&layout.headers[*column]).is_some()).collect()
}

/// Finds these columns. Empty ones lose their field if all rows of the file were examined. `answers` are columns that
/// had another field and hold yes or no.
pub(super) fn study_statuses(
    layout: &mut Layout,
    body: &[u8],
    is_whole: bool,
    probe: &DateReader,
    options: &ReadOptions,
    answers: &[usize],
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
    // All columns of a platform's own layout are known: those that are not read say nothing about payment.
    let is_known = !layout.preset.is_generic() && !read.is_empty();
    let unread = if is_known { Vec::new() } else { unread_columns(layout, options) };
    let is_answer = |column: &usize| answers.contains(column);
    let unread: Vec<usize> =
        unread.into_iter().filter(|column| !is_answer(column)).chain(answers.iter().copied()).collect();
    let mut filled = vec![false; read.len()];
    let mut words = vec![WordsSeen::default(); unread.len()];
    let mut rows = 0;
    let end = whole_records(body, layout.dialect, is_whole);
    for_first_records(&body[..end], layout.dialect, |record| {
        if record.is_blank() {
            return ControlFlow::Continue(());
        }
        rows += 1;
        if rows > SAMPLE {
            return ControlFlow::Break(());
        }
        let cell = |column: usize| layout.encoding.decode(record.cell(column)).unwrap_or_default();
        for (column, filled) in read.iter().zip(&mut filled).filter(|(_, filled)| !**filled) {
            *filled = !text::is_null(text::trim(&cell(*column)));
        }
        for (column, words) in unread.iter().zip(&mut words).filter(|(_, words)| !words.has_too_many()) {
            words.add(&cell(*column));
        }
        // Stop early once no column can still be blank or turn out to hold unread statuses.
        match filled.iter().all(|filled| *filled) && words.iter().all(WordsSeen::has_too_many) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    let is_rest_unseen = !is_whole || rows > SAMPLE;
    // In rows that continue an order the order's own cells are blank.
    let is_meant = layout.preset.status_words().any(|(word, _)| word.is_empty());
    let is_all = !is_rest_unseen && rows > 0 && !layout.preset.has_continuation_rows && !is_meant;
    let blank: Vec<usize> =
        read.iter().zip(&filled).filter(|(_, filled)| !**filled).map(|(c, _)| *c).collect();
    let is_blank_so_far = !read.is_empty() && blank.len() == read.len() && rows > 0;
    let seen = || unread.iter().copied().zip(words.iter());
    let blank_so_far = seen().filter(|(_, words)| is_rest_unseen && words.is_blank());
    let looked_at = rows.min(SAMPLE) as u64;
    let is_status = |(column, words): &(usize, &WordsSeen)| {
        is_status(layout, *column, words, probe) || (is_answer(column) && !words.is_blank())
    };
    layout.statuses = Statuses {
        is_blank_so_far: is_blank_so_far && !is_all && !layout.preset.has_continuation_rows && !is_meant,
        blank: if is_all { blank.clone() } else { Vec::new() },
        unread: seen().filter(is_status).map(|(column, words)| (column, words.clone(), looked_at)).collect(),
        unread_and_blank_so_far: blank_so_far.map(|(column, _)| column).collect(),
        read_and_blank_so_far: blank.clone(),
        probe: Some(*probe),
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
