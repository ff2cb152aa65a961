//! Converts the client's record batches into a frame, for the few types that statements return.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use polars::prelude::*;

use crate::error::{Error, Result};

/// The rows of all batches in their order. An empty batch still gives the columns.
///
/// # Errors
/// When a column has a type that no statement returns.
pub fn frame(batches: &[RecordBatch]) -> Result<DataFrame> {
    let Some(first) = batches.first() else { return Ok(DataFrame::default()) };
    let schema = first.schema();
    let columns = schema.fields().iter().enumerate().map(|(place, field)| {
        let parts: Vec<&dyn Array> = batches.iter().map(|batch| batch.column(place).as_ref()).collect();
        column(field.name(), &parts).ok_or_else(|| {
            let values = [("column", field.name().clone()), ("seen", field.data_type().to_string())];
            Error::data_of("engine_type", &values)
        })
    });
    Ok(DataFrame::new_infer_height(columns.collect::<Result<_>>()?)?)
}

/// A column from its parts; none for an unexpected type.
fn column(name: &str, parts: &[&dyn Array]) -> Option<Column> {
    let name = PlSmallStr::from(name);
    let first = *parts.first()?;
    if first.as_primitive_opt::<Int32Type>().is_some() {
        let cells = parts.iter().flat_map(|part| part.as_primitive::<Int32Type>().iter());
        return Some(Int32Chunked::from_iter_options(name, cells).into_column());
    }
    if first.as_primitive_opt::<Int64Type>().is_some() {
        let cells = parts.iter().flat_map(|part| part.as_primitive::<Int64Type>().iter());
        return Some(Int64Chunked::from_iter_options(name, cells).into_column());
    }
    if let Some(decimals) = first.as_primitive_opt::<Decimal128Type>() {
        let scale = usize::try_from(decimals.scale()).ok()?;
        let cells = parts.iter().flat_map(|part| part.as_primitive::<Decimal128Type>().iter());
        let whole = Int128Chunked::from_iter_options(name, cells);
        return Some(whole.into_decimal_unchecked(38, scale).into_column());
    }
    if first.as_string_opt::<i32>().is_some() {
        let cells = parts.iter().flat_map(|part| part.as_string::<i32>().iter());
        return Some(StringChunked::from_iter_options(name, cells).into_column());
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Decimal128Array, Float64Array, Int32Array, Int64Array, StringArray};

    use super::*;

    fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, of)| (name, of, true)))
            .expect("a batch")
    }

    #[test]
    fn batches_become_one_frame_and_nulls_stay_null() {
        let decimals = |cells: Vec<Option<i128>>| -> ArrayRef {
            Arc::new(Decimal128Array::from(cells).with_precision_and_scale(38, 0).expect("decimals"))
        };
        let one = batch(vec![
            ("day", Arc::new(Int32Array::from(vec![Some(1), None])) as ArrayRef),
            ("count", Arc::new(Int64Array::from(vec![7, 8]))),
            ("net", decimals(vec![Some(10_i128.pow(30)), None])),
            ("place", Arc::new(StringArray::from(vec![None, Some("浙江")]))),
        ]);
        let all = frame(&[one.slice(0, 1), one.slice(1, 0), one.slice(1, 1)]).expect("a frame");
        let net = Int128Chunked::from_slice_options("net".into(), &[Some(10_i128.pow(30)), None]);
        let expected = df!("day" => [Some(1_i32), None], "count" => [7_i64, 8]).expect("a frame");
        let expected = expected
            .hstack(&[
                net.into_decimal_unchecked(38, 0).into_column(),
                Column::new("place".into(), [None, Some("浙江")]),
            ])
            .expect("a frame");
        assert!(all.equals_missing(&expected), "{all}");
        // A batch without rows still has its columns.
        assert_eq!(frame(&[one.slice(0, 0)]).expect("a frame").width(), 4);
        assert_eq!(frame(&[]).expect("a frame").width(), 0);
    }

    #[test]
    fn floats_are_refused_by_name() {
        let error = frame(&[batch(vec![("mean", Arc::new(Float64Array::from(vec![0.5])) as ArrayRef)])]);
        assert!(error.is_err_and(|error| error.to_string().contains("mean")));
    }
}
