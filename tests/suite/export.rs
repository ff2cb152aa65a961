//! `ecrm export`: the canonical tables as Parquet, and what is refused.

use std::path::Path;

use ecrm::export::{About, TABLES};
use ecrm::schema::accounting::Rule;
use polars::prelude::*;

use super::common::{failure, files_in, run, stdout};

const SHOP: [&str; 4] = [
    "fixtures/by_hand/orders.csv",
    "fixtures/by_hand/items.csv",
    "fixtures/by_hand/customers.csv",
    "fixtures/by_hand/events.csv",
];

fn export(files: &[&str], folder: &Path, more: &[&str]) -> String {
    let folder = folder.to_str().unwrap();
    stdout(&[&["export"], files, &["-o", folder], more].concat())
}

/// The rows of a table as texts of some of its columns, sorted; null is `-`.
fn rows(folder: &Path, table: &str, columns: &[&str]) -> Vec<String> {
    let folder = folder.join(table).join("export_sequence=1");
    let mut all = Vec::new();
    for name in files_in(&folder) {
        let file = std::fs::File::open(folder.join(name)).unwrap();
        let frame = ParquetReader::new(file).finish().unwrap();
        let columns: Vec<StringChunked> = columns
            .iter()
            .map(|name| frame.column(name).unwrap().cast(&DataType::String).unwrap().str().unwrap().clone())
            .collect();
        let row = |row: usize| {
            let cells: Vec<&str> = columns.iter().map(|column| column.get(row).unwrap_or("-")).collect();
            cells.join(",")
        };
        all.extend((0..frame.height()).map(row));
    }
    all.sort();
    all
}

/// 2026-01-10 is day 20463; 09:00 is second 32400. Amounts are in millionths: 100.00 is 100000000.
#[test]
fn orders_are_whole_numbers_and_texts() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("out");
    let said = export(&SHOP[..1], &folder, &["--lang", "en", "--map", "cost=purchase price"]);
    assert_eq!(
        said,
        "orders: rows 8, files 1\norder_items: rows 0, files 1\ncustomers: rows 0, files 1\nevents: rows 0, files 1\n\
         sends: rows 0, files 1\n"
    );
    assert_eq!(files_in(temp.path()), ["out"]);
    assert_eq!(
        files_in(&folder),
        ["about", "customers", "events", "order_items", "orders", "schema.json", "sends"]
    );
    let columns = [
        "order_id",
        "customer_id",
        "status",
        "ordered_on",
        "second",
        "paid_amount",
        "refund_amount",
        "full_price",
        "cost",
        "country",
        "province",
        "source",
        "row_count",
    ];
    let found = rows(&folder, "orders", &columns);
    assert_eq!(found[0], "A1,ann,completed,20463,32400,100000000,0,100000000,60000000,中国,广东,search,1");
    // 2026-03-01 at noon; 50 of 200 went back.
    assert_eq!(found[5], "C1,cat,completed,20513,43200,200000000,50000000,200000000,120000000,中国,浙江,-,1");
    // Not paid: the day of its creation, 2026-03-30.
    assert_eq!(found[6], "D1,dan,pending,20542,32400,80000000,0,80000000,50000000,中国,浙江,-,1");
    assert_eq!(found.len(), 8);
}

/// The second order is made up of three rows, two of which are items. The second file of items replaces the first
/// order's two items by one, and the ninth order, which has an item, is in no file.
#[test]
fn rows_of_files_of_items_are_counted_apart() {
    let temp = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(temp.path().join(name), text).unwrap();
        temp.path().join(name).to_str().unwrap().to_owned()
    };
    let files = [
        write(
            "orders.csv",
            "order_id,customer_id,order_date,amount\n1,a,2026-03-01,5\n2,b,2026-03-02,7\n3,b,2026-03-02,7\n",
        ),
        write("items.csv", "order_id,product_id,quantity\n1,tea,1\n1,cup,1\n2,cup,1\n2,tea,1\n9,tea,1\n"),
        write("more_items.csv", "order_id,product_id,quantity\n1,tea,2\n"),
    ];
    let folder = temp.path().join("out");
    export(&files.each_ref().map(String::as_str), &folder, &["-q"]);
    let counts = rows(&folder, "orders", &["order_id", "row_count", "item_row_count"]);
    assert_eq!(counts, ["1,2,1", "2,3,2", "3,1,0"]);
    let about = About::of(&std::fs::read(folder.join("schema.json")).unwrap()).unwrap();
    let items = about.accounting(&["order_items"]);
    assert_eq!((items.rows_read, items.rows_used), (6, 3));
    let left_out = [Rule::Superseded, Rule::DanglingItem].map(|rule| items.excluded.of(rule));
    assert_eq!(left_out, [2, 1]);
    let orders = about.accounting(&["orders"]);
    assert_eq!((orders.rows_read, orders.rows_used, orders.excluded.total()), (3, 3, 0));
}

