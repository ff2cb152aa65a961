//! How the values of a file are written (dates, numbers, zones, currencies), as far as its head shows it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::parse::ReadOptions;
use crate::parse::encoding::CellEncoding;
use crate::parse::layout::amounts::{settle_amounts, settle_total};
use crate::parse::layout::closed::settle_closed;
use crate::parse::layout::guess::may_be_buyer;
use crate::parse::layout::order_ids::find_order_id;
use crate::parse::layout::sample::Sample;
use crate::parse::layout::statuses::study_statuses;
use crate::parse::layout::{FileHead, Layout, Serials};
use crate::parse::records::{Record, for_each_record, whole_records};
use crate::parse::value::date::{self, DateOrder, DateReader, Day};
use crate::parse::value::{currency, id, money};
use crate::schema::table::{amount_fields, day_fields};
use crate::schema::{Field, Table, squash};
use crate::text;

/// How many records of the head are examined to decide how dates and amounts are written.
const SAMPLE: usize = 20_000;

/// Decides by its values whether a column called `state` is the order's status or the place it went to.
fn settle_state(layout: &mut Layout, body: &[u8], is_whole: bool) {
    let Some(column) = layout.column(Field::Status) else { return };
    if layout.columns.get(&Field::Province).is_none_or(|columns| !columns.contains(&column)) {
        return;
    }
    let words: HashSet<String> = layout.preset.status_words().map(|(word, _)| squash(word)).collect();
    let (mut statuses, mut others) = (0_usize, 0_usize);
    let end = whole_records(body, layout.dialect, is_whole);
    for_each_record(&body[..end], layout.dialect, |record| {
        let cell = layout.encoding.decode(record.cell(column)).unwrap_or_default();
        let cell = text::trim(&cell);
        if !text::is_null(cell) {
            let is_status = words.contains(&squash(&String::from_utf8_lossy(cell)));
            statuses += usize::from(is_status);
            others += usize::from(!is_status);
        }
    });
    let place = if others > statuses { Field::Status } else { Field::Province };
    if let Some(columns) = layout.columns.get_mut(&place) {
        columns.retain(|other| *other != column);
        if columns.is_empty() {
            layout.columns.remove(&place);
        }
    }
}

/// The columns of numbers.
const NUMBERS: [Field; 9] = [
    Field::PaidAmount,
    Field::Amount,
    Field::UnitPrice,
    Field::RefundAmount,
    Field::Cost,
    Field::Gross,
    Field::Discount,
    Field::Quantity,
    Field::ItemKinds,
];

/// Whether rows with the order number 0 have several buyers or days.
fn zero_is_shared(layout: &Layout, body: &[u8], is_whole: bool, probe: &DateReader) -> bool {
    let buyer =
        [Field::CustomerId, Field::Email, Field::Phone].into_iter().find_map(|field| layout.column(field));
    let day = layout.column(Field::CreatedAt).or(layout.column(Field::PaidAt));
    let Some(order) = layout.column(Field::OrderId) else { return false };
    let (mut first, mut is_shared) = (None, false);
    let end = whole_records(body, layout.dialect, is_whole);
    for_each_record(&body[..end], layout.dialect, |record| {
        if !id::is_zero(&record.cell(order)) {
            return;
        }
        let buyer = buyer.map(|buyer| record.cell(buyer).into_owned());
        let on = day.map(|column| match probe.day(&record.cell(column)) {
            Day::On(day) | Day::Either(day) | Day::Evident(day, _) => Some(day),
            _ => None,
        });
        let row = (buyer, on.flatten());
        is_shared |= first.get_or_insert_with(|| row.clone()) != &row;
    });
    is_shared
}

/// The first rows of a file of orders whose layout is a guess from ordinary names.
fn guess_sample(layout: &Layout, body: &[u8], is_whole: bool) -> Option<Sample> {
    let is_guess = layout.preset.is_generic() && layout.preset.table == Table::Orders;
    is_guess.then(|| Sample::of(layout, body, is_whole))
}

