//! What is declared of a canonical table.
//!
//! The declarations themselves are in [`super::declared`]: reading, merging, the store, the flags of the command line,
//! `[inputs]` of `ecrm.toml` and `ecrm check` follow from them.

use super::words::{self, Flag};
use super::{Field, Wants};

pub use super::declared::Table;

/// The column of the second of the day on which something happened (i32; null where no time is given).
pub const SECOND: &str = "second";
/// The column of the customer's code among the ids of all (u32).
pub const CUSTOMER: &str = "customer";
/// The column of the number of a region among those of the table (u32).
pub const REGION: &str = "region";

/// What is declared of a canonical table.
#[derive(Debug)]
pub struct Declaration {
    /// The name of its flag and of its key in `[inputs]`.
    pub name: &'static str,
    /// A phrase that names a file with this table.
    pub export: &'static str,
    /// The help text of its flag.
    pub help: &'static str,
    /// The preset for files whose columns have ordinary names.
    pub generic: &'static str,
    /// The kind of its rows.
    pub rows: Rows,
    /// What happens to rows that name no customer.
    pub unnamed: Unnamed,
    /// The rank by which layouts without a signature are tried, lowest first. The lowest has the fields that are the
    /// surest sign of their table: a log of events may have a price too, and an order export may have columns about
    /// customers.
    pub rank: u8,
    /// The columns beside the customer. Rows of one customer are sorted by them, the first column first.
    pub columns: &'static [Column],
    /// Whether columns that no field is declared for are kept too when a question wants everything about people.
    pub keeps_further: bool,
    /// Whether rows dated after the as-of day are left out as soon as that day is known. Otherwise each question does
    /// it, because it may need to look past that day.
    pub ends_at_as_of: bool,
}

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Orders or their items. They are read by a fast path of their own (`rows`).
    Orders,
    /// Items of orders that are in another file. Each must name its order.
    Items,
    /// Properties of a customer. If several rows give the same property, the last one counts.
    OfCustomers,
    /// Events of a customer, each of which counts.
    OfMoments,
    /// Nothing that any question uses.
    Nothing,
}

/// What happens to a row that names no customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unnamed {
    /// They are kept as rows without a customer.
    Kept,
    /// They are left out and counted under a rule, because they belong to anonymous visitors.
    LeftOut,
    /// They are quarantined, because they belong to nobody.
    Refused,
}

/// A column of a canonical table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The field it is read from.
    pub field: Field,
    /// Its name in the table.
    pub name: &'static str,
    /// The kind of its cells.
    pub holds: Cells,
    /// When it is read.
    pub when: When,
}

/// When a column is read. Every column costs time and memory, so that rare ones are read only on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Whenever the values of its table are wanted.
    Always,
    /// When a question wants everything that is known about people.
    People,
    /// When a question wants everything about people, or only whether they want messages.
    OptOuts,
    /// When a question wants to know which products events are about.
    Products,
    /// When a question wants more of events than customer, kind and time.
    Beside,
}

/// The kind of the cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// A day (date).
    Day(DayKind),
    /// The kind of an event (u8: the code of an [`super::EventKind`]).
    Kind,
    /// A word out of a small number of different words (text).
    Word(Spelling),
    /// Yes or no (bool); an empty cell says neither.
    Flag(Flag),
    /// Yes or no, or the time at which it happened (bool). In a column of times an empty cell means no.
    Happened(Flag),
    /// An amount (i64, in micro-units). A table has at most one such column, because a store keeps one decimal mark per
    /// file.
    Amount,
    /// The stars of a review (i64, in micro-units).
    Rating,
    /// The place where somebody lives (u32, a number among the table's regions), read from all fields of places
    /// together.
    Place,
    /// A text that is different in nearly every row, such as a name (text).
    Text,
}

/// The meaning of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// The day of the row's event. Every row must have it; the time of day belongs to it.
    OfRow,
    /// Since when the shop has known the customer.
    Since,
    /// Another day on which the shop learned something.
    Known,
    /// A day of the customer's private life (birthday). It does not show how recent the data are.
    Private,
}

/// Which spellings are the same word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// Spellings that differ only in upper and lower case.
    AnyCase,
    /// Only identical spellings.
    Exact,
    /// Words for the same channel.
    Channel,
    /// Words for the same arm of a test.
    Arm,
}

/// The usual declaration. Each table states how it differs from this.
pub(super) const PLAIN: Declaration = Declaration {
    name: "",
    export: "",
    help: "",
    generic: "",
    rows: Rows::Nothing,
    unnamed: Unnamed::Refused,
    rank: 5,
    columns: &[],
    keeps_further: false,
    ends_at_as_of: true,
};

