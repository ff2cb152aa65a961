//! `ecrm sources`, `ecrm source` and `source_corrections.csv`. Every expected text is written by hand but where a test
//! says by which tool it was made.

use super::hand::Shop;

/// ann came from app; bob by the first event from ads, though he looked at it on the web later; cat, whom the list
/// says, from a fair; dan from nowhere.
const ORDERS: &str = "order_id,customer_id,paid_at,paid_amount,source
1,ann,2026-01-10,100,app
2,ann,2026-02-10,50,web
3,bob,2026-02-11,30,
4,cat,2026-02-12,40,
5,dan,2026-03-01,20,
";
const EVENTS: &str = "customer_id,occurred_at,kind,source
bob,2026-01-01,cart,ads
bob,2026-02-28,cart,web
eve,2026-02-28,cart,ads
";
const CUSTOMERS: &str = "customer_id,name,source\nbob,Bob,fair\ncat,Cat,fair\n";

fn shop() -> Shop {
    let shop = Shop::with(ORDERS);
    shop.write("events.csv", EVENTS);
    shop.write("customers.csv", CUSTOMERS);
    shop.write(
        "ecrm.toml",
        "[inputs]\norders = [\"orders.csv\"]\nevents = [\"events.csv\"]\ncustomers = [\"customers.csv\"]\n",
    );
    shop
}

fn csv(shop: &Shop, args: &[&str]) -> Vec<String> {
    shop.says(&[args, &["--format", "csv", "-q"]].concat()).lines().map(str::to_owned).collect()
}

fn set(shop: &Shop, customer: &str, source: &str, on: &str) -> Vec<String> {
    csv(shop, &["source", "set", customer, source, "--reason", "asked", "--on", on])
}

const COLUMNS: &str = "source,customer_count,new_customer_count,order_count,net_amount,spend_per_customer,repeat_customer_rate,\
repeat_customer_rate_low,repeat_customer_rate_high,\
customer_count_before,new_customer_count_before,order_count_before,net_amount_before,spend_per_customer_before,\
repeat_customer_rate_before,repeat_customer_rate_before_low,repeat_customer_rate_before_high";

