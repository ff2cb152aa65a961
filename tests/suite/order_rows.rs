//! How rows become orders and customers, where exports make that hard: one fixture for each kind of trouble, and the
//! same trouble in other forms.

use super::common::{run, stdout};
use super::store::{Trial, assert_alike, import};

/// What `rfm` says of files: `id,orders,net` of every customer in the order of ids, and its notes.
fn rfm(args: &[&str]) -> (Vec<String>, String) {
    let output = run(&[&["rfm"], args, &["--format", "csv", "--show-pii"]].concat());
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{args:?}: {notes}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut rows: Vec<String> = text.lines().skip(1).map(of_customer).collect();
    rows.sort();
    (rows, notes)
}

fn of_customer(line: &str) -> String {
    let cells: Vec<&str> = line.split(',').collect();
    [cells[0], cells[3], cells[4]].join(",")
}

/// Checks the customers, and that notes hold words.
pub fn assert_customers(args: &[&str], customers: &[&str], words: &[&str]) {
    let (found, notes) = rfm(args);
    assert_eq!(found, customers, "{args:?}: {notes}");
    for word in words {
        assert!(notes.contains(word), "{args:?} without {word:?}: {notes}");
    }
}

/// As [`assert_customers`], of files with these texts; also through a store, and with the rows of each the other way
/// round.
pub fn assert_texts(files: &[(&str, &str)], customers: &[&str], words: &[&str]) {
    assert_forms(files, customers, words, [true, true]);
}

/// As [`assert_texts`], of one of several files that differ in a word alone. That does not bear on the order of rows or
/// on what a store keeps: the files with even numbers come through a store, the others with their rows the other way
/// round.
pub fn assert_word(number: usize, text: &str, customers: &[&str], words: &[&str]) {
    let is_even = number.is_multiple_of(2);
    assert_forms(&[("orders.csv", text)], customers, words, [!is_even, is_even]);
}

