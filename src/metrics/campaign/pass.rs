//! What everybody in a campaign did within the days that count: the heavy stage on the orders.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::outcomes::{Bought, Outcome};
use super::rows::{PartRows, Row};
use super::subjects::{Study, Subject};
use crate::error::Result;
use crate::metrics::baskets::{Baskets, Item};
use crate::metrics::histories::PartColumns;
use crate::metrics::scope::{Ruling, Scope};
use crate::schema::accounting::{Rule, RuleCounts};
use crate::schema::orders::UNKNOWN_REGION;
use crate::schema::{CustomerCode, Micros, Orders};

/// The orders, and which of them count.
pub struct Pass<'a> {
    /// All orders.
    pub orders: &'a Orders,
    /// Which orders count. Its window is ignored, since it is about campaigns.
    pub scope: &'a Scope,
    /// Campaigns and their arms.
    pub study: &'a Study,
    /// The customers in them, sorted by customer, then by campaign.
    pub subjects: &'a [Subject],
    /// Whether products are wanted.
    pub has_products: bool,
}

/// The answer of one part of the orders.
#[derive(Default)]
struct Part {
    outcomes: Vec<(usize, Outcome)>,
    excluded: RuleCounts,
    bought: BTreeMap<(usize, u32), Bought>,
    rows: Vec<Row>,
    baskets: Baskets,
}

impl Pass<'_> {
    /// The outcome of every subject, the rows of orders that were left out, and what each arm bought.
    pub fn outcomes(&self) -> Result<(Vec<Outcome>, RuleCounts, Vec<Bought>)> {
        let scope = self.scope.all_time();
        let ruling = scope.ruling(self.orders, true);
        let parts = self.orders.parts.each_answer(|part| self.part(part, &ruling))?;
        let mut all = vec![Outcome::default(); self.subjects.len()];
        let (mut excluded, mut bought) = (RuleCounts::default(), BTreeMap::new());
        for part in parts {
            part.outcomes.into_iter().for_each(|(place, outcome)| all[place] = outcome);
            excluded.merge(&part.excluded);
            for (key, of_part) in part.bought {
                bought.entry(key).and_modify(|all: &mut Bought| all.merge(&of_part)).or_insert(of_part);
            }
        }
        Ok((all, excluded, bought.into_values().collect()))
    }

    fn part(&self, part: &DataFrame, ruling: &Ruling) -> Result<Part> {
        let mut answer = Part::default();
        let all = PartRows::of(part, ruling, self.scope)?;
        let Some(customers) = all.customers()? else {
            (0..all.len()).for_each(|row| answer.exclude(all.rule(row, true)));
            return Ok(answer);
        };
        let mut start = 0;
        for run in customers.chunk_by(|a, b| a == b) {
            let range = start..start + run.len();
            start = range.end;
            let is_buyer = all.is_buyer(range.clone())?;
            answer.rows.clear();
            for row in range {
                answer.exclude(all.rule(row, is_buyer));
                answer.rows.extend(all.row(row, is_buyer)?);
            }
            let customer = CustomerCode::new(run[0]);
            let first = self.subjects.partition_point(|subject| subject.customer < customer);
            let count = self.subjects[first..].partition_point(|subject| subject.customer == customer);
            self.customer(&mut answer, first..first + count, &all.columns)?;
        }
        Ok(answer)
    }

    /// Follows a customer through the campaigns that he or she is in.
    fn customer(
        &self,
        answer: &mut Part,
        places: std::ops::Range<usize>,
        columns: &PartColumns,
    ) -> Result<()> {
        let subjects = &self.subjects[places.clone()];
        let campaign = |subject: &Subject| self.study.arms[subject.arm].campaign;
        let is_shown = |subject: &Subject| self.study.is_shown(subject.arm);
        for (place, subject) in places.zip(subjects) {
            let mut outcome = Outcome::default();
            let mut last_place = None;
            for row in &answer.rows {
                outcome.add(row, subject)?;
                if row.is_order() && row.is_before(subject) && row.region != UNKNOWN_REGION {
                    last_place = last_place.max(Some((row.moment, row.region)));
                }
                if subject.counts() && row.is_order_of(subject) {
                    let of = |other: &&Subject| other.counts() && row.is_order_of(other);
                    let is_other = |other: &Subject| campaign(other) != campaign(subject);
                    let is_shared = subjects.iter().filter(of).any(is_other);
                    let first = subjects.iter().filter(of).find(|other| is_shown(other));
                    outcome.shared_orders += u32::from(is_shared);
                    outcome.first_shared_orders +=
                        u32::from(is_shared && first.is_some_and(|first| first.arm == subject.arm));
                }
            }
            outcome.region_before = last_place.map_or(UNKNOWN_REGION, |(_, region)| region);
            answer.outcomes.push((place, outcome));
            if self.has_products && subject.counts() && is_shown(subject) {
                self.products(answer, subject, columns);
            }
        }
        Ok(())
    }

    /// Adds what a customer bought within the days.
    fn products(&self, answer: &mut Part, subject: &Subject, columns: &PartColumns) {
        let Part { rows, bought, baskets, .. } = answer;
        let mut products: Vec<u32> = Vec::new();
        for row in rows.iter().filter(|row| row.is_order_of(subject)) {
            let lines = self.orders.items.lines(columns.lines(row.document.row));
            for Item { product, quantity, amount } in baskets.one(lines, &row.document) {
                let known = |value: Micros| value.known().map(i128::from);
                let of = Bought {
                    arm: subject.arm,
                    product: *product,
                    orders: 1,
                    customers: u64::from(!products.contains(product)),
                    quantity: known(*quantity),
                    amount: known(*amount),
                };
                products.push(*product);
                bought.entry((subject.arm, *product)).and_modify(|all| all.merge(&of)).or_insert(of);
            }
        }
    }
}

impl Part {
    /// Counts rows that a rule leaves out.
    fn exclude(&mut self, (rule, rows): (Option<Rule>, u64)) {
        if let Some(rule) = rule {
            self.excluded.add(rule, rows);
        }
    }
}
