//! The data that providers fill columns from.

use std::cell::OnceCell;
use std::ops::Deref;

use polars::prelude::*;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::metrics::customer_facts::{AnyOrders, Standing, customer_facts_and};
use crate::metrics::finish::ids;
use crate::metrics::group_map::GroupMap;
use crate::metrics::habits::{Habits, habits};
use crate::metrics::origins::Ordered;
use crate::metrics::predict::{PredictParams, Predicted, predict};
use crate::metrics::repurchase::ChurnRule;
use crate::metrics::rfm::{Grouping, RfmParams, Scoring};
use crate::metrics::segment::SegmentParams;
use crate::metrics::value::ValueParams;
use crate::metrics::{CustomerFacts, Scope};
use crate::reading::Hand;
use crate::regions::Region;
use crate::schema::accounting::Accounting;
use crate::schema::parts::Rows;
use crate::schema::{CustomerCode, CustomerIds, Customers, Day, Events, Holds, Orders, Sends, names, orders};

/// The settings of the analyses whose results are columns.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The limits of the lifecycle segments.
    pub segment: SegmentParams,
    /// How RFM scores and groups are given.
    pub rfm: RfmParams,
    /// The limits of the value classes, and from which discount on it counts as deep.
    pub value: ValueParams,
    /// After how long without an order a customer counts as lost.
    pub churn: ChurnRule,
    /// Within how many days before and after the expected day an order counts as due.
    pub due_days: u32,
    /// How many of a customer's own gaps between orders the usual gap counts as much as.
    pub weight: u32,
    /// The forecast model, and how far its forecasts reach.
    pub predict: PredictParams,
}

impl Default for Settings {
    /// The settings that hold if nothing is configured.
    fn default() -> Self {
        let grouping = Grouping::Map(GroupMap::standard(USUAL_BINS));
        Self {
            segment: SegmentParams::default(),
            rfm: RfmParams { scoring: Scoring::Quantile, bins: USUAL_BINS, grouping },
            value: ValueParams::default(),
            churn: ChurnRule::default(),
            due_days: 7,
            weight: 2,
            predict: PredictParams::default(),
        }
    }
}

/// The highest score if nothing else is configured.
const USUAL_BINS: u8 = 5;

/// The tables that were read.
#[derive(Clone)]
pub struct Tables<'a> {
    /// The customer ids by code.
    pub ids: &'a CustomerIds,
    /// The orders.
    pub orders: AnyOrders<'a>,
    /// Whether any file holds orders.
    pub has_orders: bool,
    /// The headers in files of orders from which no field is read.
    pub order_headers: Vec<String>,
    /// The events of customers.
    pub events: Option<&'a Events>,
    /// The customer lists.
    pub customers: Option<&'a Customers>,
    /// The messages that customers were sent.
    pub sends: Option<&'a Sends>,
    /// The content of the hand-kept files.
    pub hand: &'a Hand,
    /// How many rows of the inputs were read and left out, before the rules on orders.
    pub accounting: Accounting,
}

/// All people whom any input names, with what is known about them. They are the rows of the customer table: first the
/// buyers by net amount, the greatest first, then all others by id.
pub struct Ground<'a> {
    tables: Tables<'a>,
    /// Which orders count.
    pub scope: Scope,
    /// The settings of the analyses.
    pub settings: &'a Settings,
    /// The facts of the buyers, which are the first rows, and how many rows of orders each rule left out.
    pub facts: CustomerFacts,
    /// The code of each row's person.
    codes: Vec<CustomerCode>,
    buyer_count: usize,
    /// By code, what a person's orders say about them. `is_named` is also set for people with an event up to the as-of
    /// day.
    standing: Vec<Standing>,
    /// The ids of the rows.
    texts: OnceCell<StringChunked>,
    /// The row of each person in the customer list.
    listed: OnceCell<IdxCa>,
    /// By code, values that several groups of columns use; computed when they are first needed.
    habits: OnceCell<Vec<Option<Habits>>>,
    ordered: OnceCell<Vec<Ordered>>,
    forecast: OnceCell<Predicted>,
}

impl<'a> Deref for Ground<'a> {
    type Target = Tables<'a>;

    fn deref(&self) -> &Tables<'a> {
        &self.tables
    }
}

