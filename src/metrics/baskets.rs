//! The items in each order of a customer.

use super::histories::{Document, History, Values};
use crate::schema::items::Line;
use crate::schema::money::{MISSING, Micros, UNIT, can_be};
use crate::schema::{Day, Items};

/// The orders of one customer, by time, with the items in each.
#[derive(Debug, Default)]
pub struct Baskets {
    /// For each order, its day and the index of its first item in `items`.
    orders: Vec<(Day, usize)>,
    items: Vec<Item>,
    /// Whether the first of these orders is the customer's first order of all. It may be a later one, since orders
    /// without items are left out.
    begins: bool,
}

/// A product in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// Number of the product in [`Items::products`].
    pub product: u32,
    /// Number of pieces, in millionths; [`MISSING`] if unknown.
    pub quantity: Micros,
    /// What was paid for these pieces; [`MISSING`] if unknown.
    pub amount: Micros,
}

impl Baskets {
    /// Replaces the content by the orders of a history. Orders without known items are left out, and so are orders of
    /// which no item was kept.
    pub fn fill(&mut self, items: &Items, columns: &dyn Values, history: &History<'_>) {
        self.orders.clear();
        self.items.clear();
        // Orders come sorted by time. Those of the same moment and amount are sorted by their items, so that the result
        // does not depend on the file's row order.
        let are_one = |a: &Document, b: &Document| {
            (a.day, a.paid) == (b.day, b.paid) && columns.second(a) == columns.second(b)
        };
        self.begins = true;
        if !history.orders().zip(history.orders().skip(1)).any(|(a, b)| are_one(a, b)) {
            return self.add_all(items, columns, history.orders());
        }
        let mut documents: Vec<&Document> = history.orders().collect();
        for same in documents.chunk_by_mut(|a, b| are_one(a, b)).filter(|same| same.len() > 1) {
            same.sort_by_cached_key(|order| {
                let lines = items.lines(columns.lines(order));
                lines.iter().map(|line| (line.product, line.amount, line.quantity)).collect::<Vec<_>>()
            });
        }
        self.add_all(items, columns, documents.into_iter());
    }

    fn add_all<'a>(
        &mut self,
        items: &Items,
        columns: &dyn Values,
        documents: impl Iterator<Item = &'a Document>,
    ) {
        for (i, order) in documents.enumerate() {
            let start = self.items.len();
            self.add(items.lines(columns.lines(order)), order);
            self.begins &= i > 0 || self.items.len() > start;
            if self.items.len() > start {
                self.orders.push((order.day, start));
            }
        }
    }

    /// Replaces the content by the items of one order, and returns them: each product once, by number.
    pub fn one(&mut self, lines: &[Line], order: &Document) -> &[Item] {
        self.orders.clear();
        self.items.clear();
        self.add(lines, order);
        &self.items
    }

    /// The items of the customer's first order; `None` if they are unknown or none was kept.
    pub fn first(&self) -> Option<&[Item]> {
        self.iter().next().filter(|_| self.begins).map(|(_, items)| items)
    }

    /// The orders by time, each with its day and its items: each product once, by number.
    pub fn iter(&self) -> impl Iterator<Item = (Day, &[Item])> {
        let ends = self.orders.iter().skip(1).map(|(_, start)| *start).chain([self.items.len()]);
        self.orders.iter().zip(ends).map(|((day, start), end)| (*day, &self.items[*start..end]))
    }

    fn add(&mut self, lines: &[Line], order: &Document) {
        let start = self.items.len();
        for line in lines.iter().filter(|line| line.is_kept()) {
            let amount = match line.amount {
                // If an order has one item, the amount of the order is that of the item.
                MISSING if lines.len() == 1 => order.paid,
                amount => amount,
            };
            self.items.push(Item { product: line.product, quantity: line.quantity, amount });
        }
        let own = &mut self.items[start..];
        own.sort_unstable();
        let mut kept = 0;
        for i in 0..own.len() {
            if kept > 0 && own[kept - 1].product == own[i].product {
                own[kept - 1].quantity = sum(own[kept - 1].quantity, own[i].quantity);
                own[kept - 1].amount = sum(own[kept - 1].amount, own[i].amount);
            } else {
                own[kept] = own[i];
                kept += 1;
            }
        }
        self.items.truncate(start + kept);
    }
}

