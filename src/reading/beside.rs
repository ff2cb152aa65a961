//! Files that complete the orders of others: items and payments, and which of them a question needs.

use crate::error::{Error, Result};
use crate::merge;
use crate::parse::either::{may_also_be, says_items_alone};
use crate::parse::layout::Layout;
use crate::parse::orders::FileTraits;
use crate::parse::preset::Preset;
use crate::parse::{Parsed, SourceInfo};
use crate::reading::Reading;
use crate::schema::{Field, Table};
use crate::store::Stored;

/// A recognised file.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// What it was recognised as.
    pub layout: &'a Layout,
    /// Its name.
    pub name: &'a str,
    /// Whether it can also be read as its second table.
    pub is_open: bool,
    /// Whether it could be, if an earlier version had not stored it as one of the two tables only.
    pub is_kept_alone: bool,
}

impl<'a> Candidate<'a> {
    /// A parsed file.
    pub fn of_file(file: &'a Parsed) -> Self {
        let SourceInfo { layout, name, .. } = &file.info;
        Self { layout, name, is_open: file.other.is_some(), is_kept_alone: false }
    }

    /// A file of a store.
    pub fn of_store(file: Stored<'a>) -> Self {
        let SourceInfo { layout, name, .. } = file.info;
        let is_kept_alone = file.is_old && may_also_be(layout).is_some();
        Self { layout, name, is_open: file.has_twin, is_kept_alone }
    }

    fn table(&self) -> Table {
        self.layout.preset.table
    }

    /// Whether it is read as items if orders are beside it, and as orders otherwise.
    fn may_be_items(&self) -> bool {
        self.is_open && self.table() == Table::Orders
    }
}

/// Decides which files are read as their second table, now that all files are known:
///
/// 1. items of a platform's orders, if the file of these orders is beside them;
/// 2. rows that say when and what, but neither who nor for how much, are items if another file lists orders;
/// 3. items with days are orders if no file lists orders.
///
/// The order of the files does not matter.
pub(super) fn read_otherwise(files: &[Candidate<'_>]) -> Vec<bool> {
    let has = |preset: &str| files.iter().any(|file| file.layout.preset.name == preset);
    let is_of_platform =
        |file: &Candidate<'_>| file.may_be_items() && file.layout.preset.items_of.as_deref().is_some_and(has);
    let mut others: Vec<bool> = files.iter().map(is_of_platform).collect();
    let lists_orders = files
        .iter()
        .zip(&others)
        .any(|(file, is_other)| file.table() == Table::Orders && !is_other && !says_items_alone(file.layout));
    for (file, is_other) in files.iter().zip(&mut others) {
        *is_other |= lists_orders && file.may_be_items() && says_items_alone(file.layout);
    }
    let has_orders =
        files.iter().zip(&others).any(|(file, is_other)| file.table() == Table::Orders && !is_other);
    for (file, is_other) in files.iter().zip(&mut others) {
        *is_other |= !has_orders && file.is_open && file.table() == Table::OrderItems;
    }
    others
}

/// The files that an earlier version stored as orders but that are items of other orders here.
pub(super) fn kept_as_orders<'a>(files: &[Candidate<'a>]) -> Vec<&'a str> {
    if files.iter().all(|file| !file.is_kept_alone) {
        return Vec::new();
    }
    let opened = files.iter().map(|file| Candidate { is_open: file.is_open || file.is_kept_alone, ..*file });
    let others = read_otherwise(&opened.collect::<Vec<_>>());
    let files = files.iter().zip(others).filter(|(file, is_other)| *is_other && file.is_kept_alone);
    files.filter(|(file, _)| file.table() == Table::Orders).map(|(file, _)| file.name).collect()
}

/// What only files of items say about the orders, so that these files are read even if the question needs no items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OnItems {
    /// Amounts or refunds of orders.
    pub orders: bool,
    /// Costs of goods, which only some questions need.
    pub costs: bool,
}

