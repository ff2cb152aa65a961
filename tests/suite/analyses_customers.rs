//! Repurchases, cohorts and value of a small shop against naive oracles.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::Datelike;
use proptest::prelude::*;

use super::analyses::{Order, Sample, cases, date, orders_of, sample};
use super::analyses_answers::{
    Cell, amount_share, cells, count, mean, micros, number, percentile, same, share, text, wilson,
};

use ecrm::metrics::firsts::First;
use ecrm::metrics::repurchase::By;

const CURVE: [&str; 6] =
    ["horizon_days", "at_risk_count", "repurchased_count", "repurchase_rate", "rate_low", "rate_high"];
const GAPS: [&str; 13] = [
    "gap_count",
    "p25",
    "p50",
    "p75",
    "p80",
    "p90",
    "open_gap_count",
    "watched_p25",
    "watched_p50",
    "watched_p75",
    "watched_p80",
    "watched_p90",
    "cycle_days",
];
const RATES: [&str; 7] =
    ["definition", "rate", "rate_low", "rate_high", "numerator", "denominator", "explanation"];
const COHORT: [&str; 10] = [
    "cohort",
    "period",
    "cohort_customer_count",
    "customer_count",
    "retention",
    "retention_low",
    "retention_high",
    "net_amount",
    "cumulative_per_customer",
    "is_first_of_history",
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

fn gaps(members: &[&Followed], as_of: i32) -> Vec<Cell> {
    let (mut gaps, mut open) = (Vec::new(), Vec::new());
    for one in members {
        gaps.extend(one.days.windows(2).map(|pair| pair[1] - pair[0]));
        open.push(as_of - one.days[one.days.len() - 1]);
    }
    gaps.sort_unstable();
    let at = |percent: usize| number(percentile(&gaps, percent));
    // Day by day, what is left of all that are watched that long.
    let longest = gaps.iter().chain(&open).copied().max().unwrap_or(0);
    let ended = |day: i32| gaps.iter().filter(|gap| **gap == day).count();
    let watched = |day: i32| gaps.iter().chain(&open).filter(|gap| **gap >= day).count();
    let reached = |percent: usize| {
        let mut left = 1.0;
        let day = (0..=longest).find(|day| {
            left *= 1.0 - ended(*day) as f64 / watched(*day).max(1) as f64;
            ended(*day) > 0 && 100.0 * (1.0 - left) >= percent as f64 - 1e-6
        });
        number(day.map(f64::from))
    };
    let mut row = vec![count(gaps.len())];
    row.extend([25, 50, 75, 80, 90].map(at));
    row.push(count(open.len()));
    row.extend([25, 50, 75, 80, 90].map(reached));
    row.push(at(50));
    row
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
        let [low, high] = wilson(part, whole);
        vec![text(name), number(share(part, whole)), low, high, count(part), count(whole), text(name)]
    };
    let on_two_days = all.iter().filter(|one| one.days.len() > 1).count();
    let mut buyback = row("buyback_rate", again, before.len());
    if sample.orders.iter().all(|order| order.day > as_of - 729) {
        buyback[1..4].fill(Cell::Null);
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
    let begins = sample.orders.iter().map(|order| month(order.day)).min();
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
                row.extend([count(active), number(share(active, size))]);
                row.extend(wilson(active, size));
                row.extend([micros(Some(net)), micros(mean(sum, size))]);
            } else {
                row.resize(COHORT.len() - 1, Cell::Null);
            }
            row.push(Cell::Flag(Some(*cohort) == begins));
            rows.push(row);
        }
    }
    rows
}

const FIRSTS: [&str; 11] = [
    "category",
    "horizon_days",
    "cohort_customer_count",
    "customer_count",
    "repurchased_count",
    "retention",
    "retention_low",
    "retention_high",
    "order_count",
    "net_amount",
    "cumulative_per_customer",
];

