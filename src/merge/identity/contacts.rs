//! Contacts shared by several ids: valid e-mail addresses that are no relays, and complete phone numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use phonenumber::country::Id;
use rayon::prelude::*;
use serde::Deserialize;

use crate::contacts::{is_email, whole_phone};
use crate::parse::IdentityMode;
use crate::parse::orders::{Accounts, Aliases};
use crate::schema::Key;

/// The kinds of contacts that several ids can share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactKind {
    /// The id itself, in any spelling.
    Spelling,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
}

impl ContactKind {
    /// All kinds, the most reliable first: a household shares a phone more often than an e-mail address.
    pub const ALL: [Self; 3] = [Self::Spelling, Self::Email, Self::Phone];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spelling => "spelling",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    pub(super) fn is_of(self, mode: IdentityMode) -> bool {
        match self {
            Self::Spelling => mode.has_spellings(),
            Self::Email => mode.has_mails(),
            Self::Phone => mode.has_phones(),
        }
    }
}

/// A contact shared by at least two ids.
#[derive(Debug, Clone)]
pub struct Shared {
    pub kind: ContactKind,
    /// Its normal form.
    pub text: String,
    /// Distinct ids, ascending.
    pub ids: Vec<Key>,
}

/// The shared contacts of a kind and, for each id with contacts, their number.
type SharedAndCounts = (Vec<Shared>, HashMap<Key, usize>);

/// The e-mail addresses shared by several ids.
pub(super) fn shared_mails(accounts: &Accounts, listed_aliases: &Aliases) -> SharedAndCounts {
    let mut ids: BTreeMap<&str, BTreeSet<Key>> = BTreeMap::new();
    for (account, mail) in accounts.mails() {
        ids.entry(mail).or_default().insert(listed_aliases.resolve(account));
    }
    let counts = counts(ids.values());
    let may_join = |(mail, ids): &(&str, BTreeSet<Key>)| ids.len() > 1 && is_email(mail) && !is_relay(mail);
    let shared = ids.into_iter().filter(may_join).map(|(mail, ids)| Shared {
        kind: ContactKind::Email,
        text: mail.to_owned(),
        ids: ids.into_iter().collect(),
    });
    (shared.collect(), counts)
}

/// The phone numbers shared by several ids. A number may be written with or without its country code.
pub(super) fn shared_phones(
    accounts: &Accounts,
    listed_aliases: &Aliases,
    home: Option<Id>,
) -> SharedAndCounts {
    let mut ids: HashMap<Key, BTreeSet<Key>> = HashMap::new();
    for (account, phone) in accounts.iter() {
        ids.entry(phone).or_default().insert(listed_aliases.resolve(account));
    }
    let counts = counts(ids.values());
    // Normalising a number is slow, so only numbers are normalised whose last digits occur for another id, too.
    let mut alike: HashMap<String, Vec<(String, BTreeSet<Key>)>> = HashMap::new();
    for (phone, ids) in ids {
        let Some(text) = phone.text() else { continue };
        alike.entry(last_digits(&text)).or_default().push((text, ids));
    }
    let are_of_several = |of: &Vec<(String, BTreeSet<Key>)>| {
        let mut all = of.iter().flat_map(|(_, ids)| ids);
        let first = all.next();
        all.any(|id| Some(id) != first)
    };
    let alike: Vec<Vec<(String, BTreeSet<Key>)>> = alike.into_values().filter(are_of_several).collect();
    let shared = alike.into_par_iter().flat_map_iter(|of| {
        let mut whole: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
        for (text, ids) in of {
            let number = whole_phone(&text, home);
            number.into_iter().for_each(|number| whole.entry(number).or_default().extend(&ids));
        }
        whole.into_iter().filter(|(_, ids)| ids.len() > 1).map(|(text, ids)| Shared {
            kind: ContactKind::Phone,
            text,
            ids: ids.into_iter().collect(),
        })
    });
    (shared.collect(), counts)
}

/// The digits that all forms of one number share, without country code and leading zero.
const LAST_DIGITS: usize = 7;

fn last_digits(number: &str) -> String {
    number.get(number.len().saturating_sub(LAST_DIGITS)..).unwrap_or(number).to_owned()
}

fn counts<'a>(ids: impl Iterator<Item = &'a BTreeSet<Key>>) -> HashMap<Key, usize> {
    let mut counts = HashMap::new();
    ids.flatten().for_each(|id| *counts.entry(*id).or_insert(0) += 1);
    counts
}

/// Addresses that hide the person behind them.
#[derive(Debug, Default, Deserialize)]
struct Relays {
    domains: Vec<String>,
    names: Vec<String>,
}

/// Whether an address, in lower case, belongs to a forwarding service of a marketplace or mail provider, or to nobody.
fn is_relay(address: &str) -> bool {
    static RELAYS: LazyLock<Relays> =
        LazyLock::new(|| toml::from_str(include_str!("relays.toml")).unwrap_or_default());
    let Some((name, domain)) = address.rsplit_once('@') else { return false };
    let is_of = |relay: &String| match relay.strip_suffix('*') {
        Some(start) => domain.starts_with(start) || domain.contains(&format!(".{start}")),
        None => {
            domain.strip_suffix(relay.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        }
    };
    RELAYS.names.iter().any(|of| of == name) || RELAYS.domains.iter().any(is_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_forward_are_told() {
        for address in [
            "abc123@marketplace.amazon.com",
            "abc123@marketplace.amazon.co.uk",
            "abc123@members.ebay.de",
            "abc123@relay.walmart.com",
            "abc123@scs.tiktokw.us",
            "abc123@pc.fw.rakuten.ne.jp",
            "abc123@privaterelay.appleid.com",
            "noreply@shop.example",
        ] {
            assert!(is_relay(address), "{address}");
        }
        for address in [
            "ann@amazon.com",
            "ann@ebay.de",
            "ann@shop.example",
            "ann@notduck.com",
            "noreply.ann@shop.example",
            "ann@members.ebay-fans.example",
        ] {
            assert!(!is_relay(address), "{address}");
        }
    }

    #[test]
    fn a_number_is_one_however_it_is_written() {
        let mut accounts = Accounts::default();
        let key = |text: &str| Key::of(text.as_bytes());
        for (account, phone) in [
            ("a", "2079460000"),
            ("b", "+442079460000"),
            ("c", "02079460000"),
            ("d", "2079460001"),
            ("e", "00442079460000"),
        ] {
            accounts.add_phone(key(account), Some(key(phone)));
        }
        let (shared, counts) = shared_phones(&accounts, &Aliases::default(), Some(Id::GB));
        let found: Vec<(&str, usize)> = shared.iter().map(|of| (of.text.as_str(), of.ids.len())).collect();
        assert_eq!(found, [("+442079460000", 4)]);
        assert_eq!(counts[&key("a")], 1);
        // Where nothing says the country, what is written without its code stays as it is.
        let (shared, _) = shared_phones(&accounts, &Aliases::default(), None);
        let found: Vec<(&str, usize)> = shared.iter().map(|of| (of.text.as_str(), of.ids.len())).collect();
        assert_eq!(found, [("+442079460000", 2)]);
    }
}
