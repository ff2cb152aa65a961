//! What the cells of a column look like: dates, amounts, names, statuses.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::parse::layout::sample::Sample;
use crate::parse::preset::Preset;
use crate::parse::shape::closes;
use crate::parse::value::date::{DateReader, Day};
use crate::parse::value::money::{self, Amount, DecimalMark};
use crate::schema::squash;
use crate::text;

/// The share of a column's cells that must look alike for the column to be taken for it; a few odd cells are allowed.
const MIN_SHARE: f64 = 0.9;

/// With fewer rows, all may have the same value by chance.
const MIN_TELLING_ROWS: usize = 5;

/// The most distinct words that a status column has.
const MAX_STATUS_WORDS: usize = 20;

/// Counts of what the first cells of a column look like. Empty cells are not counted.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// Cells that are not empty.
    pub filled: usize,
    /// Dates, except those written as bare numbers.
    dates: usize,
    /// Bare whole numbers that may be dates (`20260102`, serials, epochs).
    numeric_dates: usize,
    /// Amounts, with either decimal mark.
    amounts: usize,
    /// Amounts with decimals or a currency mark.
    priced: usize,
    /// Amounts with a currency mark.
    marked: usize,
    /// Numbers with a leading 0 or more than nine digits: ids, neither quantities nor amounts.
    numbers_as_names: usize,
    emails: usize,
    /// Cells with a space between words.
    worded: usize,
    /// Cells that some preset knows as a status.
    statuses: usize,
    /// How often each value occurs.
    pub values: HashMap<String, usize>,
}

impl Column {
    /// Counts the cells of a column of the sample below these headers.
    pub fn of(sample: &Sample, headers: &[String], column: usize, probe: &DateReader) -> Self {
        let mut seen = Self::default();
        let rows = (0..sample.len()).filter(|row| is_data(sample, headers, *row));
        for cell in rows.map(|row| sample.cell(row, column)).filter(|cell| !text::is_null(cell.as_bytes())) {
            seen.count_cell(cell, probe);
        }
        seen
    }

    fn count_cell(&mut self, cell: &str, probe: &DateReader) {
        self.filled += 1;
        *self.values.entry(cell.to_owned()).or_default() += 1;
        let is_bare = cell.replacen('.', "", 1).bytes().all(|byte| byte.is_ascii_digit());
        if matches!(probe.day(cell.as_bytes()), Day::On(_) | Day::Either(_) | Day::Evident(..)) {
            match is_bare {
                true => self.numeric_dates += 1,
                false => self.dates += 1,
            }
        }
        let notations = [DecimalMark::Point, DecimalMark::Comma];
        let is_amount = |mark| matches!(money::parse(cell.as_bytes(), mark), Amount::Micros(_));
        if notations.into_iter().any(is_amount) {
            self.amounts += 1;
            let has_decimals = cell.rsplit_once(['.', ',']).is_some_and(|(_, decimals)| {
                (1..=2).contains(&decimals.chars().filter(char::is_ascii_digit).count())
            });
            let has_mark = money::currencies(cell.as_bytes()).iter().any(Option::is_some);
            self.marked += usize::from(has_mark);
            self.priced += usize::from(has_decimals || has_mark);
        }
        let is_whole = cell.bytes().all(|byte| byte.is_ascii_digit());
        self.numbers_as_names +=
            usize::from(is_whole && cell.len() > 1 && (cell.starts_with('0') || cell.len() > 9));
        self.emails += usize::from(cell.contains('@') && cell.contains('.') && !cell.contains(' '));
        self.worded += usize::from(cell.contains(' ') && cell.chars().any(char::is_alphabetic));
        self.statuses += usize::from(is_status_word(cell));
    }

    fn share(&self, count: usize) -> f64 {
        if self.filled == 0 { 0.0 } else { count as f64 / self.filled as f64 }
    }

    /// Whether it may hold days. `is_named` is whether its header says so; bare numbers count as days only then.
    pub fn is_days(&self, is_named: bool) -> bool {
        let dates = if is_named { self.dates + self.numeric_dates } else { self.dates };
        self.share(dates) >= MIN_SHARE
    }

    /// Whether some of its cells may be days.
    pub fn may_be_days(&self) -> bool {
        self.dates + self.numeric_dates > 0
    }

    /// Whether it may hold amounts.
    pub fn is_amounts(&self) -> bool {
        self.share(self.amounts) >= MIN_SHARE
            && self.share(self.dates) < 0.5
            && self.share(self.numbers_as_names) < 0.5
    }

