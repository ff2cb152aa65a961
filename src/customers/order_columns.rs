//! The columns of orders that can be used in conditions on orders and in questions about a customer's orders: those of
//! the canonical table, and every further column of the exports.
//!
//! Columns must be asked for before reading, with [`want`]. Afterwards they are computed part by part, in the order of
//! the part's rows:
//!
//! ```text
//! want(&names, &mut options.wants) ──reading──▶ OrderColumns::new(&orders, &names)?.of(part)?
//! ```

use polars::prelude::*;

pub use crate::metrics::moment::moment;

use crate::error::{Error, Result};
use crate::metrics::Scope;
use crate::metrics::finish::{amounts, dates};
use crate::metrics::histories::fold;
use crate::parse::SourceInfo;
use crate::regions::Region;
use crate::schema::orders::{self, TEXT, TEXT_FIELDS, TextKind, text_kind};
use crate::schema::{CustomerCode, Day, Holds, Micros, Orders, Status, Table, Wants, money, names};

/// A column of the canonical table itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Status,
    OrderedOn,
    Paid,
    Refund,
    Net,
    FullPrice,
    Cost,
    Source,
    Country,
    Province,
    City,
}

const OWN: [(&str, Own, Holds); 11] = [
    (orders::STATUS, Own::Status, Holds::Text),
    (orders::ORDERED_ON, Own::OrderedOn, Holds::Date),
    (orders::PAID_AMOUNT, Own::Paid, Holds::Amount),
    (orders::REFUND_AMOUNT, Own::Refund, Holds::Amount),
    (names::NET_AMOUNT, Own::Net, Holds::Amount),
    (orders::FULL_PRICE, Own::FullPrice, Holds::Amount),
    (orders::COST, Own::Cost, Holds::Amount),
    (orders::SOURCE, Own::Source, Holds::Text),
    (names::COUNTRY, Own::Country, Holds::Text),
    (names::PROVINCE, Own::Province, Holds::Text),
    (names::CITY, Own::City, Holds::Text),
];

fn own(name: &str) -> Option<(Own, Holds)> {
    OWN.iter().find(|(known, ..)| *known == name).map(|(_, own, holds)| (*own, *holds))
}

fn holds(kind: TextKind) -> Holds {
    match kind {
        TextKind::Id | TextKind::Text | TextKind::Joined => Holds::Text,
        TextKind::Date => Holds::Date,
        TextKind::Amount => Holds::Amount,
        TextKind::Flag => Holds::Flag,
    }
}

/// The columns that are known before any file is read.
pub fn known() -> Vec<(&'static str, Holds)> {
    let own = OWN.iter().map(|(name, _, holds)| (*name, *holds));
    own.chain(TEXT_FIELDS.iter().map(|(field, kind)| (field.name(), holds(*kind)))).collect()
}

/// The headers of files of orders from which no field is read, each once. Those that are not also the name of a known
/// column can be used as columns of texts.
pub fn of_files(sources: &[SourceInfo]) -> Vec<String> {
    let mut headers: Vec<String> = Vec::new();
    for source in sources.iter().filter(|source| source.table() == Table::Orders) {
        for header in source.layout.ignored().map(|column| &source.layout.headers[column]) {
            let is_name = header.is_empty() || own(header).is_some() || text_kind(header).is_some();
            if !is_name && !headers.contains(header) {
                headers.push(header.clone());
            }
        }
    }
    headers
}

/// Adds what these columns need to what is read of orders. A name that is of no field is taken for a header of an
/// export.
pub fn want<S: AsRef<str>>(columns: impl IntoIterator<Item = S>, wants: &mut Wants) {
    for name in columns {
        let name = name.as_ref();
        match own(name) {
            Some((Own::Country | Own::Province | Own::City, _)) => wants.regions = true,
            Some((Own::Cost, _)) => (wants.extras, wants.costs) = (true, true),
            Some((Own::Source | Own::FullPrice, _)) => wants.extras = true,
            Some(_) => {}
            None if wants.order_columns.iter().any(|known| known == name) => {}
            None => wants.order_columns.push(name.to_owned()),
        }
    }
}

/// Columns of orders that can be computed part by part.
#[derive(Debug)]
pub struct OrderColumns<'a> {
    orders: &'a Orders,
    columns: Vec<(String, Reading<'a>)>,
}

