//! Scores and groups of `rfm` by rank, the eight types and groups of one's own, and the sums of `rfm --summary` and
//! `segment`, against naive oracles.

use super::drawn::{
    Order, Shop, Want, assert_answer, cents, count, date, id, mean, seeds, share, text, write,
};

const LIST: [&str; 9] = [
    "customer_id",
    "last_ordered_on",
    "recency_days",
    "order_count",
    "net_amount",
    "r_score",
    "f_score",
    "m_score",
    "rfm_group",
];
/// What stands behind the keys of a summary.
const SUMS: [&str; 8] = [
    "customer_count",
    "customer_share",
    "order_count",
    "net_amount",
    "net_share",
    "aov",
    "spend_per_customer",
    "median_recency_days",
];
const STANDARD: [&str; 10] = [
    "champions",
    "loyal",
    "potential_loyal",
    "new",
    "promising",
    "need_attention",
    "about_to_sleep",
    "at_risk",
    "cant_lose",
    "hibernating",
];
const EIGHT: [&str; 8] = [
    "important_value",
    "important_develop",
    "important_keep",
    "important_retain",
    "general_value",
    "general_develop",
    "general_keep",
    "general_retain",
];

#[derive(Debug, Clone)]
struct Buyer {
    id: String,
    last: i32,
    recency: i64,
    orders: i64,
    /// Of all time, where a window holds less.
    orders_ever: i64,
    cents: i64,
}

/// The buyers of the last days, or of all time: the one who brought most first.
fn buyers(shop: &Shop, window: Option<i32>) -> Vec<Buyer> {
    let is_in = |order: &&&Order| window.is_none_or(|days| order.day > shop.as_of - days);
    let mut buyers = Vec::new();
    for (customer, orders) in shop.orders_of_buyers() {
        let counted: Vec<&&Order> = orders.iter().filter(is_in).collect();
        let Some(last) = counted.iter().map(|order| order.day).max() else { continue };
        let notes = shop.orders.iter().filter(|order| {
            order.customer == Some(customer) && order.is_credit_note() && order.day <= shop.as_of
        });
        let notes: i64 = notes.filter(|order| is_in(&order)).map(Order::cents).sum();
        buyers.push(Buyer {
            id: id(customer),
            last,
            recency: i64::from(shop.as_of - last),
            orders: counted.len() as i64,
            orders_ever: orders.len() as i64,
            cents: counted.iter().map(|order| order.cents()).sum::<i64>() + notes,
        });
    }
    buyers.sort_by(|a, b| b.cents.cmp(&a.cents).then(a.id.cmp(&b.id)));
    buyers
}

/// The three measures, each so that more is better.
const MEASURES: [fn(&Buyer) -> i64; 3] = [|buyer| -buyer.recency, |buyer| buyer.orders, |buyer| buyer.cents];

/// SQL's NTILE by hand: the one of rank i of n is in the part that holds i, where the first n mod bins parts hold one
/// more.
fn by_rank(buyers: &[Buyer], bins: usize) -> Vec<[usize; 3]> {
    let score = |buyer: &Buyer, measure: fn(&Buyer) -> i64| {
        let is_before = |other: &&Buyer| (measure(other), &other.id) < (measure(buyer), &buyer.id);
        let rank = buyers.iter().filter(is_before).count();
        let (size, larger) = (buyers.len() / bins, buyers.len() % bins);
        (1..=bins).find(|part| rank < part * size + larger.min(*part)).unwrap()
    };
    buyers.iter().map(|buyer| MEASURES.map(|measure| score(buyer, measure))).collect()
}

/// One more than the quantiles below: the k-th of b lies at k (n - 1) / b in the ascending values, between two of them.
fn by_quantile(buyers: &[Buyer], bins: usize) -> Vec<[usize; 3]> {
    let score = |buyer: &Buyer, place: usize| {
        // Days count down, so that the quantiles are those of the days themselves.
        let value = |buyer: &Buyer| MEASURES[place](buyer) * if place == 0 { -1 } else { 1 };
        let mut ascending: Vec<i64> = buyers.iter().map(value).collect();
        ascending.sort_unstable();
        let is_below = |k: &usize| {
            let at = k * (ascending.len() - 1);
            let (low, part) = (at / bins, (at % bins) as i64);
            let high = ascending[(low + 1).min(ascending.len() - 1)];
            bins as i64 * ascending[low] + part * (high - ascending[low]) < bins as i64 * value(buyer)
        };
        let below = (1..bins).filter(is_below).count();
        if place == 0 { bins - below } else { below + 1 }
    };
    buyers.iter().map(|buyer| [0, 1, 2].map(|place| score(buyer, place))).collect()
}

