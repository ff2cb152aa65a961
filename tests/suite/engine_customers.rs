//! The list of customers on other engines: its columns and conditions against ours, and what is refused by name.

use ecrm::customers::{OrderBy, Settings, Where, find};
use ecrm::metrics::ScopeRequest;
use ecrm::questions::Customers;
use ecrm::schema::Day;

use super::common::{failure, stdout};
use super::engine::{Process, assert_same, export};

/// All columns that engines have, of orders and of what else is exported.
const COLUMNS: &str = "customer_id,status,gender,level,registered_on,card_claimed_on,first_ordered_on,last_ordered_on,\
    recency_days,tenure_days,order_count,order_count_7d,order_count_30d,order_count_90d,order_count_365d,net_amount,\
    net_amount_30d,net_amount_90d,net_amount_365d,aov,max_order_amount,refund_amount,refunded_order_count,\
    unpaid_order_count,last_unpaid_on,deep_discount_share,class,r_score,f_score,m_score,rfm_group,segment,value,mode,last_event_on,\
    is_shop_favourite,last_interest_on,days_since_interest,fav_shop_count_30d,fav_item_count_30d,cart_count_30d,\
    view_count_30d,days_since_contact,contact_count_30d";

/// What --where may say of the orders of anybody.
const CONDITIONS: [&str; 8] = [
    "order_count >= 2 and net_amount between 50 and 5000.5",
    "segment in ('lost', 'lapsing_new', 'active_loyal') or rfm_group = 'champions'",
    "recency_days > 30 and last_ordered_on < as_of - 10 and not (value = 'low')",
    "net_amount('2026-01-01', as_of - 7) > 100.05 or order_count('2026-02-01', '2026-02-28') = 0",
    "status <> 'converted' or last_unpaid_on is not null and refund_amount > 0",
    "net_amount * 2 >= 3 * max_order_amount and r_score + f_score > 5",
    "customer_id like '%1%' and customer_id > 'a' or coalesce(max_order_amount, 0) = 0",
    "tenure_days - recency_days > 10 and (unpaid_order_count > 0) is not true or class = 'core'",
];

pub(super) fn customers(columns: &str, condition: Option<&str>, order: Option<&str>) -> Customers {
    Customers {
        names: columns.split(',').map(|name| find(name).expect(name).1.name).collect(),
        order: order.map(|text| OrderBy::parse(text, false).unwrap()),
        condition: condition.map(|text| Where::parse(text, false).unwrap()),
        counts: false,
        says_empty: true,
        is_usual: false,
        settings: Settings::default(),
    }
}

/// Everybody, in each scope, or in that without a flag and one further in `turn`, and those of whom each condition is
/// true.
fn assert_lists(engine: &Process, files: &[&str], conditions: &[&str], turn: Option<usize>) {
    let window = ScopeRequest { window: Some(60), ..ScopeRequest::default() };
    // 2026-03-15.
    let before = ScopeRequest { as_of: Some(Day::new(20_527)), ..ScopeRequest::default() };
    let gifts = ScopeRequest { include_zero_orders: true, ..ScopeRequest::default() };
    let scopes: [(ScopeRequest, &[&str]); 4] = [
        (ScopeRequest::default(), &[]),
        (window, &["--window", "60"]),
        (before, &["--as-of", "2026-03-15"]),
        (gifts, &["--include-zero-orders"]),
    ];
    let columns = COLUMNS.replace(char::is_whitespace, "");
    let further = turn.map(|turn| 1 + turn % (scopes.len() - 1));
    let is_asked = |place: usize| place == 0 || further.is_none_or(|further| place == further);
    for (_, (scope, flags)) in scopes.iter().enumerate().filter(|(place, _)| is_asked(*place)) {
        let with = |more: &[&'static str]| [flags, more].concat();
        let all = [flags, &["--columns", &columns][..]].concat();
        assert_same(engine, &customers(&columns, None, None), scope, files, &all);
        let sorted = customers("customer_id,aov,segment", None, Some("aov / order_count desc, segment"));
        let flags =
            with(&["--columns", "customer_id,aov,segment", "--sort", "aov / order_count desc, segment"]);
        assert_same(engine, &sorted, scope, files, &flags);
    }
    for (turn, condition) in conditions.iter().enumerate() {
        let (scope, flags) = &scopes[turn % scopes.len()];
        let short = "customer_id,order_count,net_amount,first_ordered_on";
        let listed = customers(short, Some(condition), None);
        assert_same(
            engine,
            &listed,
            scope,
            files,
            &[flags, &["--columns", short, "--where", condition][..]].concat(),
        );
        let counted = Customers { counts: true, ..customers("customer_id", Some(condition), None) };
        assert_same(
            engine,
            &counted,
            scope,
            files,
            &[flags, &["--count", "--where", condition][..]].concat(),
        );
    }
}

#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_lists_the_customers_of_every_kind_of_row() {
    for (turn, file) in super::engine::SHOPS.into_iter().enumerate() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("export");
        export(&[file], &folder, &[]);
        // Every condition over the first two, and some in turn over the others.
        let from = if turn < 2 { 0 } else { turn % 4 * 2 };
        let conditions = if turn < 2 { &CONDITIONS[..] } else { &CONDITIONS[from..from + 2] };
        assert_lists(&Process::start(&[&folder], temp.path()), &[file], conditions, Some(turn));
    }
}

