//! Who people are.

use polars::prelude::*;
use rayon::prelude::*;

use crate::answer::{Kind, Spec};
use crate::contacts::is_email;
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::metrics::customer_facts::Standing;
use crate::metrics::finish::{counts, labels_of, texts, words};
use crate::metrics::origins::{Origins, Said};
use crate::metrics::profile::{age, gender};
use crate::schema::{CustomerCode, Day, Personal, names};

/// The id, and what a person is to the shop.
pub const IDENTITY: Provider = Provider {
    columns: &[
        Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0),
        Spec::new(names::STATUS, Kind::Label("customer_status"), 1),
    ],
    needs: Needs::NONE,
    fill: identity,
};

/// Names of people.
pub const CALLED: Provider = Provider {
    columns: &[Spec::new(names::NAME, Kind::Personal(Personal::Name), 2)],
    needs: Needs { lists: true, people: true, ..Needs::NONE },
    fill: listed,
};

/// Attributes of people.
pub const TRAITS: Provider = Provider {
    columns: &[
        Spec::new(names::GENDER, Kind::LabelOr("profile_key"), 3),
        Spec::new(names::BIRTHDAY, Kind::Date, 3),
        Spec::new(names::AGE, Kind::Count, 3),
        Spec::new(names::LEVEL, Kind::Named, 3),
    ],
    needs: Needs { lists: true, ..Needs::NONE },
    fill: traits,
};

/// Contacts of people.
pub const REACHED: Provider = Provider {
    columns: &[
        Spec::new(names::PHONE, Kind::Personal(Personal::Contact), 3),
        Spec::new(names::EMAIL, Kind::Personal(Personal::Contact), 3),
        Spec::new(names::WECHAT, Kind::Personal(Personal::Contact), 3),
        Spec::new(names::QQ, Kind::Personal(Personal::Contact), 3),
    ],
    needs: Needs { lists: true, people: true, ..Needs::NONE },
    fill: reached,
};

/// Where people live.
pub const PLACE: Provider = Provider {
    columns: &[Spec::new(names::PROVINCE, Kind::Named, 2), Spec::new(names::CITY, Kind::Named, 3)],
    // The time of day decides which of a day's orders is the last.
    needs: Needs { regions: true, times: true, events: true, lists: true, ..Needs::NONE },
    fill: origins,
};

/// Since when people are known to the shop.
pub const JOINED: Provider = Provider {
    columns: &[
        Spec::new(names::REGISTERED_ON, Kind::Date, 3),
        Spec::new(names::CARD_CLAIMED_ON, Kind::Date, 3),
    ],
    needs: Needs { lists: true, ..Needs::NONE },
    fill: listed,
};

/// Where people came from.
pub const ORIGIN: Provider = Provider {
    columns: &[Spec::new(names::SOURCE, Kind::Named, 3)],
    needs: Needs { extras: true, events: true, lists: true, corrections: true, ..Needs::NONE },
    fill: origins,
};

/// Whether people may be sent messages.
pub const ALLOWED: Provider = Provider {
    columns: &[
        Spec::new(names::IS_OPTED_OUT, Kind::Flag, 3),
        Spec::new(names::IS_BLACKLISTED, Kind::Flag, 3),
    ],
    needs: Needs { lists: true, people: true, ..Needs::NONE },
    fill: listed,
};

/// What a person is to the shop: has bought; has shown interest or has an unpaid order; or is only on a list.
pub const STATUSES: [&str; 3] = ["converted", "interested", "other"];

fn identity(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let column = |name: &&'static str| match *name {
        names::CUSTOMER_ID => Ok(ground.texts()?.clone().into_column()),
        _ => {
            let standing = ground.standing();
            let status = |code: &CustomerCode| match standing[code.place()] {
                Standing { has_bought: true, .. } => 0,
                Standing { is_named: true, .. } => 1,
                Standing { .. } => 2,
            };
            labels_of(name, ground.codes(), status, &STATUSES)
        }
    };
    wanted.iter().map(column).collect()
}

