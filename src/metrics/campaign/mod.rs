//! What sent campaigns brought: those who were sent to against those who were held out.
//!
//! Who was sent what when ([`subjects`]), what each did in the days after ([`pass`]) and what that comes to by arm and
//! group ([`arms`], [`groups`]) are the heavy stage, which ends in [`Found`]: whole days and exact sums. The finish
//! stage names campaigns and arms ([`sent`]), compares these ([`lift`]) and puts them into tables.

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

/// Days after the first message within which orders count, where nobody says otherwise.
pub const WITHIN_DAYS: u32 = 7;

/// The probability below which a split is not taken for the planned one.
pub const MIN_SPLIT_P_VALUE: f64 = 0.001;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct CampaignParams {
    /// The only campaign that is shown, where not all are. The others are read for overlaps.
    pub campaign: Option<String>,
    /// Days after the first message within which orders count, for every campaign.
    pub within_days: Option<u32>,
    /// The same where neither that nor a plan says it.
    pub usual_within_days: u32,
    /// What was planned, by campaign.
    pub plans: BTreeMap<String, Plan>,
    /// What customers are told apart by.
    pub by: Option<By>,
    /// Where segments begin and end.
    pub segments: SegmentParams,
    /// In place of campaigns: everybody against those whom none reaches.
    pub global: Option<Standing>,
    /// Whether what was bought is wanted, by product.
    pub has_products: bool,
}

impl CampaignParams {
    /// What is planned of a campaign, or of the one of which it is a step.
    pub fn plan_of(&self, id: &str) -> Option<&Plan> {
        self.plans.get(id).or_else(|| self.plans.get(words::whole_campaign(id)?))
    }
}

/// What was planned of a campaign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Days after the first message within which orders count.
    pub within_days: Option<u32>,
    /// What a message costs, where the sends do not say it.
    pub cost_per_message: Option<Micros>,
    /// The part that is held out, in units of [`super::value::WHOLE`].
    pub holdout: Option<u32>,
    /// The days on which it is sent.
    pub days: (Option<Day>, Option<Day>),
}

/// What the heavy stage ends in, whoever computes it.
#[derive(Debug, Default)]
pub struct Found {
    /// Campaigns and their arms.
    pub study: Study,
    /// The figures of every arm, by number.
    pub figures: Vec<Figures>,
    /// Customers who count in their groups, where they are told apart.
    pub groups: Groups,
    /// What by.
    pub by: Option<By>,
}

/// Campaigns, their arms, and what these differ by.
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

/// What the user should know of campaigns beside their tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doubts {
    /// Campaigns that are shown.
    pub campaign_count: u64,
    /// Customers whose days are not over.
    pub unfinished_count: u64,
    /// The first day on which all would be.
    pub finished_on: Option<Day>,
    /// Customers in several arms of a campaign.
    pub mixed_count: u64,
    /// Orders that count for several campaigns.
    pub overlap_count: u64,
    /// The campaigns whose arms are not as planned.
    pub broken_splits: Vec<String>,
    /// Messages on days on which their campaign was not planned.
    pub outside_days_count: u64,
    /// Messages that do not say their arm, where others of the campaign do.
    pub armless_count: u64,
    /// Messages that do not say their cost, where others of the campaign do.
    pub costless_count: u64,
}

/// Follows everybody who was sent something, or held out of it, for as many days as the parameters say. A window
/// shows the campaigns that began in it. What each customer did stands beside it.
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

    /// What there is to doubt and to wait for.
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

    /// Customers that the arms rest on, each once.
    pub fn customer_count(&self) -> u64 {
        let shown = self.figures.iter().filter(|figures| self.study.is_shown(figures.arm));
        shown.map(|figures| figures.first_customers).sum()
    }

    /// Orders that count for arms; one that counts for several campaigns counts for each.
    pub fn order_count(&self) -> u64 {
        let shown = self.figures.iter().filter(|figures| self.study.is_shown(figures.arm));
        shown.map(|figures| figures.orders).sum()
    }

    /// Days within which orders count, by campaign.
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
