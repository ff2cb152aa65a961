//! Several accounts of one person: known from a list of aliases, or by a phone they share.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::error::{Error, Result};
use crate::parse::layout::Layout;
use crate::parse::records::Record;
use crate::parse::value::id::{self, Id};
use crate::rows::partition::LongTexts;
use crate::schema::{Field, Key};

/// Phones with more accounts than this, and accounts with more phones, are a forwarder's or a placeholder, no person's.
pub const MAX_ACCOUNTS: usize = 10;

/// Other ids of customers, and the one each stands for.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    targets: HashMap<Key, Key>,
    texts: HashMap<Key, Box<str>>,
}

impl Aliases {
    /// From pairs of an alias and the customer id it stands for, which may be an alias itself.
    ///
    /// # Errors
    /// When an alias stands for two customers, or for itself by way of others.
    pub fn new(pairs: &[(String, String)]) -> Result<Self> {
        let mut aliases = Self::default();
        for (alias, customer) in pairs {
            let customer = spellings(customer).swap_remove(0);
            let to = Key::of(&customer);
            aliases.texts.insert(to, String::from_utf8_lossy(&customer).into());
            for spelling in spellings(alias) {
                let from = Key::of(&spelling);
                if from != to && aliases.targets.insert(from, to).is_some_and(|other| other != to) {
                    return Err(Error::data(
                        format!("the alias {alias:?} stands for two customers"),
                        "keep one of its lines",
                    ));
                }
            }
        }
        aliases.shorten(pairs)?;
        Ok(aliases)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// The customer that an id stands for.
    pub fn resolve(&self, key: Key) -> Key {
        if self.targets.is_empty() { key } else { self.targets.get(&key).copied().unwrap_or(key) }
    }

    /// The customers whom an id may name, the likeliest first, however it is written: as a spreadsheet wraps it,
    /// `17850.0`, an address in any case, a number with marks.
    pub fn named(&self, id: &str) -> Vec<Key> {
        let Id::Text(id) = id::parse(id.as_bytes()) else { return Vec::new() };
        let spellings = spellings(&String::from_utf8_lossy(id)).into_iter().chain([id.to_vec()]);
        let keys = spellings.map(|spelling| self.resolve(Key::of(&spelling)));
        keys.filter(|key| key.is_usable()).collect()
    }

    /// Whether an id stands for another.
    pub fn has(&self, key: Key) -> bool {
        self.targets.contains_key(&key)
    }

    /// The text of a customer that aliases stand for.
    pub fn text(&self, key: Key) -> Option<Box<str>> {
        self.texts.get(&key).filter(|_| key.is_hash()).cloned()
    }

    /// The texts of ids that may stand in no row.
    pub(crate) fn long_texts(&self) -> LongTexts {
        let mut texts = LongTexts::default();
        for (key, text) in self.texts.iter().filter(|(key, _)| key.is_hash()) {
            texts.push(*key, text.as_bytes());
        }
        texts.finish();
        texts
    }

    /// Makes every alias stand for the end of its chain.
    fn shorten(&mut self, pairs: &[(String, String)]) -> Result<()> {
        let mut ends: HashMap<Key, Key> = HashMap::new();
        for start in self.targets.keys().copied().collect::<Vec<_>>() {
            let mut chain = Vec::new();
            let (mut key, mut met) = (start, HashSet::new());
            while let (Some(&next), None) = (self.targets.get(&key), ends.get(&key)) {
                if !met.insert(key) {
                    let is_it = |(alias, _): &&(String, String)| Key::of(alias.as_bytes()) == key;
                    let alias = pairs.iter().find(is_it).map_or("", |(alias, _)| alias.as_str());
                    return Err(Error::data(
                        format!("the alias {alias:?} stands for itself, by way of others"),
                        "end the chain at one customer id",
                    ));
                }
                chain.push(key);
                key = next;
            }
            let end = ends.get(&key).copied().unwrap_or(key);
            ends.extend(chain.into_iter().map(|key| (key, end)));
        }
        self.targets = ends;
        Ok(())
    }

    /// These aliases and those that make one customer of accounts with the same phone.
    pub(crate) fn with_phones(&self, accounts: &Accounts, texts: &HashMap<Key, String>) -> (Self, ByPhone) {
        let mut phones: HashMap<Key, HashSet<Key>> = HashMap::new();
        for &(account, phone) in &accounts.pairs {
            phones.entry(self.resolve(account)).or_default().insert(phone);
        }
        let mut found = ByPhone::default();
        let mut by_phone: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
        for (account, phones) in phones {
            // Orders for many people: their phones are not this account's.
            if phones.len() > MAX_ACCOUNTS {
                found.forwarders += 1;
                continue;
            }
            phones.into_iter().for_each(|phone| by_phone.entry(phone).or_default().push(account));
        }
        let mut groups = Groups::default();
        for accounts in by_phone.values_mut() {
            accounts.sort_unstable();
            accounts.dedup();
            if accounts.len() > MAX_ACCOUNTS {
                found.shared_phones += 1;
                continue;
            }
            accounts.windows(2).for_each(|pair| groups.join(pair[0], pair[1]));
        }
        let mut all = self.clone();
        let mut kept_as: HashMap<Key, Key> = HashMap::new();
        let text = |key: Key| key.text().or_else(|| texts.get(&key).cloned()).unwrap_or_default();
        for members in groups.into_members() {
            found.customers += 1;
            found.accounts += members.len() as u64;
            // Kept under the id that comes first, which is the same one whatever the order of the rows.
            // One without a text has not ordered.
            let rank = |key: &Key| (text(*key).is_empty(), text(*key), *key);
            let Some(kept) = members.iter().copied().min_by_key(rank) else { continue };
            kept_as.extend(members.iter().filter(|member| **member != kept).map(|member| (*member, kept)));
        }
        // What stood for an account that was merged stands for the one it was merged into.
        all.targets.values_mut().for_each(|target| *target = kept_as.get(target).copied().unwrap_or(*target));
        all.targets.extend(kept_as);
        (all, found)
    }
}

/// The ways a customer's id is written as a key: the one that stands for itself first. An e-mail address is one in any
/// case; what looks like a phone number may be one.
pub(crate) fn spellings(id: &str) -> Vec<Vec<u8>> {
    let plain = id.as_bytes().to_vec();
    if id.contains('@') {
        return vec![id::email(&plain)];
    }
    let phone = id::phone(&plain);
    let is_phone = phone.len() >= SHORTEST && id.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c));
    match is_phone && phone != plain {
        // With its country code or marks between its digits it can be nothing else.
        true => vec![phone, plain],
        false => vec![plain],
    }
}

