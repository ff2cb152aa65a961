//! Exports in pieces that overlap, imported one after the other: the store says what their files say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::common::stdout;
use super::store::{Trial, assert_alike, import};

const ORDERS: usize = 24;
/// Long ids are kept in another way than short ones; some rows name nobody, or somebody masked.
const CUSTOMERS: [&str; 5] = ["ann", "bob", "a-customer-with-a-long-id@shop.example", "", "c**"];
const STATUSES: [&str; 7] =
    ["pending", "closed_unpaid", "cancelled", "refunded", "paid", "shipped", "completed"];

/// A row of an export.
#[derive(Debug, Clone)]
struct Row {
    order: usize,
    customer: usize,
    status: usize,
    /// Days since 2025-01-01.
    day: i64,
    cents: i64,
    /// Halves of the amount that went back.
    refunded: i64,
    product: usize,
}

/// What the rows of an export are.
#[derive(Debug, Clone, Copy)]
pub enum Grain {
    Orders,
    Items,
    ItemsWithIds,
}

/// An export and what follows its import.
#[derive(Debug, Clone)]
struct Piece {
    grain: Grain,
    rows: Vec<Row>,
    /// Whether it is the last file of an import.
    ends_import: bool,
    is_compacted: bool,
}

impl Grain {
    pub fn header(self) -> &'static str {
        match self {
            Self::Orders => {
                "order_id,customer_id,status,created_at,paid_at,completed_at,gross,discount,paid_amount,\
                 refund_amount,currency,province,city,source"
            }
            Self::Items => "order_id,customer_id,status,order_date,product_id,title,quantity,amount",
            Self::ItemsWithIds => {
                "order_id,customer_id,status,order_date,product_id,title,quantity,amount,line_id"
            }
        }
    }

    /// A row, of its order in its file the one with this number.
    fn line(self, row: &Row, number: u32) -> String {
        let Row { order, cents, product, .. } = *row;
        let id = match order.is_multiple_of(3) {
            true => format!("an-order-with-a-long-number-{order}"),
            false => format!("o{order}"),
        };
        let day = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + chrono::TimeDelta::days(row.day);
        let start = format!("{id},{},{},{day}", CUSTOMERS[row.customer], STATUSES[row.status]);
        match self {
            // A pending order has no payment yet.
            Self::Orders if row.status == 0 => format!("{start} 08:00:00,,,9.00,,,,CNY,,,"),
            Self::Orders => {
                let (paid, refund) = (money(cents), money(cents / 2 * row.refunded));
                let (province, source) = (["浙江", "广东", ""][product], ["search", "", "live"][product]);
                format!("{start} 08:00:00,{day},,9.00,1.00,{paid},{refund},CNY,{province},,{source}")
            }
            // Some items are at no price, or credit notes.
            Self::Items => format!("{start},P{product},Tea {product},2,{}", money(cents - 60)),
            Self::ItemsWithIds => format!("{},{id}-{number}", Self::Items.line(row, number)),
        }
    }
}

