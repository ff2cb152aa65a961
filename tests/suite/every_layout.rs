//! The same shop in the layout of every platform gives the same answers.

use std::collections::{BTreeMap, BTreeSet};
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

/// Every customer with what the other questions of buyers are worked out from.
const LIST: &[&str] = &["segment", "--list"];
const BY_PROVINCE: &[&str] = &["region"];
const BY_CITY: &[&str] = &["region", "--level", "city"];
/// What buyers are needed for, beside the list.
const OF_BUYERS: [&[&str]; 3] = [&["segment"], &["rfm"], &["rfm", "--summary"]];
const COMMANDS: [&[&str]; 6] = [LIST, OF_BUYERS[0], OF_BUYERS[1], OF_BUYERS[2], BY_PROVINCE, BY_CITY];

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
    let (mut compared, mut asked) = (0, BTreeSet::new());
    for export in orders {
        let expected = if export.identity == Identity::Phone { &by_phone } else { &by_id };
        let path = write(export, size, folder.path());
        for command in questions(export, compared, size.has_partial_refunds) {
            expected.assert_equal(export, &path, command);
            asked.insert(command);
        }
        compared += 1;
    }
    assert!(compared > 10);
    assert_eq!(asked.len(), COMMANDS.len(), "{asked:?}");
}

/// What is asked of an export: the list of its customers, and the regions where a layout has cells of its own for them.
///
/// What a file holds and what is worked out from that do not depend on each other, and the other questions of buyers
/// are worked out from what the list shows. So each export answers one of them, in turn. Of the same cells in another
/// encoding or kind of file, and of a shop that differs in its refunds alone, regions come in turn as well.
fn questions(export: &Export, turn: usize, has_partial_refunds: bool) -> Vec<&'static [&'static str]> {
    let regions = if export.has_city { vec![BY_PROVINCE, BY_CITY] } else { vec![BY_PROVINCE] };
    if export.identity == Identity::None {
        return regions;
    }
    let has_cells_of_its_own = !export.name.starts_with("orders");
    if has_cells_of_its_own && !has_partial_refunds {
        let of_buyers = [LIST, OF_BUYERS[turn % OF_BUYERS.len()]];
        return of_buyers.into_iter().chain(regions).collect();
    }
    let others: Vec<&[&str]> = OF_BUYERS.into_iter().chain(regions).collect();
    vec![LIST, others[turn % others.len()]]
}

/// What ecrm says of a file that tells everything.
struct Answers(BTreeMap<&'static [&'static str], String>);

impl Answers {
    fn to(path: &Path) -> Self {
        let answers = Self(COMMANDS.into_iter().map(|command| (command, answer(command, path))).collect());
        let by_city = &answers.0[BY_CITY];
        assert!(by_city.lines().count() > 5, "{by_city}");
        answers
    }

    /// That the same is said of a file, as far as its layout goes.
    fn assert_equal(&self, export: &Export, path: &Path, command: &'static [&'static str]) {
        let what = format!("{}: {command:?}", export.name);
        let (expected, found) = (&self.0[command], answer(command, path));
        if command == BY_CITY {
            assert_eq!(orders_only(expected), orders_only(&found), "{what}");
        } else if command != BY_PROVINCE {
            assert_same(expected, &found, &what);
        } else {
            match (export.has_region, export.identity != Identity::None) {
                (true, true) => assert_same(expected, &found, &what),
                (true, false) => assert_eq!(orders_only(expected), orders_only(&found), "{what}"),
                (false, _) => assert_eq!(totals(expected), totals(&found), "{what}"),
            }
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
