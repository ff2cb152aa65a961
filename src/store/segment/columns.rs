//! The columns of a segment's files.

use polars::prelude::*;

use super::{
    At, CREATED_ON, DISCOUNT, GROSS, IMPORT, LINE_COUNT, LINE_KEY, MAIL, ORDER_ID, OWN_ID, PAID_ON, PHONE,
    ROWS, Rows, frame_of_contacts, frame_of_lines,
};
use crate::error::Result;
use crate::rows::dictionary::UNKNOWN;
use crate::rows::partition::{Columns, NO_STATUS};
use crate::rows::{Extra, NO_EXTRA};
use crate::schema::items::{Line, NO_LINES};
use crate::schema::orders::{self, UNKNOWN_REGION};
use crate::schema::{Key, Micros, day, names};
use crate::store::ids;
use crate::store::manifest::Grain;

impl Rows<'_> {
    fn extra(&self, at: At) -> Extra {
        self.columns(at).extra.get(at.row as usize).copied().unwrap_or(NO_EXTRA)
    }

    /// The items of a row.
    fn lines(&self, at: At) -> &[Line] {
        let extra = self.extra(at);
        if extra.lines == NO_LINES {
            return &[];
        }
        let own = self.blocks[at.block as usize].extras.lines.get(extra.lines as usize..).unwrap_or_default();
        let count = own.iter().position(|line| line.is_last).map_or(0, |last| last + 1);
        &own[..count]
    }

    fn text(&self, key: Key) -> Option<String> {
        if !key.is_usable() {
            return None;
        }
        key.text().or_else(|| self.texts.get(&key).map(|text| String::from_utf8_lossy(text).into_owned()))
    }

    fn ids(&self, name: &str, keys: impl Iterator<Item = Key>, count: usize) -> Column {
        let mut ids = StringChunkedBuilder::new(name.into(), count);
        // The rows of a customer are next to each other.
        let (mut last, mut text) = (Key::NONE, None);
        for key in keys {
            if key != last {
                (last, text) = (key, self.text(key));
            }
            ids.append_option(text.as_deref());
        }
        ids.finish().into_column()
    }

    pub(super) fn core(&self, rows: &[At], grain: Grain) -> Result<DataFrame> {
        let value = |at: &At, column: fn(&Columns) -> &Vec<i32>| {
            column(self.columns(*at)).get(at.row as usize).copied().filter(|day| *day != day::MISSING)
        };
        let days = |name: &str, column: fn(&Columns) -> &Vec<i32>| {
            Int32Chunked::from_iter_options(name.into(), rows.iter().map(|at| value(at, column)))
                .into_date()
                .into_column()
        };
        let customers = || rows.iter().map(|at| self.columns(*at).customer[at.row as usize]);
        let amounts =
            rows.iter().map(|at| self.columns(*at).amount[at.row as usize].known().map(Micros::number));
        let refunds = rows.iter().map(|at| self.refund(*at).number());
        let statuses = rows
            .iter()
            .map(|at| Some(self.columns(*at).status[at.row as usize]).filter(|status| *status != NO_STATUS));
        let mut columns = vec![
            self.ids(ORDER_ID, rows.iter().map(|at| self.order(*at)), rows.len()),
            self.ids(names::CUSTOMER_ID, customers(), rows.len()),
            BooleanChunked::from_iter_values(
                orders::IS_MASKED.into(),
                customers().map(|key| key == Key::MASKED),
            )
            .into_column(),
            days(CREATED_ON, |columns| &columns.created_on),
            days(PAID_ON, |columns| &columns.paid_on),
            UInt8Chunked::from_iter_options(orders::STATUS.into(), statuses).into_column(),
            Int64Chunked::from_iter_options(orders::PAID_AMOUNT.into(), amounts).into_column(),
            Int64Chunked::from_iter_values(orders::REFUND_AMOUNT.into(), refunds).into_column(),
        ];
        if grain.has_own_id {
            let own = rows.iter().map(|at| self.columns(*at).own.get(at.row as usize).map_or(0, |own| own.0));
            columns.push(UInt64Chunked::from_iter_values(OWN_ID.into(), own).into_column());
        }
        if grain.has_line_id {
            let key = |at: &At| self.lines[at.block as usize][at.group as usize][at.row as usize].to_bytes();
            let halves: Vec<(u64, u64)> = rows.iter().map(|at| ids::halves(key(at))).collect();
            columns.push(
                UInt64Chunked::from_iter_values(LINE_KEY[0].into(), halves.iter().map(|half| half.0))
                    .into_column(),
            );
            columns.push(
                UInt64Chunked::from_iter_values(LINE_KEY[1].into(), halves.iter().map(|half| half.1))
                    .into_column(),
            );
        }
        Ok(DataFrame::new(rows.len(), columns)?)
    }

    pub(super) fn imports(&self, rows: &[At]) -> Column {
        let import = |at: &At| self.columns(*at).import.get(at.row as usize).copied();
        UInt32Chunked::from_iter_options(IMPORT.into(), rows.iter().map(import)).into_column()
    }

    fn refund(&self, at: At) -> Micros {
        self.columns(at).refund.get(at.row as usize).copied().unwrap_or_default()
    }

    pub(super) fn amounts(&self, rows: &[At]) -> Result<DataFrame> {
        let amount = |at: &At| self.columns(*at).amount[at.row as usize];
        let amounts = rows.iter().map(|at| amount(at).known().unwrap_or_default().number());
        let refunds = rows.iter().map(|at| self.refund(*at).number());
        let statuses = rows.iter().map(|at| self.columns(*at).status[at.row as usize]);
        let days = rows.iter().map(|at| self.day(*at)).collect();
        let columns = vec![
            Int32Chunked::from_vec(orders::ORDERED_ON.into(), days).into_date().into_column(),
            UInt8Chunked::from_iter_values(orders::STATUS.into(), statuses).into_column(),
            Int64Chunked::from_iter_values(orders::PAID_AMOUNT.into(), amounts).into_column(),
            Int64Chunked::from_iter_values(orders::REFUND_AMOUNT.into(), refunds).into_column(),
        ];
        Ok(DataFrame::new(rows.len(), columns)?)
    }

    pub(super) fn customers(&self, rows: &[At]) -> Result<DataFrame> {
        let key = |at: &At| self.columns(*at).customer[at.row as usize];
        let runs: Vec<(Key, u32)> =
            rows.chunk_by(|a, b| key(a) == key(b)).map(|run| (key(&run[0]), run.len() as u32)).collect();
        let is_masked = runs.iter().map(|(key, _)| *key == Key::MASKED);
        let columns = vec![
            self.ids(names::CUSTOMER_ID, runs.iter().map(|(key, _)| *key), runs.len()),
            BooleanChunked::from_iter_values(orders::IS_MASKED.into(), is_masked).into_column(),
            UInt32Chunked::from_iter_values(ROWS.into(), runs.iter().map(|(_, rows)| *rows)).into_column(),
        ];
        Ok(DataFrame::new(runs.len(), columns)?)
    }

    pub(super) fn details(&self, rows: &[At]) -> Result<DataFrame> {
        let extras = || rows.iter().map(|at| (*at, self.extra(*at)));
        let regions = rows.iter().map(|at| {
            let region = self.columns(*at).region.get(at.row as usize).copied().unwrap_or(UNKNOWN_REGION);
            self.names.region(at.block, region)
        });
        let amounts = |name: &str, value: fn(&Extra) -> Micros| {
            let values = extras().map(|(_, extra)| value(&extra).known().map(Micros::number));
            Int64Chunked::from_iter_options(name.into(), values).into_column()
        };
        let seconds = rows.iter().map(|at| {
            let second = self.columns(*at).second.get(at.row as usize).copied();
            second.filter(|second| *second != day::MISSING)
        });
        let sources = extras().map(|(at, extra)| self.names.source(at.block, extra.source));
        let recipients = extras().map(|(_, extra)| Some(extra.recipient).filter(|name| *name != 0));
        let counts = rows.iter().map(|at| self.lines(*at).len() as u32);
        Ok(DataFrame::new(
            rows.len(),
            vec![
                UInt32Chunked::from_iter_options(orders::REGION.into(), regions).into_column(),
                Int32Chunked::from_iter_options(orders::SECOND.into(), seconds).into_column(),
                UInt32Chunked::from_iter_options(orders::SOURCE.into(), sources).into_column(),
                UInt64Chunked::from_iter_options(orders::RECIPIENT.into(), recipients).into_column(),
                amounts(GROSS, |extra| extra.gross),
                amounts(DISCOUNT, |extra| extra.discount),
                amounts(orders::COST, |extra| extra.cost),
                UInt32Chunked::from_iter_values(LINE_COUNT.into(), counts).into_column(),
            ],
        )?)
    }

    pub(super) fn line_frame(&self, rows: &[At]) -> Result<DataFrame> {
        let lines: Vec<(u32, Line)> =
            rows.iter().flat_map(|at| self.lines(*at).iter().map(|line| (at.block, *line))).collect();
        frame_of_lines(lines.iter().map(|(block, line)| Line {
            product: self.names.product(*block, line.product).unwrap_or(UNKNOWN),
            ..*line
        }))
    }

    pub(super) fn phones(&self) -> Result<DataFrame> {
        let mut pairs: Vec<(String, String)> = self
            .blocks
            .iter()
            .flat_map(|block| block.accounts.iter())
            .filter_map(|(account, phone)| Some((self.text(account)?, phone.text()?)))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        frame_of_contacts(PHONE, &pairs)
    }

    pub(super) fn mails(&self) -> Result<DataFrame> {
        let pairs = self.blocks.iter().flat_map(|block| block.accounts.mails());
        let mut pairs: Vec<(String, String)> =
            pairs.filter_map(|(account, mail)| Some((self.text(account)?, mail.to_owned()))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        frame_of_contacts(MAIL, &pairs)
    }
}