/// Two lines of A3, by the number of its order; 2 pieces are 2000000 millionths.
#[test]
fn items_find_their_orders_and_people_have_no_names() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("out");
    export(&SHOP, &folder, &[]);
    let keys = rows(&folder, "orders", &["order_id", "order_key"]);
    let key = keys.iter().find_map(|row| row.strip_prefix("A3,")).unwrap();
    let columns =
        ["order_key", "line_no", "product_id", "title", "category", "quantity", "amount", "is_lost"];
    let lines: Vec<String> = rows(&folder, "order_items", &columns)
        .into_iter()
        .filter(|row| row.starts_with(&format!("{key},")))
        .collect();
    assert_eq!(
        lines,
        [
            format!("{key},1,P1,Tea,tea,1000000,60000000,false"),
            format!("{key},2,P2,Cup,ware,2000000,40000000,false")
        ]
    );
    // 2025-12-01 is day 20423, 2026-03-30 day 20542.
    let columns =
        ["customer_id", "registered_on", "card_claimed_on", "gender", "level", "province", "row_count"];
    assert_eq!(rows(&folder, "customers", &columns)[0], "ann,20423,20542,女,VIP1,广东,1");
    let columns = ["customer_id", "occurred_on", "second", "kind", "source"];
    assert_eq!(rows(&folder, "events", &columns)[0], "ann,20492,36000,fav_item,search");
    // Names and birthdays stay out of all files.
    let schema = std::fs::read_to_string(folder.join("schema.json")).unwrap();
    assert!(
        !schema.contains("birthday")
            && !schema.contains("recipient")
            && !schema.contains("\"name\": \"phone\"")
    );
}

/// Every row of each file is accounted for: eight of orders, and the others by themselves.
#[test]
fn what_an_export_rests_on_is_in_it() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("out");
    let broken = temp.path().join("more.csv");
    let lines =
        "order_id,customer_id,order_date,amount,status\nX1,xen,2026-03-01,5,paid\nX2,yan,someday,5,paid\n";
    std::fs::write(&broken, lines).unwrap();
    let files = [&SHOP[..], &[broken.to_str().unwrap()]].concat();
    export(&files, &folder, &["-q", "--sequence", "1", "--map", "cost=purchase price"]);
    let text = std::fs::read(folder.join("schema.json")).unwrap();
    let about = About::of(&text).unwrap();
    let orders = about.accounting(&["orders"]);
    assert_eq!((orders.rows_read, orders.rows_used, orders.quarantined_total()), (10, 9, 1));
    assert_eq!(orders.excluded.of(Rule::BlankRow), 0);
    let events = about.accounting(&["events"]);
    assert_eq!((events.rows_read, events.rows_used), (7, 7));
    assert_eq!(about.accounting(&["orders", "events"]).rows_read, 17);
    assert!(
        about.says.has_buyers && about.says.has_cost && about.says.has_items && !about.says.lacks_amounts
    );
    assert_eq!(about.says.tables, ["orders", "order_items", "customers", "events"]);
    let told = rows(&folder, "about", &["json"]);
    assert_eq!(told, [String::from_utf8(text).unwrap()]);
}

