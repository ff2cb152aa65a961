//! Reads the files of a segment into rows as parsing its exports gave them.

use std::collections::HashMap;
use std::path::Path;

use polars::prelude::*;
use rayon::prelude::*;

use super::key::PeopleKey;
use super::manifest::{FileRef, Grain, Segment, damaged};
use super::marks::replaced;
use super::names::Names;
use super::segment::{
    AMOUNT, CREATED_ON, DISCOUNT, GROSS, IMPORT, IS_LOST, LINE_COUNT, LINE_KEY, ORDER_ID, OWN_ID, PAID_ON,
    PRODUCT, QUANTITY,
};
use super::{Wanted, frames, further, ids};
use crate::error::Result;
use crate::parse::orders::texts::Words;
use crate::parse::orders::{Accounts, Block};
use crate::rows::dictionary::UNKNOWN;
use crate::rows::partition::{
    Columns, GROUP_SIZE, GROUPS, Group, NO_STATUS, OrderKeys, Own, Place, partition,
};
use crate::rows::{Extra, Extras, NO_EXTRA};
use crate::schema::items::{Line, NO_LINES};
use crate::schema::money::{MISSING, Micros};
use crate::schema::orders::{self, UNKNOWN_REGION};
use crate::schema::{Key, Wants, day, money, names};

/// The rows of a segment that no later import has replaced.
pub(super) fn load_segment(
    folder: &Path,
    segment: &Segment,
    wanted: &Wanted,
    needs_ids: bool,
    key: Option<&PeopleKey>,
) -> Result<Block> {
    let has_ids = needs_ids && segment.grain.has_order_id;
    let mut core = vec![
        names::CUSTOMER_ID,
        orders::IS_MASKED,
        CREATED_ON,
        PAID_ON,
        orders::STATUS,
        orders::PAID_AMOUNT,
        orders::REFUND_AMOUNT,
    ];
    if has_ids {
        core.push(ORDER_ID);
        if segment.grain.has_line_id {
            core.extend(LINE_KEY);
        }
        if segment.grain.has_own_id {
            core.push(OWN_ID);
        }
    }
    let has_imports = wanted.wants.texts && segment.imports.len() > 1;
    if has_imports {
        core.push(IMPORT);
    }
    let broken = |file: &FileRef| damaged(&folder.join(&file.path));
    let mut frame = frames::load(folder, &segment.core, Some(&core))?;
    if frame.height() as u64 != segment.rows {
        return Err(broken(&segment.core));
    }
    let has_details = !details(&wanted.wants).is_empty();
    if has_details {
        let mut details = frames::load(folder, &segment.details, Some(&details(&wanted.wants)))?;
        if segment.are_recipients_veiled && wanted.wants.has_extras() {
            let key = key.ok_or_else(|| broken(&segment.details))?;
            veil(&mut details, segment.number, 0, key).map_err(|_| broken(&segment.details))?;
        }
        frame = frame.hstack(details.columns()).map_err(|_| broken(&segment.details))?;
    }
    let lines = match (&segment.lines, wanted.wants.items) {
        (Some(file), true) => {
            lines_of(&frames::load(folder, file, None)?, &frame).map_err(|_| broken(file))?
        }
        _ => Vec::new(),
    };
    let further = further::load(folder, segment.further.as_ref(), &wanted.wants)?;
    let replaced = replaced(folder, &segment.superseded)?;
    let pieces = pieces(&frame, &replaced, &further.numbers, !lines.is_empty());
    let parsed: PolarsResult<Vec<Parsed>> =
        pieces.into_par_iter().map(|piece| Parsed::of(piece, segment.grain, wanted, has_ids)).collect();
    let mut block = Block { texts: further.texts, ..Block::default() };
    put(&mut block, parsed.map_err(|_| broken(&segment.core))?, has_ids, wanted.wants.place_of_order_ids());
    if let (true, [import]) = (wanted.wants.texts, segment.imports.as_slice()) {
        for columns in block.rows.iter_mut().map(|group| &mut group.columns) {
            columns.import = vec![*import as u32; columns.customer.len()];
        }
    }
    if has_details {
        let names = Names::load(folder, &segment.names)?;
        block.places = names.regions;
        block.extras = Extras { sources: names.sources, products: names.products, lines };
    }
    if let Some(file) = segment.phones.as_ref().filter(|_| wanted.phones || wanted.wants.phones) {
        block.accounts = load_phones(folder, file)?;
    }
    if let Some(file) = segment.mails.as_ref().filter(|_| wanted.mails || wanted.wants.texts) {
        load_mails(folder, file, &mut block.accounts)?;
    }
    Ok(block)
}

