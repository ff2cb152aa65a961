//! The language of `--where`, `--orders-where`, `--sort` and tag rules: SQL's conditions over one table.
//!
//! ```text
//! text ──syntax──▶ sqlparser's tree ──check──▶ Node, every name and type resolved ──evaluate──▶ a truth value per row
//!                                                └──sql──▶ text for another engine
//! ```
//!
//! A condition is parsed twice. Before any file is read, a [`Vocabulary`] that is open for further columns finds every
//! fault that can be found then. Afterwards the same text is parsed with all columns, including those of the files, and
//! only then it is evaluated.
//!
//! Conditions are evaluated by a walk over the tree, one column at a time over all rows, and not as a polars query.
//! Amounts are then compared as exact decimals, `LIKE` and `lower` need no feature of polars, and an overflow is an
//! error that names its place instead of a NULL. A function about the data ([`Call`]) is answered by a column whose
//! name is the text of the call.
//!
//! The rules are those of SQL; where engines differ, those of DuckDB:
//!
//! - NULL compared with anything is unknown; a row is kept where the condition is true.
//! - `/` divides exactly and gives a real number, never a truncated one; by zero it gives NULL.
//! - `+`, `-` and `*` of whole numbers and amounts are exact; more than 18 decimals become real numbers.
//! - A date minus a date is a number of days. A date plus or minus a whole number of days is a date.
//! - Texts are compared by the code points of their characters, so that upper and lower case differ. `LIKE` must match
//!   the whole text; `%` stands for any characters and `_` for one. No character escapes them unless `ESCAPE` names it.
//!   `ILIKE` compares like `LIKE`, but in lower case.
//! - Names are found in upper and lower case, unless two names differ in nothing else. `"…"` is always a name, `'…'` is
//!   a text.

mod arguments;
mod asked;
mod calls;
mod check;
mod complaint;
mod condition;
mod evaluate;
mod functions;
mod literals;
mod names;
mod node;
mod operands;
mod pattern;
mod scan;
mod sorting;
mod sql;
mod syntax;
mod values;
mod vocabulary;

#[cfg(test)]
mod tests;

pub use asked::Asked;
pub use calls::{Call, DayArgument};
pub use condition::Condition;
pub use sorting::Sorting;
pub use sql::{Named, refused_on_engines};
pub use vocabulary::Vocabulary;
