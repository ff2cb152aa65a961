//! Products and regions of a small shop against naive oracles.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::Datelike;
use proptest::prelude::*;

use super::analyses::{CATEGORIES, Order, PROVINCES, Sample, cases, date, orders_of, sample};
use super::analyses_answers::{
    Cell, amount_share, count, mean, micros, number, percentile, ratio_ends, same, share, text, wilson,
};
use super::analyses_interest::interest;

use ecrm::metrics::region::By;

const PRODUCTS: [&str; 16] = [
    "product_id",
    "title",
    "category",
    "order_count",
    "customer_count",
    "quantity",
    "amount",
    "repeat_customer_count",
    "gap_count",
    "cycle_days",
    "entry_customer_count",
    "loyal_count",
    "loyal_rate",
    "loyal_rate_low",
    "loyal_rate_high",
    "loyal_index",
];
const PAIRS: [&str; 14] = [
    "product_id",
    "title",
    "other_product_id",
    "other_title",
    "order_count",
    "product_order_count",
    "other_order_count",
    "basket_count",
    "support",
    "confidence",
    "lift",
    "customer_count",
    "p_value",
    "is_reliable",
];
const REGIONS: [&str; 21] = [
    "country",
    "province",
    "order_count",
    "customer_count",
    "net_amount",
    "share",
    "aov",
    "spend_per_customer",
    "repeat_rate",
    "repeat_rate_low",
    "repeat_rate_high",
    "is_reliable",
    "interest_customer_count",
    "converted_count",
    "conversion_rate",
    "conversion_rate_low",
    "conversion_rate_high",
    "conversion_index",
    "conversion_index_low",
    "conversion_index_high",
    "is_index_reliable",
];

/// The distinct products that an order holds.
type Basket = BTreeSet<usize>;

/// The orders of each buyer, one after the other.
fn histories(sample: &Sample) -> Vec<Vec<&Order>> {
    sample.buyers().values().map(|documents| orders_of(documents)).collect()
}

fn basket(order: &Order) -> Basket {
    order.bought().map(|item| item.product).collect()
}

/// The row of a product, and in how many orders it is.
fn product(histories: &[Vec<&Order>], product: usize) -> (usize, Vec<Cell>) {
    let (mut customers, mut repeaters, mut entries, mut loyal, mut gaps) = (0, 0, 0, 0, Vec::new());
    for orders in histories {
        let holds = |order: &&&Order| basket(order).contains(&product);
        let days: BTreeSet<i32> = orders.iter().filter(holds).map(|order| order.day).collect();
        let days: Vec<i32> = days.into_iter().collect();
        gaps.extend(days.windows(2).map(|pair| pair[1] - pair[0]));
        customers += usize::from(!days.is_empty());
        repeaters += usize::from(days.len() > 1);
        let is_entry = basket(orders[0]).contains(&product);
        entries += usize::from(is_entry);
        loyal += usize::from(is_entry && orders.len() > 1);
    }
    gaps.sort_unstable();
    let all = || histories.iter().flatten();
    let orders = all().filter(|order| basket(order).contains(&product)).count();
    let bought = || all().flat_map(|order| order.bought()).filter(move |item| item.product == product);
    let cents: i64 = bought().map(|item| item.cents).sum();
    let shop = share(histories.iter().filter(|orders| orders.len() > 1).count(), histories.len());
    let rate = share(loyal, entries);
    let index = rate.zip(shop.filter(|shop| *shop > 0.0)).map(|(rate, shop)| rate / shop);
    let [low, high] = wilson(loyal, entries);
    let row = vec![
        text(&format!("p{product}")),
        Cell::Null,
        text(CATEGORIES[product]),
        count(orders),
        count(customers),
        // No column says how many pieces.
        Cell::Null,
        micros(Some(i128::from(cents) * 10_000)),
        count(repeaters),
        count(gaps.len()),
        number(percentile(&gaps, 50)),
        count(entries),
        count(loyal),
        number(rate),
        low,
        high,
        number(index),
    ];
    (orders, row)
}

