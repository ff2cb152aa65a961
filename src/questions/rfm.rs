//! Scores of recency, frequency and money, and the groups they make.

use serde_json::{Map, Value, json};

use super::{About, Answer, Asked, Question};
use crate::answer::{Chart, Kind, Spec, Table};
use crate::customers::listed;
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::rfm::plain;
use crate::metrics::rfm::{self as metric, Cuts, Grouping, Means, RfmParams, rfm};
use crate::schema::{money, names};

/// Scores and groups.
#[derive(Debug)]
pub struct Rfm {
    /// How scores and groups are given.
    pub params: RfmParams,
    /// Whether groups are summed up instead of customers listed.
    pub sums_up: bool,
    /// What the way of scoring is called.
    pub method: &'static str,
    /// What the groups are called.
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
    /// The answer, and the scores it comes from.
    ///
    /// # Errors
    /// Those of the metric.
    pub fn scored(&self, mut asked: Asked<'_>) -> Result<(Answer, metric::Rfm)> {
        let facts = asked.facts()?;
        let (params, customers) = (&self.params, &asked.read.orders.customers);
        let (scores, table) = if self.sums_up {
            let scores = rfm(&facts, customers, params)?;
            let groups = scores.summary(&facts)?;
            let table = Table::new("groups", "groups", group_columns(), groups);
            let chart = Chart::Bars {
                label: &[names::RFM_GROUP],
                value: names::CUSTOMER_COUNT,
                beside: Some(names::NET_SHARE),
            };
            (scores, table.with_chart(chart))
        } else {
            let facts = facts.listed(customers)?;
            let scores = rfm(&facts, customers, params)?;
            let list = scores.customers(&facts)?;
            (scores, Table::new("customers", "customers", customer_columns(), list))
        };
        let mut details = Map::new();
        details.insert("cuts".into(), scores.cuts.as_ref().map_or(Value::Null, cuts_json));
        if let Grouping::Eight(given) = params.grouping {
            let means = given.map_or_else(|| scores.means(), |means| Ok(Some(means)))?;
            details.insert("means".into(), means.as_ref().map_or(Value::Null, means_json));
        }
        let empty: Vec<String> = scores.empty_scores.iter().map(|(m, score)| format!("{m}{score}")).collect();
        details.insert("empty_scores".into(), json!(empty));
        let notes = match empty.is_empty() {
            true => Vec::new(),
            false => vec![Remark::new("empty_scores").with("scores", empty.join(" "))],
        };
        let answer = Answer {
            tables: vec![table],
            parameters: Map::from_iter([
                ("method".to_owned(), json!(self.method)),
                ("bins".to_owned(), json!(params.bins)),
                ("groups".to_owned(), json!(self.groups)),
            ]),
            details,
            notes,
            as_of: facts.scope.known_day(),
            window: asked.scope.window,
            customer_count: facts.customer_count,
            order_count: facts.order_total,
            accounting: facts.accounting,
        };
        Ok((answer, scores))
    }
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
    let [r, f, m] = [means.r, means.f, means.m].map(|mean| money::plain(i128::from(mean)));
    json!({ "r": r, "f": f, "m": m })
}

pub(super) fn cuts_json(cuts: &Cuts) -> Value {
    json!({ "r": plain(&cuts.r), "f": plain(&cuts.f), "m": plain(&cuts.m) })
}
