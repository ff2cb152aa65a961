//! The figures of arms: sums over the customers who count.

use super::outcomes::Outcome;
use super::subjects::{Study, Subject};
use super::validity::OptedOut;
use crate::schema::{CustomerCode, Day};
use crate::stats::proportion::Proportion;

/// The figures of an arm. Messages and orders are those of the customers who count: customers whose days are over and
/// who are in no other arm of the campaign.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Number of the arm.
    pub arm: usize,
    /// Customers of the arm, including those who do not count.
    pub assigned: u64,
    /// Of these, customers whose days are not over and who are in no other arm.
    pub unfinished: u64,
    /// The last day on which orders of any of these customers count.
    pub waits_until: Option<Day>,
    /// Of those assigned, customers who are in another arm, too; in the arm of the standing holdout, customers who were
    /// sent something.
    pub mixed: u64,
    /// Of those assigned, customers who want no messages; `None` if no customer list says it.
    pub opted_out: Option<u64>,
    /// Messages to the customers who count.
    pub messages: u64,
    /// Of these, messages that arrived; `None` if no message says it.
    pub delivered: Option<u64>,
    /// Cost of the messages in micro-units; `None` if no message gives a cost.
    pub cost: Option<i128>,
    /// The customers who count and what they spent.
    pub measured: Measured,
    /// Orders of these customers.
    pub orders: u64,
    /// Customers with an unpaid order.
    pub unpaid_customers: u64,
    /// Unpaid orders.
    pub unpaid_orders: u64,
    /// Amount of the unpaid orders, in micro-units.
    pub unpaid: i128,
    /// Orders of which something was refunded.
    pub refunded_orders: u64,
    /// The amount refunded, in micro-units.
    pub refund: i128,
    /// Customers with an order that counts for another campaign, too.
    pub overlap_customers: u64,
    /// Orders that count for another campaign, too.
    pub overlap_orders: u64,
    /// Of these, orders that do not count for another campaign that is shown before this one.
    pub first_overlap_orders: u64,
    /// Of the customers who count, those who do not count in another arm that is shown before this one.
    pub first_customers: u64,
}

/// Customers who count.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// How many there are.
    customers: u64,
    /// Customers with an order.
    buyers: u64,
    /// The net amount and that of the time before, in micro-units as the statistics take them, each pair with the
    /// number of customers who have it.
    spent: Vec<((i64, i64), u64)>,
}

impl Measured {
    /// Adds a customer.
    pub fn add(&mut self, outcome: &Outcome) {
        self.add_many(outcome.orders > 0, (outcome.net.number(), outcome.before.number()), 1);
    }

    /// Adds `count` customers, who either all bought or all did not, with the net amount of each and that of the time
    /// before.
    pub fn add_many(&mut self, are_buyers: bool, spent: (i64, i64), count: u64) {
        self.customers += count;
        self.buyers += if are_buyers { count } else { 0 };
        match self.spent.last_mut() {
            // Most customers spend nothing, so the same pair often follows itself.
            Some((last, of_last)) if *last == spent => *of_last += count,
            _ => self.spent.push((spent, count)),
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.customers
    }

    /// How many bought.
    pub fn buyers(&self) -> u64 {
        self.buyers
    }

    /// The buyers among all customers.
    pub fn rate(&self) -> Proportion {
        Proportion::new(self.buyers, self.count())
    }

    /// The net amount of all, in micro-units.
    pub fn net(&self) -> i128 {
        self.spent.iter().map(|((net, _), count)| i128::from(*net) * i128::from(*count)).sum()
    }

    /// The net amount of each customer and that of the time before, in micro-units.
    pub fn pairs(&self) -> impl Iterator<Item = (i64, i64)> + Clone {
        self.spent.iter().flat_map(|(pair, count)| (0..*count).map(|_| *pair))
    }

    /// The net amount of each customer, in micro-units.
    pub fn spends(&self) -> impl Iterator<Item = i64> + Clone {
        self.pairs().map(|(net, _)| net)
    }
}

/// The figures of every arm, by number. `people` are sorted by customer, then by campaign.
pub fn figures(study: &Study, people: &[(Subject, Outcome)], opted_out: Option<&OptedOut>) -> Vec<Figures> {
    let mut all: Vec<Figures> = (0..study.arms.len())
        .map(|arm| Figures { arm, opted_out: opted_out.map(|_| 0), ..Figures::default() })
        .collect();
    let mut last: Option<CustomerCode> = None;
    for (subject, outcome) in people {
        let figures = &mut all[subject.arm];
        let is_sent_to = study.arms[subject.arm].is_control() && subject.messages > 0;
        figures.assigned += 1;
        if !subject.is_finished && !subject.is_mixed {
            figures.unfinished += 1;
            figures.waits_until = figures.waits_until.max(Some(subject.last_day));
        }
        figures.mixed += u64::from(subject.is_mixed || is_sent_to);
        if let (Some(count), Some(opted_out)) = (&mut figures.opted_out, opted_out) {
            *count += u64::from(opted_out.has(subject.customer));
        }
        if subject.counts() {
            figures.add(subject, outcome);
            if study.is_shown(subject.arm) && last != Some(subject.customer) {
                figures.first_customers += 1;
                last = Some(subject.customer);
            }
        }
    }
    all
}

impl Figures {
    fn add(&mut self, subject: &Subject, outcome: &Outcome) {
        self.measured.add(outcome);
        self.messages += u64::from(subject.messages);
        if let Some(delivered) = subject.delivered {
            self.delivered = Some(self.delivered.unwrap_or(0) + u64::from(delivered));
        }
        if let Some(cost) = subject.cost {
            self.cost = Some(self.cost.unwrap_or(0) + i128::from(cost));
        }
        self.orders += u64::from(outcome.orders);
        self.unpaid_customers += u64::from(outcome.unpaid_orders > 0);
        self.unpaid_orders += u64::from(outcome.unpaid_orders);
        self.unpaid += i128::from(outcome.unpaid);
        self.refunded_orders += u64::from(outcome.refunded_orders);
        self.refund += i128::from(outcome.refund);
        self.overlap_customers += u64::from(outcome.shared_orders > 0);
        self.overlap_orders += u64::from(outcome.shared_orders);
        self.first_overlap_orders += u64::from(outcome.first_shared_orders);
    }

    /// Takes the planned cost if no message gives a cost. An arm without messages has no cost.
    pub fn settle_cost(&mut self, study: &Study) {
        let plan = &study.campaigns[study.arms[self.arm].campaign].plan;
        let planned = plan.cost_per_message.map(|cost| i128::from(cost) * i128::from(self.messages));
        self.cost = self.cost.or(planned).filter(|_| self.messages > 0);
    }

    /// The net amount minus the cost, divided by the cost.
    pub fn roi(&self) -> Option<f64> {
        over_cost(self.measured.net() - self.cost?, self.cost)
    }

    /// The net amount divided by the cost.
    pub fn return_on_spend(&self) -> Option<f64> {
        over_cost(self.measured.net(), self.cost)
    }
}

/// An amount divided by the cost; `None` if there is no cost.
pub fn over_cost(amount: i128, cost: Option<i128>) -> Option<f64> {
    cost.filter(|cost| *cost > 0).map(|cost| amount as f64 / cost as f64)
}
