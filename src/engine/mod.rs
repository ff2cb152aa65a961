//! The same questions asked of another engine, over the tables of an export: their heavy stages as SQL, their finish
//! stages the ones that answer here too.
//!
//! ```text
//! question ──statements──▶ SQL ──Engine──▶ rows ──metrics' finish stages──▶ answer
//! ```
//!
//! SQL adds up and counts whole numbers, exactly; it divides nothing, ranks nothing over all rows and sums no floats,
//! so that every engine that does what SQL says gives the same rows. A statement is a file in `sql/`, filled in by
//! [`Ground`].

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

/// What runs SQL over the tables of an export, each of which it knows by its name.
pub trait Engine {
    /// Which SQL it speaks.
    fn dialect(&self) -> Dialect;

    /// The rows of a statement, which are few: whole numbers as integers or decimals, texts, null.
    ///
    /// # Errors
    /// When it cannot be reached, or refuses the statement.
    fn rows(&self, sql: &str) -> Result<DataFrame>;
}

/// A question whose heavy stage is SQL.
pub trait OnEngine: Question {
    /// What the export must hold.
    const TABLES: &'static [&'static Exported] = &[&ORDERS];

    /// Whether it takes a condition on customers.
    const TAKES_WHERE: bool = false;

    /// Whether events are counted beside orders, by questions that are not of events alone.
    const COUNTS_EVENTS: bool = false;

    /// Whether the answer is a list to reach people by.
    const LISTS_PEOPLE: bool = false;

    /// Refuses, by name, what is asked here and cannot be asked of an engine.
    ///
    /// # Errors
    /// Wrong usage.
    fn check(&self) -> Result<()>;

    /// Every statement, in the order in which they are run. What only the rows of an earlier one say is a parameter of
    /// a later one, named in it.
    ///
    /// # Errors
    /// None that comes from the data.
    fn statements(&self, ground: &Ground) -> Result<Vec<Statement>>;

    /// The answer.
    ///
    /// # Errors
    /// Those of the engine, and of the question's metric.
    fn answer_on(&self, shop: &ShopOn<'_>) -> Result<Answer>;
}

/// The tables of a shop on an engine.
pub struct ShopOn<'a> {
    engine: &'a dyn Engine,
    ground: Ground,
    about: About,
    /// The first day that the orders tell of.
    first_day: Option<Day>,
    /// Whether nobody says an as-of day, so that the data do.
    wishes_no_day: bool,
    /// Whether a table of this name is going to be written, so that the others need not be made.
    shows: &'a dyn Fn(&str) -> bool,
}

impl<'a> ShopOn<'a> {
    /// Looks at what there is; the as-of day is settled by it.
    ///
    /// # Errors
    /// When there is no export, one of another form, or several.
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
        // How orders of several go together (credit notes, two shops that number alike, refunds) is known to reading
        // alone.
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
            // Where nothing says what orders came to, each counts unless its status says otherwise.
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

    /// The same where only some tables are going to be written.
    pub fn showing(self, shows: &'a dyn Fn(&str) -> bool) -> Self {
        Self { shows, ..self }
    }

    /// Which orders count; the as-of day is settled where there is any.
    pub fn scope(&self) -> &Scope {
        &self.ground.scope
    }

    /// What the export is.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Whether nothing says what any order came to.
    pub fn lacks_amounts(&self) -> bool {
        self.about.says.lacks_amounts
    }

    /// The scope of all time where events count too, and the days that they tell of: without an as-of day the latest
    /// order or event is it.
    fn up_to_events(&self) -> Result<(Ground, Rows)> {
        self.up_to_events_in(self.ground.all_time())
    }

    /// The same in another scope.
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

    /// Where the rows of the orders' files went, by a statement that says what is left out.
    fn accounting(&self, left_out: &Statement) -> Result<Accounting> {
        self.accounting_of(&self.order_tables(false), left_out)
    }

    /// The tables of the files that orders are read of: those of items where only these say what the question asks of
    /// orders.
    fn order_tables(&self, asks_costs: bool) -> Vec<&'static str> {
        let says = &self.about.says;
        let rests_on_items = says.orders_rest_on_items || (asks_costs && says.costs_rest_on_items);
        [ORDERS.name].into_iter().chain(rests_on_items.then_some(ORDER_ITEMS.name)).collect()
    }

    /// The same with the rows of other tables, of which the statement leaves out none.
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

/// Answers a question, as it is answered here.
///
/// # Errors
/// What the exports cannot answer, and those of the engine.
pub fn answer<Q: OnEngine>(question: &Q, shop: &ShopOn<'_>) -> Result<Answer> {
    check_answers(question, shop)?;
    let answer = question.answer_on(shop)?;
    if shop.lacks_amounts() { answer.without_amounts() } else { Ok(answer) }
}

/// Refuses what an export cannot answer.
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

/// Refuses tables that do not have as many rows as the export: of a copy that is not whole, or that lies over another
/// one.
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

/// That a flag of a question is not there on engines.
pub fn not_there(command: &'static str, flag: &str) -> Error {
    Error::usage_of("engine_flag", &[("command", command.to_owned()), ("flag", flag.to_owned())])
}

impl Ground {
    /// What is left out where each order is judged by itself.
    fn left_out(&self) -> Result<Statement> {
        self.statement_with("left_out", Values::from([("before_window", String::new())]))
    }

    /// The same where orders of nobody known count too.
    fn left_out_alone(&self) -> Result<Statement> {
        self.statement_with("left_out_alone", Values::from([("nobody", String::new())]))
    }

    /// The same for questions that follow customers from their first order on: where that was before the window, all of
    /// a customer is left out.
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
