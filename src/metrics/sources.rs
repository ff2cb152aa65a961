//! Sales by source of the customer, with sources as the exports give them and as people have corrected them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use polars::prelude::*;

use super::calendar::Period;
use super::finish::{amounts, counts, dates, frame, rates, texts};
use super::histories::{Document, History, OrderCount, PartColumns, fold};
use super::origins::{Ordered, Origins, Source};
use super::scope::Scope;
use crate::error::Result;
use crate::schema::accounting::Accounting;
use crate::schema::{CustomerCode, Day, Orders, Shop, money, names, ranges};
use crate::stats::proportion::Proportion;

/// The calendar periods into which the table is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// A calendar month.
    Month,
    /// Monday to Sunday.
    Week,
}

/// The figures of all sources.
#[derive(Debug)]
pub struct Sources {
    /// One row per source or, if periods are asked for, per period and source: `period_on` (the period's first day),
    /// `source` (null if not known), `customer_count` (with an order in the row's days), `new_customer_count` (whose
    /// first order of all time is in them), `order_count`, `net_amount`, `spend_per_customer`, `repeat_customer_rate`
    /// (with at least two orders in the row's days); then each of these figures again with `_before` after its name:
    /// its value without the corrections by hand, null if they do not change it. Periods ascend; within a period the
    /// sources with the most customers come first, and the unknown one last.
    pub frame: DataFrame,
    /// Whether any source is known.
    pub is_known: bool,
    /// Buyers whose source was changed by a correction.
    pub corrected_count: u64,
    /// Number of buyers.
    pub customer_count: u64,
    /// Number of orders of these buyers.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

/// The sums of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cell {
    customers: u64,
    new: u64,
    repeat: u64,
    orders: u64,
    net: i128,
}

/// The number of the period, and the source after and before correction.
type Place = (i32, Option<Source>, Option<Source>);

#[derive(Debug, Default)]
struct Sums {
    cells: HashMap<Place, Cell>,
    corrected: u64,
    customers: u64,
    orders: OrderCount,
}

/// The first day and the origins of a buyer, from all orders, those before a window included.
#[derive(Debug, Clone, Copy)]
struct Beginning {
    first_day: Day,
    ordered: Ordered,
}

