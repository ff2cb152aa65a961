//! Customer ids that look alike: counted by `check`, joined where that is asked for.

use super::common::{run, stdout};
use super::store::{Trial, import};

/// Orders, 1 to 9 yuan: three spellings of Ann with 2, 1 and 1 orders; two of a name with an accent; two with spaces;
/// one that is like none.
const ORDERS: &str = "order_id,customer_id,paid_at,paid_amount\n\
    1,Ann,2026-01-01,1\n\
    2,Ann,2026-01-02,2\n\
    3,ann,2026-01-03,3\n\
    4,ＡＮＮ,2026-01-04,4\n\
    5,caf\u{e9}-noir,2026-01-05,5\n\
    6,cafe\u{301}-noir,2026-01-06,6\n\
    7,li  ming,2026-01-07,7\n\
    8,li ming,2026-01-08,8\n\
    9,bob,2026-01-09,9\n";

/// Customers with their orders and amounts, by id.
fn customers(inputs: &[&str], more: &[&str]) -> Vec<(String, String, String)> {
    let text = stdout(&[&["rfm"], inputs, more, &["--format", "csv", "-q"]].concat());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let place = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (id, count, amount) = (place("customer_id"), place("order_count"), place("net_amount"));
    let mut rows: Vec<_> = reader
        .records()
        .map(|row| row.unwrap())
        .map(|row| (row[id].to_owned(), row[count].to_owned(), row[amount].to_owned()))
        .collect();
    rows.sort();
    rows
}

fn named(rows: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    let mut rows: Vec<_> = rows.iter().map(|(a, b, c)| ((*a).into(), (*b).into(), (*c).into())).collect();
    rows.sort();
    rows
}

/// Each spelling known as the one with the most orders, of equals the one that ordered first.
fn joined() -> Vec<(String, String, String)> {
    named(&[
        ("Ann", "4", "10.00"),
        ("caf\u{e9}-noir", "2", "11.00"),
        ("li  ming", "2", "15.00"),
        ("bob", "1", "9.00"),
    ])
}

#[test]
fn spellings_are_one_customer_where_that_is_asked_for() {
    let trial = Trial::new();
    let orders = trial.write("orders.csv", ORDERS);
    assert_eq!(customers(&[&orders], &[]).len(), 8);
    assert_eq!(customers(&[&orders], &["--identity", "both"]).len(), 8);
    assert_eq!(customers(&[&orders], &["--identity", "spelling"]), joined());
    assert_eq!(customers(&[&orders], &["--identity", "all"]), joined());
    let said = String::from_utf8(run(&["rfm", &orders, "--identity", "spelling"]).stderr).unwrap();
    // 3 + 2 + 2 ids are 3 customers.
    assert!(said.contains("with others: 7, which makes 3 of them (by their spelling: 3, e-mail"), "{said}");
    let store = trial.store();
    import(&[&orders], &store);
    assert_eq!(customers(&[&store], &["--identity", "spelling"]), joined());
    // An upper part of the same in ecrm.toml.
    let settings = trial.write("settings.toml", "[identity]\nmode = \"spelling\"\n");
    assert_eq!(customers(&[&orders], &["--config", &settings]), joined());
}

#[test]
fn decisions_and_the_greatest_number_of_ids_hold_for_spellings_too() {
    let trial = Trial::new();
    let orders = trial.write("orders.csv", ORDERS);
    trial.write(
        "identities.csv",
        "customer_id,other_id,decision,noted_on,note\nAnn,ann,not_same,2026-02-01,two\n",
    );
    let settings = trial.write("settings.toml", "[identity]\nfile = \"identities.csv\"\n");
    let apart = customers(&[&orders], &["--config", &settings, "--identity", "spelling"]);
    assert!(apart.contains(&("ann".into(), "1".into(), "3.00".into())), "{apart:?}");
    assert!(apart.contains(&("li  ming".into(), "2".into(), "15.00".into())), "{apart:?}");
    let few = trial.write("few.toml", "[identity]\nmax = 2\n");
    let few = customers(&[&orders], &["--config", &few, "--identity", "spelling"]);
    assert!(few.contains(&("Ann".into(), "2".into(), "3.00".into())), "{few:?}");
    let persons = stdout(&["identity", &orders, "--identity", "spelling", "--format", "csv", "-q"]);
    let ids: Vec<&str> = persons.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    assert_eq!(ids, ["Ann", "ann", "ＡＮＮ", "caf\u{e9}-noir", "cafe\u{301}-noir", "li  ming", "li ming"]);
    assert!(persons.lines().skip(1).all(|line| line.contains(",spelling,")), "{persons}");
}

#[test]
fn check_counts_ids_that_look_alike_and_in_what() {
    let trial = Trial::new();
    let orders = trial.write("orders.csv", ORDERS);
    let findings = |more: &[&str]| {
        let args =
            [&["check", orders.as_str(), "--table", "findings", "--format", "csv", "-q"], more].concat();
        stdout(&args)
    };
    let found = findings(&[]);
    let line = found.lines().find(|line| line.contains("ids_alike")).unwrap_or_else(|| panic!("{found}"));
    // Seven ids are three names: Ann differs in case and in width, one name in its accent, one in spaces.
    let words = "7 customer ids look like another: 3 names are spelt in several ways (case 1, full or half width 1, \
                 accents 1, spaces 1)";
    assert!(line.contains(words) && line.contains("Ann | ann | ＡＮＮ"), "{line}");
    assert!(findings(&["--lang", "zh"]).contains("7 个客户编号与别的编号相似：3 个编号有几种写法"));
    assert!(!findings(&["--identity", "spelling"]).contains("ids_alike"));
    // Across tables, too: the list has the name in capitals.
    let one = trial
        .write("one.csv", "order_id,customer_id,paid_at,paid_amount\n1,carol-of-the-north,2026-01-01,1\n");
    let list = trial.write("list.csv", "customer_id,level\nCAROL-OF-THE-NORTH,VIP1\n");
    let args = ["check", &one, &list, "--table", "findings", "--format", "csv", "-q"];
    assert!(stdout(&args).contains("CAROL-OF-THE-NORTH | carol-of-the-north"), "{}", stdout(&args));
    let fine = trial.write(
        "fine.csv",
        "order_id,customer_id,paid_at,paid_amount\n1,Ann,2026-01-01,1\n2,Anna,2026-01-01,1\n",
    );
    let args = ["check", &fine, "--table", "findings", "--format", "csv", "-q"];
    assert!(!stdout(&args).contains("ids_alike"));
}
