//! `ecrm customers` on `fixtures/by_hand` (see `by_hand.rs`): every figure worked out by hand. Fay has events and no
//! order.

use std::collections::BTreeMap;

use super::common::{failure, run, stdout};
use super::store::{Trial, import};

const FILES: [&str; 4] = [
    "fixtures/by_hand/orders.csv",
    "fixtures/by_hand/items.csv",
    "fixtures/by_hand/events.csv",
    "fixtures/by_hand/customers.csv",
];

/// The rows of these columns, the header left out, numbers rounded to six decimals.
fn listed(columns: &str, further: &[&str]) -> Vec<String> {
    let args =
        [&["customers"], &FILES[..], &["--columns", columns, "--format", "csv", "-q"], further].concat();
    let text = stdout(&args);
    let round = |cell: &str| match cell.parse::<f64>() {
        Ok(number) if cell.contains('.') => format!("{}", (number * 1e6).round() / 1e6),
        _ => cell.to_owned(),
    };
    let rows = text.lines().map(|line| line.split(',').map(round).collect::<Vec<_>>().join(","));
    let mut rows: Vec<String> = rows.collect();
    assert_eq!(rows.remove(0), columns);
    rows
}

#[test]
fn everybody_is_listed_once_with_what_they_are_to_the_shop() {
    assert_eq!(
        listed("customer_id,status,net_amount,order_count", &[]),
        [
            "ann,converted,250,3",
            "cat,converted,150,1",
            "bob,converted,60,2",
            // Dan has not paid, Eve got all back, Fay has only looked.
            "dan,interested,0,0",
            "eve,interested,0,0",
            "fay,interested,0,0",
        ]
    );
    // On 15 February neither Dan nor Cat nor Fay had done anything; Ann has two orders, Eve's came back.
    assert_eq!(
        listed("customer_id,status,net_amount", &["--as-of", "2026-02-15"]),
        ["ann,converted,150", "bob,converted,30", "eve,interested,0"]
    );
    // Of the last ten days there is one order; who bought before has bought.
    assert_eq!(
        listed("customer_id,status,net_amount", &["--window", "10"]),
        [
            "bob,converted,30",
            "ann,converted,0",
            "cat,converted,0",
            "dan,interested,0",
            "eve,interested,0",
            "fay,interested,0",
        ]
    );
}

/// As-of is 31 March: 30 days begin on 2 March, 90 on 1 January. Cat got 50 of 200 back on a day that nobody knows.
#[test]
fn sums_are_of_whole_days_up_to_as_of() {
    assert_eq!(
        listed(
            "customer_id,first_ordered_on,last_ordered_on,tenure_days,recency_days,aov,max_order_amount",
            &[]
        ),
        [
            "ann,2026-01-10,2026-03-11,80,20,83.333333,100",
            "cat,2026-03-01,2026-03-01,30,30,150,150",
            "bob,2026-01-31,2026-03-31,59,0,30,30",
            "dan,,,,,,",
            "eve,,,,,,",
            "fay,,,,,,",
        ]
    );
    let counts = "customer_id,order_count_7d,order_count_30d,order_count_90d,order_count_365d";
    assert_eq!(listed(counts, &[])[..4], ["ann,0,1,3,3", "cat,0,0,1,1", "bob,1,1,2,2", "dan,0,0,0,0"]);
    assert_eq!(
        listed("customer_id,net_amount_30d,net_amount_90d,net_amount_365d", &[])[..3],
        ["ann,100,250,250", "cat,0,150,150", "bob,30,60,60"]
    );
    let back = "customer_id,refund_amount,refunded_order_count,unpaid_order_count,last_unpaid_on";
    assert_eq!(
        listed(back, &[]),
        ["ann,0,0,0,", "cat,50,1,0,", "bob,0,0,0,", "dan,0,0,1,2026-03-30", "eve,70,1,0,", "fay,0,0,0,",]
    );
}

