//! Which preset fits a header, and which column is which field.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::error::Result;
use crate::parse::IdKind;
use crate::parse::ReadOptions;
use crate::parse::layout::head::FirstRecords;
use crate::parse::preset::Preset;
use crate::parse::value::currency::{self, Mark};
use crate::schema::{Field, Table, squash};

pub(super) struct Match {
    pub rank: usize,
    pub preset: Arc<Preset>,
    pub columns: BTreeMap<Field, Vec<usize>>,
    pub squashed: Vec<String>,
    pub has_own_amount: bool,
    /// The column of the buyer's name, if nothing better says who bought.
    pub buyer_name: Option<usize>,
}

/// What the caller wants a file to be read as.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub head: &'a [u8],
    pub table: Option<Table>,
    pub has_header: bool,
    pub options: &'a ReadOptions,
}

/// Names for columns without a header: 1, 2, 3 …
pub(super) fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(|number| number.to_string()).collect()
}

impl Wanted<'_> {
    /// The entries of `--map` whose header the file has in any of the ways to split it.
    pub(super) fn mapping_of(&self, tries: &[FirstRecords]) -> Vec<(Field, String)> {
        if self.options.mapping.is_empty() {
            return Vec::new();
        }
        let names = |cells: &[String]| match self.has_header {
            true => cells.iter().map(|cell| squash(cell)).collect(),
            false => numbered(cells.len()),
        };
        let rows = tries.iter().flat_map(|records| &records.rows);
        let seen: HashSet<String> = rows.flat_map(|row| names(&row.cells)).collect();
        let is_there = |(_, header): &&(Field, String)| seen.contains(&squash(header));
        self.options.mapping.iter().filter(is_there).cloned().collect()
    }

    /// The most specific of the first `ranks` presets that fits a header.
    pub(super) fn best_preset(&self, cells: &[String], ranks: usize) -> Result<Option<Match>> {
        let squashed: Vec<String> = if self.has_header {
            cells.iter().map(|header| known_name(header)).collect::<Result<_>>()?
        } else {
            numbered(cells.len())
        };
        let asked = self.options.preset.as_slice();
        if asked.is_empty() && self.options.mapping.is_empty() && !any_known(&squashed)? {
            return Ok(None);
        }
        let presets = if asked.is_empty() { Preset::all()? } else { asked };
        for (rank, preset) in presets.iter().enumerate().take(ranks) {
            let is_signed = preset.squashed_signature().iter().all(|header| squashed.contains(header));
            // A preset chosen by name needs no signature; one without headers must be chosen by name.
            let is_possible = !asked.is_empty() || (is_signed && preset.columns.is_empty());
            // Checked last, since it searches a whole megabyte.
            let has_telltale = || {
                let is_there = |word: &String| memchr::memmem::find(self.head, word.as_bytes()).is_some();
                preset.telltale.is_empty() || preset.telltale.iter().any(is_there)
            };
            if !is_possible || self.table.is_some_and(|table| table != preset.table) || !has_telltale() {
                continue;
            }
            if let Some(found) = self.fit(rank, preset, &squashed) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn fit(&self, rank: usize, preset: &Arc<Preset>, squashed: &[String]) -> Option<Match> {
        let mut columns = self.map_columns(preset, squashed);
        let is_nameless =
            IdKind::FIELDS.iter().all(|(field, _)| !columns.contains_key(field)) && !preset.names.is_empty();
        let name = |name: &String| squashed.iter().position(|header| header == name);
        let buyer_name = preset.squashed_names().iter().filter(|_| is_nameless).find_map(name);
        settle_gross(&mut columns);
        columns.extend(buyer_name.map(|column| (Field::CustomerId, vec![column])));
        let has_own_amount = self.maps(&[Field::PaidAmount, Field::Amount, Field::UnitPrice]);
        let sums = preset
            .squashed_sums()
            .iter()
            .filter(|(_, sum)| !has_own_amount && sum.plus.iter().any(|header| squashed.contains(header)));
        let summed: Vec<&String> = sums.map(|(name, _)| name).collect();
        let has = |name: &String| columns.keys().any(|field| field.name() == name) || summed.contains(&name);
        // Every header that `--map` names must be there.
        let mapping = &self.options.mapping;
        let is_mapped = mapping
            .iter()
            .all(|(field, header)| squashed.contains(&squash(header)) && columns.contains_key(field));
        let fits = is_mapped && preset.requires.iter().all(|group| group.iter().any(has));
        fits.then(|| Match {
            rank,
            preset: Arc::clone(preset),
            columns,
            squashed: squashed.to_vec(),
            has_own_amount,
            buyer_name,
        })
    }

    fn maps(&self, fields: &[Field]) -> bool {
        self.options.mapping.iter().any(|(field, _)| fields.contains(field))
    }

    pub(super) fn map_columns(&self, preset: &Preset, squashed: &[String]) -> BTreeMap<Field, Vec<usize>> {
        // If a header occurs twice, the first counts.
        let mut places: HashMap<&str, usize, RandomState> = HashMap::default();
        for (place, header) in squashed.iter().enumerate() {
            places.entry(header).or_insert(place);
        }
        let position = |header: &String| places.get(header.as_str()).copied();
        // An amount mapped by hand is the amount: what the preset would use instead must not take precedence.
        let replaced: &[Field] = if self.maps(&[Field::PaidAmount, Field::Amount]) {
            &[Field::PaidAmount, Field::Amount, Field::UnitPrice, Field::Quantity]
        } else if self.maps(&[Field::UnitPrice, Field::Quantity]) {
            &[Field::PaidAmount, Field::Amount]
        } else {
            &[]
        };
        let mut columns = BTreeMap::new();
        for &field in Field::ALL.iter().filter(|field| !replaced.contains(field)) {
            let mut found = Vec::new();
            for column in preset.squashed_headers(field).iter().filter_map(position) {
                if !found.contains(&column) {
                    found.push(column);
                }
            }
            if let Some(column) = preset.columns.iter().position(|name| name == field.name()) {
                found.push(column);
            }
            if !found.is_empty() {
                columns.insert(field, found);
            }
        }
        for (field, header) in &self.options.mapping {
            if let Some(index) = position(&squash(header)) {
                columns.insert(*field, vec![index]);
            }
        }
        columns
    }
}

/// A gross column is the paid amount if no other column is; otherwise it stays the gross amount.
fn settle_gross(columns: &mut BTreeMap<Field, Vec<usize>>) {
    let (Some(paid), Some(gross)) = (columns.get(&Field::PaidAmount), columns.get(&Field::Gross)) else {
        return;
    };
    let others: Vec<usize> = paid.iter().copied().filter(|column| !gross.contains(column)).collect();
    match others.is_empty() {
        true => drop(columns.remove(&Field::Gross)),
        false => drop(columns.insert(Field::PaidAmount, others)),
    }
}

/// The name under which a header is compared: without a currency in brackets at its end, unless it is known with it.
fn known_name(header: &str) -> Result<String> {
    let whole = squash(header);
    if Preset::is_known(&whole)? {
        return Ok(whole);
    }
    match bracketed(header).map(|(name, _)| squash(name)) {
        Some(name) if Preset::is_known(&name)? => Ok(name),
        _ => Ok(whole),
    }
}

/// Splits a currency in brackets off the end of a header: returns the rest and the currency.
pub(super) fn bracketed(header: &str) -> Option<(&str, Mark)> {
    let open = header.rfind(['(', '（', '['])?;
    let inside = header[open..].trim_start_matches(['(', '（', '[']).trim_end_matches([')', '）', ']']);
    let name = header[..open].trim();
    currency::mark(inside).filter(|_| !name.is_empty()).map(|mark| (name, mark))
}

/// Whether any of our presets names one of these headers.
fn any_known(squashed: &[String]) -> Result<bool> {
    for header in squashed {
        if Preset::is_known(header)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The columns of a preset's sums, as far as the header has them.
pub(super) fn sums(found: &Match) -> BTreeMap<Field, (Vec<usize>, Vec<usize>)> {
    let positions = |headers: &[String]| -> Vec<usize> {
        let position = |header: &String| found.squashed.iter().position(|seen| seen == header);
        headers.iter().filter_map(position).collect()
    };
    let sums = found.preset.squashed_sums().iter().filter(|_| !found.has_own_amount);
    sums.filter_map(|(name, sum)| Some((name.parse().ok()?, (positions(&sum.plus), positions(&sum.minus)))))
        .filter(|(_, (plus, _))| !plus.is_empty())
        .collect()
}
