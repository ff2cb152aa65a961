//! The rows of the table.

use polars::prelude::*;

use super::figures::{Bought, Figures};
use crate::error::Result;
use crate::metrics::finish::{amounts, counts, dates, flags, frame, ratios, share};
use crate::schema::{Day, money, names};
use crate::stats::split::{Product, split};

/// A period and the same period a year before.
#[derive(Debug)]
pub(super) struct Row {
    pub first_day: Day,
    /// Whether the period is not over at as-of.
    pub is_unfinished: bool,
    /// Whether the data begin no later than the period.
    pub is_covered: bool,
    pub figures: Figures,
    pub first_day_before: Day,
    /// `None` if the data do not reach back to the first day of that period.
    pub previous: Option<Figures>,
}

impl Row {
    /// Net amount, in micro-units, of the period's rows without a known buyer.
    pub fn net_without_buyers(&self) -> i128 {
        self.figures.all.net - self.figures.known.net
    }
}

/// The columns of a period's figures, and those of the figures a year before.
const NAMES: [[&str; 11]; 2] = [
    [
        names::ORDER_COUNT,
        names::NET_AMOUNT,
        names::AOV,
        names::REFUND_RATE,
        names::CUSTOMER_COUNT,
        names::NEW_CUSTOMER_COUNT,
        names::NEW_ORDER_COUNT,
        names::NEW_NET_AMOUNT,
        names::RETURNING_CUSTOMER_COUNT,
        names::RETURNING_ORDER_COUNT,
        names::RETURNING_NET_AMOUNT,
    ],
    [
        names::PREVIOUS_ORDER_COUNT,
        names::PREVIOUS_NET_AMOUNT,
        names::PREVIOUS_AOV,
        names::PREVIOUS_REFUND_RATE,
        names::PREVIOUS_CUSTOMER_COUNT,
        names::PREVIOUS_NEW_CUSTOMER_COUNT,
        names::PREVIOUS_NEW_ORDER_COUNT,
        names::PREVIOUS_NEW_NET_AMOUNT,
        names::PREVIOUS_RETURNING_CUSTOMER_COUNT,
        names::PREVIOUS_RETURNING_ORDER_COUNT,
        names::PREVIOUS_RETURNING_NET_AMOUNT,
    ],
];

/// The columns of [`super::Trend::frame`]. If no buyer is known, the figures of customers are null.
pub(super) fn finish(rows: &[Row], has_buyers: bool) -> Result<DataFrame> {
    let mut columns = vec![
        dates(names::PERIOD_ON, rows.iter().map(|row| Some(row.first_day))),
        flags(names::IS_UNFINISHED, rows.iter().map(|row| Some(row.is_unfinished))),
    ];
    let now: Vec<Option<Figures>> = rows.iter().map(|row| Some(row.figures)).collect();
    columns.extend(columns_of(&now, &NAMES[0], has_buyers));
    columns.push(dates(names::PREVIOUS_ON, rows.iter().map(|row| Some(row.first_day_before))));
    let previous: Vec<Option<Figures>> = rows.iter().map(|row| row.previous).collect();
    columns.extend(columns_of(&previous, &NAMES[1], has_buyers));
    let change = |row: &Row| row.previous.map(|previous| row.figures.all.net - previous.all.net);
    columns.push(amounts(names::YEAR_CHANGE, rows.iter().map(change)));
    let rate = |row: &Row| share(change(row)?, row.previous?.all.net);
    columns.push(ratios(names::YEAR_CHANGE_RATE, rows.iter().map(rate)));
    let effects: Vec<Option<[i128; 4]>> =
        rows.iter().map(|row| effects(&row.figures, &row.previous?).filter(|_| has_buyers)).collect();
    const EFFECTS: [&str; 4] =
        [names::CUSTOMERS_EFFECT, names::FREQUENCY_EFFECT, names::AOV_EFFECT, names::UNNAMED_EFFECT];
    for (place, name) in EFFECTS.into_iter().enumerate() {
        columns.push(amounts(name, effects.iter().map(|effects| effects.map(|effects| effects[place]))));
    }
    columns.push(flags(names::IS_COVERED, rows.iter().map(|row| Some(row.is_covered))));
    frame(columns)
}

fn columns_of(figures: &[Option<Figures>], names: &[&str; 11], has_buyers: bool) -> Vec<Column> {
    let count =
        |name: &str, of: fn(&Figures) -> u64| counts(name, figures.iter().map(|row| row.as_ref().map(of)));
    let amount =
        |name: &str, of: fn(&Figures) -> i128| amounts(name, figures.iter().map(|row| row.as_ref().map(of)));
    let mut columns = vec![
        count(names[0], |of| of.all.orders),
        amount(names[1], |of| of.all.net),
        amounts(names[2], figures.iter().map(|of| of.and_then(|of| money::mean(of.all.net, of.all.orders)))),
        ratios(names[3], figures.iter().map(|of| of.and_then(|of| share(of.back, of.paid)))),
        count(names[4], |of| of.known.customers),
    ];
    let kinds: [fn(&Figures) -> Bought; 2] = [|of| of.new, |of| of.returning];
    for (kind, names) in kinds.into_iter().zip(names[5..].chunks(3)) {
        let of = || figures.iter().map(move |of| of.as_ref().map(kind));
        columns.push(counts(names[0], of().map(|of| of.map(|of| of.customers))));
        columns.push(counts(names[1], of().map(|of| of.map(|of| of.orders))));
        columns.push(amounts(names[2], of().map(|of| of.map(|of| of.net))));
    }
    if !has_buyers {
        for column in columns.iter_mut().skip(4) {
            *column = Column::full_null(column.name().clone(), column.len(), column.dtype());
        }
    }
    columns
}

/// The change of the net amount as the sum of the effects of the number of customers, of orders per customer, of the
/// amount per order, and of rows without a known buyer.
fn effects(now: &Figures, previous: &Figures) -> Option<[i128; 4]> {
    let product = |of: &Figures| Product {
        customers: of.known.customers,
        orders: of.known.orders,
        amount: of.known.net,
    };
    let unnamed = (now.all.net - now.known.net) - (previous.all.net - previous.known.net);
    // Effects are whole hundredths of a currency unit, as tables show amounts, so that they add up there, too; if the
    // change itself is not, they are micro-units.
    const HUNDREDTH: i128 = money::UNIT as i128 / 100;
    let change = now.known.net - previous.known.net;
    let unit = if change % HUNDREDTH == 0 { HUNDREDTH } else { 1 };
    let [customers, frequency, aov] = split(product(previous), product(now), unit)?;
    Some([customers, frequency, aov, unnamed])
}
