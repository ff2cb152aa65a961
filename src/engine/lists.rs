//! Lists of customers that the engine writes itself, so that no row of them is sent here.

use super::render::Values;
use super::rfm::{literals, score_days, scores};
use super::segment::{days, groups};
use super::{Dialect, Ground, OnEngine, ShopOn, Statement, check_answers};
use crate::answer::Spec;
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::group_days::GroupDay;
use crate::metrics::rfm::{Cuts, Grouping, RfmParams, ScoreDay, Summed};
use crate::metrics::segment::{MODES, SEGMENTS, VALUES};
use crate::metrics::value::CLASSES;
use crate::questions::{Rfm, Segment};
use crate::schema::accounting::Accounting;
use crate::schema::{Holds, names};

/// A list that the engine will write.
#[derive(Debug)]
pub struct Listing {
    /// The statement whose rows are the list.
    pub statement: Statement,
    /// Which rows of the orders' files were used and which were left out.
    pub accounting: Accounting,
    /// Remarks on the list.
    pub notes: Vec<Remark>,
}

impl Listing {
    pub(super) fn of(statement: Statement, accounting: Accounting) -> Self {
        Self { statement, accounting, notes: Vec::new() }
    }
}

/// A question whose answer may be a list of customers.
pub trait ListsOnEngine: OnEngine {
    /// Whether the question asks for a list.
    fn lists(&self) -> bool;

    /// Refuses, by its name, what a list can have when its rows are sent here but not when the engine writes it.
    ///
    /// # Errors
    /// Wrong usage.
    fn check_list(&self) -> Result<()> {
        Ok(())
    }

    /// Prepares the list. Sums and cut points that its statement needs are asked of the engine first.
    ///
    /// # Errors
    /// Those of the engine.
    fn list_on(&self, shop: &ShopOn<'_>) -> Result<Listing>;
}

/// Prepares the list that answers a question.
///
/// # Errors
/// Wrong usage if the question asks for no list; questions that the export cannot answer; the errors of the engine.
pub fn listing<Q: ListsOnEngine>(question: &Q, shop: &ShopOn<'_>) -> Result<Listing> {
    check_answers(question, shop)?;
    question.list_on(shop)
}

impl ListsOnEngine for Segment {
    fn lists(&self) -> bool {
        self.lists
    }

    fn list_on(&self, shop: &ShopOn<'_>) -> Result<Listing> {
        let ground = &shop.ground;
        let list = groups(ground, &self.params, "segment_list")?;
        let label = |name| segment_label(ground.dialect, "group_number", name);
        let columns = [names::SEGMENT, names::VALUE, names::MODE];
        let columns = columns.map(|name| format!("{} AS {name}", label(name))).join(",\n  ");
        let accounting = shop.accounting(&ground.left_out()?)?;
        Ok(Listing::of(written(ground, &list, columns)?, accounting))
    }
}

impl ListsOnEngine for Rfm {
    fn lists(&self) -> bool {
        !self.sums_up
    }

