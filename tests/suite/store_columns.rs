//! A store keeps the further columns of order exports: conditions on them are answered as from the files.

use super::common::{run, stdout};
use super::store::{Trial, import};
use super::store_formats::{copy, inputs};
use super::store_people::{everything, holders};

/// Two overlapping exports with different columns. `Gift wrap` and `gift_wrap` are one column.
const MAY: &str = "order_id,customer_id,status,created_at,paid_at,paid_amount,coupon_code,payment_method,tax,shipped_at,note,Gift wrap,备用电话\n\
    A1,ann,completed,2026-05-01 09:00:00,2026-05-01 09:05:00,10,SPRING,card,1.50,2026-05-02 18:00:00,少放糖,red,13911110001\n\
    A2,ann,completed,2026-05-09 10:00:00,2026-05-09 10:05:00,20,,cod,2.25,soon,call 138-0000-0002 first,,13911110001\n\
    B1,bob,completed,2026-05-03 11:00:00,2026-05-03 11:05:00,30,SPRING,card,3.00,2026-05-03,Zebrafinch,blue,13800000002\n\
    B2,bob,shipped,2026-05-20 12:00:00,2026-05-20 12:05:00,40,,wallet,,,Quetzalbird,,13800000002\n\
    C1,cy,completed,2026-05-21 12:00:00,2026-05-21 12:05:00,50,AUTUMN,card,,,,red,\n";
const JUNE: &str = "order_id,customer_id,status,created_at,paid_at,paid_amount,payment_method,gift_wrap,shelf\n\
    B2,bob,completed,2026-05-20 12:00:00,2026-05-20 12:05:00,40,gift card,red,Peregrine\n\
    C2,cy,completed,2026-06-02 12:00:00,2026-06-02 12:05:00,60,card,,left\n\
    D1,dee,completed,2026-06-03 12:00:00,2026-06-03 12:05:00,70,cod,blue,left\n";
const JULY: &str = "order_id,customer_id,status,created_at,paid_at,paid_amount,coupon_code\n\
    C1,cy,completed,2026-05-21 12:00:00,2026-05-21 12:05:00,50,\n\
    E1,eve,completed,2026-07-03 12:00:00,2026-07-03 12:05:00,80,SPRING\n";

/// Conditions on orders and on people, each with the customers of whom it is true in May and June together.
const CONDITIONS: [(&str, &str, &str); 13] = [
    ("--orders-where", "coupon_code = 'SPRING'", "ann bob"),
    ("--orders-where", "payment_method = 'card'", "ann bob cy"),
    // B2 of June says how it was paid, and takes the place of that of May.
    ("--orders-where", "payment_method in ('wallet', 'gift card')", "bob"),
    ("--orders-where", "tax > 2", "ann bob"),
    ("--orders-where", "shipped_at >= '2026-05-03'", "bob"),
    ("--orders-where", "created_at < '2026-05-04'", "ann bob"),
    ("--orders-where", "note like '%糖%'", "ann"),
    ("--orders-where", "\"Gift wrap\" = 'red'", "ann bob cy"),
    ("--orders-where", "shelf = 'left'", "cy dee"),
    ("--orders-where", "shelf is null and \"备用电话\" is null", "cy"),
    ("--where", "first('coupon_code') = 'SPRING'", "ann bob"),
    ("--where", "last('payment_method') = 'cod'", "ann dee"),
    ("--where", "last('gift_wrap') = 'blue' or first('tax') = 1.5", "ann dee"),
];

fn listed(inputs: &[&str], flag: &str, condition: &str) -> (String, String) {
    let asked = ["customers", "--columns", "customer_id,order_count,net_amount", "--sort", "customer_id"];
    let output = run(&[&asked[..], &["--format", "csv", flag, condition], inputs].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    // A column that none of the files has is refused.
    let (answer, said) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success() || said.contains("no column"), "{said}");
    (answer, said)
}

fn customers(answer: &str) -> String {
    let buyers = answer.lines().skip(1).filter(|line| !line.contains(",0,"));
    buyers.map(|line| line.split(',').next().unwrap()).collect::<Vec<_>>().join(" ")
}

/// What files answer to each condition, and say beside it.
fn answered(files: &[&str]) -> [(String, String); CONDITIONS.len()] {
    CONDITIONS.map(|(flag, condition, _)| listed(files, flag, condition))
}

fn assert_alike(of_files: &[(String, String)], kept: &[&str]) {
    for ((flag, condition, _), of_files) in CONDITIONS.into_iter().zip(of_files) {
        let of_store = listed(kept, flag, condition);
        assert_eq!(of_files.0, of_store.0, "{condition} {kept:?}");
        let is_note = |line: &&str| !line.contains("rows read");
        let notes = |said: &str| said.lines().filter(is_note).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(notes(&of_files.1), notes(&of_store.1), "{condition}");
    }
}

