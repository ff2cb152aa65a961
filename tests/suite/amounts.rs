//! Orders of which no column says what they came to: what answers without, what does not, and where else amounts may
//! be. The files are those of `fixtures/amounts`; what they hold was worked out by hand.

use super::common::{failure, run, stdout};

fn path(file: &str) -> String {
    format!("fixtures/amounts/{file}")
}

/// The CSV of a command on some files, and what was said beside it.
fn ask(command: &[&str], files: &[&str], flags: &[&str]) -> (String, String) {
    let files: Vec<String> = files.iter().map(|file| path(file)).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let output = run(&[command, &files, flags, &["--format", "csv"]].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{command:?} {files:?}: {said}");
    (String::from_utf8(output.stdout).unwrap(), said)
}

/// The rows below the header, cut to some columns.
fn rows(text: &str, columns: &[&str]) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let places: Vec<usize> =
        columns.iter().map(|name| headers.iter().position(|header| header == *name).unwrap()).collect();
    let cut = |row: csv::StringRecord| places.iter().map(|place| &row[*place]).collect::<Vec<_>>().join(",");
    reader.records().map(|row| cut(row.unwrap())).collect()
}

const NOTE: &str = "no file says what orders came to";

/// ann came twice, bob and cat once; cat's other order is cancelled.
#[test]
fn who_came_when_answers_without_amounts() {
    let (rates, said) = ask(&["repurchase"], &["orders.csv"], &["--table", "rates"]);
    assert!(rates.contains("repeat_customer_rate,0.3333333333,0.0614919447,0.7923403992,1,3,"), "{rates}");
    assert!(rates.contains("repeat_order_rate,0.25,0.0455872608,0.6993581574,1,4,"), "{rates}");
    assert!(said.contains(NOTE) && said.contains("cancelled 1"), "{said}");
    let (cohorts, said) = ask(&["cohort"], &["orders.csv"], &["--as-of", "2026-02-28"]);
    assert!(said.contains(NOTE), "{said}");
    let columns = [
        "cohort",
        "period",
        "cohort_customer_count",
        "customer_count",
        "retention",
        "net_amount",
        "cumulative_per_customer",
    ];
    assert_eq!(
        rows(&cohorts, &columns),
        ["2026-01-01,0,2,2,1,,", "2026-01-01,1,2,0,0,,", "2026-02-01,0,1,1,1,,"]
    );
    let (page, _) = ask(&["overview"], &["orders.csv"], &[]);
    let page = rows(&page, &["metric", "total", "needs"]);
    assert!(page.contains(&"orders,4,".to_owned()), "{page:?}");
    for metric in ["net_amount", "aov", "spend_per_customer"] {
        let row = page.iter().find(|row| row.starts_with(&format!("{metric},"))).unwrap();
        assert!(row.starts_with(&format!("{metric},,a column of what was paid")), "{row}");
    }
    let (regions, _) = ask(&["region"], &["orders.csv"], &[]);
    let columns = ["order_count", "customer_count", "net_amount", "share", "aov", "spend_per_customer"];
    assert_eq!(rows(&regions, &columns), ["4,3,,,,"]);
    let (people, _) = ask(&["customers"], &["orders.csv"], &["--where", "order_count > 1"]);
    let columns = ["customer_id", "last_ordered_on", "order_count", "net_amount", "value", "rfm_group"];
    assert_eq!(rows(&people, &columns), ["ann,2026-01-11,2,,,"]);
    // What is not known keeps nobody.
    let (people, _) = ask(&["customers"], &["orders.csv"], &["--where", "net_amount >= 0", "--count"]);
    assert_eq!(rows(&people, &["customer_count"]), ["0"]);
    let (one, said) = ask(&["customers"], &["orders.csv"], &["--explain", "ann"]);
    assert_eq!(rows(&one, &["order_id", "is_counted", "net_amount"]), ["1,true,", "2,true,"]);
    assert!(said.contains(NOTE), "{said}");
    let (scores, _) = ask(&["customers"], &["orders.csv"], &["--explain", "ann", "--table", "scores"]);
    assert_eq!(scores.lines().count(), 1, "{scores}");
}

