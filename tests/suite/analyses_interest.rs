//! Interest customers and the first page of a small shop against naive oracles.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use polars::prelude::DataFrame;
use proptest::prelude::*;

use super::analyses::{CUSTOMERS, Event, Order, SOURCES, Sample, cases, sample};
use super::analyses_answers::{
    Cell, amount_share, cells, count, mean, micros, number, same, share, text, wilson,
};

use ecrm::metrics::interest::By;

const INTEREST: [&str; 15] = [
    "period_days",
    "interest_customer_count",
    "fav_shop",
    "fav_item",
    "cart",
    "not_bought_in_period_count",
    "not_yet_bought_count",
    "new_customer_count",
    "converted_count",
    "conversion_rate",
    "conversion_rate_low",
    "conversion_rate_high",
    "conversion_7d_rate",
    "conversion_7d_rate_low",
    "conversion_7d_rate_high",
];
const OVERVIEW: [&str; 12] = [
    "metric",
    "unit",
    "period_days",
    "value",
    "previous_value",
    "change",
    "change_rate",
    "new_count_1d",
    "new_count_7d",
    "new_count_30d",
    "total",
    "needs",
];
const NEEDS: usize = OVERVIEW.len() - 1;

/// The interest customers of a period.
pub struct Interest {
    pub interested: usize,
    kinds: [usize; 3],
    not_bought: usize,
    not_yet_bought: usize,
    /// None where the log begins too late to say.
    new: Option<usize>,
    pub converted: usize,
    /// Days to the conversion, or without one to as-of.
    waits: Vec<(i32, bool)>,
}

/// Those of the days up to `last` with an event that is in the group.
pub fn interest(sample: &Sample, last: i32, days: i32, is_in: impl Fn(&Event) -> bool) -> Interest {
    let period = last - days + 1..=last;
    let before = period.start() - 30..=period.start() - 1;
    let interests: Vec<&Event> = sample.events.iter().filter(|event| event.is_interest()).collect();
    let is_seen = |event: &Event| period.contains(&event.day) && is_in(event);
    let seen: Vec<&Event> = interests.iter().copied().filter(|event| is_seen(event)).collect();
    let customers: BTreeSet<u8> = seen.iter().map(|event| event.customer).collect();
    let of = |holds: &dyn Fn(u8) -> bool| customers.iter().filter(|customer| holds(**customer)).count();
    let their = |customer: u8| seen.iter().filter(move |event| event.customer == customer);
    let has_bought = |customer: u8, days: RangeInclusive<i32>| {
        sample.bought_on(customer).iter().any(|day| days.contains(day))
    };
    let is_known = |customer: u8| {
        interests.iter().any(|event| event.customer == customer && before.contains(&event.day))
    };
    let began = |customer: u8| their(customer).map(|event| event.day).min().unwrap();
    let did = |kind: &str| of(&|customer: u8| their(customer).any(|event| event.kind() == kind));
    Interest {
        interested: customers.len(),
        kinds: [did("fav_shop"), did("fav_item"), did("cart")],
        not_bought: of(&|customer: u8| !has_bought(customer, period.clone())),
        not_yet_bought: of(&|customer: u8| {
            sample.bought_on(customer).is_empty() && sample.purchases(customer).is_empty()
        }),
        new: sample
            .events
            .iter()
            .any(|event| event.day <= *before.start())
            .then(|| of(&|customer: u8| !is_known(customer))),
        converted: of(&|customer: u8| has_bought(customer, began(customer)..=i32::MAX)),
        waits: customers
            .iter()
            .map(|customer| {
                let began = began(*customer);
                let bought = sample.bought_on(*customer).into_iter().filter(|day| *day >= began).min();
                (bought.unwrap_or(sample.as_of()) - began, bought.is_some())
            })
            .collect(),
    }
}

/// Kaplan and Meier's estimate of those who came within seven days, with its interval.
fn within_a_week(waits: &[(i32, bool)]) -> [Cell; 3] {
    let watched = |day: i32| waits.iter().filter(|(wait, _)| *wait >= day).count();
    let came = |day: i32| waits.iter().filter(|(wait, came)| *came && *wait == day).count();
    let (mut left, mut spread) = (1.0_f64, 0.0_f64);
    for day in (0..=7).filter(|day| came(*day) > 0) {
        let (d, n) = (came(day) as f64, watched(day) as f64);
        left *= 1.0 - d / n;
        spread += d / (n * (n - d));
    }
    let over = (0..=7).find(|day| came(*day) > 0 && came(*day) == watched(*day)).map(watched);
    let bound = |sign: f64| 1.0 - left.powf((sign * 1.959_963_984_540_054 * spread.sqrt() / left.ln()).exp());
    match (over, watched(7)) {
        (Some(n), _) => [Cell::Number(1.0), Cell::Number(0.025_f64.powf(1.0 / n as f64)), Cell::Number(1.0)],
        (None, 0) => [Cell::Null, Cell::Null, Cell::Null],
        (None, n) if spread == 0.0 => [0.0, 0.0, 1.0 - 0.025_f64.powf(1.0 / n as f64)].map(Cell::Number),
        (None, _) => [1.0 - left, bound(1.0), bound(-1.0)].map(Cell::Number),
    }
}

