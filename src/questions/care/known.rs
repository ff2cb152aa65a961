//! What is known of customers that decides about their tasks, and which tasks the inputs do not allow.

use std::collections::{BTreeMap, HashMap, HashSet};

use polars::prelude::*;

use super::Given;
use super::reach::{Reached, Ways};
use crate::customers::messages::received;
use crate::customers::{self, Ground, Where};
use crate::error::Result;
use crate::metrics::care::choose::{Known, Sent, To};
use crate::metrics::care::parcel::Traits;
use crate::metrics::care::tasks::Need;
use crate::metrics::care::{Settings, Task};
use crate::metrics::holdout::{GLOBAL, is_held_out};
use crate::schema::{CustomerCode, Field, Micros, Sends, Status, Table, names, orders};

/// The tasks that are asked for but cannot run, each with what it lacks.
pub(super) fn blocked(
    ground: &Ground<'_>,
    given: &Given<'_>,
    settings: &Settings,
) -> Result<Vec<(Task, Need)>> {
    let of_orders = |field: Field| (given.has)(Table::Orders, field);
    let says_shipped = |status, paid: Micros| {
        paid.is_positive() && [Status::Shipped, Status::Completed].iter().any(|known| known.code() == status)
    };
    let is_refund = |status, paid: Micros| status == orders::REFUND_OF_REFUNDED || paid.is_negative();
    let knows_shipping = of_orders(Field::ShippedAt) || any_order(ground, says_shipped)?;
    let is_other = |status, paid: Micros| !paid.is_negative() && status != Status::Paid.code();
    let knows_status =
        of_orders(Field::Status) || of_orders(Field::PaymentStatus) || any_order(ground, is_other)?;
    let knows_refund_days = of_orders(Field::CancelledAt) || any_order(ground, is_refund)?;
    let is_met = |need: &Need| match need {
        Need::Column(table, field) => (given.has)(*table, *field),
        Need::Orders => ground.has_orders,
        Need::Status => knows_status,
        Need::Shipping => knows_shipping,
        Need::RefundDays => knows_refund_days,
        Need::LevelsBefore => given.levels_before.is_some(),
        Need::Levels => !settings.levels.is_empty(),
        Need::Holidays => !settings.holidays.is_empty(),
    };
    let asked = Task::all().filter(|task| settings.asks(*task));
    let unmet = asked.flat_map(|task| task.about().needs.iter().map(move |need| (task, *need)));
    Ok(unmet.filter(|(_, need)| !is_met(need)).collect())
}

/// Whether a condition on status and paid amount holds for any order.
fn any_order(ground: &Ground<'_>, is_so: impl Fn(u8, Micros) -> bool + Sync + Send) -> Result<bool> {
    let any = ground.in_order()?.parts.each_answer(|part| {
        let (status, paid) = (part.column(orders::STATUS)?.u8()?, part.column(orders::PAID_AMOUNT)?.i64()?);
        let mut rows = status.iter().zip(paid.iter());
        Ok(rows.any(|(status, paid)| is_so(status.unwrap_or(0), paid.map_or(Micros::ZERO, Micros::new))))
    })?;
    Ok(any.contains(&true))
}

/// Who may not be written to, and which messages went to each customer and to each contact, so that messages to other
/// customers with the same contact count too. `reached` has the customers to whom anything is due.
pub(super) fn known(
    ground: &Ground<'_>,
    table: &customers::Table,
    sends: Option<&Sends>,
    (ways, reached): (&Ways<'_>, &BTreeMap<CustomerCode, Reached>),
    standing: u32,
) -> Result<Known> {
    let marked = |name: &str| -> Result<HashSet<CustomerCode>> {
        let is_marked = ways.marked(table.flags(name)?);
        Ok(reached.iter().filter(|(code, by)| is_marked(**code, by)).map(|(code, _)| *code).collect())
    };
    let numbers = ways.numbers(reached.iter().map(|(code, by)| (*code, by)));
    let contacts = reached.iter().map(|(code, by)| (*code, ways.contacts(*code, Some(by), &numbers)));
    let is_held_out = |code: &CustomerCode| is_held_out(GLOBAL, &ground.ids.text(*code), standing);
    let mut known = Known {
        opted_out: marked(names::IS_OPTED_OUT)?,
        blacklisted: marked(names::IS_BLACKLISTED)?,
        held_out: reached.keys().copied().filter(is_held_out).collect(),
        contacts: contacts.collect(),
        sent: HashMap::new(),
    };
    let Some(sends) = sends else { return Ok(known) };
    let campaigns: Vec<Option<Task>> =
        sends.table().words(names::CAMPAIGN_ID).iter().map(|id| Task::of_campaign(id)).collect();
    let orders = sends.table().words(names::ORDER_ID);
    // All messages to one customer stand in neighbouring rows.
    for theirs in received(sends)?.chunk_by(|a, b| a.code == b.code) {
        let code = theirs[0].code;
        let contacts = match known.contacts.get(&code) {
            Some(contacts) => contacts.all.clone(),
            None => ways.contacts(code, None, &numbers).all,
        };
        let own = reached.contains_key(&code).then_some(To::Customer(code));
        let to: Vec<To> = own.into_iter().chain(contacts.into_iter().map(To::Contact)).collect();
        for (message, to) in theirs.iter().flat_map(|message| to.iter().map(move |to| (message, *to))) {
            let task = message.campaign.and_then(|campaign| *campaigns.get(campaign as usize)?);
            let order = message.order.filter(|_| task.is_some()).and_then(|order| orders.get(order as usize));
            known.sent.entry(to).or_default().push(Sent {
                customer: code,
                on: message.sent_on,
                task,
                order_id: order.cloned(),
                is_message: message.is_message,
            });
        }
    }
    known.sent.values_mut().for_each(|all| all.sort_by_key(|sent| sent.on));
    Ok(known)
}

/// What is known of each customer, by code, for deciding what goes into the parcel.
pub(super) fn traits(ground: &Ground<'_>, table: &customers::Table, vip: &Where) -> Result<Vec<Traits>> {
    let mut by_code = vec![Traits::default(); ground.ids.len()];
    let is_vip = vip.keeps(ground, table)?;
    let [levels, tags, notes] = [names::LEVEL, names::TAGS, names::NOTE].map(|name| table.frame.column(name));
    let (levels, tags, notes) = (levels?.str()?, tags?.str()?, notes?.str()?);
    let text = |column: &StringChunked, row: usize| {
        column.get(row).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    for (row, code) in ground.codes().iter().enumerate() {
        by_code[code.place()] = Traits {
            is_vip: is_vip.get(row) == Some(true),
            level: text(levels, row),
            tags: text(tags, row),
            note: text(notes, row),
        };
    }
    Ok(by_code)
}

/// The levels in the customer list, by code.
pub(super) fn levels_now(ground: &Ground<'_>) -> Result<Vec<(CustomerCode, String)>> {
    let Some((list, levels)) = ground.customers.and_then(|list| Some((list, list.column(names::LEVEL)?)))
    else {
        return Ok(Vec::new());
    };
    let levels = levels.str()?;
    let rows = list.codes().zip(levels.iter());
    Ok(rows.filter_map(|(code, level)| Some((code, level?.to_owned()))).collect())
}
