//! People who were forgotten in later exports: what of others' rows stays, and what of theirs does not come back.

use std::path::Path;

use serde_json::Value;

use super::common::{run, stdout};
use super::store::{Trial, assert_alike, import};
use super::store_people::{everything, holders};

const ORDERS: &str = "order_id,customer_id,phone,email,paid_at,paid_amount\n";
const LIST: &str = "customer_id,name,gender,phone,email,remark\n";

/// A store in which ann, listed with a number and an address, was forgotten; bob ordered and is not listed.
fn store_without_ann(trial: &Trial) -> String {
    let orders = "1,ann,13800000001,ann@shop.example,2026-05-01,10\n2,bob,13900000002,,2026-05-02,20\n";
    let files = [
        trial.write("orders.csv", &format!("{ORDERS}{orders}")),
        trial.write("list.csv", &format!("{LIST}ann,Ann,f,13800000001,ann@shop.example,\n")),
    ];
    let store = trial.store();
    import(&files.each_ref().map(String::as_str), &store);
    stdout(&["store", "forget", "ann", &store]);
    assert!(holders(&everything(&store), "13800000001").is_empty());
    store
}

fn forgotten_rows(said: &str) -> Vec<u64> {
    let said: Value = serde_json::from_str(said).unwrap();
    said["files"].as_array().unwrap().iter().map(|file| file["rows_forgotten"].as_u64().unwrap()).collect()
}

fn import_json(files: &[&str], store: &str) -> Vec<u64> {
    forgotten_rows(&stdout(&[&["import", "--format", "json", "--store", store][..], files].concat()))
}

#[test]
fn an_order_of_somebody_else_to_their_number_stays_without_the_number() {
    let trial = Trial::new();
    let store = store_without_ann(&trial);
    // cat is new and sends something to ann's number; bob does so too; danielle is told by the address, which is a
    // buyer's own; the number itself as a customer's id is theirs, and so is their id.
    let rows = "3,cat,+86 138-0000-0001,cat@shop.example,2026-06-01,30\n4,bob,13800000001,,2026-06-02,40\n\
                5,danielle,,Ann@Shop.example,2026-06-03,50\n6,13800000001,,,2026-06-04,60\n7,ANN,,,2026-06-05,70\n";
    let june = trial.write("june.csv", &format!("{ORDERS}{rows}"));
    assert_eq!(import_json(&[&june], &store), [3]);
    let all = everything(&store);
    for gone in ["13800000001", "138-0000-0001", "ann@", "danielle"] {
        assert_eq!(holders(&all, gone), [""; 0], "{gone}");
    }
    let kept = trial.write(
        "kept.csv",
        &format!("{ORDERS}2,bob,13900000002,,2026-05-02,20\n3,cat,,cat@shop.example,2026-06-01,30\n4,bob,,,2026-06-02,40\n"),
    );
    assert_alike(&["rfm"], "csv", &[&kept], &[&store]);
    // Their own ids are known from now on.
    let july =
        trial.write("july.csv", &format!("{ORDERS}8,danielle,,,2026-07-01,80\n9,cat,,,2026-07-02,90\n"));
    assert_eq!(import_json(&[&july], &store), [1]);
}