/// Digits of the shortest phone number.
const SHORTEST: usize = 7;

/// What merging by phone did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ByPhone {
    /// Accounts that were merged.
    pub accounts: u64,
    /// Customers they became.
    pub customers: u64,
    /// Phones with too many accounts to be a person's, which merged nothing.
    pub shared_phones: u64,
    /// Accounts with too many phones to be a person's, which were not merged.
    pub forwarders: u64,
}

/// Accounts with their phones, and with their e-mail addresses where these are wanted.
#[derive(Debug, Default)]
pub struct Accounts {
    pairs: HashSet<(Key, Key)>,
    mails: HashSet<(Key, Box<str>)>,
}

impl Accounts {
    /// Notes the phone of a row's customer.
    pub fn see(&mut self, account: Key, phone: Option<Key>) {
        if let Some(phone) = phone.filter(|_| account.is_usable()) {
            self.pairs.insert((account, phone));
        }
    }

    /// Notes the e-mail address of a row's customer.
    pub fn see_mail(&mut self, account: Key, mail: Option<Box<str>>) {
        if let Some(mail) = mail.filter(|_| account.is_usable()) {
            self.mails.insert((account, mail));
        }
    }

    /// The pairs of account and e-mail address.
    pub fn mails(&self) -> impl Iterator<Item = (Key, &str)> {
        self.mails.iter().map(|(account, mail)| (*account, mail.as_ref()))
    }

    /// The pairs of account and phone, and of account and e-mail address.
    pub fn contacts(&self) -> impl Iterator<Item = (Key, Cow<'_, str>)> {
        let phones = self.iter().filter_map(|(account, phone)| Some((account, Cow::Owned(phone.text()?))));
        phones.chain(self.mails().map(|(account, mail)| (account, Cow::Borrowed(mail))))
    }

    /// The pairs of account and phone.
    pub fn iter(&self) -> impl Iterator<Item = (Key, Key)> {
        self.pairs.iter().copied()
    }

    /// Takes accounts out, and phones and e-mail addresses from every account.
    pub fn forget(&mut self, is_account: impl Fn(Key) -> bool, is_contact: impl Fn(&str) -> bool) {
        self.pairs.retain(|(account, phone)| {
            !is_account(*account) && !phone.text().is_some_and(|phone| is_contact(&phone))
        });
        self.mails.retain(|(account, mail)| !is_account(*account) && !is_contact(mail));
    }

    /// Adds others.
    pub fn merge(&mut self, other: Self) {
        self.pairs.extend(other.pairs);
        self.mails.extend(other.mails);
    }
}

/// The columns of a file that hold phones.
#[derive(Debug)]
pub struct Phones(Vec<usize>);

impl Phones {
    /// Resolves a layout; `None` where it has no phones.
    pub fn new(layout: &Layout) -> Option<Self> {
        layout.columns.get(&Field::Phone).cloned().map(Self)
    }

