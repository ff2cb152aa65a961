//! The cells of a file's first records, decoded and trimmed, for decisions that need several columns at once.

use std::ops::ControlFlow;

use crate::parse::layout::Layout;
use crate::parse::records::{for_first_records, whole_records};
use crate::text;

/// How many records are examined.
const ROWS: usize = 2_000;

/// The first records of a file.
pub(super) struct Sample {
    width: usize,
    cells: Vec<String>,
}

impl Sample {
    /// Takes them from the bytes below the header.
    pub fn of(layout: &Layout, body: &[u8], is_whole: bool) -> Self {
        let width = layout.headers.len();
        let mut cells = Vec::new();
        let end = whole_records(body, layout.dialect, is_whole);
        for_first_records(&body[..end], layout.dialect, |record| {
            if cells.len() >= ROWS * width {
                return ControlFlow::Break(());
            }
            if record.len() <= width && !record.is_blank() {
                cells.extend((0..width).map(|column| {
                    let cell = layout.encoding.decode(record.cell(column)).unwrap_or_default();
                    String::from_utf8_lossy(text::trim(&cell)).into_owned()
                }));
            }
            ControlFlow::Continue(())
        });
        Self { width, cells }
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.cells.len() / self.width.max(1)
    }

    /// How many columns it has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// A cell.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.cells.get(row * self.width + column).map_or("", String::as_str)
    }

    /// The cells of a column.
    pub fn column(&self, column: usize) -> impl Iterator<Item = &str> {
        (0..self.len()).map(move |row| self.cell(row, column))
    }
}
