//! What a command answers, before it has a format.

use polars::prelude::DataFrame;
use serde_json::{Map, Value};

use crate::locale::Locale;
use crate::schema::accounting::Accounting;
use crate::schema::{Day, Holds, Personal, Range, names};

/// An answer: tables and all that is needed to trust them.
#[derive(Debug, Default)]
pub struct Report {
    /// The command's name.
    pub name: &'static str,
    /// Every parameter that shaped the answer, as-of and window first.
    pub parameters: Map<String, Value>,
    /// As-of day as days since 1970-01-01; `None` when there are no orders.
    pub as_of: Option<Day>,
    /// Whole days that count, `None` for all time.
    pub window: Option<u32>,
    /// Customers the answer rests on.
    pub customer_count: u64,
    /// Valid orders the answer rests on.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
    /// The tables, the main one first.
    pub tables: Vec<Table>,
    /// Whether customer ids are e-mail addresses or phone numbers.
    pub ids_are_personal: bool,
    /// Names for label keys that translations do not know (a user's own groups), by namespace and key.
    pub titles: Vec<(&'static str, String, String)>,
    /// Of each table that is not written whole, the rows that are and the total.
    pub truncated: Map<String, Value>,
    /// What was read.
    pub inputs: Vec<Input>,
    /// What the user should know, in sentences.
    pub notes: Vec<String>,
}

/// A file, or a sheet of a workbook, that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name without the folder, which differs from machine to machine.
    pub name: String,
    /// The name of the table that it holds.
    pub table: &'static str,
    /// Rows read.
    pub row_count: u64,
}

/// A table of a report.
#[derive(Debug)]
pub struct Table {
    /// The name `--table` takes.
    pub name: &'static str,
    /// What a row is, as a key of the translations' `rows` section.
    pub row: &'static str,
    /// The columns, in order.
    pub columns: Vec<Spec>,
    /// The rows; its columns are those of [`Self::columns`].
    pub frame: DataFrame,
    /// How a terminal shows them instead of as rows.
    pub grid: Option<Grid>,
    /// A curve that a terminal draws below.
    pub curve: Option<Curve>,
    /// Pictures of the rows, for what can draw them; a terminal has their numbers.
    pub charts: Vec<Chart>,
    /// Whether people read it as a line per column and not as rows, since there is one row of many columns.
    pub is_record: bool,
    /// Rows that people are shown where they do not say how many.
    pub usual_rows: usize,
    /// Columns that people are not shown where no row has a value in them.
    pub shown_if_any: &'static [&'static str],
}

/// A heat map of rows that hold a cell each: the columns that name the cell's row and column, and its value.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    /// Names the row; the rows of the table come by it.
    pub row: &'static str,
    /// Names the column.
    pub column: &'static str,
    /// The cell.
    pub value: &'static str,
    /// Stands beside the row's name.
    pub beside: Option<&'static str>,
    /// What a cell looks like.
    pub look: Look,
}

/// What a cell of a heat map looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A short number on its colour; the first column is all of its row, and makes none of the others fainter.
    Numbers,
    /// A short number on its colour, every column alike.
    Matrix,
    /// The colour, or a shade.
    Shades,
}

/// A curve of parts, 0 to 1.
#[derive(Debug, Clone)]
pub struct Curve {
    /// The title's key in the translations' `tables` section.
    pub title: &'static str,
    /// x, ascending, and y.
    pub points: Vec<(f64, f64)>,
    /// x, ascending, and what y lies between; a terminal has no room for it.
    pub band: Vec<(f64, f64, f64)>,
}

/// A picture of a table's rows, by the names of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// A bar per row, as long as its value, from 0.
    Bars {
        /// Together these name the row.
        label: &'static [&'static str],
        /// A count, an amount or a part, never below 0.
        value: &'static str,
        /// What is said beside the value.
        beside: Option<&'static str>,
    },
    /// A bar per row to either side of 1: how many times as much as usual.
    Index {
        /// Together these name the row.
        label: &'static [&'static str],
        /// The index.
        value: &'static str,
    },
    /// A bar per column of the last row, each a part of the first.
    Funnel(&'static [&'static str]),
    /// What part of a whole belongs to which part of those who share it, each 0 to 1, beside what it would be if all
    /// had the same.
    Lorenz {
        /// Part of those who share, ascending.
        x: &'static str,
        /// Part of the whole.
        y: &'static str,
    },
}

impl Report {
    /// The title of one of its tables: the report's own words for it, or those for every table of this name.
    pub(crate) fn title_of<'a>(&self, table: &Table, locale: &'a Locale) -> Option<&'a str> {
        let own = locale.find("tables", &format!("{}_{}", self.name, table.name));
        own.or_else(|| locale.find("tables", table.name))
    }

    /// What one of its tables is called where it stands among those of other reports.
    pub(crate) fn name_of<'a>(&self, table: &Table, locale: &'a Locale) -> &'a str {
        let own = locale.find("page_table", &format!("{}_{}", self.name, table.name));
        own.or_else(|| self.title_of(table, locale)).unwrap_or_else(|| locale.get("report", self.name))
    }

    /// Whether the days of a column stand for their months: cohorts are named by their first day.
    pub(crate) fn has_months(&self, column: &str) -> bool {
        column == names::COHORT && self.parameters.get("by").and_then(Value::as_str) == Some("month")
    }
}

