//! `ecrm audience` on `fixtures/audience`: who gets a message, worked out by hand. As of 2026-06-30, of 23 people:
//!
//! - c08 is in the standing holdout of 10 % (SHA-256("global" 0x1F "c08") begins at 0.014 of the way);
//! - c04 has opted out, and c19 has the same phone; c05 is blacklisted; c06 has no phone, that of c07 is masked;
//! - c10 has the phone of c01, who bought for more;
//! - c11 was sent a message three days before, c23 six days, c22 seven days; what c20 was sent did not arrive, and c21
//!   was kept from one;
//! - c12 ordered ten days before, all others more than ninety;
//! - the control group of 20 % of june has c03, c05, c06, c07, c10, c13 and c14 in it (Python's hashlib).

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use encoding_rs::GB18030;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::common::{ecrm, failure, run, stdout};

const CONFIG: [&str; 3] = ["audience", "--config", "fixtures/audience/ecrm.toml"];

fn june(further: &[&str]) -> Vec<String> {
    let args = [&CONFIG[..], &["--campaign", "june", "--lang", "en"], further].concat();
    args.into_iter().map(str::to_owned).collect()
}

fn asked(further: &[&str]) -> String {
    let args = june(further);
    stdout(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

fn said(further: &[&str]) -> String {
    let args = june(further);
    let output = run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stderr).unwrap()
}

/// The ids of a list in CSV, in its order.
fn ids(csv: &str) -> Vec<&str> {
    csv.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect()
}

fn exclusions(further: &[&str]) -> Vec<(String, u64)> {
    let table = asked(&[&["--table", "exclusions", "--format", "csv", "-q"], further].concat());
    let row = |line: &str| {
        let (reason, count) = line.split_once(',').unwrap();
        (reason.to_owned(), count.parse().unwrap())
    };
    table.lines().skip(1).map(row).collect()
}

#[test]
fn each_candidate_is_left_out_by_the_first_rule_that_applies() {
    let expected = [
        ("global_holdout", 1),
        ("opted_out", 2),
        ("blacklisted", 1),
        ("no_contact", 1),
        ("invalid_contact", 1),
        ("duplicate_contact", 1),
        ("contacted_recently", 2),
        ("in_care", 1),
        ("over_max", 6),
        ("held_out", 3),
    ];
    assert_eq!(exclusions(&["--max", "7"]), expected.map(|(reason, count)| (reason.to_owned(), count)));
    let list = asked(&["--max", "7", "-q", "--show-pii", "--columns", "name,net_amount"]);
    assert_eq!(
        list,
        "customer_id,contact,channel,name,net_amount\nc01,13800000001,sms,Ann Lee,500.00\n\
         c02,13800000002,sms,Bob Ray,400.00\nc15,13800000015,sms,,70.00\nc16,13800000016,sms,,60.00\n"
    );
    let noted = said(&["--max", "7"]);
    assert!(noted.contains("23 candidates: 4 are listed, 19 are left out"), "{noted}");
}

#[test]
fn without_a_bound_the_rest_is_listed_and_who_never_bought_comes_last() {
    let list = asked(&["-q"]);
    assert_eq!(ids(&list), ["c01", "c02", "c15", "c16", "c17", "c20", "c21", "c22", "c18", "c24"]);
    let by_id = asked(&["-q", "--sort", "customer_id desc", "--max", "4"]);
    // c24, c22, c21, c20 are the last four by id of those whom no rule before leaves out.
    assert_eq!(ids(&by_id), ["c24", "c22", "c21", "c20"]);
    let none = |further: &[&str]| exclusions(further).into_iter().map(|(_, count)| count).collect::<Vec<_>>();
    // Without a discount c12 may have it; without days of fatigue c11 and c23; without a control group its three.
    assert_eq!(none(&["--discount=false"]), [1, 2, 1, 1, 1, 1, 2, 0, 0, 3]);
    assert_eq!(none(&["--fatigue-days", "0"]), [1, 2, 1, 1, 1, 1, 0, 1, 0, 3]);
    assert_eq!(none(&["--fatigue-days", "8"]), [1, 2, 1, 1, 1, 1, 3, 1, 0, 3]);
    assert_eq!(none(&["--holdout", "0%"]), [1, 2, 1, 1, 1, 1, 2, 1, 0, 0]);
    // One of the shop's own condition, which stands for that of the campaign.
    assert_eq!(ids(&asked(&["-q", "--where", "order_count >= 2"])), ["c01"]);
    // By e-mail only c01 is reached; c02 and c03 have what cannot be right. c23 was written to by e-mail.
    assert_eq!(none(&["--channel", "email"]), [1, 1, 1, 17, 2, 0, 0, 0, 0, 0]);
}

#[test]
fn the_platform_reaches_people_by_their_id_there() {
    let list = asked(&[
        "--channel",
        "platform",
        "-q",
        "--holdout",
        "0",
        "--where",
        "customer_id in ('c06', 'c07', 'c19')",
    ]);
    assert_eq!(list, "customer_id,contact,channel\nc06,c06,platform\nc07,c07,platform\nc19,c19,platform\n");
}

/// Means and standard deviations by hand, see the figures in `fixtures/audience/orders.csv`: the list is c01, c02, c15
/// and c16, the control group c03, c13 and c14.
#[test]
fn the_arms_are_set_side_by_side() {
    let table = asked(&["--max", "7", "--table", "balance", "--format", "csv", "-q"]);
    assert_eq!(
        table,
        "measure,treatment,control,standardised_difference\ncustomer_count,4,3,\n\
         recency_days,128,130.3333333333,-0.15430335\norder_count,1.25,1,0.7071067812\n\
         net_amount,257.5,156.6666666667,0.5528746539\n"
    );
    let noted = said(&["--max", "7"]);
    assert!(noted.contains("0.1 standard deviations in recency_days, order_count, net_amount"), "{noted}");
    let noted = said(&["--holdout", "0"]);
    assert!(noted.contains("nobody is held out") && !noted.contains("standard deviations"), "{noted}");
}

#[test]
fn the_same_list_comes_again_and_others_hold_out_the_same_people() {
    let file = tempfile::tempdir().unwrap().keep();
    let (one, two) = (file.join("one.json"), file.join("two.json"));
    for path in [&one, &two] {
        asked(&["-q", "-o", path.to_str().unwrap()]);
    }
    assert_eq!(std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
    let answer: Value = serde_json::from_slice(&std::fs::read(one).unwrap()).unwrap();
    assert_eq!(answer["parameters"]["sent_on"], json!("2026-06-30"));
    assert_eq!(answer["parameters"]["global_holdout"], json!(0.1));
    // c03, c13 and c14 are held out of every list of june that has them.
    let three = "customer_id in ('c02', 'c03', 'c13', 'c14', 'c15')";
    assert_eq!(ids(&asked(&["-q", "--where", three])), ["c02", "c15"]);
    std::fs::remove_dir_all(file).unwrap();
}

#[test]
fn contacts_are_whole_in_files_and_masked_where_they_pass_by() {
    let folder = tempfile::tempdir().unwrap();
    let first = ["--max", "1", "--columns", "name", "--holdout", "0", "-q"];
    let passed = asked(&first);
    assert_eq!(passed, "customer_id,contact,channel,name\nc01,138****0001,sms,A*\n");
    let whole = "customer_id,contact,channel,name\nc01,13800000001,sms,Ann Lee\n";
    assert_eq!(asked(&[&first[..], &["--show-pii"]].concat()), whole);
    for (name, held) in
        [("list.csv", "c01,13800000001,sms,Ann Lee"), ("list.md", "13800000001"), ("list.txt", "Ann Lee")]
    {
        let path = folder.path().join(name);
        asked(&[&first[..], &["-o", path.to_str().unwrap()]].concat());
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(held) && !text.contains("138****"), "{text}");
    }
    for format in ["table", "markdown", "json", "jsonl", "tsv"] {
        let text = asked(&[&first[..], &["--format", format]].concat());
        assert!(
            text.contains("138****0001") && !text.contains("13800000001") && !text.contains("Ann Lee"),
            "{text}"
        );
    }
    let noted = said(&["--max", "1"]);
    assert!(noted.contains("masked here") && !noted.contains("13800000001"), "{noted}");
    // The list of customers is the same.
    let customers = |further: &[&str]| {
        let args = [
            "customers",
            "fixtures/audience/customers.csv",
            "--columns",
            "customer_id,name,phone,email",
            "-q",
        ];
        stdout(&[&args[..], &["--where", "customer_id = 'c01'"], further].concat())
    };
    assert_eq!(customers(&[]), "customer_id,name,phone,email\nc01,A*,138****0001,a***@shop.example\n");
    let whole = "customer_id,name,phone,email\nc01,Ann Lee,13800000001,ann@shop.example\n";
    assert_eq!(customers(&["--show-pii"]), whole);
    let path = folder.path().join("customers.csv");
    customers(&["-o", path.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(path).unwrap(), whole);
}

/// Two campaigns draw their control groups independently: over 100,000 ids the 2 by 2 table of a fifth and a fifth has
/// a chi-square of one degree of freedom, below 10.83 with probability .999. By Python's hashlib it is 0.02.
#[test]
fn campaigns_hold_out_independently() {
    use ecrm::metrics::holdout::{GLOBAL, is_held_out};
    let ids: Vec<String> = (0..100_000).map(|id| id.to_string()).collect();
    let held = |campaign: &str| ids.iter().map(|id| is_held_out(campaign, id, 2_000)).collect::<Vec<bool>>();
    let arms = ["june", "july", GLOBAL].map(held);
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        let mut cells = [[0_f64; 2]; 2];
        arms[one].iter().zip(&arms[other]).for_each(|(a, b)| cells[usize::from(*a)][usize::from(*b)] += 1.0);
        let (rows, total) = (cells.map(|row| row[0] + row[1]), ids.len() as f64);
        let columns = [cells[0][0] + cells[1][0], cells[0][1] + cells[1][1]];
        let squares = (0..4).map(|i| {
            let expected = rows[i / 2] * columns[i % 2] / total;
            (cells[i / 2][i % 2] - expected).powi(2) / expected
        });
        let chi_square: f64 = squares.sum();
        assert!(chi_square < 10.83, "{one} {other}: {chi_square}");
        assert!((columns[1] / total - 0.2).abs() < 0.005, "{}", columns[1]);
    }
}

#[test]
fn what_is_missing_or_wrong_is_said() {
    let refused = |args: &[&str]| failure(&[&CONFIG[..], args].concat());
    for (args, code, message) in [
        (&["--campaign", "july"][..], 2, "nothing says how the message is sent"),
        (&["--campaign", "global", "--channel", "sms"], 2, "is what the standing holdout is drawn by"),
        (
            &["--campaign", "june", "--channel", "pigeon"],
            2,
            "possible values: sms, email, wechat, qq, platform",
        ),
        (&["--campaign", "june", "--holdout", "120%"], 2, "120%"),
        (&["--campaign", "june", "--where", "net_amount > 'x'"], 2, "^"),
        (&["--campaign", "june", "--columns", "nmae"], 2, "nmae"),
        (&["--campaign", "june", "--table", "lists"], 2, "list"),
        (&["--campaign", "june", "--on", "tomorrow"], 2, "tomorrow"),
    ] {
        let (found, error) = refused(args);
        assert!(found == code && error.contains(message), "{args:?}: {found} {error}");
    }
    let orders = "fixtures/audience/orders.csv";
    let args = ["audience", orders, "--campaign", "june", "--channel", "sms", "--holdout", "10%"];
    let output = run(&args);
    let noted = String::from_utf8_lossy(&output.stderr);
    for message in
        ["no input says how anybody is reached", "who wants no messages", "no list of sent messages"]
    {
        assert!(noted.contains(message), "{message}: {noted}");
    }
    assert_eq!(String::from_utf8_lossy(&output.stdout), "customer_id,contact,channel\n");
}

/// The calendar of june, which has one day, 18 June: lapsing are 21 of the 22 who bought, and nobody has an interest.
#[test]
fn a_sale_is_planned_as_lists_to_pull() {
    let plan = |further: &[&str]| {
        let args =
            ["campaign", "plan", "june", "--config", "fixtures/audience/ecrm.toml", "--format", "json", "-q"];
        stdout(&[&args[..], further].concat())
    };
    let plan: Value = serde_json::from_str(&plan(&[])).unwrap();
    let rows = plan["rows"].as_array().unwrap();
    let short: Vec<(&str, &str, Option<u64>)> = rows
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap();
            (text("on"), text("step"), row["customer_count"].as_u64())
        })
        .collect();
    assert_eq!(
        short,
        [
            ("2026-06-04", "care", Some(21)),
            ("2026-06-11", "notice", Some(23)),
            ("2026-06-15", "interaction", Some(0)),
            ("2026-06-18", "unpaid_first", None),
            ("2026-06-18", "unpaid_second", None),
            ("2026-06-18", "second_notice", None),
            ("2026-06-19", "thanks", None),
        ]
    );
    assert_eq!(
        rows[1]["command"],
        json!(
            "ecrm audience --config fixtures/audience/ecrm.toml --campaign june --on 2026-06-11 -o june_notice.csv \
             --record fixtures/audience/sends.csv"
        )
    );
    assert!(rows[0]["what"].as_str().unwrap().contains("without a discount"), "{}", rows[0]["what"]);
    // Reminders of one day have a name each in the log.
    let command = |row: usize| rows[row]["command"].as_str().unwrap();
    for (row, step) in [(3, "unpaid_first"), (4, "unpaid_second")] {
        assert!(
            command(row).contains(&format!(" --campaign june/{step} --on 2026-06-18 ")),
            "{}",
            command(row)
        );
    }
    assert_eq!(
        command(5),
        "ecrm audience --config fixtures/audience/ecrm.toml --campaign june --on 2026-06-18 --not-joined --fatigue-days 3 -o \
         june_second_notice.csv --record fixtures/audience/sends.csv"
    );
    let refused = |args: &[&str]| failure(&[&["campaign", "plan"], args].concat());
    let (code, error) = refused(&["july", "--config", "fixtures/audience/ecrm.toml"]);
    assert!(code == 2 && error.contains("hint: it has june"), "{error}");
    let (code, error) = refused(&["july", "fixtures/audience/orders.csv", "--config", "/dev/null"]);
    assert!(code == 2 && error.contains("has no [[campaign]]"), "{error}");
}

