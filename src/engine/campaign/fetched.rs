//! Reads the rows of an engine about campaigns.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use polars::prelude::{NamedFrom, StringChunked};

use super::Rows;
use crate::error::Result;
use crate::merge::product_key;
use crate::metrics::campaign::{Bought, Figures, Found, Groups, Listed, SentDay, Study};
use crate::schema::items::Product;
use crate::schema::{Day, Items, Micros, names};

/// The number of messages for each campaign, arm and day.
pub(super) fn sent_days(rows: &Rows) -> Result<Vec<SentDay>> {
    let (campaigns, arms) = (rows.texts(names::CAMPAIGN_ID)?, rows.texts(names::ARM)?);
    let days = rows.numbers::<i32>(names::SENT_ON)?;
    let (messages, costed) = (rows.numbers(names::MESSAGE_COUNT)?, rows.numbers("costed_count")?);
    let named = campaigns.into_iter().zip(arms).enumerate();
    let sent = named.map(|(row, (campaign, arm))| SentDay {
        campaign,
        arm,
        day: Day::new(days[row]),
        messages: messages[row],
        costed: costed[row],
    });
    Ok(sent.collect())
}

/// The number of each row's arm, which must be below `count`.
fn arms_of(rows: &Rows, count: usize) -> Result<Vec<usize>> {
    let arms = rows.numbers::<usize>("arm_number")?;
    match arms.iter().all(|arm| *arm < count) {
        true => Ok(arms),
        false => Err(rows.wrong("arm_number")),
    }
}

/// The figures of every arm, except for what its customers spent. Arms that are not shown or have no customers get
/// empty figures.
pub(super) fn figures(study: &Study, says_opted_out: bool, rows: &Rows) -> Result<Vec<Figures>> {
    let nobody = |arm| Figures { arm, opted_out: says_opted_out.then_some(0), ..Figures::default() };
    let mut all: Vec<Figures> = (0..study.arms.len()).map(nobody).collect();
    let arms = arms_of(rows, all.len())?;
    let count = |name: &str| rows.numbers::<u64>(name);
    let [assigned, unfinished, mixed, opted_out] =
        [names::ASSIGNED_COUNT, names::UNFINISHED_COUNT, names::MIXED_COUNT, names::OPTED_OUT_COUNT]
            .map(count);
    let (assigned, unfinished, mixed, opted_out) = (assigned?, unfinished?, mixed?, opted_out?);
    let (waits_until, delivered) = (days(rows, "waits_until")?, rows.wide(names::DELIVERED_COUNT)?);
    let (messages, cost) = (count(names::MESSAGE_COUNT)?, rows.wide(names::COST)?);
    let (orders, unpaid_customers) = (count(names::ORDER_COUNT)?, count(names::UNPAID_CUSTOMER_COUNT)?);
    let (unpaid_orders, unpaid) = (count(names::UNPAID_ORDER_COUNT)?, rows.numbers(names::UNPAID_AMOUNT)?);
    let (refunded_orders, refund) =
        (count(names::REFUNDED_ORDER_COUNT)?, rows.numbers(names::REFUND_AMOUNT)?);
    let overlap_customers = count(names::OVERLAP_CUSTOMER_COUNT)?;
    let (overlap_orders, first_overlap) = (count(names::OVERLAP_ORDER_COUNT)?, count("first_overlap_count")?);
    let first_customers = count("first_customer_count")?;
    for (row, arm) in arms.into_iter().enumerate() {
        let delivered = delivered[row].map(u64::try_from).transpose();
        all[arm] = Figures {
            assigned: assigned[row],
            unfinished: unfinished[row],
            waits_until: waits_until[row],
            mixed: mixed[row],
            opted_out: says_opted_out.then_some(opted_out[row]),
            messages: messages[row],
            delivered: delivered.map_err(|_| rows.wrong(names::DELIVERED_COUNT))?,
            cost: cost[row],
            orders: orders[row],
            unpaid_customers: unpaid_customers[row],
            unpaid_orders: unpaid_orders[row],
            unpaid: unpaid[row],
            refunded_orders: refunded_orders[row],
            refund: refund[row],
            overlap_customers: overlap_customers[row],
            overlap_orders: overlap_orders[row],
            first_overlap_orders: first_overlap[row],
            first_customers: first_customers[row],
            ..nobody(arm)
        };
    }
    Ok(all)
}

