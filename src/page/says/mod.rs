//! What a section says and what it advises, in plain sentences. They are made from the cells of its tables, so that a
//! sentence never contradicts a table. If a cell is empty, its sentence is left out.

mod goods;
mod people;
mod trade;

use crate::answer::Report;
use crate::error::Result;
use crate::locale::{grouped, sentence};
use crate::present::Style;

use super::sheet::Sheet;

/// The sentences of a section.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The sentences about what the figures show.
    pub says: Vec<String>,
    /// The sentences about what to do.
    pub todo: Vec<String>,
}

/// Makes the sentences of the section of this name.
pub(super) fn of(name: &str, reports: &[Report], style: &Style) -> Result<Said> {
    let said = Saying { said: Said::default(), reports, style };
    let said = match name {
        "overview" => trade::overview(said)?,
        "trend" => trade::trend(said)?,
        "migration" => people::migration(said)?,
        "forecast" => people::forecast(said)?,
        "segments" => people::segments(said)?,
        "rfm" => people::rfm(said)?,
        "repurchase" => people::repurchase(said)?,
        "cohort" => people::cohort(said)?,
        "interest" => trade::interest(said)?,
        "region" => trade::region(said)?,
        "hours" => trade::hours(said)?,
        "value" => goods::value(said)?,
        "products" => goods::products(said)?,
        "due" => people::due(said)?,
        "reach" => people::reach(said)?,
        "campaign" => goods::campaign(said)?,
        "quality" => goods::quality(said)?,
        _ => said,
    };
    Ok(said.said)
}

/// A section while its sentences are made.
struct Saying<'a> {
    said: Said,
    reports: &'a [Report],
    style: &'a Style,
}

impl<'a> Saying<'a> {
    /// A table of the section, if there is one that has rows.
    fn table(&self, name: &str) -> Result<Option<Sheet<'a>>> {
        Ok(Sheet::named(name, self.reports, self.style)?.filter(|sheet| sheet.height() > 0))
    }

    /// Adds a sentence about what the figures show.
    fn says(&mut self, key: &str, values: &[(&str, String)]) {
        let text = self.style.locale.sentence("says", &sentence(key, values)).into_owned();
        self.said.says.push(text);
    }

    /// Adds a sentence about what to do.
    fn todo(&mut self, key: &str, values: &[(&str, String)]) {
        let text = self.style.locale.sentence("todo", &sentence(key, values)).into_owned();
        self.said.todo.push(text);
    }
}

/// Formats a share as the tables do.
fn share(part: f64) -> String {
    format!("{:.1}%", part * 100.0)
}

/// Formats a count as the tables do.
fn count(number: f64) -> String {
    grouped(&format!("{number:.0}"))
}
