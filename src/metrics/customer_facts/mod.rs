//! What is known of each buyer from valid orders; most metrics start here.

mod heavy;
mod measures;
mod two_days;

use polars::prelude::*;

use super::finish::ids_of;
use super::latest::{Tail, are_borne_out};
use super::listing_order::in_order;
use super::scope::{Scope, ScopeRequest};
use crate::error::{Error, Result};
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::parts::Rows;
use crate::schema::{CustomerCode, CustomerIds, Day, Key, Micros, Orders, RowParts, money, names, orders};
use heavy::Facts;
pub use measures::{AnyOrders, Days, Measure, NOTHING, Standing, measures};
pub use two_days::{Between, FactsAtTwoDays, facts_at_two_days};

/// The buyers (customers with at least one valid order) and what is known of each.
#[derive(Debug, Clone)]
pub struct CustomerFacts {
    buyers: Buyers,
    /// How many buyers.
    pub customer_count: u64,
    /// Which orders count. If no as-of day was given, it is the last day of these orders.
    pub scope: Scope,
    /// The last days of the parts of the orders, each with how many rows are close to it.
    tails: Vec<Tail>,
    /// Number of orders, whether they count or not.
    rows: u64,
    /// Where every row of the inputs went.
    pub accounting: Accounting,
    /// Net amount of all buyers, in micro-units.
    pub net_total: i128,
    /// Distinct valid orders of all buyers; an order id under which several customers ordered is an order of each.
    pub order_total: u64,
}

/// The buyers, as the heavy stage gives them or as a frame.
#[derive(Debug, Clone)]
enum Buyers {
    Parts(Vec<Vec<Buyer>>),
    Framed(DataFrame),
}

/// What is known of one buyer.
#[derive(Debug, Clone, Copy)]
struct Buyer {
    net: Micros,
    customer: CustomerCode,
    last_day: Day,
    orders: u32,
    /// Orders up to the as-of day, including those before the window. Only counted if there is a window.
    ever: u32,
}

/// Name of the column of orders up to the as-of day, including those before the window (u32).
const ORDERS_EVER: &str = "orders_ever";

/// Computes the facts from sorted orders. `accounting` is what reading counted; the facts have it with the rows that
/// rules leave out moved to these rules.
pub fn customer_facts(orders: &Orders, scope: &Scope, accounting: Accounting) -> Result<CustomerFacts> {
    let (parts, _) = heavy::in_order(orders, scope, |_, _| ())?.into_iter().unzip::<_, _, _, Vec<()>>();
    Ok(finish(parts, scope, accounting))
}

/// As [`customer_facts`], for unsorted orders, so that these need not be sorted. `None` if that is not possible, since
/// the request judges an order by other orders ([`ScopeRequest::judges_each_order_alone`]).
pub fn customer_facts_by_row(
    orders: &Orders<RowParts>,
    request: &ScopeRequest,
    accounting: &Accounting,
) -> Result<Option<CustomerFacts>> {
    if !request.judges_each_order_alone() {
        return Ok(None);
    }
    let (parts, _) = heavy::by_row(orders, request, |_, _| ())?.into_iter().unzip::<_, _, Vec<_>, Vec<()>>();
    let latest = parts.iter().filter_map(|part| part.latest).map(|tail| tail.last()).max();
    let scope = request.on(request.as_of.or(latest));
    Ok(Some(finish(parts, &scope, accounting.clone())))
}

