//! `ecrm care` on a shop with a task for everybody, worked out by hand.
//!
//! `fixtures/care`: on 10 June 2026, at its end, every task but the holiday is due to the customer whose row of
//! `orders.csv`, `customers.csv` or `events.csv` says so. The only gaps between orders are of 30 days (c20, c26), so
//! that is what is expected of everybody; the churn line is set to 60 days.

use super::common::{ecrm, failure, stdout};

const CONFIG: [&str; 2] = ["--config", "fixtures/care/ecrm.toml"];
const BEFORE: [&str; 2] = ["--customers-before", "fixtures/care/customers_before.csv"];

/// The rows of the run as CSV, without their header.
fn rows(args: &[&str]) -> Vec<String> {
    let text = stdout(&[&["care"], &CONFIG[..], args, &["--format", "csv", "-q"]].concat());
    text.lines().skip(1).map(str::to_owned).collect()
}

/// Task, customer and order of each row.
fn listed(args: &[&str]) -> Vec<String> {
    let cells = |row: &String| row.split(',').map(str::to_owned).collect::<Vec<_>>();
    rows(args).iter().map(cells).map(|row| format!("{} {} {}", row[0], row[1], row[2])).collect()
}

#[test]
fn every_task_is_due_to_whom_its_row_says() {
    let expected = [
        "review_follow_up c11",
        "delayed_shipping c06",
        "refunded c09",
        "unpaid_first c01",
        "presale_balance c02",
        "paid c03",
        "paid c26",
        "placed c04",
        "shipped c05",
        "delivered c07",
        "usage_reminder c08",
        "birthday c12",
        "level_up c13",
        "first_privilege c15",
        "review_thanks c10",
        "day_100 c17",
        "day_30 c16",
        "anniversary c18",
        "due c20",
        "win_back c21",
        "near_level c19",
        "level_down c14",
        "parcel c03",
        "parcel c06",
        "parcel c26",
    ];
    let expected: Vec<String> = expected.iter().map(|row| format!("{row} 2026-06-10")).collect();
    assert_eq!(listed(&BEFORE), expected);
}

/// c01's second reminder gives way to the first, as what c03, c26 and c01 placed does to what is more urgent. c22 opted
/// out, c23 was written to on 8 June, c24 has this very message already, which keeps back the other too.
#[test]
fn what_is_left_out_is_counted_by_task_and_rule() {
    let expected = "review_follow_up,1,0,0,0,0,0,0,1
        delayed_shipping,1,0,0,0,0,0,0,1
        refunded,1,0,0,0,0,0,0,1
        unpaid_first,1,0,0,0,0,0,0,1
        unpaid_second,1,0,0,0,0,0,1,0
        presale_balance,1,0,0,0,0,0,0,1
        paid,2,0,0,0,0,0,0,2
        placed,4,0,0,0,0,0,3,1
        shipped,1,0,0,0,0,0,0,1
        delivered,1,0,0,0,0,0,0,1
        usage_reminder,1,0,0,0,0,0,0,1
        birthday,1,0,0,0,0,0,0,1
        level_up,1,0,0,0,0,0,0,1
        first_privilege,1,0,0,0,0,0,0,1
        review_thanks,1,0,0,0,0,0,0,1
        day_100,1,0,0,0,0,0,0,1
        day_30,4,0,1,0,1,1,0,1
        anniversary,1,0,0,0,0,0,0,1
        due,5,0,1,0,0,2,1,1
        win_back,1,0,0,0,0,0,0,1
        near_level,1,0,0,0,0,0,0,1
        level_down,1,0,0,0,0,0,0,1
        holiday,0,0,0,0,0,0,0,0
        parcel,3,0,0,0,0,0,0,3";
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(rows(&[&BEFORE[..], &["--table", "tasks"]].concat()), expected);
    // Without days of fatigue c23 gets the message of 30 days, and c24 still none beside what was sent today.
    let counts = rows(&["--table", "tasks", "--fatigue-days", "0", "--tasks", "day_30,due"]);
    assert_eq!(counts, ["day_30,4,0,1,0,1,0,0,2", "due,5,0,1,0,0,0,3,1"]);
}

