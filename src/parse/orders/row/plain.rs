//! The fast lane: reads records whose cells are all written as most exports write them, one column at a time.

use crate::parse::IdKind;
use crate::parse::lane::{Memo, each, plain_id, regions};
use crate::parse::orders::row::cells::own_of_shop;
use crate::parse::orders::row::place::{PlaceReader, Places};
use crate::parse::orders::row::{AmountColumns, RowReader};
use crate::parse::preset::StatusWord;
use crate::parse::records::{CellReader, CellSource, Rows};
use crate::parse::value::date;
use crate::parse::value::money::{self, Why};
use crate::rows::partition::{Columns, Own};
use crate::schema::packed::Packed;
use crate::schema::{Key, Micros, Status, day};
use crate::text;

/// The values that the fast lane read from a batch of records; the buffers are reused for the next batch.
#[derive(Debug, Default)]
pub struct Lane {
    /// By record, whether the lane could read it; the other vectors hold no meaningful values for those it could not.
    pub is_plain: Vec<bool>,
    /// The order ids; empty if the file has none.
    pub order: Vec<Key>,
    /// The records' values.
    pub columns: Columns,
    /// By column, how many amounts have a decimal point, if the head of the file did not settle what points mean.
    pub points: Vec<(usize, u64)>,
}

/// Values that the lane reads beside those that every question needs.
#[derive(Debug)]
pub struct Beside<'a> {
    /// Whether the time of day is wanted.
    pub has_times: bool,
    /// Reader and table of regions, if regions are wanted.
    pub place: Option<(&'a PlaceReader, &'a mut Places)>,
}

impl RowReader {
    /// Reads the records whose cells are all written as most exports write them, with the same values as
    /// [`Self::read`]. `None` if the file's layout does not allow it.
    pub fn read_plain(
        &self,
        rows: &Rows<'_>,
        memo: &mut Memo,
        beside: Beside<'_>,
        lane: &mut Lane,
    ) -> Option<()> {
        let Lane { is_plain, order, columns, points } = &mut *lane;
        points.clear();
        is_plain.clear();
        order.clear();
        columns.clear();
        if !self.has_fast_lane {
            return None;
        }
        is_plain.resize(rows.len(), true);
        rows.read(LaneReader { reader: self, memo, beside, lane })
    }
}

impl RowReader {
    /// Reads a column of amounts and converts them with `settled`. If the head of the file did not settle what points
    /// mean, amounts in which a point could separate thousands are not plain.
    #[inline(always)]
    fn amounts(
        &self,
        cells: &impl CellSource,
        column: usize,
        is_plain: &mut [bool],
        amounts: &mut Vec<Micros>,
        settled: impl Fn(Micros) -> Micros,
    ) {
        if self.is_settled(column) {
            return each(cells, column, is_plain, amounts, |cell| money::plain(cell).map(&settled));
        }
        each(cells, column, is_plain, amounts, |cell| {
            money::plain(cell).filter(|_| !has_point_before(cell.text(), 3)).map(&settled)
        });
    }

    /// Whether the head of the file settled what points mean in a column of amounts.
    fn is_settled(&self, column: usize) -> bool {
        self.numbers.of(column).why == Why::Known
    }

    /// If the head did not settle it: by column, how many amounts of plain records have a point that can only be a
    /// decimal point.
    fn decimal_points<'a>(
        &'a self,
        cells: &'a impl CellSource,
        is_plain: &'a [bool],
    ) -> impl Iterator<Item = (usize, u64)> + 'a {
        let columns = self.amount.column().into_iter().chain(self.refund);
        columns.filter(|column| !self.is_settled(*column)).map(move |column| {
            let of_plain =
                cells.column(column).zip(is_plain).filter_map(|(cell, plain)| cell.filter(|_| *plain));
            let is_decimal =
                |cell: &Packed<'_>| [1, 2].iter().any(|digits| has_point_before(cell.text(), *digits));
            (column, of_plain.filter(is_decimal).count() as u64)
        })
    }
}

fn has_point_before(text: &[u8], digits: usize) -> bool {
    text.len() > digits && text[text.len() - digits - 1] == b'.'
}

/// Reads cells into the lane.
struct LaneReader<'a> {
    reader: &'a RowReader,
    memo: &'a mut Memo,
    beside: Beside<'a>,
    lane: &'a mut Lane,
}

