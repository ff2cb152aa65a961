//! The texts of orders' further columns as their rows come together.

use crate::merge::combine::order::NO_TEXTS;
use crate::parse::orders::Block;
use crate::rows::dictionary::UNKNOWN;
use crate::rows::partition::Place;
use crate::schema::orders::{TextKind, text_kind};

/// In place of a number: rows with amounts of their own say different ones, and nobody knows whether they add up.
const SEVERAL: u32 = UNKNOWN - 1;

/// The texts of rows, as many to each as there are further columns.
#[derive(Debug, Default)]
pub(super) struct TextRows {
    /// Of each column: whether it says amounts.
    are_amounts: Vec<bool>,
    /// Number of the text and the file it is from.
    texts: Vec<(u32, u32)>,
}

impl TextRows {
    /// None yet of these columns.
    pub fn new(names: &[String]) -> Self {
        let is_amount = |name: &String| text_kind(name).is_some_and(|(kind, _)| kind == TextKind::Amount);
        Self { are_amounts: names.iter().map(is_amount).collect(), texts: Vec::new() }
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.are_amounts.len()
    }

    /// Adds a row's and gives back their place.
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

    /// Adds those of a further row of an order: of each column the first text that is there counts, and that of a later
    /// file before it.
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
