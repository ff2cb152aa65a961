//! What buyers are likely to do within a horizon.

use serde_json::{Map, json};

use super::{About, Answer, Asked, Question};
use crate::answer::{Kind, Spec, Table};
use crate::customers::listed;
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::predict::{Holdout, MIN_REPEATERS, PredictParams, Predicted, Spent, hold_out, predict};
use crate::schema::{names, ranges};

/// Each buyer's chance of still buying, the expected orders and amounts, and how reliable these forecasts are.
#[derive(Debug)]
pub struct Predict {
    /// The model and the horizon.
    pub params: PredictParams,
    /// How many days before the as-of day a forecast is made that is then compared with what happened; `None` for no
    /// comparison.
    pub holdout: Option<u32>,
}

impl Predict {
    /// All tables that it may write.
    pub const TABLES: [&'static str; 5] = ["customers", "summary", "model", "holdout", "calibration"];
}

impl Question for Predict {
    const ABOUT: About = About {
        needs_repeaters: Some(MIN_REPEATERS),
        chooses_itself: true,
        ..About::of_buyers("predict").writing(&Self::TABLES)
    };

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { read, scope, chosen, shows, .. } = asked;
        let orders = &read.orders;
        let mut predicted = predict(orders, &scope, &self.params, read.accounting)?;
        // A forecast does not depend on who else is listed, so everybody is forecast and the list is cut afterwards.
        if let Some(chosen) = &chosen {
            predicted.keep(|customer| chosen.get(customer.place()).copied().unwrap_or(false));
        }
        let held_out = self.holdout.map(|days| hold_out(orders, &scope, &self.params, days)).transpose()?;
        let frame = predicted.customers(&orders.customers, &scope)?;
        let mut tables = vec![Table::new("customers", "customers", customer_columns(), frame)];
        // The summary goes over all customers several times, so it is made only if it is written.
        if shows("summary") {
            tables.push(Table::new("summary", "forecasts", summary_columns(), predicted.summary()?));
        }
        tables.push(Table::new("model", "parameters", model_columns(), predicted.model()?));
        if let Some(held_out) = &held_out {
            tables.push(
                Table::new("holdout", "forecasts", holdout_columns(), held_out.frame()?).with_rows(100),
            );
            let calibration = held_out.calibration()?;
            tables.push(Table::new("calibration", "deciles", calibration_columns(), calibration));
        }
        let (customer_count, order_count) = predicted.counts(&scope);
        let parameters = Map::from_iter([
            ("horizon".to_owned(), json!(self.params.horizon)),
            ("model".to_owned(), json!(self.params.model.name())),
            ("holdout".to_owned(), json!(self.holdout)),
        ]);
        Ok(Answer {
            tables,
            parameters,
            notes: notes(&predicted, held_out.as_ref()),
            as_of: scope.known_day(),
            window: scope.window,
            customer_count,
            order_count,
            accounting: std::mem::take(&mut predicted.accounting),
            ..Answer::default()
        })
    }
}

/// Remarks about how reliable the forecast is.
fn notes(predicted: &Predicted, held_out: Option<&Holdout>) -> Vec<Remark> {
    let mut notes = Vec::new();
    match predicted.spent() {
        Spent::Known(spend) if spend.dependence.is_strong() => {
            let correlation = format!("{:.2}", spend.dependence.correlation);
            notes.push(Remark::new("predict_dependent").with("correlation", correlation));
        }
        Spent::Few(n) => {
            notes.push(Remark::new("predict_few_spenders").with("n", n).with("least", MIN_REPEATERS));
        }
        Spent::NoFit => notes.push(Remark::new("predict_no_spend")),
        Spent::Known(_) | Spent::NoAmounts => {}
    }
    if let Some((model, naive)) = held_out.map(Holdout::rmse).filter(|(model, naive)| model > naive) {
        let error = |error: f64| format!("{error:.3}");
        notes.push(Remark::new("predict_worse").with("predicted", error(model)).with("naive", error(naive)));
    }
    notes
}

fn customer_columns() -> Vec<Spec> {
    vec![
        listed(names::CUSTOMER_ID, 0),
        listed(names::LAST_ORDERED_ON, 4),
        listed(names::RECENCY_DAYS, 6),
        listed(names::TENURE_DAYS, 6),
        Spec::new(names::REPEAT_DAY_COUNT, Kind::Count, 5),
        listed(names::P_ALIVE, 0),
        listed(names::EXPECTED_ORDERS, 0),
        Spec::new(names::EXPECTED_ORDERS_LOW, Kind::Count, 3),
        Spec::new(names::EXPECTED_ORDERS_HIGH, Kind::Count, 3),
        Spec::new(names::P_ORDER, Kind::Share, 2),
        listed(names::EXPECTED_SPEND, 0),
        Spec::new(names::IS_PRIOR, Kind::Flag, 5),
    ]
}

fn summary_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::GROUP, Kind::Label("forecast_group"), 0),
        Spec::new(names::HORIZON_DAYS, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 3),
        Spec::new(names::EXPECTED_ORDERS, Kind::Number, 0),
        Spec::new(names::EXPECTED_ORDERS_LOW, Kind::Number, 1),
        Spec::new(names::EXPECTED_ORDERS_HIGH, Kind::Number, 1),
        Spec::new(names::P_ORDER, Kind::Share, 4),
        Spec::new(names::EXPECTED_SPEND, Kind::Amount, 0),
        Spec::new(names::EXPECTED_SPEND_LOW, Kind::Amount, 2),
        Spec::new(names::EXPECTED_SPEND_HIGH, Kind::Amount, 2),
    ]
}

fn model_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::PARAMETER, Kind::Label("parameter"), 0),
        Spec::new(names::VALUE, Kind::Number, 0),
        Spec::new(names::STANDARD_ERROR, Kind::Number, 0),
    ]
}

fn holdout_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::GROUP, Kind::Clause("holdout_group"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 1),
        Spec::new(names::ACTUAL, Kind::Number, 0),
        Spec::new(names::PREDICTED, Kind::Number, 0),
        Spec::new(names::NAIVE, Kind::Number, 0),
    ]
}

fn calibration_columns() -> Vec<Spec> {
    let mut columns = vec![
        Spec::new(names::DECILE, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::P_ALIVE, Kind::Share, 0),
        Spec::new(names::P_ORDER, Kind::Share, 0),
        Spec::new(names::ORDERED_COUNT, Kind::Count, 2),
    ];
    columns.extend(Spec::ranged(ranges::RATE, Kind::Bar, 0));
    columns
}