impl Interest {
    fn row(&self, days: i32) -> Vec<Cell> {
        let mut row = vec![Cell::Whole(i64::from(days)), count(self.interested)];
        row.extend(self.kinds.map(count));
        row.extend([count(self.not_bought), count(self.not_yet_bought)]);
        row.extend([self.new.map_or(Cell::Null, count), count(self.converted)]);
        row.push(number(share(self.converted, self.interested)));
        row.extend(wilson(self.converted, self.interested));
        row.extend(within_a_week(&self.waits));
        row
    }
}

/// A row per source that any customer came from, the one of the most first, that of none last.
fn by_source(sample: &Sample, days: i32) -> Vec<Vec<Cell>> {
    let mut groups: Vec<(usize, Interest)> = (0..SOURCES.len())
        .map(|source| (source, interest(sample, sample.as_of(), days, |event| event.source == source)))
        .filter(|(_, found)| found.interested > 0)
        .collect();
    groups.sort_by_key(|(source, found)| (*source == 0, Reverse(found.interested), *source));
    groups.iter().map(|(source, found)| [vec![text(SOURCES[*source])], found.row(days)].concat()).collect()
}

fn check_interest(sample: &Sample) -> Result<(), TestCaseError> {
    let read = sample.read();
    let expected = [1, 7, 30].map(|days| interest(sample, sample.as_of(), days, |_| true).row(days));
    same("interest", &read.interest(&[1, 7, 30], None), &INTEREST, &expected)?;
    let header = [&["source"][..], &INTEREST[..]].concat();
    same("by source", &read.interest(&[30], Some(By::Source)), &header, &by_source(sample, 30))
}

/// A line of the first page, in millionths.
#[derive(Default)]
struct Figure {
    metric: &'static str,
    unit: &'static str,
    days: Option<i64>,
    value: Option<i128>,
    previous: Option<i128>,
    new: Option<[Option<usize>; 3]>,
    total: Option<i128>,
    needs: &'static str,
}

fn whole(count: usize) -> Option<i128> {
    Some(count as i128 * 1_000_000)
}

impl Figure {
    fn row(&self) -> Vec<Cell> {
        if !self.needs.is_empty() {
            return self.lacking(self.needs);
        }
        let change = self.value.zip(self.previous).map(|(value, previous)| value - previous);
        let rate = change.zip(self.previous).and_then(|(change, previous)| amount_share(change, previous));
        let new = |place: usize| self.new.and_then(|new| new[place]).map_or(Cell::Null, count);
        vec![
            text(self.metric),
            text(self.unit),
            self.days.map_or(Cell::Null, Cell::Whole),
            micros(self.value),
            micros(self.previous),
            micros(change),
            number(rate),
            new(0),
            new(1),
            new(2),
            micros(self.total),
            Cell::Null,
        ]
    }

    /// The line where its input is not there.
    fn lacking(&self, needs: &str) -> Vec<Cell> {
        let mut row = vec![Cell::Null; OVERVIEW.len()];
        row[..2].clone_from_slice(&[text(self.metric), text(self.unit)]);
        row[2] = self.days.map_or(Cell::Null, Cell::Whole);
        row[NEEDS] = text(needs);
        row
    }
}

fn customers(metric: &'static str, days: Option<i64>) -> Figure {
    Figure { metric, unit: "customers", days, ..Figure::default() }
}

fn interest_figure(sample: &Sample) -> Figure {
    let figure = customers("interest_customers", Some(30));
    if sample.events.is_empty() {
        return Figure { needs: "events", ..figure };
    }
    let as_of = sample.as_of();
    let of = |last: i32, days: i32| interest(sample, last, days, |_| true);
    let ever: BTreeSet<u8> =
        sample.events.iter().filter(|event| event.is_interest()).map(|event| event.customer).collect();
    Figure {
        value: whole(of(as_of, 30).interested),
        previous: whole(of(as_of - 30, 30).interested)
            .filter(|_| sample.events.iter().any(|event| event.day <= as_of - 59)),
        new: Some([1, 7, 30].map(|days| of(as_of, days).new)),
        total: whole(ever.len()),
        ..figure
    }
}

/// Buyers on a day whose last activity was at most 180 days before, and the others.
/// Whether the orders, or without a file of them the log, reach back to a day.
fn reaches(sample: &Sample, day: i32) -> bool {
    match sample.has_orders {
        true => sample.orders.iter().any(|order| order.day <= day),
        false => sample.events.iter().any(|event| event.day <= day),
    }
}

