//! A tiny shop about which an engine is asked every question, to compare its answers with those computed here.

use std::sync::Arc;

use polars::prelude::{AnyValue, DataFrame};

use super::{Dialect, Engine, OnEngine, ShopOn, answer};
use crate::customers::{Settings, Where};
use crate::error::{Error, Result};
use crate::export::{self, ABOUT, ABOUT_JSON, Exported, SEQUENCE};
use crate::metrics::campaign::{self, CampaignParams, WITHIN_DAYS};
use crate::metrics::cohort::By;
use crate::metrics::customer_facts::customer_facts;
use crate::metrics::group_map::GroupMap;
use crate::metrics::interest::{CONVERSION_DAYS, DISCOUNT_DAYS, PERIODS};
use crate::metrics::overview::OverviewParams;
use crate::metrics::repurchase::{ChurnRule, RETURN_DAYS};
use crate::metrics::rfm::{Grouping, RfmParams, Scoring};
use crate::metrics::segment::SegmentParams;
use crate::metrics::value::ValueParams;
use crate::metrics::{Scope, ScopeRequest};
use crate::parse::ReadOptions;
use crate::parse::source::{Input, Place};
use crate::questions::{
    Answer, Asked, Campaign, Cohort, Customers, Interest, Overview, Question, Region, Repurchase, Rfm,
    Segment, Shown, Value,
};
use crate::reading::{Ingested, read};
use crate::schema::names;

/// The files of the shop.
const ORDERS: (&str, &str) = ("orders.csv", include_str!("orders.csv"));
const EVENTS: (&str, &str) = ("events.csv", include_str!("events.csv"));
const CUSTOMERS: (&str, &str) = ("customers.csv", include_str!("customers.csv"));
const ITEMS: (&str, &str) = ("items.csv", include_str!("items.csv"));
const SENDS: (&str, &str) = ("sends.csv", include_str!("sends.csv"));

/// The name of a question, and whether the engine's answer is the same as ours.
pub type Tried = (&'static str, bool);

/// Asks all questions. `define` makes the rows of a statement known to the engine as a table.
///
/// # Errors
/// Those of the engine.
pub fn check(engine: &dyn Engine, define: &dyn Fn(&str, &str) -> Result<()>) -> Result<Vec<Tried>> {
    // The rows of other files are only needed for the overview.
    let shop = Trial::open(&[ORDERS], engine, define)?;
    let params = SegmentParams::default();
    let rfm = |sums_up, groups, grouping| {
        let params = RfmParams { scoring: Scoring::Quantile, bins: 5, grouping };
        Rfm { params, sums_up, method: "quantile", groups }
    };
    let mut tried = vec![
        shop.tried(&Segment { params, lists: false })?,
        shop.tried(&Segment { params, lists: true })?,
        shop.tried(&rfm(false, "standard", Grouping::Map(GroupMap::standard(5))))?,
        shop.tried(&rfm(true, "eight", Grouping::Eight(None)))?,
        shop.tried(&Cohort { by: By::Month, show: None, value: ValueParams::default(), sales: Vec::new() })?,
        shop.tried(&Repurchase {
            show: Shown::Curve(None),
            churn: ChurnRule::Chance { chance: 0.1, days: RETURN_DAYS },
            segments: params,
            value: ValueParams::default(),
        })?,
        shop.tried(&Region { level: None, by: None })?,
        shop.tried(&Value { params: ValueParams::default(), lists: false })?,
        shop.tried(&Value { params: ValueParams::default(), lists: true })?,
    ];
    let shop = Trial::open(&[ORDERS, EVENTS], engine, define)?;
    tried.push(shop.tried(&Interest {
        periods: PERIODS.to_vec(),
        by: None,
        lists: false,
        discount_days: DISCOUNT_DAYS,
        conversion_days: CONVERSION_DAYS,
        excluded_sources: Vec::new(),
    })?);
    tried.push(shop.tried(&customers()?)?);
    let shop = Trial::open(&[ORDERS, CUSTOMERS, EVENTS], engine, define)?;
    tried.push(shop.tried(&Overview { params: OverviewParams::default() })?);
    let shop = Trial::open(&[ORDERS, ITEMS, CUSTOMERS, SENDS], engine, define)?;
    for by in [None, Some(campaign::By::Segment), Some(campaign::By::Channel)] {
        let params = CampaignParams { by, usual_within_days: WITHIN_DAYS, ..CampaignParams::default() };
        tried.push(shop.tried(&Campaign { params, lists_not_joined: false })?);
    }
    // The list does not read the files of items.
    let shop = Trial::open(&[ORDERS, CUSTOMERS, SENDS], engine, define)?;
    let params = CampaignParams { usual_within_days: WITHIN_DAYS, ..CampaignParams::default() };
    tried.push(shop.tried(&Campaign { params, lists_not_joined: true })?);
    // A question that is asked several times is only right if all its answers are.
    tried.sort();
    tried.dedup_by_key(|(name, _)| *name);
    Ok(tried)
}

/// A customer list with a condition whose expressions engines must understand in the same way.
fn customers() -> Result<Customers> {
    let condition = [
        "(net_amount * 1.5 >= 15 or order_count('2026-01-01', as_of) = 0)",
        "customer_id not like '!_%' escape '!'",
        "(is_shop_favourite is not true or coalesce(last_ordered_on, as_of) > as_of - 400)",
        r"customer_id <> 'o''hara\'",
        "customer_id not like '${x}%'",
    ]
    .join(" and ");
    let columns = [
        names::CUSTOMER_ID,
        names::STATUS,
        names::FIRST_ORDERED_ON,
        names::RECENCY_DAYS,
        names::NET_AMOUNT,
        names::REFUND_AMOUNT,
        names::SEGMENT,
        names::RFM_GROUP,
        names::LAST_EVENT_ON,
        names::CART_COUNT_30D,
    ];
    Ok(Customers {
        names: columns.to_vec(),
        order: None,
        condition: Some(Where::parse(&condition, false)?),
        counts: false,
        says_empty: false,
        is_usual: false,
        settings: Settings::default(),
    })
}

/// Turns the first different answer into an error.
///
/// # Errors
/// When an answer differs.
pub fn judge(tried: &[Tried]) -> Result<()> {
    match tried.iter().find(|(_, is_right)| !is_right) {
        Some((name, _)) => Err(Error::data_of("engine_other_answer", &[("command", (*name).to_owned())])),
        None => Ok(()),
    }
}

/// The shop as it is read here, and as the engine knows it.
struct Trial<'a> {
    read: Ingested,
    scope: Scope,
    there: ShopOn<'a>,
}