/// The wanted columns of a segment's details.
pub(super) fn details(wants: &Wants) -> Vec<&'static str> {
    let columns = [
        (wants.regions, orders::REGION),
        (wants.has_times(), orders::SECOND),
        (wants.has_extras(), orders::SOURCE),
        (wants.has_extras(), orders::RECIPIENT),
        (wants.has_prices(), GROSS),
        (wants.has_prices(), DISCOUNT),
        (wants.has_prices(), orders::COST),
        (wants.has_extras(), LINE_COUNT),
    ];
    columns.into_iter().filter(|(is_wanted, _)| *is_wanted).map(|(_, name)| name).collect()
}

/// Puts rows into a block, group by group. If `place_of_ids` is given, the texts of the order ids become the further
/// column at this place.
pub(super) fn put(block: &mut Block, parsed: Vec<Parsed>, has_ids: bool, place_of_ids: Option<usize>) {
    let mut groups: Vec<Parsed> = (0..GROUPS).map(|_| Parsed::default()).collect();
    for piece in parsed {
        if let Some(group) = groups.get_mut(piece.group) {
            group.append(piece);
        }
    }
    let (mut keys, mut line_keys, mut places) = (Vec::new(), Vec::new(), Vec::new());
    let mut texts = place_of_ids.map(|_| Words::default());
    for (number, mut parsed) in groups.into_iter().enumerate() {
        if let (Some(place), Some(texts)) = (place_of_ids, &mut texts) {
            parsed.write_ids(place, texts);
        }
        if has_ids {
            let rows = 0..parsed.columns.customer.len() as u32;
            places.extend(rows.map(|row| Place { group: number as u32, row }));
        }
        keys.extend(parsed.orders);
        line_keys.extend(parsed.lines);
        parsed.long.into_iter().for_each(|(key, text)| block.long_customers.push(key, text.as_bytes()));
        parsed.long_orders.into_iter().for_each(|(key, text)| block.long_orders.push(key, text.as_bytes()));
        block.rows.push(Group::of_sorted(parsed.columns));
    }
    if let (Some(place), Some(texts)) = (place_of_ids, texts) {
        let words = &mut block.texts.words;
        words.resize_with(words.len().max(place + 1), Words::default);
        words[place] = texts;
    }
    block.orders = if has_ids { OrderKeys::new(&keys, &places) } else { OrderKeys::default() };
    block.lines =
        if line_keys.is_empty() { OrderKeys::default() } else { OrderKeys::new(&line_keys, &places) };
    block.long_customers.finish();
    block.long_orders.finish();
}

/// A part of a segment's rows, all of the same group of partitions.
pub(super) struct Piece {
    pub frame: DataFrame,
    /// The replaced rows among them.
    pub replaced: Vec<u32>,
    /// The index of the first item.
    pub first_line: u64,
    /// For each wanted further column, the numbers of the rows' texts.
    pub texts: Vec<Vec<u32>>,
}

/// Splits a frame into the chunks in which it was written, each of one group.
fn pieces(frame: &DataFrame, replaced: &[u32], texts: &[Vec<u32>], has_lines: bool) -> Vec<Piece> {
    let lengths: Vec<usize> = match frame.columns().first() {
        Some(column) => column.as_materialized_series().chunks().iter().map(|chunk| chunk.len()).collect(),
        None => Vec::new(),
    };
    let mut pieces = Vec::new();
    let (mut start, mut first_line) = (0_usize, 0_u64);
    for length in lengths {
        let part = frame.slice(start as i64, length);
        let lines: u64 = match has_lines {
            true => part
                .column(LINE_COUNT)
                .and_then(|counts| Ok(counts.u32()?.iter().flatten().map(u64::from).sum()))
                .unwrap_or(0),
            false => 0,
        };
        let within = start as u32..(start + length) as u32;
        let of = replaced.partition_point(|row| *row < within.start)
            ..replaced.partition_point(|row| *row < within.end);
        let replaced = replaced[of].iter().map(|row| row - within.start).collect();
        let texts =
            texts.iter().map(|numbers| numbers.get(start..start + length).unwrap_or_default().to_vec());
        pieces.push(Piece { frame: part, replaced, first_line, texts: texts.collect() });
        start += length;
        first_line += lines;
    }
    pieces
}

/// The items of rows; the details have the number of items of each row.
fn lines_of(lines: &DataFrame, rows: &DataFrame) -> PolarsResult<Vec<Line>> {
    let mut lines = load_lines(lines)?;
    mark_last(&mut lines, rows.column(LINE_COUNT)?.u32()?.iter());
    Ok(lines)
}