#[test]
fn conditions_on_every_column_are_answered_as_from_the_files() {
    let trial = Trial::new();
    let (may, june, july) =
        (trial.write("may.csv", MAY), trial.write("june.csv", JUNE), trial.write("july.csv", JULY));
    let (of_two, of_three) = (answered(&[&may, &june]), answered(&[&may, &june, &july]));
    for ((_, condition, expected), (answer, _)) in CONDITIONS.into_iter().zip(&of_two) {
        assert_eq!(customers(answer), expected, "{condition}");
    }
    let store = trial.store();
    import(&[&may], &store);
    assert_alike(&answered(&[&may]), &[&store]);
    // Beside a file with other columns, before and behind it.
    assert_alike(&of_two, &[&store, &june]);
    assert_alike(&answered(&[&june, &may]), &[&june, &store]);
    import(&[&june], &store);
    assert_alike(&of_two, &[&store]);
    import(&[&july], &store);
    assert_alike(&of_three, &[&store]);
    import(&["--again", &may], &store);
    assert_alike(&of_three, &[&store]);
    stdout(&["store", "compact", &store]);
    assert_alike(&of_three, &[&store]);
    import(&["--again", &june], &store);
    assert_alike(&of_three, &[&store]);
    let at_once = trial.path("at once");
    import(&[&may, &june, &july], &at_once);
    assert_alike(&of_three, &[&at_once]);
    stdout(&["store", "verify", &store]);
}

#[test]
fn a_question_reads_the_columns_it_asks_for_alone() {
    let trial = Trial::new();
    let (may, store) = (trial.write("may.csv", MAY), trial.store());
    import(&[&may], &store);
    let kept: Vec<String> =
        everything(&store).into_keys().filter(|file| file.contains(".further.")).collect();
    assert_eq!(kept.len(), 1);
    std::fs::write(std::path::Path::new(&store).join(&kept[0]), "damaged").unwrap();
    let rfm = stdout(&["rfm", &store, "--format", "csv", "-q"]);
    assert_eq!(rfm, stdout(&["rfm", &may, "--format", "csv", "-q"]));
    let output = run(&["rfm", &store, "--orders-where", "tax > 2"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("damaged") && said.contains(&kept[0]), "{said}");
    assert_eq!(run(&["store", "verify", &store]).status.code(), Some(1));
}

/// Bob's number stands in a note of Ann's order, which is hers and loses only that.
#[test]
fn nothing_is_left_of_the_texts_of_somebody_who_is_forgotten() {
    let list = "customer_id,name,phone\nbob,Bob,13800000002\nann,Ann,13911110001\n";
    let gone = ["Zebrafinch", "Quetzalbird", "Peregrine", "13800000002", "138-0000-0002", "gift card"];
    let trial = Trial::new();
    let (may, june) = (trial.write("may.csv", MAY), trial.write("june.csv", JUNE));
    let (list, store) = (trial.write("list.csv", list), trial.store());
    for file in [&may, &june, &list] {
        import(&[file], &store);
    }
    let held = stdout(&["store", "who", "bob", &store, "--format", "csv", "--table", "orders"]);
    for text in ["Zebrafinch", "Quetzalbird", "Peregrine", "Gift wrap", "备用电话", "13800000002"] {
        assert!(held.contains(text), "{text}: {held}");
    }
    let shown = stdout(&["store", "who", "bob", &store, "--format", "table", "--table", "orders"]);
    assert!(!shown.contains("13800000002"), "{shown}");
    let before = everything(&store);
    assert!(gone.iter().all(|text| !holders(&before, text).is_empty()));
    stdout(&["store", "forget", "bob", &store]);
    let assert_gone = || {
        let after = everything(&store);
        gone.iter().for_each(|text| assert_eq!(holders(&after, text), [""; 0], "{text}"));
        for text in ["call *** first", "少放糖", "13911110001", "left"] {
            assert!(!holders(&after, text).is_empty(), "{text}");
        }
    };
    assert_gone();
    // Nor does a later state of the same exports bring them back.
    let later = trial.write("later.csv", &format!("{MAY}F1,fay,completed,2026-05-30,2026-05-30,5,,,,,,,\n"));
    import(&[&later], &store);
    assert_gone();
    stdout(&["store", "compact", &store]);
    assert_gone();
    stdout(&["store", "verify", &store]);
    assert_eq!(customers(&listed(&[&store], "--orders-where", "coupon_code = 'SPRING'").0), "ann");
}

#[cfg(unix)]
#[test]
fn the_texts_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let trial = Trial::new();
    let (may, store) = (trial.write("may.csv", MAY), trial.store());
    import(&[&may], &store);
    for file in everything(&store).into_keys().filter(|file| file.contains(".further.")) {
        let mode = std::fs::metadata(std::path::Path::new(&store).join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_store_of_an_earlier_format_says_what_it_did_not_keep_until_the_files_are_read_anew() {
    let files: Vec<String> = inputs();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let orders: Vec<&str> = files.iter().copied().filter(|file| !file.contains("customers")).collect();
    for format in ["v2", "v3"] {
        let trial = Trial::new();
        let store = copy(&trial, std::path::Path::new(&format!("fixtures/stores/{format}")));
        let ask = |inputs: &[&str]| listed(inputs, "--orders-where", "currency = 'CNY'");
        let (answer, said) = ask(&[&store]);
        assert_eq!(customers(&answer), "", "{format}");
        let of = said.lines().find(|line| line.contains("--again")).unwrap_or_default();
        assert!(
            ["orders_may.csv", "orders_june.csv", "currency"].iter().all(|name| of.contains(name)),
            "{said}"
        );
        assert!(!of.contains("lines_june.csv"), "{said}");
        // No file has that column, so that there was nothing to keep.
        let unknown = listed(&[&store], "--orders-where", "coupon_code = 'x'").1;
        assert!(!unknown.contains("--again"), "{unknown}");
        import(&[&["--again"], &orders[..]].concat(), &store);
        let (answer, said) = ask(&[&store]);
        assert_eq!(answer, ask(&files).0, "{format}");
        assert!(!said.contains("--again") && !customers(&answer).is_empty(), "{said}");
    }
}
