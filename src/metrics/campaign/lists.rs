//! The details of arms: who is in them, and what these customers bought.

use std::cmp::Reverse;

use polars::prelude::*;

use super::outcomes::{Bought, Outcome};
use super::subjects::Subject;
use super::validity::OptedOut;
use super::{Campaigns, validity};
use crate::error::Result;
use crate::metrics::baskets::pieces;
use crate::metrics::finish::{amounts, counts, dates, flags, frame, ids, ratios};
use crate::metrics::products::product_columns;
use crate::schema::{CustomerCode, CustomerIds, Day, Items, Micros, Shop, names};

/// A customer of an arm, as lists show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Number of the arm.
    pub arm: usize,
    /// Day of the first message.
    pub sent_on: Day,
    /// The last day on which orders count.
    pub last_on: Day,
    /// Whether the customer counts in the figures of the arm.
    pub is_in_figures: bool,
    /// Number of messages.
    pub messages: u64,
    /// Whether any of them arrived; `None` if no message says it.
    pub is_delivered: Option<bool>,
    /// Cost of the messages; `None` if no message gives a cost.
    pub cost: Option<Micros>,
    /// Orders within the days.
    pub orders: u64,
    /// Paid minus refunded within the days.
    pub net: Micros,
    /// Day of the first of these orders.
    pub first_day: Option<Day>,
    /// Orders within the days that were not paid.
    pub unpaid_orders: u64,
    /// Net amount of the 365 days before the first message.
    pub before: Micros,
    /// Whether the customer wants no messages; `None` if no customer list says it.
    pub is_opted_out: Option<bool>,
}

/// Everybody in campaigns with what each customer did, and what the arms bought, as computed from the tables.
#[derive(Debug, Default)]
pub struct Detail {
    pub(super) people: Vec<(Subject, Outcome)>,
    pub(super) bought: Vec<Bought>,
}

impl Detail {
    /// As [`Campaigns::customers_frame`], for all customers of the arms that are shown.
    ///
    /// # Errors
    /// None that comes from the data.
    pub fn customers_frame(&self, of: &Campaigns, shop: &Shop<'_>) -> Result<DataFrame> {
        let ids_of = &shop.orders.customers;
        let mut people: Vec<&(Subject, Outcome)> =
            self.people.iter().filter(|(subject, _)| of.study.is_shown(subject.arm)).collect();
        people.sort_by_cached_key(|(subject, outcome)| {
            (subject.arm, Reverse(outcome.net), ids_of.text(subject.customer))
        });
        let rows: Vec<Listed> = people.iter().map(|one| Listed::of(one, None)).collect();
        of.customers_frame(&rows, ids_among(ids_of, &people)?)
    }

    /// As [`Campaigns::not_joined_frame`], for all customers whom it is about.
    ///
    /// # Errors
    /// None that comes from the data.
    pub fn not_joined_frame(&self, of: &Campaigns, shop: &Shop<'_>) -> Result<DataFrame> {
        let ids_of = &shop.orders.customers;
        let opted_out = shop.customers().and_then(validity::opted_out);
        let is_wanted = |(subject, outcome): &&(Subject, Outcome)| {
            of.study.is_shown(subject.arm)
                && of.arm(subject.arm).is_drawn
                && subject.messages > 0
                && !outcome.has_ordered_since
        };
        let mut people: Vec<&(Subject, Outcome)> = self.people.iter().filter(is_wanted).collect();
        people.sort_by_cached_key(|(subject, _)| (subject.arm, ids_of.text(subject.customer)));
        let rows: Vec<Listed> = people.iter().map(|one| Listed::of(one, opted_out.as_ref())).collect();
        of.not_joined_frame(&rows, ids_among(ids_of, &people)?)
    }

    /// As [`Campaigns::products_frame`].
    ///
    /// # Errors
    /// None that comes from the data.
    pub fn products_frame(&self, of: &Campaigns, shop: &Shop<'_>) -> Result<DataFrame> {
        of.products_frame(&self.bought, &shop.orders.items)
    }
}

fn ids_among(ids_of: &CustomerIds, people: &[&(Subject, Outcome)]) -> Result<StringChunked> {
    let codes: Vec<CustomerCode> = people.iter().map(|(subject, _)| subject.customer).collect();
    ids(ids_of, &codes)
}

