use std::collections::BTreeMap;

use super::*;
use crate::parse::layout;
use crate::parse::records::whole_records;
use crate::schema::{Key, Wants};

const HEADER: [&str; 6] = ["user_id", "behavior_type", "time", "item_category", "province", "rating"];

/// Cells of each column, plain and odd ones.
const CELLS: [&[&str]; 6] = [
    &[
        "C0000001",
        "C0000002",
        "1930679858170647123",
        "7",
        "17850.0",
        "'18600000001",
        "-",
        "",
        "t**3",
        "guest",
        "0",
        "a-long-customer-id-of-letters",
        "\"quoted,id\"",
        "\"qu\"\"oted\"",
        "1.9E+15",
        "客户一二三",
        " C0000001 ",
    ],
    &["pv", "fav", "cart", "buy", "PV", " cart ", "home", "scan", "never-heard-of", "", "加购", "\"cart\""],
    &[
        "2025-12-18 14:46:03",
        "2025-12-18",
        "2025/12/18 00:00:00",
        "2025-12-01T23:59:59",
        "2025-12-18T14:46:03+09:00",
        "1766041563",
        "2025-12-18 14:46:03 UTC",
        "2025-12-18T14:46:03Z",
        "2025-12-18Z",
        "18/12/2025 10:00",
        "05/12/2025",
        "",
        "2025-13-01",
        "2025-02-29",
        "9999-12-31",
        "2025-12-18 24:00:00",
        "\"2025-12-18 14:46:03\"",
        "yesterday",
    ],
    &["cat1", "cat2", " cat1", "CAT1", "", "-", "\"a,b\"", "\"a \"\"b\"\"\"", "类目"],
    &["浙江省", "浙江", "", "-", "\"广东省\"", "Tokyo"],
    &["5", "4.5", "4,5", "", "-", "five", "\"3\""],
];

fn wants() -> Wants {
    Wants { tables: vec![Table::Events], details: true, ..Wants::default() }
}

/// A file whose cells are plain as often as `plain` of a hundred.
fn file(rng: &mut fastrand::Rng, plain: u32) -> (Vec<usize>, String) {
    let mut columns: Vec<usize> = (0..HEADER.len()).filter(|column| *column < 3 || rng.bool()).collect();
    rng.shuffle(&mut columns);
    let mut text = String::new();
    let end = *rng.choice(&["\n", "\r\n"]).unwrap_or(&"\n");
    for _ in 0..rng.usize(1..400) {
        let cell = |rng: &mut fastrand::Rng, column: usize| match rng.u32(0..100) < plain {
            true => CELLS[column][rng.usize(0..2)],
            false => CELLS[column][rng.usize(0..CELLS[column].len())],
        };
        let mut cells: Vec<&str> = columns.iter().map(|column| cell(rng, *column)).collect();
        match rng.u32(0..200) {
            0 => cells.truncate(1),
            1 => cells.push("further"),
            2 => cells.iter_mut().for_each(|cell| *cell = ""),
            3 => cells = columns.iter().map(|column| HEADER[*column]).collect(),
            _ => {}
        }
        text.push_str(&cells.join(if rng.u32(0..500) == 0 { ";" } else { "," }));
        text.push_str(end);
    }
    (columns, text)
}

/// What a reader makes of a file whose blocks are cut after so many bytes.
fn read(reader: &TableReader, layout: &Layout, text: &str, cut: usize) -> TableRows {
    let mut lane = Lane::default();
    let (mut rest, mut blocks) = (text.as_bytes(), Vec::new());
    while !rest.is_empty() {
        let end = whole_records(&rest[..cut.min(rest.len())], layout.dialect, cut >= rest.len());
        let end = if end == 0 { rest.len() } else { end };
        let pieces = layout.sections.pieces(&rest[..end], layout.dialect, blocks.len());
        blocks.push(reader.read(&pieces, layout.dialect, &mut lane));
        rest = &rest[end..];
    }
    TableRows::of_blocks(Table::Events, blocks)
}

/// All that is known of the rows of a file, in their order, and of the file.
fn as_text(rows: &TableRows) -> String {
    let texts: BTreeMap<_, Vec<_>> =
        rows.details.texts.iter().map(|(field, texts)| (field, texts.iter().collect())).collect();
    let counts: BTreeMap<_, Vec<_>> =
        rows.details.texts.iter().map(|(field, texts)| (field, texts.dictionary.list.clone())).collect();
    let region = |number: &u32| rows.details.places.list.get(*number as usize).map(|(region, _)| region);
    let regions: Vec<_> = rows.details.regions.iter().map(region).collect();
    let long: BTreeMap<_, _> = rows.details.long.iter().collect();
    let TableRows { customers, days, kinds, words, evidence, excluded, rejects, record_count, notes, .. } =
        rows;
    format!(
        "{:?}\n{kinds:?}\n{days:?}\n{:?}\n{texts:?}\n{counts:?}\n{regions:?}\n{:?}\n{long:?}\n{words:?}\n{evidence:?}\n\
         {excluded:?}\n{rejects:?}\n{record_count} {}\n{notes:?}\n{:?}",
        customers, rows.details.seconds, rows.details.places.list, rows.row_count, rows.headers,
    )
}

