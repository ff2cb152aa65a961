//! Stores of odd files: columns that some customers lack, tables without rows, other readings of the same file.

use super::common::{failure, stdout};
use super::store::{Trial, assert_alike, contents, import, one_of};

#[test]
fn a_day_that_half_of_the_customers_lack_is_no_trouble() {
    let trial = Trial::new();
    let store = trial.store();
    let rows: String = (0..200)
        .map(|i| match i % 2 {
            0 => format!("{i},u{i},completed,2026-05-01,2026-05-02,10,{}\n", 13_800_000_000_u64 + i / 2),
            _ => format!("{i},u{i},pending,2026-05-01,,10,{}\n", 13_800_000_000_u64 + i / 2),
        })
        .collect();
    let text = format!("order_id,customer_id,status,created_at,paid_at,paid_amount,phone\n{rows}");
    let path = trial.write("orders.csv", &text);
    import(&[&path], &store);
    trial.write("identities.csv", "customer_id,other_id,decision,noted_on,note\nu1,u2,same,2026-05-01,\n");
    let config = trial.write("ecrm.toml", "");
    for more in [&["--identity", "phone"][..], &["--config", &config]] {
        for command in ["rfm", "region", "cohort"] {
            assert_alike(&[&[command], more].concat(), "json", &[&path], &[&store]);
        }
    }
}

#[test]
fn a_table_without_a_row_that_counts_is_still_a_table() {
    let trial = Trial::new();
    let orders = trial.write("orders.csv", &one_of(20, "fixtures/shop/orders.csv"));
    let [masked, events, customers, items] = [
        ("events.csv", "user_id,event,time\nu***1,fav,2026-01-01\n"),
        ("no_events.csv", "user_id,event,time\n"),
        ("no_customers.csv", "customer_id,name,gender,level\n"),
        ("no_items.csv", "order_id,line_no,product_id,title,category,quantity,unit_price,amount\n"),
    ]
    .map(|(name, text)| trial.write(name, text));
    // Each alone, and beside orders all those without any row together.
    let shops: [&[&str]; 6] = [
        &[&masked],
        &[&events],
        &[&customers],
        &[&items],
        &[&orders, &masked],
        &[&orders, &events, &customers, &items],
    ];
    for (number, files) in shops.into_iter().enumerate() {
        let store = trial.path(&format!("store-{number}"));
        import(files, &store);
        for command in ["overview", "interest", "profile", "region", "products", "check"] {
            assert_alike(&[command], "json", files, &[&store]);
        }
    }
}

#[test]
fn items_are_of_the_same_order_whatever_the_order_of_the_rows() {
    let rows = [
        "A,u7,2026-05-01,Tea,1,10",
        "A,u1,2026-05-01,Cup,1,20",
        "A,,2026-05-01,Pan,1,5",
        "B,u3,2026-05-01,Hat,1,20",
    ];
    let trial = Trial::new();
    let items = trial.write("items.csv", "order_id,product_id,title,quantity,amount\nA,P1,Mug,1,30\n");
    let header = "order_id,customer_id,paid_at,title,quantity,amount";
    let mut answers = Vec::new();
    for (name, rows) in [("forth", rows.to_vec()), ("back", rows.iter().rev().copied().collect())] {
        let orders = trial.write(&format!("{name}.csv"), &format!("{header}\n{}\n", rows.join("\n")));
        let store = trial.path(name);
        import(&[&orders, &items], &store);
        for command in [
            &["products", "--min-count", "1"][..],
            &["repurchase", "--due"],
            &["repurchase", "--by", "product"],
        ] {
            assert_alike(command, "json", &[&orders, &items], &[&store]);
        }
        answers.push(stdout(&["products", &orders, &items, "--min-count", "1", "--format", "csv", "-q"]));
    }
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn a_store_has_one_currency_and_one_reading_of_a_file() {
    let trial = Trial::new();
    let store = trial.store();
    let both = "fixtures/quirks/two_currencies.csv";
    stdout(&["import", both, "--currency", "EUR", "--store", &store]);
    let dollars =
        trial.write("usd.csv", "order_id,customer_id,paid_at,paid_amount,currency\n1,a,2026-05-01,5,USD\n");
    let before = contents(&store);
    for more in [&[][..], &["--currency", "USD"]] {
        let (code, stderr) = failure(&[&["import", &dollars, "--store", &store], more].concat());
        assert!(code == 1 && stderr.contains("EUR, USD"), "{stderr}");
    }
    let (code, stderr) = failure(&["import", both, "--currency", "USD", "--store", &store]);
    assert!(code == 1 && stderr.contains("read in another way"), "{stderr}");
    assert!(contents(&store) == before);
}

#[test]
fn each_sheet_of_a_workbook_is_a_file() {
    let trial = Trial::new();
    let store = trial.store();
    let book = "fixtures/quirks/sheet_per_month_and_a_hidden_one.xlsx";
    for sheet in ["Jan", "Feb"] {
        stdout(&["import", book, "--sheet", sheet, "--store", &store]);
    }
    let again = stdout(&["import", book, "--sheet", "Feb", "--store", &store]);
    assert!(again.contains("in the store already"), "{again}");
    assert_eq!(
        stdout(&["rfm", &store, "--format", "csv", "-q"]),
        stdout(&["rfm", book, "--format", "csv", "-q"])
    );
}
