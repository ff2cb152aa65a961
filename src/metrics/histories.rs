//! Each customer's orders, one customer after the other: the pass over the orders that most analyses share.

mod as_they_came;

use polars::prelude::*;

use super::scope::{Amounts, KEPT, Ruling, Scope};
use crate::error::Result;
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::day::END_OF_DAY;
use crate::schema::items::NO_LINES;
use crate::schema::{CustomerCode, Day, Micros, Orders, orders};
pub use as_they_came::Histories;

/// An order or a credit note that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document {
    /// Its row in the part.
    pub row: usize,
    /// Its day.
    pub day: Day,
    /// Paid minus refunded.
    pub net: Micros,
    /// What was paid before refunds.
    pub paid: Micros,
    /// Whether it is an order and no credit note.
    pub is_order: bool,
}

/// The documents of one customer by time, at least one of which is an order. Without a customer, these are the
/// documents of unknown buyers, or those of a customer with credit notes only.
#[derive(Debug)]
pub struct History<'a> {
    /// The buyer's code; `None` for unknown buyers and for customers without an order.
    pub customer: Option<CustomerCode>,
    /// The documents.
    pub documents: &'a [Document],
}

impl History<'_> {
    /// The orders.
    pub fn orders(&self) -> impl DoubleEndedIterator<Item = &Document> {
        self.documents.iter().filter(|document| document.is_order)
    }

    /// Day of the first order.
    pub fn first_day(&self) -> Day {
        self.orders().next().map_or(Day::EPOCH, |order| order.day)
    }

    /// Day of the last order.
    pub fn last_day(&self) -> Day {
        self.orders().next_back().map_or(Day::EPOCH, |order| order.day)
    }

    /// Paid minus refunded, in micro-units.
    pub fn net(&self) -> i128 {
        self.documents.iter().map(|document| i128::from(document.net)).sum()
    }

    /// Writes the distinct days with an order, ascending, into `days` (cleared first).
    pub fn order_days(&self, days: &mut Vec<Day>) {
        days.clear();
        days.extend(self.orders().map(|order| order.day));
        days.dedup();
    }
}

/// The columns of a part besides days and amounts. Columns that were not asked for do not exist, so their values are
/// unknown.
pub struct PartColumns {
    part: DataFrame,
    second: Option<Int32Chunked>,
    source: Option<UInt32Chunked>,
    recipient: Option<UInt64Chunked>,
    full_price: Option<Int64Chunked>,
    cost: Option<Int64Chunked>,
    lines: Option<UInt64Chunked>,
    region: Option<UInt32Chunked>,
    given_back_of: Option<Int32Chunked>,
}

impl PartColumns {
    pub(super) fn of(part: &DataFrame) -> Result<Self> {
        macro_rules! optional {
            ($name:expr, $type:ident) => {
                match part.column($name) {
                    Ok(column) => Some(column.$type()?.rechunk().into_owned()),
                    Err(_) => None,
                }
            };
        }
        Ok(Self {
            part: part.clone(),
            second: optional!(orders::SECOND, i32),
            source: optional!(orders::SOURCE, u32),
            recipient: optional!(orders::RECIPIENT, u64),
            full_price: optional!(orders::FULL_PRICE, i64),
            cost: optional!(orders::COST, i64),
            lines: optional!(orders::LINES, u64),
            region: optional!(orders::REGION, u32),
            given_back_of: optional!(orders::GIVEN_BACK_OF, i32),
        })
    }

    /// The part itself.
    pub fn part(&self) -> &DataFrame {
        &self.part
    }

    /// The second of the day.
    pub fn second(&self, row: usize) -> Option<i32> {
        self.second.as_ref()?.get(row)
    }

    /// The source's number.
    pub fn source(&self, row: usize) -> Option<u32> {
        self.source.as_ref()?.get(row)
    }

    /// A hash of the recipient.
    pub fn recipient(&self, row: usize) -> Option<u64> {
        self.recipient.as_ref()?.get(row)
    }

    /// The price of the order before discounts.
    pub fn full_price(&self, row: usize) -> Option<Micros> {
        self.full_price.as_ref()?.get(row).map(Micros::new)
    }

    /// What the goods cost the shop.
    pub fn cost(&self, row: usize) -> Option<Micros> {
        self.cost.as_ref()?.get(row).map(Micros::new)
    }

    /// The place of the order's lines in [`crate::schema::Items`]; [`NO_LINES`] if it has none.
    pub fn lines(&self, row: usize) -> u64 {
        self.lines.as_ref().and_then(|column| column.get(row)).unwrap_or(NO_LINES)
    }

    /// The region's number; [`orders::UNKNOWN_REGION`] where it is not known.
    pub fn region(&self, row: usize) -> u32 {
        self.region.as_ref().and_then(|column| column.get(row)).unwrap_or(orders::UNKNOWN_REGION)
    }

