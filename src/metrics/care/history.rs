//! The orders of each customer, paid or not, with the moments that the exports give.

use polars::prelude::*;

use super::calendar::{Moment, moment_of};
use crate::error::Result;
use crate::metrics::Scope;
use crate::metrics::histories::PartColumns;
use crate::metrics::moment::moment;
use crate::metrics::profile::majority;
use crate::metrics::scope::{Amounts, KEPT};
use crate::schema::day::END_OF_DAY;
use crate::schema::orders::{self, TEXT};
use crate::schema::{CustomerCode, Day, Field, Items, Micros, Orders, Status};

/// The columns of orders that tasks need besides those of the canonical table. They must be asked for before reading.
pub const COLUMNS: [Field; 9] = [
    Field::OrderId,
    Field::CreatedAt,
    Field::PaidAt,
    Field::ShippedAt,
    Field::DeliveredAt,
    Field::CompletedAt,
    Field::CancelledAt,
    Field::Note,
    Field::IsPresale,
];

/// An order, whether it counts or not, or a credit note.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// Its id.
    pub id: Option<&'a str>,
    /// Its day, since 1970-01-01: of payment, else of creation.
    pub day: Day,
    /// The second of that day.
    pub second: Option<i32>,
    /// Its status; `None` for a credit note.
    pub status: Option<Status>,
    /// Whether it counts as an order.
    pub is_valid: bool,
    /// Paid minus refunded; 0 if it does not count.
    pub net: Micros,
    /// Whether money of it was refunded, or it is a credit note.
    pub is_given_back: bool,
    /// When it was placed. Here and below, a day without a time means its midnight.
    pub created: Option<Moment>,
    /// When it was paid.
    pub paid: Option<Moment>,
    /// When it was sent off.
    pub shipped: Option<Moment>,
    /// When it arrived.
    pub delivered: Option<Moment>,
    /// When it was completed.
    pub completed: Option<Moment>,
    /// When it was cancelled.
    pub cancelled: Option<Moment>,
    /// Whether it is a presale order, whose balance is paid later.
    pub is_presale: bool,
    /// The note on it.
    pub note: Option<&'a str>,
    /// A hash of the recipient.
    pub recipient: Option<u64>,
    /// The place of its lines among the items.
    pub lines: u64,
}

impl Order<'_> {
    /// Whether it is paid and not sent off, as far as is known.
    pub fn is_to_pack(&self) -> bool {
        let is_under_way = self.shipped.is_some() || self.delivered.is_some() || self.completed.is_some();
        self.is_valid && self.status == Some(Status::Paid) && !is_under_way
    }

    /// When it was paid; if that is unknown, when it was placed, or else its day.
    pub fn paid_or_placed(&self) -> Moment {
        self.paid.or(self.created).unwrap_or_else(|| moment_of(self.day, self.second))
    }
}

/// The orders of a customer, by time.
#[derive(Debug)]
pub struct History<'a> {
    /// The customer's code.
    pub customer: CustomerCode,
    /// The orders and credit notes up to the as-of day, including those that do not count.
    pub orders: &'a [Order<'a>],
    /// The items of all orders.
    pub items: &'a Items,
}

impl<'a> History<'a> {
    /// The orders that count.
    pub fn valid(&self) -> impl DoubleEndedIterator<Item = &'a Order<'a>> {
        self.orders.iter().filter(|order| order.is_valid)
    }

    /// The days of the first and the last order that count; `None` where none does.
    pub fn seen(&self) -> Option<(Day, Day)> {
        Some((self.valid().next()?.day, self.valid().next_back()?.day))
    }

    /// Paid minus refunded of all that counts, in micro-units.
    pub fn net(&self) -> i128 {
        self.orders.iter().map(|order| i128::from(order.net)).sum()
    }

    /// The recipient of more than half of the orders that count; `None` if there is none.
    pub fn usual_recipient(&self) -> Option<u64> {
        majority(self.valid().map(|order| order.recipient))
    }
}