    /// The record's phone. Masked and short ones tell nobody.
    pub fn of(&self, record: &Record<'_>) -> Option<Key> {
        self.0
            .iter()
            .find_map(|&column| match id::parse(&record.cell(column)) {
                Id::Text(text) => Some(id::phone(text))
                    .filter(|phone| phone.len() >= SHORTEST && phone.iter().any(|digit| *digit != phone[0])),
                _ => None,
            })
            .map(|phone| Key::of(&phone))
    }
}

/// The columns of a file that hold e-mail addresses.
#[derive(Debug)]
pub struct Mails(Vec<usize>);

impl Mails {
    /// Resolves a layout; `None` where it has no e-mail addresses.
    pub fn new(layout: &Layout) -> Option<Self> {
        layout.columns.get(&Field::Email).cloned().map(Self)
    }

    /// The record's e-mail address. Masked ones tell nobody.
    pub fn of(&self, record: &Record<'_>) -> Option<Box<str>> {
        self.0.iter().find_map(|&column| match id::parse(&record.cell(column)) {
            Id::Text(text) => {
                let mail = String::from_utf8(id::email(text)).ok()?;
                mail.contains('@').then(|| mail.to_lowercase().into())
            }
            _ => None,
        })
    }
}

/// Sets of accounts, joined pair by pair (union-find).
#[derive(Default)]
struct Groups {
    number: HashMap<Key, usize>,
    parent: Vec<usize>,
}

impl Groups {
    fn join(&mut self, a: Key, b: Key) {
        let (a, b) = (self.root_of(a), self.root_of(b));
        self.parent[a] = b;
    }

    fn root_of(&mut self, key: Key) -> usize {
        let next = self.parent.len();
        let mut place = *self.number.entry(key).or_insert(next);
        if place == next {
            self.parent.push(next);
        }
        while self.parent[place] != place {
            self.parent[place] = self.parent[self.parent[place]];
            place = self.parent[place];
        }
        place
    }

    /// The members of each set.
    fn into_members(mut self) -> impl Iterator<Item = Vec<Key>> {
        let keys: Vec<Key> = self.number.keys().copied().collect();
        let mut members: BTreeMap<usize, Vec<Key>> = BTreeMap::new();
        for key in keys {
            let root = self.root_of(key);
            members.entry(root).or_default().push(key);
        }
        members.into_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::of(text.as_bytes())
    }

    #[test]
    fn an_id_is_found_however_it_is_written() {
        let aliases = Aliases::new(&[("a".to_owned(), "17850".to_owned())]).expect("no circle");
        for id in ["17850", "17850.0", "=\"17850\"", " '17850 ", "a"] {
            assert_eq!(aliases.named(id).first(), Some(&key("17850")), "{id}");
        }
        assert_eq!(aliases.named("Ann@Example.com"), [key("ann@example.com"), key("Ann@Example.com")]);
        assert_eq!(aliases.named("+86 138-0013-8000")[0], key("13800138000"));
        assert_eq!([aliases.named("t**3"), aliases.named("")], [[], []]);
    }

    #[test]
    fn aliases_follow_chains_and_refuse_circles() {
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        let aliases = Aliases::new(&pairs(&[("a", "b"), ("b", "c"), ("d", "d")])).expect("no circle");
        assert_eq!(aliases.resolve(key("a")), key("c"));
        assert_eq!(aliases.resolve(key("d")), key("d"));
        assert!(Aliases::new(&pairs(&[("a", "b"), ("b", "a")])).is_err());
        assert!(Aliases::new(&pairs(&[("a", "b"), ("a", "c")])).is_err());
    }

    #[test]
    fn accounts_with_a_phone_in_common_are_one_customer() {
        let mut accounts = Accounts::default();
        // ann and anna share a phone, anna and annie another; bob has his own.
        for (account, phone) in [("annie", "1"), ("anna", "1"), ("anna", "2"), ("ann", "2"), ("bob", "3")] {
            accounts.see(key(account), Some(key(phone)));
        }
        // A forwarder's phone.
        for i in 0..=MAX_ACCOUNTS {
            accounts.see(key(&format!("x{i}")), Some(key("9")));
        }
        // One account that orders for many people, ann among them.
        for phone in 0..=MAX_ACCOUNTS {
            accounts.see(key("agent"), Some(key(&phone.to_string())));
        }
        let (aliases, found) = Aliases::default().with_phones(&accounts, &HashMap::new());
        assert_eq!(found, ByPhone { accounts: 3, customers: 1, shared_phones: 1, forwarders: 1 });
        assert_eq!(aliases.resolve(key("annie")), key("ann"));
        assert_eq!(aliases.resolve(key("bob")), key("bob"));
        assert_eq!(aliases.resolve(key("x1")), key("x1"));
    }
}
