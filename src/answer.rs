//! The answer of a command, before it is written in a format.

use polars::prelude::DataFrame;
use serde_json::{Map, Value};

use crate::locale::Locale;
use crate::schema::accounting::Accounting;
use crate::schema::{Day, Holds, Personal, Range, names};

/// An answer: its tables, and what a reader needs to judge them.
#[derive(Debug, Default)]
pub struct Report {
    /// The command's name.
    pub name: &'static str,
    /// Every parameter that shaped the answer, as-of and window first.
    pub parameters: Map<String, Value>,
    /// The as-of day; `None` when there are no orders.
    pub as_of: Option<Day>,
    /// Length of the window in days; `None` if all orders up to the as-of day count.
    pub window: Option<u32>,
    /// Customers the answer rests on.
    pub customer_count: u64,
    /// Valid orders the answer rests on.
    pub order_count: u64,
    /// How many input rows were used or left out, and why.
    pub accounting: Accounting,
    /// The tables, the main one first.
    pub tables: Vec<Table>,
    /// Whether customer ids are e-mail addresses or phone numbers.
    pub ids_are_personal: bool,
    /// Names for label keys that translations do not know (a user's own groups), by namespace and key.
    pub titles: Vec<(&'static str, String, String)>,
    /// For each table that is not written completely, how many rows are written and how many it has.
    pub truncated: Map<String, Value>,
    /// The files that were read.
    pub inputs: Vec<Input>,
    /// Remarks for the user, as sentences.
    pub notes: Vec<String>,
}

/// A file, or a sheet of a workbook, that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name without the folder, which differs between machines.
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
    /// The meaning of a row, as a key of the translations' `rows` section.
    pub row: &'static str,
    /// The columns, in order.
    pub columns: Vec<Spec>,
    /// The rows; its columns are those of [`Self::columns`].
    pub frame: DataFrame,
    /// The heat map that a terminal shows instead of the rows.
    pub grid: Option<Grid>,
    /// A curve that a terminal draws below the table.
    pub curve: Option<Curve>,
    /// Charts of the rows, for formats that can draw them. A terminal shows the numbers only.
    pub charts: Vec<Chart>,
    /// Whether people see one line per column instead of rows, because the table has one row and many columns.
    pub is_record: bool,
    /// How many rows people see unless they ask for another number.
    pub usual_rows: usize,
    /// Columns that people see only if a row has a value in them.
    pub shown_if_any: &'static [&'static str],
}

/// How rows that each hold one cell become a heat map: the columns with the cell's row name, column name and value.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    /// The column that names the cell's row. The table is sorted by it.
    pub row: &'static str,
    /// The column that names the cell's column.
    pub column: &'static str,
    /// The column with the cell's value.
    pub value: &'static str,
    /// A column that is shown beside the row's name.
    pub beside: Option<&'static str>,
    /// How a cell looks.
    pub look: Look,
}

/// How a cell of a heat map looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A short number on a shade. The first column is not shaded against the others, because it holds all of its row.
    Numbers,
    /// A short number on a shade, with all columns alike.
    Matrix,
    /// A shade without a number.
    Shades,
}

/// A curve of shares between 0 and 1.
#[derive(Debug, Clone)]
pub struct Curve {
    /// The title's key in the translations' `tables` section.
    pub title: &'static str,
    /// Points x and y, with ascending x.
    pub points: Vec<(f64, f64)>,
    /// x, ascending, and the lower and the upper end of y. A terminal has no room for the band.
    pub band: Vec<(f64, f64, f64)>,
}

/// A chart of a table's rows, given by the names of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// One bar per row, from 0 to its value.
    Bars {
        /// The columns that together name a row.
        label: &'static [&'static str],
        /// A count, an amount or a share that is never below 0.
        value: &'static str,
        /// A column that is shown beside the value.
        beside: Option<&'static str>,
    },
    /// One bar per row to the left or right of 1, for an index that says how many times the usual it is.
    Index {
        /// The columns that together name a row.
        label: &'static [&'static str],
        /// The column with the index.
        value: &'static str,
    },
    /// One bar for each of these columns of the last row; each is a share of the first.
    Funnel(&'static [&'static str]),
    /// A Lorenz curve: the share of the total that a share of the customers brings, both between 0 and 1, beside the
    /// line on which all bring the same.
    Lorenz {
        /// The column with the share of the customers, ascending.
        x: &'static str,
        /// The column with the share of the total.
        y: &'static str,
    },
}

