//! Turns pieces of the canonical tables into the columns of an export.

use std::ops::Range;

use polars::prelude::*;

use super::declared::{Exported, ORDER_KEY};
use crate::error::{Error, Result};
use crate::metrics::finish::ids;
use crate::regions::Region;
use crate::schema::coded::CodedFrame;
use crate::schema::orders::{self, REFUND_OF_REFUNDED, REFUND_OF_REFUNDED_NAME};
use crate::schema::table::{CUSTOMER, REGION};
use crate::schema::{
    CustomerCode, CustomerIds, EventKind, Field, Items, Micros, Orders, Status, events, items, names,
};

/// Columns of the same height by name; columns that are missing will be null.
pub(super) struct Piece {
    height: usize,
    columns: PlHashMap<&'static str, Column>,
}

impl Piece {
    fn new(height: usize) -> Self {
        Self { height, columns: PlHashMap::default() }
    }

    fn put(&mut self, name: &'static str, column: Column) {
        self.columns.insert(name, column.with_name(name.into()));
    }

    /// The columns of a table in their declared order and types.
    fn finish(mut self, table: &Exported) -> Result<DataFrame> {
        let columns = table.columns.iter().map(|declared| {
            let dtype = declared.holds.dtype();
            let column = match self.columns.remove(declared.name) {
                Some(column) => column.strict_cast(&dtype)?,
                None => Column::full_null(declared.name.into(), self.height, &dtype),
            };
            match column.null_count() > 0 && !declared.is_optional {
                false => Ok(column),
                true => Err(Error::Internal(format!("{}.{} is not always there", table.name, declared.name))),
            }
        });
        let columns = columns.collect::<Result<Vec<Column>>>()?;
        Ok(DataFrame::new(self.height, columns)?)
    }
}

/// The orders of a part; the first one gets the number `first_key`.
pub(super) fn orders(orders: &Orders, part: &DataFrame, first_key: i64) -> Result<DataFrame> {
    let mut piece = Piece::new(part.height());
    let keys = Int64Chunked::from_iter_values(ORDER_KEY.into(), first_key..first_key + part.height() as i64);
    piece.put(ORDER_KEY, keys.into_column());
    let customers = part.column(orders::CUSTOMER)?.u32()?.rechunk();
    if customers.null_count() == 0 {
        piece.put(
            names::CUSTOMER_ID,
            ids(&orders.customers, &codes_of(customers.cont_slice()?))?.into_column(),
        );
    }
    for name in [
        orders::IS_MASKED,
        orders::SECOND,
        orders::PAID_AMOUNT,
        orders::REFUND_AMOUNT,
        orders::GIVEN_BACK_OF,
        orders::FULL_PRICE,
        orders::COST,
        names::ROW_COUNT,
    ] {
        if let Ok(column) = part.column(name) {
            piece.put(name, column.clone());
        }
    }
    // Without files of items, no order has rows from them.
    let none = || Column::new_scalar(orders::ITEM_ROW_COUNT.into(), Scalar::from(0_u32), part.height());
    let of_items = part.column(orders::ITEM_ROW_COUNT).cloned();
    piece.put(orders::ITEM_ROW_COUNT, of_items.unwrap_or_else(|_| none()));
    piece.put(orders::ORDERED_ON, part.column(orders::ORDERED_ON)?.to_physical_repr());
    let status = part.column(orders::STATUS)?.u8()?.clone();
    piece.put(orders::STATUS, texts(status.iter().map(|code| code.and_then(status_name))));
    for (name, field) in [(names::ORDER_ID, Field::OrderId), (names::COUPON_CODE, Field::CouponCode)] {
        let of_name = orders.texts.iter().find(|(of, _)| of == field.name());
        let column = part.column(&format!("{}{}", orders::TEXT, field.name()));
        if let (Some((_, words)), Ok(column)) = (of_name, column) {
            piece.put(name, numbered(column.u32()?, words));
        }
    }
    if let Ok(column) = part.column(orders::SOURCE) {
        piece.put(orders::SOURCE, numbered(column.u32()?, &orders.sources));
    }
    if let Ok(column) = part.column(orders::REGION) {
        put_regions(&mut piece, column.u32()?, &orders.regions);
    }
    piece.finish(&super::ORDERS)
}

