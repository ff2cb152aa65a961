//! The same pass over unsorted orders: a question that looks at each customer by itself does not need the sorted table.

use super::{Document, Folded, History, OfPart, PartColumns, Values, Walk, by_moment, fold};
use crate::error::{Error, Result};
use crate::metrics::coverage::{self, Coverage};
use crate::metrics::scope::{Ruling, Scope};
use crate::schema::accounting::Rule;
use crate::schema::items::NO_LINES;
use crate::schema::parts::{INCOMPLETE, Look, NOBODY, Rows};
use crate::schema::{CustomerCode, Micros, Orders, RowParts, day, orders};

/// Orders, sorted or not, whose histories can be visited one after the other.
pub trait Histories {
    /// Visits every history, as [`fold`] does.
    ///
    /// # Errors
    /// Those of polars; for unsorted orders also if the scope judges an order by other orders (occasional purchases).
    fn fold<A: Default + Send>(
        &self,
        scope: &Scope,
        needs_customer: bool,
        visit: impl Fn(&mut A, &dyn Values, &History<'_>) -> Option<Rule> + Sync + Send,
    ) -> Result<Folded<A>>;

    /// From which day on the orders have data.
    ///
    /// # Errors
    /// Those of polars.
    fn coverage(&self) -> Result<Coverage>;

    /// The number of rows of each region, by the region's number.
    ///
    /// # Errors
    /// Those of polars.
    fn region_counts(&self) -> Result<Vec<u64>>;
}

impl Histories for Orders {
    fn fold<A: Default + Send>(
        &self,
        scope: &Scope,
        needs_customer: bool,
        visit: impl Fn(&mut A, &dyn Values, &History<'_>) -> Option<Rule> + Sync + Send,
    ) -> Result<Folded<A>> {
        fold(self, scope, needs_customer, |answer, columns: &PartColumns, history| {
            visit(answer, columns, history)
        })
    }

    fn coverage(&self) -> Result<Coverage> {
        coverage::of_orders(self)
    }

    fn region_counts(&self) -> Result<Vec<u64>> {
        let parts = self.parts.each_answer(|part| {
            let Ok(column) = part.column(orders::REGION) else { return Ok(Vec::new()) };
            Ok(counts(column.u32()?.iter().flatten(), self.regions.len()))
        })?;
        Ok(sums(&parts, self.regions.len()))
    }
}

impl Histories for Orders<RowParts> {
    fn fold<A: Default + Send>(
        &self,
        scope: &Scope,
        needs_customer: bool,
        visit: impl Fn(&mut A, &dyn Values, &History<'_>) -> Option<Rule> + Sync + Send,
    ) -> Result<Folded<A>> {
        if scope.excludes_occasional {
            return Err(Error::Internal("orders that are judged by others are not in order".into()));
        }
        let ruling = scope.ruling_of_rows(needs_customer);
        let parts =
            self.parts.each_rows(|rows| Ok(fold_rows(rows, scope, &ruling, needs_customer, &visit)))?;
        Ok(Folded::of(parts))
    }

    fn coverage(&self) -> Result<Coverage> {
        let firsts = self.parts.each_rows_with(Look::Days, |rows| {
            let days = rows.ordered_on.iter().zip(rows.customer);
            let counted = days.filter(|(_, customer)| **customer != INCOMPLETE);
            Ok(day::known(counted.map(|(day, _)| *day)).min())
        })?;
        Ok(Coverage { first_day: firsts.into_iter().flatten().min() })
    }

    fn region_counts(&self) -> Result<Vec<u64>> {
        let parts = self.parts.each_rows_with(Look::Regions, |rows| {
            let regions = rows.region.iter().zip(rows.customer);
            let known = regions.filter(|(_, customer)| **customer != INCOMPLETE).map(|(region, _)| *region);
            Ok(counts(known, self.regions.len()))
        })?;
        Ok(sums(&parts, self.regions.len()))
    }
}

/// How often each number below `most` occurs.
fn counts(numbers: impl Iterator<Item = u32>, most: usize) -> Vec<u64> {
    let mut counts = vec![0; most];
    for number in numbers {
        if let Some(count) = counts.get_mut(number as usize) {
            *count += 1;
        }
    }
    counts
}

fn sums(parts: &[Vec<u64>], most: usize) -> Vec<u64> {
    let mut all = vec![0; most];
    parts.iter().for_each(|part| all.iter_mut().zip(part).for_each(|(sum, count)| *sum += count));
    all
}

impl Values for Rows<'_> {
    fn region(&self, order: &Document) -> u32 {
        self.region.get(order.row).copied().unwrap_or(orders::UNKNOWN_REGION)
    }

