//! What follows from the declaration of a table: its preset, its words, its flag, its reading, and the store.

use std::path::Path;

use ecrm::locale::Lang;
use ecrm::parse::ReadOptions;
use ecrm::parse::preset::Preset;
use ecrm::parse::source::{Input, Place};
use ecrm::reading::read;
use ecrm::schema::coded::CodedFrame;
use ecrm::schema::table::{Cells, DayKind, SECOND, Spelling};
use ecrm::schema::{CustomerCode, Field, Table, Wants};
use polars::prelude::AnyValue;

use super::common::{failure, stdout};
use super::store::{Trial, import};

/// A cell of a column, and what is read from it.
fn sample(holds: Cells) -> (&'static str, &'static str) {
    match holds {
        Cells::Day(_) => ("2026-03-05 10:00:00", "2026-03-05"),
        // The code of a cart.
        Cells::Kind => ("cart", "4"),
        Cells::Word(Spelling::Channel) => ("SMS", "sms"),
        Cells::Word(Spelling::Arm) => ("对照组", "control"),
        Cells::Word(Spelling::AnyCase | Spelling::Exact) => ("Spring", "Spring"),
        Cells::Flag(_) | Cells::Happened(_) => ("yes", "true"),
        Cells::Amount => ("1.50", "1500000"),
        Cells::Rating => ("4", "4000000"),
        // The first of the regions that are met.
        Cells::Place => ("浙江", "0"),
        Cells::Text => ("13800000001", "13800000001"),
    }
}

/// A file of a customer of whom all is said and of one of whom only that is said which must be, under the ordinary
/// names of a table.
fn export(table: Table) -> String {
    let preset = Preset::named(table.declaration().generic).unwrap();
    let header = |field: Field| preset.headers(field).first().cloned();
    let must = |holds: Cells| matches!(holds, Cells::Day(DayKind::OfRow) | Cells::Kind);
    let customer = header(Field::CustomerId).expect("a column of customers");
    let (mut headers, mut full, mut empty) = (vec![customer], vec!["ann".to_owned()], vec!["bob".to_owned()]);
    for column in table.declaration().columns {
        let cell = sample(column.holds).0;
        headers.push(
            header(column.field).unwrap_or_else(|| panic!("{}: a header of {}", table.name(), column.field)),
        );
        full.push(cell.to_owned());
        empty.push(if must(column.holds) { cell.to_owned() } else { String::new() });
    }
    [headers, full, empty].map(|row| format!("{}\n", row.join(","))).concat()
}

/// The frame of two customers, and whether the first row is the one of whom all is said.
fn frame(input: Input, table: Table) -> (CodedFrame, bool) {
    let tables = Table::ALL.to_vec();
    let wants = Wants { tables, details: true, people: true, event_products: true, ..Wants::default() };
    let ingested = read(&[input], &ReadOptions { wants, ..ReadOptions::default() }).unwrap();
    assert!(ingested.rejects.is_empty(), "{}: {:?}", table.name(), ingested.rejects);
    let ids = &ingested.orders.customers;
    assert_eq!(ids.len(), 2);
    let frame = ingested.frames.get(table).unwrap_or_else(|| panic!("{} has no frame", table.name()));
    assert_eq!(frame.code_numbers(), [0, 1], "{}", table.name());
    let is_ann_first = ids.text(CustomerCode::new(0)) == "ann";
    (frame.clone(), is_ann_first)
}

fn cells(frame: &CodedFrame, name: &str) -> Vec<String> {
    let column = frame.column(name).unwrap_or_else(|| panic!("no column {name}"));
    let cell = |value: AnyValue<'_>| match value {
        AnyValue::Null => String::new(),
        other => other.get_str().map_or_else(|| other.to_string(), str::to_owned),
    };
    (0..column.len()).map(|row| cell(column.get(row).unwrap())).collect()
}

fn framed() -> impl Iterator<Item = Table> {
    Table::ALL.iter().copied().filter(|table| table.declaration().is_framed())
}

