//! What a section says and what to do about it, in plain sentences: made from the cells of its tables, so that sentence
//! and table cannot differ. Where a cell is empty, the sentence that would name it is left out.

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
    /// What the figures say.
    pub says: Vec<String>,
    /// What to do.
    pub todo: Vec<String>,
}

/// The sentences of a section of this name.
pub(super) fn of(name: &str, reports: &[Report], style: &Style) -> Result<Said> {
    let said = Saying { said: Said::default(), reports, style };
    let said = match name {
        "overview" => trade::overview(said)?,
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

/// A section whose sentences are being made.
struct Saying<'a> {
    said: Said,
    reports: &'a [Report],
    style: &'a Style,
}

impl<'a> Saying<'a> {
    /// A table of the section, where it has rows.
    fn table(&self, name: &str) -> Result<Option<Sheet<'a>>> {
        Ok(Sheet::named(name, self.reports, self.style)?.filter(|sheet| sheet.height() > 0))
    }

    /// A sentence about what is.
    fn says(&mut self, key: &str, values: &[(&str, String)]) {
        let text = self.style.locale.sentence("says", &sentence(key, values)).into_owned();
        self.said.says.push(text);
    }

    /// A sentence about what to do.
    fn todo(&mut self, key: &str, values: &[(&str, String)]) {
        let text = self.style.locale.sentence("todo", &sentence(key, values)).into_owned();
        self.said.todo.push(text);
    }
}

/// A part, as tables show it.
fn share(part: f64) -> String {
    format!("{:.1}%", part * 100.0)
}

/// A count, as tables show it.
fn count(number: f64) -> String {
    grouped(&format!("{number:.0}"))
}
