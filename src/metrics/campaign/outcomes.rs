//! What everybody in a campaign did in their days: the heavy stage on the orders.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::subjects::{Moment, Study, Subject};
use crate::error::Result;
use crate::metrics::baskets::{Baskets, Item};
use crate::metrics::customer_facts::beyond;
use crate::metrics::histories::{Document, PartColumns};
use crate::metrics::scope::{Amounts, KEPT, Ruling, Scope};
use crate::schema::accounting::{Rule, RuleCounts};
use crate::schema::money::MISSING;
use crate::schema::orders::UNKNOWN_REGION;
use crate::schema::{Orders, orders};

/// Days before the first message whose net amount says what a customer would have spent anyway.
pub const DAYS_BEFORE: i32 = 365;

/// What a customer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Orders within the days.
    pub orders: u32,
    /// Paid minus refunded within the days, in micro-units; what went back of credit notes too.
    pub net: i64,
    /// The same of the [`DAYS_BEFORE`] days before.
    pub before: i64,
    /// Orders within the days that were not paid.
    pub unpaid_orders: u32,
    /// What these come to, in micro-units.
    pub unpaid: i64,
    /// Orders within the days of which money went back.
    pub refunded_orders: u32,
    /// What went back within the days, in micro-units.
    pub refund: i64,
    /// Orders that count for another campaign, too.
    pub shared_orders: u32,
    /// Of these, those of which this is the first campaign that shows them.
    pub first_shared_orders: u32,
    /// Day of the first order within the days.
    pub first_day: Option<i32>,
    /// Orders before.
    pub orders_before: u32,
    /// Day of the last order before.
    pub last_day_before: Option<i32>,
    /// Number of the region of the last order before that says one.
    pub region_before: u32,
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            orders: 0,
            net: 0,
            before: 0,
            unpaid_orders: 0,
            unpaid: 0,
            refunded_orders: 0,
            refund: 0,
            shared_orders: 0,
            first_shared_orders: 0,
            first_day: None,
            orders_before: 0,
            last_day_before: None,
            region_before: UNKNOWN_REGION,
        }
    }
}

/// What customers of an arm bought of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bought {
    /// Number of the arm.
    pub arm: usize,
    /// Number of the product.
    pub product: u32,
    /// Orders with it.
    pub orders: u64,
    /// Customers who bought it.
    pub customers: u64,
    /// Pieces in millionths; none where some order does not say it.
    pub quantity: Option<i128>,
    /// What was paid for it, in micro-units; none where some order does not say it.
    pub amount: Option<i128>,
}

/// The orders, and which of them count.
pub struct Pass<'a> {
    /// All orders.
    pub orders: &'a Orders,
    /// Which count; as-of is settled, and a window is not of orders.
    pub scope: &'a Scope,
    /// Whether products are wanted.
    pub has_products: bool,
}

/// An order, a credit note, or an order that was not paid or went back.
#[derive(Clone, Copy)]
struct Row {
    document: Document,
    moment: Moment,
    what: What,
    /// Not paid, or given back, in micro-units.
    amount: i64,
    region: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// An order or a credit note that counts.
    Counted,
    /// An order that was not paid.
    Unpaid,
    /// An order that went back as a whole.
    GivenBack,
}

/// What one part of the orders says.
#[derive(Default)]
struct Part {
    outcomes: Vec<(usize, Outcome)>,
    excluded: RuleCounts,
    bought: BTreeMap<(usize, u32), Bought>,
    rows: Vec<Row>,
    baskets: Baskets,
}