#[test]
fn a_row_says_why_about_what_and_how_the_customer_is_reached() {
    let line = |tasks: &str, more: &[&str]| rows(&[&["--tasks", tasks], more].concat()).join("\n");
    assert_eq!(
        line("unpaid_first", &["--show-pii"]),
        "unpaid_first,c01,2026-06-10,\"ordered 2026-06-10 09:30, not paid\",o01,Green tea,sms,13800000001,\"Hello Ann Lee, \
         Green tea is still waiting for your payment. Is anything in the way? We are glad to help.\""
    );
    assert_eq!(
        line("birthday", &["--show-pii", "--lang", "zh"]),
        "birthday,c12,2026-06-10,2026-06-10 生日,,,sms,13800000012,Leo Li，生日礼物会放进您的下一个包裹。"
    );
    assert_eq!(
        line("parcel", &["--show-pii"])
            .lines()
            .map(|row| row.split(",platform").next().unwrap())
            .collect::<Vec<_>>(),
        [
            "parcel,c03,2026-06-10,first order; note on the order: gift wrap please,o03,,parcel,,\"For you, Cai Wu, with our \
             thanks.\"",
            "parcel,c06,2026-06-10,first order,o06,,parcel,,\"For you, dear customer, with our thanks.\"",
            "parcel,c26,2026-06-10,to somebody else than usual: a gift; VIP,o28,,parcel,,\"For you, dear customer, with our \
             thanks.\"",
        ]
    );
    // Whoever has neither phone nor e-mail is reached through the platform.
    assert!(
        line("shipped", &["--show-pii"]).contains(",platform,c05,"),
        "{}",
        line("shipped", &["--show-pii"])
    );
    let masked = line("paid", &[]);
    assert!(!masked.contains("cai@shop.example") && !masked.contains("Cai Wu"), "{masked}");
}

/// At 11:00 o01 is 90 minutes old: the first reminder is due, the second 50 minutes later. At 9:49 it is too young.
#[test]
fn the_moment_of_the_list_decides_what_is_due() {
    let at =
        |time: &str| listed(&["--at", time, "--tasks", "unpaid_first,unpaid_second", "--fatigue-days", "0"]);
    assert!(at("09:49").is_empty());
    assert_eq!(at("09:50"), ["unpaid_first c01 2026-06-10"]);
    let second = |time: &str| listed(&["--at", time, "--tasks", "unpaid_second"]);
    assert!(second("11:49").is_empty());
    assert_eq!(second("11:50"), ["unpaid_second c01 2026-06-10"]);
}

/// Everybody who has bought gets it but c22, who opted out. Of the day before nothing later is known.
#[test]
fn a_list_of_several_days_has_each_task_on_its_first_day() {
    let days = listed(&["--on", "2026-06-18", "--days", "2", "--tasks", "holiday", "--fatigue-days", "0"]);
    let buyers =
        ["c03", "c05", "c06", "c07", "c08", "c16", "c17", "c18", "c19", "c20", "c21", "c23", "c24", "c26"];
    assert_eq!(days, buyers.map(|id| format!("holiday {id} 2026-06-19")));
    let earlier =
        listed(&["--on", "2026-06-09", "--tasks", "unpaid_first,presale_balance,paid,refunded,parcel"]);
    assert_eq!(earlier, ["parcel c06 2026-06-09"]);
}

#[test]
fn what_cannot_run_is_said_with_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, "order_id,customer_id,order_date,amount\n1,a,2026-06-10,5\n2,b,2026-06-01,5\n")
        .unwrap();
    let path = path.to_str().unwrap();
    let blocked = |tasks: &str| {
        let text = stdout(&["care", path, "--tasks", tasks, "--table", "blocked", "--format", "csv", "-q"]);
        text.lines()
            .skip(1)
            .map(|row| row.split(',').take(3).collect::<Vec<_>>().join(","))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        blocked(
            "paid,shipped,delayed_shipping,refunded,birthday,level_up,near_level,holiday,review_thanks,day_30"
        ),
        [
            "delayed_shipping,orders,status",
            "delayed_shipping,orders,shipped_at",
            "refunded,orders,cancelled_at",
            "paid,orders,paid_at",
            "shipped,orders,shipped_at",
            "birthday,customers,birthday",
            "level_up,customers,level",
            "level_up,settings,customers_before",
            "review_thanks,events,rating",
            "near_level,settings,[care.levels]",
            "holiday,settings,[care.holidays]",
        ]
    );
    // A run where nothing can run is a list without rows.
    let text = stdout(&["care", path, "--tasks", "birthday,parcel", "--format", "csv", "-q"]);
    assert_eq!(text, "task,customer_id,due_on,reason,order_id,product,channel,contact,text\n");
    let counted = stdout(&["care", path, "--tasks", "birthday", "--table", "tasks", "--format", "csv", "-q"]);
    assert_eq!(counted.lines().count(), 1);
    let text = stdout(&["care", path, "--format", "table", "--lang", "zh", "-q"]);
    assert!(text.contains("无法运行的任务") && text.contains("可用 --map birthday=列名 指定"), "{text}");
}

