//! How long customers take to decide, against a naive oracle.

use std::collections::BTreeMap;

use super::drawn::{Want, assert_same, count, date, id, rows, seeds, share, text, write};

const CUSTOMERS: usize = 8;
const PRODUCTS: [(&str, &str); 4] = [("P0", "tea"), ("P1", "tea"), ("P2", "cup"), ("P3", "")];
const STATUSES: [&str; 7] =
    ["paid", "completed", "completed", "refunded", "cancelled", "closed_unpaid", "pending"];
/// 2026-01-01 in days since 1970-01-01; the events begin with it.
const FIRST_DAY: i32 = 20_454;
const AS_OF: i32 = FIRST_DAY + 60;
const MINUTES_OF_DAY: i32 = 24 * 60;

struct Order {
    customer: Option<usize>,
    status: &'static str,
    /// Minutes since [`FIRST_DAY`].
    created: i32,
    paid: Option<i32>,
    amount: i32,
    products: Vec<usize>,
}

struct Look {
    customer: usize,
    product: usize,
    at: i32,
}

struct Shop {
    orders: Vec<Order>,
    looks: Vec<Look>,
}

/// A minute as exports write it.
fn moment(minute: i32) -> String {
    let (day, rest) = (minute.div_euclid(MINUTES_OF_DAY), minute.rem_euclid(MINUTES_OF_DAY));
    format!("{} {:02}:{:02}:00", date(FIRST_DAY + day), rest / 60, rest % 60)
}

fn day_of(minute: i32) -> i32 {
    FIRST_DAY + minute.div_euclid(MINUTES_OF_DAY)
}

impl Order {
    fn day(&self) -> i32 {
        day_of(self.paid.unwrap_or(self.created))
    }

    fn is_valid(&self) -> bool {
        matches!(self.status, "paid" | "completed") && self.day() <= AS_OF
    }

    /// How long it waited for its payment; none where that is not known.
    fn payment(&self) -> Option<&'static str> {
        if self.day() > AS_OF {
            return None;
        }
        match (self.status, self.paid) {
            ("closed_unpaid", _) | ("cancelled", None) => Some("never"),
            ("pending", _) => (self.day() < AS_OF).then_some("never"),
            (_, None) => None,
            (_, Some(paid)) => Some(match paid - self.created {
                ..0 => return None,
                0..=1 => "up_to_1_minute",
                2..=10 => "1_to_10_minutes",
                11..=60 => "10_to_60_minutes",
                61..=1_440 => "1_to_24_hours",
                _ => "later",
            }),
        }
    }

    fn band(&self) -> &'static str {
        match self.amount {
            ..50 => "0-50",
            50..100 => "50-100",
            _ => "100+",
        }
    }
}

impl Shop {
    fn drawn(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let order = |rng: &mut fastrand::Rng| {
            let status = STATUSES[rng.usize(..STATUSES.len())];
            let created = rng.i32(18 * MINUTES_OF_DAY..62 * MINUTES_OF_DAY);
            let waits = [0, 1, 2, 10, 11, 60, 61, 1_440, 1_441, 3_000, -5];
            let is_paid = match status {
                "closed_unpaid" | "pending" => false,
                "cancelled" => rng.bool(),
                _ => rng.u8(..10) > 0,
            };
            let customer = (rng.u8(..8) > 0).then(|| rng.usize(..CUSTOMERS));
            let mut products: Vec<usize> = (0..PRODUCTS.len()).collect();
            rng.shuffle(&mut products);
            products.truncate(rng.usize(1..=2));
            let wait = waits[rng.usize(..waits.len())];
            let paid = is_paid.then_some(created + wait);
            Order { customer, status, created, paid, amount: rng.i32(10..150), products }
        };
        let orders: Vec<Order> = (0..[6, 40, 120][seed as usize % 3]).map(|_| order(&mut rng)).collect();
        let mut looks: Vec<Look> = (0..150)
            .map(|_| Look {
                customer: rng.usize(..CUSTOMERS),
                product: rng.usize(..PRODUCTS.len()),
                at: rng.i32(..61 * MINUTES_OF_DAY),
            })
            .collect();
        // Some look a little before they order, or just after.
        for order in &orders {
            if let Some(customer) = order.customer.filter(|_| rng.bool()) {
                let at = order.created - [30, 60, 61, 600, -10][rng.usize(..5)];
                looks.push(Look { customer, product: order.products[0], at });
            }
        }
        // The log covers all days from the first one to as-of.
        looks.extend([0, 61 * MINUTES_OF_DAY - 1].map(|at| Look { customer: CUSTOMERS, product: 0, at }));
        looks.retain(|look| (0..61 * MINUTES_OF_DAY).contains(&look.at));
        Self { orders, looks }
    }

