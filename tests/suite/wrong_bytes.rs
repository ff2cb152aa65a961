//! One wrong byte anywhere in a file: at most its row is lost, which is said, and no other cell is another one.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use ecrm::metrics::customer_facts::customer_facts;
use ecrm::schema::CustomerCode;
use ecrm::schema::reject::Reason;
use encoding_rs::GB18030;
use rayon::prelude::*;

use super::common::{all_time, ingest};

/// Net amount in micro-units, orders and the last day of these, by customer.
type Sums = BTreeMap<String, (i64, u32, i32)>;

/// 2026-05-01 in days since 1970-01-01.
const FIRST_OF_MAY: i32 = 20_574;

const HEADER: &str = "订单编号,买家昵称,付款时间,实付金额,宝贝标题\n";

/// A row of a customer who has no other.
fn row(number: usize) -> String {
    let (name, title) =
        (["小明", "张三丰", "李雷", "韩梅梅"][number % 4], ["茶杯", "毛巾", "雨伞"][number % 3]);
    let day = number % 28 + 1;
    format!("{},{name}{number},2026-05-{day:02} 12:00:00,{}.50,{title}\n", 5_000_000 + number * 7, number + 1)
}

/// The text of so many rows, and what they come to, worked out from their numbers.
fn shop(rows: usize) -> (Vec<String>, Sums) {
    let lines = std::iter::once(HEADER.to_owned()).chain((0..rows).map(row)).collect();
    let name = |number: usize| format!("{}{number}", ["小明", "张三丰", "李雷", "韩梅梅"][number % 4]);
    let day = |number: usize| FIRST_OF_MAY + (number % 28) as i32;
    let sums =
        (0..rows).map(|number| (name(number), ((number as i64 + 1) * 1_000_000 + 500_000, 1, day(number))));
    (lines, sums.collect())
}

/// What reading gives of bytes: sums, and the reasons of rows that were refused; or that the file was.
fn read(folder: &Path, name: &str, bytes: &[u8]) -> Result<(Sums, Vec<(u64, Reason)>), String> {
    let path = folder.join(format!("{name}.csv"));
    std::fs::write(&path, bytes).unwrap();
    let ingested = ingest(&[&path]).map_err(|error| error.to_string())?;
    let facts =
        customer_facts(&ingested.orders, &all_time(&ingested.orders), ingested.accounting.clone()).unwrap();
    std::fs::remove_file(&path).unwrap();
    let rejects = ingested.rejects.iter().map(|reject| (reject.record, reject.reason)).collect();
    let frame = facts.frame().unwrap();
    let column = |name: &str| frame.column(name).unwrap().as_materialized_series().clone();
    let (codes, net) = (column("customer"), column("net_amount"));
    let (count, recency) = (column("order_count"), column("recency_days"));
    let of = |row: usize| {
        let id = ingested.orders.customers.text(CustomerCode::new(codes.u32().unwrap().get(row).unwrap()));
        let last = facts.scope.as_of.number() - recency.i32().unwrap().get(row).unwrap();
        (id, (net.i64().unwrap().get(row).unwrap(), count.u32().unwrap().get(row).unwrap(), last))
    };
    Ok(((0..frame.height()).map(of).collect(), rejects))
}

/// Where the encoded lines stand in the file.
fn spans(lines: &[Vec<u8>], start: usize) -> Vec<Range<usize>> {
    let mut end = start;
    let span = |line: &Vec<u8>| {
        end += line.len();
        end - line.len()..end
    };
    lines.iter().map(span).collect()
}