/// By 5 January ann and bob had just bought. On 5 February ann, who came again on 11 January, is active and loyal, bob
/// active and new, and cat has come.
#[test]
fn movements_and_the_trend_count_without_amounts() {
    let (matrix, said) = ask(&["migration"], &["orders.csv"], &[]);
    let filled: Vec<String> = rows(&matrix, &["from", "to", "customer_count", "share", "net_amount"])
        .into_iter()
        .filter(|row| !row.contains(",0,"))
        .collect();
    assert_eq!(
        filled,
        ["new_customer,just_bought,1,1,", "just_bought,active_new,1,0.5,", "just_bought,active_loyal,1,0.5,"]
    );
    assert!(said.contains(NOTE), "{said}");
    let (code, said) = failure(&["migration", &path("orders.csv"), "--by", "class"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("leave out --by"), "{said}");
    let (months, said) = ask(&["trend"], &["orders.csv"], &[]);
    let columns = [
        "period_on",
        "is_unfinished",
        "order_count",
        "net_amount",
        "refund_rate",
        "new_customer_count",
        "returning_order_count",
    ];
    assert_eq!(rows(&months, &columns), ["2026-01-01,false,3,,,2,1", "2026-02-01,true,1,,,1,0"]);
    assert!(said.contains(NOTE), "{said}");
}

#[test]
fn what_is_about_money_refuses_in_one_sentence() {
    for command in ["rfm", "segment", "value"] {
        let (code, said) = failure(&[command, &path("orders.csv")]);
        assert_eq!(code, 1, "{said}");
        let error: Vec<&str> = said.lines().filter(|line| line.starts_with("error:")).collect();
        let sentence = format!(
            "error: {command} needs to know what orders came to, and no column of {} says it",
            path("orders.csv")
        );
        assert_eq!(error, [sentence.as_str()], "{said}");
        assert!(said.contains("--map paid_amount=HEADER"), "{said}");
        let (_, said) = failure(&[command, &path("orders.csv"), "--lang", "zh"]);
        assert!(said.contains("需要知道订单金额"), "{said}");
    }
    let (check, _) = ask(&["check"], &["orders.csv"], &[]);
    let verdicts = rows(&check, &["command", "verdict"]);
    for (command, verdict) in [
        ("rfm", "blocked"),
        ("segment", "blocked"),
        ("value", "blocked"),
        ("repurchase", "caveat"),
        ("cohort", "caveat"),
    ] {
        assert!(verdicts.contains(&format!("{command},{verdict}")), "{verdicts:?}");
    }
}

/// Under other names, in other languages, with and without order numbers.
#[test]
fn orders_without_amounts_are_known_by_their_day_and_buyer() {
    for (file, orders, buyers) in
        [("purchases.csv", 4, 3), ("bestellungen.csv", 3, 2), ("消费记录.csv", 4, 3), ("lines.csv", 4, 3)]
    {
        let (rates, said) = ask(&["repurchase"], &[file], &["--table", "rates"]);
        assert!(
            rates.contains(&format!("repeat_customer_rate,{},", 1.0 / f64::from(buyers))[..24])
                && rates.contains(&format!(",1,{buyers},")),
            "{file}: {rates}"
        );
        assert!(rates.contains(&format!(",1,{orders},")), "{file}: {rates}");
        assert!(said.contains(NOTE), "{file}: {said}");
    }
}

#[test]
fn logs_lists_and_totals_are_no_orders() {
    for (file, words) in [
        ("not_logins.csv", "not recognised as an order export"),
        ("not_events.csv", "--events"),
        ("not_a_log.csv", "not recognised as an order export"),
        ("not_totals.csv", "totals per customer"),
        ("not_members.csv", "not recognised as an order export"),
        ("not_cents.csv", "total_cents"),
    ] {
        let (code, said) = failure(&["repurchase", &path(file)]);
        assert!(code == 1 && said.contains(words), "{file}: {said}");
    }
}

/// Items: 10 + 2 × 4.50 and 10 are ann's, 4.50 bob's, 3 × 10 cat's; payments: 15 + 4 and 10, 4.50, 30.
#[test]
fn items_or_payments_beside_them_say_what_they_came_to() {
    for files in [
        ["orders.csv", "items.csv"],
        ["items.csv", "orders.csv"],
        ["orders.csv", "payments.csv"],
        ["payments.csv", "orders.csv"],
        ["orders.csv", "payments_with_days.csv"],
        ["payments_with_days.csv", "orders.csv"],
    ] {
        let (scores, said) = ask(&["rfm"], &files, &[]);
        assert!(!said.contains(NOTE), "{files:?}: {said}");
        let columns = ["customer_id", "last_ordered_on", "order_count", "net_amount"];
        let expected = ["cat,2026-02-05,1,30.00", "ann,2026-01-11,2,29.00", "bob,2026-01-01,1,4.50"];
        assert_eq!(rows(&scores, &columns), expected, "{files:?}");
        // The same where the question wants the items for themselves.
        let (bought, _) = ask(&["products"], &files, &[]);
        let has_items = files.contains(&"items.csv");
        assert_eq!(bought.contains(",tea,"), has_items, "{files:?}: {bought}");
    }
    // Both: items do not count beside payments.
    let (scores, _) = ask(&["rfm"], &["orders.csv", "payments.csv", "items.csv"], &[]);
    assert_eq!(rows(&scores, &["net_amount"]), ["30.00", "29.00", "4.50"]);
    // They do not count either if an order has no payment, whether or not the question reads the items.
    let temp = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(temp.path().join(name), text).unwrap();
        temp.path().join(name).to_str().unwrap().to_owned()
    };
    let files = [
        write("orders.csv", "order_id,customer_id,order_date\n1,ann,2026-01-01\n2,bob,2026-01-02\n"),
        write("payments.csv", "order_id,payment_method,payment_value\n1,card,5\n"),
        write("items.csv", "order_id,product_id,quantity,amount\n1,tea,1,5\n2,tea,1,7\n"),
    ];
    let files = files.each_ref().map(String::as_str);
    let scores = stdout(&[&["rfm"], &files[..], &["--format", "csv"]].concat());
    assert_eq!(rows(&scores, &["customer_id", "net_amount"]), ["ann,5.00"]);
    let bought = stdout(&[&["products"], &files[..], &["--format", "csv"]].concat());
    assert_eq!(rows(&bought, &["product_id", "order_count", "customer_count"]), ["tea,1,1"]);
    // An order of which nothing says it is left out where others have amounts, and that is said.
    let folder = tempfile::tempdir().unwrap();
    let some = folder.path().join("some.csv");
    std::fs::write(&some, "order_id,product,quantity,price\n1,tea,1,10.00\n3,cup,1,4.50\n").unwrap();
    let output = run(&["rfm", &path("orders.csv"), some.to_str().unwrap(), "--format", "csv"]);
    let (table, said) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(rows(&table, &["customer_id", "net_amount"]), ["ann,10.00", "bob,4.50"]);
    assert!(said.contains("rows of orders of which no file says what they came to"), "{said}");
    let (code, said) = failure(&["rfm", &path("payments.csv")]);
    assert!(code == 1 && said.contains("payments of orders that another file lists"), "{said}");
}