impl Spelling {
    /// The text that stands for all spellings of a word.
    pub fn key(self, word: &str) -> String {
        match self {
            Self::Exact => word.to_owned(),
            _ => self.known(word).map_or_else(|| word.to_lowercase(), str::to_owned),
        }
    }

    /// The key of a word that ecrm knows, otherwise `None`.
    pub fn known(self, word: &str) -> Option<&'static str> {
        match self {
            Self::AnyCase | Self::Exact => None,
            Self::Channel => words::channel(word),
            Self::Arm => words::arm(word),
        }
    }
}

impl Column {
    /// A column that is always read.
    pub(super) const fn new(field: Field, name: &'static str, holds: Cells) -> Self {
        Self { field, name, holds, when: When::Always }
    }

    /// Makes the column be read only when a question wants everything about people.
    pub(super) const fn of_people(self) -> Self {
        Self { when: When::People, ..self }
    }

    /// Makes the column be read when a question wants everything about people, or only whether they want messages.
    pub(super) const fn of_opt_outs(self) -> Self {
        Self { when: When::OptOuts, ..self }
    }

    /// Makes the column be read only when a question wants the products of events.
    pub(super) const fn of_products(self) -> Self {
        Self { when: When::Products, ..self }
    }

    /// Makes the column be read only when a question wants more of events than customer, kind and time.
    pub(super) const fn beside_events(self) -> Self {
        Self { when: When::Beside, ..self }
    }

    /// Whether the column has few different texts, so that each of them is parsed only once.
    pub fn is_of_words(&self) -> bool {
        match self.holds {
            Cells::Word(_) | Cells::Flag(_) | Cells::Happened(_) | Cells::Amount | Cells::Rating => true,
            Cells::Day(_) | Cells::Kind | Cells::Place | Cells::Text => false,
        }
    }

    fn is_wanted(&self, wants: &Wants) -> bool {
        let is_asked_for = match self.when {
            When::Always => true,
            When::People => wants.people,
            When::OptOuts => wants.people || wants.opt_outs,
            When::Products => wants.event_products,
            When::Beside => !wants.bare_events,
        };
        is_asked_for || wants.texts
    }
}

impl Declaration {
    /// The column of a field.
    pub fn column(&self, field: Field) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.field == field)
    }

    /// The fields that contain days, with the meaning of each day.
    pub fn days(&self) -> impl Iterator<Item = (Field, DayKind)> + Clone + use<> {
        self.columns.iter().filter_map(|column| match column.holds {
            Cells::Day(day) => Some((column.field, day)),
            _ => None,
        })
    }

    /// The field with the day on which a row's event happened.
    pub fn moment(&self) -> Option<Field> {
        self.days().find(|(_, day)| *day == DayKind::OfRow).map(|(field, _)| field)
    }

    /// The fields that every row must have: the day and the kind of an event.
    pub fn needed(&self) -> impl Iterator<Item = Field> + Clone + use<> {
        let is_needed = |holds: Cells| matches!(holds, Cells::Day(DayKind::OfRow) | Cells::Kind);
        self.columns.iter().filter(move |column| is_needed(column.holds)).map(|column| column.field)
    }

    /// The wanted fields that have few different texts.
    pub fn words(&self, wants: &Wants) -> Vec<Field> {
        let wanted = self.columns.iter().filter(|column| column.is_of_words() && column.is_wanted(wants));
        wanted.map(|column| column.field).collect()
    }

    /// Whether the question wants columns of mostly different texts, or columns for which no field is declared.
    pub fn wants_texts(&self, wants: &Wants) -> bool {
        let is_text = |column: &Column| column.holds == Cells::Text && column.is_wanted(wants);
        wants.texts || (self.keeps_further && wants.people) || self.columns.iter().any(is_text)
    }

    /// Whether a column of places is wanted.
    pub fn wants_places(&self, wants: &Wants) -> bool {
        self.columns.iter().any(|column| column.holds == Cells::Place && column.is_wanted(wants))
    }

    /// All fields that have few different texts.
    pub fn word_fields(&self) -> impl Iterator<Item = Field> + use<> {
        self.columns.iter().filter(|column| column.is_of_words()).map(|column| column.field)
    }

    /// Whether it has a column of places.
    pub fn has_places(&self) -> bool {
        self.columns.iter().any(|column| column.holds == Cells::Place)
    }

    /// Whether the table is held as a frame, one row per customer or per moment.
    pub fn is_framed(&self) -> bool {
        matches!(self.rows, Rows::OfCustomers | Rows::OfMoments)
    }
}

