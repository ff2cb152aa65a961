//! What to say of a file that no preset fits.

use std::sync::Arc;

use crate::error::Error;
use crate::parse::layout::guess::Fitting;
use crate::parse::layout::head::FirstRecords;
use crate::parse::layout::matching::{Wanted, numbered};
use crate::parse::preset::Preset;
use crate::schema::{Field, Table, nearest, squash};

/// The error for a file that no preset fits; `fitting` are the headers whose cells would do for a field.
pub(super) fn unrecognised(
    name: &str,
    tries: &[FirstRecords],
    wanted: &Wanted<'_>,
    fitting: &Fitting,
) -> Error {
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
    let hint = hint(&missing, &generic, &headers, fitting);
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

/// Which columns to name, for all missing fields at once: only such as hold what the field needs.
fn hint(missing: &[&Vec<String>], generic: &Preset, headers: &[String], fitting: &Fitting) -> String {
    if missing.is_empty() {
        return "look at its first lines; --delimiter and --encoding say how to read them".to_owned();
    }
    let flags: Vec<Option<String>> =
        missing.iter().map(|group| suggestion(group, generic, headers, fitting)).collect();
    let lacking: Vec<String> = missing
        .iter()
        .zip(&flags)
        .filter(|(_, flag)| flag.is_none())
        .map(|(group, _)| group.join(" or "))
        .collect();
    let flags: Vec<String> = flags.into_iter().flatten().collect();
    let none = match lacking.is_empty() {
        true => String::new(),
        false => format!("no column holds what could be {}", lacking.join(", nor ")),
    };
    match (flags.is_empty(), none.is_empty()) {
        (true, _) => {
            format!("{none}; export a table that has it, or name the column with --map FIELD=HEADER")
        }
        (false, true) => format!("say which column it is, for example {}", flags.join(" ")),
        (false, false) => format!("say which column it is, for example {}; {none}", flags.join(" ")),
    }
}

/// `--map` with the likeliest column for one of some fields, which holds what that needs. Fields whose cells could be
/// anything take the header that is nearest in name.
fn suggestion(group: &[String], generic: &Preset, headers: &[String], fitting: &Fitting) -> Option<String> {
    group.iter().find_map(|name| {
        let field: Field = name.parse().ok()?;
        let header = match fitting.get(&field) {
            Some(fitting) => fitting.first()?.as_str(),
            None => {
                let near = |alias: &String| nearest(alias, headers.iter().map(String::as_str));
                generic.headers(field).iter().find_map(near)?
            }
        };
        Some(format!("--map {field}='{header}'"))
    })
}
