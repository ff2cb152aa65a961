//! Asks another engine the same questions over the tables of an export. The engine computes the heavy stages in SQL;
//! the finish stages are the same functions that answer questions here.
//!
//! ```text
//! question ──statements──▶ SQL ──Engine──▶ rows ──metrics' finish stages──▶ answer
//! ```
//!
//! The SQL only adds up and counts whole numbers, which is exact. It divides nothing, ranks nothing over all rows and
//! sums no floats, so that every engine which follows the standard gives the same rows. Each statement is a template in
//! `sql/`, filled in by [`Ground`].

#[cfg(not(feature = "spark"))]
mod absent;
mod address;
mod campaign;
mod cohort;
mod customers;
mod interest;
pub mod known;
mod lists;
mod overview;
mod region;
mod render;
mod repurchase;
mod rfm;
mod rows;
mod segment;
#[cfg(feature = "spark")]
mod spark;
pub mod trial;
mod value;

use polars::prelude::DataFrame;

use crate::error::{Error, Result};
use crate::export::{About, Exported, ORDER_ITEMS, ORDERS, SENDS};
use crate::metrics::{Scope, ScopeRequest};
use crate::questions::{Answer, Question, Rest};
use crate::schema::Day;
use crate::schema::accounting::{Accounting, Rule};
#[cfg(not(feature = "spark"))]
pub use absent::Cluster;
pub use address::Address;
pub use customers::MISSING_COLUMNS;
pub use lists::{Listing, ListsOnEngine, listing};
use render::Values;
pub use render::{Dialect, Ground, Statement};
use rows::Rows;
#[cfg(feature = "spark")]
pub use spark::Cluster;

/// An engine that runs SQL over the tables of an export, which it knows by their names.
pub trait Engine {
    /// The dialect of SQL that it understands.
    fn dialect(&self) -> Dialect;

    /// The rows of a statement. There are few of them, and they hold whole numbers as integers or decimals, texts and
    /// null.
    ///
    /// # Errors
    /// When the engine cannot be reached or refuses the statement.
    fn rows(&self, sql: &str) -> Result<DataFrame>;
}

/// A question whose heavy stage is SQL.
pub trait OnEngine: Question {
    /// The tables that the export must have.
    const TABLES: &'static [&'static Exported] = &[&ORDERS];

    /// Whether the question takes a condition on customers.
    const TAKES_WHERE: bool = false;

    /// Whether the question counts events beside orders. It is not set for questions about events alone.
    const COUNTS_EVENTS: bool = false;

    /// Whether the answer is a list for reaching people.
    const LISTS_PEOPLE: bool = false;

    /// Refuses, by its name, what can be asked here but not of an engine.
    ///
    /// # Errors
    /// Wrong usage.
    fn check(&self) -> Result<()>;

    /// All statements in the order in which they run. A value that only the rows of an earlier statement give is a
    /// named parameter in a later one.
    ///
    /// # Errors
    /// None that depend on the data.
    fn statements(&self, ground: &Ground) -> Result<Vec<Statement>>;

    /// Runs the statements and computes the answer.
    ///
    /// # Errors
    /// The errors of the engine and of the question's metric.
    fn answer_on(&self, shop: &ShopOn<'_>) -> Result<Answer>;
}

/// An export on an engine, and which of its orders count.
pub struct ShopOn<'a> {
    engine: &'a dyn Engine,
    ground: Ground,
    about: About,
    /// The first day of any order.
    first_day: Option<Day>,
    /// Whether the user gave no as-of day, so that it is the latest day of the data.
    wishes_no_day: bool,
    /// Whether a table of this name will be written; other tables need not be computed.
    shows: &'a dyn Fn(&str) -> bool,
}

