//! The values of a declared column in the rows of all files, numbered from 0 through all of them.

use std::cmp::Ordering;
use std::mem::take;

use polars::prelude::*;

use super::order::Order;
use crate::merge::region_place;
use crate::parse::tables::cells::{contact, flag, is_time, rating};
use crate::parse::tables::{PlainTexts, TableRows, Texts};
use crate::parse::value::money::{self, Amount};
use crate::regions::Region;
use crate::rows::dictionary::{Dictionary, UNKNOWN, unify};
use crate::schema::money::MISSING;
use crate::schema::table::{Cells, Declaration, SECOND, Spelling};
use crate::schema::{Field, day};

/// In place of a kind: the file does not say.
const NO_KIND: u8 = u8::MAX;

/// A column as files have it.
#[derive(Debug)]
pub struct Read {
    /// The field it is read from; none of a time of day.
    pub field: Option<Field>,
    /// What it is called in the table.
    pub name: &'static str,
    /// Its values; none where no file has it.
    pub values: Option<Values>,
    /// The words that the values are numbers of, where they are.
    pub words: Option<Vec<String>>,
    /// What a column of them is made of.
    pub data_type: DataType,
}

/// A value for each row, or something that stands for none.
#[derive(Debug)]
pub enum Values {
    /// Days or seconds; [`day::MISSING`] is none.
    Days(Vec<i32>, DataType),
    /// Numbers of words or regions; [`UNKNOWN`] is none.
    Numbers(Vec<u32>),
    /// Micro-units; [`MISSING`] is none.
    Micros(Vec<i64>),
    /// Codes of kinds; [`NO_KIND`] is none.
    Kinds(Vec<u8>),
    /// Yes or no.
    Flags(Vec<Option<bool>>),
    /// Names and how people are reached.
    Texts(FileTexts),
}

/// The texts of a column of all files.
#[derive(Debug)]
pub struct FileTexts {
    files: Vec<Option<PlainTexts>>,
    /// The number of the first row of each.
    starts: Vec<usize>,
}

impl FileTexts {
    /// The text of a row, if it has any.
    pub fn get(&self, row: usize) -> Option<&str> {
        let file = self.starts.partition_point(|start| *start <= row).checked_sub(1)?;
        self.files[file].as_ref()?.get(row - self.starts[file])
    }
}

impl Values {
    /// Whether a row says anything.
    pub fn has(&self, row: usize) -> bool {
        match self {
            Self::Days(days, _) => days[row] != day::MISSING,
            Self::Numbers(numbers) => numbers[row] != UNKNOWN,
            Self::Micros(micros) => micros[row] != MISSING,
            Self::Kinds(kinds) => kinds[row] != NO_KIND,
            Self::Flags(flags) => flags[row].is_some(),
            Self::Texts(texts) => texts.get(row).is_some(),
        }
    }

    /// The day of a row, in a column of days.
    pub fn day(&self, row: usize) -> Option<i32> {
        match self {
            Self::Days(days, _) => Some(days[row]),
            _ => None,
        }
    }

    /// Which of two rows comes first.
    pub fn compare(&self, a: usize, b: usize) -> Ordering {
        match self {
            Self::Days(days, _) => days[a].cmp(&days[b]),
            Self::Numbers(numbers) => numbers[a].cmp(&numbers[b]),
            Self::Micros(micros) => micros[a].cmp(&micros[b]),
            Self::Kinds(kinds) => kinds[a].cmp(&kinds[b]),
            Self::Flags(flags) => flags[a].cmp(&flags[b]),
            Self::Texts(texts) => texts.get(a).cmp(&texts.get(b)),
        }
    }

