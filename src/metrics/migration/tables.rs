//! The movements as tables.

use std::cmp::Reverse;
use std::collections::HashMap;

use polars::prelude::*;

use super::{Flow, LOST, Migration, Move, NEW_CUSTOMER, OUTSIDE_WINDOW, Place, RETURNED};
use crate::error::Result;
use crate::metrics::finish::{amounts, counts, dates, frame, ids, integers, rates, texts};
use crate::metrics::listing_order::in_order;
use crate::schema::{CustomerCode, CustomerIds, Day, names, ranges};
use crate::stats::proportion::Proportion;

/// A number of customers and their net amounts.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    customers: u64,
    net: i128,
    net_since: i128,
}

impl Sum {
    fn add(&mut self, of: &Move) {
        self.customers += 1;
        self.net += i128::from(of.net);
        self.net_since += of.net_since;
    }
}

impl Migration {
    /// One row per pair of a place on the earlier day and a place on the later day, even if nobody moved between them:
    /// `from`, `to`, `customer_count`, `from_customer_count` (all customers who stood in `from`; for a group including
    /// those who are back from lost, and for those who are back all who were lost), `share` (of `from_customer_count`)
    /// with its interval `share_low` and `share_high`, and `net_amount` on the later day. Every customer is in one row.
    pub fn matrix(&self) -> Result<DataFrame> {
        let mut cells: HashMap<(Place, Place), Sum> = HashMap::new();
        self.moves.iter().for_each(|of| cells.entry((of.from, of.to)).or_default().add(of));
        let stood = self.stood();
        let groups = (0..self.groups.len()).map(|group| Place::Group(group as u8));
        let outside = || self.has_window.then_some(Place::Outside);
        let from =
            std::iter::once(Place::New).chain(groups.clone()).chain([Place::Returned]).chain(outside());
        let to: Vec<Place> = groups.chain(outside()).collect();
        let pairs: Vec<(Place, Place)> = from.flat_map(|from| to.iter().map(move |to| (from, *to))).collect();
        let sums = || pairs.iter().map(|pair| cells.get(pair).copied().unwrap_or_default());
        let of = |from: &Place| stood.get(from).copied().unwrap_or(0);
        let parts: Vec<Proportion> = pairs
            .iter()
            .zip(sums())
            .map(|((from, _), sum)| Proportion::new(sum.customers, of(from)))
            .collect();
        let mut columns = vec![
            texts(names::FROM, pairs.iter().map(|(from, _)| Some(self.key(*from)))),
            texts(names::TO, pairs.iter().map(|(_, to)| Some(self.key(*to)))),
            counts(names::CUSTOMER_COUNT, sums().map(|sum| Some(sum.customers))),
            counts(names::FROM_CUSTOMER_COUNT, pairs.iter().map(|(from, _)| Some(of(from)))),
        ];
        columns.extend(rates(ranges::SHARE, parts.iter().copied().map(Some)));
        columns.push(amounts(names::NET_AMOUNT, sums().map(|sum| Some(sum.net))));
        frame(columns)
    }

    /// The movements up, down, to the lost and back from them, by net amount, the greatest first: `flow` (up, down,
    /// lost, won_back), `from`, `to`, `customer_count`, `share` (of all customers who stood in `from`) with its
    /// interval `share_low` and `share_high`, `net_amount` on the later day and `net_amount_since` the earlier day.
    pub fn flows(&self) -> Result<DataFrame> {
        let mut sums: HashMap<(Flow, Place, Place), Sum> = HashMap::new();
        for of in &self.moves {
            if let Some(flow) = of.flow.filter(|flow| flow.matters()) {
                sums.entry((flow, of.from, of.goal())).or_default().add(of);
            }
        }
        let mut rows: Vec<((Flow, Place, Place), Sum)> = sums.into_iter().collect();
        rows.sort_unstable_by_key(|(key, sum)| (Reverse(sum.net), Reverse(sum.customers), *key));
        let stood = self.stood();
        let part = |((_, from, _), sum): &((Flow, Place, Place), Sum)| {
            Proportion::new(sum.customers, stood.get(from).copied().unwrap_or(0))
        };
        let parts: Vec<Proportion> = rows.iter().map(part).collect();
        let mut columns = vec![
            texts(names::FLOW, rows.iter().map(|((flow, ..), _)| Some(flow.key().to_owned()))),
            texts(names::FROM, rows.iter().map(|((_, from, _), _)| Some(self.key(*from)))),
            texts(names::TO, rows.iter().map(|((.., to), _)| Some(self.key(*to)))),
            counts(names::CUSTOMER_COUNT, rows.iter().map(|(_, sum)| Some(sum.customers))),
        ];
        columns.extend(rates(ranges::SHARE, parts.iter().copied().map(Some)));
        columns.push(amounts(names::NET_AMOUNT, rows.iter().map(|(_, sum)| Some(sum.net))));
        columns.push(amounts(names::NET_AMOUNT_SINCE, rows.iter().map(|(_, sum)| Some(sum.net_since))));
        frame(columns)
    }

    /// The customers who moved, by net amount, the greatest first, then by id: `customer_id`, `from`, `to`, `flow`,
    /// `last_ordered_on`, `recency_days`, `order_count`, `net_amount`, `net_amount_since`.
    pub fn customers(&self, customers: &CustomerIds) -> Result<DataFrame> {
        let moved: Vec<Move> = self.moves.iter().filter(|of| of.flow.is_some()).copied().collect();
        // The bitwise complement puts the greatest amount first.
        let rows =
            in_order(&[&moved], |of| (!of.net.number(), of.customer), customers, |rows, _| rows).concat();
        let codes: Vec<CustomerCode> = rows.iter().map(|of| of.customer).collect();
        let as_of = self.as_of.unwrap_or(Day::EPOCH);
        frame(vec![
            ids(customers, &codes)?.into_column(),
            texts(names::FROM, rows.iter().map(|of| Some(self.key(of.from)))),
            texts(names::TO, rows.iter().map(|of| Some(self.key(of.goal())))),
            texts(names::FLOW, rows.iter().map(|of| of.flow.map(|flow| flow.key().to_owned()))),
            dates(names::LAST_ORDERED_ON, rows.iter().map(|of| Some(of.last_day))),
            integers(
                names::RECENCY_DAYS,
                rows.iter().map(|of| Some(i64::from(of.last_day.days_until(as_of)))),
            ),
            counts(names::ORDER_COUNT, rows.iter().map(|of| Some(u64::from(of.orders)))),
            amounts(names::NET_AMOUNT, rows.iter().map(|of| Some(of.net))),
            amounts(names::NET_AMOUNT_SINCE, rows.iter().map(|of| Some(of.net_since))),
        ])
    }

    /// The number of customers who stood in each place on the earlier day. For [`Place::Returned`], these are all who
    /// were lost then.
    fn stood(&self) -> HashMap<Place, u64> {
        let mut stood = HashMap::from([(Place::Returned, self.lost_then)]);
        self.moves.iter().for_each(|of| *stood.entry(of.stood).or_default() += 1);
        stood
    }

    fn key(&self, place: Place) -> String {
        match place {
            Place::New => NEW_CUSTOMER.to_owned(),
            Place::Returned => RETURNED.to_owned(),
            Place::Outside => OUTSIDE_WINDOW.to_owned(),
            Place::Lost => LOST.to_owned(),
            Place::Group(group) => self.groups.get(usize::from(group)).cloned().unwrap_or_default(),
        }
    }
}
