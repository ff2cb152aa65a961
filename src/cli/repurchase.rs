//! `ecrm repurchase`.

use clap::Args;
use serde_json::{Map, Value, json};

use super::session::{Answer, Basis, Question, Session};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use super::{refusal, segment};
use crate::config::{Config, rules};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::metrics::products::products;
use crate::metrics::repurchase::{By, Due, DueParams, NO_GAPS, Repurchase, RepurchaseParams, repurchase};
use crate::present::{Curve, Kind, Spec, Table};
use crate::reading::Ingested;
use crate::schema::{self, Shop, Wants, names};

/// Whether and when customers order again
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm repurchase orders.csv
  ecrm repurchase orders.csv --table gaps      the usual gaps and the cycle
  ecrm repurchase items.csv --by product       by what the first order held
  ecrm repurchase orders.csv --due -o due.csv  whose next order is due

The tables are `curve` (the main one: how many order again within 30 to 365 days of the first order, with 95 % \
intervals), `gaps` and `rates`; with --due there is one, `due`. --window N follows only those whose first order is in \
the last N days.")]
pub struct RepurchaseArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: RepurchaseQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Repurchase")]
struct RepurchaseQuestion {
    /// Customers in groups: by the products, the categories or the province of their first order, or by segment
    #[arg(long, value_enum)]
    by: Option<By>,

    /// List when each customer's next order is expected, one per row
    #[arg(long, conflicts_with = "by")]
    due: bool,

    /// The percentile of the gaps between orders that is the churn line [default: 80]
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(u64).range(rules::CHURN_PERCENTILE.unsigned()), conflicts_with = "churn_days")]
    churn_percentile: Option<u64>,

    /// The churn line in days, instead
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS.signed()))]
    churn_days: Option<u32>,

    /// Days around the expected day in which a customer is due [default: 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS_SINCE.signed()))]
    due_days: Option<u32>,

    /// How many of a customer's own gaps the shop's (or the product's) usual gap weighs as much as [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::WEIGHT.signed()))]
    weight: Option<u32>,
}

impl RepurchaseArgs {
    /// Reads, follows, writes.
    pub fn run(self) -> Result<()> {
        use schema::Table::{OrderItems, Orders};
        let has_items = self.question.due || matches!(self.question.by, Some(By::Product | By::Category));
        let by_province = self.question.by == Some(By::Province);
        let wants = Wants {
            regions: by_province,
            // Times of day tell which of a day's orders is the first.
            extras: by_province,
            items: has_items,
            details: has_items,
            tables: if has_items { vec![OrderItems] } else { Vec::new() },
            ..Wants::default()
        };
        let question = Question { name: "repurchase", input: &self.input, wants };
        let mut session = Session::open(question, &self.scope, &self.output)?;
        let params = self.question.resolve(&session.config)?;
        let mut ingested = session.read(&[Orders])?;
        refusal::require_customers(&ingested, "repurchase")?;
        let scope = session.settled(&mut ingested, &[])?;
        let answer = repurchase(&ingested.orders, &scope, &params, ingested.accounting.clone())?;
        let mut notes = notes(&ingested.shop(), params.by, self.question.due);
        let (tables, parameters) = match self.question.due {
            true => {
                // Gaps of customers who came in the window are cut short by it: the usual ones are those of all time.
                let of_all = match scope.window {
                    Some(_) => Some(repurchase(
                        &ingested.orders,
                        &scope.all_time(),
                        &params,
                        ingested.accounting.clone(),
                    )?),
                    None => None,
                };
                let usual = of_all.as_ref().unwrap_or(&answer);
                if usual.cycle_days().is_none() && answer.customer_count > 0 {
                    let churn_line = usual.churn_line_days().unwrap_or(NO_GAPS.1);
                    notes.push(
                        Remark::new("assumed_cycle").with("cycle", NO_GAPS.0).with("churn_line", churn_line),
                    );
                }
                self.question.due(&session.config, &ingested, &scope, usual)?
            }
            false => (tables(&answer, params.by)?, Map::new()),
        };
        let basis = Basis {
            as_of: scope.as_of,
            window: scope.window,
            customer_count: answer.customer_count,
            order_count: answer.order_count,
            accounting: answer.accounting,
            ids_are_personal: ingested.orders.ids_are_personal,
        };
        let mut all = Map::from_iter([
            ("churn_percentile".to_owned(), json!(params.churn_percentile)),
            ("churn_days".to_owned(), json!(params.churn_days)),
        ]);
        all.extend(parameters);
        let answer = Answer { tables, parameters: all, notes, ..Answer::default() };
        session.write(&ingested.sources, basis, answer)
    }
}

/// The churn line of the configuration, the days around the expected one and the weight of the usual gap.
pub fn params_of(config: &Config) -> Result<(RepurchaseParams, u32, u32)> {
    let question = RepurchaseQuestion::default();
    Ok((question.resolve(config)?, question.due_days(config), question.weight(config)))
}

impl RepurchaseQuestion {
    fn due_days(&self, config: &Config) -> u32 {
        self.due_days.or(config.repurchase.due_days).unwrap_or(7)
    }

    fn weight(&self, config: &Config) -> u32 {
        self.weight.or(config.repurchase.weight).unwrap_or(2)
    }

