//! `repurchase --due` against a naive oracle: days as fractions, nothing rounded before the end.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::drawn::{Order, Shop, Want, assert_answer, date, id, seeds, text};

const COLUMNS: [&str; 9] = [
    "customer_id",
    "last_ordered_on",
    "recency_days",
    "order_count",
    "own_gap_days",
    "expected_gap_days",
    "next_expected_on",
    "due_status",
    "product_id",
];

/// A number of days as a fraction of whole numbers, the lower one above zero.
type Days = (i64, i64);

/// What the churn line is.
#[derive(Clone, Copy)]
enum Churn {
    Days(i64),
    Percentile(i64),
    /// The chance of return, as nobody says otherwise.
    Chance,
}

struct Flags {
    due_days: i64,
    weight: i64,
    churn: Churn,
    window: Option<i32>,
}

/// The days of these orders, each once.
fn days<'a>(orders: impl Iterator<Item = &'a &'a Order>) -> Vec<i32> {
    orders.map(|order| order.day).collect::<BTreeSet<i32>>().into_iter().collect()
}

fn gaps(days: &[i32]) -> Vec<i64> {
    days.windows(2).map(|pair| i64::from(pair[1] - pair[0])).collect()
}

/// By linear interpolation (type 7): the value at percent · (n - 1) / 100 of the ascending ones.
fn percentile(gaps: &[i64], percent: i64) -> Option<Days> {
    let mut ascending = gaps.to_vec();
    ascending.sort_unstable();
    let at = percent * (ascending.len() as i64 - 1);
    let low = *ascending.get(usize::try_from(at / 100).ok()?)?;
    let high = ascending.get(at as usize / 100 + 1).copied().unwrap_or(low);
    Some((100 * low + at % 100 * (high - low), 100))
}

/// The products of an order that were paid for.
fn products(order: &Order) -> Vec<(usize, i64)> {
    order.items.iter().copied().filter(|(_, cents)| *cents > 0).collect()
}

fn has(order: &Order, product: usize) -> bool {
    products(order).iter().any(|(other, _)| *other == product)
}

type Buyers<'a> = BTreeMap<usize, Vec<&'a Order>>;

/// What most others bought in the order after one that holds the product, at least five times.
fn followed_by(buyers: &Buyers<'_>, product: usize) -> Option<usize> {
    let mut times: BTreeMap<usize, usize> = BTreeMap::new();
    for pair in buyers.values().flat_map(|orders| orders.windows(2)).filter(|pair| has(pair[0], product)) {
        for (next, _) in products(pair[1]).into_iter().filter(|(next, _)| *next != product) {
            *times.entry(next).or_default() += 1;
        }
    }
    let often = times.into_iter().filter(|(_, times)| *times >= 5);
    often.min_by_key(|(next, times)| (Reverse(*times), *next)).map(|(next, _)| next)
}

/// What the customer buys again and again, else what others buy after the dearest item of the last order, else that
/// one.
fn advised(buyers: &Buyers<'_>, orders: &[&Order]) -> usize {
    let bought: BTreeSet<usize> =
        orders.iter().flat_map(|order| products(order)).map(|(product, _)| product).collect();
    let with = |product: usize| days(orders.iter().filter(|order| has(order, product)));
    let again = bought.iter().filter(|product| with(**product).len() > 1);
    let usual = again.min_by_key(|product| {
        let days = with(**product);
        (Reverse(days.len()), Reverse(days.last().copied()), **product)
    });
    if let Some(usual) = usual {
        return *usual;
    }
    let items = products(orders[orders.len() - 1]);
    let (dearest, _) = items.into_iter().min_by_key(|(product, cents)| (Reverse(*cents), *product)).unwrap();
    followed_by(buyers, dearest).unwrap_or(dearest)
}

/// The product's cycle, where it has at least ten gaps.
fn cycle_of(buyers: &Buyers<'_>, product: usize) -> Option<Days> {
    let of_buyer = |orders: &Vec<&Order>| gaps(&days(orders.iter().filter(|order| has(order, product))));
    let gaps: Vec<i64> = buyers.values().flat_map(of_buyer).collect();
    percentile(&gaps, 50).filter(|_| gaps.len() >= 10)
}

/// The first day of silence after which fewer than a tenth come within 90 days, where 20 are still watched then, day by
/// day. Of gaps in days, and whether they ended.
fn line(gaps: &[(i64, bool)]) -> Option<Days> {
    let watched = |day: i64| gaps.iter().filter(|(gap, _)| *gap >= day).count();
    let left = |until: i64| {
        (0..=until).fold(1.0, |left, day| {
            let ended = gaps.iter().filter(|(gap, has_ended)| *has_ended && *gap == day).count();
            if ended == 0 { left } else { left * (1.0 - ended as f64 / watched(day) as f64) }
        })
    };
    let last = gaps.iter().map(|(gap, _)| *gap).max()?;
    (0..=last)
        .take_while(|day| watched(day + 90) >= 20)
        .find(|day| left(*day) > 0.0 && 1.0 - left(day + 90) / left(*day) < 0.1)
        .map(|day| (day, 1))
}