/// Of the last ten days is Bob's order alone; Cat's refund and Eve's, who got all back in February, are before, and
/// Dan's order of 30 March is not.
#[test]
fn sums_are_of_the_window() {
    let columns =
        "customer_id,order_count,refund_amount,refunded_order_count,unpaid_order_count,last_unpaid_on";
    assert_eq!(
        listed(columns, &["--window", "10"]),
        [
            "bob,1,0,0,0,",
            "ann,0,0,0,0,",
            "cat,0,0,0,0,",
            "dan,0,0,0,1,2026-03-30",
            "eve,0,0,0,0,",
            "fay,0,0,0,0,",
        ]
    );
    // On 30 March and before the last day nothing was unpaid.
    assert_eq!(listed(columns, &["--window", "1"])[3], "dan,0,0,0,0,");
}

/// Without orders nothing is known of them, and without a log nothing of what people did.
#[test]
fn what_no_file_says_is_empty_and_not_0() {
    let ask = |file: &str| {
        let columns = "customer_id,status,order_count,net_amount,unpaid_order_count,cart_count_30d";
        stdout(&["customers", file, "--columns", columns, "-q"])
    };
    let lists = ask(FILES[3]);
    assert!(lists.lines().skip(1).all(|row| row.ends_with(",other,,,,")), "{lists}");
    let events = ask(FILES[2]);
    assert!(events.contains("\nfay,interested,,,,1\n"), "{events}");
    let orders = ask(FILES[0]);
    assert!(orders.contains("\ndan,interested,0,0.00,1,\n"), "{orders}");
}

/// Readers of CSV skip blank lines: an empty cell that stands alone is written in quotes.
#[test]
fn a_column_that_stands_alone_keeps_its_empty_rows() {
    for (format, last) in [("csv", "\"\""), ("tsv", "\"\"")] {
        let args = [&["customers"], &FILES[..], &["--columns", "first_ordered_on", "--format", format, "-q"]]
            .concat();
        let text = stdout(&args);
        let rows: Vec<&str> = text.lines().collect();
        let expected = ["first_ordered_on", "2026-01-10", "2026-03-01", "2026-01-31", last, last, last];
        assert_eq!(rows, expected, "{format}");
    }
}

/// A file with a header and no rows is an empty list, not an error.
#[test]
fn a_file_without_rows_is_an_empty_list() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.csv");
    std::fs::write(&file, "order_id,customer_id,ordered_at,paid_amount\n").unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(
        stdout(&["customers", file, "--columns", "customer_id,net_amount", "-q"]),
        "customer_id,net_amount\n"
    );
    assert_eq!(stdout(&["customers", file, "--count", "-q"]), "customer_count\n0\n");
}

/// What is read for a condition alone is not read where it asks for orders only, and counts nowhere.
#[test]
fn a_condition_reads_only_what_it_asks_for() {
    let rows = |condition: &str| {
        let args = [&["rfm"], &FILES[..], &["--format", "json", "-q", "--where", condition]].concat();
        let answer: serde_json::Value = serde_json::from_str(&stdout(&args)).unwrap();
        answer["accounting"]["rows_read"].as_u64().unwrap()
    };
    // Eight orders; seven events; two customers and Fay.
    assert_eq!(rows("order_count >= 2"), 8);
    assert_eq!(rows("cart_count_30d >= 1"), 15);
    assert_eq!(rows("level = 'VIP1'"), 8 + 3);
}

/// No further column of a customer list is called like one of the table's own.
#[test]
fn names_of_own_columns_are_reserved() {
    let reserved = ecrm::schema::customers::OWN_COLUMNS;
    for spec in ecrm::customers::columns() {
        assert!(reserved.contains(&spec.name), "{}", spec.name);
    }
}

