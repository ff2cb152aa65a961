//! Groups customers by a property of their first order: what it held, where it went, what brought the customer, or what
//! became of it. Repurchases and values of customers are compared between these groups.

use std::collections::HashMap;

use polars::prelude::Column;

use super::baskets::{Baskets, Categories};
use super::finish::texts;
use super::histories::{Document, History, PartColumns};
use super::origins::{Ordered, Origins, Source};
use super::products::product_columns;
use super::region::{Groups, Level};
use super::value::{ValueParams, is_deep};
use crate::schema::orders::TEXT;
use crate::schema::{Day, Field, Items, Orders, Shop, names};

/// The property of the first order by which customers are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// Its products; a customer can be in several groups.
    Product,
    /// The categories of its products; a customer can be in several groups.
    Category,
    /// The province that it went to.
    Province,
    /// Where the customer came from ([`Origins::source`]).
    Source,
    /// Whether it was at a deep discount.
    Discount,
    /// Whether money of it was refunded.
    Refund,
    /// The coupon that it used.
    Coupon,
    /// The sale on whose days it was; a customer can be in several groups.
    Sale,
}

/// Days on which a shop has a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The shop's name for the sale.
    pub name: String,
    /// The first day, since 1970-01-01.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

/// Number of a group.
pub type Group = u32;

/// The group of customers for whom the inputs do not tell the property.
const UNKNOWN: Group = u32::MAX;

/// The group of customers whose first order used no coupon, or was on no day of a sale.
const NONE: Group = u32::MAX - 1;

/// The key of [`NONE`].
pub const NO_KEY: &str = "none";

/// The keys of the groups of [`First::Discount`] by number: at a deep discount, or not.
pub const DISCOUNTS: [&str; 2] = ["deep", NO_KEY];

/// The keys of the groups of [`First::Refund`] by number: money was refunded, or not.
pub const REFUNDS: [&str; 2] = ["refunded", "kept"];

/// The groups into which a shop's customers are put, by a property of their first orders.
pub struct Firsts<'a> {
    by: First,
    params: ValueParams,
    items: Items,
    categories: Categories,
    places: Groups,
    origins: Option<Origins<'a>>,
    /// The group of each source.
    sources: HashMap<Source, Group>,
    /// The group of each coupon, by the number of its text.
    coupons: Vec<Group>,
    /// Whether any file has a column of coupons.
    names_coupons: bool,
    sales: &'a [Sale],
    /// The names of sources, coupons or sales, ascending; a group's number is the place of its name.
    names: Vec<String>,
}

impl<'a> Firsts<'a> {
    /// The groups for orders up to `as_of`. `params` say what a deep discount is.
    pub fn new(shop: &Shop<'a>, by: First, params: &ValueParams, sales: &'a [Sale], as_of: Day) -> Self {
        let orders = shop.orders;
        // Only the products' names are copied: the lines stay with the orders.
        let products = if by == First::Product { orders.items.products.clone() } else { Vec::new() };
        let origins = (by == First::Source).then(|| Origins::new(shop.into(), as_of));
        let mut firsts = Self {
            by,
            params: *params,
            items: Items::new(products, Vec::new()),
            categories: Categories::of(&orders.items),
            places: Groups::new(&orders.regions, Level::Province),
            origins,
            sources: HashMap::new(),
            coupons: Vec::new(),
            names_coupons: shop.names_coupons,
            sales,
            names: Vec::new(),
        };
        firsts.name(orders);
        firsts
    }

    /// Numbers the sources, coupons or sales by name, in alphabetical order. Sources of the same name are one group,
    /// whichever table names them.
    fn name(&mut self, orders: &Orders) {
        let coupon = Field::CouponCode.name();
        let words = orders.texts.iter().find(|(name, _)| name == coupon).map_or(&[][..], |(_, words)| words);
        let sources: Vec<(Source, String)> = match &self.origins {
            None => Vec::new(),
            Some(origins) => {
                let tables = [Source::Listed, Source::Ordered, Source::Seen, Source::Corrected];
                let of_table = |source: fn(u32) -> Source| {
                    (0..).map(source).map_while(|source| Some((source, origins.source_name(source)?)))
                };
                tables.into_iter().flat_map(of_table).collect()
            }
        };
        let mut names: Vec<String> = match self.by {
            First::Coupon => words.iter().filter(|word| *word != NO_KEY).cloned().collect(),
            First::Sale => self.sales.iter().map(|sale| sale.name.clone()).collect(),
            _ => sources.iter().map(|(_, name)| name.clone()).collect(),
        };
        names.sort_unstable();
        names.dedup();
        let number = |name: &String| names.binary_search(name).map_or(UNKNOWN, |number| number as Group);
        // A coupon that is called like the key of "no coupon" counts as no coupon.
        self.coupons = words.iter().map(|word| if word == NO_KEY { NONE } else { number(word) }).collect();
        self.sources = sources.iter().map(|(source, name)| (*source, number(name))).collect();
        self.names = names;
    }

