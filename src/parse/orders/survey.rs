//! Statistics on the quality of an order export, collected row by row.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use memchr::memchr2;
use rayon::slice::ParallelSliceMut;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::limits::MAX_STATUS_WORDS;
use crate::parse::encoding::CellEncoding;
use crate::parse::layout::Layout;
use crate::parse::options::IdKind;
use crate::parse::orders::block::Block;
use crate::parse::orders::row::{Customer, Refusal, Row, status_columns};
use crate::parse::records::Record;
use crate::parse::value::money::{self, DecimalMark};
use crate::schema::money::{MISSING, Micros};
use crate::schema::{Field, Key, Status, day};
use crate::text;

/// The columns that a survey reads beside the values of the row.
#[derive(Debug)]
pub struct SurveyReader {
    status: Option<usize>,
    /// Additional status columns.
    further: Vec<usize>,
    order: Option<usize>,
    gross: Option<usize>,
    /// Columns of texts in which a shop's test orders say that they are tests.
    texts: Vec<usize>,
    encoding: CellEncoding,
    gross_mark: DecimalMark,
    paid_is_net_of_refund: bool,
}

/// Stands for status words beyond those counted one by one.
pub const OTHER_WORDS: &str = "…";

/// An amount, with its order's id and status word.
pub type Amount = (Micros, String, String);

/// Statistics on the rows of one file.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Survey {
    /// Rows by status word and its meaning, `None` for unknown words. Beyond [`MAX_STATUS_WORDS`] words, those with the
    /// same meaning are counted together under [`OTHER_WORDS`].
    pub statuses: BTreeMap<(String, Option<Status>), u64>,
    /// Rows by the kind of id that names the customer.
    pub known: BTreeMap<IdKind, u64>,
    /// Rows whose customer is masked.
    pub masked: u64,
    /// Rows without a customer.
    pub missing: u64,
    /// Rows by day.
    pub days: BTreeMap<i32, u64>,
    /// Rows with a payment day before the day of creation.
    pub paid_before_created: u64,
    /// Rows by amount: the order's before discounts if that is a column, else the paid amount.
    pub amounts: HashMap<Micros, u64, RandomState>,
    /// The largest of these amounts; of several, the one whose order id comes first.
    pub greatest: Option<Amount>,
    /// Rows that say they are tests.
    pub tests: Tally,
    /// Among rows with a refund and a gross amount: those in which paid plus refund equals gross, and those in which
    /// paid alone does.
    pub refunds: (u64, u64),
    /// Rows with a refund larger than the paid amount.
    #[serde(default)]
    pub over_refunded: Tally,
    /// Rows that repeat an earlier row in every cell.
    pub repeated: u64,
    /// Hashes of whole rows, to find repeated ones.
    #[serde(skip)]
    rows: Vec<u64>,
    /// Rows by raw status word and its meaning, until the block ends: the same few words repeat.
    #[serde(skip)]
    raw_statuses: RawStatuses,
}

/// Raw status words in order of first occurrence, with their number of rows.
#[derive(Debug, Default, PartialEq)]
struct RawStatuses {
    list: Vec<(Vec<u8>, Option<Status>, u64)>,
    places: HashMap<(Vec<u8>, Option<Status>), usize, RandomState>,
    /// Index of the last word: consecutive rows often have the same one.
    last: usize,
}

impl RawStatuses {
    fn add(&mut self, cell: Cow<'_, [u8]>, meaning: Option<Status>) {
        if let Some((last, of, rows)) = self.list.get_mut(self.last)
            && **last == *cell
            && *of == meaning
        {
            *rows += 1;
            return;
        }
        let (key, next) = ((cell.into_owned(), meaning), self.list.len());
        self.last = match self.places.get(&key) {
            Some(place) => *place,
            None => {
                self.list.push((key.0.clone(), meaning, 0));
                self.places.insert(key, next);
                next
            }
        };
        self.list[self.last].2 += 1;
    }
}