/// Takes the columns from the customer list.
fn listed(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let column = |name: &&'static str| Ok(ground.of_list(name)?.unwrap_or_else(|| ground.nothing(name)));
    wanted.iter().map(column).collect()
}

fn traits(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let column = |name: &&'static str| match *name {
        names::GENDER => {
            let Some(list) = ground.customers else { return Ok(ground.nothing(name)) };
            let keys: Vec<Option<String>> =
                list.table().words(name).iter().map(|word| gender(word)).collect();
            let numbers = list.table().numbers(name);
            let key = |code: &CustomerCode| keys.get(numbers?.get(list.row(*code)?)? as usize)?.clone();
            Ok(texts(name, ground.codes().iter().map(key)))
        }
        names::AGE => {
            let Some(birthdays) = ground.of_list(names::BIRTHDAY)? else { return Ok(ground.nothing(name)) };
            let days = birthdays.date()?.physical().iter();
            Ok(counts(name, days.map(|day| age(Day::new(day?), ground.as_of()).map(u64::from))))
        }
        _ => Ok(ground.of_list(name)?.unwrap_or_else(|| ground.nothing(name))),
    };
    wanted.iter().map(column).collect()
}

fn reached(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    wanted.iter().map(|name| contact(ground, name)).collect()
}

/// The contacts of people in one way. They come from the customer list; an id that is itself an e-mail address or a
/// phone number counts as such a contact.
pub fn contact(ground: &Ground<'_>, name: &'static str) -> Result<Column> {
    let is_contact: fn(&str) -> bool = match name {
        names::EMAIL => is_email,
        names::PHONE if ground.ids_are_personal() => is_phone_id,
        _ => return Ok(ground.of_list(name)?.unwrap_or_else(|| ground.nothing(name))),
    };
    let ids = ground.texts()?;
    let own = || ids.iter().map(|id| id.filter(|id| is_contact(id)));
    let all: StringChunked = match ground.of_list(name)? {
        None => StringChunked::from_iter_options(name.into(), own()),
        Some(listed) => {
            let rows = listed.str()?.iter().zip(own()).map(|(listed, own)| listed.or(own));
            StringChunked::from_iter_options(name.into(), rows)
        }
    };
    Ok(all.into_column())
}

/// Whether a customer's id is an e-mail address or a phone number, and not an id of the platform.
pub fn is_contact(ground: &Ground<'_>, id: &str) -> bool {
    is_email(id) || (ground.ids_are_personal() && is_phone_id(id))
}

/// Whether an id is a phone number, if some buyers are known by phone number.
fn is_phone_id(id: &str) -> bool {
    const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
    let digits = id.strip_prefix('+').unwrap_or(id);
    DIGITS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Stands for the group of a person of whom no province is known.
const NOWHERE: u32 = u32::MAX;

/// Columns from orders, events and customer lists; see [`Origins`].
fn origins(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let ordered = ground.ordered()?;
    let said = Said {
        regions: ground.regions(),
        sources: ground.sources(),
        events: ground.events,
        customers: ground.customers,
        corrections: ground.hand.corrections.as_ref(),
    };
    let origins = Origins::new(said, ground.as_of());
    let rows = || ground.codes().iter().map(|code| (*code, &ordered[code.place()]));
    let column = |name: &&'static str| match *name {
        names::PROVINCE => {
            // Looked up in the order of codes, in which `ordered` stands, so that only one small number per person is
            // read in the order of rows, which is another.
            let codes = (0..ground.ids.len() as u32).into_par_iter().map(CustomerCode::new);
            let group = |code: CustomerCode| origins.province(code, &ordered[code.place()]);
            let groups: Vec<u32> = codes.map(|code| group(code).unwrap_or(NOWHERE)).collect();
            words(name, origins.province_names(), ground.codes(), |code| groups[code.place()])
        }
        names::CITY => Ok(texts(name, rows().map(|(code, of)| origins.city(code, of).map(str::to_owned)))),
        _ => Ok(texts(name, rows().map(|(code, of)| origins.source_name(origins.source(code, of)?)))),
    };
    wanted.iter().map(column).collect()
}