impl<'a> ShopOn<'a> {
    /// Reads what the export says about itself, and decides the as-of day.
    ///
    /// # Errors
    /// When there is no export, an export of another format, or several exports.
    pub fn open(engine: &'a dyn Engine, request: &ScopeRequest) -> Result<Self> {
        let dialect = engine.dialect();
        let ask = |name: &'static str| -> Result<Rows> {
            let ground = Ground { dialect, scope: request.on(request.as_of) };
            let Statement { name, text } = ground.statement(name)?;
            Ok(Rows::new(engine.rows(&text)?, name))
        };
        let texts = ask("about")?.texts("json")?;
        let exports = texts.iter().map(|text| About::of(text.as_deref().unwrap_or_default().as_bytes()));
        let mut exports = exports.collect::<Result<Vec<About>>>()?;
        // Only reading can merge the orders of several exports: it knows about credit notes, refunds and shops that use
        // the same order numbers.
        let about = match (exports.pop(), exports.len()) {
            (Some(about), 0) => about,
            (None, _) => return Err(Error::data_of("engine_nothing", &[])),
            (_, others) => {
                return Err(Error::data_of("engine_several", &[("count", (others + 1).to_string())]));
            }
        };
        check_is_whole(engine, &about)?;
        let span = ask("span")?;
        let last_day = span.day("last_day")?;
        let lacks_amounts = about.says.lacks_amounts;
        let request = ScopeRequest {
            // Where no order has an amount, every order counts unless its status says otherwise.
            include_zero_orders: request.include_zero_orders || lacks_amounts,
            ..*request
        };
        let scope = request.on(request.as_of.or(last_day));
        let ground = Ground { dialect, scope };
        Ok(Self {
            engine,
            ground,
            about,
            first_day: span.day("first_day")?,
            wishes_no_day: request.as_of.is_none(),
            shows: &|_| true,
        })
    }

    /// The same shop, for an answer of which only the tables that `shows` accepts will be written.
    pub fn showing(self, shows: &'a dyn Fn(&str) -> bool) -> Self {
        Self { shows, ..self }
    }

    /// Which orders count; the as-of day is decided if the data have any day.
    pub fn scope(&self) -> &Scope {
        &self.ground.scope
    }

    /// The description of the export.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Whether no order has an amount.
    pub fn lacks_amounts(&self) -> bool {
        self.about.says.lacks_amounts
    }

    /// The scope over all time for questions in which events count too, and the first and last day of the events. If
    /// the user gave no as-of day, it is the day of the latest order or event.
    fn up_to_events(&self) -> Result<(Ground, Rows)> {
        self.up_to_events_in(self.ground.all_time())
    }

    /// Like [`Self::up_to_events`], starting from another scope.
    fn up_to_events_in(&self, mut ground: Ground) -> Result<(Ground, Rows)> {
        let span = |ground: &Ground| self.rows(&ground.statement("events_span")?);
        if self.wishes_no_day {
            let latest = ground.scope.known_day().max(span(&ground)?.day("last_day")?);
            ground.scope = ScopeRequest::from(ground.scope).on(latest);
        }
        Ok((ground, span(&ground)?))
    }

    /// The same shop in another scope.
    fn with(&self, ground: Ground) -> Self {
        Self { ground, about: self.about.clone(), ..*self }
    }

    fn rows(&self, statement: &Statement) -> Result<Rows> {
        Ok(Rows::new(self.engine.rows(&statement.text)?, statement.name))
    }

    /// Which rows of the orders' files were used and which were left out, by a statement that counts the latter by
    /// rule.
    fn accounting(&self, left_out: &Statement) -> Result<Accounting> {
        self.accounting_of(&self.order_tables(false), left_out)
    }

    /// The tables whose files orders rest on: orders, and items where only these have the amounts, refunds or (if
    /// asked) costs of orders.
    fn order_tables(&self, asks_costs: bool) -> Vec<&'static str> {
        let says = &self.about.says;
        let rests_on_items = says.orders_rest_on_items || (asks_costs && says.costs_rest_on_items);
        [ORDERS.name].into_iter().chain(rests_on_items.then_some(ORDER_ITEMS.name)).collect()
    }

    /// Like [`Self::accounting`], with the rows of the given tables. The statement counts no rows of tables other than
    /// orders and items.
    fn accounting_of(&self, tables: &[&str], left_out: &Statement) -> Result<Accounting> {
        let mut accounting = self.about.accounting(tables);
        let rows = self.rows(left_out)?;
        let (all, of_items) = (rows.numbers::<u64>("row_count")?, rows.numbers::<u64>("item_row_count")?);
        let reads_items = tables.contains(&ORDER_ITEMS.name);
        for ((rule, all), of_items) in rows.texts("rule")?.iter().zip(all).zip(of_items) {
            let of_orders = all.checked_sub(of_items).ok_or_else(|| rows.wrong("item_row_count"))?;
            let count = if reads_items { all } else { of_orders };
            let known = Rule::ALL.iter().find(|of| Some(of.code()) == rule.as_deref());
            let known = known.ok_or_else(|| {
                let values = [("statement", left_out.name.to_owned()), ("column", "rule".to_owned())];
                Error::data_of("engine_answer", &values)
            })?;
            accounting.exclude(*known, count);
        }
        accounting.check_balance()?;
        Ok(accounting)
    }

    fn rest(&self, customer_count: u64, order_count: u64, accounting: Accounting) -> Rest {
        let scope = &self.ground.scope;
        Rest { as_of: scope.known_day(), window: scope.window, customer_count, order_count, accounting }
    }
}

