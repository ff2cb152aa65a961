//! The rows of customer lists as the canonical customers table: one row a customer.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use crate::error::Result;
use crate::locale::Remark;
use crate::merge::people::attributes::typed;
use crate::merge::people::{AllTexts, People, at, numbered, of, regions, texts};
use crate::parse::tables::cells::{CONTACTS, FLAGS, contact, flag};
use crate::parse::tables::{ATTRIBUTE, PlainTexts, TableRows};
use crate::rows::dictionary::UNKNOWN;
use crate::schema::coded::CodedFrame;
use crate::schema::customers::{CUSTOMER, Customers, REGION, attribute_name};
use crate::schema::{Field, Table, day, names};

const DAYS: [(Field, &str); 3] = [
    (Field::Birthday, names::BIRTHDAY),
    (Field::RegisteredAt, names::REGISTERED_ON),
    (Field::CardClaimedAt, names::CARD_CLAIMED_ON),
];
const WORDS: [(Field, &str); 3] =
    [(Field::Gender, names::GENDER), (Field::Level, names::LEVEL), (Field::Source, names::SOURCE)];

impl People<'_> {
    /// The customers of all files, and what the user should know of their columns; none without such a file.
    ///
    /// # Errors
    /// Those of polars.
    pub fn customers(&mut self, tables: &[TableRows]) -> Result<Option<(Customers, Vec<Remark>)>> {
        let files = of(tables, Table::Customers);
        if files.is_empty() {
            return Ok(None);
        }
        let rows = Rows::new(self, files);
        let (regions, region_numbers) = regions(&rows.files);
        let mut columns = rows.columns(&region_numbers);
        let mut words = BTreeMap::new();
        for (field, name) in WORDS.into_iter().filter(|(field, _)| rows.has_words(*field)) {
            let texts = texts(&rows.files, field);
            columns.push(rows.numbers(name, field, &texts));
            words.insert(name, texts.values);
        }
        columns.extend(rows.contacts());
        columns.extend(rows.flags());
        let (attributes, notes) = rows.attributes();
        let names = attributes.iter().map(|column| column.name().to_string()).collect();
        columns.extend(attributes);
        let table = CodedFrame::new(rows.ends.len(), columns, words)?;
        Ok(Some((Customers::new(table, regions, names), notes)))
    }
}

/// Number of a file and row in it.
type At = (u32, u32);

/// The rows of all files, by customer.
struct Rows<'a> {
    files: Vec<&'a TableRows>,
    /// The customer of each row, and where it is; of one customer the later rows come later.
    order: Vec<(u32, At)>,
    /// Where the rows of each customer end.
    ends: Vec<usize>,
}

impl<'a> Rows<'a> {
    fn new(people: &mut People<'_>, files: Vec<&'a TableRows>) -> Self {
        let mut order = Vec::with_capacity(files.iter().map(|file| file.row_count as usize).sum());
        for (file, i) in files.iter().zip(0..) {
            order.extend((0..file.row_count as u32).map(|row| (people.number(file, row as usize), (i, row))));
        }
        order.sort_unstable();
        let lengths = order.chunk_by(|a, b| a.0 == b.0).map(<[_]>::len);
        let ends = lengths.scan(0, |end, length| {
            *end += length;
            Some(*end)
        });
        let ends = ends.collect();
        Self { files, order, ends }
    }

