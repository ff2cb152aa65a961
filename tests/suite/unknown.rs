//! Exports in layouts that no preset names: their columns are chosen by what headers hint at and cells hold. What each
//! holds was worked out by hand (`fixtures/unknown/expected.csv`).

use super::common::{files_in, run};

/// How many of them must be read rightly, or refused with the words expected.
const MIN_RIGHT: usize = 38;

/// Files that are known to be read wrongly, with why.
const KNOWN_WRONG: [(&str, &str); 0] = [];

/// A line of `expected.csv`: orders, buyers and amount, or what the error must contain.
struct Expected {
    file: String,
    figures: [String; 3],
    error: String,
}

fn expected() -> Vec<Expected> {
    let mut reader = csv::Reader::from_path("fixtures/unknown/expected.csv").unwrap();
    let of = |record: csv::StringRecord| Expected {
        file: record[0].to_owned(),
        figures: [1, 2, 3].map(|column| record[column].to_owned()),
        error: record[4].to_owned(),
    };
    reader.records().map(|record| of(record.unwrap())).collect()
}

fn path(file: &str) -> String {
    format!("fixtures/unknown/{file}")
}

/// Orders, buyers and amount of all time as `overview` has them, or its error.
fn overview(file: &str) -> Result<[String; 3], String> {
    let output = run(&["overview", &path(file), "--format", "csv"]);
    if !output.status.success() {
        return Err(String::from_utf8(output.stderr).unwrap());
    }
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let headers = reader.headers().unwrap().clone();
    let total = headers.iter().position(|header| header == "total").unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let figure = |metric: &str| rows.iter().find(|row| &row[0] == metric).unwrap()[total].to_owned();
    Ok(["orders", "buyers", "net_amount"].map(figure))
}

/// What is wrong with a file, and whether nothing says so.
fn wrong(expected: &Expected) -> Option<(String, bool)> {
    let Expected { file, figures, error } = expected;
    let is_refused = !error.is_empty();
    let same_amount = |seen: &str| {
        let cents = |amount: &str| (amount.parse::<f64>().unwrap() * 100.0).round();
        match seen.is_empty() || figures[2].is_empty() {
            // Orders without amounts.
            true => seen == figures[2],
            false => cents(seen) == cents(&figures[2]),
        }
    };
    match overview(file) {
        Err(said) if is_refused && said.contains(error) => None,
        Err(said) => Some((format!("{file}: {said}"), false)),
        Ok(seen) if !is_refused && seen[..2] == figures[..2] && same_amount(&seen[2]) => None,
        Ok(seen) => Some((format!("{file}: {seen:?} instead of {figures:?} {error:?}"), true)),
    }
}

#[test]
fn layouts_that_no_preset_names_are_read_or_refused() {
    let expected = expected();
    assert!(expected.len() >= 40);
    let failures: Vec<(&str, String, bool)> = expected
        .iter()
        .filter_map(|line| wrong(line).map(|(what, is_silent)| (line.file.as_str(), what, is_silent)))
        .collect();
    for (_, what, _) in &failures {
        eprintln!("{what}");
    }
    let is_known = |file: &str| KNOWN_WRONG.iter().any(|(known, _)| *known == file);
    for (file, what, _) in failures.iter().filter(|(_, _, is_silent)| *is_silent) {
        assert!(is_known(file), "wrong without a word: {what}");
    }
    let right = expected.len() - failures.len();
    assert!(right >= MIN_RIGHT, "{right} of {} are right", expected.len());
    for (file, why) in KNOWN_WRONG {
        assert!(failures.iter().any(|(failed, ..)| *failed == file), "{file} is right now: {why}");
    }
}

/// A file that is not in the list would never be read.
#[test]
fn every_unknown_layout_is_expected() {
    let expected = expected();
    for file in files_in(std::path::Path::new("fixtures/unknown")) {
        let is_other = ["expected.csv", "README.md"].contains(&file.as_str());
        assert!(is_other || expected.iter().any(|line| line.file == file), "{file}");
    }
}

