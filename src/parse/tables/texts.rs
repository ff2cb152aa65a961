//! Columns of texts.

use crate::parse::tables::rows::extend;
use crate::rows::dictionary::{Dictionary, UNKNOWN};

/// A column of texts, most of which repeat.
#[derive(Debug, Default)]
pub struct Texts {
    /// The texts.
    pub dictionary: Dictionary<String>,
    /// The number of each row's text, or [`UNKNOWN`].
    pub numbers: Vec<u32>,
}

impl Texts {
    /// Adds a row's text, if it has any.
    pub fn push(&mut self, text: Option<&str>) {
        self.numbers.push(match text {
            Some(text) => self.dictionary.number(text.as_bytes(), || text.to_owned()),
            None => UNKNOWN,
        });
    }

    /// Appends the texts of the next block; `total` is the number of rows of all blocks. Returns the new numbers of its
    /// texts.
    pub fn append(&mut self, other: Self, total: usize) -> Vec<u32> {
        let new = self.dictionary.append(other.dictionary);
        let number = |number: u32| new.get(number as usize).copied().unwrap_or(UNKNOWN);
        extend(&mut self.numbers, other.numbers.into_iter().map(number), total);
        new
    }

    /// The text of each row.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        let text = |number: &u32| self.dictionary.list.get(*number as usize).map(|(text, _)| text.as_str());
        self.numbers.iter().map(text)
    }
}

/// A column of texts that rarely repeat, such as names, concatenated. An empty text means "none".
#[derive(Debug, Default)]
pub struct PlainTexts {
    text: String,
    /// The end of each row's text.
    ends: Vec<usize>,
}

impl PlainTexts {
    /// Adds a row's text.
    pub fn push(&mut self, text: Option<&str>) {
        self.text.push_str(text.unwrap_or_default());
        self.ends.push(self.text.len());
    }

    /// Appends the texts of the next block.
    pub fn append(&mut self, other: &Self) {
        let before = self.text.len();
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| before + end));
    }

    /// The text of a row, if it has any.
    pub fn get(&self, row: usize) -> Option<&str> {
        let end = *self.ends.get(row)?;
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end).filter(|text| !text.is_empty())
    }

    /// The text of each row.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.ends.len()).map(|row| self.get(row))
    }

    /// Keeps the marked rows.
    pub fn retain(&mut self, is_kept: &[bool]) {
        let mut kept = Self::default();
        let rows = self.iter().zip(is_kept).filter(|(_, is_kept)| **is_kept);
        rows.for_each(|(text, _)| kept.push(text));
        *self = kept;
    }

    /// Replaces the texts for which `change` returns another. Returns whether there was any.
    pub fn replace(&mut self, change: impl Fn(&str) -> Option<String>) -> bool {
        let changed: Vec<Option<String>> = self.iter().map(|text| change(text?)).collect();
        if changed.iter().all(Option::is_none) {
            return false;
        }
        let mut new = Self::default();
        self.iter().zip(&changed).for_each(|(text, changed)| new.push(changed.as_deref().or(text)));
        *self = new;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(texts: &[Option<&str>]) -> PlainTexts {
        let mut column = PlainTexts::default();
        texts.iter().for_each(|text| column.push(*text));
        column
    }

    #[test]
    fn plain_texts_come_back_row_by_row() {
        let mut column = plain(&[Some("Ann"), None, Some("李雷")]);
        column.append(&plain(&[None, Some("Bob")]));
        let all: Vec<_> = column.iter().collect();
        assert_eq!(all, [Some("Ann"), None, Some("李雷"), None, Some("Bob")]);
        column.retain(&[false, true, true, false, true]);
        assert_eq!(column.iter().collect::<Vec<_>>(), [None, Some("李雷"), Some("Bob")]);
        assert!(!column.replace(|_| None));
        assert!(column.replace(|text| (text == "Bob").then(|| "***".to_owned())));
        assert_eq!(column.iter().collect::<Vec<_>>(), [None, Some("李雷"), Some("***")]);
        assert_eq!(column.get(3), None);
    }
}