    /// The column of a frame whose rows come in this order.
    pub fn column(self, name: &str, order: &Order) -> Column {
        match self {
            Self::Days(days, data_type) => {
                let days = order.primitive::<Int32Type>(name, |row| known(days[row], day::MISSING));
                if data_type == DataType::Date { days.into_date().into_column() } else { days.into_column() }
            }
            Self::Numbers(numbers) => order.numbers(name, |row| known(numbers[row], UNKNOWN)),
            Self::Micros(micros) => {
                order.primitive::<Int64Type>(name, |row| known(micros[row], MISSING)).into_column()
            }
            Self::Kinds(kinds) => {
                order.primitive::<UInt8Type>(name, |row| known(kinds[row], NO_KIND)).into_column()
            }
            Self::Flags(flags) => {
                let mut column = BooleanChunkedBuilder::new(name.into(), order.len());
                order.each(|row| flags[row], |flag| column.append_option(flag));
                column.finish().into_column()
            }
            Self::Texts(texts) => {
                let mut column = StringChunkedBuilder::new(name.into(), order.len());
                order.each(|row| contact(texts.get(row)?), |text| column.append_option(text));
                column.finish().into_column()
            }
        }
    }
}

fn known<T: PartialEq>(value: T, missing: T) -> Option<T> {
    (value != missing).then_some(value)
}

/// The declared columns of all files, the time of day behind its day, and the regions by number. The files no longer
/// have them.
pub fn read(declaration: &Declaration, files: &mut [&mut TableRows]) -> (Vec<Read>, Vec<Region>) {
    let (mut all, mut places) = (Vec::new(), Vec::new());
    for column in declaration.columns {
        let (field, name) = (column.field, column.name);
        let mut words = None;
        let (values, data_type) = match column.holds {
            Cells::Day(_) => (days(files, |file| file.days.remove(&field), DataType::Date), DataType::Date),
            Cells::Kind => (kinds(files), DataType::UInt8),
            Cells::Word(spelling) => {
                let (numbers, of) = of_words(files, field, spelling);
                words = Some(of);
                (numbers.map(Values::Numbers), DataType::UInt32)
            }
            Cells::Flag(of) => {
                let said = by_word(files, field, |_, word| flag(of, word), |_| None, None);
                (said.map(Values::Flags), DataType::Boolean)
            }
            Cells::Happened(of) => {
                let said = by_word(files, field, |_, word| flag(of, word), not_yet, None);
                (said.map(Values::Flags), DataType::Boolean)
            }
            Cells::Amount => {
                let amounts = by_word(files, field, amount, |_| MISSING, MISSING);
                (amounts.map(Values::Micros), DataType::Int64)
            }
            Cells::Rating => {
                let stars = |_: &TableRows, word: &str| rating(word).unwrap_or(MISSING);
                (by_word(files, field, stars, |_| MISSING, MISSING).map(Values::Micros), DataType::Int64)
            }
            Cells::Place => {
                let (numbers, regions) = regions(files);
                places = regions;
                (numbers.map(Values::Numbers), DataType::UInt32)
            }
            Cells::Text => (take_texts(files, field.name()).map(Values::Texts), DataType::String),
        };
        all.push(Read { field: Some(field), name, values, words, data_type });
        if declaration.moment() == Some(field) {
            let seconds = |file: &mut TableRows| filled(take(&mut file.details.seconds));
            let values = days(files, seconds, DataType::Int32);
            let data_type = DataType::Int32;
            all.push(Read { field: None, name: SECOND, values, words: None, data_type });
        }
    }
    (all, places)
}

/// The texts of a further column of all files, by its name there; none where no file has it.
pub fn take_texts(files: &mut [&mut TableRows], name: &str) -> Option<FileTexts> {
    let (mut texts, mut starts, mut next) = (Vec::new(), Vec::new(), 0);
    for file in files {
        texts.push(file.details.more.remove(name));
        starts.push(next);
        next += file.row_count as usize;
    }
    texts.iter().any(Option::is_some).then_some(FileTexts { files: texts, starts })
}

/// One file's values behind another's, `missing` where a file has none; none where no file has any.
fn behind_each_other<T: Copy>(
    files: &mut [&mut TableRows],
    mut of_file: impl FnMut(usize, &mut TableRows) -> Option<Vec<T>>,
    missing: T,
) -> Option<Vec<T>> {
    let (mut all, mut is_any, mut rows) = (Vec::new(), false, 0);
    for (i, file) in files.iter_mut().enumerate() {
        if let Some(values) = of_file(i, file) {
            is_any = true;
            // The values of the one file that most runs have are not copied.
            if rows == 0 { all = values } else { all.extend(values) }
        }
        rows += file.row_count as usize;
        all.resize(rows, missing);
    }
    is_any.then_some(all)
}

