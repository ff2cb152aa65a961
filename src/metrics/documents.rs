//! Every order and credit note of one person, including those that do not count, with the rule that leaves each out.

use polars::prelude::*;

use super::histories::{Document, PartColumns, by_time, rule_of_no_order};
use super::scope::{Amounts, KEPT, Scope};
use crate::error::Result;
use crate::schema::accounting::Rule;
use crate::schema::{CustomerCode, Day, Micros, Orders, orders};

/// The orders and credit notes of one person.
#[derive(Debug)]
pub struct Documents {
    /// Their rows in the orders table.
    pub frame: DataFrame,
    /// Each of them with the rule that leaves it out, sorted by time; its `row` is the row in [`Self::frame`].
    pub judged: Vec<Judged>,
}

/// An order or a credit note, whether it counts or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// The order or credit note.
    pub document: Document,
    /// The second of its day; `None` if no time is given.
    pub second: Option<i32>,
    /// The rule that leaves it out; `None` if it counts.
    pub rule: Option<Rule>,
}

/// The rows of one customer, in the order of the orders table.
///
/// # Errors
/// Those of polars.
pub fn rows_of(orders: &Orders, customer: CustomerCode) -> Result<DataFrame> {
    orders.parts.ask_frames(|part| {
        let is_own =
            part.column(orders::CUSTOMER)?.u32()?.iter().map(|code| Some(code == Some(customer.number())));
        Ok(part.filter(&is_own.collect::<BooleanChunked>())?)
    })
}

impl Documents {
    /// Judges the rows of one customer ([`rows_of`]) by the same rules as every question about buyers. Rows for which
    /// `is_chosen` is not true are left out by a condition on orders; they do not influence how the other rows are
    /// judged.
    ///
    /// # Errors
    /// Those of polars.
    pub fn new(
        frame: DataFrame,
        is_chosen: Option<&BooleanChunked>,
        orders: &Orders,
        scope: &Scope,
    ) -> Result<Self> {
        let all: Vec<bool> = match is_chosen {
            Some(chosen) => chosen.iter().map(|is_chosen| is_chosen == Some(true)).collect(),
            None => vec![true; frame.height()],
        };
        let chosen = frame.filter(&all.iter().map(|is_chosen| Some(*is_chosen)).collect())?;
        let mut codes = scope.ruling(orders, true).rules(&chosen)?.into_iter();
        let rules: Vec<Option<Rule>> = all
            .iter()
            .map(|is_chosen| match is_chosen {
                true => rule_of(codes.next().unwrap_or(KEPT)),
                false => Some(Rule::OrderNotChosen),
            })
            .collect();
        let amounts = Amounts::of(&frame)?;
        let (day, paid, refund) = (amounts.day()?, amounts.paid()?, amounts.refund()?);
        let document = |row: usize| {
            let (paid, refund) = (Micros::new(paid[row]), Micros::new(refund[row]));
            Document {
                row,
                day: Day::new(day[row]),
                net: paid - refund,
                paid,
                is_order: scope.is_order(paid),
            }
        };
        let mut documents: Vec<Document> = (0..frame.height()).map(document).collect();
        documents.sort_by_key(|document| document.day);
        let columns = PartColumns::of(&frame)?;
        by_time(&mut documents, &columns);
        let counting: Vec<Document> =
            documents.iter().filter(|document| rules[document.row].is_none()).copied().collect();
        let of_all = rule_of_no_order(&counting);
        let judged = |document: Document| Judged {
            second: columns.second(document.row),
            rule: rules[document.row].or(of_all),
            document,
        };
        Ok(Self { judged: documents.into_iter().map(judged).collect(), frame })
    }
}

/// The rule with this code; `None` for the code of a row that counts.
fn rule_of(code: u8) -> Option<Rule> {
    Rule::ALL.get(usize::from(code)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{on, orders};
    use crate::schema::money::UNIT;

    /// The window of thirty days up to 30 June begins on 1 June. Order 7 is after its end and order 6 before its
    /// beginning, and c has only a credit note.
    #[test]
    fn every_document_has_its_rule() {
        let read = orders(
            "order_id,customer_id,status,order_date,amount;1,a,paid,2026-06-10,5;2,a,paid,2026-06-09,0;3,a,pending,2026-06-08,4;
             4,a,cancelled,2026-06-08,3;5,a,refunded,2026-06-08,2;6,a,paid,2026-05-31,8;7,a,paid,2026-07-01,9;8,c,paid,2026-06-12,-2",
        );
        let all = &read.ingested.orders;
        let scope = read.window(30, "2026-06-30");
        let of = |code: CustomerCode| {
            let frame = rows_of(all, code).expect("rows");
            let judged = Documents::new(frame, None, all, &scope).expect("rules").judged;
            judged
                .iter()
                .map(|of| (of.document.day, of.document.net.number() / UNIT, of.rule))
                .collect::<Vec<_>>()
        };
        let code = |id: &str| all.customers.codes().find(|code| all.customers.text(*code) == id);
        let day = on("2026-06-08");
        assert_eq!(
            of(code("a").expect("a")),
            [
                (day.minus_days(8), 8, Some(Rule::OutsideWindow)),
                (day, 2, Some(Rule::Refunded)),
                (day, 3, Some(Rule::Cancelled)),
                (day, 4, Some(Rule::Unpaid)),
                (day.plus_days(1), 0, Some(Rule::ZeroAmount)),
                (day.plus_days(2), 5, None),
                (day.plus_days(23), 9, Some(Rule::AfterAsOf)),
            ]
        );
        assert_eq!(of(code("c").expect("c")), [(day.plus_days(4), -2, Some(Rule::NoValidOrder))]);
    }

    /// Three of a's four orders went to 广东, so order 4 to 浙江 is occasional. If a condition leaves order 4 out, that is
    /// its rule.
    #[test]
    fn what_a_condition_leaves_out_says_so_and_tells_nothing() {
        let read = orders(
            "order_id,customer_id,order_date,amount,province;1,a,2026-06-01,1,广东;2,a,2026-06-02,2,广东;3,a,2026-06-03,3,广东;
             4,a,2026-06-04,4,浙江",
        );
        let all = &read.ingested.orders;
        let scope = Scope { excludes_occasional: true, ..read.up_to("2026-06-30") };
        let rules = |chosen: Option<[bool; 4]>| {
            let chosen = chosen.map(|chosen| BooleanChunked::from_slice("chosen".into(), &chosen));
            let frame = rows_of(all, CustomerCode::new(0)).expect("rows");
            let documents = Documents::new(frame, chosen.as_ref(), all, &scope).expect("rules");
            documents.judged.iter().map(|of| of.rule).collect::<Vec<_>>()
        };
        assert_eq!(rules(None), [None, None, None, Some(Rule::Occasional)]);
        assert_eq!(rules(Some([true, true, true, false])), [None, None, None, Some(Rule::OrderNotChosen)]);
        // With one order to 广东 and one to 浙江, a has no usual province.
        let apart = [None, Some(Rule::OrderNotChosen), Some(Rule::OrderNotChosen), None];
        assert_eq!(rules(Some([true, false, false, true])), apart);
    }
}