impl Table {
    /// What its flag and its key in `[inputs]` are called.
    pub fn name(self) -> &'static str {
        self.declaration().name
    }

    /// The file that holds it, in a phrase.
    pub fn export(self) -> &'static str {
        self.declaration().export
    }

    /// The table of this name, if one is declared.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|table| table.name() == name)
    }

    /// Whether its rows are items of orders that are in another file.
    pub fn holds_items(self) -> bool {
        self.declaration().rows == Rows::Items
    }

    /// Whether it is a list of customers, which tells who they are and whom a phone number belongs to.
    pub fn lists_customers(self) -> bool {
        self.declaration().rows == Rows::OfCustomers
    }
}

/// The fields of all tables that hold days.
pub fn day_fields() -> impl Iterator<Item = Field> + Clone {
    Table::ALL.iter().flat_map(|table| table.declaration().days().map(|(field, _)| field))
}

/// The fields that contain amounts, in all tables other than orders.
pub fn amount_fields() -> impl Iterator<Item = Field> + Clone {
    let columns = Table::ALL.iter().flat_map(|table| table.declaration().columns);
    columns.filter(|column| column.holds == Cells::Amount).map(|column| column.field)
}

/// Makes the enum [`Table`] from the declarations of the tables with data and of the others.
macro_rules! tables {
    (
        hold: { $($(#[$meta:meta])* $table:ident = $declaration:expr),+ $(,)? }
        others: { $($(#[$other_meta:meta])* $other:ident = $other_declaration:expr),+ $(,)? }
    ) => {
        /// The canonical table that a file's rows belong to. A store and presets name it in snake_case.
        #[derive(
            Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Table {
            $($(#[$meta])* $table,)+
            $($(#[$other_meta])* $other,)+
        }

        impl Table {
            /// The tables that hold something, in the order help and configuration list them.
            pub const ALL: &'static [Self] = &[$(Self::$table),+];

            /// What is declared of it.
            pub fn declaration(self) -> &'static Declaration {
                match self {
                    $(Self::$table => {
                        static DECLARED: Declaration = $declaration;
                        &DECLARED
                    })+
                    $(Self::$other => {
                        static DECLARED: Declaration = $other_declaration;
                        &DECLARED
                    })+
                }
            }
        }
    };
}
pub(super) use tables;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::schema::names;

    #[test]
    fn names_of_tables_and_of_their_columns_are_unique() {
        let names: BTreeSet<&str> = Table::ALL.iter().map(|table| table.name()).collect();
        assert_eq!(names.len(), Table::ALL.len());
        for table in Table::ALL {
            assert_eq!(Table::named(table.name()), Some(*table));
            let columns = table.declaration().columns;
            let mut seen = BTreeSet::from([CUSTOMER, SECOND, names::ROW_COUNT]);
            assert!(columns.iter().all(|column| seen.insert(column.name)), "{}", table.name());
            let fields: BTreeSet<Field> = columns.iter().map(|column| column.field).collect();
            assert_eq!(fields.len(), columns.len(), "{}", table.name());
        }
    }

    #[test]
    fn a_table_has_at_most_one_amount() {
        for table in Table::ALL {
            let columns = table.declaration().columns.iter();
            assert!(columns.filter(|column| column.holds == Cells::Amount).count() < 2, "{}", table.name());
        }
    }

    /// Rows of events and messages are kept in columns of few bytes, which have no room for further days or for texts.
    #[test]
    fn moments_have_one_day_and_words() {
        for table in Table::ALL.iter().filter(|table| table.declaration().rows == Rows::OfMoments) {
            let mut columns = table.declaration().columns.iter();
            let is_other = |column: &Column| matches!(column.holds, Cells::Day(DayKind::OfRow) | Cells::Text);
            assert!(
                columns.next().is_some_and(|column| column.holds == Cells::Day(DayKind::OfRow)),
                "{}",
                table.name()
            );
            assert!(!columns.any(is_other), "{}", table.name());
            assert_eq!(table.declaration().days().count(), 1, "{}", table.name());
        }
    }

    #[test]
    fn rows_of_moments_say_when_and_others_need_not() {
        for table in Table::ALL {
            let declaration = table.declaration();
            let moments = declaration.days().filter(|(_, day)| *day == DayKind::OfRow).count();
            assert_eq!(moments, usize::from(declaration.rows == Rows::OfMoments), "{}", table.name());
        }
    }
}
