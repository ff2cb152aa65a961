//! The columns of a segment's files.

use polars::prelude::*;

use super::parts::{At, Part};
use super::{
    CREATED_ON, DISCOUNT, GROSS, IMPORT, LINE_COUNT, LINE_KEY, MAIL, ORDER_ID, OWN_ID, PAID_ON, PHONE, ROWS,
    Rows, frame_of_contacts, frame_of_lines,
};
use crate::error::Result;
use crate::rows::dictionary::UNKNOWN;
use crate::rows::partition::{Columns, NO_STATUS};
use crate::rows::{Extra, NO_EXTRA};
use crate::schema::items::{Line, NO_LINES};
use crate::schema::money::MISSING;
use crate::schema::orders::{self, UNKNOWN_REGION};
use crate::schema::{Key, Micros, day, names};
use crate::store::ids;
use crate::store::manifest::Grain;

impl Rows<'_> {
    fn extras<'b>(&'b self, part: &'b Part) -> impl Iterator<Item = Extra> + 'b {
        self.values(part, |columns| &columns.extra).map(|extra| extra.unwrap_or(NO_EXTRA))
    }

    /// The items of the rows of a part, row by row.
    fn lines<'b>(&'b self, part: &'b Part) -> impl Iterator<Item = &'b [Line]> {
        part.rows.iter().zip(self.extras(part)).map(|(at, extra)| self.lines_of(*at, extra))
    }

    fn lines_of(&self, at: At, extra: Extra) -> &[Line] {
        if extra.lines == NO_LINES {
            return &[];
        }
        let own = self.blocks[at.block as usize].extras.lines.get(extra.lines as usize..).unwrap_or_default();
        let count = own.iter().position(|line| line.is_last).map_or(0, |last| last + 1);
        &own[..count]
    }

    fn text(&self, key: Key) -> Option<String> {
        let mut text = String::new();
        self.write_text(key, &mut text).then_some(text)
    }

    /// Appends the text of a key; false if it has none.
    fn write_text(&self, key: Key, out: &mut String) -> bool {
        if !key.is_hash() {
            key.write_text(out);
            return key.is_usable();
        }
        let Some(text) = self.texts.get(&key) else { return false };
        out.push_str(&String::from_utf8_lossy(text));
        true
    }

    fn ids(&self, name: &str, keys: impl Iterator<Item = Key>, count: usize) -> Column {
        let mut ids = StringChunkedBuilder::new(name.into(), count);
        // The rows of a customer are next to each other.
        let (mut last, mut text, mut is_known) = (Key::NONE, String::new(), false);
        for key in keys {
            if key != last {
                text.clear();
                (last, is_known) = (key, self.write_text(key, &mut text));
            }
            ids.append_option(is_known.then_some(text.as_str()));
        }
        ids.finish().into_column()
    }

    pub(super) fn core(&self, part: &Part, grain: Grain) -> Result<DataFrame> {
        let height = part.rows.len();
        let days = |name: &str, column: fn(&Columns) -> &Vec<i32>| {
            let days = self.values(part, column).map(|day| day.filter(|day| *day != day::MISSING));
            Int32Chunked::from_iter_options(name.into(), days).into_date().into_column()
        };
        let amounts = self.paid(part).map(|amount| amount.known().map(Micros::number));
        let statuses = self.statuses(part).map(|status| Some(status).filter(|status| *status != NO_STATUS));
        let is_masked = self.buyers(part).map(|key| key == Key::MASKED);
        let mut columns = vec![
            self.ids(ORDER_ID, Self::keys(&self.orders, part), height),
            self.ids(names::CUSTOMER_ID, self.buyers(part), height),
            BooleanChunked::from_iter_values(orders::IS_MASKED.into(), is_masked).into_column(),
            days(CREATED_ON, |columns| &columns.created_on),
            days(PAID_ON, |columns| &columns.paid_on),
            UInt8Chunked::from_iter_options(orders::STATUS.into(), statuses).into_column(),
            Int64Chunked::from_iter_options(orders::PAID_AMOUNT.into(), amounts).into_column(),
            self.refunds(part),
        ];
        if grain.has_own_id {
            let own = self.values(part, |columns| &columns.own).map(|own| own.map_or(0, |own| own.0));
            columns.push(UInt64Chunked::from_iter_values(OWN_ID.into(), own).into_column());
        }
        if grain.has_line_id {
            let (low, high): (Vec<u64>, Vec<u64>) =
                Self::keys(&self.lines, part).map(|key| ids::halves(key.to_bytes())).unzip();
            let half = |name: &str, half| UInt64Chunked::from_vec(name.into(), half).into_column();
            columns.extend([half(LINE_KEY[0], low), half(LINE_KEY[1], high)]);
        }
        Ok(DataFrame::new(height, columns)?)
    }

    pub(super) fn imports(&self, part: &Part) -> Column {
        UInt32Chunked::from_iter_options(IMPORT.into(), self.values(part, |columns| &columns.import))
            .into_column()
    }

    pub(super) fn amounts(&self, part: &Part) -> Result<DataFrame> {
        let amounts = self.paid(part).map(|amount| amount.known().unwrap_or_default().number());
        let columns = vec![
            Int32Chunked::from_vec(orders::ORDERED_ON.into(), self.days(part).collect())
                .into_date()
                .into_column(),
            UInt8Chunked::from_iter_values(orders::STATUS.into(), self.statuses(part)).into_column(),
            Int64Chunked::from_iter_values(orders::PAID_AMOUNT.into(), amounts).into_column(),
            self.refunds(part),
        ];
        Ok(DataFrame::new(part.rows.len(), columns)?)
    }

    pub(super) fn customers(&self, part: &Part) -> Result<DataFrame> {
        let keys: Vec<Key> = self.buyers(part).collect();
        let runs: Vec<&[Key]> = keys.chunk_by(|a, b| a == b).collect();
        let is_masked = runs.iter().map(|run| run[0] == Key::MASKED);
        let columns = vec![
            self.ids(names::CUSTOMER_ID, runs.iter().map(|run| run[0]), runs.len()),
            BooleanChunked::from_iter_values(orders::IS_MASKED.into(), is_masked).into_column(),
            UInt32Chunked::from_iter_values(ROWS.into(), runs.iter().map(|run| run.len() as u32))
                .into_column(),
        ];
        Ok(DataFrame::new(runs.len(), columns)?)
    }

    pub(super) fn details(&self, part: &Part) -> Result<DataFrame> {
        let regions = self.values(part, |columns| &columns.region).zip(&part.rows);
        let regions =
            regions.map(|(region, at)| self.names.region(at.block, region.unwrap_or(UNKNOWN_REGION)));
        let amounts = |name: &str, value: fn(&Extra) -> Micros| {
            let values = self.extras(part).map(|extra| value(&extra).known().map(Micros::number));
            Int64Chunked::from_iter_options(name.into(), values).into_column()
        };
        let seconds = self.values(part, |columns| &columns.second);
        let seconds = seconds.map(|second| second.filter(|second| *second != day::MISSING));
        let sources = self.extras(part).zip(&part.rows);
        let sources = sources.map(|(extra, at)| self.names.source(at.block, extra.source));
        let recipients = self.extras(part).map(|extra| Some(extra.recipient).filter(|name| *name != 0));
        let counts = self.lines(part).map(|lines| lines.len() as u32).collect();
        Ok(DataFrame::new(
            part.rows.len(),
            vec![
                UInt32Chunked::from_iter_options(orders::REGION.into(), regions).into_column(),
                Int32Chunked::from_iter_options(orders::SECOND.into(), seconds).into_column(),
                UInt32Chunked::from_iter_options(orders::SOURCE.into(), sources).into_column(),
                UInt64Chunked::from_iter_options(orders::RECIPIENT.into(), recipients).into_column(),
                amounts(GROSS, |extra| extra.gross),
                amounts(DISCOUNT, |extra| extra.discount),
                amounts(orders::COST, |extra| extra.cost),
                UInt32Chunked::from_vec(LINE_COUNT.into(), counts).into_column(),
            ],
        )?)
    }

    pub(super) fn line_frame(&self, part: &Part) -> Result<DataFrame> {
        let of_rows = part.rows.iter().zip(self.lines(part));
        let lines: Vec<(u32, Line)> =
            of_rows.flat_map(|(at, lines)| lines.iter().map(|line| (at.block, *line))).collect();
        frame_of_lines(lines.iter().map(|(block, line)| Line {
            product: self.names.product(*block, line.product).unwrap_or(UNKNOWN),
            ..*line
        }))
    }

    // The next three columns have a value for each row, whatever the file lacks.

    fn buyers<'b>(&'b self, part: &'b Part) -> impl Iterator<Item = Key> + 'b {
        self.values(part, |columns| &columns.customer).map(|key| key.unwrap_or(Key::NONE))
    }

    fn statuses<'b>(&'b self, part: &'b Part) -> impl Iterator<Item = u8> + 'b {
        self.values(part, |columns| &columns.status).map(|status| status.unwrap_or(NO_STATUS))
    }

    fn paid<'b>(&'b self, part: &'b Part) -> impl Iterator<Item = Micros> + 'b {
        self.values(part, |columns| &columns.amount).map(|amount| amount.unwrap_or(MISSING))
    }

    fn refunds(&self, part: &Part) -> Column {
        let refunds =
            self.values(part, |columns| &columns.refund).map(|refund| refund.unwrap_or_default().number());
        Int64Chunked::from_iter_values(orders::REFUND_AMOUNT.into(), refunds).into_column()
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
