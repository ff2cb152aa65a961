//! Exports of items of which each order is of several rows: a store keeps the orders beside the rows, and the interests
//! beside the events, and says what the files say.

use std::path::Path;

use serde_json::Value;

use super::common::{failure, run, stdout};
use super::store::{Trial, assert_alike, import, manifest, replace};

/// Ann's A1 is of two rows that stand apart, A2 of three of which one was cancelled; B1 holds one product twice, of B2
/// nobody says what it holds; the others name nobody, somebody masked and somebody with a long id.
const MAY: &str = "order_id,customer_id,paid_at,status,province,source,product_id,title,quantity,amount,refund_amount\n\
    A1,annlee,2026-05-01 09:00:00,completed,浙江,live,P1,Tea,1,10.00,0\n\
    B1,bob,2026-05-02 10:00:00,completed,北京,search,P2,Cup,1,4.00,0\n\
    B1,bob,2026-05-02 10:00:00,completed,北京,search,P2,Cup,2,8.00,1.00\n\
    A1,annlee,2026-05-01 09:00:00,completed,浙江,live,P3,Pot,1,30.00,0\n\
    A2,annlee,2026-05-01 08:00:00,completed,浙江,search,P1,Tea,3,27.00,0\n\
    A2,annlee,2026-05-01 08:00:00,cancelled,浙江,search,P2,Cup,1,5.00,0\n\
    A2,annlee,2026-05-01 08:00:00,completed,浙江,search,P3,Pot,1,31.00,0\n\
    B2,bob,2026-05-09 08:00:00,completed,北京,search,,,,6.00,0\n\
    N1,,2026-05-03 08:00:00,completed,,,P1,Tea,1,9.00,0\n\
    M1,c**,2026-05-03 09:00:00,completed,,,P2,Cup,1,4.00,0\n\
    L1,a-customer-with-a-long-id@shop.example,2026-05-04 09:00:00,completed,,,P1,Tea,1,9.50,0\n\
    L1,a-customer-with-a-long-id@shop.example,2026-05-04 09:00:00,completed,,,P9,Jar,1,2.50,0\n\
    X1,dee,2026-05-05 09:00:00,cancelled,,,P9,Jar,1,2.50,0\n";
const HEADER: &str =
    "order_id,customer_id,paid_at,status,province,source,product_id,title,quantity,amount,refund_amount\n";
/// Other orders, of Ann, of Eve and of nobody.
const JUNE: &str = "A3,annlee,2026-06-01 09:00:00,completed,浙江,live,P1,tea,1,11.00,0\n\
    A3,annlee,2026-06-01 09:00:00,completed,浙江,live,P0,Box,1,1.00,0\n\
    E1,eveline,2026-06-02 09:00:00,completed,上海,ads,P3,Pot,2,60.00,0\n\
    N2,,2026-06-02 08:00:00,completed,,,P1,Tea,1,9.00,0\n";
/// A2 once more, of which the pot went back since.
const CHANGED: &str = "A2,annlee,2026-05-01 08:00:00,completed,浙江,search,P1,Tea,3,27.00,0\n\
    A2,annlee,2026-05-01 08:00:00,refunded,浙江,search,P3,Pot,1,31.00,31.00\n\
    F1,fayette,2026-06-03 09:00:00,completed,,,P3,Pot,1,33.00,0\n";

/// Questions that look at orders one by one, in each of the ways in which they do.
const QUESTIONS: [&[&str]; 14] = [
    &["products", "--min-count", "1"],
    &["products", "--min-count", "1", "--table", "together"],
    &["products", "--min-count", "1", "--table", "next"],
    &["products", "--window", "30", "--as-of", "2026-06-03"],
    &["products", "--where", "order_count > 1"],
    &["products", "--orders-where", "source = 'live'"],
    &["rfm"],
    &["value"],
    &["region"],
    &["repurchase", "--by", "product"],
    &["profile"],
    &["cohort"],
    &["overview"],
    &["check"],
];

