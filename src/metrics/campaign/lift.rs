//! Compares treatments with the control.

use super::arms::{Figures, Measured, over_cost};
use super::subjects::Study;
use super::validity;
use crate::stats::means::{Difference, Paired, Sample, cuped, welch};
use crate::stats::proportion::{detectable_rise, difference_interval, p_value};
use crate::stats::quantile::per_mille;
use crate::stats::several::holm;

/// With fewer customers in an arm, no claim is made.
pub const MIN_CUSTOMERS: u64 = 20;

/// The results that a comparison can have, as keys of the translations.
pub const RESULTS: [&str; 9] = [
    "not_causal",
    "not_drawn",
    "too_early",
    "too_few",
    "broken_split",
    "more",
    "less",
    "mixed",
    "no_difference",
];

/// A difference with a p-value below this is taken for a real one.
pub const MAX_P_VALUE: f64 = 0.05;

/// For the comparison of capped spends, spend is capped at this quantile of all customers, in thousandths.
const CAPPED_AT: usize = 999;

/// A treatment compared with the control of its campaign.
#[derive(Debug, Clone)]
pub struct Lift {
    /// Number of the treatment's arm.
    pub arm: usize,
    /// Number of the control's arm; `None` if the campaign has none.
    pub control: Option<usize>,
    /// The differences between the two.
    pub compared: Compared,
    /// The p-values of the rates and of the spends, adjusted by Holm's method over the treatments of the campaign.
    pub holm: [Option<f64>; 2],
    /// The cap in micro-units, and the difference of the capped spends.
    pub capped: Option<(i64, Difference)>,
    /// The result of the comparison: one of [`RESULTS`].
    pub result: &'static str,
}

/// The differences between two groups of customers. Amounts are in micro-units per customer.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    /// How many were treated.
    pub treated: u64,
    /// How many were held out.
    pub control: u64,
    /// The share of buyers among the treated and among those held out.
    pub rates: [Option<f64>; 2],
    /// The rate of the treated minus that of the control, and the ends of its interval.
    pub rate: Option<(f64, f64, f64)>,
    /// The p-value of the rates: the probability of rates so far apart by chance.
    pub rate_p_value: Option<f64>,
    /// The difference of the mean spends.
    pub spend: Option<Difference>,
    /// The same, adjusted for what customers had spent before (CUPED).
    pub adjusted: Option<Difference>,
    /// The smallest rise over the control's rate that could have been noticed ([`detectable_rise`]).
    pub detectable: Option<f64>,
}

impl Compared {
    /// Compares the treated with those held out.
    pub fn of(treated: &Measured, control: &Measured) -> Self {
        let (a, b) = (treated.rate(), control.rate());
        let difference = a.rate().zip(b.rate()).map(|(a, b)| a - b);
        let paired = |of: &Measured| Paired::of(of.pairs());
        let (spent, kept) = (paired(treated), paired(control));
        Self {
            treated: a.of,
            control: b.of,
            rates: [a.rate(), b.rate()],
            rate: difference.zip(difference_interval(a, b)).map(|(rate, (low, high))| (rate, low, high)),
            rate_p_value: p_value(a, b),
            spend: welch(&spent.values, &kept.values),
            adjusted: cuped(&spent, &kept),
            detectable: b.rate().and_then(|rate| detectable_rise(rate, a.of, b.of)),
        }
    }

    /// The difference of the rates, divided by the control's rate.
    pub fn relative(&self) -> Option<f64> {
        let (difference, ..) = self.rate?;
        self.rates[1].filter(|rate| *rate > 0.0).map(|rate| difference / rate)
    }

    /// Number of buyers who would not have bought without the treatment, and the ends of its interval.
    pub fn buyers(&self) -> Option<(f64, f64, f64)> {
        let n = self.treated as f64;
        self.rate.map(|(rate, low, high)| (rate * n, low * n, high * n))
    }

    /// The net amount that would not have come without the treatment, in micro-units, and the ends of its interval.
    pub fn net(&self) -> (Option<i128>, Option<(i128, i128)>) {
        let of_all = |each: f64| (each * self.treated as f64).round() as i128;
        let test = self.spend.and_then(|spend| spend.test);
        (self.spend.map(|spend| of_all(spend.value)), test.map(|test| (of_all(test.low), of_all(test.high))))
    }

