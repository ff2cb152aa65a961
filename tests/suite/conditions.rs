//! Conditions of `--where` on a small list of people, against what DuckDB keeps of it
//! (`fixtures/conditions/answers.py` asks it).

use chrono::NaiveDate;
use ecrm::Error;
use ecrm::customers::filter::{Condition, Sorting, Vocabulary};
use ecrm::locale::Lang;
use ecrm::schema::{Day, Holds};
use polars::prelude::*;
use proptest::prelude::*;

const PEOPLE: &str = include_str!("../../fixtures/conditions/people.csv");
const ANSWERS: &str = include_str!("../../fixtures/conditions/answers.tsv");
const CONDITIONS: &str = include_str!("../../fixtures/conditions/conditions.sql");

const COLUMNS: [(&str, Holds); 12] = [
    ("customer_id", Holds::Text),
    ("province", Holds::Text),
    ("level", Holds::Text),
    ("order_count", Holds::Whole),
    ("net_amount", Holds::Amount),
    ("p_alive", Holds::Real),
    ("last_ordered_on", Holds::Date),
    ("birthday", Holds::Date),
    ("is_opted_out", Holds::Flag),
    ("身高", Holds::Whole),
    ("skin type", Holds::Text),
    ("note", Holds::Text),
];

#[test]
fn conditions_keep_the_people_that_duckdb_keeps() {
    let people = people();
    let vocabulary = Vocabulary::of(COLUMNS);
    let ids = people.column("customer_id").unwrap().str().unwrap().clone();
    let as_of = day("2026-06-30");
    let mut lines = 0;
    for line in ANSWERS.lines() {
        let (text, wanted) = line.split_once('\t').unwrap();
        let keeps = Condition::parse(text, &vocabulary).unwrap().keeps(&people, as_of).unwrap();
        let kept = ids.filter(&keeps).unwrap();
        let kept: Vec<&str> = kept.iter().flatten().collect();
        assert_eq!(kept.join(" "), wanted, "{text}");
        lines += 1;
    }
    assert_eq!(lines, CONDITIONS.lines().count());
}

/// Words that conditions are made of, and words that they are not.
const WORDS: [&str; 68] = [
    "order_count",
    "net_amount",
    "p_alive",
    "province",
    "level",
    "last_ordered_on",
    "birthday",
    "is_opted_out",
    "身高",
    "\"skin type\"",
    "体重",
    "as_of",
    "NULL",
    "TRUE",
    "FALSE",
    "0",
    "1",
    "2.5",
    "1e3",
    "1e40",
    "99999999999999999999999999999",
    "'a'",
    "'浙江'",
    "''",
    "'2026-05-31'",
    "\"a\"",
    "=",
    "<>",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "(",
    "(",
    ")",
    ")",
    ",",
    "AND",
    "OR",
    "NOT",
    "IS",
    "IN",
    "IN (",
    "BETWEEN",
    "LIKE",
    "ILIKE",
    "ESCAPE '!'",
    "coalesce(",
    "lower(",
    "has_tag(",
    "first(",
    "DATE",
    "desc",
    "nulls first",
    "CASE",
    "==",
    "（",
    ".",
    "%",
    "'",
    "interval",
    "INTERVAL '1' DAY",
    "array[",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_evaluated_or_refused_in_words_of_this_program(
        words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..14),
        odd in ".{0,6}",
        has_odd in prop::bool::weighted(0.1),
    ) {
        let text = if has_odd { words.join(" ") + &odd } else { words.join(" ") };
        let people = people();
        let vocabulary = Vocabulary::of(COLUMNS).with_functions([("coupon_code", Holds::Text)]);
        let condition = Condition::parse(&text, &vocabulary);
        let asks_data = |calls: usize| calls > 0;
        let mut errors = Vec::new();
        match condition {
            Ok(condition) if !asks_data(condition.asked().calls().len()) => {
                errors.extend(condition.keeps(&people, day("2026-06-30")).err());
            }
            Ok(_) => {}
            Err(error) => errors.push(error),
        }
        match Sorting::parse(&text, &vocabulary) {
            Ok(sorting) if !asks_data(sorting.asked().calls().len()) => {
                errors.extend(sorting.order(&people, day("2026-06-30")).err());
            }
            Ok(_) => {}
            Err(error) => errors.push(error),
        }
        let is_open = Condition::parse(&text, &vocabulary.open());
        errors.extend(is_open.err());
        for error in errors {
            prop_assert!(matches!(error, Error::Usage { .. }), "{text}: {error}");
            for lang in [Lang::En, Lang::Zh] {
                let (message, hint) = error.said(lang);
                let said = message.lines().next().unwrap_or_default().to_owned();
                prop_assert!(message.lines().count() == 3 && message.ends_with('^'), "{message}");
                prop_assert!(!said.contains("Expected") && !said.contains("sql parser"), "{said}");
                for sentence in [said, hint.unwrap_or_default()] {
                    prop_assert!(!sentence.is_empty() && !sentence.contains("condition_"), "{sentence}");
                }
            }
        }
    }
}

fn people() -> DataFrame {
    let mut reader = csv::Reader::from_reader(PEOPLE.as_bytes());
    assert!(reader.headers().unwrap().iter().eq(COLUMNS.map(|(name, _)| name)));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let columns: Vec<Column> = COLUMNS
        .iter()
        .enumerate()
        .map(|(at, (name, kind))| {
            let cells: Vec<Option<&str>> =
                rows.iter().map(|row| Some(&row[at]).filter(|cell| *cell != "NULL")).collect();
            column(name, *kind, &cells)
        })
        .collect();
    DataFrame::new(rows.len(), columns).unwrap()
}

fn column(name: &str, kind: Holds, cells: &[Option<&str>]) -> Column {
    let name = PlSmallStr::from(name);
    match kind {
        Holds::Text => Column::new(name, cells),
        Holds::Whole => Column::new(
            name,
            cells.iter().map(|cell| cell.map(|cell| cell.parse().unwrap())).collect::<Vec<Option<i64>>>(),
        ),
        Holds::Real => Column::new(
            name,
            cells.iter().map(|cell| cell.map(|cell| cell.parse().unwrap())).collect::<Vec<Option<f64>>>(),
        ),
        Holds::Flag => Column::new(
            name,
            cells.iter().map(|cell| cell.map(|cell| cell == "true")).collect::<Vec<Option<bool>>>(),
        ),
        Holds::Date => {
            let days =
                cells.iter().map(|cell| cell.map(|text| day(text).number())).collect::<Vec<Option<i32>>>();
            Int32Chunked::from_iter_options(name, days.into_iter()).into_date().into_column()
        }
        Holds::Amount => {
            let micros = cells.iter().map(|cell| cell.map(micros)).collect::<Vec<Option<i128>>>();
            let micros = Int128Chunked::from_iter_options(name, micros.into_iter());
            micros.into_decimal_unchecked(38, 6).into_column()
        }
    }
}

fn micros(text: &str) -> i128 {
    i128::from(ecrm::schema::money::parse_plain(text).unwrap())
}

fn day(text: &str) -> Day {
    let date: NaiveDate = text.parse().unwrap();
    Day::new((date - NaiveDate::default()).num_days() as i32)
}