/// Puts a wrong byte into every `step`th place and looks at what becomes of the rows. `is_seen` says whether the byte
/// at a place within a line makes a character that cannot be, and not another one.
fn each_place(
    name: &str,
    mark: &[u8],
    encode: impl Fn(&str) -> Vec<u8>,
    step: usize,
    wrong: u8,
    is_seen: impl Fn(usize) -> bool + Sync,
) -> usize {
    let (lines, expected) = shop(24);
    let encoded: Vec<Vec<u8>> = lines.iter().map(|line| encode(line)).collect();
    let spans = spans(&encoded, mark.len());
    let whole = [mark, &encoded.concat()].concat();
    let folder = tempfile::tempdir().unwrap();
    let (sums, rejects) = read(folder.path(), name, &whole).unwrap();
    assert!(sums == expected && rejects.is_empty(), "{name}: {sums:?} {rejects:?}");
    let width = encode("\n").len();
    let places: Vec<usize> = (spans[1].start..whole.len()).step_by(step).collect();
    places.par_iter().for_each(|&place| {
        let line = spans.iter().position(|span| span.contains(&place)).unwrap();
        let mut bytes = whole.clone();
        bytes[place] = wrong;
        let said = format!("{name}, byte {place} of line {line}: {:?}", lines[line]);
        let (sums, rejects) = read(folder.path(), &format!("{name}{place}"), &bytes).expect(&said);
        // Without the end of a line two rows are one record, and which of the two its cells are of nobody knows.
        let is_end = place >= spans[line].end - width && line + 1 < spans.len();
        let touched = line..if is_end { line + 2 } else { line + 1 };
        let may_lack =
            |customer: &String| touched.clone().any(|line| lines[line].contains(&format!(",{customer},")));
        let lost: Vec<&String> =
            expected.keys().filter(|name| sums.get(*name) != expected.get(*name)).collect();
        assert!(lost.iter().all(|name| may_lack(name)), "{said} {lost:?}");
        let others: Vec<&String> =
            sums.keys().filter(|name| expected.get(*name) != sums.get(*name)).collect();
        if is_seen(place - spans[line].start) {
            // What is there is right, and what is not there is said.
            assert!(others.is_empty(), "{said} {others:?}");
            assert!(lost.is_empty() || rejects.len() == 1, "{said} {lost:?} {rejects:?}");
        } else {
            assert!(others.len() <= 1 && rejects.len() <= 1, "{said} {others:?} {rejects:?}");
        }
        assert!(
            rejects.iter().all(|(record, _)| touched.contains(&(*record as usize - 1))),
            "{said} {rejects:?}"
        );
    });
    places.len()
}

#[test]
fn a_byte_that_no_utf_8_has_costs_one_row() {
    assert!(each_place("utf8", b"", |text| text.as_bytes().to_vec(), 1, 0xff, |_| true) > 1_000);
    // The first byte of two, of which the second is lacking.
    assert!(
        each_place("bom", "\u{feff}".as_bytes(), |text| text.as_bytes().to_vec(), 61, 0xc3, |_| true) > 15
    );
}

#[test]
fn a_byte_that_no_gb18030_has_costs_one_row() {
    assert!(
        each_place("gb18030", b"", |text| GB18030.encode(text).0.into_owned(), 1, 0xff, |_| true) > 1_000
    );
}

/// A file whose last character was cut in half: the id that ends it is no other customer's.
#[test]
fn a_cut_utf_16_file_loses_its_last_row_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = "订单编号,付款时间,实付金额,宝贝标题,买家昵称\n5000001,2026-05-01 12:00:00,1.50,茶杯,小明\n\
                5000008,2026-05-02 12:00:00,2.50,毛巾,张三丰";
    for (name, mark, of_unit) in
        [("le", b"\xff\xfe", u16::to_le_bytes as fn(u16) -> [u8; 2]), ("be", b"\xfe\xff", u16::to_be_bytes)]
    {
        let whole = [&mark[..], &text.encode_utf16().flat_map(of_unit).collect::<Vec<u8>>()].concat();
        let (sums, rejects) = read(folder.path(), name, &whole).unwrap();
        assert!(sums.len() == 2 && rejects.is_empty(), "{name}: {sums:?} {rejects:?}");
        let (sums, rejects) = read(folder.path(), name, &whole[..whole.len() - 1]).unwrap();
        assert_eq!(sums, Sums::from([("小明".to_owned(), (1_500_000, 1, FIRST_OF_MAY))]), "{name}");
        assert!(matches!(rejects.as_slice(), [(3, _)]), "{name}: {rejects:?}");
    }
}

#[test]
fn half_of_a_pair_in_utf_16_costs_one_row() {
    let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    // The higher byte makes half of a pair; the lower one another letter, which nobody can see.
    let is_higher = |higher: usize| move |place: usize| place % 2 == higher;
    assert!(each_place("utf16le", b"\xff\xfe", little, 1, 0xdc, is_higher(1)) > 1_000);
    assert!(each_place("utf16be", b"\xfe\xff", big, 1, 0xdc, is_higher(0)) > 1_000);
}