/// The facts, and the results of `also`, which is called in the same pass for each part of the orders. It gets the
/// part's rows and, for each row, the code of the rule that leaves it out or the code for rows that count. The results
/// are in the order of customer codes.
///
/// # Errors
/// Those of polars; also if orders that are judged by other orders are not sorted.
pub fn customer_facts_and<T: Send>(
    all: AnyOrders<'_>,
    scope: &Scope,
    accounting: &Accounting,
    also: impl Fn(&Rows<'_>, &[u8]) -> T + Sync + Send,
) -> Result<(CustomerFacts, Vec<T>)> {
    let request: ScopeRequest = (*scope).into();
    let parts = match all {
        AnyOrders::InOrder(orders) => heavy::in_order(orders, scope, also)?,
        AnyOrders::AsTheyCame(orders) if request.judges_each_order_alone() => {
            heavy::by_row(orders, &request, also)?
        }
        AnyOrders::AsTheyCame(_) => {
            return Err(Error::Internal("orders that are judged by others are not in order".into()));
        }
    };
    let (parts, answers) = parts.into_iter().unzip();
    Ok((finish(parts, scope, accounting.clone()), answers))
}

fn finish(parts: Vec<Facts>, scope: &Scope, mut accounting: Accounting) -> CustomerFacts {
    for part in &parts {
        for (rule, rows) in Rule::ALL.iter().zip(part.rows_by_rule) {
            accounting.exclude(*rule, rows);
        }
    }
    CustomerFacts {
        scope: *scope,
        tails: parts.iter().filter_map(|part| part.latest).collect(),
        rows: parts.iter().map(|part| part.rows).sum(),
        customer_count: parts.iter().map(|part| part.buyers.len() as u64).sum(),
        net_total: parts.iter().map(|part| part.net).sum(),
        order_total: parts.iter().map(|part| part.orders).sum(),
        buyers: Buyers::Parts(parts.into_iter().map(|part| part.buyers).collect()),
        accounting,
    }
}

impl CustomerFacts {
    /// Whether the facts already show that the last day of the orders is no mistake, without another look at the
    /// orders.
    pub fn is_latest_borne_out(&self, today: Day) -> bool {
        are_borne_out(&self.tails, self.rows, today)
    }

    /// One row per buyer, in no particular order unless the facts are [`Self::listed`].
    ///
    /// Columns: `customer` (u32 code), `last_ordered_on` (date), `recency_days` (i32), `order_count` (u32),
    /// `net_amount` (i64, micro-units).
    pub fn frame(&self) -> Result<DataFrame> {
        match &self.buyers {
            Buyers::Parts(parts) => columns(parts, &self.scope),
            Buyers::Framed(frame) => Ok(frame.clone()),
        }
    }

    /// Name of the frame's column with each buyer's orders up to the as-of day, including those before a window (u32).
    pub(super) fn orders_ever(&self) -> &'static str {
        if self.scope.window.is_some() { ORDERS_EVER } else { names::ORDER_COUNT }
    }

    /// The same buyers in the same order, with their frame made once for all who ask for it.
    pub fn framed(&self) -> Result<Self> {
        Ok(self.with(self.frame()?))
    }

    /// The same buyers, sorted as customer lists are: by net amount, the greatest first, then by customer id. Their
    /// frame has the ids, too, in the column `customer_id` (text). Facts that have a frame already keep it as it is.
    pub fn listed(&self, customers: &CustomerIds) -> Result<Self> {
        let frame = match &self.buyers {
            Buyers::Parts(parts) => list(parts, &self.scope, customers)?,
            Buyers::Framed(frame) => frame.clone(),
        };
        Ok(self.with(frame))
    }

    fn with(&self, frame: DataFrame) -> Self {
        Self {
            buyers: Buyers::Framed(frame),
            tails: Vec::new(),
            accounting: self.accounting.clone(),
            ..*self
        }
    }
}

fn list(parts: &[Vec<Buyer>], scope: &Scope, customers: &CustomerIds) -> Result<DataFrame> {
    let parts: Vec<&[Buyer]> = parts.iter().map(Vec::as_slice).collect();
    // The bitwise complement puts the greatest amount first.
    let by = |buyer: &Buyer| (!buyer.net.number(), buyer.customer);
    let stretch = |buyers: Vec<Buyer>, keys: Vec<Key>| -> Result<(DataFrame, StringChunked)> {
        Ok((columns(&[buyers], scope)?, ids_of(customers, &keys)?))
    };
    let (mut list, mut ids) = (columns(&[], scope)?, ids_of(customers, &[])?);
    for stretch in in_order(&parts, by, customers, stretch) {
        let (rows, of_rows) = stretch?;
        list.vstack_mut_owned(rows)?;
        ids.append_owned(of_rows)?;
    }
    list.rechunk_mut_par();
    list.with_column(ids.into_column())?;
    Ok(list)
}

/// The columns of [`CustomerFacts::frame`], and with a window [`ORDERS_EVER`].
fn columns(parts: &[Vec<Buyer>], scope: &Scope) -> Result<DataFrame> {
    fn column<T>(parts: &[Vec<Buyer>], of: impl Fn(&Buyer) -> T) -> Vec<T> {
        let mut all = Vec::with_capacity(parts.iter().map(Vec::len).sum());
        parts.iter().for_each(|part| all.extend(part.iter().map(&of)));
        all
    }
    let recency = |buyer: &Buyer| buyer.last_day.days_until(scope.as_of);
    let days = || (column(parts, |buyer| buyer.last_day.number()), column(parts, recency));
    let counts = || (column(parts, |buyer| buyer.customer.number()), column(parts, |buyer| buyer.orders));
    let net = || column(parts, |buyer| buyer.net.number());
    let ((last_day, recency), ((customer, orders), net)) = rayon::join(days, || rayon::join(counts, net));
    let ever = scope.window.is_some().then(|| column(parts, |buyer| buyer.ever));
    let mut columns = vec![
        UInt32Chunked::from_vec(orders::CUSTOMER.into(), customer).into_column(),
        Int32Chunked::from_vec(names::LAST_ORDERED_ON.into(), last_day).into_date().into_column(),
        Int32Chunked::from_vec(names::RECENCY_DAYS.into(), recency).into_column(),
        UInt32Chunked::from_vec(names::ORDER_COUNT.into(), orders).into_column(),
        Int64Chunked::from_vec(names::NET_AMOUNT.into(), net).into_column(),
    ];
    columns.extend(ever.map(|ever| UInt32Chunked::from_vec(ORDERS_EVER.into(), ever).into_column()));
    Ok(DataFrame::new_infer_height(columns)?)
}

/// The error that a customer's amounts are beyond 64 bits of micro-units.
pub(super) fn beyond() -> Error {
    Error::data_of("beyond_amounts", &[("most", money::plain(i64::MAX))])
}