#[test]
fn a_folder_appears_whole_and_replaces_only_an_export() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("out");
    let path = folder.to_str().unwrap();
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("mine.txt"), "mine").unwrap();
    let (code, error) = failure(&["export", SHOP[0], "-o", path]);
    assert_eq!(code, 1);
    assert!(error.contains("out/mine.txt is none of the files of an export"), "{error}");
    assert_eq!(files_in(&folder), ["mine.txt"]);
    std::fs::remove_file(folder.join("mine.txt")).unwrap();
    // An empty folder is filled.
    export(&SHOP[..1], &folder, &[]);
    assert_eq!(rows(&folder, "orders", &["order_id"]).len(), 8);
    // An input that cannot be read leaves the earlier export as it was, and nothing beside it.
    let (code, _) = failure(&["export", "fixtures/none.csv", "-o", path]);
    assert_eq!((code, files_in(temp.path())), (1, vec!["out".to_owned()]));
    assert_eq!(rows(&folder, "orders", &["order_id"]).len(), 8);
    // Another export takes its place.
    export(&["fixtures/shop/orders.csv"], &folder, &[]);
    assert!(rows(&folder, "orders", &["order_id"]).len() > 8);
    assert_eq!(files_in(temp.path()), ["out"]);
    // One with a file of somebody's in it does not go.
    let note = folder.join("orders").join("notes.txt");
    std::fs::write(&note, "mine").unwrap();
    assert_eq!(failure(&["export", SHOP[0], "-o", path]).0, 1);
    assert!(note.exists());
}

/// What looks like files of an export and is none of those that schema.json counts is somebody's.
#[test]
fn only_the_files_that_an_export_counts_are_replaced() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("out");
    let path = folder.to_str().unwrap();
    export(&SHOP[..1], &folder, &[]);
    for stranger in [
        "orders/export_sequence=2/part-00000.parquet",
        "orders/export_sequence=1/part-00001.parquet",
        "orders/export_sequence=1/part-0.parquet",
        "about/export_sequence=1/part-00001.parquet",
        "sends/export_sequence=3/",
        "more/",
    ] {
        let other = folder.join(stranger);
        match stranger.strip_suffix('/') {
            Some(_) => std::fs::create_dir_all(&other).unwrap(),
            None => {
                std::fs::create_dir_all(other.parent().unwrap()).unwrap();
                std::fs::write(&other, "mine").unwrap();
            }
        }
        let (code, error) = failure(&["export", SHOP[0], "-o", path]);
        let named = stranger.trim_end_matches('/').trim_end_matches("/part-00000.parquet");
        assert!(code == 1 && error.contains(named), "{stranger}: {error}");
        assert!(other.exists());
        match named == stranger {
            true => std::fs::remove_file(&other).unwrap(),
            false => std::fs::remove_dir_all(folder.join(named)).unwrap(),
        }
    }
    export(&SHOP[..1], &folder, &["--sequence", "2"]);
    export(&SHOP[..1], &folder, &[]);
    assert_eq!(files_in(&folder.join("orders")), ["export_sequence=1"]);
    // One of another version is an export too, which this one replaces.
    let schema = folder.join("schema.json");
    let text = std::fs::read_to_string(&schema).unwrap();
    let older = text.replace("\"ecrm_export\": 2", "\"ecrm_export\": 1");
    assert_ne!(older, text);
    std::fs::write(&schema, older).unwrap();
    export(&SHOP[..1], &folder, &[]);
    assert_eq!(std::fs::read_to_string(&schema).unwrap(), text);
}

/// An old or a new export under a hidden name without a lock is what a run left that was killed between the two names.
#[test]
fn what_a_killed_run_left_is_named() {
    let temp = tempfile::tempdir().unwrap();
    // A name that ecrm gives: a number and its sum.
    let sum = xxhash_rust::xxh3::xxh3_64(&7_u64.to_be_bytes());
    let left = temp.path().join(format!(".ecrm-{:016x}{sum:016x}.partial", 7));
    export(&SHOP[..1], &left, &[]);
    let folder = temp.path().join("out");
    let (_, said) = failure(&["export", SHOP[0], "-o", folder.to_str().unwrap()]);
    assert!(said.contains("killed") && said.contains(left.to_str().unwrap()), "{said}");
    assert!(left.join("schema.json").exists() && folder.join("schema.json").exists());
}

#[test]
fn no_other_output_is_written_into_the_folder() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("out");
    let path = folder.to_str().unwrap();
    for is_there in [false, true] {
        let inside = folder.join("r.csv");
        let (code, error) = failure(&["export", SHOP[0], "-o", path, "--rejects", inside.to_str().unwrap()]);
        assert!(code == 2 && error.contains("would be in it"), "{error}");
        assert_eq!((folder.exists(), inside.exists()), (is_there, false));
        export(&SHOP[..1], &folder, &[]);
    }
}

