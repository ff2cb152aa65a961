//! Rows that are rare where answers of other engines are held against ours: equal contributions, margins, events
//! without a time.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ecrm::Result;
use ecrm::engine::{Dialect, Engine, ShopOn, answer};
use ecrm::locale::Lang;
use ecrm::metrics::ScopeRequest;
use ecrm::metrics::segment::SegmentParams;
use ecrm::metrics::value::ValueParams;
use ecrm::questions::{Region, Segment, Value};
use ecrm::schema::Day;
use polars::prelude::*;

use super::engine::{Process, assert_interests, assert_same, export, value};
use super::engine_customers::customers;

/// A file in a folder.
fn write(folder: &Path, name: &str, text: &str) -> String {
    let path: PathBuf = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// An engine that gives the same rows whatever it holds: those of the first text that a statement has in it.
struct Canned {
    rows: Vec<(&'static str, DataFrame)>,
    asked: Mutex<Vec<String>>,
}

impl Canned {
    /// Of contributions with how many make each, and of those where a class ends with the class and how many.
    fn new(levels: &[(i64, i64)], ends: &[(i64, i32, i64)]) -> Self {
        let temp = tempfile::tempdir().unwrap();
        export(&["fixtures/edges/ties.csv"], &temp.path().join("export"), &[]);
        let about = std::fs::read_to_string(temp.path().join("export/schema.json")).unwrap();
        let described: serde_json::Value = serde_json::from_str(&about).unwrap();
        let tables = described["tables"].as_array().unwrap();
        let names: Vec<&str> = tables.iter().map(|of| of["name"].as_str().unwrap()).collect();
        let heights: Vec<u64> = tables.iter().map(|of| of["rows"].as_u64().unwrap()).collect();
        let of_tables = df!("table_name" => names, "row_count" => heights).unwrap();
        let of_levels = |counts: Vec<i64>, amounts: Vec<i64>| {
            let zeros = vec![0_i64; counts.len()];
            df!("contribution" => &amounts, "customer_count" => &counts, "order_count" => &counts, "net_amount" => &amounts,
                "promotion_only_count" => &zeros, "costless_count" => &zeros)
            .unwrap()
        };
        let mut classed = of_levels(
            ends.iter().map(|(_, _, count)| *count).collect(),
            ends.iter().map(|(amount, ..)| *amount).collect(),
        );
        let classes = ends.iter().map(|(_, class, _)| *class).collect::<Vec<i32>>();
        classed.with_column(Column::new("class_number".into(), classes)).unwrap();
        let (amounts, counts) = levels.iter().copied().unzip();
        let none = df!("rule" => Vec::<String>::new(), "row_count" => Vec::<i64>::new(),
            "item_row_count" => Vec::<i64>::new())
        .unwrap();
        let rows = vec![
            ("FROM about", df!("json" => [about]).unwrap()),
            ("AS table_name", of_tables),
            ("AS first_day", df!("first_day" => [20_000_i32], "last_day" => [20_500_i32]).unwrap()),
            ("GROUP BY rule", none),
            ("class_number", classed),
            ("GROUP BY contribution", of_levels(counts, amounts)),
        ];
        Self { rows, asked: Mutex::default() }
    }
}

impl Engine for Canned {
    fn dialect(&self) -> Dialect {
        Dialect::Spark
    }

    fn rows(&self, sql: &str) -> Result<DataFrame> {
        self.asked.lock().unwrap().push(sql.to_owned());
        Ok(self.rows.iter().find(|(text, _)| sql.contains(text)).unwrap().1.clone())
    }
}

/// How many customers are in each class; or what is wrong.
fn classes(engine: &Canned) -> std::result::Result<Vec<i64>, String> {
    let shop = ShopOn::open(engine, &ScopeRequest::default()).unwrap();
    let found = answer(&value(false), &shop).map_err(|error| error.said(Lang::En).0)?;
    let counts = found.tables[0].frame.column("customer_count").unwrap().i64().unwrap().clone();
    Ok(counts.into_no_null_iter().collect())
}

/// Two of 25 and five of 10 are 100: the third of the five reaches 80, the last 95. The engine gives them in any order.
#[test]
fn an_engine_is_asked_of_equals_where_a_class_ends_among_them() {
    let levels = [(25_000_000, 2), (10_000_000, 5)];
    let engine = Canned::new(&levels, &[(10_000_000, 1, 2), (10_000_000, 0, 3)]);
    assert_eq!(classes(&engine), Ok(vec![5, 2, 0]));
    let asked = engine.asked.lock().unwrap().pop().unwrap();
    assert!(asked.contains("contribution = 10000000 AND place <= 3 THEN 0"), "{asked}");
    assert!(asked.contains("contribution = 10000000 AND place <= 5 THEN 1"), "{asked}");
    let error = classes(&Canned::new(&levels, &[(10_000_000, 3, 5)])).unwrap_err();
    assert!(error.contains("value_ends") && error.contains("class_number"), "{error}");
    // Fewer than there are, or others in the first class.
    for part in
        [&[(10_000_000, 0, 3), (10_000_000, 1, 1)][..], &[(10_000_000, 0, 2), (10_000_000, 1, 3)], &[]]
    {
        let error = classes(&Canned::new(&levels, part)).unwrap_err();
        assert!(error.contains("value_ends") && error.contains("customer_count"), "{error}");
    }
}

/// 50, 30, 15 and 5 of 100: the second reaches 80, the third 95.
#[test]
fn an_engine_is_not_asked_of_equals_where_there_are_none() {
    let levels = [(5_000_000, 1), (15_000_000, 1), (30_000_000, 1), (50_000_000, 1)];
    let engine = Canned::new(&levels, &[]);
    assert_eq!(classes(&engine), Ok(vec![2, 1, 1]));
    assert!(engine.asked.lock().unwrap().iter().all(|sql| !sql.contains("class_number")));
}

/// Many customers who contribute the same, of whom the order by id says who is in which class: those whose ids come
/// first ordered twice, every third only at a deep discount. One has more back than was paid, and one an order without
/// a price.
fn orders_of_equals(last_column: &str) -> String {
    let mut text = format!("order_id,customer_id,order_date,amount,gross,{last_column}\n");
    for i in 0..60_u32 {
        let (id, day) = (format!("c{:02}", i * 7 % 60), 1 + i % 28);
        let gross = if i % 3 == 0 { 20 } else { 11 };
        match i * 7 % 60 < 20 {
            true => {
                text += &format!(
                    "{i}a,{id},2026-03-{day:02},4,{gross},1\n{i}b,{id},2026-03-{day:02},6,{gross},\n"
                )
            }
            false => text += &format!("{i},{id},2026-03-{day:02},10,{gross},{}\n", i % 2),
        }
    }
    text + "r1,rich,2026-03-01,200,200,50\nr2,late,2026-03-02,10,,\nr3,back,2026-03-02,5,5,1\nr4,back,2026-03-03,-25,,\n"
}

/// Where a class ends among equals, with amounts and with margins, at several shares.
#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_tells_equals_apart_as_we_do() {
    let temp = tempfile::tempdir().unwrap();
    for column in ["note", "cost"] {
        let orders = write(temp.path(), &format!("orders-{column}.csv"), &orders_of_equals(column));
        let folder = temp.path().join(column);
        export(&[&orders], &folder, &[]);
        let engine = Process::start(&[&folder], temp.path());
        let scope = ScopeRequest::default();
        for (core, potential) in
            [("0.8", "0.95"), ("0.3", "0.5"), ("0.301", "0.302"), ("0.25", "1"), ("0.0001", "0.9999")]
        {
            let part = |text: &str| (text.parse::<f64>().unwrap() * 10_000.0).round() as u32;
            let params =
                ValueParams { core: part(core), potential: part(potential), ..ValueParams::default() };
            let flags = ["--core", core, "--potential", potential];
            assert_same(&engine, &Value { params, lists: false }, &scope, &[&orders], &flags);
            let list = [&flags[..], &["--list"]].concat();
            assert_same(&engine, &Value { params, lists: true }, &scope, &[&orders], &list);
        }
        let deep = ValueParams { deep_discount: 6_000, ..ValueParams::default() };
        let flags = ["--deep-discount", "60%"];
        assert_same(&engine, &Value { params: deep, lists: false }, &scope, &[&orders], &flags);
    }
}

/// Rows of a file of items count where only it says what the question asks of the orders: amounts or refunds always,
/// costs for contributions.
#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_counts_the_rows_of_items_that_we_read() {
    let bought = "order_id,customer_id,order_date,province";
    let two = format!("{bought},amount\n1,a,2026-03-01,广东,5\n2,b,2026-03-02,浙江,7\n");
    let two_unpriced = format!("{bought}\n1,a,2026-03-01,广东\n2,b,2026-03-02,浙江\n");
    let sold = "order_id,product_id,quantity";
    let cases: [&[(&str, String)]; 7] = [
        &[("orders", two.clone()), ("items", format!("{sold}\n1,tea,1\n2,tea,2\n9,tea,1\n"))],
        &[("orders", two.clone()), ("items", format!("{sold},cost\n1,tea,1,2\n2,tea,2,1\n"))],
        &[("orders", two_unpriced.clone()), ("items", format!("{sold},amount\n1,tea,1,5\n2,tea,2,8\n"))],
        &[("orders", two), ("items", format!("{sold},amount,refund_amount\n1,tea,1,5,2\n2,tea,2,7,0\n"))],
        // Orders that are left out have items too: 2 was cancelled, 3 names no buyer, and 5 is later than the second
        // as-of day. The row of 4 cannot be read, so its items belong to no order. A later row replaces the first item.
        &[
            (
                "orders",
                format!(
                    "{bought},amount,status\n1,a,2026-03-01,广东,5,paid\n2,b,2026-03-02,浙江,7,cancelled\n\
                     3,,2026-03-03,浙江,4,paid\n4,c,2026-03-04,浙江,,paid\n5,a,2026-03-05,广东,6,paid\n"
                ),
            ),
            (
                "items",
                "order_id,line_id,product_id,quantity\n1,i1,tea,1\n1,i1,tea,2\n2,i2,tea,2\n2,i3,cup,1\n\
                 3,i4,tea,1\n4,i5,tea,1\n4,i6,cup,3\n5,i7,cup,3\n5,i8,tea,3\n"
                    .to_owned(),
            ),
        ],
        // Amounts of items do not count beside payments, so the amount of the second order is unknown.
        &[
            ("orders", two_unpriced),
            ("payments", "order_id,payment_method,payment_value\n1,card,5\n".to_owned()),
            ("items", format!("{sold},amount\n1,tea,1,5\n2,tea,1,7\n2,cup,1,2\n")),
        ],
        // The second file of items replaces the items of the first order, which was cancelled.
        &[
            (
                "orders",
                format!(
                    "{bought},amount,status\n1,a,2026-03-01,广东,5,cancelled\n2,b,2026-03-02,浙江,7,paid\n"
                ),
            ),
            ("items", format!("{sold}\n1,tea,1\n1,cup,1\n2,cup,1\n")),
            ("more_items", format!("{sold}\n1,tea,2\n")),
        ],
    ];
    for case in cases {
        let temp = tempfile::tempdir().unwrap();
        let files: Vec<String> =
            case.iter().map(|(name, text)| write(temp.path(), &format!("{name}.csv"), text)).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let folder = temp.path().join("export");
        export(&files, &folder, &[]);
        let engine = Process::start(&[&folder], temp.path());
        let scope = ScopeRequest::default();
        // 2026-03-02.
        let before = ScopeRequest { as_of: Some(Day::new(20_514)), ..ScopeRequest::default() };
        let segments = || Segment { params: SegmentParams::default(), lists: false };
        assert_same(&engine, &segments(), &scope, &files, &[]);
        assert_same(&engine, &segments(), &before, &files, &["--as-of", "2026-03-02"]);
        assert_same(&engine, &Region { level: None, by: None }, &scope, &files, &[]);
        assert_same(&engine, &value(false), &scope, &files, &[]);
        let names = "customer_id,net_amount,class";
        assert_same(&engine, &customers(names, None, None), &scope, &files, &["--columns", names]);
        let names = "customer_id,net_amount";
        assert_same(&engine, &customers(names, None, None), &scope, &files, &["--columns", names]);
    }
}

