//! What lists, logs, tags and campaigns do with one another, on files of a few rows with answers worked out by hand.

use std::process::Output;

use super::common::ecrm;

/// A folder of small files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| folder.write(name, text));
        folder
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    fn run(&self, args: &[&str]) -> Output {
        ecrm().args(args).current_dir(self.0.path()).output().unwrap()
    }

    /// What a run that must succeed writes, and what it says beside that.
    fn both(&self, args: &[&str]) -> (String, String) {
        let output = self.run(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{args:?}: {said}");
        (String::from_utf8(output.stdout).unwrap(), said)
    }

    fn says(&self, args: &[&str]) -> String {
        self.both(args).0
    }

    fn refuses(&self, args: &[&str]) -> (i32, String) {
        let output = self.run(args);
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }
}

/// One cell of each row of a CSV.
fn column(text: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let place = reader.headers().unwrap().iter().position(|header| header == name).unwrap();
    reader.records().map(|row| row.unwrap()[place].to_owned()).collect()
}

const SENDS: &str = "campaign_id,customer_id,sent_at,channel,arm\njune,a,2026-06-04,sms,treatment\n\
                     june,b,2026-06-04,sms,treatment\njune,c,2026-06-04,sms,control\n";

#[test]
fn a_campaign_of_whose_orders_nobody_is_known_is_refused() {
    let folder = Folder::new(&[
        ("sends.csv", SENDS),
        ("nobody.csv", "order_id,paid_at,paid_amount\n1,2026-06-05,500\n2,2026-06-30,5\n"),
        ("masked.csv", "order_id,customer_id,paid_at,paid_amount\n1,t**1,2026-06-05,500\n"),
    ]);
    for orders in ["nobody.csv", "masked.csv"] {
        let (code, error) = folder.refuses(&["campaign", "sends.csv", orders]);
        assert!(code == 1 && error.contains(&format!("in {orders} nobody is known")), "{error}");
        let (_, error) = folder.refuses(&["campaign", "sends.csv", orders, "--lang", "zh"]);
        assert!(error.contains("不知道买家是谁"), "{error}");
    }
}

/// The lists of a sale that are pulled before it begins are messages of its campaign: without days of its own an order on
/// the last day of the sale counts, for which the days go on until then.
#[test]
fn a_campaign_with_a_last_day_is_followed_until_then() {
    let config = "[[campaign]]\nid = \"june\"\nstarts_on = \"2026-06-18\"\nends_on = \"2026-06-20\"\nchannel = \"sms\"\n";
    let orders =
        "order_id,customer_id,paid_at,paid_amount\n1,a,2026-06-20,100\n2,b,2026-06-21,50\n3,x,2026-06-30,1\n";
    let folder = Folder::new(&[("sends.csv", SENDS), ("orders.csv", orders), ("ecrm.toml", config)]);
    let asked = ["campaign", "sends.csv", "orders.csv", "--format", "csv"];
    let (text, said) = folder.both(&asked);
    assert_eq!(column(&text, "net_amount"), ["100.00", "0.00"]);
    assert!(!said.contains("of days on which"), "{said}");
    // The seven usual days are over before the sale, where nothing says when it ends.
    folder.write("ecrm.toml", "");
    assert_eq!(column(&folder.says(&asked), "net_amount"), ["0.00", "0.00"]);
    let within = [&asked[..], &["--within", "17"]].concat();
    assert_eq!(column(&folder.says(&within), "net_amount"), ["150.00", "0.00"]);
}

#[test]
fn who_ordered_after_the_days_gets_no_second_notice() {
    let orders = "order_id,customer_id,paid_at,paid_amount\n1,a,2026-06-25,100\n2,x,2026-06-30,1\n";
    let folder = Folder::new(&[("sends.csv", SENDS), ("orders.csv", orders)]);
    let text = folder.says(&["campaign", "sends.csv", "orders.csv", "--not-joined", "--format", "csv"]);
    assert_eq!(column(&text, "customer_id"), ["b"]);
}