/// A reader for dates whose notation is not known yet.
pub(super) fn probe(layout: &Layout, options: &ReadOptions) -> DateReader {
    DateReader {
        order: options.date_order.or(layout.preset.date_order).unwrap_or_default(),
        is_certain: false,
        zone: options.zone,
        epoch_zone: layout.preset.zone.unwrap_or(chrono_tz::UTC),
        has_1904_dates: options.has_1904_dates.unwrap_or(false),
        is_birthday: false,
    }
}

/// Decides from the values of the head which date order and decimal mark each column uses.
pub(super) fn study_values(layout: &mut Layout, file: FileHead<'_>, options: &ReadOptions) {
    let FileHead { name, body, is_whole } = file;
    settle_state(layout, body, is_whole);
    let fixed = options.date_order.or(layout.preset.date_order);
    let probe = probe(layout, options);
    let sample = guess_sample(layout, body, is_whole);
    let answers = sample.as_ref().map(|sample| settle_amounts(layout, sample, options)).unwrap_or_default();
    study_statuses(layout, body, is_whole, &probe, options, &answers);
    if let Some(sample) = &sample {
        layout.found.order_id = find_order_id(layout, sample, &probe);
        layout.columns.extend(layout.found.order_id.map(|column| (Field::OrderId, vec![column])));
        layout.found.may_be_buyer = may_be_buyer(layout, sample, &probe);
        layout.found.closed_is_done = settle_closed(layout, sample, options);
        layout.found.order_total = settle_total(layout, sample).filter(|_| options.mapping.is_empty());
    }
    let row_findings = options.row_findings.get(name).cloned().unwrap_or_default();
    layout.statuses.is_blank_so_far &= !row_findings.has_statuses;
    layout.found.zero_is_shared =
        row_findings.zero_is_shared || zero_is_shared(layout, body, is_whole, &probe);
    layout.sections = row_findings.sections;
    let summed = layout.sums.values().flat_map(|(plus, minus)| plus.iter().chain(minus)).copied();
    let mut numbers: BTreeMap<usize, money::Cells> = NUMBERS
        .into_iter()
        .chain(amount_fields())
        .filter_map(|field| layout.column(field))
        .chain(summed)
        .map(|column| (column, money::Cells::default()))
        .collect();
    let mut currencies = Currencies::new(layout, options);
    let dates: Vec<(Field, usize)> =
        day_fields().filter_map(|field| layout.column(field).map(|column| (field, column))).collect();
    let mut evidence = vec![DateCounts::default(); dates.len()];
    let mut rows = 0_usize;
    let end = whole_records(body, layout.dialect, is_whole);
    for_each_record(&body[..end], layout.dialect, |record| {
        rows += 1;
        if rows > SAMPLE || record.is_blank() {
            return;
        }
        for ((_, column), seen) in dates.iter().zip(&mut evidence) {
            if let Some(cell) = layout.encoding.decode(record.cell(*column)) {
                seen.count_cell(&probe, &cell);
            }
        }
        currencies.add_record(record, layout.encoding);
        for (column, cells) in &mut numbers {
            if let Some(cell) = layout.encoding.decode(record.cell(*column)) {
                cells.add(&cell);
            }
        }
    });
    let known = money::Known {
        decimals: currencies.decimals(),
        of_file: options.decimal,
        has_semicolons: layout.dialect.delimiter == b';',
    };
    layout.numbers = match options.decimal {
        Some(mark) => money::Numbers::fixed(numbers.into_keys(), mark),
        None => money::Numbers::new(numbers, known),
    };
    row_findings.decimals.iter().for_each(|(column, decided)| layout.numbers.set(*column, *decided));
    let has_no_zone = options.zone.is_none() && layout.preset.zone.is_none();
    layout.utc_columns = dates
        .iter()
        .zip(&evidence)
        .filter(|(_, seen)| has_no_zone && seen.is_all_utc())
        .map(|((_, column), _)| *column)
        .collect();
    let serials = dates.iter().zip(&evidence).filter_map(|((_, column), seen)| {
        let (count, first) = seen.serials;
        (count > 0).then_some(Serials { column: *column, count, rows: rows.min(SAMPLE) as u64, first })
    });
    layout.serials = serials.filter(|_| options.has_1904_dates.is_none()).collect();
    layout.dates = dates
        .into_iter()
        .zip(evidence)
        .map(|((field, _), DateCounts { dmy, mdy, .. })| {
            let seen = if mdy > dmy { DateOrder::Mdy } else { DateOrder::Dmy };
            let order = fixed.unwrap_or(seen);
            let is_birthday = field == Field::Birthday;
            (field, DateReader { order, is_certain: fixed.is_some() || dmy != mdy, is_birthday, ..probe })
        })
        .collect();
}