/// Marks the last item of each row, given the number of items of each row, and returns the total number.
pub(super) fn mark_last(lines: &mut [Line], counts: impl Iterator<Item = Option<u32>>) -> usize {
    lines.iter_mut().for_each(|line| line.is_last = false);
    let mut end = 0;
    for count in counts.flatten().filter(|count| *count > 0) {
        end += count as usize;
        if let Some(last) = lines.get_mut(end - 1) {
            last.is_last = true;
        }
    }
    end
}

/// Reads items; each is marked as the last one of its row.
pub(super) fn load_lines(frame: &DataFrame) -> PolarsResult<Vec<Line>> {
    let (product, is_lost) = (frame.column(PRODUCT)?.u32()?, frame.column(IS_LOST)?.bool()?);
    let (quantity, amount) = (amounts(frame, QUANTITY, MISSING)?, amounts(frame, AMOUNT, MISSING)?);
    let rows = product.iter().zip(quantity).zip(amount).zip(is_lost.iter());
    Ok(rows
        .map(|(((product, quantity), amount), is_lost)| Line {
            product: product.unwrap_or(UNKNOWN),
            quantity,
            amount,
            is_lost: is_lost.unwrap_or(false),
            is_last: true,
        })
        .collect())
}

/// The two columns of a file of phone numbers or e-mail addresses: accounts and contacts.
pub(super) fn contact_columns(frame: &DataFrame) -> PolarsResult<(&StringChunked, &StringChunked)> {
    let contacts = frame.columns().iter().find(|column| column.name() != names::CUSTOMER_ID);
    let missing = || PolarsError::ColumnNotFound("contact".into());
    Ok((frame.column(names::CUSTOMER_ID)?.str()?, contacts.ok_or_else(missing)?.str()?))
}

/// Reads the phone numbers of accounts.
pub(super) fn load_phones(folder: &Path, file: &FileRef) -> Result<Accounts> {
    let frame = frames::load(folder, file, None)?;
    let mut accounts = Accounts::default();
    let read = (|| -> PolarsResult<()> {
        let (account, phone) = contact_columns(&frame)?;
        for (account, phone) in account.iter().zip(phone.iter()) {
            let key = |text: Option<&str>| Key::of(text.unwrap_or_default().as_bytes());
            accounts.add_phone(key(account), Some(key(phone)));
        }
        Ok(())
    })();
    read.map_err(|_| damaged(&folder.join(&file.path)))?;
    Ok(accounts)
}

/// Adds the e-mail addresses of accounts.
pub(super) fn load_mails(folder: &Path, file: &FileRef, accounts: &mut Accounts) -> Result<()> {
    let frame = frames::load(folder, file, None)?;
    let read = (|| -> PolarsResult<()> {
        let (account, mail) = contact_columns(&frame)?;
        for (account, mail) in account.iter().zip(mail.iter()) {
            accounts.add_mail(Key::of(account.unwrap_or_default().as_bytes()), mail.map(Into::into));
        }
        Ok(())
    })();
    read.map_err(|_| damaged(&folder.join(&file.path)))
}

/// Turns the hashes of recipients, from row `start` of a segment on, into those in its file, and back.
pub(super) fn veil(details: &mut DataFrame, segment: u64, start: usize, key: &PeopleKey) -> PolarsResult<()> {
    let mut recipients: Vec<Option<u64>> = details.column(orders::RECIPIENT)?.u64()?.iter().collect();
    key.veil(segment, start, &mut recipients);
    let column = UInt64Chunked::from_iter_options(orders::RECIPIENT.into(), recipients.into_iter());
    details.with_column(column.into_column())?;
    Ok(())
}

/// The rows of a piece as columns.
#[derive(Default)]
pub(super) struct Parsed {
    group: usize,
    columns: Columns,
    orders: Vec<Key>,
    lines: Vec<Key>,
    long: Vec<(Key, String)>,
    long_orders: Vec<(Key, String)>,
}

