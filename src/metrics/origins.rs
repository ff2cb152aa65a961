//! Where customers live (their region) and where they came from (their source), from orders, events and customer lists.

use std::collections::HashMap;

use super::Scope;
use super::customer_facts::AnyOrders;
use super::histories::{History, PartColumns, fold};
use super::places::Places;
use super::region::Level;
use super::scope::KEPT;
use crate::error::Result;
use crate::regions::Region;
use crate::schema::accounting::Rule;
use crate::schema::customers::REGION;
use crate::schema::day::END_OF_DAY;
use crate::schema::events::{Event, UNKNOWN};
use crate::schema::orders::UNKNOWN_REGION;
use crate::schema::parts::Rows;
use crate::schema::{Corrections, CustomerCode, Customers, Day, Events, Micros, Orders, Shop, names};

/// The region and the source that the valid orders of one customer name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ordered {
    /// Number of the region of the last order; [`UNKNOWN_REGION`] if that order names none.
    pub region: u32,
    /// Number of the source of the first order that names one.
    pub source: Option<u32>,
}

impl Ordered {
    /// A customer without a valid order.
    pub const NOTHING: Self = Self { region: UNKNOWN_REGION, source: None };

    /// Reads both from the orders of a customer's history.
    pub fn of(columns: &PartColumns, history: &History<'_>) -> Self {
        let region = history.orders().next_back().map_or(UNKNOWN_REGION, |order| columns.region(order.row));
        Self { region, source: history.orders().find_map(|order| columns.source(order.row)) }
    }

