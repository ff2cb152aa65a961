//! What a file of items says of orders: amounts, what went back, currencies, costs, what became of each item. The files
//! are those of `fixtures/items`; what they come to was worked out by hand.

use std::path::Path;

use super::common::{ecrm, failure, run, stdout};
use super::store::{Trial, import};
use super::store_formats::copy;

fn path(file: &str) -> String {
    format!("fixtures/items/{file}")
}

/// Who spent how much, by name, and what was said beside it.
fn spent(inputs: &[&str], flags: &[&str]) -> (Vec<String>, String) {
    let columns =
        ["customers", "--columns", "customer_id,order_count,net_amount", "--where", "order_count > 0"];
    let output = run(&[&columns, inputs, flags, &["--format", "csv"]].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{inputs:?} {flags:?}: {said}");
    let mut rows: Vec<String> =
        String::from_utf8(output.stdout).unwrap().lines().skip(1).map(str::to_owned).collect();
    rows.sort();
    (rows, said)
}

/// The same of files, of a store that they were imported into one by one, and of one that they were imported into at
/// once.
fn assert_spent(files: &[&str], flags: &[&str], expected: &[&str]) {
    let files: Vec<String> = files.iter().map(|file| path(file)).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    assert_eq!(spent(&files, flags).0, expected, "{files:?}");
    let trial = Trial::new();
    let (one_by_one, at_once) = (trial.path("one_by_one"), trial.path("at_once"));
    files.iter().for_each(|file| drop(import(&[file], &one_by_one)));
    import(&files, &at_once);
    assert_eq!(spent(&[&one_by_one], flags).0, expected, "{files:?} one by one");
    assert_eq!(spent(&[&at_once], flags).0, expected, "{files:?} at once");
}

/// 10 - 4 + 9 and 5, since what went back of the lost tea is that tea; 4.50; 30 - 30.
const WITHOUT_REFUNDS: [&str; 2] = ["ann,2,20.00", "bob,1,4.50"];

#[test]
fn what_went_back_of_items_is_taken_off_once() {
    assert_spent(&["orders.csv", "refunds.csv"], &[], &WITHOUT_REFUNDS);
    assert_spent(&["refunds.csv", "orders.csv"], &[], &WITHOUT_REFUNDS);
    let (_, said) = spent(&[&path("orders.csv"), &path("refunds.csv")], &[]);
    assert!(!said.contains("is not taken"), "{said}");
    // The order says it too: 4 of both, and 1 more than its items do.
    let trial = Trial::new();
    let orders = trial.write(
        "orders.csv",
        "order_id,customer_id,order_date,status,refund_amount\n1,ann,2026-01-01,paid,4.00\n3,bob,2026-01-01,paid,1.00\n",
    );
    assert_eq!(spent(&[&orders, &path("refunds.csv")], &[]).0, ["ann,1,15.00", "bob,1,3.50"]);
}

/// A store of an earlier version kept the texts of these columns.
#[test]
fn what_went_back_is_read_from_stores_of_earlier_versions() {
    let trial = Trial::new();
    let store = copy(&trial, Path::new("fixtures/items/store_v4"));
    assert_eq!(spent(&[&store], &[]).0, WITHOUT_REFUNDS);
    // 6 + 2 × 2 and 3 × 6.
    assert_eq!(spent(&[&store], &["--orders-where", "cost >= 10"]).0, ["ann,1,15.00"]);
    // And when it is written on: of order 2 the cup is 4 now, and a pot of 6 is beside it.
    import(&[&path("june.csv")], &store);
    assert_eq!(spent(&[&store], &[]).0, ["ann,2,25.00", "bob,1,4.50", "cat,1,29.00"]);
}

/// 10 and 10 + 4 + 6; 4.50; 29. The last row of an id counts, of one file and of two.
#[test]
fn items_with_ids_of_their_own_count_once() {
    let expected = ["ann,2,30.00", "bob,1,4.50", "cat,1,29.00"];
    assert_spent(&["orders.csv", "may.csv", "june.csv"], &[], &expected);
    let (_, said) = spent(&[&path("orders.csv"), &path("may.csv"), &path("june.csv")], &[]);
    assert!(said.contains("in a later export too 2"), "{said}");
    // Without the earlier one of the cup's rows.
    let bought = stdout(&[
        "products",
        &path("orders.csv"),
        &path("may.csv"),
        &path("june.csv"),
        "--format",
        "csv",
        "-q",
    ]);
    let mut reader = csv::Reader::from_reader(bought.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let [title, amount] =
        ["title", "amount"].map(|name| headers.iter().position(|header| header == name).unwrap());
    let rows = reader.records().map(|row| row.unwrap());
    let mut rows: Vec<String> = rows.map(|row| format!("{},{}", &row[title], &row[amount])).collect();
    rows.sort();
    assert_eq!(rows, ["cup,8.50", "pot,6.00", "tea,49.00"]);
}

#[test]
fn costs_of_items_are_those_of_orders_that_take_their_amounts() {
    // Of order 1: 6 + 2 × 2; of 2 the cup alone, 2; of 5: 18, and nothing is left of it.
    let flags = ["--orders-where", "cost >= 10"];
    assert_spent(&["orders.csv", "refunds.csv"], &flags, &["ann,1,15.00"]);
    assert_spent(
        &["orders.csv", "refunds.csv"],
        &["--orders-where", "cost < 10"],
        &["ann,1,5.00", "bob,1,4.50"],
    );
}

#[test]
fn costs_of_items_are_those_of_orders_with_amounts_of_their_own_too() {
    let trial = Trial::new();
    let orders = trial.write(
        "orders.csv",
        "order_id,customer_id,order_date,paid_amount\n1,ann,2026-01-01,20\n2,bob,2026-01-02,30\n3,cat,2026-01-03,10\n",
    );
    let items = trial.write(
        "items.csv",
        "order_id,product_id,quantity,price,cost\n1,tea,1,12,5\n1,cup,1,8,3\n2,pot,1,30,29\n3,cup,1,10,4\n",
    );
    // Of order 1 they are 5 + 3, so that ann brought 12, bob 1 and cat 6, of 19 in all: by what they paid bob leads.
    let shares = |inputs: &[&str]| -> Vec<String> {
        let columns = "customer_id,margin,cumulative_share";
        let text = stdout(&[&["value", "--list", "--format", "csv", "-q"], inputs].concat());
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headers = reader.headers().unwrap().clone();
        let places: Vec<usize> = columns
            .split(',')
            .map(|name| headers.iter().position(|header| header == name).unwrap())
            .collect();
        let rows = reader.records().map(|row| row.unwrap());
        rows.map(|row| places.iter().map(|&place| row[place].to_owned()).collect::<Vec<_>>().join(","))
            .collect()
    };
    let expected: Vec<String> =
        ["ann,12.00,0.6315789474", "cat,6.00,0.9473684211", "bob,1.00,1"].map(str::to_owned).into();
    assert_eq!(shares(&[&orders, &items]), expected);
    assert_eq!(shares(&[&items, &orders]), expected);
    let store = trial.path("store");
    import(&[&orders, &items], &store);
    assert_eq!(shares(&[&store]), expected);
    assert_eq!(spent(&[&orders, &items], &["--orders-where", "cost >= 5"]).0, ["ann,1,20.00", "bob,1,30.00"]);
    // Where a file of orders says costs, these are the orders'.
    let own = trial.write(
        "own.csv",
        "order_id,customer_id,order_date,paid_amount,cost\n1,ann,2026-01-01,20,19\n2,bob,2026-01-02,30,\n",
    );
    assert_eq!(spent(&[&own, &items], &["--orders-where", "cost >= 5"]).0, ["ann,1,20.00"]);
    // Costs in another currency cannot be taken off; what does not ask for costs answers.
    let dollars =
        trial.write("dollars.csv", "order_id,product_id,quantity,price,cost,currency\n1,tea,1,12,5,USD\n");
    let euros = trial.write(
        "euros.csv",
        "order_id,customer_id,order_date,paid_amount,currency\n1,ann,2026-01-01,20,EUR\n",
    );
    let (code, said) = failure(&["value", &euros, &dollars]);
    assert!(code == 1 && said.contains("several currencies (EUR, USD)"), "{said}");
    assert_eq!(spent(&[&euros, &dollars], &[]).0, ["ann,1,20.00"]);
}

/// What an order says that it came to holds its items, whatever became of them; and what another file says of its own
/// orders is nothing that it says of these.
#[test]
fn what_items_say_holds_for_the_orders_of_files_that_do_not_say_it() {
    let trial = Trial::new();
    let orders = trial.write(
        "orders.csv",
        "order_id,customer_id,order_date,paid_amount\n1,ann,2026-01-01,20\n2,bob,2026-01-02,30\n",
    );
    let items = trial.write(
        "items.csv",
        "order_id,product_id,quantity,price,cost,refund_amount,status\n1,tea,1,12,5,12,refunded\n1,cup,1,8,3,0,completed\n\
         2,pot,1,30,29,0,completed\n9,pan,1,50,40,50,completed\n",
    );
    let others = trial.write(
        "others.csv",
        "order_id,customer_id,order_date,paid_amount,refund_amount,cost\n9,zoe,2026-01-03,50,10,2\n",
    );
    let (orders, items, others) = (orders.as_str(), items.as_str(), others.as_str());
    // Ann's tea went back: 20 - 12; both of hers cost 5 + 3. Zoe's order says 10 and 2 itself.
    let expected = ["ann,1,8.00", "bob,1,30.00"];
    let with_others = ["ann,1,8.00", "bob,1,30.00", "zoe,1,40.00"];
    let cheap = ["--orders-where", "cost <= 8"];
    assert_eq!(spent(&[orders, items], &[]).0, expected);
    assert_eq!(spent(&[orders, items], &cheap).0, ["ann,1,8.00"]);
    for files in [[orders, others, items], [items, others, orders]] {
        assert_eq!(spent(&files, &[]).0, with_others, "{files:?}");
        assert_eq!(spent(&files, &cheap).0, ["ann,1,8.00", "zoe,1,40.00"], "{files:?}");
        let store = trial.path(&format!("store_of_{}", if files[0] == items { "items" } else { "orders" }));
        import(&files, &store);
        assert_eq!(spent(&[&store], &[]).0, with_others, "{files:?}");
        assert_eq!(spent(&[&store], &cheap).0, ["ann,1,8.00", "zoe,1,40.00"], "{files:?}");
    }
}

#[test]
fn marks_and_columns_of_items_say_their_currency() {
    let page = |files: &[&str], flags: &[&str]| {
        let files: Vec<String> = files.iter().map(|file| path(file)).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let text = stdout(&[&["rfm", "--format", "json", "-q"], &files[..], flags].concat());
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["parameters"]["currency"].clone()
    };
    assert_eq!(page(&["orders.csv", "dollars.csv"], &[]), "USD");
    assert_eq!(page(&["orders.csv", "currencies.csv"], &["--currency", "EUR"]), "EUR");
    // The amounts of the orders are their own.
    assert_eq!(page(&["totals.csv", "dollars.csv"], &[]), serde_json::Value::Null);
    assert_spent(&["orders.csv", "dollars.csv"], &[], &["ann,2,29.00", "bob,1,4.50", "cat,1,30.00"]);
    let (code, said) = failure(&["rfm", &path("orders.csv"), &path("currencies.csv")]);
    assert!(code == 1 && said.contains("several currencies (EUR, USD)"), "{said}");
    let (rows, _) = spent(&[&path("orders.csv"), &path("currencies.csv")], &["--currency", "eur"]);
    assert_eq!(rows, ["bob,1,4.50", "cat,1,30.00"]);
    let (code, said) = failure(&["rfm", &path("orders.csv"), &path("currencies.csv"), "--currency", "CNY"]);
    assert!(code == 1 && said.contains("EUR, USD"), "{said}");
}

/// Beside orders with amounts of their own only what is said of items adds theirs up.
#[test]
fn items_in_several_currencies_are_not_added_up() {
    let files = [path("totals.csv"), path("currencies.csv")];
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    assert_eq!(spent(&files, &[]).0, ["ann,2,20.00", "bob,1,4.50", "cat,1,30.00"]);
    let (code, said) = failure(&[&["products"], &files[..]].concat());
    assert!(code == 1 && said.contains("several currencies (EUR, USD)"), "{said}");
    let verdicts = stdout(&[&["check", "--format", "csv", "-q"], &files[..]].concat());
    let verdict = |name: &str| verdicts.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(
        verdict("products,").starts_with("products,blocked,\"the amounts of items are in several currencies")
    );
    assert!(!verdict("rfm,").contains("blocked"), "{verdicts}");
}

#[test]
fn words_of_items_that_nobody_taught_are_noted_as_those_of_orders() {
    let files = [path("orders.csv"), path("untaught.csv")];
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for command in ["rfm", "products"] {
        let output = run(&[&[command, "--format", "csv"], &files[..]].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("\"wobbling\" = \"\""), "{command}: {said}");
        assert!(said.contains("1 quarantined") || said.contains("quarantined (unknown_status 1)"), "{said}");
    }
    let (rows, _) = spent(&files, &[]);
    assert_eq!(rows, ["ann,2,20.00", "cat,1,30.00"]);
    // Taught, it counts.
    let trial = Trial::new();
    let config = trial.write("ecrm.toml", "[status]\nwobbling = \"paid\"\n");
    let (rows, _) = spent(&files, &["--config", &config]);
    assert_eq!(rows, ["ann,2,20.00", "bob,1,4.50", "cat,1,30.00"]);
}

/// What may be said of every shop of these tests; some refuse some, from a store as from files.
const QUESTIONS: [&[&str]; 6] =
    [&["products"], &["overview"], &["customers"], &["rfm"], &["region"], &["check", "--table", "verdicts"]];

/// Exit code and standard output, with a file at standard input where one is named.
fn asked(command: &[&str], inputs: &[&str], piped: Option<&str>) -> (Option<i32>, String) {
    let mut run = ecrm();
    run.args(command).args(inputs).args(["--format", "json", "-q"]);
    if let Some(piped) = piped {
        run.arg("-").stdin(std::fs::File::open(piped).unwrap());
    }
    let output = run.output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// That every question is answered alike from files, from a store that they were imported into one by one, from one of
/// the first beside the files of the others, and where one of them is piped: another for the next question, and for the
/// same question in another turn.
fn assert_alike_from_anywhere(files: &[&str], turns: &[usize]) {
    let files: Vec<String> = files.iter().map(|file| format!("fixtures/{file}")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let trial = Trial::new();
    let (all, first) = (trial.path("all"), trial.path("first"));
    files.iter().for_each(|file| drop(import(&[file], &all)));
    if files.len() > 1 {
        import(&files[..1], &first);
    }
    for (number, command) in QUESTIONS.into_iter().enumerate() {
        let expected = asked(command, &files, None);
        assert_eq!(asked(command, &[&all], None), expected, "{command:?} {files:?} from a store");
        if files.len() > 1 {
            let beside = [&[first.as_str()], &files[1..]].concat();
            assert_eq!(asked(command, &beside, None), expected, "{command:?} {files:?} beside a store");
        }
        for turn in turns {
            let place = (number + turn) % files.len();
            let others = files.iter().enumerate().filter(|(other, _)| *other != place);
            let others: Vec<&str> = others.map(|(_, file)| *file).collect();
            let piped = files[place];
            let answer = asked(command, &others, Some(piped));
            assert_eq!(answer, expected, "{command:?} {files:?} with {piped} piped");
        }
    }
}

#[test]
fn items_with_days_alone_are_orders_from_anywhere() {
    assert_alike_from_anywhere(&["items/dated.csv"], &[0]);
    assert_alike_from_anywhere(&["etsy/items.csv"], &[0]);
    assert_alike_from_anywhere(&["amounts/lines.csv"], &[0]);
}

#[test]
fn items_without_days_alone_are_baskets_from_anywhere() {
    assert_alike_from_anywhere(&["amounts/baskets.csv"], &[0]);
}

#[test]
fn items_give_orders_their_amounts_from_anywhere() {
    assert_alike_from_anywhere(&["items/orders.csv", "items/refunds.csv"], &[0, 1]);
}

#[test]
fn items_with_days_are_those_of_orders_beside_them_from_anywhere() {
    // Between them, every question with the items piped and with the orders.
    assert_alike_from_anywhere(&["items/dated.csv", "items/totals.csv"], &[0]);
    assert_alike_from_anywhere(&["amounts/lines.csv", "items/totals.csv"], &[1]);
    assert_alike_from_anywhere(&["etsy/items.csv", "etsy/orders.csv"], &[0]);
}

/// What the answers are that they all agree on: by hand, of four orders of three customers.
#[test]
fn items_with_days_say_who_bought_when() {
    let bought = |inputs: &[&str]| {
        let text = stdout(&[&["products", "--format", "csv", "-q"], inputs].concat());
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headers = reader.headers().unwrap().clone();
        let places = ["title", "order_count", "customer_count", "repeat_customer_count"]
            .map(|name| headers.iter().position(|header| header == name).unwrap());
        let rows = reader.records().map(|row| row.unwrap());
        rows.map(|row| places.map(|place| row[place].to_owned()).join(",")).collect::<Vec<_>>()
    };
    let dated = path("dated.csv");
    assert_eq!(bought(&[&dated]), ["tea,3,2,1", "cup,2,2,0"]);
    let trial = Trial::new();
    let store = trial.store();
    assert_eq!(import(&[&dated], &store).lines().count(), 1);
    assert_eq!(bought(&[&store]), ["tea,3,2,1", "cup,2,2,0"]);
    // Orders that come later: of the fifth there is none, and the days are theirs.
    let later = trial.write(
        "later.csv",
        "order_id,customer_id,paid_at,paid_amount\n1,ann,2026-03-01,19\n2,ann,2026-03-02,10\n3,bob,2026-03-03,4\n",
    );
    import(&[&later], &store);
    assert_eq!(bought(&[&store]), ["cup,2,2,0", "tea,2,1,1"]);
    assert_eq!(bought(&[&dated, &later]), ["cup,2,2,0", "tea,2,1,1"]);
    assert_eq!(spent(&[&store], &[]).0, ["ann,2,29.00", "bob,1,4.00"]);
    // A line for the store and one for each file.
    assert_eq!(stdout(&["store", "info", &store]).lines().count(), 3);
    // Who is forgotten is so in both readings of a file.
    stdout(&["store", "forget", "ann", &store]);
    stdout(&["store", "verify", &store]);
    assert_eq!(bought(&[&store]), ["cup,1,1,0"]);
    let (code, said) = failure(&["store", "who", "ann", &store]);
    assert!(code == 1 && said.contains("forgotten"), "{said}");
    // And does not come back in either.
    import(&["--again", &dated], &store);
    import(&["--again", &later], &store);
    assert_eq!(bought(&[&store]), ["cup,1,1,0"]);
}

#[test]
fn a_file_that_is_imported_again_is_what_it_is_now() {
    let trial = Trial::new();
    let (store, totals) = (trial.store(), path("totals.csv"));
    let export = trial.write("export.csv", &std::fs::read_to_string(path("dated.csv")).unwrap());
    import(&[&export], &store);
    for text in [
        // It may be of both tables, then of one, then of both again.
        "order_no,product,buyer,shop day\n1,pot,ann,2026-01-01\n2,tea,ann,2026-01-11\n",
        "order_no,product\n1,pot\n2,cup\n",
        "order_no,product,buyer,shop day\n1,jug,ann,2026-01-01\n2,tea,ann,2026-01-11\n",
    ] {
        std::fs::write(&export, text).unwrap();
        import(&["--again", &export], &store);
        stdout(&["store", "verify", &store]);
        for command in [&["products"][..], &["customers"], &["check", "--table", "verdicts"]] {
            assert_eq!(asked(command, &[&store], None), asked(command, &[&export], None), "{text}");
            let (kept, files) = ([store.as_str(), &totals], [export.as_str(), &totals]);
            assert_eq!(asked(command, &kept, None), asked(command, &files, None), "{text}");
        }
    }
}

/// An earlier version kept a file as what it was taken for when it came.
#[test]
fn stores_of_earlier_versions_say_what_to_import_again() {
    let trial = Trial::new();
    let store = copy(&trial, Path::new("fixtures/items/etsy_v4"));
    let files = ["fixtures/etsy/items.csv", "fixtures/etsy/orders.csv"];
    let (_, said) = spent(&[&store], &[]);
    assert!(said.contains("fixtures/etsy/items.csv: an earlier version kept it as orders"), "{said}");
    assert!(!spent(&files, &[]).1.contains("an earlier version"));
    import(&["--again", files[0]], &store);
    assert!(!spent(&[&store], &[]).1.contains("an earlier version"));
    for command in QUESTIONS {
        assert_eq!(asked(command, &[&store], None), asked(command, &files, None), "{command:?}");
    }
}

#[test]
fn what_stands_against_reading_items_as_orders_is_said() {
    // Two days: which of them is the order's only the user can say.
    let file = path("two_days.csv");
    for command in ["products", "repurchase"] {
        let (code, said) = failure(&[command, &file]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(&format!("error: {file}")) && said.contains("--map created_at="), "{said}");
    }
    let by_hand = stdout(&["products", &file, "--map", "created_at=shop day", "--format", "csv", "-q"]);
    assert!(by_hand.contains("tea,,2,1,"), "{by_hand}");
    // Beside orders it does not matter.
    stdout(&["products", &file, &path("totals.csv")]);
    // A store keeps it as items, and says why.
    let trial = Trial::new();
    let store = trial.store();
    let output = run(&["import", &file, "--store", &store]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains(&format!("{file} is kept as items alone")), "{said}");
    assert!(stdout(&["products", &store, "--format", "csv", "-q"]).contains(",tea,,2,"), "{said}");
    // Days that contradict each other.
    let text = "order_no,product,buyer,shop day\n1,tea,ann,13/01/2026\n2,tea,ann,01/14/2026\n";
    let odd = trial.write("odd.csv", text);
    let (code, said) = failure(&["products", &odd]);
    assert!(code == 1 && said.contains("odd.csv") && said.contains("--date-order"), "{said}");
}

/// Orders of 20 and 10 that say nothing of refunds; of their items 5 and 10 went back: 15, and one order wholly. Where
/// the orders have a column of refunds, that alone counts.
#[test]
fn what_went_back_of_items_is_taken_off_orders_that_say_nothing_of_refunds() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let items = "order_id,product_id,quantity,price,refund_amount\n1,tea,2,10.00,5.00\n2,cup,1,10.00,10.00\n";
    let items = file("items.csv", items);
    let orders =
        "order_id,customer_id,order_date,paid_amount\n1,ann,2026-01-01,20.00\n2,bob,2026-01-02,10.00\n";
    let orders = file("orders.csv", orders);
    let said = "order_id,customer_id,order_date,paid_amount,refund_amount\n1,ann,2026-01-01,20.00,1.00\n\
                2,bob,2026-01-02,10.00,0.00\n";
    let said = file("said.csv", said);
    let store = folder.path().join("store").to_str().unwrap().to_owned();
    stdout(&["import", &orders, &items, "--store", &store, "-q"]);
    let nets = |command: &str, inputs: &[&str]| -> Vec<String> {
        let args = [&[command], inputs, &["--columns", "customer_id,net_amount"], &["--format", "csv", "-q"]]
            .concat();
        stdout(&args).lines().skip(1).map(str::to_owned).collect()
    };
    let taken = ["ann,15.00", "bob,0.00"];
    assert_eq!(nets("customers", &[&orders, &items]), taken);
    assert_eq!(nets("customers", &[&items, &orders]), taken);
    assert_eq!(nets("customers", &[&store]), taken);
    assert_eq!(nets("customers", &[&said, &items]), ["ann,19.00", "bob,10.00"]);
    // Whether the question itself needs the items or not.
    let rfm = stdout(&["rfm", &orders, &items, "--format", "csv", "-q"]);
    assert_eq!(rfm.lines().count(), 2, "{rfm}");
    assert!(rfm.contains("ann,2026-01-01,") && rfm.contains(",15.00,"), "{rfm}");
}

/// What went back of items does not depend on which of an order's rows names the buyer first.
#[test]
fn what_went_back_of_items_does_not_depend_on_the_order_of_rows() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let items = file("items.csv", "order_id,product_id,quantity,price,refund_amount\n1,tea,1,5.00,2.00\n");
    let rows = ["1,ann,2026-01-01,5.00\n", "1,,2026-01-01,5.00\n"];
    for (one, two) in [(0, 1), (1, 0)] {
        let orders = format!("order_id,customer_id,order_date,paid_amount\n{}{}", rows[one], rows[two]);
        let orders = file("orders.csv", &orders);
        let args =
            ["customers", &orders, &items, "--columns", "customer_id,net_amount", "--format", "csv", "-q"];
        assert_eq!(stdout(&args), "customer_id,net_amount\nann,3.00\n", "{one}");
    }
    // Nor on whether they come from a pipe.
    let orders = file("orders.csv", "order_id,customer_id,order_date,paid_amount\n1,ann,2026-01-01,5.00\n");
    for (piped, beside) in [(&orders, &items), (&items, &orders)] {
        let output = ecrm()
            .args(["segment", "-", beside, "--list", "--format", "csv", "-q"])
            .stdin(std::fs::File::open(piped).unwrap())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(",3.00,"), "{piped}: {text}{}", String::from_utf8_lossy(&output.stderr));
    }
    // Dollars are not taken off euros.
    let orders = file(
        "orders.csv",
        "order_id,customer_id,order_date,paid_amount,currency\n1,ann,2026-01-01,5.00,EUR\n",
    );
    let items = file(
        "items.csv",
        "order_id,product_id,quantity,price,refund_amount,currency\n1,tea,1,5.00,2.00,USD\n",
    );
    let (code, said) = failure(&["rfm", &orders, &items]);
    assert!(code == 1 && said.contains("EUR, USD"), "{said}");
}
