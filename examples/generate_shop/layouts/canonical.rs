//! ecrm's own orders table, in every kind of file, and the benchmark's narrow one.

use std::io::{self, Write};

use super::super::shop::{Customer, Fate, Order, PROVINCES, customer_id};
use super::sheet::{Container, Dress, Encoding};
use super::text::{city, gross, money, time};
use super::{Export, Identity, Row, Table};

/// The table the others are compared with.
pub const ORDERS: Export = Export {
    name: "orders.csv",
    table: Table::Orders,
    identity: Identity::Id,
    has_partial_refunds: true,
    has_region: true,
    has_city: true,
    headers: include_str!("../headers/canonical.txt"),
    rows,
    dress: Dress::CSV,
};

/// The same with phone numbers as customer ids, for layouts that know buyers by their phones.
pub const ORDERS_BY_PHONE: Export =
    Export { name: "orders_by_phone.csv", identity: Identity::Phone, rows: rows_by_phone, ..ORDERS };

pub const EXPORTS: &[Export] = &[
    ORDERS,
    ORDERS_BY_PHONE,
    dressed("orders_utf8_bom.csv", Dress { encoding: Encoding::Utf8Bom, ..Dress::CSV }),
    dressed("orders_gb18030.csv", Dress { encoding: Encoding::Gb18030, ..Dress::CSV }),
    dressed("orders_utf16le.csv", Dress { encoding: Encoding::Utf16Le, ..Dress::CSV }),
    dressed("orders_utf16be.csv", Dress { encoding: Encoding::Utf16Be, ..Dress::CSV }),
    dressed("orders_crlf.csv", Dress { line_end: "\r\n", ..Dress::CSV }),
    dressed("orders_semicolon.csv", Dress { delimiter: ';', ..Dress::CSV }),
    dressed("orders_tab.tsv", Dress { delimiter: '\t', ..Dress::CSV }),
    dressed("orders.csv.gz", Dress { container: Container::Gz, ..Dress::CSV }),
    dressed("orders.csv.zst", Dress { container: Container::Zst, ..Dress::CSV }),
    dressed("orders.xlsx", Dress { container: Container::Workbook, ..Dress::CSV }),
];

/// The benchmark's columns: what a warehouse query would export.
pub const NARROW: &str = "order_id,customer_id,status,paid_at,paid_amount,refund_amount,province\n";

/// A row of the benchmark's file. It is written by the ten million, so without a list of cells.
pub fn narrow(out: &mut impl Write, order: &Order, place: usize) -> io::Result<()> {
    let at = order.paid_at.unwrap_or(order.created_at);
    writeln!(
        out,
        "{},C{:07},{},{at},{},{},{}",
        order.id - 1_899_999_999_000_000_000,
        order.customer,
        status(order.fate),
        money(order.paid),
        money(order.refund),
        PROVINCES[place].0,
    )
}

const fn dressed(name: &'static str, dress: Dress) -> Export {
    Export { name, dress, ..ORDERS }
}

fn rows(order: &Order, who: &Customer) -> Vec<Row> {
    vec![row(order, who, customer_id(order.customer))]
}

fn rows_by_phone(order: &Order, who: &Customer) -> Vec<Row> {
    vec![row(order, who, who.phone.clone())]
}

fn row(order: &Order, who: &Customer, customer: String) -> Row {
    vec![
        ("order_id", order.id.to_string()),
        ("customer_id", customer),
        ("status", status(order.fate).into()),
        ("created_at", order.created_at.to_string()),
        ("paid_at", time(order.paid_at)),
        ("completed_at", time(order.completed_at)),
        ("gross", money(gross(order))),
        ("discount", money(order.discount)),
        ("paid_amount", money(order.paid)),
        ("refund_amount", money(order.refund)),
        ("currency", "CNY".into()),
        ("province", PROVINCES[who.place].0.into()),
        ("city", city(who).into()),
        ("source", who.source.into()),
    ]
}

fn status(fate: Fate) -> &'static str {
    match fate {
        Fate::Pending => "pending",
        Fate::ClosedUnpaid => "closed_unpaid",
        Fate::Paid => "paid",
        Fate::Shipped => "shipped",
        Fate::Completed | Fate::PartlyRefunded => "completed",
        Fate::Refunded => "refunded",
    }
}
