//! Further platforms' own exports, with the sums worked out by hand from the rows of each fixture.

use std::collections::BTreeMap;

use ecrm::parse::source::Input;
use ecrm::parse::{ReadOptions, recognise};
use ecrm::schema::Table;
use ecrm::schema::accounting::{Accounting, Rule};

use super::common::{buyers, failure, stdout};

/// What a fixture gives: net amounts in hundredths and orders per customer, and the rows that are left out.
fn assert_buyers(file: &str, customers: &[(&str, i64, u32)], excluded: &[(Rule, u64)]) {
    let (found, accounting): (BTreeMap<String, (i64, u32)>, Accounting) = buyers(&[file]);
    assert!(accounting.is_balanced(), "{file}");
    let found: Vec<(&str, i64, u32)> =
        found.iter().map(|(id, (micros, orders))| (id.as_str(), micros / 10_000, *orders)).collect();
    assert_eq!(found, customers, "{file}");
    assert_eq!(accounting.excluded.iter().collect::<Vec<_>>(), excluded, "{file}");
    assert_eq!(accounting.quarantined_total(), 0, "{file}");
}

/// Orders and net amount of a fixture whose platform names nobody, and that what needs buyers is refused with this
/// hint.
fn assert_totals(file: &str, orders: &str, net: &str, hint: &str) {
    let overview = stdout(&["overview", file, "--format", "csv"]);
    let value = |metric: &str| {
        let line = overview.lines().find(|line| line.starts_with(metric));
        line.and_then(|line| line.split(',').nth(3)).unwrap_or_default().to_owned()
    };
    assert_eq!((value("orders,").as_str(), value("net_amount,").as_str()), (orders, net), "{file}");
    let (code, refusal) = failure(&["rfm", file]);
    assert_eq!(code, 1, "{file}");
    assert!(refusal.contains(hint), "{file}: {refusal}");
}

#[test]
fn etsy_orders_of_a_blank_status_are_paid_and_changed_ones_keep_what_is_left() {
    // teafan01: 24.50, and 24.50 left of 34.50. The guest: 15.00. potlover's went back.
    assert_buyers(
        "fixtures/etsy/orders.csv",
        &[("Guest Sample (guest9931)", 1500, 1), ("teafan01", 4900, 2)],
        &[(Rule::Refunded, 1)],
    );
}

#[test]
fn etsy_items_work_alone() {
    // 20.00; 25.00 − 2.50 + 5.00 − 0.50 = 27.00. What was never paid has no Date Paid.
    assert_buyers("fixtures/etsy/items.csv", &[("teafan01", 4700, 2)], &[(Rule::Unpaid, 1)]);
}

#[test]
fn etsy_items_beside_the_orders_are_what_these_held() {
    // The orders' totals count, in either order of the files: 24.50, and 24.50 left of 34.50.
    let (orders, items) = ("fixtures/etsy/orders.csv", "fixtures/etsy/items.csv");
    for files in [[orders, items], [items, orders]] {
        let scores = stdout(&["rfm", files[0], files[1], "--format", "csv"]);
        assert!(scores.contains("teafan01,2022-02-03,26,2,49.00,"), "{scores}");
        // A tin, a pot and a sieve: of orders that did not go back.
        let products = stdout(&["products", files[0], files[1], "--format", "csv"]);
        assert!(products.contains("Clay pot") && products.contains("Green tea tin"), "{products}");
    }
}

#[test]
fn ebay_orders_have_a_row_per_item_and_a_footer() {
    // cup_collector: 16.00, and 46.00 once for an order of three rows. saucer_fan: 1,016.00. Never paid: 16.00.
    assert_buyers(
        "fixtures/ebay/orders_report.csv",
        &[("cup_collector", 6200, 2), ("saucer_fan", 101_600, 1)],
        &[(Rule::BlankRow, 1), (Rule::RemarkRow, 2), (Rule::Unpaid, 1)],
    );
}

#[test]
fn ebay_fees_labels_and_payouts_are_no_orders() {
    // cup_collector: 16.00, and 46.00 − 16.00. saucer_fan's 20.00 went back by a claim. A label, a fee, a payout.
    assert_buyers(
        "fixtures/ebay/transaction_report.csv",
        &[("cup_collector", 4600, 2)],
        &[(Rule::NoSale, 3), (Rule::Refunded, 2)],
    );
}