/// The values of a row that the survey needs.
#[derive(Debug, Clone, Copy)]
pub struct SurveyedRow {
    /// The order's status; `None` if the row does not say.
    pub status: Option<Status>,
    /// The kind of id that names the customer; `None` if there is none.
    pub customer: Option<IdKind>,
    /// Whether the customer is masked.
    pub is_masked: bool,
    /// The amount paid before refunds, or [`MISSING`].
    pub amount: Micros,
    /// The amount refunded.
    pub refund: Micros,
}

impl SurveyedRow {
    fn of(row: &Row<'_>) -> Self {
        let customer = match row.customer {
            Customer::Known(_, kind) => Some(kind),
            Customer::Masked | Customer::Unknown => None,
        };
        Self {
            status: row.status,
            customer,
            is_masked: matches!(row.customer, Customer::Masked),
            amount: row.amount,
            refund: row.refund,
        }
    }
}

/// A row that is removed from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostRow {
    /// The number of the import it came with; 0 if it has none yet.
    pub import: u64,
    /// The customer.
    pub customer: Key,
    /// Day of creation.
    pub created_on: i32,
    /// Day of payment.
    pub paid_on: i32,
    /// The amount paid, or [`MISSING`].
    pub amount: Micros,
    /// The order's total before discounts, or [`MISSING`].
    pub gross: Micros,
    /// Its status, where it has one.
    pub status: Option<Status>,
}

/// A number of rows, with one example.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// The order id of the first such row, if it has one.
    pub example: String,
}

impl Tally {
    fn add(&mut self, example: impl FnOnce() -> String) {
        if self.count == 0 {
            self.example = example();
        }
        self.count += 1;
    }

    fn merge(&mut self, other: Self) {
        if self.count == 0 {
            self.example = other.example;
        }
        self.count += other.count;
    }
}

impl SurveyReader {
    /// Resolves a layout.
    pub fn new(layout: &Layout) -> Self {
        let column = |field| layout.column(field);
        let statuses = status_columns(layout);
        let texts = [Field::Recipient, Field::Title, Field::CustomerId, Field::Name];
        Self {
            status: statuses.first().copied(),
            further: statuses
                .get(1..)
                .unwrap_or_default()
                .iter()
                .copied()
                .chain(column(Field::AfterSale))
                .collect(),
            order: column(Field::OrderId),
            gross: column(Field::Gross),
            texts: texts.iter().filter_map(|field| column(*field)).collect(),
            encoding: layout.encoding,
            gross_mark: column(Field::Gross)
                .map_or_else(Default::default, |column| layout.numbers.of(column).mark),
            paid_is_net_of_refund: layout.preset.paid_is_net_of_refund,
        }
    }

    fn text(&self, record: &Record<'_>, column: Option<usize>) -> String {
        self.decoded(column.map_or(Cow::Borrowed(b"".as_slice()), |column| record.cell(column)))
    }

    fn decoded(&self, cell: Cow<'_, [u8]>) -> String {
        let decoded = self.encoding.decode(cell).unwrap_or_default();
        String::from_utf8_lossy(text::trim(&decoded)).into_owned()
    }

    /// Whether a cell says that its order is a test.
    fn is_test(&self, record: &Record<'_>, column: usize) -> bool {
        let cell = record.cell(column);
        // Most cells contain none of the letters, which is quickly checked.
        let can_be = !cell.is_ascii() || memchr2(b't', b'T', &cell).is_some();
        can_be && is_test(&self.decoded(cell))
    }

    fn gross(&self, record: &Record<'_>) -> Option<Micros> {
        match money::parse(&record.cell(self.gross?), self.gross_mark) {
            money::Amount::Micros(micros) => Some(micros),
            _ => None,
        }
    }
}

impl Survey {
    /// Adds a row, whether it could be read or not.
    pub fn note_record(
        &mut self,
        record: &Record<'_>,
        row: &Result<Row<'_>, Refusal<'_>>,
        reader: &SurveyReader,
    ) {
        match row {
            Ok(row) => self.note_row(record, SurveyedRow::of(row), reader),
            Err(Refusal::Broken(crate::schema::reject::Reason::UnknownStatus, ..)) => {
                self.count_status(record, None, reader);
            }
            Err(_) => {}
        }
    }