/// Sums up customers and orders by source.
pub fn sources(
    shop: &Shop<'_>,
    scope: &Scope,
    by: Option<By>,
    mut accounting: Accounting,
) -> Result<Sources> {
    let origins = Origins::new(shop.into(), scope.as_of);
    let beginnings = beginnings(shop.orders, scope)?;
    let period = |day: Day| by.map_or(0, |by| by.period().of(day));
    let folded = fold(shop.orders, scope, true, |sums: &mut Sums, columns, history| {
        let customer = history.customer?;
        let known = beginnings.as_ref().and_then(|all| all.get(&customer).copied());
        let beginning = known.unwrap_or_else(|| Beginning::of(columns, history));
        let after = origins.source(customer, &beginning.ordered);
        let before = origins.exported_source(customer, &beginning.ordered);
        for documents in history.documents.chunk_by(|a, b| period(a.day) == period(b.day)) {
            let number = period(documents[0].day);
            let is_first = beginning.first_day >= scope.first_day() && period(beginning.first_day) == number;
            sums.cells.entry((number, after, before)).or_default().add(documents, is_first);
        }
        history.orders().for_each(|_| sums.orders.add());
        sums.customers += 1;
        // A correction that names the same source changes nothing, although another table numbers it.
        let name = |source: Option<Source>| source.and_then(|source| origins.source_name(source));
        sums.corrected += u64::from(after != before && name(after) != name(before));
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut sums = Sums::default();
    folded.parts.into_iter().for_each(|part| sums.merge(part));
    let rows = rows(&sums, |source| origins.source_name(source));
    Ok(Sources {
        frame: finish(&rows, by)?,
        is_known: rows.iter().any(|row| row.source.is_some()),
        corrected_count: sums.corrected,
        customer_count: sums.customers,
        order_count: sums.orders.total(),
        accounting,
    })
}

impl By {
    fn period(self) -> Period {
        match self {
            Self::Month => Period::Month,
            Self::Week => Period::Week,
        }
    }
}

impl Beginning {
    fn of(columns: &PartColumns, history: &History<'_>) -> Self {
        Self { first_day: history.first_day(), ordered: Ordered::of(columns, history) }
    }
}

/// The beginning of each buyer; `None` if the scope has no window, as each history then holds all orders.
fn beginnings(orders: &Orders, scope: &Scope) -> Result<Option<HashMap<CustomerCode, Beginning>>> {
    if scope.window.is_none() {
        return Ok(None);
    }
    let folded = fold(
        orders,
        &scope.all_time(),
        true,
        |all: &mut Vec<(CustomerCode, Beginning)>, columns, history| {
            all.extend(history.customer.map(|customer| (customer, Beginning::of(columns, history))));
            None
        },
    )?;
    Ok(Some(folded.parts.into_iter().flatten().collect()))
}

impl Cell {
    /// Adds a customer's documents in the days of a row. `is_first` says whether the customer's first order of all time
    /// is one of them.
    fn add(&mut self, documents: &[Document], is_first: bool) {
        let orders = documents.iter().filter(|document| document.is_order).count() as u64;
        self.customers += u64::from(orders > 0);
        self.new += u64::from(orders > 0 && is_first);
        self.repeat += u64::from(orders > 1);
        self.orders += orders;
        self.net += documents.iter().map(|document| i128::from(document.net)).sum::<i128>();
    }

    fn merge(&mut self, other: &Self) {
        self.customers += other.customers;
        self.new += other.new;
        self.repeat += other.repeat;
        self.orders += other.orders;
        self.net += other.net;
    }

    fn spend(&self) -> Option<i128> {
        money::mean(self.net, self.customers)
    }

    fn repeats(&self) -> Proportion {
        Proportion::new(self.repeat, self.customers)
    }
}

impl Sums {
    fn merge(&mut self, other: Self) {
        for (place, cell) in &other.cells {
            self.cells.entry(*place).or_default().merge(cell);
        }
        self.corrected += other.corrected;
        self.customers += other.customers;
        self.orders.merge(&other.orders);
    }
}

/// A source in a period, after and before correction.
#[derive(Debug)]
struct Row {
    period: i32,
    source: Option<String>,
    after: Cell,
    before: Cell,
}

/// The rows of the table. Sources with the same name form one row, whichever tables name them.
fn rows(sums: &Sums, name: impl Fn(Source) -> Option<String>) -> Vec<Row> {
    let sources: BTreeSet<Source> =
        sums.cells.keys().flat_map(|(_, after, before)| [*after, *before]).flatten().collect();
    let named: HashMap<Source, Option<String>> =
        sources.into_iter().map(|source| (source, name(source))).collect();
    let name = |source: &Option<Source>| source.and_then(|source| named.get(&source).cloned().flatten());
    let mut cells: BTreeMap<(i32, Option<String>), (Cell, Cell)> = BTreeMap::new();
    for ((period, after, before), cell) in &sums.cells {
        cells.entry((*period, name(after))).or_default().0.merge(cell);
        cells.entry((*period, name(before))).or_default().1.merge(cell);
    }
    let row = |((period, source), (after, before))| Row { period, source, after, before };
    let mut rows: Vec<Row> = cells.into_iter().map(row).collect();
    rows.sort_by_key(|row| (row.period, row.source.is_none(), Reverse(row.after.customers)));
    rows
}

/// A count's column after correction, its column before, and its value in a cell.
type Counted = (&'static str, &'static str, fn(&Cell) -> u64);

fn finish(rows: &[Row], by: Option<By>) -> Result<DataFrame> {
    /// The values of a figure after correction, and those before, which are `None` if they are equal.
    fn both<T: PartialEq>(rows: &[Row], of: impl Fn(&Cell) -> T) -> (Vec<Option<T>>, Vec<Option<T>>) {
        let before = |row: &Row| Some(of(&row.before)).filter(|before| *before != of(&row.after));
        (rows.iter().map(|row| Some(of(&row.after))).collect(), rows.iter().map(before).collect())
    }
    let mut columns: Vec<Column> = Vec::new();
    if let Some(by) = by {
        columns.push(dates(names::PERIOD_ON, rows.iter().map(|row| Some(by.period().first_day(row.period)))));
    }
    columns.push(texts(names::SOURCE, rows.iter().map(|row| row.source.clone())));
    let mut before = Vec::new();
    let mut add = |now: Column, was: Column| {
        columns.push(now);
        before.push(was);
    };
    let whole: [Counted; 3] = [
        (names::CUSTOMER_COUNT, names::CUSTOMER_COUNT_BEFORE, |cell| cell.customers),
        (names::NEW_CUSTOMER_COUNT, names::NEW_CUSTOMER_COUNT_BEFORE, |cell| cell.new),
        (names::ORDER_COUNT, names::ORDER_COUNT_BEFORE, |cell| cell.orders),
    ];
    for (now_name, before_name, of) in whole {
        let (now, was) = both(rows, of);
        add(counts(now_name, now.into_iter()), counts(before_name, was.into_iter()));
    }
    let (now, was) = both(rows, |cell| cell.net);
    add(amounts(names::NET_AMOUNT, now.into_iter()), amounts(names::NET_AMOUNT_BEFORE, was.into_iter()));
    let (now, was) = both(rows, Cell::spend);
    let flat = |values: Vec<Option<Option<i128>>>| values.into_iter().map(Option::flatten);
    add(amounts(names::SPEND_PER_CUSTOMER, flat(now)), amounts(names::SPEND_PER_CUSTOMER_BEFORE, flat(was)));
    columns.extend(rates(ranges::REPEAT_CUSTOMER_RATE, rows.iter().map(|row| Some(row.after.repeats()))));
    columns.extend(before);
    let was = |row: &Row| {
        let (before, after) = (row.before.repeats(), row.after.repeats());
        Some(before).filter(|before| before.rate() != after.rate())
    };
    columns.extend(rates(ranges::REPEAT_CUSTOMER_RATE_BEFORE, rows.iter().map(was)));
    frame(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{Read, read, rows};
    use crate::schema::Corrections;

    const NOW: [&str; 7] = [
        "source",
        "customer_count",
        "new_customer_count",
        "order_count",
        "net_amount",
        "spend_per_customer",
        "repeat_customer_rate",
    ];
    const BEFORE: [&str; 7] = [
        "source",
        "customer_count_before",
        "new_customer_count_before",
        "order_count_before",
        "net_amount_before",
        "spend_per_customer_before",
        "repeat_customer_rate_before",
    ];

    /// Customer a came from web, by the first order that names a source, and has two orders. b came from ads by the
    /// first event, although the list says shop. c came from shop by the list. Nothing names d's source. e did not buy.
    fn shop() -> Read {
        read(&[
            (
                "orders.csv",
                "order_id,customer_id,order_date,amount,source;1,a,2026-01-10,10,;2,a,2026-02-10,20,web;
                 3,b,2026-02-11,30,;4,c,2026-02-12,40,;5,d,2026-02-13,50,;6,a,2026-02-14,-5,web",
            ),
            (
                "events.csv",
                "customer_id,occurred_at,kind,source;b,2026-01-01,view,ads;b,2026-02-01,view,web;e,2026-02-01,view,ads",
            ),
            ("customers.csv", "customer_id,registered_at,source;b,2026-01-01,shop;c,2026-01-01,shop"),
        ])
    }

    fn corrected(read: &mut Read, corrections: &[(&str, &str)]) {
        let customers = &read.ingested.orders.customers;
        let code = |id: &str| customers.codes().find(|code| customers.text(*code) == id).expect("a customer");
        let corrected: Vec<(CustomerCode, &str)> =
            corrections.iter().map(|(id, name)| (code(id), *name)).collect();
        read.ingested.hand.corrections = Some(Corrections::new(corrected.into_iter()));
    }

    fn answer(read: &Read, scope: &Scope, by: Option<By>) -> Sources {
        sources(&read.shop(), scope, by, read.ingested.accounting.clone()).expect("sources")
    }

    #[test]
    fn a_buyer_came_from_where_the_first_table_says_it() {
        let read = shop();
        let answer = answer(&read, &read.up_to("2026-02-28"), None);
        assert_eq!(
            rows(&answer.frame, &NOW),
            [
                "ads,1,1,1,30.00,30.00,0",
                "shop,1,1,1,40.00,40.00,0",
                "web,1,1,2,25.00,25.00,1",
                ",1,1,1,50.00,50.00,0"
            ]
        );
        assert_eq!(rows(&answer.frame, &BEFORE), ["ads,,,,,,", "shop,,,,,,", "web,,,,,,", ",,,,,,"]);
        assert_eq!((answer.customer_count, answer.order_count, answer.corrected_count), (4, 5, 0));
    }

    /// Corrections: b came from web, as a did; d from a source that no file names; and c from the source that the list
    /// names anyway.
    #[test]
    fn what_a_correction_changes_stands_beside_what_was() {
        let mut read = shop();
        corrected(&mut read, &[("b", "web"), ("d", "fair"), ("c", "shop")]);
        let answer = answer(&read, &read.up_to("2026-02-28"), None);
        assert_eq!(
            rows(&answer.frame, &NOW),
            [
                "web,2,2,3,55.00,27.50,0.5",
                "fair,1,1,1,50.00,50.00,0",
                "shop,1,1,1,40.00,40.00,0",
                "ads,0,0,0,0.00,,",
                ",0,0,0,0.00,,"
            ]
        );
        assert_eq!(
            rows(&answer.frame, &BEFORE),
            [
                "web,1,1,2,25.00,25.00,1",
                "fair,0,0,0,0.00,,",
                "shop,,,,,,",
                "ads,1,1,1,30.00,30.00,0",
                ",1,1,1,50.00,50.00,0"
            ]
        );
        assert_eq!(answer.corrected_count, 2);
    }

    /// In February a is not a new customer and ordered once. The credit note counts in February.
    #[test]
    fn a_period_is_judged_by_its_own_orders() {
        let read = shop();
        let scope = read.up_to("2026-02-28");
        let columns = ["period_on", "source", "customer_count", "new_customer_count", "net_amount"];
        let web = ["2026-01-01,web,1,1,10.00", "2026-02-01,web,1,0,15.00"];
        let by_month = rows(&answer(&read, &scope, Some(By::Month)).frame, &columns);
        assert_eq!(
            by_month.iter().filter(|row| row.contains("web")).collect::<Vec<_>>(),
            web.iter().collect::<Vec<_>>()
        );
        // 10 January was a Saturday and 10 February a Tuesday. The credit note is in the same week as the latter.
        let by_week = rows(&answer(&read, &scope, Some(By::Week)).frame, &columns);
        let web = ["2026-01-05,web,1,1,10.00", "2026-02-09,web,1,0,15.00"];
        assert_eq!(
            by_week.iter().filter(|row| row.contains("web")).collect::<Vec<_>>(),
            web.iter().collect::<Vec<_>>()
        );
        let repeat = rows(&answer(&read, &scope, Some(By::Month)).frame, &["source", "repeat_customer_rate"]);
        assert!(repeat.iter().all(|row| row.ends_with(",0")), "{repeat:?}");
    }

    /// The window begins on 1 February. Customer a is not new in it, and has the source of the first order, which is
    /// before it.
    #[test]
    fn a_window_knows_what_was_before_it() {
        let read = read(&[(
            "orders.csv",
            "order_id,customer_id,order_date,amount,source;1,a,2026-01-10,10,app;2,a,2026-02-10,20,web;
             3,b,2026-02-11,30,web",
        )]);
        let answer = answer(&read, &read.window(28, "2026-02-28"), None);
        assert_eq!(rows(&answer.frame, &NOW), ["app,1,0,1,20.00,20.00,0", "web,1,1,1,30.00,30.00,0"]);
    }
}
