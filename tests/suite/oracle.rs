//! The metrics against a naive oracle over a list of orders, and what must not change their results.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use ecrm::metrics::ScopeRequest;
use ecrm::metrics::customer_facts::{CustomerFacts, customer_facts, customer_facts_by_row};
use ecrm::metrics::group_map::GroupMap;
use ecrm::metrics::rfm::{Grouping, RfmParams, Scoring, rfm};
use ecrm::metrics::segment::{SEGMENTS, SegmentParams, segment};
use ecrm::parse::ReadOptions;
use ecrm::parse::source::Input;
use ecrm::reading::read_orders;
use ecrm::schema::Orders;
use polars::prelude::DataFrame;
use proptest::prelude::*;

use super::analyses::of_tens;
use super::common::{all_time, ingest};

const STATUSES: [&str; 7] =
    ["pending", "closed_unpaid", "cancelled", "refunded", "paid", "shipped", "completed"];

#[derive(Debug, Clone)]
struct Order {
    customer: Option<u8>,
    status: usize,
    /// Days since 2025-01-01.
    day: i64,
    /// Cents of each item; together they may be nothing, or less than nothing (a credit note).
    items: Vec<i64>,
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let customer = prop::option::weighted(0.9, 0..14_u8);
    let status = prop_oneof![1 => 0..4_usize, 4 => 4..7_usize];
    let item = prop_oneof![6 => 1..50_i64, 1 => Just(0_i64), 1 => -40..0_i64].prop_map(of_tens);
    let order = (customer, status, 0..500_i64, prop::collection::vec(item, 1..4))
        .prop_map(|(customer, status, day, items)| Order { customer, status, day, items });
    prop::collection::vec(order, 0..60)
}

/// The rows of an export with one row per item, and its header.
fn lines(orders: &[Order]) -> (String, Vec<String>) {
    let first = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
    let mut lines = Vec::new();
    for (id, order) in orders.iter().enumerate() {
        let day = first + chrono::TimeDelta::days(order.day);
        let customer = order.customer.map_or_else(String::new, |c| format!("c{c:02}"));
        for cents in &order.items {
            let amount = format!(
                "{}{}.{:02}",
                if *cents < 0 { "-" } else { "" },
                cents.abs() / 100,
                cents.abs() % 100
            );
            lines.push(format!("{id},{customer},{},{day},tea,{amount}", STATUSES[order.status]));
        }
    }
    ("order_id,customer_id,status,order_date,product,amount".to_owned(), lines)
}

