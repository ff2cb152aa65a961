//! Products: how often each is bought and bought again, what is bought together with it and next, and whether customers
//! who begin with it come again.

mod pairs;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use polars::prelude::*;

use super::baskets::{Baskets, Item, pieces};
use super::finish::{amounts, counts, frame, rates, ratios, share, texts};
use super::histories::{Histories, OrderCount};
use super::scope::Scope;
use crate::error::Result;
use crate::limits::MAX_BASKET;
use crate::schema::accounting::Accounting;
use crate::schema::{CustomerCode, Day, Items, Micros, Orders, names, ranges};
use crate::stats::histogram::Histogram;
use crate::stats::proportion::Proportion;

/// The figures of one product.
#[derive(Debug, Clone)]
pub struct ProductFacts {
    /// Orders that hold the product.
    pub orders: u64,
    /// Customers who bought it.
    pub customers: u64,
    /// Pieces sold, in millionths; `None` if an order with the product does not give the number.
    pub quantity: Option<i128>,
    /// Amount paid for it, in micro-units; `None` if an order with the product does not give it.
    pub amount: Option<i128>,
    /// Customers who bought it on at least two days.
    pub repeat_customers: u64,
    /// A histogram of the gaps, in days, between successive days on which the same customer bought it.
    pub gaps: Histogram,
    /// Customers whose first order of all time held it.
    pub entries: u64,
    /// Of `entries`, the customers with at least two orders.
    pub loyal: u64,
}

/// The figures of all products, and the orders that hold them.
#[derive(Debug, Default)]
pub struct Products {
    /// The figures of each product; the place is the product's number.
    pub facts: Vec<ProductFacts>,
    /// The orders with at least one item. The orders of a customer follow one another.
    baskets: BasketList,
    /// Whether no buyer is known, so that nothing can be said of customers, but only of what is bought together.
    is_anonymous: bool,
    /// All buyers, whether or not their orders have items.
    pub customer_count: u64,
    /// Buyers whose first order of all time is among these orders.
    pub new_count: u64,
    /// Of `new_count`, the buyers with at least two orders.
    pub loyal_count: u64,
    /// Distinct orders of all buyers, with items or without.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

/// The figures of one part of the orders.
#[derive(Debug, Default)]
struct Part {
    facts: Facts,
    /// Pairs of a product and a gap in days. A list is far smaller than one histogram per product and part would be.
    gaps: Vec<(u32, i32)>,
    baskets: BasketList,
    customers: u64,
    new: u64,
    loyal: u64,
    orders: OrderCount,
    scratch: Baskets,
    bought: Vec<(u32, Day)>,
}

/// The number of orders with at least one item, and their products if pairs are asked for.
#[derive(Debug, Default)]
struct BasketList {
    count: u64,
    /// Orders with more than [`MAX_BASKET`] different products, which are left out of pairs.
    wide_count: u64,
    /// The products of all orders, one order after the other.
    products: Vec<u32>,
    /// For each order, the place in `products` at which its products begin, and whether it is its customer's first.
    starts: Vec<(usize, bool)>,
}

impl BasketList {
    /// Counts an order, and keeps its products if pairs are asked for.
    fn add(&mut self, items: &[Item], is_first: bool, for_pairs: bool) {
        self.count += 1;
        self.wide_count += u64::from(items.len() > MAX_BASKET);
        if for_pairs {
            self.starts.push((self.products.len(), is_first));
            self.products.extend(items.iter().map(|item| item.product));
        }
    }

    fn append(&mut self, other: Self) {
        self.count += other.count;
        self.wide_count += other.wide_count;
        let base = self.products.len();
        self.products.extend(other.products);
        self.starts.extend(other.starts.into_iter().map(|(start, is_first)| (start + base, is_first)));
    }