    /// The groups of a customer; at least one, which may be that of the unknown.
    pub fn of(
        &self,
        orders: &Orders,
        columns: &PartColumns,
        history: &History<'_>,
        baskets: &mut Baskets,
    ) -> Vec<Group> {
        let Some(first) = history.orders().next() else { return vec![UNKNOWN] };
        let found = match self.by {
            First::Product | First::Category => {
                baskets.fill(&orders.items, columns, history);
                match (baskets.first(), self.by) {
                    (None, _) => Vec::new(),
                    (Some(items), First::Product) => items.iter().map(|item| item.product).collect(),
                    (Some(items), _) => self.categories.distinct(items),
                }
            }
            First::Province => self.places.known(columns.region(first.row)).into_iter().collect(),
            First::Source => self.source(columns, history).into_iter().collect(),
            First::Discount => {
                let deep = is_deep(columns.full_price(first.row), first.paid, &self.params);
                deep.map(|is_deep| Group::from(!is_deep)).into_iter().collect()
            }
            First::Refund if !orders.says_refunds => Vec::new(),
            First::Refund => vec![Group::from(!is_given_back(columns, history, first))],
            First::Coupon => vec![self.coupon(columns, first)],
            First::Sale => self.sales_of(first.day),
        };
        if found.is_empty() { vec![UNKNOWN] } else { found }
    }

    fn source(&self, columns: &PartColumns, history: &History<'_>) -> Option<Group> {
        let source = self.origins.as_ref()?.source(history.customer?, &Ordered::of(columns, history))?;
        self.sources.get(&source).copied()
    }

    fn coupon(&self, columns: &PartColumns, order: &Document) -> Group {
        // If no file has a column of coupons, it is unknown whether a coupon was used.
        let unused = if self.names_coupons { NONE } else { UNKNOWN };
        let name = format!("{TEXT}{}", Field::CouponCode.name());
        let number = || columns.part().column(&name).ok()?.u32().ok()?.get(order.row);
        number().and_then(|number| self.coupons.get(number as usize).copied()).unwrap_or(unused)
    }

    fn sales_of(&self, day: Day) -> Vec<Group> {
        let of_day = self.sales.iter().filter(|sale| (sale.from..=sale.to).contains(&day));
        let mut found: Vec<Group> = of_day
            .filter_map(|sale| self.names.binary_search(&sale.name).ok().map(|number| number as Group))
            .collect();
        // A sale may have several spans of days.
        found.sort_unstable();
        found.dedup();
        if found.is_empty() { vec![NONE] } else { found }
    }

    /// The rank by which groups are sorted first: named groups, then the customers who used no coupon or were in no
    /// sale, then the unknown.
    pub fn rank(group: Group) -> u8 {
        match group {
            UNKNOWN => 2,
            NONE => 1,
            _ => 0,
        }
    }

    /// Whether any file has a column of coupons.
    pub fn has_coupons(&self) -> bool {
        self.names_coupons
    }

    /// Whether any source, coupon or sale has a name.
    pub fn has_names(&self) -> bool {
        !self.names.is_empty()
    }

    /// The columns that name groups.
    pub fn columns(&self, groups: impl Iterator<Item = Group> + Clone) -> Vec<Column> {
        let key = |keys: [&str; 2], group: Group| keys.get(group as usize).map(|key| (*key).to_owned());
        let named = |group: Group| match group {
            NONE => Some(NO_KEY.to_owned()),
            group => self.names.get(group as usize).cloned(),
        };
        match self.by {
            First::Product => product_columns(
                &self.items,
                groups.map(|group| group as usize),
                [names::PRODUCT_ID, names::TITLE],
            ),
            First::Category => {
                let name = |group: Group| self.categories.names.get(group as usize).cloned();
                vec![texts(names::CATEGORY, groups.map(name))]
            }
            First::Province => {
                vec![texts(names::PROVINCE, groups.map(|group| self.places.province(group)))]
            }
            First::Source => vec![texts(names::SOURCE, groups.map(named))],
            First::Discount => vec![texts(names::FIRST_DISCOUNT, groups.map(|group| key(DISCOUNTS, group)))],
            First::Refund => vec![texts(names::FIRST_REFUND, groups.map(|group| key(REFUNDS, group)))],
            First::Coupon => vec![texts(names::COUPON_CODE, groups.map(named))],
            First::Sale => vec![texts(names::SALE, groups.map(named))],
        }
    }
}

/// Whether money of a first order was refunded: by its own refund amount, or by a credit note for an order of its day.
fn is_given_back(columns: &PartColumns, history: &History<'_>, first: &Document) -> bool {
    let is_of_first = |document: &Document| columns.order_day(history, document) == Some(first.day);
    first.net < first.paid || history.documents.iter().any(|of| !of.is_order && is_of_first(of))
}
