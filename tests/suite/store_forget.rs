//! Erasing a customer from a store.

use std::fs::File;
use std::path::Path;

use polars::prelude::{ParquetReader, SerReader};

use super::common::{failure, stdout};
use super::store::{SHOPS, Trial, assert_alike, contents, import};
use super::store_pieces::Grain;

/// Writes the exports of a shop, of which the first holds its orders, with a customer or as if there were none; and two
/// more: rows of items, one of which cannot be read, and orders that replace some of the first.
fn write_exports(trial: &Trial, shop: &[&str], customer: &str, is_gone: bool) -> Vec<String> {
    // Three letters are somewhere in any few thousand random bytes.
    let read = |name: &&str| {
        std::fs::read_to_string(format!("fixtures/{name}")).unwrap().replace("bob,", "bobbinsky,")
    };
    let mut texts: Vec<String> = shop.iter().map(read).collect();
    let orders = texts[0].clone();
    let item = format!("X1,{customer},2026-02-11,P1,Tea,1,5.00\n");
    let header = Grain::Items.header().replace("status,", "");
    texts.push(format!(
        "{header}\n{item}{item}X2,dan,2026-02-12,P1,Tea,1,6.00\nX3,{customer},2026-02-0\nX4,dan\n"
    ));
    let later: Vec<String> =
        orders.lines().take(30).map(|line| line.replace(",completed,", ",shipped,")).collect();
    texts.push(later.join("\n"));
    let theirs: Vec<String> = orders
        .lines()
        .filter(|line| line.contains(customer))
        .map(|line| format!("{},", line.split(',').next().unwrap()))
        .collect();
    let is_left = |line: &&str| {
        let is_theirs = line.contains(customer) || theirs.iter().any(|order| line.starts_with(order));
        !(is_gone && is_theirs)
    };
    let write = |(file, text): (usize, &String)| {
        let lines: String = text.lines().filter(is_left).map(|line| format!("{line}\n")).collect();
        trial.write(&format!("{is_gone}-{file}.csv"), &lines)
    };
    texts.iter().enumerate().map(write).collect()
}

/// The files of a store that hold a text: in their bytes, or in a column of texts, which may be compressed.
fn holders(store: &str, text: &str) -> Vec<String> {
    let is_in = |bytes: &[u8]| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    let is_in_column = |name: &str| {
        let file = File::open(Path::new(store).join(name)).unwrap();
        let frame = ParquetReader::new(file).finish().unwrap();
        let mut texts = frame.columns().iter().filter_map(|column| column.str().ok());
        texts.any(|column| column.iter().flatten().any(|cell| is_in(cell.as_bytes())))
    };
    let holds = |name: &str, bytes: &[u8]| is_in(bytes) || (name.ends_with(".parquet") && is_in_column(name));
    contents(store).into_iter().filter(|(name, bytes)| holds(name, bytes)).map(|(name, _)| name).collect()
}

#[test]
fn a_forgotten_customer_is_in_no_file_and_no_answer() {
    // A long id, which is kept in another way than a short one.
    for (shop, customer) in [(SHOPS[0], "u000003@shop.example"), (SHOPS[1], "bobbinsky")] {
        let trial = Trial::new();
        let store = trial.store();
        let files = write_exports(&trial, shop, customer, false);
        import(&files.iter().map(String::as_str).collect::<Vec<_>>(), &store);
        let before = holders(&store, customer);
        for folder in ["orders/", "customers/", "events/", "rejects/"] {
            assert!(before.iter().any(|name| name.starts_with(folder)), "{folder}: {before:?}");
        }
        stdout(&["store", "forget", customer, &store]);
        assert_eq!(holders(&store, customer), [""; 0]);
        stdout(&["store", "verify", &store]);
        let files = write_exports(&trial, shop, customer, true);
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        for command in ["rfm", "overview", "interest", "products", "profile"] {
            assert_alike(&[command], "csv", &files, &[&store]);
        }
        let whole = contents(&store);
        for name in ["nobody", customer] {
            let (code, stderr) = failure(&["store", "forget", name, &store]);
            assert_eq!(code, 1, "{stderr}");
        }
        assert!(contents(&store) == whole);
    }
}

#[test]
fn an_address_is_forgotten_as_it_is_written_and_those_that_hold_it_stay() {
    let trial = Trial::new();
    let text = "order_id,customer_id,paid_at,paid_amount\n\
                1,Ann@shop.example,2026-01-01,10\n2,joanna@shop.example,2026-01-02,20\n\
                3,ANN@SHOP.EXAMPLE,2026-01-0,5\n4,joann@shop.example,2026-01-0,6\n";
    let (store, rejects) = (trial.store(), trial.path("rejects.csv"));
    import(&[&trial.write("orders.csv", text)], &store);
    stdout(&["store", "forget", "Ann@shop.example", &store]);
    let rfm = stdout(&["rfm", &store, "--show-pii", "--format", "csv", "-q", "--rejects", &rejects]);
    assert!(rfm.contains("joanna@") && !rfm.to_lowercase().contains("\nann@"), "{rfm}");
    let rejects = std::fs::read_to_string(rejects).unwrap();
    assert!(rejects.contains("joann@shop.example") && !rejects.contains("ANN@"), "{rejects}");
}

#[test]
fn nobody_is_not_a_customer() {
    let trial = Trial::new();
    let store = trial.store();
    let files: Vec<String> = SHOPS[1].iter().map(|name| format!("fixtures/{name}")).collect();
    import(&files.iter().map(String::as_str).collect::<Vec<_>>(), &store);
    let before = contents(&store);
    for nobody in ["", " ", "-", "NULL"] {
        let (code, stderr) = failure(&["store", "forget", nobody, &store]);
        assert!(code == 2 && stderr.contains("names nobody"), "{stderr}");
    }
    assert!(contents(&store) == before);
}

#[test]
fn names_that_only_the_customer_had_and_their_unreadable_rows_go_too() {
    let trial = Trial::new();
    let store = trial.store();
    let text = "order_id,customer_id,phone,paid_at,paid_amount,city,title\n\
        1,ann,+86 138-0000-0001,2026-05-01,10,Anntown,Annproduct\n\
        2,bob,13900000000,2026-05-02,10,Bobtown,Tea\n\
        1,,,baddate,1,,Annproduct engraved\n\
        3,eve,+86 138-0000-0001,baddate,10,,\n\
        4,anna,,baddate,10,,\n";
    let path = trial.write("orders.csv", text);
    import(&[&path], &store);
    // One of the two is of ann's order.
    let said = stdout(&["store", "forget", "ann", &store]);
    assert!(said.starts_with("erased: 1 rows of orders, 0 of other tables, 1 "), "{said}");
    for gone in ["Anntown", "Annproduct", "138-0000-0001,2026"] {
        assert_eq!(holders(&store, gone), [""; 0], "{gone}");
    }
    for kept in ["anna", "eve", "Bobtown"] {
        assert!(!holders(&store, kept).is_empty(), "{kept}");
    }
    // A phone is one however it is written.
    let said = stdout(&["store", "forget", "13800000001", &store]);
    assert!(said.contains("1 that cannot be read"), "{said}");
}
