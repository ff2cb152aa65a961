//! Arms in figures: sums over the customers who count.

use super::outcomes::Outcome;
use super::subjects::{Study, Subject};
use super::validity::OptedOut;
use crate::schema::{CustomerCode, Day};
use crate::stats::proportion::Proportion;

/// The figures of an arm. Those of messages and orders are of the customers who count: whose days are over and who are
/// in no other arm.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Number of the arm.
    pub arm: usize,
    /// Customers of the arm, those who do not count too.
    pub assigned: u64,
    /// Of them, those whose days are not over.
    pub unfinished: u64,
    /// The last of their days.
    pub waits_until: Option<Day>,
    /// Of them, those in another arm as well; of people held out of everything, those who were sent something.
    pub mixed: u64,
    /// Of all assigned, those who want no messages; none where no customer list says it.
    pub opted_out: Option<u64>,
    /// Messages.
    pub messages: u64,
    /// Those that arrived; none where nothing says it.
    pub delivered: Option<u64>,
    /// What they cost, in micro-units; none where nothing says it.
    pub cost: Option<i128>,
    /// Those who count and what they spent.
    pub measured: Measured,
    /// Their orders.
    pub orders: u64,
    /// Customers with an unpaid order.
    pub unpaid_customers: u64,
    /// Unpaid orders.
    pub unpaid_orders: u64,
    /// What these come to, in micro-units.
    pub unpaid: i128,
    /// Orders of which money went back.
    pub refunded_orders: u64,
    /// What went back, in micro-units.
    pub refund: i128,
    /// Customers with an order that counts for another campaign, too.
    pub overlap_customers: u64,
    /// Such orders.
    pub overlap_orders: u64,
    /// Of these, those that no campaign counts that is shown before it.
    pub first_overlap_orders: u64,
    /// Of the customers who count, those who do so in no arm that is shown before it.
    pub first_customers: u64,
}

/// Customers who count.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// How many there are.
    customers: u64,
    /// Those with an order.
    buyers: u64,
    /// The net amount and that of the time before, in micro-units, as statistics take them, and how many have them.
    spent: Vec<((i64, i64), u64)>,
}

impl Measured {
    /// Adds a customer.
    pub fn add(&mut self, outcome: &Outcome) {
        self.add_many(outcome.orders > 0, (outcome.net.number(), outcome.before.number()), 1);
    }

    /// Adds so many customers who bought or did not, with what each spent and had spent before.
    pub fn add_many(&mut self, are_buyers: bool, spent: (i64, i64), count: u64) {
        self.customers += count;
        self.buyers += if are_buyers { count } else { 0 };
        match self.spent.last_mut() {
            // Most spend nothing.
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

    /// The buyers among them.
    pub fn rate(&self) -> Proportion {
        Proportion::new(self.buyers, self.count())
    }

    /// What all spent, in micro-units.
    pub fn net(&self) -> i128 {
        self.spent.iter().map(|((net, _), count)| i128::from(*net) * i128::from(*count)).sum()
    }

    /// What each spent and had spent before, in micro-units.
    pub fn pairs(&self) -> impl Iterator<Item = (i64, i64)> + Clone {
        self.spent.iter().flat_map(|(pair, count)| (0..*count).map(|_| *pair))
    }

    /// What each spent, in micro-units.
    pub fn spends(&self) -> impl Iterator<Item = i64> + Clone {
        self.pairs().map(|(net, _)| net)
    }
}

/// The figures of every arm, by number, of subjects by customer and arm.
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

    /// Takes what was planned for the cost where no message says it; who was sent nothing cost nothing.
    pub fn settle_cost(&mut self, study: &Study) {
        let plan = &study.campaigns[study.arms[self.arm].campaign].plan;
        let planned = plan.cost_per_message.map(|cost| i128::from(cost) * i128::from(self.messages));
        self.cost = self.cost.or(planned).filter(|_| self.messages > 0);
    }

    /// The net amount less the cost, over the cost.
    pub fn roi(&self) -> Option<f64> {
        over_cost(self.measured.net() - self.cost?, self.cost)
    }

    /// The net amount over the cost.
    pub fn return_on_spend(&self) -> Option<f64> {
        over_cost(self.measured.net(), self.cost)
    }
}

/// A part of the cost; none where there was none.
pub fn over_cost(amount: i128, cost: Option<i128>) -> Option<f64> {
    cost.filter(|cost| *cost > 0).map(|cost| amount as f64 / cost as f64)
}