/// The items of the orders of a part; none if the part has no items.
pub(super) fn lines(of: &Items, part: &DataFrame, first_key: i64) -> Result<Option<DataFrame>> {
    let Ok(places) = part.column(orders::LINES) else { return Ok(None) };
    let (mut keys, mut numbers, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for (place, key) in places.u64()?.iter().zip(first_key..) {
        let of_order = of.lines(place.unwrap_or(items::NO_LINES));
        keys.extend(std::iter::repeat_n(key, of_order.len()));
        numbers.extend(1..=of_order.len() as i32);
        lines.extend_from_slice(of_order);
    }
    let mut piece = Piece::new(lines.len());
    piece.put(ORDER_KEY, Int64Chunked::from_vec(ORDER_KEY.into(), keys).into_column());
    piece.put("line_no", Int32Chunked::from_vec("line_no".into(), numbers).into_column());
    let product = |text: fn(&items::Product) -> &String| {
        let texts_of = lines.iter().map(|line| of.products.get(line.product as usize).map(text));
        texts(texts_of.map(|text| text.map(String::as_str).filter(|text| !text.is_empty())))
    };
    piece.put(names::PRODUCT_ID, product(|product| &product.id));
    piece.put(names::TITLE, product(|product| &product.title));
    piece.put(names::CATEGORY, product(|product| &product.category));
    let micros = |value: fn(&items::Line) -> Micros| {
        let values = lines.iter().map(|line| value(line).known().map(Micros::number));
        Int64Chunked::from_iter_options("micros".into(), values).into_column()
    };
    piece.put(names::QUANTITY, micros(|line| line.quantity));
    piece.put(names::AMOUNT, micros(|line| line.amount));
    let is_lost = lines.iter().map(|line| Some(line.is_lost));
    piece.put("is_lost", BooleanChunked::from_iter_options("is_lost".into(), is_lost).into_column());
    piece.finish(&super::ORDER_ITEMS).map(Some)
}

/// The customer codes in a column.
fn codes_of(column: &[u32]) -> Vec<CustomerCode> {
    column.iter().copied().map(CustomerCode::new).collect()
}

/// A range of rows of a table of customers or moments.
pub(super) fn rows(
    table: &'static Exported,
    of: &CodedFrame,
    customers: &CustomerIds,
    rows: Range<usize>,
) -> Result<DataFrame> {
    let mut piece = Piece::new(rows.len());
    piece.put(names::CUSTOMER_ID, ids(customers, &codes_of(&of.code_numbers()[rows.clone()]))?.into_column());
    for declared in table.columns {
        let Some(column) = of.part(declared.name, rows.clone()) else { continue };
        let column = match declared.name {
            names::KIND => {
                let kind = |code: u8| EventKind::ALL.get(usize::from(code)).map(|kind| kind.name());
                texts(column.u8()?.iter().map(|code| code.and_then(kind)))
            }
            _ => column.to_physical_repr(),
        };
        piece.put(declared.name, column);
    }
    if let Some(regions) = of.part(REGION, rows) {
        put_regions(&mut piece, regions.u32()?, of.regions());
    }
    debug_assert!(table.columns.iter().any(|column| column.name == events::OCCURRED_ON) || of.has(CUSTOMER));
    piece.finish(table)
}

fn status_name(code: u8) -> Option<&'static str> {
    let of_code = Status::ALL.into_iter().find(|status| status.code() == code).map(Status::name);
    of_code.or((code == REFUND_OF_REFUNDED).then_some(REFUND_OF_REFUNDED_NAME))
}

fn put_regions(piece: &mut Piece, numbers: &UInt32Chunked, regions: &[Region]) {
    let of_number = |number: Option<u32>| regions.get(number? as usize);
    let mut put = |name: &'static str, part: fn(&Region) -> &String| {
        let text = |number| of_number(number).map(part).filter(|text| !text.is_empty());
        piece.put(name, texts(numbers.iter().map(|number| text(number).map(String::as_str))));
    };
    put(names::COUNTRY, |region| &region.country);
    put(names::PROVINCE, |region| &region.province);
    put(names::CITY, |region| &region.city);
}

/// The word for each number; null without a number or for an empty word.
fn numbered(numbers: &UInt32Chunked, words: &[String]) -> Column {
    let word =
        |number: Option<u32>| words.get(number? as usize).map(String::as_str).filter(|word| !word.is_empty());
    texts(numbers.iter().map(word))
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Column {
    StringChunked::from_iter_options("text".into(), values).into_column()
}