/// With events, customer lists and messages beside the orders.
#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_lists_the_customers_that_any_table_names() {
    const OTHERS: [&str; 5] = [
        "level = 'VIP1' or is_shop_favourite",
        "last_event_on >= as_of - 20 and cart_count_30d + fav_item_count_30d > 0",
        "registered_on between '2026-01-01' and '2026-12-31' and days_since_interest is null",
        "status = 'other' or contact_count_30d = 0 and days_since_contact > 1",
        "not is_shop_favourite and coalesce(level, '') <> 'VIP0' and last_interest_on < card_claimed_on",
    ];
    for names in [&["orders", "events", "customers"][..], &["orders", "events", "customers", "sends"]] {
        let folder = if names.len() == 3 { "fixtures/by_hand" } else { "fixtures/shop" };
        let files: Vec<String> = names.iter().map(|name| format!("{folder}/{name}.csv")).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let temp = tempfile::tempdir().unwrap();
        let export_to = temp.path().join("export");
        export(&files, &export_to, &[]);
        let engine = Process::start(&[&export_to], temp.path());
        assert_lists(&engine, &files, &[&CONDITIONS[..], &OTHERS[..]].concat(), None);
    }
}

/// Whoever is named after as-of only, in a list alone, by messages that were kept back, lost or parcels, by orders that
/// were never paid, refunded or given back, inside and outside a window, with ids and levels that must be quoted.
#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_knows_who_is_there_by_as_of() {
    let temp = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = temp.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let orders = write(
        "orders.csv",
        "order_id,customer_id,order_date,amount,refund_amount,status\n\
         1,ann,2026-01-05,10,0,paid\n2,ann,2026-03-05,20,5,paid\n3,ann,2026-03-20,7,0,paid\n\
         4,bob,2026-03-06,30,30,refunded\n5,bob,2026-01-06,9,9,refunded\n6,cat,2026-03-07,40,0,pending\n\
         7,cat,2026-01-07,40,0,pending\n8,dan,2026-03-08,-3,0,paid\n9,eve,2026-03-25,8,0,paid\n\
         10,o'neil,2026-03-09,8.5,0,paid\n11,gus,2026-01-02,6,0,paid\n12,gus,2026-03-02,-1,0,paid\n\
         13,hal,2026-02-28,0,0,paid\n14,,2026-03-01,5,0,paid\n15,ida%,2026-03-10,12,2.5,paid\n",
    );
    let events = write(
        "events.csv",
        "customer_id,occurred_at,kind\nann,2026-03-01,fav_shop\nann,2026-03-02,unfav\nbob,2026-03-03,fav_shop\n\
         kim,2026-03-04,view\nlee,2026-03-30,cart\no'neil,2026-02-01,cart\no'neil,2026-03-09,cart\n",
    );
    let customers_file = write(
        "customers.csv",
        "customer_id,gender,level,registered_at,card_claimed_at\nann,女,VIP1,2026-01-01,2026-03-30\n\
         mia,M,VIP_2,2026-03-22,\nned,,it's 100%,2026-02-02,\no'neil,x,,,\n",
    );
    let sends = write(
        "sends.csv",
        "campaign_id,customer_id,sent_at,channel,arm,delivered\nm,ann,2026-03-01 10:00:00,sms,control,\n\
         m,bob,2026-03-02 10:00:00,sms,treatment,true\nm,bob,2026-01-02 10:00:00,sms,treatment,true\n\
         m,cat,2026-03-02 10:00:00,sms,treatment,false\nm,dan,2026-03-02 10:00:00,parcel,treatment,\n\
         m,pia,2026-03-03 10:00:00,email,,\nm,quin,2026-03-28 10:00:00,email,,\n",
    );
    let files = [orders.as_str(), &events, &customers_file, &sends];
    let folder = temp.path().join("export");
    export(&files, &folder, &[]);
    let engine = Process::start(&[&folder], temp.path());
    // 2026-03-15.
    let before = ScopeRequest { as_of: Some(Day::new(20_527)), ..ScopeRequest::default() };
    let window = ScopeRequest { window: Some(20), ..before };
    let columns = COLUMNS.replace(char::is_whitespace, "");
    let conditions = [
        "status = 'interested' or order_count = 0 and refund_amount > 0",
        "customer_id = 'o''neil' or customer_id like 'ida!%' escape '!' or level like '%''s 100!%' escape '!'",
        "level like 'VIP!__' escape '!' or registered_on is null and contact_count_30d = 0",
        "net_amount(as_of - 80, as_of) < 0 or unpaid_order_count >= 1 or is_shop_favourite",
    ];
    let scopes: [(ScopeRequest, &[&str]); 4] = [
        (ScopeRequest::default(), &[]),
        (before, &["--as-of", "2026-03-15"]),
        (window, &["--as-of", "2026-03-15", "--window", "20"]),
        (
            ScopeRequest { include_zero_orders: true, ..window },
            &["--as-of", "2026-03-15", "--window", "20", "--include-zero-orders"],
        ),
    ];
    for (scope, flags) in scopes {
        let all = [flags, &["--columns", &columns][..]].concat();
        assert_same(&engine, &customers(&columns, None, None), &scope, &files, &all);
        for condition in conditions {
            let flags = [&all[..], &["--where", condition]].concat();
            assert_same(&engine, &customers(&columns, Some(condition), None), &scope, &files, &flags);
        }
    }
}

