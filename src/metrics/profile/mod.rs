//! What kind of people customers are: age, gender, level, source and place, and how they buy.

mod decision;
mod people;
mod subjects;

use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;
use polars::prelude::*;

pub use decision::{COLUMNS as DECISION_COLUMNS, Decision, LOOK_DELAYS, PAYMENT_DELAYS, Untimed};
pub use people::{AGE_BANDS, GENDERS};
pub(crate) use people::{age, gender};

use subjects::Subjects;

use super::finish::{amounts, counts, frame, ratios, share, texts};
use super::histories::{Document, History, OrderCount, PartColumns, fold};
use super::origins::Ordered;
use super::scope::Scope;
use crate::error::Result;
use crate::schema::accounting::Accounting;
use crate::schema::day::date_of;
use crate::schema::{Shop, money, names};

/// Whose portrait it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// Everyone whom any input names in the period: by an order, whether it counts or not, or an event; without a
    /// window also everyone in the customer list.
    #[default]
    All,
    /// Who made the shop or an item a favourite or put one into the cart.
    Interest,
    /// Who bought.
    Converted,
    /// Who scanned a code.
    Scan,
}

impl Of {
    /// The column of what is counted by weekday and hour.
    pub fn counted(self) -> &'static str {
        match self {
            Self::All | Self::Converted => names::ORDER_COUNT,
            Self::Interest | Self::Scan => names::EVENT_COUNT,
        }
    }
}

/// What people are told apart by.
pub const DIMENSIONS: [&str; 7] =
    ["age_band", "gender", "level", "source", "province", "purchase_role", "price_band"];

/// The roles of an order: to the buyer's usual recipient, or to another.
pub const ROLES: [&str; 2] = ["self", "gift"];

/// In place of a role's: the place of orders whose role is not known.
const NO_ROLE: usize = ROLES.len();

/// The limits of the price bands, where nobody says others.
pub const PRICE_BANDS: [&str; 5] = ["50", "100", "200", "500", "1000"];

/// A portrait.
#[derive(Debug)]
pub struct Profile {
    /// One row per dimension and group: `dimension`, `key` (null where not known), `customer_count`,
    /// `customer_share` (of all customers of the portrait), `order_count`, `net_amount`. Dimensions of which nothing is
    /// known are left out.
    pub frame: DataFrame,
    /// One row per weekday (1 is Monday) and hour with their orders, or events for interest and scans: `weekday`,
    /// `hour`, `order_count` or `event_count`. No rows where no times are given.
    pub hours: DataFrame,
    /// The dimensions of which nothing is known.
    pub unknown: Vec<&'static str>,
    /// Customers of the portrait.
    pub customer_count: u64,
    /// Their valid orders in the period.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
    subjects: Subjects,
}

/// Orders and net amount.
#[derive(Debug, Clone, Copy, Default)]
struct Bought {
    orders: u64,
    net: i128,
}

/// One customer with what the period's orders say.
#[derive(Debug, Clone, Copy)]
struct Person {
    customer: u32,
    bought: Bought,
    ordered: Ordered,
}

/// What the orders of a part say.
#[derive(Debug, Default)]
struct Part {
    people: Vec<Person>,
    orders: OrderCount,
    /// Customers and what they bought, by role and by price band.
    roles: [(u64, Bought); ROLES.len() + 1],
    bands: BTreeMap<usize, (u64, Bought)>,
    hours: BTreeMap<(u32, u32), u64>,
    /// Whether any time is another one than midnight.
    has_times: bool,
}

