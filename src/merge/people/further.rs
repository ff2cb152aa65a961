//! The columns of exports from which no field is read: those that only this shop has.

use std::collections::BTreeSet;

use super::values::{FileTexts, take_texts};
use crate::locale::Remark;
use crate::parse::tables::{ATTRIBUTE, TableRows};
use crate::schema::customers::attribute_name;
use crate::schema::table::{Cells, Declaration};

/// The further columns of all files, by header, and what the user should know of their names.
pub fn read(
    declaration: &Declaration,
    files: &mut [&mut TableRows],
) -> (Vec<(String, FileTexts)>, Vec<Remark>) {
    let is_declared = |name: &String| {
        declaration.columns.iter().any(|of| of.holds == Cells::Text && of.field.name() == name.as_str())
    };
    let headers = files.iter().flat_map(|file| file.details.more.keys());
    let headers: BTreeSet<(String, String)> =
        headers.filter(|name| !is_declared(name)).map(|name| (header(name), name.clone())).collect();
    let (mut columns, mut taken, mut notes): (Vec<_>, Vec<String>, _) = (Vec::new(), Vec::new(), Vec::new());
    taken.extend(declaration.columns.iter().map(|column| column.name.to_owned()));
    for (header, key) in headers {
        let name = attribute_name(&header, &taken);
        if name != header {
            notes.push(Remark::new("attribute_renamed").with("header", &header).with("name", &name));
        }
        let Some(texts) = take_texts(files, &key) else { continue };
        columns.push((name.clone(), texts));
        taken.push(name);
    }
    (columns, notes)
}

/// The header of a further column. An empty header becomes `unnamed`, followed by the column's place where several
/// columns have none.
fn header(key: &str) -> String {
    let header = key.strip_prefix(ATTRIBUTE).unwrap_or(key).trim();
    match header.is_empty() || header.starts_with('[') {
        true => format!("unnamed {header}").trim().to_owned(),
        false => header.to_owned(),
    }
}
