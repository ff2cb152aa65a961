//! Platforms' layouts, and that the layout makes no difference.

use std::collections::BTreeMap;

use ecrm::schema::accounting::Rule;

use super::common::{buyers, run, stdout};

#[test]
fn taobao_layouts_read_alike() {
    for file in ["orders_2016_gbk.csv", "orders_2020_utf8_bom.csv"] {
        let (found, accounting) = buyers(&[&format!("fixtures/taobao/{file}")]);
        // 茶客甲: 100.00 and 60.00 of which 20.00 went back; the paid column says 40.00.
        assert_eq!(found["茶客甲"], (140_000_000, 2), "{file}");
        assert_eq!(found["茶客乙"], (55_500_000, 1), "{file}");
        assert_eq!(found.len(), 2, "{file}");
        let excluded: Vec<_> = accounting.excluded.iter().collect();
        assert_eq!(excluded, [(Rule::Unpaid, 1), (Rule::ClosedUnpaid, 1), (Rule::Refunded, 1)], "{file}");
    }
}

#[test]
fn invoice_lines_with_credit_notes() {
    let (found, accounting) = buyers(&["fixtures/invoice_lines/invoices.csv"]);
    // 6 × 2.55 + 2 × 3.39 + 1.85 + 1.85, less the credit note of 5.50.
    assert_eq!(found["17850"], (20_280_000, 2));
    // 32 × 1.69; the gift at 0.00 is no order.
    assert_eq!(found["13047"], (54_080_000, 1));
    assert_eq!(found.len(), 2);
    let excluded: Vec<_> = accounting.excluded.iter().collect();
    assert_eq!(excluded, [(Rule::NoCustomer, 1), (Rule::ZeroAmount, 1), (Rule::NoValidOrder, 1)]);
    assert_eq!((accounting.rows_read, accounting.rows_used), (9, 6));
}

#[test]
fn one_shop_in_every_layout_gives_the_same_bytes() {
    let (taobao, shopify) = ("taobao_orders_gbk.csv", "shopify_orders.csv");
    // The list shows what the other answers are worked out from: each of those is asked of one further layout.
    for (command, layouts) in [
        (&["segment", "--list"][..], &[taobao, shopify][..]),
        (&["segment"], &[taobao]),
        (&["rfm"], &[taobao]),
        (&["rfm", "--summary"], &[shopify]),
    ] {
        let answer = |layout: &str| {
            let path = format!("fixtures/shop/{layout}");
            stdout(&[command, &[path.as_str(), "--format", "csv", "-q"][..]].concat())
        };
        let expected = answer("orders.csv");
        assert!(expected.lines().count() > 5);
        for layout in layouts {
            assert_eq!(expected, answer(layout), "{command:?} {layout}");
        }
    }
}

#[test]
fn of_overlapping_exports_the_later_wins() {
    let (may, june) = ("fixtures/edges/overlap_may.csv", "fixtures/edges/overlap_june.csv");
    let (found, accounting) = buyers(&[may, june]);
    // Order 2 is in both: 20.00 in May, 5.00 of it given back in June. Order 3 was paid in June.
    assert_eq!(found["a"], (50_000_000, 2));
    assert_eq!(found["b"], (15_000_000, 1));
    assert_eq!(found["c"], (30_000_000, 1));
    assert_eq!(accounting.excluded.iter().collect::<Vec<_>>(), [(Rule::Superseded, 2)]);
    assert_eq!(accounting.rows_read, 6);
    let (reversed, _) = buyers(&[june, may]);
    assert_eq!(reversed["b"], (20_000_000, 1));
}

