//! Who people are.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::metrics::finish::texts;
use crate::schema::names;

/// What every person has.
pub const IDENTITY: Provider = Provider {
    columns: &[
        Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0),
        Spec::new(names::STATUS, Kind::Label("customer_status"), 1),
    ],
    needs: Needs::NONE,
    fill: identity,
};

/// What customer exports say, and what orders and events say of where people are and came from.
pub const PEOPLE: Provider = Provider {
    columns: &[
        Spec::new(names::NAME, Kind::Text, 2),
        Spec::new(names::GENDER, Kind::Label("profile_key"), 3),
        Spec::new(names::BIRTHDAY, Kind::Date, 3),
        Spec::new(names::AGE, Kind::Count, 3),
        Spec::new(names::LEVEL, Kind::Named, 3),
        Spec::new(names::PHONE, Kind::Text, 3),
        Spec::new(names::EMAIL, Kind::Text, 3),
        Spec::new(names::WECHAT, Kind::Text, 3),
        Spec::new(names::QQ, Kind::Text, 3),
        Spec::new(names::PROVINCE, Kind::Named, 2),
        Spec::new(names::CITY, Kind::Named, 3),
        Spec::new(names::REGISTERED_ON, Kind::Date, 3),
        Spec::new(names::CARD_CLAIMED_ON, Kind::Date, 3),
        Spec::new(names::SOURCE, Kind::Named, 3),
        Spec::new(names::IS_OPTED_OUT, Kind::Flag, 3),
        Spec::new(names::IS_BLACKLISTED, Kind::Flag, 3),
    ],
    needs: Needs { people: true, ..Needs::NONE },
    fill: people,
};

/// What people are to the shop: who has bought, who showed an interest or has not paid, and who is only in a list.
pub const STATUSES: [&str; 3] = ["converted", "interested", "other"];

fn identity(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let column = |name: &&'static str| match *name {
        names::CUSTOMER_ID => Ok(ground.texts()?.into_column()),
        _ => {
            let status = |code: &u32| match () {
                () if ground.has_bought(*code) => STATUSES[0],
                () if ground.is_interested(*code) => STATUSES[1],
                () => STATUSES[2],
            };
            Ok(texts(name, ground.codes().iter().map(|code| Some(status(code).to_owned()))))
        }
    };
    wanted.iter().map(column).collect()
}

fn people(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    Ok(wanted.iter().map(|name| ground.nothing(name)).collect())
}