/// A disk that is full: the error is the system's, and the earlier export stays.
#[cfg(unix)]
#[test]
fn a_full_disk_is_no_defect() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("out");
    let path = folder.to_str().unwrap();
    export(&SHOP[..1], &folder, &[]);
    let ours = env!("CARGO_BIN_EXE_ecrm");
    let args = ["export", "fixtures/shop/orders.csv", "-o", path, "--lang", "en"];
    for blocks in [1, 5, 10] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let done = std::process::Command::new("sh").args(["-c", &script, ours]).args(args).output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{blocks}: {said}");
        // What was asked for is named, and not where it is made.
        let named = format!("cannot write {path}: File too large");
        assert!(said.contains(&named) && !said.contains(".partial"), "{blocks}: {said}");
        assert_eq!(files_in(temp.path()), ["out"]);
        assert_eq!(rows(&folder, "orders", &["order_id"]).len(), 8);
    }
}

#[test]
fn an_export_is_not_written_over_what_is_read_or_kept() {
    let temp = tempfile::tempdir().unwrap();
    let path = |name: &str| temp.path().join(name).to_str().unwrap().to_owned();
    export(&SHOP, &temp.path().join("out"), &[]);
    // What it holds cannot be what is read, and a store is no place for it.
    let inside = path("out/orders/export_sequence=1/part-00000.parquet");
    let (code, error) = failure(&["export", "--orders", &inside, "-o", &path("out")]);
    assert!(code == 2 && error.contains("is read"), "{error}");
    stdout(&["import", SHOP[0], "--store", &path("kept"), "-q"]);
    for folder in [path("kept"), path("kept/out")] {
        let (code, error) = failure(&["export", SHOP[0], "-o", &folder]);
        assert!(code == 2 && error.contains("store"), "{error}");
    }
    // From a store comes the same as from its files.
    export(&[&path("kept")], &temp.path().join("a"), &[]);
    export(&SHOP[..1], &temp.path().join("b"), &[]);
    let columns = ["order_id", "customer_id", "ordered_on", "paid_amount", "province", "row_count"];
    let of = |name: &str| rows(&temp.path().join(name), "orders", &columns);
    assert_eq!(of("a"), of("b"));
}

#[cfg(unix)]
#[test]
fn an_export_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("out");
    export(&SHOP, &folder, &[]);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = folder.join("orders/export_sequence=1/part-00000.parquet");
    assert_eq!([mode(&folder), mode(&folder.join("orders")), mode(&file)], [0o700, 0o700, 0o600]);
    assert_eq!(mode(&folder.join("schema.json")), 0o600);
}

#[test]
fn the_definition_names_every_table_and_column() {
    for lang in ["en", "zh"] {
        let text = stdout(&["define", "export", "--lang", lang]);
        for table in TABLES {
            let heads = [format!("\n{}: ", table.name), format!("\n{}：", table.name)];
            let (_, of_table) = heads.iter().find_map(|head| text.split_once(head)).expect(table.name);
            let of_table = of_table.split("\n\n").next().unwrap();
            let words: Vec<&str> = of_table.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
            for column in table.columns {
                assert!(words.contains(&column.name), "{lang}: {}.{}", table.name, column.name);
            }
        }
    }
    assert!(run(&["export", "--help"]).status.success());
}

/// Shopify names buyers by their e-mail address; the shop's own export has numbers.
#[test]
fn ids_that_reach_people_are_noted() {
    let temp = tempfile::tempdir().unwrap();
    let said = |file: &str, lang: &str| {
        let folder = temp.path().join("tables");
        let output = run(&["export", file, "-o", folder.to_str().unwrap(), "--lang", lang]);
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let shopify = "fixtures/shop/shopify_orders.csv";
    assert!(said(shopify, "en").contains("whoever has the folder can reach these people"));
    assert!(said(shopify, "zh").contains("拿到文件夹的人可以联系到这些人"));
    assert!(!said("fixtures/by_hand/orders.csv", "en").contains("reach these people"));
}
