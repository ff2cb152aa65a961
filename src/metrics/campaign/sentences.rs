//! What a comparison comes to, as a sentence of the translations' `campaign` section.

use super::arms::Figures;
use super::lift::{Lift, MIN_CUSTOMERS};
use super::subjects::Campaign;
use crate::locale::sentence;
use crate::schema::money;

/// Micro-units in a hundredth, which is as fine as a sentence is.
const HUNDREDTH: i128 = 10_000;

/// The sentence of a treatment. `treated` are its figures, `campaign` is its own.
pub fn sentence_of(lift: &Lift, treated: &Figures, campaign: &Campaign) -> String {
    let compared = &lift.compared;
    let [rate, control_rate] = compared.rates.map(percent);
    let share = compared.control as f64 / (compared.treated + compared.control).max(1) as f64;
    let (net, ends) = compared.net();
    let (low, high) = ends.unzip();
    let (buyers, fewest, most) = compared.buyers().unwrap_or_default();
    let is_told = lift.holm[0].is_some_and(|p_value| p_value < super::lift::MAX_P_VALUE);
    let key = match lift.result {
        "more" if !is_told => "more_spend",
        "less" if !is_told => "less_spend",
        "no_difference" if compared.detectable.is_none() => "no_difference_at_all",
        key => key,
    };
    let values = [
        ("treated", compared.treated.to_string()),
        ("control", compared.control.to_string()),
        ("assigned", treated.assigned.to_string()),
        ("least", MIN_CUSTOMERS.to_string()),
        ("days", campaign.within_days.to_string()),
        ("share", percent(Some(share))),
        ("rate", rate),
        ("control_rate", control_rate),
        ("buyers", whole(buyers)),
        ("fewest", whole(fewest)),
        ("most", whole(most)),
        ("amount", amount(net)),
        ("low", amount(low)),
        ("high", amount(high)),
        ("detectable", percent(compared.detectable)),
    ];
    sentence(key, &values)
}

fn percent(part: Option<f64>) -> String {
    part.map_or_else(String::new, |part| format!("{:.1}", part * 100.0))
}

fn whole(number: f64) -> String {
    // No minus before a nought.
    format!("{}", number.round() as i64)
}

fn amount(micros: Option<i128>) -> String {
    let rounded = |micros: i128| money::mean(micros, HUNDREDTH as u64).unwrap_or(0) * HUNDREDTH;
    micros.map_or_else(String::new, |micros| money::plain(rounded(micros)))
}
