//! What is bought, what together with what and what next, how often again, and what brings loyal customers.

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

/// What is known of one product.
#[derive(Debug, Clone)]
pub struct ProductFacts {
    /// Orders with it.
    pub orders: u64,
    /// Customers who bought it.
    pub customers: u64,
    /// Pieces, in millionths; none where some order does not say it.
    pub quantity: Option<i128>,
    /// What was paid, in micro-units; none where some order does not say it.
    pub amount: Option<i128>,
    /// Customers who bought it on at least two days.
    pub repeat_customers: u64,
    /// Gaps in days between the days on which one customer bought it, with how often.
    pub gaps: Histogram,
    /// Customers whose first order held it.
    pub entries: u64,
    /// Of them, those with at least two orders.
    pub loyal: u64,
}

/// All products, and the orders they are in.
#[derive(Debug, Default)]
pub struct Products {
    /// By number.
    pub facts: Vec<ProductFacts>,
    /// The orders with any item; those of a customer one after the other.
    baskets: BasketList,
    /// Whether nobody is known among the buyers, so that only what is bought together can be told.
    is_anonymous: bool,
    /// All buyers, with items or without.
    pub customer_count: u64,
    /// Those whose first order of all is among these orders.
    pub new_count: u64,
    /// Of them, those with at least two orders.
    pub loyal_count: u64,
    /// Distinct orders of these customers, with items or without.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

/// What one part of the orders says.
#[derive(Debug, Default)]
struct Part {
    facts: Facts,
    /// Each gap with its product: far fewer than there could be days for each product of each part.
    gaps: Vec<(u32, i32)>,
    baskets: BasketList,
    customers: u64,
    new: u64,
    loyal: u64,
    orders: OrderCount,
    scratch: Baskets,
    bought: Vec<(u32, Day)>,
}

/// Some orders with any item, and what is in each where pairs are asked for.
#[derive(Debug, Default)]
struct BasketList {
    count: u64,
    /// Those of more different items than pairs are made of.
    wide_count: u64,
    /// The products of every order.
    products: Vec<u32>,
    /// Where each order's begin, and whether it is its customer's first.
    starts: Vec<(usize, bool)>,
}

impl BasketList {
    /// Counts an order, and keeps what is in it for pairs.
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

/// The facts of the products of a part, without gaps.
#[derive(Debug, Default)]
struct Facts {
    /// The place of each product's facts.
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

/// Looks at all valid orders with a known customer, or at all valid orders where nobody is known at all. Which
/// order is a customer's first is decided by the orders of all time. Pairs can be asked for afterwards where
/// `for_pairs` says so.
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
    /// Adds an order with it.
    fn add(&mut self, item: &Item) {
        self.orders += 1;
        self.quantity = added(self.quantity, item.quantity);
        self.amount = added(self.amount, item.amount);
    }

    /// Adds all but the gaps of another.
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
    /// Adds the baskets of nobody known, each by itself.
    fn add_nobodys(&mut self, for_pairs: bool) {
        for (_, items) in self.scratch.iter() {
            self.baskets.add(items, true, for_pairs);
            for item in items {
                self.facts.of(item.product).add(item);
            }
        }
    }

    /// Adds the baskets of the next customer. `is_new` is whether the first of them is the first of all.
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
    /// Orders with any item.
    pub fn basket_count(&self) -> u64 {
        self.baskets.count
    }

    /// Orders of more different items than pairs are made of.
    pub fn wide_count(&self) -> u64 {
        self.baskets.wide_count
    }

    /// The orders that a pair must be in to say something, where nobody says how many: one in a thousand, and two.
    pub fn usual_least(&self) -> u64 {
        self.basket_count().div_ceil(1000).max(2)
    }

    /// One row per product, the one in the most orders first: `product_id`, `title`, `category`, `order_count`,
    /// `customer_count`, `quantity`, `amount`, `repeat_customer_count`, `gap_count`, `cycle_days` (median gap),
    /// `entry_customer_count`, `loyal_count`, `loyal_rate` with its interval, `loyal_index`. What is about customers is
    /// null where nobody is known.
    pub fn summary(&self, items: &Items) -> Result<DataFrame> {
        let mut order: Vec<usize> =
            (0..self.facts.len()).filter(|&product| self.facts[product].orders > 0).collect();
        // Numbers are in the order of ids and titles.
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

/// A sum of which every part is known.
fn added(sum: Option<i128>, part: Micros) -> Option<i128> {
    sum.zip(part.known()).map(|(sum, part)| sum + i128::from(part))
}

fn counts_of(values: impl Iterator<Item = u64>) -> impl Iterator<Item = Option<u64>> {
    values.map(Some)
}

fn known(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// Id and title of products.
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

    /// One in a thousand, and at least two.
    #[test]
    fn usual_pairs_are_in_one_order_of_a_thousand() {
        let least = |count: u64| {
            Products { baskets: BasketList { count, ..BasketList::default() }, ..Products::default() }
                .usual_least()
        };
        assert_eq!([0, 1, 2_000, 2_001, 3_000, 3_001].map(least), [2, 2, 2, 3, 3, 4]);
    }

    /// Of equal counts the first by id; pairs too, by the one and then by the other.
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
        // From two orders on.
        assert_eq!(answer.together_frame(items, 2).expect("pairs").height(), 2);
        assert_eq!(answer.together_frame(items, 3).expect("pairs").height(), 0);
    }

    /// p and q are in two orders together, and in a third with 499 others, of which no pairs are made; p came again, in
    /// an order after that one and in one before it.
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
        // Five hundred items are not too many.
        let read = orders(&text.replace(";2,a,2026-06-02,5,x0", ""));
        let answer = found(&read, &read.up_to("2026-06-30"));
        assert_eq!(answer.wide_count(), 0);
        assert_eq!(answer.together_frame(&read.ingested.orders.items, 3).expect("pairs").height(), 2);
    }

    /// What a's first order held is not known, so p brought b only; of c's q nobody says how many pieces.
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

    /// d bought before the last three days, too; e is new and bought once.
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

    /// The file has the order of the evening before that of the morning.
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
