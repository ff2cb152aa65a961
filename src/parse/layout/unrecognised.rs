//! What to say of a file that no preset fits.

use std::sync::Arc;

use crate::error::Error;
use crate::parse::layout::head::FirstRecords;
use crate::parse::layout::matching::{Wanted, numbered};
use crate::parse::preset::Preset;
use crate::schema::{Field, Table, nearest, squash};

/// The error for a file that no preset fits.
pub(super) fn unrecognised(name: &str, tries: &[FirstRecords], wanted: &Wanted<'_>) -> Error {
    let options = wanted.options;
    let widest = tries.iter().filter_map(|records| records.rows.first()).max_by_key(|row| row.cells.len());
    let headers = widest.map_or_else(Vec::new, |row| match wanted.has_header {
        true => row.cells.clone(),
        false => numbered(row.cells.len()),
    });
    let seen = headers.join(", ");
    if let Some(error) = no_such_header(name, &headers, &options.mapping) {
        return error;
    }
    let squashed: Vec<String> = headers.iter().map(|header| squash(header)).collect();
    let (generic, what) = match (&options.preset, wanted.table) {
        (Some(preset), _) => (Ok(Arc::clone(preset)), preset.name.as_str()),
        (None, Some(table)) if Table::ALL.contains(&table) && table != Table::Orders => {
            (Preset::named(table.declaration().generic), table.name())
        }
        (None, _) => (Preset::named(Table::Orders.declaration().generic), Table::Orders.export()),
    };
    let Ok(generic) = generic else { return Error::Internal("a generic preset is missing".into()) };
    let columns = wanted.map_columns(&generic, &squashed);
    let missing: Vec<&Vec<String>> = generic
        .requires
        .iter()
        .filter(|group| {
            let has = |name: &String| {
                columns.keys().any(|field| field.name() == name) || generic.sums.contains_key(name)
            };
            !group.iter().any(has)
        })
        .collect();
    let names: Vec<String> = missing.iter().map(|group| group.join(" or ")).collect();
    let hint = missing.first().map_or_else(
        || "look at its first lines; --delimiter and --encoding say how to read them".to_owned(),
        |group| format!("say which column it is, for example {}", suggestion(&group[0], &generic, &headers)),
    );
    let missing = if names.is_empty() {
        String::new()
    } else {
        format!("no column for {}; ", names.join(", nor for "))
    };
    Error::input(name, format!("not recognised as {what}: {missing}headers seen: {seen}"), hint)
}

/// The error for a header that `--map` names and that is not there.
pub fn no_such_header(name: &str, headers: &[String], mapping: &[(Field, String)]) -> Option<Error> {
    let is_missing =
        |(_, header): &&(Field, String)| !headers.iter().any(|seen| squash(seen) == squash(header));
    let (field, header) = mapping.iter().find(is_missing)?;
    let hint = match nearest(header, headers.iter().map(String::as_str)) {
        Some(nearest) => format!("did you mean --map {field}='{nearest}'?"),
        None => format!("--map {field}=HEADER takes one of the headers seen"),
    };
    let seen = headers.join(", ");
    Some(Error::input(name, format!("no column is called {header:?}; headers seen: {seen}"), hint))
}

fn suggestion(field: &str, generic: &Preset, headers: &[String]) -> String {
    let aliases = field.parse().map(|field| generic.headers(field).to_vec()).unwrap_or_default();
    let near = aliases.iter().find_map(|alias| nearest(alias, headers.iter().map(String::as_str)));
    format!(
        "--map {field}='{}'",
        near.or(headers.iter().map(String::as_str).find(|header| !header.is_empty())).unwrap_or("HEADER")
    )
}