#[test]
fn what_no_engine_has_of_customers_is_refused_by_name() {
    for (args, named) in [
        (&["--columns", "customer_id,phone"][..], "has no phone"),
        (&["--columns", "all"], "--columns all"),
        (&["--columns", "customer_id,height"], "height"),
        (&["--explain", "1"], "--explain"),
        (&["--sort", "province"], "has no province"),
        (&["--sort", "bought('P1')"], "has no bought('P1')"),
        (&["--where", "has_tag('x')"], "has_tag('x')"),
        (&["--where", "first('coupon_code') = 'x'"], "first('coupon_code')"),
        (&["--where", "aov > 10"], "does not know aov"),
        (&["--where", "deep_discount_share > 0.5"], "does not know deep_discount_share"),
        (&["--where", "gender = 'female'"], "does not know gender"),
        (&["--where", "net_amount / order_count > 10"], "does not know /"),
        (&["--where", "level ilike 'v%'"], "does not know ILIKE"),
        (&["--where", "lower(level) = 'v'"], "does not know lower"),
        (&["--where", "net_amount * 1.0000000000001 > 1"], "does not know *"),
        (&["--where", "net_amount * net_amount * net_amount > 1"], "too large"),
        (&["--where", "net_amount * net_amount > 100000000000000000000000000000"], "too large"),
        (&["--where", "last_ordered_on + order_count > as_of"], "too large"),
        (&["--where", "height > 170"], "height"),
        (&["--orders-where", "source = 'a'"], "--orders-where"),
        (&["--exclude-occasional"], "--exclude-occasional"),
        (&["--where", "lower(level) = 'v'", "--lang", "zh"], "不认识 lower"),
    ] {
        let (code, error) = failure(&[&["sql", "customers", "--as-of", "2026-06-30"], args].concat());
        assert!(code == 2 && error.contains(named), "{args:?}: {error}");
    }
    let to = ["customers", "tables", "--engine", "sc://localhost:1", "--output-to", "list"];
    for (args, named) in [
        (&["--columns", "aov"][..], "aov beside --output-to"),
        (&["--sort", "net_amount"], "--sort beside --output-to"),
        (&["--count"], "lists none here"),
    ] {
        let (code, error) = failure(&[&to, args].concat());
        assert!(code == 2 && error.contains(named), "{args:?}: {error}");
    }
}

/// Events of left-out sources are counted by no question of files here.
#[test]
fn sources_that_are_left_out_are_no_engines_business() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("ecrm.toml");
    std::fs::write(&config, "[interest]\nexclude_source = [\"crawler\"]\n").expect("written");
    let config = config.to_str().expect("a path");
    for question in ["customers", "overview"] {
        let (code, error) = failure(&["sql", question, "--as-of", "2026-06-30", "--config", config]);
        assert!(code == 2 && error.contains("[interest] exclude_source"), "{question}: {error}");
    }
    // Orders alone have none.
    assert!(stdout(&["sql", "segment", "--as-of", "2026-06-30", "--config", config]).contains("segment"));
}

#[test]
fn the_statement_of_customers_has_what_is_asked_for_alone() {
    let sql = |more: &[&str]| stdout(&[&["sql", "customers", "--as-of", "2026-06-30"], more].concat());
    let text = sql(&["--columns", "customer_id,net_amount", "--where", "order_count > 1"]);
    assert!(text.contains("WHERE (order_count > 1)") && text.contains("-- customers_later"), "{text}");
    for other in [
        "value_levels",
        "contributed AS",
        "rfm_histograms",
        "segmented",
        "figures AS",
        "seen AS",
        "contacted AS",
        "listed AS",
    ] {
        assert!(!text.contains(other), "{other}: {text}");
    }
    let text = sql(&["--count", "--where", "m_score = 5 and level like '10!%'"]);
    assert!(text.contains("COUNT(*) AS customer_count\nFROM people\n"), "{text}");
    assert!(text.contains("rfm_histograms") && text.contains("net_amount > :m_cut_4 THEN"), "{text}");
    assert!(text.contains("level LIKE '10!!%' ESCAPE '!'"), "{text}");
}