    fn list_on(&self, shop: &ShopOn<'_>) -> Result<Listing> {
        let (ground, bins) = (&shop.ground, self.params.bins);
        let accounting = shop.accounting(&ground.left_out()?)?;
        let cuts = self.some_cuts_on(shop)?;
        let list = scores(ground, "rfm_list", bins, &literals(&cuts))?;
        let (r, f, m) = (names::R_SCORE, names::F_SCORE, names::M_SCORE);
        let group = self.group_of_scores(shop, &cuts)?;
        let columns = format!("{r},\n  {f},\n  {m},\n  {group} AS {}", names::RFM_GROUP);
        Ok(Listing::of(written(ground, &list, columns)?, accounting))
    }
}

impl Rfm {
    /// An SQL expression for the group of a customer's three scores. Where groups depend on the means of all buyers,
    /// the sums for these are asked of the engine.
    pub(super) fn group_of_scores(&self, shop: &ShopOn<'_>, cuts: &Cuts) -> Result<String> {
        let bins = self.params.bins;
        let mut params = self.params.clone();
        if let Grouping::Eight(None) = params.grouping {
            let rows = shop.rows(&scores(&shop.ground, "rfm", bins, &literals(cuts))?)?;
            let summed = Summed::new(&score_days(&rows, days(&rows)?)?, &params)?;
            params.grouping = Grouping::Eight(Some(summed.means.unwrap_or_default()));
        }
        group_of_given(&params, shop.ground.dialect)
    }
}

/// An SQL expression for the group of three scores, combined into one number; for groups that depend on nothing else.
pub(super) fn group_of_given(params: &RfmParams, dialect: Dialect) -> Result<String> {
    let score = || 1..=params.bins;
    let all = score().flat_map(|r| score().flat_map(move |f| score().map(move |m| [r, f, m])));
    let one = |scores| ScoreDay { scores, day: GroupDay { customers: 1, ..GroupDay::default() } };
    let days: Vec<ScoreDay> = all.map(one).collect();
    let summed = Summed::new(&days, params)?;
    let number = |[r, f, m]: [u8; 3]| u32::from(r) * 10_000 + u32::from(f) * 100 + u32::from(m);
    let key = |(of, day): (&ScoreDay, &GroupDay)| {
        (number(of.scores), summed.groups[usize::from(day.group)].as_str())
    };
    let keys = days.iter().zip(&summed.days).map(key).collect();
    let of_scores = format!("{} * 10000 + {} * 100 + {}", names::R_SCORE, names::F_SCORE, names::M_SCORE);
    Ok(cases(dialect, &of_scores, keys))
}

/// An SQL expression that turns the number of a segment's group into the text of a column: segment, value or mode.
pub(super) fn segment_label(dialect: Dialect, number: &str, name: &str) -> String {
    // The number of a group is 2 × segment + value.
    let numbers = (0..).zip(SEGMENTS.iter().zip(MODES).flat_map(|of| VALUES.map(|value| (of, value))));
    let label = |(number, ((segment, mode), value)): (u32, ((&&'static str, &'static str), &'static str))| {
        let text = match name {
            names::SEGMENT => *segment,
            names::VALUE => value,
            _ => mode,
        };
        (number, text)
    };
    cases(dialect, number, numbers.map(label).collect())
}

/// An SQL expression that turns the number of a class into its name.
pub(super) fn class_label(dialect: Dialect, number: &str) -> String {
    cases(dialect, number, (0..).zip(CLASSES).collect())
}

/// The statement of a list in the form of files for other programs: days as dates, amounts in currency units, flags as
/// booleans.
pub(super) fn written_as(list: &Statement, columns: &[Spec]) -> Statement {
    let column = |spec: &Spec| {
        let name = spec.name;
        match Holds::from(spec.kind) {
            Holds::Date => format!("DATE_FROM_UNIX_DATE({name}) AS {name}"),
            Holds::Amount => {
                format!("CAST({name} * CAST(0.000001 AS DECIMAL(7, 6)) AS DECIMAL(38, 6)) AS {name}")
            }
            Holds::Flag => format!("{name} = 1 AS {name}"),
            Holds::Text | Holds::Whole | Holds::Real => name.to_owned(),
        }
    };
    let columns: Vec<String> = columns.iter().map(column).collect();
    let text = format!("SELECT\n  {}\nFROM (\n{}) AS listed\n", columns.join(",\n  "), list.text);
    Statement { name: list.name, text }
}

/// The statement of a list that the engine writes, with additional columns.
fn written(ground: &Ground, list: &Statement, columns: String) -> Result<Statement> {
    ground.statement_with("written_list", Values::from([("columns", columns), ("list", list.text.clone())]))
}

/// An SQL expression that turns each number into its text.
fn cases(dialect: Dialect, number: &str, texts: Vec<(u32, &str)>) -> String {
    let case = |(number, text): (u32, &str)| format!("WHEN {number} THEN {}", dialect.text(text));
    format!("CASE {number} {} END", texts.into_iter().map(case).collect::<Vec<_>>().join(" "))
}