impl Table {
    /// A table of rows.
    pub fn new(name: &'static str, row: &'static str, columns: Vec<Spec>, frame: DataFrame) -> Self {
        Self {
            name,
            row,
            columns,
            frame,
            grid: None,
            curve: None,
            charts: Vec::new(),
            is_record: false,
            usual_rows: 20,
            shown_if_any: &[],
        }
    }

    /// The same with another number of rows for people who do not say how many.
    pub fn with_rows(self, usual_rows: usize) -> Self {
        Self { usual_rows, ..self }
    }

    /// The same with columns that people are not shown where no row has a value in them.
    pub fn with_shown_if_any(self, columns: &'static [&'static str]) -> Self {
        Self { shown_if_any: columns, ..self }
    }

    /// The same with one more picture.
    pub fn with_chart(mut self, chart: Chart) -> Self {
        self.charts.push(chart);
        self
    }

    /// The same as a heat map on terminals.
    pub fn with_grid(self, grid: Grid) -> Self {
        Self { grid: Some(grid), ..self }
    }

    /// The same as a line per column for people.
    pub fn as_record(self) -> Self {
        Self { is_record: true, ..self }
    }

    /// The same with a curve on terminals.
    pub fn with_curve(self, curve: Curve) -> Self {
        Self { curve: Some(curve), ..self }
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The column's name in the frame and in machine output.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// How soon a narrow terminal drops it: the highest go first, 0 stays.
    pub rank: u8,
}

/// What the values of a column are, and so how each format writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A customer's id.
    CustomerId,
    /// A name; none is unknown.
    Named,
    /// A longer name, such as a product's title: cut short where there is no room for it.
    Title,
    /// A key that people's formats translate where the translations' section has it, or else a name; none is unknown.
    LabelOr(&'static str),
    /// A whole number.
    Count,
    /// Days, perhaps with a half.
    Days,
    /// A date.
    Date,
    /// Money.
    Amount,
    /// A number that need not be whole.
    Number,
    /// The probability of something by chance, 0 to 1.
    Chance,
    /// A count, or money where the column of this name says `amount`.
    Figure(&'static str),
    /// Yes or no.
    Flag,
    /// A part, 0 to 1.
    Share,
    /// A part that tables also draw as a bar.
    Bar,
    /// A key that people's formats translate, with the translations' section.
    Label(&'static str),
    /// What names a person or reaches them.
    Personal(Personal),
    /// Text from a file, or another name that has no translation.
    Text,
    /// A sentence ([`crate::locale::sentence`]) with the translations' section of its text, in the chosen language in
    /// every format. People's tables are then a line per row: the columns that never hide, and the sentence.
    Sentence(&'static str),
    /// The same as a cell among others, cut short where there is no room for it.
    Clause(&'static str),
    /// A command for a shell. People's tables have it whole below the rows, broken where a shell takes it up again,
    /// under what the row says in another column.
    Command {
        /// The name of that column.
        of: &'static str,
    },
    /// A key that stands for a text in every format.
    Phrase {
        /// The translations' section with the texts.
        section: &'static str,
        /// The section that names what each text is about.
        of: &'static str,
    },
}

impl Spec {
    /// A column that a narrow terminal drops at `rank`.
    pub const fn new(name: &'static str, kind: Kind, rank: u8) -> Self {
        Self { name, kind, rank }
    }

    /// An estimated figure with the ends of its interval, which a terminal shows beside it where there is room.
    pub const fn ranged(of: Range, kind: Kind, rank: u8) -> [Self; 3] {
        // Ends are of the same kind, and never drawn.
        let of_end = match kind {
            Kind::Bar => Kind::Share,
            other => other,
        };
        [Self::new(of.value, kind, rank), Self::new(of.low, of_end, rank), Self::new(of.high, of_end, rank)]
    }
}

/// What conditions compare such values with.
impl From<Kind> for Holds {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Count | Kind::Days => Self::Whole,
            Kind::Date => Self::Date,
            Kind::Amount | Kind::Figure(_) => Self::Amount,
            Kind::Number | Kind::Chance | Kind::Share | Kind::Bar => Self::Real,
            Kind::Flag => Self::Flag,
            Kind::CustomerId
            | Kind::Named
            | Kind::Title
            | Kind::LabelOr(_)
            | Kind::Label(_)
            | Kind::Text
            | Kind::Command { .. }
            | Kind::Personal(_)
            | Kind::Sentence(_)
            | Kind::Clause(_)
            | Kind::Phrase { .. } => Self::Text,
        }
    }
}