    /// The net amount that would not have come without the treatment, minus the cost, divided by the cost.
    pub fn roi(&self, cost: Option<i128>) -> Option<f64> {
        over_cost(self.net().0? - cost?, cost)
    }

    /// The result if one of the groups is too small: `too_early` if nobody is in it, `too_few` below [`MIN_CUSTOMERS`].
    /// `None` if both are large enough.
    pub fn lacks(&self) -> Option<&'static str> {
        match self.treated.min(self.control) {
            0 => Some("too_early"),
            least if least < MIN_CUSTOMERS => Some("too_few"),
            _ => None,
        }
    }

    /// The result if both groups are large enough, by the p-values of the rates and the spends.
    pub fn finding(&self, [rate_p_value, spend_p_value]: [Option<f64>; 2]) -> &'static str {
        let is_told = |p_value: Option<f64>| p_value.is_some_and(|p_value| p_value < MAX_P_VALUE);
        let rate = self.rate.map(|(rate, ..)| rate).filter(|_| is_told(rate_p_value));
        let spend = self.spend.map(|spend| spend.value).filter(|_| is_told(spend_p_value));
        let found: Vec<f64> = rate.into_iter().chain(spend).collect();
        match (found.iter().any(|value| *value > 0.0), found.iter().any(|value| *value < 0.0)) {
            (true, true) => "mixed",
            (true, false) => "more",
            (false, true) => "less",
            (false, false) => "no_difference",
        }
    }
}

/// Compares every treatment with the control of its campaign; sorted by arm.
pub fn lifts(study: &Study, figures: &[Figures]) -> Vec<Lift> {
    let mut lifts = Vec::new();
    for number in 0..study.campaigns.len() {
        let of_campaign = || figures.iter().filter(|of| study.arms[of.arm].campaign == number);
        let control = of_campaign().find(|of| study.arms[of.arm].is_control());
        let drawn = of_campaign().filter(|of| study.arms[of.arm].is_drawn);
        let mut all: Vec<i64> = drawn.flat_map(|of| of.measured.spends()).collect();
        let cap = per_mille(&mut all, CAPPED_AT);
        let is_broken = validity::is_broken(study, figures, number);
        let nobody = Measured::default();
        let treatments = of_campaign().filter(|of| !study.arms[of.arm].is_control());
        let mut own: Vec<Lift> = treatments
            .map(|treated| {
                let kept = control.map_or(&nobody, |control| &control.measured);
                let capped =
                    |of: &Measured, cap: i64| Sample::of(of.spends().map(move |spent| spent.min(cap)));
                let capped =
                    |cap: i64| Some((cap, welch(&capped(&treated.measured, cap), &capped(kept, cap))?));
                Lift {
                    arm: treated.arm,
                    control: control.map(|control| control.arm),
                    compared: Compared::of(&treated.measured, kept),
                    holm: [None; 2],
                    capped: cap.and_then(capped),
                    result: "",
                }
            })
            .collect();
        hold_together(study, &mut own);
        for lift in &mut own {
            lift.result = match () {
                () if lift.control.is_none() => "not_causal",
                () if !study.arms[lift.arm].is_drawn => "not_drawn",
                () => match lift.compared.lacks() {
                    Some(lacks) => lacks,
                    None if is_broken => "broken_split",
                    None => lift.compared.finding(lift.holm),
                },
            };
        }
        lifts.extend(own);
    }
    lifts
}

/// Adjusts the p-values of rates and spends ([`holm`]), so that they hold for all treatments of a campaign together.
fn hold_together(study: &Study, lifts: &mut [Lift]) {
    let of: [fn(&Compared) -> Option<f64>; 2] =
        [|compared| compared.rate_p_value, |compared| compared.spend?.test.map(|test| test.p_value)];
    for (place, of) in of.into_iter().enumerate() {
        let is_known = |lift: &Lift| study.arms[lift.arm].is_drawn && of(&lift.compared).is_some();
        let known: Vec<usize> = (0..lifts.len()).filter(|lift| is_known(&lifts[*lift])).collect();
        let raw: Vec<f64> = known.iter().filter_map(|lift| of(&lifts[*lift].compared)).collect();
        known.into_iter().zip(holm(&raw)).for_each(|(lift, p_value)| lifts[lift].holm[place] = Some(p_value));
    }
}