impl Pass<'_> {
    /// The outcome of every subject, the rows of orders that were left out, and what each arm bought.
    pub fn outcomes(&self, study: &Study) -> Result<(Vec<Outcome>, RuleCounts, Vec<Bought>)> {
        let scope = self.scope.all_time();
        let ruling = scope.ruling(self.orders, true)?;
        let parts = self.orders.parts.each_answer(|part| self.part(part, &ruling, study))?;
        let mut all = vec![Outcome::default(); study.subjects.len()];
        let (mut excluded, mut bought) = (RuleCounts::default(), BTreeMap::new());
        for part in parts {
            part.outcomes.into_iter().for_each(|(place, outcome)| all[place] = outcome);
            excluded.merge(&part.excluded);
            for (key, of_part) in part.bought {
                bought.entry(key).and_modify(|all: &mut Bought| all.merge(&of_part)).or_insert(of_part);
            }
        }
        Ok((all, excluded, bought.into_values().collect()))
    }

    fn part(&self, part: &DataFrame, ruling: &Ruling, study: &Study) -> Result<Part> {
        let mut answer = Part::default();
        let rules = ruling.rules(part)?;
        let amounts = Amounts::of(part)?;
        let (day, paid, refund) = (amounts.day()?, amounts.paid()?, amounts.refund()?);
        let row_count = part.column(orders::ROW_COUNT)?.u32()?.rechunk();
        let row_count = row_count.cont_slice()?;
        let columns = PartColumns::of(part)?;
        let customer = part.column(orders::CUSTOMER)?.u32()?.rechunk();
        if customer.null_count() > 0 {
            rules.iter().zip(row_count).for_each(|(rule, rows)| answer.exclude(*rule, *rows));
            return Ok(answer);
        }
        let as_of = self.scope.as_of.unwrap_or(i32::MAX);
        let mut start = 0;
        for run in customer.cont_slice()?.chunk_by(|a, b| a == b) {
            let range = start..start + run.len();
            start = range.end;
            let is_order = |row: usize| rules[row] == KEPT && self.scope.is_order(paid[row]);
            let is_buyer = range.clone().any(is_order);
            let mut rows = std::mem::take(&mut answer.rows);
            rows.clear();
            for row in range {
                let document = Document {
                    row,
                    day: day[row],
                    net: paid[row].saturating_sub(refund[row]),
                    paid: paid[row],
                    is_order: is_order(row),
                };
                let what = match rules[row] {
                    KEPT if is_buyer => Some((What::Counted, given_back(paid[row], refund[row]))),
                    rule if rule == Rule::Refunded as u8 => {
                        Some((What::GivenBack, paid[row].max(refund[row])))
                    }
                    rule if rule == Rule::Unpaid as u8 || rule == Rule::ClosedUnpaid as u8 => {
                        let owed =
                            if paid[row] > 0 { paid[row] } else { columns.full_price(row).unwrap_or(0) };
                        Some((What::Unpaid, owed))
                    }
                    _ => None,
                };
                let is_buyers = rules[row] != KEPT || is_buyer;
                answer.exclude(if is_buyers { rules[row] } else { Rule::NoValidOrder as u8 }, row_count[row]);
                if let Some((what, amount)) = what.filter(|_| day[row] <= as_of) {
                    // An order whose time of day is not said may have been at any: it is taken as after whatever else was
                    // that day.
                    let moment = (day[row], columns.second(row).unwrap_or(i32::MAX));
                    rows.push(Row { document, moment, what, amount, region: columns.region(row) });
                }
            }
            let first = study.subjects.partition_point(|subject| subject.customer < run[0]);
            let count = study.subjects[first..].partition_point(|subject| subject.customer == run[0]);
            answer.rows = rows;
            self.customer(&mut answer, study, first..first + count, &columns)?;
        }
        Ok(answer)
    }

    /// Follows a customer through the campaigns that he or she is in.
    fn customer(
        &self,
        answer: &mut Part,
        study: &Study,
        places: std::ops::Range<usize>,
        columns: &PartColumns,
    ) -> Result<()> {
        let subjects = &study.subjects[places.clone()];
        let campaign = |subject: &Subject| study.arms[subject.arm].campaign;
        let is_shown = |subject: &Subject| study.campaigns[campaign(subject)].is_asked;
        for (place, subject) in places.zip(subjects) {
            let mut outcome = Outcome::default();
            let mut last_place = None;
            for row in &answer.rows {
                outcome.add(row, subject)?;
                let is_order = row.what == What::Counted && row.document.is_order;
                if is_order && is_before(row, subject) && row.region != UNKNOWN_REGION {
                    last_place = last_place.max(Some((row.moment, row.region)));
                }
                if subject.counts() && is_counted_order(row, subject) {
                    let of = |other: &&Subject| other.counts() && is_counted_order(row, other);
                    let is_other = |other: &Subject| campaign(other) != campaign(subject);
                    let is_shared = subjects.iter().filter(of).any(is_other);
                    let first = subjects.iter().filter(of).find(|other| is_shown(other));
                    outcome.shared_orders += u32::from(is_shared);
                    outcome.first_shared_orders +=
                        u32::from(is_shared && first.is_some_and(|first| first.arm == subject.arm));
                }
            }
            outcome.region_before = last_place.map_or(UNKNOWN_REGION, |(_, region)| region);
            answer.outcomes.push((place, outcome));
            if self.has_products && subject.counts() && is_shown(subject) {
                self.products(answer, subject, columns);
            }
        }
        Ok(())
    }

    /// Adds what a customer bought within the days.
    fn products(&self, answer: &mut Part, subject: &Subject, columns: &PartColumns) {
        let Part { rows, bought, baskets, .. } = answer;
        let mut products: Vec<u32> = Vec::new();
        for row in rows.iter().filter(|row| is_counted_order(row, subject)) {
            let lines = self.orders.items.lines(columns.lines(row.document.row));
            for Item { product, quantity, amount } in baskets.one(lines, &row.document) {
                let known = |value: i64| (value != MISSING).then_some(i128::from(value));
                let of = Bought {
                    arm: subject.arm,
                    product: *product,
                    orders: 1,
                    customers: u64::from(!products.contains(product)),
                    quantity: known(*quantity),
                    amount: known(*amount),
                };
                products.push(*product);
                bought.entry((subject.arm, *product)).and_modify(|all| all.merge(&of)).or_insert(of);
            }
        }
    }
}