/// How a column is computed from a part.
#[derive(Debug)]
enum Reading<'a> {
    Own(Own),
    Texts(&'a [String]),
    Days(Vec<Option<Day>>),
    Amounts(Vec<Option<Micros>>),
    Flags(Vec<bool>),
}

impl<'a> OrderColumns<'a> {
    /// The columns with these names. Texts of days, amounts and flags are parsed once per dictionary.
    ///
    /// # Errors
    /// When a column was not asked for before reading, which is a defect.
    pub fn new<S: AsRef<str>>(orders: &'a Orders, columns: &[S]) -> Result<Self> {
        let reading = |name: &S| Ok((name.as_ref().to_owned(), Reading::of(orders, name.as_ref())?));
        Ok(Self { orders, columns: columns.iter().map(reading).collect::<Result<_>>()? })
    }

    /// The columns for the rows of a part.
    ///
    /// # Errors
    /// When the part lacks a column that was not asked for before reading, which is a defect.
    pub fn of(&self, part: &DataFrame) -> Result<DataFrame> {
        let column = |(name, reading): &(String, Reading<'_>)| match reading {
            Reading::Own(own) => self.own(part, name, *own),
            reading => texts(part, name, reading),
        };
        let columns: Vec<Column> = self.columns.iter().map(column).collect::<Result<_>>()?;
        Ok(DataFrame::new(part.height(), columns)?)
    }

    fn own(&self, part: &DataFrame, name: &str, own: Own) -> Result<Column> {
        let micros = |of: &str| Ok::<_, Error>(part.column(of)?.i64()?.clone());
        let exact = |values: Int64Chunked| Ok(amounts(name, values.iter()));
        let place = |names: fn(&Region) -> &str| {
            let regions = match part.column(orders::REGION) {
                Ok(regions) => regions.u32()?.clone(),
                // Parts without rows lack the column.
                Err(_) => UInt32Chunked::full_null(orders::REGION.into(), part.height()),
            };
            let names = regions.iter().map(|region| {
                let region = self.orders.regions.get(region? as usize).map(names);
                region.filter(|name| !name.is_empty())
            });
            Ok(StringChunked::from_iter_options(name.into(), names).into_column())
        };
        match own {
            Own::Status => {
                let status = part.column(orders::STATUS)?.u8()?;
                let word = |code: u8| match code {
                    orders::REFUND_OF_REFUNDED => Some(Status::Refunded.name()),
                    code => Status::ALL.get(usize::from(code)).map(|status| status.name()),
                };
                let words = status.iter().map(|code| code.and_then(word));
                Ok(StringChunked::from_iter_options(name.into(), words).into_column())
            }
            Own::OrderedOn => Ok(part.column(orders::ORDERED_ON)?.clone()),
            Own::Paid => exact(micros(orders::PAID_AMOUNT)?),
            Own::Refund => exact(micros(orders::REFUND_AMOUNT)?),
            Own::Net => exact(&micros(orders::PAID_AMOUNT)? - &micros(orders::REFUND_AMOUNT)?),
            Own::FullPrice => exact(optional(part, orders::FULL_PRICE)?),
            Own::Cost => exact(optional(part, orders::COST)?),
            Own::Source => {
                let numbers = match part.column(orders::SOURCE) {
                    Ok(numbers) => numbers.u32()?.clone(),
                    Err(_) => UInt32Chunked::full_null(orders::SOURCE.into(), part.height()),
                };
                let source =
                    |number: Option<u32>| self.orders.sources.get(number? as usize).map(String::as_str);
                let sources = numbers.iter().map(source);
                Ok(StringChunked::from_iter_options(name.into(), sources).into_column())
            }
            Own::Country => place(|region| &region.country),
            Own::Province => place(|region| &region.province),
            Own::City => place(|region| &region.city),
        }
    }
}

