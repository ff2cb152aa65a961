//! What campaigns brought: the customers who were sent messages compared with those who were held out.
//!
//! The heavy stage finds who was sent what and when ([`subjects`]) and what each customer did in the days after that
//! ([`pass`]), and adds this up by arm and group ([`arms`], [`groups`]). Its result is [`Found`]: whole days and exact
//! sums. The finish stage names campaigns and arms ([`sent`]), compares the arms ([`lift`]) and makes the tables.

mod arms;
mod frames;
mod global;
mod groups;
mod lift;
mod lists;
mod messages;
mod outcomes;
mod pass;
#[cfg(test)]
mod proof;
mod rows;
mod sent;
mod sentences;
mod subjects;
mod validity;

use std::collections::BTreeMap;

use super::scope::Scope;
use super::segment::SegmentParams;
use crate::error::Result;
use crate::schema::accounting::Accounting;
use crate::schema::sends::Sends;
use crate::schema::words;
use crate::schema::{Day, Micros, Shop};

pub use arms::{Figures, Measured};
pub use global::Standing;
pub use groups::{By, Groups, NO_ORDER};
pub use lift::{MIN_CUSTOMERS, RESULTS};
pub use lists::{Detail, Listed};
pub use outcomes::{Bought, DAYS_BEFORE};
pub use sent::{DAYS_AHEAD, SentDay};
pub use subjects::{Arm, Campaign, Study, TREATMENT};

use lift::Lift;
use pass::Pass;

/// Default number of days after the first message within which orders count.
pub const WITHIN_DAYS: u32 = 7;

/// If the p-value of a split between arms is below this, it is not taken for the planned split.
pub const MIN_SPLIT_P_VALUE: f64 = 0.001;

/// The parameters of the question.
#[derive(Debug, Clone, Default)]
pub struct CampaignParams {
    /// The only campaign that is shown; `None` for all. The others are still read, since campaigns may overlap.
    pub campaign: Option<String>,
    /// Days after the first message within which orders count, for every campaign.
    pub within_days: Option<u32>,
    /// The same for campaigns for which neither `within_days` nor a plan gives the number.
    pub usual_within_days: u32,
    /// The plans, by campaign.
    pub plans: BTreeMap<String, Plan>,
    /// The property by which customers are grouped.
    pub by: Option<By>,
    /// The limits of the lifecycle segments.
    pub segments: SegmentParams,
    /// If this is given, everybody is compared with the standing holdout, in place of the arms of campaigns.
    pub global: Option<Standing>,
    /// Whether the products that the arms bought are wanted.
    pub has_products: bool,
}

impl CampaignParams {
    /// The plan of a campaign, or of the campaign of which it is a step.
    pub fn plan_of(&self, id: &str) -> Option<&Plan> {
        self.plans.get(id).or_else(|| self.plans.get(words::whole_campaign(id)?))
    }
}

/// The plan of a campaign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Days after the first message within which orders count.
    pub within_days: Option<u32>,
    /// The cost of a message, if the sends do not give it.
    pub cost_per_message: Option<Micros>,
    /// The share of customers to hold out, in units of [`super::value::WHOLE`].
    pub holdout: Option<u32>,
    /// The first and the last day on which it is to be sent.
    pub days: (Option<Day>, Option<Day>),
}

/// The result of the heavy stage, whichever engine computes it.
#[derive(Debug, Default)]
pub struct Found {
    /// Campaigns and their arms.
    pub study: Study,
    /// The figures of every arm, by number.
    pub figures: Vec<Figures>,
    /// The customers who count, by group, if they are grouped.
    pub groups: Groups,
    /// The property by which they are grouped.
    pub by: Option<By>,
}

/// Campaigns and their arms, with the figures of the arms and the differences between them.
#[derive(Debug)]
pub struct Campaigns {
    study: Study,
    figures: Vec<Figures>,
    groups: Groups,
    by: Option<By>,
    lifts: Vec<Lift>,
    /// Where every row went.
    pub accounting: Accounting,
}

/// What the user should know about campaigns besides their tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doubts {
    /// Number of campaigns that are shown.
    pub campaign_count: u64,
    /// Number of customers whose days are not over.
    pub unfinished_count: u64,
    /// The first as-of day on which the days of all customers would be over.
    pub finished_on: Option<Day>,
    /// Number of customers in several arms of a campaign.
    pub mixed_count: u64,
    /// Number of orders that count for several campaigns.
    pub overlap_count: u64,
    /// The campaigns whose customers are not split between the arms as planned.
    pub broken_splits: Vec<String>,
    /// Number of messages on days that were not planned for their campaign.
    pub outside_days_count: u64,
    /// Number of messages without an arm in campaigns of which other messages have one.
    pub armless_count: u64,
    /// Number of messages without a cost in campaigns of which other messages have one.
    pub costless_count: u64,
}

