//! The parts that a run is made of: `cargo bench`. For whole runs beside other programs see `compare.py`.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ecrm::metrics::ScopeRequest;
use ecrm::metrics::customer_facts::customer_facts_by_row;
use ecrm::metrics::group_map::GroupMap;
use ecrm::metrics::rfm::{Grouping, RfmParams, Scoring, rfm};
use ecrm::metrics::segment::{SegmentParams, segment};
use ecrm::parse::ReadOptions;
use ecrm::parse::source::Input;
use ecrm::reading::{Ingested, read_orders};
use ecrm::schema::RowParts;

const ORDERS: usize = 200_000;

/// Orders of 50,000 customers, as a narrow export.
fn export() -> PathBuf {
    let path = std::env::temp_dir().join(format!("ecrm-bench-{}.csv", std::process::id()));
    let mut text = "order_id,customer_id,status,paid_at,paid_amount,refund_amount\n".to_owned();
    let mut rng = fastrand::Rng::with_seed(7);
    for id in 0..ORDERS {
        let (month, day) = (rng.u32(1..13), rng.u32(1..29));
        let (customer, cents) = (rng.u32(0..50_000), rng.u32(100..90_000));
        text.push_str(&format!(
            "{id},C{customer:07},completed,2025-{month:02}-{day:02} 10:00:00,{}.{:02},0.00\n",
            cents / 100,
            cents % 100
        ));
    }
    std::fs::write(&path, text).expect("a temporary file");
    path
}

fn read(path: &Path) -> Ingested<RowParts> {
    read_orders(&[Input::file(path)], &ReadOptions::default()).expect("the export reads")
}

fn parts(criterion: &mut Criterion) {
    let path = export();
    let mut group = criterion.benchmark_group("parts");
    group.throughput(Throughput::Elements(ORDERS as u64)).sample_size(20);
    group.bench_function("ingest", |bencher| bencher.iter(|| black_box(read(&path))));
    let ingested = read(&path);
    let facts = || {
        let facts = customer_facts_by_row(&ingested.orders, &ScopeRequest::default(), &ingested.accounting);
        facts.expect("readable rows").expect("a scope that judges each order alone")
    };
    group.bench_function("customer_facts", |bencher| bencher.iter(|| black_box(facts())));
    let known = facts();
    let params =
        RfmParams { scoring: Scoring::Quantile, bins: 5, grouping: Grouping::Map(GroupMap::standard(5)) };
    group.bench_function("rfm", |bencher| {
        bencher.iter(|| {
            let listed = known.listed(&ingested.orders.customers).expect("an order");
            let scores = rfm(&listed, &ingested.orders.customers, &params).expect("scores");
            black_box(scores.customers(&listed).expect("a list"))
        });
    });
    group.bench_function("segment", |bencher| {
        bencher.iter(|| {
            let segments = segment(&known, &SegmentParams::default()).expect("segments");
            black_box(segments.summary(&known).expect("a summary"))
        });
    });
    group.finish();
    let _ = std::fs::remove_file(path);
}

criterion_group!(benches, parts);
criterion_main!(benches);
