//! Other engines: the SQL of questions as text, and (where DuckDB or Spark is there) its answers against ours.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use ecrm::engine::{Dialect, Engine, OnEngine, ShopOn, answer, known, trial};
use ecrm::locale::Lang;
use ecrm::masks::Masks;
use ecrm::metrics::ScopeRequest;
use ecrm::metrics::cohort::By;
use ecrm::metrics::group_map::GroupMap;
use ecrm::metrics::overview::OverviewParams;
use ecrm::metrics::region::Level;
use ecrm::metrics::repurchase::ChurnRule;
use ecrm::metrics::rfm::{Grouping, RfmParams, Scoring};
use ecrm::metrics::segment::SegmentParams;
use ecrm::metrics::value::ValueParams;
use ecrm::present::{Format, Report, Style, accounting_json};
use ecrm::questions::{Cohort, Interest, Overview, Region, Repurchase, Rfm, Segment, Shown, Value};
use ecrm::schema::{Day, Micros};
use ecrm::{Error, Result};
use polars::prelude::*;

use super::common::{failure, stdout};

/// Statements are printed with their scope, and nothing is read.
#[test]
fn statements_are_printed() {
    let text = stdout(&["sql", "segment", "--as-of", "2026-06-30", "--window", "30", "--loyal-orders", "3"]);
    assert!(
        text.starts_with("-- For the tables of one export.") && text.contains("\n\n-- left_out\n"),
        "{text}"
    );
    assert!(text.contains("\n-- segment\n") && text.contains("orders_ever >= 3"), "{text}");
    assert!(text.contains("WHEN ordered_on < 20605 THEN 'outside_window'"), "{text}");
    let rfm = ["rfm", "--summary", "--bins", "3", "--as-of", "2026-06-30"];
    let text = stdout(&[&["sql"], &rfm[..]].concat());
    assert!(text.contains("-- rfm_histograms") && text.contains("recency_days > :r_cut_1 THEN"), "{text}");
    let text = stdout(&[&["sql", "--dialect", "duckdb"], &rfm[..]].concat());
    assert!(text.contains("net_amount > $m_cut_2 THEN"), "{text}");
    for (by, spark) in [("month", "YEAR(DATE_FROM_UNIX_DATE("), ("week", "(ordered_on + 3) DIV 7")] {
        let text = stdout(&["sql", "cohort", "--by", by, "--as-of", "2026-06-30"]);
        assert!(text.contains(spark), "{text}");
    }
    let text = stdout(&["sql", "value", "--deep-discount", "40%", "--as-of", "2026-06-30"]);
    assert!(text.contains("-- value_levels") && text.contains("* 4000"), "{text}");
    assert!(text.contains("contribution = :core_amount AND place <= :core_place THEN 0"), "{text}");
    let text = stdout(&["sql", "value", "--list", "--as-of", "2026-06-30"]);
    assert!(text.contains("-- value_list") && !text.contains("-- value_levels"), "{text}");
    // The last 7 days begin on day 20628.
    let text = stdout(&["sql", "interest", "--days", "7", "--as-of", "2026-06-30"]);
    assert!(text.contains("SELECT 7 AS period_days, 20628 AS first_on"), "{text}");
    assert!(text.contains(":event_is_conversion AS is_conversion"), "{text}");
}