/// Customers by the categories of their first orders, each looked at so many days after it.
fn first_cohorts(sample: &Sample) -> Vec<Vec<Cell>> {
    let mut groups: BTreeMap<Option<&'static str>, Vec<Vec<&Order>>> = BTreeMap::new();
    for documents in sample.buyers().into_values() {
        let categories = orders_of(&documents)[0].categories();
        match categories.is_empty() {
            true => groups.entry(None).or_default().push(documents),
            false => categories.iter().for_each(|name| {
                groups.entry(Some(*name)).or_default().push(documents.clone());
            }),
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(name, members)| (name.is_none(), Reverse(members.len()), *name));
    let mut rows = Vec::new();
    for (name, members) in &groups {
        for days in [30, 90, 180, 365] {
            let old = members.iter().filter(|of| sample.as_of() - first_day(of) >= days).collect::<Vec<_>>();
            let mut row =
                vec![text(name.unwrap_or_default()), Cell::Whole(i64::from(days)), count(members.len())];
            if old.is_empty() {
                row.resize(FIRSTS.len(), Cell::Null);
                rows.push(row);
                continue;
            }
            let within = |of: &Vec<&Order>| -> Vec<i32> {
                let first = first_day(of);
                let orders = orders_of(of);
                orders.iter().map(|order| order.day - first).filter(|day| *day <= days).collect()
            };
            let again = old.iter().filter(|of| within(of).iter().any(|day| *day > 0)).count();
            let orders: usize = old.iter().map(|of| within(of).len()).sum();
            let net: i128 = old
                .iter()
                .flat_map(|of| of.iter().filter(|document| document.day <= first_day(of) + days))
                .map(|document| document.net())
                .sum();
            row.extend([count(old.len()), count(again), number(share(again, old.len()))]);
            row.extend(wilson(again, old.len()));
            row.extend([count(orders), micros(Some(net)), micros(mean(net, old.len()))]);
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
fn gini(held: &[i128]) -> Option<f64> {
    let apart: i128 = held.iter().flat_map(|a| held.iter().map(move |b| (a - b).abs())).sum();
    amount_share(apart, 2 * held.len() as i128 * held.iter().sum::<i128>())
}

/// The ends of its interval: worked out without each in turn.
fn gini_ends(held: &[i128]) -> [Cell; 2] {
    let (n, all) = (held.len() as f64, gini(held));
    if held.iter().filter(|value| **value > 0).count() < 2 {
        return [Cell::Null, Cell::Null];
    }
    let without = |i: usize| gini(&[&held[..i], &held[i + 1..]].concat()).unwrap();
    let each: Vec<f64> = (0..held.len()).map(without).collect();
    let mean = each.iter().sum::<f64>() / n;
    let squares: f64 = each.iter().map(|gini| (gini - mean) * (gini - mean)).sum();
    let spread = 1.959_963_984_540_054 * ((n - 1.0) / n * squares).sqrt();
    let all = all.unwrap();
    [Cell::Number((all - spread).max(0.0)), Cell::Number((all + spread).min(1.0))]
}

fn concentration(ranked: &[(i128, usize)]) -> Vec<Vec<Cell>> {
    // Who got back more than they paid hold nothing.
    let held: Vec<i128> = ranked.iter().map(|(net, _)| (*net).max(0)).collect();
    let total: i128 = held.iter().sum();
    let [low, high] = gini_ends(&held);
    let mut rows = vec![vec![text("gini"), number(gini(&held)), low, high]];
    for percent in [1, 5, 10, 20] {
        let best = (percent * ranked.len()).div_ceil(100);
        let sum: i128 = held[..best].iter().sum();
        let name = text(&format!("top_{percent}_share"));
        rows.push(vec![name, number(amount_share(sum, total)), Cell::Null, Cell::Null]);
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
        same("gaps", &found_gaps, &GAPS, &[gaps(&members, as_of)])?;
        same("rates", &found_rates, &RATES, &rates(&sample, &all))?;
        let [found_curve, found_gaps, _] = read.repurchase(Some(By::Category));
        let (mut curves, mut gaps_of) = (Vec::new(), Vec::new());
        for (name, members) in by_category(&all) {
            curves.extend(curve(&members, as_of).into_iter().map(|row| of_group(name, row)));
            gaps_of.push(of_group(name, gaps(&members, as_of)));
        }
        same("curve by category", &found_curve, &[&["category"][..], &CURVE[..]].concat(), &curves)?;
        same("gaps by category", &found_gaps, &[&["category"][..], &GAPS[..]].concat(), &gaps_of)?;
    }

    #[test]
    fn cohorts_are_what_the_oracle_says_and_keep_the_sum(sample in sample()) {
        let found = sample.read().cohort();
        same("cohort", &found, &COHORT, &cohorts(&sample))?;
        let net = |row: &Vec<Cell>| if let Cell::Micros(net) = row[7] { net } else { 0 };
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
    fn first_orders_are_followed_as_the_oracle_says(sample in sample()) {
        same("firsts", &sample.read().cohort_by_first(First::Category), &FIRSTS, &first_cohorts(&sample))?;
    }

    /// The first step is the curve; each is of those who took the one before, as many as the gaps say.
    #[test]
    fn the_first_step_is_the_curve(sample in sample()) {
        let (read, all, as_of) = (sample.read(), followed(&sample), sample.as_of());
        let steps = cells(&read.ladder());
        let members: Vec<&Followed> = all.iter().collect();
        let deepest = all.iter().map(|one| one.days.len()).max().unwrap_or(0).min(10);
        prop_assert_eq!(steps.len(), deepest);
        for (place, step) in steps.iter().enumerate() {
            let reached: Vec<Followed> = members.iter().filter(|one| one.days.len() > place).map(|one| Followed {
                days: one.days[place..].to_vec(), orders: 0, categories: BTreeSet::new(),
            }).collect();
            let reached: Vec<&Followed> = reached.iter().collect();
            let points = curve(&reached, as_of);
            // At 30, 90, 180 and 365 days.
            let mut expected = vec![count(place + 1), count(reached.len())];
            for horizon in [0, 2, 3, 4] {
                expected.extend_from_slice(&points[horizon][3..]);
            }
            for (found, expected) in step.iter().zip(&expected) {
                let is_same = match (found, expected) {
                    (Cell::Number(a), Cell::Number(b)) => (a - b).abs() < 1e-9,
                    (a, b) => a == b,
                };
                prop_assert!(is_same, "step {place}: {step:?}, where the oracle has {expected:?}");
            }
        }
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
        let measures = ["measure", "value", "value_low", "value_high"];
        same("concentration", &found_concentration, &measures, &concentration(&ranked))?;
        same("lorenz", &found_lorenz, &["customer_share", "net_share"], &lorenz(&ranked))?;
    }
}
