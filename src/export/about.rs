//! What an export contains and what it was made from: the content of `schema.json`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::declared::{Column, Exported, TABLES};
use super::{CUSTOMERS, ORDERS, Written};
use crate::error::{Error, Result};
use crate::locale::harmless;
use crate::reading::Ingested;
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::reject::Reason;
use crate::schema::{Orders, Table};

/// The format version of an export. It is raised when `schema.json` changes or cells change their meaning; the columns
/// of its tables are described in the export itself.
const FORMAT: u32 = 2;

/// What an export contains and what it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    ecrm_export: u32,
    made_by: String,
    /// The number of the export, which its folders and rows carry.
    pub export_sequence: u32,
    /// The files that were read, without their folders.
    pub files: Vec<String>,
    /// What is known about the content of the files.
    pub says: Says,
    /// By table, which rows of its files were used and which were left out, before any question was asked.
    pub accounting: BTreeMap<String, Counts>,
    /// The tables.
    tables: Vec<Described>,
}

/// Facts about the files of an export that its rows do not show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Says {
    /// The currency of the amounts, where it is known.
    pub currency: Option<String>,
    /// The tables for which a file was read.
    pub tables: Vec<String>,
    /// Whether any order names its buyer.
    pub has_buyers: bool,
    /// Whether any file has a column that could name a buyer.
    pub has_customer_column: bool,
    /// Whether some buyers are known only by e-mail address or phone number.
    pub ids_are_personal: bool,
    /// Whether no order has an amount.
    pub lacks_amounts: bool,
    /// Whether any file says what orders would have cost without discounts.
    pub has_full_price: bool,
    /// Whether any file says what goods cost the shop.
    pub has_cost: bool,
    /// Whether any file says what was given back.
    pub says_refunds: bool,
    /// Whether any file has a column for where orders went.
    pub has_region_column: bool,
    /// Whether any file says which items orders hold.
    pub has_items: bool,
    /// Whether amounts or refunds of orders come from files of items.
    pub orders_rest_on_items: bool,
    /// Whether costs of orders come from files of items.
    pub costs_rest_on_items: bool,
    /// Those columns of the customers table that any customer list has.
    pub customer_columns: Vec<String>,
}

