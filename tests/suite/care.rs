//! `ecrm care` on a shop with a task for everybody, worked out by hand.
//!
//! `fixtures/care`: on 10 June 2026, at its end, every task but the holiday is due to the customer whose row of
//! `orders.csv`, `customers.csv` or `events.csv` says so. The only gaps between orders are of 30 days (c20, c26), so
//! that is what is expected of everybody; the churn line is set to 60 days.

use super::common::{failure, stdout};

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
        "campaign_id,customer_id,sent_at,channel,arm,contact\n\
         care:unpaid_first,c01,2026-06-10,sms,treatment,13800000001\n\
         care:birthday,c12,2026-06-10,sms,treatment,13800000012\n\
         care:parcel,c03,2026-06-10,parcel,treatment,\n\
         care:parcel,c06,2026-06-10,parcel,treatment,\n\
         care:parcel,c26,2026-06-10,parcel,treatment,\n"
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
