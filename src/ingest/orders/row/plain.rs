//! The fast lane: records whose cells are all as most exports write them.

use super::{AmountColumns, RowReader};
use crate::ingest::IdKind;
use crate::ingest::preset::StatusWord;
use crate::ingest::records::Record;
use crate::ingest::value::date::{self, DateReader};
use crate::ingest::value::money;
use crate::schema::{Key, Status};

/// A record's values where all its cells are plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlainRow {
    /// The order's id.
    pub order: Key,
    /// The buyer.
    pub customer: Key,
    /// Day of creation.
    pub created_on: i32,
    /// Day of payment.
    pub paid_on: i32,
    /// What was paid before refunds.
    pub amount: i64,
    /// What was given back.
    pub refund: i64,
    /// Code of the status.
    pub status: u8,
}

/// The last date read: rows of an export mostly come by day.
#[derive(Debug, Default)]
pub struct Memo(Option<([u8; 10], i32)>);

impl Memo {
    #[inline]
    fn day(&mut self, cell: &[u8]) -> Option<i32> {
        let (date, clock) = cell.split_first_chunk::<10>()?;
        match self.0 {
            Some((seen, day)) if seen == *date && (clock.is_empty() || date::is_plain_clock(clock)) => {
                Some(day)
            }
            _ => {
                let day = date::plain(cell)?;
                self.0 = Some((*date, day));
                Some(day)
            }
        }
    }
}

impl RowReader {
    /// Reads a record whose cells are all as most exports write them; `None` sends it to [`Self::read`], which
    /// would give the same values.
    #[inline]
    pub fn read_plain(&self, record: &Record<'_>, memo: &mut Memo) -> Option<PlainRow> {
        if !self.has_fast_lane || record.len() != self.shape.width || record.is_unclosed {
            return None;
        }
        let order = match self.order_id {
            Some(column) => Key::of_plain(record.plain(column)?)?,
            None => Key::NONE,
        };
        let customer = match self.customer.first() {
            Some((column, IdKind::Platform)) => Key::of_plain(record.plain(*column)?)?,
            Some(_) => return None,
            None => Key::NONE,
        };
        let mut day = |column: Option<(usize, DateReader)>| match column {
            Some((column, _)) => memo.day(record.plain(column)?),
            None => Some(date::MISSING),
        };
        let (created_on, paid_on) = (day(self.created)?, day(self.paid)?);
        let amount = match &self.amount {
            AmountColumns::Order(column) | AmountColumns::Row(column) => {
                money::plain(record.plain(*column)?)?
            }
            AmountColumns::Product(..) | AmountColumns::Sum { .. } => return None,
        };
        let refund = match self.refund {
            Some(column) => money::plain(record.plain(column)?)?.abs(),
            None => 0,
        };
        let status = match self.status {
            Some(column) => match self.raw_words.get(record.plain(column)?)? {
                StatusWord::Plain(status) => status,
                StatusWord::Closed => return None,
            },
            None if amount == 0 => return None,
            None => Status::Paid,
        };
        let amount = if self.paid_is_net_of_refund { amount.saturating_add(refund) } else { amount };
        Some(PlainRow { order, customer, created_on, paid_on, amount, refund, status: status.code() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::records::for_each_record;
    use crate::ingest::shape::Customer;
    use crate::ingest::{ReadOptions, layout};

    /// Every record that the fast lane takes has the values that the other lane gives it; it takes the plain ones.
    #[test]
    fn both_lanes_agree() {
        let text = "order_id,customer_id,status,paid_at,paid_amount,refund_amount\n\
            1,C0000001,paid,2026-01-02 10:00:00,10.50,0\n\
            2,C0000001,paid,2026-01-02 25:00:00,10.50,0\n\
            1930679858170647123,18600000001,completed,2026-01-02,99999999999,0.25\n\
            4,\"quoted-id\",shipped,2026-02-29,1,1\n\
            5,17850.0,paid,2026/02/28,1,1\n\
            6,null,paid,2026-02-28,1,1\n\
            7,-,PAID,2026-02-28,1,\n\
            8,t**3,paid,,1,1\n\
            9,1.9E+15,paid,2026-02-28T23:59:59,-5.00,-1\n\
            10,longer-than-fifteen-bytes,refunded,2026-02-28,1.1234567,0\n";
        let layout = layout::recognise("test", text.as_bytes(), true, None, &ReadOptions::default())
            .expect("a layout");
        let reader = RowReader::new(&layout, &ReadOptions::default());
        let (mut taken, mut memo) = (Vec::new(), Memo::default());
        for_each_record(&text.as_bytes()[layout.body_start..], layout.dialect, |record| {
            let Some(plain) = reader.read_plain(record, &mut memo) else { return };
            let row = reader.read(record).expect("the other lane reads it too");
            let order = row.order.as_deref().map(Key::of).expect("an order id");
            let customer = match row.customer {
                Customer::Known(id, IdKind::Platform) => Key::of(&id),
                other => panic!("the fast lane took {other:?}"),
            };
            let other = PlainRow {
                order,
                customer,
                created_on: row.created_on,
                paid_on: row.paid_on,
                amount: row.amount,
                refund: row.refund,
                status: row.status.expect("a status").code(),
            };
            assert_eq!(plain, other);
            taken.push(String::from_utf8_lossy(&record.cell(0)).into_owned());
        });
        assert_eq!(taken, ["1", "1930679858170647123"]);
    }
}