/// What is recorded is not listed again, by the log alone.
#[test]
fn what_is_recorded_is_known_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.csv");
    let list = folder.path().join("list.csv");
    let (log, list) = (log.to_str().unwrap(), list.to_str().unwrap());
    let tasks = ["--tasks", "unpaid_first,unpaid_second,parcel,birthday"];
    stdout(&[&["care"], &CONFIG[..], &tasks, &["-o", list, "--record", log, "-q"]].concat());
    assert_eq!(
        std::fs::read_to_string(log).unwrap(),
        "campaign_id,customer_id,sent_at,channel,arm,order_id,contact\n\
         care:unpaid_first,c01,2026-06-10,sms,treatment,o01,13800000001\n\
         care:birthday,c12,2026-06-10,sms,treatment,,13800000012\n\
         care:parcel,c03,2026-06-10,parcel,treatment,o03,\n\
         care:parcel,c06,2026-06-10,parcel,treatment,o06,\n\
         care:parcel,c26,2026-06-10,parcel,treatment,o28,\n"
    );
    let written = std::fs::read_to_string(list).unwrap();
    assert!(written.contains("13800000001") && written.contains("Ann Lee"), "{written}");
    let inputs = ["fixtures/care/orders.csv", "fixtures/care/customers.csv", "--sends", log];
    let again = listed(&[&tasks[..], &inputs].concat());
    assert_eq!(again, ["unpaid_second c01 2026-06-10"]);
    // And the campaign of each kind of care knows what it brought back.
    let orders = "fixtures/care/orders.csv";
    let text = stdout(&[
        "campaign",
        orders,
        "--sends",
        log,
        "--campaign",
        "care:unpaid_first",
        "--format",
        "csv",
        "-q",
    ]);
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[test]
fn wrong_use_is_refused_before_anything_is_read() {
    for (args, words) in [
        (&["--tasks", "birthdays"][..], "did you mean birthday?"),
        (&["--at", "9:00"], "write it as 10:30"),
        (&["--on", "10 June"], "\"10 June\""),
        (&["--days", "0"], "0"),
        (&["--table", "lists"], "it has list, tasks, blocked"),
        (&["--record", "fixtures/care/orders.csv"], "fixtures/care/orders.csv"),
        (&["--customers-before", "fixtures/care/events.csv"], "fixtures/care/events.csv"),
    ] {
        let (code, error) = failure(&[&["care"], &CONFIG[..], args].concat());
        assert!(code > 0 && error.contains(words), "{args:?}: {error}");
    }
}

/// A folder of small files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            std::fs::write(folder.0.path().join(name), text).unwrap();
        }
        folder
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    /// What a run that must succeed writes, without the header, and what it says beside that.
    fn run(&self, args: &[&str]) -> (Vec<String>, String) {
        let args = [&["care"], args, &["--format", "csv"]].concat();
        let output = ecrm().args(&args).current_dir(self.0.path()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{args:?}: {said}");
        let text = String::from_utf8(output.stdout).unwrap();
        (text.lines().skip(1).map(str::to_owned).collect(), said)
    }
}

/// Two orders of one customer with a note each, paid in the morning and in the afternoon of the ninth, and one of
/// somebody else that is on its way, so that shipping is known.
const NOTED: &str = "order_id,customer_id,status,created_at,paid_at,shipped_at,amount,note\n\
     1,a,paid,2026-06-09 09:00:00,2026-06-09 09:00:00,,5,for mother\n\
     2,a,paid,2026-06-09 15:00:00,2026-06-09 15:00:00,,5,for father\n\
     3,b,shipped,2026-06-01 09:00:00,2026-06-01 09:00:00,2026-06-02 09:00:00,5,\n";

#[test]
fn the_parcel_of_a_second_order_is_another_one() {
    let folder = Folder::new(&[("orders.csv", NOTED)]);
    let parcels = |inputs: &[&str], day: &str| -> (Vec<String>, String) {
        let flags = ["--on", day, "--at", "10:00", "--tasks", "parcel", "--record", "log.csv"];
        let (rows, said) = folder.run(&[inputs, &flags[..]].concat());
        (rows.iter().map(|row| row.split(',').nth(4).unwrap().to_owned()).collect(), said)
    };
    let both = ["orders.csv", "--sends", "log.csv"];
    assert_eq!(parcels(&["orders.csv"], "2026-06-09").0, ["1"]);
    assert_eq!(parcels(&both, "2026-06-10").0, ["2"]);
    let log = "campaign_id,customer_id,sent_at,channel,arm,order_id,contact\n\
               care:parcel,a,2026-06-09,parcel,treatment,1,\ncare:parcel,a,2026-06-10,parcel,treatment,2,\n";
    assert_eq!(folder.read("log.csv"), log);
    let (none, said) = parcels(&both, "2026-06-10");
    assert!(none.is_empty() && !said.contains("order_id"), "{said}");
    // Both of one day are two rows; and what is written twice is added once.
    let twice = Folder::new(&[("orders.csv", NOTED)]);
    for _ in 0..2 {
        twice.run(&["orders.csv", "--on", "2026-06-10", "--tasks", "parcel", "--record", "log.csv"]);
    }
    assert_eq!(twice.read("log.csv").lines().count(), 3);
    // The store keeps the column.
    let path = |name: &str| folder.0.path().join(name).to_str().unwrap().to_owned();
    let half = log.lines().take(2).map(|line| format!("{line}\n")).collect::<String>();
    std::fs::write(path("half.csv"), half).unwrap();
    super::store::import(&[&path("orders.csv"), &path("half.csv")], &path("shop"));
    let (rows, _) = folder.run(&["shop", "--on", "2026-06-10", "--tasks", "parcel"]);
    assert_eq!(rows.iter().map(|row| row.split(',').nth(4).unwrap()).collect::<Vec<_>>(), ["2"]);
}