impl Report {
    /// The title of one of its tables: this report's own, or that for every table with this name.
    pub(crate) fn title_of<'a>(&self, table: &Table, locale: &'a Locale) -> Option<&'a str> {
        let own = locale.find("tables", &format!("{}_{}", self.name, table.name));
        own.or_else(|| locale.find("tables", table.name))
    }

    /// The title of one of its tables among those of other reports.
    pub(crate) fn name_of<'a>(&self, table: &Table, locale: &'a Locale) -> &'a str {
        let own = locale.find("page_table", &format!("{}_{}", self.name, table.name));
        own.or_else(|| self.title_of(table, locale)).unwrap_or_else(|| locale.get("report", self.name))
    }

    /// Whether a column's days stand for their months: a monthly cohort is named by its first day.
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

    /// Sets how many rows people see unless they ask for another number.
    pub fn with_rows(self, usual_rows: usize) -> Self {
        Self { usual_rows, ..self }
    }

    /// Sets the columns that people see only if a row has a value in them.
    pub fn with_shown_if_any(self, columns: &'static [&'static str]) -> Self {
        Self { shown_if_any: columns, ..self }
    }

    /// Adds a chart.
    pub fn with_chart(mut self, chart: Chart) -> Self {
        self.charts.push(chart);
        self
    }

    /// Shows the table as a heat map on terminals.
    pub fn with_grid(self, grid: Grid) -> Self {
        Self { grid: Some(grid), ..self }
    }

    /// Shows the table to people with one line per column.
    pub fn as_record(self) -> Self {
        Self { is_record: true, ..self }
    }

    /// Adds a curve for terminals.
    pub fn with_curve(self, curve: Curve) -> Self {
        Self { curve: Some(curve), ..self }
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The column's name in the frame and in machine output.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: Kind,
    /// How early a narrow terminal drops it: the columns with the highest rank go first; those with 0 always stay.
    pub rank: u8,
}

/// The kind of values in a column, which decides how each format writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A customer's id.
    CustomerId,
    /// A name; an empty cell means unknown.
    Named,
    /// A longer name, such as a product's title, which is cut where there is not enough room.
    Title,
    /// A key that formats for people translate if the translations' section has it, otherwise a name. Empty means
    /// unknown.
    LabelOr(&'static str),
    /// A whole number.
    Count,
    /// A number of days, possibly with a half.
    Days,
    /// A date.
    Date,
    /// Money.
    Amount,
    /// A number that need not be whole.
    Number,
    /// A p-value: the probability that something is due to chance, between 0 and 1.
    Chance,
    /// A count, or an amount in rows where the column of this name holds `amount`.
    Figure(&'static str),
    /// Yes or no.
    Flag,
    /// A share between 0 and 1.
    Share,
    /// A share that tables also draw as a bar.
    Bar,
    /// A key that formats for people translate with the words of this section of the translations.
    Label(&'static str),
    /// A person's name or contact.
    Personal(Personal),
    /// Text from a file, or another name that has no translation.
    Text,
    /// A sentence ([`crate::locale::sentence`]) from this section of the translations, written in the chosen language
    /// in every format. Tables for people then have one line per row: the columns that are never dropped, and the
    /// sentence.
    Sentence(&'static str),
    /// Such a sentence as one cell among others, cut where there is not enough room.
    Clause(&'static str),
    /// A shell command. Tables for people show it completely below the rows, wrapped in a way that a shell accepts,
    /// under the value of another column.
    Command {
        /// The name of the column whose value stands above the command.
        of: &'static str,
    },
    /// A key that every format replaces by a text.
    Phrase {
        /// The translations' section with the texts.
        section: &'static str,
        /// The section that names what each text is about.
        of: &'static str,
    },
}

impl Spec {
    /// A column that a narrow terminal drops by its `rank`.
    pub const fn new(name: &'static str, kind: Kind, rank: u8) -> Self {
        Self { name, kind, rank }
    }

    /// An estimate and the two ends of its interval. A terminal shows the interval beside the estimate if there is
    /// room.
    pub const fn ranged(of: Range, kind: Kind, rank: u8) -> [Self; 3] {
        // The ends are of the same kind, but never drawn as bars.
        let of_end = match kind {
            Kind::Bar => Kind::Share,
            other => other,
        };
        [Self::new(of.value, kind, rank), Self::new(of.low, of_end, rank), Self::new(of.high, of_end, rank)]
    }
}

/// How conditions compare values of this kind.
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