    /// Adds a row that could be read.
    pub fn note_row(&mut self, record: &Record<'_>, row: SurveyedRow, reader: &SurveyReader) {
        let order = || reader.text(record, reader.order);
        if let Some(status) = row.status {
            self.count_status(record, Some(status), reader);
        }
        match row.customer {
            Some(kind) => *self.known.entry(kind).or_default() += 1,
            None if row.is_masked => self.masked += 1,
            None => self.missing += 1,
        }
        self.count_amounts(record, row, reader);
        if row.amount.is_positive() && row.refund > row.amount {
            self.over_refunded.add(order);
        }
        if reader.texts.iter().any(|&column| reader.is_test(record, column)) {
            self.tests.add(order);
        }
        self.rows.push(xxh3_64(record.raw()));
    }

    /// Adds the days of a block's rows, once their order of day and month is settled.
    pub fn add_days(&mut self, block: &Block) {
        let mut days: HashMap<i32, u64, RandomState> = HashMap::default();
        for columns in block.rows.iter().map(|group| &group.columns) {
            for row in 0..columns.customer.len() {
                let day = |days: &[i32]| days.get(row).copied().unwrap_or(day::MISSING);
                let (created_on, paid_on) = (day(&columns.created_on), day(&columns.paid_on));
                let has_both = created_on != day::MISSING && paid_on != day::MISSING;
                self.paid_before_created += u64::from(has_both && paid_on < created_on);
                let ordered_on = if paid_on == day::MISSING { created_on } else { paid_on };
                *days.entry(ordered_on).or_default() += 1;
            }
        }
        days.into_iter().for_each(|(day, rows)| *self.days.entry(day).or_default() += rows);
    }

    /// Must be called once all rows of a block are added: moves what was collected per block into the statistics.
    pub fn finish_block(&mut self, reader: &SurveyReader) {
        for (cell, meaning, rows) in std::mem::take(&mut self.raw_statuses).list {
            self.add_status(reader.decoded(Cow::Owned(cell)), meaning, rows);
        }
    }

    /// Adds the statistics of further rows.
    pub fn merge(&mut self, other: Self) {
        for ((word, meaning), rows) in other.statuses {
            self.add_status(word, meaning, rows);
        }
        add(&mut self.known, other.known);
        add(&mut self.days, other.days);
        self.masked += other.masked;
        self.missing += other.missing;
        self.paid_before_created += other.paid_before_created;
        self.tests.merge(other.tests);
        self.over_refunded.merge(other.over_refunded);
        self.refunds.0 += other.refunds.0;
        self.refunds.1 += other.refunds.1;
        for (amount, rows) in other.amounts {
            *self.amounts.entry(amount).or_default() += rows;
        }
        other.greatest.into_iter().for_each(|amount| self.keep_greatest(amount));
        self.rows.extend(other.rows);
    }

    /// Must be called once all rows are added: counts repeated rows.
    pub fn finish(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.par_sort_unstable();
        self.repeated = rows.chunk_by(|a, b| a == b).map(|run| run.len() as u64 - 1).sum();
    }

    /// Subtracts a row from the statistics, as far as its contribution is known. Returns whether there was such a row.
    pub fn take_off(&mut self, row: &LostRow) -> bool {
        let ordered_on = if row.paid_on == day::MISSING { row.created_on } else { row.paid_on };
        if !lessen(&mut self.days, &ordered_on) {
            return false;
        }
        let has_both = row.created_on != day::MISSING && row.paid_on != day::MISSING;
        let is_odd = has_both && row.paid_on < row.created_on;
        self.paid_before_created = self.paid_before_created.saturating_sub(u64::from(is_odd));
        match row.customer {
            Key::NONE => self.missing = self.missing.saturating_sub(1),
            Key::MASKED => self.masked = self.masked.saturating_sub(1),
            // If several columns name customers, it is unknown which one named this one.
            _ => drop(
                self.known
                    .first_key_value()
                    .map(|(kind, _)| *kind)
                    .map(|kind| lessen(&mut self.known, &kind)),
            ),
        }
        let amount = row.gross.known().unwrap_or(row.amount);
        if let Some(rows) = self.amounts.get_mut(&amount) {
            *rows -= 1;
            if *rows == 0 {
                self.amounts.remove(&amount);
            }
        }
        let mut words = self.statuses.keys().filter(|(_, meaning)| *meaning == row.status);
        // If several words mean this status, it is unknown which one the row had.
        if let (Some(word), None) = (words.next().cloned(), words.next()) {
            lessen(&mut self.statuses, &word);
        }
        true
    }

