//! Tables of the page that sum up the rows which a command lists.

use polars::prelude::DataFrame;

use crate::answer::{Chart, Grid, Kind, Look, Spec, Table};
use crate::error::Result;
use crate::metrics::finish::{counts, frame, ratios, share, texts};
use crate::metrics::repurchase::DUE_STATUSES;
use crate::schema::accounting::{Accounting, LeftOut};
use crate::schema::names;

/// Counts the buyers by their scores of recency and frequency: one row per pair of scores, the best recency first.
pub(super) fn grid(scored: &DataFrame, bins: u8) -> Result<Table> {
    let bins = usize::from(bins);
    let mut cells = vec![0_u64; bins * bins];
    let (recency, frequency) = (scored.column(names::R_SCORE)?.u8()?, scored.column(names::F_SCORE)?.u8()?);
    for (r, f) in recency.iter().zip(frequency.iter()) {
        let place =
            |score: Option<u8>| usize::from(score.unwrap_or(0)).checked_sub(1).filter(|place| *place < bins);
        if let (Some(r), Some(f)) = (place(r), place(f)) {
            cells[r * bins + f] += 1;
        }
    }
    let pairs = || (0..bins).rev().flat_map(move |r| (0..bins).map(move |f| (r, f)));
    let total: u64 = cells.iter().sum();
    let columns = vec![
        counts(names::R_SCORE, pairs().map(|(r, _)| Some(r as u64 + 1))),
        counts(names::F_SCORE, pairs().map(|(_, f)| Some(f as u64 + 1))),
        counts(names::CUSTOMER_COUNT, pairs().map(|(r, f)| Some(cells[r * bins + f]))),
        ratios(names::CUSTOMER_SHARE, pairs().map(|(r, f)| share(cells[r * bins + f].into(), total.into()))),
    ];
    let specs = vec![
        Spec::new(names::R_SCORE, Kind::Count, 0),
        Spec::new(names::F_SCORE, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_SHARE, Kind::Share, 0),
    ];
    Ok(Table::new("grid", "groups", specs, frame(columns)?).with_grid(Grid {
        row: names::R_SCORE,
        column: names::F_SCORE,
        value: names::CUSTOMER_COUNT,
        beside: None,
        look: Look::Numbers,
    }))
}

/// Counts the customers of a list by due status.
pub(super) fn due_counts(list: &DataFrame) -> Result<Table> {
    let statuses = list.column(names::DUE_STATUS)?.str()?;
    let count = |status: &str| statuses.iter().filter(|of| *of == Some(status)).count() as u64;
    let found: Vec<u64> = DUE_STATUSES.iter().map(|status| count(status)).collect();
    let total: u64 = found.iter().sum();
    let columns = vec![
        texts(names::DUE_STATUS, DUE_STATUSES.iter().map(|status| Some((*status).to_owned()))),
        counts(names::CUSTOMER_COUNT, found.iter().map(|count| Some(*count))),
        ratios(names::CUSTOMER_SHARE, found.iter().map(|count| share((*count).into(), total.into()))),
    ];
    let specs = vec![
        Spec::new(names::DUE_STATUS, Kind::Label("due_status"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_SHARE, Kind::Bar, 0),
    ];
    Ok(Table::new("due_counts", "groups", specs, frame(columns)?).with_chart(Chart::Bars {
        label: &[names::DUE_STATUS],
        value: names::CUSTOMER_COUNT,
        beside: Some(names::CUSTOMER_SHARE),
    }))
}

/// The number of input rows that were used, and the number left out, with one row per outcome, rule and reason.
pub(super) fn accounting_table(accounting: &Accounting) -> Result<Table> {
    let left_out: Vec<LeftOut> = accounting.left_out().collect();
    // The row of used rows has neither a rule nor a reason.
    let code_of = |by| left_out.iter().map(move |left| (left.by == by).then(|| left.code.to_owned()));
    let outcomes = left_out.iter().map(|left| left.outcome.to_owned());
    let columns = vec![
        texts(names::OUTCOME, ["used".to_owned()].into_iter().chain(outcomes).map(Some)),
        texts(names::RULE, [None].into_iter().chain(code_of("rule"))),
        texts(names::REASON, [None].into_iter().chain(code_of("reason"))),
        counts(
            names::ROW_COUNT,
            [accounting.rows_used].into_iter().chain(left_out.iter().map(|left| left.rows)).map(Some),
        ),
    ];
    let specs = vec![
        Spec::new(names::OUTCOME, Kind::Label("outcome"), 0),
        Spec::new(names::RULE, Kind::Label("rule"), 0),
        Spec::new(names::REASON, Kind::Label("reason"), 0),
        Spec::new(names::ROW_COUNT, Kind::Count, 0),
    ];
    Ok(Table::new("rows", "rows", specs, frame(columns)?))
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;

    #[test]
    fn buyers_are_counted_by_recency_and_frequency_the_best_recency_first() {
        let scored =
            df!(names::R_SCORE => [3_u8, 3, 1, 2], names::F_SCORE => [1_u8, 1, 3, 2]).expect("a frame");
        let table = grid(&scored, 3).expect("a grid");
        let counts = table.frame.column(names::CUSTOMER_COUNT).expect("counts").cast(&DataType::Int64);
        let counts: Vec<i64> = counts.expect("whole").i64().expect("numbers").iter().flatten().collect();
        // Rows are ordered by recency 3, 2, 1, and within one recency by frequency 1, 2, 3.
        assert_eq!(counts, [2, 0, 0, 0, 1, 0, 0, 0, 1]);
    }

    #[test]
    fn every_status_has_a_row_also_where_nobody_has_it() {
        let list = df!(names::DUE_STATUS => ["due", "lost", "due"]).expect("a frame");
        let table = due_counts(&list).expect("counts");
        let shares: Vec<Option<f64>> = table
            .frame
            .column(names::CUSTOMER_SHARE)
            .expect("shares")
            .f64()
            .expect("numbers")
            .iter()
            .collect();
        assert_eq!(shares, [Some(2.0 / 3.0), Some(0.0), Some(0.0), Some(1.0 / 3.0)]);
    }
}
