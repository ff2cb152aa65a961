//! The effect in groups of customers, and whether it differs between them.

use std::collections::BTreeMap;

use super::Campaigns;
use super::arms::Measured;
use super::lift::{Compared, Lift};
use super::messages::Columns;
use super::outcomes::Outcome;
use super::subjects::Subject;
use crate::error::Result;
use crate::metrics::origins::Said;
use crate::metrics::places::Places;
use crate::metrics::region::Level;
use crate::metrics::segment::{SEGMENTS, SegmentParams};
use crate::schema::orders::UNKNOWN_REGION;
use crate::schema::sends::Sends;
use crate::schema::table::REGION;
use crate::schema::{CustomerCode, Shop, names};
use crate::stats::proportion::steadied_difference;
use crate::stats::several::{heterogeneity, holm};

/// The property by which customers are grouped. It is taken as it was when the first message was sent, so that no
/// message can have changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    /// The lifecycle segment.
    Segment,
    /// How the first message was sent.
    Channel,
    /// The province of the last order before, else that of the customer list.
    Province,
}

/// Takes the place of a segment if the customer had no order before.
pub const NO_ORDER: &str = "no_order";

impl By {
    /// The name of the column.
    pub fn column(self) -> &'static str {
        match self {
            Self::Segment => names::SEGMENT,
            Self::Channel => names::CHANNEL,
            Self::Province => names::PROVINCE,
        }
    }
}

/// A treatment compared with its control, in one group.
#[derive(Debug)]
pub struct OfGroup {
    /// Number of the treatment's arm.
    pub arm: usize,
    /// Number of the group.
    pub group: u32,
    /// The differences between the two.
    pub compared: Compared,
    /// The p-values of the interaction, for rates and for spends: the probability of effects that differ so much
    /// between the groups by chance.
    pub interaction: [Option<f64>; 2],
    /// The result of the comparison: one of [`super::RESULTS`].
    pub result: &'static str,
}

/// The customers who count, by group.
#[derive(Debug, Default)]
pub struct Groups {
    /// The names of the groups by number; `None` if the group is that of the unknown.
    names: Vec<Option<String>>,
    /// The customers by arm and group.
    measured: BTreeMap<(usize, u32), Measured>,
}

impl Groups {
    /// Groups with these names, in the order in which tables show them.
    pub fn of(mut names: Vec<Option<String>>) -> Self {
        let place =
            |name: &Option<String>| SEGMENTS.iter().position(|segment| Some(*segment) == name.as_deref());
        // Customers without an order come first, then the segments in the order of a customer's life, and the unknown
        // last.
        names.sort_by_key(|name| (name.is_none(), place(name).map_or(0, |place| place + 1), name.clone()));
        names.dedup();
        Self { names, measured: BTreeMap::new() }
    }

    /// The number of each group by its name.
    pub fn numbers(&self) -> BTreeMap<Option<String>, u32> {
        self.names.iter().cloned().zip(0..).collect()
    }

    /// The name of a group; `None` if it is unknown.
    pub fn name(&self, group: u32) -> Option<String> {
        self.names.get(group as usize).cloned().flatten()
    }

    /// The customers of an arm in a group.
    pub fn of_arm(&mut self, arm: usize, group: u32) -> &mut Measured {
        self.measured.entry((arm, group)).or_default()
    }

    fn measured(&self, arm: usize, group: u32) -> Option<&Measured> {
        self.measured.get(&(arm, group))
    }
}

/// Puts every subject who counts into its group.
pub fn grouped(
    people: &[(Subject, Outcome)],
    by: By,
    shop: &Shop<'_>,
    sends: &Sends,
    segments: &SegmentParams,
) -> Result<Groups> {
    let places = Places::new(&Said::from(shop), Level::Province);
    let lives_in = |customer: CustomerCode| {
        let list = shop.customers()?;
        let region = list.table().numbers(REGION)?.get(list.row(customer)?)?;
        places.of_customer(region)
    };
    let columns = Columns::of(sends)?;
    let named = |(subject, outcome): &(Subject, Outcome)| match by {
        By::Segment => Some(segment(subject, outcome, segments).to_owned()),
        By::Channel => columns.channel(subject.row?).map(str::to_owned),
        By::Province => {
            let ordered = Some(outcome.region_before).filter(|region| *region != UNKNOWN_REGION);
            let group =
                ordered.and_then(|region| places.of_order(region)).or_else(|| lives_in(subject.customer));
            places.groups.province(group?)
        }
    };
    let of_each: Vec<Option<String>> = people.iter().map(named).collect();
    let mut groups = Groups::of(of_each.clone());
    let numbers = groups.numbers();
    for ((subject, outcome), name) in people.iter().zip(&of_each).filter(|((of, _), _)| of.counts()) {
        groups.of_arm(subject.arm, numbers[name]).add(outcome);
    }
    Ok(groups)
}

