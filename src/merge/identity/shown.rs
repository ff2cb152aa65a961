//! Which of a person's ids the person is known as, and what the inputs say of the ids.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use phonenumber::country::Id;
use rayon::prelude::*;

use super::contacts::Shared;
use super::find::{Found, Group, RefusedKey, find};
use super::{ContactKind, Identities, Link, Member, Person, Refused, spelling};
use crate::error::Result;
use crate::locale::Remark;
use crate::merge::combine::Tally;
use crate::parse::orders::{Accounts, Aliases, Block, spellings};
use crate::parse::tables::TableRows;
use crate::parse::{IdentityMode, IdentityOptions};
use crate::schema::{Key, day};

/// What the inputs say of customer ids and their contacts.
#[derive(Default)]
pub(in crate::merge) struct Contacts {
    accounts: Accounts,
    /// Texts of the ids whose keys do not hold them.
    texts: HashMap<Key, Box<str>>,
    /// All usable customer ids of the inputs; only filled where ids that differ in spelling alone are to be joined.
    ids: HashSet<Key>,
}

impl Contacts {
    /// Takes the contacts out of the rows of all files. An id that is an e-mail address also counts as a contact of
    /// that address.
    pub fn of(blocks: &mut [Block], tables: &mut [TableRows], options: &IdentityOptions) -> Self {
        let mut people = Self::default();
        for block in blocks.iter_mut() {
            people.accounts.merge(std::mem::take(&mut block.accounts));
            let long = block.long_customers.iter();
            people.texts.extend(long.map(|(key, text)| (key, String::from_utf8_lossy(text).into())));
        }
        for table in tables.iter_mut() {
            people.accounts.merge(std::mem::take(&mut table.accounts));
            people.texts.extend(table.details.long.iter().map(|(key, text)| (*key, text.clone())));
        }
        if options.reads().has_mails() {
            people.add_addresses(blocks, tables);
        }
        if options.mode.has_spellings() {
            let ids = known(blocks, tables);
            let usable =
                |keys: &&[Key]| keys.iter().filter(|key| key.is_usable()).copied().collect::<HashSet<Key>>();
            people.ids = ids.par_iter().map(usable).reduce(HashSet::new, |mut all, of| {
                all.extend(of);
                all
            });
        }
        people
    }

    /// Notes the ids that are e-mail addresses.
    fn add_addresses(&mut self, blocks: &[Block], tables: &[TableRows]) {
        let may_be_one = |key: &&Key| key.short_text().is_some_and(|text| text.contains(&b'@'));
        let ids = known(blocks, tables);
        let short: HashSet<Key> =
            ids.par_iter().flat_map_iter(|keys| keys.iter().filter(may_be_one).copied()).collect();
        let short = short.into_iter().filter_map(|key| Some((key, key.text()?)));
        let long = self.texts.iter().map(|(key, text)| (*key, text.to_string()));
        let addresses: Vec<(Key, String)> =
            short.chain(long).filter(|(_, text)| text.contains('@')).collect();
        addresses
            .into_iter()
            .for_each(|(key, text)| self.accounts.add_mail(key, Some(text.to_lowercase().into())));
    }

