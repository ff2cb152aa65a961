//! The campaigns and arms that messages name, from the number of messages by campaign, arm and day: the finish stage on
//! the sends, whichever engine counts them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::subjects::{Arm, Campaign, Study, TREATMENT};
use super::{CampaignParams, Plan};
use crate::metrics::scope::Scope;
use crate::schema::Day;
use crate::schema::words::CONTROL;

/// Number of days before the first day of a sale on which its first list is pulled.
pub const DAYS_AHEAD: i32 = 14;

/// The number of messages of a campaign and an arm on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentDay {
    /// The campaign's id; `None` if the messages name none.
    pub campaign: Option<String>,
    /// The arm; `None` if the messages name none.
    pub arm: Option<String>,
    /// The day.
    pub day: Day,
    /// How many there are.
    pub messages: u64,
    /// How many of them say what they cost.
    pub costed: u64,
}

/// The name of a message's arm; [`TREATMENT`] if it names none.
pub fn arm_name(arm: Option<&str>) -> &str {
    arm.unwrap_or(TREATMENT)
}

impl Study {
    /// The campaigns and arms that these messages name.
    pub fn of(sent: &[SentDay], scope: &Scope, params: &CampaignParams) -> Self {
        let mut by_campaign: BTreeMap<Option<&str>, Vec<&SentDay>> = BTreeMap::new();
        for of in sent {
            by_campaign.entry(of.campaign.as_deref()).or_default().push(of);
        }
        let first_day = |of: &[&SentDay]| of.iter().map(|of| of.day).min().unwrap_or(Day::AFTER_ALL);
        let mut ordered: Vec<(Option<&str>, Day, Vec<&SentDay>)> =
            by_campaign.into_iter().map(|(id, of)| (id, first_day(&of), of)).collect();
        ordered.sort_by_key(|(id, day, _)| (Reverse(*day), *id));
        let mut study = Self::default();
        for (number, (id, first_day, of)) in ordered.into_iter().enumerate() {
            let mut arms: Vec<&str> = of.iter().map(|of| arm_name(of.arm.as_deref())).collect();
            arms.sort_unstable_by_key(|name| (*name == CONTROL, *name));
            arms.dedup();
            let arm = |name: &str| Arm { campaign: number, name: name.to_owned(), is_drawn: true };
            study.arms.extend(arms.into_iter().map(arm));
            study.campaigns.push(campaign(id, first_day, &of, scope, params));
        }
        study
    }

    /// The number of each arm by the id of its campaign and its name.
    pub fn arm_numbers(&self) -> BTreeMap<(Option<&str>, &str), usize> {
        let key = |arm: &Arm| self.campaigns[arm.campaign].id.as_deref();
        self.arms.iter().enumerate().map(|(number, arm)| ((key(arm), arm.name.as_str()), number)).collect()
    }
}

/// A campaign. It has the numbers of messages that lack an arm or a cost which other messages of the campaign have, and
/// of messages on days that were not planned.
fn campaign(
    id: Option<&str>,
    first_day: Day,
    sent: &[&SentDay],
    scope: &Scope,
    params: &CampaignParams,
) -> Campaign {
    let plan = id.and_then(|id| params.plan_of(id)).cloned().unwrap_or_default();
    let is_named = params.campaign.as_deref().is_none_or(|asked| id == Some(asked));
    let count = |of: &dyn Fn(&SentDay) -> u64| sent.iter().map(|sent| of(sent)).sum();
    let says_arm = sent.iter().any(|of| of.arm.is_some());
    let says_cost = sent.iter().any(|of| of.costed > 0);
    let costless = |of: &SentDay| {
        if arm_name(of.arm.as_deref()) == CONTROL { 0 } else { of.messages.saturating_sub(of.costed) }
    };
    Campaign {
        id: id.map(str::to_owned),
        is_asked: is_named && first_day >= scope.first_day(),
        within_days: within_days(params, &plan, first_day),
        outside_days: count(&|of| if is_outside(&plan, of.day) { of.messages } else { 0 }),
        armless: if says_arm { count(&|of| if of.arm.is_none() { of.messages } else { 0 }) } else { 0 },
        costless: if says_cost { count(&costless) } else { 0 },
        plan,
    }
}

/// The number of days after the first message within which orders count: the one asked for, else the planned one, else
/// the usual one. If only the last day of the campaign is planned, it reaches at least to that day, since the first
/// message may come long before.
fn within_days(params: &CampaignParams, plan: &Plan, first_day: Day) -> u32 {
    let until_last = plan.days.1.and_then(|last| u32::try_from(first_day.days_until(last)).ok());
    let usual = params.usual_within_days.max(until_last.unwrap_or(0));
    params.within_days.or(plan.within_days).unwrap_or(usual)
}

/// Whether a day is not one of the planned days. Messages that are sent ahead of a sale, or on the day after it as
/// thanks, are planned, too.
fn is_outside(plan: &Plan, day: Day) -> bool {
    let (first, last) = plan.days;
    let is_early = first.is_some_and(|first| day < first.minus_days(DAYS_AHEAD));
    is_early || last.is_some_and(|last| day > last.plus_days(1))
}
