//! The messages of a sends log that reached somebody, as far as anybody knows.

use crate::error::Result;
use crate::schema::{CustomerCode, Day, Sends, names, words};

/// A message that was sent and not said to be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// The customer's code among the ids of all.
    pub code: CustomerCode,
    /// The day it was sent.
    pub sent_on: Day,
    /// Number of the campaign among [`names::CAMPAIGN_ID`]'s words.
    pub campaign: Option<u32>,
    /// Number of the channel among [`names::CHANNEL`]'s words.
    pub channel: Option<u32>,
    /// Number of the order that it was about among [`names::ORDER_ID`]'s words, where that is said.
    pub order: Option<u32>,
    /// Whether it is one that the customer reads; false of what was put into a parcel.
    pub is_message: bool,
}

/// The messages that arrived as far as anybody knows, by customer and time. What was kept from a control group is none.
///
/// # Errors
/// Those of polars.
pub fn received(sends: &Sends) -> Result<Vec<Message>> {
    let table = sends.table();
    let control = table.words(names::ARM).iter().position(|arm| arm == words::CONTROL).map(|arm| arm as u32);
    let delivered = sends.column(names::IS_DELIVERED);
    let delivered = delivered.as_ref().map(|column| column.bool()).transpose()?;
    let [arms, campaigns, channels, orders] =
        [names::ARM, names::CAMPAIGN_ID, names::CHANNEL, names::ORDER_ID].map(|name| table.numbers(name));
    let rows = sends.codes().zip(sends.days()).enumerate();
    let arrived = rows.filter(|(row, _)| {
        let arm = arms.and_then(|arms| arms.get(*row));
        let is_kept_back = arm.is_some() && arm == control;
        let is_lost = delivered.and_then(|delivered| delivered.get(*row)) == Some(false);
        !is_kept_back && !is_lost
    });
    let parcel = table.words(names::CHANNEL).iter().position(|channel| channel == words::PARCEL);
    let parcel = parcel.map(|channel| channel as u32);
    let message = |(row, (code, sent_on)): (usize, (CustomerCode, &i32))| {
        let channel = channels.and_then(|channels| channels.get(row));
        Message {
            code,
            sent_on: Day::new(*sent_on),
            campaign: campaigns.and_then(|campaigns| campaigns.get(row)),
            channel,
            order: orders.and_then(|orders| orders.get(row)),
            is_message: channel.is_none_or(|channel| Some(channel) != parcel),
        }
    };
    Ok(arrived.map(message).collect())
}