/// A log from before the column: a parcel to the customer is one for any order.
#[test]
fn a_log_without_orders_keeps_its_meaning() {
    let old =
        "campaign_id,customer_id,sent_at,channel,arm,contact\ncare:parcel,a,2026-06-09,parcel,treatment,\n";
    let folder = Folder::new(&[
        ("orders.csv", NOTED),
        ("log.csv", old),
        ("new.csv", &old[..old.find('\n').unwrap() + 1]),
    ]);
    let flags = ["orders.csv", "--on", "2026-06-10", "--tasks", "parcel"];
    let counted = ["--sends", "log.csv", "--table", "tasks"];
    let (rows, _) = folder.run(&[&flags[..], &counted].concat());
    assert_eq!(rows, ["parcel,2,0,0,0,2,0,0,0"]);
    // What is added to such a log is one row a customer, as before, and that is said.
    let (rows, said) = folder.run(&[&flags[..], &["--record", "new.csv"]].concat());
    assert_eq!(rows.len(), 2);
    assert!(said.contains("new.csv has no column order_id"), "{said}");
    assert_eq!(folder.read("new.csv").lines().count(), 2);
}

/// 30 days after the first order is the tenth, the holiday the twelfth: of seven days of silence the tenth is one, of
/// two it is not.
#[test]
fn who_is_on_the_list_of_one_day_rests_on_the_next_ones() {
    let folder = Folder::new(&[
        ("orders.csv", "order_id,customer_id,paid_at,amount\n1,a,2026-05-11,5\n2,b,2026-06-09,5\n"),
        ("ecrm.toml", "[care.holidays]\n\"2026-06-12\" = \"Fair\"\n"),
    ]);
    let counted = |fatigue: &str| {
        let flags = ["--on", "2026-06-10", "--days", "5", "--tasks", "day_30,holiday", "--table", "tasks"];
        folder.run(&[&["orders.csv"], &flags[..], &["--fatigue-days", fatigue]].concat()).0
    };
    assert_eq!(counted("7"), ["day_30,1,0,0,0,0,0,0,1", "holiday,2,0,0,0,0,1,0,1"]);
    assert_eq!(counted("3"), ["day_30,1,0,0,0,0,0,0,1", "holiday,2,0,0,0,0,1,0,1"]);
    assert_eq!(counted("2"), ["day_30,1,0,0,0,0,0,0,1", "holiday,2,0,0,0,0,0,0,2"]);
}

/// a and b are reached by one number, and a wants no messages; c and d share another; e is on the black list, f has its
/// number. It is the birthday of all of them.
#[test]
fn a_person_of_two_ids_is_reached_as_one() {
    let customers = "customer_id,phone,birthday,opt_out,blacklist\na,13800000001,1990-06-10,yes,no\n\
                     b,+86 138-0000-0001,1990-06-10,no,no\nc,13800000003,1990-06-10,no,no\n\
                     d,138 0000 0003,1990-06-10,no,no\ne,13800000005,1990-06-10,no,yes\nf,13800000005,1990-06-10,no,no\n\
                     g,13800000007,1990-06-10,no,no\n";
    let log = "campaign_id,customer_id,sent_at,channel,arm\njune,d,2026-06-08,sms,treatment\n";
    let folder = Folder::new(&[
        ("orders.csv", "order_id,customer_id,paid_at,amount\n1,g,2026-06-10,5\n"),
        ("customers.csv", customers),
        ("log.csv", log),
    ]);
    let flags = ["orders.csv", "customers.csv", "--tasks", "birthday"];
    let (rows, _) = folder.run(&flags);
    assert_eq!(rows.iter().map(|row| row.split(',').nth(1).unwrap()).collect::<Vec<_>>(), ["c", "g"]);
    let counted = |further: &[&str]| folder.run(&[&flags[..], &["--table", "tasks"], further].concat()).0;
    assert_eq!(counted(&[]), ["birthday,7,0,2,2,0,0,1,2"]);
    // What d got two days before has tired c too; g it has not.
    assert_eq!(counted(&["--sends", "log.csv"]), ["birthday,7,0,2,2,0,2,0,1"]);
}
