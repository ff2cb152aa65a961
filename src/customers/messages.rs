//! The messages that reached somebody, as far as is known.

use crate::error::Result;
use crate::schema::{CustomerCode, Day, Sends, names, words};

/// A message that was sent and is not known to be undelivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// The code of the customer.
    pub code: CustomerCode,
    /// The day on which it was sent.
    pub sent_on: Day,
    /// The number of the campaign among the words of [`names::CAMPAIGN_ID`].
    pub campaign: Option<u32>,
    /// The number of the channel among the words of [`names::CHANNEL`].
    pub channel: Option<u32>,
    /// The number of the order that it was about among the words of [`names::ORDER_ID`], where that is known.
    pub order: Option<u32>,
    /// Whether the customer reads it as a message; false for what was put into a parcel.
    pub is_message: bool,
}

/// The messages that arrived as far as is known, sorted by customer and time, without those to the control group, which
/// gets none.
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