/// Paints the portrait. The scope's as-of is settled. `price_bands` are the ascending limits of order amounts in
/// micro-units.
pub fn profile(
    shop: &Shop<'_>,
    scope: &Scope,
    of: Of,
    price_bands: &[i64],
    mut accounting: Accounting,
) -> Result<Profile> {
    let mut subjects = Subjects::new(shop, scope, of, &mut accounting)?;
    let usuals = usual_recipients(shop, scope)?;
    let folded = fold(shop.orders, scope, true, |part: &mut Part, columns, history| {
        if let Some(customer) = history.customer.filter(|customer| subjects.takes_buyer(*customer)) {
            let usual = match &usuals {
                Some(usuals) => usuals.get(&customer).copied(),
                None => usual_recipient(columns, history),
            };
            part.add(customer, columns, history, usual, price_bands, of);
        }
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut sums = Part::default();
    folded.parts.into_iter().for_each(|part| sums.merge(part));
    sums.people.extend(subjects.others(&sums.people));
    if matches!(of, Of::Interest | Of::Scan) {
        (sums.hours, sums.has_times) = (std::mem::take(&mut subjects.hours), subjects.has_times);
    }
    let people = people::Groups::new(shop, scope.as_of.unwrap_or(0), &sums.people);
    let mut rows: Vec<(&'static str, Vec<people::Row>)> = people.dimensions();
    rows.push(("purchase_role", if shop.orders.has_recipient { role_rows(&sums) } else { Vec::new() }));
    let bands = if shop.orders.lacks_amounts { Vec::new() } else { band_rows(&sums, price_bands) };
    rows.push(("price_band", bands));
    let is_unknown = |rows: &[people::Row]| rows.iter().all(|row| row.key.is_none());
    let unknown = rows.iter().filter(|(_, rows)| is_unknown(rows)).map(|(name, _)| *name).collect();
    rows.retain(|(_, rows)| !is_unknown(rows));
    let customer_count = sums.people.len() as u64;
    Ok(Profile {
        frame: finish(&rows, customer_count, shop.has_orders)?,
        hours: hours_frame(&sums, of)?,
        unknown,
        customer_count,
        order_count: sums.orders.total(),
        accounting,
        subjects,
    })
}

impl Bought {
    fn add(&mut self, order: &Document) {
        self.orders += 1;
        self.net += i128::from(order.net);
    }

    fn merge(&mut self, other: Self) {
        self.orders += other.orders;
        self.net += other.net;
    }
}

impl Part {
    fn add(
        &mut self,
        customer: u32,
        columns: &PartColumns,
        history: &History<'_>,
        usual: Option<u64>,
        bands: &[i64],
        of: Of,
    ) {
        let ordered = Ordered::of(columns, history);
        let mut person = Person { customer, bought: Bought::default(), ordered };
        let mut roles = [Bought::default(); ROLES.len() + 1];
        let mut own_bands: BTreeMap<usize, Bought> = BTreeMap::new();
        person.bought.net = history.net();
        for order in history.orders() {
            self.orders.add();
            person.bought.orders += 1;
            let role = usual.zip(columns.recipient(order.row));
            roles[role.map_or(NO_ROLE, |(usual, recipient)| usize::from(recipient != usual))].add(order);
            own_bands.entry(bands.partition_point(|limit| order.net >= *limit)).or_default().add(order);
            if matches!(of, Of::All | Of::Converted) {
                self.see_time(columns, order);
            }
        }
        for (sum, own) in self.roles.iter_mut().zip(roles).filter(|(_, own)| own.orders > 0) {
            sum.0 += 1;
            sum.1.merge(own);
        }
        for (band, own) in own_bands {
            let sum = self.bands.entry(band).or_default();
            sum.0 += 1;
            sum.1.merge(own);
        }
        self.people.push(person);
    }

    fn see_time(&mut self, columns: &PartColumns, order: &Document) {
        let Some(second) = columns.second(order.row) else { return };
        self.has_times |= second > 0;
        if let Some(at) = weekday_and_hour(order.day, second) {
            *self.hours.entry(at).or_default() += 1;
        }
    }

    fn merge(&mut self, other: Self) {
        self.people.extend(other.people);
        self.orders.merge(&other.orders);
        for (mine, theirs) in self.roles.iter_mut().zip(other.roles) {
            mine.0 += theirs.0;
            mine.1.merge(theirs.1);
        }
        for (band, theirs) in other.bands {
            let mine = self.bands.entry(band).or_default();
            mine.0 += theirs.0;
            mine.1.merge(theirs.1);
        }
        for (at, count) in other.hours {
            *self.hours.entry(at).or_default() += count;
        }
        self.has_times |= other.has_times;
    }
}

/// Monday is 1; hours are 0 to 23.
fn weekday_and_hour(day: i32, second: i32) -> Option<(u32, u32)> {
    Some((date_of(day)?.weekday().number_from_monday(), second as u32 / 3600))
}

/// The usual recipient of each buyer who has one, by all orders up to as-of; none without a window, where each history
/// holds them all.
fn usual_recipients(shop: &Shop<'_>, scope: &Scope) -> Result<Option<HashMap<u32, u64>>> {
    if scope.window.is_none() || !shop.orders.has_recipient {
        return Ok(None);
    }
    let all_time = scope.all_time();
    let folded = fold(shop.orders, &all_time, true, |found: &mut Vec<(u32, u64)>, columns, history| {
        found.extend(history.customer.zip(usual_recipient(columns, history)));
        None
    })?;
    Ok(Some(folded.parts.into_iter().flatten().collect()))
}

/// The recipient of more than half of the orders; none where there is no such one, or no order names one.
pub(super) fn usual_recipient(columns: &PartColumns, history: &History<'_>) -> Option<u64> {
    majority(history.orders().map(|order| columns.recipient(order.row)))
}

/// The value that more than half of all have.
pub(super) fn majority(values: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    let mut counts: Vec<(u64, u64)> = Vec::new();
    let mut all = 0;
    for value in values {
        all += 1;
        let Some(value) = value else { continue };
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    counts.into_iter().find(|(_, count)| 2 * count > all).map(|(value, _)| value)
}

/// The roles, and last the orders whose role is not known.
fn role_rows(sums: &Part) -> Vec<people::Row> {
    let row = |(role, (customers, bought)): (Option<&str>, &(u64, Bought))| people::Row {
        key: role.map(str::to_owned),
        customers: *customers,
        bought: *bought,
    };
    let keys = ROLES.iter().copied().map(Some).chain([None]);
    keys.zip(&sums.roles).filter(|(_, (customers, _))| *customers > 0).map(row).collect()
}

/// Bands are named by their limits: `0-50`, `50-100`, `100+`; an amount at a limit is in the upper one.
fn band_name(band: usize, limits: &[i64]) -> String {
    let text = |limit: i64| {
        let text = money::plain(i128::from(limit));
        text.strip_suffix(".00").map_or(text.clone(), str::to_owned)
    };
    match (band.checked_sub(1).map(|low| limits[low]), limits.get(band)) {
        (low, Some(&high)) => format!("{}-{}", text(low.unwrap_or(0)), text(high)),
        (low, None) => format!("{}+", text(low.unwrap_or(0))),
    }
}

fn band_rows(sums: &Part, limits: &[i64]) -> Vec<people::Row> {
    let row = |(band, (customers, bought)): (&usize, &(u64, Bought))| people::Row {
        key: Some(band_name(*band, limits)),
        customers: *customers,
        bought: *bought,
    };
    sums.bands.iter().map(row).collect()
}

fn finish(
    dimensions: &[(&'static str, Vec<people::Row>)],
    customers: u64,
    has_orders: bool,
) -> Result<DataFrame> {
    let rows: Vec<(&str, &people::Row)> =
        dimensions.iter().flat_map(|(name, rows)| rows.iter().map(move |row| (*name, row))).collect();
    let bought = |row: &people::Row| Some(row.bought).filter(|_| has_orders);
    frame(vec![
        texts(names::DIMENSION, rows.iter().map(|(name, _)| Some((*name).to_owned()))),
        texts(names::KEY, rows.iter().map(|(_, row)| row.key.clone())),
        counts(names::CUSTOMER_COUNT, rows.iter().map(|(_, row)| Some(row.customers))),
        ratios(
            names::CUSTOMER_SHARE,
            rows.iter().map(|(_, row)| share(i128::from(row.customers), i128::from(customers))),
        ),
        counts(names::ORDER_COUNT, rows.iter().map(|(_, row)| bought(row).map(|bought| bought.orders))),
        amounts(names::NET_AMOUNT, rows.iter().map(|(_, row)| bought(row).map(|bought| bought.net))),
    ])
}

/// Dates without a time are often written as midnight: where every time is, no times are given.
fn hours_frame(sums: &Part, of: Of) -> Result<DataFrame> {
    let cells: Vec<(u32, u32)> = match sums.has_times {
        true => (1..=7).flat_map(|weekday| (0..24).map(move |hour| (weekday, hour))).collect(),
        false => Vec::new(),
    };
    frame(vec![
        counts(names::WEEKDAY, cells.iter().map(|(weekday, _)| Some(u64::from(*weekday)))),
        counts(names::HOUR, cells.iter().map(|(_, hour)| Some(u64::from(*hour)))),
        counts(of.counted(), cells.iter().map(|at| Some(sums.hours.get(at).copied().unwrap_or(0)))),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_is_what_more_than_half_have() {
        let of = |values: &[Option<u64>]| majority(values.iter().copied());
        assert_eq!(of(&[Some(1)]), Some(1));
        assert_eq!(of(&[Some(1), Some(2)]), None);
        assert_eq!(of(&[Some(1), Some(2), Some(1)]), Some(1));
        // Half of four is not more than half.
        assert_eq!(of(&[Some(2), Some(1), Some(2), Some(3)]), None);
        // Orders whose recipient is masked are orders.
        assert_eq!(of(&[Some(1), None]), None);
        assert_eq!(of(&[Some(1), None, Some(1)]), Some(1));
        assert_eq!(of(&[None, None]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn bands_are_named_by_their_limits() {
        let mut sums = Part::default();
        let limits = [50_000_000, 100_500_000];
        for band in 0..3 {
            sums.bands.insert(band, (1, Bought::default()));
        }
        let names: Vec<Option<String>> = band_rows(&sums, &limits).into_iter().map(|row| row.key).collect();
        assert_eq!(names, ["0-50", "50-100.50", "100.50+"].map(|name| Some(name.to_owned())));
    }

    #[test]
    fn hours_are_of_the_week() {
        // 1970-01-01 was a Thursday.
        assert_eq!(weekday_and_hour(0, 0), Some((4, 0)));
        assert_eq!(weekday_and_hour(3, 3_599), Some((7, 0)));
        assert_eq!(weekday_and_hour(4, 3_600), Some((1, 1)));
        assert_eq!(weekday_and_hour(4, 86_399), Some((1, 23)));
    }

    use crate::metrics::testing::{orders, read, rows};

    fn portrait(read: &crate::metrics::testing::Read, scope: &Scope, of: Of) -> Profile {
        profile(&read.shop(), scope, of, &[50_000_000], read.ingested.accounting.clone()).expect("a portrait")
    }

    fn dimension(profile: &Profile, name: &str, columns: &[&str]) -> Vec<String> {
        let all = rows(&profile.frame, &[&["dimension"], columns].concat());
        all.iter().filter_map(|row| row.strip_prefix(&format!("{name},"))).map(str::to_owned).collect()
    }

    /// Ann orders twice for herself and once for Bob; Bob once for each of two; Cat once for someone masked.
    #[test]
    fn without_a_usual_recipient_the_role_is_unknown() {
        let read = orders(
            "order_id,customer_id,status,paid_at,paid_amount,refund_amount,recipient;1,ann,paid,2026-06-10,10,0,Ann;
             2,ann,paid,2026-06-11,20,0,Ann;3,ann,paid,2026-06-12,40,0,Bob;4,bob,paid,2026-06-10,1,0,Bob;
             5,bob,paid,2026-06-11,2,0,Ann;6,cat,paid,2026-06-11,4,0,C**",
        );
        let columns = ["key", "customer_count", "order_count", "net_amount"];
        let all_time = portrait(&read, &read.up_to("2026-06-30"), Of::Converted);
        assert_eq!(
            dimension(&all_time, "purchase_role", &columns),
            ["self,1,2,30.00", "gift,1,1,40.00", ",2,3,7.00"]
        );
        // In June's last days there is Ann's order to Bob alone: whom she usually orders for was said before.
        let window = portrait(&read, &read.window(19, "2026-06-30"), Of::Converted);
        assert_eq!(dimension(&window, "purchase_role", &columns), ["gift,1,1,40.00"]);
    }

    #[test]
    fn withheld_genders_are_unknown_and_codes_stay() {
        let read = read(&[
            ("orders.csv", "order_id,customer_id,order_date,amount;1,a,2026-06-10,5"),
            (
                "customers.csv",
                "customer_id,gender,level;a,女,1;b,F,1;c,未知,1;d,保密,1;e,U,1;f,,1;g,2,1;h,其他,1;i,not specified,1",
            ),
        ]);
        let all = portrait(&read, &read.up_to("2026-06-30"), Of::All);
        assert_eq!(
            dimension(&all, "gender", &["key", "customer_count"]),
            ["female,2", "other,1", "2,1", ",5"]
        );
    }

    /// Ann paid, Bob did not, Cat looked, Dan is in the list alone; Eve ordered before the window.
    #[test]
    fn all_are_those_whom_any_input_names() {
        let read = read(&[
            (
                "orders.csv",
                "order_id,customer_id,status,paid_at,paid_amount,refund_amount;1,ann,paid,2026-06-10,5,0;
                 2,bob,pending,2026-06-11,5,0;3,eve,cancelled,2026-01-01,5,0;4,fay,paid,2026-07-01,5,0",
            ),
            ("events.csv", "customer_id,occurred_at,kind;cat,2026-06-12,view;gil,2026-06-12,scan"),
            ("customers.csv", "customer_id,gender,level;dan,男,1"),
        ]);
        let count = |scope: &Scope, of| portrait(&read, scope, of).customer_count;
        let (all_time, window) = (read.up_to("2026-06-30"), read.window(30, "2026-06-30"));
        // Fay's order is after as-of.
        assert_eq!(count(&all_time, Of::All), 6);
        assert_eq!(count(&window, Of::All), 4);
        assert_eq!(count(&all_time, Of::Converted), 1);
        assert_eq!(count(&all_time, Of::Scan), 1);
        assert_eq!(count(&all_time, Of::Interest), 0);
        assert!(portrait(&read, &all_time, Of::All).accounting.is_balanced());
    }

    /// An amount at a limit is in the upper band.
    #[test]
    fn price_bands_begin_with_their_limit() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,a,2026-06-10,49.99;2,a,2026-06-10,50;3,b,2026-06-10,51",
        );
        let all = portrait(&read, &read.up_to("2026-06-30"), Of::Converted);
        assert_eq!(
            dimension(&all, "price_band", &["key", "customer_count", "order_count"]),
            ["0-50,1,1", "50+,2,2"]
        );
    }
}
