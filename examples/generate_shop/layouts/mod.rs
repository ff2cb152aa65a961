//! The same shop as each platform exports it.
//!
//! A layout is a list of headers, kept as text beside this folder, and a function from an order to its rows; the
//! dress says how rows become a file.

pub mod canonical;
pub mod sheet;
pub mod shopify;
pub mod taobao;
pub mod text;

mod amazon;
mod douyin;
mod jd;
mod magento;
mod pdd;
mod woo;
mod youzan;

use std::io;
use std::path::Path;

use super::shop::{Customer, Order, Size, customer, for_each_order};
use sheet::{Dress, Sheet};

/// One row: headers and what stands below them. Columns that are not named are blank.
pub type Row = Vec<(&'static str, String)>;

/// What a layout knows a buyer by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// An account, which for this shop is an e-mail address.
    Id,
    /// The phone number.
    Phone,
    /// Nothing, or only a name or what the platform has masked.
    None,
}

/// What the rows of an export are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Orders, or their items carrying what orders carry.
    Orders,
    /// Items of orders that are in another file.
    OrderItems,
}

/// A file the shop could have exported.
#[derive(Clone, Copy)]
pub struct Export {
    /// The name of the file.
    pub name: &'static str,
    pub table: Table,
    pub identity: Identity,
    /// Whether it can say that part of an order's money went back.
    pub has_partial_refunds: bool,
    /// Whether it names the buyer's province.
    pub has_region: bool,
    /// Whether it names the city in a column of its own.
    pub has_city: bool,
    headers: &'static str,
    rows: fn(&Order, &Customer) -> Vec<Row>,
    dress: Dress,
}

impl Export {
    /// Writes the shop in this layout, one order after the other.
    pub fn write(&self, size: Size, path: &Path) -> io::Result<()> {
        let mut sheet = Sheet::create(path, self.dress, self.headers)?;
        for_each_order(size, |order| {
            let who = customer(size, order.customer);
            (self.rows)(order, &who).iter().try_for_each(|row| sheet.write(row))
        })?;
        sheet.finish()
    }
}

/// The exports of orders that are kept as fixtures.
pub fn kept() -> [Export; 3] {
    [canonical::ORDERS, taobao::ORDERS_2019, shopify::ORDERS]
}

/// Every layout.
pub fn all() -> Vec<Export> {
    [
        canonical::EXPORTS,
        taobao::EXPORTS,
        jd::EXPORTS,
        pdd::EXPORTS,
        douyin::EXPORTS,
        youzan::EXPORTS,
        shopify::EXPORTS,
        woo::EXPORTS,
        magento::EXPORTS,
        amazon::EXPORTS,
    ]
    .concat()
}