    /// The day of an order; for a credit note, the day of the order that it refunds. If no input says which order that
    /// is, the last order up to the day of the credit note is taken. `None` if there is no such order.
    pub fn order_day(&self, history: &History<'_>, document: &Document) -> Option<Day> {
        if document.is_order {
            return Some(document.day);
        }
        let tied = self.given_back_of.as_ref().and_then(|column| column.get(document.row)).map(Day::new);
        tied.or_else(|| {
            // From the end: otherwise the whole history would be walked again for every credit note.
            let up_to = history.documents.partition_point(|of| of.day <= document.day);
            history.documents[..up_to].iter().rev().find(|of| of.is_order).map(|of| of.day)
        })
    }
}

/// Further values of an order in a history, for sorted and for unsorted orders.
pub trait Values {
    /// The region's number; [`orders::UNKNOWN_REGION`] where it is not known.
    fn region(&self, order: &Document) -> u32;

    /// The price of the order before discounts.
    fn full_price(&self, order: &Document) -> Option<Micros>;

    /// What the goods cost the shop.
    fn cost(&self, order: &Document) -> Option<Micros>;

    /// The second of the day.
    fn second(&self, order: &Document) -> Option<i32>;

    /// The place of the order's lines in [`crate::schema::Items`]; [`NO_LINES`] if it has none.
    fn lines(&self, order: &Document) -> u64;
}

impl Values for PartColumns {
    fn region(&self, order: &Document) -> u32 {
        self.region(order.row)
    }

    fn full_price(&self, order: &Document) -> Option<Micros> {
        self.full_price(order.row)
    }

    fn cost(&self, order: &Document) -> Option<Micros> {
        self.cost(order.row)
    }

    fn second(&self, order: &Document) -> Option<i32> {
        self.second(order.row)
    }

    fn lines(&self, order: &Document) -> u64 {
        self.lines(order.row)
    }
}

/// A count of distinct orders. An order id under which several customers ordered counts once for each of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct OrderCount(u64);

impl OrderCount {
    /// Counts an order.
    pub fn add(&mut self) {
        self.0 += 1;
    }

    /// Adds another count.
    pub fn merge(&mut self, other: &Self) {
        self.0 += other.0;
    }

    /// How many orders were counted.
    pub fn total(&self) -> u64 {
        self.0
    }
}

/// The result of a pass over all histories.
#[derive(Debug)]
pub struct Folded<A> {
    /// The answers of the parts, in their order.
    pub parts: Vec<A>,
    /// The rows that were left out.
    pub excluded: Excluded,
}

/// Rows left out, by rule.
#[derive(Debug, Clone, Copy)]
pub struct Excluded([u64; Rule::ALL.len()]);

impl Excluded {
    /// Moves them from used to excluded.
    pub fn account(&self, accounting: &mut Accounting) {
        for (rule, rows) in Rule::ALL.iter().zip(self.0) {
            accounting.exclude(*rule, rows);
        }
    }
}

