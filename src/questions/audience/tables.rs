//! The tables of an audience beside the list: why the others do not get the message, and the two arms side by side.

use polars::prelude::*;

use crate::answer::{Kind, Spec, Table};
use crate::customers;
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::audience::{Balance, Exclusion, MAX_BALANCED};
use crate::metrics::finish::{counts, frame, ratios, texts};
use crate::schema::money::UNIT;
use crate::schema::names;
use crate::stats::means::Sample;

/// A measure by which the two arms are compared, and how many of the column's integers make one unit of it.
type Measure = (&'static str, i64);

/// Compares the two arms by each measure.
pub fn balance(
    table: &customers::Table,
    listed: &[IdxSize],
    held_out: &[IdxSize],
) -> Result<Vec<(Measure, Balance)>> {
    let net = table.frame.column(names::NET_AMOUNT)?.decimal()?.physical().clone();
    let net: Vec<Option<i64>> =
        net.iter().map(|net| net.map(|net| i64::try_from(net).unwrap_or(i64::MAX))).collect();
    let whole = |name: &str| -> Result<Vec<Option<i64>>> {
        Ok(table.frame.column(name)?.cast(&DataType::Int64)?.i64()?.iter().collect())
    };
    let measures = [
        ((names::RECENCY_DAYS, 1), whole(names::RECENCY_DAYS)?),
        // People without an order have no value in these columns; they ordered 0 times and spent 0.
        ((names::ORDER_COUNT, 1), or_none(whole(names::ORDER_COUNT)?)),
        ((names::NET_AMOUNT, UNIT), or_none(net)),
    ];
    let of = |values: &[Option<i64>], rows: &[IdxSize]| -> Vec<Option<i64>> {
        rows.iter().map(|row| values[*row as usize]).collect()
    };
    let compared = measures.into_iter().map(|(measure, values)| {
        let (treatment, control) = (of(&values, listed), of(&values, held_out));
        (measure, Balance::of(treatment.iter().copied(), control.iter().copied()))
    });
    Ok(compared.collect())
}

fn or_none(values: Vec<Option<i64>>) -> Vec<Option<i64>> {
    values.into_iter().map(|value| Some(value.unwrap_or(0))).collect()
}

pub fn exclusions_table(exclusions: &[(Exclusion, u64)]) -> Result<Table> {
    let columns = vec![
        texts(names::REASON, exclusions.iter().map(|(why, _)| Some(why.code().to_owned()))),
        counts(names::CUSTOMER_COUNT, exclusions.iter().map(|(_, count)| Some(*count))),
    ];
    let specs = vec![
        Spec::new(names::REASON, Kind::Label("exclusion"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
    ];
    Ok(Table::new("exclusions", "exclusions", specs, frame(columns)?))
}

pub fn balance_table(balance: &[(Measure, Balance)], listed: usize, held_out: usize) -> Result<Table> {
    let mean = |of: fn(&Balance) -> Sample| {
        balance.iter().map(move |((_, unit), measured)| {
            let sample = of(measured);
            (sample.count > 0).then(|| sample.mean / *unit as f64)
        })
    };
    let measures = std::iter::once(names::CUSTOMER_COUNT).chain(balance.iter().map(|((name, _), _)| *name));
    let columns = vec![
        texts(names::MEASURE, measures.map(|name| Some(name.to_owned()))),
        ratios(names::TREATMENT, std::iter::once(Some(listed as f64)).chain(mean(|of| of.treatment))),
        ratios(names::CONTROL, std::iter::once(Some(held_out as f64)).chain(mean(|of| of.control))),
        ratios(
            names::STANDARDISED_DIFFERENCE,
            std::iter::once(None).chain(balance.iter().map(|(_, measured)| measured.difference)),
        ),
    ];
    let specs = vec![
        Spec::new(names::MEASURE, Kind::Label("columns"), 0),
        Spec::new(names::TREATMENT, Kind::Number, 0),
        Spec::new(names::CONTROL, Kind::Number, 0),
        Spec::new(names::STANDARDISED_DIFFERENCE, Kind::Number, 0),
    ];
    Ok(Table::new("balance", "measures", specs, frame(columns)?))
}

/// Names the measures by which the arms differ so much that a later comparison of their results may be due to that.
pub fn unbalanced(balance: &[(Measure, Balance)]) -> Option<Remark> {
    let differs = |measured: &Balance| measured.difference.is_some_and(|by| by.abs() > MAX_BALANCED);
    let names: Vec<&str> =
        balance.iter().filter(|(_, measured)| differs(measured)).map(|((name, _), _)| *name).collect();
    let remark = Remark::new("audience_unbalanced").with("columns", names.join(", "));
    (!names.is_empty()).then_some(remark)
}
