//! `ecrm products`.

use clap::Args;

use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::rules;
use crate::error::Result;
use crate::questions::Products;

/// What is bought together and next, how often again, and which products bring loyal customers
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm products items.csv                     one row per item of an order
  ecrm products orders.csv order_items.csv    items in a file of their own
  ecrm products items.csv --table together --min-count 20
  ecrm products items.csv --table next -o next.csv

The tables are `products` (the main one), `together` (pairs in one order) and `next` (a product in one order, another \
in the customer's next one). For `together` neither buyers nor amounts need be known, and items alone are enough.")]
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

impl ProductsArgs {
    /// Reads the inputs, counts products and pairs of products, and writes the answer.
    pub fn run(self) -> Result<()> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let min_count = self.question.min_count.or(asking.config().products.min_count);
        asking.of_tables(&Products::TABLES).ask(&Products { min_count })
    }
}