/// Visits every history. With `needs_customer`, documents of unknown buyers and of customers without an order are left
/// out first. `visit` adds a history to the answer of its part, or returns the rule that leaves it out.
pub fn fold<A: Default + Send>(
    orders: &Orders,
    scope: &Scope,
    needs_customer: bool,
    visit: impl Fn(&mut A, &PartColumns, &History<'_>) -> Option<Rule> + Sync + Send,
) -> Result<Folded<A>> {
    let ruling = scope.ruling(orders, needs_customer);
    let parts = orders.parts.each_answer(|part| fold_part(part, scope, &ruling, needs_customer, &visit))?;
    Ok(Folded::of(parts))
}

impl<A> Folded<A> {
    /// Puts the answers of the parts together.
    fn of(parts: Vec<OfPart<A>>) -> Self {
        let mut excluded = [0; Rule::ALL.len()];
        let mut answers = Vec::with_capacity(parts.len());
        for (answer, left_out) in parts {
            answers.push(answer);
            excluded.iter_mut().zip(left_out).for_each(|(all, rows)| *all += rows);
        }
        Self { parts: answers, excluded: Excluded(excluded) }
    }
}

/// The answer of a part, and the rows left out by rule.
type OfPart<A> = (A, [u64; Rule::ALL.len()]);

fn fold_part<A: Default>(
    part: &DataFrame,
    scope: &Scope,
    ruling: &Ruling,
    needs_customer: bool,
    visit: impl Fn(&mut A, &PartColumns, &History<'_>) -> Option<Rule>,
) -> Result<OfPart<A>> {
    let amounts = Amounts::of(part)?;
    let rows = part.column(orders::ROW_COUNT)?.u32()?.rechunk();
    let columns = PartColumns::of(part)?;
    let customer = part.column(orders::CUSTOMER)?.u32()?.rechunk();
    let rules = ruling.rules(part)?;
    let mut walk = Walk {
        answer: A::default(),
        excluded: [0; Rule::ALL.len()],
        documents: Vec::new(),
        scope,
        needs_customer,
        rules: &rules,
        day: amounts.day()?,
        paid: amounts.paid()?,
        refund: amounts.refund()?,
        row_count: rows.cont_slice()?,
    };
    let by_time = |documents: &mut [Document]| by_time(documents, &columns);
    let visit = |answer: &mut A, history: &History<'_>| visit(answer, &columns, history);
    if customer.null_count() == 0 {
        let codes = customer.cont_slice()?;
        let mut start = 0;
        for run in codes.chunk_by(|a, b| a == b) {
            walk.visit_customer(start..start + run.len(), Some(CustomerCode::new(run[0])), by_time, visit);
            start += run.len();
        }
    } else {
        // Orders without a known customer are one run, since nothing tells which of them belong together.
        walk.visit_customer(0..part.height(), None, by_time, visit);
    }
    Ok((walk.answer, walk.excluded))
}

/// A pass over the rows of a part, customer by customer.
struct Walk<'a, A> {
    answer: A,
    /// Rows by the code of the rule that leaves them out.
    excluded: [u64; Rule::ALL.len()],
    /// The documents of the customer who is visited.
    documents: Vec<Document>,
    scope: &'a Scope,
    needs_customer: bool,
    /// The rule that leaves each row out, or [`KEPT`].
    rules: &'a [u8],
    day: &'a [i32],
    paid: &'a [i64],
    refund: &'a [i64],
    /// How many rows of exports each row is made of; empty if it is one each.
    row_count: &'a [u32],
}

impl<A> Walk<'_, A> {
    /// Calls `visit` with the documents of one customer, or with all those of unknown buyers if `customer` is `None`.
    /// `by_time` sorts the documents of a customer.
    fn visit_customer(
        &mut self,
        rows: impl Iterator<Item = usize>,
        customer: Option<CustomerCode>,
        by_time: impl Fn(&mut [Document]),
        visit: impl Fn(&mut A, &History<'_>) -> Option<Rule>,
    ) {
        self.documents.clear();
        let mut used = 0;
        for row in rows {
            let count = self.row_count.get(row).map_or(1, |count| u64::from(*count));
            if self.rules[row] != KEPT {
                self.excluded[usize::from(self.rules[row])] += count;
                continue;
            }
            used += count;
            let (paid, refund) = (Micros::new(self.paid[row]), Micros::new(self.refund[row]));
            self.documents.push(Document {
                row,
                day: Day::new(self.day[row]),
                net: paid - refund,
                paid,
                is_order: self.scope.is_order(paid),
            });
        }
        if customer.is_some() {
            by_time(&mut self.documents);
        }
        let no_order = rule_of_no_order(&self.documents);
        let rule = match self.documents.is_empty() {
            true => None,
            false if customer.is_some() && self.needs_customer && no_order.is_some() => no_order,
            false => {
                let customer = customer.filter(|_| no_order.is_none());
                visit(&mut self.answer, &History { customer, documents: &self.documents })
            }
        };
        if let Some(rule) = rule {
            self.excluded[rule as usize] += used;
        }
    }
}

/// The rule that leaves out these documents if none of them is an order: credit notes of a customer without an order
/// lower the shop's amount, but no buyer's.
pub(super) fn rule_of_no_order(documents: &[Document]) -> Option<Rule> {
    let is_buyer = documents.iter().any(|document| document.is_order);
    (!is_buyer).then_some(Rule::NoValidOrder)
}

/// Sorts a customer's documents, which come by day, by time of day. Documents of the same moment are sorted by their
/// amounts, so that the result does not depend on the file's row order; a time that is not given is the end of the day.
pub(super) fn by_time(documents: &mut [Document], columns: &PartColumns) {
    by_moment(documents, |row| {
        (columns.second(row), columns.region(row), columns.source(row), columns.recipient(row))
    });
}

/// As [`by_time`], with a function that gives the second, region, source and recipient of a row. Documents of the same
/// moment and amounts are sorted by region, source and recipient.
fn by_moment(documents: &mut [Document], of: impl Fn(usize) -> (Option<i32>, u32, Option<u32>, Option<u64>)) {
    for day in documents.chunk_by_mut(|a, b| a.day == b.day).filter(|day| day.len() > 1) {
        day.sort_by_key(|document| {
            let (second, region, source, recipient) = of(document.row);
            (second.unwrap_or(END_OF_DAY), document.paid, document.net, region, source, recipient)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(day: i32, net: i64) -> Document {
        let amount = Micros::new(net);
        Document { row: 0, day: Day::new(day), net: amount, paid: amount, is_order: net > 0 }
    }

    #[test]
    fn a_history_is_of_its_orders_and_its_sum_of_all() {
        let documents = [document(1, -5), document(3, 10), document(3, 20), document(8, 7), document(9, -1)];
        let history = History { customer: Some(CustomerCode::new(4)), documents: &documents };
        assert_eq!((history.first_day(), history.last_day(), history.net()), (Day::new(3), Day::new(8), 31));
        let mut days = vec![Day::new(99)];
        history.order_days(&mut days);
        assert_eq!(days, [3, 8].map(Day::new));
        assert_eq!(history.orders().count(), 3);
    }
}
