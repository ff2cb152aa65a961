//! What campaigns brought, on other engines: every table against ours, and what is refused by name.

use std::collections::BTreeMap;
use std::path::Path;

use ecrm::engine::{ShopOn, answer};
use ecrm::metrics::ScopeRequest;
use ecrm::metrics::campaign::{By, CampaignParams, Plan, WITHIN_DAYS};
use ecrm::questions::Campaign;
use ecrm::schema::{Day, Micros};

use super::common::{failure, run, stdout};
use super::engine::{Process, assert_same, export};

fn campaign(params: CampaignParams) -> Campaign {
    Campaign { params: CampaignParams { usual_within_days: WITHIN_DAYS, ..params }, lists_not_joined: false }
}

fn not_joined(params: CampaignParams) -> Campaign {
    Campaign { lists_not_joined: true, ..campaign(params) }
}

/// A question in several scopes, with every flag that engines know, of a campaign that there is.
fn assert_campaigns(
    engine: &Process,
    files: &[&str],
    plans: &BTreeMap<String, Plan>,
    config: &[&str],
    id: &str,
) {
    let with = || CampaignParams { plans: plans.clone(), ..CampaignParams::default() };
    // 2026-06-20.
    let before = ScopeRequest { as_of: Some(Day::new(20_624)), ..ScopeRequest::default() };
    let window = ScopeRequest { window: Some(25), ..ScopeRequest::default() };
    let gifts = ScopeRequest { include_zero_orders: true, ..ScopeRequest::default() };
    let scopes: [(ScopeRequest, &[&str]); 4] = [
        (ScopeRequest::default(), &[]),
        (before, &["--as-of", "2026-06-20"]),
        (window, &["--window", "25"]),
        (gifts, &["--include-zero-orders"]),
    ];
    for (scope, flags) in scopes {
        let flags = |more: &[&'static str]| -> Vec<&str> { [config, flags, more].concat() };
        assert_same(engine, &campaign(with()), &scope, files, &flags(&[]));
        assert_same(engine, &not_joined(with()), &scope, files, &flags(&["--not-joined"]));
        let by = |by| campaign(CampaignParams { by: Some(by), ..with() });
        assert_same(engine, &by(By::Segment), &scope, files, &flags(&["--by", "segment"]));
        assert_same(engine, &by(By::Channel), &scope, files, &flags(&["--by", "channel"]));
    }
    let one = || CampaignParams { campaign: Some(id.to_owned()), ..with() };
    let of_one = |more: &[&str]| -> Vec<String> {
        let all = [config, &["--campaign", id], more].concat();
        all.into_iter().map(str::to_owned).collect()
    };
    let asked = |question: &Campaign, flags: Vec<String>| {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        assert_same(engine, question, &ScopeRequest::default(), files, &flags);
        assert_notes(engine, question, files, &flags);
    };
    asked(&campaign(one()), of_one(&[]));
    asked(&not_joined(one()), of_one(&["--not-joined"]));
    let longer = CampaignParams { within_days: Some(30), ..one() };
    asked(&campaign(longer), of_one(&["--within", "30"]));
    let shortest = CampaignParams { within_days: Some(1), by: Some(By::Segment), ..one() };
    asked(&campaign(shortest), of_one(&["--within", "1", "--by", "segment"]));
}

/// What is said beside an answer there is said beside it here, and nothing else.
fn assert_notes(engine: &Process, question: &Campaign, files: &[&str], flags: &[&str]) {
    let shop = ShopOn::open(engine, &ScopeRequest::default()).unwrap();
    let found = answer(question, &shop).unwrap();
    let output = run(&[&["campaign"], files, flags, &["--format", "csv"]].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    for (code, text) in [
        ("campaign_unfinished", "left out of every rate, whose days"),
        ("campaign_split", "not as large as planned"),
        ("campaign_mixed", "several arms and left out of every rate"),
        ("campaign_overlap", "several campaigns that were close together"),
        ("campaign_outside_days", "[[campaign]] does not plan"),
        ("campaign_armless", " arm where others of their campaign do"),
        ("campaign_costless", " cost where others of their campaign do"),
    ] {
        let note = found.notes.iter().find(|note| note.code == code);
        let said = said.replace(" of its campaign do", " of their campaign do");
        let line = said.lines().find(|line| line.contains(text));
        assert_eq!(note.is_some(), line.is_some(), "{code} {flags:?}: {said}");
        for (_, value) in note.iter().flat_map(|note| &note.values) {
            assert!(line.unwrap().contains(value.as_str()), "{code} {value} {flags:?}: {said}");
        }
    }
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Two arms and a control, unfinished days, somebody in both arms, three campaigns that overlap, items and opt-outs.
#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_measures_the_campaigns_of_the_fixture() {
    let names = ["sends", "orders", "items", "customers"].map(|name| format!("fixtures/campaign/{name}.csv"));
    let files: Vec<&str> = names.iter().map(String::as_str).collect();
    let temp = tempfile::tempdir().unwrap();
    // Without items and lists, too.
    let [sends, orders, _, customers] = files[..] else { panic!("four files") };
    for (turn, files) in
        [&files[..], &[sends, orders, customers][..], &[sends, orders][..]].into_iter().enumerate()
    {
        let folder = temp.path().join(turn.to_string());
        export(files, &folder, &[]);
        let engine = Process::start(&[&folder], temp.path());
        assert_campaigns(&engine, files, &BTreeMap::new(), &[], "june");
    }
}

/// The generated shop, whose customers are of every kind.
#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_measures_the_campaigns_of_a_generated_shop() {
    let names = ["sends", "orders", "customers"].map(|name| format!("fixtures/shop/{name}.csv"));
    let files: Vec<&str> = names.iter().map(String::as_str).collect();
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("export");
    export(&files, &folder, &[]);
    let engine = Process::start(&[&folder], temp.path());
    let scope = ScopeRequest::default();
    assert_same(&engine, &campaign(CampaignParams::default()), &scope, &files, &[]);
    for (by, name) in [(By::Segment, "segment"), (By::Channel, "channel")] {
        let question = campaign(CampaignParams { by: Some(by), ..CampaignParams::default() });
        assert_same(&engine, &question, &scope, &files, &["--by", name]);
    }
    assert_same(&engine, &not_joined(CampaignParams::default()), &scope, &files, &["--not-joined"]);
}

/// Messages at the very second of an order, without a time of day, without an arm, a campaign, a channel or a cost,
/// several of one moment; a campaign and its step; ids that must be quoted; somebody who is unknown to the orders.
const SENDS: &str = r"campaign_id,customer_id,sent_at,channel,arm,delivered,cost
june,ann,2026-06-01 10:00:00,sms,treatment,true,0.05
june,ann,2026-06-01 10:00:00,email,treatment,false,0.07
june,ann,2026-06-03 10:00:00,sms,treatment,,0.05
june,bob,2026-06-01,,b,,
june,bob,2026-06-01,sms,b,,
june,cat,2026-06-01 10:00:00,sms,control,,
june,dan,2026-06-01 10:00:00,sms,control,,
june,dan,2026-06-01 10:00:00,sms,treatment,true,0.05
june,eve,2026-06-01 10:00:00,sms,,true,
june,fay,2026-06-01 10:00:00,sms,treatment,true,0.05
june,gus,2026-06-01 10:00:00,sms,control,,
june,hal,2026-06-28 10:00:00,sms,treatment,true,0.05
june,nobody,2026-06-01 10:00:00,sms,treatment,false,0.05
june/second,ann,2026-06-04 10:00:00,email,treatment,true,9007199254.740993
june/second,fay,2026-06-04 10:00:00,email,control,,
it's,ann,2026-06-02 10:00:00,sms,a\b,true,0.05
it's,fay,2026-06-02 10:00:00,sms,${x},true,0.05
,ann,2026-06-02 10:00:00,sms,control,,
,gus,2026-06-02 10:00:00,sms,treatment,,
late,ann,2026-07-20 10:00:00,sms,treatment,true,0.05
";

/// At the very second of a message and one before it, without a time, unpaid, closed, refunded in part, as a whole and
/// by a credit note, at no price, of nobody, a year before the message to the day and a day more, amounts of which
/// doubles do not tell one from the next.
const ORDERS: &str = r"order_id,customer_id,status,paid_at,paid_amount,refund_amount,gross
1,ann,paid,2026-06-01 10:00:00,20,0,25
2,ann,paid,2026-06-01 09:59:59,30,0,35
3,ann,paid,2026-06-08 23:59:59,9007199254.740993,0,9007199255
4,ann,paid,2026-06-09 00:00:00,50,0,50
5,bob,paid,2026-06-01,9007199254.740992,0.000001,9007199255
6,bob,pending,2026-06-02 10:00:00,0,0,77
7,bob,closed_unpaid,2026-06-02 10:00:00,12,0,13
8,bob,refunded,2026-06-03 10:00:00,40,40,40
9,cat,paid,2026-06-05 10:00:00,60,60,60
10,cat,paid,2026-06-05 11:00:00,15,5,60
11,cat,paid,2026-06-06 11:00:00,-4,0,
12,dan,paid,2026-06-02 11:00:00,70,0,70
13,eve,paid,2025-06-01 10:00:00,33,0,33
14,eve,paid,2025-05-31 10:00:00,44,0,44
15,eve,paid,2026-06-07 10:00:00,0,0,12
16,fay,paid,2026-06-05 10:00:00,80,0,80
17,fay,paid,2026-06-05 10:00:00,80,0,80
18,gus,pending,2026-06-05 10:00:00,0,0,9
19,hal,paid,2026-06-29 10:00:00,8,0,8
20,,paid,2026-06-03 10:00:00,18,0,18
21,ivy,paid,2026-06-30 10:00:00,19,0,19
22,gus,paid,2026-06-03 10:00:00,-7,0,
23,fay,paid,2026-05-20 10:00:00,10,0,10
24,fay,paid,2026-01-20 10:00:00,10,0,10
";

const ITEMS: &str = r"order_id,line_no,product_id,title,category,quantity,amount
1,1,P1,Tea,drinks,1,20
3,1,P1,Tea,drinks,2,
3,2,P2,Cup,,1,5
4,1,P9,Late,,1,50
5,1,,Pot,,1,
10,1,,,drinks,,15
12,1,P1,Tea,drinks,1,70
16,1,P1,Tea,drinks,1,40
16,2,P1,Tea,drinks,,40
17,1,P3,Gift,,1,0
17,2,P2,Cup,,1,80
";

const CUSTOMERS: &str = r"customer_id,opt_out,registered_at
ann,yes,2026-01-01
cat,no,2026-01-01
fay,,2026-01-01
hal,yes,2026-07-10
zoe,yes,2026-01-01
";

#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_follows_every_kind_of_row() {
    let temp = tempfile::tempdir().unwrap();
    let texts =
        [("sends.csv", SENDS), ("orders.csv", ORDERS), ("items.csv", ITEMS), ("customers.csv", CUSTOMERS)];
    let paths = texts.map(|(name, text)| write(temp.path(), name, text));
    let files: Vec<&str> = paths.iter().map(String::as_str).collect();
    let config = "[[campaign]]\nid = \"june\"\nwithin = 9\nholdout = \"50%\"\ncost_per_message = \"0.10\"\n\
                  starts_on = \"2026-06-01\"\nends_on = \"2026-06-02\"\n\
                  [[campaign]]\nid = \"it's\"\nends_on = \"2026-06-20\"\n";
    let config = write(temp.path(), "ecrm.toml", config);
    let june = Plan {
        within_days: Some(9),
        cost_per_message: Some(Micros::new(100_000)),
        holdout: Some(5_000),
        days: (Some(Day::new(20_605)), Some(Day::new(20_606))),
    };
    let other = Plan { days: (None, Some(Day::new(20_624))), ..Plan::default() };
    let plans = BTreeMap::from([("june".to_owned(), june), ("it's".to_owned(), other)]);
    let folder = temp.path().join("export");
    export(&files, &folder, &[]);
    let engine = Process::start(&[&folder], temp.path());
    for id in ["june", "june/second", "it's"] {
        assert_campaigns(&engine, &files, &plans, &["--config", &config], id);
    }
    // Without a plan, and of a campaign that begins after as-of, or of which there is no message.
    let none = temp.path().join("none");
    std::fs::create_dir(&none).unwrap();
    let empty = write(&none, "ecrm.toml", "");
    assert_campaigns(&engine, &files, &BTreeMap::new(), &["--config", &empty], "june");
    for id in ["late", "july"] {
        let question =
            campaign(CampaignParams { campaign: Some(id.to_owned()), ..CampaignParams::default() });
        let flags = ["--config", &empty, "--campaign", id];
        assert_same(&engine, &question, &ScopeRequest::default(), &files, &flags);
    }
}