fn assert_all_alike(files: &[&str], kept: &[&str]) {
    for question in QUESTIONS {
        // Of small inputs rows are looked at for what could be suggested, unless nobody is to be told.
        assert_alike(&[question, &["-q"]].concat(), "json", files, kept);
    }
    assert_alike(&["products"], "csv", files, kept);
}

/// Whether each segment of a store has its orders beside its rows.
fn are_settled(store: &str) -> Vec<bool> {
    let manifest = manifest(store);
    let segments = manifest["segments"].as_array().unwrap();
    segments.iter().map(|segment| segment.get("settled").is_some_and(Value::is_object)).collect()
}

/// Puts nonsense in the place of a file that the manifest names under a pointer.
pub fn damage(store: &str, pointer: &str) -> String {
    let path = manifest(store).pointer(pointer).unwrap()["path"].as_str().unwrap().to_owned();
    std::fs::write(Path::new(store).join(&path), "damaged").unwrap();
    path
}

#[test]
fn orders_of_several_rows_are_read_as_orders() {
    let trial = Trial::new();
    let (may, store) = (trial.write("may.csv", MAY), trial.store());
    import(&[&may], &store);
    assert_eq!(are_settled(&store), [true]);
    // By hand: A1, A2 and L1 hold tea, A1 and A2 pots, B1 cups of which it has three, L1 a jar. What was cancelled and
    // what names nobody are not among them.
    let said = stdout(&["products", &store, "--format", "csv", "-q"]);
    let columns = ["product_id", "order_count", "customer_count", "quantity", "amount"];
    let header: Vec<&str> = said.lines().next().unwrap().split(',').collect();
    let place = |name: &str| header.iter().position(|own| *own == name).unwrap();
    let of = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        columns.map(|name| cells[place(name)].to_owned()).join(",")
    };
    let found: Vec<String> = said.lines().skip(1).map(of).collect();
    assert_eq!(found, ["P1,3,2,5,46.50", "P3,2,1,2,61.00", "P2,1,1,3,12.00", "P9,1,1,1,2.50"]);
    assert_all_alike(&[&may], &[&store]);
    // Nothing of that reads the rows.
    for pointer in ["/segments/0/core", "/segments/0/details", "/segments/0/lines", "/segments/0/ids"] {
        damage(&store, pointer);
    }
    for question in
        [&["products"][..], &["rfm"], &["value"], &["region"], &["cohort"], &["profile", "--table", "orders"]]
    {
        let of_store = run(&[question, &[&store, "--format", "csv", "-q"]].concat());
        let of_file = run(&[question, &[&may, "--format", "csv", "-q"]].concat());
        assert_eq!(of_store.stdout, of_file.stdout, "{question:?}");
    }
}

#[test]
fn files_of_other_orders_stand_beside_each_other() {
    let trial = Trial::new();
    let (may, june) = (trial.write("may.csv", MAY), trial.write("june.csv", &format!("{HEADER}{JUNE}")));
    let orders = trial.write(
        "orders.csv",
        "order_id,customer_id,paid_at,paid_amount\nZ1,annlee,2026-06-03 12:00:00,70.00\nZ2,zoe,2026-06-03 13:00:00,80.00\n",
    );
    let store = trial.store();
    import(&[&may], &store);
    // A file beside the store may hold the same orders.
    assert_all_alike(&[&may, &june], &[&store, &june]);
    import(&[&june], &store);
    assert_eq!(are_settled(&store), [true, true]);
    assert_all_alike(&[&may, &june], &[&store]);
    import(&[&orders], &store);
    assert_eq!(are_settled(&store), [true, true, false]);
    assert_all_alike(&[&may, &june, &orders], &[&store]);
    for pointer in ["/segments/0/core", "/segments/1/core"] {
        damage(&store, pointer);
    }
    assert_alike(&["products", "-q"], "json", &[&may, &june, &orders], &[&store]);
}