impl Listed {
    /// From a subject and its outcome.
    fn of((subject, outcome): &(Subject, Outcome), opted_out: Option<&OptedOut<'_>>) -> Self {
        Self {
            arm: subject.arm,
            sent_on: subject.from.0,
            last_on: subject.last_day,
            is_in_figures: subject.counts(),
            messages: u64::from(subject.messages),
            is_delivered: subject.delivered.map(|of| of > 0),
            cost: subject.cost,
            orders: u64::from(outcome.orders),
            net: outcome.net,
            first_day: outcome.first_day,
            unpaid_orders: u64::from(outcome.unpaid_orders),
            before: outcome.before,
            is_opted_out: opted_out.and_then(|of| of.says(subject.customer)),
        }
    }
}

impl Campaigns {
    /// One row per customer and campaign. Customers of one arm are sorted by what they spent, the most first:
    /// `campaign_id`, `arm`, `customer_id`, `sent_on`, `last_on` (the last day on which orders count), `is_in_figures`,
    /// `message_count`, `is_delivered`, `cost`, `order_count`, `net_amount`, `first_ordered_on`, `unpaid_order_count`,
    /// `net_amount_year_before` (of the 365 days before).
    pub fn customers_frame(&self, rows: &[Listed], ids: StringChunked) -> Result<DataFrame> {
        let mut columns = self.of_customers(rows, ids);
        columns.extend([
            flags(names::IS_IN_FIGURES, rows.iter().map(|of| Some(of.is_in_figures))),
            counts(names::MESSAGE_COUNT, rows.iter().map(|of| Some(of.messages))),
            flags(names::IS_DELIVERED, rows.iter().map(|of| of.is_delivered)),
            amounts(names::COST, rows.iter().map(|of| of.cost)),
            counts(names::ORDER_COUNT, rows.iter().map(|of| Some(of.orders))),
            amounts(names::NET_AMOUNT, rows.iter().map(|of| Some(of.net))),
            dates(names::FIRST_ORDERED_ON, rows.iter().map(|of| of.first_day)),
            unpaid(rows),
            amounts(names::NET_AMOUNT_YEAR_BEFORE, rows.iter().map(|of| Some(of.before))),
        ]);
        frame(columns)
    }

    /// One row per customer who was sent something and has not ordered up to the as-of day, for a second notice:
    /// `campaign_id`, `arm`, `customer_id`, `sent_on`, `last_on`, `message_count`, `is_delivered`,
    /// `unpaid_order_count`, `is_opted_out` (null if no customer list says it). A customer with an unpaid order is
    /// rather to be asked for the payment.
    pub fn not_joined_frame(&self, rows: &[Listed], ids: StringChunked) -> Result<DataFrame> {
        let mut columns = self.of_customers(rows, ids);
        columns.extend([
            counts(names::MESSAGE_COUNT, rows.iter().map(|of| Some(of.messages))),
            flags(names::IS_DELIVERED, rows.iter().map(|of| of.is_delivered)),
            unpaid(rows),
            flags(names::IS_OPTED_OUT, rows.iter().map(|of| of.is_opted_out)),
        ]);
        frame(columns)
    }

    /// One row per arm and product that its customers bought within their days, the product with the most orders first:
    /// `campaign_id`, `arm`, `product_id`, `title`, `order_count`, `customer_count`, `quantity`, `amount`.
    pub fn products_frame(&self, bought: &[Bought], items: &Items) -> Result<DataFrame> {
        let mut rows: Vec<&Bought> = bought.iter().collect();
        // Numbers of products are in the order of ids and titles.
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

    fn of_customers(&self, rows: &[Listed], ids: StringChunked) -> Vec<Column> {
        let mut columns = self.named(rows.iter().map(|of| of.arm));
        columns.extend([
            ids.into_column(),
            dates(names::SENT_ON, rows.iter().map(|of| Some(of.sent_on))),
            dates(names::LAST_ON, rows.iter().map(|of| Some(of.last_on))),
        ]);
        columns
    }
}

fn unpaid(rows: &[Listed]) -> Column {
    counts(names::UNPAID_ORDER_COUNT, rows.iter().map(|of| Some(of.unpaid_orders)))
}