/// Those in any order, the one in the most first.
fn products(histories: &[Vec<&Order>]) -> Vec<Vec<Cell>> {
    let all = (0..CATEGORIES.len()).map(|number| product(histories, number));
    let mut found: Vec<(usize, Vec<Cell>)> = all.filter(|(orders, _)| *orders > 0).collect();
    found.sort_by_key(|(orders, _)| Reverse(*orders));
    found.into_iter().map(|(_, row)| row).collect()
}

/// Baskets, or an order's and the next one's, with the customer.
type Sides = (usize, Basket, Basket);

/// How many ways there are to choose some of all.
fn choose(all: usize, some: usize) -> f64 {
    (0..some).fold(1.0, |ways, i| ways * (all - i) as f64 / (i + 1) as f64)
}

/// Fisher's exact test, two-sided, from how many ways there are to put the ones and the others together.
fn fisher(both: usize, one: usize, other: usize, all: usize) -> f64 {
    let ways = |both: usize| choose(one, both) * choose(all - one, other - both);
    let possible = (one + other).saturating_sub(all)..=one.min(other);
    let rare = possible.clone().filter(|with| ways(*with) <= ways(both) * (1.0 + 1e-7));
    rare.map(ways).sum::<f64>() / possible.map(ways).sum::<f64>()
}

/// The rows of all pairs of a product on one side and one on the other, the most frequent first.
fn pairs(sides: &[Sides], has_same: bool) -> Vec<Vec<Cell>> {
    let mut found: Vec<(usize, Vec<Cell>)> = Vec::new();
    let mut tests: Vec<(f64, usize)> = Vec::new();
    for one in 0..CATEGORIES.len() {
        for other in (0..CATEGORIES.len()).filter(|other| has_same || *other != one) {
            let both = sides.iter().filter(|(_, a, b)| a.contains(&one) && b.contains(&other));
            let customers: BTreeSet<usize> = both.clone().map(|(customer, ..)| *customer).collect();
            let both = both.count();
            if both == 0 {
                continue;
            }
            let with_one = sides.iter().filter(|(_, a, _)| a.contains(&one)).count();
            let with_other = sides.iter().filter(|(.., b)| b.contains(&other)).count();
            let confidence = both as f64 / with_one as f64;
            let lift = confidence / (with_other as f64 / sides.len() as f64);
            let row = vec![
                text(&format!("p{one}")),
                Cell::Null,
                text(&format!("p{other}")),
                Cell::Null,
                count(both),
                count(with_one),
                count(with_other),
                count(sides.len()),
                number(share(both, sides.len())),
                number(Some(confidence)),
                number(Some(lift)),
                count(customers.len()),
            ];
            tests.push((fisher(both, with_one, with_other, sides.len()), customers.len()));
            found.push((both, row));
        }
    }
    // The least share of false ones among as many as any of the tests that are no stricter lets in.
    let level = |p: f64| {
        let looser = tests.iter().filter(|(other, _)| *other >= p);
        let share = |(other, _): &(f64, usize)| {
            let let_in = tests.iter().filter(|(third, _)| third <= other).count();
            other * tests.len() as f64 / let_in as f64
        };
        looser.map(share).fold(1.0, f64::min)
    };
    for ((_, row), (p, customers)) in found.iter_mut().zip(&tests) {
        row.extend([Cell::Number(*p), Cell::Flag(*customers >= 5 && level(*p) <= 0.05)]);
    }
    found.sort_by_key(|(both, _)| Reverse(*both));
    found.into_iter().map(|(_, row)| row).collect()
}

/// Country and province.
fn place(province: usize) -> [Cell; 2] {
    [text(if province > 0 { "中国" } else { "" }), text(PROVINCES[province])]
}

/// Whether at the rate of the whole five of so many would be hits, and five would not.
fn is_comparable(of: usize, [hits, whole]: [usize; 2]) -> bool {
    let expected = |rate: f64| of as f64 * rate >= 5.0 - 1e-9;
    share(hits, whole).is_some_and(|rate| expected(rate) && expected(1.0 - rate))
}

