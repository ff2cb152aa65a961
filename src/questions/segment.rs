//! Lifecycle segments, with advice for each.

use polars::prelude::DataFrame;
use serde_json::{Map, json};

use super::{About, Answer, Asked, Question, Rest};
use crate::answer::{Chart, Kind, Spec, Table};
use crate::customers::listed;
use crate::error::Result;
use crate::metrics::group_days::GroupDay;
use crate::metrics::listed_buyers::ListedBuyers;
use crate::metrics::segment::{SegmentParams, list, segment, summary};
use crate::schema::{money, names};

/// The lifecycle segments of buyers.
#[derive(Debug)]
pub struct Segment {
    /// The thresholds.
    pub params: SegmentParams,
    /// Whether customers are listed, one per row.
    pub lists: bool,
}

impl Question for Segment {
    const ABOUT: About = About::of_spending("segment").writing(&["segments", "customers"]);
    const ASKS_FACTS: bool = true;

    fn answer(&self, mut asked: Asked<'_>) -> Result<Answer> {
        let facts = asked.facts()?;
        let table = if self.lists {
            let facts = facts.listed(&asked.read.orders.customers)?;
            list_table(segment(&facts, &self.params)?.customers(&facts)?)
        } else {
            summary_table(segment(&facts, &self.params)?.summary(&facts)?)
        };
        Ok(Answer {
            tables: vec![table],
            parameters: parameters(&self.params),
            as_of: facts.scope.known_day(),
            window: asked.scope.window,
            customer_count: facts.customer_count,
            order_count: facts.order_total,
            accounting: facts.accounting,
            ..Answer::default()
        })
    }
}

impl Segment {
    /// The answer as a list, from buyers and groups that an engine computed.
    ///
    /// # Errors
    /// Those of polars.
    pub fn listed(&self, buyers: &ListedBuyers, groups: &[u8], rests_on: Rest) -> Result<Answer> {
        Ok(rests_on.answer(vec![list_table(list(buyers, groups)?)], parameters(&self.params)))
    }

    /// The answer without a list, from counts that ecrm or an engine made.
    ///
    /// # Errors
    /// Those of polars.
    pub fn summed(&self, days: &[GroupDay], rests_on: Rest) -> Result<Answer> {
        Ok(rests_on.answer(vec![summary_table(summary(days)?)], parameters(&self.params)))
    }
}

fn list_table(list: DataFrame) -> Table {
    Table::new("customers", "customers", customer_columns(), list)
}

fn summary_table(summary: DataFrame) -> Table {
    Table::new("segments", "segments", summary_columns(), summary).with_chart(Chart::Bars {
        label: &[names::SEGMENT, names::VALUE],
        value: names::CUSTOMER_COUNT,
        beside: Some(names::CUSTOMER_SHARE),
    })
}

fn parameters(params: &SegmentParams) -> Map<String, serde_json::Value> {
    let high_value = params.high_value.map(money::plain);
    Map::from_iter([
        ("just_bought_days".to_owned(), json!(params.just_bought_days)),
        ("active_days".to_owned(), json!(params.active_days)),
        ("lapsing_days".to_owned(), json!(params.lapsing_days)),
        ("loyal_orders".to_owned(), json!(params.loyal_orders)),
        ("high_value".to_owned(), json!(high_value.as_deref().unwrap_or("mean"))),
    ])
}

fn summary_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::SEGMENT, Kind::Label("segment"), 0),
        Spec::new(names::VALUE, Kind::Label("value"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_SHARE, Kind::Bar, 3),
        Spec::new(names::ORDER_COUNT, Kind::Count, 6),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::NET_SHARE, Kind::Share, 2),
        Spec::new(names::AOV, Kind::Amount, 7),
        Spec::new(names::SPEND_PER_CUSTOMER, Kind::Amount, 4),
        Spec::new(names::MEDIAN_RECENCY_DAYS, Kind::Days, 5),
        Spec::new(names::MODE, Kind::Label("mode"), 1),
        Spec::new(names::ADVICE, Kind::Phrase { section: "advice", of: "segment" }, 0),
    ]
}

fn customer_columns() -> Vec<Spec> {
    vec![
        listed(names::CUSTOMER_ID, 0),
        listed(names::LAST_ORDERED_ON, 3),
        listed(names::RECENCY_DAYS, 2),
        listed(names::ORDER_COUNT, 1),
        listed(names::NET_AMOUNT, 0),
        listed(names::SEGMENT, 0),
        listed(names::VALUE, 0),
        listed(names::MODE, 4),
        Spec::new(names::ADVICE, Kind::Phrase { section: "advice", of: "segment" }, 0),
    ]
}
