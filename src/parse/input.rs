//! Parses the files of one named input, and reads them again where their rows show something that their heads did not.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::parse::SourceInfo;
use crate::parse::file::{Parsed, parse};
use crate::parse::options::ReadOptions;
use crate::parse::recognise::{Found, FoundFiles, open};
use crate::parse::row_findings::RowFindings;
use crate::parse::source::{Input, Place};
use crate::parse::value::money::{Decided, DecimalMark};
use crate::schema::{Field, Table, Wants};

/// What parsing one input gave.
#[derive(Debug)]
pub struct ParsedInput {
    /// Its files: one, or the recognised sheets of a workbook.
    pub files: Vec<Parsed>,
    /// Gives the same bytes again. `None` for a stream that will not have to be read again.
    pub again: Option<Input>,
}

/// Opens an input and parses the tables that `options` wants. `has_others` says that other inputs are read with it,
/// which may complete its orders.
///
/// # Errors
/// When it cannot be opened, recognised or read, or dates of a column contradict each other.
pub fn parse_input(input: &Input, has_others: bool, options: &ReadOptions) -> Result<ParsedInput> {
    let mut options = Cow::Borrowed(options);
    let mut again = input.can_be_read_twice().then(|| input.clone());
    loop {
        let before = options.progress.so_far();
        let mut opened = open(again.as_ref().unwrap_or(input), &options)?;
        if again.is_none() {
            again = keep(input, has_others, &mut opened, &options.wants)?;
        }
        let mut parsed = Vec::new();
        for Found { source, layout, other } in opened.files {
            parsed.push(Parsed { other, ..parse(source, layout, &options)? });
        }
        let mut known = options.row_findings.clone();
        let Some(first) = add_row_findings(&mut parsed, &mut known) else {
            return Ok(ParsedInput { files: parsed, again });
        };
        if again.is_none() {
            let first = &parsed[first].info;
            return Err(unread_rest(first, &known[&first.name]));
        }
        // Rows far down show something that the head did not: read the input again, which is rarely needed.
        options.progress.back_to(before);
        options.to_mut().row_findings = known;
    }
}

/// Adds what the rows of these files show to what is known already. Returns the place of the first file that showed
/// anything new.
pub(super) fn add_row_findings(
    parsed: &mut [Parsed],
    known: &mut BTreeMap<String, RowFindings>,
) -> Option<usize> {
    let mut first = None;
    for (place, of) in parsed.iter_mut().enumerate() {
        let row_findings = std::mem::take(&mut of.row_findings);
        if row_findings != RowFindings::default()
            && known.entry(of.info.name.clone()).or_default().add(row_findings)
        {
            first = first.or(Some(place));
        }
    }
    first
}

/// Keeps the bytes of a stream that may have to be read again once the other inputs are known: if it can be read as two
/// tables, or if there are other inputs and it holds orders without amounts, refunds or costs, or items that may say
/// them.
fn keep(input: &Input, has_others: bool, opened: &mut FoundFiles, wants: &Wants) -> Result<Option<Input>> {
    let has_others = has_others || opened.files.len() > 1;
    let may_be_read_again = |found: &Found| {
        let layout = &found.layout;
        let costs = wants.costs.then(|| layout.has(Field::Cost));
        let says = [Some(layout.says_amounts()), Some(layout.says_refunds()), costs];
        let is_part_of_another = match layout.preset.table {
            Table::Orders => says.contains(&Some(false)),
            Table::OrderItems => says.contains(&Some(true)),
            _ => false,
        };
        found.other.is_some() || has_others && is_part_of_another
    };
    if !opened.files.iter().any(may_be_read_again) {
        return Ok(None);
    }
    let bytes = match (&opened.whole, opened.files.pop()) {
        (Some(whole), last) => {
            opened.files.extend(last);
            Arc::clone(whole)
        }
        (None, Some(Found { source, layout, other })) => {
            let (source, text) = source.kept()?;
            opened.files.push(Found { source, layout, other });
            text
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(Input { place: Place::Bytes(input.name(), bytes), table: input.table }))
}

/// The error for a stream that would have to be read twice.
fn unread_rest(info: &SourceInfo, row_findings: &RowFindings) -> Error {
    let (key, values) = match row_findings.decimals.first_key_value() {
        Some((column, Decided { mark, .. })) => {
            let header = info.layout.headers.get(*column).cloned().unwrap_or_default();
            let mark = if *mark == DecimalMark::Comma { "comma" } else { "point" };
            ("late_decimal_mark", vec![("header", header), ("mark", mark.to_owned())])
        }
        None if row_findings.has_statuses => ("late_statuses", Vec::new()),
        None if row_findings.zero_is_shared => ("late_zero", Vec::new()),
        None => ("late_header", Vec::new()),
    };
    Error::input_of(info.name.clone(), key, &values)
}