    /// Reads both for each of the `customer_count` customers; the place in the result is the customer's code. The scope
    /// must have an as-of day and no window.
    ///
    /// # Errors
    /// Those of polars.
    pub fn of_all(orders: AnyOrders<'_>, scope: &Scope, customer_count: usize) -> Result<Vec<Self>> {
        let mut by_code = vec![Self::NOTHING; customer_count];
        match orders {
            AnyOrders::InOrder(orders) => {
                for (code, of) in Self::of_histories(orders, scope)? {
                    by_code[code.place()] = of;
                }
            }
            AnyOrders::AsTheyCame(orders) => {
                let ruling = scope.ruling_by_row();
                let of_part = |rows: &Rows<'_>| {
                    Ok((rows.base as usize, Self::of_rows(rows, &ruling.rules_by_row(rows), scope)))
                };
                for (base, of_part) in orders.parts.each_rows(of_part)? {
                    by_code[base..base + of_part.len()].copy_from_slice(&of_part);
                }
            }
        }
        Ok(by_code)
    }

    /// Reads both for each customer of the rows, which may be in any order. `rules` holds for every row the code of the
    /// rule that excludes it, or `KEPT`.
    pub fn of_rows(rows: &Rows<'_>, rules: &[u8], scope: &Scope) -> Vec<Self> {
        let mut all = vec![Self::NOTHING; rows.customer_count];
        if !rows.region.is_empty() {
            Self::read_regions(&mut all, rows, rules, scope);
        }
        if rows.further.is_some() {
            let sources = Self::sources_of_rows(rows, rules, scope);
            all.iter_mut().zip(sources).for_each(|(of, source)| of.source = source);
        }
        all
    }

    /// Fills in the region of each customer's last order.
    fn read_regions(all: &mut [Self], rows: &Rows<'_>, rules: &[u8], scope: &Scope) {
        /// Stands for "no row yet"; its moment is earlier than that of any row.
        const NO_ROW: (i64, u32) = (i64::MIN, u32::MAX);
        let moment = |row: usize| {
            let second = rows.second(row).unwrap_or(END_OF_DAY);
            i64::from(rows.ordered_on[row]) << u32::BITS | i64::from(second)
        };
        // The moment and the row of each customer's last order so far.
        let mut last = vec![NO_ROW; all.len()];
        for (customer, row) in Self::orders_of_rows(rows, rules, scope) {
            let (before, last_row) = &mut last[customer];
            let moment = moment(row);
            // Only on equal moments is the whole sort key compared, as it costs more: a customer seldom has two orders
            // of one moment.
            let is_later = moment > *before
                || *last_row == NO_ROW.1
                || (moment == *before && Time::of(rows, row) > Time::of(rows, *last_row as usize));
            if is_later {
                (*before, *last_row) = (moment, row as u32);
            }
        }
        for (of, (_, row)) in all.iter_mut().zip(last) {
            of.region = rows.region.get(row as usize).copied().unwrap_or(UNKNOWN_REGION);
        }
    }

    /// The source of each customer's first order that names one. The rows may be in any order.
    fn sources_of_rows(rows: &Rows<'_>, rules: &[u8], scope: &Scope) -> Vec<Option<u32>> {
        let mut first: Vec<Option<Time>> = vec![None; rows.customer_count];
        for (customer, row) in Self::orders_of_rows(rows, rules, scope) {
            let time = Time::of(rows, row);
            if time.source.is_some() {
                let first = &mut first[customer];
                *first = Some(first.map_or(time, |first| first.min(time)));
            }
        }
        first.iter().map(|first| first.and_then(|first| first.source)).collect()
    }

    /// The rows that are valid orders of a known customer, as pairs of the customer's number within the part and the
    /// row.
    fn orders_of_rows(rows: &Rows<'_>, rules: &[u8], scope: &Scope) -> impl Iterator<Item = (usize, usize)> {
        let customers = rows.customer.iter().map(|customer| *customer as usize).enumerate();
        // An order outside the window counts as well, since region and source are read from all orders up to as-of. The
        // window is the last rule to be applied, so this row has passed all the others.
        let counts = |rule: u8| rule == KEPT || rule == Rule::OutsideWindow as u8;
        let is_order =
            move |row: usize| counts(rules[row]) && scope.is_order(Micros::new(rows.paid_amount[row]));
        customers
            .filter(move |(row, customer)| *customer < rows.customer_count && is_order(*row))
            .map(|(row, customer)| (customer, row))
    }

    fn of_histories(orders: &Orders, scope: &Scope) -> Result<Vec<(CustomerCode, Self)>> {
        let folded = fold(orders, scope, true, |found: &mut Vec<(CustomerCode, Self)>, columns, history| {
            found.extend(history.customer.map(|customer| (customer, Self::of(columns, history))));
            None
        })?;
        Ok(folded.parts.into_iter().flatten().collect())
    }
}

/// The sort key of an order among those of its customer. The fields are compared one after the other, as
/// [`super::histories`] sorts orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Time {
    day: Day,
    /// An order without a time of day counts as placed at the end of its day.
    second: i32,
    paid: Micros,
    net: Micros,
    region: u32,
    source: Option<u32>,
    recipient: Option<u64>,
}

impl Time {
    fn of(rows: &Rows<'_>, row: usize) -> Self {
        let (paid, refund) = (Micros::new(rows.paid_amount[row]), Micros::new(rows.refund_amount[row]));
        Self {
            day: Day::new(rows.ordered_on[row]),
            second: rows.second(row).unwrap_or(END_OF_DAY),
            paid,
            net: paid - refund,
            region: rows.region.get(row).copied().unwrap_or(UNKNOWN_REGION),
            source: rows.further.and_then(|further| further.source(row)),
            recipient: rows.further.and_then(|further| further.recipient(row)),
        }
    }
}

/// The number of a source, together with the table that numbers it: each table numbers its sources on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// A source named in the customer lists.
    Listed(u32),
    /// A source named in the orders.
    Ordered(u32),
    /// A source named in the events.
    Seen(u32),
    /// A source that somebody entered by hand as a correction.
    Corrected(u32),
}

/// The tables that name regions and sources of customers.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The regions of the orders, by number.
    pub regions: &'a [Region],
    /// The sources of the orders, by number.
    pub sources: &'a [String],
    /// The events of the customers.
    pub events: Option<&'a Events>,
    /// The customer list.
    pub customers: Option<&'a Customers>,
    /// Sources that somebody entered by hand; they take precedence over those in the exports.
    pub corrections: Option<&'a Corrections>,
}

