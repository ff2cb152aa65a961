//! The orders of people with their items, in words.

use std::collections::HashSet;

use polars::prelude::*;

use super::{IS_SUPERSEDED, Showing, together};
use crate::error::Result;
use crate::schema::money::{Micros, SCALE};
use crate::schema::{Status, names, orders};
use crate::store::frames;
use crate::store::further;
use crate::store::manifest::Segment;
use crate::store::marks::replaced;
use crate::store::names::Names;
use crate::store::rows::load_lines;
use crate::store::segment::{
    AMOUNT, CREATED_ON, DISCOUNT, GROSS, IMPORT, LINE_COUNT, ORDER_ID, PAID_ON, QUANTITY,
};

impl Showing<'_> {
    /// The people's orders, and the items of these orders.
    pub(super) fn orders(&self) -> Result<(DataFrame, DataFrame)> {
        let (mut orders, mut items) = (Vec::new(), Vec::new());
        // The rows that a segment has, by import and order; their originals need not be shown.
        let mut seen: HashSet<(u64, String)> = HashSet::new();
        for segment in self.manifest.order_rows_held() {
            let is_original =
                self.manifest.originals.iter().any(|original| original.number == segment.number);
            let core = frames::load(self.folder, &segment.core, None)?;
            let mut is_theirs = self.rows_of(&core, false)?;
            let ids = core.column(ORDER_ID)?.str()?;
            let imports = imports_of(segment, &core)?;
            for (row, is_theirs) in is_theirs.iter_mut().enumerate().filter(|(_, is_theirs)| **is_theirs) {
                let id = ids.get(row).unwrap_or_default();
                let place = (imports[row], id.to_owned());
                match is_original {
                    // A row without an order id is never replaced.
                    true => *is_theirs = !id.is_empty() && !seen.contains(&place),
                    false => drop(seen.insert(place)),
                }
            }
            if !is_theirs.contains(&true) {
                continue;
            }
            let details = frames::load(self.folder, &segment.details, None)?;
            let frame = core.hstack(details.columns())?;
            let names = Names::load(self.folder, &segment.names)?;
            let replaced = match is_original {
                true => (0..core.height() as u32).collect(),
                false => replaced(self.folder, &segment.superseded)?,
            };
            let mut rows = order_rows(&frame, &is_theirs, &replaced, &names)?;
            if let Some(file) = &segment.further {
                add_further(&mut rows, further::rows_of(self.folder, file, &is_theirs)?)?;
            }
            orders.push(rows);
            items.extend(self.item_rows(segment, &frame, &is_theirs, &names)?);
        }
        Ok((together(orders)?, together(items)?))
    }

    fn item_rows(
        &self,
        segment: &Segment,
        frame: &DataFrame,
        is_theirs: &[bool],
        names: &Names,
    ) -> Result<Option<DataFrame>> {
        let Some(file) = &segment.lines else { return Ok(None) };
        let lines = frames::load(self.folder, file, None)?;
        let counts = frame.column(LINE_COUNT)?.u32()?.clone();
        let order_ids = frame.column(ORDER_ID)?.str()?.clone();
        let (mut is_own, mut of) = (Vec::with_capacity(lines.height()), Vec::new());
        for ((count, order), is_theirs) in counts.iter().zip(order_ids.iter()).zip(is_theirs) {
            for _ in 0..count.unwrap_or(0) {
                is_own.push(*is_theirs);
                if *is_theirs {
                    of.push(order);
                }
            }
        }
        is_own.resize(lines.height(), false);
        let own = lines.filter(&BooleanChunked::from_slice("theirs".into(), &is_own))?;
        items(&own, Column::new(ORDER_ID.into(), of), names).map(Some)
    }
}

/// The import of each row of a segment.
fn imports_of(segment: &Segment, core: &DataFrame) -> PolarsResult<Vec<u64>> {
    match segment.imports.as_slice() {
        [import] => Ok(vec![*import; core.height()]),
        _ => Ok(core.column(IMPORT)?.u32()?.iter().map(|import| import.map_or(0, u64::from)).collect()),
    }
}

