//! The tables of arms: their figures, the differences between them, and whether these can be trusted.

use polars::prelude::*;

use super::arms::Figures;
use super::lift::{Compared, Lift};
use super::sentences::sentence_of;
use super::subjects::{Arm, Campaign};
use super::{Campaigns, validity};
use crate::error::Result;
use crate::metrics::finish::{amounts, counts, flags, frame, ratios, share, texts};
use crate::schema::{money, names};
use crate::stats::means::{Difference, Sample};

impl Campaigns {
    /// One row per arm, those of the campaign that began last first: `campaign_id`, `arm`, `customer_count`,
    /// `message_count`, `delivered_count`, `cost`, `buyer_count`, `conversion_rate`, `rate_low`, `rate_high`,
    /// `order_count`, `net_amount`, `unpaid_customer_count`, `unpaid_order_count`, `unpaid_amount`, `aov`,
    /// `spend_per_customer`, `spend_low`, `spend_high`, `roi`, `return_on_spend`. An arm that was held out has no
    /// messages, and so no return.
    pub fn arms_frame(&self) -> Result<DataFrame> {
        let arms: Vec<&Figures> = self.figures.iter().filter(|of| self.study.is_shown(of.arm)).collect();
        let count = |of: fn(&Figures) -> u64| arms.iter().map(move |figures| Some(of(figures)));
        let intervals: Vec<Option<(f64, f64)>> =
            arms.iter().map(|of| of.measured.rate().interval()).collect();
        let spends: Vec<Option<(f64, f64)>> =
            arms.iter().map(|of| Sample::of(of.measured.spends()).interval()).collect();
        let mut columns = self.named(arms.iter().map(|of| of.arm));
        columns.extend([
            counts(names::CUSTOMER_COUNT, count(|of| of.measured.count())),
            counts(names::MESSAGE_COUNT, count(|of| of.messages)),
            counts(names::DELIVERED_COUNT, arms.iter().map(|of| of.delivered)),
            amounts(names::COST, arms.iter().map(|of| of.cost)),
            counts(names::BUYER_COUNT, count(|of| of.measured.buyers())),
            ratios(names::CONVERSION_RATE, arms.iter().map(|of| of.measured.rate().rate())),
            ratios(names::RATE_LOW, intervals.iter().map(|ends| ends.map(|(low, _)| low))),
            ratios(names::RATE_HIGH, intervals.iter().map(|ends| ends.map(|(_, high)| high))),
            counts(names::ORDER_COUNT, count(|of| of.orders)),
            amounts(names::NET_AMOUNT, arms.iter().map(|of| Some(of.measured.net()))),
            counts(names::UNPAID_CUSTOMER_COUNT, count(|of| of.unpaid_customers)),
            counts(names::UNPAID_ORDER_COUNT, count(|of| of.unpaid_orders)),
            amounts(names::UNPAID_AMOUNT, arms.iter().map(|of| Some(of.unpaid))),
            amounts(names::AOV, arms.iter().map(|of| money::mean(of.measured.net(), of.orders))),
            amounts(
                names::SPEND_PER_CUSTOMER,
                arms.iter().map(|of| money::mean(of.measured.net(), of.measured.count())),
            ),
            amounts(names::SPEND_LOW, spends.iter().map(|ends| ends.map(|(low, _)| micros(low)))),
            amounts(names::SPEND_HIGH, spends.iter().map(|ends| ends.map(|(_, high)| micros(high)))),
            ratios(names::ROI, arms.iter().map(|of| of.roi())),
            ratios(names::RETURN_ON_SPEND, arms.iter().map(|of| of.return_on_spend())),
        ]);
        frame(columns)
    }