impl<'a> Ground<'a> {
    /// Computes the facts of the buyers and collects all other people.
    pub fn new(tables: Tables<'a>, scope: Scope, settings: &'a Settings) -> Result<Self> {
        let Tables { ids, orders, events, customers, sends, ref accounting, .. } = tables;
        let also = |rows: &Rows<'_>, rules: &[u8]| {
            // Regions and sources are only read if somebody asks where people live or came from.
            let says_places = !rows.region.is_empty() || rows.further.is_some();
            let ordered = says_places.then(|| Ordered::of_rows(rows, rules, &scope));
            (rows.base as usize, Standing::of_rows(rows, rules, &scope), ordered)
        };
        let (facts, parts) = customer_facts_and(orders, &scope, accounting, also)?;
        let mut standing = vec![Standing::default(); ids.len()];
        let mut ordered = Vec::new();
        for (base, of_part, ordered_of_part) in parts {
            standing[base..base + of_part.len()].copy_from_slice(&of_part);
            if let Some(of_part) = ordered_of_part {
                ordered.resize(ids.len(), Ordered::NOTHING);
                ordered[base..base + of_part.len()].copy_from_slice(&of_part);
            }
        }
        // For sorted orders this is computed from the histories when it is first needed.
        let ordered = if ordered.is_empty() { OnceCell::new() } else { OnceCell::from(ordered) };
        let facts = facts.listed(ids)?;
        let buyers = facts.frame()?;
        let codes = buyers.column(orders::CUSTOMER)?.u32()?.iter().flatten();
        let mut codes: Vec<CustomerCode> = codes.map(CustomerCode::new).collect();
        let buyer_count = codes.len();
        // Without an as-of day there may still be events, which were read only for a condition.
        let last = scope.known_day().unwrap_or(Day::AFTER_ALL);
        if let Some(events) = events {
            let days = events.days().iter().copied().map(Day::new);
            let seen = events.table().codes().zip(days).filter(|(_, day)| *day <= last);
            seen.for_each(|(code, _)| standing[code.place()].is_named = true);
        }
        let mut is_person: Vec<bool> = standing.iter().map(|standing| standing.is_named).collect();
        customers.iter().flat_map(|list| list.codes()).for_each(|code| is_person[code.place()] = true);
        sends.iter().flat_map(|sends| sends.codes()).for_each(|code| is_person[code.place()] = true);
        codes.iter().for_each(|code| is_person[code.place()] = false);
        let mut rest: Vec<(String, CustomerCode)> =
            ids.codes().filter(|code| is_person[code.place()]).map(|code| (ids.text(code), code)).collect();
        rest.par_sort_unstable();
        codes.extend(rest.into_iter().map(|(_, code)| code));
        Ok(Self {
            tables,
            scope,
            settings,
            facts,
            codes,
            buyer_count,
            standing,
            texts: OnceCell::new(),
            listed: OnceCell::new(),
            habits: OnceCell::new(),
            ordered,
            forecast: OnceCell::new(),
        })
    }

    /// The number of people.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are no people.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The code of the person in each row.
    pub fn codes(&self) -> &[CustomerCode] {
        &self.codes
    }

    /// The as-of day.
    pub fn as_of(&self) -> Day {
        self.scope.as_of
    }

    /// By code, what a person's orders say about them. `is_named` is also set for people with an event up to the as-of
    /// day.
    pub fn standing(&self) -> &[Standing] {
        &self.standing
    }

    /// The sorted orders. They are only available if some column needs each customer's history.
    ///
    /// # Errors
    /// When no column needs them, which is a defect.
    pub fn in_order(&self) -> Result<&'a Orders> {
        match self.orders {
            AnyOrders::InOrder(orders) => Ok(orders),
            AnyOrders::AsTheyCame(_) => Err(Error::Internal("nobody asked for orders in order".into())),
        }
    }

    /// By code, the buying habits of each person.
    ///
    /// # Errors
    /// The errors of [`Self::in_order`].
    pub fn habits(&self) -> Result<&[Option<Habits>]> {
        Ok(cached(&self.habits, || {
            let mut by_code = vec![None; self.ids.len()];
            for (code, habits) in habits(self.in_order()?, &self.scope)? {
                by_code[code.place()] = Some(habits);
            }
            Ok(by_code)
        })?)
    }

    /// The forecasts for the buyers.
    ///
    /// # Errors
    /// Data that no model fits, with a hint at what to do; the errors of [`Self::in_order`].
    pub fn forecast(&self) -> Result<&Predicted> {
        let params = &self.settings.predict;
        cached(&self.forecast, || predict(self.in_order()?, &self.scope, params, self.accounting.clone()))
    }

    /// Refuses columns that cannot be filled, for answers that depend on their values.
    ///
    /// # Errors
    /// The errors of [`Self::forecast`], if one of the columns is a forecast.
    pub fn require<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Result<()> {
        match names.into_iter().any(super::is_forecast) {
            true => self.forecast().map(drop),
            false => Ok(()),
        }
    }

    /// By code, what the orders of all time say about where a person lives and came from.
    ///
    /// # Errors
    /// Those of polars.
    pub fn ordered(&self) -> Result<&[Ordered]> {
        Ok(cached(&self.ordered, || Ordered::of_all(self.orders, &self.scope.all_time(), self.ids.len()))?)
    }

    /// Whether some buyers are known only by e-mail address or phone number.
    pub fn ids_are_personal(&self) -> bool {
        match self.orders {
            AnyOrders::InOrder(orders) => orders.ids_are_personal,
            AnyOrders::AsTheyCame(orders) => orders.ids_are_personal,
        }
    }

    /// Whether no order has an amount.
    pub fn lacks_amounts(&self) -> bool {
        match self.orders {
            AnyOrders::InOrder(orders) => orders.lacks_amounts,
            AnyOrders::AsTheyCame(orders) => orders.lacks_amounts,
        }
    }

    /// The regions of the orders by number; empty unless they were asked for.
    pub fn regions(&self) -> &'a [Region] {
        match self.orders {
            AnyOrders::InOrder(orders) => &orders.regions,
            AnyOrders::AsTheyCame(orders) => &orders.regions,
        }
    }

    /// The sources of the orders by number; empty unless they were asked for.
    pub fn sources(&self) -> &'a [String] {
        match self.orders {
            AnyOrders::InOrder(orders) => &orders.sources,
            AnyOrders::AsTheyCame(orders) => &orders.sources,
        }
    }

    /// The title of a product, or its id if it has no title.
    pub fn product(&self, number: u32) -> Option<String> {
        let AnyOrders::InOrder(orders) = self.orders else { return None };
        let product = orders.items.products.get(number as usize)?;
        let name = if product.title.is_empty() { &product.id } else { &product.title };
        Some(name.clone()).filter(|name| !name.is_empty())
    }

    /// A column of nulls, in the column's usual type.
    pub fn nothing(&self, name: &'static str) -> Column {
        let holds = super::find(name).map_or(Holds::Text, |(_, spec)| spec.kind.into());
        Column::full_null(name.into(), self.len(), &holds.data_type())
    }

    /// The further columns of the customer lists, each with the type of its values.
    pub fn further(&self) -> Vec<(String, Holds)> {
        let kind = |name: &String| Some((name.clone(), Holds::of(self.customers?.column(name)?.dtype())?));
        self.customers.iter().flat_map(|list| list.attributes()).filter_map(kind).collect()
    }

    /// A further column with one value per row; none if there is no such column.
    ///
    /// # Errors
    /// Those of polars.
    pub(super) fn further_column(&self, name: &str) -> Result<Option<Column>> {
        let is_one = self.customers.is_some_and(|list| list.attributes().iter().any(|other| other == name));
        if is_one { self.of_list(name) } else { Ok(None) }
    }

    /// A column of the customer list with one value per row, null for people who are not on the list. `None` if no list
    /// has the column.
    ///
    /// # Errors
    /// Those of polars.
    pub fn of_list(&self, name: &str) -> Result<Option<Column>> {
        let Some((list, column)) = self.customers.and_then(|list| Some((list, list.column(name)?))) else {
            return Ok(None);
        };
        let place = |code: &CustomerCode| list.row(*code).map(|row| row as IdxSize);
        let places = self
            .listed
            .get_or_init(|| IdxCa::from_iter_options("place".into(), self.codes.iter().map(place)));
        Ok(Some(column.take(places)?))
    }

    /// The ids of the rows.
    pub fn texts(&self) -> Result<&StringChunked> {
        cached(&self.texts, || {
            let mut texts = self.facts.frame()?.column(names::CUSTOMER_ID)?.str()?.clone();
            texts.append_owned(ids(self.ids, &self.codes[self.buyer_count..])?)?;
            Ok(texts)
        })
    }

    /// A column of the table from one with a value per buyer, in the order of the facts; null for all other people.
    pub fn of_buyers(&self, column: Column) -> Result<Column> {
        let others = self.codes.len() - self.buyer_count;
        if others == 0 {
            return Ok(column);
        }
        let mut column = column;
        column.append_owned(Column::full_null(column.name().clone(), others, column.dtype()))?;
        Ok(column)
    }

    /// Values by code, in the order of the rows.
    pub fn of_codes<'v, T: Copy>(&'v self, values: &'v [T]) -> impl ExactSizeIterator<Item = T> + 'v {
        self.codes.iter().map(|code| values[code.place()])
    }
}

/// The value of a cell, computed when it is first needed.
fn cached<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if let Some(known) = cell.get() {
        return Ok(known);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}
