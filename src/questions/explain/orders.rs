//! Every order and credit note of a person, and the rule that leaves it out.

use polars::prelude::*;

use super::Person;
use crate::answer::{Kind, Spec, Table};
use crate::customers::order_columns::OrderColumns;
use crate::error::Result;
use crate::metrics::documents::Judged;
use crate::metrics::finish::{flags, frame, texts};
use crate::schema::names;

/// The two kinds of rows. A credit note lowers the net amount and is no order.
const KINDS: [&str; 2] = ["order", "credit_note"];

/// How many rows are shown. Most people have fewer orders, and whoever asks for one person wants to see all.
const ROWS_SHOWN: usize = 100;

impl Person<'_> {
    pub(super) fn orders(&self) -> Result<Table> {
        let judged = &self.documents.judged;
        let rows: Vec<IdxSize> = judged.iter().map(|of| of.document.row as IdxSize).collect();
        let own = [
            names::ORDERED_ON,
            names::ORDER_ID,
            names::STATUS,
            names::PAID_AMOUNT,
            names::REFUND_AMOUNT,
            names::NET_AMOUNT,
        ];
        let columns = OrderColumns::new(self.ground.in_order()?, &own)?.of(&self.documents.frame)?;
        let columns = columns.take(&IdxCa::from_vec("row".into(), rows))?;
        let kind = |of: &Judged| {
            Some(KINDS[usize::from(!of.document.is_order && of.document.paid.is_negative())].to_owned())
        };
        let rule = |of: &Judged| of.rule.map(|rule| rule.code().to_owned());
        let mut all = columns.into_columns();
        all.extend([
            texts(names::TIME, judged.iter().map(|of| of.second.map(time))),
            texts(names::KIND, judged.iter().map(kind)),
            flags(names::IS_COUNTED, judged.iter().map(|of| Some(of.rule.is_none()))),
            texts(names::RULE, judged.iter().map(rule)),
        ]);
        let specs = vec![
            Spec::new(names::ORDERED_ON, Kind::Date, 0),
            Spec::new(names::TIME, Kind::Text, 5),
            Spec::new(names::ORDER_ID, Kind::Text, 1),
            Spec::new(names::KIND, Kind::Label("document"), 6),
            Spec::new(names::STATUS, Kind::Label("meaning"), 4),
            Spec::new(names::PAID_AMOUNT, Kind::Amount, 2),
            Spec::new(names::REFUND_AMOUNT, Kind::Amount, 3),
            Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
            Spec::new(names::IS_COUNTED, Kind::Flag, 0),
            Spec::new(names::RULE, Kind::Label("rule"), 0),
        ];
        Ok(Table::new("orders", "orders", specs, frame(all)?).with_rows(ROWS_SHOWN))
    }
}

/// Formats a second of the day, such as `09:30:00`.
pub(super) fn time(second: i32) -> String {
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn seconds_of_the_day_are_times() {
        assert_eq!([0, 34_200, 86_399].map(time), ["00:00:00", "09:30:00", "23:59:59"]);
    }
}
