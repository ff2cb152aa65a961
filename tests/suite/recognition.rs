//! Every fixture of a platform is recognised as what it is, without a flag.

use ecrm::parse::source::Input;
use ecrm::parse::{ReadOptions, recognise};
use ecrm::reading::read;
use ecrm::schema::{Table, Wants};

use super::common::run;

#[test]
fn every_export_is_recognised_from_its_header_alone() {
    for (file, preset) in [
        ("amazon/all_orders_cp932.txt", "amazon_all_orders"),
        ("amazon/new_orders_cp1252.txt", "amazon_new_orders"),
        ("amazon/unshipped.txt", "amazon_unshipped"),
        ("customers/generic_en.csv", "generic_customers"),
        ("customers/generic_zh_gbk.csv", "generic_customers"),
        ("customers/contacts.csv", "generic_mailing_list"),
        ("customers/magento.csv", "magento_customers"),
        ("customers/shopify.csv", "shopify_customers"),
        ("customers/shopify_older.csv", "shopify_customers"),
        ("customers/woo_analytics.csv", "woo_analytics_customers"),
        ("customers/youzan_utf8_bom.csv", "youzan_customers"),
        ("douyin/orders_utf8_bom.csv", "douyin_orders"),
        ("events/generic_zh_gbk.csv", "generic_events"),
        ("events/pages.csv", "page_events"),
        ("events/rees46.csv", "rees46_events"),
        ("events/tianchi.csv", "tianchi_events"),
        ("events/user_event_item_price.csv", "generic_events"),
        ("amounts/baskets.csv", "generic_item_names"),
        ("amounts/orders.csv", "generic_dated_orders"),
        ("amounts/payments.csv", "generic_payments"),
        ("invoice_lines/invoices.csv", "invoice_lines"),
        ("jd/orders_gbk.csv", "jd_orders"),
        ("jd/settlement_gbk.csv", "jd_settlement"),
        ("magento/orders.csv", "magento_orders"),
        ("pdd/orders_23_gbk.csv", "pdd_orders"),
        ("pdd/orders_all_fields_utf8_bom.csv", "pdd_orders"),
        ("shop/customers.csv", "canonical_customers"),
        ("shop/events.csv", "canonical_events"),
        ("shop/order_items.csv", "canonical_order_items"),
        ("shop/orders.csv", "canonical_orders"),
        ("shop/sends.csv", "canonical_sends"),
        ("shopify/orders_offsets.csv", "shopify_orders"),
        ("shopify/orders_phone_only.csv", "shopify_orders"),
        ("taobao/items_gbk.csv", "taobao_items"),
        ("taobao/orders_2016_gbk.csv", "taobao_orders"),
        ("taobao/orders_2020.xlsx", "taobao_orders"),
        ("taobao/product_days_utf8.csv", "qianniu_product_day"),
        ("taobao/refunds_gbk.csv", "tmall_refunds"),
        ("taobao/report_without_buyers.csv", "taobao_orders"),
        ("woo/analytics_orders.csv", "woo_analytics_orders"),
        ("woo/orders_plugin.csv", "woo_orders"),
        ("youzan/orders_utf8_bom.csv", "youzan_orders"),
    ] {
        let source = recognise(&Input::file(format!("fixtures/{file}")), &ReadOptions::default()).unwrap();
        assert_eq!(source.layout.preset.name, preset, "{file}");
    }
}

/// Every preset is the one that some fixture is recognised as, or needs asking for.
#[test]
fn every_preset_has_a_fixture() {
    let source = concat!(include_str!("recognition.rs"), include_str!("platforms_more.rs"));
    let define = String::from_utf8(run(&["define", "presets"]).stdout).unwrap();
    let presets: Vec<&str> =
        define.lines().skip(2).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(presets.len() > 30);
    // The last two are recognised by the names of the quirks; the one before them, by other tests.
    let elsewhere = ["taobao_user_behavior", "generic_items", "generic_orders", "generic_order_items"];
    // The ordinary names of a table of customers or moments are tried out where its declaration is.
    let framed = Table::ALL.iter().map(|table| table.declaration()).filter(|declared| declared.is_framed());
    let elsewhere: Vec<&str> = elsewhere.into_iter().chain(framed.map(|declared| declared.generic)).collect();
    for preset in presets.iter().filter(|preset| !elsewhere.contains(preset)) {
        assert!(source.contains(&format!("\"{preset}\"")), "{preset}");
    }
}