/// Adds what the customers of each arm spent, in total and by group.
pub(super) fn add_spends(rows: &Rows, found: &mut Found) -> Result<()> {
    let arms = arms_of(rows, found.figures.len())?;
    let names_of_groups = rows.texts("group_name")?;
    let is_buyer = rows.numbers::<u8>("is_buyer")?;
    let net = rows.numbers::<i64>(names::NET_AMOUNT)?;
    let before = rows.numbers::<i64>(names::NET_AMOUNT_YEAR_BEFORE)?;
    let count = rows.numbers::<u64>(names::CUSTOMER_COUNT)?;
    found.groups = found.by.map_or_else(Groups::default, |_| Groups::of(names_of_groups.clone()));
    let numbers = found.groups.numbers();
    for (row, arm) in arms.into_iter().enumerate() {
        let spent = (net[row], before[row]);
        found.figures[arm].measured.add_many(is_buyer[row] == 1, spent, count[row]);
        if let Some(group) = numbers.get(&names_of_groups[row]) {
            found.groups.of_arm(arm, *group).add_many(is_buyer[row] == 1, spent, count[row]);
        }
    }
    Ok(())
}

/// The customers of the arms with their ids, sorted by arm and then by what they spent, the most first.
pub(super) fn customers(rows: &Rows, arm_count: usize) -> Result<(Vec<Listed>, StringChunked)> {
    let people = People::of(rows, arm_count)?;
    let is_in_figures = rows.numbers::<u8>(names::IS_IN_FIGURES)?;
    let cost = rows.wide(names::COST)?;
    let orders = rows.numbers::<u64>(names::ORDER_COUNT)?;
    let net = rows.numbers::<i64>(names::NET_AMOUNT)?;
    let first_day = days(rows, names::FIRST_ORDERED_ON)?;
    let before = rows.numbers::<i64>(names::NET_AMOUNT_YEAR_BEFORE)?;
    let mut listed = Vec::with_capacity(rows.len());
    for row in 0..rows.len() {
        let cost = cost[row].map(i64::try_from).transpose().map_err(|_| rows.wrong(names::COST))?;
        listed.push(Listed {
            is_in_figures: is_in_figures[row] == 1,
            cost: cost.map(Micros::new),
            orders: orders[row],
            net: Micros::new(net[row]),
            first_day: first_day[row],
            before: Micros::new(before[row]),
            ..people.listed(row)
        });
    }
    Ok(people.ranked(listed))
}

/// The customers who were sent something and have not ordered, sorted by arm.
pub(super) fn not_joined(rows: &Rows, arm_count: usize) -> Result<(Vec<Listed>, StringChunked)> {
    let people = People::of(rows, arm_count)?;
    let is_opted_out = rows.wide(names::IS_OPTED_OUT)?;
    let flag = |value: Option<i128>| value.map(|value| value == 1);
    let listed = |row: usize| Listed { is_opted_out: flag(is_opted_out[row]), ..people.listed(row) };
    let listed = (0..rows.len()).map(listed).collect();
    Ok(people.ranked(listed))
}

/// The columns about customers that all lists have.
struct People {
    arms: Vec<usize>,
    ids: Vec<String>,
    sent_on: Vec<i32>,
    last_on: Vec<i32>,
    messages: Vec<u64>,
    is_delivered: Vec<Option<i128>>,
    unpaid_orders: Vec<u64>,
}