#[test]
fn sources_are_told_before_and_after_correction() {
    let shop = shop();
    let plain = [
        COLUMNS,
        "ads,1,1,1,30.00,30.00,0,0,0.7934506856,,,,,,,,",
        "app,1,1,2,150.00,75.00,1,0.2065493144,1,,,,,,,,",
        "fair,1,1,1,40.00,40.00,0,0,0.7934506856,,,,,,,,",
        ",1,1,1,20.00,20.00,0,0,0.7934506856,,,,,,,,",
    ];
    let plain: Vec<String> =
        plain.iter().map(|row| row.replace("app,1,1,2,150.00,75.00", "app,1,1,2,150.00,150.00")).collect();
    assert_eq!(csv(&shop, &["sources"]), plain);
    set(&shop, "dan", "fair", "2026-03-02");
    set(&shop, "bob", "douyin", "2026-03-03");
    // The older one does not count, nor does who is in no file.
    set(&shop, "bob", "app", "2026-03-01");
    set(&shop, "zoe", "app", "2026-03-01");
    let expected = [
        COLUMNS,
        "fair,2,2,2,60.00,30.00,0,0,0.6576197725,1,1,1,40.00,40.00,,,",
        "app,1,1,2,150.00,150.00,1,0.2065493144,1,,,,,,,,",
        "douyin,1,1,1,30.00,30.00,0,0,0.7934506856,0,0,0,0.00,,,,",
        "ads,0,0,0,0.00,,,,,1,1,1,30.00,30.00,0,0,0.7934506856",
        ",0,0,0,0.00,,,,,1,1,1,20.00,20.00,0,0,0.7934506856",
    ];
    assert_eq!(csv(&shop, &["sources"]), expected);
    let said = shop.notes_of(&["sources"]);
    assert!(said.contains("note: 2 customers came from elsewhere than the exports say"), "{said}");
    assert!(
        said.contains("note: source_corrections.csv corrects 1 customer whom none of the files"),
        "{said}"
    );
    let by_month = csv(&shop, &["sources", "--by", "month"]);
    let months: Vec<String> =
        by_month.iter().skip(1).map(|row| row.split(',').take(2).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(
        months,
        [
            "2026-01-01,app",
            "2026-02-01,app",
            "2026-02-01,douyin",
            "2026-02-01,fair",
            "2026-02-01,ads",
            "2026-03-01,fair",
            "2026-03-01,"
        ]
    );
    // People see the figures before correction where there are any.
    let table = |shop: &Shop| shop.says(&["sources", "--format", "markdown", "-q"]);
    assert!(table(&shop).contains("Customers before"));
    shop.says(&["source", "clear", "dan"]);
    shop.says(&["source", "clear", "bob"]);
    assert!(!table(&shop).contains("before"), "{}", table(&shop));
    assert_eq!(csv(&shop, &["sources"]), plain);
}

#[test]
fn corrections_count_wherever_the_source_of_a_customer_is_a_column() {
    let shop = shop();
    set(&shop, "bob", "douyin", "2026-03-02");
    set(&shop, "eve", "web", "2026-03-02");
    let columns = ["customers", "--columns", "customer_id,source"];
    assert_eq!(
        csv(&shop, &columns),
        ["customer_id,source", "ann,app", "cat,fair", "bob,douyin", "dan,", "eve,web"]
    );
    let narrow = csv(&shop, &[&columns[..], &["--where", "source = 'douyin'"]].concat());
    assert_eq!(narrow, ["customer_id,source", "bob,douyin"]);
    assert_eq!(csv(&shop, &["rfm", "--where", "source = 'douyin'"]).len(), 2);
    let profile = csv(&shop, &["profile", "--of", "converted"]);
    assert!(profile.iter().any(|row| row.starts_with("source,douyin,1,")), "{profile:?}");
    assert!(!profile.iter().any(|row| row.starts_with("source,ads,")), "{profile:?}");
    // In the last 90 days bob was seen from ads and from web, eve from ads.
    let interest = csv(&shop, &["interest", "--by", "source", "--days", "90"]);
    let sources: Vec<&str> = interest.iter().skip(1).map(|row| &row[..row.find(",90,").unwrap()]).collect();
    assert_eq!(sources, ["douyin", "web"]);
    // The source of an order is what the export says.
    let orders = ["sources", "--orders-where", "source = 'app'"];
    assert_eq!(csv(&shop, &orders)[1], "app,1,1,1,100.00,100.00,0,0,0.7934506856,,,,,,,,");
    assert_eq!(csv(&shop, &[&columns[..], &["--where", "first('source') = 'app'"]].concat()).len(), 2);
    // The manifest names the file.
    csv(&shop, &["sources", "--manifest", "m.json"]);
    assert!(shop.text("m.json").contains("\"source_corrections.csv\""));
    // It is read by itself, not as an export, and not where nobody asks.
    assert!(!shop.notes_of(&["rfm", "-v"]).contains("source_corrections.csv"));
    assert!(shop.notes_of(&["sources", "-v"]).contains("source_corrections.csv: ASCII, 2 rows"));
}

#[test]
fn corrections_are_lines_that_a_person_can_read() {
    let shop = shop();
    let header = "customer_id,source,corrected_on,reason";
    assert_eq!(set(&shop, "bob", " douyin ", "2026-03-02"), [header, "bob,douyin,2026-03-02,asked"]);
    // The same again is no new line; another day is, and so is going back.
    set(&shop, "bob", "douyin", "2026-03-02");
    set(&shop, "bob", "web", "2026-03-02");
    set(&shop, "bob", "douyin", "2026-03-02");
    shop.write("fair.csv", "customer_id,source,reason\ncat,=fair,card\n\"=\"\"007\"\"\",fair,\n");
    let (code, error) = shop.refuses(&["source", "set", "--from", "fair.csv"]);
    assert_eq!((code, error.contains("no reason is said for \"007\"")), (2, true), "{error}");
    shop.write("fair.csv", "customer_id,source,reason\ncat,=fair,card\n\"=\"\"007\"\"\",fair,list\n");
    let listed = csv(&shop, &["source", "set", "--from", "fair.csv", "--on", "2026-03-03"]);
    assert_eq!(listed, [header, "007,fair,2026-03-03,list", "cat,'=fair,2026-03-03,card"]);
    let expected = format!(
        "\u{feff}{header}\nbob,douyin,2026-03-02,asked\nbob,web,2026-03-02,asked\nbob,douyin,2026-03-02,asked\n\
         cat,'=fair,2026-03-03,card\n007,fair,2026-03-03,list\n"
    );
    assert_eq!(shop.text("source_corrections.csv"), expected);
    assert_eq!(csv(&shop, &["source", "list", "bob"]).len(), 4);
    assert_eq!(csv(&shop, &["source", "list"]).len(), 6);
    assert_eq!(csv(&shop, &["source", "clear", "bob"]), [header]);
    let (code, error) = shop.refuses(&["source", "clear", "bob"]);
    assert_eq!((code, error.contains("there is no correction for bob")), (1, true), "{error}");
    for args in [
        &["source", "set", "bob"][..],
        &["source", "set", "bob", "web"],
        &["source", "set", "bob", "web", "--reason", " "],
        &["source", "set", "bob", "a\nb", "--reason", "x"],
        &["source", "set", "bob", "", "--reason", "x"],
        &["source", "set", "t**3", "web", "--reason", "x"],
        &["source", "set", "bob", "web", "--reason", "x", "--from", "fair.csv"],
        &["source", "list", "-o", "source_corrections.csv"],
    ] {
        let (code, error) = shop.refuses(args);
        assert_eq!(code, 2, "{args:?}: {error}");
    }
    for (row, place) in [
        ("bob,,2026-03-01,x", "record 3, column \"source\": bad_source"),
        (",web,2026-03-01,x", "record 3, column \"customer_id\": missing_customer"),
        ("bob,web,03/04/2026,x", "record 3, column \"corrected_on\": bad_date"),
    ] {
        shop.write("source_corrections.csv", format!("{header}\ndan,web,2026-03-01,x\n{row}\n"));
        let (code, error) = shop.refuses(&["source", "set", "ann", "web", "--reason", "x"]);
        assert_eq!((code, error.contains(place)), (1, true), "{row}: {error}");
        // The others count, and the broken one is named.
        assert!(shop.notes_of(&["sources"]).contains(place), "{row}");
        assert!(
            csv(&shop, &["sources"])[1].starts_with("ads,")
                && csv(&shop, &["sources"]).iter().any(|line| line.starts_with("web,1,"))
        );
    }
}

/// By DuckDB over the same file: each buyer's first source by time, then `count(*)`, orders and net amount by source of
/// the orders that are paid, shipped or completed and not wholly given back.
#[test]
fn sources_are_what_another_tool_says() {
    let shop = Shop::with(&std::fs::read_to_string("fixtures/shop/orders.csv").unwrap());
    let found = csv(&shop, &["sources", "orders.csv"]);
    let figures = |row: &String| {
        let cells: Vec<&str> = row.split(',').collect();
        [cells[0], cells[1], cells[3], cells[4], cells[5], cells[6]].join(",")
    };
    let expected = [
        "search,122,449,73818.83,605.072377,0.6967213115",
        "live,62,202,30652.24,494.390968,0.7258064516",
        "ads,60,204,32877.13,547.952167,0.7833333333",
        "recommendation,54,163,27823.51,515.250185,0.6296296296",
    ];
    assert_eq!(found.iter().skip(1).map(figures).collect::<Vec<_>>(), expected);
}