    /// Decides which ids belong to one person: returns the aliases, which map each other id to the one its person is
    /// known as, and the persons with what was refused. `listed_aliases` are the aliases that lists of customers name;
    /// `tally` counts the orders of the given ids and finds the day of their first one.
    ///
    /// # Errors
    /// When decisions contradict each other.
    pub fn identities(
        &self,
        listed_aliases: &Aliases,
        options: &IdentityOptions,
        home: Option<Id>,
        exists: &HashSet<Key>,
        tally: impl FnOnce(&HashSet<Key>) -> Tally,
    ) -> Result<(Aliases, Identities)> {
        let alike = spelling::shared(&self.ids, listed_aliases, |key| self.text(key));
        let exists_here = |key: Key| exists.contains(&key);
        let found = find(&self.accounts, alike, listed_aliases, options, options.mode, home, exists_here)?;
        let several = found.groups.iter().filter(|group| group.members.len() > 1);
        let members: HashSet<Key> = several.flat_map(|group| &group.members).copied().collect();
        let tally = if members.is_empty() { Tally::default() } else { tally(&members) };
        let mut kept_as = HashMap::new();
        let persons =
            found.groups.iter().map(|group| self.person(group, listed_aliases, &tally, &mut kept_as));
        let mut persons: Vec<Person> = persons.filter(|person| person.members.len() > 1).collect();
        persons.sort_by(|a, b| a.members[0].id.cmp(&b.members[0].id));
        let long = persons.iter().filter(|person| person.id.is_hash());
        let texts: Vec<(Key, Box<str>)> =
            long.map(|person| (person.id, person.members[0].id.as_str().into())).collect();
        let is_unknown = |id: &&String| !written(id).any(|key| exists.contains(&listed_aliases.resolve(key)));
        let unknown: BTreeSet<&String> =
            options.decisions.iter().flat_map(|of| &of.ids).filter(is_unknown).collect();
        let identities = Identities {
            persons,
            refused: self.refused(&found),
            unknown_ids: unknown.into_iter().cloned().collect(),
        };
        Ok((listed_aliases.joined(&kept_as, texts.into_iter()), identities))
    }

    /// The person of a group of ids. It is known as the id with the most orders; among several with equally many as the
    /// one that ordered first, and among those of the same day as the one whose text sorts first.
    fn person(
        &self,
        group: &Group,
        listed_aliases: &Aliases,
        tally: &Tally,
        kept_as: &mut HashMap<Key, Key>,
    ) -> Person {
        let mut members: Vec<(Key, Member)> =
            group.members.iter().map(|key| (*key, self.member(*key, tally))).collect();
        members.sort_by_key(|(key, member)| {
            let first = member.first_ordered_on;
            (
                Reverse(member.order_count),
                first.is_none(),
                first,
                member.id.is_empty(),
                member.id.clone(),
                *key,
            )
        });
        let id = members[0].0;
        let others = members[1..].iter().map(|(other, _)| other).chain(&group.absent);
        kept_as.extend(others.map(|other| (*other, id)));
        let contacts = group.contacts.iter().map(|of| Link::Contact {
            kind: of.kind,
            contact: of.text.clone(),
            ids: of.ids.iter().map(|key| self.text(*key)).collect(),
        });
        let decisions = group.decisions.iter().map(|decision| {
            let keys: Vec<Key> = decision
                .ids
                .iter()
                .flat_map(|id| written(id))
                .map(|key| listed_aliases.resolve(key))
                .collect();
            let named = group.members.iter().filter(|member| keys.contains(member));
            Link::Decision { decision: decision.clone(), ids: named.map(|key| self.text(*key)).collect() }
        });
        let links = decisions.chain(contacts).collect();
        Person { id, members: members.into_iter().map(|(_, member)| member).collect(), links }
    }

    fn member(&self, key: Key, tally: &Tally) -> Member {
        let (order_count, first) = tally.get(&key).copied().unwrap_or((0, day::MISSING));
        Member {
            id: self.text(key),
            order_count,
            first_ordered_on: Some(first).filter(|day| *day != day::MISSING),
        }
    }

    fn refused(&self, found: &Found) -> Vec<Refused> {
        let of = |refused: &RefusedKey| match refused {
            RefusedKey::Shared(of) => {
                Refused::Shared { kind: of.kind, contact: of.text.clone(), id_count: of.ids.len() }
            }
            RefusedKey::KeptApart(of) => {
                Refused::KeptApart { kind: of.kind, contact: of.text.clone(), id_count: of.ids.len() }
            }
            RefusedKey::ForMany(kind, id, contact_count) => {
                Refused::ForMany { kind: *kind, id: self.text(*id), contact_count: *contact_count }
            }
        };
        let mut refused: Vec<Refused> = found.refused.iter().map(of).collect();
        refused.sort_unstable();
        refused
    }

