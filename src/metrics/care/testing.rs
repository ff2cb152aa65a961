//! Lists of small shops made by hand, for the tests beside each family of tasks.

use super::history::COLUMNS;
use super::parcel::Traits;
use super::{Calendar, Row, Settings, Task, after_delivery, days, of_orders};
use crate::metrics::Scope;
pub use crate::metrics::testing::on;
use crate::metrics::testing::{Read, read_wanting};
use crate::schema::{CustomerCode, Wants, names};

/// A shop with its settings, and the traits of its customers.
pub struct Shop {
    pub read: Read,
    pub settings: Settings,
    pub traits: Vec<Traits>,
}

/// The tasks of a day, before any is left out.
pub struct List {
    /// The customer's id, the task, its day and what it is about.
    rows: Vec<(String, Row, String)>,
    /// Orders that have waited too long to be on it.
    pub stale: u64,
}

impl Shop {
    /// A shop from files by name, each with a header and rows that are separated by `;`.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let columns = COLUMNS.iter().map(|field| field.name().to_owned()).collect();
        let wants = Wants { order_columns: columns, people: true, ..Wants::default() };
        let mut shop =
            Self { read: read_wanting(files, &wants), settings: Settings::default(), traits: Vec::new() };
        shop.traits = vec![Traits::default(); shop.read.ingested.orders.customers.len()];
        if let Some(customers) = &shop.read.ingested.frames.customers
            && let Some(levels) = customers.column(names::LEVEL)
        {
            let levels = levels.str().expect("texts").clone();
            for (code, level) in customers.codes().zip(levels.iter()) {
                shop.traits[code.place()].level = level.map(str::to_owned);
            }
        }
        shop
    }

    /// The code of a customer.
    pub fn code(&self, id: &str) -> CustomerCode {
        let customers = &self.read.ingested.orders.customers;
        customers.codes().find(|code| customers.text(*code) == id).expect("a customer")
    }

    /// The list of one day, made at a second of it. Nothing later than the day is known.
    pub fn at(&self, day: &str, second: i32) -> List {
        let calendar = Calendar { first: on(day), days: 1, second };
        let ingested = &self.read.ingested;
        let scope = Scope::up_to(on(day));
        let of =
            of_orders(&ingested.orders, &scope, &self.settings, &calendar, &self.traits).expect("orders");
        let mut rows = of.rows;
        if let Some(events) = &ingested.frames.events {
            rows.extend(after_delivery::reviews(events, on(day), &self.settings, &calendar));
        }
        if let Some(customers) = &ingested.frames.customers {
            rows.extend(days::birthdays(customers, &self.settings, &calendar));
            rows.extend(days::privileges(customers, &of.seen, &self.settings, &calendar));
        }
        let title = |row: &Row| {
            let product = row.product.and_then(|number| ingested.orders.items.products.get(number as usize));
            product.map(|product| product.title.clone()).unwrap_or_default()
        };
        let mut rows: Vec<(String, Row, String)> = rows
            .into_iter()
            .map(|row| (ingested.orders.customers.text(row.customer), title(&row), row))
            .map(|(id, title, row)| (id, row, title))
            .collect();
        rows.sort_by(|a, b| (&a.0, &a.1.order_id, &a.2).cmp(&(&b.0, &b.1.order_id, &b.2)));
        List { rows, stale: of.stale }
    }
}

impl List {
    fn of(&self, task: Task) -> impl Iterator<Item = &(String, Row, String)> {
        self.rows.iter().filter(move |(_, row, _)| row.task == task)
    }

    /// The rows of a task: customer, day, order.
    pub fn rows(&self, task: Task) -> Vec<String> {
        let text = |(id, row, _): &(String, Row, String)| {
            format!("{id} {} {}", row.due.on, row.order_id.as_deref().unwrap_or_default())
        };
        self.of(task).map(text).collect()
    }

    /// The same with the title of the product.
    pub fn with_products(&self, task: Task) -> Vec<String> {
        self.rows(task).iter().zip(self.of(task)).map(|(row, (.., title))| format!("{row} {title}")).collect()
    }

    fn one(&self, task: Task, customer: &str) -> &Row {
        &self.of(task).find(|(id, ..)| id == customer).expect("a row").1
    }

    /// The keys and values of the reasons of a customer's task.
    pub fn reason(&self, task: Task, customer: &str) -> String {
        let reasons = self.one(task, customer).reasons.iter().map(|reason| {
            let values = reason.values.iter().map(|(name, value)| format!(" {name}={value}"));
            format!("{}{}", reason.code, values.collect::<String>())
        });
        reasons.collect::<Vec<_>>().join("; ")
    }

    /// The days of a customer's task.
    pub fn days(&self, task: Task, customer: &str) -> i32 {
        self.one(task, customer).days
    }
}