fn standard([r, f, _]: [usize; 3]) -> &'static str {
    match (r, f) {
        (5, 4..) => "champions",
        (3 | 4, 4..) => "loyal",
        (4.., 2 | 3) => "potential_loyal",
        (5, 1) => "new",
        (4, 1) => "promising",
        (3, 3) => "need_attention",
        (3, _) => "about_to_sleep",
        (_, 3 | 4) => "at_risk",
        (_, 5) => "cant_lose",
        _ => "hibernating",
    }
}

/// High is at or above the mean of the scores.
fn eight(scores: &[[usize; 3]]) -> Vec<&'static str> {
    let is_high = |one: &[usize; 3], place: usize| {
        one[place] * scores.len() >= scores.iter().map(|other| other[place]).sum::<usize>()
    };
    let kind = |one: &[usize; 3]| {
        let place = 4 * usize::from(!is_high(one, 2))
            + 2 * usize::from(!is_high(one, 0))
            + usize::from(!is_high(one, 1));
        EIGHT[place]
    };
    scores.iter().map(kind).collect()
}

fn list(buyers: &[Buyer], scores: &[[usize; 3]], groups: &[&str]) -> Vec<Vec<Want>> {
    let row = |((buyer, scores), group): ((&Buyer, &[usize; 3]), &&str)| {
        let last = date(buyer.last).to_string();
        let mut row =
            vec![text(&buyer.id), text(&last), Want::Whole(buyer.recency), Want::Whole(buyer.orders)];
        row.push(cents(buyer.cents));
        row.extend(scores.map(count));
        row.push(text(group));
        row
    };
    buyers.iter().zip(scores).zip(groups).map(row).collect()
}

/// The sums of some of the buyers.
fn sums(members: &[&Buyer], all: &[Buyer]) -> Vec<Want> {
    let of = |buyers: &mut dyn Iterator<Item = &Buyer>| buyers.map(|buyer| buyer.cents).sum::<i64>();
    let (net, total) = (of(&mut members.iter().copied()), of(&mut all.iter()));
    let orders: i64 = members.iter().map(|buyer| buyer.orders).sum();
    let mut recencies: Vec<i64> = members.iter().map(|buyer| buyer.recency).collect();
    recencies.sort_unstable();
    let middle = recencies.len() / 2;
    let median = match recencies.len() {
        0 => Want::Nothing,
        n if n % 2 == 1 => Want::Number(recencies[middle] as f64),
        _ => Want::Number((recencies[middle - 1] + recencies[middle]) as f64 / 2.0),
    };
    vec![
        count(members.len()),
        share(members.len() as i64, all.len() as i64),
        Want::Whole(orders),
        cents(net),
        share(net, total),
        mean(net, orders as usize),
        mean(net, members.len()),
        median,
    ]
}

fn summary(buyers: &[Buyer], groups: &[&str], keys: &[&str]) -> Vec<Vec<Want>> {
    let row = |key: &&str| {
        let members: Vec<&Buyer> =
            buyers.iter().zip(groups).filter(|(_, group)| group == &key).map(|(buyer, _)| buyer).collect();
        [vec![text(key)], sums(&members, buyers)].concat()
    };
    keys.iter().map(row).collect()
}

fn words(command: &str, file: &str) -> Vec<String> {
    command.replace("FILE", file).split_whitespace().map(str::to_owned).collect()
}

#[test]
fn scores_by_rank_are_what_the_oracle_says() {
    for seed in seeds() {
        let shop = Shop::drawn(seed);
        let bins = 3 + seed as usize % 5;
        let buyers = buyers(&shop, None);
        let scores = by_rank(&buyers, bins);
        let groups = eight(&scores);
        let command = format!("rfm FILE --method ntile --bins {bins} --groups eight");
        assert_answer(
            seed,
            &shop,
            |[orders, ..]| words(&command, orders),
            &LIST,
            &list(&buyers, &scores, &groups),
        );
    }
}

