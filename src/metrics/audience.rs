//! Who gets a message and who does not: each candidate is left out by the first rule that applies.

use std::collections::HashMap;

use super::holdout::{GLOBAL, is_held_out};
use crate::stats::means::Sample;

/// Why a candidate gets no message. The rules apply in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exclusion {
    /// The customer is in the standing holdout, which no audience reaches.
    GlobalHoldout,
    /// The customer, or somebody with the same contact, wants no messages.
    OptedOut,
    /// The shop has blacklisted the customer, or somebody with the same contact.
    Blacklisted,
    /// No input gives a contact of the customer for the channel of the message.
    NoContact,
    /// The contact that is given cannot be valid.
    InvalidContact,
    /// Another candidate with the same contact is kept instead.
    DuplicateContact,
    /// The customer got another message within the fatigue days, which end with the day of the message.
    ContactedRecently,
    /// The message offers a discount, and the customer is inside the normal repurchase cycle, where a discount only
    /// teaches customers to wait for the next one.
    InCare,
    /// The maximum number of candidates has been taken already.
    OverMax,
    /// The customer is in the campaign's control group.
    HeldOut,
}

impl Exclusion {
    /// All rules, in the order in which they apply.
    pub const ALL: [Self; 10] = [
        Self::GlobalHoldout,
        Self::OptedOut,
        Self::Blacklisted,
        Self::NoContact,
        Self::InvalidContact,
        Self::DuplicateContact,
        Self::ContactedRecently,
        Self::InCare,
        Self::OverMax,
        Self::HeldOut,
    ];

    /// The code in machine formats, which is also the key of the translations.
    pub fn code(self) -> &'static str {
        match self {
            Self::GlobalHoldout => "global_holdout",
            Self::OptedOut => "opted_out",
            Self::Blacklisted => "blacklisted",
            Self::NoContact => "no_contact",
            Self::InvalidContact => "invalid_contact",
            Self::DuplicateContact => "duplicate_contact",
            Self::ContactedRecently => "contacted_recently",
            Self::InCare => "in_care",
            Self::OverMax => "over_max",
            Self::HeldOut => "held_out",
        }
    }
}

/// Somebody who may get the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidate {
    /// The customer's id.
    pub id: String,
    /// Whether the customer, or somebody with the same contact, wants no messages.
    pub is_opted_out: bool,
    /// Whether the shop has blacklisted the customer, or somebody with the same contact.
    pub is_blacklisted: bool,
    /// The customer's contact in a normal form, so that two spellings of one contact are the same text; `None` if none
    /// is known.
    pub contact: Option<String>,
    /// Whether the contact cannot be valid.
    pub is_wrong: bool,
    /// Net amount in micro-units; `None` if the customer has bought nothing.
    pub net: Option<i128>,
    /// Whether the customer, or somebody with the same contact, got another message within the fatigue days.
    pub was_contacted: bool,
    /// Whether the customer is inside the normal repurchase cycle and the message offers a discount.
    pub is_in_care: bool,
}

/// The parameters of the selection, besides the candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// The campaign's id, from which its control group is drawn ([`is_held_out`]).
    pub campaign_id: String,
    /// The share of customers in the control group, in units of [`super::value::WHOLE`].
    pub holdout: u32,
    /// The share of customers in the standing holdout, in the same units.
    pub standing: u32,
    /// How many candidates may be taken, including those of the control group; `None` for no limit.
    pub max: Option<usize>,
}

/// For each candidate the rule that leaves it out; `None` if the candidate gets the message. The candidates are taken
/// in the given order until the maximum is reached.
pub fn sift(candidates: &[Candidate], draw: &Draw) -> Vec<Option<Exclusion>> {
    let mut sifted: Vec<Option<Exclusion>> = candidates.iter().map(|one| of_itself(one, draw)).collect();
    leave_out_duplicates(candidates, &mut sifted);
    let mut left = 0;
    for (candidate, exclusion) in candidates.iter().zip(&mut sifted).filter(|(_, why)| why.is_none()) {
        *exclusion = match () {
            () if candidate.was_contacted => Some(Exclusion::ContactedRecently),
            () if candidate.is_in_care => Some(Exclusion::InCare),
            () if draw.max.is_some_and(|max| left >= max) => Some(Exclusion::OverMax),
            () => {
                left += 1;
                let is_held_out = is_held_out(&draw.campaign_id, &candidate.id, draw.holdout);
                is_held_out.then_some(Exclusion::HeldOut)
            }
        };
    }
    sifted
}

