//! The groups that customers' repurchases are told apart by: what their first order held, where it went, or their
//! lifecycle segment.

use polars::prelude::Column;

use super::RepurchaseParams;
use crate::metrics::baskets::{Baskets, Categories};
use crate::metrics::finish::texts;
use crate::metrics::histories::{History, PartColumns};
use crate::metrics::products::product_columns;
use crate::metrics::region::{Groups, Level};
use crate::metrics::segment::{SEGMENTS, SegmentParams};
use crate::schema::{Items, Orders, names};

/// What customers are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// By the products of the first order; a customer can be in several groups.
    Product,
    /// By the categories of these.
    Category,
    /// By the province of the first order.
    Province,
    /// By the lifecycle segment now.
    Segment,
}

/// Number of a group.
pub type Group = u32;

/// The group of customers of whom the inputs do not say it.
const UNKNOWN: Group = u32::MAX;

/// The groups of a shop.
#[derive(Debug)]
pub(super) struct Grouping {
    by: Option<By>,
    as_of: i32,
    segments: SegmentParams,
    items: Items,
    categories: Categories,
    places: Groups,
}

impl Grouping {
    pub fn new(orders: &Orders, params: &RepurchaseParams, as_of: i32) -> Self {
        // Names only: the lines stay with the orders.
        let products = match params.by {
            Some(By::Product) => orders.items.products.clone(),
            _ => Vec::new(),
        };
        Self {
            by: params.by,
            as_of,
            segments: params.segments,
            items: Items::new(products, Vec::new()),
            categories: Categories::of(&orders.items),
            places: Groups::new(&orders.regions, Level::Province),
        }
    }

    /// The groups of a customer.
    pub fn of(
        &self,
        orders: &Orders,
        columns: &PartColumns,
        history: &History<'_>,
        baskets: &mut Baskets,
    ) -> Vec<Group> {
        let first = history.orders().next();
        let found = match self.by {
            None => return Vec::new(),
            Some(By::Segment) => {
                let stage =
                    self.segments.stage(self.as_of - history.last_day(), history.orders().count() as u32);
                vec![Group::from(stage)]
            }
            Some(By::Province) => {
                first.and_then(|order| self.places.known(columns.region(order.row))).into_iter().collect()
            }
            Some(by) => {
                baskets.fill(orders, columns, history);
                match (baskets.first(), by) {
                    (None, _) => Vec::new(),
                    (Some(items), By::Product) => items.iter().map(|item| item.product).collect(),
                    (Some(items), _) => self.categories.distinct(items),
                }
            }
        };
        if found.is_empty() { vec![UNKNOWN] } else { found }
    }

    pub fn is_unknown(&self, group: Group) -> bool {
        group == UNKNOWN
    }

    /// The columns that name groups; none for all customers.
    pub fn columns(&self, groups: impl Iterator<Item = Option<Group>> + Clone) -> Vec<Column> {
        let groups = groups.map(|group| group.unwrap_or(UNKNOWN));
        match self.by {
            None => Vec::new(),
            Some(By::Product) => product_columns(
                &self.items,
                groups.map(|group| group as usize),
                [names::PRODUCT_ID, names::TITLE],
            ),
            Some(By::Category) => {
                let name = |group: Group| self.categories.names.get(group as usize).cloned();
                vec![texts(names::CATEGORY, groups.map(name))]
            }
            Some(By::Province) => {
                vec![texts(names::PROVINCE, groups.map(|group| self.places.province(group)))]
            }
            Some(By::Segment) => {
                let name = |group: Group| SEGMENTS.get(group as usize).map(|name| (*name).to_owned());
                vec![texts(names::SEGMENT, groups.map(name))]
            }
        }
    }
}
