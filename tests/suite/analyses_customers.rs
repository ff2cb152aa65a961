//! Repurchases, cohorts and value of a small shop against naive oracles.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::Datelike;
use proptest::prelude::*;

use super::analyses::{Order, Sample, cases, date, orders_of, sample};
use super::analyses_answers::{
    Cell, amount_share, cells, count, mean, micros, number, percentile, same, share, text,
};

use ecrm::metrics::repurchase::By;

const CURVE: [&str; 6] =
    ["horizon_days", "at_risk_count", "repurchased_count", "repurchase_rate", "rate_low", "rate_high"];
const GAPS: [&str; 8] = ["gap_count", "p25", "p50", "p75", "p80", "p90", "cycle_days", "churn_line_days"];
const RATES: [&str; 5] = ["definition", "rate", "numerator", "denominator", "explanation"];
const COHORT: [&str; 7] = [
    "cohort",
    "period",
    "cohort_customer_count",
    "customer_count",
    "retention",
    "net_amount",
    "cumulative_per_customer",
];
const CLASSES: [&str; 9] = [
    "class",
    "customer_count",
    "customer_share",
    "order_count",
    "net_amount",
    "net_share",
    "aov",
    "spend_per_customer",
    "promotion_only_count",
];

/// What is followed of one buyer.
struct Followed {
    /// Distinct days with an order.
    days: Vec<i32>,
    orders: usize,
    /// What the first order held.
    categories: BTreeSet<&'static str>,
}

fn followed(sample: &Sample) -> Vec<Followed> {
    let mut all = Vec::new();
    for documents in sample.buyers().values() {
        let orders = orders_of(documents);
        let days: BTreeSet<i32> = orders.iter().map(|order| order.day).collect();
        let categories = orders[0].categories();
        all.push(Followed { days: days.into_iter().collect(), orders: orders.len(), categories });
    }
    all
}

/// Kaplan and Meier's product over every day, and Greenwood's variance on the scale of log(−log S).
fn curve(members: &[&Followed], as_of: i32) -> Vec<Vec<Cell>> {
    const Z: f64 = 1.959_963_984_540_054;
    let duration = |one: &&Followed| match one.days.get(1) {
        Some(second) => (second - one.days[0], true),
        None => (as_of - one.days[0], false),
    };
    let durations: Vec<(i32, bool)> = members.iter().map(duration).collect();
    let watched = |day: i32| durations.iter().filter(|(time, _)| *time >= day).count();
    let again = |day: i32| durations.iter().filter(|(time, ordered)| *ordered && *time == day).count();
    let mut rows = Vec::new();
    for horizon in [30, 60, 90, 180, 365] {
        let (mut left, mut spread) = (1.0_f64, 0.0_f64);
        for day in (0..=horizon).filter(|day| again(*day) > 0) {
            let (d, n) = (again(day) as f64, watched(day) as f64);
            left *= 1.0 - d / n;
            spread += d / (n * (n - d));
        }
        let returned: usize = (0..=horizon).map(again).sum();
        // Nobody is left who has not: some day all who were watched ordered again.
        let over = (0..=horizon).find(|day| again(*day) > 0 && again(*day) == watched(*day)).map(watched);
        let bound = |sign: f64| 1.0 - left.powf((sign * Z * spread.sqrt() / left.ln()).exp());
        // Clopper and Pearson's of none and of all.
        let (rate, low, high) = match (over, returned) {
            (Some(n), _) => (1.0, 0.025_f64.powf(1.0 / n as f64), 1.0),
            (None, 0) => (0.0, 0.0, 1.0 - 0.025_f64.powf(1.0 / watched(horizon) as f64)),
            (None, _) => (1.0 - left, bound(1.0), bound(-1.0)),
        };
        let known = |value: f64| number((over.is_some() || watched(horizon) > 0).then_some(value));
        rows.push(vec![
            Cell::Whole(i64::from(horizon)),
            count(watched(horizon)),
            count(returned),
            known(rate),
            known(low),
            known(high),
        ]);
    }
    rows
}

fn gaps(members: &[&Followed]) -> Vec<Cell> {
    let mut gaps = Vec::new();
    for one in members {
        gaps.extend(one.days.windows(2).map(|pair| pair[1] - pair[0]));
    }
    gaps.sort_unstable();
    let at = |percent: usize| number(percentile(&gaps, percent));
    vec![count(gaps.len()), at(25), at(50), at(75), at(80), at(90), at(50), at(80)]
}

fn bought(one: &Followed, days: Range<i32>) -> bool {
    one.days.iter().any(|day| days.contains(day))
}

