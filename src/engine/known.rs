//! Small questions with known answers. They show whether an engine computes as the statements expect; each stands for
//! one kind of expression in them.

use polars::prelude::AnyValue;

use super::{Dialect, Engine};
use crate::error::{Error, Result};
use crate::metrics::calendar::Period;

/// Stands for the answer of an engine that refuses a statement.
const REFUSED: &str = "refused";

/// A question with a known answer, and what the engine answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What the question checks; the translations' `engine_check` section describes it.
    pub name: &'static str,
    /// The statement.
    pub sql: String,
    /// The right rows: rows are separated by semicolons, cells by commas.
    pub right: &'static str,
    /// The rows that the engine returned in the same form, or why it returned none.
    pub answer: String,
}

impl Checked {
    /// Whether the engine's answer is right.
    pub fn is_right(&self) -> bool {
        self.answer == self.right || (self.right == REFUSED && self.answer.starts_with(REFUSED))
    }
}

/// Asks an engine all questions with known answers.
///
/// # Errors
/// When the engine cannot be reached any more; a wrong answer is no error here.
pub fn check(engine: &dyn Engine) -> Result<Vec<Checked>> {
    let everywhere = KNOWN.into_iter().map(|(name, sql, right)| (name, sql.to_owned(), right));
    let known = of_dialect(engine.dialect()).into_iter().chain(everywhere);
    known.map(|(name, sql, right)| Ok(Checked { name, answer: asked(engine, &sql)?, sql, right })).collect()
}

/// Turns the first wrong answer into an error.
///
/// # Errors
/// When an answer is wrong.
pub fn judge(checked: &[Checked]) -> Result<()> {
    let Some(wrong) = checked.iter().find(|one| !one.is_right()) else { return Ok(()) };
    let values = [
        ("expression", wrong.sql.clone()),
        ("seen", wrong.answer.clone()),
        ("right", wrong.right.to_owned()),
    ];
    Err(Error::data_of("engine_wrong", &values))
}

/// The engine's rows as a text. A refused statement counts as an answer, as long as the engine still answers others.
fn asked(engine: &dyn Engine, sql: &str) -> Result<String> {
    let frame = match engine.rows(sql) {
        Ok(frame) => frame,
        Err(error) => {
            engine.rows("SELECT 1 AS one")?;
            return Ok(format!("{REFUSED}: {error}"));
        }
    };
    let row = |row: usize| {
        let cells = frame.columns().iter().map(|column| text(&column.get(row).unwrap_or(AnyValue::Null)));
        cells.collect::<Vec<_>>().join(",")
    };
    Ok((0..frame.height()).map(row).collect::<Vec<_>>().join(";"))
}

fn text(cell: &AnyValue<'_>) -> String {
    match cell {
        AnyValue::Null => "null".to_owned(),
        AnyValue::String(text) => (*text).to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        cell => cell.to_string(),
    }
}

/// Questions about dates, texts and periods, whose SQL depends on the dialect: what each checks, the statement, and the
/// right rows.
fn of_dialect(dialect: Dialect) -> [(&'static str, String, &'static str); 4] {
    // 1970-01-01, 2000-02-29 and 2026-06-30.
    let days = "FROM (VALUES (0), (11016), (20634)) AS t(d) ORDER BY d";
    let period = |period| format!("SELECT CAST({} AS BIGINT) AS n {days}", dialect.period(period, "d"));
    [
        ("months", period(Period::Month), "23640;24001;24317"),
        ("quarters", period(Period::Quarter), "7880;8000;8105"),
        ("weeks", period(Period::Week), "0;1574;2948"),
        ("literals", format!("SELECT {} AS c", dialect.text(r"it's 5\n of ${x}")), r"it's 5\n of ${x}"),
    ]
}