/// Counts of how the dates in the head of a column are written.
#[derive(Debug, Clone, Copy, Default)]
struct DateCounts {
    dmy: u64,
    mdy: u64,
    utc: u64,
    others: u64,
    /// Serial numbers of days, and the day of the first.
    serials: (u64, i32),
}

impl DateCounts {
    fn count_cell(&mut self, probe: &DateReader, cell: &[u8]) {
        // Dates as most exports write them say nothing about the order or the zone.
        if date::plain(cell).is_some() {
            self.others += 1;
            return;
        }
        let day = probe.day(cell);
        if let (true, Day::On(on)) = (date::is_serial(cell), day) {
            let (count, first) = self.serials;
            self.serials = (count + 1, if count == 0 { on } else { first });
        }
        match day {
            Day::Evident(_, DateOrder::Dmy) => self.dmy += 1,
            Day::Evident(_, DateOrder::Mdy) => self.mdy += 1,
            Day::Null | Day::Placeholder => return,
            _ => {}
        }
        match date::is_utc(cell) {
            true => self.utc += 1,
            false => self.others += 1,
        }
    }

    fn is_all_utc(&self) -> bool {
        self.utc > 0 && self.others == 0
    }
}

/// The currencies named in the head of a file, beside amounts or in a column of their own.
struct Currencies {
    column: Option<usize>,
    amounts: Vec<usize>,
    names: BTreeSet<String>,
}

impl Currencies {
    fn new(layout: &Layout, options: &ReadOptions) -> Self {
        let amounts = [Field::PaidAmount, Field::Amount, Field::UnitPrice];
        let summed = layout.sums.values().flat_map(|(plus, _)| plus);
        let columns = amounts.iter().filter_map(|field| layout.columns.get(field)).flatten().chain(summed);
        let of_headers = columns.filter_map(|column| Some(layout.header_currency(*column)?.name.to_owned()));
        Self {
            column: layout.column(Field::Currency),
            amounts: amounts.iter().filter_map(|&field| layout.column(field)).collect(),
            names: options
                .currency
                .as_deref()
                .and_then(currency::name)
                .into_iter()
                .chain(of_headers)
                .collect(),
        }
    }

    fn add_record(&mut self, record: &Record<'_>, encoding: CellEncoding) {
        if let Some(cell) = self.column.and_then(|column| encoding.decode(record.cell(column))) {
            let text = String::from_utf8_lossy(&cell);
            if !self.names.contains(text.as_ref()) {
                self.names.extend(currency::name(&text));
            }
        }
        for &column in &self.amounts {
            // Most amounts are bare numbers, which name no currency.
            if record.plain(column).is_some_and(|cell| money::plain(cell).is_some()) {
                continue;
            }
            let Some(cell) = encoding.decode(record.cell(column)) else { continue };
            for mark in money::currencies(&cell).into_iter().flatten() {
                if !self.names.contains(mark.name) {
                    self.names.insert(mark.name.to_owned());
                }
            }
        }
    }

    fn decimals(&self) -> Option<u8> {
        currency::decimals(self.names.iter().map(String::as_str))
    }
}
