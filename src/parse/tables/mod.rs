//! The tables beside the orders: items, customers, events, sends, aliases, as far as a question needs them.

pub(crate) mod cells;
mod details;
mod grouped;
pub(crate) mod items;
mod lane;
mod texts;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::mem::take;
use std::ops::Range;

use crate::parse::cell_notes::{CellNotes, Oddity};
use crate::parse::currencies::{Currencies, CurrencyReader};
use crate::parse::date_order::{Counts, Evidence};
use crate::parse::encoding::CellEncoding;
use crate::parse::identity::IdentityMode;
use crate::parse::layout::Layout;
use crate::parse::options::{IdKind, ReadOptions};
use crate::parse::orders::{Accounts, Mails, Phones, StatusWords, UnknownWord, words_of};
use crate::parse::preset::StatusWord;
use crate::parse::records::{Batch, Dialect, Record, Rows, for_each_batch, for_each_record};
use crate::parse::sections::{Header, Piece};
use crate::parse::shape::{CellId, Customer, Refusal, Shape, customer_columns};
use crate::parse::value::date::{DateReader, Day};
use crate::parse::value::id;
use crate::parse::value::money::DecimalMark;
use crate::rows::dictionary::Dictionary;
use crate::rows::partition::Grouped;
use crate::schema::accounting::{Rule, RuleCounts};
use crate::schema::day_counts::DayCounts;
use crate::schema::reject::{BlockReject, Reason};
use crate::schema::table::{self, Cells, Unnamed, day_fields};
use crate::schema::{EventKind, Field, Key, Table, day, squash};
use crate::text;

pub use cells::{note_unreadable, rating};
use details::DetailReader;
pub use details::{ATTRIBUTE, Details};
pub use lane::Lane;
use lane::PlainColumns;
pub use texts::{PlainTexts, Texts};

/// The rows of one file that is not of orders.
#[derive(Debug, Default)]
pub struct TableRows {
    /// The file as the user named it.
    pub file: String,
    /// The table; `None` in blocks, which are all of their file's.
    pub table: Option<Table>,
    /// Rows kept: in each of the columns below where the file has it, or in partitions; and those passed over.
    pub row_count: u64,
    /// The ids of orders.
    pub orders: Vec<Key>,
    /// The ids of customers.
    pub customers: Vec<Key>,
    /// Texts of aliases, where it is a list of those: the alias and the customer.
    pub aliases: Vec<(String, String)>,
    /// Days by field; [`day::MISSING`] where there is none.
    pub days: BTreeMap<Field, Vec<i32>>,
    /// The rows of a table of moments block by block, each block in partitions by customer, in place of the columns of
    /// rows here and in the details, which are empty then.
    pub groups: Vec<Grouped>,
    /// Events of kinds that nobody wants, by day; no more is known of them than their customers.
    pub passed_over: DayCounts,
    /// The customers of these, block by block.
    pub passed_over_customers: Vec<Vec<Key>>,
    /// Kinds of events.
    pub kinds: Vec<EventKind>,
    /// Rows by word of a kind and what it was read as; none where nobody taught it.
    pub words: BTreeMap<(String, Option<EventKind>), u64>,
    /// The decimal mark of amounts.
    pub decimal: DecimalMark,
    /// What the dates of each column say about the order of day and month.
    pub evidence: BTreeMap<Field, Counts>,
    /// Rows left out by rules.
    pub excluded: RuleCounts,
    /// Rows that cannot be read, numbered within the file.
    pub rejects: Vec<BlockReject>,
    /// Records read.
    pub record_count: u64,
    /// Which customer ids name which contacts.
    pub accounts: Accounts,
    /// The currencies of amounts, where it is a file of items.
    pub currencies: Currencies,
    /// The values of the rows, where a question wants them.
    pub details: Details,
    /// What is odd about cells.
    pub notes: CellNotes,
    /// Headers among the rows of a block.
    pub headers: Vec<Header>,
}