/// Answers a question as it would be answered here.
///
/// # Errors
/// Questions that the export cannot answer, and the errors of the engine.
pub fn answer<Q: OnEngine>(question: &Q, shop: &ShopOn<'_>) -> Result<Answer> {
    check_answers(question, shop)?;
    let answer = question.answer_on(shop)?;
    if shop.lacks_amounts() { answer.without_amounts() } else { Ok(answer) }
}

/// Refuses questions that the export cannot answer.
fn check_answers<Q: OnEngine>(question: &Q, shop: &ShopOn<'_>) -> Result<()> {
    question.check()?;
    let says = &shop.about.says;
    let command = ("command", Q::ABOUT.name.to_owned());
    if let Some(table) = Q::TABLES.iter().find(|table| !says.has_table(table.name)) {
        let key = match table.name {
            name if name == ORDERS.name => "engine_no_orders",
            name if name == SENDS.name => "engine_no_sends",
            _ => "engine_no_events",
        };
        return Err(Error::data_of(key, &[command]));
    }
    if Q::ABOUT.needs_amounts && shop.lacks_amounts() {
        return Err(Error::data_of("engine_no_amounts", &[command]));
    }
    if Q::ABOUT.needs_people && !says.has_buyers {
        return Err(Error::data_of("engine_no_buyers", &[command]));
    }
    Ok(())
}

/// Refuses tables with other numbers of rows than the export has: an incomplete copy, or one on top of another export.
fn check_is_whole(engine: &dyn Engine, about: &About) -> Result<()> {
    const STATEMENT: &str = "table_rows";
    let count = |(table, _)| format!("SELECT '{table}' AS table_name, COUNT(*) AS row_count FROM {table}");
    let sql = about.table_rows().map(count).collect::<Vec<_>>().join("\nUNION ALL\n");
    let rows = Rows::new(engine.rows(&sql)?, STATEMENT);
    let (tables, counts) = (rows.texts("table_name")?, rows.numbers::<u64>("row_count")?);
    for (table, wanted) in about.table_rows() {
        let place = tables.iter().position(|name| name.as_deref() == Some(table));
        let seen = place.map(|place| counts[place]).ok_or_else(|| rows.wrong("table_name"))?;
        if seen != wanted {
            let values =
                [("name", table.to_owned()), ("seen", seen.to_string()), ("right", wanted.to_string())];
            return Err(Error::data_of("engine_not_whole", &values));
        }
    }
    Ok(())
}

/// The error that engines do not support a flag of a command.
pub fn not_there(command: &'static str, flag: &str) -> Error {
    Error::usage_of("engine_flag", &[("command", command.to_owned()), ("flag", flag.to_owned())])
}

impl Ground {
    /// The statement that counts the rows left out, for questions that judge each order by itself.
    fn left_out(&self) -> Result<Statement> {
        self.statement_with("left_out", Values::from([("before_window", String::new())]))
    }

    /// Like [`Self::left_out`], for questions in which orders without a known customer count.
    fn left_out_alone(&self) -> Result<Statement> {
        self.statement_with("left_out_alone", Values::from([("nobody", String::new())]))
    }

    /// Like [`Self::left_out`], for questions that follow customers from their first order: where that is before the
    /// window, all orders of the customer are left out.
    fn left_out_followed(&self) -> Result<Statement> {
        let before = self.first_day().map(|day| {
            format!(
                "\n  UNION ALL\n  SELECT '{}' AS rule, row_count, item_row_count FROM summed\n  \
                 WHERE order_count > 0 AND first_ordered_on < {day}",
                Rule::OutsideWindow.code()
            )
        });
        self.all_time()
            .statement_with("left_out", Values::from([("before_window", before.unwrap_or_default())]))
    }
}
