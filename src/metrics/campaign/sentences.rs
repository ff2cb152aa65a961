//! The result of a comparison as a sentence of the translations' `campaign` section.

use super::arms::Figures;
use super::lift::{Lift, MIN_CUSTOMERS};
use super::subjects::Campaign;
use crate::locale::sentence;
use crate::schema::money;

/// The number of micro-units in a hundredth. Amounts in sentences are rounded to hundredths.
const HUNDREDTH: i128 = 10_000;

/// The sentence for a treatment. `treated` are the figures of its arm, `campaign` is its campaign.
pub fn sentence_of(lift: &Lift, treated: &Figures, campaign: &Campaign) -> String {
    let compared = &lift.compared;
    let [rate, control_rate] = compared.rates.map(percent);
    let share = compared.control as f64 / (compared.treated + compared.control).max(1) as f64;
    let (net, ends) = compared.net();
    let mut amounts = [net, ends.map(|(low, _)| low), ends.map(|(_, high)| high)];
    let (buyers, fewest, most) = compared.buyers().unwrap_or_default();
    let mut customers = [buyers, fewest, most];
    if lift.result == "less" {
        // A loss is written without a sign, with the smaller end of the interval first.
        amounts = [amounts[0], amounts[2], amounts[1]].map(|micros| micros.map(|micros| -micros));
        customers = [-buyers, -most, -fewest];
    }
    let [amount, low, high] = amounts.map(in_hundredths);
    let [buyers, fewest, most] = customers.map(whole);
    let is_told = lift.holm[0].is_some_and(|p_value| p_value < super::lift::MAX_P_VALUE);
    let key = match lift.result {
        "more" if !is_told => "more_spend",
        "less" if !is_told => "less_spend",
        // If all customers of an arm spend the same, it is unknown how much spends vary.
        "more" if ends.is_none() => "more_buyers",
        "less" if ends.is_none() => "less_buyers",
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
        ("buyers", buyers),
        ("fewest", fewest),
        ("most", most),
        ("amount", amount),
        ("low", low),
        ("high", high),
        ("detectable", percent(compared.detectable)),
    ];
    sentence(key, &values)
}

fn percent(part: Option<f64>) -> String {
    part.map_or_else(String::new, |part| format!("{:.1}", part * 100.0))
}

fn whole(number: f64) -> String {
    // A whole number is never written as -0.
    (number.round() as i64).to_string()
}

fn in_hundredths(micros: Option<i128>) -> String {
    let rounded = |micros: i128| money::mean(micros, HUNDREDTH as u64).unwrap_or(0) * HUNDREDTH;
    micros.map_or_else(String::new, |micros| money::plain(rounded(micros)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Lang;
    use crate::metrics::campaign::arms::Measured;
    use crate::metrics::campaign::lift::Compared;

    /// The sentence for two arms. Each is given as the number of customers, the number of buyers, and what the buyers
    /// spend in turn.
    fn said(
        treated: (usize, usize, &[i64]),
        control: (usize, usize, &[i64]),
        result: &'static str,
    ) -> String {
        let arm = |(all, buyers, spends): (usize, usize, &[i64])| {
            let spend =
                |place: usize| if place < buyers { spends[place % spends.len()] * 1_000_000 } else { 0 };
            let mut measured = Measured::default();
            (0..all).for_each(|place| measured.add_many(place < buyers, (spend(place), 0), 1));
            measured
        };
        let compared = Compared::of(&arm(treated), &arm(control));
        let p_values =
            [compared.rate_p_value, compared.spend.and_then(|spend| spend.test).map(|test| test.p_value)];
        assert_eq!(compared.finding(p_values), result);
        let lift = Lift { arm: 0, control: Some(1), compared, holm: p_values, capped: None, result };
        let sentence = sentence_of(&lift, &Figures::default(), &Campaign::default());
        Lang::En.locale().sentence("campaign", &sentence).into_owned()
    }

    /// The arms have 100 customers each. The sums are computed by hand; the ends of the intervals are those of the
    /// tables.
    #[test]
    fn each_result_has_its_sentence() {
        let more = said((100, 40, &[10, 30]), (100, 10, &[10, 30]), "more");
        assert!(
            more.starts_with(
                "40.0 % bought against 10.0 % of those held out: about 30 buyers (18 to 41) and 600.00 ("
            ),
            "{more}"
        );
        let less = said((100, 10, &[10, 30]), (100, 40, &[10, 30]), "less");
        assert!(less.starts_with("10.0 % bought against 40.0 % of those held out: it lost about 30 buyers (18 to 41) and 600.00 ("), "{less}");
        let spend = said((100, 20, &[90, 110]), (100, 20, &[10, 30]), "more");
        assert!(spend.contains("which may be chance, but they spent more: 1600.00 ("), "{spend}");
        let spend = said((100, 20, &[10, 30]), (100, 20, &[90, 110]), "less");
        assert!(spend.contains("which may be chance, but they spent less: 1600.00 in all ("), "{spend}");
        let both = said((100, 40, &[1, 2]), (100, 10, &[90, 110]), "mixed");
        assert!(both.contains("the spend differs the other way: -940.00 in all ("), "{both}");
        let none = said((100, 20, &[10, 30]), (100, 20, &[10, 30]), "no_difference");
        assert!(none.starts_with("The 50.0 % held out bought as much (20.0 % against 20.0 %)"), "{none}");
        // All treated spend the same and all others nothing: 1 - √2 · (1 - 1 / 1.0384).
        let same = said((100, 100, &[5]), (100, 0, &[0]), "more");
        assert!(same.ends_with("about 100 buyers (95 to 100) would not have come without it."), "{same}");
        let few = said((30, 30, &[10, 20]), (1, 1, &[10]), "no_difference");
        assert!(few.contains("no difference could have shown"), "{few}");
        for text in [more, less, spend, both, none, same, few] {
            assert!(!text.contains('{') && !text.contains("  "), "{text}");
        }
    }
}
