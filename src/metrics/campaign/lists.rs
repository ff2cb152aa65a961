//! The detail of arms: who is in them, and what they bought.

use std::cmp::Reverse;

use polars::prelude::*;

use super::outcomes::{Bought, Outcome};
use super::subjects::Subject;
use super::{Campaigns, validity};
use crate::error::Result;
use crate::metrics::baskets::pieces;
use crate::metrics::finish::{amounts, counts, dates, flags, frame, ids, ratios};
use crate::metrics::products::product_columns;
use crate::schema::{CustomerCode, CustomerIds, Items, Shop, names};

impl Campaigns {
    /// One row per customer and campaign, those of an arm by what they spent, the most first: `campaign_id`, `arm`,
    /// `customer_id`, `sent_on`, `last_on` (the last day on which orders count), `is_in_figures`, `message_count`,
    /// `is_delivered`, `cost`, `order_count`, `net_amount`, `first_ordered_on`, `unpaid_order_count`,
    /// `net_amount_year_before` (of the 365 days before).
    pub fn customers_frame(&self, ids_of: &CustomerIds) -> Result<DataFrame> {
        let mut rows: Vec<(&Subject, &Outcome)> =
            self.study.subjects.iter().zip(&self.outcomes).filter(|(of, _)| self.is_shown(of.arm)).collect();
        rows.sort_by_cached_key(|(subject, outcome)| {
            (subject.arm, Reverse(outcome.net), ids_of.text(subject.customer))
        });
        let mut columns = self.of_customers(&rows, ids_of)?;
        columns.extend([
            flags(names::IS_IN_FIGURES, rows.iter().map(|(subject, _)| Some(subject.counts()))),
            counts(names::MESSAGE_COUNT, rows.iter().map(|(subject, _)| Some(u64::from(subject.messages)))),
            flags(names::IS_DELIVERED, rows.iter().map(|(subject, _)| subject.delivered.map(|of| of > 0))),
            amounts(names::COST, rows.iter().map(|(subject, _)| subject.cost)),
            counts(names::ORDER_COUNT, rows.iter().map(|(_, outcome)| Some(u64::from(outcome.orders)))),
            amounts(names::NET_AMOUNT, rows.iter().map(|(_, outcome)| Some(outcome.net))),
            dates(names::FIRST_ORDERED_ON, rows.iter().map(|(_, outcome)| outcome.first_day)),
            unpaid(&rows),
            amounts(
                names::NET_AMOUNT_YEAR_BEFORE,
                rows.iter().map(|(_, outcome)| Some(i128::from(outcome.before))),
            ),
        ]);
        frame(columns)
    }

    /// One row per customer who was sent something and has not ordered up to as-of, for a second notice: `campaign_id`,
    /// `arm`, `customer_id`, `sent_on`, `last_on`, `message_count`, `is_delivered`, `unpaid_order_count`,
    /// `is_opted_out` (null where no customer list says it). Who has an unpaid order wants to be asked for the payment.
    pub fn not_joined_frame(&self, shop: &Shop<'_>) -> Result<DataFrame> {
        let ids_of = &shop.orders.customers;
        let opted_out = shop.customers().and_then(validity::opted_out);
        let is_wanted = |(subject, outcome): &(&Subject, &Outcome)| {
            self.is_shown(subject.arm)
                && self.arm(subject.arm).is_drawn
                && subject.messages > 0
                && !outcome.has_ordered_since
        };
        let mut rows: Vec<(&Subject, &Outcome)> =
            self.study.subjects.iter().zip(&self.outcomes).filter(is_wanted).collect();
        rows.sort_by_cached_key(|(subject, _)| (subject.arm, ids_of.text(subject.customer)));
        let mut columns = self.of_customers(&rows, ids_of)?;
        columns.extend([
            counts(names::MESSAGE_COUNT, rows.iter().map(|(subject, _)| Some(u64::from(subject.messages)))),
            flags(names::IS_DELIVERED, rows.iter().map(|(subject, _)| subject.delivered.map(|of| of > 0))),
            unpaid(&rows),
            flags(names::IS_OPTED_OUT, rows.iter().map(|(of, _)| opted_out.as_ref()?.says(of.customer))),
        ]);
        frame(columns)
    }

    /// One row per arm and product that its customers bought in their days, what most orders hold first: `campaign_id`,
    /// `arm`, `product_id`, `title`, `order_count`, `customer_count`, `quantity`, `amount`.
    pub fn products_frame(&self, items: &Items) -> Result<DataFrame> {
        let mut rows: Vec<&Bought> = self.bought.iter().collect();
        // Numbers are in the order of ids and titles.
        rows.sort_by_key(|of| (of.arm, Reverse(of.orders), of.product));
        let mut columns = self.named(rows.iter().map(|of| of.arm));
        let products = rows.iter().map(|of| of.product as usize);
        columns.extend(product_columns(items, products, [names::PRODUCT_ID, names::TITLE]));
        columns.extend([
            counts(names::ORDER_COUNT, rows.iter().map(|of| Some(of.orders))),
            counts(names::CUSTOMER_COUNT, rows.iter().map(|of| Some(of.customers))),
            ratios(names::QUANTITY, rows.iter().map(|of| of.quantity.map(pieces))),
            amounts(names::AMOUNT, rows.iter().map(|of| of.amount)),
        ]);
        frame(columns)
    }

    fn of_customers(&self, rows: &[(&Subject, &Outcome)], ids_of: &CustomerIds) -> Result<Vec<Column>> {
        let codes: Vec<CustomerCode> = rows.iter().map(|(subject, _)| subject.customer).collect();
        let mut columns = self.named(rows.iter().map(|(subject, _)| subject.arm));
        columns.extend([
            ids(ids_of, &codes)?.into_column(),
            dates(names::SENT_ON, rows.iter().map(|(subject, _)| Some(subject.from.0))),
            dates(names::LAST_ON, rows.iter().map(|(subject, _)| Some(subject.last_day))),
        ]);
        Ok(columns)
    }
}

fn unpaid(rows: &[(&Subject, &Outcome)]) -> Column {
    counts(names::UNPAID_ORDER_COUNT, rows.iter().map(|(_, outcome)| Some(u64::from(outcome.unpaid_orders))))
}