fn write(folder: &Path, name: &str, header: &str, lines: &[String]) -> PathBuf {
    let mut text = format!("{header}\n");
    for line in lines {
        writeln!(text, "{line}").unwrap();
    }
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[derive(Debug, Clone, PartialEq)]
struct Buyer {
    id: String,
    recency: i64,
    orders: i64,
    cents: i64,
    scores: [i64; 3],
}

/// What the definitions say, computed the slow way.
fn oracle(orders: &[Order]) -> Vec<Buyer> {
    let Some(as_of) = orders.iter().map(|order| order.day).max() else { return Vec::new() };
    let mut by_customer: BTreeMap<u8, Vec<&Order>> = BTreeMap::new();
    // What was given back is, also where it is a record of its own that is marked so.
    let is_refund = |order: &Order| order.status == 3 && order.items.iter().all(|cents| *cents < 0);
    for order in orders.iter().filter(|order| order.status >= 4 || is_refund(order)) {
        if let Some(customer) = order.customer {
            by_customer.entry(customer).or_default().push(order);
        }
    }
    let net = |order: &&Order| order.items.iter().sum::<i64>();
    let mut buyers: Vec<Buyer> = by_customer
        .iter()
        .filter(|(_, orders)| orders.iter().any(|order| net(order) > 0))
        .map(|(customer, orders)| {
            let valid: Vec<_> = orders.iter().filter(|order| net(order) > 0).collect();
            Buyer {
                id: format!("c{customer:02}"),
                recency: as_of - valid.iter().map(|order| order.day).max().unwrap(),
                orders: valid.len() as i64,
                cents: orders.iter().map(net).sum(),
                scores: [0; 3],
            }
        })
        .collect();
    for (i, value) in [(0, (|b| b.recency) as fn(&Buyer) -> i64), (1, |b| b.orders), (2, |b| b.cents)] {
        let mut sorted: Vec<i64> = buyers.iter().map(value).collect();
        sorted.sort_unstable();
        for buyer in &mut buyers {
            let below = (1..5).filter(|k| is_above_quantile(value(buyer), &sorted, *k)).count() as i64;
            buyer.scores[i] = if i == 0 { 5 - below } else { 1 + below };
        }
    }
    buyers.sort_by(|a, b| b.cents.cmp(&a.cents).then(a.id.cmp(&b.id)));
    buyers
}

/// Whether a value is above the k/5 quantile of type 7, in fifths and so without rounding.
fn is_above_quantile(value: i64, sorted: &[i64], k: usize) -> bool {
    let position = (sorted.len() - 1) * k;
    let (low, weight) = (position / 5, (position % 5) as i64);
    let high = sorted[(low + 1).min(sorted.len() - 1)];
    5 * value > (5 - weight) * sorted[low] + weight * high
}

fn facts(files: &[&Path]) -> (CustomerFacts, Orders) {
    let inputs: Vec<Input> = files.iter().map(|path| Input::file(*path)).collect();
    let rows = read_orders(&inputs, &ReadOptions::default()).unwrap();
    let by_row =
        customer_facts_by_row(&rows.orders, &ScopeRequest::default(), &rows.accounting).unwrap().unwrap();
    let ingested = rows.in_order().unwrap();
    let facts = customer_facts(&ingested.orders, &all_time(&ingested.orders), ingested.accounting).unwrap();
    assert!(facts.accounting.is_balanced(), "{:?}", facts.accounting);
    // Rows that were never put into order give the same facts.
    assert_eq!(by_row.accounting, facts.accounting);
    let listed = |facts: &CustomerFacts| facts.listed(&ingested.orders.customers).unwrap().frame().unwrap();
    assert!(listed(&by_row).equals(&listed(&facts)));
    (facts, ingested.orders)
}

fn scored(files: &[&Path]) -> (DataFrame, DataFrame) {
    let (facts, orders) = facts(files);
    let facts = facts.listed(&orders.customers).unwrap();
    let params =
        RfmParams { scoring: Scoring::Quantile, bins: 5, grouping: Grouping::Map(GroupMap::standard(5)) };
    let result = rfm(&facts, &orders.customers, &params).unwrap();
    (result.customers(&facts).unwrap(), result.summary(&facts).unwrap())
}

fn found(frame: &DataFrame) -> Vec<Buyer> {
    use polars::prelude::DataType;
    let ints = |name: &str| -> Vec<i64> {
        let column = frame.column(name).unwrap().cast(&DataType::Int64).unwrap();
        column.i64().unwrap().iter().flatten().collect()
    };
    let ids: Vec<String> =
        frame.column("customer_id").unwrap().str().unwrap().iter().flatten().map(str::to_owned).collect();
    let net = frame.column("net_amount").unwrap().as_materialized_series().clone();
    let net: Vec<i64> =
        net.decimal().unwrap().physical().iter().flatten().map(|micros| (micros / 10_000) as i64).collect();
    let (recency, orders) = (ints("recency_days"), ints("order_count"));
    let (r, f, m) = (ints("r_score"), ints("f_score"), ints("m_score"));
    (0..frame.height())
        .map(|i| Buyer {
            id: ids[i].clone(),
            recency: recency[i],
            orders: orders[i],
            cents: net[i],
            scores: [r[i], f[i], m[i]],
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rfm_is_what_the_oracle_says(orders in orders()) {
        let folder = tempfile::tempdir().unwrap();
        let (header, lines) = lines(&orders);
        let path = write(folder.path(), "orders.csv", &header, &lines);
        let (customers, summary) = scored(&[&path]);
        let expected = oracle(&orders);
        let scored = found(&customers);
        prop_assert_eq!(&scored, &expected);
        // Groups partition the buyers and keep their sums.
        let counts: i64 = summary.column("customer_count").unwrap().i64().unwrap().iter().flatten().sum();
        prop_assert_eq!(counts as usize, expected.len());
        // Scores are monotone in what they score.
        for (a, b) in expected.iter().flat_map(|a| expected.iter().map(move |b| (a, b))) {
            prop_assert!(a.recency > b.recency || a.scores[0] >= b.scores[0]);
            prop_assert!(a.orders < b.orders || a.scores[1] >= b.scores[1]);
            prop_assert!(a.cents < b.cents || a.scores[2] >= b.scores[2]);
        }
    }

    #[test]
    fn shuffled_rows_and_a_file_cut_in_two_change_nothing(orders in orders(), seed: u64, cut in 0.0..1.0_f64) {
        let folder = tempfile::tempdir().unwrap();
        let (header, lines) = lines(&orders);
        let whole = scored(&[&write(folder.path(), "whole.csv", &header, &lines)]);
        let mut shuffled = lines.clone();
        fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
        let shuffled = scored(&[&write(folder.path(), "shuffled.csv", &header, &shuffled)]);
        prop_assert!(whole.0.equals_missing(&shuffled.0) && whole.1.equals_missing(&shuffled.1));
        // Cut between orders: an export ends with a whole order.
        let order = (orders.len() as f64 * cut) as usize;
        let at: usize = orders[..order].iter().map(|order| order.items.len()).sum();
        let one = write(folder.path(), "one.csv", &header, &lines[..at]);
        let two = write(folder.path(), "two.csv", &header, &lines[at..]);
        let halves = scored(&[&one, &two]);
        prop_assert!(whole.0.equals_missing(&halves.0) && whole.1.equals_missing(&halves.1));
    }

    #[test]
    fn segments_partition_the_buyers(orders in orders()) {
        let folder = tempfile::tempdir().unwrap();
        let (header, lines) = lines(&orders);
        let (facts, ids) = facts(&[&write(folder.path(), "orders.csv", &header, &lines)]);
        let facts = facts.listed(&ids.customers).unwrap();
        let segments = segment(&facts, &SegmentParams::default()).unwrap();
        let summary = segments.summary(&facts).unwrap();
        let list = segments.customers(&facts).unwrap();
        let buyers = oracle(&orders);
        let total: i64 = buyers.iter().map(|buyer| buyer.cents).sum();
        let name = |buyer: &Buyer| match (buyer.recency, buyer.orders) {
            (..=7, _) => "just_bought",
            (..=90, 1) => "active_new",
            (..=90, _) => "active_loyal",
            (..=365, 1) => "lapsing_new",
            (..=365, _) => "lapsing_loyal",
            _ => "lost",
        };
        let value = |buyer: &Buyer| if buyer.cents * buyers.len() as i64 >= total { "high" } else { "low" };
        let texts = |column: &str| -> Vec<String> {
            list.column(column).unwrap().str().unwrap().iter().flatten().map(str::to_owned).collect()
        };
        prop_assert_eq!(texts("segment"), buyers.iter().map(name).collect::<Vec<_>>());
        prop_assert_eq!(texts("value"), buyers.iter().map(value).collect::<Vec<_>>());
        let counts: Vec<i64> = summary.column("customer_count").unwrap().i64().unwrap().iter().flatten().collect();
        for (i, segment) in SEGMENTS.iter().enumerate() {
            for (j, level) in ["high", "low"].iter().enumerate() {
                let wanted = buyers.iter().filter(|b| name(b) == *segment && value(b) == *level).count();
                prop_assert_eq!(counts[2 * i + j] as usize, wanted);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_and_every_row_accounted_for(
        head in prop_oneof![
            Just("order_id,customer_id,ordered_at,paid_amount\n"),
            Just("订单编号\t买家会员名\t付款时间\t实付金额\n"),
            Just("Name,Email,Financial Status,Created at,Lineitem name,Total\n"),
            Just(""),
        ],
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..400),
            "[0-9a-z,\"\n\r;\t ./:-]{0,400}".prop_map(String::into_bytes),
        ],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("any.csv");
        std::fs::write(&path, [head.as_bytes(), &body].concat()).unwrap();
        if let Ok(ingested) = ingest(&[&path]) {
            prop_assert!(ingested.accounting.is_balanced());
            let facts = customer_facts(&ingested.orders, &all_time(&ingested.orders), ingested.accounting).unwrap();
            prop_assert!(facts.accounting.is_balanced());
            prop_assert_eq!(ingested.rejects.len() as u64, facts.accounting.quarantined_total());
        }
    }
}

#[test]
fn an_order_cut_in_two_by_the_end_of_a_file_is_one_order() {
    let folder = tempfile::tempdir().unwrap();
    let header = "order_id,customer_id,order_date,product,amount";
    let lines =
        ["1,ann,2026-01-01,tea,10", "2,ann,2026-01-02,tea,20", "2,ann,2026-01-02,cup,5"].map(str::to_owned);
    let one = write(folder.path(), "one.csv", header, &lines[..2]);
    let two = write(folder.path(), "two.csv", header, &lines[2..]);
    let ann = |files: &[&Path]| found(&scored(files).0)[0].clone();
    assert_eq!((ann(&[&one, &two]).orders, ann(&[&one, &two]).cents), (2, 3500));
    // Items at one price are not yet the same rows.
    let equal = ["7,ann,2026-01-02,tea,9.99", "7,ann,2026-01-02,cup,9.99"].map(str::to_owned);
    let tea = write(folder.path(), "tea.csv", header, &equal[..1]);
    let cup = write(folder.path(), "cup.csv", header, &equal[1..]);
    assert_eq!((ann(&[&tea, &cup]).orders, ann(&[&tea, &cup]).cents), (1, 1998));
    // An export that begins with an order the other one has whole is an overlap.
    let again = write(folder.path(), "again.csv", header, &lines[1..]);
    let whole = write(folder.path(), "whole.csv", header, &lines);
    assert_eq!((ann(&[&whole, &again]).orders, ann(&[&whole, &again]).cents), (2, 3500));
}

#[test]
fn more_bins_than_there_can_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    let text =
        "order_id,customer_id,status,paid_at,paid_amount,refund_amount\n1,C0000001,paid,2026-01-02,10.50,0\n";
    std::fs::write(&path, text).unwrap();
    let (facts, orders) = facts(&[&path]);
    for bins in [2, 11, 255] {
        let params =
            RfmParams { scoring: Scoring::Quantile, bins, grouping: Grouping::Map(GroupMap::standard(5)) };
        assert!(rfm(&facts, &orders.customers, &params).is_err(), "{bins}");
    }
}