#[test]
fn groups_and_their_sums_are_what_the_oracle_says() {
    let columns = [&["rfm_group"], &SUMS[..]].concat();
    for seed in seeds() {
        let shop = Shop::drawn(seed);
        let window = [None, Some(120)][seed as usize % 2];
        let flag = window.map_or_else(String::new, |days| format!(" --window {days}"));
        let buyers = buyers(&shop, window);
        let scores = by_quantile(&buyers, 5);
        let standard: Vec<&str> = scores.iter().map(|scores| standard(*scores)).collect();
        let eight = eight(&scores);
        for (name, groups, keys) in [("standard", &standard, &STANDARD[..]), ("eight", &eight, &EIGHT[..])] {
            let command = format!("rfm FILE --groups {name}{flag}");
            let wanted = list(&buyers, &scores, groups);
            assert_answer(seed, &shop, |[orders, ..]| words(&command, orders), &LIST, &wanted);
            let command = format!("{command} --summary");
            let wanted = summary(&buyers, groups, keys);
            assert_answer(seed, &shop, |[orders, ..]| words(&command, orders), &columns, &wanted);
        }
    }
}

#[test]
fn groups_of_ones_own_are_what_the_oracle_says() {
    let keys = ["late_rare", "late_often", "fresh_rare", "fresh_often"];
    let columns = [&["rfm_group"], &SUMS[..]].concat();
    for seed in seeds() {
        let shop = Shop::drawn(seed);
        let bins = 3 + seed as usize % 4;
        // The highest of the low scores.
        let mut rng = fastrand::Rng::with_seed(seed);
        let (r_low, f_low) = (rng.usize(1..bins), rng.usize(1..bins));
        let parts = |low: usize| [format!("1-{low}"), format!("{}-{bins}", low + 1)];
        let (r_parts, f_parts) = (parts(r_low), parts(f_low));
        let mut config = String::new();
        for (place, key) in keys.iter().enumerate() {
            let (r, f) = (&r_parts[place / 2], &f_parts[place % 2]);
            config.push_str(&format!("[[rfm.group]]\nkey = \"{key}\"\nr = \"{r}\"\nf = \"{f}\"\n"));
        }
        let folder = tempfile::tempdir().unwrap();
        let config = write(folder.path(), "shop.toml", &config).display().to_string();
        let buyers = buyers(&shop, None);
        let scores = by_quantile(&buyers, bins);
        let group = |[r, f, _]: &[usize; 3]| keys[2 * usize::from(*r > r_low) + usize::from(*f > f_low)];
        let groups: Vec<&str> = scores.iter().map(group).collect();
        let command = format!("rfm FILE --bins {bins} --config {config}");
        let wanted = list(&buyers, &scores, &groups);
        assert_answer(seed, &shop, |[orders, ..]| words(&command, orders), &LIST, &wanted);
        let command = format!("{command} --summary");
        let wanted = summary(&buyers, &groups, &keys);
        assert_answer(seed, &shop, |[orders, ..]| words(&command, orders), &columns, &wanted);
    }
}

#[test]
fn sums_of_segments_are_what_the_oracle_says() {
    let segments = ["just_bought", "active_new", "active_loyal", "lapsing_new", "lapsing_loyal", "lost"];
    let columns = [&["segment", "value"], &SUMS[..]].concat();
    for seed in seeds() {
        let shop = Shop::drawn(seed);
        let window = [None, Some(200)][seed as usize % 2];
        let flag = window.map_or_else(String::new, |days| format!(" --window {days}"));
        let buyers = buyers(&shop, window);
        let total: i64 = buyers.iter().map(|buyer| buyer.cents).sum();
        // An old customer of whom the window holds one order is no new one.
        let segment = |buyer: &Buyer| match (buyer.recency, buyer.orders_ever) {
            (..=7, _) => "just_bought",
            (..=90, 1) => "active_new",
            (..=90, _) => "active_loyal",
            (..=365, 1) => "lapsing_new",
            (..=365, _) => "lapsing_loyal",
            _ => "lost",
        };
        let is_high = |buyer: &Buyer| buyer.cents * buyers.len() as i64 >= total;
        let mut wanted = Vec::new();
        for name in segments {
            for (value, high) in [("high", true), ("low", false)] {
                let is_in = |buyer: &&Buyer| segment(buyer) == name && is_high(buyer) == high;
                let members: Vec<&Buyer> = buyers.iter().filter(is_in).collect();
                wanted.push([vec![text(name), text(value)], sums(&members, &buyers)].concat());
            }
        }
        let command = format!("segment FILE{flag}");
        assert_answer(seed, &shop, |[orders, ..]| words(&command, orders), &columns, &wanted);
    }
}