    /// One row per treatment: `campaign_id`, `arm`, the columns of [`compared`], `rate_p_value_holm`,
    /// `spend_p_value_holm`, `relative_lift`, the buyers and the net amount that would not have come without the
    /// treatment, `detectable_difference`, the difference of spends after CUPED and that of capped spends, `result`,
    /// and `explanation`, which has the key of the result, too, for its text.
    pub fn lift_frame(&self) -> Result<DataFrame> {
        let lifts: Vec<&Lift> = self.lifts.iter().filter(|lift| self.study.is_shown(lift.arm)).collect();
        let of = || lifts.iter().map(|lift| &lift.compared);
        let known = |lift: &&&Lift| lift.compared.treated.min(lift.compared.control) > 0;
        let mut columns = self.named(lifts.iter().map(|lift| lift.arm));
        columns.extend(compared(&of().collect::<Vec<_>>()));
        columns.extend([
            ratios(names::RATE_P_VALUE_HOLM, lifts.iter().map(|lift| lift.holm[0])),
            ratios(names::SPEND_P_VALUE_HOLM, lifts.iter().map(|lift| lift.holm[1])),
            ratios(names::RELATIVE_LIFT, of().map(Compared::relative)),
            ratios(names::INCREMENTAL_BUYERS, of().map(|of| of.buyers().map(|(buyers, ..)| buyers))),
            ratios(names::INCREMENTAL_BUYERS_LOW, of().map(|of| of.buyers().map(|(_, low, _)| low))),
            ratios(names::INCREMENTAL_BUYERS_HIGH, of().map(|of| of.buyers().map(|(.., high)| high))),
            amounts(names::INCREMENTAL_NET_AMOUNT, of().map(|of| of.net().0)),
            amounts(names::INCREMENTAL_NET_AMOUNT_LOW, of().map(|of| of.net().1.map(|(low, _)| low))),
            amounts(names::INCREMENTAL_NET_AMOUNT_HIGH, of().map(|of| of.net().1.map(|(_, high)| high))),
            ratios(
                names::INCREMENTAL_ROI,
                lifts.iter().map(|lift| lift.compared.roi(self.figures[lift.arm].cost)),
            ),
            ratios(names::DETECTABLE_DIFFERENCE, of().map(|of| of.detectable)),
        ]);
        let adjusted: Vec<Option<Difference>> = of().map(|of| of.adjusted).collect();
        columns.extend(differences(CUPED, &adjusted));
        let capped = |lift: &&Lift| known(&lift).then_some(lift.capped).flatten();
        let caps: Vec<Option<(i64, Difference)>> = lifts.iter().map(capped).collect();
        columns.push(amounts(names::SPEND_CAP, caps.iter().map(|cap| cap.map(|(cap, _)| i128::from(cap)))));
        columns
            .extend(differences(CAPPED, &caps.iter().map(|cap| cap.map(|(_, of)| of)).collect::<Vec<_>>()));
        let results = || lifts.iter().map(|lift| Some(lift.result.to_owned()));
        columns.extend([texts(names::RESULT, results()), texts(names::EXPLANATION, results())]);
        frame(columns)
    }

    /// One row per treatment: `campaign_id`, `arm`, `explanation`, which is a sentence of the translations' `campaign`
    /// section.
    pub fn reading_frame(&self) -> Result<DataFrame> {
        let lifts: Vec<&Lift> = self.lifts.iter().filter(|lift| self.study.is_shown(lift.arm)).collect();
        let mut columns = self.named(lifts.iter().map(|lift| lift.arm));
        let explained = lifts.iter().map(|lift| {
            let campaign = &self.study.campaigns[self.arm(lift.arm).campaign];
            Some(sentence_of(lift, &self.figures[lift.arm], campaign))
        });
        columns.push(texts(names::EXPLANATION, explained));
        frame(columns)
    }

    /// One row per arm: `campaign_id`, `arm`, `assigned_count`, `assigned_share` (of all customers in those arms of the
    /// campaign that were drawn by chance), `planned_share`, `split_p_value`, `is_split_as_planned`, `mixed_count`,
    /// `unfinished_count`, `customer_count`, `opted_out_count`, `refunded_order_count`, `refund_amount`,
    /// `overlap_customer_count`, `overlap_order_count`.
    pub fn validity_frame(&self) -> Result<DataFrame> {
        let arms: Vec<&Figures> = self.figures.iter().filter(|of| self.study.is_shown(of.arm)).collect();
        let count = |of: fn(&Figures) -> u64| arms.iter().map(move |figures| Some(of(figures)));
        let of_campaign = |of: &Figures| self.arm(of.arm).campaign;
        let assigned_share = |of: &&Figures| {
            let same = self
                .figures
                .iter()
                .filter(|other| of_campaign(other) == of_campaign(of) && self.arm(other.arm).is_drawn);
            let all: u64 = same.map(|other| other.assigned).sum();
            share(i128::from(of.assigned), i128::from(all)).filter(|_| self.arm(of.arm).is_drawn)
        };
        let planned = |of: &&Figures| {
            let share = validity::planned_share(&self.study.campaigns[of_campaign(of)])?;
            match self.arm(of.arm) {
                arm if arm.is_control() => Some(share),
                // If there are several treatments, no plan says how many customers each was to have.
                arm if arm.is_drawn && self.treatments_of(arm.campaign) == 1 => Some(1.0 - share),
                _ => None,
            }
        };
        let p_values: Vec<Option<f64>> = arms
            .iter()
            .map(|of| validity::split_p_value(&self.study, &self.figures, of_campaign(of)))
            .collect();
        let is_planned = |p_value: &Option<f64>| p_value.map(|p_value| p_value >= super::MIN_SPLIT_P_VALUE);
        let mut columns = self.named(arms.iter().map(|of| of.arm));
        columns.extend([
            counts(names::ASSIGNED_COUNT, count(|of| of.assigned)),
            ratios(names::ASSIGNED_SHARE, arms.iter().map(assigned_share)),
            ratios(names::PLANNED_SHARE, arms.iter().map(planned)),
            ratios(names::SPLIT_P_VALUE, p_values.iter().copied()),
            flags(names::IS_SPLIT_AS_PLANNED, p_values.iter().map(is_planned)),
            counts(names::MIXED_COUNT, count(|of| of.mixed)),
            counts(names::UNFINISHED_COUNT, count(|of| of.unfinished)),
            counts(names::CUSTOMER_COUNT, count(|of| of.measured.count())),
            counts(names::OPTED_OUT_COUNT, arms.iter().map(|of| of.opted_out)),
            counts(names::REFUNDED_ORDER_COUNT, count(|of| of.refunded_orders)),
            amounts(names::REFUND_AMOUNT, arms.iter().map(|of| Some(of.refund))),
            counts(names::OVERLAP_CUSTOMER_COUNT, count(|of| of.overlap_customers)),
            counts(names::OVERLAP_ORDER_COUNT, count(|of| of.overlap_orders)),
        ]);
        frame(columns)
    }

