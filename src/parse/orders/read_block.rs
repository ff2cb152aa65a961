//! Reads the records of a block into rows.

use std::ops::Range;
use std::sync::Arc;

use crate::parse::IdKind;
use crate::parse::date_order::Evidence;
use crate::parse::lane::Memo;
use crate::parse::orders::block::{Block, Readers};
use crate::parse::orders::refund_ids::parents;
use crate::parse::orders::row::{Beside, Customer, FurtherReader, Lane, Refusal, Row};
use crate::parse::orders::same_order;
use crate::parse::orders::survey::{Survey, SurveyedRow};
use crate::parse::orders::texts::Words;
use crate::parse::records::{Batch, Dialect, Record, Rows, for_each_batch, for_each_record};
use crate::parse::sections::Piece;
use crate::parse::value::currency;
use crate::regions::Region;
use crate::rows::Extras;
use crate::rows::dictionary::{Dictionary, Met};
use crate::rows::partition::{Columns, NO_STATUS, OrderKeys, places};
use crate::rows::row_keys::RowKeys;
use crate::schema::accounting::Rule;
use crate::schema::items::Product;
use crate::schema::reject::BlockReject;
use crate::schema::{Key, Micros, Status, day};

/// Buffers for the rows of a block, reused for the next one.
#[derive(Debug, Default)]
pub struct Scratch {
    lane: Lane,
    columns: Columns,
    orders: Vec<Key>,
    lines: Vec<Key>,
    met: MetNames,
    /// How many items the previous block had: the next one has about as many, and a buffer that grows is copied.
    line_count: usize,
}

/// Names that occurred in earlier blocks.
#[derive(Debug, Default)]
struct MetNames {
    places: Met<Region>,
    sources: Met<String>,
    products: Met<Arc<Product>>,
}

/// Reads all records of a block, given in pieces in their order.
pub fn read(
    pieces: &[Piece<'_>],
    dialect: Dialect,
    readers: &Readers,
    index: usize,
    scratch: &mut Scratch,
) -> Block {
    scratch.columns.clear();
    scratch.orders.clear();
    scratch.lines.clear();
    let survey = readers.survey.as_ref().map(|_| Survey::default());
    let texts = readers.further.as_ref().map(FurtherReader::texts).unwrap_or_default();
    let MetNames { places, sources, products } = std::mem::take(&mut scratch.met);
    let extras = Extras {
        sources: Dictionary::of_next_block(sources),
        products: Dictionary::of_next_block(products),
        lines: Vec::with_capacity(scratch.line_count + scratch.line_count / 16),
    };
    let places = Dictionary::of_next_block(places);
    let mut reading = Reading {
        block: Block { index, survey, texts, places, extras, ..Block::default() },
        readers,
        has_items: readers.row.has_order_id() && !readers.row.has_order_amount(),
        memo: Memo::default(),
        currency: Vec::new(),
        scratch,
    };
    for piece in pieces {
        if piece.is_foreign {
            for_each_record(&piece.bytes, dialect, |record| reading.foreign(record));
            continue;
        }
        for_each_batch(&piece.bytes, dialect, readers.row.width(), |batch| match batch {
            Batch::Rows(rows) => reading.rows(&rows),
            Batch::Record(record) => reading.record(&record),
        });
    }
    reading.finish()
}

/// A block while its records are being read.
struct Reading<'a> {
    block: Block,
    readers: &'a Readers,
    /// Whether records are items of orders.
    has_items: bool,
    memo: Memo,
    /// The last cell of the currency column.
    currency: Vec<u8>,
    scratch: &'a mut Scratch,
}

