//! How people can be reached, and when they last were.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::messages::{Message, received};
use crate::customers::reach::{Contacts, Judged, Way};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::metrics::calendar::first_day_of;
use crate::metrics::finish::{counts, flags, integers, texts};
use crate::schema::{Day, Sends, names};

/// Columns from the messages that arrived, as far as is known. The control group gets none.
pub const CONTACTED: Provider = Provider {
    columns: &[
        Spec::new(names::DAYS_SINCE_CONTACT, Kind::Days, 3),
        Spec::new(names::CONTACT_COUNT_30D, Kind::Count, 3),
        Spec::new(names::LAST_CAMPAIGN_ID, Kind::Named, 3),
    ],
    needs: Needs { sends: true, ..Needs::NONE },
    fill: contacted,
};

/// Whether a person can be reached, that is, has a contact that can be right; empty if no input has such contacts.
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

/// A person's messages up to the as-of day.
#[derive(Debug, Clone, Copy)]
struct Contacted {
    last_on: Day,
    /// The number of messages in the last 30 days.
    count: u64,
    /// The number of the last message's campaign.
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
            integers(name, rows().map(|of| of.map(|of| i64::from(of.last_on.days_until(ground.as_of())))))
        }
        names::CONTACT_COUNT_30D => counts(name, rows().map(|of| Some(of.map_or(0, |of| of.count)))),
        _ => texts(name, rows().map(|of| campaigns.get(of?.campaign? as usize).cloned())),
    };
    Ok(wanted.iter().map(column).collect())
}

fn by_code(sends: &Sends, customers: usize, as_of: Day) -> Result<Vec<Option<Contacted>>> {
    let mut by_code: Vec<Option<Contacted>> = vec![None; customers];
    let first_recent = first_day_of(as_of, RECENT_DAYS);
    let is_meant = |message: &Message| message.is_message && message.sent_on <= as_of;
    for message in received(sends)?.into_iter().filter(is_meant) {
        let of = &mut by_code[message.code.place()];
        let before = of.map_or(0, |of| of.count);
        // The messages of a customer come sorted by time.
        *of = Some(Contacted {
            last_on: message.sent_on,
            count: before + u64::from(message.sent_on >= first_recent),
            campaign: message.campaign,
        });
    }
    Ok(by_code)
}

fn reachable(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let way = |name: &str| match name {
        names::HAS_PHONE => Way::Phone,
        names::HAS_EMAIL => Way::Email,
        names::HAS_WECHAT => Way::Wechat,
        _ => Way::Qq,
    };
    wanted.iter().map(|name| judged(ground, name, way(name))).collect()
}

/// For each person whether their contact can be right, and false without a contact. Null if no input has such contacts,
/// and for phone numbers whose country is unknown.
fn judged(ground: &Ground<'_>, name: &str, way: Way) -> Result<Column> {
    let contacts = Contacts::new(ground, way)?;
    let is_right = |row| match contacts.judge(row) {
        _ if !contacts.is_known() => None,
        None | Some(Judged::Wrong(_)) => Some(false),
        Some(Judged::Right) => Some(true),
        Some(Judged::Unsure) => None,
    };
    Ok(flags(name, (0..contacts.len()).map(is_right)))
}