impl Part {
    /// Counts rows that a rule leaves out, by its code; those that are kept have none.
    fn exclude(&mut self, rule: u8, rows: u32) {
        if let Some(rule) = Rule::ALL.get(usize::from(rule)) {
            self.excluded.add(*rule, u64::from(rows));
        }
    }
}

impl Bought {
    fn merge(&mut self, other: &Self) {
        self.orders += other.orders;
        self.customers += other.customers;
        self.quantity = self.quantity.zip(other.quantity).map(|(a, b)| a + b);
        self.amount = self.amount.zip(other.amount).map(|(a, b)| a + b);
    }
}

impl Outcome {
    /// With one more row of the customer's.
    fn add(&mut self, row: &Row, subject: &Subject) -> Result<()> {
        let added = |sum: i64, part: i64| sum.checked_add(part).ok_or_else(beyond);
        let is_within = is_within(row, subject);
        let document = &row.document;
        match row.what {
            What::Counted if is_within => {
                self.orders += u32::from(document.is_order);
                self.net = added(self.net, document.net)?;
                self.refunded_orders += u32::from(document.is_order && row.amount > 0);
                self.refund = added(self.refund, row.amount)?;
                if document.is_order {
                    self.first_day = Some(self.first_day.map_or(document.day, |day| day.min(document.day)));
                }
            }
            What::Counted if is_before(row, subject) => {
                if document.day >= subject.from.0.saturating_sub(DAYS_BEFORE) {
                    self.before = added(self.before, document.net)?;
                }
                if document.is_order {
                    self.orders_before += 1;
                    self.last_day_before = self.last_day_before.max(Some(document.day));
                }
            }
            What::GivenBack if is_within => {
                self.refunded_orders += 1;
                self.refund = added(self.refund, row.amount)?;
            }
            What::Unpaid if is_within => {
                self.unpaid_orders += 1;
                self.unpaid = added(self.unpaid, row.amount)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whether something was at or after the first message, up to the last day.
fn is_within(row: &Row, subject: &Subject) -> bool {
    row.moment >= subject.from && row.moment.0 <= subject.last_day
}

fn is_before(row: &Row, subject: &Subject) -> bool {
    row.moment < subject.from
}

fn is_counted_order(row: &Row, subject: &Subject) -> bool {
    row.what == What::Counted && row.document.is_order && is_within(row, subject)
}

/// What went back with an order or a credit note that counts, in micro-units.
fn given_back(paid: i64, refund: i64) -> i64 {
    if paid < 0 { refund.saturating_sub(paid) } else { refund }
}