impl Reading<'_> {
    /// Reads a batch of records: plain ones by column, the others one by one, in their order.
    fn rows(&mut self, rows: &Rows<'_>) {
        let mut lane = std::mem::take(&mut self.scratch.lane);
        let place = self.readers.place.as_ref().filter(|place| place.single_columns().is_some());
        let beside = Beside {
            has_times: self.readers.time.is_some(),
            place: place.map(|place| (place, &mut self.block.places)),
        };
        if self.readers.row.read_plain(rows, &mut self.memo, beside, &mut lane).is_none() {
            lane.is_plain.clear();
            lane.is_plain.resize(rows.len(), false);
        }
        lane.points.iter().for_each(|(column, count)| self.block.notes.add_points(*column, *count));
        if !self.readers.row.blank_so_far().is_empty() {
            (0..rows.len())
                .filter(|row| lane.is_plain[*row])
                .for_each(|row| self.collect_unread_words(&rows.record(row)));
        }
        let mut start = 0;
        for run in lane.is_plain.chunk_by(|a, b| a == b) {
            let of_run = start..start + run.len();
            start = of_run.end;
            if !run[0] {
                of_run.for_each(|row| self.record(&rows.record(row)));
                continue;
            }
            self.block.record_count += run.len() as u64;
            // A plain record has a status word.
            self.block.late.has_status |= self.readers.row.is_status_blank_so_far();
            self.find_negatives(rows, &lane, of_run.clone());
            self.scratch.columns.append(&lane.columns, of_run.clone());
            self.scratch.orders.extend_from_slice(lane.order.get(of_run.clone()).unwrap_or_default());
            let dates = [self.readers.row.has_created(), self.readers.row.has_paid()];
            for (counts, _) in self.block.evidence.iter_mut().zip(dates).filter(|(_, is_there)| *is_there) {
                counts[Evidence::NotNeeded as usize] += run.len() as u64;
            }
            self.survey(rows, &lane, of_run.clone());
            if self.has_items || self.readers.has_extras() {
                let has_region = place.is_some();
                for row in of_run {
                    let (customer, status) = (lane.columns.customer[row], lane.columns.status[row]);
                    let order = lane.order.get(row).copied().unwrap_or(Key::NONE);
                    let record = rows.record(row);
                    if !has_region {
                        self.add_place(&record);
                    }
                    self.add_extras(&record, order, customer, status);
                }
            }
        }
        self.scratch.lane = lane;
    }

    fn record(&mut self, record: &Record<'_>) {
        self.block.record_count += 1;
        let readers = self.readers;
        let reader = &readers.row;
        self.collect_unread_words(record);
        let row = reader.read(record, &mut self.block.notes);
        self.block.late.has_status |= reader.is_status_blank_so_far() && reader.has_status_word(record);
        if let (Some(survey), Some(reader)) = (&mut self.block.survey, &readers.survey) {
            survey.note_record(record, &row, reader);
        }
        let row = match row {
            Ok(row) => row,
            Err(refusal) => return self.refuse(record, refusal),
        };
        if let Some(currency) = reader.currency(record) {
            self.note_currency(&currency);
        }
        let written = reader.written_currencies(record);
        if reader.has_wanted_currency() {
            self.block.names_wanted_currency |= written.iter().any(Option::is_some);
        } else {
            self.block.written_currencies.extend(written.iter().flatten().map(|mark| mark.name));
        }
        if reader.has_line_id() {
            self.scratch.lines.push(row.line_key());
        }
        let text = row.order.as_deref().unwrap_or_default();
        let order = Key::of(text);
        if readers.keeps_texts && order.is_hash() {
            self.block.long_orders.push(order, text);
        }
        if reader.has_order_id() {
            self.scratch.orders.push(order);
        }
        if row.amount.is_credit() {
            self.note_refund(record, order, text, row.amount);
        }
        if reader.lacks_first_id(&row.customer) {
            let is_known = matches!(row.customer, Customer::Known(..));
            reader
                .stand_ins(record)
                .for_each(|(column, cell)| self.block.stand_ins.add(column, &cell, is_known));
        }
        let (customer, status) = self.add(&row);
        if text == b"0" {
            let day = if row.created_on == day::MISSING { row.paid_on } else { row.created_on };
            self.block.late.add_zero(customer, day);
        }
        if let Some(time) = &readers.time {
            self.scratch.columns.second.push(time.second(record));
        }
        self.add_place(record);
        self.add_extras(record, order, customer, status);
    }

    /// Adds the records of the fast lane to the survey, if one is wanted.
    fn survey(&mut self, rows: &Rows<'_>, lane: &Lane, of_run: Range<usize>) {
        let (Some(survey), Some(reader)) = (&mut self.block.survey, &self.readers.survey) else { return };
        for row in of_run {
            let columns = &lane.columns;
            let surveyed = SurveyedRow {
                status: Status::ALL.get(usize::from(columns.status[row])).copied(),
                // The fast lane only takes records with the platform's customer ids.
                customer: (columns.customer[row] != Key::NONE).then_some(IdKind::Platform),
                is_masked: false,
                amount: columns.amount[row],
                refund: columns.refund.get(row).copied().unwrap_or(Micros::ZERO),
            };
            survey.note_row(&rows.record(row), surveyed, reader);
        }
    }

    fn add_place(&mut self, record: &Record<'_>) {
        if let Some(place) = &self.readers.place {
            self.scratch.columns.region.push(place.number(record, &mut self.block.places));
        }
    }

    /// Collects cells of columns that are empty in the head.
    fn collect_unread_words(&mut self, record: &Record<'_>) {
        for &column in self.readers.row.blank_so_far() {
            self.block.late.add_word(column, &self.readers.row.cell(record, column));
        }
    }

    /// Counts or refuses a record below a header with other columns.
    fn foreign(&mut self, record: &Record<'_>) {
        self.block.record_count += 1;
        let refusal = self.readers.row.foreign(record);
        self.refuse(record, refusal);
    }

    /// Finds negative amounts among the records of the fast lane.
    fn find_negatives(&mut self, rows: &Rows<'_>, lane: &Lane, of_run: Range<usize>) {
        let amounts = &lane.columns.amount[of_run.clone()];
        // Checks the signs of all at once, since few files have negative amounts.
        if amounts.iter().fold(0, |signs, amount| signs | amount.number()) >= 0 {
            return;
        }
        for (row, amount) in of_run.zip(amounts).filter(|(_, amount)| amount.is_negative()) {
            let record = rows.record(row);
            let order = lane.order.get(row).copied().unwrap_or(Key::NONE);
            let id = self.readers.row.order_text(&record);
            self.note_refund(&record, order, &id, *amount);
        }
    }

    /// Notes which orders a negative row may be a refund of.
    fn note_refund(&mut self, record: &Record<'_>, order: Key, id: &[u8], amount: Micros) {
        self.block.has_negatives = true;
        if !order.is_usable() {
            return;
        }
        let parent = self.readers.row.parent(record);
        let parents = parents(id, parent.as_deref(), amount.saturating_abs());
        if !parents.is_empty() {
            self.block.refunds.push((order, parents));
        }
    }

    /// Adds a row's values. Returns its customer and status.
    fn add(&mut self, row: &Row<'_>) -> (Key, u8) {
        let (block, columns, reader) = (&mut self.block, &mut self.scratch.columns, &self.readers.row);
        let customer = match &row.customer {
            Customer::Unknown => Key::NONE,
            Customer::Masked => Key::MASKED,
            Customer::Known(text, kind) => {
                let key = Key::of(text);
                if key.is_hash() {
                    block.long_customers.push(key, text);
                }
                block.has_personal_ids |= *kind != IdKind::Platform;
                key
            }
        };
        let status = row.status.map_or(NO_STATUS, Status::code);
        columns.customer.push(customer);
        columns.created_on.extend(reader.has_created().then_some(row.created_on));
        columns.paid_on.extend(reader.has_paid().then_some(row.paid_on));
        columns.amount.push(row.amount);
        columns.refund.extend(reader.has_refund().then_some(row.refund));
        columns.status.push(status);
        columns.own.extend(reader.says_own().then_some(row.own));
        block.inferred_days += u64::from(row.is_day_inferred);
        for (counts, evidence) in block.evidence.iter_mut().zip(row.evidence) {
            counts[evidence as usize] += 1;
        }
        (customer, status)
    }

    /// Adds the values of the last row that only some questions want.
    fn add_extras(&mut self, record: &Record<'_>, order: Key, customer: Key, status: u8) {
        let (block, columns, readers) = (&mut self.block, &mut self.scratch.columns, self.readers);
        if self.has_items {
            block.edges.push(order, readers.row.item_hash(record));
        }
        if let Some(extra) = &readers.extra {
            let has_order_amount = readers.row.has_order_amount();
            let Block { extras, notes, .. } = block;
            columns.extra.push(extra.read(record, status, has_order_amount, extras, notes));
        }
        if let Some(further) = &readers.further {
            further.read(record, columns, &mut block.texts);
        }
        if let Some(phones) = &readers.phones {
            block.accounts.add_phone(customer, phones.of(record));
        }
        if let Some(mails) = &readers.mails {
            block.accounts.add_mail(customer, mails.of(record));
        }
    }

    fn refuse(&mut self, record: &Record<'_>, refusal: Refusal<'_>) {
        let block = &mut self.block;
        match refusal {
            Refusal::Blank => block.excluded.add(Rule::BlankRow, 1),
            Refusal::Header => {
                block.excluded.add(Rule::RepeatedHeader, 1);
                block.late.headers.push(self.readers.row.header(record, block.record_count - 1));
            }
            Refusal::Total => block.excluded.add(Rule::TotalRow, 1),
            Refusal::Remark => block.excluded.add(Rule::RemarkRow, 1),
            Refusal::NoSale => block.excluded.add(Rule::NoSale, 1),
            Refusal::OtherCurrency => {
                block.excluded.add(Rule::OtherCurrency, 1);
                block.other_currencies.extend(self.readers.row.named_currencies(record));
            }
            Refusal::Broken(reason, column, seen) => block.rejects.push(BlockReject {
                index: block.record_count - 1,
                reason,
                column,
                seen: String::from_utf8_lossy(&seen).into_owned(),
                raw: self.readers.row.raw(record),
            }),
        }
    }

    fn note_currency(&mut self, cell: &[u8]) {
        // Most rows have the currency of the row before.
        if self.currency == cell {
            return;
        }
        self.currency = cell.to_vec();
        let name = currency::name(&String::from_utf8_lossy(cell));
        if let Some(name) = name.filter(|name| !self.block.currencies.contains(name)) {
            self.block.currencies.push(name);
        }
    }

    fn finish(self) -> Block {
        let (mut block, scratch) = (self.block, self.scratch);
        let Readers { row, further, joins_rows, .. } = self.readers;
        if self.has_items && *joins_rows && further.is_none() && row.can_be_joined() {
            same_order::join(&mut scratch.columns, &mut scratch.orders, &mut block.extras.lines);
        }
        scratch.line_count = block.extras.lines.len();
        let (rows, partitions) = scratch.columns.by_customer();
        block.rows = rows;
        if !scratch.lines.is_empty() {
            block.lines = OrderKeys::new(&scratch.lines, &places(&partitions));
        }
        if !scratch.orders.is_empty() {
            block.row_keys = RowKeys::new(&scratch.orders, partitions);
        }
        block.long_customers.finish();
        block.long_orders.finish();
        scratch.met = MetNames {
            places: block.places.finish(),
            sources: block.extras.sources.finish(),
            products: block.extras.products.finish(),
        };
        block.texts.words.iter_mut().for_each(Words::finish);
        if let (Some(survey), Some(reader)) = (&mut block.survey, &self.readers.survey) {
            survey.finish_block(reader);
        }
        block
    }
}