impl Reading<'_> {
    /// Whether amounts, refunds or costs of orders are only in files of items that the question did not ask for.
    pub(super) fn needs_items(&self) -> bool {
        let OnItems { orders, costs } = self.on_items();
        !self.options.wants.items && (orders || (self.options.wants.costs && costs))
    }

    /// What only files of items say about the orders.
    pub(super) fn on_items(&self) -> OnItems {
        let are_items =
            |source: &SourceInfo| source.table() == Table::OrderItems && source.layout.says_amounts();
        let is_said = |field: Field| {
            let mut sources = self.done.sources.iter();
            sources.any(|source| source.table() == Table::OrderItems && source.layout.has(field))
        };
        let misses_refunds = merge::takes_refunds_of_items(&self.files) && is_said(Field::RefundAmount);
        let misses_amounts = self.files.iter().any(|file| file.lacks_amounts)
            && !self.files.iter().any(|file| file.is_part || self.may_be_payments(file))
            && self.done.sources.iter().any(are_items);
        let costs = merge::may_take_costs_of_items(&self.files) && is_said(Field::Cost);
        OnItems { orders: misses_amounts || misses_refunds, costs }
    }

    /// Whether a file of orders names neither buyers nor items, as payments for another file's orders do.
    pub(super) fn may_be_payments(&self, file: &FileTraits) -> bool {
        let names_items = |source: &SourceInfo| {
            let layout = &source.layout;
            source.name == file.name && (layout.has(Field::ProductId) || layout.has(Field::Title))
        };
        let has_amounts = file.is_guessed && file.has_order_id && !file.lacks_amounts;
        has_amounts && !file.has_customer && !self.done.sources.iter().any(names_items)
    }

    /// Refuses files that give answers only together with others, if these are missing.
    pub(super) fn check_needs(&self) -> Result<()> {
        let sources = &self.done.sources;
        let has = |name: &String| sources.iter().any(|source| &source.layout.preset.name == name);
        for source in sources {
            let missing: Vec<&String> = source.layout.preset.needs.iter().filter(|need| !has(need)).collect();
            if !missing.is_empty() {
                let titles =
                    missing.iter().map(|name| Preset::named(name).map(|preset| preset.title.en.clone()));
                let titles = titles.collect::<Result<Vec<String>>>()?.join("; ");
                return Err(Error::input_of(source.name.clone(), "needs_beside", &[("titles", titles)]));
            }
        }
        Ok(())
    }

    /// Finds payments: files with amounts and without buyers beside orders without amounts. Their rows are added up.
    pub(super) fn find_payments(&mut self) {
        let is_listed = |file: &FileTraits| file.lacks_amounts && file.has_order_id;
        if !self.files.iter().any(is_listed) {
            return;
        }
        let are_payments: Vec<bool> = self.files.iter().map(|file| self.may_be_payments(file)).collect();
        for (file, _) in self.files.iter_mut().zip(are_payments).filter(|(_, are_payments)| *are_payments) {
            (file.is_part, file.has_order_amount) = (true, false);
        }
    }

    /// Refuses payments without a file of their orders.
    pub(super) fn check_payments(&self) -> Result<()> {
        let is_orders = |source: &&SourceInfo| source.table() == Table::Orders;
        let mut orders = self.done.sources.iter().filter(is_orders);
        let Some(first) = orders.next().filter(|first| first.layout.preset.is_part) else { return Ok(()) };
        if orders.any(|source| !source.layout.preset.is_part) {
            return Ok(());
        }
        Err(Error::input_of(first.name.clone(), "payments_alone", &[]))
    }

    /// Sorts files so that those without amounts come first and those with parts of orders last, in whatever order they
    /// were named.
    pub(super) fn parts_last(&mut self) {
        let mut order: Vec<usize> = (0..self.files.len()).collect();
        // A file without amounts must not replace one with amounts.
        order.sort_by_key(|&file| (self.files[file].is_part, !self.files[file].lacks_amounts));
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, &file)| places[file] = place);
        self.files = order.iter().map(|&file| self.files[file].clone()).collect();
        self.blocks.iter_mut().for_each(|block| block.file = places[block.file]);
        self.blocks.sort_by_key(|block| block.file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::options::ReadOptions;
    use crate::parse::recognise;
    use crate::parse::source::Input;

    /// Which of these files are read otherwise, by their headers and a row.
    fn otherwise(files: &[&str]) -> Vec<bool> {
        let layouts: Vec<Layout> = files
            .iter()
            .map(|text| {
                let input = Input::bytes("file.csv", text.as_bytes().to_vec());
                recognise(&input, &ReadOptions::default()).expect("a file that is recognised").layout
            })
            .collect();
        let candidates = layouts.iter().map(|layout| Candidate {
            layout,
            name: "file.csv",
            is_open: true,
            is_kept_alone: false,
        });
        read_otherwise(&candidates.collect::<Vec<_>>())
    }

    const ORDERS: &str = "order_id,customer_id,paid_at,paid_amount\n1,ann,2026-01-01,5\n";
    const ITEMS: &str = "order_id,product_id,quantity,price\n1,tea,1,5\n";
    const LINES: &str = "order_id,order_date,sku,customer_id\n1,2026-01-01,tea,ann\n";

    #[test]
    fn items_are_orders_where_no_file_lists_those() {
        assert_eq!(otherwise(&[ITEMS]), [true]);
        assert_eq!(otherwise(&[ITEMS, ORDERS]), [false, false]);
        assert_eq!(otherwise(&[ITEMS, ITEMS]), [true, true]);
        // Lines with days are orders where nothing else is, whatever stands beside them.
        assert_eq!(otherwise(&[ITEMS, LINES]), [false, false]);
    }

    #[test]
    fn lines_are_items_where_a_file_lists_their_orders_whatever_the_order_of_the_files() {
        assert_eq!(otherwise(&[LINES]), [false]);
        assert_eq!(otherwise(&[LINES, LINES]), [false, false]);
        assert_eq!(otherwise(&[LINES, ORDERS]), [true, false]);
        assert_eq!(otherwise(&[ORDERS, LINES, LINES]), [false, true, true]);
    }

    #[test]
    fn items_of_a_platform_are_those_of_its_orders_alone() {
        let head = |path: &str| std::fs::read_to_string(path).expect("a fixture");
        let [items, orders] = ["items", "orders"].map(|name| head(&format!("fixtures/etsy/{name}.csv")));
        assert_eq!(otherwise(&[&items]), [false]);
        assert_eq!(otherwise(&[&items, &orders]), [true, false]);
        assert_eq!(otherwise(&[&items, ORDERS]), [false, false]);
    }
}