impl Parsed {
    pub(super) fn of(piece: Piece, grain: Grain, wanted: &Wanted, has_ids: bool) -> PolarsResult<Self> {
        let Piece { frame, replaced, first_line, texts } = piece;
        let mut parsed = Self::default();
        parsed.columns.customer = parsed_ids(&frame, names::CUSTOMER_ID, &mut parsed.long)?;
        let masked = frame.column(orders::IS_MASKED)?.bool()?;
        if masked.any() {
            for (key, masked) in parsed.columns.customer.iter_mut().zip(masked.iter()) {
                if masked == Some(true) {
                    *key = Key::MASKED;
                }
            }
        }
        parsed.group = parsed.columns.customer.first().map_or(0, |key| partition(*key) / GROUP_SIZE);
        let columns = &mut parsed.columns;
        columns.texts = texts;
        columns.created_on = whole(&frame, CREATED_ON, day::can_be)?;
        columns.paid_on = whole(&frame, PAID_ON, day::can_be)?;
        columns.amount = amounts(&frame, orders::PAID_AMOUNT, MISSING)?;
        columns.refund = amounts(&frame, orders::REFUND_AMOUNT, Micros::ZERO)?;
        let status = frame.column(orders::STATUS)?.u8()?;
        columns.status = match status.null_count() {
            0 => status.rechunk().cont_slice()?.to_vec(),
            _ => status.iter().map(|status| status.unwrap_or(NO_STATUS)).collect(),
        };
        if wanted.wants.regions {
            let regions = frame.column(orders::REGION)?.u32()?;
            columns.region = regions.iter().map(|region| region.unwrap_or(UNKNOWN_REGION)).collect();
        }
        if let (true, Ok(imports)) = (wanted.wants.texts, frame.column(IMPORT)) {
            columns.import = imports.u32()?.iter().map(|import| import.unwrap_or(0)).collect();
        }
        if let Ok(counts) = frame.column(orders::ROW_COUNT) {
            columns.row_count = counts.u32()?.iter().map(|count| count.unwrap_or(1)).collect();
        }
        if wanted.wants.has_times() {
            columns.second = whole(&frame, orders::SECOND, day::is_second)?;
        }
        if wanted.wants.has_extras() {
            columns.extra = extras(&frame, wanted.wants.items.then_some(first_line))?;
        } else if wanted.wants.has_prices() {
            columns.extra = prices(&frame)?;
        }
        if has_ids {
            let mut long = Vec::new();
            parsed.orders = parsed_ids(&frame, ORDER_ID, &mut long)?;
            let are_wanted = wanted.wants.texts || wanted.wants.place_of_order_ids().is_some();
            parsed.long_orders = if are_wanted { long } else { Vec::new() };
            if grain.has_own_id {
                let own = frame.column(OWN_ID)?.u64()?;
                parsed.columns.own = own.iter().map(|own| Own(own.unwrap_or(0))).collect();
            }
            if grain.has_line_id {
                let halves = [frame.column(LINE_KEY[0])?.u64()?, frame.column(LINE_KEY[1])?.u64()?];
                let keys = halves[0].iter().zip(halves[1].iter());
                parsed.lines =
                    keys.map(|(low, high)| ids::joined(low.unwrap_or(0), high.unwrap_or(0))).collect();
            }
        }
        if !replaced.is_empty() {
            parsed.leave_out(&replaced);
        }
        Ok(parsed)
    }

    /// Adds the rows of the next piece of the same group.
    fn append(&mut self, other: Self) {
        if self.columns.customer.is_empty() {
            *self = other;
            return;
        }
        self.columns.append(&other.columns, 0..other.columns.customer.len());
        self.orders.extend(other.orders);
        self.lines.extend(other.lines);
        self.long.extend(other.long);
        self.long_orders.extend(other.long_orders);
    }

    /// Makes the order ids a further column.
    fn write_ids(&mut self, place: usize, texts: &mut Words) {
        let long: HashMap<Key, &str> =
            self.long_orders.iter().map(|(key, text)| (*key, text.as_str())).collect();
        let number = |key: &Key| match key.text() {
            Some(text) => texts.push(&text),
            None => texts.push(long.get(key).copied().unwrap_or_default()),
        };
        let numbers = self.orders.iter().map(number).collect();
        let texts = &mut self.columns.texts;
        texts.resize_with(texts.len().max(place + 1), Vec::new);
        texts[place] = numbers;
    }

    /// Removes rows, which are given in ascending order.
    fn leave_out(&mut self, replaced: &[u32]) {
        let mut left = replaced.iter().peekable();
        let kept: Vec<u32> = (0..self.columns.customer.len() as u32)
            .filter(|row| left.next_if(|replaced| *replaced == row).is_none())
            .collect();
        self.columns = self.columns.gathered(&kept);
        for keys in [&mut self.orders, &mut self.lines].into_iter().filter(|keys| !keys.is_empty()) {
            *keys = kept.iter().map(|row| keys[*row as usize]).collect();
        }
    }
}