/// How the records of one file are read.
#[derive(Debug)]
pub struct TableReader {
    table: Table,
    shape: Shape,
    order: Option<usize>,
    customer: Vec<(usize, IdKind)>,
    alias: Option<usize>,
    dates: Vec<(Field, usize, DateReader)>,
    kind: Option<usize>,
    kinds: HashMap<String, EventKind>,
    phones: Option<Phones>,
    mails: Option<Mails>,
    details: Option<DetailReader>,
    /// The currency of items.
    currency: Option<CurrencyReader>,
    /// What became of items, and what the words for it mean.
    status: Option<(usize, StatusWords)>,
    /// The column of the stars of reviews.
    rating: Option<usize>,
    keeps_texts: bool,
    /// Whether the texts of customers' ids are wanted beside their contacts.
    keeps_ids: bool,
    /// The day without which a row is refused, and with that headers.
    moment: Option<Field>,
    /// The columns of records that may take the fast lane, where the file allows it.
    plain: Option<PlainColumns>,
    /// Whether the rows of each block are put into partitions by customer.
    is_grouped: bool,
    /// Whether of other events than interests and purchases nothing but their days is wanted.
    passes_over: bool,
    encoding: CellEncoding,
}

impl TableReader {
    /// Resolves a layout.
    pub fn new(layout: &Layout, options: &ReadOptions) -> Self {
        let table = layout.preset.table;
        let dates: Vec<_> = day_fields()
            .filter_map(|field| Some((field, layout.column(field)?, layout.dates.get(&field).copied()?)))
            .collect();
        let details = options.wants.details.then(|| DetailReader::new(layout, options));
        let of_moments = table.declaration().rows == table::Rows::OfMoments;
        let plain = details.as_ref().filter(|_| of_moments && dates.len() == 1);
        let plain = plain.and_then(|details| PlainColumns::new(layout, options, details));
        // Decisions of the shop's people on ids look at all of them.
        let identity = &options.identity;
        let looks_at_ids = identity.mode != IdentityMode::Off || !identity.decisions.is_empty();
        let is_kept_whole = options.wants.texts || options.wants.survey;
        let holds_stars =
            |field| table.declaration().column(field).is_some_and(|column| column.holds == Cells::Rating);
        Self {
            table,
            shape: Shape::new(layout),
            // Elsewhere it is a text like others, where the table has it.
            order: layout.column(Field::OrderId).filter(|_| table.holds_items()),
            customer: customer_columns(layout, options.customer_key),
            alias: layout.column(Field::Alias),
            dates,
            kind: layout.column(Field::Kind),
            kinds: layout.preset.kind_words().map(|(word, kind)| (squash(word), kind)).collect(),
            phones: Phones::new(layout).filter(|_| options.wants_phones()),
            mails: Mails::new(layout).filter(|_| options.wants_mails()),
            is_grouped: of_moments && details.is_some() && !is_kept_whole,
            passes_over: options.wants.interests_alone && !is_kept_whole && !looks_at_ids,
            details,
            plain,
            encoding: layout.encoding,
            currency: table.holds_items().then(|| CurrencyReader::new(layout, item_amount(layout), options)),
            status: layout
                .column(Field::Status)
                .filter(|_| table.holds_items())
                .map(|column| (column, StatusWords::new(&words_of(layout, options)))),
            rating: layout.column(Field::Rating).filter(|_| holds_stars(Field::Rating)),
            keeps_texts: options.wants.texts,
            keeps_ids: options.wants_phones() || options.wants_mails(),
            moment: table.declaration().moment(),
        }
    }