    fn full_price(&self, order: &Document) -> Option<Micros> {
        self.further?.full_price(order.row, order.paid)
    }

    fn cost(&self, order: &Document) -> Option<Micros> {
        self.further?.cost(order.row)
    }

    fn second(&self, order: &Document) -> Option<i32> {
        Rows::second(self, order.row)
    }

    fn lines(&self, order: &Document) -> u64 {
        self.further.map_or(NO_LINES, |further| further.lines(order.row))
    }
}

fn fold_rows<A: Default>(
    rows: &Rows<'_>,
    scope: &Scope,
    ruling: &Ruling,
    needs_customer: bool,
    visit: impl Fn(&mut A, &dyn Values, &History<'_>) -> Option<Rule>,
) -> OfPart<A> {
    let rules = ruling.rules_by_row(rows);
    let mut walk = Walk {
        answer: A::default(),
        excluded: [0; Rule::ALL.len()],
        documents: Vec::new(),
        scope,
        needs_customer,
        rules: &rules,
        day: rows.ordered_on,
        paid: rows.paid_amount,
        refund: rows.refund_amount,
        row_count: rows.row_count,
    };
    let by_time = |documents: &mut [Document]| {
        if !documents.is_sorted_by_key(|document| document.day) {
            documents.sort_by_key(|document| document.day);
        }
        by_moment(documents, |row| {
            let further = rows.further;
            let source = further.and_then(|further| further.source(row));
            let recipient = further.and_then(|further| further.recipient(row));
            let region = rows.region.get(row).copied().unwrap_or(orders::UNKNOWN_REGION);
            (rows.second(row), region, source, recipient)
        });
    };
    let visit = |answer: &mut A, history: &History<'_>| visit(answer, rows, history);
    // A store keeps the rows of a customer together.
    if rows.customer.is_sorted() {
        let mut start = 0;
        let is_somebody = |own: &&[u32]| (own[0] as usize) < rows.customer_count;
        for own in rows.customer.chunk_by(|a, b| a == b).take_while(is_somebody) {
            let customer = CustomerCode::new(rows.base + own[0]);
            walk.visit_customer(start..start + own.len(), Some(customer), by_time, visit);
            start += own.len();
        }
    } else {
        let (order, starts) = by_customer(rows);
        for (number, bounds) in (rows.base..).zip(starts.windows(2)) {
            let own = order[bounds[0] as usize..bounds[1] as usize].iter().map(|row| *row as usize);
            walk.visit_customer(own, Some(CustomerCode::new(number)), by_time, visit);
        }
    }
    let nobodys = rows.customer.iter().enumerate().filter(|(_, customer)| **customer == NOBODY);
    walk.visit_customer(nobodys.map(|(row, _)| row), None, by_time, visit);
    (walk.answer, walk.excluded)
}

/// The rows that have a customer, sorted by customer, and the place at which the rows of each customer begin, followed
/// by the end of the last. No place is beyond the number of rows, so places are added without overflow checks, which
/// would cost as much as the additions.
fn by_customer(rows: &Rows<'_>) -> (Vec<u32>, Vec<u32>) {
    let count = rows.customer_count;
    let mut next = vec![0_u32; count + 1];
    for &customer in rows.customer {
        if let Some(next) = next[1..].get_mut(customer as usize) {
            *next = next.wrapping_add(1);
        }
    }
    for customer in 0..count {
        next[customer + 1] = next[customer + 1].wrapping_add(next[customer]);
    }
    let starts = next.clone();
    let mut order = vec![0_u32; starts[count] as usize];
    for (row, &customer) in (0..).zip(rows.customer) {
        if let Some(place) = next[..count].get_mut(customer as usize) {
            order[*place as usize] = row;
            *place = place.wrapping_add(1);
        }
    }
    (order, starts)
}