/// Ids as keys; the texts of long ids are added to `long`.
pub(super) fn parsed_ids(
    frame: &DataFrame,
    name: &str,
    long: &mut Vec<(Key, String)>,
) -> PolarsResult<Vec<Key>> {
    let texts = frame.column(name)?.str()?;
    let mut keys = Vec::with_capacity(texts.len());
    let (mut last, mut key) = (None, Key::NONE);
    for chunk in texts.downcast_iter() {
        for text in chunk.iter() {
            // The rows of a customer are next to each other.
            if text != last {
                (last, key) = (text, text.map_or(Key::NONE, |text| Key::of(text.as_bytes())));
                if let Some(text) = text.filter(|_| key.is_hash()) {
                    long.push((key, text.to_owned()));
                }
            }
            keys.push(key);
        }
    }
    Ok(keys)
}

/// A column of days, or of seconds of a day, for each of which `can_be` must be true.
pub(super) fn whole(frame: &DataFrame, name: &str, can_be: impl Fn(i32) -> bool) -> PolarsResult<Vec<i32>> {
    let column = frame.column(name)?.to_physical_repr();
    let numbers = column.i32()?;
    if !all_can_be(numbers, can_be) {
        return Err(polars_err!(ComputeError: "a day that no calendar has, or a second that no day has"));
    }
    Ok(match numbers.null_count() {
        0 => numbers.rechunk().cont_slice()?.to_vec(),
        _ => numbers.iter().map(|number| number.unwrap_or(day::MISSING)).collect(),
    })
}

/// A column of amounts, or of other numbers in millionths.
pub(super) fn amounts(frame: &DataFrame, name: &str, missing: Micros) -> PolarsResult<Vec<Micros>> {
    let amounts = frame.column(name)?.i64()?;
    if !all_can_be(amounts, |amount| money::can_be(Micros::new(amount))) {
        return Err(polars_err!(ComputeError: "an amount that no export has"));
    }
    Ok(match amounts.null_count() {
        0 => amounts.rechunk().cont_slice()?.iter().map(|amount| Micros::new(*amount)).collect(),
        _ => amounts.iter().map(|amount| amount.map_or(missing, Micros::new)).collect(),
    })
}

/// Whether `can_be` is true for all values of a column. This is checked for every row of a store, so it works on
/// slices.
pub(super) fn all_can_be<T: PolarsNumericType>(
    column: &ChunkedArray<T>,
    can_be: impl Fn(T::Native) -> bool,
) -> bool {
    if column.null_count() > 0 {
        return column.iter().flatten().all(can_be);
    }
    // It does not stop early, so that several values can be compared at a time.
    let are = |values: &[T::Native]| values.iter().fold(true, |all, value| all & can_be(*value));
    column.downcast_iter().all(|chunk| are(chunk.values()))
}

/// The extras of rows. `first_line` is the index of the first row's items; it is needed if items are wanted and the
/// rows do not have the index themselves.
fn extras(frame: &DataFrame, first_line: Option<u64>) -> PolarsResult<Vec<Extra>> {
    let source = frame.column(orders::SOURCE)?.u32()?;
    let recipient = frame.column(orders::RECIPIENT)?.u64()?;
    let lines = match frame.column(orders::LINES) {
        Ok(lines) => lines.clone(),
        Err(_) => lines_column(frame.column(LINE_COUNT)?.u32()?, first_line),
    };
    let lines = lines.u64()?;
    let rows = prices(frame)?.into_iter().zip(source.iter()).zip(recipient.iter()).zip(lines.iter());
    Ok(rows
        .map(|(((prices, source), recipient), lines)| Extra {
            source: source.unwrap_or(UNKNOWN),
            recipient: recipient.unwrap_or(0),
            lines: lines.unwrap_or(NO_LINES),
            ..prices
        })
        .collect())
}

/// The index of each row's items, from the number of items of each row; those of the first row start at `first`.
/// Without `first`, items are not wanted.
pub(super) fn lines_column(counts: &UInt32Chunked, first: Option<u64>) -> Column {
    let Some(mut next) = first else {
        return Column::new_scalar(orders::LINES.into(), Scalar::from(NO_LINES), counts.len());
    };
    let start = |count: Option<u32>| match count {
        None | Some(0) => NO_LINES,
        Some(count) => {
            next += u64::from(count);
            next - u64::from(count)
        }
    };
    UInt64Chunked::from_vec(orders::LINES.into(), counts.iter().map(start).collect()).into_column()
}

/// The prices and costs among the extras.
pub(super) fn prices(frame: &DataFrame) -> PolarsResult<Vec<Extra>> {
    let amounts = |name: &str| amounts(frame, name, MISSING);
    let rows = amounts(GROSS)?.into_iter().zip(amounts(DISCOUNT)?).zip(amounts(orders::COST)?);
    Ok(rows.map(|((gross, discount), cost)| Extra { gross, discount, cost, ..NO_EXTRA }).collect())
}
