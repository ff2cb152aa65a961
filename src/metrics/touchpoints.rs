//! How many customers can be reached through a channel, and how many messages they were sent.

use crate::contacts::Fault;
use crate::stats::proportion::Proportion;
use crate::stats::quantile::median_doubled;

/// Whether a person can be reached through one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is no contact.
    NoContact,
    /// The contact is invalid.
    Invalid(Fault),
    /// Could be reached, but wants no messages.
    OptedOut,
    /// Could be reached, but is on the shop's black list.
    Blacklisted,
    /// Can be reached, through the contact of this number. People who share a contact have the same number.
    Reachable(u32),
}

/// How many of some people can be reached through one channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reach {
    /// All of these people.
    pub customers: u64,
    /// People without a contact.
    pub no_contact: u64,
    /// People whose contact is invalid.
    pub invalid: u64,
    /// The invalid contacts by fault, in the order of [`Fault::ALL`].
    pub faults: [u64; Fault::ALL.len()],
    /// People who could be reached, but want no messages.
    pub opted_out: u64,
    /// People who could be reached, but are on the black list.
    pub blacklisted: u64,
    /// People who can be reached.
    pub reachable: u64,
    /// Reachable people beyond the first of each contact: with several people to a contact, all but one of them.
    pub duplicates: u64,
    /// Net amount of the people who can be reached, in micro-units.
    pub net: i128,
}

impl Reach {
    /// Counts people by standing, each given with the net amount in micro-units.
    pub fn of<'s>(people: impl Iterator<Item = (&'s Standing, i128)>) -> Self {
        let mut reach = Self::default();
        let mut contacts: Vec<u32> = Vec::new();
        for (standing, net) in people {
            reach.customers += 1;
            match standing {
                Standing::NoContact => reach.no_contact += 1,
                Standing::Invalid(fault) => {
                    reach.invalid += 1;
                    let place = Fault::ALL.iter().position(|other| other == fault);
                    reach.faults[place.unwrap_or_default()] += 1;
                }
                Standing::OptedOut => reach.opted_out += 1,
                Standing::Blacklisted => reach.blacklisted += 1,
                Standing::Reachable(contact) => {
                    reach.reachable += 1;
                    reach.net += net;
                    contacts.push(*contact);
                }
            }
        }
        contacts.sort_unstable();
        contacts.dedup();
        reach.duplicates = reach.reachable - contacts.len() as u64;
        reach
    }

    /// Whether the counts add up to all people, and the faults to the invalid contacts.
    pub fn is_balanced(&self) -> bool {
        let parts = self.no_contact + self.invalid + self.opted_out + self.blacklisted + self.reachable;
        self.customers == parts && self.invalid == self.faults.iter().sum::<u64>()
    }

    /// The share of the people who can be reached.
    pub fn share(&self) -> Proportion {
        Proportion::new(self.reachable, self.customers)
    }
}

/// The messages to some people through one channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contacts {
    /// People who were sent any message.
    pub contacted: u64,
    /// Median, over these people, of the days since the last message.
    pub median_days: Option<f64>,
    /// Pairs of a number of messages in the last 30 days, ascending, and how many people were sent that number, 0
    /// included.
    pub counts: Vec<(u64, u64)>,
}

/// The messages to one person through one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Messages {
    /// Days since the last message, if there was any.
    pub days_since: Option<i32>,
    /// Number of messages in the last 30 days.
    pub count_30d: u64,
}

impl Contacts {
    /// Sums up the messages to these people.
    pub fn of(people: impl Iterator<Item = Messages>) -> Self {
        let mut days = std::collections::BTreeMap::<i32, u64>::new();
        let mut counts = std::collections::BTreeMap::<u64, u64>::new();
        for person in people {
            person.days_since.iter().for_each(|since| *days.entry(*since).or_default() += 1);
            *counts.entry(person.count_30d).or_default() += 1;
        }
        let days: Vec<(i32, u64)> = days.into_iter().collect();
        Self {
            contacted: days.iter().map(|(_, count)| count).sum(),
            median_days: median_doubled(&days).map(|doubled| doubled as f64 / 2.0),
            counts: counts.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_counted_once_and_shared_contacts_are_found() {
        let people = [
            (Standing::NoContact, 1),
            (Standing::Invalid(Fault::Masked), 2),
            (Standing::Invalid(Fault::TooShort), 4),
            (Standing::OptedOut, 8),
            (Standing::Blacklisted, 16),
            (Standing::Reachable(7), 32),
            (Standing::Reachable(7), 64),
            (Standing::Reachable(0), 128),
        ];
        let reach = Reach::of(people.iter().map(|(standing, net)| (standing, *net)));
        assert!(reach.is_balanced());
        assert_eq!((reach.customers, reach.no_contact, reach.invalid), (8, 1, 2));
        assert_eq!((reach.opted_out, reach.blacklisted), (1, 1));
        assert_eq!((reach.reachable, reach.duplicates, reach.net), (3, 1, 224));
        // Masked is the first of the faults, too short the third.
        assert_eq!(reach.faults, [1, 0, 1, 0, 0, 0]);
    }

    #[test]
    fn messages_are_summed_up_by_person() {
        let of = |days_since, count_30d| Messages { days_since, count_30d };
        let people = [of(Some(3), 2), of(Some(8), 1), of(Some(40), 0), of(None, 0), of(Some(9), 2)];
        let contacts = Contacts::of(people.into_iter());
        // The middle two of 3, 8, 9 and 40 are 8 and 9.
        assert_eq!((contacts.contacted, contacts.median_days), (4, Some(8.5)));
        assert_eq!(contacts.counts, [(0, 2), (1, 1), (2, 2)]);
        assert_eq!(Contacts::of(std::iter::empty()), Contacts::default());
    }
}