    /// The rows of each customer.
    fn by_customer(&self) -> impl Iterator<Item = &[(u32, At)]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.order[start..*end])
    }

    /// What the last row of each customer that says something says.
    fn last<T>(&self, value: impl Fn(usize, usize) -> Option<T>) -> impl Iterator<Item = Option<T>> {
        let last = move |rows: &[(u32, At)]| {
            rows.iter().rev().find_map(|(_, (file, row))| value(*file as usize, *row as usize))
        };
        self.by_customer().map(last)
    }

    /// The columns that need no words.
    fn columns(&self, regions: &[Vec<u32>]) -> Vec<Column> {
        let customers = self.by_customer().map(|rows| rows[0].0);
        let counts = self.by_customer().map(|rows| rows.len() as u32);
        let mut columns = vec![
            UInt32Chunked::from_iter_values(CUSTOMER.into(), customers).into_column(),
            UInt32Chunked::from_iter_values(names::ROW_COUNT.into(), counts).into_column(),
        ];
        for (field, name) in DAYS {
            let of: Vec<Option<&Vec<i32>>> = self.files.iter().map(|file| file.days.get(&field)).collect();
            if of.iter().all(Option::is_none) {
                continue;
            }
            let days = self.last(|file, row| known(at(of[file], row, day::MISSING), day::MISSING));
            columns.push(Int32Chunked::from_iter_options(name.into(), days).into_date().into_column());
        }
        if self.files.iter().any(|file| !file.details.regions.is_empty()) {
            let region = |file: usize, row| {
                let number = at(Some(&self.files[file].details.regions), row, UNKNOWN);
                known(numbered(&regions[file], number), UNKNOWN)
            };
            columns.push(UInt32Chunked::from_iter_options(REGION.into(), self.last(region)).into_column());
        }
        columns
    }

    fn has_words(&self, field: Field) -> bool {
        self.files.iter().any(|file| file.details.texts.contains_key(&field))
    }

    fn numbers(&self, name: &str, field: Field, texts: &AllTexts) -> Column {
        let number = |file: usize, row| known(texts.number(file, self.files[file], field, row), UNKNOWN);
        UInt32Chunked::from_iter_options(name.into(), self.last(number)).into_column()
    }

    /// Names and how people are reached.
    fn contacts(&self) -> Vec<Column> {
        let column = |field: Field| {
            let texts = self.plain(field.name())?;
            let value = |file: usize, row| texts[file].and_then(|texts| contact(texts.get(row)?));
            Some(StringChunked::from_iter_options(field.name().into(), self.last(value)).into_column())
        };
        CONTACTS.into_iter().filter_map(column).collect()
    }

    fn flags(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        for (field, name) in
            [(Field::OptOut, names::IS_OPTED_OUT), (Field::Blacklisted, names::IS_BLACKLISTED)]
        {
            if !self.has_words(field) {
                continue;
            }
            // Millions of rows have few words.
            let of = |file: &&TableRows| -> Vec<Option<bool>> {
                let Some((_, of)) = FLAGS.iter().find(|(other, _)| *other == field) else {
                    return Vec::new();
                };
                let words =
                    file.details.texts.get(&field).into_iter().flat_map(|texts| &texts.dictionary.list);
                words.map(|(word, _)| flag(*of, word)).collect()
            };
            let said: Vec<Vec<Option<bool>>> = self.files.iter().map(of).collect();
            let value = |file: usize, row: usize| {
                let number = *self.files[file].details.texts.get(&field)?.numbers.get(row)?;
                said[file].get(number as usize).copied().flatten()
            };
            columns.push(BooleanChunked::from_iter_options(name.into(), self.last(value)).into_column());
        }
        columns
    }

    /// The further columns, by header, and what the user should know of their names.
    fn attributes(&self) -> (Vec<Column>, Vec<Remark>) {
        let is_contact = |name: &String| CONTACTS.iter().any(|field| field.name() == name);
        let headers = self.files.iter().flat_map(|file| file.details.more.keys());
        let headers: BTreeSet<(String, &String)> =
            headers.filter(|name| !is_contact(name)).map(|name| (header(name), name)).collect();
        let (mut columns, mut taken, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for (header, key) in headers {
            let name = attribute_name(&header, &taken);
            if name != header {
                notes.push(Remark::new("attribute_renamed").with("header", &header).with("name", &name));
            }
            let Some(texts) = self.plain(key) else { continue };
            let values = self.last(|file, row| texts[file]?.get(row));
            columns.push(typed(&name, &values.collect::<Vec<_>>()));
            taken.push(name);
        }
        (columns, notes)
    }

    /// The texts of a further column in each file; none where no file has it.
    fn plain(&self, name: &str) -> Option<Vec<Option<&'a PlainTexts>>> {
        let texts: Vec<_> = self.files.iter().map(|file| file.details.more.get(name)).collect();
        texts.iter().any(Option::is_some).then_some(texts)
    }
}

/// The header of a further column: where it has none, a word for that, with its place where there are several.
fn header(key: &str) -> String {
    let header = key.strip_prefix(ATTRIBUTE).unwrap_or(key).trim();
    match header.is_empty() || header.starts_with('[') {
        true => format!("unnamed {header}").trim().to_owned(),
        false => header.to_owned(),
    }
}

fn known<T: PartialEq>(value: T, missing: T) -> Option<T> {
    (value != missing).then_some(value)
}