/// Questions whose SQL is the same in every dialect.
const KNOWN: [(&str, &str, &str); 18] = [
    (
        "exact_sums",
        "SELECT SUM(CAST(x AS DECIMAL(38, 0))) AS n FROM (VALUES (CAST(9223372036854775807 AS BIGINT)), \
         (CAST(9223372036854775807 AS BIGINT)), (CAST(1 AS BIGINT))) AS t(x)",
        "18446744073709551615",
    ),
    (
        // Floating-point numbers cannot distinguish 2^53 from 2^53 + 1.
        "exact_comparison",
        "SELECT CASE WHEN CAST(x AS DECIMAL(38, 0)) * n >= CAST(9007199254740993 AS DECIMAL(38, 0)) THEN 1 ELSE 0 END \
         AS n FROM (VALUES (CAST(9007199254740993 AS BIGINT), CAST(1 AS BIGINT)), \
         (CAST(4503599627370496 AS BIGINT), CAST(2 AS BIGINT))) AS t(x, n) ORDER BY n",
        "0;1",
    ),
    (
        "window_lead",
        "SELECT c, d, LEAD(d) OVER (PARTITION BY c ORDER BY d) AS next_d \
         FROM (VALUES ('a', 5), ('a', 2), ('b', 7), ('a', 9)) AS t(c, d) ORDER BY c, d",
        "a,2,5;a,5,9;a,9,null;b,7,null",
    ),
    (
        "window_first",
        "SELECT c, d, MIN(d) OVER (PARTITION BY c) AS first_d \
         FROM (VALUES ('a', 5), ('a', 2), ('b', 7), ('a', 9)) AS t(c, d) ORDER BY c, d",
        "a,2,2;a,5,2;a,9,2;b,7,7",
    ),
    (
        "window_counts",
        "SELECT c, d, COUNT(CASE WHEN d > 2 THEN 1 END) OVER (PARTITION BY c, k) AS n, \
         MIN(CASE WHEN d > 2 THEN d END) OVER (PARTITION BY c, k) AS least \
         FROM (VALUES ('a', 1, 5), ('a', 1, 2), ('a', 1, 9), ('a', 2, 7), ('b', 1, 1)) AS t(c, k, d) ORDER BY c, d",
        "a,2,2,5;a,5,2,5;a,7,1,7;a,9,2,5;b,1,0,null",
    ),
    (
        "flags",
        "SELECT COUNT(CASE WHEN x THEN 1 END) AS yes, COUNT(CASE WHEN NOT x THEN 1 END) AS nay, COUNT(x) AS known \
         FROM (VALUES (TRUE), (FALSE), (TRUE), (CAST(NULL AS BOOLEAN))) AS t(x)",
        "2,1,3",
    ),
    (
        "distinct_counts",
        "SELECT COUNT(DISTINCT d) AS days, COUNT(d) AS known, COUNT(*) AS n \
         FROM (VALUES (4), (4), (5), (CAST(NULL AS INTEGER))) AS t(d)",
        "2,3,4",
    ),
    (
        "distinct_rows",
        "SELECT COUNT(*) AS n FROM (SELECT DISTINCT c, d FROM (VALUES ('a', 1), ('a', 1), ('a', 2), ('b', 1)) AS t(c, d)) \
         AS pairs",
        "3",
    ),
    (
        "cases",
        "SELECT COUNT(CASE WHEN x > 2 THEN 1 END) AS n, MAX(CASE WHEN x > 2 THEN 1 ELSE 0 END) AS most \
         FROM (VALUES (CAST(NULL AS INTEGER)), (3), (1)) AS t(x)",
        "1,1",
    ),
    (
        "sums_of_nothing",
        "SELECT g, CAST(SUM(x) AS BIGINT) AS n FROM (VALUES (1, 3), (1, NULL), (2, NULL)) AS t(g, x) GROUP BY g ORDER BY g",
        "1,3;2,null",
    ),
    (
        "comparison_with_null",
        "SELECT COUNT(CASE WHEN x <> 3 THEN 1 END) AS n, COUNT(CASE WHEN x <> 3 OR x IS NULL THEN 1 END) AS m \
         FROM (VALUES (CAST(NULL AS INTEGER)), (3), (1)) AS t(x)",
        "1,2",
    ),
    (
        "groups_of_null",
        "SELECT COUNT(*) AS n FROM (SELECT c FROM (VALUES ('a'), (NULL), (NULL), ('')) AS t(c) GROUP BY c) AS found",
        "3",
    ),
    (
        "greatest",
        "SELECT GREATEST(x, g) AS n FROM (VALUES (1, CAST(NULL AS INTEGER)), (1, 3), (2, NULL)) AS t(g, x) ORDER BY n",
        "1;2;3",
    ),
    (
        "equal_texts",
        "SELECT COUNT(DISTINCT c) AS n FROM (VALUES ('a'), ('A'), ('a '), ('ä'), ('a')) AS t(c)",
        "4",
    ),
    (
        "order_of_texts",
        "SELECT c FROM (VALUES ('b'), ('Z'), ('é'), ('浙'), ('a'), ('10'), ('9')) AS t(c) ORDER BY c",
        "10;9;Z;a;b;é;浙",
    ),
    (
        "least_of_texts",
        "SELECT MIN(c) AS c, MAX(c) AS d FROM (VALUES ('b'), ('Z'), ('é'), ('浙'), (NULL), ('a')) AS t(c)",
        "Z,浙",
    ),
    (
        "joins",
        "SELECT a.c AS c, b.n AS n FROM (VALUES ('x'), ('y'), (NULL)) AS a(c) \
         LEFT JOIN (VALUES ('x', 1), (NULL, 2)) AS b(c, n) ON a.c = b.c ORDER BY COALESCE(a.c, '')",
        "null,null;x,1;y,null",
    ),
    (
        "overflow",
        "SELECT x + one AS n FROM (VALUES (CAST(9223372036854775807 AS BIGINT), CAST(1 AS BIGINT))) AS t(x, one)",
        REFUSED,
    ),
];

#[cfg(test)]
mod tests {
    use polars::prelude::{DataFrame, df};

    use super::*;

    /// An engine that answers everything with the same number.
    struct Wrong;

    impl Engine for Wrong {
        fn dialect(&self) -> Dialect {
            Dialect::Spark
        }

        fn rows(&self, sql: &str) -> Result<DataFrame> {
            match sql.contains("x + one") {
                true => Err(Error::Internal("an overflow".to_owned())),
                false => Ok(df!("n" => [3_i64])?),
            }
        }
    }

    #[test]
    fn an_engine_that_disagrees_is_refused_with_what_it_says() {
        let checked = check(&Wrong).expect("answers");
        assert_eq!(checked.len(), of_dialect(Dialect::Spark).len() + KNOWN.len());
        let right: Vec<&str> = checked.iter().filter(|one| one.is_right()).map(|one| one.name).collect();
        assert_eq!(right, ["distinct_rows", "groups_of_null", "overflow"]);
        let error = judge(&checked).expect_err("a wrong answer");
        assert_eq!(error.exit_code(), 1);
        let said = error.to_string();
        assert!(said.contains("DATE_FROM_UNIX_DATE") && said.contains("23640;24001;24317"), "{said}");
    }
}