/// Kinds of events by name, with how many rows were read as each; and rows left out and unreadable.
fn kinds(file: &str, preset: Option<&str>) -> (Vec<(String, u64)>, u64, usize) {
    let options = ReadOptions {
        wants: Wants { tables: vec![Table::Events], ..Wants::default() },
        preset: preset.map(|name| ecrm::parse::preset::Preset::named(name).unwrap()),
        ..ReadOptions::default()
    };
    let ingested = read(&[Input::file(format!("fixtures/{file}"))], &options).unwrap();
    let table = &ingested.tables[0];
    let mut counts = std::collections::BTreeMap::new();
    for kind in &table.kinds {
        *counts.entry(kind.name().to_owned()).or_insert(0) += 1;
    }
    (counts.into_iter().collect(), table.excluded.total(), ingested.rejects.len())
}

#[test]
fn events_mean_what_their_platform_means() {
    let named = |kinds: &[(&str, u64)]| -> Vec<(String, u64)> {
        kinds.iter().map(|(kind, rows)| ((*kind).to_owned(), *rows)).collect()
    };
    for (file, preset, expected, excluded, rejected) in [
        ("events/tianchi.csv", None, &[("cart", 1), ("fav_item", 1), ("purchase", 1), ("view", 2)][..], 0, 1),
        // The same headers with words in place of codes; `poke` is none.
        (
            "events/tianchi_words.csv",
            None,
            &[("cart", 1), ("fav_item", 1), ("purchase", 1), ("view", 2)],
            0,
            1,
        ),
        ("events/rees46.csv", None, &[("cart", 1), ("purchase", 1), ("uncart", 1), ("view", 1)], 0, 0),
        ("events/pages.csv", None, &[("cart", 1), ("fav_item", 1), ("purchase", 1), ("view", 2)], 3, 1),
        (
            "events/generic_zh_gbk.csv",
            None,
            &[
                ("cart", 1),
                ("fav_item", 1),
                ("purchase", 1),
                ("review", 1),
                ("scan", 1),
                ("unfav", 1),
                ("view", 1),
            ],
            0,
            0,
        ),
        ("events/user_event_item_price.csv", None, &[("cart", 1), ("purchase", 1), ("view", 2)], 0, 0),
        (
            "events/user_behavior.csv",
            Some("taobao_user_behavior"),
            &[("cart", 1), ("fav_item", 1), ("purchase", 1), ("view", 3)],
            0,
            0,
        ),
    ] {
        assert_eq!(kinds(file, preset), (named(expected), excluded, rejected), "{file}");
    }
}

#[test]
fn epoch_seconds_are_days_of_the_shops_zone() {
    let options = ReadOptions {
        wants: Wants { tables: vec![Table::Events], ..Wants::default() },
        preset: Some(ecrm::parse::preset::Preset::named("taobao_user_behavior").unwrap()),
        ..ReadOptions::default()
    };
    let ingested = read(&[Input::file("fixtures/events/user_behavior.csv")], &options).unwrap();
    let days = &ingested.tables[0].days[&ecrm::schema::Field::OccurredAt];
    // The last two rows are a second before and at midnight in Shanghai: 2017-12-02 and 2017-12-03.
    assert_eq!(days[days.len() - 2..], [17_502, 17_503]);
}

/// In a log with `add_to_cart` a `cart` is a page; in one without, it is the action.
#[test]
fn a_cart_is_a_page_only_where_adding_to_it_has_a_word_of_its_own() {
    let head = "user_id,session_id,event,timestamp\nu1,s1,view,2026-01-01 10:00:00\n";
    let kinds = |rows: &str| {
        let options = ReadOptions {
            wants: Wants { tables: vec![Table::Events], ..Wants::default() },
            ..Default::default()
        };
        let input = Input::bytes("log", format!("{head}{rows}").into_bytes());
        let ingested = read(&[input], &options).unwrap();
        ingested.tables[0].kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>()
    };
    assert_eq!(kinds("u1,s1,cart,2026-01-01 10:01:00\n"), ["view", "cart"]);
    let both = "u1,s1,cart,2026-01-01 10:01:00\nu1,s1,add_to_cart,2026-01-01 10:02:00\n";
    assert_eq!(kinds(both), ["view", "cart"]);
}