    fn text(&self, key: Key) -> String {
        key.text().or_else(|| self.texts.get(&key).map(|text| text.to_string())).unwrap_or_default()
    }

    /// A remark on how many ids contacts would join if the mode `both` were on; none where they would join nobody.
    ///
    /// # Errors
    /// When decisions contradict each other.
    pub fn suggestion(
        &self,
        listed_aliases: &Aliases,
        options: &IdentityOptions,
        home: Option<Id>,
        exists: &HashSet<Key>,
    ) -> Result<Option<Remark>> {
        let of = |mode| {
            find(&self.accounts, Vec::new(), listed_aliases, options, mode, home, |key| exists.contains(&key))
        };
        let (decided, found) = (of(IdentityMode::Off)?, of(IdentityMode::Both)?);
        let mut by_hand: HashMap<Key, Key> = HashMap::new();
        for group in &decided.groups {
            by_hand.extend(group.members.iter().map(|id| (*id, group.members[0])));
        }
        // Ids that a decision already joins do not count as joined by a contact.
        let person = |id: &Key| by_hand.get(id).copied().unwrap_or(*id);
        let is_new = |of: &&Shared| of.ids.iter().any(|id| person(id) != person(&of.ids[0]));
        let groups = found.groups.iter().filter(|group| group.contacts.iter().any(|of| is_new(&of)));
        let groups: Vec<&Group> = groups.collect();
        let count = |kind: ContactKind| {
            let contacts = groups.iter().flat_map(|group| &group.contacts).filter(is_new);
            contacts.filter(|of| of.kind == kind).count()
        };
        let [mails, phones] = [ContactKind::Email, ContactKind::Phone].map(count);
        if groups.is_empty() {
            return Ok(None);
        }
        let ids: usize = groups.iter().map(|group| group.members.len()).sum();
        let mode = IdentityMode::of(mails > 0, phones > 0);
        let code = match mode {
            IdentityMode::Email => "identity_off_email",
            IdentityMode::Phone => "identity_off_phone",
            _ => "identity_off_both",
        };
        let remark = Remark::new(code).with("emails", mails).with("phones", phones).with("n", ids);
        Ok(Some(remark.with("customers", groups.len())))
    }
}

/// Those ids named in decisions that occur in any row, each resolved to the id that it is an alias of.
pub(in crate::merge) fn existing(
    blocks: &[Block],
    tables: &[TableRows],
    listed_aliases: &Aliases,
    options: &IdentityOptions,
) -> HashSet<Key> {
    let decided = options.decisions.iter().flat_map(|of| &of.ids).flat_map(|id| written(id));
    let wanted: HashSet<Key> = decided.map(|key| listed_aliases.resolve(key)).collect();
    if wanted.is_empty() {
        return wanted;
    }
    let keys = known(blocks, tables);
    let keys = keys.par_iter().flat_map_iter(|keys| keys.iter().map(|key| listed_aliases.resolve(*key)));
    keys.filter(|key| wanted.contains(key)).collect()
}

/// The customer ids of all rows, of orders and of the other tables.
fn known<'a>(blocks: &'a [Block], tables: &'a [TableRows]) -> Vec<&'a [Key]> {
    let groups = blocks.iter().flat_map(|block| &block.rows);
    let of_orders = groups.map(|group| group.columns.customer.as_slice());
    of_orders.chain(tables.iter().flat_map(TableRows::customer_parts)).collect()
}

/// The keys that an id of a decision can have in the rows, one for each way in which it may be written.
fn written(id: &str) -> impl Iterator<Item = Key> {
    spellings(id).into_iter().chain([id.as_bytes().to_vec()]).map(|text| Key::of(&text))
}