impl People {
    fn of(rows: &Rows, arm_count: usize) -> Result<Self> {
        let ids = rows.texts(names::CUSTOMER_ID)?;
        Ok(Self {
            arms: arms_of(rows, arm_count)?,
            ids: ids.into_iter().map(Option::unwrap_or_default).collect(),
            sent_on: rows.numbers(names::SENT_ON)?,
            last_on: rows.numbers(names::LAST_ON)?,
            messages: rows.numbers(names::MESSAGE_COUNT)?,
            is_delivered: rows.wide(names::IS_DELIVERED)?,
            unpaid_orders: rows.numbers(names::UNPAID_ORDER_COUNT)?,
        })
    }

    /// A customer of whom only these columns are known.
    fn listed(&self, row: usize) -> Listed {
        Listed {
            arm: self.arms[row],
            sent_on: Day::new(self.sent_on[row]),
            last_on: Day::new(self.last_on[row]),
            messages: self.messages[row],
            is_delivered: self.is_delivered[row].map(|value| value == 1),
            unpaid_orders: self.unpaid_orders[row],
            is_in_figures: false,
            cost: None,
            orders: 0,
            net: Micros::ZERO,
            first_day: None,
            before: Micros::ZERO,
            is_opted_out: None,
        }
    }

    /// The customers and their ids, sorted by arm, then by what they spent (the most first), then by id.
    fn ranked(self, listed: Vec<Listed>) -> (Vec<Listed>, StringChunked) {
        let mut all: Vec<(Listed, String)> = listed.into_iter().zip(self.ids).collect();
        all.sort_unstable_by(|(one, id), (other, other_id)| {
            (one.arm, Reverse(one.net), id).cmp(&(other.arm, Reverse(other.net), other_id))
        });
        let (listed, ids): (Vec<Listed>, Vec<String>) = all.into_iter().unzip();
        (listed, StringChunked::new(names::CUSTOMER_ID.into(), ids))
    }
}

/// What each arm bought, and the products. A product is known by its id, or else its title, or else its category, and
/// products are numbered in the same order as here.
pub(super) fn bought(rows: &Rows, arm_count: usize) -> Result<(Vec<Bought>, Items)> {
    let arms = arms_of(rows, arm_count)?;
    let [ids, titles, categories] =
        [names::PRODUCT_ID, names::TITLE, names::CATEGORY].map(|name| rows.texts(name));
    let named = ids?.into_iter().zip(titles?).zip(categories?).map(|((id, title), category)| Product {
        id: id.unwrap_or_default(),
        title: title.unwrap_or_default(),
        category: category.unwrap_or_default(),
    });
    let of_rows: Vec<Product> = named.collect();
    let mut products: Vec<Product> = of_rows.clone();
    // Products without any of these come last.
    products.sort_by_cached_key(|product| {
        (product_key(product).is_none(), product_key(product), product.clone())
    });
    products.dedup();
    let numbers: BTreeMap<&Product, u32> = products.iter().zip(0..).collect();
    let (orders, customers) =
        (rows.numbers::<u64>(names::ORDER_COUNT)?, rows.numbers::<u64>(names::CUSTOMER_COUNT)?);
    let (quantity, amount) = (rows.wide(names::QUANTITY)?, rows.wide(names::AMOUNT)?);
    let one = |(row, product): (usize, &Product)| Bought {
        arm: arms[row],
        product: numbers[product],
        orders: orders[row],
        customers: customers[row],
        quantity: quantity[row],
        amount: amount[row],
    };
    let bought = of_rows.iter().enumerate().map(one).collect();
    drop(numbers);
    Ok((bought, Items::new(products, Vec::new())))
}

/// A column of days; `None` for null.
fn days(rows: &Rows, name: &str) -> Result<Vec<Option<Day>>> {
    let day = |value: Option<i128>| value.map(i32::try_from).transpose();
    let days =
        rows.wide(name)?.into_iter().map(|value| Ok(day(value).map_err(|_| rows.wrong(name))?.map(Day::new)));
    days.collect()
}
