//! The numbers of each buyer that the models use.

use rayon::prelude::*;

use super::DAYS_OF_WEEK;
use crate::error::Result;
use crate::metrics::customer_facts::beyond;
use crate::metrics::histories::{Document, Excluded, fold};
use crate::metrics::scope::Scope;
use crate::schema::{CustomerCode, Day, Micros, Orders};
use crate::stats::btyd::Cell;
use crate::stats::btyd::gamma_gamma::Spender;

/// The orders of one buyer up to a day, and their number after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bought {
    pub customer: CustomerCode,
    /// Days of the first order and of the last one up to that day.
    pub first: Day,
    pub last: Day,
    /// Number of days with an order after the first order day, up to that day.
    pub x: u32,
    /// The net amount of the orders on these days, after refunds.
    pub spent: Micros,
    /// Days with an order after that day, up to as-of.
    pub later: u32,
    /// Orders up to that day.
    pub orders: u32,
}

/// The customers whose first order was on a given day or earlier.
#[derive(Debug)]
pub(super) struct Watched {
    pub buyers: Vec<Bought>,
    /// The day up to which the buyers were watched.
    pub end: Day,
    /// For each week after that day, the days with an order of the same buyers, summed. Weeks without an order at the
    /// end are left out.
    pub later_by_week: Vec<u64>,
    pub excluded: Excluded,
}

/// The buyers, grouped into cells in which all have the same values.
#[derive(Debug)]
pub(super) struct Cells {
    pub cells: Vec<Cell>,
    /// The values of each cell, in ascending order: repeats, days from the first order to the last, days from the first
    /// order to the end.
    pub keys: Vec<(u32, i32, i32)>,
    /// The cell of each buyer.
    pub cell_of: Vec<u32>,
}

impl Bought {
    /// The number of repeats and the mean amount of one; `None` if the buyer has no repeats or spent nothing on them.
    pub fn spender(&self) -> Option<Spender> {
        let has_spent = self.x > 0 && self.spent.is_positive();
        has_spent.then(|| Spender { x: self.x, mean: self.spent.in_units() / f64::from(self.x) })
    }
}

#[derive(Debug, Default)]
struct Part {
    buyers: Vec<Bought>,
    later_by_week: Vec<u64>,
    /// Whether some buyer's repeats come to more than fits into 64 bits of micro-units.
    is_beyond: bool,
}

impl Watched {
    /// Reads each buyer's orders up to `end`, and counts the days with an order after it, up to as-of. A refund is
    /// taken off its order, whenever it was made; a credit note counts on its own day.
    ///
    /// # Errors
    /// An error if one customer's amounts do not fit into 64 bits of micro-units.
    pub fn new(orders: &Orders, scope: &Scope, end: Day) -> Result<Self> {
        let folded = fold(orders, scope, true, |part: &mut Part, columns, history| {
            let customer = history.customer?;
            let first = history.first_day();
            let mut of =
                Bought { customer, first, last: first, x: 0, spent: Micros::ZERO, later: 0, orders: 0 };
            let mut last = first;
            for order in history.orders() {
                of.orders += u32::from(order.day <= end);
                let is_further = order.day > last;
                last = order.day;
                if is_further && order.day <= end {
                    (of.x, of.last) = (of.x + 1, order.day);
                } else if is_further && first <= end {
                    let week = ((end.days_until(order.day) - 1) / 7) as usize;
                    part.later_by_week.resize(part.later_by_week.len().max(week + 1), 0);
                    part.later_by_week[week] += 1;
                    of.later += 1;
                }
            }
            let is_repeat = |of: &&Document| {
                of.day <= end && columns.order_day(history, of).is_some_and(|day| day > first)
            };
            let repeats = history.documents.iter().filter(is_repeat);
            match Micros::try_from(repeats.map(|of| i128::from(of.net)).sum::<i128>()) {
                Ok(spent) if first <= end => part.buyers.push(Bought { spent, ..of }),
                Ok(_) => {}
                Err(_) => part.is_beyond = true,
            }
            None
        })?;
        let excluded = folded.excluded;
        let (mut buyers, mut later_by_week) = (Vec::new(), Vec::new());
        for part in folded.parts {
            if part.is_beyond {
                return Err(beyond());
            }
            buyers.extend(part.buyers);
            later_by_week.resize(later_by_week.len().max(part.later_by_week.len()), 0);
            later_by_week
                .iter_mut()
                .zip(&part.later_by_week)
                .for_each(|(all, own): (&mut u64, _)| *all += own);
        }
        Ok(Self { buyers, end, later_by_week, excluded })
    }

    /// The number of buyers who ordered on a second day.
    pub fn repeaters(&self) -> u64 {
        self.buyers.iter().filter(|of| of.x > 0).count() as u64
    }

    /// Whether all buyers ordered on one and the same day, and on no other. It is false if there are no buyers.
    pub fn is_of_one_day(&self) -> bool {
        let Some(first) = self.buyers.first() else { return false };
        self.buyers.iter().all(|of| of.first == first.first && of.last == first.first)
    }

    /// Groups the buyers into cells. It also sorts the buyers by cell, so that going through them reads neighbouring
    /// memory.
    pub fn cells(&mut self) -> Cells {
        let key = |of: &Bought| (of.x, of.first.days_until(of.last), of.first.days_until(self.end));
        let mut keyed: Vec<((u32, i32, i32), u32)> =
            self.buyers.par_iter().enumerate().map(|(place, of)| (key(of), place as u32)).collect();
        keyed.par_sort_unstable();
        self.buyers = keyed.par_iter().map(|(_, place)| self.buyers[*place as usize]).collect();
        let mut found =
            Cells { cells: Vec::new(), keys: Vec::new(), cell_of: Vec::with_capacity(keyed.len()) };
        for alike in keyed.chunk_by(|a, b| a.0 == b.0) {
            let (x, days_x, days) = alike[0].0;
            let (t_x, t) = (f64::from(days_x) / DAYS_OF_WEEK, f64::from(days) / DAYS_OF_WEEK);
            found.cell_of.resize(found.cell_of.len() + alike.len(), found.cells.len() as u32);
            found.cells.push(Cell { x, t_x, t, count: alike.len() as u64 });
            found.keys.push((x, days_x, days));
        }
        found
    }
}
