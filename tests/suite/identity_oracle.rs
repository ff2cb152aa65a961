//! Whose ids are one person's, against a naive oracle on small shops drawn at random.

use std::collections::{BTreeMap, BTreeSet};

use ecrm::parse::source::Input;
use ecrm::parse::{Decision, IdentityMode, IdentityOptions, ReadOptions};
use ecrm::reading::{Ingested, read};
use ecrm::schema::{Day, Key};
use proptest::prelude::*;

const IDS: usize = 9;
const MAX_IDS: usize = 3;

/// An order: whose, with which address and number (of a few), on which day.
type Order = (usize, Option<usize>, Option<usize>, u32);

/// Two ids, and whether they are one person's.
type Pair = (usize, usize, bool);

fn id(number: usize) -> String {
    // Of these some are longer than others, so that keys hold some texts and not others.
    if number.is_multiple_of(3) { format!("customer-number-{number}") } else { format!("c{number}") }
}

fn mail(number: usize) -> String {
    format!("m{number}@shop.example")
}

fn phone(number: usize) -> String {
    format!("1380000000{number}")
}

/// The set of each id by a naive rule: labels that are written over one by one; `None` where decisions contradict each
/// other.
fn expected(orders: &[Order], pairs: &[Pair], mode: IdentityMode) -> Option<Vec<usize>> {
    let mut label: Vec<usize> = (0..IDS).collect();
    let join = |label: &mut Vec<usize>, a: usize, b: usize| {
        let (from, to) = (label[a], label[b]);
        label.iter_mut().filter(|of| **of == from).for_each(|of| *of = to);
    };
    pairs.iter().filter(|(.., is_same)| *is_same).for_each(|(a, b, _)| join(&mut label, *a, *b));
    let apart: Vec<(usize, usize)> =
        pairs.iter().filter(|(.., is_same)| !is_same).map(|(a, b, _)| (*a, *b)).collect();
    if apart.iter().any(|(a, b)| label[*a] == label[*b]) {
        return None;
    }
    for (is_wanted, is_mail) in [(mode.has_mails(), true), (mode.has_phones(), false)] {
        if !is_wanted {
            continue;
        }
        let contact = |order: &Order| if is_mail { order.1 } else { order.2 };
        let mut of_contact: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut of_id: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for order in orders {
            let Some(contact) = contact(order) else { continue };
            of_contact.entry(contact).or_default().insert(order.0);
            of_id.entry(order.0).or_default().insert(contact);
        }
        let mut contacts: Vec<(usize, usize)> =
            of_contact.iter().map(|(contact, ids)| (ids.len(), *contact)).collect();
        contacts.sort_unstable();
        for (count, contact) in contacts {
            let ids: Vec<usize> =
                of_contact[&contact].iter().copied().filter(|id| of_id[id].len() <= MAX_IDS).collect();
            let is_named = |id: usize| ids.iter().any(|of| label[*of] == label[id]);
            if count > MAX_IDS || apart.iter().any(|(a, b)| is_named(*a) && is_named(*b)) {
                continue;
            }
            ids.windows(2).for_each(|pair| join(&mut label, pair[0], pair[1]));
        }
    }
    Some(label)
}

/// The id that each person is known as: most orders, then the first of them, then the text.
fn known_as(orders: &[Order], label: &[usize]) -> BTreeMap<usize, usize> {
    let buyers: BTreeSet<usize> = orders.iter().map(|order| order.0).collect();
    let rank = |id: &usize| {
        let own = || orders.iter().filter(|order| order.0 == *id);
        (std::cmp::Reverse(own().count()), own().map(|order| order.3).min(), self::id(*id))
    };
    let person = |of: usize| buyers.iter().copied().filter(|id| label[*id] == label[of]).min_by_key(rank);
    buyers.iter().map(|id| (*id, person(*id).expect("oneself"))).collect()
}

fn csv(orders: &[Order]) -> String {
    let row = |(number, (customer, mail, phone, day)): (usize, &Order)| {
        let mail = mail.map(self::mail).unwrap_or_default();
        let phone = phone.map(self::phone).unwrap_or_default();
        format!("o{number},{},{mail},{phone},2026-01-{day:02},10\n", id(*customer))
    };
    let rows: String = orders.iter().enumerate().map(row).collect();
    format!("order_id,customer_id,email,phone,paid_at,paid_amount\n{rows}")
}

fn ingested(orders: &[Order], pairs: &[Pair], mode: IdentityMode) -> ecrm::Result<Ingested> {
    let decision = |(record, (a, b, is_same)): (u64, &Pair)| Decision {
        ids: [id(*a), id(*b)],
        is_same: *is_same,
        noted_on: Day::EPOCH,
        note: String::new(),
        record,
    };
    let identity = IdentityOptions {
        mode,
        max_ids: MAX_IDS as u32,
        decisions: (2..).zip(pairs).map(decision).collect(),
        ..IdentityOptions::default()
    };
    // Two files, as the shop may have exported them.
    let (first, second) = orders.split_at(orders.len() / 2);
    let mut inputs = vec![Input::bytes("a.csv", csv(first).into_bytes())];
    if !second.is_empty() {
        let text = csv(second).replace("\no", "\nx");
        inputs.push(Input::bytes("b.csv", text.into_bytes()));
    }
    read(&inputs, &ReadOptions { identity, ..ReadOptions::default() })?.in_order()
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let contact = || prop::option::weighted(0.6, 0..6_usize);
    prop::collection::vec((0..IDS, contact(), contact(), 1..29_u32), 2..16)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn ids_are_joined_as_by_the_naive_rule(
        orders in orders(),
        pairs in prop::collection::vec((0..IDS, 0..IDS, any::<bool>()), 0..4),
        mode in prop::sample::select(vec![IdentityMode::Off, IdentityMode::Email, IdentityMode::Phone, IdentityMode::Both]),
    ) {
        let pairs: Vec<Pair> = pairs.into_iter().filter(|(a, b, _)| a != b).collect();
        let found = ingested(&orders, &pairs, mode);
        let Some(label) = expected(&orders, &pairs, mode) else {
            let message = found.expect_err("decisions contradict each other").to_string();
            prop_assert!(message.contains("contradict each other"), "{}", message);
            return Ok(());
        };
        let found = found.expect("orders");
        prop_assert!(found.accounting.is_balanced());
        let persons = known_as(&orders, &label);
        for (own, person) in &persons {
            let key = |number: usize| Key::of(id(number).as_bytes());
            prop_assert_eq!(found.aliases.resolve(key(*own)), key(*person), "{} {:?}", own, persons);
        }
        let expected: BTreeSet<String> = persons.values().map(|person| id(*person)).collect();
        let ids = &found.orders.customers;
        let buyers: BTreeSet<String> = ids.codes().map(|code| ids.text(code)).collect();
        prop_assert_eq!(buyers, expected);
        // Every order is there once.
        let count = |id: &usize| orders.iter().filter(|order| order.0 == *id).count() as u64;
        for person in &found.identities.persons {
            let own = |of: &str| (0..IDS).find(|number| id(*number) == of).expect("an id");
            for member in &person.members {
                prop_assert_eq!(member.order_count, count(&own(&member.id)));
            }
            prop_assert!(person.members.len() > 1 && !person.links.is_empty());
        }
    }
}