    /// Reads all records of a block, whose pieces come in their order.
    pub fn read(&self, pieces: &[Piece<'_>], dialect: Dialect, lane: &mut Lane) -> TableRows {
        let mut rows = TableRows::default();
        rows.details.places = Dictionary::of_next_block(take(&mut lane.met_places));
        rows.details.items.products = Dictionary::of_next_block(take(&mut lane.met_products));
        for piece in pieces {
            if piece.is_foreign {
                for_each_record(&piece.bytes, dialect, |record| {
                    self.refuse(record, self.shape.foreign(record), &mut rows);
                    rows.record_count += 1;
                });
                continue;
            }
            let width = if self.plain.is_some() { self.shape.width } else { usize::MAX };
            for_each_batch(&piece.bytes, dialect, width, |batch| match (batch, &self.plain) {
                (Batch::Rows(batch), Some(plain)) => self.batch(&batch, plain, lane, &mut rows),
                (Batch::Rows(batch), None) => {
                    (0..batch.len()).for_each(|row| self.record(&batch.record(row), &mut rows));
                }
                (Batch::Record(record), _) => self.record(&record, &mut rows),
            });
        }
        lane.words.finish(&mut rows);
        lane.met_places = rows.details.places.finish();
        lane.met_products = rows.details.items.products.finish();
        rows.passed_over_customers.iter_mut().for_each(Vec::shrink_to_fit);
        if self.is_grouped {
            rows.group(self.table.declaration());
        }
        rows
    }

    fn record(&self, record: &Record<'_>, rows: &mut TableRows) {
        match self.row(record, rows) {
            Ok(()) => {}
            Err(Outcome::Excluded(rule)) => rows.excluded.add(rule, 1),
            Err(Outcome::Refused(refusal)) => self.refuse(record, refusal, rows),
        }
        rows.record_count += 1;
    }

    /// Reads records by the column where they allow it, and the others one by one, in their order.
    fn batch(&self, batch: &Rows<'_>, plain: &PlainColumns, lane: &mut Lane, rows: &mut TableRows) {
        let Some(details) = &self.details else { return };
        plain.read(batch, lane, self.encoding, |word| self.kinds.get(&squash(word)).copied());
        // Words are numbered in the order of the records.
        let are_all_plain = !lane.is_plain.contains(&false);
        let by_column =
            are_all_plain && !self.passes_over && details.read_columns(batch, lane, &mut rows.details);
        let mut next = 0;
        while next < batch.len() {
            let start = next;
            let is_plain = lane.is_plain[start];
            next += lane.is_plain[start..].iter().take_while(|plain| **plain == is_plain).count();
            if !is_plain {
                (start..next).for_each(|row| self.record(&batch.record(row), rows));
                continue;
            }
            rows.record_count += (next - start) as u64;
            let (field, _) = plain.moment;
            rows.evidence.entry(field).or_default()[Evidence::NotNeeded as usize] += (next - start) as u64;
            if self.passes_over && !lane.kind.is_empty() {
                self.add_chosen(batch, (field, start..next), lane, rows);
                continue;
            }
            rows.customers.extend_from_slice(&lane.customer[start..next]);
            let moments = &lane.moment[start..next];
            rows.days.entry(field).or_default().extend(moments.iter().map(|(day, _)| *day));
            rows.details.seconds.extend(moments.iter().map(|(_, second)| *second));
            let Lane { kind, words, .. } = &mut *lane;
            rows.kinds.extend(kind.get(start..next).into_iter().flatten().map(|kind| words.see(*kind)));
            rows.row_count += (next - start) as u64;
            match by_column {
                true => details.add_columns(lane, start..next, &mut rows.details),
                false => (start..next).for_each(|row| {
                    details.read_beside(&batch.record(row), &mut rows.details, &mut rows.notes);
                }),
            }
        }
    }

    /// Adds the interests and purchases among records that are all plain; of the others their days and customers alone.
    fn add_chosen(
        &self,
        batch: &Rows<'_>,
        (field, records): (Field, Range<usize>),
        lane: &mut Lane,
        rows: &mut TableRows,
    ) {
        let Some(details) = &self.details else { return };
        let has_more = details.has_beside();
        let TableRows { customers, days, kinds, passed_over, passed_over_customers, row_count, .. } = rows;
        let days = days.entry(field).or_default();
        if passed_over_customers.is_empty() {
            passed_over_customers.push(Vec::new());
        }
        *row_count += records.len() as u64;
        for row in records {
            let kind = lane.words.see(lane.kind[row]);
            if kind != EventKind::Purchase && !EventKind::INTEREST.contains(&kind) {
                passed_over.add(lane.moment[row].0, 1);
                passed_over_customers[0].push(lane.customer[row]);
                continue;
            }
            customers.push(lane.customer[row]);
            let (day, second) = lane.moment[row];
            days.push(day);
            kinds.push(kind);
            rows.details.seconds.push(second);
            if has_more {
                details.read_beside(&batch.record(row), &mut rows.details, &mut rows.notes);
            }
        }
    }

    fn refuse(&self, record: &Record<'_>, refusal: Refusal<'_>, rows: &mut TableRows) {
        match self.shape.settled(record, refusal) {
            Refusal::Blank => rows.excluded.add(Rule::BlankRow, 1),
            Refusal::Header => {
                rows.excluded.add(Rule::RepeatedHeader, 1);
                rows.headers.push(self.shape.header(record, rows.record_count));
            }
            Refusal::Total => rows.excluded.add(Rule::TotalRow, 1),
            Refusal::Remark => rows.excluded.add(Rule::RemarkRow, 1),
            Refusal::NoSale => rows.excluded.add(Rule::NoSale, 1),
            Refusal::OtherCurrency => {
                rows.excluded.add(Rule::OtherCurrency, 1);
                let names = self.currency.iter().flat_map(|currency| currency.named(record, &self.shape));
                rows.currencies.of_others.extend(names);
            }
            Refusal::Broken(reason, column, seen) => rows.rejects.push(BlockReject {
                index: rows.record_count,
                reason,
                column,
                seen: String::from_utf8_lossy(&seen).into_owned(),
                raw: self.shape.raw(record),
            }),
        }
    }

    fn row<'a>(&self, record: &Record<'a>, rows: &mut TableRows) -> Result<(), Outcome<'a>> {
        self.shape.check(record)?;
        // Of orders the header would be refused for its dates; a table may have none.
        let is_other = || self.shape.begins_as_header(record) && self.shape.is_any_header(record);
        if self.shape.is_header(record) || (self.moment.is_none() && is_other()) {
            return Err(Refusal::Header.into());
        }
        if let Some(currency) = &self.currency
            && currency.is_other(record, &self.shape)?
        {
            return Err(Refusal::OtherCurrency.into());
        }
        let order = self.order(record)?;
        let is_lost = self.is_lost(record)?;
        let customer = self.shape.customer(record, &self.customer)?;
        let mut days = Vec::with_capacity(self.dates.len());
        for (field, column, reader) in &self.dates {
            days.push((*field, self.day(record, *field, *column, reader, &mut rows.notes)?));
        }
        if self.moment.is_some_and(|moment| days.iter().all(|(field, _)| *field != moment)) {
            return Err(Refusal::Broken(Reason::MissingDate, None, Cow::Borrowed(b"")).into());
        }
        let kind = self.kind(record, rows)?;
        // What the row is about must be said: there is nothing to join it by otherwise.
        let customer = match customer {
            Customer::Known(text, _) => text,
            Customer::Masked => return Err(Outcome::Excluded(Rule::MaskedCustomer)),
            Customer::Unknown => match self.table.declaration().unnamed {
                Unnamed::Kept => Cow::Borrowed(b"".as_slice()),
                Unnamed::LeftOut => return Err(Outcome::Excluded(Rule::NoCustomer)),
                Unnamed::Refused => {
                    let column = self.customer.first().map(|(column, _)| *column);
                    return Err(Refusal::Broken(Reason::MissingCustomer, column, Cow::Borrowed(b"")).into());
                }
            },
        };
        for (field, (_, evidence)) in &days {
            rows.evidence.entry(*field).or_default()[*evidence as usize] += 1;
        }
        // What says nothing of an interest still says that the customer was there.
        if kind == Some(EventKind::Ignore) && self.details.is_none() {
            return Err(Outcome::Excluded(Rule::OtherKind));
        }
        if let Some(alias) = self.alias {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            match self.shape.id(record, alias)? {
                CellId::Text(alias) => rows.aliases.push((text(&alias), text(&customer))),
                CellId::Masked => return Err(Outcome::Excluded(Rule::MaskedCustomer)),
                CellId::Null | CellId::StandIn => {
                    return Err(self.shape.broken(Reason::MissingCustomer, record, alias).into());
                }
            }
        }
        let key = Key::of(&customer);
        if let Some((column, key)) =
            self.order.zip(order).filter(|(_, key)| self.keeps_texts && key.is_hash())
            && let CellId::Text(text) = self.shape.id(record, column)?
        {
            rows.details.long.insert(key, String::from_utf8_lossy(&text).into());
        }
        if self.keeps_ids && key.is_hash() {
            rows.details.long.entry(key).or_insert_with(|| String::from_utf8_lossy(&customer).into());
        }
        rows.customers.push(key);
        rows.orders.extend(order);
        rows.kinds.extend(kind);
        for (field, (day, _)) in days {
            rows.days.entry(field).or_default().push(day);
        }
        if let Some(phones) = &self.phones {
            rows.accounts.see(key, phones.of(record));
        }
        if let Some(mails) = &self.mails {
            rows.accounts.see_mail(key, mails.of(record));
        }
        if let Some(column) = self.rating {
            let cell = self.shape.text(record, column)?;
            let is_read =
                text::is_null(text::trim(&cell)) || rating(&String::from_utf8_lossy(&cell)).is_some();
            if !is_read {
                rows.notes.add(Oddity::Unreadable, column, &cell);
            }
        }
        if let Some(details) = &self.details {
            details.read(record, &customer, (order, is_lost), &mut rows.details, &mut rows.notes);
        }
        if let Some(currency) = &self.currency {
            rows.currencies.see(currency, record, &self.shape);
        }
        rows.row_count += 1;
        Ok(())
    }

    fn order<'a>(&self, record: &Record<'a>) -> Result<Option<Key>, Refusal<'a>> {
        let Some(column) = self.order else { return Ok(None) };
        match self.shape.id(record, column)? {
            CellId::Text(text) => Ok(Some(Key::of(&text))),
            // Orders may be numbered from 0.
            CellId::StandIn if id::is_zero(&record.cell(column)) => Ok(Some(Key::of(b"0"))),
            CellId::Null | CellId::StandIn | CellId::Masked if self.table.holds_items() => {
                Err(self.shape.broken(Reason::MissingOrderId, record, column))
            }
            CellId::Null | CellId::StandIn | CellId::Masked => Ok(Some(Key::NONE)),
        }
    }

    /// Whether an item's own status says that it was not kept. A blank one says nothing of that; a word that nobody
    /// taught may say either, so that its row is refused with it, as an order's is.
    fn is_lost<'a>(&self, record: &Record<'a>) -> Result<bool, Refusal<'a>> {
        let Some((column, words)) = &self.status else { return Ok(false) };
        let cell = self.shape.text(record, *column)?;
        match words.read(&cell) {
            Ok(Some(StatusWord::Plain(status))) => Ok(!status.is_paid()),
            Ok(Some(StatusWord::Closed)) => Ok(true),
            Ok(None) => Ok(false),
            Err(UnknownWord) => Err(Refusal::Broken(Reason::UnknownStatus, Some(*column), cell)),
        }
    }

    /// A date. When something happened must be there; a customer's may be missing or odd (a birthday of 1900).
    fn day<'a>(
        &self,
        record: &Record<'a>,
        field: Field,
        column: usize,
        reader: &DateReader,
        notes: &mut CellNotes,
    ) -> Result<(i32, Evidence), Refusal<'a>> {
        let cell = self.shape.text(record, column)?;
        let day = reader.day(&cell);
        notes.see_time(reader, &cell);
        let is_needed = self.moment == Some(field);
        match day {
            Day::On(value) | Day::Either(value) | Day::Evident(value, _) => Ok((value, Evidence::of(day))),
            Day::Null | Day::Placeholder if is_needed => {
                Err(Refusal::Broken(Reason::MissingDate, Some(column), cell))
            }
            Day::Bad if is_needed => Err(Refusal::Broken(Reason::BadDate, Some(column), cell)),
            Day::Impossible if is_needed => Err(Refusal::Broken(Reason::ImpossibleDate, Some(column), cell)),
            Day::Null => Ok((day::MISSING, Evidence::None)),
            Day::Placeholder => {
                notes.add(Oddity::Placeholder, column, &cell);
                Ok((day::MISSING, Evidence::None))
            }
            Day::Bad | Day::Impossible => {
                notes.add(Oddity::Unreadable, column, &cell);
                Ok((day::MISSING, Evidence::None))
            }
        }
    }

    fn kind<'a>(&self, record: &Record<'a>, rows: &mut TableRows) -> Result<Option<EventKind>, Refusal<'a>> {
        let Some(column) = self.kind else {
            let is_needed = self.table.declaration().needed().any(|field| field == Field::Kind);
            let unsaid = Refusal::Broken(Reason::UnknownKind, None, Cow::Borrowed(b""));
            return if is_needed { Err(unsaid) } else { Ok(None) };
        };
        let cell = self.shape.text(record, column)?;
        let word = String::from_utf8_lossy(text::trim(&cell)).into_owned();
        let kind = self.kinds.get(&squash(&word)).copied();
        *rows.words.entry((word, kind)).or_default() += 1;
        match kind {
            Some(kind) => Ok(Some(kind)),
            None => Err(Refusal::Broken(Reason::UnknownKind, Some(column), cell)),
        }
    }
}

