//! Whether customers come back, by the period of their first order.

use serde_json::{Map, json};

use super::{About, Answer, Asked, Question};
use crate::answer::{Grid, Kind, Look, Spec, Table};
use crate::error::Result;
use crate::metrics::calendar::Period;
use crate::metrics::cohort::cohort;
use crate::schema::names;

/// Cohorts by the period of the first order.
#[derive(Debug)]
pub struct Cohort {
    /// The calendar period.
    pub by: Period,
    /// What a heat map shows.
    pub show: Show,
}

/// What the cells of the heat map show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Show {
    /// Part of the cohort that ordered in the period.
    #[default]
    Retention,
    /// Customers who ordered in the period.
    #[value(name = names::CUSTOMER_COUNT)]
    CustomerCount,
    /// Net amount of the period.
    #[value(name = names::NET_AMOUNT)]
    NetAmount,
    /// Net amount so far per customer of the cohort.
    #[value(name = names::CUMULATIVE_PER_CUSTOMER)]
    CumulativePerCustomer,
}

impl Question for Cohort {
    const ABOUT: About = About::of_buyers("cohort");

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { read, scope, .. } = asked;
        let cohorts = cohort(&read.orders, &scope, self.by, read.accounting)?;
        let table = Table::new("cohort", "cohorts", columns(), cohorts.frame).with_grid(Grid {
            row: names::COHORT,
            column: names::PERIOD,
            value: self.show.column(),
            beside: Some(names::COHORT_CUSTOMER_COUNT),
            look: Look::Numbers,
        });
        Ok(Answer {
            tables: vec![table],
            parameters: Map::from_iter([("by".to_owned(), json!(self.by))]),
            as_of: scope.as_of,
            window: scope.window,
            customer_count: cohorts.customer_count,
            order_count: cohorts.order_count,
            accounting: cohorts.accounting,
            ..Answer::default()
        })
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

fn columns() -> Vec<Spec> {
    vec![
        Spec::new(names::COHORT, Kind::Date, 0),
        Spec::new(names::PERIOD, Kind::Count, 0),
        Spec::new(names::COHORT_CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::RETENTION, Kind::Share, 0),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::CUMULATIVE_PER_CUSTOMER, Kind::Amount, 0),
    ]
}
