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

/// The lists of a sale that are pulled before it begins are messages of its campaign: without days of its own an order
/// on the last day of the sale counts, for which the days go on until then.
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
fn what_went_back_of_items_is_taken_off_their_orders() {
    let folder = Folder::new(&[
        ("orders.csv", "order_id,customer_id,created_at\n1,a,2026-06-25\n2,b,2026-06-26\n"),
        ("items.csv", "order_id,product_id,quantity,amount,refund_amount\n1,p,1,20,5\n2,p,1,30,0\n"),
    ]);
    let text = folder.says(&["rfm", "orders.csv", "items.csv", "--format", "csv", "-q"]);
    assert_eq!(column(&text, "net_amount"), ["30.00", "15.00"]);
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

/// a ordered six days after the message, b did not, and c was held out; d got nothing.
#[test]
fn a_second_notice_goes_to_those_who_got_the_first_and_have_not_ordered() {
    let orders =
        "order_id,customer_id,paid_at,paid_amount\n1,a,2026-06-10,100\n2,b,2026-06-03,50\n3,d,2026-05-30,1\n";
    let customers =
        "customer_id,name,phone\na,A,13800000001\nb,B,13800000002\nc,C,13800000003\nd,D,13800000004\n";
    let folder = Folder::new(&[("orders.csv", orders), ("customers.csv", customers), ("sends.csv", SENDS)]);
    let flags =
        ["--campaign", "june", "--channel", "sms", "--on", "2026-06-20", "--not-joined", "--format", "csv"];
    let files = ["audience", "orders.csv", "customers.csv", "sends.csv"];
    let asked = [&files[..], &flags[..], &["--record", "sends.csv"]].concat();
    for _ in 0..2 {
        assert_eq!(column(&folder.says(&asked), "customer_id"), ["b"]);
    }
    assert_eq!(folder.read("sends.csv"), format!("{SENDS}june,b,2026-06-20,sms,treatment\n"));
    // On the day of the first notice itself nobody gets a second one.
    let early =
        [&files[..], &["--campaign", "june", "--channel", "sms", "--on", "2026-06-04", "--not-joined"]]
            .concat();
    assert_eq!(folder.says(&[&early[..], &["--format", "csv"]].concat()), "customer_id,contact,channel\n");
    let july = [
        "audience",
        "orders.csv",
        "customers.csv",
        "sends.csv",
        "--campaign",
        "july",
        "--channel",
        "sms",
        "--not-joined",
    ];
    let (code, error) = folder.refuses(&july);
    assert!(code == 1 && error.contains("has a message of the campaign \"july\""), "{error}");
}

/// A step has its campaign's settings and the same people held out, and a name of its own in the log.
#[test]
fn a_step_of_a_campaign_has_its_settings_and_its_control_group() {
    let ids: Vec<String> = (10..60).map(|number| format!("c{number}")).collect();
    let rows = |row: &dyn Fn(&String) -> String| ids.iter().map(row).collect::<String>();
    let orders = rows(&|id| format!("{id},{id},2026-06-01,5\n"));
    let customers = rows(&|id| format!("{id},{id},138000000{}\n", &id[1..]));
    let folder = Folder::new(&[
        ("orders.csv", &format!("order_id,customer_id,paid_at,paid_amount\n{orders}")),
        ("customers.csv", &format!("customer_id,name,phone\n{customers}")),
        ("ecrm.toml", "[[campaign]]\nid = \"june\"\nchannel = \"sms\"\nholdout = \"40%\"\n"),
    ]);
    let list = |id: &str, log: &str| {
        let flags = ["--campaign", id, "--fatigue-days", "0", "--record", log, "--format", "csv", "-q"];
        column(
            &folder.says(&[&["audience", "orders.csv", "customers.csv"], &flags[..]].concat()),
            "customer_id",
        )
    };
    let june = list("june", "log.csv");
    assert!((20..=40).contains(&june.len()), "{}", june.len());
    assert_eq!(list("june/reminder", "log.csv"), june);
    // Both are in the log, all of them.
    let campaigns = column(&folder.read("log.csv"), "campaign_id");
    let of = |id: &str| campaigns.iter().filter(|campaign| *campaign == id).count();
    assert_eq!((of("june"), of("june/reminder")), (50, 50));
    // A campaign of its own is drawn anew.
    folder.write(
        "ecrm.toml",
        "[[campaign]]\nid = \"june/reminder\"\nchannel = \"sms\"\nholdout = \"40%\"\n[[campaign]]\nid = \"june\"\n",
    );
    assert_ne!(list("june/reminder", "other.csv"), june);
}

#[test]
fn a_condition_of_a_campaign_that_no_file_can_answer_is_named_as_such() {
    let config = "[inputs]\norders = [\"orders.csv\"]\ncustomers = [\"customers.csv\"]\n[[campaign]]\nid = \"june\"\n\
                  starts_on = \"2026-06-18\"\nchannel = \"sms\"\nwhere = \"guild = 'x'\"\n";
    let folder = Folder::new(&[
        ("orders.csv", "order_id,customer_id,paid_at,paid_amount\n1,a,2026-06-10,100\n"),
        ("customers.csv", "customer_id,name,phone\na,A,13800000001\n"),
        ("ecrm.toml", config),
    ]);
    for args in [&["audience", "--campaign", "june"][..], &["campaign", "plan", "june"]] {
        let (code, error) = folder.refuses(args);
        let named = "ecrm.toml: [[campaign]] where (id = \"june\") cannot be \"guild = 'x'\"";
        assert!(code > 0 && error.contains(named) && error.contains("guild"), "{error}");
    }
    // One of the command line is nobody's but whoever typed it.
    let (_, error) = folder.refuses(&["audience", "--campaign", "june", "--where", "clan = 'x'"]);
    assert!(!error.contains("[[campaign]]") && error.contains("clan"), "{error}");
    folder.write("ecrm.toml", "[care.parcel]\nvip = \"guild = 'x'\"\n");
    let (_, error) = folder.refuses(&["care", "orders.csv", "customers.csv"]);
    assert!(error.contains("[care.parcel] vip cannot be \"guild = 'x'\""), "{error}");
}

/// The log that ecrm.toml names begins with the first list.
#[test]
fn a_log_that_is_not_there_yet_stops_no_first_list() {
    let config = "[inputs]\norders = [\"orders.csv\"]\ncustomers = [\"customers.csv\"]\nsends = [\"sends.csv\"]\n\
                  [[campaign]]\nid = \"june\"\nstarts_on = \"2026-06-18\"\nchannel = \"sms\"\n";
    let folder = Folder::new(&[
        ("orders.csv", "order_id,customer_id,paid_at,paid_amount\n1,a,2026-06-10,100\n"),
        ("customers.csv", "customer_id,name,phone\na,A,13800000001\n"),
        ("ecrm.toml", config),
    ]);
    let plan = folder.says(&["campaign", "plan", "june", "--format", "csv"]);
    assert!(plan.contains("--record ") && plan.contains("/sends.csv"), "{plan}");
    // Where nothing begins it, it is missing.
    let (code, error) = folder.refuses(&["audience", "--campaign", "june"]);
    assert!(code == 1 && error.contains("sends.csv"), "{error}");
    let list = ["audience", "--campaign", "june", "--record", "sends.csv", "--format", "csv"];
    assert_eq!(column(&folder.says(&list), "customer_id"), ["a"]);
    assert_eq!(column(&folder.read("sends.csv"), "sent_at"), ["2026-06-18"]);
    let care = [
        "care",
        "orders.csv",
        "--sends",
        "new.csv",
        "--record",
        "new.csv",
        "--tasks",
        "paid",
        "--format",
        "csv",
    ];
    assert_eq!(column(&folder.says(&care), "customer_id"), ["a"]);
    assert!(folder.0.path().join("new.csv").exists());
}

/// An answer that cannot be written changes no hand-kept file.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_hand_kept_files_alone() {
    let config =
        "[inputs]\norders = [\"orders.csv\"]\n[[tag]]\nname = \"buyer\"\nrules = [\"order_count >= 1\"]\n";
    let folder = Folder::new(&[
        ("orders.csv", "order_id,customer_id,paid_at,paid_amount\n1,a,2026-06-10,100\n"),
        ("ecrm.toml", config),
    ]);
    let full = ["-o", "/dev/full", "--format", "csv"];
    let changes: [(&str, &[&str]); 9] = [
        ("tags.csv", &["tag", "add", "vip", "--customer", "a"]),
        ("tags.csv", &["tag", "add", "known", "--where", "order_count >= 1"]),
        ("tags.csv", &["tag", "apply"]),
        ("tags.csv", &["tag", "copy", "vip", "dear"]),
        ("tags.csv", &["tag", "delete", "vip"]),
        ("source_corrections.csv", &["source", "set", "a", "fair", "--reason", "said so"]),
        ("source_corrections.csv", &["source", "clear", "a"]),
        ("notes.csv", &["note", "a", "likes tea"]),
        ("identities.csv", &["identity", "same", "a", "b"]),
    ];
    for (name, change) in changes {
        let before = std::fs::read(folder.0.path().join(name)).ok();
        // Of what is taken away something must be there first.
        let is_first =
            before.is_none() && change.iter().any(|word| ["copy", "delete", "clear"].contains(word));
        assert!(!is_first, "{change:?}");
        let (code, error) = folder.refuses(&[change, &full].concat());
        assert!(code == 1 && error.contains("cannot write /dev/full"), "{change:?}: {error}");
        assert_eq!(std::fs::read(folder.0.path().join(name)).ok(), before, "{change:?}");
        folder.says(&[change, &["--format", "csv"]].concat());
        assert_ne!(std::fs::read(folder.0.path().join(name)).ok(), before, "{change:?}");
    }
}
