//! What the cells of a file gave away that its headers do not say.

use crate::locale::Remark;
use crate::parse::layout::Layout;
use crate::schema::Field;

/// Columns that have a field since their cells speak for it, not their names.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// All that was chosen where no preset knows the headers.
    pub chosen: Vec<(Field, usize)>,
    /// The order's number.
    pub order_id: Option<usize>,
    /// The order's total, on each of its rows.
    pub order_total: Option<usize>,
    /// Where no column is known to say who bought, one whose cells could.
    pub may_be_buyer: Option<usize>,
    /// The buyer's name, where nothing better says who bought.
    pub buyer_name: Option<usize>,
    /// Whether a row below the header explains the columns.
    pub is_explained: bool,
    /// A column of statuses whose `closed` means that the order is done.
    pub closed_is_done: Option<usize>,
    /// Whether several buyers have orders of the number 0, which is none then; else orders may be numbered from 0.
    pub zero_is_shared: bool,
}

impl Found {
    /// What the user should know of them.
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