    /// Clears the examples that are a person's orders. Returns whether any was cleared.
    pub fn clear_examples(&mut self, is_theirs: impl Fn(&str) -> bool) -> bool {
        let mut is_changed = false;
        if self.greatest.as_ref().is_some_and(|(_, order, _)| is_theirs(order)) {
            let rest = self.amounts.keys().max().map(|amount| (*amount, String::new(), String::new()));
            self.greatest = rest;
            is_changed = true;
        }
        for tally in [&mut self.tests, &mut self.over_refunded] {
            if is_theirs(&tally.example) {
                tally.example.clear();
                is_changed = true;
            }
        }
        is_changed
    }

    fn count_status(&mut self, record: &Record<'_>, meaning: Option<Status>, reader: &SurveyReader) {
        let Some(column) = reader.status else { return };
        if reader.further.is_empty() {
            self.raw_statuses.add(record.cell(column), meaning);
            // Words that almost never repeat are not kept.
            if self.raw_statuses.list.len() > MAX_STATUS_WORDS {
                self.finish_block(reader);
            }
            return;
        }
        let mut word = reader.text(record, Some(column));
        for column in &reader.further {
            let further = reader.text(record, Some(*column));
            if !text::is_null(further.as_bytes()) {
                word = format!("{word} / {further}");
            }
        }
        self.add_status(word, meaning, 1);
    }

    fn add_status(&mut self, word: String, meaning: Option<Status>, rows: u64) {
        let mut key = (word, meaning);
        if self.statuses.len() >= MAX_STATUS_WORDS && !self.statuses.contains_key(&key) {
            OTHER_WORDS.clone_into(&mut key.0);
        }
        *self.statuses.entry(key).or_default() += rows;
    }

    fn count_amounts(&mut self, record: &Record<'_>, row: SurveyedRow, reader: &SurveyReader) {
        let gross = reader.gross(record);
        let amount = gross.unwrap_or(row.amount);
        if amount == MISSING {
            return;
        }
        *self.amounts.entry(amount).or_default() += 1;
        if self.greatest.as_ref().is_none_or(|(greatest, ..)| amount >= *greatest) {
            let status = match row.status {
                Some(status) if reader.status.is_none() => status.name().to_owned(),
                _ => reader.text(record, reader.status),
            };
            self.keep_greatest((amount, reader.text(record, reader.order), status));
        }
        if let Some(gross) = gross.filter(|_| row.refund.is_positive() && row.amount != MISSING) {
            let paid = if reader.paid_is_net_of_refund { row.amount - row.refund } else { row.amount };
            self.refunds.0 += u64::from(paid + row.refund == gross);
            self.refunds.1 += u64::from(paid == gross);
        }
    }

    fn keep_greatest(&mut self, found: Amount) {
        let rank =
            |(amount, order, status): &Amount| (std::cmp::Reverse(*amount), order.clone(), status.clone());
        if self.greatest.as_ref().is_none_or(|known| rank(&found) < rank(known)) {
            self.greatest = Some(found);
        }
    }
}

/// Subtracts one from a count, and removes the key when it reaches 0. Returns whether the key was there.
fn lessen<K: Ord>(counts: &mut BTreeMap<K, u64>, key: &K) -> bool {
    let Some(rows) = counts.get_mut(key) else { return false };
    *rows -= 1;
    if *rows == 0 {
        counts.remove(key);
    }
    true
}

fn add<K: Ord>(mine: &mut BTreeMap<K, u64>, theirs: BTreeMap<K, u64>) {
    for (key, rows) in theirs {
        *mine.entry(key).or_default() += rows;
    }
}

