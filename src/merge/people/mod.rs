//! From the rows of files to the canonical tables of events, customers and sends, whose customers are numbered with
//! those of the orders.

mod attributes;
mod customers;
mod sends;

use std::collections::BTreeSet;

use crate::merge::region_place;
use crate::parse::orders::Aliases;
use crate::parse::tables::{TableRows, Texts, rating};
use crate::regions::Region;
use crate::rows::dictionary::{Dictionary, UNKNOWN, unify};
use crate::rows::key_table::KeyTable;
use crate::schema::events::{Event, Events};
use crate::schema::{CustomerIds, Field, Table, day};

/// Gives the customers of all tables numbers beside those that the orders' customers have.
pub struct People<'a> {
    ids: &'a mut CustomerIds,
    table: KeyTable,
    aliases: &'a Aliases,
}

impl<'a> People<'a> {
    /// Begins with the orders' customers, for tables of together at most `rows` rows.
    pub fn new(ids: &'a mut CustomerIds, aliases: &'a Aliases, rows: usize) -> Self {
        let mut table = KeyTable::with_capacity(ids.len() + rows);
        for key in ids.keys() {
            // Every key is there once, so that its number is its code.
            let _ = table.insert(*key);
        }
        Self { ids, table, aliases }
    }

    fn number(&mut self, rows: &TableRows, row: usize) -> u32 {
        let key = self.aliases.resolve(rows.customers[row]);
        match self.table.insert(key) {
            Err(known) => known,
            Ok(new) => {
                let text = rows.details.long.get(&key).cloned();
                self.ids.push(key, text.or_else(|| self.aliases.text(key)));
                new
            }
        }
    }

    /// The events of all files; none without such a file.
    pub fn events(&mut self, tables: &[TableRows]) -> Option<Events> {
        let files = of(tables, Table::Events);
        let sources = texts(&files, Field::Source);
        let categories = texts(&files, Field::Category);
        let (ratings, rating_numbers) = ratings(&files);
        let (regions, region_numbers) = regions(&files);
        let mut rows = Vec::with_capacity(files.iter().map(|file| file.row_count as usize).sum());
        for (i, file) in files.iter().enumerate() {
            for row in 0..file.row_count as usize {
                let day = at(file.days.get(&Field::OccurredAt), row, day::MISSING);
                let (Some(&kind), true) = (file.kinds.get(row), day != day::MISSING) else { continue };
                rows.push(Event {
                    customer: self.number(file, row),
                    day,
                    second: at(Some(&file.details.seconds), row, day::MISSING),
                    kind,
                    source: sources.number(i, file, Field::Source, row),
                    category: categories.number(i, file, Field::Category, row),
                    region: numbered(&region_numbers[i], at(Some(&file.details.regions), row, UNKNOWN)),
                    rating: numbered(&rating_numbers[i], text_number(file, Field::Rating, row)),
                });
            }
        }
        rows.sort_unstable();
        (!files.is_empty()).then_some(Events {
            rows,
            sources: sources.values,
            categories: categories.values,
            regions,
            ratings,
        })
    }
}

fn of(tables: &[TableRows], table: Table) -> Vec<&TableRows> {
    tables.iter().filter(|rows| rows.table == Some(table)).collect()
}

fn at<T: Copy>(column: Option<&Vec<T>>, row: usize, missing: T) -> T {
    column.and_then(|column| column.get(row)).copied().unwrap_or(missing)
}

fn numbered(numbers: &[u32], number: u32) -> u32 {
    numbers.get(number as usize).copied().unwrap_or(UNKNOWN)
}

/// The number of a row's text among those of its file.
fn text_number(file: &TableRows, field: Field, row: usize) -> u32 {
    at(file.details.texts.get(&field).map(|texts| &texts.numbers), row, UNKNOWN)
}

/// A field's texts in all files, under one numbering.
struct AllTexts {
    values: Vec<String>,
    numbers: Vec<Vec<u32>>,
}

impl AllTexts {
    fn number(&self, i: usize, file: &TableRows, field: Field, row: usize) -> u32 {
        numbered(&self.numbers[i], text_number(file, field, row))
    }
}

/// Spellings that differ in case only are one.
fn texts(files: &[&TableRows], field: Field) -> AllTexts {
    unified(files, field, str::to_lowercase)
}

/// Spellings of one key are one.
fn unified(files: &[&TableRows], field: Field, key: impl Fn(&str) -> String) -> AllTexts {
    let none = Texts::default();
    let dictionaries: Vec<&Dictionary<String>> =
        files.iter().map(|file| &file.details.texts.get(&field).unwrap_or(&none).dictionary).collect();
    let unified = unify(&dictionaries, |text| Some(key(text)), |_| 0);
    AllTexts { values: unified.values, numbers: unified.numbers }
}

/// The stars of reviews, ascending, and the number that each text of each file stands for.
fn ratings(files: &[&TableRows]) -> (Vec<i64>, Vec<Vec<u32>>) {
    let of_file = |file: &&TableRows| -> Vec<Option<i64>> {
        let texts = file.details.texts.get(&Field::Rating);
        let list = texts.into_iter().flat_map(|texts| &texts.dictionary.list);
        list.map(|(text, _)| rating(text)).collect()
    };
    let of_files: Vec<Vec<Option<i64>>> = files.iter().map(of_file).collect();
    let all: BTreeSet<i64> = of_files.iter().flatten().flatten().copied().collect();
    let all: Vec<i64> = all.into_iter().collect();
    let number = |stars: &Option<i64>| {
        stars.and_then(|stars| all.binary_search(&stars).ok()).map_or(UNKNOWN, |number| number as u32)
    };
    let numbers = of_files.iter().map(|of_file| of_file.iter().map(number).collect()).collect();
    (all, numbers)
}

fn regions(files: &[&TableRows]) -> (Vec<Region>, Vec<Vec<u32>>) {
    let dictionaries: Vec<&Dictionary<Region>> = files.iter().map(|file| &file.details.places).collect();
    let unified = unify(&dictionaries, region_place, |_| 0);
    (unified.values, unified.numbers)
}