#[test]
#[cfg(unix)]
fn a_plan_is_not_made_of_what_its_commands_cannot_read_again() {
    for file in [&["-"][..], &[]] {
        let args = [&["campaign", "plan", "june", "--config", "fixtures/audience/ecrm.toml"], file].concat();
        let orders = std::fs::File::open("fixtures/audience/orders.csv").unwrap();
        let output = ecrm().args(&args).stdin(orders).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("a plan cannot be made of standard input"), "{error}");
        assert!(output.stdout.is_empty());
    }
    // Refused before anything is read, or nobody would ever write to the pipe.
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let plan = "\"$0\" campaign plan june --config fixtures/audience/ecrm.toml";
    let orders = "fixtures/audience/orders.csv";
    for (line, name) in [
        (format!("{plan} {}", pipe.display()), pipe.to_str().unwrap()),
        (format!("{plan} --orders {}", pipe.display()), pipe.to_str().unwrap()),
        (format!("{plan} /dev/fd/3 3<{orders}"), "/dev/fd/3"),
        (format!("{plan} /dev/stdin <{orders}"), "/dev/stdin"),
    ] {
        let shell = ["-c", &line, env!("CARGO_BIN_EXE_ecrm")];
        let output = Command::new("sh").args(shell).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {error}");
        let said = format!("a plan cannot be made of {name}, which is no file");
        assert!(error.contains(&said) && output.stdout.is_empty(), "{line}: {error}");
    }
}

