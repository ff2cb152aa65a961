//! Chooses preset and columns for a file that no preset fits, from its first records.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::{Choice, Guesser, has};
use crate::error::Result;
use crate::parse::layout::head::{FirstRecord, FirstRecords};
use crate::parse::layout::matching::{Match, Wanted};
use crate::parse::layout::sample::Sample;
use crate::parse::layout::study::probe;
use crate::parse::layout::{FileHead, Layout, bare};
use crate::parse::preset::Preset;
use crate::schema::{Field, Table, squash};

/// By field, the headers of columns whose cells fit it, likeliest first.
pub(in crate::parse::layout) type Fitting = BTreeMap<Field, Vec<String>>;

/// What a file is taken for.
pub(in crate::parse::layout) enum Guess<'a> {
    /// A file of this layout, with the columns that were chosen by their cells.
    Match { records: &'a FirstRecords, index: usize, found: Match, chosen: Vec<Choice> },
    /// Not recognised. Says which columns fit which fields, and which column says what people did, as in a log of
    /// events.
    Nothing { fitting: Fitting, actions: Option<String> },
}

/// Chooses the columns of a file of orders by their headers and cells.
///
/// # Errors
/// As [`Guesser::orders`].
pub(in crate::parse::layout) fn of<'a>(
    tries: &'a [FirstRecords],
    wanted: &Wanted<'_>,
    file: &FileHead<'_>,
) -> Result<Guess<'a>> {
    let nothing = Guess::Nothing { fitting: Fitting::new(), actions: None };
    let Some((records, index)) =
        header(tries).filter(|_| wanted.has_header && wanted.options.preset.is_none())
    else {
        return Ok(nothing);
    };
    let squashed: Vec<String> = records.rows[index].cells.iter().map(|header| squash(header)).collect();
    let matched = |name: &str| -> Result<Match> {
        let preset = Preset::named(name)?;
        let columns = wanted.map_columns(&preset, &squashed);
        Ok(Match {
            rank: usize::MAX,
            preset,
            columns,
            squashed: squashed.clone(),
            has_own_amount: true,
            buyer_name: None,
        })
    };
    let mut orders = matched("generic_orders")?;
    let (layout, sample) = sample((records, index, matched("generic_orders")?), wanted, file);
    let guesser = Guesser::new(&layout, &sample, &probe(&layout, wanted.options));
    if wanted.options.mapping.is_empty() && is_outscored(&orders, &guesser)? {
        orders.columns.retain(|field, _| !AMOUNTS.contains(field));
    }
    drop_contradicted(&mut orders, &guesser, wanted);
    if wanted.table.is_none_or(|table| table == Table::Orders) {
        let known: Vec<Choice> = orders.columns.iter().map(|(field, columns)| (*field, columns[0])).collect();
        if let Some(chosen) = guesser.orders(file.name, &known)? {
            let found = settled(orders, matched("generic_items")?, &chosen, &sample);
            return Ok(Guess::Match { records, index, found, chosen });
        }
        let mut dated = matched("generic_dated_orders")?;
        drop_contradicted(&mut dated, &guesser, wanted);
        let known: Vec<Choice> = dated.columns.iter().map(|(field, columns)| (*field, columns[0])).collect();
        if let Some(chosen) = guesser.dated_orders(file.name, &known, wanted.table.is_some())? {
            dated.columns.extend(chosen.iter().map(|(field, column)| (*field, vec![*column])));
            return Ok(Guess::Match { records, index, found: dated, chosen });
        }
    }
    let mut fitting = Fitting::new();
    for field in [
        Field::CustomerId,
        Field::Email,
        Field::CreatedAt,
        Field::PaidAt,
        Field::OccurredAt,
        Field::SentAt,
        Field::PaidAmount,
        Field::Amount,
        Field::UnitPrice,
        Field::Quantity,
    ] {
        fitting.insert(field, guesser.fitting(field)?.into_iter().map(str::to_owned).collect());
    }
    Ok(Guess::Nothing { fitting, actions: guesser.actions().map(str::to_owned) })
}

/// Removes columns whose cells contradict their header's field; columns that the user mapped stay.
fn drop_contradicted(found: &mut Match, guesser: &Guesser<'_>, wanted: &Wanted<'_>) {
    let is_said = |field: Field| wanted.options.mapping.iter().any(|(said, _)| *said == field);
    found.columns.retain(|field, columns| {
        if !is_said(*field) {
            columns.retain(|column| !guesser.contradicts(*field, *column));
        }
        !columns.is_empty()
    });
}