/// The row of a province without conversions, with its net amount, and whether nothing went there.
fn region(sample: &Sample, province: usize) -> (bool, i128, Vec<Cell>) {
    let everything = sample.documents();
    let documents: Vec<&Order> =
        everything.iter().copied().filter(|document| document.province == province).collect();
    let buyers = sample.buyers();
    let orders_here = |all: &Vec<&Order>| orders_of(all).iter().filter(|o| o.province == province).count();
    let with = |least: usize| buyers.values().filter(|all| orders_here(all) >= least).count();
    let orders = orders_of(&documents).len();
    let net: i128 = documents.iter().map(|document| document.net()).sum();
    let total: i128 = everything.iter().map(|document| document.net()).sum();
    let is_customer = |customer: u8| buyers.get(&customer).is_some_and(|all| orders_here(all) > 0);
    let known = documents.iter().filter(|document| document.customer.is_some_and(is_customer));
    let known_net: i128 = known.map(|document| document.net()).sum();
    let mut row = place(province).to_vec();
    row.extend([
        count(orders),
        if buyers.is_empty() { Cell::Null } else { count(with(1)) },
        micros(Some(net)),
        number(amount_share(net, total)),
        micros(mean(net, orders)),
        micros(mean(known_net, with(1))),
        number(share(with(2), with(1))),
    ]);
    row.extend(wilson(with(2), with(1)));
    // At the rate of all regions five would repeat, and five would not.
    let in_any = |least: usize| -> usize {
        let here = |province: usize, all: &Vec<&Order>| {
            orders_of(all).iter().filter(|order| order.province == province).count() >= least
        };
        (0..PROVINCES.len()).map(|province| buyers.values().filter(|all| here(province, all)).count()).sum()
    };
    let (repeaters, all) = (in_any(2), in_any(1));
    row.push(match buyers.is_empty() {
        true => Cell::Null,
        false => Cell::Flag(is_comparable(with(1), [repeaters, all])),
    });
    (documents.is_empty(), net, row)
}

/// The regions by net amount, with the conversions of those whose last order went there.
fn regions(sample: &Sample) -> Vec<Vec<Cell>> {
    let buyers = sample.buyers();
    let home = |customer: u8| {
        let orders = buyers.get(&customer).map(|documents| orders_of(documents));
        orders.and_then(|orders| orders.last().map(|last| last.province)).unwrap_or(0)
    };
    let shop = interest(sample, sample.as_of(), 30, |_| true);
    let shop_rate = share(shop.converted, shop.interested).filter(|rate| *rate > 0.0);
    let mut rows = Vec::new();
    for province in 0..PROVINCES.len() {
        let own = interest(sample, sample.as_of(), 30, |event| home(event.customer) == province);
        let (is_empty, net, mut row) = region(sample, province);
        if is_empty && own.interested == 0 {
            continue;
        }
        if !sample.events.is_empty() {
            let rate = share(own.converted, own.interested);
            let index = rate.zip(shop_rate).map(|(rate, shop)| rate / shop);
            row.extend([count(own.interested), count(own.converted), number(rate)]);
            row.extend(wilson(own.converted, own.interested));
            row.push(number(index));
            row.extend(ratio_ends([own.converted, own.interested], [shop.converted, shop.interested]));
            row.push(Cell::Flag(is_comparable(own.interested, [shop.converted, shop.interested])));
        }
        rows.push((province == 0, Reverse(net), row));
    }
    rows.sort_by_key(|(is_unknown, net, _)| (*is_unknown, *net));
    rows.into_iter().map(|(_, _, row)| row).collect()
}

/// An order with its province and what it is compared by.
type Keyed<K> = (usize, BTreeSet<K>);

