//! Whether the arms may be compared.

use polars::prelude::BooleanChunked;

use super::MIN_SPLIT_P_VALUE;
use super::arms::Figures;
use super::subjects::{Campaign, Study};
use crate::metrics::value::WHOLE;
use crate::schema::{CustomerCode, Customers, names};
use crate::stats::several::fit;

/// The customers who want no messages.
#[derive(Debug)]
pub struct OptedOut<'a> {
    customers: &'a Customers,
    is_opted_out: BooleanChunked,
}

impl OptedOut<'_> {
    /// Whether a customer wants no messages.
    pub fn has(&self, customer: CustomerCode) -> bool {
        self.says(customer) == Some(true)
    }

    /// The same; `None` if the list does not say it.
    pub fn says(&self, customer: CustomerCode) -> Option<bool> {
        self.is_opted_out.get(self.customers.row(customer)?)
    }
}

/// The customers who want no messages; `None` if the customer list does not say it of anybody.
pub fn opted_out(customers: &Customers) -> Option<OptedOut<'_>> {
    let column = customers.table().filled(names::IS_OPTED_OUT)?;
    Some(OptedOut { customers, is_opted_out: column.bool().ok()?.clone() })
}

/// The share of a campaign's customers that was to be held out, 0 to 1; `None` if there is no plan of it.
pub fn planned_share(campaign: &Campaign) -> Option<f64> {
    campaign.plan.holdout.map(|share| f64::from(share) / f64::from(WHOLE))
}

/// Whether the customers of a campaign are not split between its arms as planned.
pub fn is_broken(study: &Study, figures: &[Figures], number: usize) -> bool {
    split_p_value(study, figures, number).is_some_and(|p_value| p_value < MIN_SPLIT_P_VALUE)
}

/// The probability of arms so far from the plan by chance: those held out are compared with all others. Customers in
/// several arms are left out, as they are of all figures. So this also shows if one arm lost more of them than another,
/// which makes the arms unlike. `None` if no plan says how many were to be held out.
pub fn split_p_value(study: &Study, figures: &[Figures], number: usize) -> Option<f64> {
    let share = planned_share(&study.campaigns[number])?;
    let (mut treated, mut held_out) = (0, 0);
    for figures in figures {
        let arm = &study.arms[figures.arm];
        match arm.campaign == number && arm.is_drawn {
            true if arm.is_control() => held_out += figures.measured.count() + figures.unfinished,
            true => treated += figures.measured.count() + figures.unfinished,
            false => {}
        }
    }
    fit(&[(treated, 1.0 - share), (held_out, share)])
}