fn money(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

impl Piece {
    /// As a file; an order of its own tells it from all others.
    fn text(&self, file: usize) -> String {
        let own = Row { order: ORDERS + file, ..self.rows[0].clone() };
        let mut numbers: BTreeMap<usize, u32> = BTreeMap::new();
        let mut text = format!("{}\n", self.grain.header());
        for row in self.rows.iter().chain([&own]) {
            let number = numbers.entry(row.order).or_default();
            *number += 1;
            writeln!(text, "{}", self.grain.line(row, *number)).unwrap();
        }
        text
    }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let amount = (0..40_i64).prop_map(|tens| tens * 10);
    let row = (0..ORDERS, 0..CUSTOMERS.len(), 0..STATUSES.len(), 0..400_i64, amount, 0..3_i64, 0..3_usize);
    let row = row.prop_map(|(order, customer, status, day, cents, refunded, product)| Row {
        order,
        customer,
        status,
        day,
        cents,
        refunded,
        product,
    });
    prop::collection::vec(row, 1..16)
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let grain =
        prop_oneof![2 => Just(Grain::Orders), 1 => Just(Grain::Items), 1 => Just(Grain::ItemsWithIds)];
    // Mostly an order is in one row of a file.
    let piece = (grain.clone(), rows(), prop::bool::weighted(0.8), any::<bool>(), prop::bool::weighted(0.3));
    // Most shops have one kind of export only.
    (prop::option::weighted(0.7, grain), prop::collection::vec(piece, 2..5)).prop_map(|(common, pieces)| {
        let piece =
            |(own, mut rows, is_whole, ends_import, is_compacted): (_, Vec<Row>, bool, bool, bool)| {
                let grain = common.unwrap_or(own);
                let mut seen = BTreeSet::new();
                rows.retain(|row| !(is_whole && matches!(grain, Grain::Orders)) || seen.insert(row.order));
                Piece { grain, rows, ends_import, is_compacted }
            };
        pieces.into_iter().map(piece).collect::<Vec<_>>()
    })
}

fn assert_pieces_are_alike(pieces: &[Piece], has_rest: bool) {
    let trial = Trial::new();
    let write = |(file, piece): (usize, &Piece)| trial.write(&format!("{file}.csv"), &piece.text(file));
    let files: Vec<String> = pieces.iter().enumerate().map(write).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let store = trial.store();
    // The last file may be named beside the store instead.
    let count = if has_rest { files.len() - 1 } else { files.len() };
    let mut first = 0;
    for (file, piece) in pieces.iter().enumerate().take(count) {
        if piece.ends_import || file + 1 == count {
            import(&files[first..=file], &store);
            first = file + 1;
            if piece.is_compacted {
                stdout(&["store", "compact", &store]);
            }
        }
    }
    let kept = [&[store.as_str()][..], &files[count..]].concat();
    for (command, format) in [("rfm", "csv"), ("overview", "json"), ("products", "json")] {
        assert_alike(&[command], format, &files, &kept);
    }
}

/// Each file alone into a store, then some with other rows in the place of the first.
fn assert_again_is_alike(mut pieces: Vec<Piece>, changed: Vec<(usize, Vec<Row>)>) {
    let trial = Trial::new();
    let write = |file: usize, piece: &Piece| trial.write(&format!("{file}.csv"), &piece.text(file));
    let (store, mut files) = (trial.store(), Vec::new());
    for (file, piece) in pieces.iter().enumerate() {
        files.push(write(file, piece));
        import(&[&files[file]], &store);
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let (last, questions) = (changed.len() - 1, [("rfm", "csv"), ("overview", "json"), ("products", "json")]);
    for (step, (file, mut rows)) in changed.into_iter().enumerate() {
        let file = file % files.len();
        let mut seen = BTreeSet::new();
        rows.retain(|row| !matches!(pieces[file].grain, Grain::Orders) || seen.insert(row.order));
        pieces[file].rows = rows;
        write(file, &pieces[file]);
        stdout(&["import", "--again", files[file], "--store", &store]);
        // What is left after all changes answers every question, and what is left after one of them one in turn.
        for (place, (command, format)) in questions.into_iter().enumerate() {
            if step == last || place == step % questions.len() {
                assert_alike(&[command], format, &files, &[&store]);
            }
        }
    }
    stdout(&["store", "verify", &store]);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20260630),
        ..ProptestConfig::default()
    })]

    #[test]
    fn pieces_that_are_read_again_give_what_their_files_give(
        pieces in pieces(),
        changed in prop::collection::vec((0..5_usize, rows()), 1..4),
    ) {
        assert_again_is_alike(pieces, changed);
    }

    #[test]
    fn overlapping_pieces_give_what_their_files_give(pieces in pieces(), has_rest in any::<bool>()) {
        assert_pieces_are_alike(&pieces, has_rest);
    }
}
