//! Where orders go: orders, customers and amounts by country, province or city.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use polars::prelude::*;

use super::finish::{amounts, share};
use super::scope::{Amounts, KEPT, Ruling, Scope};
use crate::error::Result;
use crate::ingest::accounting::{Accounting, Rule};
use crate::regions::Region;
use crate::schema::{Orders, money, names, orders};

/// How finely places are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// By country.
    Country,
    /// By province or state.
    Province,
    /// By city.
    City,
}

/// The regions of all valid orders.
#[derive(Debug)]
pub struct Regions {
    /// One row per region, by net amount, greatest first; orders to no known region are one row, the last.
    ///
    /// Columns: `country`, `province`, `city` as far as the level goes (null where not known), `order_count`,
    /// `customer_count` (null where nobody is known), `net_amount`, `share` (of the net amount), `aov`,
    /// `spend_per_customer`, `repeat_rate` (customers with at least two orders in the region, of its customers).
    pub frame: DataFrame,
    /// The as-of day; `None` without orders.
    pub as_of: Option<i32>,
    /// Where every row went.
    pub accounting: Accounting,
    /// Distinct customers of all regions.
    pub customer_count: u64,
    /// Valid orders of all regions.
    pub order_count: u64,
}

/// Computes the regions. It needs no customers: what depends on them is null without.
pub fn region(orders: &Orders, scope: &Scope, level: Level, mut accounting: Accounting) -> Result<Regions> {
    let ruling = scope.ruling(orders, false)?;
    let groups = Groups::new(&orders.regions, level);
    let parts = orders.parts.each_answer(|part| heavy(part, scope, &ruling, &groups))?;
    let mut sums = Sums::new(groups.names.len());
    parts.into_iter().for_each(|part| sums.add(&part));
    for (rule, rows) in Rule::ALL.iter().zip(sums.excluded) {
        accounting.exclude(*rule, rows);
    }
    // An order id under which several customers ordered is one order, and an order of each in its region.
    sums.splits.sort_unstable();
    let repeated: u64 = sums.splits.chunk_by(|a, b| a == b).map(|run| run.len() as u64 - 1).sum();
    let order_count = sums.groups.iter().map(|group| group.orders).sum::<u64>() - repeated;
    let frame = finish(&groups, &sums, level)?;
    Ok(Regions { frame, as_of: ruling.as_of, accounting, customer_count: sums.customers, order_count })
}

/// The finest level at or above `level` that any region has a name for.
pub fn known_level(regions: &[Region], level: Level) -> Level {
    let has = |name: fn(&Region) -> &str| regions.iter().any(|region| !name(region).is_empty());
    match level {
        Level::City if has(|region| &region.city) => level,
        Level::City | Level::Province if has(|region| &region.province) => Level::Province,
        _ if has(|region| &region.country) => Level::Country,
        _ => level,
    }
}

/// The groups that regions fall into at a level.
struct Groups {
    names: Vec<Region>,
    /// The group of each region's number.
    of_region: Vec<u32>,
}

/// The group of orders to no known region.
const UNKNOWN: u32 = 0;

impl Groups {
    fn new(regions: &[Region], level: Level) -> Self {
        let cut = |region: &Region| Region {
            country: region.country.clone(),
            province: if level >= Level::Province { region.province.clone() } else { String::new() },
            city: if level >= Level::City { region.city.clone() } else { String::new() },
        };
        // A place without the name that the level is about is unknown at that level.
        let is_known = |region: &Region| match level {
            Level::Country => !region.country.is_empty(),
            Level::Province => !region.province.is_empty(),
            Level::City => !region.city.is_empty(),
        };
        let mut names = vec![Region::default()];
        let mut numbers: BTreeMap<Region, u32> = BTreeMap::new();
        let of_region = regions
            .iter()
            .map(|region| {
                if !is_known(region) {
                    return UNKNOWN;
                }
                let cut = cut(region);
                *numbers.entry(cut.folded()).or_insert_with(|| {
                    names.push(cut);
                    names.len() as u32 - 1
                })
            })
            .collect();
        Self { names, of_region }
    }

    fn of(&self, region: u32) -> usize {
        self.of_region.get(region as usize).copied().unwrap_or(UNKNOWN) as usize
    }
}

#[derive(Debug, Clone, Default)]
struct Sum {
    orders: u64,
    net: i128,
    /// Of `net`, what known customers paid.
    known_net: i128,
    customers: u64,
    repeaters: u64,
}

struct Sums {
    groups: Vec<Sum>,
    excluded: [u64; Rule::ALL.len()],
    customers: u64,
    /// The numbers of orders of several customers under one id.
    splits: Vec<u32>,
}

impl Sums {
    fn new(groups: usize) -> Self {
        Self {
            groups: vec![Sum::default(); groups],
            excluded: [0; Rule::ALL.len()],
            customers: 0,
            splits: Vec::new(),
        }
    }

    fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.groups.iter_mut().zip(&other.groups) {
            mine.orders += theirs.orders;
            mine.net += theirs.net;
            mine.known_net += theirs.known_net;
            mine.customers += theirs.customers;
            mine.repeaters += theirs.repeaters;
        }
        self.excluded.iter_mut().zip(other.excluded).for_each(|(mine, theirs)| *mine += theirs);
        self.customers += other.customers;
        self.splits.extend(&other.splits);
    }
}

