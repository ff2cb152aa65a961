//! The rows of send logs as the canonical sends table.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::error::Result;
use crate::merge::people::{AllTexts, People, at, of, unified};
use crate::parse::tables::TableRows;
use crate::parse::tables::cells::{FLAGS, flag, is_time};
use crate::parse::value::money::{self, Amount};
use crate::rows::dictionary::UNKNOWN;
use crate::schema::coded::CodedFrame;
use crate::schema::customers::CUSTOMER;
use crate::schema::money::MISSING;
use crate::schema::sends::{SECOND, Sends};
use crate::schema::words::{self, Flag};
use crate::schema::{Field, Table, day, names};

/// A message, in the order of its fields; numbers are those of words.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Message {
    customer: u32,
    day: i32,
    second: i32,
    campaign: u32,
    channel: u32,
    arm: u32,
    /// Delivered, opened, clicked.
    flags: [Option<bool>; 3],
    cost: i64,
}

impl People<'_> {
    /// The messages of all files; none without such a file.
    ///
    /// # Errors
    /// Those of polars.
    pub fn sends(&mut self, tables: &[TableRows]) -> Result<Option<Sends>> {
        let files = of(tables, Table::Sends);
        if files.is_empty() {
            return Ok(None);
        }
        let campaigns = unified(&files, Field::CampaignId, str::to_owned);
        let channels = keyed(&files, Field::Channel, words::channel);
        let arms = keyed(&files, Field::Arm, words::arm);
        let mut messages = Vec::with_capacity(files.iter().map(|file| file.row_count as usize).sum());
        for (i, file) in files.iter().enumerate() {
            let flags = [Flag::Delivered, Flag::Opened, Flag::Clicked].map(|of| Said::of(file, of));
            let costs = costs(file);
            for row in 0..file.row_count as usize {
                messages.push(Message {
                    customer: self.number(file, row),
                    day: at(file.days.get(&Field::SentAt), row, day::MISSING),
                    second: at(Some(&file.details.seconds), row, day::MISSING),
                    campaign: campaigns.number(i, file, Field::CampaignId, row),
                    channel: channels.number(i, file, Field::Channel, row),
                    arm: arms.number(i, file, Field::Arm, row),
                    flags: flags.each_ref().map(|said| said.at(row)),
                    cost: number(file, Field::Cost, row).map_or(MISSING, |number| costs[number]),
                });
            }
        }
        messages.sort_unstable();
        frame(&messages, [campaigns, channels, arms]).map(Some)
    }
}

fn frame(messages: &[Message], words: [AllTexts; 3]) -> Result<Sends> {
    let all = || messages.iter();
    let known = |number: u32| Some(number).filter(|number| *number != UNKNOWN);
    let second = all().map(|message| Some(message.second).filter(|second| *second != day::MISSING));
    let cost = all().map(|message| Some(message.cost).filter(|cost| *cost != MISSING));
    let coded = |name: &str, number: fn(&Message) -> u32| {
        UInt32Chunked::from_iter_options(name.into(), all().map(|message| known(number(message))))
            .into_column()
    };
    let mut columns = vec![
        UInt32Chunked::from_iter_values(CUSTOMER.into(), all().map(|message| message.customer)).into_column(),
        Int32Chunked::from_iter_values(names::SENT_ON.into(), all().map(|message| message.day))
            .into_date()
            .into_column(),
        Int32Chunked::from_iter_options(SECOND.into(), second).into_column(),
        coded(names::CAMPAIGN_ID, |message| message.campaign),
        coded(names::CHANNEL, |message| message.channel),
        coded(names::ARM, |message| message.arm),
        Int64Chunked::from_iter_options(names::COST.into(), cost).into_column(),
    ];
    for (place, name) in [names::IS_DELIVERED, names::IS_OPENED, names::IS_CLICKED].into_iter().enumerate() {
        let flags = all().map(|message| message.flags[place]);
        columns.push(BooleanChunked::from_iter_options(name.into(), flags).into_column());
    }
    let words = [names::CAMPAIGN_ID, names::CHANNEL, names::ARM].into_iter().zip(words);
    let words: BTreeMap<_, _> = words.map(|(name, texts)| (name, texts.values)).collect();
    Ok(Sends::new(CodedFrame::new(messages.len(), columns, words)?))
}

/// A field's words, those that have a key of their own under that.
fn keyed(files: &[&TableRows], field: Field, key: fn(&str) -> Option<&'static str>) -> AllTexts {
    let mut texts =
        unified(files, field, |word| key(word).map_or_else(|| word.to_lowercase(), str::to_owned));
    for word in &mut texts.values {
        if let Some(key) = key(word) {
            key.clone_into(word);
        }
    }
    texts
}

/// The number of a row's word of a field.
fn number(file: &TableRows, field: Field, row: usize) -> Option<usize> {
    let number = *file.details.texts.get(&field)?.numbers.get(row)?;
    (number != UNKNOWN).then_some(number as usize)
}

/// What each of a file's words for a cost is, in micro-units.
fn costs(file: &TableRows) -> Vec<i64> {
    let words = file.details.texts.get(&Field::Cost).into_iter().flat_map(|texts| &texts.dictionary.list);
    let cost = |(word, _): &(String, u64)| match money::parse(word.as_bytes(), file.decimal) {
        Amount::Micros(micros) => micros,
        Amount::Null | Amount::Bad => MISSING,
    };
    words.map(cost).collect()
}

/// What the rows of a file say of a flag.
struct Said<'a> {
    numbers: &'a [u32],
    /// By the number of the word.
    words: Vec<Option<bool>>,
    /// What an empty cell says: in a column of times, that it never was.
    empty: Option<bool>,
}

impl<'a> Said<'a> {
    fn of(file: &'a TableRows, of: Flag) -> Self {
        let field = FLAGS.iter().find(|(_, other)| *other == of).map(|(field, _)| *field);
        let Some(texts) = field.and_then(|field| file.details.texts.get(&field)) else {
            return Self { numbers: &[], words: Vec::new(), empty: None };
        };
        let list = &texts.dictionary.list;
        let is_of_times = !list.is_empty() && list.iter().all(|(word, _)| is_time(word));
        Self {
            numbers: &texts.numbers,
            words: list.iter().map(|(word, _)| flag(of, word)).collect(),
            empty: is_of_times.then_some(false),
        }
    }

    fn at(&self, row: usize) -> Option<bool> {
        match self.numbers.get(row) {
            None => None,
            Some(&UNKNOWN) => self.empty,
            Some(number) => self.words.get(*number as usize).copied().flatten(),
        }
    }
}