#[test]
fn what_went_into_a_parcel_is_no_message() {
    let log = "campaign_id,customer_id,sent_at,channel,arm\ncare:parcel,a,2026-06-29,parcel,treatment\n\
               june,b,2026-06-29,sms,treatment\n";
    let orders = "order_id,customer_id,paid_at,paid_amount\n1,a,2026-06-25,100\n2,b,2026-06-30,1\n";
    let customers = "customer_id,name,phone\na,A,13800000001\nb,B,13800000002\n";
    let folder = Folder::new(&[("log.csv", log), ("orders.csv", orders), ("customers.csv", customers)]);
    let files = ["orders.csv", "customers.csv", "log.csv"];
    let list =
        [&["audience"], &files[..], &["--campaign", "july", "--channel", "sms", "--format", "csv"]].concat();
    assert_eq!(column(&folder.says(&list), "customer_id"), ["a"]);
    let columns = ["--columns", "customer_id,contact_count_30d,last_campaign_id", "--format", "csv"];
    let text = folder.says(&[&["customers"], &files[..], &columns].concat());
    assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), ["a,0,", "b,1,june"]);
}

#[test]
fn a_message_through_another_channel_of_the_same_day_is_recorded() {
    let orders = "order_id,customer_id,paid_at,paid_amount\n1,a,2026-06-25,100\n2,b,2026-06-30,1\n";
    let customers =
        "customer_id,name,phone,email\na,A,13800000001,a@shop.example\nb,B,13800000002,b@shop.example\n";
    let folder = Folder::new(&[("orders.csv", orders), ("customers.csv", customers)]);
    for channel in ["sms", "email", "email"] {
        let flags =
            ["--campaign", "july", "--channel", channel, "--record", "log.csv", "-q", "--format", "csv"];
        folder.says(&[&["audience", "orders.csv", "customers.csv"], &flags[..]].concat());
    }
    assert_eq!(column(&folder.read("log.csv"), "channel"), ["sms", "sms", "email", "email"]);
}