    /// One row per treatment and group: `campaign_id`, `arm`, the group's column, the columns of [`compared`],
    /// `rate_interaction_p_value`, `spend_interaction_p_value` and `result`.
    pub fn groups_frame(&self) -> Result<DataFrame> {
        let groups = self.of_groups();
        let by = self.by.map_or(names::SEGMENT, super::By::column);
        let mut columns = self.named(groups.iter().map(|of| of.arm));
        columns.push(texts(by, groups.iter().map(|of| self.groups.name(of.group))));
        columns.extend(compared(&groups.iter().map(|of| &of.compared).collect::<Vec<_>>()));
        columns.extend([
            ratios(names::RATE_INTERACTION_P_VALUE, groups.iter().map(|of| of.interaction[0])),
            ratios(names::SPEND_INTERACTION_P_VALUE, groups.iter().map(|of| of.interaction[1])),
            texts(names::RESULT, groups.iter().map(|of| Some(of.result.to_owned()))),
        ]);
        frame(columns)
    }

    /// The columns that name arms: `campaign_id`, `arm`.
    pub(super) fn named(&self, arms: impl Iterator<Item = usize> + Clone) -> Vec<Column> {
        let campaign = |arm: &Arm| -> &Campaign { &self.study.campaigns[arm.campaign] };
        vec![
            texts(names::CAMPAIGN_ID, arms.clone().map(|arm| campaign(self.arm(arm)).id.clone())),
            texts(names::ARM, arms.map(|arm| Some(self.arm(arm).name.clone()))),
        ]
    }

    fn treatments_of(&self, campaign: usize) -> usize {
        let of_campaign = |arm: &&Arm| arm.campaign == campaign && arm.is_drawn && !arm.is_control();
        self.study.arms.iter().filter(of_campaign).count()
    }
}

/// The names of the columns of a difference of spends: the difference, the ends of its interval, and its p-value.
type Columns4 = [&'static str; 4];

const PLAIN: Columns4 = [
    names::SPEND_DIFFERENCE,
    names::SPEND_DIFFERENCE_LOW,
    names::SPEND_DIFFERENCE_HIGH,
    names::SPEND_P_VALUE,
];

const CUPED: Columns4 = [
    names::CUPED_SPEND_DIFFERENCE,
    names::CUPED_SPEND_DIFFERENCE_LOW,
    names::CUPED_SPEND_DIFFERENCE_HIGH,
    names::CUPED_SPEND_P_VALUE,
];

const CAPPED: Columns4 = [
    names::CAPPED_SPEND_DIFFERENCE,
    names::CAPPED_SPEND_DIFFERENCE_LOW,
    names::CAPPED_SPEND_DIFFERENCE_HIGH,
    names::CAPPED_SPEND_P_VALUE,
];

/// The columns `customer_count`, `control_count`, `rate_difference` with its interval and p-value, and
/// `spend_difference` with its interval and p-value.
fn compared(all: &[&Compared]) -> Vec<Column> {
    let of = || all.iter();
    let mut columns = vec![
        counts(names::CUSTOMER_COUNT, of().map(|of| Some(of.treated))),
        counts(names::CONTROL_COUNT, of().map(|of| Some(of.control))),
        ratios(names::RATE_DIFFERENCE, of().map(|of| of.rate.map(|(rate, ..)| rate))),
        ratios(names::RATE_DIFFERENCE_LOW, of().map(|of| of.rate.map(|(_, low, _)| low))),
        ratios(names::RATE_DIFFERENCE_HIGH, of().map(|of| of.rate.map(|(.., high)| high))),
        ratios(names::RATE_P_VALUE, of().map(|of| of.rate_p_value)),
    ];
    columns.extend(differences(PLAIN, &of().map(|of| of.spend).collect::<Vec<_>>()));
    columns
}

fn differences([value, low, high, p_value]: Columns4, all: &[Option<Difference>]) -> Vec<Column> {
    let tests = || all.iter().map(|of| of.and_then(|of| of.test));
    vec![
        amounts(value, all.iter().map(|of| of.map(|of| micros(of.value)))),
        amounts(low, tests().map(|test| test.map(|test| micros(test.low)))),
        amounts(high, tests().map(|test| test.map(|test| micros(test.high)))),
        ratios(p_value, tests().map(|test| test.map(|test| test.p_value))),
    ]
}

/// A number of micro-units, rounded to a whole one.
fn micros(value: f64) -> i128 {
    value.round() as i128
}
