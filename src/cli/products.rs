//! `ecrm products`.

use clap::Args;
use serde_json::{Map, json};

use super::refusal;
use super::session::{Answer, Basis, Question, Session};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::rules;
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::products::products;
use crate::present::{Kind, Spec, Table};
use crate::schema::{self, Wants, names};

/// What is bought together and next, how often again, and which products bring loyal customers
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm products items.csv                     one row per item of an order
  ecrm products orders.csv order_items.csv    items in a file of their own
  ecrm products items.csv --table together --min-count 20
  ecrm products items.csv --table next -o next.csv

The tables are `products` (the main one), `together` (pairs in one order) and `next` (a product in one order, another \
in the customer's next one).")]
pub struct ProductsArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: ProductsQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Products")]
struct ProductsQuestion {
    /// Pairs in at least so many orders [default: 1 in 1000 of the orders, and at least 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(rules::MIN_COUNT.unsigned()))]
    min_count: Option<u64>,
}

/// The tables, the main one first.
const TABLES: [&str; 3] = ["products", "together", "next"];

impl ProductsArgs {
    /// Reads, counts, writes.
    pub fn run(self) -> Result<()> {
        use schema::Table::{OrderItems, Orders};
        let wants = Wants { items: true, details: true, tables: vec![OrderItems], ..Wants::default() };
        let question = Question { name: "products", input: &self.input, wants };
        let mut session = Session::open(question, &self.scope, &self.output)?;
        // A wrong name fails before the work.
        session.shows(&TABLES, TABLES[0])?;
        let mut ingested = session.read(&[Orders])?;
        refusal::require_customers(&ingested, "products")?;
        let scope = session.settled(&mut ingested, &[])?;
        let found = products(&ingested.orders, &scope, ingested.accounting.clone())?;
        ingested.orders.parts = Default::default();
        let least = self.question.min_count.or(session.config.products.min_count);
        let least = least.unwrap_or_else(|| found.usual_least());
        let items = &ingested.orders.items;
        // Pairs take longer than all else.
        let mut tables = vec![Table::new("products", "products", product_columns(), found.summary(items)?)];
        for name in &TABLES[1..] {
            if session.shows(&TABLES, name)? {
                let frame = match *name {
                    "together" => found.together_frame(items, least)?,
                    _ => found.next_frame(items, least)?,
                };
                tables.push(Table::new(name, "pairs", pair_columns(), frame));
            }
        }
        let mut notes = Vec::new();
        if found.basket_count() == 0 && found.order_count > 0 {
            notes.push(Remark::new("no_items"));
        }
        let basis = Basis {
            as_of: scope.as_of,
            window: scope.window,
            customer_count: found.customer_count,
            order_count: found.order_count,
            accounting: found.accounting,
            ids_are_personal: ingested.orders.ids_are_personal,
        };
        let parameters = Map::from_iter([("min_count".to_owned(), json!(least))]);
        session.write(&ingested.sources, basis, Answer { tables, parameters, notes, ..Answer::default() })
    }
}

fn product_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::PRODUCT_ID, Kind::Named, 1),
        Spec::new(names::TITLE, Kind::Title, 0),
        Spec::new(names::CATEGORY, Kind::Named, 9),
        Spec::new(names::ORDER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 4),
        Spec::new(names::QUANTITY, Kind::Number, 8),
        Spec::new(names::AMOUNT, Kind::Amount, 2),
        Spec::new(names::REPEAT_CUSTOMER_COUNT, Kind::Count, 5),
        Spec::new(names::GAP_COUNT, Kind::Count, 10),
        Spec::new(names::CYCLE_DAYS, Kind::Days, 3),
        Spec::new(names::ENTRY_CUSTOMER_COUNT, Kind::Count, 6),
        Spec::new(names::LOYAL_COUNT, Kind::Count, 11),
        Spec::new(names::LOYAL_RATE, Kind::Share, 7),
        Spec::new(names::LOYAL_INDEX, Kind::Number, 12),
    ]
}

fn pair_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::PRODUCT_ID, Kind::Named, 5),
        Spec::new(names::TITLE, Kind::Title, 0),
        Spec::new(names::OTHER_PRODUCT_ID, Kind::Named, 5),
        Spec::new(names::OTHER_TITLE, Kind::Title, 0),
        Spec::new(names::ORDER_COUNT, Kind::Count, 0),
        Spec::new(names::PRODUCT_ORDER_COUNT, Kind::Count, 7),
        Spec::new(names::OTHER_ORDER_COUNT, Kind::Count, 7),
        Spec::new(names::BASKET_COUNT, Kind::Count, 8),
        Spec::new(names::SUPPORT, Kind::Share, 2),
        Spec::new(names::CONFIDENCE, Kind::Share, 1),
        Spec::new(names::LIFT, Kind::Number, 0),
    ]
}
