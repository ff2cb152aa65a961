//! Reads many records of a table beside the orders at once, column by column, if the file allows it.

use std::ops::Range;

use crate::parse::date_order::Evidence;
use crate::parse::records::Rows;
use crate::schema::{EventKind, Field, squash};

use super::lane::PlainColumns;
use super::{Lane, TableReader, TableRows};

impl TableReader {
    /// Reads plain records by column and the others one by one, in their order.
    pub(super) fn read_batch(
        &self,
        batch: &Rows<'_>,
        plain: &PlainColumns,
        lane: &mut Lane,
        rows: &mut TableRows,
    ) {
        let Some(details) = &self.details else { return };
        plain.read(batch, lane, self.encoding, |word| self.kinds.get(&squash(word)).copied());
        // Words must be numbered in the order of the records.
        let are_all_plain = !lane.is_plain.contains(&false);
        let by_column =
            are_all_plain && !self.passes_over && details.read_columns(batch, lane, &mut rows.details);
        let mut next = 0;
        while next < batch.len() {
            let start = next;
            let is_plain = lane.is_plain[start];
            next += lane.is_plain[start..].iter().take_while(|plain| **plain == is_plain).count();
            if !is_plain {
                (start..next).for_each(|row| self.read_record(&batch.record(row), rows));
                continue;
            }
            rows.record_count += (next - start) as u64;
            let (field, _) = plain.moment;
            rows.evidence.entry(field).or_default()[Evidence::NotNeeded as usize] += (next - start) as u64;
            if self.passes_over && !lane.kind.is_empty() {
                self.add_interests_and_purchases(batch, (field, start..next), lane, rows);
                continue;
            }
            rows.customers.extend_from_slice(&lane.customer[start..next]);
            let moments = &lane.moment[start..next];
            rows.days.entry(field).or_default().extend(moments.iter().map(|(day, _)| *day));
            rows.details.seconds.extend(moments.iter().map(|(_, second)| *second));
            let Lane { kind, words, .. } = &mut *lane;
            rows.kinds.extend(kind.get(start..next).into_iter().flatten().map(|kind| words.count_row(*kind)));
            rows.row_count += (next - start) as u64;
            match by_column {
                true => details.add_columns(lane, start..next, &mut rows.details),
                false => (start..next).for_each(|row| {
                    details.read_beside(&batch.record(row), &mut rows.details, &mut rows.notes);
                }),
            }
        }
    }

    /// Adds the interests and purchases among plain records; of other events only day and customer.
    fn add_interests_and_purchases(
        &self,
        batch: &Rows<'_>,
        (field, records): (Field, Range<usize>),
        lane: &mut Lane,
        rows: &mut TableRows,
    ) {
        let Some(details) = &self.details else { return };
        let has_more = details.has_beside();
        let TableRows { customers, days, kinds, passed_over, passed_over_customers, row_count, .. } = rows;
        let days = days.entry(field).or_default();
        if passed_over_customers.is_empty() {
            passed_over_customers.push(Vec::new());
        }
        *row_count += records.len() as u64;
        for row in records {
            let kind = lane.words.count_row(lane.kind[row]);
            if kind != EventKind::Purchase && !EventKind::INTEREST.contains(&kind) {
                passed_over.add(lane.moment[row].0, 1);
                passed_over_customers[0].push(lane.customer[row]);
                continue;
            }
            customers.push(lane.customer[row]);
            let (day, second) = lane.moment[row];
            days.push(day);
            kinds.push(kind);
            rows.details.seconds.push(second);
            if has_more {
                details.read_beside(&batch.record(row), &mut rows.details, &mut rows.notes);
            }
        }
    }
}
