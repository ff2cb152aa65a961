//! Who is who: which column tells customers apart, and several accounts of one person.

use super::common::{failure, run, stdout};

const ACCOUNTS: &str = "fixtures/identity/accounts.csv";

/// Customer, orders and net amount of each row of `ecrm segment --list`, sorted.
fn customers(args: &[&str]) -> Vec<(String, String, String)> {
    let csv = stdout(&[&["segment", ACCOUNTS, "--list", "--format", "csv", "-q"], args].concat());
    let mut rows: Vec<_> = csv
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[0].to_owned(), cells[3].to_owned(), cells[4].to_owned())
        })
        .collect();
    rows.sort();
    rows
}

fn named(rows: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    rows.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
}

#[test]
fn the_platforms_id_comes_first_and_a_masked_one_falls_back() {
    // Order 5 has a masked id; its e-mail names the buyer.
    let expected = [
        ("bob", "1", "40.00"),
        ("bob@shop.example", "1", "50.00"),
        ("cem", "1", "60.00"),
        ("mini_ann", "1", "20.00"),
        ("old_ann", "1", "30.00"),
        ("shop_ann", "1", "10.00"),
    ];
    assert_eq!(customers(&[]), named(&expected));
}

#[test]
fn the_customer_key_can_be_chosen() {
    // Orders 1 and 2: one address in two spellings. Orders 3 and 6 have none.
    let by_email = [("ann@shop.example", "2", "30.00"), ("bob@shop.example", "2", "90.00")];
    assert_eq!(customers(&["--customer-key", "email"]), named(&by_email));
    // Orders 1 and 2: one number in two spellings. Order 4 is masked, 6 has none.
    let by_phone =
        [("10000000001", "2", "30.00"), ("10000000002", "1", "30.00"), ("10000000003", "1", "50.00")];
    assert_eq!(customers(&["--customer-key", "phone"]), named(&by_phone));
}

#[test]
fn a_file_of_aliases_merges_accounts() {
    let merged = customers(&["--merge", "fixtures/identity/aliases.csv"]);
    assert!(
        merged.contains(&("ann-of-the-long-customer-id".into(), "2".into(), "50.00".into())),
        "{merged:?}"
    );
    assert_eq!(merged.len(), 5);
    let (code, message) = failure(&["segment", ACCOUNTS, "--merge", ACCOUNTS]);
    assert_eq!(code, 1);
    assert!(message.contains("alias"), "{message}");
}

#[test]
fn aliases_are_found_however_they_are_spelt_and_their_rows_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aliases.csv");
    std::fs::write(&path, "alias,customer_id\nANN@shop.example,Bob@Shop.Example\n").unwrap();
    let path = path.to_str().unwrap();
    let merged = customers(&["--customer-key", "email", "--merge", path]);
    assert_eq!(merged, named(&[("bob@shop.example", "4", "120.00")]));
    let output = run(&["segment", ACCOUNTS, "--customer-key", "email", "--merge", path, "--format", "csv"]);
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(notes.contains("by the file of aliases: 2"), "{notes}");
}

#[test]
fn accounts_with_one_phone_become_one_customer_and_are_counted() {
    let merged = customers(&["--merge-by", "phone"]);
    assert!(merged.contains(&("mini_ann".into(), "2".into(), "30.00".into())), "{merged:?}");
    let output = run(&["segment", ACCOUNTS, "--merge-by", "phone", "--format", "csv"]);
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(notes.contains("2 accounts, 1 customers"), "{notes}");
}

#[test]
fn a_table_of_customers_tells_phones_too() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let orders = write(
        "orders.csv",
        "order_id,customer_id,paid_at,paid_amount\n1,a1,2026-01-01,1\n2,a2,2026-01-02,2\n3,b,2026-01-03,4\n",
    );
    let customers = write(
        "customers.csv",
        "customer_id,phone,registered_at\na1,10000000009,2025-01-01\na2,10000000009,2025-01-01\nb,10000000008,2025-01-01\n",
    );
    let csv =
        stdout(&["rfm", &orders, "--customers", &customers, "--merge-by", "phone", "--format", "csv", "-q"]);
    let ids: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids, ["b", "a1"]);
}

#[test]
fn occasional_purchases_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    // Four of five orders go to Zhejiang: the one to Hainan is occasional. Two orders tell nothing of bob.
    let rows = ["浙江", "浙江省", "Zhejiang", "海南省", "浙江"]
        .iter()
        .enumerate()
        .map(|(i, province)| format!("{i},ann,2026-01-0{},10,{province}\n", i + 1));
    let text: String = rows.collect();
    let text = format!(
        "order_id,customer_id,paid_at,paid_amount,province\n{text}8,bob,2026-01-01,5,海南\n9,bob,2026-01-02,5,浙江\n"
    );
    std::fs::write(&path, text).unwrap();
    let list = |flags: &[&str]| {
        let path = path.to_str().unwrap();
        stdout(&[&["segment", path, "--list", "--format", "csv", "-q"], flags].concat())
    };
    assert!(list(&[]).contains("ann,2026-01-05,0,5,50.00"));
    assert!(list(&["--exclude-occasional"]).contains("ann,2026-01-05,0,4,40.00"));
    assert!(list(&["--exclude-occasional"]).contains("bob,2026-01-02,3,2,10.00"));
}
