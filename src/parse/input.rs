//! From one named input to the parsed files in it, read again where rows far down tell what the head did not.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::parse::SourceInfo;
use crate::parse::file::{Parsed, parse};
use crate::parse::options::ReadOptions;
use crate::parse::recognise::{Found, FoundFiles, open};
use crate::parse::source::{Input, Place};
use crate::parse::told::Told;
use crate::parse::value::money::{Decided, DecimalMark};
use crate::schema::{Field, Table, Wants};

/// What parsing one input gave.
#[derive(Debug)]
pub struct ParsedInput {
    /// Its files: one, or as many as a workbook has sheets that are recognised.
    pub files: Vec<Parsed>,
    /// What gives the same bytes again; none of a stream that nobody may want to read again.
    pub again: Option<Input>,
}

/// Opens and parses an input as far as `options` wants its tables; `has_others` says that others are read with it,
/// which may say of its orders what it does not.
///
/// # Errors
/// When it cannot be opened, recognised or read on, or dates of a column contradict each other.
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
        let mut known = options.told.clone();
        let Some(first) = see_told(&mut parsed, &mut known) else {
            return Ok(ParsedInput { files: parsed, again });
        };
        if again.is_none() {
            let first = &parsed[first].info;
            return Err(unread_rest(first, &known[&first.name]));
        }
        // Rows far down tell what the head did not: read again, which is rarely needed.
        options.progress.back_to(before);
        options.to_mut().told = known;
    }
}

/// Notes what the rows of files told beyond what these were read by; gives the place of the first that told anything.
pub(super) fn see_told(parsed: &mut [Parsed], known: &mut BTreeMap<String, Told>) -> Option<usize> {
    let mut first = None;
    for (place, of) in parsed.iter_mut().enumerate() {
        let told = std::mem::take(&mut of.told);
        if told != Told::default() && known.entry(of.info.name.clone()).or_default().add(told) {
            first = first.or(Some(place));
        }
    }
    first
}

/// Keeps the bytes of a stream that may have to be read again once the other inputs are known: it may be of two tables,
/// or there are others, and it is one of orders that do not say what they came to, what went back or what they cost, or
/// of items that may say it.
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

/// The error for an input that would have to be read twice and cannot be.
fn unread_rest(info: &SourceInfo, told: &Told) -> Error {
    let (key, values) = match told.decimals.first_key_value() {
        Some((column, Decided { mark, .. })) => {
            let header = info.layout.headers.get(*column).cloned().unwrap_or_default();
            let mark = if *mark == DecimalMark::Comma { "comma" } else { "point" };
            ("late_decimal_mark", vec![("header", header), ("mark", mark.to_owned())])
        }
        None if told.has_statuses => ("late_statuses", Vec::new()),
        None if told.zero_is_shared => ("late_zero", Vec::new()),
        None => ("late_header", Vec::new()),
    };
    Error::input_of(info.name.clone(), key, &values)
}
