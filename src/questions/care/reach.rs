//! How each customer to whom something is due is reached, and which customers share a contact.

use std::collections::HashMap;

use crate::customers::Ground;
use crate::customers::reach::{Contacts, Judged, Marked, Way};
use crate::error::Result;
use crate::metrics::care::choose;
use crate::schema::CustomerCode;

/// The shop's channels, best first, each with the contacts of everybody.
pub(super) struct Ways<'a> {
    ways: Vec<(&'static str, Way, Contacts<'a>)>,
    /// The row of each customer among the contacts, by code.
    places: Vec<Option<usize>>,
}

/// The channel and the contact by which a customer is reached.
#[derive(Debug, Clone, Default)]
pub(super) struct Reached {
    /// The index among the shop's channels; `None` where none of them reaches the customer.
    pub way: Option<usize>,
    /// The channel.
    pub channel: Option<&'static str>,
    /// The contact as it is written in the export.
    pub contact: Option<String>,
}

/// For each channel a number for every contact that messages go to.
pub(super) struct Numbers(Vec<HashMap<String, u32>>);

impl<'a> Ways<'a> {
    pub fn new(ground: &'a Ground<'_>, channels: &[&'static str]) -> Result<Self> {
        let contacts = |channel: &&'static str| {
            let way = Way::of_channel(channel)?;
            Some(Contacts::new(ground, way).map(|contacts| (*channel, way, contacts)))
        };
        let ways = channels.iter().filter_map(contacts).collect::<Result<Vec<_>>>()?;
        let mut places = vec![None; ground.ids.len()];
        ground.codes().iter().enumerate().for_each(|(place, code)| places[code.place()] = Some(place));
        Ok(Self { ways, places })
    }

    /// How a customer is reached: through the first channel for which a usable contact is known.
    pub fn reached(&self, code: CustomerCode) -> Reached {
        let Some(place) = self.place(code) else { return Reached::default() };
        let is_right =
            |contacts: &Contacts<'_>| matches!(contacts.judge(place), Some(Judged::Right | Judged::Unsure));
        match self.ways.iter().position(|(.., contacts)| is_right(contacts)) {
            Some(way) => {
                let (channel, _, contacts) = &self.ways[way];
                Reached { way: Some(way), channel: Some(channel), contact: contacts.text(place) }
            }
            None => Reached::default(),
        }
    }

    /// Numbers the contacts that messages go to, except platform ids, which no two customers share.
    pub fn numbers<'r>(&self, reached: impl Iterator<Item = (CustomerCode, &'r Reached)>) -> Numbers {
        let mut numbers: Vec<HashMap<String, u32>> = vec![HashMap::new(); self.ways.len()];
        let mut next = 0;
        for (code, reached) in reached {
            let Some((way, key)) = reached.way.and_then(|way| Some((way, self.key(way, code)?))) else {
                continue;
            };
            numbers[way].entry(key).or_insert_with(|| {
                next += 1;
                next - 1
            });
        }
        Numbers(numbers)
    }

    /// The numbers of a customer's contacts, as far as these have one.
    pub fn contacts(
        &self,
        code: CustomerCode,
        reached: Option<&Reached>,
        numbers: &Numbers,
    ) -> choose::Contacts {
        let number = |way: usize| numbers.0[way].get(&self.key(way, code)?).copied();
        let has_any = |way: &usize| !numbers.0[*way].is_empty();
        choose::Contacts {
            by: reached.and_then(|reached| number(reached.way?)),
            all: (0..self.ways.len()).filter(has_any).filter_map(number).collect(),
        }
    }

    /// Returns whether a mark holds for a customer, given the marks of all rows: it holds for everybody who has the
    /// same contact as a marked row.
    pub fn marked(&self, marks: Vec<bool>) -> impl Fn(CustomerCode, &Reached) -> bool {
        let by_way: Vec<Marked> =
            self.ways.iter().map(|(.., contacts)| Marked::new(marks.clone(), contacts)).collect();
        move |code, reached| match (self.place(code), reached.way) {
            (Some(place), Some(way)) => by_way[way].has(place, self.ways[way].2.key(place).as_deref()),
            (place, _) => place.and_then(|place| marks.get(place).copied()).unwrap_or(false),
        }
    }

    /// A customer's row among the contacts.
    fn place(&self, code: CustomerCode) -> Option<usize> {
        self.places.get(code.place()).copied().flatten()
    }

    /// A customer's contact in one normalized spelling. `None` for the platform, where no two customers share an id.
    fn key(&self, way: usize, code: CustomerCode) -> Option<String> {
        let (_, way, contacts) = &self.ways[way];
        contacts.key(self.place(code)?).filter(|_| *way != Way::Platform)
    }
}