#[test]
fn what_is_not_there_is_refused_by_name() {
    for (args, named) in [
        (&["segment"][..], "need a day"),
        (&["rfm", "--summary", "--method", "ntile", "--as-of", "2026-06-30"], "ntile"),
        (&["cohort", "--by", "first_product", "--as-of", "2026-06-30"], "--by"),
        (&["repurchase", "--due", "--as-of", "2026-06-30"], "--due"),
        (&["region", "--by", "month", "--as-of", "2026-06-30"], "--by"),
        (&["repurchase", "--ladder", "--as-of", "2026-06-30"], "--ladder"),
        (&["interest", "--by", "day", "--as-of", "2026-06-30"], "--by"),
        (&["interest", "--exclude-source", "tool", "--as-of", "2026-06-30"], "--exclude-source"),
        (&["value", "--where", "order_count > 1", "--as-of", "2026-06-30"], "--where"),
        (&["segment", "--as-of", "2026-06-30", "--where", "order_count > 1"], "--where"),
        (&["segment", "--as-of", "2026-06-30", "--exclude-occasional"], "--exclude-occasional"),
        (&["segment", "--as-of", "2026-06-30", "orders.csv"], "orders.csv"),
        (&["segment", "--as-of", "2026-06-30", "--identity", "both"], "both"),
        (&["segment", "--as-of", "2026-06-30", "--orders", "a.csv"], "--orders"),
        (&["segment", "--as-of", "2026-06-30", "--currency", "CNY"], "--currency"),
        (&["segment", "--as-of", "2026-06-30", "--strict"], "--strict"),
        (&["segment", "--as-of", "2026-06-30", "--tz", "UTC"], "--tz"),
        (&["segment", "--as-of", "2026-06-30", "--rejects", "no.csv"], "--rejects"),
        (&["segment", "--as-of", "2026-06-30", "--manifest", "no.json"], "--manifest"),
        (&["segment", "--as-of", "2026-06-30", "-o", "no.csv"], "-o"),
        (&["segment", "--as-of", "2026-06-30", "--table", "segments"], "--table"),
        (&["audience", "--campaign", "june", "--channel", "sms", "--lang", "zh"], "不能在其他引擎上提问"),
        (
            &["cohort", "--by", "first_product", "--as-of", "2026-06-30", "--lang", "zh"],
            "没有按首单特征的 --by",
        ),
        (&["audience", "--campaign", "june", "--channel", "sms"], "audience"),
    ] {
        let (code, error) = failure(&[&["sql"], args].concat());
        assert!(code == 2 && error.contains(named), "{args:?}: {error}");
    }
}