fn stand(sample: &Sample, on: i32) -> [usize; 2] {
    let mut stand = [0; 2];
    for customer in 0..CUSTOMERS {
        let bought: Vec<i32> = sample.bought_on(customer).into_iter().filter(|day| *day <= on).collect();
        let events = sample.events.iter().filter(|event| event.customer == customer && event.day <= on);
        if let Some(last) = bought.iter().max() {
            let latest = events.map(|event| event.day).fold(*last, i32::max);
            stand[usize::from(on - latest > 180)] += 1;
        }
    }
    stand
}

fn people_figures(sample: &Sample) -> [Figure; 3] {
    let as_of = sample.as_of();
    let bought: Vec<Vec<i32>> =
        (0..CUSTOMERS).map(|customer| sample.bought_on(customer)).filter(|days| !days.is_empty()).collect();
    let within = |period: RangeInclusive<i32>| {
        whole(bought.iter().filter(|days| days.iter().any(|day| period.contains(day))).count())
    };
    let first_within = |days: i32| bought.iter().filter(|all| all[0] > as_of - days).count();
    let ([returning, dormant], [returned, slept]) = (stand(sample, as_of), stand(sample, as_of - 180));
    let converted = Figure {
        value: within(as_of - 364..=as_of),
        previous: within(as_of - 729..=as_of - 365).filter(|_| reaches(sample, as_of - 729)),
        new: Some([1, 7, 30].map(|days| Some(first_within(days)))),
        total: whole(bought.len()),
        ..customers("converted_customers", Some(365))
    };
    let of = |metric, value, previous| Figure {
        value: whole(value),
        previous: whole(previous).filter(|_| reaches(sample, as_of - 360)),
        ..customers(metric, Some(180))
    };
    [converted, of("returning_old_customers", returning, returned), of("dormant_customers", dormant, slept)]
}

/// Buyers, orders, net amount, that per order and per buyer, of a period.
fn sales(documents: &[&Order], period: &RangeInclusive<i32>) -> [Option<i128>; 5] {
    let within: Vec<&Order> =
        documents.iter().copied().filter(|document| period.contains(&document.day)).collect();
    let orders: Vec<&Order> = within.iter().copied().filter(|document| document.is_order()).collect();
    let buyers: BTreeSet<u8> = orders.iter().filter_map(|order| order.customer).collect();
    let net: i128 = within.iter().map(|document| document.net()).sum();
    let known = within.iter().filter(|document| document.customer.is_some_and(|one| buyers.contains(&one)));
    let known_net: i128 = known.map(|document| document.net()).sum();
    let (aov, spend) = (mean(net, orders.len()), mean(known_net, buyers.len()));
    [whole(buyers.len()), whole(orders.len()), Some(net), aov, spend]
}

fn sales_figures(sample: &Sample) -> Vec<Figure> {
    let (documents, as_of) = (sample.documents(), sample.as_of());
    let [now, before, total] = [as_of - 29..=as_of, as_of - 59..=as_of - 30, i32::MIN..=as_of]
        .map(|period| sales(&documents, &period));
    let needs = if sample.has_orders { "" } else { "orders" };
    let metrics = [
        ("buyers", "customers"),
        ("orders", "orders"),
        ("net_amount", "amount"),
        ("aov", "amount"),
        ("spend_per_customer", "amount"),
    ];
    let figure = |(i, (metric, unit)): (usize, (&'static str, &'static str))| Figure {
        metric,
        unit,
        days: Some(30),
        value: now[i],
        previous: before[i].filter(|_| reaches(sample, as_of - 59)),
        new: None,
        total: total[i],
        needs,
    };
    metrics.into_iter().enumerate().map(figure).collect()
}

fn check_overview(sample: &Sample, frame: &DataFrame) -> Result<(), TestCaseError> {
    let mut figures = vec![interest_figure(sample)];
    figures.extend(people_figures(sample));
    figures.push(Figure { needs: "customers_level", ..customers("members", None) });
    figures.push(Figure { needs: "customers_card", ..customers("card_holders", None) });
    figures.extend(sales_figures(sample));
    let found = cells(frame);
    let is_nobody_known = sample.orders.iter().all(|order| order.customer.is_none());
    let mut expected = Vec::new();
    for (i, figure) in figures.iter().enumerate() {
        // Who bought may be lacking where no order says it.
        let needs_buyers = found.get(i).is_some_and(|row| row[NEEDS] == text("buyers"));
        prop_assert!(!needs_buyers || (sample.has_orders && is_nobody_known), "{}", figure.metric);
        expected.push(if needs_buyers { figure.lacking("buyers") } else { figure.row() });
    }
    same("overview", frame, &OVERVIEW, &expected)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn interests_are_what_the_oracle_says(sample in sample()) {
        if !sample.events.is_empty() {
            check_interest(&sample)?;
            check_interest(&sample.without_orders())?;
        }
    }

    #[test]
    fn the_first_page_is_what_the_oracle_says(sample in sample()) {
        check_overview(&sample, &sample.read().overview())?;
        if !sample.events.is_empty() {
            let alone = sample.without_orders();
            check_overview(&alone, &alone.read().overview())?;
        }
    }
}