/// Ann: a pound of tea each time, and two cups to Bob; half of her second order's price was off, as of both of Bob's.
/// Cat's sample was a gift.
#[test]
fn taste_is_what_orders_hold() {
    assert_eq!(
        listed("customer_id,item_count,items_per_order,product_count,top_product,top_category,role", &[])
            [..4],
        ["ann,5,1.666667,2,Tea,tea,gift", "cat,1,1,1,Pot,ware,self", "bob,2,1,1,Cup,ware,self", "dan,,,,,,"]
    );
    // Wednesday 11, Sunday 12, Tuesday 10 are the last of as many.
    assert_eq!(
        listed("customer_id,usual_weekday,usual_hour,deep_discount_share,class", &[])[..4],
        ["ann,3,11,0.333333,core", "cat,7,12,0,core", "bob,2,10,1,potential", "dan,,,,"]
    );
    assert_eq!(
        listed("customer_id,due_status,next_expected_on,expected_gap_days,next_product", &[])[..4],
        [
            "ann,in_cycle,2026-04-10,30,Tea",
            "cat,due,2026-03-31,30,Pot",
            "bob,in_cycle,2026-05-10,40,Cup",
            "dan,,,,",
        ]
    );
}

/// Thirty days begin on 2 March, the day of Fay's favourite.
#[test]
fn behaviour_is_what_events_say() {
    let columns = "customer_id,last_event_on,is_shop_favourite,last_interest_on,days_since_interest,fav_shop_count_30d,fav_item_count_30d,cart_count_30d,view_count_30d";
    assert_eq!(
        listed(columns, &[]),
        [
            "ann,2026-03-30,false,2026-03-30,1,0,0,1,0",
            "cat,2026-03-31,true,2026-03-31,0,1,0,0,1",
            "bob,2026-03-31,false,2026-03-31,0,0,0,1,0",
            // The log does not name Dan and Eve: they did nothing.
            "dan,,false,,,0,0,0,0",
            "eve,,false,,,0,0,0,0",
            "fay,2026-03-29,false,2026-03-29,2,0,1,1,0",
        ]
    );
}