/// A folder in which ecrm runs, with the fixture in it.
struct Shop(TempDir);

const HEADER: &str = "campaign_id,customer_id,sent_at,channel,arm,order_id,contact\n";
/// What june's list of the first seven adds.
const ROWS: &str = "june,c01,2026-06-30,sms,treatment,,13800000001\njune,c02,2026-06-30,sms,treatment,,13800000002\n\
                    june,c15,2026-06-30,sms,treatment,,13800000015\njune,c16,2026-06-30,sms,treatment,,13800000016\n\
                    june,c03,2026-06-30,sms,control,,\njune,c13,2026-06-30,sms,control,,\n\
                    june,c14,2026-06-30,sms,control,,\n";

impl Shop {
    fn new() -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        for name in ["orders.csv", "customers.csv", "sends.csv", "ecrm.toml"] {
            std::fs::copy(Path::new("fixtures/audience").join(name), shop.path(name)).unwrap();
        }
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = ecrm();
        command.args(["audience", "--campaign", "june", "--max", "7"]).args(args);
        if !args.contains(&"-o") {
            command.args(["-o", "june.csv"]);
        }
        command.current_dir(self.0.path());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What is said beside a list that must be written.
    fn records(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let noted = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{noted}");
        noted
    }

    /// What is said by a run that must fail and leave the log and the list alone.
    fn refuses(&self, log: &str, args: &[&str]) -> String {
        let before = std::fs::read(self.path(log)).ok();
        let output = self.run(args);
        assert!(!output.status.success());
        assert_eq!(std::fs::read(self.path(log)).ok(), before);
        assert!(!self.path("june.csv").exists());
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn both_arms_are_recorded_once() {
    let shop = Shop::new();
    let noted = shop.records(&["--record", "log.csv"]);
    assert!(noted.contains("7 messages and held-out customers added to log.csv; 0 were there"), "{noted}");
    assert_eq!(shop.read("log.csv"), format!("{HEADER}{ROWS}"));
    // Read as an input it does not tire its own list, and the same list comes again.
    let list = shop.read("june.csv");
    let both = ["orders.csv", "customers.csv", "sends.csv", "log.csv", "--record", "log.csv"];
    let noted = shop.records(&both);
    assert!(noted.contains("0 messages and held-out customers added to log.csv; 7 were there"), "{noted}");
    assert_eq!((shop.read("june.csv"), shop.read("log.csv")), (list, format!("{HEADER}{ROWS}")));
    // Two days later they are tired; the control group is not, and stands in the log already.
    let later = [&both[..], &["--on", "2026-07-02"]].concat();
    shop.records(&later);
    let log = shop.read("log.csv");
    let added = log.strip_prefix(&format!("{HEADER}{ROWS}")).unwrap();
    let ids: Vec<&str> = added.lines().map(|line| line.split(',').nth(1).unwrap()).collect();
    // c23, contacted on 24 June, is within seven days of 2 July no more, nor c22; c11 of 27 June is.
    assert_eq!(ids, ["c17", "c20", "c21", "c22"], "{added}");
    assert!(added.lines().all(|line| line.contains(",2026-07-02,sms,treatment,")), "{added}");
}

#[test]
fn a_log_keeps_its_columns_encoding_and_ends_of_lines() {
    let shop = Shop::new();
    let head = "渠道;分组;备注;客户编号;活动名称;发送时间\r\n短信;对照组;\"第一;批\";c02;五月;2026/05/01 10:00:00\r\n";
    // Without an end of the last line.
    let old = GB18030.encode(head.trim_end()).0.into_owned();
    std::fs::write(shop.path("log.csv"), &old).unwrap();
    shop.records(&["--record", "log.csv"]);
    let new = std::fs::read(shop.path("log.csv")).unwrap();
    assert!(new.starts_with(&old));
    let text = GB18030.decode(&new).0.into_owned();
    let rows: Vec<&str> = text.strip_prefix(head).unwrap().split("\r\n").collect();
    assert_eq!(rows[0], "sms;treatment;;c01;june;2026-06-30");
    assert_eq!(rows[4], "sms;control;;c03;june;2026-06-30");
    assert_eq!(rows.len(), 8);
    // UTF-16, with tabs, as spreadsheets save it.
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let head = "\u{feff}arm\tchannel\tsent_at\tcustomer_id\tcampaign_id\tcost\r\n";
    std::fs::write(shop.path("wide.csv"), wide(head)).unwrap();
    shop.records(&["--record", "wide.csv"]);
    let bytes = std::fs::read(shop.path("wide.csv")).unwrap();
    let units: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let text = String::from_utf16(&units).unwrap();
    assert!(text.starts_with(head), "{text}");
    assert!(text.contains("treatment\tsms\t2026-06-30\tc01\tjune\t\r\n"), "{text}");
    assert!(shop.records(&["--record", "wide.csv"]).contains("; 7 were there already"));
}

#[test]
fn what_ecrm_toml_says_of_a_campaign_holds_where_no_flag_does() {
    let shop = Shop::new();
    let config = shop.read("ecrm.toml") + "where = \"order_count >= 2\"\n[audience]\nfatigue_days = 0\n";
    std::fs::write(shop.path("ecrm.toml"), config).unwrap();
    shop.records(&[]);
    assert_eq!(ids(&shop.read("june.csv")), ["c01"]);
    // Of c11 alone, who was sent a message three days before.
    shop.records(&["--where", "customer_id = 'c11'"]);
    assert_eq!(ids(&shop.read("june.csv")), ["c11"]);
    shop.records(&["--where", "customer_id = 'c11'", "--fatigue-days", "7"]);
    assert_eq!(shop.read("june.csv"), "customer_id,contact,channel\n");
    // The day is the campaign's first where that is later than the data; c11 is tired of 27 June until 3 July.
    let noted =
        shop.records(&["--where", "customer_id = 'c11'", "--as-of", "2026-06-17", "--format", "json"]);
    assert!(shop.read("june.csv").contains("\"sent_on\":\"2026-06-18\""), "{noted}");
}

#[test]
fn what_a_message_costs_is_recorded_where_the_campaign_says_it() {
    let shop = Shop::new();
    let config = shop.read("ecrm.toml") + "cost_per_message = \"0.045\"\n";
    std::fs::write(shop.path("ecrm.toml"), config).unwrap();
    shop.records(&["--record", "log.csv", "--on", "2026-06-29"]);
    let log = shop.read("log.csv");
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines[0], "campaign_id,customer_id,sent_at,channel,arm,cost,order_id,contact");
    assert_eq!(lines[1], "june,c01,2026-06-29,sms,treatment,0.045,,13800000001");
    assert!(lines.contains(&"june,c03,2026-06-29,sms,control,,,"), "{log}");
}

#[test]
fn what_cannot_be_added_to_is_refused_and_stays_as_it_is() {
    let shop = Shop::new();
    let row = "may,c02,2026-05-01,sms,treatment,,\n";
    for (name, text, message) in [
        ("orders.csv", None, "it is no log of sent messages"),
        ("ecrm.toml", None, "it is no log of sent messages"),
        (
            "no_arm.csv",
            Some("campaign_id,customer_id,sent_at,channel\nmay,c02,2026-05-01,sms\n".to_owned()),
            "arm",
        ),
        ("broken.csv", Some(format!("{HEADER}{row}may,c03,some day,sms,treatment,,\n")), "broken.csv"),
        ("open.csv", Some(format!("{HEADER}{row}may,\"c03,2026-05-01,sms,treatment,,\n")), "open.csv"),
        ("log.xlsx", Some("PK\u{3}\u{4}rest".to_owned()), "cannot be added to"),
        // A blank cell in a column of times says that nothing arrived.
        (
            "times.csv",
            Some(
                "campaign_id,customer_id,sent_at,channel,arm,delivered\n\
                 may,c02,2026-05-01,sms,treatment,2026-05-01 10:00:05\n"
                    .to_owned(),
            ),
            "would not be read as it should be",
        ),
    ] {
        text.iter().for_each(|text| std::fs::write(shop.path(name), text).unwrap());
        let error = shop.refuses(name, &["--record", name]);
        assert!(error.contains(message), "{name}: {error}");
    }
    std::fs::create_dir(shop.path("folder")).unwrap();
    assert!(shop.refuses("folder", &["--record", "folder"]).contains("no regular file"));
    assert!(shop.refuses("june.csv", &["--record", "june.csv"]).contains("june.csv"));
    // Where the list cannot be written nothing is recorded.
    let error = shop.refuses("log.csv", &["--record", "log.csv", "-o", "nowhere/june.csv"]);
    assert!(error.contains("nowhere") && !shop.path("log.csv").exists(), "{error}");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Stdio;

    use super::*;

    #[test]
    fn a_log_is_its_owners_alone() {
        let shop = Shop::new();
        let mode = || std::fs::metadata(shop.path("log.csv")).unwrap().permissions().mode() & 0o777;
        shop.records(&["--record", "log.csv"]);
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(shop.path("log.csv"), std::fs::Permissions::from_mode(0o644)).unwrap();
        shop.records(&["--record", "log.csv", "--on", "2026-08-01"]);
        assert_eq!(mode(), 0o600);
    }

    /// Killed at any moment, the log is the old one or the new one; two at once both have their rows in it.
    #[test]
    fn whoever_is_killed_leaves_the_old_log_or_the_new_one() {
        const ROWS_BEFORE: usize = 20_000;
        let shop = Shop::new();
        let row = |i: usize| format!("may,customer-{i},2026-05-01,sms,treatment,,\n");
        let old = format!("{HEADER}{}", (0..ROWS_BEFORE).map(row).collect::<String>());
        let new = format!("{old}{ROWS}");
        let mut old_count = 0;
        for pause in 0..10_u64 {
            std::fs::write(shop.path("log.csv"), &old).unwrap();
            let mut command = shop.command(&["--record", "log.csv", "-q"]);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let is_writing = || {
                let entries = std::fs::read_dir(shop.0.path()).unwrap().flatten();
                entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(".partial")).count() > 0
            };
            while !is_writing() && child.try_wait().unwrap().is_none() {}
            std::thread::sleep(std::time::Duration::from_millis(pause * 40));
            let _ = child.kill();
            child.wait().unwrap();
            let found = shop.read("log.csv");
            assert!(found == old || found == new, "torn after {pause}: {} bytes", found.len());
            old_count += usize::from(found == old);
            for entry in std::fs::read_dir(shop.0.path()).unwrap().flatten() {
                if entry.file_name().to_string_lossy().ends_with(".partial") {
                    std::fs::remove_file(entry.path()).unwrap();
                }
            }
        }
        assert!(old_count > 0, "no run was killed before it was done");
        std::fs::write(shop.path("log.csv"), &old).unwrap();
        let at_once = |on: &str, list: &str| {
            let mut command = shop.command(&["--record", "log.csv", "-q", "--on", on, "-o", list]);
            command.spawn().unwrap()
        };
        let children = [at_once("2026-07-20", "a.csv"), at_once("2026-07-21", "b.csv")];
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let log = shop.read("log.csv");
        for day in ["2026-07-20", "2026-07-21"] {
            assert!(log.contains(&format!("june,c01,{day},sms,treatment")), "{day}");
        }
    }
}