/// Whether a text says that its order is a test: `测试` anywhere, or `test` as one of a few words.
fn is_test(text: &str) -> bool {
    const MAX_WORDS: usize = 3;
    if text.contains("测试") {
        return true;
    }
    let words = || text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words().any(|word| word.eq_ignore_ascii_case("test")) && words().count() <= MAX_WORDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn very_many_status_words_are_counted_together() {
        let of = |words: std::ops::Range<usize>| {
            let mut survey = Survey::default();
            words.for_each(|word| survey.add_status(format!("w{word}"), Some(Status::Paid), 1));
            survey
        };
        let mut survey = of(0..1_500);
        assert_eq!(survey.statuses.len(), MAX_STATUS_WORDS + 1);
        let rest = |survey: &Survey| survey.statuses[&(OTHER_WORDS.to_owned(), Some(Status::Paid))];
        assert_eq!(rest(&survey), 500);
        // A word that is known goes on being counted, and no row is lost.
        survey.merge(of(998..1_002));
        assert_eq!((rest(&survey), survey.statuses.values().sum::<u64>()), (502, 1_504));
        assert_eq!(survey.statuses[&("w998".to_owned(), Some(Status::Paid))], 2);
        // Two halves, as the store keeps them of two files, come to the same as the whole.
        let mut turned = of(0..1_000);
        turned.merge(of(1_000..1_500));
        assert_eq!(rest(&turned), 500);
    }

    /// Cells that stand in quotes do not take the fast lane: what is noted of them is the same. Two rows of status `w`,
    /// which nobody taught, a test order, one that gave back more than was paid, one without a buyer.
    #[test]
    fn both_lanes_note_the_same() {
        let rows = [
            "order_id,customer_id,paid_at,paid_amount,refund_amount,status,title",
            "1,C1,2026-05-01 10:00:00,10.50,0,paid,cup",
            "2,C2,2026-05-01 11:00:00,99.00,120,paid,Test order",
            "3,C3,2026-05-02 11:00:00,99.00,0,shipped,pot",
            "4,C3,2026-05-02 11:00:00,12.00,0,w,pot",
            "5,,2026-05-03 11:00:00,12.00,0,shipped,pot",
            "6,C***6,2026-05-03 11:00:00,12.00,0,completed,测试商品",
            "7,C1,2026-05-03 11:00:00,1.00,0,w,tea",
            "8,C1,2026-05-03 12:00:00,1.00,0,已付款,tea",
            "8,C1,2026-05-03 12:00:00,1.00,0,已付款,tea",
        ];
        let quoted =
            |row: &&str| row.split(',').map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",");
        let survey = |text: String| {
            let wants = crate::schema::Wants { survey: true, ..Default::default() };
            let options = crate::parse::ReadOptions { wants, ..Default::default() };
            let input = crate::parse::source::Input::bytes("orders.csv", text.into_bytes());
            let mut files = crate::parse::parse_input(&input, false, &options).expect("orders").files;
            match files.pop().expect("a file").rows {
                crate::parse::Rows::Orders { survey, .. } => *survey.expect("a survey"),
                _ => panic!("no orders"),
            }
        };
        let plain = survey(rows.join("\n"));
        assert_eq!(plain, survey(rows.iter().map(quoted).collect::<Vec<_>>().join("\n")));
        let count = |word: &str, of: Option<Status>| plain.statuses.get(&(word.to_owned(), of)).copied();
        assert_eq!((count("paid", Some(Status::Paid)), count("w", None)), (Some(2), Some(2)));
        assert_eq!((plain.tests.count, plain.tests.example.as_str()), (2, "2"));
        assert_eq!((plain.over_refunded.count, plain.masked, plain.missing, plain.repeated), (1, 1, 1, 1));
        assert_eq!(plain.known, BTreeMap::from([(IdKind::Platform, 5)]));
        assert_eq!(plain.amounts[&Micros::units(99)], 2);
        assert_eq!(plain.days.values().sum::<u64>(), 7);
    }

    #[test]
    fn test_orders_call_themselves_so() {
        for text in ["测试商品勿拍", "test", "Test Order", "test-2"] {
            assert!(is_test(text), "{text}");
        }
        for text in ["Testa Rossa", "contest", "Water quality test kit for aquariums", ""] {
            assert!(!is_test(text), "{text}");
        }
    }
}