#[test]
fn orders_that_two_files_have_are_told_by_their_rows() {
    let trial = Trial::new();
    let (may, june) = (trial.write("may.csv", MAY), trial.write("june.csv", &format!("{HEADER}{JUNE}")));
    let changed = trial.write("changed.csv", &format!("{HEADER}{CHANGED}"));
    let store = trial.store();
    import(&[&may, &june], &store);
    import(&[&changed], &store);
    assert_eq!(are_settled(&store), [false, true, false]);
    assert_all_alike(&[&may, &june, &changed], &[&store]);
    // Of pots A1 has one, E1 two and F1 one; that of A2 went back.
    let said = stdout(&["products", &store, "--format", "csv", "-q"]);
    let pots = said.lines().find(|line| line.starts_with("P3,")).unwrap();
    assert!(pots.contains(",3,3,4,123.00,"), "{pots}");
    // Once more without that order it stands apart from the others.
    let (_, without) = CHANGED.split_at(CHANGED.find("F1").unwrap());
    std::fs::write(&changed, format!("{HEADER}{without}")).unwrap();
    import(&["--again", &changed], &store);
    assert_all_alike(&[&may, &june, &changed], &[&store]);
    // And an earlier one that gets an order of a later one.
    std::fs::write(&may, format!("{MAY}F1,fayette,2026-05-31 09:00:00,completed,,,P1,Tea,1,9.00,0\n"))
        .unwrap();
    import(&["--again", &may], &store);
    assert_eq!(are_settled(&store), [false, true, false]);
    assert_all_alike(&[&may, &june, &changed], &[&store]);
    stdout(&["store", "compact", &store]);
    assert_all_alike(&[&may, &june, &changed], &[&store]);
    stdout(&["store", "verify", &store]);
}

#[test]
fn files_of_items_beside_them_are_read_with_them() {
    let trial = Trial::new();
    let may = trial.write("may.csv", MAY);
    let items = trial.write(
        "items.csv",
        "order_id,product_id,title,quantity,amount\nB2,P1,Tea,1,6.00\nQ9,P1,Tea,1,6.00\n",
    );
    let store = trial.store();
    import(&[&items], &store);
    import(&[&may], &store);
    assert_all_alike(&[&items, &may], &[&store]);
}

