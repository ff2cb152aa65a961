//! The tables of an export, as data: what writes them, what describes them and what is asked of them follow from it.

use polars::prelude::{DataType, Field, PlSmallStr, Schema};

use crate::schema::orders;
use crate::schema::{events, names};

/// What the cells of a column are. Nothing is a float, a date or a time of its own: engines differ in these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A text (Parquet UTF8).
    Text,
    /// A day, as days since 1970-01-01 (INT32).
    Day,
    /// A second of its day, 0 to 86399 (INT32).
    Second,
    /// An amount in micro-units: millionths of the currency unit, or of a piece (INT64).
    Micros,
    /// A whole number (INT32).
    Count,
    /// A number that tells rows apart (INT64).
    Key,
    /// Yes or no (BOOLEAN).
    Flag,
}

impl Holds {
    /// What it is called in `schema.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Day => "day",
            Self::Second => "second",
            Self::Micros => "micros",
            Self::Count => "count",
            Self::Key => "key",
            Self::Flag => "flag",
        }
    }

    /// The type in SQL, of Spark as of DuckDB.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Text => "STRING",
            Self::Day | Self::Second | Self::Count => "INT",
            Self::Micros | Self::Key => "BIGINT",
            Self::Flag => "BOOLEAN",
        }
    }

    /// The type in memory, and so in Parquet.
    pub(super) fn dtype(self) -> DataType {
        match self {
            Self::Text => DataType::String,
            Self::Day | Self::Second | Self::Count => DataType::Int32,
            Self::Micros | Self::Key => DataType::Int64,
            Self::Flag => DataType::Boolean,
        }
    }
}

/// A column of an exported table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// What it is called.
    pub name: &'static str,
    /// What its cells are.
    pub holds: Holds,
    /// Whether cells may be null.
    pub is_optional: bool,
}

/// An exported table.
#[derive(Debug)]
pub struct Exported {
    /// What it is called: the folder of its files.
    pub name: &'static str,
    /// The columns, in the order of the files.
    pub columns: &'static [Column],
}

impl Exported {
    /// The columns with their types in SQL: `order_key BIGINT, order_id STRING`.
    pub fn sql(&self) -> String {
        let column = |column: &Column| format!("{} {}", column.name, column.holds.sql());
        self.columns.iter().map(column).collect::<Vec<_>>().join(", ")
    }

    /// The columns in memory.
    pub(super) fn schema(&self) -> Schema {
        let field = |column: &Column| Field::new(PlSmallStr::from_static(column.name), column.holds.dtype());
        self.columns.iter().map(field).collect()
    }
}

/// The folder that each run's files stand in, within the folder of their table: `export_sequence=1`. Engines take it
/// for a column.
pub const SEQUENCE: &str = "export_sequence";

/// Number of an order within its export, by which its items find it.
pub const ORDER_KEY: &str = "order_key";

const fn always(name: &'static str, holds: Holds) -> Column {
    Column { name, holds, is_optional: false }
}

const fn perhaps(name: &'static str, holds: Holds) -> Column {
    Column { name, holds, is_optional: true }
}

/// Orders and credit notes, each once.
pub static ORDERS: Exported = Exported {
    name: "orders",
    columns: &[
        always(ORDER_KEY, Holds::Key),
        perhaps(names::ORDER_ID, Holds::Text),
        perhaps(names::CUSTOMER_ID, Holds::Text),
        always(orders::IS_MASKED, Holds::Flag),
        always(orders::STATUS, Holds::Text),
        always(orders::ORDERED_ON, Holds::Day),
        perhaps(orders::SECOND, Holds::Second),
        always(orders::PAID_AMOUNT, Holds::Micros),
        always(orders::REFUND_AMOUNT, Holds::Micros),
        perhaps(orders::GIVEN_BACK_OF, Holds::Day),
        perhaps(names::COUNTRY, Holds::Text),
        perhaps(names::PROVINCE, Holds::Text),
        perhaps(names::CITY, Holds::Text),
        perhaps(orders::SOURCE, Holds::Text),
        perhaps(orders::FULL_PRICE, Holds::Micros),
        perhaps(orders::COST, Holds::Micros),
        perhaps(names::COUPON_CODE, Holds::Text),
        always(names::ROW_COUNT, Holds::Count),
        always(orders::ITEM_ROW_COUNT, Holds::Count),
    ],
};

/// What orders hold, a row per line.
pub static ORDER_ITEMS: Exported = Exported {
    name: "order_items",
    columns: &[
        always(ORDER_KEY, Holds::Key),
        always("line_no", Holds::Count),
        perhaps(names::PRODUCT_ID, Holds::Text),
        perhaps(names::TITLE, Holds::Text),
        perhaps(names::CATEGORY, Holds::Text),
        perhaps("quantity", Holds::Micros),
        perhaps("amount", Holds::Micros),
        always("is_lost", Holds::Flag),
    ],
};

/// What is known of customers beside their orders, but for what names or reaches them.
pub static CUSTOMERS: Exported = Exported {
    name: "customers",
    columns: &[
        always(names::CUSTOMER_ID, Holds::Text),
        perhaps(names::REGISTERED_ON, Holds::Day),
        perhaps(names::CARD_CLAIMED_ON, Holds::Day),
        perhaps(names::GENDER, Holds::Text),
        perhaps(names::LEVEL, Holds::Text),
        perhaps(names::SOURCE, Holds::Text),
        perhaps(names::IS_OPTED_OUT, Holds::Flag),
        perhaps(names::COUNTRY, Holds::Text),
        perhaps(names::PROVINCE, Holds::Text),
        perhaps(names::CITY, Holds::Text),
        always(names::ROW_COUNT, Holds::Count),
    ],
};

/// What customers did.
pub static EVENTS: Exported = Exported {
    name: "events",
    columns: &[
        always(names::CUSTOMER_ID, Holds::Text),
        always(events::OCCURRED_ON, Holds::Day),
        perhaps("second", Holds::Second),
        always(names::KIND, Holds::Text),
        perhaps(names::SOURCE, Holds::Text),
        perhaps(names::CATEGORY, Holds::Text),
        perhaps(names::PRODUCT_ID, Holds::Text),
        perhaps(events::RATING, Holds::Micros),
        perhaps(names::COUNTRY, Holds::Text),
        perhaps(names::PROVINCE, Holds::Text),
        perhaps(names::CITY, Holds::Text),
    ],
};

/// Which messages customers were sent.
pub static SENDS: Exported = Exported {
    name: "sends",
    columns: &[
        always(names::CUSTOMER_ID, Holds::Text),
        always(names::SENT_ON, Holds::Day),
        perhaps("second", Holds::Second),
        perhaps(names::CAMPAIGN_ID, Holds::Text),
        perhaps(names::CHANNEL, Holds::Text),
        perhaps(names::ARM, Holds::Text),
        perhaps(names::IS_DELIVERED, Holds::Flag),
        perhaps(names::IS_OPENED, Holds::Flag),
        perhaps(names::IS_CLICKED, Holds::Flag),
        perhaps(names::COST, Holds::Micros),
        perhaps(names::ORDER_ID, Holds::Text),
    ],
};

/// What the export is, in one row: the text of `schema.json`.
pub static ABOUT_TABLE: Exported =
    Exported { name: super::ABOUT, columns: &[always(super::ABOUT_JSON, Holds::Text)] };

/// Every table, in the order in which they are written.
pub static TABLES: [&Exported; 5] = [&ORDERS, &ORDER_ITEMS, &CUSTOMERS, &EVENTS, &SENDS];