    /// The products of an order.
    fn basket(&self, basket: usize) -> &[u32] {
        let end = self.starts.get(basket + 1).map_or(self.products.len(), |(start, _)| *start);
        &self.products[self.starts[basket].0..end]
    }
}

/// The figures of the products of a part, without gaps.
#[derive(Debug, Default)]
struct Facts {
    /// By product number: the place in `list`.
    places: HashMap<u32, usize, RandomState>,
    list: Vec<ProductFacts>,
}

impl Facts {
    fn of(&mut self, product: u32) -> &mut ProductFacts {
        let place = *self.places.entry(product).or_insert(self.list.len());
        if place == self.list.len() {
            self.list.push(ProductFacts::default());
        }
        &mut self.list[place]
    }
}

/// Computes the figures of all valid orders with a known customer; if no buyer is known at all, those of all valid
/// orders. Which order is a customer's first is decided among the orders of all time. `for_pairs` has to be true if
/// pairs will be asked for afterwards.
pub fn products<P>(
    orders: &Orders<P>,
    scope: &Scope,
    for_pairs: bool,
    mut accounting: Accounting,
) -> Result<Products>
where
    Orders<P>: Histories,
{
    let is_anonymous = !orders.has_buyers();
    let older =
        if scope.window.is_some() && !is_anonymous { buyers_before(orders, scope)? } else { HashSet::new() };
    let items = &orders.items;
    let folded = orders.fold(scope, !is_anonymous, |part: &mut Part, columns, history| {
        part.scratch.fill(items, columns, history);
        history.orders().for_each(|_| part.orders.add());
        if is_anonymous {
            part.add_nobodys(for_pairs);
            return None;
        }
        let is_new = history.customer.is_none_or(|customer| !older.contains(&customer));
        part.add(is_new, history.orders().count() > 1, for_pairs);
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut all = Products {
        facts: vec![ProductFacts::default(); orders.items.products.len()],
        is_anonymous,
        accounting,
        ..Products::default()
    };
    let mut order_count = OrderCount::default();
    for part in folded.parts {
        for (product, place) in part.facts.places {
            if let Some(mine) = all.facts.get_mut(product as usize) {
                mine.merge(&part.facts.list[place]);
            }
        }
        for (product, gap) in part.gaps {
            if let Some(mine) = all.facts.get_mut(product as usize) {
                mine.gaps.add(gap);
            }
        }
        all.baskets.append(part.baskets);
        all.customer_count += part.customers;
        all.new_count += part.new;
        all.loyal_count += part.loyal;
        order_count.merge(&part.orders);
    }
    all.order_count = order_count.total();
    Ok(all)
}

/// Customers who had ordered before the scope's window.
fn buyers_before<P>(orders: &Orders<P>, scope: &Scope) -> Result<HashSet<CustomerCode>>
where
    Orders<P>: Histories,
{
    let first_day = scope.first_day();
    let folded = orders.fold(&scope.all_time(), true, |found: &mut Vec<CustomerCode>, _, history| {
        found.extend(history.customer.filter(|_| history.first_day() < first_day));
        None
    })?;
    Ok(folded.parts.into_iter().flatten().collect())
}

impl Default for ProductFacts {
    fn default() -> Self {
        Self {
            orders: 0,
            customers: 0,
            quantity: Some(0),
            amount: Some(0),
            repeat_customers: 0,
            gaps: Histogram::default(),
            entries: 0,
            loyal: 0,
        }
    }
}

impl ProductFacts {
    /// Adds an order that holds the product.
    fn add(&mut self, item: &Item) {
        self.orders += 1;
        self.quantity = added(self.quantity, item.quantity);
        self.amount = added(self.amount, item.amount);
    }

    /// Adds the figures of the same product in another part, except the gaps.
    fn merge(&mut self, other: &Self) {
        self.orders += other.orders;
        self.customers += other.customers;
        self.quantity = self.quantity.zip(other.quantity).map(|(a, b)| a + b);
        self.amount = self.amount.zip(other.amount).map(|(a, b)| a + b);
        self.repeat_customers += other.repeat_customers;
        self.entries += other.entries;
        self.loyal += other.loyal;
    }
}

impl Part {
    /// Adds baskets without a known customer. Each counts as the first of a customer of its own.
    fn add_nobodys(&mut self, for_pairs: bool) {
        for (_, items) in self.scratch.iter() {
            self.baskets.add(items, true, for_pairs);
            for item in items {
                self.facts.of(item.product).add(item);
            }
        }
    }

    /// Adds the baskets of the next customer. `is_new` says whether the customer's first order here is the first of all
    /// time.
    fn add(&mut self, is_new: bool, is_loyal: bool, for_pairs: bool) {
        self.bought.clear();
        let mut is_first = is_new && self.scratch.first().is_some();
        let mut is_begun = false;
        for (day, items) in self.scratch.iter() {
            self.baskets.add(items, !is_begun, for_pairs);
            is_begun = true;
            for item in items {
                let facts = self.facts.of(item.product);
                facts.add(item);
                facts.entries += u64::from(is_first);
                facts.loyal += u64::from(is_first && is_loyal);
                self.bought.push((item.product, day));
            }
            is_first = false;
        }
        self.customers += 1;
        self.new += u64::from(is_new);
        self.loyal += u64::from(is_new && is_loyal);
        self.bought.sort_unstable();
        self.bought.dedup();
        for days in self.bought.chunk_by(|a, b| a.0 == b.0) {
            let facts = self.facts.of(days[0].0);
            facts.customers += 1;
            facts.repeat_customers += u64::from(days.len() > 1);
            self.gaps.extend(days.windows(2).map(|pair| (pair[0].0, pair[0].1.days_until(pair[1].1))));
        }
    }
}

impl Products {
    /// Orders with at least one item.
    pub fn basket_count(&self) -> u64 {
        self.baskets.count
    }

    /// Orders with more than [`MAX_BASKET`] different products, which are left out of pairs.
    pub fn wide_count(&self) -> u64 {
        self.baskets.wide_count
    }

    /// The number of orders that a pair must be in to be listed, unless the user gives another: one in a thousand, and
    /// at least two.
    pub fn usual_least(&self) -> u64 {
        self.basket_count().div_ceil(1000).max(2)
    }

    /// One row per product, the one in the most orders first: `product_id`, `title`, `category`, `order_count`,
    /// `customer_count`, `quantity`, `amount`, `repeat_customer_count`, `gap_count`, `cycle_days` (median gap),
    /// `entry_customer_count`, `loyal_count`, `loyal_rate` with its interval, `loyal_index` (`loyal_rate` divided by
    /// that of all new buyers). The figures of customers are null if no buyer is known.
    pub fn summary(&self, items: &Items) -> Result<DataFrame> {
        let mut order: Vec<usize> =
            (0..self.facts.len()).filter(|&product| self.facts[product].orders > 0).collect();
        // Products are numbered in the order of their ids and titles, so equal counts are sorted by id.
        order.sort_by_key(|&product| (Reverse(self.facts[product].orders), product));
        let facts = || order.iter().map(|&product| &self.facts[product]);
        let count = |value: fn(&ProductFacts) -> u64| counts_of(facts().map(value));
        let known_count =
            |value: fn(&ProductFacts) -> u64| count(value).map(|n| n.filter(|_| !self.is_anonymous));
        let loyal = |facts: &ProductFacts| Proportion::new(facts.loyal, facts.entries);
        let shop = share(i128::from(self.loyal_count), i128::from(self.new_count));
        let mut columns = product_columns(items, order.iter().copied(), [names::PRODUCT_ID, names::TITLE]);
        let category = order.iter().map(|&product| known(&items.products[product].category));
        columns.extend([
            texts(names::CATEGORY, category),
            counts(names::ORDER_COUNT, count(|facts| facts.orders)),
            counts(names::CUSTOMER_COUNT, known_count(|facts| facts.customers)),
            ratios(names::QUANTITY, facts().map(|facts| facts.quantity.map(pieces))),
            amounts(names::AMOUNT, facts().map(|facts| facts.amount)),
            counts(names::REPEAT_CUSTOMER_COUNT, known_count(|facts| facts.repeat_customers)),
            counts(names::GAP_COUNT, known_count(|facts| facts.gaps.len())),
            ratios(names::CYCLE_DAYS, facts().map(|facts| facts.gaps.percentile(50))),
            counts(names::ENTRY_CUSTOMER_COUNT, known_count(|facts| facts.entries)),
            counts(names::LOYAL_COUNT, known_count(|facts| facts.loyal)),
        ]);
        columns.extend(rates(ranges::LOYAL_RATE, facts().map(|facts| Some(loyal(facts)))));
        let index = |facts: &ProductFacts| Some(loyal(facts).rate()? / shop.filter(|shop| *shop > 0.0)?);
        columns.push(ratios(names::LOYAL_INDEX, facts().map(index)));
        frame(columns)
    }
}

/// Adds to a sum that is known only if every summand is.
fn added(sum: Option<i128>, part: Micros) -> Option<i128> {
    sum.zip(part.known()).map(|(sum, part)| sum + i128::from(part))
}

fn counts_of(values: impl Iterator<Item = u64>) -> impl Iterator<Item = Option<u64>> {
    values.map(Some)
}

fn known(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// The columns with the ids and the titles of products.
pub(super) fn product_columns(
    items: &Items,
    products: impl Iterator<Item = usize> + Clone,
    [id, title]: [&str; 2],
) -> Vec<Column> {
    vec![
        texts(id, products.clone().map(|product| known(&items.products.get(product)?.id))),
        texts(title, products.map(|product| known(&items.products.get(product)?.title))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{Read, orders, rows};

    fn found(read: &Read, scope: &Scope) -> Products {
        products(&read.ingested.orders, scope, true, read.ingested.accounting.clone()).expect("products")
    }

    /// The usual minimum is one order in a thousand, rounded up, and at least two.
    #[test]
    fn usual_pairs_are_in_one_order_of_a_thousand() {
        let least = |count: u64| {
            Products { baskets: BasketList { count, ..BasketList::default() }, ..Products::default() }
                .usual_least()
        };
        assert_eq!([0, 1, 2_000, 2_001, 3_000, 3_001].map(least), [2, 2, 2, 3, 3, 4]);
    }

    /// Products with equal counts are sorted by id; pairs with equal counts by the first product's id, then by the
    /// other's.
    #[test]
    fn products_and_pairs_come_by_count_then_by_id() {
        let read = orders(
            "order_id,customer_id,order_date,amount,product_id;1,a,2026-06-10,5,c;1,a,2026-06-10,5,b;2,b,2026-06-10,5,b;
             2,b,2026-06-10,5,c;3,c,2026-06-10,5,a;3,c,2026-06-10,5,b;4,d,2026-06-10,5,d;5,e,2026-06-10,5,a;6,f,2026-06-10,5,d",
        );
        let answer = found(&read, &read.up_to("2026-06-30"));
        let items = &read.ingested.orders.items;
        let found = rows(&answer.summary(items).expect("a summary"), &["product_id", "order_count"]);
        assert_eq!(found, ["b,3", "a,2", "c,2", "d,2"]);
        let pairs = answer.together_frame(items, 1).expect("pairs");
        assert_eq!(
            rows(&pairs, &["product_id", "other_product_id", "order_count"]),
            ["b,c,2", "c,b,2", "a,b,1", "b,a,1"]
        );
        // With a minimum of two orders.
        assert_eq!(answer.together_frame(items, 2).expect("pairs").height(), 2);
        assert_eq!(answer.together_frame(items, 3).expect("pairs").height(), 0);
    }

    /// Products p and q are together in two orders, and in a third with 499 others, from which no pairs are made.
    /// Customer a has an order before the wide one and one after it; neither makes a pair of successive orders with it.
    #[test]
    fn orders_of_very_many_items_make_no_pairs_and_are_counted() {
        let mut text = "order_id,customer_id,order_date,amount,product_id".to_owned();
        for row in [
            "1,a,2026-06-01,5,p",
            "1,a,2026-06-01,5,q",
            "3,a,2026-06-03,5,p",
            "4,b,2026-06-01,5,p",
            "4,b,2026-06-01,5,q",
        ] {
            text += &format!(";{row}");
        }
        for product in (0..499).map(|i| format!("x{i}")).chain(["p".to_owned(), "q".to_owned()]) {
            text += &format!(";2,a,2026-06-02,5,{product}");
        }
        let read = orders(&text);
        let answer = found(&read, &read.up_to("2026-06-30"));
        let items = &read.ingested.orders.items;
        let columns =
            ["product_id", "other_product_id", "order_count", "product_order_count", "basket_count"];
        let pairs = answer.together_frame(items, 1).expect("pairs");
        assert_eq!(rows(&pairs, &columns), ["p,q,2,3,3", "q,p,2,2,3"]);
        assert_eq!(answer.next_frame(items, 1).expect("pairs").height(), 0);
        assert_eq!((answer.wide_count(), answer.basket_count()), (1, 4));
        // An order with 500 products still makes pairs.
        let read = orders(&text.replace(";2,a,2026-06-02,5,x0", ""));
        let answer = found(&read, &read.up_to("2026-06-30"));
        assert_eq!(answer.wide_count(), 0);
        assert_eq!(answer.together_frame(&read.ingested.orders.items, 3).expect("pairs").height(), 2);
    }

    /// The products of a's first order are not known, so only b counts as a customer who began with p. The number of
    /// pieces in c's order of q is not given.
    #[test]
    fn a_product_brings_those_whose_first_order_is_known_to_hold_it() {
        let read = orders(
            "order_id,customer_id,order_date,amount,product_id,quantity;1,a,2026-06-01,5,,;2,a,2026-06-02,7,p,2;
             3,b,2026-06-03,4,p,1;4,b,2026-06-04,6,q,3;5,c,2026-06-05,8,q,",
        );
        let answer = found(&read, &read.up_to("2026-06-30"));
        let items = &read.ingested.orders.items;
        let columns =
            ["product_id", "order_count", "quantity", "amount", "entry_customer_count", "loyal_count"];
        let found = rows(&answer.summary(items).expect("a summary"), &columns);
        assert_eq!(found, ["p,2,3,11.00,1,1", "q,2,,14.00,1,0"]);
        assert_eq!((answer.customer_count, answer.new_count, answer.loyal_count), (3, 3, 2));
    }

    /// d also bought before the three days of the window and so is not new; e is new and bought once.
    #[test]
    fn loyal_are_the_new_ones_who_came_again() {
        let read = orders(
            "order_id,customer_id,order_date,amount,product_id;1,d,2026-01-01,5,p;2,d,2026-06-29,5,p;3,d,2026-06-30,5,p;
             4,e,2026-06-30,5,p",
        );
        let scope = read.window(3, "2026-06-30");
        let answer = found(&read, &scope);
        assert_eq!((answer.customer_count, answer.new_count, answer.loyal_count), (2, 1, 0));
    }

    /// The file lists the order of the evening before that of the morning.
    #[test]
    fn the_next_order_is_the_next_by_time() {
        let read = orders(
            "order_id,customer_id,order_date,amount,product_id;1,a,2026-06-10 18:00:00,5,x;2,a,2026-06-10 09:00:00,6,y",
        );
        let answer = found(&read, &read.up_to("2026-06-30"));
        let next = answer.next_frame(&read.ingested.orders.items, 1).expect("pairs");
        let columns = ["product_id", "other_product_id", "order_count", "basket_count", "support"];
        assert_eq!(rows(&next, &columns), ["y,x,1,1,1"]);
    }
}