/// What a cluster cannot do, and what is wrong with its address, is said before anything is connected.
#[test]
fn what_no_cluster_can_do_is_refused() {
    let at = |more: &[&'static str]| [&["segment", "tables", "--engine", "sc://localhost:1"], more].concat();
    for (args, named) in [
        (vec!["segment", "tables", "--engine", "http://localhost"], "Spark Connect"),
        (vec!["segment", "tables", "--engine", "sc://localhost/;token=S3CRET"], "ECRM_ENGINE_TOKEN"),
        (vec!["segment", "--engine", "sc://localhost:1"], "one folder of an export, and 0"),
        (vec!["segment", "may", "june", "--engine", "sc://localhost:1"], "and 2 are named"),
        (vec!["repurchase", "tables", "--due", "--engine", "sc://localhost:1"], "--due"),
        (vec!["rfm", "tables", "--engine", "sc://localhost:1", "--save-cuts", "no.toml"], "--save-cuts"),
        (vec!["rfm", "tables", "--engine", "sc://localhost:1", "--summary", "--output-to", "list"], "--list"),
        (at(&["--where", "order_count > 1"]), "--where"),
        (at(&["--strict"]), "--strict"),
        (at(&["--tz", "Asia/Shanghai"]), "--tz"),
        (at(&["--identity", "both"]), "both"),
        (at(&["--output-to", "list"]), "--list"),
        (at(&["--list", "--output-to", "list", "-o", "no.csv"]), "-o"),
        (at(&["--where", "order_count > 1", "--lang", "zh"]), "在其他引擎上"),
    ] {
        let (code, error) = failure(&args);
        assert!(code == 2 && error.contains(named) && !error.contains("S3CRET"), "{args:?}: {error}");
    }
}

/// A build without Spark's client knows the flags, and says how to get one that has it.
#[cfg(not(feature = "spark"))]
#[test]
fn a_build_without_spark_says_so() {
    for args in [
        &["segment", "tables", "--engine", "sc://localhost:1"][..],
        &["segment", "tables", "--list", "--engine", "sc://localhost:1", "--output-to", "list"],
        &["engine", "check", "sc://localhost:1"],
    ] {
        let (code, error) = failure(args);
        assert!(code == 2 && error.contains("--features spark"), "{args:?}: {error}");
    }
}

/// Where nothing listens, that is said, and nothing is waited for.
#[cfg(feature = "spark")]
#[test]
fn where_nothing_listens_nothing_is_waited_for() {
    let (code, error) = failure(&["segment", "tables", "--engine", "sc://localhost:1"]);
    assert!(code == 1 && error.contains("nothing answers at sc://localhost:1"), "{error}");
    let (code, error) = failure(&["engine", "check", "sc://localhost:1", "--lang", "zh"]);
    assert!(code == 1 && error.contains("没有回应"), "{error}");
}

/// An engine that has some exports and answers nothing else.
struct Exports(Vec<String>);

impl Engine for Exports {
    fn dialect(&self) -> Dialect {
        Dialect::Duckdb
    }

    fn rows(&self, sql: &str) -> Result<DataFrame> {
        assert!(sql.contains("FROM about"), "{sql}");
        Ok(df!("json" => &self.0).unwrap())
    }
}

/// What becomes of an order in two of them only reading them together says.
#[test]
fn several_exports_are_refused() {
    let temp = tempfile::tempdir().unwrap();
    export(&["fixtures/by_hand/orders.csv"], &temp.path().join("one"), &[]);
    let about = std::fs::read_to_string(temp.path().join("one/schema.json")).unwrap();
    for (exports, named) in [(vec![], "no export"), (vec![about.clone(), about], "2 exports")] {
        let Err(error) = ShopOn::open(&Exports(exports), &ScopeRequest::default()) else { panic!("{named}") };
        assert!(error.said(Lang::En).0.contains(named), "{error}");
    }
}

/// DuckDB in another process, which runs statements over exports.
pub(super) struct Process {
    pipe: Mutex<(Child, ChildStdin, BufReader<ChildStdout>)>,
    folder: PathBuf,
    count: AtomicU32,
}

impl Process {
    /// `ECRM_DUCKDB_PYTHON` is a Python that has it.
    pub(super) fn start(exports: &[&Path], folder: &Path) -> Self {
        let python = std::env::var_os("ECRM_DUCKDB_PYTHON").expect("ECRM_DUCKDB_PYTHON");
        let mut command = Command::new(python);
        command.arg("tests/engine/duckdb_rows.py").args(exports).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (asks, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { pipe: Mutex::new((child, asks, answers)), folder: folder.to_owned(), count: AtomicU32::new(0) }
    }
}

impl Process {
    /// Has it run a statement, whose rows are then in the file, or are the table that is named.
    fn run(&self, sql: &str, table: Option<&str>) -> Result<PathBuf> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let rows = self.folder.join(format!("rows-{number}.parquet"));
        let asked = serde_json::json!({ "sql": sql, "rows": rows, "table": table });
        let mut pipe = self.pipe.lock().unwrap();
        writeln!(pipe.1, "{asked}").unwrap();
        let mut answer = String::new();
        pipe.2.read_line(&mut answer).unwrap();
        match answer.trim() {
            "ok" => Ok(rows),
            _ => Err(Error::Internal(format!("{answer}\n{sql}"))),
        }
    }
}

impl Engine for Process {
    fn dialect(&self) -> Dialect {
        Dialect::Duckdb
    }

    fn rows(&self, sql: &str) -> Result<DataFrame> {
        let rows = self.run(sql, None)?;
        Ok(ParquetReader::new(std::fs::File::open(rows).unwrap()).finish()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let (child, ..) = self.pipe.get_mut().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// Asks the engine a question, and the program the same of the files: every table and the accounting must be the same
/// bytes.
pub(super) fn assert_same<Q: OnEngine>(
    engine: &Process,
    question: &Q,
    scope: &ScopeRequest,
    files: &[&str],
    flags: &[&str],
) {
    let shop = ShopOn::open(engine, scope).unwrap();
    let command = [&[Q::ABOUT.name], files, flags, &["-q"]].concat();
    let found = match answer(question, &shop) {
        Ok(found) => found,
        // What the one cannot answer the other cannot either.
        Err(error @ Error::Data { .. }) => {
            let (code, said) = failure(&command);
            assert_eq!(code, 1, "{files:?} {flags:?}: {error}; {said}");
            return;
        }
        Err(error) => panic!("{files:?} {flags:?}: {error}"),
    };
    let ours = |more: &[&str]| stdout(&[&command[..], more].concat());
    let names: Vec<&str> = found.tables.iter().map(|table| table.name).collect();
    let accounting = accounting_json(&found.accounting);
    let report = Report { name: Q::ABOUT.name, tables: found.tables, ..Report::default() };
    for name in names {
        let style = Style {
            locale: Lang::En.locale(),
            width: None,
            has_color: false,
            is_ascii: false,
            limit: None,
            shows_pii: false,
            masks: Masks::default(),
            table: Some(name.to_owned()),
            has_keys: false,
            cut: Default::default(),
            has_bom: false,
        };
        let mut theirs = Vec::new();
        Format::Csv.writer().write(&report, &style, &mut theirs).unwrap();
        let table = ours(&["--format", "csv", "--table", name]);
        assert_eq!(String::from_utf8(theirs).unwrap(), table, "{files:?} {flags:?} {name}");
    }
    let json: serde_json::Value = serde_json::from_str(&ours(&["--format", "json"])).unwrap();
    assert_eq!(accounting, json["accounting"], "{files:?} {flags:?}");
    let day = found.as_of.map(|day| day.to_string());
    assert_eq!(serde_json::json!(day), json["parameters"]["as_of"], "{files:?} {flags:?}");
    for (name, value) in &found.parameters {
        assert_eq!(*value, json["parameters"][name], "{files:?} {flags:?} {name}");
    }
}

fn segment() -> Segment {
    Segment { params: SegmentParams::default(), lists: false }
}

fn rfm(groups: &'static str, grouping: Grouping) -> Rfm {
    let params = RfmParams { scoring: Scoring::Quantile, bins: 5, grouping };
    Rfm { params, sums_up: true, method: "quantile", groups }
}

fn cohort(by: By) -> Cohort {
    Cohort { by, show: None, value: ValueParams::default(), sales: Vec::new() }
}

fn repurchase() -> Repurchase {
    Repurchase {
        show: Shown::Curve(None),
        churn: ChurnRule::Chance { chance: 0.1, days: 90 },
        segments: SegmentParams::default(),
        value: ValueParams::default(),
    }
}

pub(super) fn value(lists: bool) -> Value {
    Value { params: ValueParams::default(), lists }
}

pub(super) fn interest(periods: &[u32]) -> Interest {
    Interest {
        periods: periods.to_vec(),
        by: None,
        lists: false,
        discount_days: 7,
        conversion_days: 7,
        excluded_sources: Vec::new(),
    }
}

/// Every question over the same files: in each scope, or in that without a flag and one further in `turn`.
fn assert_all(engine: &Process, files: &[&str], turn: Option<usize>) {
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
    let further = turn.map(|turn| 1 + turn % (scopes.len() - 1));
    let asked = (0..).zip(&scopes).filter(|(i, _)| *i == 0 || further.is_none_or(|further| *i == further));
    for (_, (scope, flags)) in asked {
        let with = |more: &[&'static str]| [flags, more].concat();
        assert_same(engine, &segment(), scope, files, flags);
        assert_same(engine, &Segment { lists: true, ..segment() }, scope, files, &with(&["--list"]));
        let standard = rfm("standard", Grouping::Map(GroupMap::standard(5)));
        assert_same(engine, &standard, scope, files, &with(&["--summary"]));
        assert_same(engine, &Rfm { sums_up: false, ..standard }, scope, files, flags);
        let eight = rfm("eight", Grouping::Eight(None));
        assert_same(engine, &eight, scope, files, &with(&["--summary", "--groups", "eight"]));
        for (by, name) in [(By::Month, "month"), (By::Week, "week"), (By::Quarter, "quarter")] {
            assert_same(engine, &cohort(by), scope, files, &with(&["--by", name]));
        }
        assert_same(engine, &repurchase(), scope, files, flags);
        assert_same(engine, &value(false), scope, files, flags);
        assert_same(engine, &value(true), scope, files, &with(&["--list"]));
    }
    let fixed = SegmentParams {
        high_value: Some(Micros::units(100)),
        just_bought_days: 3,
        ..SegmentParams::default()
    };
    let fixed = Segment { params: fixed, lists: false };
    let flags = ["--high-value", "100", "--just-bought-days", "3"];
    assert_same(engine, &fixed, &ScopeRequest::default(), files, &flags);
}

/// Files of every kind of row: a shop by hand, a generated one, credit notes, refunds, orders at no price, masked
/// buyers, lines, ties, one customer, orders of nobody that counts.
pub(super) const SHOPS: [&str; 13] = [
    "fixtures/by_hand/orders.csv",
    "fixtures/shop/orders.csv",
    "fixtures/shop/taobao_orders_gbk.csv",
    "fixtures/shop/shopify_orders.csv",
    "fixtures/invoice_lines/invoices.csv",
    "fixtures/order_rows/refunds_as_records.csv",
    "fixtures/pdd/orders_all_fields_utf8_bom.csv",
    "fixtures/quirks/masked_customers.csv",
    "fixtures/edges/zero_price.csv",
    "fixtures/edges/all_refunded.csv",
    "fixtures/edges/ties.csv",
    "fixtures/edges/window.csv",
    "fixtures/edges/one_order.csv",
];

pub(super) fn export(files: &[&str], folder: &Path, more: &[&str]) {
    stdout(&[&["export"], files, &["-o", folder.to_str().unwrap(), "-q"], more].concat());
}

fn assert_shops(shops: &[&str]) {
    for (turn, file) in shops.iter().enumerate() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("export");
        export(&[file], &folder, &[]);
        let engine = Process::start(&[&folder], temp.path());
        assert_all(&engine, &[file], Some(turn));
        assert_page(&engine, &[file]);
        assert_places(&engine, &[file]);
    }
}

/// Places at every level, and at that which is shown where none is named.
fn assert_places(engine: &Process, files: &[&str]) {
    let of = |level| Region { level, by: None };
    // 2026-03-15.
    let window = ScopeRequest { as_of: Some(Day::new(20_527)), window: Some(60), ..ScopeRequest::default() };
    let levels = [(Level::Country, "country"), (Level::Province, "province"), (Level::City, "city")];
    for (level, name) in levels {
        assert_same(engine, &of(Some(level)), &ScopeRequest::default(), files, &["--level", name]);
    }
    assert_same(engine, &of(None), &window, files, &["--as-of", "2026-03-15", "--window", "60"]);
}

/// The first page, whose window is its own, in several scopes.
fn assert_page(engine: &Process, files: &[&str]) {
    let page = |window| Overview { params: OverviewParams { window, ..OverviewParams::default() } };
    let window = ScopeRequest { window: Some(7), ..ScopeRequest::default() };
    // 2026-03-15.
    let before = ScopeRequest { as_of: Some(Day::new(20_527)), ..ScopeRequest::default() };
    assert_same(engine, &page(30), &ScopeRequest::default(), files, &[]);
    assert_same(engine, &page(7), &window, files, &["--window", "7"]);
    assert_same(engine, &page(30), &before, files, &["--as-of", "2026-03-15"]);
}

/// Questions about orders, and the page of all tables.
fn assert_tables() {
    for folder in ["fixtures/by_hand", "fixtures/shop"] {
        let temp = tempfile::tempdir().unwrap();
        let path = |name: &str| format!("{folder}/{name}.csv");
        let (orders, events, customers) = (path("orders"), path("events"), path("customers"));
        export(&[&orders, &events, &customers], &temp.path().join("export"), &[]);
        let engine = Process::start(&[&temp.path().join("export")], temp.path());
        // What beside the orders is exported is no matter to these questions.
        assert_all(&engine, &[&orders], None);
        assert_page(&engine, &[&orders, &events, &customers]);
        assert_interests(&engine, &[&orders, &events]);
    }
}

/// Customers with an interest, in several periods and on several days.
pub(super) fn assert_interests(engine: &Process, files: &[&str]) {
    let usual = interest(&[1, 7, 30]);
    // 2026-03-15.
    let before = ScopeRequest { as_of: Some(Day::new(20_527)), ..ScopeRequest::default() };
    let gifts = ScopeRequest { include_zero_orders: true, ..ScopeRequest::default() };
    assert_same(engine, &usual, &ScopeRequest::default(), files, &[]);
    assert_same(engine, &usual, &gifts, files, &["--include-zero-orders"]);
    assert_same(engine, &usual, &before, files, &["--as-of", "2026-03-15"]);
    let further = Interest { conversion_days: 14, ..interest(&[14, 365]) };
    let flags = ["--days", "14,365", "--conversion-days", "14"];
    assert_same(engine, &further, &ScopeRequest::default(), files, &flags);
    let list = |days| Interest { lists: true, ..interest(&[days]) };
    assert_same(engine, &list(30), &ScopeRequest::default(), files, &["--list"]);
    assert_same(engine, &list(7), &before, files, &["--list", "--days", "7", "--as-of", "2026-03-15"]);
}

#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_gives_our_answers() {
    assert_tables();
}

#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_gives_our_answers_of_every_kind_of_row() {
    assert_shops(&SHOPS);
}

/// Provinces in several spellings, one in two countries, one without its country, an apostrophe, a place that only a
/// customer list knows the country of, and orders that name none.
#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_finds_the_same_places() {
    let temp = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = temp.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let orders = write(
        "orders.csv",
        "order_id,customer_id,order_date,amount,country,province,city\n\
         1,ann,2026-03-01,10,US,California,Los Angeles\n2,ann,2026-03-02,20,US,CALIFORNIA,Fresno\n\
         3,bob,2026-03-03,30,,california,\n4,cat,2026-03-04,-5,US,Georgia,Atlanta\n\
         5,dan,2026-03-05,7,GE,Georgia,Tbilisi\n6,dan,2026-03-06,8,,Georgia,\n\
         7,eve,2026-03-07,9,FR,Val-d'Oise,L'Isle\\Adam\n8,,2026-03-08,4,FR,,\n9,eve,2026-03-09,6,,,\n\
         10,fay,2026-03-10,3,,Quebec,\n11,ann,2026-03-11,-20,US,California,Fresno\n",
    );
    let customers =
        write("customers.csv", "customer_id,registered_at,country,province\nfay,2026-01-01,CA,Quebec\n");
    let folder = temp.path().join("export");
    for files in [&[orders.as_str()][..], &[orders.as_str(), customers.as_str()]] {
        export(files, &folder, &[]);
        assert_places(&Process::start(&[&folder], temp.path()), files);
    }
}

/// DuckDB reckons as statements rely on, and answers over the tiny shop that every engine is asked about.
#[test]
#[ignore = "needs DuckDB: tests/engine/check.sh"]
fn duckdb_knows_what_is_known() {
    let temp = tempfile::tempdir().unwrap();
    let engine = Process::start(&[], temp.path());
    known::judge(&known::check(&engine).unwrap()).unwrap();
    let tried = trial::check(&engine, &|table, sql| engine.run(sql, Some(table)).map(drop)).unwrap();
    assert_eq!(tried.len(), 10, "{tried:?}");
    trial::judge(&tried).unwrap();
}