/// The first rule that leaves the candidate out, of the rules that look at no other candidate.
fn of_itself(candidate: &Candidate, draw: &Draw) -> Option<Exclusion> {
    match () {
        () if is_held_out(GLOBAL, &candidate.id, draw.standing) => Some(Exclusion::GlobalHoldout),
        () if candidate.is_opted_out => Some(Exclusion::OptedOut),
        () if candidate.is_blacklisted => Some(Exclusion::Blacklisted),
        () if candidate.contact.is_none() => Some(Exclusion::NoContact),
        () if candidate.is_wrong => Some(Exclusion::InvalidContact),
        () => None,
    }
}

/// Of several candidates with the same contact, keeps the one with the highest net amount; of those with the same
/// amount, the one whose id comes first. So the choice does not depend on the order of the list.
fn leave_out_duplicates(candidates: &[Candidate], sifted: &mut [Option<Exclusion>]) {
    let mut stays: HashMap<&str, usize> = HashMap::new();
    for (place, candidate) in candidates.iter().enumerate() {
        if sifted[place].is_some() {
            continue;
        }
        let Some(contact) = candidate.contact.as_deref() else { continue };
        let Some(before) = stays.insert(contact, place) else { continue };
        let rank = |place: usize| (candidates[place].net, std::cmp::Reverse(&candidates[place].id));
        let (kept, gone) = if rank(place) > rank(before) { (place, before) } else { (before, place) };
        stays.insert(contact, kept);
        sifted[gone] = Some(Exclusion::DuplicateContact);
    }
}

/// A measure of the two arms, and by how much they differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Balance {
    /// The values of those who get the message.
    pub treatment: Sample,
    /// The values of those who are held out.
    pub control: Sample,
    /// See [`standardised_difference`].
    pub difference: Option<f64>,
}

/// A difference of more standard deviations than this is reported. It is the usual bound for balanced arms (Austin, "An
/// introduction to propensity score methods", Multivariate Behavioral Research 46, 2011).
pub const MAX_BALANCED: f64 = 0.1;

impl Balance {
    /// Compares the values of a measure in both arms. Customers without a value are left out: for the days since the
    /// last order, these are customers who never ordered.
    pub fn of(
        treatment: impl Iterator<Item = Option<i64>> + Clone,
        control: impl Iterator<Item = Option<i64>> + Clone,
    ) -> Self {
        let (treatment, control) = (Sample::of(treatment.flatten()), Sample::of(control.flatten()));
        Self { treatment, control, difference: standardised_difference(&treatment, &control) }
    }
}

