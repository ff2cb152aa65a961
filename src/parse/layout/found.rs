//! What the cells of a file revealed about its columns beyond their headers.

use crate::locale::Remark;
use crate::parse::layout::Layout;
use crate::schema::Field;

/// Columns whose field was chosen by their cells instead of their header.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// All columns chosen this way, if no preset knows the headers.
    pub chosen: Vec<(Field, usize)>,
    /// The column of the order number.
    pub order_id: Option<usize>,
    /// The column of the order's total, which is repeated on each of its rows.
    pub order_total: Option<usize>,
    /// If no column is known to say who bought: a column whose cells could.
    pub may_be_buyer: Option<usize>,
    /// The column of the buyer's name, if nothing better says who bought.
    pub buyer_name: Option<usize>,
    /// Whether the row below the header is a second header that explains the columns.
    pub is_explained: bool,
    /// The status column in which `closed` means that the order is completed.
    pub closed_is_done: Option<usize>,
    /// Whether several buyers have orders numbered 0, so that 0 means "no number". Otherwise orders may be numbered
    /// from 0.
    pub zero_is_shared: bool,
}

impl Found {
    /// Remarks about them for the user.
    pub fn remarks(&self, file: &str, layout: &Layout) -> Vec<Remark> {
        let remark = |code, column: Option<usize>| {
            let header = layout.headers.get(column?)?;
            Some(Remark::new(code).with("file", file).with("header", header))
        };
        let of = |(field, column): &(Field, usize)| format!("{}={}", field.name(), layout.headers[*column]);
        let chosen: Vec<String> = self.chosen.iter().map(of).collect();
        let chosen = (!chosen.is_empty())
            .then(|| Remark::new("columns_chosen").with("file", file).with("columns", chosen.join(", ")));
        let found = [
            chosen,
            remark("order_id_found", self.order_id),
            remark("total_of_order", self.order_total),
            remark("buyer_name_found", self.buyer_name),
            remark("closed_is_done", self.closed_is_done),
            self.is_explained.then(|| Remark::new("explained_header").with("file", file)),
        ];
        found.into_iter().flatten().collect()
    }
}
