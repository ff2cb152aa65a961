//! What goes together and what comes next.

use std::cmp::Reverse;

use polars::prelude::*;

use super::{Products, product_columns};
use crate::error::Result;
use crate::metrics::finish::{counts, frame, ratios, share};
use crate::schema::{Items, names};
use crate::stats::pairs;

/// How often one product goes with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The one.
    pub product: u32,
    /// The other.
    pub other: u32,
    /// With both.
    pub both: u64,
}

impl Products {
    /// Pairs of products in the same order, in both directions, for those in at least `least` orders; the most
    /// frequent first.
    pub fn together(&self, least: u64) -> Vec<Pair> {
        let is_frequent = |product: &u32| self.facts[*product as usize].orders >= least;
        let found = pairs::count(
            |take| {
                let mut frequent = Vec::new();
                for basket in 0..self.starts.len() {
                    frequent.clear();
                    frequent.extend(self.basket(basket).iter().copied().filter(is_frequent));
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

    /// Pairs of a product in one order and one in the customer's next order, perhaps the same, for those of at least
    /// `least` such orders; the most frequent first. And what each product's share is measured by.
    pub fn next(&self, least: u64) -> (Vec<Pair>, Transitions) {
        let mut transitions =
            Transitions { count: 0, from: vec![0; self.facts.len()], to: vec![0; self.facts.len()] };
        let following =
            |basket: usize| self.starts.get(basket + 1).filter(|(_, is_first)| !is_first).map(|_| basket + 1);
        for basket in 0..self.starts.len() {
            let Some(next) = following(basket) else { continue };
            transitions.count += 1;
            self.basket(basket).iter().for_each(|product| transitions.from[*product as usize] += 1);
            self.basket(next).iter().for_each(|product| transitions.to[*product as usize] += 1);
        }
        let found = pairs::count(
            |take| {
                let mut to = Vec::new();
                for basket in 0..self.starts.len() {
                    let Some(next) = following(basket) else { continue };
                    to.clear();
                    let next = self.basket(next).iter().copied();
                    to.extend(next.filter(|product| transitions.to[*product as usize] >= least));
                    for &from in self.basket(basket) {
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

    /// The columns of pairs in baskets: `product_id`, `title`, `other_product_id`, `other_title`, `order_count` (with
    /// both),
    /// `product_order_count`, `other_order_count`, `basket_count`, `support`, `confidence`, `lift` (Agrawal, Imielinski
    /// and Swami, "Mining Association Rules between Sets of Items in Large Databases", SIGMOD 1993; lift: Brin et al.,
    /// SIGMOD 1997).
    pub fn together_frame(&self, items: &Items, least: u64) -> Result<DataFrame> {
        let orders = |product: u32| self.facts[product as usize].orders;
        pair_frame(items, &self.together(least), self.basket_count(), orders, orders)
    }

    /// As [`Self::together_frame`], of orders and the next one: counts are of orders that have a next one.
    pub fn next_frame(&self, items: &Items, least: u64) -> Result<DataFrame> {
        let (pairs, transitions) = self.next(least);
        let from = |product: u32| transitions.from[product as usize];
        let to = |product: u32| transitions.to[product as usize];
        pair_frame(items, &pairs, transitions.count, from, to)
    }
}

/// Orders that a customer followed by another.
#[derive(Debug, Clone)]
pub struct Transitions {
    /// How many.
    pub count: u64,
    /// Of these, those with each product in the first order.
    pub from: Vec<u64>,
    /// And in the second.
    pub to: Vec<u64>,
}

fn sorted(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.sort_unstable_by_key(|pair| (Reverse(pair.both), pair.product, pair.other));
    pairs
}

fn pair_frame(
    items: &Items,
    pairs: &[Pair],
    baskets: u64,
    orders_of: impl Fn(u32) -> u64,
    orders_of_other: impl Fn(u32) -> u64,
) -> Result<DataFrame> {
    let ratio = |part: u64, whole: u64| share(i128::from(part), i128::from(whole));
    let confidence = |pair: &Pair| ratio(pair.both, orders_of(pair.product));
    let lift = |pair: &Pair| Some(confidence(pair)? / ratio(orders_of_other(pair.other), baskets)?);
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
    ]);
    frame(columns)
}