impl<'a> Trial<'a> {
    fn open(
        files: &[(&str, &str)],
        engine: &'a dyn Engine,
        define: &dyn Fn(&str, &str) -> Result<()>,
    ) -> Result<Self> {
        let input = |(name, text): &(&str, &str)| Input {
            place: Place::Bytes((*name).to_owned(), Arc::from(text.as_bytes())),
            ..Input::stdin()
        };
        let inputs: Vec<Input> = files.iter().map(input).collect();
        let options = ReadOptions { wants: export::wants(), ..ReadOptions::default() };
        let read = read(&inputs, &options)?.in_order()?;
        let request = ScopeRequest::default();
        let scope = request.on(request.day(&read.orders, read.frames.events.as_ref())?);
        let (tables, about) = export::in_memory(&read)?;
        for (table, rows) in &tables {
            define(table.name, &statement(engine.dialect(), table, rows)?)?;
        }
        let about = engine.dialect().text(&about);
        define(ABOUT, &format!("SELECT {about} AS {ABOUT_JSON}, 1 AS {SEQUENCE}"))?;
        Ok(Self { read, scope, there: ShopOn::open(engine, &request)? })
    }

    /// Whether the engine's answer is the same as ours: the same tables and rows, accounting, notes, counts and as-of
    /// day.
    fn tried<Q: OnEngine>(&self, question: &Q) -> Result<Tried> {
        let theirs = match answer(question, &self.there) {
            Ok(theirs) => theirs,
            // A refusal counts as a wrong answer, as long as the engine still answers other statements.
            Err(_) => return self.there.engine.rows("SELECT 1 AS one").map(|_| (Q::ABOUT.name, false)),
        };
        let ours = self.ours(question)?;
        let same = |(theirs, ours): (&crate::answer::Table, &crate::answer::Table)| {
            theirs.name == ours.name && theirs.frame.equals_missing(&ours.frame)
        };
        let is_same = theirs.tables.len() == ours.tables.len()
            && theirs.tables.iter().zip(&ours.tables).all(same)
            && theirs.accounting == ours.accounting
            && theirs.notes == ours.notes
            && (theirs.customer_count, theirs.order_count) == (ours.customer_count, ours.order_count)
            && theirs.as_of == ours.as_of;
        Ok((Q::ABOUT.name, is_same))
    }

    fn ours<Q: Question>(&self, question: &Q) -> Result<Answer> {
        let (read, scope) = (self.read.for_a_question(), self.scope);
        let facts = match Q::ASKS_FACTS {
            true => Some(customer_facts(&read.orders, &scope, read.accounting.clone())?),
            false => None,
        };
        question.answer(Asked { read, came: None, facts, scope, chosen: None, shows: &|_| true })
    }
}

/// A statement whose rows are those of a table.
fn statement(dialect: Dialect, table: &Exported, rows: &DataFrame) -> Result<String> {
    let names: Vec<String> = (0..table.columns.len()).map(|place| format!("c{place}")).collect();
    let typed = names
        .iter()
        .zip(table.columns)
        .map(|(name, column)| format!("CAST({name} AS {}) AS {}", column.holds.sql(), column.name));
    let typed: Vec<String> = typed.collect();
    // A table without rows still needs its columns.
    let (height, condition) = match rows.height() {
        0 => (1, " WHERE 1 = 0"),
        height => (height, ""),
    };
    let row = |row: usize| {
        let cell = |column: &polars::prelude::Column| match column.get(row) {
            Ok(AnyValue::String(text)) => dialect.text(text),
            Ok(AnyValue::StringOwned(text)) => dialect.text(&text),
            Ok(AnyValue::Null) | Err(_) => "NULL".to_owned(),
            Ok(value) => value.to_string(),
        };
        format!("({})", rows.columns().iter().map(cell).collect::<Vec<_>>().join(", "))
    };
    let values: Vec<String> = (0..height).map(row).collect();
    let (typed, values, names) = (typed.join(", "), values.join(", "), names.join(", "));
    Ok(format!("SELECT {typed} FROM (VALUES {values}) AS t({names}){condition}"))
}