#[test]
fn shopee_in_six_languages() {
    // 215,000 once for two rows + 75,000 received but not closed; 1,095,000. Cancelled and given back: 95,000 each.
    assert_buyers(
        "fixtures/shopee/orders_vi.xlsx",
        &[("am.fan", 109_500_000, 1), ("tra.lover", 29_000_000, 2)],
        &[(Rule::Cancelled, 1), (Rule::Refunded, 1)],
    );
    // 54.90 + 84.90; 70.00, of which a return was called off.
    assert_buyers(
        "fixtures/shopee/orders_en.csv",
        &[("pot.my", 7000, 1), ("tea.my", 13_980, 2)],
        &[(Rule::Unpaid, 1)],
    );
    assert_buyers(
        "fixtures/shopee/orders_id.csv",
        &[("teh_id", 10_200_000, 1), ("teko_id", 116_200_000, 1)],
        &[(Rule::Cancelled, 1)],
    );
    assert_buyers("fixtures/shopee/orders_th.csv", &[("cha_th", 50_000, 2)], &[(Rule::Cancelled, 1)]);
    // 119,80 once for two rows; 1.050,00.
    assert_buyers(
        "fixtures/shopee/orders_pt.csv",
        &[("cha_br", 11_980, 1), ("maria_br", 105_000, 1)],
        &[(Rule::Cancelled, 1)],
    );
    assert_buyers(
        "fixtures/shopee/orders_zh.csv",
        &[("cha_tw", 51_000, 1), ("hu_tw", 90_000, 1)],
        &[(Rule::Cancelled, 1)],
    );
}

#[test]
fn tiktok_explains_its_columns_in_the_second_row() {
    // 41.00 once for two rows + 43.00 − 20.00; 13.00. One cancelled.
    let file = "fixtures/tiktok/orders.csv";
    assert_buyers(file, &[("pot_on_tok", 1300, 1), ("tea_on_tok", 6400, 2)], &[(Rule::Cancelled, 1)]);
    let notes = super::common::run(&["rfm", file]).stderr;
    assert!(String::from_utf8_lossy(&notes).contains("explains the columns"));
}

#[test]
fn lazada_items_have_their_own_status() {
    // 250 + 40 of shipping kept, 250 returned; 890 + 60. One cancelled.
    assert_buyers(
        "fixtures/lazada/orders.csv",
        &[("bebang@mail.example", 95_000, 1), ("liza@mail.example", 29_000, 1)],
        &[(Rule::Cancelled, 1)],
    );
}

#[test]
fn square_items_and_transactions_say_the_same() {
    // CUST1: 18.00 + 12.00 − 12.00 given back. CUST2: 1,045.50. A walk-in: nobody.
    let customers = [("CUST1", 1800, 1), ("CUST2", 104_550, 1)];
    assert_buyers("fixtures/square/items.csv", &customers, &[(Rule::NoCustomer, 1)]);
    assert_buyers(
        "fixtures/square/transactions.csv",
        &customers,
        &[(Rule::NoCustomer, 1), (Rule::ClosedUnpaid, 1)],
    );
}

#[test]
fn squarespace_leaves_the_order_blank_on_further_rows() {
    // 58.00 + 35.00 − 10.00; 12.00. One given back, one unpaid.
    assert_buyers(
        "fixtures/squarespace/orders.csv",
        &[("ann@shop.example", 8300, 2), ("bo@shop.example", 1200, 1)],
        &[(Rule::Unpaid, 1), (Rule::Refunded, 1)],
    );
}

#[test]
fn stripe_payments_in_several_currencies_are_counted_in_the_accounts_own() {
    // ann, in either case and under two customer ids: 18.00 + 30.00 − 10.00 euros. Without an e-mail the id: 117.25.
    assert_buyers(
        "fixtures/stripe/unified_payments.csv",
        &[("ann@shop.example", 3800, 2), ("cus_5", 11_725, 1)],
        &[(Rule::ClosedUnpaid, 1), (Rule::Refunded, 1)],
    );
}

#[test]
fn paypal_transfers_conversions_and_own_payments_are_no_orders() {
    // ann: 25.00 + 1,040.00 − 40.00 given back by a record that names the shop as its payer. bo: 12.00, 15.00 pending.
    assert_buyers(
        "fixtures/paypal/activity.csv",
        &[("ann@mail.example", 102_500, 2), ("bo@mail.example", 1200, 1)],
        &[(Rule::NoSale, 3), (Rule::Unpaid, 1)],
    );
}

