//! Combines the texts of orders' additional columns.

use crate::merge::combine::order::NO_TEXTS;
use crate::parse::orders::Block;
use crate::rows::dictionary::UNKNOWN;
use crate::rows::partition::Place;
use crate::schema::orders::{TextKind, text_kind};

/// Stands for a text number if rows with amounts of their own have different texts, since it is unknown whether they
/// add up.
const SEVERAL: u32 = UNKNOWN - 1;

/// The texts of rows, one per additional column.
#[derive(Debug, Default)]
pub(super) struct TextRows {
    /// For each column, whether it holds amounts.
    are_amounts: Vec<bool>,
    /// Number of the text and the file it comes from.
    texts: Vec<(u32, u32)>,
}

impl TextRows {
    /// Starts without texts for these columns.
    pub fn new(names: &[String]) -> Self {
        let is_amount = |name: &String| text_kind(name).is_some_and(|(kind, _)| kind == TextKind::Amount);
        Self { are_amounts: names.iter().map(is_amount).collect(), texts: Vec::new() }
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.are_amounts.len()
    }

    /// Adds the texts of a row and returns their index.
    pub fn push(&mut self, block: &Block, place: Place) -> u32 {
        if self.are_amounts.is_empty() {
            return NO_TEXTS;
        }
        let of = (self.texts.len() / self.width()) as u32;
        let columns = &block.rows[place.group as usize].columns;
        let number = |column: usize| columns.texts.get(column)?.get(place.row as usize).copied();
        let file = block.file as u32;
        self.texts
            .extend((0..self.are_amounts.len()).map(|column| (number(column).unwrap_or(UNKNOWN), file)));
        of
    }

    /// Combines the texts of two rows of an order: in each column the text of the later file counts, and within a file
    /// the first text. In a column of amounts, different texts of one file become `SEVERAL` if its rows have amounts
    /// of their own.
    pub fn combine(&mut self, mine: u32, other: u32, has_order_amount: bool) -> u32 {
        if mine == NO_TEXTS || other == NO_TEXTS {
            return mine.min(other);
        }
        for column in 0..self.width() {
            let [mine, other] = [mine, other].map(|place| place as usize * self.width() + column);
            let (known, of) = self.texts[mine];
            let (new, of_new) = self.texts[other];
            if new == UNKNOWN || known == new {
                continue;
            }
            if known == UNKNOWN || of_new > of {
                self.texts[mine] = (new, of_new);
            } else if self.are_amounts[column] && !has_order_amount && of_new == of {
                self.texts[mine].0 = SEVERAL;
            }
        }
        mine
    }

    /// The number of a text of an order.
    pub fn number(&self, place: u32, column: usize) -> u32 {
        let text = self.texts.get(place as usize * self.width() + column);
        text.map_or(UNKNOWN, |(number, _)| if *number == SEVERAL { UNKNOWN } else { *number })
    }
}