/// Calls `visit` with every customer's orders up to the as-of day, whatever the window. Returns the answers of the
/// parts.
///
/// # Errors
/// Those of polars.
pub fn each_customer<A: Default + Send>(
    orders: &Orders,
    scope: &Scope,
    visit: impl Fn(&mut A, &History<'_>) + Sync + Send,
) -> Result<Vec<A>> {
    let scope = scope.all_time();
    let ruling = scope.ruling(orders, true);
    let texts = Texts::of(orders);
    orders.parts.each_answer(|part| {
        let mut answer = A::default();
        let customers = part.column(orders::CUSTOMER)?.u32()?.rechunk();
        if customers.null_count() > 0 {
            return Ok(answer);
        }
        let rules = ruling.rules(part)?;
        let rows = PartRows::of(part, &texts, &scope)?;
        let (mut own, mut start) = (Vec::new(), 0);
        for run in customers.cont_slice()?.chunk_by(|a, b| a == b) {
            own.clear();
            let all = start..start + run.len();
            start = all.end;
            own.extend(all.filter_map(|row| rows.order(row, rules[row] == KEPT)));
            // They are sorted, so that the result does not depend on the file's row order.
            own.sort_by_key(|order: &Order<'_>| (order.day, order.second.unwrap_or(END_OF_DAY), order.id));
            visit(
                &mut answer,
                &History { customer: CustomerCode::new(run[0]), orders: &own, items: &orders.items },
            );
        }
        Ok(answer)
    })
}

/// The texts of the additional columns of orders, each parsed once.
struct Texts<'a> {
    ids: &'a [String],
    notes: &'a [String],
    presale: Vec<bool>,
    created: Vec<Option<Moment>>,
    paid: Vec<Option<Moment>>,
    shipped: Vec<Option<Moment>>,
    delivered: Vec<Option<Moment>>,
    completed: Vec<Option<Moment>>,
    cancelled: Vec<Option<Moment>>,
}

impl<'a> Texts<'a> {
    fn of(orders: &'a Orders) -> Self {
        let words = |field: Field| {
            let of = orders.texts.iter().find(|(name, _)| name == field.name());
            of.map_or(&[][..], |(_, words)| words.as_slice())
        };
        let moments = |field: Field| {
            let read = |word: &String| moment(word).map(|(day, second)| moment_of(day, second));
            words(field).iter().map(read).collect()
        };
        Self {
            ids: words(Field::OrderId),
            notes: words(Field::Note),
            presale: words(Field::IsPresale).iter().map(|word| word == "true").collect(),
            created: moments(Field::CreatedAt),
            paid: moments(Field::PaidAt),
            shipped: moments(Field::ShippedAt),
            delivered: moments(Field::DeliveredAt),
            completed: moments(Field::CompletedAt),
            cancelled: moments(Field::CancelledAt),
        }
    }
}

/// The rows of a part, ready to be looked at one by one.
struct PartRows<'a> {
    texts: &'a Texts<'a>,
    scope: Scope,
    columns: PartColumns,
    amounts: Amounts,
    status: UInt8Chunked,
    /// For each of [`COLUMNS`], the number of each row's text; `None` if the part does not have the column.
    numbers: Vec<Option<UInt32Chunked>>,
}

impl<'a> PartRows<'a> {
    fn of(part: &DataFrame, texts: &'a Texts<'a>, scope: &Scope) -> Result<Self> {
        let numbers = |field: &Field| {
            let column = part.column(&format!("{TEXT}{}", field.name())).ok();
            column.map(|column| Ok(column.u32()?.rechunk().into_owned())).transpose()
        };
        Ok(Self {
            texts,
            scope: *scope,
            columns: PartColumns::of(part)?,
            amounts: Amounts::of(part)?,
            status: part.column(orders::STATUS)?.u8()?.rechunk().into_owned(),
            numbers: COLUMNS.iter().map(numbers).collect::<Result<_>>()?,
        })
    }

    fn number(&self, row: usize, field: Field) -> Option<usize> {
        let place = COLUMNS.iter().position(|of| *of == field)?;
        self.numbers[place].as_ref()?.get(row).map(|number| number as usize)
    }

    /// The order of a row; `None` if it is later than the as-of day.
    fn order(&self, row: usize, is_kept: bool) -> Option<Order<'a>> {
        let (day, paid) =
            (Day::new(self.amounts.day().ok()?[row]), Micros::new(self.amounts.paid().ok()?[row]));
        let refund = Micros::new(self.amounts.refund().ok()?[row]);
        if day > self.scope.as_of {
            return None;
        }
        let word = |field: Field, words: &'a [String]| {
            let word = words.get(self.number(row, field)?)?.as_str();
            Some(word).filter(|word| !word.is_empty())
        };
        let when = |field: Field, moments: &[Option<Moment>]| {
            moments.get(self.number(row, field)?).copied().flatten()
        };
        let texts = self.texts;
        let code = self.status.get(row).unwrap_or(0);
        let is_refund = code == orders::REFUND_OF_REFUNDED || paid.is_negative();
        let status = Status::ALL.get(usize::from(code)).copied().filter(|_| !is_refund);
        Some(Order {
            id: word(Field::OrderId, texts.ids),
            day,
            second: self.columns.second(row),
            status,
            is_valid: is_kept && self.scope.is_order(paid),
            net: if is_kept { paid - refund } else { Micros::ZERO },
            is_given_back: is_refund || refund.is_positive() || status == Some(Status::Refunded),
            created: when(Field::CreatedAt, &texts.created),
            paid: when(Field::PaidAt, &texts.paid),
            shipped: when(Field::ShippedAt, &texts.shipped),
            delivered: when(Field::DeliveredAt, &texts.delivered),
            completed: when(Field::CompletedAt, &texts.completed),
            cancelled: when(Field::CancelledAt, &texts.cancelled),
            is_presale: self
                .number(row, Field::IsPresale)
                .and_then(|number| texts.presale.get(number).copied())
                .unwrap_or(false),
            note: word(Field::Note, texts.notes),
            recipient: self.columns.recipient(row),
            lines: self.columns.lines(row),
        })
    }
}
