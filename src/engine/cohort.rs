//! Cohorts by calendar period on an engine.

use super::render::Values;
use super::{Ground, OnEngine, Rows, ShopOn, Statement};
use crate::error::{Error, Result};
use crate::metrics::calendar::Period;
use crate::metrics::cohort::{Cell, Kind, Sums, of_sums};
use crate::questions::{Answer, Cohort};
use crate::schema::names;

impl OnEngine for Cohort {
    fn check(&self) -> Result<()> {
        period(self).map(|_| ())
    }

    fn statements(&self, ground: &Ground) -> Result<Vec<Statement>> {
        Ok(vec![ground.left_out_followed()?, cells(ground, period(self)?)?])
    }

    fn answer_on(&self, shop: &ShopOn<'_>) -> Result<Answer> {
        let (ground, by) = (&shop.ground, period(self)?);
        let accounting = shop.accounting(&ground.left_out_followed()?)?;
        let sums = sums(&shop.rows(&cells(ground, by)?)?)?;
        let cohorts = of_sums(&sums, by, ground.scope.as_of, shop.first_day, accounting)?;
        Ok(self.of_periods(cohorts, shop.scope()))
    }
}

fn period(question: &Cohort) -> Result<Period> {
    match question.by.kind() {
        Kind::Period(period) => Ok(period),
        Kind::First(_) => Err(Error::usage_of("engine_first_orders", &[])),
    }
}

fn cells(ground: &Ground, by: Period) -> Result<Statement> {
    let period = |day: &str| ground.dialect.period(by, day);
    let values = Values::from([
        ("cohort_period", period("first_ordered_on")),
        ("document_period", period("ordered_on")),
        ("is_asked", ground.is_asked()),
    ]);
    ground.all_time().statement_with("cohort", values)
}

fn sums(rows: &Rows) -> Result<Sums> {
    let places = rows.numbers::<i32>(names::COHORT)?.into_iter().zip(rows.numbers::<i32>(names::PERIOD)?);
    let customers = rows.numbers::<u64>(names::CUSTOMER_COUNT)?;
    let net = rows.numbers::<i128>(names::NET_AMOUNT)?;
    let mut sums = Sums { orders: rows.numbers::<u64>(names::ORDER_COUNT)?.iter().sum(), ..Sums::default() };
    for (place, (customers, net)) in places.zip(customers.into_iter().zip(net)) {
        // Every customer has an order in period 0.
        sums.customers += if place.1 == 0 { customers } else { 0 };
        sums.cells.insert(place, Cell { customers, net });
    }
    Ok(sums)
}
