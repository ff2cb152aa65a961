//! `ecrm tag` and `tags.csv`. Every expected text is written by hand.

use serde_json::Value;

use super::hand::Shop;

/// cat brought 200 with one order, ann 180 with three, bob 50 with two; the last day is 31 March.
const ORDERS: &str = "order_id,customer_id,paid_at,paid_amount
1,ann,2026-01-10,100
2,ann,2026-02-10,50
3,ann,2026-03-31,30
4,bob,2026-02-01,30
5,bob,2026-02-20,20
6,cat,2026-03-01,200
";

/// `both` asks for tags that are declared behind it.
const RULES: &str = "[inputs]
orders = [\"orders.csv\"]
[[tag]]
name = \"both\"
rules = [\"has_tag('regular')\", \"has_tag('dear')\"]
[[tag]]
name = \"regular\"
title = { en = \"Regulars\", zh = \"常客\" }
rules = [\"order_count >= 2\"]
discount = false
[[tag]]
name = \"dear\"
match = \"any\"
rules = [\"net_amount >= 150\", \"order_count > 5\"]
";

const CHANGES: &str = "tag,added_count,removed_count,kept_count,customer_count,manual_count\n";
const HEADER: &str = "tag,customer_id,origin,since,note\n";

fn shop() -> Shop {
    let shop = Shop::with(ORDERS);
    shop.write("ecrm.toml", RULES);
    shop
}

fn tag(shop: &Shop, args: &[&str]) -> String {
    shop.says(&[&["tag"], args, &["--format", "csv", "-q"]].concat())
}

/// The rows of the file, without its mark and header.
fn rows(shop: &Shop) -> Vec<String> {
    let text = shop.text("tags.csv");
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    text.strip_prefix(HEADER).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn rules_bring_their_customers_in_and_out_and_leave_alone_what_is_set_by_hand() {
    let shop = shop();
    tag(&shop, &["add", "regular", "--customer", "cat", "--as-of", "2026-01-01", "--note", "=friend"]);
    let expected = format!("{CHANGES}both,1,0,0,1,0\nregular,2,0,1,3,1\ndear,2,0,0,2,0\n");
    let before = shop.text("tags.csv");
    // cat has regular by hand, so that she has both; ann has both by the rules of both.
    let expected = expected.replace("both,1,0,0,1,0", "both,2,0,0,2,0");
    assert_eq!(tag(&shop, &["apply", "--dry-run"]), expected);
    assert_eq!(shop.text("tags.csv"), before);
    assert!(!shop.path("tags.csv").with_file_name("tags.csv.partial").exists());
    assert_eq!(tag(&shop, &["apply"]), expected);
    let by_rule = |tag: &str, id: &str| format!("{tag},{id},rule,2026-03-31,");
    assert_eq!(
        rows(&shop),
        [
            "regular,cat,manual,2026-01-01,'=friend".to_owned(),
            by_rule("both", "cat"),
            by_rule("both", "ann"),
            by_rule("regular", "ann"),
            by_rule("regular", "bob"),
            by_rule("dear", "cat"),
            by_rule("dear", "ann"),
        ]
    );
    // Once more changes nothing, not a byte.
    let before = shop.text("tags.csv");
    let again = format!("{CHANGES}both,0,0,2,2,0\nregular,0,0,3,3,1\ndear,0,0,2,2,0\n");
    assert_eq!(tag(&shop, &["apply"]), again);
    assert_eq!(shop.text("tags.csv"), before);
    // On 15 February ann has two orders of 150, bob one, and nobody knows cat.
    let back = ["apply", "--as-of", "2026-02-15"];
    let said = shop.notes_of(&[&["tag"], &back[..], &["--dry-run"]].concat());
    assert!(
        said.contains(
            "note: 1 customer with a tag by a rule is in none of the files read here up to the as-of day"
        ),
        "{said}"
    );
    assert!(said.contains("note: nothing was written (--dry-run)"), "{said}");
    assert_eq!(tag(&shop, &back), format!("{CHANGES}both,0,1,1,1,0\nregular,0,1,2,2,1\ndear,0,1,1,1,0\n"));
    assert_eq!(
        rows(&shop),
        [
            "regular,cat,manual,2026-01-01,'=friend".to_owned(),
            by_rule("both", "ann"),
            by_rule("regular", "ann"),
            by_rule("dear", "ann"),
        ]
    );
}

#[test]
fn tags_are_a_column_and_a_condition_everywhere() {
    let shop = shop();
    tag(&shop, &["apply"]);
    tag(&shop, &["add", "a friend", "--customer", "bob", "zoe"]);
    let listed = |args: &[&str]| {
        shop.says(&[&["customers", "--columns", "customer_id,tags", "-q", "--format", "csv"], args].concat())
    };
    // Those of ecrm.toml first, in its order.
    let all = "customer_id,tags\ncat,dear\nann,both;regular;dear\nbob,regular;a friend\n";
    assert_eq!(listed(&[]), all);
    assert_eq!(
        listed(&["--where", "has_tag(' dear ') and not has_tag('both')"]),
        "customer_id,tags\ncat,dear\n"
    );
    assert_eq!(
        listed(&["--where", "tags is not null", "--as-of", "2026-01-15"]),
        "customer_id,tags\nann,both;regular;dear\n"
    );
    let rfm = shop.says(&["rfm", "--where", "has_tag('regular')", "--format", "csv", "-q"]);
    assert_eq!(rfm.lines().skip(1).map(|line| &line[..3]).collect::<Vec<_>>(), ["ann", "bob"]);
    assert_eq!(
        tag(&shop, &["show", "regular", "--columns", "customer_id,order_count", "--sort", "order_count"]),
        "customer_id,order_count\nbob,2\nann,3\n"
    );
    let narrow = ["show", "regular", "--where", "order_count > 2", "--columns", "customer_id"];
    assert_eq!(tag(&shop, &narrow), "customer_id\nann\n");
    assert_eq!(tag(&shop, &["show", "regular", "--count"]), "customer_count\n2\n");
    let said = shop.notes_of(&["tag", "show", "a friend"]);
    assert!(
        said.contains("note: tags.csv gives \"a friend\" to 1 customer whom none of the files"),
        "{said}"
    );
    // A name that nobody has given is pointed out.
    let said = shop.notes_of(&["segment", "--where", "has_tag('regulr')"]);
    assert!(
        said.contains("nobody has the tag \"regulr\"") && said.contains("did you mean regular?"),
        "{said}"
    );
    assert!(!shop.notes_of(&["segment", "--where", "has_tag('both')"]).contains("nobody has"));
    tag(&shop, &["delete", "both"]);
    let said = shop.notes_of(&["segment", "--where", "has_tag('both')"]);
    assert!(
        said.contains("nobody has the tag both yet, which has rules in ecrm.toml: ecrm tag apply"),
        "{said}"
    );
    tag(&shop, &["apply"]);
    let (code, error) = shop.refuses(&["tag", "show", "regulr"]);
    assert_eq!((code, error.contains("did you mean regular?")), (1, true), "{error}");
    // Zoe and Cat are one person, whose tags are those of both.
    shop.says(&["identity", "same", "cat", "zoe"]);
    assert!(listed(&[]).contains("cat,dear;a friend\n"));
    // The manifest names the file.
    listed(&["--manifest", "m.json"]);
    let manifest: Value = serde_json::from_str(&shop.text("m.json")).unwrap();
    let inputs = manifest["inputs"].as_array().unwrap();
    assert!(inputs.iter().any(|input| input["name"] == "tags.csv"), "{manifest}");
}

#[test]
fn one_customer_is_explained_with_every_rule_and_whether_it_is_true() {
    let shop = shop();
    let explained = |id: &str| {
        let args = ["customers", "--explain", id, "--table", "tags", "--format", "csv", "-q"];
        let text = shop.says(&args);
        let rows = text.strip_prefix("tag,origin,since,rule,is_true,note\n").unwrap();
        rows.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    // Nothing has been applied yet.
    assert_eq!(explained("bob"), ["regular,,,order_count >= 2,true,"]);
    tag(&shop, &["apply"]);
    tag(&shop, &["add", "dear", "--customer", "bob", "--as-of", "2026-03-01", "--note", "his sister buys"]);
    tag(&shop, &["add", "vip", "--customer", "bob", "--as-of", "2026-03-02"]);
    assert_eq!(
        explained("bob"),
        [
            "regular,rule,2026-03-31,order_count >= 2,true,",
            "dear,manual,2026-03-01,net_amount >= 150,false,his sister buys",
            "dear,manual,2026-03-01,order_count > 5,false,his sister buys",
            "vip,manual,2026-03-02,,,",
            // By hand he is dear, so that he is both; that is still to be applied.
            "both,,,has_tag('regular'),true,",
            "both,,,has_tag('dear'),true,",
        ]
    );
}

#[test]
fn tags_are_given_and_taken_by_condition_by_id_and_by_list() {
    let shop = shop();
    let add = |args: &[&str]| tag(&shop, &[&["add", "x"], args].concat());
    assert_eq!(add(&["--where", "order_count < 3"]), format!("{CHANGES}x,2,0,0,2,2\n"));
    assert_eq!(rows(&shop), ["x,cat,manual,2026-03-31,", "x,bob,manual,2026-03-31,"]);
    // Spellings of one id are one customer.
    assert_eq!(
        add(&["--customer", "Eve@Shop.example", "EVE@shop.example", "bob", "--as-of", "2026-04-01"]),
        format!("{CHANGES}x,1,0,2,3,3\n")
    );
    shop.write("list.csv", "name;Customer_ID\nAnn;ann\nDan;\"=\"\"007\"\"\"\n");
    assert_eq!(
        add(&["--from", "list.csv", "--as-of", "2026-04-02", "--dry-run"]),
        format!("{CHANGES}x,2,0,3,5,5\n")
    );
    add(&["--from", "list.csv", "--as-of", "2026-04-02", "--note", "at the fair"]);
    assert_eq!(
        rows(&shop)[2..],
        [
            "x,Eve@Shop.example,manual,2026-04-01,",
            "x,ann,manual,2026-04-02,at the fair",
            "x,007,manual,2026-04-02,at the fair"
        ]
    );
    let remove = |args: &[&str]| tag(&shop, &[&["remove", "x"], args].concat());
    assert_eq!(remove(&["--where", "net_amount > 100", "--dry-run"]), format!("{CHANGES}x,0,2,3,3,3\n"));
    assert_eq!(remove(&["--where", "net_amount > 100"]), format!("{CHANGES}x,0,2,3,3,3\n"));
    assert_eq!(remove(&["--customer", "eve@shop.example", "nobody"]), format!("{CHANGES}x,0,1,2,2,2\n"));
    assert_eq!(remove(&["--from", "list.csv"]), format!("{CHANGES}x,0,1,1,1,1\n"));
    assert_eq!(rows(&shop), ["x,bob,manual,2026-03-31,"]);
    // What has a rule comes back, which is said; what is given by hand in place of it stays.
    tag(&shop, &["apply"]);
    let said = shop.notes_of(&["tag", "remove", "regular", "--customer", "bob"]);
    assert!(
        said.contains("note: regular has rules in ecrm.toml: the next ecrm tag apply gives it back"),
        "{said}"
    );
    assert!(tag(&shop, &["apply"]).contains("regular,1,0,1,2,0\n"));
    assert_eq!(tag(&shop, &["add", "regular", "--customer", "bob"]), format!("{CHANGES}regular,0,0,2,2,1\n"));
    assert!(tag(&shop, &["apply", "--as-of", "2026-02-15"]).contains("regular,0,0,2,2,1\n"));
    assert!(rows(&shop).contains(&"regular,bob,manual,2026-03-31,".to_owned()), "{:?}", rows(&shop));
}

/// Lists of customers without any day have no as-of day: what is set then is so since today, and can be read again.
#[test]
fn where_the_files_know_no_day_it_is_today() {
    let shop = Shop::with(ORDERS);
    shop.write("customers.csv", "customer_id,name\nann,Ann\nbob,Bob\n");
    tag(&shop, &["add", "x", "customers.csv", "--where", "name = 'Ann'"]);
    let year = rows(&shop)[0].strip_prefix("x,ann,manual,").unwrap()[..4].parse::<u32>().unwrap();
    assert!((2026..2100).contains(&year));
    assert!(tag(&shop, &["list"]).contains("x,,1,1,0,,\n"));
}

#[test]
fn tags_are_copied_moved_and_deleted_whole() {
    let shop = shop();
    let file = "tag,customer_id,origin,since,note\na,ann,rule,2026-01-01,\na,bob,manual,2026-01-02,x\nb,bob,rule,2026-01-03,y\n";
    shop.write("tags.csv", file);
    assert_eq!(tag(&shop, &["copy", "a", "b", "--dry-run"]), format!("{CHANGES}b,1,0,1,2,2\n"));
    assert_eq!(shop.text("tags.csv"), file);
    tag(&shop, &["copy", "a", "b"]);
    // bob's b is by hand now, and keeps its day and its note.
    assert_eq!(
        rows(&shop),
        [
            "a,ann,rule,2026-01-01,",
            "a,bob,manual,2026-01-02,x",
            "b,bob,manual,2026-01-03,y",
            "b,ann,manual,2026-01-01,"
        ]
    );
    assert_eq!(tag(&shop, &["move", "a", "c"]), format!("{CHANGES}c,2,0,0,2,2\na,0,2,0,0,0\n"));
    assert_eq!(rows(&shop)[2..], ["c,bob,manual,2026-01-02,x", "c,ann,manual,2026-01-01,"]);
    assert_eq!(tag(&shop, &["delete", "b", "--dry-run"]), format!("{CHANGES}b,0,2,0,0,0\n"));
    tag(&shop, &["delete", "b"]);
    assert_eq!(rows(&shop).len(), 2);
    for (args, said) in [
        (["tag", "move", "b", "c"].as_slice(), "nobody has a tag b"),
        (&["tag", "delete", "regular"], "nobody has a tag regular"),
        (&["tag", "remove", "cc", "--customer", "ann"], "nobody has a tag cc"),
    ] {
        let (code, error) = shop.refuses(args);
        assert_eq!((code, error.contains(said)), (1, true), "{error}");
    }
    for args in [
        ["tag", "copy", "c", " c"].as_slice(),
        &["tag", "copy", "c", "d;e"],
        &["tag", "add", "", "--customer", "ann"],
        &["tag", "add", "x"],
        &["tag", "add", "x", "--customer", "t**3"],
        &["tag", "add", "x", "--customer", "ann", "--from", "list.csv"],
        &["tag", "add", "x", "orders.csv", "--from", "list.csv"],
        &["tag", "add", "x", "--customer", "ann", "--manifest", "m.json"],
        &["tag", "add", "x", "--where", "order_cont > 1"],
        &["tag", "apply", "--where", "order_count > 1"],
        &["tag", "add", "x", "--customer", "ann", "--as-of", "1970-01-01"],
        &["note", "ann", "x", "--on", "1970-01-01"],
        &["tag", "list", "-o", "tags.csv"],
        &["tag", "apply", "-o", "./tags.csv"],
    ] {
        let (code, error) = shop.refuses(args);
        assert_eq!(code, 2, "{args:?}: {error}");
    }
}

#[test]
fn the_list_says_title_counts_rule_and_discount() {
    let shop = shop();
    tag(&shop, &["apply"]);
    tag(&shop, &["add", "regular", "--customer", "ann", "cat"]);
    tag(&shop, &["add", "a friend", "--customer", "bob"]);
    // ann's regular was by the rule and is by hand now; bob's is by the rule.
    let expected = "tag,title,customer_count,manual_count,rule_count,rule,discount
both,,1,0,1,(has_tag('regular')) and (has_tag('dear')),
regular,Regulars,3,2,1,order_count >= 2,false
dear,,2,0,2,(net_amount >= 150) or (order_count > 5),
a friend,,1,1,0,,
";
    assert_eq!(tag(&shop, &["list"]), expected);
    let shown = shop.says(&["tag", "list", "--format", "table", "--lang", "zh", "-q"]);
    assert!(shown.contains("常客") && shown.contains("可享折扣"), "{shown}");
    // Without an ecrm.toml, and without a file.
    let bare = Shop::with(ORDERS);
    assert_eq!(tag(&bare, &["list"]), "tag,title,customer_count,manual_count,rule_count,rule,discount\n");
    let (code, error) = bare.refuses(&["tag", "apply", "orders.csv"]);
    assert_eq!((code, error.contains("no [[tag]] in ecrm.toml has rules")), (1, true), "{error}");
    assert!(
        bare.notes_of(&["tag", "add", "x", "--customer", "ann"])
            .contains("tags are kept in the current folder: tags.csv")
    );
}

#[test]
fn a_hundred_tags_are_enough_and_nothing_is_half_done() {
    let shop = shop();
    let row = |tag: usize| format!("t{tag},ann,manual,2026-01-01,\n");
    // With the three of ecrm.toml these are a hundred.
    shop.write("tags.csv", format!("{HEADER}{}", (0..97).map(row).collect::<String>()));
    tag(&shop, &["apply"]);
    for args in [["tag", "add", "one more", "--customer", "ann"], ["tag", "copy", "t1", "one more", "-q"]] {
        let (code, error) = shop.refuses(&args);
        assert_eq!((code, error.contains("there would be 101 tags, of at most 100")), (1, true), "{error}");
    }
    tag(&shop, &["move", "t1", "one more"]);
    // Where there are too many already, customers lose tags and get none.
    shop.write("ecrm.toml", format!("{RULES}[tags]\nmax = 99\n"));
    let (code, _) = shop.refuses(&["tag", "add", "t2", "--customer", "bob"]);
    assert_eq!(code, 1);
    tag(&shop, &["apply", "--as-of", "2026-02-15"]);
    tag(&shop, &["delete", "t2"]);
    tag(&shop, &["add", "t3", "--customer", "bob"]);
}

#[test]
fn rules_are_read_when_ecrm_toml_is_and_their_mistakes_marked_there() {
    let shop = shop();
    let refused = |rules: &str, args: &[&str]| {
        shop.write(
            "ecrm.toml",
            format!("[inputs]\norders = [\"orders.csv\"]\n[[tag]]\nname = \"x\"\nrules = [{rules}]\n"),
        );
        let (code, error) = shop.refuses(args);
        assert_eq!(code, 1, "{error}");
        error
    };
    for args in [&["tag", "apply"][..], &["rfm"], &["tag", "list"]] {
        let error = refused("\"order_count > 1\", \"net_amount >> 5\"", args);
        assert!(error.contains("ecrm.toml: [[tag]] x, rule 2: "), "{error}");
        assert!(error.contains("\n  net_amount >> 5\n             ^"), "{error}");
    }
    // What only the files can tell is said when they are read.
    let error = refused("\"orders_count > 1\"", &["tag", "apply"]);
    assert!(error.contains("ecrm.toml: [[tag]] x, rule 1: ") && error.contains("order_count"), "{error}");
    let error = refused("\"orders_count > 1\"", &["customers", "--explain", "ann", "--table", "tags"]);
    assert!(error.contains("ecrm.toml: [[tag]] x, rule 1: "), "{error}");
}

#[test]
fn a_row_that_cannot_be_read_is_named_and_nothing_is_written_over_it() {
    let shop = shop();
    for (row, place) in [
        (",ann,manual,2026-01-01,", "record 3, column \"tag\": bad_tag"),
        ("a;b,ann,manual,2026-01-01,", "record 3, column \"tag\": bad_tag"),
        ("x,,manual,2026-01-01,", "record 3, column \"customer_id\": missing_customer"),
        ("x,ann,robot,2026-01-01,", "record 3, column \"origin\": bad_origin"),
        ("x,ann,manual,soon,", "record 3, column \"since\": bad_date"),
        ("x,ann,manual", "record 3: too_few_cells"),
    ] {
        shop.write("tags.csv", format!("{HEADER}dear,bob,,2026-01-01,\n{row}\n"));
        for args in [
            &["tag", "apply"][..],
            &["tag", "apply", "--dry-run"],
            &["tag", "add", "x", "--customer", "ann"],
            &["tag", "delete", "dear"],
        ] {
            let (code, error) = shop.refuses(args);
            assert_eq!((code, error.contains(place)), (1, true), "{row}: {error}");
        }
        let said = shop.notes_of(&["tag", "list"]);
        assert!(said.contains(place), "{row}: {said}");
        // The others count: an empty origin is a person's.
        assert!(tag(&shop, &["list"]).contains("dear,,1,1,0,"), "{row}");
        let (code, _) = shop.refuses(&["customers", "--columns", "tags", "--strict"]);
        assert_eq!(code, 1, "{row}");
    }
    shop.write("list.csv", "customer_id\nann\n\"\"\nt**3\n");
    shop.write("tags.csv", "");
    let (code, error) = shop.refuses(&["tag", "add", "x", "--from", "list.csv"]);
    assert_eq!((code, error.contains("list.csv record 4")), (1, true), "{error}");
    shop.write("list.csv", "id\nann\n");
    let (code, error) = shop.refuses(&["tag", "add", "x", "--from", "list.csv"]);
    assert_eq!((code, error.contains("no CSV file with the columns customer_id")), (1, true), "{error}");
    let (code, _) = shop.refuses(&["tag", "add", "x", "--from", "none.csv"]);
    assert_eq!(code, 1);
}

/// Counted with DuckDB over the same file: the orders that are paid, shipped or completed and not wholly given back, by
/// buyer: `select count(*) from (select customer_id, count(*) n from … group by 1) where n >= 5`.
#[test]
fn a_rule_means_whom_another_tool_counts() {
    let fixture = std::fs::read_to_string("fixtures/shop/orders.csv").unwrap();
    let shop = Shop::with(&fixture);
    shop.write("ecrm.toml", "[[tag]]\nname = \"five\"\nrules = [\"order_count >= 5\"]\n");
    let (first, again) = (format!("five,{FIVE},0,0,{FIVE},0\n"), format!("five,0,0,{FIVE},{FIVE},0\n"));
    assert_eq!(tag(&shop, &["apply", "orders.csv"]), format!("{CHANGES}{first}"));
    assert_eq!(tag(&shop, &["apply", "orders.csv"]), format!("{CHANGES}{again}"));
}

const FIVE: u32 = 42;

#[test]
fn the_manifest_names_the_file_that_rules_were_applied_to() {
    let shop = shop();
    let inputs = |args: &[&str]| -> Vec<String> {
        tag(&shop, &[args, &["--manifest", "m.json"]].concat());
        let manifest: Value = serde_json::from_str(&shop.text("m.json")).unwrap();
        let inputs = manifest["inputs"].as_array().unwrap();
        inputs
            .iter()
            .map(|input| input["name"].as_str().unwrap().rsplit('/').next().unwrap().to_owned())
            .collect()
    };
    // There is none yet.
    assert_eq!(inputs(&["apply"]), ["orders.csv"]);
    assert_eq!(inputs(&["apply"]), ["orders.csv", "tags.csv"]);
    assert_eq!(inputs(&["add", "vip", "--where", "has_tag('dear')"]), ["orders.csv", "tags.csv"]);
}

/// zoe, whom no file names, has vip; yan and xia have another.
#[test]
fn of_the_tags_that_are_asked_for_it_is_said_whom_nobody_knows() {
    let shop = shop();
    shop.write(
        "tags.csv",
        format!(
            "{HEADER}vip,ann,,2026-01-01,\nvip,zoe,,2026-01-01,\nold,yan,,2026-01-01,\nold,xia,,2026-01-01,\n"
        ),
    );
    let said = |args: &[&str]| shop.notes_of(&[args, &["--format", "csv"]].concat());
    let of_vip = "tags.csv gives \"vip\" to 1 customer whom none";
    for args in [&["tag", "show", "vip"][..], &["customers", "--where", "has_tag('vip')"]] {
        assert!(said(args).contains(of_vip), "{}", said(args));
    }
    let of_all = said(&["customers", "--columns", "customer_id,tags"]);
    assert!(of_all.contains("tags.csv has tags for 3 customers whom none"), "{of_all}");
    assert!(!said(&["customers", "--where", "has_tag('regular')"]).contains("whom none"));
}

/// Rows of other tags keep their cells, whatever stands in them, through a change in a file of many.
#[test]
fn many_rows_are_changed_where_they_are_meant() {
    let shop = shop();
    let others: String =
        (0..20_000).map(|number| format!("old,p{number},,2026-01-01,\"a, \"\"{number}\"\"\"\n")).collect();
    let mine =
        "regular,bob,rule,2026-01-01,\nregular,cat,rule,2026-01-01,\nregular,ann,manual,2026-01-01,kept\n";
    shop.write("tags.csv", format!("{HEADER}{others}{mine}"));
    let counted = tag(&shop, &["apply"]);
    assert!(counted.contains("regular,0,1,2,2,1\n"), "{counted}");
    let rows = rows(&shop);
    assert_eq!(rows.len(), 20_000 + 2 + 3);
    assert_eq!(rows[19_999], "old,p19999,,2026-01-01,\"a, \"\"19999\"\"\"");
    assert_eq!(rows[20_000], "regular,bob,rule,2026-01-01,");
    assert_eq!(rows[20_001], "regular,ann,manual,2026-01-01,kept");
    let list = tag(&shop, &["list"]);
    assert!(list.contains("\nold,,20000,20000,0,"), "{list}");
    let old = tag(&shop, &["move", "old", "older"]);
    assert_eq!(old, format!("{CHANGES}older,20000,0,0,20000,20000\nold,0,20000,0,0,0\n"));
    assert!(self::rows(&shop).contains(&"older,p7,manual,2026-01-01,\"a, \"\"7\"\"\"".to_owned()));
}