    /// How long before an order its product was looked at first, in the 30 days that end with it.
    fn look(&self, customer: usize, product: usize, created: i32) -> &'static str {
        let first = self
            .looks
            .iter()
            .filter(|look| (look.customer, look.product) == (customer, product))
            .filter(|look| day_of(look.at) > day_of(created) - 30 && look.at <= created)
            .map(|look| look.at)
            .min();
        let Some(at) = first else { return "none_seen" };
        match day_of(created) - day_of(at) {
            _ if created - at <= 60 => "same_hour",
            0 => "same_day",
            1..=6 => "2_to_7_days",
            _ => "8_to_30_days",
        }
    }

    /// Decisions by phase, dimension, group and delay.
    fn decisions(&self, is_of_buyers: bool) -> BTreeMap<[&'static str; 4], usize> {
        let buys = |customer: usize| {
            self.orders.iter().any(|order| order.customer == Some(customer) && order.is_valid())
        };
        let mut found = BTreeMap::new();
        let mut add = |phase, dimension, group, delay| {
            for key in [[phase, "all", "", delay], [phase, dimension, group, delay]] {
                *found.entry(key).or_insert(0) += 1;
            }
        };
        for order in &self.orders {
            if is_of_buyers && !order.customer.is_some_and(buys) {
                continue;
            }
            if let Some(delay) = order.payment() {
                add("payment", "price_band", order.band(), delay);
            }
            let Some(customer) = order.customer.filter(|_| order.is_valid()) else { continue };
            // The log begins with the first day and ends with as-of.
            let day = day_of(order.created);
            if day - 29 < FIRST_DAY || day > AS_OF {
                continue;
            }
            for product in &order.products {
                let delay = self.look(customer, *product, order.created);
                add("order", "category", PRODUCTS[*product].1, delay);
            }
        }
        found
    }

    fn files(&self, folder: &std::path::Path) -> Vec<String> {
        let mut orders = "order_id,customer_id,status,created_at,paid_at,paid_amount\n".to_owned();
        let mut items = "order_id,line_no,product_id,title,category,quantity,amount\n".to_owned();
        for (number, order) in self.orders.iter().enumerate() {
            let customer = order.customer.map_or_else(String::new, id);
            let (created, paid) = (moment(order.created), order.paid.map_or_else(String::new, moment));
            orders += &format!("o{number},{customer},{},{created},{paid},{}\n", order.status, order.amount);
            for (line, product) in order.products.iter().enumerate() {
                let (id, category) = PRODUCTS[*product];
                items += &format!("o{number},{line},{id},Title of {id},{category},1,5\n");
            }
        }
        let mut events = "customer_id,occurred_at,kind,product_id\n".to_owned();
        for Look { customer, product, at } in &self.looks {
            let kind = ["view", "fav_item", "cart"][(*at % 3) as usize];
            events += &format!("{},{},{kind},{}\n", id(*customer), moment(*at), PRODUCTS[*product].0);
        }
        let files = [("orders.csv", orders), ("items.csv", items), ("events.csv", events)];
        files.map(|(name, text)| write(folder, name, &text).to_str().unwrap().to_owned()).to_vec()
    }
}

#[test]
fn decisions_are_what_the_oracle_says() {
    let columns = ["phase", "dimension", "key", "delay", "decision_count", "delay_share"];
    for seed in seeds() {
        let shop = Shop::drawn(seed);
        let folder = tempfile::tempdir().unwrap();
        let files = shop.files(folder.path());
        for of in ["all", "converted"] {
            let decisions = shop.decisions(of == "converted");
            let whole = |[phase, dimension, group, _]: &[&str; 4]| {
                let same = |[a, b, c, _]: &&[&str; 4]| [a, b, c] == [phase, dimension, group];
                decisions.iter().filter(|(key, _)| same(key)).map(|(_, count)| count).sum::<usize>()
            };
            let row = |(key, n): (&[&'static str; 4], &usize)| {
                let mut row: Vec<Want> = key.iter().map(|name| text(name)).collect();
                row.extend([count(*n), share(*n as i64, whole(key) as i64)]);
                row
            };
            let mut wanted: Vec<Vec<Want>> = decisions.iter().map(row).collect();
            let flags = ["profile", "--table", "decision", "--of", of, "--price-bands", "50,100"];
            let as_of = date(AS_OF).to_string();
            let mut args: Vec<String> = flags.map(str::to_owned).to_vec();
            args.extend(["--as-of", &as_of, "--format", "csv", "-q"].map(str::to_owned));
            let mut found = rows(&[args.clone(), files.clone()].concat(), &columns);
            // Every delay of a group has a row, whether it happened or not.
            found.retain(|row| row[4] != "0");
            found.sort();
            wanted.sort_by_key(|row| format!("{:?}", &row[..4]));
            let place = |row: &Vec<String>| {
                format!("{:?}", row[..4].iter().map(|cell| text(cell)).collect::<Vec<_>>())
            };
            found.sort_by_key(place);
            assert_same(&format!("seed {seed}: {args:?}"), &found, &wanted);
        }
    }
}
