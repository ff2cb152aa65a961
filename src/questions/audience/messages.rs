//! What the logged messages tell about the candidates: who was contacted too recently, and who has not answered yet.

use super::{Audience, On};
use crate::customers::messages::{Message, received};
use crate::customers::{self, Ground};
use crate::error::{Error, Result};
use crate::metrics::calendar::first_day_of;
use crate::schema::words::whole_campaign;
use crate::schema::{Day, names};

impl Audience {
    /// Returns for each row whether its person got another message within the fatigue days, which end with the day of
    /// the message. Messages of this campaign on that very day do not count: they are this list itself, recorded by an
    /// earlier run.
    pub(super) fn contacted(&self, ground: &Ground<'_>, on: On<'_>) -> Result<Vec<bool>> {
        let Some(sends) = on.sends.filter(|_| self.fatigue_days > 0) else { return Ok(Vec::new()) };
        let campaigns = sends.table().words(names::CAMPAIGN_ID);
        let own = campaigns.iter().position(|id| *id == self.campaign_id).map(|place| place as u32);
        let days = first_day_of(on.day, self.fatigue_days)..=on.day;
        let mut by_code = vec![false; ground.ids.len()];
        let is_meant = |message: &&Message| message.is_message && days.contains(&message.sent_on);
        for message in received(sends)?.iter().filter(is_meant) {
            let is_list_itself = own.is_some() && message.campaign == own && message.sent_on == on.day;
            by_code[message.code.place()] |= !is_list_itself;
        }
        Ok(ground.of_codes(&by_code).collect())
    }

    /// Returns for each row whether its person first got this campaign before the day of the message and has placed no
    /// order on or after the day on which it first came.
    pub(super) fn not_joined(
        &self,
        ground: &Ground<'_>,
        table: &customers::Table,
        on: On<'_>,
    ) -> Result<Vec<bool>> {
        let nothing = || Error::data_of("audience_no_first", &[("id", format!("{:?}", self.campaign_id))]);
        if !ground.has_orders {
            return Err(Error::data_of("not_joined_without_orders", &[]));
        }
        let sends = on.sends.ok_or_else(nothing)?;
        let campaigns = sends.table().words(names::CAMPAIGN_ID);
        // An id that names a step of a campaign also follows the messages of the whole campaign.
        let whole = whole_campaign(&self.campaign_id);
        let is_named = |id: &str| id == self.campaign_id || Some(id) == whole;
        let own: Vec<u32> =
            (0..).zip(campaigns).filter(|(_, id)| is_named(id)).map(|(place, _)| place).collect();
        if own.is_empty() {
            return Err(nothing());
        }
        let mut first: Vec<Option<Day>> = vec![None; ground.ids.len()];
        let is_own = |of: Option<u32>| of.is_some_and(|campaign| own.contains(&campaign));
        for message in received(sends)?.iter().filter(|message| is_own(message.campaign)) {
            let day = &mut first[message.code.place()];
            *day = Some(day.map_or(message.sent_on, |day| day.min(message.sent_on)));
        }
        let ordered = table.frame.column(names::LAST_ORDERED_ON)?.date()?.physical().clone();
        let ordered = ordered.iter().map(|day| day.map(Day::new));
        let has_not_joined = |(first, ordered): (Option<Day>, Option<Day>)| {
            first.is_some_and(|first| first < on.day && ordered.is_none_or(|ordered| ordered < first))
        };
        Ok(ground.of_codes(&first).zip(ordered).map(has_not_joined).collect())
    }
}