/// Sums per region of a part: a pass over each customer's orders, which stand together.
fn heavy(part: &DataFrame, scope: &Scope, ruling: &Ruling, groups: &Groups) -> Result<Sums> {
    let mut sums = Sums::new(groups.names.len());
    let mut rules = ruling.rules(part)?;
    let amounts = Amounts::of(part)?;
    let (paid, refund) = (amounts.paid()?, amounts.refund()?);
    let rows = part.column(orders::ROW_COUNT)?.u32()?.rechunk();
    let rows = rows.cont_slice()?;
    let split = part.column(orders::SPLIT)?.u32()?.rechunk();
    let split = split.cont_slice()?;
    let region = match part.column(orders::REGION) {
        Ok(column) => column.u32()?.iter().map(|region| groups.of(region.unwrap_or(u32::MAX))).collect(),
        Err(_) => vec![UNKNOWN as usize; part.height()],
    };
    let customer = part.column(orders::CUSTOMER)?.u32()?.rechunk();
    let is_order = |row: usize| scope.is_order(paid[row]);
    let is_known = customer.null_count() == 0;
    // Orders of nobody known are one run: there is nothing to tell them apart by.
    let whole = std::iter::once(0..part.height());
    let runs = if is_known { runs(customer.cont_slice()?) } else { whole.collect() };
    let mut own: HashMap<usize, u64> = HashMap::new();
    for run in runs {
        let has_order = run.clone().any(|row| rules[row] == KEPT && is_order(row));
        own.clear();
        for row in run {
            // A credit note of a customer without any order lowers nothing.
            if rules[row] == KEPT && is_known && !has_order {
                rules[row] = Rule::NoValidOrder as u8;
            }
            if rules[row] != KEPT {
                sums.excluded[usize::from(rules[row])] += u64::from(rows[row]);
                continue;
            }
            let net = i128::from(paid[row]) - i128::from(refund[row]);
            let sum = &mut sums.groups[region[row]];
            sum.net += net;
            sum.known_net += if is_known { net } else { 0 };
            if is_order(row) {
                sum.orders += 1;
                sums.splits.extend(Some(split[row]).filter(|split| *split > 0));
                *own.entry(region[row]).or_default() += 1;
            }
        }
        if is_known && has_order {
            sums.customers += 1;
            for (group, count) in &own {
                sums.groups[*group].customers += 1;
                sums.groups[*group].repeaters += u64::from(*count > 1);
            }
        }
    }
    Ok(sums)
}

/// Where each run of equal numbers is.
fn runs(customer: &[u32]) -> Vec<std::ops::Range<usize>> {
    let mut start = 0;
    let runs = customer.chunk_by(|a, b| a == b).map(|run| {
        start += run.len();
        start - run.len()..start
    });
    runs.collect()
}

fn finish(groups: &Groups, sums: &Sums, level: Level) -> Result<DataFrame> {
    let mut order: Vec<usize> = (0..groups.names.len()).collect();
    order.retain(|&group| sums.groups[group].orders > 0 || sums.groups[group].net != 0);
    order.sort_by_key(|&group| {
        (group == UNKNOWN as usize, Reverse(sums.groups[group].net), groups.names[group].clone())
    });
    let has_customers = sums.customers > 0;
    let total: i128 = sums.groups.iter().map(|group| group.net).sum();
    let texts = |name: &'static str, value: fn(&Region) -> &str| {
        let values =
            order.iter().map(|&group| Some(value(&groups.names[group])).filter(|name| !name.is_empty()));
        StringChunked::from_iter_options(name.into(), values).into_column()
    };
    let sum = |group: &usize| &sums.groups[*group];
    let mut columns = vec![texts(names::COUNTRY, |region| &region.country)];
    if level >= Level::Province {
        columns.push(texts(names::PROVINCE, |region| &region.province));
    }
    if level >= Level::City {
        columns.push(texts(names::CITY, |region| &region.city));
    }
    let customers = |group: &usize| has_customers.then(|| sum(group).customers as i64);
    let counts: Vec<i64> = order.iter().map(|group| sum(group).orders as i64).collect();
    let ratios =
        |value: &dyn Fn(&Sum) -> Option<f64>| order.iter().map(|group| value(sum(group))).collect::<Vec<_>>();
    columns.push(Column::new(names::ORDER_COUNT.into(), counts));
    columns.push(Column::new(names::CUSTOMER_COUNT.into(), order.iter().map(customers).collect::<Vec<_>>()));
    columns.push(amounts(names::NET_AMOUNT, order.iter().map(|group| Some(sum(group).net))));
    columns.push(Column::new(names::SHARE.into(), ratios(&|sum| share(sum.net, total))));
    columns
        .push(amounts(names::AOV, order.iter().map(|group| money::mean(sum(group).net, sum(group).orders))));
    columns.push(amounts(
        names::SPEND_PER_CUSTOMER,
        order.iter().map(|group| money::mean(sum(group).known_net, sum(group).customers)),
    ));
    columns.push(Column::new(
        names::REPEAT_RATE.into(),
        ratios(&|sum| share(i128::from(sum.repeaters), i128::from(sum.customers))),
    ));
    Ok(DataFrame::new_infer_height(columns)?)
}
