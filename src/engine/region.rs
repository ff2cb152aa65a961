//! The question about regions on an engine.

use std::collections::HashMap;

use super::render::Values;
use super::{Ground, OnEngine, Rows, ShopOn, Statement, not_there};
use crate::error::{Error, Result};
use crate::export::{CUSTOMERS, EVENTS};
use crate::locale::Words;
use crate::merge::region_place;
use crate::metrics::region::{Found, Groups, Level, Sum, level_of, of_found};
use crate::questions::region::Inputs;
use crate::questions::{Answer, Question, Region};
use crate::regions;
use crate::schema::names;

impl OnEngine for Region {
    fn check(&self) -> Result<()> {
        match self.by {
            None => Ok(()),
            Some(_) => Err(not_there(Self::ABOUT.name, "--by")),
        }
    }

    fn statements(&self, ground: &Ground) -> Result<Vec<Statement>> {
        // The first statement shows which level to take and which spellings mean the same place. Before it has run,
        // neither is known.
        let level = self.level.unwrap_or(Level::Province);
        Ok(vec![
            ground.left_out_alone()?,
            places(ground)?,
            sums(ground, level, &[])?,
            ground.statement("region_buyers")?,
        ])
    }

    fn answer_on(&self, shop: &ShopOn<'_>) -> Result<Answer> {
        let ground = &shop.ground;
        let says = &shop.about().says;
        // With events the answer would have conversion rates, which are not computed on engines.
        if says.has_table(EVENTS.name) {
            return Err(Error::usage_of("engine_events", &[]));
        }
        // The country of an order's province may be known from where customers live.
        let tables = [shop.order_tables(false), vec![CUSTOMERS.name]].concat();
        let accounting = shop.accounting_of(&tables, &ground.left_out_alone()?)?;
        let known = Known::of(&shop.rows(&places(ground)?)?)?;
        let level = self.level.unwrap_or_else(|| level_of(&known.regions, &known.counts));
        let groups = Groups::new(&known.regions, level);
        let rows = shop.rows(&sums(ground, level, &known.same(&groups, level))?)?;
        let found = found(&rows, &groups, &shop.rows(&ground.statement("region_buyers")?)?)?;
        let regions = of_found(&groups, &found, shop.lacks_amounts(), accounting)?;
        let inputs = Inputs {
            has_events: false,
            has_region_column: says.has_region_column,
            lacks_amounts: shop.lacks_amounts(),
            hint: Words::of("error", "no_buyer_column", &[]),
        };
        Ok(self.of_orders(regions, level, inputs, shop.scope()))
    }
}

fn places(ground: &Ground) -> Result<Statement> {
    ground.statement_with("region_places", Values::from([("nobody", String::new())]))
}

/// A place as it is written, and the place that this spelling means.
type Same = (regions::Region, regions::Region);

fn sums(ground: &Ground, level: Level, same: &[Same]) -> Result<Statement> {
    let is_known = match level {
        Level::Country => names::COUNTRY,
        Level::Province => names::PROVINCE,
        Level::City => names::CITY,
    };
    // A place that lacks the name of this level is unknown at the level.
    let name = |name: &str, of: Level| match level >= of {
        true => format!("CASE WHEN {is_known} IS NOT NULL THEN COALESCE({name}, '') ELSE '' END"),
        false => "''".to_owned(),
    };
    let values = Values::from([
        ("nobody", String::new()),
        ("same_places", same_places(ground, same)),
        ("country", name(names::COUNTRY, Level::Country)),
        ("province", name(names::PROVINCE, Level::Province)),
        ("city", name(names::CITY, Level::City)),
    ]);
    ground.statement_with("region", values)
}

