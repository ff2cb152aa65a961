//! Which customers bring most of the net amount or margin.

use polars::prelude::DataFrame;
use serde_json::{Map, json};

use super::{About, Answer, Asked, Question, Rest};
use crate::answer::{Chart, Kind, Spec, Table};
use crate::customers::listed;
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::value::{self as metric, Basis, Figures, ValueParams, WHOLE, value};
use crate::reading::Ingested;
use crate::schema::{RowParts, Wants, names, ranges};

/// Classes of customers by contribution, and how concentrated the contribution is.
#[derive(Debug)]
pub struct Value {
    /// The limits of the classes.
    pub params: ValueParams,
    /// Whether customers are listed, one per row.
    pub lists: bool,
}

impl Question for Value {
    const ABOUT: About =
        About::of_spending("value").writing(&["classes", "concentration", "lorenz", "customers"]);

    fn wants(&self) -> Wants {
        Wants { prices: true, costs: true, ..Wants::default() }
    }

    fn takes_orders_as_they_came(&self, _: &Ingested<RowParts>) -> bool {
        true
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { mut read, came, scope, .. } = asked;
        let params = &self.params;
        // The orders are no longer needed, so their memory is freed for the tables.
        let (mut ranked, customers) = match came {
            Some(orders) => (value(&orders, &scope, params, read.accounting)?, orders.customers),
            None => {
                let ranked = value(&read.orders, &scope, params, read.accounting)?;
                read.orders.parts = Default::default();
                (ranked, read.orders.customers)
            }
        };
        let rest = Rest {
            as_of: scope.known_day(),
            window: scope.window,
            customer_count: ranked.customer_count(),
            order_count: ranked.order_count,
            accounting: std::mem::take(&mut ranked.accounting),
        };
        match self.lists {
            true => Ok(self.listed(&ranked, ranked.customers(&customers)?, rest)),
            false => self.summed(&ranked.figures(), rest),
        }
    }
}

impl Value {
    /// The answer without a list, from figures that ecrm or an engine computed.
    ///
    /// # Errors
    /// Those of polars.
    pub fn summed(&self, figures: &Figures, rests_on: Rest) -> Result<Answer> {
        Ok(self.with(tables(figures)?, figures.basis, rests_on))
    }

    /// The answer as a list of customers.
    pub fn listed(&self, ranked: &metric::Value, list: DataFrame, rests_on: Rest) -> Answer {
        let columns = customer_columns(ranked.basis.by_margin);
        self.with(vec![Table::new("customers", "customers", columns, list)], ranked.basis, rests_on)
    }

    fn with(&self, tables: Vec<Table>, basis: Basis, rests_on: Rest) -> Answer {
        let mut notes = Vec::new();
        if !basis.has_full_price && rests_on.order_count > 0 {
            notes.push(Remark::new("no_full_price"));
        }
        if basis.costless_count > 0 {
            notes.push(Remark::new("no_cost").with("n", basis.costless_count));
        }
        let part = |share: u32| f64::from(share) / f64::from(WHOLE);
        let parameters = Map::from_iter([
            ("core".to_owned(), json!(part(self.params.core))),
            ("potential".to_owned(), json!(part(self.params.potential))),
            ("deep_discount".to_owned(), json!(part(self.params.deep_discount))),
            ("contribution".to_owned(), json!(if basis.by_margin { "margin" } else { "net_amount" })),
        ]);
        Answer { notes, ..rests_on.answer(tables, parameters) }
    }
}

fn tables(figures: &Figures) -> Result<Vec<Table>> {
    let share = if figures.basis.by_margin { names::MARGIN_SHARE } else { names::NET_SHARE };
    Ok(vec![
        Table::new("classes", "classes", class_columns(figures.basis.by_margin), figures.summary()?)
            .with_chart(Chart::Bars {
                label: &[names::CLASS],
                value: names::CUSTOMER_COUNT,
                beside: Some(share),
            }),
        Table::new("concentration", "measures", measure_columns(), figures.concentration()?),
        Table::new(
            "lorenz",
            "steps",
            vec![Spec::new(names::CUSTOMER_SHARE, Kind::Share, 0), Spec::new(share, Kind::Bar, 0)],
            figures.lorenz()?,
        )
        .with_chart(Chart::Lorenz { x: names::CUSTOMER_SHARE, y: share }),
    ])
}

fn measure_columns() -> Vec<Spec> {
    let mut columns = vec![Spec::new(names::MEASURE, Kind::Label("measure"), 0)];
    columns.extend(Spec::ranged(ranges::VALUE, Kind::Share, 0));
    columns
}

fn class_columns(by_margin: bool) -> Vec<Spec> {
    let mut columns = vec![
        Spec::new(names::CLASS, Kind::Label("class"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_SHARE, Kind::Bar, 1),
        Spec::new(names::ORDER_COUNT, Kind::Count, 5),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::NET_SHARE, Kind::Share, 0),
    ];
    if by_margin {
        columns.push(Spec::new(names::MARGIN, Kind::Amount, 0));
        columns.push(Spec::new(names::MARGIN_SHARE, Kind::Share, 0));
    }
    columns.extend([
        Spec::new(names::AOV, Kind::Amount, 4),
        Spec::new(names::SPEND_PER_CUSTOMER, Kind::Amount, 3),
        Spec::new(names::PROMOTION_ONLY_COUNT, Kind::Count, 2),
    ]);
    columns
}

fn customer_columns(by_margin: bool) -> Vec<Spec> {
    let mut columns = vec![
        listed(names::CUSTOMER_ID, 0),
        listed(names::LAST_ORDERED_ON, 6),
        listed(names::RECENCY_DAYS, 4),
        listed(names::ORDER_COUNT, 2),
        listed(names::NET_AMOUNT, 0),
    ];
    if by_margin {
        columns.push(Spec::new(names::MARGIN, Kind::Amount, 0));
    }
    columns.extend([
        listed(names::CLASS, 0),
        Spec::new(names::CUMULATIVE_SHARE, Kind::Share, 1),
        Spec::new(names::DEEP_DISCOUNT_ORDER_COUNT, Kind::Count, 5),
        Spec::new(names::IS_PROMOTION_ONLY, Kind::Flag, 3),
    ]);
    columns
}
