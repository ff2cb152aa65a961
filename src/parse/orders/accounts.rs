//! Which customer ids name which phones and e-mail addresses.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::parse::layout::Layout;
use crate::parse::records::Record;
use crate::parse::value::id::{self, Id};
use crate::schema::{Field, Key};

/// When a store is searched: a phone that more customers have is taken for a forwarder's or a placeholder.
pub const MAX_ACCOUNTS: usize = 10;

/// Digits of the shortest text that counts as a phone number.
pub(super) const MIN_PHONE_DIGITS: usize = 7;

/// Pairs of a customer's id and a phone, and of a customer's id and an e-mail address if these are wanted.
#[derive(Debug, Default)]
pub struct Accounts {
    pairs: HashSet<(Key, Key)>,
    mails: HashSet<(Key, Box<str>)>,
}

impl Accounts {
    /// Adds the phone of a row's customer.
    pub fn add_phone(&mut self, account: Key, phone: Option<Key>) {
        if let Some(phone) = phone.filter(|_| account.is_usable()) {
            self.pairs.insert((account, phone));
        }
    }

    /// Adds the e-mail address of a row's customer.
    pub fn add_mail(&mut self, account: Key, mail: Option<Box<str>>) {
        if let Some(mail) = mail.filter(|_| account.is_usable()) {
            self.mails.insert((account, mail));
        }
    }

    /// The pairs of customer id and e-mail address.
    pub fn mails(&self) -> impl Iterator<Item = (Key, &str)> {
        self.mails.iter().map(|(account, mail)| (*account, mail.as_ref()))
    }

    /// The pairs of customer id and contact, phones and e-mail addresses.
    pub fn contacts(&self) -> impl Iterator<Item = (Key, Cow<'_, str>)> {
        let phones = self.iter().filter_map(|(account, phone)| Some((account, Cow::Owned(phone.text()?))));
        phones.chain(self.mails().map(|(account, mail)| (account, Cow::Borrowed(mail))))
    }

    /// The pairs of customer id and phone.
    pub fn iter(&self) -> impl Iterator<Item = (Key, Key)> {
        self.pairs.iter().copied()
    }

    /// Removes the ids for which `is_account` is true, and the contacts for which `is_contact` is true from all ids.
    pub fn forget(&mut self, is_account: impl Fn(Key) -> bool, is_contact: impl Fn(&str) -> bool) {
        self.pairs.retain(|(account, phone)| {
            !is_account(*account) && !phone.text().is_some_and(|phone| is_contact(&phone))
        });
        self.mails.retain(|(account, mail)| !is_account(*account) && !is_contact(mail));
    }

    /// Adds the pairs of another file or block.
    pub fn merge(&mut self, other: Self) {
        self.pairs.extend(other.pairs);
        self.mails.extend(other.mails);
    }
}

/// The columns of a file that hold phones.
#[derive(Debug)]
pub struct Phones(Vec<usize>);

impl Phones {
    /// Finds the phone columns of a layout; `None` if there are none.
    pub fn new(layout: &Layout) -> Option<Self> {
        layout.columns.get(&Field::Phone).cloned().map(Self)
    }

    /// The record's phone; `None` if it is masked or too short.
    pub fn of(&self, record: &Record<'_>) -> Option<Key> {
        self.0
            .iter()
            .find_map(|&column| match id::parse(&record.cell(column)) {
                Id::Text(text) => Some(id::phone(text)).filter(|phone| {
                    phone.len() >= MIN_PHONE_DIGITS && phone.iter().any(|digit| *digit != phone[0])
                }),
                _ => None,
            })
            .map(|phone| Key::of(&phone))
    }
}

/// The columns of a file that hold e-mail addresses.
#[derive(Debug)]
pub struct Mails(Vec<usize>);

impl Mails {
    /// Finds the e-mail columns of a layout; `None` if there are none.
    pub fn new(layout: &Layout) -> Option<Self> {
        layout.columns.get(&Field::Email).cloned().map(Self)
    }

    /// The record's e-mail address; `None` if it is masked.
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
