//! Who carries the shop, on an engine.

use polars::prelude::{NamedFrom, StringChunked};

use super::render::Values;
use super::{Ground, OnEngine, Rows, ShopOn, Statement};
use crate::error::Result;
use crate::metrics::value::{Basis, CLASSES, ClassSum, End, Ends, Level, Listed, WHOLE, of_listed, sum_up};
use crate::questions::{Answer, Value};
use crate::schema::{Day, Micros, names};

/// Values that say where the first two classes end: the contribution of the last customer of each, and how many
/// customers with just this contribution belong to the class.
pub(super) const ENDS: [&str; 4] = ["core_amount", "core_place", "potential_amount", "potential_place"];

impl OnEngine for Value {
    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn statements(&self, ground: &Ground) -> Result<Vec<Statement>> {
        if self.lists {
            return Ok(vec![ground.left_out()?, self.contributed(ground, "value_list")?]);
        }
        let ends = ENDS.map(|name| ground.dialect.parameter(name));
        let levels = self.contributed(ground, "value_levels")?;
        Ok(vec![ground.left_out()?, levels, self.ends(ground, ends)?])
    }

    fn answer_on(&self, shop: &ShopOn<'_>) -> Result<Answer> {
        let ground = &shop.ground;
        let accounting = shop.accounting_of(&shop.order_tables(true), &ground.left_out()?)?;
        if self.lists {
            let rows = shop.rows(&self.contributed(ground, "value_list")?)?;
            let ids = rows.texts(names::CUSTOMER_ID)?;
            let (as_of, basis) = (ground.scope.as_of, basis(&rows, shop)?);
            let ranked = of_listed(&listed(&rows)?, basis, &self.params, as_of, accounting.clone());
            let rest = shop.rest(ranked.customer_count(), ranked.order_count, accounting);
            let list = ranked.listing(StringChunked::new(names::CUSTOMER_ID.into(), ids))?;
            return Ok(self.listed(&ranked, list, rest));
        }
        let rows = shop.rows(&self.contributed(ground, "value_levels")?)?;
        let mut levels = levels(&rows)?;
        // An engine may return rows in any order.
        levels.sort_unstable_by_key(|level| level.amount);
        let ends = Ends::of(&levels, &self.params);
        let of_ends = match ends.filter(Ends::are_among_equals) {
            Some(Ends { core, potential }) => {
                let rows = shop.rows(&self.ends(ground, written(Ends { core, potential }))?)?;
                let classed = classed(&rows)?;
                are_all([core, potential], &classed)
                    .then_some(classed)
                    .ok_or_else(|| rows.wrong(names::CUSTOMER_COUNT))?
            }
            None => Vec::new(),
        };
        let figures = sum_up(&levels, ends.as_ref(), &of_ends, basis(&rows, shop)?);
        let whole = figures.whole();
        self.summed(&figures, shop.rest(whole.customers, whole.orders, accounting))
    }
}

impl Value {
    /// Where the first two classes end, as values for statements. If nobody contributes anything, that is beyond all
    /// customers.
    pub(super) fn ends_on(&self, shop: &ShopOn<'_>) -> Result<[String; 4]> {
        let mut levels = levels(&shop.rows(&self.contributed(&shop.ground, "value_levels")?)?)?;
        levels.sort_unstable_by_key(|level| level.amount);
        let past_all = End { amount: Micros::new(i64::MAX), place: 0, equals: 0 };
        let ends = Ends::of(&levels, &self.params).unwrap_or(Ends { core: past_all, potential: past_all });
        Ok(written(ends))
    }

    pub(super) fn contributed(&self, ground: &Ground, name: &'static str) -> Result<Statement> {
        ground.statement_with(name, self.values())
    }

    /// The statement about the customers who contribute exactly as much as the last ones of the first two classes.
    fn ends(&self, ground: &Ground, ends: [String; 4]) -> Result<Statement> {
        let values = self.values().into_iter().chain(ENDS.into_iter().zip(ends));
        ground.statement_with("value_ends", values.collect())
    }

    pub(super) fn values(&self) -> Values {
        Values::from([("whole", WHOLE.to_string()), ("deep_discount", self.params.deep_discount.to_string())])
    }
}

/// The ends as the values of [`ENDS`].
fn written(Ends { core, potential }: Ends) -> [String; 4] {
    let of = |end: End| [end.amount.number().to_string(), end.place.to_string()];
    let ([core, core_place], [potential, potential_place]) = (of(core), of(potential));
    [core, core_place, potential, potential_place]
}

fn basis(rows: &Rows, shop: &ShopOn<'_>) -> Result<Basis> {
    let says = &shop.about.says;
    let costless: u64 = rows.numbers::<u64>("costless_count")?.iter().sum();
    Ok(Basis {
        by_margin: says.has_cost,
        has_full_price: says.has_full_price,
        costless_count: if says.has_cost { costless } else { 0 },
    })
}

fn levels(rows: &Rows) -> Result<Vec<Level>> {
    let amounts = rows.numbers::<i64>("contribution")?;
    let customers = rows.numbers::<u64>(names::CUSTOMER_COUNT)?;
    let orders = rows.numbers::<u64>(names::ORDER_COUNT)?;
    let net = rows.numbers::<i128>(names::NET_AMOUNT)?;
    let promotion_only = rows.numbers::<u64>(names::PROMOTION_ONLY_COUNT)?;
    let level = |row: usize| Level {
        amount: Micros::new(amounts[row]),
        sum: ClassSum {
            customers: customers[row],
            orders: orders[row],
            net: net[row],
            contribution: i128::from(amounts[row]) * i128::from(customers[row]),
            promotion_only: promotion_only[row],
        },
    };
    Ok((0..rows.len()).map(level).collect())
}

fn classed(rows: &Rows) -> Result<Vec<(u8, Level)>> {
    let classes = rows.numbers::<u8>("class_number")?;
    match classes.iter().all(|class| usize::from(*class) < CLASSES.len()) {
        true => Ok(classes.into_iter().zip(levels(rows)?).collect()),
        false => Err(rows.wrong("class_number")),
    }
}

/// Whether these are all customers who contribute as much as the last ones of the first two classes, and each is in the
/// class that its place gives it.
fn are_all(ends: [End; 2], classed: &[(u8, Level)]) -> bool {
    ends.iter().zip(0..).all(|(end, class)| {
        let equals = || classed.iter().filter(|(_, level)| level.amount == end.amount);
        let count = |most: u8| -> u64 {
            equals().filter(|(class, _)| *class <= most).map(|(_, level)| level.sum.customers).sum()
        };
        end.place == 0 || (count(class) == end.place && count(u8::MAX) == end.equals)
    })
}

fn listed(rows: &Rows) -> Result<Vec<Listed>> {
    let last_days = rows.numbers::<i32>(names::LAST_ORDERED_ON)?;
    let orders = rows.numbers::<u32>(names::ORDER_COUNT)?;
    let (net, contribution) = (rows.numbers::<i64>(names::NET_AMOUNT)?, rows.numbers::<i64>("contribution")?);
    let (deep, priced) = (rows.numbers::<u32>("deep_count")?, rows.numbers::<u32>("priced_count")?);
    let buyer = |row: usize| Listed {
        last_day: Day::new(last_days[row]),
        orders: orders[row],
        net: Micros::new(net[row]),
        contribution: Micros::new(contribution[row]),
        deep: deep[row],
        priced: priced[row],
    };
    Ok((0..rows.len()).map(buyer).collect())
}
