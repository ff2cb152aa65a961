//! Whether customers come back, by the period of their first order or by what that order was.

use serde_json::{Map, Value, json};

use super::{About, Answer, Asked, Question};
use crate::answer::{Grid, Kind, Look, Spec, Table};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::metrics::cohort::{By, Cohorts, HORIZONS, Kind as Of, cohort, cohort_by_first};
use crate::metrics::firsts::{First, Firsts, Sale};
use crate::metrics::value::ValueParams;
use crate::reading::Ingested;
use crate::schema::{Orders, RowParts, Wants, names, ranges};

/// Cohorts by the first order.
#[derive(Debug)]
pub struct Cohort {
    /// What the customers of one cohort have in common.
    pub by: By,
    /// The figure that the heat map shows; `None` for the usual one.
    pub show: Option<Show>,
    /// The limits that define a deep discount.
    pub value: ValueParams,
    /// The sales that the shop has named.
    pub sales: Vec<Sale>,
}

/// What the cells of the heat map show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Show {
    /// Part of the cohort that ordered in the period; of a kind of first order, part that has ordered again by then.
    Retention,
    /// Customers who ordered in the period; of a kind of first order, those old enough.
    #[value(name = names::CUSTOMER_COUNT)]
    CustomerCount,
    /// Net amount of the period; of a kind of first order, up to then.
    #[value(name = names::NET_AMOUNT)]
    NetAmount,
    /// Net amount so far per customer of the cohort.
    #[value(name = names::CUMULATIVE_PER_CUSTOMER)]
    CumulativePerCustomer,
}

impl Question for Cohort {
    const ABOUT: About = About::of_buyers("cohort").writing(&["cohort"]);

    fn wants(&self) -> Wants {
        match self.by.kind() {
            Of::Period(_) => Wants::default(),
            Of::First(first) => super::first_wants(first),
        }
    }

    fn takes_orders_as_they_came(&self, _: &Ingested<RowParts>) -> bool {
        matches!(self.by.kind(), Of::Period(_))
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { read, came, scope, .. } = asked;
        let accounting = || read.accounting.clone();
        match self.by.kind() {
            Of::Period(period) => {
                let cohorts = match &came {
                    Some(orders) => cohort(orders, &scope, period, accounting()),
                    None => cohort(&read.orders, &scope, period, accounting()),
                };
                Ok(self.of_periods(cohorts?, &scope))
            }
            Of::First(first) => self.of_firsts(&read, &scope, first),
        }
    }
}

impl Cohort {
    /// The answer for cohorts by calendar period, whether ecrm or an engine computed them.
    pub fn of_periods(&self, cohorts: Cohorts, scope: &Scope) -> Answer {
        let table = Table::new("cohort", "cohorts", period_columns(), cohorts.frame).with_grid(Grid {
            row: names::COHORT,
            column: names::PERIOD,
            value: self.show.unwrap_or(Show::Retention).column(),
            beside: Some(names::COHORT_CUSTOMER_COUNT),
            look: Look::Numbers,
        });
        let begins = cohorts.begins_history;
        Answer {
            tables: vec![table],
            parameters: self.parameters(),
            notes: begins.map(|day| Remark::new("cohort_begins").with("day", day)).into_iter().collect(),
            as_of: scope.known_day(),
            window: scope.window,
            customer_count: cohorts.customer_count,
            order_count: cohorts.order_count,
            accounting: cohorts.accounting,
            ..Answer::default()
        }
    }

    fn of_firsts(&self, read: &Ingested, scope: &Scope, first: First) -> Result<Answer> {
        let as_of = scope.as_of;
        let firsts = Firsts::new(&read.shop(), first, &self.value, &self.sales, as_of);
        let cohorts = cohort_by_first(&read.orders, scope, &firsts, read.accounting.clone())?;
        let groups = super::first_columns(first);
        // Titles label the rows if every product has a title and no two have the same.
        let tells_apart = |spec: &&Spec| {
            cohorts.frame.column(spec.name).is_ok_and(|column| {
                let distinct = column.n_unique().unwrap_or(0);
                column.null_count() == 0 && distinct * HORIZONS.len() == column.len()
            })
        };
        let row = groups
            .iter()
            .rev()
            .find(tells_apart)
            .or(groups.first())
            .map_or(names::PRODUCT_ID, |spec| spec.name);
        let columns = [groups, first_columns()].concat();
        let table = Table::new("cohort", "cohorts", columns, cohorts.frame).with_grid(Grid {
            row,
            column: names::HORIZON_DAYS,
            value: self.show.unwrap_or(Show::CumulativePerCustomer).column(),
            beside: Some(names::COHORT_CUSTOMER_COUNT),
            look: Look::Numbers,
        });
        Ok(Answer {
            tables: vec![table],
            parameters: self.parameters(),
            notes: lacking(&read.orders, first, &firsts).into_iter().collect(),
            as_of: scope.known_day(),
            window: scope.window,
            customer_count: cohorts.customer_count,
            order_count: cohorts.order_count,
            accounting: cohorts.accounting,
            ..Answer::default()
        })
    }

    fn parameters(&self) -> Map<String, Value> {
        Map::from_iter([("by".to_owned(), json!(self.by))])
    }
}

/// The remark for inputs that lack the column by which first orders would be grouped.
pub(super) fn lacking(orders: &Orders, first: First, firsts: &Firsts<'_>) -> Option<Remark> {
    match first {
        First::Product | First::Category if !orders.has_items => Some(Remark::new("no_items")),
        First::Province if !orders.has_region_column => Some(Remark::new("no_place_column")),
        First::Discount if !orders.has_full_price => Some(Remark::new("no_full_price_first")),
        First::Refund if !orders.says_refunds => Some(Remark::new("no_refunds_first")),
        First::Source if !firsts.has_names() => Some(Remark::new("sources_unknown")),
        First::Coupon if !firsts.has_coupons() => Some(Remark::new("no_coupons")),
        _ => None,
    }
}

impl Show {
    fn column(self) -> &'static str {
        match self {
            Self::Retention => names::RETENTION,
            Self::CustomerCount => names::CUSTOMER_COUNT,
            Self::NetAmount => names::NET_AMOUNT,
            Self::CumulativePerCustomer => names::CUMULATIVE_PER_CUSTOMER,
        }
    }
}

fn period_columns() -> Vec<Spec> {
    let mut columns = vec![
        Spec::new(names::COHORT, Kind::Date, 0),
        Spec::new(names::PERIOD, Kind::Count, 0),
        Spec::new(names::COHORT_CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
    ];
    columns.extend(Spec::ranged(ranges::RETENTION, Kind::Share, 0));
    columns.extend([
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::CUMULATIVE_PER_CUSTOMER, Kind::Amount, 0),
        Spec::new(names::IS_FIRST_OF_HISTORY, Kind::Flag, 0),
    ]);
    columns
}

fn first_columns() -> Vec<Spec> {
    let mut columns = vec![
        Spec::new(names::HORIZON_DAYS, Kind::Count, 0),
        Spec::new(names::COHORT_CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::REPURCHASED_COUNT, Kind::Count, 0),
    ];
    columns.extend(Spec::ranged(ranges::RETENTION, Kind::Share, 0));
    columns.extend([
        Spec::new(names::ORDER_COUNT, Kind::Count, 0),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::CUMULATIVE_PER_CUSTOMER, Kind::Amount, 0),
    ]);
    columns
}