/// Follows everybody who was sent something or was held out, for as many days as the parameters say. With a window, the
/// campaigns that began in it are shown. What each customer did is in the [`Detail`].
///
/// # Errors
/// When one customer's amounts are beyond 64 bits of micro-units.
pub fn campaigns(
    shop: &Shop<'_>,
    scope: &Scope,
    params: &CampaignParams,
    mut accounting: Accounting,
) -> Result<(Campaigns, Detail)> {
    let none = Sends::default();
    let sends = shop.sends().unwrap_or(&none);
    let (study, subjects) = match &params.global {
        Some(standing) => global::study(shop, sends, scope, standing)?,
        None => subjects::study(sends, scope, params)?,
    };
    let pass = Pass {
        orders: shop.orders,
        scope,
        study: &study,
        subjects: &subjects,
        has_products: params.has_products,
    };
    let (outcomes, excluded, bought) = pass.outcomes()?;
    excluded.iter().for_each(|(rule, rows)| accounting.exclude(rule, rows));
    let detail = Detail { people: subjects.into_iter().zip(outcomes).collect(), bought };
    let opted_out = shop.customers().and_then(validity::opted_out);
    let figures = arms::figures(&study, &detail.people, opted_out.as_ref());
    let groups = match params.by {
        Some(by) => groups::grouped(&detail.people, by, shop, sends, &params.segments)?,
        None => Groups::default(),
    };
    Ok((Campaigns::of(Found { study, figures, groups, by: params.by }, accounting), detail))
}

impl Campaigns {
    /// The finish stage.
    pub fn of(found: Found, accounting: Accounting) -> Self {
        let Found { study, mut figures, groups, by } = found;
        figures.iter_mut().for_each(|of| of.settle_cost(&study));
        let lifts = lift::lifts(&study, &figures);
        Self { study, figures, groups, by, lifts, accounting }
    }

    /// What makes the results doubtful, and what is still to come.
    pub fn doubts(&self) -> Doubts {
        let shown = || self.figures.iter().filter(|figures| self.study.is_shown(figures.arm));
        let broken =
            self.shown().filter(|(number, _)| validity::is_broken(&self.study, &self.figures, *number));
        Doubts {
            campaign_count: self.shown().count() as u64,
            unfinished_count: shown().map(|figures| figures.unfinished).sum(),
            finished_on: shown().filter_map(|figures| figures.waits_until).max(),
            mixed_count: shown().map(|figures| figures.mixed).sum(),
            overlap_count: shown().map(|figures| figures.first_overlap_orders).sum(),
            broken_splits: broken.map(|(_, campaign)| campaign.id.clone().unwrap_or_default()).collect(),
            outside_days_count: self.shown().map(|(_, campaign)| campaign.outside_days).sum(),
            armless_count: self.shown().map(|(_, campaign)| campaign.armless).sum(),
            costless_count: self.shown().map(|(_, campaign)| campaign.costless).sum(),
        }
    }

    /// Number of customers who count in the arms that are shown, each counted once.
    pub fn customer_count(&self) -> u64 {
        let shown = self.figures.iter().filter(|figures| self.study.is_shown(figures.arm));
        shown.map(|figures| figures.first_customers).sum()
    }

    /// Number of orders that count in the arms that are shown. An order that counts for several campaigns is counted
    /// for each.
    pub fn order_count(&self) -> u64 {
        let shown = self.figures.iter().filter(|figures| self.study.is_shown(figures.arm));
        shown.map(|figures| figures.orders).sum()
    }

    /// Number of days within which orders count, by campaign.
    pub fn within_days(&self) -> impl Iterator<Item = (Option<&str>, u32)> {
        self.shown().map(|(_, campaign)| (campaign.id.as_deref(), campaign.within_days))
    }

    /// The campaigns that are shown, with their numbers.
    fn shown(&self) -> impl Iterator<Item = (usize, &Campaign)> {
        self.study.campaigns.iter().enumerate().filter(|(_, campaign)| campaign.is_asked)
    }

    fn arm(&self, arm: usize) -> &Arm {
        &self.study.arms[arm]
    }
}
