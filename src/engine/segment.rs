//! Lifecycle segments on an engine.

use super::render::Values;
use super::{Ground, OnEngine, Rows, ShopOn, Statement};
use crate::error::Result;
use crate::metrics::group_days::GroupDay;
use crate::metrics::listed_buyers::ListedBuyers;
use crate::metrics::segment::SegmentParams;
use crate::questions::{Answer, Segment};
use crate::schema::names;

impl OnEngine for Segment {
    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn statements(&self, ground: &Ground) -> Result<Vec<Statement>> {
        let name = if self.lists { "segment_list" } else { "segment" };
        Ok(vec![ground.left_out()?, groups(ground, &self.params, name)?])
    }

    fn answer_on(&self, shop: &ShopOn<'_>) -> Result<Answer> {
        let accounting = shop.accounting(&shop.ground.left_out()?)?;
        if self.lists {
            let rows = shop.rows(&groups(&shop.ground, &self.params, "segment_list")?)?;
            let (buyers, groups) = (buyers(&rows)?, rows.numbers::<u8>("group_number")?);
            let (customers, orders) = totals_of(&buyers);
            return self.listed(&buyers, &groups, shop.rest(customers, orders, accounting));
        }
        let days = group_days(&shop.rows(&groups(&shop.ground, &self.params, "segment")?)?)?;
        let (customers, orders) = totals(days.iter());
        self.summed(&days, shop.rest(customers, orders, accounting))
    }
}

/// The number of customers and of orders in all groups.
pub(super) fn totals<'a>(days: impl Iterator<Item = &'a GroupDay>) -> (u64, u64) {
    days.fold((0, 0), |(customers, orders), day| (customers + day.customers, orders + day.orders))
}

/// The number of customers and of orders in a list.
pub(super) fn totals_of(buyers: &ListedBuyers) -> (u64, u64) {
    (buyers.orders.len() as u64, buyers.orders.iter().map(|orders| u64::from(*orders)).sum())
}

pub(super) fn groups(ground: &Ground, params: &SegmentParams, name: &'static str) -> Result<Statement> {
    ground.statement_with(name, segment_values(params))
}

/// The values from which a statement assigns segments.
pub(super) fn segment_values(params: &SegmentParams) -> Values {
    // A mean need not be a whole number, so that both sides of the comparison are multiplied by the count.
    let mean = "CAST(buyers.net_amount AS DECIMAL(38, 0)) * mean.customer_count >= mean.net_amount";
    let is_high = params.high_value.map(|least| format!("buyers.net_amount >= {}", least.number()));
    Values::from([
        ("just_bought_days", params.just_bought_days.to_string()),
        ("active_days", params.active_days.to_string()),
        ("lapsing_days", params.lapsing_days.to_string()),
        ("loyal_orders", params.loyal_orders.to_string()),
        ("is_high", is_high.unwrap_or_else(|| mean.to_owned())),
    ])
}

fn group_days(rows: &Rows) -> Result<Vec<GroupDay>> {
    let groups = rows.numbers::<u8>("group_number")?;
    let days = days(rows)?;
    Ok(days.into_iter().zip(groups).map(|(day, group)| GroupDay { group, ..day }).collect())
}

/// The buyers of a list.
pub(super) fn buyers(rows: &Rows) -> Result<ListedBuyers> {
    Ok(ListedBuyers {
        customer_ids: rows.texts(names::CUSTOMER_ID)?.into_iter().map(Option::unwrap_or_default).collect(),
        last_days: rows.numbers(names::LAST_ORDERED_ON)?,
        recency_days: rows.numbers(names::RECENCY_DAYS)?,
        orders: rows.numbers(names::ORDER_COUNT)?,
        net: rows.numbers(names::NET_AMOUNT)?,
    })
}

/// The days and sums of rows; their groups are set elsewhere.
pub(super) fn days(rows: &Rows) -> Result<Vec<GroupDay>> {
    let recency = rows.numbers::<i32>(names::RECENCY_DAYS)?;
    let customers = rows.numbers::<u64>(names::CUSTOMER_COUNT)?;
    let orders = rows.numbers::<u64>(names::ORDER_COUNT)?;
    let net = rows.numbers::<i128>(names::NET_AMOUNT)?;
    let day = |row: usize| GroupDay {
        group: 0,
        recency_days: recency[row],
        customers: customers[row],
        orders: orders[row],
        net: net[row],
    };
    Ok((0..rows.len()).map(day).collect())
}
