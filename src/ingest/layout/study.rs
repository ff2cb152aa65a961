//! How the values of a file are written, as far as its head tells.

use std::collections::HashSet;

use super::{DATES, Layout};
use crate::ingest::ReadOptions;
use crate::ingest::preset::squash;
use crate::ingest::records::{for_each_record, whole_records};
use crate::ingest::value::date::{DateOrder, DateReader, Day};
use crate::ingest::value::{money, text};
use crate::schema::Field;

/// How many records of the head are looked at to decide how dates and amounts are written.
const SAMPLE: usize = 20_000;

/// A column called `state` may be what became of an order or where it went: its values tell.
fn settle_state(layout: &mut Layout, body: &[u8], is_whole: bool) {
    let Some(column) = layout.column(Field::Status) else { return };
    if layout.columns.get(&Field::Province).is_none_or(|columns| !columns.contains(&column)) {
        return;
    }
    let words: HashSet<String> = layout.preset.status_words().map(|(word, _)| squash(word)).collect();
    let (mut statuses, mut others) = (0_usize, 0_usize);
    let end = whole_records(body, layout.dialect, is_whole);
    for_each_record(&body[..end], layout.dialect, |record| {
        let cell = layout.encoding.decode(record.cell(column)).unwrap_or_default();
        let cell = text::trim(&cell);
        if !text::is_null(cell) {
            let is_status = words.contains(&squash(&String::from_utf8_lossy(cell)));
            statuses += usize::from(is_status);
            others += usize::from(!is_status);
        }
    });
    let place = if others > statuses { Field::Status } else { Field::Province };
    if let Some(columns) = layout.columns.get_mut(&place) {
        columns.retain(|other| *other != column);
        if columns.is_empty() {
            layout.columns.remove(&place);
        }
    }
}

/// Decides from the values of the head which date order and decimal mark the columns use.
pub(super) fn study_values(layout: &mut Layout, body: &[u8], is_whole: bool, options: &ReadOptions) {
    settle_state(layout, body, is_whole);
    const AMOUNTS: [Field; 5] =
        [Field::PaidAmount, Field::Amount, Field::UnitPrice, Field::RefundAmount, Field::Cost];
    let fixed = options.date_order.or(layout.preset.date_order);
    let probe = DateReader {
        order: fixed.unwrap_or_default(),
        is_certain: false,
        zone: options.zone,
        epoch_zone: layout.preset.zone.unwrap_or(chrono_tz::UTC),
    };
    let summed = layout.sums.values().flat_map(|(plus, minus)| plus.iter().chain(minus)).copied();
    let amounts: Vec<usize> =
        AMOUNTS.iter().filter_map(|&field| layout.column(field)).chain(summed).collect();
    let dates: Vec<(Field, usize)> =
        DATES.iter().filter_map(|&field| layout.column(field).map(|column| (field, column))).collect();
    let mut evidence = vec![(0_u64, 0_u64); dates.len()];
    let (mut commas, mut points, mut rows) = (0_usize, 0_usize, 0_usize);
    let end = whole_records(body, layout.dialect, is_whole);
    for_each_record(&body[..end], layout.dialect, |record| {
        rows += 1;
        if rows > SAMPLE || record.len() < layout.headers.len() {
            return;
        }
        for ((_, column), (dmy, mdy)) in dates.iter().zip(&mut evidence) {
            match probe.day(&record.cell(*column)) {
                Day::Evident(_, DateOrder::Dmy) => *dmy += 1,
                Day::Evident(_, DateOrder::Mdy) => *mdy += 1,
                _ => {}
            }
        }
        let amounts = || amounts.iter().map(|&column| record.cell(column));
        commas += amounts().filter(|cell| money::needs_decimal_comma(cell)).count();
        points += amounts().filter(|cell| money::needs_decimal_point(cell)).count();
    });
    layout.decimal_comma = commas > points;
    layout.dates = dates
        .into_iter()
        .zip(evidence)
        .map(|((field, _), (dmy, mdy))| {
            let seen = if mdy > dmy { DateOrder::Mdy } else { DateOrder::Dmy };
            let order = fixed.unwrap_or(seen);
            (field, DateReader { order, is_certain: fixed.is_some() || dmy != mdy, ..probe })
        })
        .collect();
}