/// Nobody carries a shop that gave back more than it was paid.
#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_finds_nobody_who_carries_a_loss() {
    let temp = tempfile::tempdir().unwrap();
    let text =
        "order_id,customer_id,order_date,amount\n1,a,2026-03-01,5\n2,b,2026-03-02,7\n3,a,2026-03-03,-40\n";
    let orders = write(temp.path(), "orders.csv", text);
    let folder = temp.path().join("export");
    export(&[&orders], &folder, &[]);
    let engine = Process::start(&[&folder], temp.path());
    assert_same(&engine, &value(false), &ScopeRequest::default(), &[&orders], &[]);
    assert_same(&engine, &value(true), &ScopeRequest::default(), &[&orders], &["--list"]);
}

/// Events with and without a time on the days of purchases with and without one, of kinds that say nothing, after
/// as-of, of buyers whose orders do not count, with orders beside them and without.
#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_finds_the_same_interests() {
    let temp = tempfile::tempdir().unwrap();
    let events = write(
        temp.path(),
        "events.csv",
        "customer_id,occurred_at,kind\n\
         z,2026-01-01,view\na,2026-03-10 12:00:00,cart\na,2026-03-10 12:00:01,purchase\n\
         b,2026-03-10 12:00:00,cart\nb,2026-03-10 11:59:59,purchase\nc,2026-03-10,cart\nc,2026-03-10 00:00:00,purchase\n\
         d,2026-03-10 23:59:59,fav_shop\nd,2026-03-10,purchase\ne,2026-03-01,fav_item\ne,2026-02-01,cart\n\
         f,2026-03-15 08:00:00,cart\nf,2026-03-15 09:00:00,fav_item\nf,2026-03-15 10:00:00,fav_item\n\
         g,2026-03-16,cart\ng,2026-03-16,purchase\nh,2026-03-14,view\nh,2026-03-14,purchase\ni,2026-02-20,uncart\n\
         j,2026-03-12,cart\nk,2026-03-12,cart\nl,2026-03-12 10:00:00,cart\nm,2025-03-12,cart\nm,2026-03-13,fav_shop\n",
    );
    let orders = write(
        temp.path(),
        "orders.csv",
        "order_id,customer_id,status,paid_at,paid_amount,refund_amount\n\
         1,a,completed,2026-03-10 12:00:00,10,0\n2,b,completed,2026-03-10,10,0\n3,c,completed,2026-03-18,10,0\n\
         4,d,completed,2026-03-10 23:59:58,10,0\n5,j,refunded,2026-03-13,10,10\n6,k,completed,2026-03-13,0,0\n\
         7,l,completed,2026-03-12 09:59:59,10,0\n8,l,completed,2026-03-14 09:59:59,10,0\n9,,completed,2026-03-14,10,0\n\
         10,e,completed,2026-02-01,10,0\n11,q,completed,2026-03-14,-3,0\n",
    );
    for (turn, files) in [&[events.as_str()][..], &[events.as_str(), orders.as_str()]].iter().enumerate() {
        let folder = temp.path().join(format!("export-{turn}"));
        export(files, &folder, &[]);
        assert_interests(&Process::start(&[&folder], temp.path()), files);
    }
}
