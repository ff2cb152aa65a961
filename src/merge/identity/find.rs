//! Joins ids, decision by decision and contact by contact.

use std::collections::{BTreeSet, HashMap, HashSet};

use petgraph::unionfind::UnionFind;
use phonenumber::country::Id;

use super::contacts::{ContactKind, Shared, shared_mails, shared_phones};
use super::decided::{Decided, decided};
use crate::error::Result;
use crate::parse::orders::{Accounts, Aliases};
use crate::parse::{Decision, IdentityMode, IdentityOptions};
use crate::schema::Key;

/// Groups of ids that are one person's, with what joined them; ids are given as keys.
#[derive(Debug, Default)]
pub struct Found {
    /// Sorted by key. Each group has an id of the inputs and another one, of the inputs or of decisions.
    pub groups: Vec<Group>,
    pub refused: Vec<RefusedKey>,
}

#[derive(Debug, Default)]
pub struct Group {
    /// Ids that occur in the inputs.
    pub members: Vec<Key>,
    /// Ids that only occur in decisions, in every form they may be written.
    pub absent: Vec<Key>,
    pub contacts: Vec<Shared>,
    pub decisions: Vec<Decision>,
}

/// Like [`Refused`], with ids as keys.
#[derive(Debug)]
pub enum RefusedKey {
    Shared(Shared),
    KeptApart(Shared),
    ForMany(ContactKind, Key, usize),
}

/// Joins ids that are spelt `alike`, ids by the contacts of `mode`, and ids by the decisions of `options`.
/// `listed_aliases` are the aliases that lists of customers name; `home` is the country of phone numbers without a
/// country code. An id that only occurs in decisions counts as a member where `exists` says that the inputs have it.
///
/// # Errors
/// When decisions contradict each other.
pub fn find(
    accounts: &Accounts,
    alike: Vec<Shared>,
    listed_aliases: &Aliases,
    options: &IdentityOptions,
    mode: IdentityMode,
    home: Option<Id>,
    exists: impl Fn(Key) -> bool,
) -> Result<Found> {
    let max_ids = options.max_ids as usize;
    let (mut shared, mut for_many) = (alike, HashSet::new());
    let mut found = Found::default();
    for kind in ContactKind::ALL.into_iter().filter(|kind| kind.is_of(mode)) {
        let (of_kind, counts) = match kind {
            ContactKind::Spelling => continue,
            ContactKind::Email => shared_mails(accounts, listed_aliases),
            ContactKind::Phone => shared_phones(accounts, listed_aliases, home),
        };
        shared.extend(of_kind);
        for (id, count) in counts.into_iter().filter(|(_, count)| *count > max_ids) {
            for_many.insert((kind, id));
            found.refused.push(RefusedKey::ForMany(kind, id, count));
        }
    }
    shared.sort_unstable_by(|a, b| (a.kind, a.ids.len(), &a.text).cmp(&(b.kind, b.ids.len(), &b.text)));
    let decisions = decided(options, listed_aliases)?;
    let mut sets = Sets::new(&decisions, &shared);
    let mut joined: Vec<Shared> = Vec::new();
    for contact in shared {
        if contact.ids.len() > max_ids {
            found.refused.push(RefusedKey::Shared(contact));
            continue;
        }
        let ids = contact.ids.iter().filter(|id| !for_many.contains(&(contact.kind, **id)));
        let ids: Vec<Key> = ids.copied().collect();
        if ids.len() < 2 {
            continue;
        }
        match sets.would_join_apart(&ids) {
            true => found.refused.push(RefusedKey::KeptApart(contact)),
            false => {
                sets.join(&ids);
                joined.push(Shared { ids, ..contact });
            }
        }
    }
    found.groups = sets.groups(joined, decisions, exists);
    Ok(found)
}

/// Sets of ids joined so far.
struct Sets {
    number: HashMap<Key, usize>,
    sets: UnionFind<usize>,
    apart: Vec<(usize, usize)>,
}

impl Sets {
    /// Starts with the sets that decisions make, and room for the ids of contacts. All forms of an id count as one id.
    fn new(decisions: &[Decided], shared: &[Shared]) -> Self {
        let mut number: HashMap<Key, usize> = HashMap::new();
        let of_decisions = decisions.iter().flat_map(|decided| decided.keys.iter().flatten());
        for key in of_decisions.chain(shared.iter().flat_map(|contact| &contact.ids)) {
            let next = number.len();
            number.entry(*key).or_insert(next);
        }
        let mut sets = Self { sets: UnionFind::new(number.len()), number, apart: Vec::new() };
        for decided in decisions {
            decided.keys.iter().for_each(|written| sets.join(written));
            let [a, b] = decided.keys.each_ref().map(|written| written[0]);
            match decided.decision.is_same {
                true => sets.join(&[a, b]),
                false => sets.apart.push((sets.number[&a], sets.number[&b])),
            }
        }
        sets
    }

    fn join(&mut self, ids: &[Key]) {
        for pair in ids.windows(2) {
            self.sets.union(self.number[&pair[0]], self.number[&pair[1]]);
        }
    }

    /// Whether joining these ids would join two that a decision keeps apart.
    fn would_join_apart(&mut self, ids: &[Key]) -> bool {
        let Self { number, sets, apart } = self;
        let roots: BTreeSet<usize> = ids.iter().map(|id| sets.find_mut(number[id])).collect();
        apart.iter().any(|(a, b)| roots.contains(&sets.find(*a)) && roots.contains(&sets.find(*b)))
    }

    /// The sets with an id of the inputs, and what joined them.
    fn groups(
        mut self,
        joined: Vec<Shared>,
        decisions: Vec<Decided>,
        exists: impl Fn(Key) -> bool,
    ) -> Vec<Group> {
        let mut groups: HashMap<usize, Group> = HashMap::new();
        let of_decisions: HashSet<Key> =
            decisions.iter().flat_map(|decided| decided.keys.iter().flatten().copied()).collect();
        for (id, number) in &self.number {
            let group = groups.entry(self.sets.find_mut(*number)).or_default();
            // Contacts always come from ids of the inputs.
            let is_there = !of_decisions.contains(id) || exists(*id);
            if is_there { group.members.push(*id) } else { group.absent.push(*id) }
        }
        groups.retain(|_, group| match group.members.len() {
            0 => false,
            1 => !group.absent.is_empty(),
            _ => true,
        });
        for contact in joined {
            let root = self.sets.find_mut(self.number[&contact.ids[0]]);
            groups.entry(root).and_modify(|group| group.contacts.push(contact));
        }
        for decided in decisions.into_iter().filter(|decided| decided.decision.is_same) {
            let root = self.sets.find_mut(self.number[&decided.keys[0][0]]);
            groups.entry(root).and_modify(|group| group.decisions.push(decided.decision));
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        groups.iter_mut().for_each(|group| group.members.sort_unstable());
        groups.sort_unstable_by_key(|group| group.members[0]);
        groups
    }
}
