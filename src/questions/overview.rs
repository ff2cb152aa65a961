//! The shop's key figures on one page.

use serde_json::{Map, json};

use super::{About, Answer, Asked, Question, begin, net_without_buyers};
use crate::answer::{Kind, Spec, Table};
use crate::error::Result;
use crate::metrics::Scope;
use crate::metrics::overview::{self as metric, OverviewParams, overview};
use crate::schema::{self, Wants, names};

/// The key figures of the page.
#[derive(Debug)]
pub struct Overview {
    /// The lengths of the periods.
    pub params: OverviewParams,
}

impl Question for Overview {
    const ABOUT: About = About { needs_people: false, ..About::of_people("overview").writing(&["overview"]) };

    fn wants(&self) -> Wants {
        let tables = vec![schema::Table::Events, schema::Table::Customers];
        Wants { tables, details: true, ..Wants::default() }
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { read, scope, .. } = asked;
        let page = overview(&read.shop(), &scope, &self.params, read.accounting.clone())?;
        Ok(self.page(page, &scope))
    }
}

impl Overview {
    /// The answer from the figures of a page, whether ecrm or an engine computed them.
    pub fn page(&self, page: metric::Overview, scope: &Scope) -> Answer {
        let params = &self.params;
        let mut notes = Vec::new();
        notes.extend(net_without_buyers(page.net_without_buyers));
        notes.extend(begin("orders_begin", page.orders_begin));
        notes.extend(begin("events_begin", page.events_begin));
        Answer {
            tables: vec![Table::new("overview", "metrics", columns(), page.frame)],
            parameters: Map::from_iter([
                ("interest_days".to_owned(), json!(params.interest_days)),
                ("converted_days".to_owned(), json!(params.converted_days)),
                ("dormant_days".to_owned(), json!(params.dormant_days)),
            ]),
            notes,
            as_of: scope.known_day(),
            window: Some(params.window),
            customer_count: page.customer_count,
            order_count: page.order_count,
            accounting: page.accounting,
            ..Answer::default()
        }
    }
}

fn columns() -> Vec<Spec> {
    let figure = Kind::Figure(names::UNIT);
    vec![
        Spec::new(names::METRIC, Kind::Label("metric"), 0),
        Spec::new(names::UNIT, Kind::Label("unit"), 9),
        Spec::new(names::PERIOD_DAYS, Kind::Count, 5),
        Spec::new(names::VALUE, figure, 0),
        Spec::new(names::PREVIOUS_VALUE, figure, 6),
        Spec::new(names::CHANGE, figure, 8),
        Spec::new(names::CHANGE_RATE, Kind::Share, 1),
        Spec::new(names::NEW_COUNT_1D, Kind::Count, 4),
        Spec::new(names::NEW_COUNT_7D, Kind::Count, 3),
        Spec::new(names::NEW_COUNT_30D, Kind::Count, 2),
        Spec::new(names::TOTAL, figure, 7),
        Spec::new(names::NEEDS, Kind::Phrase { section: "needs", of: "needs_of" }, 0),
    ]
}