/// The people's rows of a segment; `replaced` has the replaced rows in ascending order.
fn order_rows(frame: &DataFrame, is_theirs: &[bool], replaced: &[u32], names: &Names) -> Result<DataFrame> {
    let rows = (0..).zip(is_theirs).filter(|(_, is_theirs)| **is_theirs).map(|(row, _)| row);
    let is_replaced: Vec<bool> = rows.map(|row: u32| replaced.binary_search(&row).is_ok()).collect();
    let own = frame.filter(&BooleanChunked::from_slice("theirs".into(), is_theirs))?;
    let regions: Vec<_> = numbers(&own, orders::REGION)?
        .into_iter()
        .map(|number| names.regions.list.get(number? as usize).map(|(region, _)| region))
        .collect();
    let region = |name: &str, part: fn(&crate::regions::Region) -> &str| {
        let texts = regions.iter().map(|region| region.map(part).filter(|text| !text.is_empty()));
        Column::new(name.into(), texts.collect::<Vec<_>>())
    };
    let sources = numbers(&own, orders::SOURCE)?;
    let sources: Vec<Option<&str>> = sources
        .into_iter()
        .map(|number| names.sources.list.get(number? as usize).map(|(source, _)| source.as_str()))
        .collect();
    let statuses = own.column(orders::STATUS)?.u8()?.clone();
    let statuses: Vec<Option<&str>> =
        statuses.iter().map(|code| Status::ALL.get(usize::from(code?)).map(|status| status.name())).collect();
    let mut columns: Vec<Column> = [ORDER_ID, names::CUSTOMER_ID, CREATED_ON, PAID_ON]
        .iter()
        .map(|name| own.column(name).cloned())
        .collect::<PolarsResult<_>>()?;
    columns.push(Column::new(orders::STATUS.into(), statuses));
    for name in [orders::PAID_AMOUNT, orders::REFUND_AMOUNT, GROSS, DISCOUNT, orders::COST] {
        columns.push(amounts(&own, name)?);
    }
    columns.push(region("country", |region| &region.country));
    columns.push(region("province", |region| &region.province));
    columns.push(region("city", |region| &region.city));
    columns.push(Column::new(orders::SOURCE.into(), sources));
    columns.push(Column::new(IS_SUPERSEDED.into(), is_replaced));
    Ok(DataFrame::new(own.height(), columns)?)
}

/// Adds the further columns in which any row has a text. If a column of this name exists already, the further one has
/// the export's own words, and `_text` is added to its name.
fn add_further(rows: &mut DataFrame, further: Vec<Column>) -> Result<()> {
    for column in further.into_iter().filter(|column| column.null_count() < column.len()) {
        let name = column.name().to_string();
        let is_taken = rows.get_column_index(&name).is_some();
        let name = if is_taken { format!("{name}_text") } else { name };
        rows.with_column(column.with_name(name.into()))?;
    }
    Ok(())
}

fn numbers(frame: &DataFrame, name: &str) -> PolarsResult<Vec<Option<u32>>> {
    Ok(frame.column(name)?.u32()?.iter().collect())
}

/// Micro-units as exact decimals.
fn amounts(frame: &DataFrame, name: &str) -> PolarsResult<Column> {
    let micros = frame.column(name)?.i64()?.clone();
    Ok(decimals(name, micros.iter().map(|micros| Micros::new(micros?).known())))
}

fn decimals(name: &str, micros: impl Iterator<Item = Option<Micros>>) -> Column {
    const DIGITS: usize = 38;
    let micros: Vec<Option<i128>> = micros.map(|micros| micros.map(i128::from)).collect();
    let column = Int128Chunked::from_iter_options(name.into(), micros.into_iter());
    column.into_decimal_unchecked(DIGITS, SCALE as usize).into_column()
}

/// Items with the names of their products.
pub(super) fn items(lines: &DataFrame, orders: Column, names: &Names) -> Result<DataFrame> {
    let found = load_lines(lines)?;
    let product = |name: &str, part: fn(&crate::schema::items::Product) -> &str| {
        let texts = found.iter().map(|line| {
            let product = names.products.list.get(line.product as usize).map(|(product, _)| part(product));
            product.filter(|text| !text.is_empty())
        });
        Column::new(name.into(), texts.collect::<Vec<_>>())
    };
    Ok(DataFrame::new(
        found.len(),
        vec![
            orders,
            product("product_id", |product| &product.id),
            product("title", |product| &product.title),
            product("category", |product| &product.category),
            decimals(QUANTITY, found.iter().map(|line| line.quantity.known())),
            decimals(AMOUNT, found.iter().map(|line| line.amount.known())),
        ],
    )?)
}