/// `check` and every other command say what was chosen. Of some files ordinary names tell all that is needed: none is
/// taken for a platform's.
#[test]
fn what_was_chosen_is_said() {
    const MIN_CHOSEN: usize = 28;
    let mut chosen = 0;
    for line in expected().iter().filter(|line| line.error.is_empty()) {
        let said = |command, format| {
            let output = run(&[command, &path(&line.file), "--format", format, "--verbose"]);
            String::from_utf8([output.stderr, output.stdout].concat()).unwrap()
        };
        let (check, overview) = (said("check", "json"), said("overview", "csv"));
        assert!(overview.contains("generic_"), "{}: {overview}", line.file);
        let is_chosen = |said: &str| said.contains("columns are chosen by what they hold");
        assert_eq!(is_chosen(&check), is_chosen(&overview), "{}", line.file);
        chosen += usize::from(is_chosen(&overview));
    }
    assert!(chosen >= MIN_CHOSEN, "{chosen}");
}

#[test]
fn a_tie_is_asked_about_with_both_candidates_and_the_flag() {
    for (file, field, one, two) in [
        ("ask_two_dates.csv", "created_at", "Date one", "Date two"),
        ("ask_two_amounts.csv", "paid_amount", "Amount EUR", "Amount USD"),
    ] {
        let error = overview(file).unwrap_err();
        assert!(error.contains(&format!("columns \"{one}\" and \"{two}\" could both be {field}")), "{error}");
        for header in [one, two] {
            let flag = format!("{field}={header}");
            assert!(error.contains(&format!("--map {field}='{header}'")), "{error}");
            let answered = run(&["overview", &path(file), "--map", &flag, "--format", "csv"]);
            let said = String::from_utf8_lossy(&answered.stderr);
            assert!(answered.status.success(), "{flag}: {said}");
            // The rest is chosen as before.
            assert!(said.contains("customer_id=Customer label"), "{said}");
        }
    }
}

/// Orders and amount of the rows below a header of a till.
fn till(header: &str, rows: &str, flags: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("till.csv");
    std::fs::write(&file, format!("{header}\n{rows}\n")).unwrap();
    let mut args = vec!["overview", file.to_str().unwrap(), "--format", "csv"];
    args.extend(flags);
    let output = run(&args);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let table = String::from_utf8(output.stdout).unwrap();
    let orders = table.lines().find_map(|line| line.strip_prefix("orders,")).unwrap();
    (orders.split(',').rev().nth(1).unwrap().to_owned(), said)
}

/// Tills close what was paid; shops close what was not, and then have other words for what was.
#[test]
fn closed_is_done_only_where_nothing_else_is() {
    let header = "Receipt number,Sale date,Customer name,Total collected,Status";
    let note = "closed is read as completed";
    let (orders, said) = till(
        header,
        "1,2024-01-03,Ann,5.00,Closed\n2,2024-01-04,Bo,7.00,Pending\n3,2024-01-05,Cy,6.00,closed",
        &[],
    );
    assert_eq!(orders, "2");
    assert!(said.contains(note), "{said}");
    let (orders, said) = till(header, "1,2024-01-03,Ann,5.00,Closed\n2,2024-01-04,Bo,7.00,Paid", &[]);
    assert_eq!(orders, "1");
    assert!(!said.contains(note), "{said}");
}

/// A price of one piece is no amount beside a column that is one, however ordinary its name.
#[test]
fn a_known_header_does_not_hide_the_right_column() {
    // 2 × 19.90 and 37.90 were paid; the price alone would be 59.80.
    assert_eq!(overview("kuaishou_orders.csv").unwrap()[2], "77.70");
    // Column Time has no days, Date created has.
    assert_eq!(overview("wix_orders.csv").unwrap()[0], "2");
    // Column Paid says when, not how much.
    assert_eq!(overview("toast_orders.csv").unwrap()[2], "166.40");
}