/// The column of the amounts of items, by which their currency may be told.
fn item_amount(layout: &Layout) -> Option<usize> {
    let summed = layout.sums.get(&Field::Amount).and_then(|(plus, _)| plus.first().copied());
    layout.column(Field::Amount).or(layout.column(Field::UnitPrice)).or(summed)
}

enum Outcome<'a> {
    Excluded(Rule),
    Refused(Refusal<'a>),
}

impl<'a> From<Refusal<'a>> for Outcome<'a> {
    fn from(refusal: Refusal<'a>) -> Self {
        Self::Refused(refusal)
    }
}

impl TableRows {
    /// Keeps the rows that are marked, as many marks as rows; what else is known of the file stays.
    pub fn retain(&mut self, is_kept: &[bool]) {
        fn keep<T>(values: &mut Vec<T>, is_kept: &[bool]) {
            let mut kept = is_kept.iter();
            values.retain(|_| kept.next().copied().unwrap_or(true));
        }
        keep(&mut self.customers, is_kept);
        keep(&mut self.orders, is_kept);
        keep(&mut self.kinds, is_kept);
        self.days.values_mut().for_each(|days| keep(days, is_kept));
        keep(&mut self.details.seconds, is_kept);
        self.details.texts.values_mut().for_each(|texts| keep(&mut texts.numbers, is_kept));
        self.details.more.values_mut().for_each(|texts| texts.retain(is_kept));
        keep(&mut self.details.regions, is_kept);
        self.row_count = is_kept.iter().filter(|is_kept| **is_kept).count() as u64;
    }