#[test]
fn mercado_libre_has_text_above_its_header_and_dates_in_words() {
    let file = "fixtures/mercadolibre/ventas.xlsx";
    // 120,000 + 8,000, and 60,000 − 10,000; 90,000 + 5,500. One cancelled, one sent back.
    assert_buyers(
        file,
        &[("CC 1000001", 17_800_000, 2), ("CC 1000002", 9_550_000, 1)],
        &[(Rule::Cancelled, 1), (Rule::Refunded, 1)],
    );
    let scores = stdout(&["rfm", file, "--format", "csv"]);
    assert!(scores.contains("CC 1000001,2024-01-31,10,2,"), "{scores}");
}

#[test]
fn tiendanube_in_latin_1_is_not_chinese() {
    // 26.500,50 once for two rows + 5.000,00; 1.234,56. One pending, one cancelled after payment.
    assert_buyers(
        "fixtures/tiendanube/ventas_latin1.csv",
        &[("ana@correo.example", 3_150_050, 2), ("ñandú@correo.example", 123_456, 1)],
        &[(Rule::Unpaid, 1), (Rule::Cancelled, 1)],
    );
}

#[test]
fn platforms_that_name_no_buyers_say_what_to_do() {
    // 647.62 + 406.00 in one order; 798.00. Cancelled and returned: nothing.
    assert_totals("fixtures/amazon/india_sale_report.csv", "2", "1851.62", "buyer-email");
    // 399.00 + 2 × 399.00 + 180.50.
    assert_totals("fixtures/meesho/orders.csv", "3", "1377.50", "Meesho names no buyers");
    // 169.90 + 89.89.
    assert_totals("fixtures/prestashop/order_list.csv", "2", "259.79", "id_customer");
}

#[test]
fn prestashops_table_of_orders_names_buyers() {
    assert_buyers(
        "fixtures/prestashop/orders_table.csv",
        &[("8", 25_979, 2)],
        &[(Rule::Unpaid, 1), (Rule::Cancelled, 1), (Rule::Refunded, 1)],
    );
}

#[test]
fn woo_export_plugins() {
    // 55.00 once for two rows + 35.00 − 5.00; 12.50.
    let customers = [("ann@shop.example", 8500, 2), ("bo@shop.example", 1250, 1)];
    assert_buyers("fixtures/woo/advanced_orders.csv", &customers, &[(Rule::Unpaid, 1), (Rule::Refunded, 1)]);
    // 55.00 + 30.00; 12.50.
    assert_buyers("fixtures/woo/webtoffee_orders.csv", &customers, &[(Rule::ClosedUnpaid, 1)]);
}

#[test]
fn olists_tables_answer_together_in_any_order() {
    let file = |name: &str| format!("fixtures/olist/olist_{name}_dataset.csv");
    let (orders, payments) = (file("orders"), file("order_payments"));
    let (customers, items, products) = (file("customers"), file("order_items"), file("products"));
    for files in [
        [&orders, &payments, &customers, &items, &products],
        [&products, &items, &customers, &payments, &orders],
    ] {
        let files: Vec<&str> = files.iter().map(|file| file.as_str()).collect();
        let ask = |command: &[&str]| stdout(&[command, &files[..], &["--format", "csv"]].concat());
        let scores = ask(&["rfm"]);
        // u1: 18.12 + 20.60, and 141.46, under two ids of orders. u2: 18.59, and one cancelled. u3 paid nothing yet.
        let rows: Vec<&str> = scores.lines().skip(1).collect();
        assert_eq!(rows.len(), 2, "{scores}");
        assert!(scores.contains("u1,2018-01-08,") && scores.contains(",2,180.18,"), "{scores}");
        assert!(scores.contains("u2,2017-11-26,") && scores.contains(",1,18.59,"), "{scores}");
        assert!(ask(&["products"]).contains("p1"));
        ask(&["segment"]);
        ask(&["overview"]);
        ask(&["check"]);
    }
    for (files, missing) in [
        (vec![&orders], "Olist customers"),
        (vec![&orders, &payments], "Olist customers"),
        (vec![&orders, &customers], "needs to know what orders came to"),
        (vec![&payments], "payments of orders that another file lists"),
    ] {
        let mut command = vec!["rfm"];
        command.extend(files.iter().map(|file| file.as_str()));
        let (code, refusal) = failure(&command);
        assert_eq!(code, 1, "{refusal}");
        assert!(refusal.contains(missing), "{refusal}");
    }
    // Without payments the items say what orders came to, but for the freight: u1 29.99 and 118.70, u2 10.00.
    let scores = stdout(&["rfm", &items, &orders, &customers, "--format", "csv"]);
    assert!(scores.contains(",2,148.69,") && scores.contains(",1,10.00,"), "{scores}");
    // Without either, who came again is known: u1 of u1, u2 and u3, whose order is approved.
    let rates = stdout(&["repurchase", &orders, &customers, "--table", "rates", "--format", "csv"]);
    assert!(rates.contains("repeat_customer_rate,0.3333333333,0.0614919447,0.7923403992,1,3,"), "{rates}");
}