fn rates(sample: &Sample, all: &[Followed]) -> Vec<Vec<Cell>> {
    let as_of = sample.as_of();
    let orders: usize = all.iter().map(|one| one.orders).sum();
    let repeaters = all.iter().filter(|one| one.orders > 1).count();
    let before: Vec<&Followed> = all.iter().filter(|one| bought(one, as_of - 729..as_of - 364)).collect();
    let again = before.iter().filter(|one| bought(one, as_of - 364..as_of + 1)).count();
    let row = |name: &str, part: usize, whole: usize| {
        vec![text(name), number(share(part, whole)), count(part), count(whole), text(name)]
    };
    let on_two_days = all.iter().filter(|one| one.days.len() > 1).count();
    let mut buyback = row("buyback_rate", again, before.len());
    if sample.orders.iter().all(|order| order.day > as_of - 729) {
        buyback[1] = Cell::Null;
    }
    vec![
        row("repeat_customer_rate", repeaters, all.len()),
        row("repeat_day_rate", on_two_days, all.len()),
        row("repeat_order_rate", orders - all.len(), orders),
        buyback,
    ]
}

/// A customer is in the group of each category of the first order; the largest group comes first, that of customers
/// of whom it is not known last.
fn by_category(all: &[Followed]) -> Vec<(Option<&'static str>, Vec<&Followed>)> {
    let mut groups: BTreeMap<Option<&'static str>, Vec<&Followed>> = BTreeMap::new();
    for one in all {
        for category in &one.categories {
            groups.entry(Some(*category)).or_default().push(one);
        }
        if one.categories.is_empty() {
            groups.entry(None).or_default().push(one);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(name, members)| (name.is_none(), Reverse(members.len()), *name));
    groups
}

/// A row with its group in front.
fn of_group(name: Option<&str>, row: Vec<Cell>) -> Vec<Cell> {
    [vec![text(name.unwrap_or_default())], row].concat()
}

/// Months one after the other.
fn month(day: i32) -> i32 {
    date(day).year() * 12 + date(day).month0() as i32
}

fn first_day(documents: &[&Order]) -> i32 {
    orders_of(documents)[0].day
}

fn cohorts(sample: &Sample) -> Vec<Vec<Cell>> {
    let as_of = sample.as_of();
    let mut cohorts: BTreeMap<i32, Vec<Vec<&Order>>> = BTreeMap::new();
    for documents in sample.buyers().into_values() {
        cohorts.entry(month(first_day(&documents))).or_default().push(documents);
    }
    let mut rows = Vec::new();
    for (cohort, customers) in &cohorts {
        let size = customers.len();
        let day = first_day(&customers[0]);
        let first = Cell::Day(day - date(day).day0() as i32);
        let mut sum = 0;
        for period in 0..=month(as_of) - cohort {
            // Credit notes from before the first order count with it.
            let is_in = |order: &&Order| (month(order.day) - cohort).max(0) == period;
            let is_active =
                |documents: &&Vec<&Order>| documents.iter().any(|order| order.is_order() && is_in(order));
            let active = customers.iter().filter(is_active).count();
            let net: i128 =
                customers.iter().flatten().filter(|order| is_in(order)).map(|order| order.net()).sum();
            sum += net;
            let mut row = vec![first.clone(), Cell::Whole(i64::from(period)), count(size)];
            if month(as_of + 1) > cohort + period {
                let rate = number(share(active, size));
                row.extend([count(active), rate, micros(Some(net)), micros(mean(sum, size))]);
            } else {
                row.resize(COHORT.len(), Cell::Null);
            }
            rows.push(row);
        }
    }
    rows
}

/// Customers by what they contribute, the best first.
fn ranked(sample: &Sample) -> Vec<(i128, usize)> {
    let mut ranked = Vec::new();
    for (customer, documents) in sample.buyers() {
        let net: i128 = documents.iter().map(|document| document.net()).sum();
        ranked.push((Reverse(net), customer, orders_of(&documents).len()));
    }
    ranked.sort_unstable();
    ranked.into_iter().map(|(Reverse(net), _, orders)| (net, orders)).collect()
}

fn classes(ranked: &[(i128, usize)]) -> Vec<Vec<Cell>> {
    let whole: i128 = ranked.iter().map(|(net, _)| net).sum();
    let mut members: [Vec<(i128, usize)>; 3] = Default::default();
    let mut sum = 0;
    for (net, orders) in ranked {
        // The one who reaches a limit is within it.
        let class = usize::from(100 * sum >= 80 * whole) + usize::from(100 * sum >= 95 * whole);
        members[class].push((*net, *orders));
        sum += net;
    }
    let names = ["core", "potential", "mass"];
    let row = |(name, members): (&str, &Vec<(i128, usize)>)| {
        let net: i128 = members.iter().map(|(net, _)| net).sum();
        let orders: usize = members.iter().map(|(_, orders)| orders).sum();
        vec![
            text(name),
            count(members.len()),
            number(share(members.len(), ranked.len())),
            count(orders),
            micros(Some(net)),
            number(amount_share(net, whole)),
            micros(mean(net, orders)),
            micros(mean(net, members.len())),
            Cell::Null,
        ]
    };
    names.into_iter().zip(&members).map(row).collect()
}

/// The Gini coefficient by its other definition: half the mean difference of all pairs over the mean.
fn concentration(ranked: &[(i128, usize)]) -> Vec<Vec<Cell>> {
    // Who got back more than they paid hold nothing.
    let held: Vec<i128> = ranked.iter().map(|(net, _)| (*net).max(0)).collect();
    let total: i128 = held.iter().sum();
    let apart: i128 = held.iter().flat_map(|a| held.iter().map(move |b| (a - b).abs())).sum();
    let mut rows = vec![vec![text("gini"), number(amount_share(apart, 2 * held.len() as i128 * total))]];
    for percent in [1, 5, 10, 20] {
        let best = (percent * ranked.len()).div_ceil(100);
        let sum: i128 = held[..best].iter().sum();
        rows.push(vec![text(&format!("top_{percent}_share")), number(amount_share(sum, total))]);
    }
    rows
}

/// What the poorest tenths hold: whole customers, and a part of the next one.
fn lorenz(ranked: &[(i128, usize)]) -> Vec<Vec<Cell>> {
    let held: Vec<f64> = ranked.iter().rev().map(|(net, _)| (*net).max(0) as f64).collect();
    let total: f64 = held.iter().sum();
    let row = |tenth: usize| {
        let (all, rest) = (held.len() * tenth / 10, held.len() * tenth % 10);
        let next = held.get(all).map_or(0.0, |next| next * rest as f64 / 10.0);
        let sum = held[..all].iter().sum::<f64>() + next;
        vec![number(Some(tenth as f64 / 10.0)), number(Some(sum / total))]
    };
    if total > 0.0 { (1..=10).map(row).collect() } else { Vec::new() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn repurchases_are_what_the_oracle_says(sample in sample()) {
        let (read, all, as_of) = (sample.read(), followed(&sample), sample.as_of());
        let members: Vec<&Followed> = all.iter().collect();
        let [found_curve, found_gaps, found_rates] = read.repurchase(None);
        same("curve", &found_curve, &CURVE, &curve(&members, as_of))?;
        same("gaps", &found_gaps, &GAPS, &[gaps(&members)])?;
        same("rates", &found_rates, &RATES, &rates(&sample, &all))?;
        let [found_curve, found_gaps, _] = read.repurchase(Some(By::Category));
        let (mut curves, mut gaps_of) = (Vec::new(), Vec::new());
        for (name, members) in by_category(&all) {
            curves.extend(curve(&members, as_of).into_iter().map(|row| of_group(name, row)));
            gaps_of.push(of_group(name, gaps(&members)));
        }
        same("curve by category", &found_curve, &[&["category"][..], &CURVE[..]].concat(), &curves)?;
        same("gaps by category", &found_gaps, &[&["category"][..], &GAPS[..]].concat(), &gaps_of)?;
    }

    #[test]
    fn cohorts_are_what_the_oracle_says_and_keep_the_sum(sample in sample()) {
        let found = sample.read().cohort();
        same("cohort", &found, &COHORT, &cohorts(&sample))?;
        let net = |row: &Vec<Cell>| if let Cell::Micros(net) = row[5] { net } else { 0 };
        let shown: i128 = cells(&found).iter().map(net).sum();
        let after = month(sample.as_of() + 1);
        let (mut whole, mut unfinished) = (0_i128, 0_i128);
        for documents in sample.buyers().values() {
            let first = first_day(documents);
            for document in documents {
                whole += document.net();
                // What is not shown is that of the month that goes on.
                unfinished += if month(document.day.max(first)) == after { document.net() } else { 0 };
            }
        }
        prop_assert_eq!(shown + unfinished, whole);
    }

    #[test]
    fn values_are_what_the_oracle_says_and_classes_partition_the_buyers(sample in sample()) {
        let ranked = ranked(&sample);
        let [found_classes, found_concentration, found_lorenz, customers] = sample.read().value();
        let (mut buyers, mut net) = (0_i64, 0_i128);
        for row in cells(&found_classes) {
            if let (Cell::Whole(customers), Cell::Micros(amount)) = (&row[1], &row[4]) {
                buyers += *customers;
                net += *amount;
            }
        }
        let whole: i128 = ranked.iter().map(|(net, _)| net).sum();
        prop_assert_eq!((buyers as usize, net, customers.height()), (ranked.len(), whole, ranked.len()));
        // Of less than nothing there are no first 80 %.
        if whole > 0 {
            same("classes", &found_classes, &CLASSES, &classes(&ranked))?;
        }
        same("concentration", &found_concentration, &["measure", "value"], &concentration(&ranked))?;
        same("lorenz", &found_lorenz, &["customer_share", "net_share"], &lorenz(&ranked))?;
    }
}
