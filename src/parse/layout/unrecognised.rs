//! The error for a file that no preset fits.

use std::sync::Arc;

use crate::error::Error;
use crate::locale::Words;
use crate::parse::layout::guess::Fitting;
use crate::parse::layout::head::FirstRecords;
use crate::parse::layout::matching::{Wanted, numbered};
use crate::parse::preset::Preset;
use crate::schema::{Field, Table, nearest, squash};

/// The error for a file that no preset fits. `fitting` has the headers whose cells fit each field, `actions` the header
/// of a column that says what people did.
pub(super) fn unrecognised(
    name: &str,
    tries: &[FirstRecords],
    wanted: &Wanted<'_>,
    fitting: &Fitting,
    actions: Option<&str>,
) -> Error {
    let options = wanted.options;
    let widest = tries.iter().filter_map(|records| records.rows.first()).max_by_key(|row| row.cells.len());
    let headers = widest.map_or_else(Vec::new, |row| match wanted.has_header {
        true => row.cells.clone(),
        false => numbered(row.cells.len()),
    });
    if let Some(error) = no_such_header(name, &headers, &options.mapping) {
        return error;
    }
    let squashed: Vec<String> = headers.iter().map(|header| squash(header)).collect();
    let (generic, what) = match (&options.preset, wanted.table) {
        (Some(preset), _) => (Ok(Arc::clone(preset)), Words::verbatim(preset.name.as_str())),
        (None, Some(table)) if Table::ALL.contains(&table) && table != Table::Orders => {
            (Preset::named(table.declaration().generic), Words::of("canonical", table.name(), &[]))
        }
        (None, _) => {
            (Preset::named(Table::Orders.declaration().generic), Words::of("error", "export_of_orders", &[]))
        }
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
    let hint = match actions.filter(|_| wanted.table.is_none() && options.preset.is_none()) {
        Some(actions) => events_hint(name, actions, wanted, &headers, &squashed, fitting),
        None => hint(&missing, &generic, &headers, fitting),
    };
    let missing = match missing.is_empty() {
        true => Words::default(),
        false => Words::of_words("error", "no_column_for", &[("fields", &fields(&missing))]),
    };
    let seen = Words::names(headers.iter().map(String::as_str));
    let values = [("what", &what), ("missing", &missing), ("headers", &seen)];
    Error::input(name, Words::of_words("error", "unrecognised", &values), hint)
}

/// The error for a header that `--map` names and the file lacks.
pub fn no_such_header(name: &str, headers: &[String], mapping: &[(Field, String)]) -> Option<Error> {
    let is_missing =
        |(_, header): &&(Field, String)| !headers.iter().any(|seen| squash(seen) == squash(header));
    let (field, header) = mapping.iter().find(is_missing)?;
    let values = [
        ("header", header.clone()),
        ("headers", Words::names(headers.iter().map(String::as_str)).to_string()),
    ];
    let message = Words::of("error", "no_such_header", &values);
    let field = ("field", field.name().to_owned());
    let hint = match nearest(header, headers.iter().map(String::as_str)) {
        Some(nearest) => Words::of("error", "did_you_mean_map", &[field, ("header", nearest.to_owned())]),
        None => Words::of("error", "no_such_header_hint", &[field]),
    };
    Some(Error::input(name, message, hint))
}

/// Suggests columns for all missing fields at once: only columns whose cells fit.
fn hint(missing: &[&Vec<String>], generic: &Preset, headers: &[String], fitting: &Fitting) -> Words {
    if missing.is_empty() {
        return Words::of("error", "look_at_lines", &[]);
    }
    let (mut flags, mut lacking) = (Vec::new(), Vec::new());
    for group in missing {
        match suggestion(group, generic, headers, fitting) {
            Some(flag) => flags.push(flag),
            None => lacking.push(*group),
        }
    }
    let key = match (flags.is_empty(), lacking.is_empty()) {
        (true, _) => "nothing_fits",
        (false, true) => "say_columns",
        (false, false) => "say_columns_but",
    };
    let (flags, fields) = (Words::verbatim(flags.join(" ")), fields(&lacking));
    Words::of_words("error", key, &[("flags", &flags), ("fields", &fields)])
}

/// How to read a log of events with unknown headers; `actions` is the column of what people did.
fn events_hint(
    name: &str,
    actions: &str,
    wanted: &Wanted<'_>,
    headers: &[String],
    squashed: &[String],
    fitting: &Fitting,
) -> Words {
    let Ok(events) = Preset::named(Table::Events.declaration().generic) else { return Words::default() };
    let known = wanted.map_columns(&events, squashed);
    let missing = events
        .requires
        .iter()
        .filter(|group| !group.iter().any(|name| known.keys().any(|field| field.name() == name)));
    let flag = |group: &Vec<String>| match group.iter().any(|name| name == Field::Kind.name()) {
        true => format!("--map {}='{actions}'", Field::Kind),
        false => suggestion(group, &events, headers, fitting)
            .unwrap_or_else(|| format!("--map {}=HEADER", group[0])),
    };
    let flags: Vec<String> = missing.map(flag).collect();
    let flags = std::iter::once(format!("--events '{name}'")).chain(flags).collect::<Vec<_>>().join(" ");
    Words::of("error", "say_events", &[("header", actions.to_owned()), ("flags", flags)])
}

/// The names of missing fields; of each group one field is enough.
fn fields(groups: &[&Vec<String>]) -> Words {
    let join = |key: &'static str| {
        move |one: Words, other: Words| Words::of_words("error", key, &[("one", &one), ("other", &other)])
    };
    let group =
        |names: &&Vec<String>| names.iter().map(|name| Words::verbatim(name.as_str())).reduce(join("one_or"));
    groups.iter().filter_map(group).reduce(join("nor_for")).unwrap_or_default()
}

/// A `--map` option with the likeliest column for one of some fields, whose cells fit it. For fields whose cells can be
/// anything, the header nearest in name is taken.
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