#[test]
fn tables_that_stand_beside_others_are_recognised() {
    for (file, table, preset) in [
        ("etsy/items.csv", Some(Table::OrderItems), "etsy_order_items"),
        ("olist/olist_orders_dataset.csv", None, "olist_orders"),
        ("olist/olist_order_payments_dataset.csv", None, "olist_payments"),
        ("olist/olist_customers_dataset.csv", None, "olist_customers"),
        ("olist/olist_order_items_dataset.csv", None, "olist_items"),
        ("olist/olist_products_dataset.csv", None, "olist_products"),
        ("olist/olist_sellers_dataset.csv", None, "olist_sellers"),
        ("olist/olist_geolocation_dataset.csv", None, "olist_geolocation"),
        ("olist/olist_order_reviews_dataset.csv", None, "olist_reviews"),
        ("olist/product_category_name_translation.csv", None, "olist_categories"),
    ] {
        let input = Input { table, ..Input::file(format!("fixtures/{file}")) };
        let found = recognise(&input, &ReadOptions::default()).unwrap();
        assert_eq!(found.layout.preset.name, preset, "{file}");
    }
}

#[test]
fn every_such_platform_is_recognised_and_answers() {
    for (file, preset) in [
        ("amazon/india_sale_report.csv", "amazon_india_sales"),
        ("ebay/orders_report.csv", "ebay_orders"),
        ("ebay/transaction_report.csv", "ebay_transactions"),
        ("etsy/items.csv", "etsy_items"),
        ("etsy/orders.csv", "etsy_orders"),
        ("lazada/orders.csv", "lazada_orders"),
        ("meesho/orders.csv", "meesho_orders"),
        ("mercadolibre/ventas.xlsx", "mercadolibre_ventas"),
        ("paypal/activity.csv", "paypal_activity"),
        ("prestashop/order_list.csv", "prestashop_orders"),
        ("prestashop/orders_table.csv", "prestashop_table"),
        ("shopee/orders_en.csv", "shopee_orders"),
        ("shopee/orders_id.csv", "shopee_orders_id"),
        ("shopee/orders_pt.csv", "shopee_orders_pt"),
        ("shopee/orders_th.csv", "shopee_orders_th"),
        ("shopee/orders_vi.xlsx", "shopee_orders_vi"),
        ("shopee/orders_zh.csv", "shopee_orders_zh"),
        ("square/items.csv", "square_items"),
        ("square/transactions.csv", "square_transactions"),
        ("squarespace/orders.csv", "squarespace_orders"),
        ("stripe/unified_payments.csv", "stripe_payments"),
        ("tiendanube/ventas_latin1.csv", "tiendanube_orders"),
        ("tiktok/orders.csv", "tiktok_shop_orders"),
        ("woo/advanced_orders.csv", "woo_advanced_orders"),
        ("woo/webtoffee_orders.csv", "woo_webtoffee_orders"),
    ] {
        let file = format!("fixtures/{file}");
        let check = stdout(&["check", &file, "--format", "json"]);
        assert!(check.contains(&format!("{preset:?}")) || check.contains(preset), "{file}");
        stdout(&["overview", &file, "--format", "csv"]);
        stdout(&["region", &file, "--format", "csv"]);
        if !["meesho", "india", "order_list"].iter().any(|word| file.contains(word)) {
            stdout(&["segment", &file, "--format", "csv"]);
        }
    }
}
