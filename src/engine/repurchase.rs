//! The curve of repeat orders on an engine.

use super::render::Values;
use super::{Ground, OnEngine, Rows, ShopOn, Statement, not_there};
use crate::error::{Error, Result};
use crate::metrics::repurchase::{BUYBACK_DAYS, Gap, Grouping, Watched, of_watched};
use crate::questions::{Answer, Question, Repurchase, Shown};
use crate::schema::names;

impl OnEngine for Repurchase {
    fn check(&self) -> Result<()> {
        let flag = match self.show {
            Shown::Curve(None) => return Ok(()),
            Shown::Curve(Some(_)) => "--by",
            Shown::Ladder => "--ladder",
            Shown::Due { .. } => "--due",
        };
        Err(not_there(Self::ABOUT.name, flag))
    }

    fn statements(&self, ground: &Ground) -> Result<Vec<Statement>> {
        Ok(vec![ground.left_out_followed()?, gaps(ground)?, buyers(ground)?])
    }

    fn answer_on(&self, shop: &ShopOn<'_>) -> Result<Answer> {
        let ground = &shop.ground;
        let accounting = shop.accounting(&ground.left_out_followed()?)?;
        let watched = watched(&shop.rows(&gaps(ground)?)?, &shop.rows(&buyers(ground)?)?)?;
        let grouping = Grouping::All;
        let answer =
            of_watched(&watched, ground.scope.as_of, shop.first_day, self.churn, &grouping, accounting);
        self.of_curve(answer, shop.scope())
    }
}

fn gaps(ground: &Ground) -> Result<Statement> {
    ground.all_time().statement_with("repurchase_gaps", Values::from([("is_asked", ground.is_asked())]))
}

fn buyers(ground: &Ground) -> Result<Statement> {
    let values = Values::from([
        ("is_asked", ground.is_asked()),
        ("before_from", (ground.as_of() - 2 * BUYBACK_DAYS).to_string()),
        ("before_to", (ground.as_of() - BUYBACK_DAYS).to_string()),
    ]);
    ground.all_time().statement_with("repurchase_buyers", values)
}

fn watched(gaps: &Rows, buyers: &Rows) -> Result<Watched> {
    let is_asked = gaps.numbers::<u8>("is_asked")?;
    let is_first = gaps.numbers::<u8>("is_first")?;
    let days = gaps.numbers::<i32>("gap_days")?;
    let has_ended = gaps.numbers::<u8>("has_ended")?;
    let count = gaps.numbers::<u64>("gap_count")?;
    let gap = |row: usize| Gap {
        is_asked: is_asked[row] == 1,
        is_first: is_first[row] == 1,
        days: days[row],
        has_ended: has_ended[row] == 1,
        count: count[row],
    };
    let one = |name: &str| Ok::<u64, Error>(buyers.one(name)?.unwrap_or(0));
    Ok(Watched {
        gaps: (0..gaps.len()).map(gap).collect(),
        customers: one(names::CUSTOMER_COUNT)?,
        repeaters: one("repeater_count")?,
        day_repeaters: one("day_repeater_count")?,
        orders: one(names::ORDER_COUNT)?,
        buyback: (one("before_count")?, one("again_count")?),
    })
}