impl<'a> From<&Shop<'a>> for Said<'a> {
    fn from(shop: &Shop<'a>) -> Self {
        let Orders { regions, sources, .. } = shop.orders;
        let (events, customers) = (shop.events(), shop.customers());
        Self { regions, sources, events, customers, corrections: shop.corrections }
    }
}

/// The sources and regions of customers according to all tables.
pub struct Origins<'a> {
    said: Said<'a>,
    places: Places,
    /// By customer: the number of the source of the first event up to as-of that names a source, and the number of the
    /// region of the first that names a region; [`UNKNOWN`] if none does.
    seen: HashMap<CustomerCode, (u32, u32)>,
}

impl<'a> Origins<'a> {
    /// Reads the events up to the as-of day.
    pub fn new(said: Said<'a>, as_of: Day) -> Self {
        let mut seen = HashMap::new();
        let mut add_customer = |events: &[Event]| {
            let first = |value: fn(&Event) -> u32| {
                let mut known = events.iter().filter(|event| event.day <= as_of).map(value);
                known.find(|number| *number != UNKNOWN).unwrap_or(UNKNOWN)
            };
            seen.insert(events[0].customer, (first(|event| event.source), first(|event| event.region)));
        };
        if let Some(events) = said.events {
            events.for_each_customer(&mut add_customer);
        }
        Self { said, places: Places::new(&said, Level::Province), seen }
    }

    /// The number in the named column of the customer list in this customer's row; `None` if there is no such row or
    /// column, or the cell is empty.
    fn listed(&self, customer: CustomerCode, name: &str) -> Option<u32> {
        let list = self.said.customers?;
        list.table().numbers(name)?.get(list.row(customer)?)
    }

    fn seen(&self, customer: CustomerCode, value: fn(&(u32, u32)) -> u32) -> Option<u32> {
        self.seen.get(&customer).map(value).filter(|number| *number != UNKNOWN)
    }

    /// Where a customer came from: the source entered by hand if there is one, else [`Self::exported_source`].
    pub fn source(&self, customer: CustomerCode, ordered: &Ordered) -> Option<Source> {
        let corrected = self.said.corrections.and_then(|corrections| corrections.of(customer));
        corrected.map(Source::Corrected).or_else(|| self.exported_source(customer, ordered))
    }

    /// Where a customer came from according to the exports: the source of the orders if they name one, else that of the
    /// events, else that of the customer list.
    pub fn exported_source(&self, customer: CustomerCode, ordered: &Ordered) -> Option<Source> {
        let seen = || self.seen(customer, |(source, _)| *source).map(Source::Seen);
        let listed = || self.listed(customer, names::SOURCE).map(Source::Listed);
        ordered.source.map(Source::Ordered).or_else(seen).or_else(listed)
    }

    /// The name of a source.
    pub fn source_name(&self, source: Source) -> Option<String> {
        let (names, number) = match source {
            Source::Listed(number) => (self.said.customers?.table().words(names::SOURCE), number),
            Source::Ordered(number) => (self.said.sources, number),
            Source::Seen(number) => (self.said.events?.sources(), number),
            Source::Corrected(number) => return self.said.corrections?.name(number).map(str::to_owned),
        };
        names.get(number as usize).cloned()
    }

    /// The number of the group of the customer's province: that of the last order if it is known, else that of the
    /// customer list, else that of the first event that names a region.
    pub fn province(&self, customer: CustomerCode, ordered: &Ordered) -> Option<u32> {
        let listed = || self.places.of_customer(self.listed(customer, REGION)?);
        let seen = || self.places.of_event(self.seen(customer, |(_, region)| *region)?);
        self.places.of_order(ordered.region).or_else(listed).or_else(seen)
    }