#[test]
fn every_table_is_read_as_it_is_declared_from_files_and_from_a_store() {
    for table in framed() {
        let trial = Trial::new();
        let file = trial.write("export.csv", &export(table));
        let of_file = frame(Input { place: Place::File(Path::new(&file).into()), table: None }, table);
        import(&[&file], &trial.store());
        let of_store =
            frame(Input { place: Place::Store(Path::new(&trial.store()).into()), table: None }, table);
        for (from, (frame, is_full_first)) in [("a file", of_file), ("a store", of_store)] {
            let cells = |name: &str| {
                let mut cells = cells(&frame, name);
                if !is_full_first {
                    cells.reverse();
                }
                cells
            };
            let place = format!("{} from {from}", table.name());
            for column in table.declaration().columns {
                let read = sample(column.holds).1;
                let must = matches!(column.holds, Cells::Day(DayKind::OfRow) | Cells::Kind);
                let expected = [read, if must { read } else { "" }];
                assert_eq!(cells(column.name), expected, "{place}: {}", column.name);
            }
            if table.declaration().moment().is_some() {
                assert_eq!(cells(SECOND), ["36000", "36000"], "{place}");
            }
        }
    }
}

#[test]
fn every_table_has_a_preset_words_in_both_languages_and_a_flag() {
    for table in Table::ALL {
        let name = table.name();
        assert_eq!(Preset::named(table.declaration().generic).unwrap().table, *table);
        for lang in [Lang::En, Lang::Zh] {
            assert!(lang.locale().find("canonical", name).is_some(), "{name} in {}", lang.code());
        }
        assert!(stdout(&["check", "--help"]).contains(&format!("--{name} <FILE>")), "{name}");
    }
}

#[test]
fn a_flag_says_which_table_a_file_is() {
    let trial = Trial::new();
    // A check of files that no command can run on fails.
    let orders =
        "order_id,customer_id,status,created_at,paid_at,paid_amount\n1,ann,paid,2026-03-01,2026-03-01,5\n";
    let orders = trial.write("orders.csv", orders);
    for table in framed() {
        let name = table.name();
        let file = trial.write(&format!("{name}.csv"), &export(table));
        let files = |flags: &[&str]| {
            let said = stdout(&[&["check", "--format", "csv", "--table", "files"], flags].concat());
            let of_file = |line: &&str| line.starts_with(file.as_str());
            said.lines().find(of_file).expect("a line of the file").to_owned()
        };
        let said = files(&[&orders, &format!("--{name}"), &file]);
        assert!(said.contains(&format!(",{name},")), "{said}");
        assert_eq!(files(&[&orders, &file]), said, "it is recognised without the flag too");
    }
    let other = trial.write("other.csv", "a,b\n1,2\n");
    for table in framed() {
        let (code, said) = failure(&["check", &format!("--{}", table.name()), &other]);
        assert!(code != 0 && said.contains(&format!("not recognised as {}", table.name())), "{said}");
    }
}

#[test]
fn a_file_that_does_not_say_when_anything_happened_is_refused_row_by_row() {
    let trial = Trial::new();
    let preset = "name = \"x\"\ntitle = \"x\"\ntable = \"sends\"\nrequires = [[\"campaign_id\"]]\n\
                  [fields]\ncampaign_id = [\"Plan\"]\ncustomer_id = [\"Who\"]\n";
    let without = trial.write("without.toml", preset);
    let file = trial.write("sends.csv", "Plan,Who\nspring,ann\n");
    let (_, said) = failure(&["check", &file, "--preset", &without]);
    assert!(said.contains("a preset of sends needs sent_at"), "{said}");
    let with = trial.write("with.toml", &format!("{preset}sent_at = [\"When\"]\n"));
    let (code, said) = failure(&["check", &file, "--preset", &with]);
    assert!(code != 0 && said.contains("record 2: missing_date"), "{said}");
}