/// Of Ann's two reviews at the same time the one with fewer stars; her latest gives none, and a view is no review. Of
/// Bob's latest the stars are no number.
#[test]
fn the_last_rating_is_that_of_the_latest_review_with_stars() {
    let reviews = "fixtures/further/reviews.csv";
    let ask = |inputs: &[&str]| {
        let columns = ["customers", "--columns", "customer_id,last_rating", "--sort", "customer_id", "-q"];
        let text = stdout(&[&columns[..], &["--format", "csv"], inputs].concat());
        text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let expected = ["ann,3", "bob,2", "cat,4.5", "dan,", "eve,"];
    assert_eq!(ask(&[FILES[0], reviews]), expected);
    assert_eq!(ask(&[FILES[0]]), ["ann,", "bob,", "cat,", "dan,", "eve,"]);
    let trial = Trial::new();
    let store = trial.store();
    import(&[FILES[0], reviews], &store);
    assert_eq!(ask(&[&store]), expected);
    let low =
        ["customers", "--where", "last_rating <= 3", "--columns", "customer_id", "-q", "--format", "csv"];
    assert_eq!(stdout(&[&low[..], &[&store]].concat()), stdout(&[&low[..], &[FILES[0], reviews]].concat()));
    for input in [reviews, &store] {
        let checked = stdout(&["check", FILES[0], input, "--format", "json"]);
        assert!(checked.contains("五星") && checked.contains("unreadable_cells"), "{checked}");
    }
}

/// A column says the same whatever else is asked for, and whether the orders had to be put into order for it or not.
#[test]
fn columns_do_not_depend_on_one_another() {
    const SHOP: [&str; 4] = [
        "fixtures/shop/orders.csv",
        "fixtures/shop/order_items.csv",
        "fixtures/shop/events.csv",
        "fixtures/shop/customers.csv",
    ];
    let ask = |columns: &str| stdout(&[&["customers"], &SHOP[..], &["--columns", columns, "-q"]].concat());
    let all = ask("all");
    let header: Vec<&str> = all.lines().next().expect("a header").split(',').collect();
    let mut rows = csv::Reader::from_reader(all.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(|row| row.expect("a row")).collect();
    assert!(rows.len() > 100, "{}", rows.len());
    const AT_ONCE: usize = 12;
    for (chunk, columns) in header.chunks(AT_ONCE).enumerate() {
        let alone = ask(&columns.join(","));
        let alone: Vec<csv::StringRecord> =
            csv::Reader::from_reader(alone.as_bytes()).records().map(|row| row.expect("a row")).collect();
        let among: Vec<csv::StringRecord> =
            rows.iter().map(|row| row.iter().skip(chunk * AT_ONCE).take(columns.len()).collect()).collect();
        assert_eq!(alone, among, "{columns:?}");
    }
}

/// The lists of the analyses say what the columns say.
/// The later of two orders of one day is the last, though it is the smaller one, and every question takes it for that.
#[test]
fn of_the_orders_of_one_day_the_last_says_where_somebody_is() {
    let folder = tempfile::tempdir().unwrap();
    let orders = folder.path().join("orders.csv").display().to_string();
    let rows = "order_id,customer_id,paid_at,paid_amount,province\n\
                1,ann,2026-05-01 09:00,100,广东\n2,ann,2026-05-01 18:00,50,浙江\n";
    std::fs::write(&orders, rows).unwrap();
    for columns in ["customer_id,province", "customer_id,province,source"] {
        let list = stdout(&["customers", &orders, "--columns", columns, "--format", "csv", "-q"]);
        assert!(list.contains("\nann,浙江"), "{list}");
    }
    let kept = stdout(&["rfm", &orders, "--where", "province = '浙江'", "--format", "csv", "-q"]);
    assert!(kept.contains("\nann,"), "{kept}");
    let portrait = stdout(&["profile", &orders, "--format", "csv", "-q"]);
    assert!(portrait.contains("\nprovince,浙江,1,"), "{portrait}");
}

/// `check` says that the list cannot be made, and so does the command, of one person and of all.
#[test]
fn orders_that_name_nobody_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let orders = folder.path().join("orders.csv").display().to_string();
    std::fs::write(&orders, "order_id,paid_at,paid_amount\n1,2026-05-01,100\n").unwrap();
    let masked = folder.path().join("masked.csv").display().to_string();
    std::fs::write(&masked, "order_id,customer_id,paid_at,paid_amount\n1,t**3,2026-05-01,100\n").unwrap();
    for (file, why) in [(&orders, "no column says who bought"), (&masked, "every buyer is masked")] {
        let verdicts = stdout(&["check", file, "--table", "verdicts", "--format", "csv", "-q"]);
        assert!(verdicts.contains("\ncustomers,blocked,"), "{verdicts}");
        for further in [&[][..], &["--columns", "customer_id,net_amount"], &["--explain", "ann"]] {
            let (code, stderr) = failure(&[&["customers", file], further].concat());
            assert!(code == 1 && stderr.contains("customers needs to know who bought"), "{stderr}");
            assert!(stderr.contains(why), "{stderr}");
        }
    }
    // A list of customers names people, who have not bought.
    let list = folder.path().join("customers.csv").display().to_string();
    std::fs::write(&list, "customer_id,name\nann,Ann\n").unwrap();
    let all =
        stdout(&["customers", &orders, &list, "--columns", "customer_id,status", "--format", "csv", "-q"]);
    assert_eq!(all, "customer_id,status\nann,other\n");
}

/// A question that needs no times of one file reads them where the condition does.
#[test]
fn a_condition_reads_the_times_that_a_question_does_without() {
    let folder = tempfile::tempdir().unwrap();
    let orders = folder.path().join("orders.csv").display().to_string();
    let rows = "order_id,customer_id,paid_at,paid_amount,province,source\n\
                1,ann,2026-05-01 18:00,100,广东,app\n2,ann,2026-05-01 09:00,50,浙江,web\n\
                3,bob,2026-05-01 09:00,70,广东,app\n";
    std::fs::write(&orders, rows).unwrap();
    // Ann came by the web in the morning: her orders, and not Bob's.
    let regions = stdout(&["region", &orders, "--where", "source = 'web'", "--format", "csv", "-q"]);
    let counted: Vec<String> = regions
        .lines()
        .skip(1)
        .map(|line| line.split(',').skip(1).take(3).collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(counted, ["广东,1,1", "浙江,1,1"], "{regions}");
}

#[test]
fn lists_of_analyses_agree() {
    const SHOP: [&str; 2] = ["fixtures/shop/orders.csv", "fixtures/shop/order_items.csv"];
    let by_id = |command: &[&str]| {
        let text = stdout(&[command, &SHOP[..], &["-q"]].concat());
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().expect("a header").clone();
        let row = |row: csv::StringRecord| {
            let cells = header.iter().map(str::to_owned).zip(row.iter().map(str::to_owned));
            (row[0].to_owned(), cells.collect::<BTreeMap<String, String>>())
        };
        reader.records().map(|record| row(record.expect("a row"))).collect::<BTreeMap<_, _>>()
    };
    let table = by_id(&["customers", "--columns", "all"]);
    for list in [&["rfm"][..], &["segment", "--list"], &["value", "--list"], &["repurchase", "--due"]] {
        let rows = by_id(list);
        assert!(!rows.is_empty());
        for (id, row) in &rows {
            for (name, cell) in row.iter().filter(|(name, _)| table[id].contains_key(*name)) {
                assert_eq!(&table[id][name], cell, "{list:?} {id} {name}");
            }
        }
        let buyers = table.values().filter(|row| row["status"] == "converted").count();
        assert_eq!(rows.len(), buyers, "{list:?}");
    }
}

#[test]
fn wrong_columns_are_refused_before_anything_is_read() {
    let (code, said) =
        failure(&["customers", "--orders", "no such file.csv", "--columns", "customer_id,net_amuont"]);
    assert_eq!(code, 2);
    assert!(said.contains("no column net_amuont") && said.contains("net_amount"), "{said}");
}

/// What nothing says is said, where it was asked for.
#[test]
fn columns_of_which_nothing_is_known_are_named() {
    let output = run(&["customers", FILES[0], "--columns", "customer_id,wechat,last_event_on"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("empty: wechat, last_event_on"), "{said}");
}

/// Whom a condition keeps is worked out from the columns above.
#[test]
fn conditions_keep_those_of_whom_they_are_true() {
    let ids = |condition: &str, further: &[&str]| {
        listed("customer_id", &[&["--where", condition], further].concat()).join(" ")
    };
    assert_eq!(ids("net_amount >= 150", &[]), "ann cat");
    assert_eq!(ids("net_amount > 150", &[]), "ann");
    assert_eq!(ids("net_amount < 60.00", &[]), "dan eve fay");
    // Nothing is known of the last order of those without one: neither this nor its opposite is true of them.
    assert_eq!(ids("recency_days > 20", &[]), "cat");
    assert_eq!(ids("not (recency_days > 20)", &[]), "ann bob");
    assert_eq!(ids("recency_days is null and status <> 'other'", &[]), "dan eve fay");
    assert_eq!(ids("last_unpaid_on = '2026-03-30' or refund_amount = 50", &[]), "cat dan");
    assert_eq!(ids("first_ordered_on between '2026-01-31' and as_of - 30", &[]), "cat bob");
    // Two cups for Ann on 11 March, one each for Bob on 31 January and 31 March; nobody kept the sample.
    assert_eq!(ids("bought('P2')", &[]), "ann bob");
    assert_eq!(ids("bought('Cup', 20)", &[]), "bob");
    assert_eq!(ids("bought('Cup', 21)", &[]), "ann bob");
    assert_eq!(ids("bought('P9')", &[]), "");
    assert_eq!(ids("bought_category('tea')", &[]), "ann");
    assert_eq!(ids("bought_category('ware', 1)", &[]), "bob");
    assert_eq!(ids("order_count('2026-01-10', '2026-02-09') = 2", &[]), "ann");
    assert_eq!(ids("net_amount(as_of - 30, as_of) = 150", &[]), "cat");
    assert_eq!(ids("customer_id like '_a%'", &["--sort", "customer_id desc"]), "fay dan cat");
    assert_eq!(ids("has_tag('vip') or order_count = 1", &[]), "cat");
}

/// Calls are answered under the name they are written with; ties stay in the order of the list.
#[test]
fn rows_come_in_the_order_that_was_asked_for() {
    let sorted = |by: &str| listed("customer_id", &["--sort", by]).join(" ");
    assert_eq!(sorted("recency_days"), "bob ann cat dan eve fay");
    assert_eq!(sorted("recency_days desc, customer_id desc"), "cat ann bob fay eve dan");
    assert_eq!(sorted("order_count, net_amount(as_of - 365, as_of) desc"), "dan eve fay cat bob ann");
    assert_eq!(listed("customer_id", &["--sort", "unpaid_order_count desc", "--limit", "2"]), ["dan", "ann"]);
}

#[test]
fn they_can_be_counted() {
    let count = |args: &[&str]| stdout(&[&["customers"], &FILES[..], &["--count", "-q"], args].concat());
    assert_eq!(count(&[]), "customer_count\n6\n");
    assert_eq!(count(&["--where", "order_count > 0"]), "customer_count\n3\n");
    assert_eq!(count(&["--where", "order_count > 9"]), "customer_count\n0\n");
}

/// A condition on the other commands: as if the files held these customers alone, on the as-of day of all.
#[test]
fn analyses_are_of_the_customers_who_are_meant() {
    let folder = tempfile::tempdir().unwrap();
    let some = |file: &str, is_kept: &dyn Fn(&str) -> bool| {
        let text = std::fs::read_to_string(format!("fixtures/by_hand/{file}")).unwrap();
        let lines = text.lines().enumerate().filter(|(place, line)| *place == 0 || is_kept(line));
        let path = folder.path().join(file);
        std::fs::write(&path, lines.map(|(_, line)| format!("{line}\n")).collect::<String>()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    // Ann and Bob have at least two orders.
    let named = |line: &str| ["A", "B", "ann", "bob"].iter().any(|start| line.starts_with(start));
    let alone = ["orders.csv", "items.csv", "events.csv", "customers.csv"].map(|file| some(file, &named));
    let alone: Vec<&str> = alone.iter().map(String::as_str).collect();
    for command in [
        &["segment"][..],
        &["segment", "--list"],
        &["rfm"],
        &["rfm", "--window", "60"],
        &["cohort"],
        &["migration"],
        &["migration", "--by", "rfm_group", "--list"],
        &["trend"],
        &["profile", "--table", "decision"],
        &["region"],
        &["value"],
        &["value", "--list"],
        &["products"],
        &["products", "--table", "next"],
        &["repurchase"],
        &["repurchase", "--due"],
        &["repurchase", "--by", "province"],
        &["profile"],
        &["interest"],
        &["interest", "--list"],
        &["overview"],
    ] {
        let of_all =
            [command, &FILES[..], &["-q", "--where", "order_count('2026-01-01', as_of) >= 2"]].concat();
        let of_some = [command, &alone, &["-q", "--as-of", "2026-03-31"]].concat();
        assert_eq!(stdout(&of_all), stdout(&of_some), "{command:?}");
    }
}

/// The rows of whoever is left out are counted under a rule of their own.
#[test]
fn rows_of_others_are_accounted_for() {
    let args = [&["segment", "--format", "json", "--where", "order_count >= 2"], &FILES[..1]].concat();
    let answer: serde_json::Value = serde_json::from_str(&stdout(&args)).unwrap();
    // Of eight orders Ann has three and Bob two.
    assert_eq!(answer["accounting"]["rows_used"], 5);
    assert_eq!(answer["accounting"]["excluded"]["not_chosen"], 3);
    assert_eq!(answer["parameters"]["where"], "order_count >= 2");
}

#[test]
fn wrong_conditions_are_marked_at_their_place() {
    for (condition, said) in [
        ("net_amuont > 3", "did you mean net_amount?"),
        ("net_amount > 'many'", "^^^^^^"),
        ("bougth('P1')", "bought"),
    ] {
        let (code, text) = failure(&["rfm", "--orders", "no such file.csv", "--where", condition]);
        assert!(code == 2 && text.contains(said) && text.contains('^'), "{text}");
    }
    let (code, text) = failure(&["check", FILES[0], "--where", "order_count > 1"]);
    assert!(code == 2 && text.contains("leave out --where"), "{text}");
}

/// A condition on orders is of their own columns and headers; what it leaves out is as if it were in no file.
#[test]
fn orders_are_chosen_by_their_own_columns() {
    let rows = |command: &[&str], condition: &str| {
        let text = stdout(&[command, &FILES[..1], &["-q", "--orders-where", condition]].concat());
        text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let columns = ["customers", "--columns", "customer_id,order_count,net_amount"];
    // A1 alone says where it came from.
    assert_eq!(rows(&columns, "source = 'search'"), ["ann,1,100.00"]);
    // A2, B1 and B2 were sold at half price; Dan, Eve and Fay are in no other order.
    assert_eq!(rows(&columns, "full_price > paid_amount"), ["bob,2,60.00", "ann,1,50.00"]);
    assert_eq!(rows(&columns, "province = '浙江' and refund_amount > 0"), ["cat,1,150.00", "eve,0,0.00"]);
    assert_eq!(
        rows(&columns, "created_at < '2026-02-01' and status = 'completed'"),
        ["ann,1,100.00", "bob,1,30.00"]
    );
    assert_eq!(rows(&["segment", "--list"], "status = 'shipped' and net_amount > 100"), Vec::<String>::new());
    let kept = rows(&["region"], "net_amount >= 100");
    // Guangdong: A1 and A3, 200; Zhejiang: C1, 150.
    assert!(kept[0].contains("200.00") && kept[1].contains("150.00"), "{kept:?}");
    let (code, said) = failure(&["rfm", FILES[0], "--orders-where", "no_such_column = 'x'"]);
    assert!(code == 2 && said.contains("no_such_column") && said.contains('^'), "{said}");
}

/// Ann's first order came from a search; nobody says where the others came from.
#[test]
fn conditions_ask_for_the_first_and_the_last_order() {
    let ids = |condition: &str| listed("customer_id", &["--where", condition]).join(" ");
    assert_eq!(ids("first('source') = 'search'"), "ann");
    assert_eq!(ids("last('source') is null and order_count > 0"), "ann cat bob");
    assert_eq!(ids("first('net_amount') < last('net_amount') + 1 and order_count > 1"), "ann bob");
    assert_eq!(ids("last('created_at') >= '2026-03-11'"), "ann bob");
    assert_eq!(ids("first('paid_amount') = 30"), "bob");
}

/// Facts of customers are had of orders as they came, unless a condition asks for more: the answer and where the rows
/// went are the same whichever way it is. The second condition of each pair says the same as the first.
#[test]
fn a_condition_on_facts_alone_chooses_as_one_that_puts_orders_into_order() {
    // Items would be read for the second condition of each pair alone, and count as rows.
    let files = [FILES[0], FILES[2], FILES[3]];
    let conditions = [
        "order_count >= 2",
        "net_amount > 100 and recency_days < 400",
        "order_count = 0",
        "status = 'interested'",
        "province = '浙江' or last_ordered_on is null",
        "net_amount > 1000000",
    ];
    let scopes = [&["--as-of", "2026-06-30"][..], &["--window", "90", "--as-of", "2026-05-20"], &[]];
    let commands = ["rfm", "segment", "value", "rfm --summary", "segment --list"];
    // Who is chosen depends on the condition and the scope and not on what is then asked of them: every two of command,
    // scope and condition come together, and not all three.
    for (row, command) in commands.into_iter().enumerate() {
        for (column, condition) in conditions.into_iter().enumerate() {
            let scope = scopes[(row + column) % scopes.len()];
            let asks = |condition: &str| {
                let flags = ["--format", "json", "-v", "--where", condition];
                let args: Vec<&str> = command.split(' ').chain(files).chain(flags).collect();
                let output = run(&[&args[..], scope].concat());
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(condition, "");
                let code = output.status.code();
                (code, text(&output.stdout), text(&output.stderr))
            };
            let in_order = format!("({condition}) and (due_status is null or due_status is not null)");
            assert_eq!(asks(condition), asks(&in_order), "{command} {scope:?} {condition}");
        }
    }
}