fn same_places(ground: &Ground, same: &[Same]) -> String {
    const COLUMNS: [&str; 6] =
        [names::COUNTRY, names::PROVINCE, names::CITY, "of_country", "of_province", "of_city"];
    let select = |values: [&str; 6]| {
        let columns = values.iter().zip(COLUMNS);
        let columns = columns.map(|(value, name)| format!("{} AS {name}", ground.dialect.text(value)));
        format!("SELECT {}", columns.collect::<Vec<_>>().join(", "))
    };
    let row = |(written, of): &Same| {
        select([&written.country, &written.province, &written.city, &of.country, &of.province, &of.city])
    };
    match same {
        [] => format!("{} WHERE 1 = 0", select([""; 6])),
        _ => same.iter().map(row).collect::<Vec<_>>().join("\n  UNION ALL\n  "),
    }
}

/// The places of orders and customers in the order in which reading numbers them, with the number of orders of each.
struct Known {
    regions: Vec<regions::Region>,
    counts: Vec<u64>,
}

impl Known {
    fn of(rows: &Rows) -> Result<Self> {
        let is_of_orders = rows.numbers::<u8>("is_of_orders")?;
        let counts = rows.numbers::<u64>(names::ORDER_COUNT)?;
        let written = written(rows)?.into_iter().zip(is_of_orders.into_iter().zip(counts));
        let placed = written.filter_map(|(region, (is_of_orders, count))| {
            // Of spellings that differ only in case, the one with the most orders comes first.
            Some(((1 - is_of_orders, region_place(&region)?, u64::MAX - count), region, count))
        });
        let mut placed: Vec<_> = placed.collect();
        placed.sort();
        let (regions, counts) = placed.into_iter().map(|(_, region, count)| (region, count)).unzip();
        Ok(Self { regions, counts })
    }

    /// The places that are written differently from the name of their group.
    fn same(&self, groups: &Groups, level: Level) -> Vec<Same> {
        let of_region = |(region, number): (&regions::Region, u32)| {
            let group = groups.known(number)?;
            let written = Groups::cut(region, level);
            let name = groups.names.get(group as usize)?;
            (written != *name).then(|| (written, name.clone()))
        };
        let mut same: Vec<Same> = self.regions.iter().zip(0..).filter_map(of_region).collect();
        same.sort();
        same.dedup();
        same
    }
}

fn written(rows: &Rows) -> Result<Vec<regions::Region>> {
    let text = |name: &str| Ok::<_, Error>(rows.texts(name)?.into_iter().map(Option::unwrap_or_default));
    let texts = text(names::COUNTRY)?.zip(text(names::PROVINCE)?).zip(text(names::CITY)?);
    let region = |((country, province), city)| regions::Region { country, province, city };
    Ok(texts.map(region).collect())
}

fn found(rows: &Rows, groups: &Groups, buyers: &Rows) -> Result<Found> {
    let number: HashMap<&regions::Region, usize> =
        groups.names.iter().enumerate().map(|(number, name)| (name, number)).collect();
    let (orders, net) = (rows.numbers::<u64>(names::ORDER_COUNT)?, rows.numbers::<i128>(names::NET_AMOUNT)?);
    let customers = rows.numbers::<u64>(names::CUSTOMER_COUNT)?;
    let repeaters = rows.numbers::<u64>("repeater_count")?;
    let known_net = rows.numbers::<i128>("known_net_amount")?;
    let mut found = Found {
        groups: vec![Sum::default(); groups.count()],
        known_net: buyers.one(names::NET_AMOUNT)?.unwrap_or(0),
        customers: buyers.one(names::CUSTOMER_COUNT)?.unwrap_or(0),
        orders: orders.iter().sum(),
    };
    for (row, region) in written(rows)?.iter().enumerate() {
        let group = number.get(region).ok_or_else(|| rows.wrong(names::PROVINCE))?;
        found.groups[*group] = Sum {
            is_there: true,
            orders: orders[row],
            net: net[row],
            known_net: known_net[row],
            customers: customers[row],
            repeaters: repeaters[row],
        };
    }
    Ok(found)
}