    fn resolve(&self, config: &Config) -> Result<RepurchaseParams> {
        let (file, default) = (&config.repurchase, RepurchaseParams::default());
        Ok(RepurchaseParams {
            by: self.by,
            churn_percentile: self
                .churn_percentile
                .or(file.churn_percentile)
                .unwrap_or(default.churn_percentile),
            churn_days: self.churn_days.or(file.churn_days.filter(|_| self.churn_percentile.is_none())),
            segments: segment::params_of(config)?,
        })
    }

    fn due(
        &self,
        config: &Config,
        ingested: &Ingested,
        scope: &Scope,
        answer: &Repurchase,
    ) -> Result<(Vec<Table>, Map<String, Value>)> {
        let orders = &ingested.orders;
        let params = DueParams {
            due_days: self.due_days(config),
            weight: self.weight(config),
            cycle_days: answer.cycle_days().unwrap_or(NO_GAPS.0),
            churn_line_days: answer.churn_line_days().unwrap_or(NO_GAPS.1),
        };
        let bought = match orders.items.is_empty() {
            true => None,
            false => Some(products(orders, &scope.all_time(), ingested.accounting.clone())?),
        };
        let due = Due::new(orders, scope, bought.as_ref(), &params)?;
        let frame = due.frame(orders, scope.as_of.unwrap_or(0))?;
        let parameters = Map::from_iter([
            ("due_days".to_owned(), json!(params.due_days)),
            ("weight".to_owned(), json!(params.weight)),
            ("cycle_days".to_owned(), json!(params.cycle_days)),
            ("churn_line_days".to_owned(), json!(params.churn_line_days)),
        ]);
        Ok((vec![Table::new("due", "customers", due_columns(), frame)], parameters))
    }
}

/// What the user should know where the inputs do not say what customers are to be told apart by.
fn notes(shop: &Shop<'_>, by: Option<By>, is_due: bool) -> Vec<Remark> {
    let orders = shop.orders;
    let code = match by {
        Some(By::Product | By::Category) if !orders.has_items => "no_items",
        Some(By::Province) if !orders.has_region_column => "no_place_column",
        None if is_due && !orders.has_items => "no_items_due",
        _ => return Vec::new(),
    };
    vec![Remark::new(code)]
}

fn tables(answer: &Repurchase, by: Option<By>) -> Result<Vec<Table>> {
    let groups = group_columns(by);
    let with = |columns: Vec<Spec>| [groups.clone(), columns].concat();
    let curve = Table::new("curve", "horizons", with(curve_columns()), answer.curve()?);
    let curve = match by {
        None => curve.with_curve(Curve { title: "repurchase_curve", points: answer.steps() }),
        Some(_) => curve,
    };
    Ok(vec![
        curve,
        Table::new("gaps", "groups", with(gap_columns()), answer.gaps()?),
        Table::new("rates", "rates", rate_columns(), answer.rates()?),
    ])
}

fn group_columns(by: Option<By>) -> Vec<Spec> {
    match by {
        None => Vec::new(),
        Some(By::Product) => {
            vec![Spec::new(names::PRODUCT_ID, Kind::Named, 5), Spec::new(names::TITLE, Kind::Title, 0)]
        }
        Some(By::Category) => vec![Spec::new(names::CATEGORY, Kind::Named, 0)],
        Some(By::Province) => vec![Spec::new(names::PROVINCE, Kind::Named, 0)],
        Some(By::Segment) => vec![Spec::new(names::SEGMENT, Kind::Label("segment"), 0)],
    }
}

fn curve_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::HORIZON_DAYS, Kind::Count, 0),
        Spec::new(names::AT_RISK_COUNT, Kind::Count, 3),
        Spec::new(names::REPURCHASED_COUNT, Kind::Count, 2),
        Spec::new(names::REPURCHASE_RATE, Kind::Bar, 0),
        Spec::new(names::RATE_LOW, Kind::Share, 1),
        Spec::new(names::RATE_HIGH, Kind::Share, 1),
    ]
}

fn gap_columns() -> Vec<Spec> {
    let days = |name, rank| Spec::new(name, Kind::Days, rank);
    vec![
        Spec::new(names::GAP_COUNT, Kind::Count, 1),
        days(names::P25, 3),
        days(names::P50, 3),
        days(names::P75, 3),
        days(names::P80, 3),
        days(names::P90, 2),
        days(names::CYCLE_DAYS, 0),
        days(names::CHURN_LINE_DAYS, 0),
    ]
}

fn rate_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::DEFINITION, Kind::Label("definition"), 0),
        Spec::new(names::RATE, Kind::Share, 0),
        Spec::new(names::NUMERATOR, Kind::Count, 0),
        Spec::new(names::DENOMINATOR, Kind::Count, 0),
        Spec::new(names::EXPLANATION, Kind::Phrase { section: "definition_of", of: "definition" }, 0),
    ]
}

fn due_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0),
        Spec::new(names::LAST_ORDERED_ON, Kind::Date, 4),
        Spec::new(names::RECENCY_DAYS, Kind::Days, 5),
        Spec::new(names::ORDER_COUNT, Kind::Count, 3),
        Spec::new(names::OWN_GAP_DAYS, Kind::Days, 7),
        Spec::new(names::EXPECTED_GAP_DAYS, Kind::Days, 6),
        Spec::new(names::NEXT_EXPECTED_ON, Kind::Date, 0),
        Spec::new(names::DUE_STATUS, Kind::Label("due_status"), 0),
        Spec::new(names::PRODUCT_ID, Kind::Named, 8),
        Spec::new(names::TITLE, Kind::Title, 1),
    ]
}
