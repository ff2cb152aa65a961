//! The only integration binary: one link instead of one per file.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod suite {
    mod acted;
    mod amounts;
    mod analyses;
    mod analyses_answers;
    mod analyses_customers;
    mod analyses_edges;
    mod analyses_goods;
    mod analyses_interest;
    mod analyses_moves;
    mod audience;
    mod by_hand;
    mod campaign;
    mod campaign_drawn;
    mod care;
    mod cells;
    mod check_findings;
    mod chinese;
    mod common;
    mod conditions;
    mod conditions_oracle;
    mod cron;
    mod customers;
    mod drawn;
    mod engine;
    mod engine_campaign;
    mod engine_customers;
    mod engine_edges;
    mod every_layout;
    mod explain;
    mod export;
    mod first_look;
    mod formats;
    mod goldens;
    mod hand;
    mod hostile;
    mod hostile_cells;
    mod huge;
    mod identity;
    mod identity_oracle;
    mod identity_spelling;
    mod inputs;
    mod items;
    mod kinds;
    mod late_rows;
    mod layouts;
    mod machine_formats;
    mod oracle;
    mod oracles_campaign;
    mod oracles_decision;
    mod oracles_due;
    mod oracles_interest;
    mod oracles_portraits;
    mod oracles_scores;
    mod order_columns;
    mod order_rows;
    mod outputs;
    mod page;
    mod people;
    mod people_columns;
    mod platforms;
    mod platforms_more;
    mod predict;
    mod process;
    mod quirks;
    mod readme;
    mod recognition;
    mod refunds;
    mod robust;
    mod rooms;
    mod sends;
    mod sentinels;
    mod shapes;
    mod shown;
    mod signals;
    mod sources;
    mod store;
    mod store_again;
    mod store_columns;
    mod store_crash;
    mod store_edges;
    mod store_forget;
    mod store_formats;
    mod store_interests;
    mod store_own_files;
    mod store_people;
    mod store_pieces;
    mod store_private;
    mod store_returning;
    mod store_settled;
    mod store_tampered;
    mod tables;
    mod tags;
    mod terminal;
    mod three_forms;
    mod touchpoints;
    mod unknown;
    mod unread;
    mod words;
    mod workbooks;
    mod wrong_bytes;
}

/// A file under `tests/suite` that is not declared above would never run.
#[test]
fn every_test_file_is_declared() {
    let source = std::fs::read_to_string("tests/suite.rs").unwrap();
    let files: Vec<String> = std::fs::read_dir("tests/suite")
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(files.len() > 3);
    for file in files {
        assert!(source.contains(&format!("    mod {file};")), "tests/suite/{file}.rs is not declared");
    }
}
