//! Pairs of products: those in the same order, and those in a customer's successive orders.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use polars::prelude::*;
use rayon::prelude::*;

use super::{Products, product_columns};
use crate::error::Result;
use crate::limits::MAX_BASKET;
use crate::metrics::finish::{counts, flags, frame, ratios, share};
use crate::schema::{Items, names};
use crate::stats::pairs;
use crate::stats::proportion::{Proportion, fisher};
use crate::stats::several::benjamini_hochberg;

/// A pair is reliable only if at least this many customers bought it or, if no buyer is known, if at least this many
/// orders hold it.
const MIN_CUSTOMERS: u64 = 5;

/// The share of the reliable pairs that may be due to chance: the level of the false discovery rate.
const MAX_FALSE_DISCOVERIES: f64 = 0.05;

/// Two products and how often they go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The first product.
    pub product: u32,
    /// The second product.
    pub other: u32,
    /// Orders with both; for successive orders, those with the first product whose next order has the second.
    pub both: u64,
}

impl Products {
    fn is_wide(&self, basket: usize) -> bool {
        self.baskets.basket(basket).len() > MAX_BASKET
    }

    /// The number of orders with each product, without the wide orders, from which no pairs are made.
    fn orders_in_pairs(&self) -> Vec<u64> {
        let mut orders: Vec<u64> = self.facts.iter().map(|facts| facts.orders).collect();
        for basket in (0..self.baskets.starts.len()).filter(|basket| self.is_wide(*basket)) {
            self.baskets.basket(basket).iter().for_each(|product| orders[*product as usize] -= 1);
        }
        orders
    }

    /// Pairs of products in the same order, each in both directions, the most frequent first. Pairs in fewer than
    /// `least` orders are left out. `orders` has the number of orders with each product.
    fn together(&self, orders: &[u64], least: u64) -> Vec<Pair> {
        debug_assert_eq!(self.baskets.starts.len() as u64, self.baskets.count, "asked for pairs");
        let is_frequent = |product: &u32| orders[*product as usize] >= least;
        let found = pairs::count(
            |take| {
                let mut frequent = Vec::new();
                for basket in (0..self.baskets.starts.len()).filter(|basket| !self.is_wide(*basket)) {
                    frequent.clear();
                    frequent.extend(self.baskets.basket(basket).iter().copied().filter(is_frequent));
                    for (i, &a) in frequent.iter().enumerate() {
                        frequent[i + 1..].iter().for_each(|&b| take(a, b));
                    }
                }
            },
            least,
        );
        let both_ways = found.into_iter().flat_map(|(a, b, both)| [(a, b, both), (b, a, both)]);
        sorted(both_ways.map(|(product, other, both)| Pair { product, other, both }).collect())
    }

    /// Pairs of a product in one order and a product (perhaps the same) in the customer's next order, the most frequent
    /// first. Pairs in fewer than `least` transitions are left out. The second value has the counts of transitions from
    /// which shares are computed.
    pub fn next(&self, least: u64) -> (Vec<Pair>, Transitions) {
        debug_assert_eq!(self.baskets.starts.len() as u64, self.baskets.count, "asked for pairs");
        let mut transitions =
            Transitions { count: 0, from: vec![0; self.facts.len()], to: vec![0; self.facts.len()] };
        let following = |basket: usize| {
            let (_, is_first) = self.baskets.starts.get(basket + 1)?;
            (!is_first && !self.is_wide(basket) && !self.is_wide(basket + 1)).then_some(basket + 1)
        };
        for basket in 0..self.baskets.starts.len() {
            let Some(next) = following(basket) else { continue };
            transitions.count += 1;
            self.baskets.basket(basket).iter().for_each(|product| transitions.from[*product as usize] += 1);
            self.baskets.basket(next).iter().for_each(|product| transitions.to[*product as usize] += 1);
        }
        let found = pairs::count(
            |take| {
                let mut to = Vec::new();
                for basket in 0..self.baskets.starts.len() {
                    let Some(next) = following(basket) else { continue };
                    to.clear();
                    let next = self.baskets.basket(next).iter().copied();
                    to.extend(next.filter(|product| transitions.to[*product as usize] >= least));
                    for &from in self.baskets.basket(basket) {
                        if transitions.from[from as usize] >= least {
                            to.iter().for_each(|&to| take(from, to));
                        }
                    }
                }
            },
            least,
        );
        (
            sorted(found.into_iter().map(|(product, other, both)| Pair { product, other, both }).collect()),
            transitions,
        )
    }

    /// The table of pairs in the same order: `product_id`, `title`, `other_product_id`, `other_title`, `order_count`
    /// (with both), `product_order_count`, `other_order_count`, `basket_count`, `support`, `confidence`, `lift`
    /// (Agrawal, Imielinski and Swami, "Mining Association Rules between Sets of Items in Large Databases", SIGMOD
    /// 1993; lift: Brin et al., SIGMOD 1997), `customer_count` (null if no buyer is known), `p_value` (Fisher's exact
    /// test: whether the share of orders with the other product differs between the orders with the first product and
    /// those without) and `is_reliable` (enough customers, and the p-value is small after the correction of Benjamini
    /// and Hochberg over the pairs of the table). Orders with more than [`MAX_BASKET`] different products are left out
    /// of all columns.
    pub fn together_frame(&self, items: &Items, least: u64) -> Result<DataFrame> {
        let own = self.orders_in_pairs();
        let orders = |product: u32| own[product as usize];
        let pairs = self.together(&own, least);
        let customers = self.customers_of(&pairs, |baskets, take| {
            for basket in baskets.filter(|basket| !self.is_wide(*basket)) {
                let products = self.baskets.basket(basket);
                for (i, &a) in products.iter().enumerate() {
                    products[i + 1..]
                        .iter()
                        .for_each(|&b| [(a, b), (b, a)].iter().for_each(|pair| take(*pair)));
                }
            }
        });
        let baskets = self.basket_count() - self.wide_count();
        pair_frame(items, &pairs, customers.as_deref(), baskets, orders, orders)
    }