    /// The names of the groups of provinces, by number.
    pub fn province_names(&self) -> impl Iterator<Item = Option<String>> {
        (0..self.places.groups.count()).map(|group| self.places.groups.province(group as u32))
    }

    /// The name of a province's group.
    pub fn province_name(&self, group: u32) -> Option<String> {
        self.places.groups.province(group)
    }

    /// A customer's city, looked up in the tables in the same order as in [`Self::province`]. A city in another
    /// province than the one found first is passed over.
    pub fn city(&self, customer: CustomerCode, ordered: &Ordered) -> Option<&str> {
        let all = [
            self.said.regions.get(ordered.region as usize),
            self.listed(customer, REGION)
                .and_then(|number| self.said.customers?.regions().get(number as usize)),
            self.seen(customer, |(_, region)| *region)
                .and_then(|number| self.said.events?.regions().get(number as usize)),
        ];
        let known = || all.into_iter().flatten();
        let province = known().find(|region| !region.province.is_empty()).map(Region::folded);
        let is_there = |region: &&Region| {
            province.as_ref().is_none_or(|province| region.folded().province == province.province)
        };
        known().filter(is_there).map(|region| region.city.as_str()).find(|city| !city.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{as_they_came, on};

    /// Worked out by hand. Customer a's last order is the one of the evening, although it is the cheaper one, and the
    /// first that names a source is that of 1 May. Of b, the unpaid order and the one after as-of do not count, and of
    /// the two orders at the same moment the dearer one is the last. The only order of c was refunded. An order of d
    /// has no time, so it counts as placed at the end of its day.
    #[test]
    fn the_last_order_says_where_and_the_first_whence_in_any_order_of_rows() {
        let rows = [
            "1,a,2026-05-02 09:00,100,paid,广东,app",
            "2,a,2026-05-02 18:00,50,paid,浙江,",
            "3,a,2026-05-01 10:00,10,paid,四川,web",
            "4,a,2026-04-30 10:00,10,paid,四川,",
            "5,b,2026-05-03 09:00,10,paid,湖北,app",
            "6,b,2026-05-03 09:00,20,paid,湖南,app",
            "7,b,2026-05-04 09:00,20,pending,北京,web",
            "8,b,2026-06-04 09:00,20,paid,北京,web",
            "9,c,2026-05-04 09:00,20,refunded,北京,web",
            "10,d,2026-05-05,20,paid,北京,web",
            "11,d,2026-05-05 23:00,30,paid,上海,app",
        ];
        let expected = [("a", "浙江", Some("web")), ("b", "湖南", Some("app")), ("d", "北京", Some("app"))];
        for turn in 0..rows.len() {
            let turned = [&rows[turn..], &rows[..turn]].concat();
            let text = format!(
                "order_id,customer_id,paid_at,paid_amount,status,province,source;{}",
                turned.join(";")
            );
            let scope = Scope::up_to(on("2026-05-31"));
            let came = as_they_came(&[("orders.csv", &text)]);
            let count = came.orders.customers.len();
            let by_row = Ordered::of_all(AnyOrders::AsTheyCame(&came.orders), &scope, count).expect("rows");
            let read = as_they_came(&[("orders.csv", &text)]).in_order().expect("orders");
            let orders = AnyOrders::InOrder(&read.orders);
            assert_eq!(by_row, Ordered::of_all(orders, &scope, count).expect("histories"));
            let mut found: Vec<(String, &str, Option<&str>)> = (0..)
                .map(CustomerCode::new)
                .zip(&by_row)
                .filter(|(_, of)| **of != Ordered::NOTHING)
                .map(|(customer, of)| {
                    let region = read.orders.regions[of.region as usize].province.as_str();
                    let source = of.source.map(|source| read.orders.sources[source as usize].as_str());
                    (read.orders.customers.text(customer), region, source)
                })
                .collect();
            found.sort_unstable();
            assert_eq!(found, expected.map(|(id, province, source)| (id.to_owned(), province, source)));
        }
    }
}
