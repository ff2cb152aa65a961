//! Files that people and ecrm write in turn: what all of them do, by `notes.csv`. Every expected text is written by
//! hand.

use std::path::Path;
use std::process::{Command, Output};

use encoding_rs::{GB18030, UTF_16LE};
use serde_json::Value;
use tempfile::TempDir;

use super::common::ecrm;

/// A folder in which ecrm runs.
pub struct Shop(TempDir);

const ORDERS: &str = "order_id,customer_id,paid_at,paid_amount
1,ann,2026-01-10,100
2,bob,2026-02-01,30
3,17850.0,2026-02-02,20
4,Eve@Shop.example,2026-02-03,10
";

impl Shop {
    fn new() -> Self {
        Self::with(ORDERS)
    }

    /// With these orders.
    pub fn with(orders: &str) -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        shop.write("orders.csv", orders);
        shop
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// A file as text.
    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The notes as they stand in the file.
    fn notes(&self) -> Vec<u8> {
        std::fs::read(self.path("notes.csv")).unwrap()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = ecrm();
        command.args(args).current_dir(self.0.path());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Standard output of a run that must succeed.
    pub fn says(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Standard error of a run that must succeed.
    pub fn notes_of(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{args:?}: {said}");
        said
    }

    /// Exit code and standard error of a run that fails and leaves the hand-kept files alone.
    pub fn refuses(&self, args: &[&str]) -> (i32, String) {
        let kept = || {
            ["notes.csv", "tags.csv", "source_corrections.csv"]
                .map(|name| std::fs::read(self.path(name)).ok())
        };
        let before = kept();
        let output = self.run(args);
        assert!(!output.status.success(), "{args:?}");
        assert_eq!(kept(), before, "{args:?}");
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn customers(&self, further: &[&str]) -> String {
        let args = ["customers", "orders.csv", "--columns", "customer_id,note", "--format", "csv", "-q"];
        self.says(&[&args[..], further].concat())
    }
}

#[test]
fn a_note_is_a_line_that_a_spreadsheet_opens() {
    let shop = Shop::new();
    let notes = [
        ("bob", "plain"),
        ("ann", "对花生过敏, \"really\""),
        ("ann", "two\nlines"),
        ("=\"17850\"", "=HYPERLINK(\"x\")"),
        ("@dan", "'=1+1"),
    ];
    for (customer, text) in notes {
        shop.says(&["note", customer, text, "--on", "2026-03-01"]);
    }
    let expected = "\u{feff}customer_id,noted_on,note
bob,2026-03-01,plain
ann,2026-03-01,\"对花生过敏, \"\"really\"\"\"
ann,2026-03-01,\"two
lines\"
17850,2026-03-01,\"'=HYPERLINK(\"\"x\"\")\"
'@dan,2026-03-01,''=1+1
";
    assert_eq!(String::from_utf8(shop.notes()).unwrap(), expected);
    let listed: Value = serde_json::from_str(&shop.says(&["note", "--format", "json"])).unwrap();
    let texts: Vec<(&str, &str)> = listed["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["customer_id"].as_str().unwrap(), row["note"].as_str().unwrap()))
        .collect();
    let ann = [("ann", "two\nlines"), ("ann", "对花生过敏, \"really\"")];
    let expected = [("17850", "=HYPERLINK(\"x\")"), ("@dan", "'=1+1"), ann[0], ann[1], ("bob", "plain")];
    assert_eq!(texts, expected);
}

#[test]
fn the_column_is_the_newest_note_of_each_customer_by_day_then_by_line() {
    let shop = Shop::new();
    let notes = "customer_id,noted_on,note
ann,2026-03-02,newest
ann,2026-03-01,older
bob,2026-03-01,above
bob,2026-03-01,below
17850,2026-02-01,a number
Eve@Shop.example,2026-02-01,an address
zoe,2026-01-01,nobody's
";
    shop.write("notes.csv", notes);
    let all = "customer_id,note\nann,newest\nbob,below\n17850,a number\nEve@Shop.example,an address\n";
    assert_eq!(shop.customers(&[]), all);
    assert_eq!(shop.customers(&["--where", "note like 'b%'"]), "customer_id,note\nbob,below\n");
    // Where people are known by their addresses, these are the same in any case.
    shop.write("mail.csv", ORDERS.replace("customer_id", "email").replace("ann", "Zoe@Shop.example"));
    shop.write("notes.csv", "customer_id,noted_on,note\nZOE@shop.example,2026-01-01,hers\n");
    let by_mail = ["customers", "mail.csv", "--columns", "customer_id,note", "--format", "csv", "-q"];
    assert!(shop.says(&by_mail).contains("zoe@shop.example,hers\n"));
    shop.write("notes.csv", notes);
    // All of one customer, the newest first.
    let explained = |id: &str| {
        shop.says(&["customers", "orders.csv", "--explain", id, "--table", "notes", "--format", "csv", "-q"])
    };
    assert_eq!(explained("ann"), "noted_on,note\n2026-03-02,newest\n2026-03-01,older\n");
    assert_eq!(explained("bob"), "noted_on,note\n2026-03-01,below\n2026-03-01,above\n");
    // Whatever as-of says: on 15 January nobody else had bought.
    assert_eq!(shop.customers(&["--as-of", "2026-01-15"]), "customer_id,note\nann,newest\n");
    let rfm = shop.says(&["rfm", "orders.csv", "--where", "note is not null", "--format", "csv", "-q"]);
    assert_eq!(rfm.lines().count(), 5);
    let output = shop.run(&["customers", "orders.csv", "--columns", "note", "--count"]);
    assert!(!output.status.success(), "--count shows no columns");
    let said = |args: &[&str]| String::from_utf8(shop.run(args).stderr).unwrap();
    let beyond = "note: notes.csv has a note for 1 customer whom none of the files read here names\n";
    assert!(said(&["customers", "orders.csv", "--columns", "note"]).contains(beyond));
    assert!(!said(&["customers", "orders.csv", "--columns", "customer_id", "-v"]).contains("notes.csv"));
    // Nor are notes read for a question that does not name them.
    shop.write("notes.csv", "customer_id,noted_on,note\nann,nonsense,x\n");
    assert!(!said(&["rfm", "orders.csv"]).contains("notes.csv"));
    shop.write("identities.csv", "customer_id,other_id,decision,noted_on,note\nzoe,ann,same,2026-01-01,\n");
    shop.write("notes.csv", "customer_id,noted_on,note\nzoe,2026-01-01,of Ann\n");
    assert!(shop.customers(&[]).contains("ann,of Ann\n"));
}

#[test]
fn the_same_twice_on_one_day_is_one_note_and_clearing_removes_all_of_one_customer() {
    let shop = Shop::new();
    let note = |args: &[&str]| shop.says(&[&["note"], args].concat());
    note(&["ann", "a", "--on", "2026-03-01"]);
    note(&["bob", "b", "--on", "2026-03-01"]);
    let before = shop.notes();
    note(&["ann", " a ", "--on", "2026-03-01"]);
    assert_eq!(shop.notes(), before);
    note(&["ann", "a", "--on", "2026-03-02"]);
    assert_eq!(note(&["ann"]), "customer_id,noted_on,note\nann,2026-03-02,a\nann,2026-03-01,a\n");
    assert_eq!(note(&["ann", "--clear"]), "customer_id,noted_on,note\n");
    assert_eq!(
        String::from_utf8(shop.notes()).unwrap(),
        "\u{feff}customer_id,noted_on,note\nbob,2026-03-01,b\n"
    );
    let (code, error) = shop.refuses(&["note", "ann", "--clear"]);
    assert_eq!((code, error.contains("there is no note for ann")), (1, true), "{error}");
    assert_eq!(note(&["ann"]), "customer_id,noted_on,note\n");
}

#[test]
fn wrong_usage_is_refused_before_anything_is_written() {
    let shop = Shop::new();
    for args in [
        &["note", "ann", ""] as &[&str],
        &["note", "ann", " \n"],
        &["note", "", "x"],
        &["note", "t**3", "x"],
        &["note", "1.93E+15", "x"],
        &["note", "--clear"],
        &["note", "ann", "x", "--clear"],
        &["note", "ann", "x", "--on", "2026-02-30"],
        &["note", "ann", "--on", "2026-02-03"],
        &["note", "ann", "x", "-o", "notes.csv"],
        &["note", "ann", "x", "-o", "none/x.csv"],
        &["customers", "orders.csv", "-o", "./notes.csv"],
    ] {
        let (code, error) = shop.refuses(args);
        let expected = if args.contains(&"none/x.csv") { 1 } else { 2 };
        assert_eq!(code, expected, "{args:?}: {error}");
    }
    assert!(!shop.path("notes.csv").exists());
    let (code, _) = shop.refuses(&["note", "ann", "x", "--folder", "none"]);
    assert_eq!(code, 1);
    shop.write("ecrm.toml", "[read]\ntz = \"Asia/Tokyo\"\n");
    shop.says(&["note", "ann", "--", "-5 %"]);
    assert!(shop.says(&["note"]).ends_with(",'-5 %\n"));
}

/// What programs make of the file is read, and what of it is theirs is kept.
#[test]
fn a_file_that_a_spreadsheet_wrote_keeps_its_manner() {
    let shop = Shop::new();
    let rewritten = "\u{feff}by,note,Customer_ID ,noted_on\r\nme,\"爱喝茶, 少糖\",'007,2026/3/1\r\n,,,\r\n=A1,x,bob,2026-03-02 10:00\r\n";
    shop.write("notes.csv", rewritten);
    shop.says(&["note", "ann", "new", "--on", "2026-03-05"]);
    let expected = "\u{feff}by,note,Customer_ID ,noted_on\r\nme,\"爱喝茶, 少糖\",'007,2026/3/1\r\n=A1,x,bob,2026-03-02 10:00\r\n,new,ann,2026-03-05\r\n";
    assert_eq!(String::from_utf8(shop.notes()).unwrap(), expected);
    assert_eq!(
        shop.says(&["note"]),
        "customer_id,noted_on,note\n007,2026-03-01,\"爱喝茶, 少糖\"\nann,2026-03-05,new\nbob,2026-03-02,x\n"
    );
    // Semicolons, tabs, other encodings; what is not UTF-8 becomes that, with the mark by which spreadsheets know it.
    let gbk = |text: &str| GB18030.encode(text).0.into_owned();
    let wide = |text: &str| -> Vec<u8> {
        assert_eq!(UTF_16LE.name(), "UTF-16LE");
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let latin = b"customer_id,noted_on,note\nbob,2026-03-01,g\xe9ant caf\xe9 d\xe9j\xe0 vu\n".to_vec();
    let rows = "customer_id,noted_on,note\nbob,2026-03-01,过敏\n";
    for (bytes, delimiter, text) in [
        (rows.as_bytes().to_vec(), ",", "过敏"),
        (rows.replace(',', ";").into_bytes(), ";", "过敏"),
        (gbk(rows), ",", "过敏"),
        (wide(&rows.replace(',', "\t")), "\t", "过敏"),
        (latin, ",", "géant café déjà vu"),
    ] {
        let mark = if std::str::from_utf8(&bytes).is_ok() { "" } else { "\u{feff}" };
        shop.write("notes.csv", bytes);
        shop.says(&["note", "ann", "x", "--on", "2026-03-05"]);
        let expected = format!("{mark}customer_id,noted_on,note\nbob,2026-03-01,{text}\nann,2026-03-05,x\n");
        assert_eq!(String::from_utf8(shop.notes()).unwrap(), expected.replace(',', delimiter));
    }
}

#[test]
fn days_that_say_their_order_are_read_and_others_are_not_guessed() {
    let shop = Shop::new();
    let noted = |days: [&str; 2]| {
        shop.write("notes.csv", format!("customer_id,noted_on,note\na,{},x\nb,{},x\n", days[0], days[1]));
        let text = shop.says(&["note", "-q"]);
        text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(noted(["03/04/2026", "13/04/2026"]), ["2026-04-03", "2026-04-13"]);
    assert_eq!(noted(["03/04/2026", "04/13/2026"]), ["2026-03-04", "2026-04-13"]);
    assert_eq!(noted(["03/03/2026", "2026-05-01"]), ["2026-03-03", "2026-05-01"]);
    assert_eq!(noted(["03/04/2026", "2026-05-01"]), ["2026-05-01"]);
    assert_eq!(noted(["13/04/2026", "04/13/2026"]).len(), 2);
}

#[test]
fn a_row_that_cannot_be_read_is_named_and_nothing_is_written_over_it() {
    let shop = Shop::new();
    for (row, place, seen) in [
        ("cat,2026-01-01,a,b", "record 3: too_many_cells", "seen \"4\""),
        ("cat,2026-01-01", "record 3: too_few_cells", "seen \"2\""),
        ("cat,soon,x", "record 3, column \"noted_on\": bad_date", "seen \"soon\""),
        ("cat,,x", "record 3, column \"noted_on\": missing_date", "seen \"\""),
        ("cat,9999-12-31,x", "record 3, column \"noted_on\": impossible_date", "9999"),
        (",2026-01-01,x", "record 3, column \"customer_id\": missing_customer", "seen \"\""),
        ("1.93E+15,2026-01-01,x", "record 3, column \"customer_id\": rounded_id", "1.93E+15"),
        ("cat,2026-01-01,\"x", "record 3: unclosed_quote", "cat"),
    ] {
        shop.write("notes.csv", format!("customer_id,noted_on,note\nann,2026-03-01,fine\n{row}\n"));
        for args in [["note", "bob", "x"], ["note", "ann", "--clear"]] {
            let (code, error) = shop.refuses(&args);
            assert_eq!(code, 1, "{row}");
            assert!(error.contains(&format!("notes.csv {place}")) && error.contains(seen), "{row}: {error}");
        }
        let output = shop.run(&["customers", "orders.csv", "--columns", "customer_id,note"]);
        let (out, err) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(out.contains("ann,fine\n") && err.contains(place), "{row}: {out}{err}");
        let (code, _) = shop.refuses(&["customers", "orders.csv", "--columns", "note", "--strict"]);
        assert_eq!(code, 1, "{row}");
    }
    let mut bytes =
        b"customer_id,noted_on,note\nann,2026-03-01,\xe4\xbd\xa0\xe5\xa5\xbd\nb,2026-03-01,".to_vec();
    bytes.extend("好".repeat(50).as_bytes());
    bytes.extend(b"\xff\n");
    shop.write("notes.csv", &bytes);
    let (_, error) = shop.refuses(&["note", "bob", "x"]);
    assert!(error.contains("record 3, column \"note\": bad_encoding"), "{error}");
    // A row without a note says nothing, and is no fault.
    shop.write("notes.csv", "customer_id,noted_on,note\nann,2026-03-01,\nbob,2026-03-01,x,,\n");
    assert_eq!(shop.says(&["note"]), "customer_id,noted_on,note\nbob,2026-03-01,x\n");
}

#[test]
fn what_is_no_such_file_is_refused_and_left_alone() {
    let shop = Shop::new();
    shop.write("notes.csv", "date,text\n2026-01-01,my own\n");
    let (code, error) = shop.refuses(&["note", "ann", "x"]);
    assert_eq!((code, error.contains("customer_id, noted_on, note")), (1, true), "{error}");
    assert!(!shop.path(".notes.csv.lock").exists());
    let output = shop.run(&["customers", "orders.csv"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("notes.csv is not used"), "{said}");
    shop.write("notes.csv", "");
    shop.says(&["note", "ann", "x", "--on", "2026-03-01"]);
    std::fs::remove_file(shop.path("notes.csv")).unwrap();
    std::fs::create_dir(shop.path("notes.csv")).unwrap();
    let output = shop.run(&["note", "ann", "x"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no regular file"));
}

#[test]
fn notes_are_an_input_that_the_manifest_names() {
    let shop = Shop::new();
    shop.write("notes.csv", "customer_id,noted_on,note\nann,2026-03-01,x\n");
    let args = ["segment", "orders.csv", "--where", "note is not null", "--manifest", "m.json", "-q"];
    shop.says(&args);
    let manifest: Value = serde_json::from_slice(&std::fs::read(shop.path("m.json")).unwrap()).unwrap();
    let notes = &manifest["inputs"][1];
    assert_eq!(
        (&notes["name"], &notes["bytes"], &notes["rows_read"]),
        (&"notes.csv".into(), &43.into(), &1.into())
    );
    // sha256sum of these 43 bytes.
    assert_eq!(notes["sha256"], SHA256);
    let output = shop.run(&["segment", "orders.csv", "--where", "note is not null", "-v"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("notes.csv: ASCII, 1 rows"));
    // Beside exports it is no export.
    let beside = shop.run(&["customers", "orders.csv", "notes.csv", "--columns", "customer_id,note"]);
    let (out, err) = (String::from_utf8_lossy(&beside.stdout), String::from_utf8_lossy(&beside.stderr));
    assert!(out.contains("ann,x\n") && err.contains("notes.csv is kept by hand"), "{out}{err}");
}

#[test]
fn the_folder_is_that_of_the_configuration_or_the_one_that_is_named() {
    let shop = Shop::new();
    for name in ["shop", "shop/deep", "else"] {
        std::fs::create_dir(shop.path(name)).unwrap();
    }
    shop.write("shop/ecrm.toml", "");
    let run = |folder: &str, args: &[&str]| {
        let output = shop.command(args).current_dir(shop.path(folder)).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let here = "notes are kept in the current folder: notes.csv";
    assert!(!run("shop/deep", &["note", "ann", "x"]).contains(here));
    assert!(shop.path("shop/notes.csv").exists());
    run("shop", &["note", "ann", "y", "--folder", "../else"]);
    assert!(shop.path("else/notes.csv").exists());
    assert!(run(".", &["note", "ann", "z"]).contains(here));
    assert!(shop.path("notes.csv").exists());
    let named = run("else", &["note", "bob", "x", "--config", "../shop/ecrm.toml"]);
    assert!(!named.contains(here), "{named}");
    let text = std::fs::read_to_string(shop.path("shop/notes.csv")).unwrap();
    assert!(text.contains("ann") && text.contains("bob"), "{text}");
    assert!(run("shop", &["note", "--config", "/dev/null"]).contains(here));
}

#[test]
fn forgetting_somebody_says_that_notes_stay() {
    let shop = Shop::new();
    shop.says(&["import", "orders.csv", "--store", "kept", "-q"]);
    let forget =
        || String::from_utf8(shop.run(&["store", "forget", "ann", "kept", "--dry-run"]).stderr).unwrap();
    assert!(!forget().contains("notes.csv"));
    shop.says(&["note", "ann", "x"]);
    assert!(forget().contains("note: notes.csv is kept by hand and is not touched"), "{}", forget());
    shop.says(&["tag", "add", "vip", "--customer", "ann"]);
    shop.says(&["source", "set", "ann", "web", "--reason", "x"]);
    let said = forget();
    for way in ["ecrm note ID --clear", "ecrm tag remove NAME --customer ID", "ecrm source clear ID"] {
        assert!(said.contains(way), "{said}");
    }
}

#[test]
fn two_who_note_at_once_both_have_their_note() {
    const WRITERS: usize = 12;
    let shop = Shop::new();
    let of = |args: &[&str], customer: usize| {
        let (id, output) = (format!("c{customer}"), format!("{customer}.csv"));
        let args = args.iter().map(|arg| if *arg == "ID" { id.as_str() } else { arg });
        let args: Vec<&str> = args.chain(["-q", "-o", &output]).collect();
        shop.command(&args).spawn().unwrap()
    };
    for (name, args) in [
        ("notes.csv", &["note", "ID", "x"][..]),
        ("tags.csv", &["tag", "add", "vip", "--customer", "ID"]),
        ("source_corrections.csv", &["source", "set", "ID", "web", "--reason", "x"]),
    ] {
        let children: Vec<_> = (0..WRITERS).map(|customer| of(args, customer)).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        assert_eq!(shop.text(name).lines().count(), WRITERS + 1, "{name}");
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Stdio;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_its_owners_and_another_keeps_its_permissions_and_its_link() {
        let shop = Shop::new();
        shop.says(&["note", "ann", "x"]);
        assert_eq!(mode(&shop.path("notes.csv")), 0o600);
        std::fs::set_permissions(shop.path("notes.csv"), std::fs::Permissions::from_mode(0o640)).unwrap();
        shop.says(&["note", "ann", "y"]);
        assert_eq!(mode(&shop.path("notes.csv")), 0o640);
        std::fs::create_dir(shop.path("shared")).unwrap();
        std::fs::rename(shop.path("notes.csv"), shop.path("shared/ours.csv")).unwrap();
        symlink("shared/ours.csv", shop.path("notes.csv")).unwrap();
        shop.says(&["note", "ann", "z"]);
        assert!(std::fs::symlink_metadata(shop.path("notes.csv")).unwrap().is_symlink());
        let text = std::fs::read_to_string(shop.path("shared/ours.csv")).unwrap();
        assert_eq!(text.lines().count(), 4, "{text}");
        // A link to nothing yet makes that file.
        std::fs::remove_file(shop.path("shared/ours.csv")).unwrap();
        shop.says(&["note", "ann", "z"]);
        assert!(shop.path("shared/ours.csv").exists());
    }

    #[test]
    fn a_pipe_and_a_false_lock_are_refused_at_once() {
        let shop = Shop::new();
        let made = Command::new("mkfifo").arg(shop.path("notes.csv")).status().unwrap();
        assert!(made.success());
        for args in [&["note", "ann", "x"] as &[&str], &["note"]] {
            let output = shop.run(args);
            assert_eq!(output.status.code(), Some(1));
            assert!(String::from_utf8_lossy(&output.stderr).contains("no regular file"));
        }
        std::fs::remove_file(shop.path("notes.csv")).unwrap();
        shop.write("precious", "mine");
        symlink("precious", shop.path(".notes.csv.lock")).unwrap();
        let (code, error) = shop.refuses(&["note", "ann", "x"]);
        assert_eq!((code, error.contains("is no regular file")), (1, true), "{error}");
        assert_eq!(mode(&shop.path("precious")) & 0o044, 0o044);
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_said() {
        let shop = Shop::new();
        shop.write("notes.csv", "customer_id,noted_on,note\nann,2026-03-01,x\n");
        let set =
            |mode| std::fs::set_permissions(shop.0.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        set(0o555);
        // The superuser may write there all the same.
        let is_root = std::fs::write(shop.path("probe"), "").is_ok();
        let output = shop.run(&["note", "bob", "x"]);
        let listed = shop.says(&["note"]);
        set(0o755);
        if !is_root {
            assert_eq!(output.status.code(), Some(1));
            assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write notes.csv"));
            assert_eq!(listed, "customer_id,noted_on,note\nann,2026-03-01,x\n");
        }
    }

    /// A wait of more than a moment is said once, in the language of the run; the file is written when the other is done.
    #[test]
    fn a_wait_for_whoever_else_writes_the_file_is_said() {
        let shop = Shop::new();
        shop.says(&["note", "ann", "x"]);
        let lock = std::fs::File::open(shop.path(".notes.csv.lock")).unwrap();
        lock.lock().unwrap();
        let start = |lang: &str, note: &str| {
            let mut command = shop.command(&["note", "bob", note]);
            command.env("LANG", lang).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let children = [start("en_US.UTF-8", "y"), start("zh_CN.UTF-8", "z")];
        std::thread::sleep(std::time::Duration::from_secs(4));
        drop(lock);
        for (child, words) in children.into_iter().zip(["another process that is writing", "写入同一文件"])
        {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success() && said.matches(words).count() == 1, "{said}");
            assert!(said.contains(".notes.csv.lock"), "{said}");
        }
        assert_eq!(shop.text("notes.csv").lines().count(), 4);
        // Nobody is waited for now, and nothing is said.
        let done = shop.run(&["note", "bob", "w"]);
        assert!(!String::from_utf8(done.stderr).unwrap().contains("another process"));
    }

    /// Killed while the new file is written beside the old one, and while it waits for its turn.
    #[test]
    fn whoever_is_killed_leaves_the_old_file_or_the_new_one() {
        let long = "a long note of many words ".repeat(4);
        let note = |i| format!("customer-{i},2026-03-01,{}\n", long.trim_end());
        let tag = |i| format!("vip,customer-{i},manual,2026-03-01,{}\n", long.trim_end());
        for (name, header, row, args, new) in [
            (
                "notes.csv",
                "customer_id,noted_on,note\n",
                &note as &dyn Fn(usize) -> String,
                &["note", "zoe", "new", "--on", "2026-03-02", "-q"][..],
                "zoe,2026-03-02,new\n",
            ),
            (
                "tags.csv",
                "tag,customer_id,origin,since,note\n",
                &tag,
                &["tag", "add", "vip", "--customer", "zoe", "--as-of", "2026-03-02", "-q"],
                "vip,zoe,manual,2026-03-02,\n",
            ),
        ] {
            let old = format!("{header}{}", (0..5_000).map(row).collect::<String>());
            is_killed_at_any_moment(name, &old, args, &format!("{old}{new}"));
        }
    }

    fn is_killed_at_any_moment(name: &str, old: &str, args: &[&str], new: &str) {
        let shop = Shop::new();
        let start = || {
            let mut command = shop.command(args);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        let is_writing = || {
            let entries = std::fs::read_dir(shop.0.path()).unwrap();
            entries.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with(".partial"))
        };
        let mut old_count = 0;
        for pause in 0..12_u64 {
            shop.write(name, old);
            let mut child = start();
            while !is_writing() && child.try_wait().unwrap().is_none() {}
            std::thread::sleep(std::time::Duration::from_millis(pause));
            let _ = child.kill();
            child.wait().unwrap();
            let found = shop.text(name);
            assert!(found == old || found == new, "torn after {pause} ms: {} bytes", found.len());
            old_count += usize::from(found == old);
            let left = std::fs::read_dir(shop.0.path()).unwrap().flatten();
            left.filter(|entry| entry.file_name().to_string_lossy().ends_with(".partial"))
                .for_each(|entry| std::fs::remove_file(entry.path()).unwrap());
        }
        assert!(old_count > 0, "no run was killed before it was done");
        shop.write(name, old);
        let lock = std::fs::File::open(shop.path(&format!(".{name}.lock"))).unwrap();
        lock.lock().unwrap();
        let mut waiting = start();
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert!(waiting.try_wait().unwrap().is_none());
        waiting.kill().unwrap();
        waiting.wait().unwrap();
        assert_eq!(shop.text(name), old);
        let mut waiting = start();
        drop(lock);
        assert!(waiting.wait().unwrap().success());
        assert_eq!(shop.text(name), new);
    }
}

/// `printf 'customer_id,noted_on,note\nann,2026-03-01,x\n' | sha256sum`
const SHA256: &str = "0868c5e0fc821cbc9e3c2a1b8db41fadfad37b6290e02078e9a12a80acd7bf71";