/// Messages alone, orders alone, and orders that say no amounts.
#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_needs_what_we_need() {
    let temp = tempfile::tempdir().unwrap();
    let sends = write(temp.path(), "sends.csv", SENDS);
    let orders = write(temp.path(), "orders.csv", ORDERS);
    let without = "order_id,customer_id,paid_at\n1,ann,2026-06-02 10:00:00\n2,cat,2026-06-03 10:00:00\n\
                   3,ivy,2026-06-30\n";
    let without = write(temp.path(), "without.csv", without);
    let (sends, orders, without) = (sends.as_str(), orders.as_str(), without.as_str());
    for (turn, files) in [&[sends][..], &[orders][..], &[sends, without][..]].into_iter().enumerate() {
        let folder = temp.path().join(turn.to_string());
        export(files, &folder, &[]);
        let engine = Process::start(&[&folder], temp.path());
        let question = campaign(CampaignParams::default());
        assert_same(&engine, &question, &ScopeRequest::default(), files, &[]);
    }
}

#[test]
fn what_no_engine_has_of_campaigns_is_refused_by_name() {
    for (args, named) in [
        (&["campaign"][..], "need a day"),
        (&["campaign", "--by", "province", "--as-of", "2026-06-30"], "--by province"),
        (&["campaign", "plan", "june", "--as-of", "2026-06-30"], "campaign plan is not asked"),
        (&["campaign", "--where", "order_count > 1", "--as-of", "2026-06-30"], "--where"),
    ] {
        let (code, error) = failure(&[&["sql"], args].concat());
        assert!(code == 2 && error.contains(named), "{args:?}: {error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let config = write(folder.path(), "ecrm.toml", "[holdout]\nshare = \"5%\"\nfrom = \"2026-06-01\"\n");
    let global = ["sql", "campaign", "--global", "--as-of", "2026-06-30", "--config", &config];
    let (code, error) = failure(&global);
    assert!(code == 2 && error.contains("--global"), "{error}");
    let list = ["campaign", "tables", "--engine", "sc://localhost:1", "--output-to", "list"];
    let (code, error) = failure(&list);
    assert!(code == 2 && error.contains("lists none here"), "{error}");
    let table = ["campaign", "tables", "--engine", "sc://localhost:1", "--table", "not_joined"];
    let (code, error) = failure(&table);
    assert!(code == 2 || cfg!(feature = "spark"), "{error}");
}

#[test]
fn the_statements_of_campaigns_have_places_for_what_the_messages_say() {
    let text = stdout(&["sql", "campaign", "--as-of", "2026-06-30"]);
    for part in [
        "-- campaign_sends\n",
        "-- left_out\n",
        "-- campaign_lists\n",
        "-- campaign_arms\n",
        "-- campaign_spends\n",
        "-- campaign_customers\n",
        "-- campaign_products\n",
        "(:campaign_id, :is_nameless, :arm, :campaign_number, :arm_number, :is_control, :is_shown, :within_days)",
        "ordered_on >= sent_on - 365",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("{{") && !text.contains("campaign_not_joined"), "{text}");
    let text = stdout(&["sql", "--dialect", "duckdb", "campaign", "--not-joined", "--as-of", "2026-06-30"]);
    assert!(text.contains("-- campaign_not_joined\n") && text.contains("($campaign_id, "), "{text}");
    let text = stdout(&["sql", "campaign", "--by", "segment", "--as-of", "2026-06-30"]);
    assert!(text.contains("WHEN outcomes.last_ordered_before IS NULL THEN 'no_order'"), "{text}");
    let text = stdout(&["sql", "campaign", "--by", "channel", "--as-of", "2026-06-30"]);
    assert!(text.contains("subjects.channel AS group_name"), "{text}");
}