/// The fields for what an order came to.
const AMOUNTS: [Field; 3] = [Field::PaidAmount, Field::Amount, Field::UnitPrice];

/// Whether another column fits the amount better than the known one, as a total with tax fits better than the net
/// amount beside it.
fn is_outscored(found: &Match, guesser: &Guesser<'_>) -> Result<bool> {
    let known = [Field::PaidAmount, Field::Amount].into_iter().find_map(|field| found.columns.get(&field));
    known.map_or(Ok(false), |columns| guesser.has_better_amount(columns[0]))
}

/// Whether a match by ordinary names has no day, or only a unit price although another column holds an unknown amount.
fn misreads(found: &Match, guesser: &Guesser<'_>, wanted: &Wanted<'_>) -> Result<bool> {
    if found.preset.table != Table::Orders || !wanted.options.mapping.is_empty() {
        return Ok(false);
    }
    let has = |field: Field| found.columns.contains_key(&field);
    let days: Vec<Choice> = [Field::CreatedAt, Field::PaidAt]
        .into_iter()
        .filter_map(|field| found.columns.get(&field).map(|columns| (field, columns[0])))
        .collect();
    let has_no_day =
        !days.is_empty() && days.iter().all(|(field, column)| guesser.contradicts(*field, *column));
    let has_price_alone = has(Field::UnitPrice) && ![Field::PaidAmount, Field::Amount].into_iter().any(has);
    let known: Vec<Choice> = found.columns.iter().map(|(field, columns)| (*field, columns[0])).collect();
    Ok(has_no_day || (has_price_alone && guesser.names_amount(&known)?) || is_outscored(found, guesser)?)
}

/// Completes a match by ordinary header names from the cells: who bought, if no known header says it; whether its days
/// and amounts are such; and whether a list of customers is in fact one of orders, in which customers repeat.
///
/// # Errors
/// As [`Guesser::orders`].
pub(in crate::parse::layout) fn completed<'a>(
    (records, index, found): (&'a FirstRecords, usize, Match),
    tries: &'a [FirstRecords],
    wanted: &Wanted<'_>,
    file: &FileHead<'_>,
) -> Result<Guess<'a>> {
    const BUYERS: [Field; 3] = [Field::CustomerId, Field::Email, Field::Phone];
    let has_buyer = BUYERS.iter().any(|field| found.columns.contains_key(field));
    let is_list = found.preset.table == Table::Customers && wanted.table.is_none();
    let lacks_buyer = found.preset.table == Table::Orders && !has_buyer;
    let is_open = found.preset.is_generic() && wanted.has_header && wanted.options.preset.is_none();
    if !is_open {
        return Ok(Guess::Match { records, index, found, chosen: Vec::new() });
    }
    let is_dated = found.preset.table == Table::Orders && found.preset.lacks_amounts;
    if is_dated && wanted.options.mapping.is_empty() {
        // Its cells may hold amounts under unknown names, or it may hold no orders at all.
        return of(tries, wanted, file);
    }
    let known: Vec<Choice> = found.columns.iter().map(|(field, columns)| (*field, columns[0])).collect();
    let copy = Match {
        preset: Arc::clone(&found.preset),
        columns: found.columns.clone(),
        squashed: found.squashed.clone(),
        ..found
    };
    let (layout, sample) = sample((records, index, copy), wanted, file);
    let guesser = Guesser::new(&layout, &sample, &probe(&layout, wanted.options));
    if misreads(&found, &guesser, wanted)?
        && let Guess::Match { records, index, found, chosen } = of(tries, wanted, file)?
    {
        return Ok(Guess::Match { records, index, found, chosen });
    }
    if found.preset.table == Table::Orders {
        let mut found = found;
        if wanted.options.mapping.is_empty() {
            guesser.refuse_totals(file.name, &known)?;
        }
        let chosen = guesser.completing(&known, lacks_buyer, wanted.options.mapping.is_empty())?;
        found.columns.extend(chosen.iter().map(|(field, column)| (*field, vec![*column])));
        return Ok(Guess::Match { records, index, found, chosen });
    }
    if found.preset.table == Table::OrderItems
        && wanted.table.is_none()
        && let Ok(Guess::Match { records, index, found, chosen }) = of(tries, wanted, file)
        // Without amounts it may hold the items of orders in another file.
        && !found.preset.lacks_amounts
    {
        return Ok(Guess::Match { records, index, found, chosen });
    }
    if !is_list {
        return Ok(Guess::Match { records, index, found, chosen: Vec::new() });
    }
    let comes_again = |(field, column): &Choice| BUYERS.contains(field) && guesser.repeats(*column);
    // A day column that belongs to lists of customers is not the day of an order.
    let is_listed = |column: usize| found.columns.values().flatten().any(|listed| *listed == column);
    if known.iter().any(comes_again)
        && let Ok(Guess::Match { records, index, found: orders, chosen }) = of(tries, wanted, file)
        && orders.columns.get(&Field::CreatedAt).is_some_and(|days| !is_listed(days[0]))
    {
        return Ok(Guess::Match { records, index, found: orders, chosen });
    }
    Ok(Guess::Match { records, index, found, chosen: Vec::new() })
}

