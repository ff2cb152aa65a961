//! The values of a declared column in the rows of all files, numbered from 0 through all of them.

use std::mem::take;

use polars::prelude::*;

use super::narrow::{ByWord, NO_KIND, Narrow, Source};
use super::order::Order;
use crate::merge::region_place;
use crate::parse::tables::cells::{contact, flag, is_time, rating};
use crate::parse::tables::{PlainTexts, TableRows};
use crate::parse::value::money::{self, Amount};
use crate::regions::Region;
use crate::rows::dictionary::{Dictionary, Numbering, UNKNOWN, unify};
use crate::schema::money::{MISSING, Micros};
use crate::schema::table::{Cells, Declaration, SECOND, Spelling};
use crate::schema::{Field, day};

/// A column as files have it.
#[derive(Debug)]
pub struct Read<V> {
    /// What it is called in the table.
    pub name: &'static str,
    /// Its values; none where no file has it.
    pub values: Option<V>,
    /// The words that the values are numbers of, where they are.
    pub words: Option<Vec<String>>,
    /// What a column of them is made of.
    pub data_type: DataType,
}

/// The values of a column of a table of customers.
#[derive(Debug)]
pub enum Values {
    /// Those that take few bytes each.
    Narrow(Narrow),
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
    /// The column of a frame whose rows come in this order.
    pub fn column(self, name: &str, order: &Order) -> Column {
        match self {
            Self::Narrow(Narrow::Days(days, data_type)) => {
                let days = order.primitive::<Int32Type>(name, |row| known(days[row], day::MISSING));
                if data_type == DataType::Date { days.into_date().into_column() } else { days.into_column() }
            }
            Self::Narrow(Narrow::Numbers(numbers)) => order.numbers(name, |row| known(numbers[row], UNKNOWN)),
            Self::Narrow(Narrow::Micros(micros)) => order
                .primitive::<Int64Type>(name, |row| micros[row].known().map(Micros::number))
                .into_column(),
            Self::Narrow(Narrow::Kinds(kinds)) => {
                order.primitive::<UInt8Type>(name, |row| known(kinds[row], NO_KIND)).into_column()
            }
            Self::Narrow(Narrow::Flags(flags)) => {
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

/// The declared columns of all files of a table of customers, and the regions by number. The files no longer have them.
pub fn read(declaration: &Declaration, files: &mut [&mut TableRows]) -> (Vec<Read<Values>>, Vec<Region>) {
    let (mut all, mut places) = (Vec::new(), Vec::new());
    for column in declaration.columns {
        let (field, name) = (column.field, column.name);
        let mut words = None;
        let values = match column.holds {
            Cells::Day(_) => days(files, field),
            Cells::Kind => kinds(files),
            Cells::Word(spelling) => {
                let unified = of_words(files, field, spelling);
                words = Some(unified.values);
                by_row(files, field, by_number(unified.numbers), UNKNOWN).map(Narrow::Numbers)
            }
            Cells::Flag(_) | Cells::Happened(_) => {
                let flags = flags(files, field, column.holds);
                by_row(files, field, flags, None).map(Narrow::Flags)
            }
            Cells::Amount | Cells::Rating => {
                let micros = micros(files, field, column.holds);
                by_row(files, field, micros, MISSING).map(Narrow::Micros)
            }
            Cells::Place => {
                let unified = of_places(files);
                places = unified.values;
                regions(files, &unified.numbers).map(Narrow::Numbers)
            }
            Cells::Text => None,
        };
        let values = match column.holds {
            Cells::Text => take_texts(files, field.name()).map(Values::Texts),
            _ => values.map(Values::Narrow),
        };
        all.push(Read { name, values, words, data_type: data_type(column.holds) });
    }
    (all, places)
}

/// Where the declared columns of a table of moments are found in the rows of all files, the time of day behind its day,
/// and the regions by number.
pub fn sources(declaration: &Declaration, files: &mut [&mut TableRows]) -> (Vec<Read<Source>>, Vec<Region>) {
    let (mut all, mut places) = (Vec::new(), Vec::new());
    for column in declaration.columns {
        let (field, name) = (column.field, column.name);
        let place = declaration.word_fields().position(|of| of == field).unwrap_or_default();
        let is_there = files.iter().any(|file| file.details.texts.contains_key(&field));
        let mut words = None;
        let values = match column.holds {
            Cells::Kind => Some(Source::Kinds),
            Cells::Word(spelling) => {
                let unified = of_words(files, field, spelling);
                words = Some(unified.values);
                is_there.then(|| Source::Words(place, by_number(unified.numbers)))
            }
            Cells::Flag(_) | Cells::Happened(_) => {
                is_there.then(|| Source::Flags(place, flags(files, field, column.holds)))
            }
            Cells::Amount | Cells::Rating => {
                is_there.then(|| Source::Micros(place, micros(files, field, column.holds)))
            }
            Cells::Place => {
                let unified = of_places(files);
                places = unified.values;
                let is_any = files.iter().any(|file| !file.details.places.list.is_empty());
                is_any.then(|| Source::Regions(by_number(unified.numbers)))
            }
            Cells::Day(_) => (declaration.moment() == Some(field)).then_some(Source::Days),
            // Declarations of moments have none: see the tests of `schema::table`.
            Cells::Text => None,
        };
        all.push(Read { name, values, words, data_type: data_type(column.holds) });
        if declaration.moment() == Some(field) {
            all.push(Read {
                name: SECOND,
                values: Some(Source::Seconds),
                words: None,
                data_type: DataType::Int32,
            });
        }
    }
    (all, places)
}

/// What a column of such cells is made of.
fn data_type(holds: Cells) -> DataType {
    match holds {
        Cells::Day(_) => DataType::Date,
        Cells::Kind => DataType::UInt8,
        Cells::Word(_) | Cells::Place => DataType::UInt32,
        Cells::Flag(_) | Cells::Happened(_) => DataType::Boolean,
        Cells::Amount | Cells::Rating => DataType::Int64,
        Cells::Text => DataType::String,
    }
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

fn days(files: &mut [&mut TableRows], field: Field) -> Option<Narrow> {
    let all = behind_each_other(files, |_, file| file.days.remove(&field), day::MISSING)?;
    Some(Narrow::Days(all, DataType::Date))
}

fn kinds(files: &mut [&mut TableRows]) -> Option<Narrow> {
    let of_file =
        |file: &mut TableRows| filled(take(&mut file.kinds).into_iter().map(|kind| kind as u8).collect());
    behind_each_other(files, |_, file| of_file(file), NO_KIND).map(Narrow::Kinds)
}

/// What the word of each row means.
fn by_row<T: Copy>(
    files: &mut [&mut TableRows],
    field: Field,
    meanings: ByWord<T>,
    missing: T,
) -> Option<Vec<T>> {
    let of_file = |i: usize, file: &mut TableRows| {
        let numbers = file.details.texts.remove(&field)?.numbers;
        let (meanings, empty) = meanings[i].as_ref()?;
        let meaning = |number: u32| meanings.get(number as usize).copied().unwrap_or(*empty);
        Some(numbers.into_iter().map(meaning).collect())
    };
    behind_each_other(files, of_file, missing)
}

/// What the words of each file mean; `empty` is what an empty cell of a file means.
fn by_word<T>(
    files: &[&mut TableRows],
    field: Field,
    meaning: impl Fn(&TableRows, &str) -> T,
    empty: impl Fn(&Dictionary<String>) -> T,
) -> ByWord<T> {
    let of_file = |file: &&mut TableRows| {
        let dictionary = &file.details.texts.get(&field)?.dictionary;
        // Millions of rows have few words.
        let meanings = dictionary.list.iter().map(|(word, _)| meaning(file, word)).collect();
        Some((meanings, empty(dictionary)))
    };
    files.iter().map(of_file).collect()
}

/// Of numbers that became others.
fn by_number(numbers: Vec<Vec<u32>>) -> ByWord<u32> {
    numbers.into_iter().map(|numbers| Some((numbers, UNKNOWN))).collect()
}

/// The flags that the words of a field say.
fn flags(files: &[&mut TableRows], field: Field, holds: Cells) -> ByWord<Option<bool>> {
    match holds {
        Cells::Flag(of) => by_word(files, field, |_, word| flag(of, word), |_| None),
        Cells::Happened(of) => by_word(files, field, |_, word| flag(of, word), not_yet),
        _ => Vec::new(),
    }
}

/// The amounts or stars that the words of a field say.
fn micros(files: &[&mut TableRows], field: Field, holds: Cells) -> ByWord<Micros> {
    match holds {
        Cells::Amount => by_word(files, field, amount, |_| MISSING),
        _ => by_word(files, field, |_, word| rating(word).unwrap_or(MISSING), |_| MISSING),
    }
}

/// What an empty cell says of something that may have happened: where the others are times, that it never did.
fn not_yet(words: &Dictionary<String>) -> Option<bool> {
    let is_of_times = !words.list.is_empty() && words.list.iter().all(|(word, _)| is_time(word));
    is_of_times.then_some(false)
}

fn amount(file: &TableRows, word: &str) -> Micros {
    match money::parse(word.as_bytes(), file.decimal) {
        Amount::Micros(micros) => micros,
        Amount::Null | Amount::Bad => MISSING,
    }
}

/// The words of a field in all files under one numbering.
fn of_words(files: &[&mut TableRows], field: Field, spelling: Spelling) -> Numbering<String> {
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
    unified
}

/// The regions of all files under one numbering.
fn of_places(files: &[&mut TableRows]) -> Numbering<Region> {
    let dictionaries: Vec<&Dictionary<Region>> = files.iter().map(|file| &file.details.places).collect();
    unify(&dictionaries, region_place, |_| 0)
}

fn regions(files: &mut [&mut TableRows], new: &[Vec<u32>]) -> Option<Vec<u32>> {
    let of_file = |i: usize, file: &mut TableRows| {
        let number = |number: u32| new[i].get(number as usize).copied().unwrap_or(UNKNOWN);
        Some(filled(take(&mut file.details.regions))?.into_iter().map(number).collect())
    };
    behind_each_other(files, of_file, UNKNOWN)
}
