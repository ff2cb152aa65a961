//! The further columns of orders in a segment's file of texts. Each is only read if it is wanted. Also removes people
//! from these texts.

use std::path::Path;

use polars::prelude::*;
use rayon::prelude::*;

use super::frames::Groups;
use super::manifest::FileRef;
use crate::error::Result;
use crate::parse::orders::is_further_column;
use crate::parse::orders::texts::{BlockTexts, Words};
use crate::rows::dictionary::UNKNOWN;
use crate::schema::Wants;
use crate::schema::orders::{TextKind, text_kind};

/// Further columns of the rows of a segment.
#[derive(Default)]
pub(super) struct Further {
    /// For each column, the number of each row's text; empty if the segment lacks the column.
    pub numbers: Vec<Vec<u32>>,
    pub texts: BlockTexts,
}

/// Reads the columns that are wanted; `file` is the segment's file of further columns.
pub(super) fn load(folder: &Path, file: Option<&FileRef>, wants: &Wants) -> Result<Further> {
    if wants.order_columns.is_empty() && !wants.every_order_column {
        return Ok(Further::default());
    }
    let groups = file.map(|file| Groups::open(folder, file)).transpose()?;
    let kept: Vec<String> = groups.iter().flat_map(Groups::columns).collect();
    let names = if wants.every_order_column { kept.clone() } else { wants.order_columns.clone() };
    let column = |name: &String| {
        let is_it = |kept: &&String| match wants.every_order_column {
            true => *kept == name,
            false => is_further_column(kept, name),
        };
        let mut read = (Vec::new(), Words::default());
        for kept in kept.iter().filter(is_it) {
            groups.iter().try_for_each(|groups| numbered(groups, kept, &mut read))?;
        }
        read.1.finish();
        Ok(read)
    };
    let columns: Vec<(Vec<u32>, Words)> = names.par_iter().map(column).collect::<Result<_>>()?;
    let (numbers, words) = columns.into_iter().unzip();
    Ok(Further { numbers, texts: BlockTexts { names, words } })
}

/// Numbers the texts of a column, for the rows in which the columns before it have none.
fn numbered(groups: &Groups, name: &str, (numbers, words): &mut (Vec<u32>, Words)) -> Result<()> {
    let mut row = 0;
    for group in 0..groups.sizes().count() {
        let frame = groups.group(group, &[name])?;
        let texts = frame.column(name).and_then(|column| column.str()).map_err(|_| groups.damaged())?;
        numbers.resize(numbers.len().max(row + texts.len()), UNKNOWN);
        for (number, text) in numbers[row..].iter_mut().zip(texts.iter()) {
            if let Some(text) = text.filter(|_| *number == UNKNOWN) {
                *number = words.number(text.as_bytes(), || text.to_owned());
            }
        }
        row += texts.len();
    }
    Ok(())
}

/// All further columns of some rows of a segment, under the names in the file.
pub(super) fn rows_of(folder: &Path, file: &FileRef, is_wanted: &[bool]) -> Result<Vec<Column>> {
    let groups = Groups::open(folder, file)?;
    let names: Vec<String> = groups.columns().collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (mut row, mut all) = (0, None::<DataFrame>);
    for group in 0..groups.sizes().count() {
        let frame = groups.group(group, &names)?;
        let end = row + frame.height();
        let own = is_wanted.get(row..end).ok_or_else(|| groups.damaged())?;
        let own = frame.filter(&BooleanChunked::from_slice("wanted".into(), own))?;
        match &mut all {
            Some(all) => drop(all.vstack_mut(&own)?),
            None => all = Some(own),
        }
        row = end;
    }
    Ok(all.map(DataFrame::into_columns).unwrap_or_default())
}

/// Whether the texts of a column are free text, which may name a person. Days, amounts and flags have a fixed form.
fn are_words(name: &str) -> bool {
    let kind = text_kind(name).map(|(kind, _)| kind);
    kind.is_none_or(|kind| matches!(kind, TextKind::Text | TextKind::Joined))
}

/// Whether `scrubbed` changes any text of a row or the name of a column, that is, whether it names somebody.
pub(super) fn mentions(
    folder: &Path,
    file: &FileRef,
    scrubbed: impl Fn(&str) -> Option<String>,
) -> Result<bool> {
    let groups = Groups::open(folder, file)?;
    let names: Vec<String> = groups.columns().filter(|name| are_words(name)).collect();
    for name in &names {
        let mut read = (Vec::new(), Words::default());
        numbered(&groups, name, &mut read)?;
        if scrubbed(name).is_some() || read.1.iter().any(|text| scrubbed(text).is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes people from the texts of other rows and from the names of columns. `scrubbed` returns the text without them,
/// or none if it does not name them.
pub(super) fn scrub(texts: &mut BlockTexts, scrubbed: impl Fn(&str) -> Option<String>) {
    for (name, words) in texts.names.iter_mut().zip(&mut texts.words).filter(|(name, _)| are_words(name)) {
        if words.iter().any(|text| scrubbed(text).is_some()) {
            *words = words.changed(|text| scrubbed(text).unwrap_or_else(|| text.to_owned()));
        }
        scrubbed(name).into_iter().for_each(|clean| *name = clean);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_names_lose_what_names_somebody_and_days_are_left_alone() {
        let hidden = |text: &str| text.contains("ann").then(|| text.replace("ann", "***"));
        let words = |text: &str| {
            let mut words = Words::default();
            words.push(text);
            words
        };
        let names = ["note", "tax", "of ann"].map(str::to_owned).to_vec();
        let mut texts = BlockTexts { names, words: ["for ann", "ann", "red"].map(words).to_vec() };
        scrub(&mut texts, hidden);
        assert_eq!(texts.names, ["note", "tax", "of ***"]);
        assert_eq!([0, 1, 2].map(|column| texts.words[column].text(0)), ["for ***", "ann", "red"]);
    }
}
