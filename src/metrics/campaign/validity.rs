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
    /// Whether a customer, by code, wants none.
    pub fn has(&self, customer: CustomerCode) -> bool {
        self.says(customer) == Some(true)
    }

    /// The same, where the list says it.
    pub fn says(&self, customer: CustomerCode) -> Option<bool> {
        self.is_opted_out.get(self.customers.row(customer)?)
    }
}

/// Who wants no messages; none where no customer list says it.
pub fn opted_out(customers: &Customers) -> Option<OptedOut<'_>> {
    let column = customers.table().filled(names::IS_OPTED_OUT)?;
    Some(OptedOut { customers, is_opted_out: column.bool().ok()?.clone() })
}

/// The part of a campaign's customers that was to be held out, 0 to 1, where it is planned.
pub fn planned_share(campaign: &Campaign) -> Option<f64> {
    campaign.plan.holdout.map(|share| f64::from(share) / f64::from(WHOLE))
}

/// Whether the arms of a campaign are not those that were planned.
pub fn is_broken(study: &Study, figures: &[Figures], number: usize) -> bool {
    split_p_value(study, figures, number).is_some_and(|p_value| p_value < MIN_SPLIT_P_VALUE)
}

/// The probability of arms so far from the plan by chance: those held out against all others, without those of several
/// arms, who are in no figure: where one arm lost more of them than another, the arms are no longer alike. None where
/// no plan says how many were to be held out.
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
