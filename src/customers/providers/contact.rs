//! How people can be reached, and when they last were.

use std::collections::BTreeMap;

use phonenumber::country::Id;
use polars::prelude::*;

use super::who::contact;
use crate::answer::{Kind, Spec};
use crate::contacts::{country, is_email, is_phone, is_qq, is_wechat};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::metrics::calendar::first_day_of;
use crate::metrics::finish::{counts, flags, integers, texts};
use crate::schema::customers::REGION;
use crate::schema::{Sends, names, words};

/// From the sends: messages that arrived, as far as anybody knows. What was kept from the control arm is none.
pub const CONTACTED: Provider = Provider {
    columns: &[
        Spec::new(names::DAYS_SINCE_CONTACT, Kind::Days, 3),
        Spec::new(names::CONTACT_COUNT_30D, Kind::Count, 3),
        Spec::new(names::LAST_CAMPAIGN_ID, Kind::Named, 3),
    ],
    needs: Needs { sends: true, ..Needs::NONE },
    fill: contacted,
};

/// Whether there is a way to reach them that can be right; empty where no input says any.
pub const REACHABLE: Provider = Provider {
    columns: &[
        Spec::new(names::HAS_PHONE, Kind::Flag, 3),
        Spec::new(names::HAS_EMAIL, Kind::Flag, 3),
        Spec::new(names::HAS_WECHAT, Kind::Flag, 3),
        Spec::new(names::HAS_QQ, Kind::Flag, 3),
    ],
    needs: Needs { regions: true, lists: true, people: true, ..Needs::NONE },
    fill: reachable,
};

/// The messages of one person up to as-of.
#[derive(Debug, Clone, Copy)]
struct Contacted {
    last_on: i32,
    /// Of the last 30 days.
    count: u64,
    /// Number of the campaign of the last one.
    campaign: Option<u32>,
}

const RECENT_DAYS: u32 = 30;

fn contacted(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let Some(sends) = ground.sends else {
        return Ok(wanted.iter().map(|name| ground.nothing(name)).collect());
    };
    let by_code = by_code(sends, ground.ids.len(), ground.as_of())?;
    let campaigns = sends.table().words(names::CAMPAIGN_ID);
    let rows = || ground.of_codes(&by_code);
    let column = |name: &&'static str| match *name {
        names::DAYS_SINCE_CONTACT => {
            integers(name, rows().map(|of| of.map(|of| i64::from(ground.as_of()) - i64::from(of.last_on))))
        }
        names::CONTACT_COUNT_30D => counts(name, rows().map(|of| Some(of.map_or(0, |of| of.count)))),
        _ => texts(name, rows().map(|of| campaigns.get(of?.campaign? as usize).cloned())),
    };
    Ok(wanted.iter().map(column).collect())
}

fn by_code(sends: &Sends, customers: usize, as_of: i32) -> Result<Vec<Option<Contacted>>> {
    let mut by_code: Vec<Option<Contacted>> = vec![None; customers];
    let control = sends.table().words(names::ARM).iter().zip(0..).find(|(arm, _)| *arm == words::CONTROL);
    let control = control.map(|(_, number)| number);
    let delivered = sends.column(names::IS_DELIVERED);
    let delivered = delivered.as_ref().map(|column| column.bool()).transpose()?;
    let (arms, campaigns) = (sends.table().numbers(names::ARM), sends.table().numbers(names::CAMPAIGN_ID));
    let first_recent = first_day_of(as_of, RECENT_DAYS);
    // A customer's messages come by time.
    for (row, (code, day)) in sends.codes().iter().zip(sends.days()).enumerate() {
        let arm = arms.and_then(|arms| arms.get(row));
        let is_kept_back = arm.is_some() && arm == control;
        let is_lost = delivered.and_then(|delivered| delivered.get(row)) == Some(false);
        if is_kept_back || is_lost || *day > as_of {
            continue;
        }
        let before = by_code[*code as usize].map_or(0, |of| of.count);
        by_code[*code as usize] = Some(Contacted {
            last_on: *day,
            count: before + u64::from(*day >= first_recent),
            campaign: campaigns.and_then(|campaigns| campaigns.get(row)),
        });
    }
    Ok(by_code)
}

fn reachable(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let column = |name: &&'static str| match *name {
        names::HAS_PHONE => phones(ground, name),
        names::HAS_EMAIL => judged(ground, name, names::EMAIL, is_email),
        names::HAS_WECHAT => judged(ground, name, names::WECHAT, is_wechat),
        _ => judged(ground, name, names::QQ, is_qq),
    };
    wanted.iter().map(column).collect()
}

/// Whether what a column of contacts says can be right: false where it says nothing, null where no input says any.
fn judged(ground: &Ground<'_>, name: &str, of: &'static str, is_right: fn(&str) -> bool) -> Result<Column> {
    let column = contact(ground, of)?;
    let is_known = column.null_count() < column.len();
    let rows = column.str()?.iter().map(|cell| is_known.then(|| cell.is_some_and(is_right)));
    Ok(flags(name, rows))
}

/// As [`judged`], by the country where a person lives, else that of most places or of the platform; null where nothing
/// says which country's the number is.
fn phones(ground: &Ground<'_>, name: &str) -> Result<Column> {
    let column = contact(ground, names::PHONE)?;
    let is_known = column.null_count() < column.len();
    let home = home(ground);
    let countries: Vec<Option<Id>> = ground
        .customers
        .iter()
        .flat_map(|list| list.regions())
        .map(|region| country(&region.country))
        .collect();
    let listed = |code: u32| {
        let list = ground.customers?;
        let region = list.table().numbers(REGION)?.get(list.row(code)?)?;
        countries.get(region as usize).copied().flatten()
    };
    let rows = column.str()?.iter().zip(ground.codes()).map(|(cell, code)| match cell {
        _ if !is_known => None,
        None => Some(false),
        Some(number) => is_phone(number, listed(*code).or(home)),
    });
    Ok(flags(name, rows))
}

/// The country of the customers' platform, else of most of the places that are known.
fn home(ground: &Ground<'_>) -> Option<Id> {
    let platform = ground.customers.and_then(|list| country(list.home.as_deref()?));
    let mut places: BTreeMap<String, (u64, Id)> = BTreeMap::new();
    let listed = ground.customers.iter().flat_map(|list| list.regions());
    for region in listed.chain(ground.regions()) {
        if let Some(id) = country(&region.country) {
            places.entry(id.as_ref().to_owned()).or_insert((0, id)).0 += 1;
        }
    }
    let most = places.iter().max_by_key(|(code, (count, _))| (*count, std::cmp::Reverse((*code).clone())));
    platform.or(most.map(|(_, (_, id))| *id))
}
