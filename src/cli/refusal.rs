//! Refuses questions that the inputs cannot answer.

use polars::prelude::col;

use crate::error::{Error, Result};
use crate::locale::{Words, harmless};
use crate::parse::customer_hint;
use crate::questions::About;
use crate::reading::Ingested;
use crate::schema::{Orders, orders};

/// Refuses orders without amounts, for a question about amounts.
pub fn require_amounts<P>(ingested: &Ingested<P>, about: &About) -> Result<()> {
    if !about.needs_amounts || !ingested.orders.lacks_amounts {
        return Ok(());
    }
    Err(Error::data_of("needs_amounts", &[("command", about.name.to_owned()), ("files", named(ingested))]))
}

/// Refuses inputs without buyers, for a question about people whom no other table names.
pub fn require_people(ingested: &Ingested, about: &About) -> Result<()> {
    let has = |table| ingested.sources.iter().any(|source| source.table() == table);
    if !about.needs_people || about.is_about_others_of(has) {
        return Ok(());
    }
    let (orders, command) = (&ingested.orders, about.name);
    if orders.may_have_buyers() {
        return Ok(());
    }
    let key = if !orders.has_customer_column {
        "no_buyers_column"
    } else if has_masked(orders)? {
        "buyers_masked"
    } else {
        "buyers_empty"
    };
    let values = [("command", command.to_owned()), ("files", named(ingested))];
    Err(Error::data(Words::of("error", key, &values), customer_hint(&ingested.sources)))
}

/// The names of the files that were read, for a sentence.
fn named<P>(ingested: &Ingested<P>) -> String {
    Words::names(ingested.sources.iter().map(|source| harmless(&source.name))).to_string()
}

fn has_masked(orders: &Orders) -> Result<bool> {
    let masked =
        orders.parts.ask(|part| part.select([col(orders::IS_MASKED)]).filter(col(orders::IS_MASKED)))?;
    Ok(masked.height() > 0)
}
