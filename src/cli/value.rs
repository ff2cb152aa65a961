//! `ecrm value`.

use clap::Args;
use serde_json::{Map, json};

use super::refusal;
use super::session::{Answer, Basis, Question, Session};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Config, rules};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::value::{Value, ValueParams, WHOLE, value};
use crate::present::{Kind, Spec, Table};
use crate::schema::{self, Wants, names};

/// Who carries the shop: core, potential and mass customers, concentration, and who buys only on promotion
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm value orders.csv
  ecrm value orders.csv --window 365 --list -o value.csv
  ecrm value orders.csv --map cost=Cost     by margin instead of net amount

Core customers make the first 80 % of the net amount, potential ones the next 15 %, mass customers the rest. The tables \
are `classes` (the main one), `concentration` and `lorenz`; with --list there is one, `customers`.")]
pub struct ValueArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: ValueQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Value")]
struct ValueQuestion {
    /// List the customers, one per row
    #[arg(long)]
    list: bool,

    /// Core customers make the first so much of the whole, 0.8 or 80% [default: 0.8]
    #[arg(long, value_name = "SHARE")]
    core: Option<String>,

    /// Potential customers make it up to so much [default: 0.95]
    #[arg(long, value_name = "SHARE")]
    potential: Option<String>,

    /// A discount of at least so much of the price is deep [default: 0.3]
    #[arg(long, value_name = "SHARE")]
    deep_discount: Option<String>,
}

impl ValueArgs {
    /// Reads, ranks, writes.
    pub fn run(self) -> Result<()> {
        let question =
            Question { name: "value", input: &self.input, wants: Wants { extras: true, ..Wants::default() } };
        let mut session = Session::open(question, &self.scope, &self.output)?;
        let params = self.question.resolve(&session.config)?;
        let mut ingested = session.read(&[schema::Table::Orders])?;
        refusal::require_customers(&ingested, "value")?;
        let scope = session.settled(&mut ingested, &[])?;
        let ranked = value(&ingested.orders, &scope, &params, ingested.accounting.clone())?;
        ingested.orders.parts = Default::default();
        let tables = match self.question.list {
            true => {
                let frame = ranked.customers(&ingested.orders.customers)?;
                vec![Table::new("customers", "customers", customer_columns(ranked.by_margin), frame)]
            }
            false => tables(&ranked)?,
        };
        let mut notes = Vec::new();
        if !ranked.has_full_price && ranked.order_count > 0 {
            notes.push(Remark::new("no_full_price"));
        }
        if ranked.costless_count > 0 {
            notes.push(Remark::new("no_cost").with("n", ranked.costless_count));
        }
        let part = |share: u32| f64::from(share) / f64::from(WHOLE);
        let parameters = Map::from_iter([
            ("core".to_owned(), json!(part(params.core))),
            ("potential".to_owned(), json!(part(params.potential))),
            ("deep_discount".to_owned(), json!(part(params.deep_discount))),
            ("contribution".to_owned(), json!(if ranked.by_margin { "margin" } else { "net_amount" })),
        ]);
        let basis = Basis {
            as_of: scope.as_of,
            window: scope.window,
            customer_count: ranked.customer_count(),
            order_count: ranked.order_count,
            accounting: ranked.accounting,
            ids_are_personal: ingested.orders.ids_are_personal,
        };
        let answer = Answer { tables, parameters, notes, ..Answer::default() };
        session.write(&ingested.sources, basis, answer)
    }
}

/// The classes of the configuration.
pub fn params_of(config: &Config) -> Result<ValueParams> {
    ValueQuestion::default().resolve(config)
}

impl ValueQuestion {
    fn resolve(&self, config: &Config) -> Result<ValueParams> {
        let (file, default) = (&config.value, ValueParams::default());
        let share = |flag: &Option<String>, own: &Option<String>, default: u32| {
            flag.as_ref().or(own.as_ref()).map_or(Ok(default), |text| rules::share(text))
        };
        let params = ValueParams {
            core: share(&self.core, &file.core, default.core)?,
            potential: share(&self.potential, &file.potential, default.potential)?,
            deep_discount: share(&self.deep_discount, &file.deep_discount, default.deep_discount)?,
        };
        let is_from_file = self.core.is_none() && self.potential.is_none();
        params.check().map_err(|error| if is_from_file { config.blame(error) } else { error })?;
        Ok(params)
    }
}

fn tables(ranked: &Value) -> Result<Vec<Table>> {
    let share = if ranked.by_margin { names::MARGIN_SHARE } else { names::NET_SHARE };
    Ok(vec![
        Table::new("classes", "classes", class_columns(ranked.by_margin), ranked.summary()?),
        Table::new(
            "concentration",
            "measures",
            vec![
                Spec::new(names::MEASURE, Kind::Label("measure"), 0),
                Spec::new(names::VALUE, Kind::Share, 0),
            ],
            ranked.concentration()?,
        ),
        Table::new(
            "lorenz",
            "steps",
            vec![Spec::new(names::CUSTOMER_SHARE, Kind::Share, 0), Spec::new(share, Kind::Bar, 0)],
            ranked.lorenz()?,
        ),
    ])
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
        Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0),
        Spec::new(names::LAST_ORDERED_ON, Kind::Date, 6),
        Spec::new(names::RECENCY_DAYS, Kind::Days, 4),
        Spec::new(names::ORDER_COUNT, Kind::Count, 2),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
    ];
    if by_margin {
        columns.push(Spec::new(names::MARGIN, Kind::Amount, 0));
    }
    columns.extend([
        Spec::new(names::CLASS, Kind::Label("class"), 0),
        Spec::new(names::CUMULATIVE_SHARE, Kind::Share, 1),
        Spec::new(names::DEEP_DISCOUNT_ORDER_COUNT, Kind::Count, 5),
        Spec::new(names::IS_PROMOTION_ONLY, Kind::Flag, 3),
    ]);
    columns
}