    /// Whether its amounts are written as prices are, unlike counts and ids.
    pub fn has_prices(&self) -> bool {
        self.is_amounts() && self.share(self.priced) >= 0.3
    }

    /// Whether it may hold quantities: numbers of any kind (some goods are sold by weight, some are returned) that are
    /// no amounts of money.
    pub fn is_quantities(&self) -> bool {
        self.is_amounts() && self.marked == 0
    }

    /// Whether it holds e-mail addresses.
    pub fn is_emails(&self) -> bool {
        self.share(self.emails) >= MIN_SHARE
    }

    /// Whether it holds the e-mail addresses of several people: a single address on all rows is the shop's.
    pub fn is_emails_of_people(&self) -> bool {
        self.is_emails() && (self.values.len() > 1 || self.filled == 1)
    }

    /// Whether it says what people did on a page, which orders do not: it holds several of the words for actions before
    /// a purchase.
    pub fn is_actions(&self) -> bool {
        let known = self.values.iter().filter(|(word, _)| is_action(word));
        let (words, cells) = known.fold((0, 0), |(words, cells), (_, count)| (words + 1, cells + count));
        // A single such word (`collect`) may be a way of delivery.
        words > 1 && self.share(cells) >= MIN_SHARE / 2.0
    }

    /// Whether it may hold ids or names, of orders or people.
    pub fn is_names(&self) -> bool {
        self.filled > 0
            && self.share(self.dates) < 0.5
            && self.share(self.priced) < 0.1
            // In a few rows all orders may be one buyer's.
            && (self.values.len() > 1 || self.filled < MIN_TELLING_ROWS)
    }

    /// Whether it may hold order ids: like names, but without spaces.
    pub fn is_ids(&self) -> bool {
        let has_digits = |cell: &&String| cell.bytes().any(|byte| byte.is_ascii_digit());
        self.is_names()
            && self.share(self.worded) < 0.1
            && self.values.keys().filter(has_digits).count() as f64 >= MIN_SHARE * self.values.len() as f64
    }

    /// Whether it may hold statuses: few distinct words, at least one of which is a known status.
    pub fn is_statuses(&self) -> bool {
        self.statuses > 0 && self.values.len() <= MAX_STATUS_WORDS && self.share(self.amounts) < 0.5
    }

    /// Whether every filled cell is a known status.
    pub fn are_all_statuses(&self) -> bool {
        self.is_statuses() && self.statuses == self.filled
    }

    /// Whether values occur more than once.
    pub fn repeats(&self) -> bool {
        self.values.len() < self.filled
    }
}

/// Whether a row is data, neither a closing total nor a repeated header.
pub(super) fn is_data(sample: &Sample, headers: &[String], row: usize) -> bool {
    !sums_up(sample, row) && !repeats_header(sample, headers, row)
}

/// Whether a row repeats the header, as in files that were concatenated, possibly after a byte order mark.
fn repeats_header(sample: &Sample, headers: &[String], row: usize) -> bool {
    let is = |(column, header): (usize, &String)| {
        sample.cell(row, column).trim_start_matches('\u{feff}') == header.trim_start_matches('\u{feff}')
    };
    headers.iter().enumerate().all(is)
}

/// Whether a row is a closing total.
fn sums_up(sample: &Sample, row: usize) -> bool {
    let first = (0..sample.width()).map(|column| sample.cell(row, column)).find(|cell| !cell.is_empty());
    first.is_some_and(closes)
}

/// Whether a cell is an event log's word for an action before a purchase.
fn is_action(cell: &str) -> bool {
    static WORDS: OnceLock<HashSet<String>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let preset = Preset::named("generic_events").ok();
        let words = preset.iter().flat_map(|preset| preset.kind_words());
        let before = ["view", "fav_item", "fav_shop", "unfav", "cart", "uncart"];
        words.filter(|(_, kind)| before.contains(&kind.name())).map(|(word, _)| squash(word)).collect()
    });
    words.contains(&squash(cell))
}

/// Whether any preset knows a word as a status.
fn is_status_word(cell: &str) -> bool {
    static WORDS: OnceLock<HashSet<String>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let presets = Preset::all().unwrap_or_default();
        presets.iter().flat_map(|preset| preset.status_words().map(|(word, _)| squash(word))).collect()
    });
    words.contains(&squash(cell))
}
