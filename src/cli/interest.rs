//! `ecrm interest`.

use clap::Args;
use serde_json::{Map, json};

use super::overview::begin;
use super::session::{Answer, Basis, Question, Session};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Config, rules};
use crate::error::Result;
use crate::metrics::Scope;
use crate::metrics::interest::{By, DISCOUNT_DAYS, Interests, PERIODS};
use crate::metrics::purchases::Purchases;
use crate::present::{Kind, Spec, Table};
use crate::reading::Ingested;
use crate::schema::{self, Events, Wants, names};

/// Who is interested: customers who made the shop or an item a favourite or put one into the cart
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm interest events.csv
  ecrm interest events.csv orders.csv              who of them buys
  ecrm interest events.csv --by source --days 7
  ecrm interest events.csv orders.csv --list -o interested.csv

A customer counts as converted with a valid order after the interest, or, where no file holds orders, with a purchase \
event. Periods end with as-of. The result is one table, `interest`, or `customers` with --list.")]
pub struct InterestArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: InterestQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Interest")]
struct InterestQuestion {
    /// Lengths of the periods in days; --window N is the same as one of N [default: 1,7,30; with --by and --list 30]
    #[arg(long, value_name = "N,N…", value_delimiter = ',', conflicts_with = "window", value_parser = clap::value_parser!(u32).range(rules::DAYS.signed()))]
    days: Vec<u32>,

    /// A row per day of the period, or per source, category or province of the events
    #[arg(long, value_enum)]
    by: Option<By>,

    /// List the customers of the longest period, one per row
    #[arg(long, conflicts_with = "by")]
    list: bool,

    /// Leave out the events of a source, such as a tool that collects favourites
    #[arg(long, value_name = "SOURCE")]
    exclude_source: Vec<String>,

    /// Days after which an interest is too old for a discount to help [default: 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS_SINCE.signed()))]
    discount_days: Option<u32>,
}

impl InterestArgs {
    /// Reads, counts, writes.
    pub fn run(self) -> Result<()> {
        use schema::Table::Events as EventTable;
        let mut session = Session::open(
            Question {
                name: "interest",
                input: &self.input,
                wants: Wants { extras: true, details: true, tables: vec![EventTable], ..Wants::default() },
            },
            &self.scope,
            &self.output,
        )?;
        let mut ingested = session.read(&[EventTable])?;
        let scope = session.settled(&mut ingested, &self.question.exclude_source)?;
        let events = ingested.events.take().unwrap_or_default();
        let interests = interests(&mut ingested, &events, &scope)?;
        let periods = self.question.periods(self.scope.window, &session.config);
        let longest = periods.iter().copied().max().unwrap_or(1);
        let discount_days =
            self.question.discount_days.or(session.config.interest.discount_days).unwrap_or(DISCOUNT_DAYS);
        let table = if self.question.list {
            let frame = interests.customers(&ingested.orders.customers, longest, discount_days)?;
            Table::new("customers", "customers", customer_columns(), frame)
        } else {
            let by = self.question.by;
            Table::new("interest", "periods", columns(by), interests.summary(&periods, by)?)
        };
        let notes = match self.question.list {
            true => None,
            false => begin("events_begin", interests.begins_too_late(&periods)),
        };
        let basis = Basis {
            as_of: scope.as_of,
            window: Some(longest),
            customer_count: interests.total(scope.as_of.unwrap_or(0), longest).interested,
            order_count: interests.purchase_count(longest),
            accounting: std::mem::take(&mut ingested.accounting),
            ids_are_personal: ingested.orders.ids_are_personal,
        };
        let parameters = Map::from_iter([
            ("days".to_owned(), json!(periods)),
            (
                "exclude_source".to_owned(),
                json!(
                    [session.config.interest.exclude_source.as_slice(), &self.question.exclude_source]
                        .concat()
                ),
            ),
            ("discount_days".to_owned(), json!(discount_days)),
        ]);
        let answer = Answer {
            tables: vec![table],
            parameters,
            notes: notes.into_iter().collect(),
            ..Answer::default()
        };
        session.write(&ingested.sources, basis, answer)
    }
}

/// The interests, with the purchases of the orders where there are any.
fn interests<'a>(ingested: &mut Ingested, events: &'a Events, scope: &Scope) -> Result<Interests<'a>> {
    let mut accounting = std::mem::take(&mut ingested.accounting);
    let shop = ingested.shop();
    let bought = match shop.has_orders {
        true => {
            let (bought, excluded) = Purchases::of_orders(shop.orders, scope)?;
            excluded.account(&mut accounting);
            Some(bought)
        }
        false => None,
    };
    let as_of = scope.as_of.unwrap_or(0);
    let interests = Interests::new(events, bought, as_of);
    interests.account(&mut accounting);
    ingested.accounting = accounting;
    Ok(interests)
}

impl InterestQuestion {
    /// The flags, `--days` or `--window`; then what the configuration says of interests, then of any period.
    fn periods(&self, window: Option<u32>, config: &Config) -> Vec<u32> {
        let flags = Some(self.days.clone()).filter(|days| !days.is_empty()).or(window.map(|days| vec![days]));
        let given = flags.or_else(|| config.interest.days.clone());
        let usual = if self.by.is_some() || self.list { &PERIODS[PERIODS.len() - 1..] } else { &PERIODS[..] };
        let mut periods =
            given.or_else(|| config.scope.window.map(|days| vec![days])).unwrap_or_else(|| usual.to_vec());
        periods.sort_unstable();
        periods.dedup();
        periods
    }
}

fn columns(by: Option<By>) -> Vec<Spec> {
    let mut columns = match by {
        None => Vec::new(),
        Some(By::Day) => vec![Spec::new(names::DAY, Kind::Date, 0)],
        Some(By::Province) => vec![Spec::new(names::PROVINCE, Kind::Named, 0)],
        Some(by) => vec![Spec::new(by.column(), Kind::Named, 0)],
    };
    columns.extend([
        Spec::new(names::PERIOD_DAYS, Kind::Count, if by.is_some() { 9 } else { 0 }),
        Spec::new(names::INTEREST_CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::FAV_SHOP, Kind::Count, 7),
        Spec::new(names::FAV_ITEM, Kind::Count, 5),
        Spec::new(names::CART, Kind::Count, 4),
        Spec::new(names::NOT_BOUGHT_IN_PERIOD_COUNT, Kind::Count, 8),
        Spec::new(names::NOT_YET_BOUGHT_COUNT, Kind::Count, 2),
        Spec::new(names::NEW_CUSTOMER_COUNT, Kind::Count, 3),
        Spec::new(names::CONVERTED_COUNT, Kind::Count, 1),
        Spec::new(names::CONVERSION_RATE, Kind::Share, 0),
    ]);
    columns
}

fn customer_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0),
        Spec::new(names::LAST_INTEREST_ON, Kind::Date, 3),
        Spec::new(names::DAYS_SINCE_INTEREST, Kind::Days, 0),
        Spec::new(names::FAV_SHOP_COUNT, Kind::Count, 6),
        Spec::new(names::FAV_ITEM_COUNT, Kind::Count, 5),
        Spec::new(names::CART_COUNT, Kind::Count, 4),
        Spec::new(names::HAS_BOUGHT, Kind::Flag, 1),
        Spec::new(names::IS_CONVERTED, Kind::Flag, 2),
        Spec::new(names::IS_PAST_DISCOUNT_WINDOW, Kind::Flag, 0),
    ]
}