/// The segment on the day of the first message; [`NO_ORDER`] if there was no order before.
fn segment(subject: &Subject, outcome: &Outcome, params: &SegmentParams) -> &'static str {
    match outcome.last_day_before {
        Some(last) => {
            SEGMENTS[usize::from(params.stage(last.days_until(subject.from.0), outcome.orders_before))]
        }
        None => NO_ORDER,
    }
}

impl Campaigns {
    /// Each treatment of the campaigns that are shown, compared with its control in each group that has a customer who
    /// counts.
    pub(super) fn of_groups(&self) -> Vec<OfGroup> {
        let shown = self.lifts.iter().filter(|lift| self.study.is_shown(lift.arm));
        shown.flat_map(|lift| self.groups_of(lift)).collect()
    }

    fn groups_of(&self, lift: &Lift) -> Vec<OfGroup> {
        let nobody = Measured::default();
        let of = |arm: Option<usize>, group: u32| {
            arm.and_then(|arm| self.groups.measured(arm, group)).unwrap_or(&nobody)
        };
        let measured: Vec<(&Measured, &Measured)> = (0..self.groups.names.len() as u32)
            .map(|group| (of(Some(lift.arm), group), of(lift.control, group)))
            .collect();
        let compare = |(group, (treated, kept)): (u32, &(&Measured, &Measured))| OfGroup {
            arm: lift.arm,
            group,
            compared: Compared::of(treated, kept),
            interaction: [None; 2],
            result: "",
        };
        let mut all: Vec<OfGroup> = (0..).zip(&measured).map(compare).collect();
        all.retain(|of| of.compared.treated + of.compared.control > 0);
        let is_enough = |of: &&OfGroup| of.compared.lacks().is_none();
        let rates = all.iter().filter(is_enough).map(|of| {
            let (treated, kept) = measured[of.group as usize];
            steadied_difference(treated.rate(), kept.rate())
        });
        let rates: Vec<(f64, f64)> = rates.collect();
        let spends = all.iter().filter(is_enough).filter_map(|of| of.compared.spend);
        let spends: Vec<(f64, f64)> = spends.map(|spend| (spend.value, spend.variance)).collect();
        let interaction = [heterogeneity(&rates), heterogeneity(&spends)];
        // Among many groups, one differs by chance. So the p-values are adjusted to hold together.
        let adjusted = |of: fn(&Compared) -> Option<f64>| {
            let enough = all.iter().enumerate().filter(|(_, group)| is_enough(group));
            let (places, raw): (Vec<usize>, Vec<f64>) =
                enough.filter_map(|(place, group)| Some((place, of(&group.compared)?))).unzip();
            let mut adjusted = vec![None; all.len()];
            places.into_iter().zip(holm(&raw)).for_each(|(place, p_value)| adjusted[place] = Some(p_value));
            adjusted
        };
        let rate_p_values = adjusted(|compared| compared.rate_p_value);
        let spend_p_values = adjusted(|compared| compared.spend?.test.map(|test| test.p_value));
        for ((of, rate), spend) in all.iter_mut().zip(rate_p_values).zip(spend_p_values) {
            of.interaction = interaction;
            of.result = match lift.result {
                told @ ("not_causal" | "not_drawn" | "broken_split") => told,
                // One of the arms may never have customers in this group, so this is not `too_early`, which asks to
                // wait.
                _ if of.compared.lacks().is_some() => "too_few",
                _ => of.compared.finding([rate, spend]),
            };
        }
        all
    }
}