#[test]
fn who_is_forgotten_leaves_the_orders_too() {
    let trial = Trial::new();
    let (may, june) = (trial.write("may.csv", MAY), trial.write("june.csv", &format!("{HEADER}{JUNE}")));
    let store = trial.store();
    import(&[&may, &june], &store);
    stdout(&["store", "forget", "annlee", &store]);
    assert_eq!(are_settled(&store), [true, true]);
    let left = |text: &str| {
        text.lines()
            .filter(|line| !line.contains(",annlee,"))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let (may, june) = (
        trial.write("may_left.csv", &left(MAY)),
        trial.write("june_left.csv", &left(&format!("{HEADER}{JUNE}"))),
    );
    for question in ["products", "rfm", "value"] {
        assert_alike(&[question, "-q"], "csv", &[&may, &june], &[&store]);
    }
    for (name, bytes) in super::store::contents(&store) {
        assert!(!bytes.windows(6).any(|own| own == b"annlee"), "{name}");
    }
    stdout(&["store", "verify", &store]);
}

#[test]
fn damaged_orders_are_said_to_be_damaged() {
    for part in ["amounts", "customers", "details", "lines"] {
        let trial = Trial::new();
        let (may, store) = (trial.write("may.csv", MAY), trial.store());
        import(&[&may], &store);
        let path = damage(&store, &format!("/segments/0/settled/{part}"));
        let (code, said) = failure(&["products", &store, "-q"]);
        assert!(code == 1 && said.contains("damaged") && said.contains(&path), "{said}");
        assert_eq!(run(&["store", "verify", &store]).status.code(), Some(1));
    }
    // Files of another store, whole by themselves, do not fit.
    let (trial, other) = (Trial::new(), Trial::new());
    let (may, store) = (trial.write("may.csv", MAY), trial.store());
    import(&[&may], &store);
    import(&[&other.write("june.csv", &format!("{HEADER}{JUNE}"))], &other.store());
    for part in ["amounts", "customers", "details", "lines"] {
        let pointer = format!("/segments/0/settled/{part}");
        let path = manifest(&other.store()).pointer(&pointer).unwrap()["path"].as_str().unwrap().to_owned();
        let own = manifest(&store).pointer(&pointer).unwrap()["path"].as_str().unwrap().to_owned();
        let before = std::fs::read(Path::new(&store).join(&own)).unwrap();
        let bytes = std::fs::read(Path::new(&other.store()).join(path)).unwrap();
        replace(&store, &pointer, &bytes);
        let (code, said) = failure(&["products", &store, "-q"]);
        assert!(code == 1 && said.contains("damaged"), "{part}: {said}");
        replace(&store, &pointer, &before);
    }
    assert_alike(&["products", "-q"], "json", &[&may], &[&store]);
}

const EVENTS: &str = "user_id,item_id,behavior_type,time,item_category\n\
    annlee,I1,pv,2026-05-01 10:00:00,c1\n\
    annlee,I1,fav,2026-05-20 10:00:00,c1\n\
    annlee,I1,cart,2026-05-20 09:00:00,c1\n\
    annlee,I1,buy,2026-05-21 09:00:00,c1\n\
    bob,I2,pv,2026-05-21 09:00:00,c2\n\
    bob,I2,pv,2026-05-22 09:00:00,c2\n\
    a-customer-with-a-long-id@shop.example,I2,cart,2026-05-28 09:00:00,c2\n\
    eveline,I2,fav,2026-04-02 09:00:00,c2\n\
    eveline,I2,cart,2026-05-29 09:00:00,c2\n\
    fayette,I2,pv,2026-05-30 09:00:00,c2\n";

const OF_INTERESTS: [&[&str]; 7] = [
    &["interest"],
    &["interest", "--days", "2,40"],
    &["interest", "--as-of", "2026-05-20"],
    &["interest", "--by", "day"],
    &["interest", "--by", "category"],
    &["interest", "--list"],
    &["interest", "--identity", "spelling"],
];

#[test]
fn a_question_of_interests_reads_interests_alone() {
    let trial = Trial::new();
    let (events, store) = (trial.write("events.csv", EVENTS), trial.store());
    let more = trial.write(
        "more.csv",
        "user_id,item_id,behavior_type,time,item_category\nbob,I3,fav,2026-05-30 09:00:00,c1\n",
    );
    let (may, with_orders) = (trial.write("may.csv", MAY), trial.path("with_orders"));
    import(&[&events], &store);
    import(&[&events, &may], &with_orders);
    for question in OF_INTERESTS {
        for format in ["csv", "json"] {
            assert_alike(question, format, &[&events], &[&store]);
            assert_alike(question, format, &[&events, &more], &[&store, &more]);
            assert_alike(question, format, &[&events, &may], &[&with_orders]);
        }
    }
    // Of the last 30 days: Ann, Eve and one more, of whom Ann has bought.
    let said = stdout(&["interest", &store, "--format", "csv", "-q"]);
    let month = said.lines().find(|line| line.starts_with("30,")).unwrap();
    assert!(month.starts_with("30,3,0,1,3,"), "{month}");
    let others = EVENTS.lines().filter(|line| line.contains(",pv,")).count();
    let whole: Value =
        serde_json::from_str(&stdout(&["interest", &store, "--format", "json", "-q"])).unwrap();
    assert!(whole.to_string().contains(&format!("\"other_kind\":{others}")), "{whole}");
    damage(&store, "/tables/0/core");
    assert_alike(&["interest"], "json", &[&events], &[&store]);
    let path = damage(&store, "/tables/0/interests");
    let (code, said) = failure(&["interest", &store]);
    assert!(code == 1 && said.contains(&path), "{said}");
}

#[test]
fn interests_of_strangers_and_of_the_forgotten_are_as_in_the_files() {
    let trial = Trial::new();
    let orders = trial.write(
        "orders.csv",
        "order_id,customer_id,paid_at,paid_amount\n1,zoe,2026-05-30 10:00:00,5.00\n2,bob,2026-05-30 11:00:00,5.00\n",
    );
    let (events, store) = (trial.write("events.csv", EVENTS), trial.store());
    import(&[&orders, &events], &store);
    // Bob only looked at things, which makes him none of those who are interested but one of the buyers.
    let said = |inputs: &[&str]| {
        let output = run(&[&["interest"][..], inputs].concat());
        (output.stdout, String::from_utf8(output.stderr).unwrap().contains("is among the buyers"))
    };
    assert_eq!(said(&[&store]), said(&[&orders, &events]));
    assert!(!said(&[&store]).1);
    let (zoe, of_zoe) = (
        trial.write("zoe.csv", "order_id,customer_id,paid_at,paid_amount\n1,zoe,2026-05-30,5.00\n"),
        trial.path("of_zoe"),
    );
    import(&[&zoe, &events], &of_zoe);
    assert_eq!(said(&[&of_zoe]), said(&[&zoe, &events]));
    assert!(said(&[&of_zoe]).1);
    stdout(&["store", "forget", "eveline", "fayette", &store]);
    let left: String = EVENTS
        .lines()
        .filter(|line| !line.starts_with("eveline,") && !line.starts_with("fayette,"))
        .map(|line| format!("{line}\n"))
        .collect();
    let left = trial.write("left.csv", &left);
    assert_alike(&["interest"], "csv", &[&orders, &left], &[&store]);
    for (name, bytes) in super::store::contents(&store) {
        assert!(!bytes.windows(7).any(|own| own == b"eveline" || own == b"fayette"), "{name}");
    }
}

#[test]
fn rows_of_nobody_behind_all_customers_are_nobodys_in_a_store_too() {
    let trial = Trial::new();
    let store = trial.store();
    let file = trial.write(
        "nobody.csv",
        "order_id,customer_id,paid_at,status,paid_amount\n\
         B0,,2026-05-07 03:00:00,paid,10\n\
         B1,d**,2026-05-07 03:00:00,paid,10\n\
         B2,bob,2026-05-07 03:00:00,paid,20\n",
    );
    import(&[&file], &store);
    let columns = "customer_id,net_amount,province,source";
    for question in [
        &["customers", "-q"][..],
        &["customers", "-q", "--columns", columns],
        &["sources", "-q"],
        &["region", "-q"],
    ] {
        assert_alike(question, "csv", &[&file], &[&store]);
    }
    assert!(
        stdout(&["customers", &store, "-q", "--columns", "customer_id,net_amount", "--format", "csv"])
            .ends_with("bob,20.00\n")
    );
}

#[test]
fn an_order_of_two_sources_has_the_first_by_name_whatever_row_comes_first() {
    let rows = |first: &str, second: &str| {
        format!(
            "order_id,customer_id,paid_at,status,source,product_id,amount\n\
             B0,eve,2026-05-07 03:00:00,paid,{first},P1,10\n\
             B0,eve,2026-05-07 03:00:00,paid,{second},P2,20\n\
             B1,bob,2026-05-07 03:00:00,paid,live,P1,10\n"
        )
    };
    let trial = Trial::new();
    let store = trial.store();
    let (file, turned) =
        (trial.write("a.csv", &rows("live", "ads")), trial.write("b.csv", &rows("ads", "live")));
    import(&[&file], &store);
    let said = stdout(&["sources", &turned, "-q", "--format", "csv"]);
    assert!(said.contains("\nads,") && said.contains("\nlive,"), "{said}");
    assert_alike(&["sources", "-q"], "csv", &[&file], &[&turned]);
    assert_alike(&["sources", "-q"], "csv", &[&file], &[&store]);
}
