//! The tables of an export, declared as data: writing them, describing them and asking about them all follow these
//! declarations.

use polars::prelude::{DataType, Field, PlSmallStr, Schema};

use crate::schema::orders;
use crate::schema::{events, names};

/// The type of a column's cells. There are no floats, dates or times, since engines treat these differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A text (Parquet string, UTF-8).
    Text,
    /// A day, as the number of days since 1970-01-01 (INT32).
    Day,
    /// The second within its day, 0 to 86399 (INT32).
    Second,
    /// An amount in micro-units: millionths of the currency unit, or of a piece (INT64).
    Micros,
    /// A whole number (INT32).
    Count,
    /// A number that identifies a row (INT64).
    Key,
    /// Yes or no (BOOLEAN).
    Flag,
}

impl Holds {
    /// Its name in `schema.json`.
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

    /// Its SQL type, the same in Spark and DuckDB.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Text => "STRING",
            Self::Day | Self::Second | Self::Count => "INT",
            Self::Micros | Self::Key => "BIGINT",
            Self::Flag => "BOOLEAN",
        }
    }

    /// Its type in memory and in Parquet.
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
    /// Its name.
    pub name: &'static str,
    /// The type of its cells.
    pub holds: Holds,
    /// Whether cells may be null.
    pub is_optional: bool,
}

/// An exported table.
#[derive(Debug)]
pub struct Exported {
    /// Its name, which is also the folder of its files.
    pub name: &'static str,
    /// The columns in the order in which files have them.
    pub columns: &'static [Column],
}

impl Exported {
    /// The columns with their SQL types: `order_key BIGINT, order_id STRING`.
    pub fn sql(&self) -> String {
        let column = |column: &Column| format!("{} {}", column.name, column.holds.sql());
        self.columns.iter().map(column).collect::<Vec<_>>().join(", ")
    }

    /// The schema of the columns in memory.
    pub(super) fn schema(&self) -> Schema {
        let field = |column: &Column| Field::new(PlSmallStr::from_static(column.name), column.holds.dtype());
        self.columns.iter().map(field).collect()
    }
}

/// The prefix of the folder, within a table's folder, that holds the files of one export, as in `export_sequence=1`.
/// Engines read it as a column.
pub const SEQUENCE: &str = "export_sequence";

/// The number of an order within its export, which its items refer to.
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

/// The items of orders, one row each.
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

/// Attributes of customers, except for names and contacts.
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

/// The events of customers.
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

/// The messages that customers were sent.
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

/// A table with one row that describes the export, with the text of `schema.json`.
pub static ABOUT_TABLE: Exported =
    Exported { name: super::ABOUT, columns: &[always(super::ABOUT_JSON, Holds::Text)] };

/// Every table, in the order in which they are written.
pub static TABLES: [&Exported; 5] = [&ORDERS, &ORDER_ITEMS, &CUSTOMERS, &EVENTS, &SENDS];
