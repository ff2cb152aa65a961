//! The same shop in the layout of every platform gives the same answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::common::stdout;
use layouts::{Export, Identity, Table, canonical, taobao};
use shop::Size;

#[allow(dead_code, reason = "shared with the example, which writes more than orders")]
#[path = "../../examples/generate_shop/layouts/mod.rs"]
mod layouts;
#[allow(dead_code, reason = "shared with the example, which writes more than orders")]
#[path = "../../examples/generate_shop/shop.rs"]
mod shop;

/// What buyers are needed for.
const OF_BUYERS: [&[&str]; 4] = [&["segment"], &["segment", "--list"], &["rfm"], &["rfm", "--summary"]];
const BY_PROVINCE: &[&str] = &["region"];
const BY_CITY: &[&str] = &["region", "--level", "city"];

/// Part of what is compared where buyers have no name.
const WITHOUT_BUYERS: &[&str] = &["province", "city", "order_count", "net_amount"];

#[test]
fn every_layout_gives_the_same_answers() {
    assert_alike(shop(false), |_| true);
}

#[test]
fn part_refunds_too_where_a_layout_can_say_them() {
    assert_alike(shop(true), |export| export.has_partial_refunds);
}

#[test]
fn an_item_report_beside_its_orders_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [orders, items] =
        [taobao::ORDERS_2019, taobao::ITEMS].map(|export| write(&export, shop(true), folder.path()));
    let args = ["segment", "--format", "csv", "-q", text(&orders)];
    assert_eq!(stdout(&args), stdout(&[&args[..], &[text(&items)]].concat()));
}

fn shop(has_partial_refunds: bool) -> Size {
    Size { orders: 300, seed: 20260630, has_partial_refunds }
}

fn assert_alike(size: Size, is_wanted: impl Fn(&Export) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let by_id = Answers::to(&write(&canonical::ORDERS, size, folder.path()));
    let by_phone = Answers::to(&write(&canonical::ORDERS_BY_PHONE, size, folder.path()));
    let exports = layouts::all();
    let orders = exports.iter().filter(|export| export.table == Table::Orders && is_wanted(export));
    let mut compared = 0;
    for export in orders {
        let expected = if export.identity == Identity::Phone { &by_phone } else { &by_id };
        expected.assert_equal(export, &write(export, size, folder.path()));
        compared += 1;
    }
    assert!(compared > 10);
}

/// What ecrm says of a file that tells everything.
struct Answers {
    of_buyers: [String; OF_BUYERS.len()],
    by_province: String,
    by_city: String,
}

impl Answers {
    fn to(path: &Path) -> Self {
        let answers = Self {
            of_buyers: OF_BUYERS.map(|command| answer(command, path)),
            by_province: answer(BY_PROVINCE, path),
            by_city: answer(BY_CITY, path),
        };
        assert!(answers.by_city.lines().count() > 5, "{}", answers.by_city);
        answers
    }

    /// That the same is said of a file, as far as its layout goes.
    fn assert_equal(&self, export: &Export, path: &Path) {
        let name = export.name;
        let has_buyers = export.identity != Identity::None;
        if has_buyers {
            for (command, expected) in OF_BUYERS.iter().zip(&self.of_buyers) {
                assert_same(expected, &answer(command, path), &format!("{name}: {command:?}"));
            }
        }
        let by_province = answer(BY_PROVINCE, path);
        match (export.has_region, has_buyers) {
            (true, true) => assert_same(&self.by_province, &by_province, name),
            (true, false) => assert_eq!(orders_only(&self.by_province), orders_only(&by_province), "{name}"),
            (false, _) => assert_eq!(totals(&self.by_province), totals(&by_province), "{name}"),
        }
        if export.has_city {
            assert_eq!(orders_only(&self.by_city), orders_only(&answer(BY_CITY, path)), "{name}");
        }
    }
}

/// The answer to a command as of a day that no layout decides: some leave the orders out that nobody has paid for.
fn answer(command: &[&str], path: &Path) -> String {
    stdout(&[command, &["--format", "csv", "-q", "--as-of", "2026-06-30", text(path)]].concat())
}

fn write(export: &Export, size: Size, folder: &Path) -> PathBuf {
    let path = folder.join(export.name);
    export.write(size, &path).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Equal bytes, or the first line that differs.
fn assert_same(expected: &str, found: &str, what: &str) {
    let differing = expected.lines().zip(found.lines()).find(|(expected, found)| expected != found);
    assert_eq!(differing, None, "{what}");
    assert!(expected == found, "{what}: {} lines, then {}", expected.lines().count(), found.lines().count());
}

/// The columns that need no buyers, with the rows in an order that does not need them either.
fn orders_only(csv: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = records(csv)
        .iter()
        .map(|record| WITHOUT_BUYERS.iter().filter_map(|name| record.get(*name).cloned()).collect())
        .collect();
    rows.sort();
    rows
}

/// Orders, and cents of net amount, of all regions.
fn totals(csv: &str) -> (u64, i64) {
    let records = records(csv);
    let orders = records.iter().map(|record| record["order_count"].parse::<u64>().unwrap()).sum();
    let cents = |record: &BTreeMap<String, String>| record["net_amount"].parse::<f64>().unwrap() * 100.0;
    (orders, records.iter().map(|record| cents(record).round() as i64).sum())
}

fn records(csv: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(csv.as_bytes()).deserialize().map(Result::unwrap).collect()
}
