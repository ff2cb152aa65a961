//! How people can be reached, and when they last were.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::schema::names;

/// From the sends and from what customer exports say.
pub const CONTACT: Provider = Provider {
    columns: &[
        Spec::new(names::DAYS_SINCE_CONTACT, Kind::Days, 3),
        Spec::new(names::CONTACT_COUNT_30D, Kind::Count, 3),
        Spec::new(names::LAST_CAMPAIGN_ID, Kind::Named, 3),
        Spec::new(names::HAS_PHONE, Kind::Flag, 3),
        Spec::new(names::HAS_EMAIL, Kind::Flag, 3),
        Spec::new(names::HAS_WECHAT, Kind::Flag, 3),
        Spec::new(names::HAS_QQ, Kind::Flag, 3),
    ],
    needs: Needs { people: true, ..Needs::NONE },
    fill: contact,
};

fn contact(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    Ok(wanted.iter().map(|name| ground.nothing(name)).collect())
}
