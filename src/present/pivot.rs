//! Arranges rows that each hold one cell into the lines and columns of a heat map.

use std::collections::HashMap;

/// The rows of a table by the line and the column that each belongs to.
pub(super) struct Pivot {
    /// For each column, the first row of it.
    pub columns: Vec<usize>,
    /// The first lines, as many as are wanted.
    pub lines: Vec<Line>,
    /// The total number of lines.
    pub total: usize,
}

/// A line of a heat map.
pub(super) struct Line {
    /// Its first row.
    pub row: usize,
    /// By column, the row that holds the cell; columns behind the last cell are left out.
    pub cells: Vec<Option<usize>>,
}

impl Pivot {
    /// The first `limit` lines; the rows must be sorted by line.
    pub fn of(
        rows: usize,
        limit: usize,
        line_of: impl Fn(usize) -> String,
        column_of: impl Fn(usize) -> String,
    ) -> Self {
        let mut pivot = Self { columns: Vec::new(), lines: Vec::new(), total: 0 };
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut last = None;
        for row in 0..rows {
            let name = Some(line_of(row));
            if name != last {
                last = name;
                pivot.total += 1;
                if pivot.total <= limit {
                    pivot.lines.push(Line { row, cells: Vec::new() });
                }
            }
            if pivot.total > limit {
                continue;
            }
            let place = *places.entry(column_of(row)).or_insert_with(|| {
                pivot.columns.push(row);
                pivot.columns.len() - 1
            });
            let Some(line) = pivot.lines.last_mut() else { continue };
            line.cells.resize(line.cells.len().max(place + 1), None);
            line.cells[place] = Some(row);
        }
        pivot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_find_their_line_and_column_and_no_more_lines_than_wanted() {
        let rows = [("a", "x"), ("a", "z"), ("b", "y"), ("b", "x"), ("c", "w")];
        let of = |limit| Pivot::of(5, limit, |row| rows[row].0.to_owned(), |row| rows[row].1.to_owned());
        let pivot = of(2);
        assert_eq!((pivot.columns, pivot.total), (vec![0, 1, 2], 3));
        let cells: Vec<(usize, Vec<Option<usize>>)> =
            pivot.lines.into_iter().map(|line| (line.row, line.cells)).collect();
        assert_eq!(cells, [(0, vec![Some(0), Some(1)]), (2, vec![Some(3), None, Some(2)])]);
        assert_eq!(of(9).columns, [0, 1, 2, 4]);
        assert_eq!(of(0).total, 3);
    }
}
