//! The library from Rust: read an export, segment its buyers, print a line per segment.
//!
//! ```text
//! cargo run --example segments -- fixtures/shop/orders.csv
//! ```

use ecrm::metrics::ScopeRequest;
use ecrm::metrics::customer_facts::customer_facts;
use ecrm::metrics::segment::{SegmentParams, segment};
use ecrm::parse::ReadOptions;
use ecrm::reading::expand::expand;
use ecrm::reading::read_orders;

fn main() -> ecrm::Result<()> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let ingested = read_orders(&expand(&files, None)?, &ReadOptions::default())?.in_order()?;
    let scope = ScopeRequest::default().settled(&ingested.orders, None)?;
    let facts = customer_facts(&ingested.orders, &scope, ingested.accounting)?;
    let summary = segment(&facts, &SegmentParams::default())?.summary(&facts)?;
    let (segments, values) = (summary.column("segment")?.str()?, summary.column("value")?.str()?);
    let counts = summary.column("customer_count")?.i64()?;
    for ((segment, value), count) in segments.iter().zip(values.iter()).zip(counts.iter()) {
        println!("{:14} {:5} {}", segment.unwrap_or(""), value.unwrap_or(""), count.unwrap_or(0));
    }
    Ok(())
}
