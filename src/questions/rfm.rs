//! Scores of recency, frequency and money, and the groups made from them.

use polars::prelude::DataFrame;
use serde_json::{Map, Value, json};

use super::{About, Answer, Asked, Question, Rest};
use crate::answer::{Chart, Kind, Spec, Table};
use crate::customers::listed;
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::listed_buyers::ListedBuyers;
use crate::metrics::rfm::plain;
use crate::metrics::rfm::{self as metric, Cuts, Grouping, Means, RfmParams, ScoreDay, Summed, rfm};
use crate::schema::{money, names};

/// Scores and groups.
#[derive(Debug)]
pub struct Rfm {
    /// How scores and groups are given.
    pub params: RfmParams,
    /// Whether the answer sums up groups instead of listing customers.
    pub sums_up: bool,
    /// The name of the scoring method.
    pub method: &'static str,
    /// The name of the grouping.
    pub groups: &'static str,
}

impl Question for Rfm {
    const ABOUT: About = About::of_spending("rfm").writing(&["customers", "groups"]);
    const ASKS_FACTS: bool = true;

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        Ok(self.scored(asked)?.0)
    }
}

impl Rfm {
    /// The answer together with the scores that it was made from.
    ///
    /// # Errors
    /// Those of the metric.
    pub fn scored(&self, mut asked: Asked<'_>) -> Result<(Answer, metric::Rfm)> {
        let facts = asked.facts()?;
        let (params, customers) = (&self.params, &asked.read.orders.customers);
        let (scores, table) = if self.sums_up {
            let scores = rfm(&facts, customers, params)?;
            let groups = group_table(scores.summary(&facts)?);
            (scores, groups)
        } else {
            let facts = facts.listed(customers)?;
            let scores = rfm(&facts, customers, params)?;
            let list = scores.customers(&facts)?;
            (scores, list_table(list))
        };
        let means = match params.grouping {
            Grouping::Eight(None) => scores.means()?,
            _ => None,
        };
        let rest = Rest {
            as_of: facts.scope.known_day(),
            window: asked.scope.window,
            customer_count: facts.customer_count,
            order_count: facts.order_total,
            accounting: facts.accounting,
        };
        let answer = self.answer_of(table, scores.cuts.as_ref(), means, &scores.empty_scores, rest);
        Ok((answer, scores))
    }

    /// The answer without a list, from counts of buyers that ecrm or an engine made with these cut points, which are
    /// `None` if there are no buyers.
    ///
    /// # Errors
    /// Those of polars.
    pub fn summed(&self, days: &[ScoreDay], cuts: Option<&Cuts>, rest: Rest) -> Result<Answer> {
        let Summed { groups, days, means, empty_scores } = Summed::new(days, &self.params)?;
        let table = group_table(metric::summary(&groups, &days)?);
        Ok(self.answer_of(table, cuts, means, &empty_scores, rest))
    }

    /// The answer as a list, from buyers and scores that an engine computed. Each entry of `days` is one customer.
    ///
    /// # Errors
    /// Those of polars.
    pub fn listed(
        &self,
        buyers: &ListedBuyers,
        days: &[ScoreDay],
        cuts: Option<&Cuts>,
        rest: Rest,
    ) -> Result<Answer> {
        let summed = Summed::new(days, &self.params)?;
        let table = list_table(metric::list(buyers, days, &summed)?);
        Ok(self.answer_of(table, cuts, summed.means, &summed.empty_scores, rest))
    }

    /// The answer from a table and what it rests on: cut points, means, and scores that no buyer has.
    fn answer_of(
        &self,
        table: Table,
        cuts: Option<&Cuts>,
        means: Option<Means>,
        empty_scores: &[(&'static str, u8)],
        rest: Rest,
    ) -> Answer {
        let params = &self.params;
        let mut details = Map::new();
        details.insert("cuts".into(), cuts.map_or(Value::Null, cuts_json));
        if let Grouping::Eight(given) = params.grouping {
            details.insert("means".into(), given.or(means).as_ref().map_or(Value::Null, means_json));
        }
        let empty: Vec<String> = empty_scores.iter().map(|(m, score)| format!("{m}{score}")).collect();
        details.insert("empty_scores".into(), json!(empty));
        let notes = match empty.is_empty() {
            true => Vec::new(),
            false => vec![Remark::new("empty_scores").with("scores", empty.join(" "))],
        };
        let parameters = Map::from_iter([
            ("method".to_owned(), json!(self.method)),
            ("bins".to_owned(), json!(params.bins)),
            ("groups".to_owned(), json!(self.groups)),
        ]);
        Answer { details, notes, ..rest.answer(vec![table], parameters) }
    }
}

fn list_table(list: DataFrame) -> Table {
    Table::new("customers", "customers", customer_columns(), list)
}

fn group_table(groups: DataFrame) -> Table {
    Table::new("groups", "groups", group_columns(), groups).with_chart(Chart::Bars {
        label: &[names::RFM_GROUP],
        value: names::CUSTOMER_COUNT,
        beside: Some(names::NET_SHARE),
    })
}

fn customer_columns() -> Vec<Spec> {
    vec![
        listed(names::CUSTOMER_ID, 0),
        listed(names::LAST_ORDERED_ON, 2),
        listed(names::RECENCY_DAYS, 1),
        listed(names::ORDER_COUNT, 0),
        listed(names::NET_AMOUNT, 0),
        listed(names::R_SCORE, 0),
        listed(names::F_SCORE, 0),
        listed(names::M_SCORE, 0),
        listed(names::RFM_GROUP, 0),
    ]
}

fn group_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::RFM_GROUP, Kind::Label("rfm_group"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_SHARE, Kind::Bar, 3),
        Spec::new(names::ORDER_COUNT, Kind::Count, 4),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::NET_SHARE, Kind::Share, 1),
        Spec::new(names::AOV, Kind::Amount, 5),
        Spec::new(names::SPEND_PER_CUSTOMER, Kind::Amount, 2),
        Spec::new(names::MEDIAN_RECENCY_DAYS, Kind::Days, 0),
    ]
}

fn means_json(means: &Means) -> Value {
    let [r, f, m] = [means.r, means.f, means.m].map(money::plain);
    json!({ "r": r, "f": f, "m": m })
}

pub(super) fn cuts_json(cuts: &Cuts) -> Value {
    json!({ "r": plain(&cuts.r), "f": plain(&cuts.f), "m": plain(&cuts.m) })
}
