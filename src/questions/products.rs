//! Which products are bought together, and which after one another.

use serde_json::{Map, json};

use super::{About, Answer, Asked, Question};
use crate::answer::{Chart, Kind, Spec, Table};
use crate::error::Result;
use crate::limits::MAX_BASKET;
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::metrics::histories::Histories;
use crate::metrics::products::{self as metric, products};
use crate::parse::customer_hint;
use crate::reading::Ingested;
use crate::schema::accounting::Accounting;
use crate::schema::{self, Items, Orders, RowParts, Wants, names, ranges};

/// Products, and pairs of products.
#[derive(Debug)]
pub struct Products {
    /// The least number of orders that a listed pair occurs in; `None` derives it from the number of orders.
    pub min_count: Option<u64>,
}

impl Products {
    /// The tables, the main one first.
    pub const TABLES: [&str; 3] = ["products", "together", "next"];
}

impl Question for Products {
    const ABOUT: About = About {
        needs_people: false,
        needs_items: true,
        ..About::of_buyers("products").writing(&Self::TABLES)
    };

    fn wants(&self) -> Wants {
        let tables = vec![schema::Table::OrderItems];
        Wants { items: true, baskets: true, details: true, tables, ..Wants::default() }
    }

    fn takes_orders_as_they_came(&self, _: &Ingested<RowParts>) -> bool {
        true
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { read, came, scope, shows, .. } = asked;
        let for_pairs = Self::TABLES[1..].iter().any(|table| shows(table));
        let (found, has_buyers, items) = match came {
            Some(orders) => found(orders, &scope, for_pairs, read.accounting)?,
            None => found(read.orders, &scope, for_pairs, read.accounting)?,
        };
        let items = &items;
        let least = self.min_count.unwrap_or_else(|| found.usual_least());
        // Pairs take longer than everything else, so each table of them is made only if it is written.
        let mut tables = vec![Table::new("products", "products", product_columns(), found.summary(items)?)];
        for name in Self::TABLES[1..].iter().filter(|name| shows(name)) {
            let frame = match *name {
                "together" => found.together_frame(items, least)?,
                _ => found.next_frame(items, least)?,
            };
            let chart = Chart::Bars {
                label: &[names::TITLE, names::OTHER_TITLE],
                value: names::ORDER_COUNT,
                beside: Some(names::LIFT),
            };
            tables.push(Table::new(name, "pairs", pair_columns(), frame).with_chart(chart));
        }
        let is_empty = found.basket_count() == 0 && found.order_count > 0;
        let mut notes: Vec<Remark> = is_empty.then(|| Remark::new("no_items")).into_iter().collect();
        let wide = found.wide_count();
        if wide > 0 {
            notes.push(Remark::new("wide_baskets").with("n", wide).with("most", MAX_BASKET));
        }
        if found.order_count > 0 && !has_buyers {
            notes.push(Remark::new("together_only").with("hint", customer_hint(&read.sources)));
        }
        Ok(Answer {
            tables,
            parameters: Map::from_iter([("min_count".to_owned(), json!(least))]),
            notes,
            as_of: scope.known_day(),
            window: scope.window,
            customer_count: found.customer_count,
            order_count: found.order_count,
            accounting: found.accounting,
            ..Answer::default()
        })
    }
}

/// The products in the orders, whether the orders have buyers, and the items. The memory of the other columns is freed
/// for the tables.
fn found<P>(
    orders: Orders<P>,
    scope: &Scope,
    for_pairs: bool,
    accounting: Accounting,
) -> Result<(metric::Products, bool, Items)>
where
    Orders<P>: Histories,
{
    Ok((products(&orders, scope, for_pairs, accounting)?, orders.has_buyers(), orders.items))
}

fn product_columns() -> Vec<Spec> {
    let mut columns = vec![
        Spec::new(names::PRODUCT_ID, Kind::Named, 1),
        Spec::new(names::TITLE, Kind::Title, 0),
        Spec::new(names::CATEGORY, Kind::Named, 9),
        Spec::new(names::ORDER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 4),
        Spec::new(names::QUANTITY, Kind::Number, 8),
        Spec::new(names::AMOUNT, Kind::Amount, 2),
        Spec::new(names::REPEAT_CUSTOMER_COUNT, Kind::Count, 5),
        Spec::new(names::GAP_COUNT, Kind::Count, 10),
        Spec::new(names::CYCLE_DAYS, Kind::Days, 3),
        Spec::new(names::ENTRY_CUSTOMER_COUNT, Kind::Count, 6),
        Spec::new(names::LOYAL_COUNT, Kind::Count, 11),
    ];
    columns.extend(Spec::ranged(ranges::LOYAL_RATE, Kind::Share, 7));
    columns.push(Spec::new(names::LOYAL_INDEX, Kind::Number, 12));
    columns
}

fn pair_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::PRODUCT_ID, Kind::Named, 5),
        Spec::new(names::TITLE, Kind::Title, 0),
        Spec::new(names::OTHER_PRODUCT_ID, Kind::Named, 5),
        Spec::new(names::OTHER_TITLE, Kind::Title, 0),
        Spec::new(names::ORDER_COUNT, Kind::Count, 0),
        Spec::new(names::PRODUCT_ORDER_COUNT, Kind::Count, 7),
        Spec::new(names::OTHER_ORDER_COUNT, Kind::Count, 7),
        Spec::new(names::BASKET_COUNT, Kind::Count, 8),
        Spec::new(names::SUPPORT, Kind::Share, 2),
        Spec::new(names::CONFIDENCE, Kind::Share, 1),
        Spec::new(names::LIFT, Kind::Number, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 3),
        Spec::new(names::P_VALUE, Kind::Chance, 4),
        Spec::new(names::IS_RELIABLE, Kind::Flag, 1),
    ]
}
