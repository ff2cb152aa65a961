//! Questions that the inputs cannot answer.

use polars::prelude::col;

use crate::error::{Error, Result, said};
use crate::parse::customer_hint;
use crate::questions::About;
use crate::reading::Ingested;
use crate::schema::{Orders, orders};

/// Refuses orders of which nothing says what they came to, for a question that is about amounts.
pub fn require_amounts<P>(ingested: &Ingested<P>, about: &About) -> Result<()> {
    if !about.needs_amounts || !ingested.orders.lacks_amounts {
        return Ok(());
    }
    let names: Vec<&str> = ingested.sources.iter().map(|source| source.name.as_str()).collect();
    let values = [("command", about.name.to_owned()), ("files", names.join(", "))];
    let (message, hint) = said("needs_amounts", &values);
    Err(Error::data(message, hint))
}

/// Refuses inputs that do not say who bought, for a question about people whom no other table names.
pub fn require_people(ingested: &Ingested, about: &About) -> Result<()> {
    let has = |table| ingested.sources.iter().any(|source| source.table() == table);
    if !about.needs_people || about.is_about_others_of(has) {
        return Ok(());
    }
    let (orders, command) = (&ingested.orders, about.name);
    if orders.may_have_buyers() {
        return Ok(());
    }
    let names: Vec<&str> = ingested.sources.iter().map(|source| source.name.as_str()).collect();
    let names = names.join(", ");
    let why = if !orders.has_customer_column {
        "no column says who bought"
    } else if has_masked(orders)? {
        "every buyer is masked by the platform (such as t**3), and masked names are not people"
    } else {
        "the buyer's column is empty on every row"
    };
    Err(Error::data(
        format!("{command} needs to know who bought, and in {names} {why}"),
        customer_hint(&ingested.sources).en,
    ))
}

fn has_masked(orders: &Orders) -> Result<bool> {
    let masked =
        orders.parts.ask(|part| part.select([col(orders::IS_MASKED)]).filter(col(orders::IS_MASKED)))?;
    Ok(masked.height() > 0)
}