fn assert_forms(files: &[(&str, &str)], customers: &[&str], words: &[&str], [is_turned, is_kept]: [bool; 2]) {
    let trial = Trial::new();
    let (store, mut paths, mut turned) = (trial.store(), Vec::new(), Vec::new());
    for (name, text) in files {
        paths.push(trial.write(name, text));
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        turned.push(trial.write(&format!("turned_{name}"), &(lines.join("\n") + "\n")));
        if is_kept {
            import(&[paths.last().unwrap()], &store);
        }
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let turned: Vec<&str> = turned.iter().map(String::as_str).collect();
    assert_customers(&paths, customers, words);
    if is_turned {
        assert_customers(&turned, customers, words);
    }
    if is_kept {
        assert_customers(&[&store], customers, words);
        assert_alike(&["region"], "csv", &paths, &[&store]);
    }
}

const ROWS: &str = "fixtures/order_rows";

fn fixture(name: &str) -> String {
    format!("{ROWS}/{name}")
}

/// Commands that answer from orders alone.
const COMMANDS: [&str; 9] =
    ["overview", "rfm", "segment", "repurchase", "value", "cohort", "products", "profile", "region"];

fn assert_every_command_says(file: &str, words: &[&str]) {
    for command in COMMANDS {
        let output = run(&[command, file, "--format", "csv"]);
        let notes = String::from_utf8(output.stderr).unwrap();
        for word in words {
            assert!(notes.contains(word), "{command} without {word:?}: {notes}");
        }
    }
}

#[test]
fn an_orders_total_on_each_of_its_rows_counts_once() {
    // ann: S-1 of two rows (30) and S-2 (5); bob: S-3 of three rows (12).
    let file = fixture("totals_under_an_order_name.csv");
    assert_customers(&[&file], &["ann@shop.example,2,35.00", "bob@shop.example,1,12.00"], &[]);
    let row = |head: &str| {
        format!(
            "{head},Email,Date,Total\n7,a@x.example,2026-01-02,30\n7,a@x.example,2026-01-02,30\n8,a@x.example,2026-01-02,30\n"
        )
    };
    let heads =
        ["Order #", "Invoice ID", "increment_id", "Transaction ID", "订单", "Bestellnummer", "Order No."];
    for (number, head) in heads.into_iter().enumerate() {
        assert_word(number, &row(head), &["a@x.example,2,60.00"], &[]);
    }
}

#[test]
fn a_column_that_repeats_with_day_buyer_and_total_is_the_order_number() {
    let rows = "Belegkennung,Kunde,Date,customer_id,Total\nX-1,Ann,2026-01-02,ann,30\nX-1,Ann,2026-01-02,ann,30\n\
        X-2,Ann,2026-01-03,ann,30\nX-3,Bob,2026-01-03,bob,8\n";
    assert_texts(
        &[("orders.csv", rows)],
        &["ann,2,60.00", "bob,1,8.00"],
        &["column Belegkennung tells them apart"],
    );
    // No column does: each row counts, and that is said.
    let rows = "Date,customer_id,Total,Product\n2026-01-02,ann,30,Tea\n2026-01-02,ann,30,Cup\n2026-01-03,bob,8,Tea\n";
    assert_texts(
        &[("orders.csv", rows)],
        &["ann,2,60.00", "bob,1,8.00"],
        &["1 row repeats the day, buyer and total"],
    );
    // Rows with numbers of their own are no orders of several rows.
    let rows = "Zeile,Date,customer_id,Total\n1,2026-01-02,ann,30\n2,2026-01-02,ann,30\n3,2026-01-03,bob,8\n";
    assert_texts(&[("orders.csv", rows)], &["ann,2,60.00", "bob,1,8.00"], &["--map order_id=HEADER"]);
}

#[test]
fn a_total_beside_items_is_the_orders_where_it_is_the_same_on_all_its_rows() {
    let rows = "Order #,Email,Date,Product,Qty,Total\n1,a@x.example,2026-01-02,Tea,1,30\n1,a@x.example,2026-01-02,Cup,2,30\n\
        2,a@x.example,2026-01-05,Tea,1,25\n2,a@x.example,2026-01-05,Pot,1,25\n";
    assert_texts(
        &[("orders.csv", rows)],
        &["a@x.example,2,55.00"],
        &["column Total is the same on all rows of an order"],
    );
    // Totals of rows differ within an order.
    let rows = rows.replace("Cup,2,30", "Cup,2,9").replace("Pot,1,25", "Pot,1,4");
    assert_texts(&[("orders.csv", &rows)], &["a@x.example,2,68.00"], &[]);
}

#[test]
fn unpaid_orders_never_become_revenue_in_silence() {
    // P1 10 paid, P2 20 unpaid, P3 30 refunded, P4 40 paid.
    let file = fixture("payment_status.csv");
    assert_customers(&[&file], &["ann,1,10.00", "bob,1,40.00"], &[]);
    let heads = [
        ("Financial Status", ["paid", "pending", "refunded"]),
        ("支付状态", ["已支付", "待支付", "已退款"]),
        ("Estado del pago", ["Pagado", "Pendiente", "Reembolsado"]),
        ("Bezahlstatus", ["bezahlt", "offen", "erstattet"]),
        ("order_state", ["complete", "awaiting payment", "refunded"]),
    ];
    for (number, (head, words)) in heads.into_iter().enumerate() {
        let [paid, unpaid, refunded] = words;
        let rows = format!(
            "order_id,customer_id,date,total,{head}\n1,ann,2026-01-02,10,{paid}\n2,ann,2026-01-03,20,{unpaid}\n\
             3,bob,2026-01-04,30,{refunded}\n4,bob,2026-01-05,40,{paid}\n"
        );
        assert_word(number, &rows, &["ann,1,10.00", "bob,1,40.00"], &[]);
    }
}

#[test]
fn a_status_column_that_is_not_read_is_named_by_every_command() {
    let file = fixture("status_under_an_unknown_name.csv");
    assert_every_command_says(
        &file,
        &["column Zahlvorgang Zustand looks like a status (erledigt, ungeklärt) and is not read"],
    );
    let rows = "order_id,customer_id,date,total,status,Kassenstatus\n1,ann,2026-01-02,10,paid,A-gut\n2,ann,2026-01-03,20,paid,B-schlecht\n";
    assert_texts(&[("orders.csv", rows)], &["ann,2,30.00"], &["--map payment_status=\"Kassenstatus\""]);
    // Of which every word is known it is read, and that is said: bob has not paid.
    let rows = "order_id,customer_id,date,total,Kassenstatus\n1,ann,2026-01-02,10,bezahlt\n2,bob,2026-01-03,20,offen\n";
    assert_texts(
        &[("orders.csv", rows)],
        &["ann,1,10.00"],
        &["columns are chosen by what they hold", "status=Kassenstatus"],
    );
    // Words alone make no status of a column whose header says nothing of one.
    let rows = "order_id,customer_id,date,total,Remark\n1,ann,2026-01-02,10,paid\n2,bob,2026-01-03,20,open\n";
    assert_texts(&[("orders.csv", rows)], &["ann,1,10.00", "bob,1,20.00"], &[]);
    let rows = "order_id,customer_id,date,total,Ship State,Fulfillment Status\n1,ann,2026-01-02,10,CA,sent\n2,ann,2026-01-03,20,NY,sent\n";
    let trial = Trial::new();
    let (_, notes) = rfm(&[&trial.write("orders.csv", rows)]);
    assert!(!notes.contains("looks like a status"), "{notes}");
}

#[test]
fn a_status_column_of_bare_numbers_is_named_by_every_command() {
    let file = fixture("status_in_codes_of_the_shop.csv");
    let said = "column pay_state looks like a status (0, 1, 9) and is not read, so unpaid orders count as paid; 4 of the 5 rows";
    assert_every_command_says(&file, &[said, "--map status=\"pay_state\" reads it; [status] in ecrm.toml"]);
    // ann: 10 + 20, bob: 30 + 40 + 5; what 0, 1 and 9 mean nobody knows.
    assert_customers(&[&file], &["ann,2,30.00", "bob,3,75.00"], &[said]);
    let notes = run(&["rfm", &file, "--lang", "zh"]).stderr;
    assert!(String::from_utf8(notes).unwrap().contains("“pay_state”列像是状态（0, 1, 9），但没有读取"));
    let rows = |header: &str, cells: [&str; 3]| {
        let [a, b, c] = cells;
        format!(
            "order_id,customer_id,date,total,{header}\n1,ann,2026-01-02,10,{a}\n2,ann,2026-01-03,20,{b}\n3,bob,2026-01-04,30,{c}\n"
        )
    };
    for (header, cells) in [
        ("Kassenstatus", ["1.0", "2.0", ""]),
        ("pay_state", ["P", "U", "P"]),
        ("pay_state", ["✓", "✗", "✓"]),
        ("state", ["0", "1", "2"]),
        ("estado", ["-1", "0", "1"]),
        ("支付状态说明", ["10", "20", "200"]),
        // Flags are no amounts where another column has those, and no refunds of 1.
        ("paid", ["0", "1", "1"]),
        ("refunded", ["0", "1", "0"]),
    ] {
        let named = format!("column {header} looks like a status (");
        assert_texts(&[("orders.csv", &rows(header, cells))], &["ann,2,30.00", "bob,1,30.00"], &[&named]);
    }
    let trial = Trial::new();
    for (header, cells) in [
        ("state", ["06", "36", "6"]),
        ("Buyer State", ["Ohio", "Texas", "Utah"]),
        ("status amount", ["10.50", "3", "4"]),
        ("status date", ["20260101", "20260102", "20260103"]),
    ] {
        let (customers, notes) = rfm(&[&trial.write("orders.csv", &rows(header, cells))]);
        assert_eq!(customers, ["ann,2,30.00", "bob,1,30.00"], "{header}");
        assert!(!notes.contains("looks like a status"), "{header}: {notes}");
    }
}

#[test]
fn codes_of_a_status_column_that_is_read_are_asked_for_and_can_be_taught() {
    let trial = Trial::new();
    for header in ["order_status", "支付状态"] {
        let text = format!(
            "order_id,customer_id,date,total,{header}\n1,ann,2026-01-02,10,0\n2,ann,2026-01-03,20,1\n3,bob,2026-01-04,30,1\n"
        );
        let file = trial.write("orders.csv", &text);
        for command in COMMANDS {
            let output = run(&[command, &file]);
            let notes = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{command}: {notes}");
            assert!(
                notes.contains("\"1\" = \"\"  # rows: 2") && notes.contains(header),
                "{command}: {notes}"
            );
        }
        let taught = trial.write("ecrm.toml", "[status]\n0 = \"pending\"\n1 = \"paid\"\n");
        assert_customers(&[&file, "--config", &taught], &["ann,1,20.00", "bob,1,30.00"], &[]);
    }
}

#[test]
fn an_empty_status_column_is_none() {
    let rows = "order_id,customer_id,date,total,status\n1,ann,2026-01-02,10,\n2,ann,2026-01-03,20,\n";
    assert_texts(&[("orders.csv", rows)], &["ann,2,30.00"], &["column status is empty"]);
    let rows = rows.replace(",20,", ",20,pending");
    assert_texts(&[("orders.csv", &rows)], &[], &["status"]);
}

#[test]
fn of_two_statuses_both_count() {
    let rows = "order_id,customer_id,date,total,order_status,payment_status\n1,ann,2026-01-02,10,completed,paid\n\
        2,ann,2026-01-03,20,completed,unpaid\n3,bob,2026-01-04,30,new,paid\n4,bob,2026-01-05,40,cancelled,paid\n\
        5,cat,2026-01-06,50,completed,refunded\n6,dan,2026-01-06,60,completed,\n";
    assert_texts(&[("orders.csv", rows)], &["ann,1,10.00", "bob,1,30.00", "dan,1,60.00"], &[]);
}

#[test]
fn guests_and_errors_are_no_customer() {
    // 17 is an id; guests with an e-mail are known by it, the others by nothing.
    let file = fixture("guests_and_errors.csv");
    assert_customers(
        &[&file],
        &["17,1,30.00", "ada@shop.example,2,100.00"],
        &[
            "in 2 rows column customer_id names all guests alike (0)",
            "in 3 rows column customer_id names nobody (#REF!, 0, guest)",
        ],
    );
    assert_every_command_says(&file, &["names nobody"]);
    let words = [
        "-1",
        "Guest",
        "anonymous",
        "游客",
        "匿名用户",
        "walk-in",
        "unknown",
        "gast",
        "invité",
        "#N/A",
        "#BEZUG!",
        "#¡REF!",
        "N/A",
        "none",
    ];
    for (number, word) in words.into_iter().enumerate() {
        let rows = format!(
            "order_id,customer_id,date,total\n1,{word},2026-01-02,10\n2,{word},2026-01-03,20\n3,ann1,2026-01-04,5\n"
        );
        assert_word(number, &rows, &["ann1,1,5.00"], &["no customer 2"]);
    }
    // Neither is an order's number.
    let rows = "order_id,customer_id,date,total\n#REF!,ann,2026-01-02,10\n#REF!,bob,2026-01-03,20\n3,cat,2026-01-04,5\n";
    assert_texts(&[("orders.csv", rows)], &["cat,1,5.00"], &["missing_order_id"]);
}

#[test]
fn guests_are_nobody_in_other_encodings_and_layouts() {
    let trial = Trial::new();
    let rows = "订单号,客户编号,邮箱,日期,金额\n1,游客,a@x.example,2026-01-02,10\n2,匿名,,2026-01-03,20\n3,老王,,2026-01-04,5\n";
    let path = trial.path("orders.csv");
    std::fs::write(&path, encoding_rs::GB18030.encode(rows).0).unwrap();
    assert_customers(&[&path], &["a@x.example,1,10.00", "老王,1,5.00"], &["游客"]);
    let rows = "order_id\tcustomer_id\tphone\tdate\ttotal\n1\t00000000-0000-0000-0000-000000000000\t13800138000\t2026-01-02\t10\n2\t8\t\t2026-01-03\t20\n";
    assert_texts(&[("orders.tsv", rows)], &["13800138000,1,10.00", "8,1,20.00"], &["names all guests alike"]);
}

#[test]
fn what_goes_back_is_taken_off_once() {
    // kit: K-1 (9.89) was given back whole, K-2 (4.94) stays. lou: 50 - 20. max is no buyer.
    let file = fixture("refunds_as_records.csv");
    assert_customers(&[&file], &["kit,1,4.94", "lou,1,30.00"], &["taken off once"]);
    let all = stdout(&["region", &file, "--format", "csv"]);
    assert!(all.contains(",2,2,34.94,"), "{all}");
    for (number, id) in ["1-refund", "1_R1", "1R1", "1-R-2", "R-1"].into_iter().enumerate() {
        let rows = format!(
            "order_id,customer_id,status,date,total\n1,ann,refunded,2026-01-02,10\n{id},ann,completed,2026-01-05,-10\n2,ann,paid,2026-01-03,7\n"
        );
        assert_word(number, &rows, &["ann,1,7.00"], &["taken off once"]);
    }
}

#[test]
fn refunds_are_tied_by_a_column_or_by_customer_and_amount() {
    let rows = "order_id,parent_id,customer_id,status,date,total,refund_amount\n1,,ann,partially_refunded,2026-01-02,50,20\n\
        K77,1,,refunded,2026-01-05,-20,0\n2,,ann,paid,2026-01-03,7,0\n";
    assert_texts(&[("orders.csv", rows)], &["ann,2,37.00"], &["taken off once"]);
    // The refund's own number says nothing.
    let rows = "order_id,customer_id,status,date,total,refund_amount\n1,ann,refunded,2026-01-02,50,0\nK77,ann,completed,2026-01-05,-50,0\n\
        2,ann,paid,2026-01-03,7,0\n3,bob,partially_refunded,2026-01-02,40,15\nK78,bob,completed,2026-01-04,-15,0\n\
        4,cat,completed,2026-01-04,40,0\nK79,cat,completed,2026-01-06,-15,0\n";
    assert_texts(&[("orders.csv", rows)], &["ann,1,7.00", "bob,1,25.00", "cat,1,25.00"], &["taken off once"]);
    // A refund from before its order is of another.
    let rows = "order_id,customer_id,status,date,total\n1,ann,refunded,2026-01-08,50\nK77,ann,completed,2026-01-05,-50\n2,ann,paid,2026-01-03,70\n";
    assert_texts(&[("orders.csv", rows)], &["ann,1,20.00"], &[]);
}

#[test]
fn refunds_under_the_orders_own_number_are_taken_off_once() {
    let head = "order_id,customer_id,status,date,total,refund_amount\n";
    for (rows, customers) in [
        ("1,ann,partially_refunded,2026-01-02,50,20\n1,ann,refunded,2026-01-05,-20,0\n", "ann,1,30.00"),
        (
            "1,ann,completed,2026-01-02,50,0\n1,ann,completed,2026-01-05,-10,0\n1,ann,completed,2026-01-06,-15,0\n",
            "ann,1,25.00",
        ),
        (
            "1,ann,refunded,2026-01-02,50,0\n1,ann,refunded,2026-01-05,-50,0\n2,ann,paid,2026-01-02,8,0\n",
            "ann,1,8.00",
        ),
        (
            "1,ann,completed,2026-01-02,50,0\n1,ann,completed,2026-01-05,-50,0\n2,ann,paid,2026-01-02,8,0\n",
            "ann,1,8.00",
        ),
    ] {
        assert_texts(&[("orders.csv", &format!("{head}{rows}"))], &[customers], &[]);
    }
    // Orders and refunds in files of their own, and the refund in two overlapping ones.
    let orders = format!("{head}1,ann,completed,2026-01-02,50,0\n2,bob,completed,2026-01-02,9,0\n");
    let refunds = format!("{head}1,ann,refunded,2026-01-05,-20,0\n");
    assert_texts(&[("orders.csv", &orders), ("refunds.csv", &refunds)], &["ann,1,30.00", "bob,1,9.00"], &[]);
    assert_texts(
        &[("a_refunds.csv", &refunds), ("orders.csv", &orders)],
        &["ann,1,30.00", "bob,1,9.00"],
        &[],
    );
    let later = format!("{refunds}1,ann,refunded,2026-01-06,-5,0\n");
    assert_texts(
        &[("orders.csv", &orders), ("refunds.csv", &refunds), ("later.csv", &later)],
        &["ann,1,25.00", "bob,1,9.00"],
        &[],
    );
}

#[test]
fn refunds_of_nobody_are_said_and_lower_the_shops_totals() {
    let rows = "order_id,customer_id,status,date,total\n1,ann,completed,2026-01-02,50\nK9,,completed,2026-01-05,-20\n";
    assert_texts(&[("orders.csv", rows)], &["ann,1,50.00"], &["1 refund of 20.00 names no buyer"]);
    let trial = Trial::new();
    let all = stdout(&["region", &trial.write("orders.csv", rows), "--format", "csv"]);
    assert!(all.contains(",30.00,"), "{all}");
}

#[test]
fn two_shops_that_number_alike_are_told_apart() {
    let head = "order_id,customer_id,date,total\n";
    let a = format!("{head}1001,ann,2026-05-02,40\n1002,bob,2026-05-09,60\n");
    let b = format!("{head}1001,cleo,2026-05-03,70\n1002,ann,2026-05-10,20\n");
    let customers = ["ann,2,60.00", "bob,1,60.00", "cleo,1,70.00"];
    assert_texts(&[("a.csv", &a), ("b.csv", &b)], &customers, &["order numbers that two shops use"]);
    // A later export of the first shop replaces its own order alone; 1002 has another buyer there, on the same day.
    let later = format!("{head}1001,ann,2026-05-02,45\n1002,bobby,2026-05-09,60\n");
    let customers = ["ann,2,65.00", "bobby,1,60.00", "cleo,1,70.00"];
    assert_texts(&[("a.csv", &a), ("b.csv", &b), ("later.csv", &later)], &customers, &["two shops"]);
    // A column of shops tells them apart within one file, buyer and day alike or not; so does an id of the platform,
    // which may number rows only where these say one total.
    let rows = "order_id,platform_order_id,customer_id,date,total\n1,61,ann,2026-05-02,40\n1,71,ann,2026-05-02,70\n2,62,bob,2026-05-04,1\n";
    assert_texts(&[("orders.csv", rows)], &["ann,2,110.00", "bob,1,1.00"], &["two shops"]);
    assert_texts(&[("orders.csv", &rows.replace(",70", ",40"))], &["ann,1,40.00", "bob,1,1.00"], &[]);
    let rows = "order_id,shop,customer_id,date,total\n1,North,ann,2026-05-02,40\n1,South,ann,2026-05-02,70\n";
    assert_texts(&[("orders.csv", rows)], &["ann,2,110.00"], &["two shops"]);
    let rows = "order_id,shop,customer_id,date,total\n1001,North,ann,2026-05-02,40\n1001,South,cleo,2026-05-03,70\n1002,North,ann,2026-05-04,1\n";
    assert_texts(&[("orders.csv", rows)], &["ann,2,41.00", "cleo,1,70.00"], &["two shops"]);
}

#[test]
fn the_platforms_own_id_settles_which_orders_are_one() {
    let a = fixture("shopify_store_a.csv");
    let b = fixture("shopify_store_b.csv");
    // #1001 of two rows in store A (ann, 40), of one in store B (ann too, on the same day, 70).
    let customers = ["ann@shop.example,2,110.00", "bob@shop.example,1,60.00"];
    assert_customers(&[&a, &b], &customers, &["order numbers that two shops use"]);
    assert_customers(&[&b, &a], &customers, &["order numbers that two shops use"]);
    // The same export twice is one.
    let (found, notes) = rfm(&[&a, &b, &a]);
    assert_eq!(found, customers, "{notes}");
    let trial = Trial::new();
    let store = trial.store();
    import(&[&a], &store);
    import(&[&b], &store);
    assert_customers(&[&store], &customers, &["order numbers that two shops use"]);
}

#[test]
fn an_order_id_of_several_customers_is_an_order_of_each_everywhere() {
    let rows =
        "order_id,customer_id,date,total\n1,ann,2026-05-02,40\n1,bob,2026-05-02,60\n2,cat,2026-05-09,5\n";
    let trial = Trial::new();
    let path = trial.write("orders.csv", rows);
    assert_customers(
        &[&path],
        &["ann,1,40.00", "bob,1,60.00", "cat,1,5.00"],
        &["order ids shared by several customers"],
    );
    for command in
        ["rfm", "segment", "value", "repurchase", "cohort", "products", "profile", "region", "overview"]
    {
        let output = run(&[command, &path, "--format", "csv"]);
        let notes = String::from_utf8(output.stderr).unwrap();
        assert!(notes.contains("3 orders"), "{command}: {notes}");
    }
}

#[test]
fn a_day_beyond_all_others_is_said_by_every_command() {
    // The other days are of May 2026; one year is mistyped.
    let file = fixture("a_year_mistyped.csv");
    let words = "the as-of day 2062-05-30 is set by 1 row far beyond all others";
    assert_every_command_says(&file, &[words, "--as-of 2026-05-31"]);
    let notes = String::from_utf8(run(&["check", &file, "--format", "csv"]).stderr).unwrap();
    assert!(notes.contains(words), "{notes}");
    let (_, notes) = rfm(&[&file, "--as-of", "2026-05-31"]);
    assert!(!notes.contains("far beyond"), "{notes}");
    let trial = Trial::new();
    let store = trial.store();
    import(&[&file], &store);
    let (_, notes) = rfm(&[&store]);
    assert!(notes.contains(words), "{notes}");
    // All rows are of days to come: said until these have passed.
    let rows = "order_id,customer_id,date,total\n1,ann,2162-05-02,40\n2,bob,2162-05-03,60\n";
    let (_, notes) = rfm(&[&trial.write("orders.csv", rows)]);
    assert!(notes.contains("is after today, as all 2 rows are"), "{notes}");
}

#[test]
fn cells_merged_over_the_rows_of_an_order_belong_to_each() {
    let trial = Trial::new();
    let path = trial.path("orders.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let plain = rust_xlsxwriter::Format::new();
    for (column, head) in (0..).zip(["Order No", "Customer", "Date", "Order Total", "Product", "Qty"]) {
        sheet.write_string(0, column, head).unwrap();
    }
    for (rows, order) in
        [((1, 2), ["M1", "lin", "2026-04-02", "90"]), ((3, 3), ["M2", "lin", "2026-04-20", "30"])]
    {
        for (column, value) in (0..).zip(order) {
            match rows {
                (first, last) if first < last => {
                    sheet.merge_range(first, column, last, column, value, &plain).unwrap();
                }
                (row, _) => drop(sheet.write_string(row, column, value).unwrap()),
            }
        }
    }
    for (row, item) in (1..).zip(["Tea", "Cup", "Tea"]) {
        sheet.write_string(row, 4, item).unwrap();
        sheet.write_number(row, 5, 1).unwrap();
    }
    book.save(&path).unwrap();
    assert_customers(&[&path], &["lin,2,120.00"], &["0 quarantined"]);
    let products = stdout(&["products", &path, "--format", "csv", "--min-count", "1"]);
    assert!(products.contains(",Tea,,2,1,2,") && products.contains(",Cup,,1,1,1,"), "{products}");
}

#[test]
fn a_column_of_words_holds_no_amounts() {
    let rows = "order_id,Customer,Total,Payment,Status,Date\n1,ann,34.50,Bank wire,Delivered,2026-03-01\n2,ann,12.00,Card,Shipped,2026-03-02\n";
    assert_texts(&[("orders.csv", rows)], &["ann,2,46.50"], &[]);
    // Nor is one of yes and no, which says something else.
    let rows = "order_id,Customer,Total,Paid,Refunded,Date\n1,ann,34.50,yes,no,2026-03-01\n2,ann,12.00,no,no,2026-03-02\n";
    assert_texts(&[("orders.csv", rows)], &["ann,2,46.50"], &["column Paid looks like a status"]);
}

/// Rows of files with different columns that come under other customers keep what is theirs.
#[test]
fn refunds_of_nobody_in_files_with_different_columns_go_to_their_orders() {
    // ann: 50 - 20 + 7 in one file, bob: 40 - 15 + 9 in another, which has no refunds and other days.
    let first = "order_id,customer_id,status,created_at,paid_at,total,refund_amount\n1,ann,completed,2026-01-01,2026-01-02,50,0\n\
        1-R,,completed,2026-01-05,2026-01-05,-20,0\n2,ann,paid,2026-01-03,2026-01-03,7,0\n";
    let second = "order_id,customer_id,status,date,total\n5,bob,completed,2026-02-02,40\n5-R,,completed,2026-02-05,-15\n\
        6,bob,paid,2026-02-03,9\n";
    assert_texts(&[("a.csv", first), ("b.csv", second)], &["ann,2,37.00", "bob,2,34.00"], &[]);
    assert_texts(&[("b.csv", second), ("a.csv", first)], &["ann,2,37.00", "bob,2,34.00"], &[]);
}

/// Ids that rise are never looked at one by one, but for those of refunds and their orders.
#[test]
fn refunds_find_their_orders_among_ids_that_rise_as_among_others() {
    let head = "order_id,customer_id,status,date,total,parent_id\n";
    let rows = [
        "1001,ann,completed,2026-01-02,50,\n",
        "1002,bob,completed,2026-01-03,9,\n",
        "1003,,completed,2026-01-05,-20,1001\n",
        "1004,bob,completed,2026-01-06,8,\n",
        // Of nothing that is known: by its customer.
        "1005,bob,completed,2026-01-07,-3,77\n",
    ];
    // ann: 50 - 20; bob: 9 + 8 - 3.
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
        let text: String = order.iter().map(|row| rows[*row]).collect();
        assert_texts(&[("orders.csv", &format!("{head}{text}"))], &["ann,1,30.00", "bob,2,14.00"], &[]);
    }
}

/// Two refunds of one amount, day and file are two, whatever they are called.
#[test]
fn equal_refunds_of_different_status_are_two() {
    let rows = "order_id,customer_id,status,date,total\n1,ann,completed,2026-01-02,50\n1,ann,refunded,2026-01-05,-10\n\
        1,ann,completed,2026-01-05,-10\n";
    assert_texts(&[("orders.csv", rows)], &["ann,1,30.00"], &[]);
    // The same two in a second export are no further ones.
    let trial = Trial::new();
    let (may, june) = (trial.write("may.csv", rows), trial.write("june.csv", rows));
    assert_customers(&[&may, &june], &["ann,1,30.00"], &[]);
}