    /// The rows of a file's blocks, one behind the other.
    pub fn of_blocks(table: Table, blocks: Vec<Self>) -> Self {
        let rows_in_columns = |block: &Self| block.customers.len();
        let total = blocks.iter().map(rows_in_columns).sum();
        let mut all = Self { table: Some(table), ..Self::default() };
        blocks.into_iter().for_each(|block| all.append(block, total));
        all
    }

    /// Adds the rows of the next block, of blocks that have so many rows together.
    fn append(&mut self, other: Self, total: usize) {
        let before = self.record_count;
        self.row_count += other.row_count;
        self.record_count += other.record_count;
        extend(&mut self.orders, other.orders, total);
        extend(&mut self.customers, other.customers, total);
        self.aliases.extend(other.aliases);
        extend(&mut self.kinds, other.kinds, total);
        for (field, days) in other.days {
            extend(self.days.entry(field).or_default(), days, total);
        }
        for (word, rows) in other.words {
            *self.words.entry(word).or_default() += rows;
        }
        for (field, counts) in other.evidence {
            let mine = self.evidence.entry(field).or_default();
            mine.iter_mut().zip(counts).for_each(|(mine, theirs)| *mine += theirs);
        }
        self.excluded.merge(&other.excluded);
        let numbered = |reject: BlockReject| BlockReject { index: reject.index + before, ..reject };
        self.rejects.extend(other.rejects.into_iter().map(numbered));
        self.accounts.merge(other.accounts);
        self.currencies.merge(other.currencies);
        let new = self.details.append(other.details, total);
        self.append_groups(other.groups, &new);
        self.passed_over.merge(&other.passed_over);
        self.passed_over_customers.extend(other.passed_over_customers);
        self.notes.merge(other.notes);
    }
}

/// Adds the values of a block to those of the blocks before it: memory for all, `total`, is taken at once, since
/// growing would take it twice.
fn extend<T>(all: &mut Vec<T>, values: impl IntoIterator<Item = T>, total: usize) {
    let mut values = values.into_iter().peekable();
    if all.capacity() == 0 && values.peek().is_some() {
        all.reserve_exact(total);
    }
    all.extend(values);
}

#[cfg(test)]
mod tests;