impl CellReader<Option<()>> for LaneReader<'_> {
    fn read(self, cells: &impl CellSource) -> Option<()> {
        let Self { reader, memo, beside, lane: Lane { is_plain, order, columns, points } } = self;
        let count = is_plain.len();
        if let Some(column) = reader.order_id {
            each(cells, column, is_plain, order, plain_id);
        }
        match reader.customer.first() {
            Some((column, IdKind::Platform)) => {
                each(cells, *column, is_plain, &mut columns.customer, plain_id);
            }
            Some(_) => return None,
            None => columns.customer.resize(count, Key::NONE),
        }
        if let Some((column, _)) = reader.created {
            each(cells, column, is_plain, &mut columns.created_on, |cell| memo.day(cell));
        }
        if let Some((column, _)) = reader.paid {
            each(cells, column, is_plain, &mut columns.paid_on, |cell| memo.day(cell));
        }
        if let Some((column, _)) =
            reader.paid.as_ref().or(reader.created.as_ref()).filter(|_| beside.has_times)
        {
            let second = |cell: Packed<'_>| Some(date::plain_second(cell.text()).unwrap_or(day::MISSING));
            each(cells, *column, is_plain, &mut columns.second, second);
        }
        match &reader.amount {
            AmountColumns::Order(column) | AmountColumns::Row(column) => {
                reader.amounts(cells, *column, is_plain, &mut columns.amount, |amount| amount);
            }
            AmountColumns::Product(..) | AmountColumns::Sum { .. } => return None,
        }
        if let Some(column) = reader.shop {
            // Rows of one shop are usually next to each other, or all rows are one shop's.
            let mut last: (Vec<u8>, Own) = (Vec::new(), Own::NONE);
            each(cells, column, is_plain, &mut columns.own, |cell| {
                let text = cell.text();
                if text != last.0 {
                    // Text that is not ASCII may have to be decoded first.
                    let own = std::str::from_utf8(text)
                        .ok()
                        .map(|text| own_of_shop(text::trim(text.as_bytes())))?;
                    last = (text.to_vec(), own);
                }
                Some(last.1)
            });
        }
        if let Some(column) = reader.refund {
            reader.amounts(cells, column, is_plain, &mut columns.refund, Micros::abs);
        }
        match reader.status {
            Some(column) => each(cells, column, is_plain, &mut columns.status, |cell| {
                match reader.raw_words.get(cell)? {
                    StatusWord::Plain(status) => Some(status.code()),
                    StatusWord::Closed => None,
                }
            }),
            None => {
                columns.status.resize(count, Status::Paid.code());
                is_plain
                    .iter_mut()
                    .zip(&columns.amount)
                    .for_each(|(plain, amount)| *plain &= *amount != Micros::ZERO);
            }
        }
        if reader.paid_is_net_of_refund {
            let amounts = columns.amount.iter_mut().zip(&columns.refund);
            amounts.for_each(|(amount, refund)| *amount += *refund);
        }
        // Read last, so that only records known to be plain count towards the places.
        if let Some((reader, places)) = beside.place {
            regions(cells, reader, is_plain, &mut columns.region, places);
        }
        points.extend(reader.decimal_points(cells, is_plain));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::orders::row::TimeReader;
    use crate::parse::records::{Batch, for_each_batch};
    use crate::parse::shape::Customer;
    use crate::parse::{ReadOptions, layout};

    /// Every record that the fast lane takes has the values that the other lane gives it; it takes the plain ones.
    #[test]
    fn both_lanes_agree() {
        let text = "order_id,customer_id,status,paid_at,paid_amount,refund_amount,province,city\n\
            1,C0000001,paid,2026-01-02 10:02:03,10.50,0,浙江省,杭州市\n\
            2,C0000001,paid,2026-01-02 25:00:00,10.50,0,浙江省,杭州市\n\
            1930679858170647123,18600000001,completed,2026-01-02,99999999999,0.25,-,\n\
            3,C0000001,paid,2026-01-02 10:00:00,10.50,0,\"浙\"\"江\",\n\
            4,\"quoted-id\",shipped,2026-02-29,1,1,,\n\
            5,17850.0,paid,2026/02/28,1,1,,\n\
            6,null,paid,2026-02-28,1,1,,\n\
            7,-,PAID,2026-02-28,1,,,\n\
            8,t**3,paid,,1,1,,\n\
            9,1.9E+15,paid,2026-02-28T23:59:59,-5.00,-1,,\n\
            10,longer-than-fifteen-bytes,refunded,2026-02-28,1.1234567,0,,\n";
        let layout = layout::recognise("test", text.as_bytes(), true, None, &ReadOptions::default())
            .expect("a layout");
        let reader = RowReader::new(&layout, &ReadOptions::default());
        let place = PlaceReader::new(&layout).expect("columns of places");
        let (time, mut places) = (TimeReader::new(&layout), Places::default());
        let mut others = Places::default();
        let (mut taken, mut lane) = (Vec::new(), Lane::default());
        for_each_batch(
            &text.as_bytes()[layout.body_start..],
            layout.dialect,
            layout.headers.len(),
            |batch| {
                let Batch::Rows(rows) = batch else { return };
                let beside = Beside { has_times: true, place: Some((&place, &mut places)) };
                reader
                    .read_plain(&rows, &mut Memo::default(), beside, &mut lane)
                    .expect("a file for the fast lane");
                for i in (0..rows.len()).filter(|i| lane.is_plain[*i]) {
                    let row = reader
                        .read(&rows.record(i), &mut Default::default())
                        .expect("the other lane reads it too");
                    let customer = match row.customer {
                        Customer::Known(id, IdKind::Platform) => Key::of(&id),
                        other => panic!("the fast lane took {other:?}"),
                    };
                    let order = row.order.as_deref().map(Key::of).expect("an order id");
                    assert_eq!((lane.order[i], lane.columns.customer[i]), (order, customer));
                    assert_eq!(lane.columns.paid_on[i], row.paid_on);
                    assert_eq!((lane.columns.amount[i], lane.columns.refund[i]), (row.amount, row.refund));
                    assert_eq!(lane.columns.status[i], row.status.expect("a status").code());
                    let record = rows.record(i);
                    assert_eq!(lane.columns.second[i], time.second(&record));
                    let region = place.number(&record, &mut others);
                    let of = |places: &Places, number: u32| places.list[number as usize].0.clone();
                    assert_eq!(of(&places, lane.columns.region[i]), of(&others, region));
                    taken.push(String::from_utf8_lossy(&rows.record(i).cell(0)).into_owned());
                }
            },
        );
        assert_eq!(taken, ["1", "1930679858170647123"]);
        // Each is counted once, whatever became of other records.
        let counts = |places: &Places| places.list.iter().map(|(_, rows)| *rows).collect::<Vec<_>>();
        assert_eq!((counts(&places), counts(&others)), (vec![1, 1], vec![1, 1]));
    }
}