/// The rows of location quotients; those of a region by these, or else by key.
fn quotients<K: Ord + Copy>(orders: &[Keyed<K>], sorts: bool, cell: fn(K) -> Cell) -> Vec<Vec<Cell>> {
    let keys: BTreeSet<K> = orders.iter().flat_map(|(_, keys)| keys).copied().collect();
    let all_of = |province: usize| orders.iter().filter(|(place, _)| *place == province).count();
    let mut regions: Vec<usize> = (0..PROVINCES.len()).filter(|province| all_of(*province) > 0).collect();
    regions.sort_by_key(|province| (*province == 0, Reverse(all_of(*province))));
    let mut rows = Vec::new();
    for province in regions {
        let of_region = all_of(province);
        let mut own: Vec<((usize, usize), Vec<Cell>)> = Vec::new();
        for key in &keys {
            let with: Vec<&Keyed<K>> = orders.iter().filter(|(_, keys)| keys.contains(key)).collect();
            let here = with.iter().filter(|(place, _)| *place == province).count();
            let region_share = here as f64 / of_region as f64;
            let shop_share = with.len() as f64 / orders.len() as f64;
            let is_reliable = here >= 5 && with.len() * of_region >= 5 * orders.len();
            let mut row = place(province).to_vec();
            row.extend([cell(*key), count(here), count(of_region)]);
            row.extend([region_share, shop_share, region_share / shop_share].map(Cell::Number));
            row.extend(ratio_ends([here, of_region], [with.len(), orders.len()]));
            row.push(Cell::Flag(is_reliable));
            own.push(((here, with.len()), row));
        }
        if sorts {
            // By the quotient, a fraction of whole numbers but for what all of the region have in common.
            own.sort_by(|((here, with), _), ((other_here, other_with), _)| {
                (other_here * with).cmp(&(here * other_with))
            });
        }
        rows.extend(own.into_iter().map(|(_, row)| row));
    }
    rows
}

fn quotient_header(key: &'static str) -> [&'static str; 11] {
    [
        "country",
        "province",
        key,
        "order_count",
        "region_order_count",
        "region_share",
        "shop_share",
        "location_quotient",
        "location_quotient_low",
        "location_quotient_high",
        "is_reliable",
    ]
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn products_are_what_the_oracle_says(sample in sample()) {
        let histories = histories(&sample);
        // Where nobody is known at all, products are of all orders.
        prop_assume!(!histories.is_empty());
        let [found, together, next] = sample.read().products();
        same("products", &found, &PRODUCTS, &products(&histories))?;
        let of_customer = |(customer, orders): (usize, &Vec<&Order>)| -> Vec<Sides> {
            orders.iter().map(|order| (customer, basket(order), basket(order))).collect()
        };
        let in_one: Vec<Sides> = histories.iter().enumerate().flat_map(of_customer).collect();
        same("together", &together, &PAIRS, &pairs(&in_one, false))?;
        let mut followed: Vec<Sides> = Vec::new();
        for (customer, orders) in histories.iter().enumerate() {
            followed.extend(orders.windows(2).map(|pair| (customer, basket(pair[0]), basket(pair[1]))));
        }
        same("next", &next, &PAIRS, &pairs(&followed, true))?;
    }

    #[test]
    fn regions_are_what_the_oracle_says(sample in sample()) {
        let read = sample.read();
        let columns = if sample.events.is_empty() { &REGIONS[..12] } else { &REGIONS[..] };
        same("regions", &read.region(), columns, &regions(&sample))?;
        let documents = sample.documents();
        let orders = orders_of(&documents);
        let keyed = |order: &&Order| (order.province, order.categories());
        let by_category: Vec<Keyed<&'static str>> = orders.iter().map(keyed).collect();
        let expected = quotients(&by_category, true, text);
        same("by category", &read.quotients(By::Category), &quotient_header("category"), &expected)?;
        let monthly = |order: &&Order| (order.province, BTreeSet::from([date(order.day).month()]));
        let by_month: Vec<Keyed<u32>> = orders.iter().map(monthly).collect();
        let expected = quotients(&by_month, false, |month| Cell::Whole(i64::from(month)));
        same("by month", &read.quotients(By::Month), &quotient_header("month"), &expected)?;
    }
}
