//! The rows of orders that campaigns need, including orders that were not paid or were refunded.

use polars::prelude::*;

use super::subjects::{Moment, Subject};
use crate::error::Result;
use crate::metrics::histories::{Document, PartColumns};
use crate::metrics::scope::{Amounts, KEPT, Ruling, Scope};
use crate::schema::accounting::Rule;
use crate::schema::day::END_OF_DAY;
use crate::schema::{Day, Micros, orders};

/// An order, a credit note, an order that was not paid, or an order that was refunded as a whole.
#[derive(Clone, Copy)]
pub struct Row {
    /// Its day and amounts.
    pub document: Document,
    /// Its day and second. An order without a time of day is taken as later than everything else on its day, so that it
    /// counts as placed after a message of that day.
    pub moment: Moment,
    /// What became of it.
    pub what: What,
    /// The amount that was not paid, or that was refunded.
    pub amount: Micros,
    /// Number of the region that it went to.
    pub region: u32,
}

/// What became of an order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It counts, as an order or a credit note.
    Counted,
    /// It was not paid.
    Unpaid,
    /// It was refunded as a whole.
    GivenBack,
}

impl Row {
    /// Whether it is from the first message on, up to the last day on which orders count.
    pub fn is_within(&self, subject: &Subject) -> bool {
        self.moment >= subject.from && self.moment.0 <= subject.last_day
    }

    /// Whether it was before the first message.
    pub fn is_before(&self, subject: &Subject) -> bool {
        self.moment < subject.from
    }

    /// Whether it counts and is an order, not a credit note.
    pub fn is_order(&self) -> bool {
        self.what == What::Counted && self.document.is_order
    }

    /// Whether it is an order that counts for the campaign.
    pub fn is_order_of(&self, subject: &Subject) -> bool {
        self.is_order() && self.is_within(subject)
    }
}

/// The rows of a part of the orders.
pub struct PartRows<'a> {
    scope: &'a Scope,
    rules: Vec<u8>,
    amounts: Amounts,
    row_count: UInt32Chunked,
    customer: UInt32Chunked,
    /// The other columns.
    pub columns: PartColumns,
}

impl<'a> PartRows<'a> {
    /// The rows of a part, judged by the rules.
    pub fn of(part: &DataFrame, ruling: &Ruling, scope: &'a Scope) -> Result<Self> {
        Ok(Self {
            scope,
            rules: ruling.rules(part)?,
            amounts: Amounts::of(part)?,
            row_count: part.column(orders::ROW_COUNT)?.u32()?.rechunk().into_owned(),
            customer: part.column(orders::CUSTOMER)?.u32()?.rechunk().into_owned(),
            columns: PartColumns::of(part)?,
        })
    }

    /// The code of each row's customer, those of one customer together; `None` if the customers are unknown.
    pub fn customers(&self) -> Result<Option<&[u32]>> {
        Ok(if self.customer.null_count() > 0 { None } else { Some(self.customer.cont_slice()?) })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether one of a customer's rows is an order that counts.
    pub fn is_buyer(&self, mut rows: std::ops::Range<usize>) -> Result<bool> {
        let paid = self.amounts.paid()?;
        Ok(rows.any(|row| self.rules[row] == KEPT && self.scope.is_order(Micros::new(paid[row]))))
    }

    /// The rule that leaves a row out, if any, and the number of rows of exports that the row is made of.
    pub fn rule(&self, row: usize, is_buyer: bool) -> (Option<Rule>, u64) {
        let rule = Rule::ALL.get(usize::from(self.rules[row])).copied();
        let of_all = (!is_buyer).then_some(Rule::NoValidOrder);
        (rule.or(of_all), u64::from(self.row_count.get(row).unwrap_or(1)))
    }

    /// The row of a customer, unless it is after the as-of day or left out by a rule other than those on payment and
    /// refund.
    pub fn row(&self, row: usize, is_buyer: bool) -> Result<Option<Row>> {
        let day = Day::new(self.amounts.day()?[row]);
        let (paid, refund) =
            (Micros::new(self.amounts.paid()?[row]), Micros::new(self.amounts.refund()?[row]));
        let (what, amount) = match self.rule(row, is_buyer).0 {
            None => (What::Counted, if paid.is_negative() { refund.saturating_sub(paid) } else { refund }),
            Some(Rule::Refunded) => (What::GivenBack, paid.max(refund)),
            Some(Rule::Unpaid | Rule::ClosedUnpaid) => {
                let priced = || self.columns.full_price(row).unwrap_or_default();
                (What::Unpaid, if paid.is_positive() { paid } else { priced() })
            }
            Some(_) => return Ok(None),
        };
        let is_order = what == What::Counted && self.scope.is_order(paid);
        let document = Document { row, day, net: paid.saturating_sub(refund), paid, is_order };
        let moment = (day, self.columns.second(row).unwrap_or(END_OF_DAY));
        let region = self.columns.region(row);
        let is_known = day <= self.scope.as_of;
        Ok(is_known.then_some(Row { document, moment, what, amount, region }))
    }
}