fn filled<T>(values: Vec<T>) -> Option<Vec<T>> {
    Some(values).filter(|values| !values.is_empty())
}

fn days(
    files: &mut [&mut TableRows],
    of_file: impl Fn(&mut TableRows) -> Option<Vec<i32>>,
    data_type: DataType,
) -> Option<Values> {
    let all = behind_each_other(files, |_, file| of_file(file), day::MISSING)?;
    Some(Values::Days(all, data_type))
}

fn kinds(files: &mut [&mut TableRows]) -> Option<Values> {
    let of_file =
        |file: &mut TableRows| filled(take(&mut file.kinds).into_iter().map(|kind| kind as u8).collect());
    behind_each_other(files, |_, file| of_file(file), NO_KIND).map(Values::Kinds)
}

/// What the word of each row means; `empty` is what an empty cell of a file means.
fn by_word<T: Copy>(
    files: &mut [&mut TableRows],
    field: Field,
    meaning: impl Fn(&TableRows, &str) -> T,
    empty: impl Fn(&Dictionary<String>) -> T,
    missing: T,
) -> Option<Vec<T>> {
    let of_file = |file: &mut TableRows| {
        let Texts { dictionary, numbers } = file.details.texts.remove(&field)?;
        // Millions of rows have few words.
        let meanings: Vec<T> = dictionary.list.iter().map(|(word, _)| meaning(file, word)).collect();
        let empty = empty(&dictionary);
        let meaning = |number: u32| meanings.get(number as usize).copied().unwrap_or(empty);
        Some(numbers.into_iter().map(meaning).collect())
    };
    behind_each_other(files, |_, file| of_file(file), missing)
}

/// What an empty cell says of something that may have happened: where the others are times, that it never did.
fn not_yet(words: &Dictionary<String>) -> Option<bool> {
    let is_of_times = !words.list.is_empty() && words.list.iter().all(|(word, _)| is_time(word));
    is_of_times.then_some(false)
}

fn amount(file: &TableRows, word: &str) -> i64 {
    match money::parse(word.as_bytes(), file.decimal) {
        Amount::Micros(micros) => micros,
        Amount::Null | Amount::Bad => MISSING,
    }
}

/// The words of a field in all files under one numbering, and these.
fn of_words(
    files: &mut [&mut TableRows],
    field: Field,
    spelling: Spelling,
) -> (Option<Vec<u32>>, Vec<String>) {
    let none = Dictionary::default();
    let dictionaries: Vec<&Dictionary<String>> = files
        .iter()
        .map(|file| file.details.texts.get(&field).map_or(&none, |texts| &texts.dictionary))
        .collect();
    let mut unified = unify(&dictionaries, |word| Some(spelling.key(word)), |_| 0);
    for word in &mut unified.values {
        if let Some(key) = spelling.known(word) {
            key.clone_into(word);
        }
    }
    let of_file = |i: usize, file: &mut TableRows| {
        let numbers = file.details.texts.remove(&field)?.numbers;
        Some(renumbered(numbers, &unified.numbers[i]))
    };
    (behind_each_other(files, of_file, UNKNOWN), unified.values)
}

fn regions(files: &mut [&mut TableRows]) -> (Option<Vec<u32>>, Vec<Region>) {
    let dictionaries: Vec<&Dictionary<Region>> = files.iter().map(|file| &file.details.places).collect();
    let unified = unify(&dictionaries, region_place, |_| 0);
    let of_file = |i: usize, file: &mut TableRows| {
        Some(renumbered(filled(take(&mut file.details.regions))?, &unified.numbers[i]))
    };
    (behind_each_other(files, of_file, UNKNOWN), unified.values)
}

fn renumbered(numbers: Vec<u32>, new: &[u32]) -> Vec<u32> {
    let number = |number: u32| new.get(number as usize).copied().unwrap_or(UNKNOWN);
    numbers.into_iter().map(number).collect()
}