/// The mean of the treatment minus that of the control, in standard deviations; the variance is the mean of the two
/// arms' variances (Austin 2011). `None` if an arm has fewer than two values, or if the values do not vary within the
/// arms but the means differ.
pub fn standardised_difference(treatment: &Sample, control: &Sample) -> Option<f64> {
    if treatment.count < 2 || control.count < 2 {
        return None;
    }
    let difference = treatment.mean - control.mean;
    if difference == 0.0 {
        return Some(0.0);
    }
    let deviation = ((treatment.variance + control.variance) / 2.0).sqrt();
    (deviation > 0.0).then(|| difference / deviation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::value::WHOLE;

    fn somebody(id: &str, contact: &str, net: i128) -> Candidate {
        Candidate {
            id: id.to_owned(),
            contact: Some(contact.to_owned()),
            net: Some(net),
            ..Candidate::default()
        }
    }

    fn nobody_held() -> Draw {
        Draw { campaign_id: "june".to_owned(), holdout: 0, standing: 0, max: None }
    }

    #[test]
    fn the_first_rule_that_applies_counts() {
        let every = |strip: usize| {
            let all = Candidate {
                id: "1001".to_owned(),
                is_opted_out: strip < 1,
                is_blacklisted: strip < 2,
                contact: (strip >= 3).then(|| "x".to_owned()),
                is_wrong: strip < 4,
                net: None,
                was_contacted: strip < 5,
                is_in_care: strip < 6,
            };
            let draw = Draw { holdout: WHOLE, max: (strip < 7).then_some(0), ..nobody_held() };
            sift(&[all], &draw)
        };
        let rules = [
            Exclusion::OptedOut,
            Exclusion::Blacklisted,
            Exclusion::NoContact,
            Exclusion::InvalidContact,
            Exclusion::ContactedRecently,
            Exclusion::InCare,
            Exclusion::OverMax,
            Exclusion::HeldOut,
        ];
        for (strip, rule) in rules.into_iter().enumerate() {
            assert_eq!(every(strip), [Some(rule)], "without the {strip} rules before");
        }
        let standing = Draw { standing: WHOLE, ..nobody_held() };
        let opted_out = Candidate { is_opted_out: true, ..somebody("1001", "x", 1) };
        assert_eq!(sift(&[opted_out], &standing), [Some(Exclusion::GlobalHoldout)]);
        assert_eq!(sift(&[somebody("1001", "x", 1)], &nobody_held()), [None]);
    }

    #[test]
    fn of_several_with_one_contact_the_best_customer_stays_however_they_are_sorted() {
        let all =
            [somebody("b", "x", 5), somebody("a", "x", 9), somebody("c", "x", 9), somebody("d", "y", 0)];
        let never_bought = Candidate { net: None, ..somebody("0", "x", 0) };
        let all = [&all[..], &[never_bought]].concat();
        let stay = |list: &[Candidate]| {
            let sifted = sift(list, &nobody_held());
            let mut ids: Vec<&str> = Vec::new();
            for (one, why) in list.iter().zip(sifted) {
                match why {
                    None => ids.push(&one.id),
                    Some(why) => assert_eq!(why, Exclusion::DuplicateContact),
                }
            }
            ids.sort_unstable();
            ids.join(",")
        };
        let reversed: Vec<Candidate> = all.iter().rev().cloned().collect();
        assert_eq!((stay(&all).as_str(), stay(&reversed).as_str()), ("a,d", "a,d"));
        // A candidate whom another rule leaves out does not keep others with the same contact out.
        let opted_out = Candidate { is_opted_out: true, ..somebody("a", "x", 9) };
        let sifted = sift(&[opted_out, somebody("b", "x", 5)], &nobody_held());
        assert_eq!(sifted, [Some(Exclusion::OptedOut), None]);
    }

    /// The control group counts towards the maximum, so the list is shorter by its members.
    #[test]
    fn the_control_group_is_taken_out_of_as_many_as_there_may_be() {
        let all: Vec<Candidate> = (0..1_000).map(|i| somebody(&i.to_string(), &format!("c{i}"), 0)).collect();
        let draw = Draw { holdout: WHOLE / 10, max: Some(300), ..nobody_held() };
        let sifted = sift(&all, &draw);
        let count = |what: Option<Exclusion>| sifted.iter().filter(|why| **why == what).count();
        assert_eq!(count(Some(Exclusion::OverMax)), 700);
        assert_eq!(count(None) + count(Some(Exclusion::HeldOut)), 300);
        assert!(sifted[..300].iter().all(|why| *why != Some(Exclusion::OverMax)));
        // In a list of fewer candidates the same customers are held out.
        let fewer: Vec<Candidate> = all.iter().step_by(3).cloned().collect();
        let of_fewer = sift(&fewer, &Draw { max: None, ..draw.clone() });
        let of_all = sift(&all, &Draw { max: None, ..draw });
        assert!(of_fewer.iter().eq(of_all.iter().step_by(3)));
    }

    /// (2, 4, 6) has mean 4 and variance 4, (1, 3) has mean 2 and variance 2: 2 / sqrt(3) = 1.154701.
    #[test]
    fn arms_are_compared_in_standard_deviations() {
        let of = |a: &[i64], b: &[i64]| {
            Balance::of(a.iter().map(|v| Some(*v)), b.iter().map(|v| Some(*v)).chain([None])).difference
        };
        let difference = of(&[2, 4, 6], &[1, 3]).unwrap();
        assert!((difference - 1.154_700_538_379_251_5).abs() < 1e-12, "{difference}");
        assert_eq!(of(&[2, 4, 6], &[1]), None);
        assert_eq!(of(&[2, 2], &[2, 2]), Some(0.0));
        assert_eq!(of(&[2, 2], &[3, 3]), None);
    }
}
