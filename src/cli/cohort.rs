//! `ecrm cohort`.

use clap::Args;
use serde_json::{Map, json};

use super::refusal;
use super::session::{Answer, Basis, Question, Session};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::error::Result;
use crate::metrics::calendar::Period;
use crate::metrics::cohort::cohort;
use crate::present::{Grid, Kind, Look, Spec, Table};
use crate::schema::{self, Wants, names};

/// Whether customers come back: those who first bought in a month, followed through the next ones
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm cohort orders.csv                       retention by month, as a heat map
  ecrm cohort orders.csv --show net_amount     what the cohort brought in, by month
  ecrm cohort orders.csv --by quarter -o cohorts.xlsx

Period 0 is that of the first order. A period that is not over at as-of is empty. --window N keeps the cohorts whose \
first orders are in the last N days. The result is one table, `cohort`, a row per cohort and period.")]
pub struct CohortArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: CohortQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Cohorts")]
struct CohortQuestion {
    /// The calendar period [default: month]
    #[arg(long, value_enum)]
    by: Option<Period>,

    /// The column that the cells of the heat map show
    #[arg(long, value_enum, value_name = "COLUMN", default_value_t)]
    show: Show,
}

/// What the cells of the heat map show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Show {
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

impl CohortArgs {
    /// Reads, groups, writes.
    pub fn run(self) -> Result<()> {
        let question = Question { name: "cohort", input: &self.input, wants: Wants::default() };
        let mut session = Session::open(question, &self.scope, &self.output)?;
        let mut ingested = session.read(&[schema::Table::Orders])?;
        refusal::require_customers(&ingested, "cohort")?;
        let scope = session.settled(&mut ingested, &[])?;
        let by = self.question.by.or(session.config.cohort.by).unwrap_or(Period::Month);
        let cohorts = cohort(&ingested.orders, &scope, by, ingested.accounting.clone())?;
        let basis = Basis {
            as_of: scope.as_of,
            window: scope.window,
            customer_count: cohorts.customer_count,
            order_count: cohorts.order_count,
            accounting: cohorts.accounting,
            ids_are_personal: ingested.orders.ids_are_personal,
        };
        let table = Table::new("cohort", "cohorts", columns(), cohorts.frame).with_grid(Grid {
            row: names::COHORT,
            column: names::PERIOD,
            value: self.question.show.column(),
            beside: Some(names::COHORT_CUSTOMER_COUNT),
            look: Look::Numbers,
        });
        let answer = Answer {
            tables: vec![table],
            parameters: Map::from_iter([("by".to_owned(), json!(by))]),
            ..Answer::default()
        };
        session.write(&ingested.sources, basis, answer)
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