impl<'a> Reading<'a> {
    fn of(orders: &'a Orders, name: &str) -> Result<Self> {
        if let Some((own, _)) = own(name) {
            return Ok(Self::Own(own));
        }
        let words = orders.texts.iter().find(|(known, _)| known == name).map(|(_, words)| words.as_slice());
        let words = words.ok_or_else(|| Error::Internal(format!("column {name} of orders was not read")))?;
        Ok(match text_kind(name).map(|(kind, _)| kind) {
            None | Some(TextKind::Id | TextKind::Text | TextKind::Joined) => Self::Texts(words),
            Some(TextKind::Date) => {
                Self::Days(words.iter().map(|word| moment(word).map(|at| at.0)).collect())
            }
            Some(TextKind::Amount) => {
                Self::Amounts(words.iter().map(|word| money::parse_plain(word)).collect())
            }
            Some(TextKind::Flag) => Self::Flags(words.iter().map(|word| word == "true").collect()),
        })
    }
}

/// Which one of a customer's valid orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The first.
    First,
    /// The last.
    Last,
}

/// A column of orders, taken from the first or the last valid order of each buyer, with the codes of the buyers.
///
/// # Errors
/// When the column was not asked for before reading, which is a defect.
pub fn of_customers(
    orders: &Orders,
    scope: &Scope,
    name: &str,
    which: Which,
) -> Result<(Vec<CustomerCode>, Column)> {
    #[derive(Default)]
    struct Part {
        frame: Option<DataFrame>,
        codes: Vec<CustomerCode>,
        rows: Vec<IdxSize>,
    }
    let folded = fold(orders, scope, true, |part: &mut Part, columns, history| {
        part.frame.get_or_insert_with(|| columns.part().clone());
        let mut documents = history.orders();
        let order = if which == Which::First { documents.next() } else { documents.next_back() };
        if let Some((customer, order)) = history.customer.zip(order) {
            part.codes.push(customer);
            part.rows.push(order.row as IdxSize);
        }
        None
    })?;
    let columns = OrderColumns::new(orders, &[name])?;
    let (mut codes, mut all) = (Vec::new(), None::<Column>);
    for Part { frame, codes: of_part, rows } in folded.parts {
        let Some(frame) = frame else { continue };
        let column = columns.of(&frame)?.column(name)?.take(&IdxCa::from_vec("row".into(), rows))?;
        codes.extend(of_part);
        match &mut all {
            Some(all) => drop(all.append_owned(column)?),
            None => all = Some(column),
        }
    }
    let none = || Column::new_empty(name.into(), &DataType::String);
    Ok((codes, all.unwrap_or_else(none)))
}

/// A column of amounts; null if the part lacks it.
fn optional(part: &DataFrame, name: &str) -> Result<Int64Chunked> {
    Ok(match part.column(name) {
        Ok(amounts) => amounts.i64()?.clone(),
        Err(_) => Int64Chunked::full_null(name.into(), part.height()),
    })
}

/// A column of a part that is kept as texts: of a field or of an export.
fn texts(part: &DataFrame, name: &str, reading: &Reading<'_>) -> Result<Column> {
    let numbers = match part.column(&format!("{TEXT}{name}")) {
        Ok(numbers) => numbers.u32()?.clone(),
        // Parts without rows lack the column.
        Err(_) => UInt32Chunked::full_null(name.into(), part.height()),
    };
    fn at<T: Copy>(values: &[T], number: Option<u32>) -> Option<T> {
        values.get(number? as usize).copied()
    }
    Ok(match reading {
        Reading::Texts(words) => {
            let word = |number: Option<u32>| words.get(number? as usize).map(String::as_str);
            StringChunked::from_iter_options(name.into(), numbers.iter().map(word)).into_column()
        }
        Reading::Days(days) => {
            let days = numbers.iter().map(|number| at(days, number).flatten());
            dates(name, days)
        }
        Reading::Amounts(known) => amounts(name, numbers.iter().map(|number| at(known, number).flatten())),
        Reading::Flags(flags) => {
            let flags = numbers.iter().map(|number| at(flags, number));
            BooleanChunked::from_iter_options(name.into(), flags).into_column()
        }
        Reading::Own(_) => return Err(Error::Internal(format!("column {name} is no text"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::orders;

    /// A column without a header cannot be asked for by name.
    #[test]
    fn further_columns_are_those_with_a_name_of_their_own() {
        let read =
            orders("order_id,customer_id,order_date,amount,,colour,net_amount;1,a,2026-06-10,5,x,red,3");
        assert_eq!(of_files(&read.ingested.sources), ["colour"]);
    }
}