#[test]
fn a_list_tells_a_new_id_and_leaves_one_that_is_known() {
    let trial = Trial::new();
    let store = store_without_ann(&trial);
    // In front of the list an order of evelyn is anybody's; the list says that she has the number. bob was there
    // before.
    let rows = "10,evelyn,,,2026-06-01,30\n11,fay,13800000001,,2026-06-02,40\n";
    let orders = trial.write("june.csv", &format!("{ORDERS}{rows}"));
    let list = "evelyn,Evelyn,f,138 0000 0001,,\nbob,Bob,m,13800000001,bob@shop.example,asks for 138-0000-0001 at noon\n";
    let list = trial.write("june list.csv", &format!("{LIST}{list}"));
    // Of the list evelyn's row, and with it her order.
    assert_eq!(import_json(&[&orders, &list], &store), [0, 2]);
    let all = everything(&store);
    for gone in ["13800000001", "138 0000 0001", "138-0000-0001", "evelyn"] {
        assert_eq!(holders(&all, gone), [""; 0], "{gone}");
    }
    for kept in ["fay", "bob@shop.example", "asks for *** at noon"] {
        assert!(!holders(&all, kept).is_empty(), "{kept}");
    }
    let rfm = stdout(&["rfm", &store, "--format", "csv", "-q"]);
    assert!(rfm.contains("bob,") && rfm.contains("fay,") && !rfm.contains("evelyn"), "{rfm}");
    let accounting: Value =
        serde_json::from_str(&stdout(&["rfm", &store, "--format", "json", "-q"])).unwrap();
    let accounting = &accounting["accounting"];
    let count = |key: &str| accounting[key].as_u64().unwrap();
    assert_eq!(count("rows_read"), count("rows_used") + count("rows_excluded"), "{accounting}");
    stdout(&["store", "verify", &store]);
}

/// Only what names somebody goes out of a remark.
#[test]
fn a_number_in_a_remark_goes_alone() {
    let trial = Trial::new();
    let store = trial.store();
    let rows = "ann,Ann,f,13800000001,ann@shop.example,\n\
                bob,Bob,m,,,\"friend of ANN@shop.example, tel +86 138-0000-0001; likes tea\"\n\
                cat,Cat,f,,,两人同住：电话13800000001，请在中午送货\ndan,Dan,m,,,213800000001 is an order\n";
    let list = trial.write("list.csv", &format!("{LIST}{rows}"));
    let orders = trial.write("orders.csv", &format!("{ORDERS}1,ann,,,2026-05-01,10\n"));
    import(&[&orders, &list], &store);
    stdout(&["store", "forget", "ann", &store]);
    let all = everything(&store);
    for gone in ["138-0000-0001", "ann@", "电话138"] {
        assert_eq!(holders(&all, gone), [""; 0], "{gone}");
    }
    for kept in
        ["friend of ***, tel ***; likes tea", "两人同住：电话***，请在中午送货", "213800000001 is an order"]
    {
        assert!(!holders(&all, kept).is_empty(), "{kept}");
    }
}

#[test]
fn files_of_a_change_that_died_are_not_called_somebody_elses() {
    let trial = Trial::new();
    let store = store_without_ann(&trial);
    let token = "0123456789abcdef";
    std::fs::write(Path::new(&store).join(".writer.lock"), format!("writes {token}\n")).unwrap();
    std::fs::write(Path::new(&store).join(format!("orders/000099.core.{token}.parquet")), "x").unwrap();
    std::fs::write(Path::new(&store).join("orders/mine.txt"), "x").unwrap();
    for dry in [&["--dry-run"][..], &[]] {
        let output = run(&[&["store", "forget", "bob", &store][..], dry].concat());
        let notes = String::from_utf8(output.stderr).unwrap();
        assert!(notes.contains("orders/mine.txt") && !notes.contains("000099"), "{notes}");
    }
}

#[test]
fn who_was_forgotten_is_masked_unless_asked() {
    let trial = Trial::new();
    let text = format!("{ORDERS}1,someone@shop.example,,,2026-05-01,10\n2,13800000001,,,2026-05-01,10\n");
    let store = trial.store();
    import(&[&trial.write("orders.csv", &text)], &store);
    let said = |more: &[&str]| {
        let forget = ["store", "forget", "someone@shop.example", "13800000001", &store, "--dry-run"];
        let output = run(&[&forget[..], more].concat());
        assert!(output.status.success());
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap())
    };
    for format in ["table", "json"] {
        let [masked, notes] = said(&["--format", format]);
        assert!(!masked.contains("someone@") && !masked.contains("13800000001"), "{masked}");
        assert!(notes.contains("--show-pii"), "{notes}");
        let [shown, notes] = said(&["--format", format, "--show-pii"]);
        assert!(shown.contains("someone@shop.example") && shown.contains("13800000001"), "{shown}");
        assert!(!notes.contains("--show-pii"), "{notes}");
    }
}