/// Few shared orders are put together apart from the others, many with all of them.
#[test]
fn of_overlapping_exports_the_later_wins_however_many_orders_they_share() {
    const ORDERS: u32 = 400;
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, rows: &[(u32, i64, &str)]| {
        let row = |(order, amount, status): &(u32, i64, &str)| {
            let (customer, day) = (order * 7 % 90, order % 28 + 1);
            format!("o{order},c{customer},2026-05-{day:02},{amount},{status}\n")
        };
        let text: String = rows.iter().map(row).collect();
        let file = folder.path().join(name);
        std::fs::write(&file, format!("order_id,customer_id,order_date,amount,status\n{text}")).unwrap();
        file.to_str().unwrap().to_owned()
    };
    for every in [40, 2] {
        let earlier: Vec<(u32, i64, &str)> =
            (0..ORDERS).map(|i| (i, i64::from(i % 50 + 1), "paid")).collect();
        let changed = (0..ORDERS).filter(|i| i % every == 0);
        let later: Vec<(u32, i64, &str)> = changed
            .map(|i| (i, i64::from(i % 50 + 3), if i % 3 == 0 { "refunded" } else { "paid" }))
            .chain([(ORDERS, 9, "paid")])
            .collect();
        let mut of_order: BTreeMap<u32, (i64, &str)> = BTreeMap::new();
        for (order, amount, status) in earlier.iter().chain(&later) {
            of_order.insert(*order, (*amount, *status));
        }
        let mut expected: BTreeMap<String, (i64, u32)> = BTreeMap::new();
        for (order, (amount, _)) in of_order.iter().filter(|(_, (_, status))| *status == "paid") {
            let of = expected.entry(format!("c{}", order * 7 % 90)).or_default();
            *of = (of.0 + amount * 1_000_000, of.1 + 1);
        }
        let (found, accounting) = buyers(&[&written("earlier.csv", &earlier), &written("later.csv", &later)]);
        assert_eq!(found, expected, "every {every}");
        let shared = u64::from(ORDERS / every);
        assert_eq!(accounting.excluded.of(Rule::Superseded), shared);
        assert_eq!(accounting.rows_read, u64::from(ORDERS) + shared + 1);
    }
}

#[test]
fn tables_that_are_not_orders_may_be_named_too() {
    let all = ["orders", "customers", "events", "sends", "order_items"]
        .map(|name| format!("fixtures/shop/{name}.csv"));
    let mut args = vec!["segment", "--format", "csv", "-q"];
    args.extend(all.iter().map(String::as_str));
    assert_eq!(stdout(&args), stdout(&["segment", "--format", "csv", "-q", &all[0]]));
}

/// A platform that ecrm does not know takes one TOML and no Rust.
#[test]
fn a_preset_of_ones_own_reads_a_platform_of_ones_own() {
    let args = ["fixtures/own_platform/tickets.csv", "--preset", "fixtures/own_platform/tea_market.toml"];
    let rfm = stdout(&[&["rfm"], &args[..], &["--format", "csv", "-q"]].concat());
    let rows: Vec<Vec<&str>> = rfm.lines().skip(1).map(|line| line.split(',').take(5).collect()).collect();
    // ann: 12.50 + 20.00 - 5.00; bob's ticket 3 was spilt. 7 April is the last day.
    assert_eq!(rows, [["ann", "2026-04-05", "2", "2", "27.50"], ["bob", "2026-04-07", "0", "1", "8.00"]]);
    let regions = stdout(&[&["region"], &args[..], &["--format", "csv", "-q"]].concat());
    assert!(regions.contains("中国,浙江,2,1,27.50"), "{regions}");
    let check = stdout(&[&["check"], &args[..], &["--format", "table", "--lang", "zh"]].concat());
    assert!(check.contains("按要求读作 茶市订单导出"), "{check}");
}

#[test]
fn a_log_without_a_header_is_read_by_column_numbers() {
    let statuses = |how: &[&str]| {
        let args = [&["check", "fixtures/quirks/headerless_log.csv"], how].concat();
        let output = run(&[&args[..], &["--format", "csv", "--table", "statuses", "-q"]].concat());
        String::from_utf8(output.stdout).unwrap()
    };
    let preset = statuses(&["--preset", "taobao_user_behavior"]);
    let columns = ["customer_id=1", "product_id=2", "kind=4", "occurred_at=5"];
    let maps: Vec<&str> = columns.iter().flat_map(|column| ["--map", column]).collect();
    let by_number = statuses(&[&["--no-header"], &maps[..]].concat());
    assert!(preset.lines().count() > 3);
    assert_eq!(preset, by_number);
}