/// The readers of a file with and without the fast lane.
fn readers(columns: &[usize], options: &ReadOptions) -> (Layout, TableReader, TableReader) {
    let line = |of: &dyn Fn(usize) -> &'static str| {
        format!("{}\n", columns.iter().map(|column| of(*column)).collect::<Vec<_>>().join(","))
    };
    let head = line(&|column| HEADER[column]) + &line(&|column| CELLS[column][0]).repeat(3);
    let layout = layout::recognise("test", head.as_bytes(), true, None, options).expect("a layout");
    assert_eq!(layout.preset.table, Table::Events);
    let fast = TableReader { is_grouped: false, ..TableReader::new(&layout, options) };
    assert!(fast.plain.is_some(), "{columns:?}");
    let slow = TableReader { is_grouped: false, plain: None, ..TableReader::new(&layout, options) };
    (layout, fast, slow)
}

#[test]
fn both_lanes_make_the_same_rows() {
    let options = ReadOptions { wants: wants(), ..ReadOptions::default() };
    for seed in 0..300 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (columns, text) = file(&mut rng, [100, 99, 90, 40][seed as usize % 4]);
        let (layout, fast, slow) = readers(&columns, &options);
        let cut = rng.usize(200..20_000);
        let (fast, slow) = (read(&fast, &layout, &text, cut), read(&slow, &layout, &text, cut));
        assert_eq!(as_text(&fast), as_text(&slow), "seed {seed}:\n{text}");
        assert!(seed % 4 > 0 || fast.row_count > 0);
    }
}

/// A row of whose customer, on which day; and its kind, where it says an interest or a purchase.
type Known = (Key, i32, Option<EventKind>);

fn known(rows: &TableRows) -> Vec<Known> {
    let is_told = |kind: &EventKind| *kind == EventKind::Purchase || EventKind::INTEREST.contains(kind);
    let days = &rows.days[&Field::OccurredAt];
    let kept = rows.customers.iter().zip(days).zip(&rows.kinds);
    kept.map(|((key, day), kind)| (*key, *day, Some(*kind).filter(is_told))).collect()
}

/// Of those passed over the customers and the days are known, though not which belongs to which.
#[test]
fn events_that_say_no_interest_are_passed_over() {
    let options = ReadOptions { wants: wants(), ..ReadOptions::default() };
    let of_interests = Wants { interests_alone: true, bare_events: true, ..wants() };
    let alone = ReadOptions { wants: of_interests, ..ReadOptions::default() };
    let mut passed_over = 0;
    for seed in 0..100 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (columns, text) = file(&mut rng, [100, 90][seed as usize % 2]);
        let (layout, _, slow) = readers(&columns, &options);
        let (_, fast, _) = readers(&columns, &alone);
        let (fast, slow) = (read(&fast, &layout, &text, 3_000), read(&slow, &layout, &text, 3_000));
        passed_over += fast.passed_over.total();
        let said = |rows: &TableRows| {
            let mut said: Vec<Known> = known(rows).into_iter().filter(|(.., kind)| kind.is_some()).collect();
            said.sort_unstable();
            said
        };
        assert_eq!(said(&fast), said(&slow), "seed {seed}");
        let sorted = |mut values: Vec<i32>| {
            values.sort_unstable();
            values
        };
        let days = |rows: &TableRows| sorted(rows.days_of(Field::OccurredAt).collect());
        assert_eq!(days(&fast), days(&slow), "seed {seed}");
        let customers = |rows: &TableRows| {
            let mut all: Vec<Key> = rows.customer_parts().flatten().copied().collect();
            all.sort_unstable();
            all
        };
        assert_eq!(customers(&fast), customers(&slow), "seed {seed}");
        assert_eq!((fast.row_count, fast.record_count), (slow.row_count, slow.record_count));
        assert_eq!((&fast.words, &fast.evidence), (&slow.words, &slow.evidence));
        assert!(fast.details.texts.is_empty() && fast.details.regions.is_empty());
    }
    assert!(passed_over > 1_000, "{passed_over}");
}