/// The rows end as the header does, whatever stands in a cell.
#[test]
fn a_line_break_in_a_cell_is_no_end_of_a_line() {
    let orders = "order_id,customer_id,paid_at,paid_amount\n1,a,2026-06-25,100\n";
    let log =
        "campaign_id,customer_id,sent_at,channel,arm,text\nmay,a,2026-05-01,sms,treatment,\"one\r\ntwo\"\n";
    let customers = "customer_id,name,phone\na,A,13800000001\n";
    let folder = Folder::new(&[("orders.csv", orders), ("log.csv", log), ("customers.csv", customers)]);
    let flags = ["--campaign", "july", "--channel", "sms", "--record", "log.csv", "-q", "--format", "csv"];
    folder.says(&[&["audience", "orders.csv", "customers.csv"], &flags[..]].concat());
    assert_eq!(folder.read("log.csv"), format!("{log}july,a,2026-06-25,sms,treatment,\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named_and_leaves_the_log_alone() {
    let orders = "order_id,customer_id,paid_at,paid_amount\n1,a,2026-06-25,100\n";
    let customers = "customer_id,name,phone\na,A,13800000001\n";
    let folder = Folder::new(&[("orders.csv", orders), ("customers.csv", customers)]);
    let flags = [
        "--campaign",
        "july",
        "--channel",
        "sms",
        "--record",
        "log.csv",
        "-o",
        "/dev/full",
        "--format",
        "csv",
    ];
    let (code, error) = folder.refuses(&[&["audience", "orders.csv", "customers.csv"], &flags[..]].concat());
    assert!(code == 1 && error.contains("cannot write /dev/full"), "{error}");
    assert!(!folder.0.path().join("log.csv").exists());
}

#[test]
fn a_tag_by_ids_takes_no_flag_about_files() {
    let folder = Folder::new(&[]);
    for flag in
        [&["--preset", "nope"][..], &["--map", "order_id=x"], &["--exclude-occasional"], &["--strict"]]
    {
        let (code, error) = folder.refuses(&[&["tag", "add", "vip", "--customer", "a"], flag].concat());
        assert!(code == 2 && error.contains(&format!("{} goes with --where alone", flag[0])), "{error}");
    }
    folder.write("none.csv", "");
    let (code, error) = folder.refuses(&["tag", "add", "vip", "--from", "none.csv"]);
    assert!(code == 1 && error.contains("customer_id"), "{error}");
    assert!(!folder.0.path().join("tags.csv").exists());
}

#[test]
fn a_rule_that_cannot_be_judged_hides_nothing_else_of_a_customer() {
    let folder = Folder::new(&[
        ("orders.csv", "order_id,customer_id,paid_at,paid_amount\n1,a,2026-06-25,100\n"),
        ("ecrm.toml", "[[tag]]\nname = \"guilds\"\nrules = [\"guild = 'x'\"]\n"),
    ]);
    let (text, said) = folder.both(&["customers", "orders.csv", "--explain", "a", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["tables"]["orders"][0]["order_id"], "1");
    assert!(said.contains("the rules of tags are not shown") && said.contains("guild"), "{said}");
}

#[test]
fn a_decision_is_tried_as_it_is_made() {
    let folder = Folder::new(&[]);
    let (code, error) = folder.refuses(&["identity", "same", "a", "b", "--on", "1970-01-01"]);
    assert!(code == 2 && !folder.0.path().join("identities.csv").exists(), "{error}");
    folder.write("identities.csv", "customer_id,other_id,decision,noted_on,note\n1,2,maybe,2026-01-01,\n");
    for dry in [&[][..], &["--dry-run"]] {
        let (code, error) = folder.refuses(&[&["identity", "same", "3", "4"], dry].concat());
        assert!(code == 1 && error.contains("maybe"), "{error}");
    }
}

#[test]
fn the_same_words_twice_on_a_day_are_one_row_whatever_came_later() {
    let folder = Folder::new(&[]);
    for (text, on) in [("new", "2026-05-05"), ("old", "2026-01-01"), ("old", "2026-01-01")] {
        folder.says(&["note", "a", text, "--on", on, "-q"]);
        folder.says(&["source", "set", "a", text, "--reason", "said so", "--on", on, "-q"]);
    }
    assert_eq!(folder.read("notes.csv").lines().count(), 3);
    assert_eq!(folder.read("source_corrections.csv").lines().count(), 3);
}

#[test]
fn what_is_not_taken_from_items_is_said() {
    let folder = Folder::new(&[
        ("orders.csv", "order_id,customer_id,created_at\n1,a,2026-06-25\n2,b,2026-06-26\n"),
        ("items.csv", "order_id,product_id,quantity,amount,refund_amount\n1,p,1,20,5\n2,p,1,30,0\n"),
    ]);
    let (_, said) = folder.both(&["rfm", "orders.csv", "items.csv", "--format", "csv"]);
    assert!(said.contains("items.csv, of which refund_amount is not taken"), "{said}");
}

/// Where items name no buyer, the list of their orders does.
#[test]
fn items_with_a_day_and_a_price_leave_the_buyers_of_the_orders_beside_them() {
    let folder = Folder::new(&[
        ("orders.csv", "order_id,customer_id,paid_at,paid_amount\n1,a,2026-06-25,100\n2,b,2026-06-26,30\n"),
        (
            "items.csv",
            "order_id,product_id,quantity,amount,order_date\n1,p,1,100,2026-06-25\n2,q,1,30,2026-06-26\n",
        ),
    ]);
    let text = folder.says(&["rfm", "orders.csv", "items.csv", "--format", "csv", "-q"]);
    assert_eq!(column(&text, "net_amount"), ["100.00", "30.00"]);
}