    /// The table of pairs in successive orders, with the columns of [`Self::together_frame`]. Only orders that have a
    /// next one are counted.
    pub fn next_frame(&self, items: &Items, least: u64) -> Result<DataFrame> {
        let (pairs, transitions) = self.next(least);
        let customers = self.customers_of(&pairs, |baskets, take| {
            let are_wide = |basket: usize| self.is_wide(basket) || self.is_wide(basket + 1);
            for basket in (baskets.start..baskets.end.saturating_sub(1)).filter(|basket| !are_wide(*basket)) {
                for &from in self.baskets.basket(basket) {
                    self.baskets.basket(basket + 1).iter().for_each(|&to| take((from, to)));
                }
            }
        });
        let from = |product: u32| transitions.from[product as usize];
        let to = |product: u32| transitions.to[product as usize];
        pair_frame(items, &pairs, customers.as_deref(), transitions.count, from, to)
    }

    /// The number of customers who bought each pair; `None` if no buyer is known. `each` is called with the range of
    /// one customer's baskets and must name all pairs in them, each as often as it occurs.
    fn customers_of(
        &self,
        pairs: &[Pair],
        each: impl Fn(Range<usize>, &mut dyn FnMut((u32, u32))),
    ) -> Option<Vec<u64>> {
        if self.is_anonymous {
            return None;
        }
        let places: HashMap<(u32, u32), usize> =
            pairs.iter().enumerate().map(|(place, pair)| ((pair.product, pair.other), place)).collect();
        // For each pair: where the baskets of the customer counted last begin, so that nobody is counted twice, and the
        // count so far.
        let mut counted = vec![(usize::MAX, 0_u64); pairs.len()];
        let mut start = 0;
        for own in self.baskets.starts.chunk_by(|_, (_, is_first)| !is_first) {
            let end = start + own.len();
            each(start..end, &mut |pair| {
                let Some(&place) = places.get(&pair) else { return };
                let (last, count) = &mut counted[place];
                *count += u64::from(*last != start);
                *last = start;
            });
            start = end;
        }
        Some(counted.into_iter().map(|(_, count)| count).collect())
    }
}

/// Pairs of an order and the same customer's next one.
#[derive(Debug, Clone)]
pub struct Transitions {
    /// The number of transitions.
    pub count: u64,
    /// The number of transitions with each product in the first order.
    pub from: Vec<u64>,
    /// The number of transitions with each product in the second order.
    pub to: Vec<u64>,
}

fn sorted(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.sort_unstable_by_key(|pair| (Reverse(pair.both), pair.product, pair.other));
    pairs
}

fn pair_frame(
    items: &Items,
    pairs: &[Pair],
    customers: Option<&[u64]>,
    baskets: u64,
    orders_of: impl Fn(u32) -> u64 + Sync,
    orders_of_other: impl Fn(u32) -> u64 + Sync,
) -> Result<DataFrame> {
    let ratio = |part: u64, whole: u64| share(i128::from(part), i128::from(whole));
    let confidence = |pair: &Pair| ratio(pair.both, orders_of(pair.product));
    let lift = |pair: &Pair| Some(confidence(pair)? / ratio(orders_of_other(pair.other), baskets)?);
    let p_value = |pair: &Pair| {
        let (one, other) = (orders_of(pair.product), orders_of_other(pair.other));
        let without = Proportion::new(other - pair.both, baskets - one);
        // If every basket holds the first product, there are none to compare with.
        fisher(Proportion::new(pair.both, one), without).unwrap_or(1.0)
    };
    let p_values: Vec<f64> = pairs.par_iter().map(p_value).collect();
    let adjusted = benjamini_hochberg(&p_values);
    let is_reliable = |place: usize| {
        let count = customers.map_or(pairs[place].both, |customers| customers[place]);
        adjusted[place] <= MAX_FALSE_DISCOVERIES && count >= MIN_CUSTOMERS
    };
    let one = pairs.iter().map(|pair| pair.product as usize);
    let other = pairs.iter().map(|pair| pair.other as usize);
    let mut columns = product_columns(items, one, [names::PRODUCT_ID, names::TITLE]);
    columns.extend(product_columns(items, other, [names::OTHER_PRODUCT_ID, names::OTHER_TITLE]));
    columns.extend([
        counts(names::ORDER_COUNT, pairs.iter().map(|pair| Some(pair.both))),
        counts(names::PRODUCT_ORDER_COUNT, pairs.iter().map(|pair| Some(orders_of(pair.product)))),
        counts(names::OTHER_ORDER_COUNT, pairs.iter().map(|pair| Some(orders_of_other(pair.other)))),
        counts(names::BASKET_COUNT, pairs.iter().map(|_| Some(baskets))),
        ratios(names::SUPPORT, pairs.iter().map(|pair| ratio(pair.both, baskets))),
        ratios(names::CONFIDENCE, pairs.iter().map(confidence)),
        ratios(names::LIFT, pairs.iter().map(lift)),
        counts(names::CUSTOMER_COUNT, (0..pairs.len()).map(|place| Some(customers?[place]))),
        ratios(names::P_VALUE, p_values.iter().copied().map(Some)),
        flags(names::IS_RELIABLE, (0..pairs.len()).map(|place| Some(is_reliable(place)))),
    ]);
    frame(columns)
}
