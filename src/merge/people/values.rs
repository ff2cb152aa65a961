//! Reads the values of the declared columns from the rows of all files. Rows are numbered from 0 across all files.

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

/// A declared column and its values in the files.
#[derive(Debug)]
pub struct Read<V> {
    /// Its name in the table.
    pub name: &'static str,
    /// Its values; none where no file has it.
    pub values: Option<V>,
    /// The words that the values are numbers of, in columns of words.
    pub words: Option<Vec<String>>,
    /// The data type of the frame's column.
    pub data_type: DataType,
}

/// The values of a column of a table of customers.
#[derive(Debug)]
pub enum Values {
    /// Values that take few bytes each.
    Narrow(Narrow),
    /// Texts: names, and how people are reached.
    Texts(FileTexts),
}

/// The texts of one column from all files.
#[derive(Debug)]
pub struct FileTexts {
    files: Vec<Option<PlainTexts>>,
    /// The number of the first row of each file.
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
    /// The column of a frame with the rows in the given order.
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

/// Takes the declared columns of a table of customers out of all files, and returns them with the regions by number.
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

/// Where the declared columns of a table of moments are found in the rows of all files, and the regions by number. The
/// column of the time of day follows the one of the day.
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
            // No table of moments declares a text column; a test of `schema::table` holds that.
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

/// The data type of a column that holds these cells.
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

/// Takes the texts of the further column `name` out of all files; none where no file has it.
pub fn take_texts(files: &mut [&mut TableRows], name: &str) -> Option<FileTexts> {
    let (mut texts, mut starts, mut next) = (Vec::new(), Vec::new(), 0);
    for file in files {
        texts.push(file.details.more.remove(name));
        starts.push(next);
        next += file.row_count as usize;
    }
    texts.iter().any(Option::is_some).then_some(FileTexts { files: texts, starts })
}

/// Joins the values of all files in their order, with `missing` for the rows of files without the column; none where no
/// file has it.
fn behind_each_other<T: Copy>(
    files: &mut [&mut TableRows],
    mut of_file: impl FnMut(usize, &mut TableRows) -> Option<Vec<T>>,
    missing: T,
) -> Option<Vec<T>> {
    let (mut all, mut is_any, mut rows) = (Vec::new(), false, 0);
    for (i, file) in files.iter_mut().enumerate() {
        if let Some(values) = of_file(i, file) {
            is_any = true;
            // Most runs have a single file, whose values are used without a copy.
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

/// The meaning of each row's word, for the rows of all files.
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

/// The meaning of each word of each file; `empty` gives the meaning of an empty cell of a file.
fn by_word<T>(
    files: &[&mut TableRows],
    field: Field,
    meaning: impl Fn(&TableRows, &str) -> T,
    empty: impl Fn(&Dictionary<String>) -> T,
) -> ByWord<T> {
    let of_file = |file: &&mut TableRows| {
        let dictionary = &file.details.texts.get(&field)?.dictionary;
        // Words are parsed once per dictionary, since millions of rows have few different words.
        let meanings = dictionary.list.iter().map(|(word, _)| meaning(file, word)).collect();
        Some((meanings, empty(dictionary)))
    };
    files.iter().map(of_file).collect()
}

/// The numbers that the files' words became, as a [`ByWord`]; an empty cell becomes [`UNKNOWN`].
fn by_number(numbers: Vec<Vec<u32>>) -> ByWord<u32> {
    numbers.into_iter().map(|numbers| Some((numbers, UNKNOWN))).collect()
}

/// The flag that each word of a field says.
fn flags(files: &[&mut TableRows], field: Field, holds: Cells) -> ByWord<Option<bool>> {
    match holds {
        Cells::Flag(of) => by_word(files, field, |_, word| flag(of, word), |_| None),
        Cells::Happened(of) => by_word(files, field, |_, word| flag(of, word), not_yet),
        _ => Vec::new(),
    }
}

/// The amount or the number of stars that each word of a field says.
fn micros(files: &[&mut TableRows], field: Field, holds: Cells) -> ByWord<Micros> {
    match holds {
        Cells::Amount => by_word(files, field, amount, |_| MISSING),
        _ => by_word(files, field, |_, word| rating(word).unwrap_or(MISSING), |_| MISSING),
    }
}

/// What an empty cell means in a column of something that may have happened: where all other cells are times, that it
/// has not happened.
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

/// Gives the words of a field in all files common numbers.
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

/// Gives the regions of all files common numbers.
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