/// How many rows the files of a table had, and how many of them were left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    rows_read: u64,
    /// Rows left out by rules, by the rule's code.
    excluded: BTreeMap<String, u64>,
    /// Rows that could not be read, by the reason's code.
    quarantined: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Described {
    name: String,
    rows: u64,
    files: u64,
    columns: Vec<DescribedColumn>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct DescribedColumn {
    name: String,
    holds: String,
    is_optional: bool,
}

/// The part of `schema.json` that tells which files an export has; it is the same in all versions.
#[derive(Debug, Deserialize)]
pub(super) struct Laid {
    /// The number that its folders carry.
    pub export_sequence: u32,
    tables: Vec<LaidTable>,
}

#[derive(Debug, Deserialize)]
struct LaidTable {
    name: String,
    files: u64,
}

impl Laid {
    /// Parses the text of `schema.json`; none if it is not one of an export.
    pub fn of(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    /// How many files a table has.
    pub fn files_of(&self, table: &str) -> Option<u64> {
        let laid = self.tables.iter().find(|of| of.name == table);
        laid.map(|of| of.files).or((table == super::ABOUT).then_some(1))
    }
}

impl About {
    /// The description of an export that was just written.
    pub(super) fn new(read: &Ingested, sequence: u32, written: &[Written]) -> Self {
        let name = |name: &str| {
            let file = Path::new(name).file_name().map(|name| name.to_string_lossy().into_owned());
            file.unwrap_or_else(|| name.to_owned())
        };
        let rows = |table: &str| {
            written.iter().find(|of| of.table == table).map_or((0, 0), |of| (of.rows, of.files))
        };
        let tables = TABLES.iter().map(|table| {
            let (rows, files) = rows(table.name);
            Described { name: table.name.to_owned(), rows, files, columns: described(table) }
        });
        Self {
            ecrm_export: FORMAT,
            made_by: format!("ecrm {}", env!("CARGO_PKG_VERSION")),
            export_sequence: sequence,
            files: read.sources.iter().map(|source| name(&source.name)).collect(),
            says: Says::of(read),
            accounting: accounts(read),
            tables: tables.collect(),
        }
    }

    /// Parses the text of `schema.json`.
    ///
    /// # Errors
    /// When it is none, or one of another version of ecrm, with another format or other tables or columns.
    pub fn of(text: &[u8]) -> Result<Self> {
        /// What `schema.json` has in every format.
        #[derive(Deserialize)]
        struct Any {
            ecrm_export: u32,
            #[serde(default)]
            made_by: String,
        }
        let none = |_| Error::data_of("no_export", &[]);
        let any: Any = serde_json::from_slice(text).map_err(none)?;
        if any.ecrm_export != FORMAT {
            let form = ("format", any.ecrm_export.to_string());
            let values =
                [form, ("right", FORMAT.to_string()), ("made_by", harmless(&any.made_by).into_owned())];
            return Err(Error::data_of("other_export", &values));
        }
        let about: Self = serde_json::from_slice(text).map_err(none)?;
        about.check_columns().map(|()| about)
    }

    /// Refuses tables with other columns than this version writes.
    fn check_columns(&self) -> Result<()> {
        let is_same = |table: &&&Exported| {
            self.tables.iter().any(|of| of.name == table.name && of.columns == described(table))
        };
        let Some(other) = TABLES.iter().find(|table| !is_same(table)) else { return Ok(()) };
        let made_by = harmless(&self.made_by).into_owned();
        Err(Error::data_of("other_columns", &[("name", other.name.to_owned()), ("made_by", made_by)]))
    }

    /// Whether a file of this table was read.
    pub fn has(&self, table: Table) -> bool {
        self.says.has_table(exported(table))
    }

    /// How many rows the files of this table had.
    pub fn rows_read(&self, table: Table) -> u64 {
        self.accounting.get(exported(table)).map_or(0, |counts| counts.rows_read)
    }

    /// How many rows the files of all tables had.
    pub fn all_rows_read(&self) -> u64 {
        self.accounting.values().map(|counts| counts.rows_read).sum()
    }

    /// Each table with its number of rows.
    pub fn table_rows(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let rows = |name: &str| self.tables.iter().find(|of| of.name == name).map_or(0, |of| of.rows);
        TABLES.iter().map(move |table| (table.name, rows(table.name)))
    }

    /// The text of `schema.json`.
    pub(super) fn text(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(text + "\n")
    }

    /// The accounting of the rows of these tables before any question is asked: all rows that no rule left out count as
    /// used.
    pub fn accounting(&self, tables: &[&str]) -> Accounting {
        let mut all = Accounting::default();
        for counts in tables.iter().filter_map(|table| self.accounting.get(*table)) {
            all.rows_read += counts.rows_read;
            for rule in Rule::ALL {
                all.excluded.add(*rule, counts.excluded.get(rule.code()).copied().unwrap_or(0));
            }
            for reason in Reason::ALL {
                let rows = counts.quarantined.get(reason.code()).copied().unwrap_or(0);
                if rows > 0 {
                    all.quarantine(*reason, rows);
                }
            }
        }
        all.use_the_rest();
        all
    }
}

/// The columns of a table as `schema.json` describes them.
fn described(table: &Exported) -> Vec<DescribedColumn> {
    let column = |column: &Column| DescribedColumn {
        name: column.name.to_owned(),
        holds: column.holds.name().to_owned(),
        is_optional: column.is_optional,
    };
    table.columns.iter().map(column).collect()
}

impl Says {
    fn of(read: &Ingested) -> Self {
        let orders: &Orders = &read.orders;
        let has = |table: &&Table| read.sources.iter().any(|source| source.table() == **table);
        let tables = Table::ALL.iter().filter(has).map(|table| exported(*table).to_owned());
        let of_list = |name: &str| read.frames.customers.as_ref().is_some_and(|list| list.table().has(name));
        let columns = CUSTOMERS.columns.iter().filter(|column| of_list(column.name));
        Self {
            currency: orders.currency.clone(),
            tables: tables.collect(),
            has_buyers: orders.has_buyers(),
            has_customer_column: orders.has_customer_column,
            ids_are_personal: orders.ids_are_personal,
            lacks_amounts: orders.lacks_amounts,
            has_full_price: orders.has_full_price,
            has_cost: orders.has_cost,
            says_refunds: orders.says_refunds,
            has_region_column: orders.has_region_column,
            has_items: orders.has_items,
            orders_rest_on_items: read.on_items.orders,
            costs_rest_on_items: read.on_items.costs,
            customer_columns: columns.map(|column| column.name.to_owned()).collect(),
        }
    }

    /// Whether a file of this table was read.
    pub fn has_table(&self, table: &str) -> bool {
        self.tables.iter().any(|of| of == table)
    }
}

impl From<&Accounting> for Counts {
    fn from(accounting: &Accounting) -> Self {
        let excluded = accounting.excluded.iter().map(|(rule, rows)| (rule.code().to_owned(), rows));
        let quarantined =
            accounting.quarantined.iter().map(|(reason, rows)| (reason.code().to_owned(), *rows));
        Self {
            rows_read: accounting.rows_read,
            excluded: excluded.collect(),
            quarantined: quarantined.collect(),
        }
    }
}

/// The name of a canonical table in the export.
fn exported(table: Table) -> &'static str {
    match table {
        Table::OrderItems => super::ORDER_ITEMS.name,
        other => other.name(),
    }
}

/// The accounting by table. Orders get what is left of the whole after all other tables.
fn accounts(read: &Ingested) -> BTreeMap<String, Counts> {
    let mut of_orders = read.accounting.clone();
    let mut all = BTreeMap::new();
    for (table, mut accounting) in read.of_tables.clone() {
        if table.holds_items() {
            accounting.excluded.merge(&read.items_left_out);
        }
        of_orders.take_away(&accounting);
        all.insert(exported(table).to_owned(), Counts::from(&accounting));
    }
    all.insert(ORDERS.name.to_owned(), Counts::from(&of_orders));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Lang;
    use crate::metrics::testing::orders;

    /// An export of this version is read. One with another format, with another column or without a format is refused,
    /// and the error names the version that made it.
    #[test]
    fn exports_of_other_versions_are_refused_by_name() {
        let read = orders("order_id,customer_id,order_date,amount;1,a,2026-06-10,5");
        let (_, text) = super::super::in_memory(&read.ingested).expect("an export");
        assert!(About::of(text.as_bytes()).is_ok());
        let said = |text: &str, lang: Lang| {
            let (said, hint) = About::of(text.as_bytes()).expect_err("another version").said(lang);
            format!("{said} {}", hint.unwrap_or_default())
        };
        let form = format!("\"ecrm_export\": {FORMAT}");
        let made_by = format!("(ecrm {})", env!("CARGO_PKG_VERSION"));
        // Other content of earlier versions is ignored.
        let older =
            text.replace(&form, "\"ecrm_export\": 1").replace("\"orders_rest_on_items\"", "\"other\"");
        let error = said(&older, Lang::En);
        assert!(
            error.contains("form 1") && error.contains(&made_by) && error.contains("export again"),
            "{error}"
        );
        assert!(said(&older, Lang::Zh).contains("请用本版本重新导出"));
        for (column, other) in [("\"row_count\"", "\"rows\""), ("\"micros\"", "\"count\"")] {
            let error = said(&text.replacen(column, other, 1), Lang::En);
            assert!(
                error.contains("its table orders has other columns") && error.contains("export again"),
                "{error}"
            );
            assert!(said(&text.replacen(column, other, 1), Lang::Zh).contains("其中表 orders 的列"));
        }
        assert!(said(&text.replace(&form, "\"form\": 1"), Lang::En).contains("no schema.json of an export"));
        assert!(said("", Lang::En).contains("no schema.json of an export"));
    }
}