fn due(shop: &Shop, flags: &Flags) -> Vec<Vec<Want>> {
    let buyers = shop.orders_of_buyers();
    let all: Vec<i64> = buyers.values().flat_map(|orders| gaps(&days(orders.iter()))).collect();
    // A shop without any gap is taken to have a cycle of 90 days.
    let cycle = percentile(&all, 50).unwrap_or((90, 1));
    let (mut after_first, mut after_later) = (Vec::new(), Vec::new());
    for orders in buyers.values() {
        let days = days(orders.iter());
        let open = i64::from(shop.as_of - days[days.len() - 1]);
        let ended = gaps(&days).into_iter().map(|gap| (gap, true)).chain([(open, false)]);
        for (place, gap) in ended.enumerate() {
            if place == 0 { &mut after_first } else { &mut after_later }.push(gap);
        }
    }
    let [of_one, of_several] = match flags.churn {
        Churn::Days(days) => [Some((days, 1)); 2],
        Churn::Percentile(percent) => [percentile(&all, percent); 2],
        Churn::Chance => [line(&after_first), line(&after_later)],
    };
    let mut rows = Vec::new();
    for (customer, orders) in &buyers {
        let days = days(orders.iter());
        let (first, last) = (days[0], days[days.len() - 1]);
        if flags.window.is_some_and(|window| first <= shop.as_of - window) {
            continue;
        }
        let own_gaps = gaps(&days);
        let own = percentile(&own_gaps, 50);
        let product = advised(&buyers, orders);
        let usual = cycle_of(&buyers, product).unwrap_or(cycle);
        // (n · own + k · usual) / (n + k), over hundreds as quantiles are.
        let (n, k) = (own_gaps.len() as i64, flags.weight);
        let hundreds = |days: Days| days.0 * 100 / days.1;
        let gap = match n + k {
            0 => (hundreds(usual), 100),
            both => (n * own.map_or(0, hundreds) + k * hundreds(usual), 100 * both),
        };
        let expected = ((2 * gap.0 + gap.1) / (2 * gap.1)).max(1);
        let recency = i64::from(shop.as_of - last);
        let late = recency - expected;
        // Past the churn line, and past it as much longer as this gap is than the shop's.
        let is_past = if own_gaps.is_empty() { of_one } else { of_several }.is_some_and(|churn| {
            recency * churn.1 > churn.0 && recency * gap.1 * cycle.0 * churn.1 > churn.0 * gap.0 * cycle.1
        });
        let status = match late {
            _ if late < -flags.due_days => "in_cycle",
            _ if late <= flags.due_days => "due",
            _ if is_past => "lost",
            _ => "overdue",
        };
        let place = ["due", "overdue", "in_cycle", "lost"].iter().position(|other| *other == status);
        let row = vec![
            text(&id(*customer)),
            text(&date(last).to_string()),
            Want::Whole(recency),
            Want::Whole(orders.len() as i64),
            own.map_or(Want::Nothing, |own| Want::Number(own.0 as f64 / own.1 as f64)),
            Want::Whole(expected),
            text(&date(last + expected as i32).to_string()),
            text(status),
            text(&format!("p{product}")),
        ];
        rows.push(((place, last + expected as i32, *customer), row));
    }
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, row)| row).collect()
}

#[test]
fn due_customers_are_what_the_oracle_says() {
    let mut seen = BTreeSet::new();
    for seed in seeds() {
        let shop = Shop::drawn(seed);
        let flags = Flags {
            due_days: [7, 0, 20][seed as usize / 2 % 3],
            weight: [2, 0, 5][seed as usize / 3 % 3],
            churn: [Churn::Days(60), Churn::Percentile(75), Churn::Chance][seed as usize % 3],
            window: (seed % 5 == 4).then_some(300),
        };
        let mut args: Vec<String> = ["repurchase", "--due"].map(str::to_owned).to_vec();
        args.extend(["--due-days".to_owned(), flags.due_days.to_string()]);
        args.extend(["--weight".to_owned(), flags.weight.to_string()]);
        args.extend(match flags.churn {
            Churn::Days(days) => vec!["--churn-days".to_owned(), days.to_string()],
            Churn::Percentile(percent) => vec!["--churn-percentile".to_owned(), percent.to_string()],
            Churn::Chance => Vec::new(),
        });
        args.extend(flags.window.into_iter().flat_map(|days| ["--window".to_owned(), days.to_string()]));
        let wanted = due(&shop, &flags);
        seen.extend(wanted.iter().map(|row| format!("{:?}", row[7])));
        let ask = |[orders, ..]: &[String; 3]| [args.clone(), vec![orders.clone()]].concat();
        assert_answer(seed, &shop, ask, &COLUMNS, &wanted);
    }
    assert_eq!(seen.len(), 4, "every status comes up: {seen:?}");
}