/// The sum of two quantities or amounts. It is [`MISSING`] if one of them is, or if the sum is beyond what cells can
/// hold.
fn sum(a: Micros, b: Micros) -> Micros {
    let (Some(a), Some(b)) = (a.known(), b.known()) else { return MISSING };
    a.checked_add(b).filter(|sum| can_be(*sum)).unwrap_or(MISSING)
}

/// The categories of products: the names of all categories, and for each product the number of its category, if it has
/// one.
#[derive(Debug, Clone, Default)]
pub struct Categories {
    /// The names by number, in alphabetical order.
    pub names: Vec<String>,
    of_product: Vec<Option<u32>>,
}

impl Categories {
    /// The categories of all products in `items`.
    pub fn of(items: &Items) -> Self {
        let mut names: Vec<String> = items.products.iter().map(|product| product.category.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names.retain(|name| !name.is_empty());
        let of_product = items
            .products
            .iter()
            .map(|product| names.binary_search(&product.category).ok().map(|number| number as u32));
        Self { of_product: of_product.collect(), names }
    }

    /// The number of a product's category; `None` if it has none.
    pub fn number(&self, product: u32) -> Option<u32> {
        self.of_product.get(product as usize).copied().flatten()
    }

    /// The distinct numbers of the items' categories, ascending; items without a category are left out.
    pub fn distinct(&self, items: &[Item]) -> Vec<u32> {
        let mut numbers: Vec<u32> = items.iter().filter_map(|item| self.number(item.product)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

/// The number of pieces, with fractions, from a quantity in millionths.
pub fn pieces(quantity: i128) -> f64 {
    quantity as f64 / UNIT as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_stays_unknown_with_something_added() {
        let [one, two, three] = [1, 2, 3].map(Micros::new);
        assert_eq!(sum(one, two), three);
        assert_eq!([sum(MISSING, two), sum(two, MISSING)], [MISSING; 2]);
        assert_eq!(pieces(2_500_000), 2.5);
    }

    /// Products 3 and 5 have two rows each; 8 cost nothing and 9 was given back.
    #[test]
    fn each_product_is_once_in_an_order() {
        let of = Micros::new;
        let line = |product, quantity, amount| Line {
            product,
            quantity: of(quantity),
            amount,
            is_lost: false,
            is_last: false,
        };
        let item = |product, quantity, amount| Item { product, quantity: of(quantity), amount };
        let order = Document { row: 0, day: Day::new(7), net: of(90), paid: of(100), is_order: true };
        let mut baskets = Baskets::default();
        let lost = Line { is_lost: true, ..line(9, 1, of(1)) };
        let lines = [
            line(5, 1, of(10)),
            line(2, 1, of(20)),
            line(5, 2, of(30)),
            line(3, 1, MISSING),
            line(3, 1, of(5)),
            lost,
            line(8, 1, Micros::ZERO),
        ];
        let expected = [item(2, 1, of(20)), item(3, 2, MISSING), item(5, 3, of(40))];
        assert_eq!(baskets.one(&lines, &order), expected);
        // The amount of an order's only row is that of the order; with two rows it is unknown which cost how much.
        assert_eq!(baskets.one(&[line(4, 1, MISSING)], &order), [item(4, 1, of(100))]);
        assert_eq!(baskets.one(&[line(4, 1, MISSING), lost], &order), [item(4, 1, MISSING)]);
        assert_eq!(baskets.one(&[lost], &order), []);
    }
}