/// 10, 20 and 30, 40: neither file replaces what the other says, in whatever order they are named.
#[test]
fn lines_without_amounts_are_items_of_the_orders_beside_them() {
    for files in [["lines.csv", "orders_with_totals.csv"], ["orders_with_totals.csv", "lines.csv"]] {
        let (scores, _) = ask(&["rfm"], &files, &[]);
        assert_eq!(rows(&scores, &["customer_id", "net_amount"]), ["cat,40.00", "ann,30.00", "bob,30.00"]);
        let (bought, _) = ask(&["products"], &files, &[]);
        let columns = ["title", "order_count", "customer_count", "repeat_customer_count"];
        assert_eq!(rows(&bought, &columns), ["tea,3,2,1", "cup,2,2,0"]);
    }
}

/// Tea and cup in two of three orders, cup in all three.
#[test]
fn what_is_bought_together_needs_neither_buyers_nor_amounts_nor_days() {
    let expected = ["cup,tea,2,3,2,3,1", "tea,cup,2,2,3,3,1"];
    let columns = [
        "title",
        "other_title",
        "order_count",
        "product_order_count",
        "other_order_count",
        "basket_count",
        "lift",
    ];
    let flags = ["--table", "together", "--min-count", "1"];
    for file in ["baskets.csv", "nobody.csv"] {
        let (pairs, said) = ask(&["products"], &[file], &flags);
        assert_eq!(rows(&pairs, &columns), expected, "{file}");
        assert!(said.contains("the answer says what is bought, and what together"), "{file}: {said}");
        assert_eq!(said.contains("no file lists the orders of these items"), file == "baskets.csv", "{said}");
    }
    let (products, _) = ask(&["products"], &["nobody.csv"], &[]);
    let columns = ["title", "order_count", "customer_count", "amount", "repeat_customer_count", "loyal_rate"];
    assert_eq!(rows(&products, &columns), ["cup,3,,12.00,,", "tea,2,,20.00,,"]);
    let (products, _) = ask(&["products"], &["baskets.csv"], &[]);
    assert_eq!(rows(&products, &["title", "order_count", "amount"]), ["cup,3,", "tea,2,"]);
    // No day is known, so that no window leaves anything out, and no day is named.
    let (of_window, _) = ask(&["products"], &["baskets.csv"], &["--window", "30"]);
    assert_eq!(of_window, products);
    let said = stdout(&["products", &path("baskets.csv"), "--window", "30", "--format", "json", "--quiet"]);
    assert!(said.contains("\"as_of\":null") || said.contains("\"as_of\": null"), "{said}");
    // Said outright that they are items, they are.
    let said = stdout(&["products", "--items", &path("baskets.csv"), "--format", "csv"]);
    assert_eq!(rows(&said, &["title", "order_count"]), ["cup,3", "tea,2"]);
    // Nobody's days are known, so that nothing else answers.
    let (code, said) = failure(&["repurchase", &path("baskets.csv")]);
    assert!(code == 1 && said.contains("no orders among the inputs"), "{said}");
}

/// A store keeps such orders, and answers as the files do.
#[test]
fn a_store_keeps_orders_without_amounts() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let store = store.to_str().unwrap();
    stdout(&["import", &path("orders.csv"), &path("items.csv"), "--store", store]);
    for command in ["rfm", "repurchase", "cohort", "products"] {
        let of_files = stdout(&[command, &path("orders.csv"), &path("items.csv"), "--format", "csv"]);
        assert_eq!(stdout(&[command, store, "--format", "csv"]), of_files, "{command}");
    }
    let alone = folder.path().join("alone");
    let alone = alone.to_str().unwrap();
    stdout(&["import", &path("baskets.csv"), "--store", alone]);
    let of_file = stdout(&["products", &path("baskets.csv"), "--format", "csv"]);
    assert_eq!(stdout(&["products", alone, "--format", "csv"]), of_file);
}