/// The first records below a header, and the dialect in which they were split.
fn sample(
    (records, index, found): (&FirstRecords, usize, Match),
    wanted: &Wanted<'_>,
    file: &FileHead<'_>,
) -> (Layout, Sample) {
    let layout = bare((records, index, found), wanted, 0);
    let sample = Sample::of(&layout, &file.body[layout.body_start..], file.is_whole);
    (layout, sample)
}

/// The match with the chosen columns: orders, or their items if rows of an order have amounts of their own.
fn settled(orders: Match, items: Match, chosen: &[Choice], sample: &Sample) -> Match {
    let known = orders.columns.clone();
    let column = |field: Field| {
        let own = chosen.iter().find(|(other, _)| *other == field).map(|(_, column)| *column);
        own.or_else(|| known.get(&field).map(|columns| columns[0]))
    };
    let is_of_items = has(chosen, Field::UnitPrice)
        || match (column(Field::OrderId), column(Field::PaidAmount)) {
            (Some(order), Some(amount)) => differs_within(sample, order, amount),
            _ => false,
        };
    let mut found = if is_of_items { items } else { orders };
    for &(field, column) in chosen {
        found.columns.retain(|_, columns| {
            columns.retain(|other| *other != column);
            !columns.is_empty()
        });
        let field = if is_of_items && field == Field::PaidAmount { Field::Amount } else { field };
        found.columns.insert(field, vec![column]);
    }
    // The amount of a row is in the column that was known or chosen as the order's amount.
    if let (true, false, Some(amount)) =
        (is_of_items, has(chosen, Field::UnitPrice), column(Field::PaidAmount))
    {
        found.columns.remove(&Field::PaidAmount);
        found.columns.insert(Field::Amount, vec![amount]);
    }
    found
}

/// Whether rows of the same order differ in amount, so that the amounts are those of items.
fn differs_within(sample: &Sample, order: usize, amount: usize) -> bool {
    let mut amounts: HashMap<&str, HashSet<&str>> = HashMap::new();
    for row in 0..sample.len() {
        amounts.entry(sample.cell(row, order)).or_default().insert(sample.cell(row, amount));
    }
    amounts.values().any(|amounts| amounts.len() > 1)
}

/// The likeliest header: the first row as wide as the rows below it whose cells all hold a letter and all differ. Of
/// several dialects, the one that splits it into most cells wins. A few rows may be wider (a price was cut in two), and
/// many narrower (empty cells at the end left out).
fn header(tries: &[FirstRecords]) -> Option<(&FirstRecords, usize)> {
    const MIN_COLUMNS: usize = 2;
    let mut best: Option<(usize, &FirstRecords, usize)> = None;
    for records in tries {
        let is_header = |(index, row): (usize, &FirstRecord)| {
            let (width, below) = (row.cells.len(), &records.rows[index + 1..]);
            let named = row.cells.iter().filter(|cell| cell.chars().any(char::is_alphabetic));
            let distinct: HashSet<&String> = row.cells.iter().collect();
            let wider = below.iter().filter(|row| row.cells.len() > width).count();
            width >= MIN_COLUMNS
                && 5 * named.count() >= 4 * width
                && 5 * distinct.len() >= 4 * width
                && 2 * wider < below.len()
                && below.iter().any(|row| row.cells.len() == width)
        };
        let Some(index) = records.rows.iter().enumerate().position(is_header) else { continue };
        let width = records.rows[index].cells.len();
        if best.as_ref().is_none_or(|(other, ..)| width > *other) {
            best = Some((width, records, index));
        }
    }
    best.map(|(_, records, index)| (records, index))
}
