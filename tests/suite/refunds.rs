//! Refunds that cost more than their orders, that several orders share, and that look like somebody else's.

use super::common::{run, stdout};
use super::order_rows::{assert_texts, assert_word};
use super::store::{Trial, import};

const HEAD: &str = "order_id,customer_id,status,date,total,refund_amount\n";

/// The net amount of the whole shop in `overview`, in all time, of files with these texts.
fn net_of_shop(files: &[(&str, &str)]) -> String {
    let trial = Trial::new();
    let paths: Vec<String> = files.iter().map(|(name, text)| trial.write(name, text)).collect();
    let of = |inputs: &[&str]| {
        let text = stdout(&[&["overview"], inputs, &["--window", "3000", "--format", "json"]].concat());
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        let rows = report["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["metric"] == "net_amount").unwrap();
        format!("{:.2}", row["value"].as_f64().unwrap())
    };
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let found = of(&paths);
    let store = trial.store();
    import(&paths, &store);
    assert_eq!(of(&[&store]), found, "through a store");
    found
}

#[test]
fn a_suffix_does_not_tie_a_refund_to_another_customers_order() {
    for (number, word) in ["CN", "ret", "R", "refund-2"].into_iter().enumerate() {
        // bob's credit note is none of ann's order 1001, which stays whole.
        let rows = format!(
            "{HEAD}1001,ann,paid,2026-01-02,50,0\n1001-{word},bob,paid,2026-01-05,-50,0\n2,bob,paid,2026-01-03,70,0\n"
        );
        assert_word(number, &rows, &["ann,1,50.00", "bob,1,20.00"], &[]);
        // One of nobody is of the only order there is.
        let rows = rows.replace(",bob,paid,2026-01-05", ",,paid,2026-01-05");
        assert_word(number, &rows, &["bob,1,70.00"], &["taken off once"]);
    }
    // A column says it whoever is named.
    let rows = "order_id,parent_id,customer_id,status,date,total\n1001,,ann,paid,2026-01-02,50\n7,1001,desk,paid,2026-01-05,-20\n";
    assert_texts(&[("orders.csv", rows)], &["ann,1,30.00"], &["taken off once"]);
}

#[test]
fn a_refund_of_several_orders_is_taken_off_each() {
    // The credit note N1 gives 10 of order 1 (whole), 20 of order 2 and 5 of order 3.
    let rows = "order_id,parent_id,customer_id,status,date,amount\n\
        1,,ann,paid,2026-01-02,10\n2,,ann,paid,2026-01-02,50\n3,,ann,paid,2026-01-03,8\n\
        N1,1,ann,paid,2026-01-05,-10\nN1,2,ann,paid,2026-01-05,-20\nN1,3,ann,paid,2026-01-05,-5\n";
    // ann: 0 + 30 + 3; two orders stay.
    assert_texts(&[("orders.csv", rows)], &["ann,2,33.00"], &["taken off once: 1, of which 1"]);
    assert_eq!(net_of_shop(&[("orders.csv", rows)]), "33.00");
}

#[test]
fn what_goes_back_beyond_the_price_lowers_the_totals() {
    let beyond = ["more was given back"];
    for (what, rows, customers, net) in [
        // 50 - 80 as a record: 30 beyond; order 2 stays.
        (
            "a record",
            "1,ann,paid,2026-01-02,50,0\n1-R,ann,paid,2026-01-05,-80,0\n2,ann,paid,2026-01-03,100,0\n",
            "ann,1,70.00",
            "70.00",
        ),
        (
            "two records",
            "1,ann,paid,2026-01-02,50,0\n1-R-1,ann,paid,2026-01-05,-50,0\n1-R-2,ann,paid,2026-01-06,-30,0\n2,ann,paid,2026-01-03,100,0\n",
            "ann,1,70.00",
            "70.00",
        ),
        ("a column", "1,ann,paid,2026-01-02,50,80\n2,ann,paid,2026-01-03,100,0\n", "ann,1,70.00", "70.00"),
        (
            "a column of a refunded order",
            "1,ann,refunded,2026-01-02,50,80\n2,ann,paid,2026-01-03,100,0\n",
            "ann,1,70.00",
            "70.00",
        ),
        // Both say the same 80.
        (
            "a column and a record",
            "1,ann,paid,2026-01-02,50,80\n1-R,ann,paid,2026-01-05,-80,0\n2,ann,paid,2026-01-03,100,0\n",
            "ann,1,70.00",
            "70.00",
        ),
        (
            "the order's own number",
            "1,ann,paid,2026-01-02,50,0\n1,ann,refunded,2026-01-05,-80,0\n2,ann,paid,2026-01-03,100,0\n",
            "ann,1,70.00",
            "70.00",
        ),
        // The only order is gone, and 30 more: bob's is the only buyer.
        (
            "a customer without another order",
            "1,ann,paid,2026-01-02,50,0\n1-R,ann,paid,2026-01-05,-80,0\n2,bob,paid,2026-01-03,100,0\n",
            "bob,1,100.00",
            "70.00",
        ),
    ] {
        let text = format!("{HEAD}{rows}");
        assert_texts(&[("orders.csv", &text)], &[customers], &beyond);
        assert_eq!(net_of_shop(&[("orders.csv", &text)]), net, "{what}");
    }
    // Exactly the price is no more than it.
    let rows = format!(
        "{HEAD}1,ann,paid,2026-01-02,50,50\n2,ann,paid,2026-01-03,100,0\n3,ann,paid,2026-01-03,9,0\n3-R,ann,paid,2026-01-04,-9,0\n"
    );
    assert_texts(&[("orders.csv", &rows)], &["ann,1,100.00"], &[]);
    let trial = Trial::new();
    let output = run(&["overview", &trial.write("orders.csv", &rows), "--lang", "en"]);
    assert!(!String::from_utf8(output.stderr).unwrap().contains("more was given back"));
}

/// In February 30 go back of ann's first order of January, by a record that names it, and 5 of bob's only one; the
/// record comes with the second file, and says the same from a store of both.
#[test]
fn a_record_of_a_refund_is_of_its_order_from_files_and_from_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, rows: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("order_id,customer_id,date,total\n{rows}")).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let january = write("january.csv", "1,ann,2026-01-10,100\n3,bob,2026-01-15,40\n5,cat,2026-01-20,9\n");
    let february =
        write("february.csv", "2,ann,2026-02-10,50\n1-refund,ann,2026-02-20,-30\nx,bob,2026-02-15,-5\n");
    let store = folder.path().join("store").to_str().unwrap().to_owned();
    stdout(&["import", "--store", &store, &january]);
    stdout(&["import", "--store", &store, &february]);
    let ask = |command: &[&str], inputs: &[&str]| {
        stdout(&[command, inputs, &["--as-of", "2026-02-28", "--format", "csv", "-q"][..]].concat())
    };
    for command in [&["trend"][..], &["repurchase", "--by", "refunded"], &["repurchase", "--ladder"]] {
        assert_eq!(ask(command, &[&january, &february]), ask(command, &[&store]), "{command:?}");
    }
    let trend = ask(&["trend"], &[&january, &february]);
    let (header, row) = (trend.lines().next().unwrap(), trend.lines().last().unwrap());
    let cell =
        |name: &str| row.split(',').nth(header.split(',').position(|cell| cell == name).unwrap()).unwrap();
    assert_eq!(["new_net_amount", "returning_net_amount"].map(cell), ["-35.00", "50.00"]);
    // 100 − 30, 40 − 5 and 9 of three first orders.
    let ladder = ask(&["repurchase", "--ladder"], &[&january, &february]);
    assert!(ladder.lines().nth(1).unwrap().ends_with(",38.00"), "{ladder}");
    let groups = ask(&["repurchase", "--by", "refunded"], &[&january, &february]);
    let of_30: Vec<&str> = groups.lines().filter(|row| row.contains(",30,")).collect();
    assert_eq!(
        of_30.iter().map(|row| row.split(',').next().unwrap()).collect::<Vec<_>>(),
        ["refunded", "kept"]
    );
}

/// Order 1 was cancelled, and its row says no amount: what went back of it goes with it. Order 2 counts; only its file
/// says no amounts, so that nobody knows what a refund of it leaves: that stays a credit note.
#[test]
fn a_refund_of_an_order_without_an_amount_goes_with_it_where_it_does_not_count() {
    let rows = "1,ann,cancelled,2026-01-02,,0\n1-R,ann,paid,2026-01-05,-80,0\n3,ann,paid,2026-01-03,100,0\n";
    let orders = format!("{HEAD}{rows}");
    assert_texts(&[("orders.csv", &orders)], &["ann,1,100.00"], &["taken off once: 1, of which 1"]);
    assert_eq!(net_of_shop(&[("orders.csv", &orders)]), "100.00");
    let refunds = format!("{HEAD}2-R,ann,paid,2026-01-05,-80,0\n3,ann,paid,2026-01-03,100,0\n");
    let bare = "order_id,customer_id,status,date\n2,ann,paid,2026-01-02\n";
    let files = [("bare.csv", bare), ("orders.csv", refunds.as_str())];
    assert_eq!(net_of_shop(&files), "20.00");
}
