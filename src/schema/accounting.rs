//! Where every row went: rows read = used + excluded by a rule + quarantined.

use crate::error::{Error, Result};
use crate::schema::reject::Reason;

macro_rules! rules {
    ($($variant:ident = $code:literal : $meaning:literal),+ $(,)?) => {
        /// A rule that leaves readable rows out. The first that applies, in this order, gets the row.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Rule { $(#[doc = $meaning] $variant),+ }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code in machine output, which is also the key of its translations.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Which rows the rule leaves out.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}

rules! {
    BlankRow = "blank_row": "Only empty cells.",
    RepeatedHeader = "repeated_header": "The header again, where exports were put together into one file.",
    TotalRow = "total_row": "The closing total of a report.",
    RemarkRow = "remark_row": "A line of text below a report, which is no row of it.",
    NoSale = "no_sale": "No sale: a fee, a payout, a label, a payment of the shop's own.",
    OtherCurrency = "other_currency": "In another currency than the one asked for.",
    Forgotten = "forgotten": "Of somebody whom the store was told to forget.",
    Superseded = "superseded": "The order is in a later export too, which wins.",
    IncompleteOrder = "incomplete_order": "Further rows of an order whose own row is not in the export.",
    DanglingItem = "dangling_item": "An item of an order that is in no file.",
    RefundOfRefunded = "refund_of_refunded": "The refund of an order that was wholly given back, which is left out itself.",
    OtherKind = "other_kind": "An event that says nothing of a customer's interest.",
    ExcludedSource = "excluded_source": "An event of a source that was left out by name.",
    OrderNotChosen = "order_not_chosen": "An order that --orders-where leaves out.",
    NotChosen = "not_chosen": "Of somebody whom --where leaves out, or of nobody known.",
    NoCustomer = "no_customer": "Names no buyer.",
    MaskedCustomer = "masked_customer": "The platform has masked the buyer.",
    Unpaid = "unpaid": "Payment awaited.",
    ClosedUnpaid = "closed_unpaid": "Closed without payment.",
    Cancelled = "cancelled": "Cancelled.",
    Refunded = "refunded": "Wholly given back.",
    ZeroAmount = "zero_amount": "Nothing was paid: a gift or a draw.",
    AfterAsOf = "after_as_of": "Dated after the as-of day.",
    OutsideWindow = "outside_window": "Before the window; for cohorts and repurchases, of customers who came before it.",
    Occasional = "occasional": "An occasional purchase: to another province than the buyer's usual one.",
    NoValidOrder = "no_valid_order": "Credit notes of a customer without a valid order.",
}

/// Rows per rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleCounts([u64; Rule::ALL.len()]);

impl RuleCounts {
    /// Counts `rows` rows under a rule.
    pub fn add(&mut self, rule: Rule, rows: u64) {
        self.0[rule as usize] += rows;
    }

    /// Adds the counts of another part.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }

    /// The rules that left any rows out, with the number of rows.
    pub fn iter(&self) -> impl Iterator<Item = (Rule, u64)> + '_ {
        Rule::ALL.iter().map(|&rule| (rule, self.0[rule as usize])).filter(|(_, rows)| *rows > 0)
    }

    /// Rows under a rule.
    pub fn of(&self, rule: Rule) -> u64 {
        self.0[rule as usize]
    }

    /// All rows left out.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// The row accounting of a whole run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounting {
    /// Records below the headers, blank lines left out.
    pub rows_read: u64,
    /// Rows of the orders and credit notes that the answer uses.
    pub rows_used: u64,
    /// Rows left out by rules.
    pub excluded: RuleCounts,
    /// Rows that could not be read, by reason.
    pub quarantined: Vec<(Reason, u64)>,
}

/// Rows that were not used for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// `excluded` or `quarantined`.
    pub outcome: &'static str,
    /// The kind of the code: `rule` or `reason`.
    pub by: &'static str,
    /// The code of the rule that leaves them out, or of the reason why they cannot be read.
    pub code: &'static str,
    /// How many.
    pub rows: u64,
}

impl Accounting {
    /// The rows that were not used: by rule, then by reason, without those that have no rows.
    pub fn left_out(&self) -> impl Iterator<Item = LeftOut> + '_ {
        let by_rule =
            |(rule, rows): (Rule, u64)| LeftOut { outcome: "excluded", by: "rule", code: rule.code(), rows };
        let by_reason = |(reason, rows): &(Reason, u64)| LeftOut {
            outcome: "quarantined",
            by: "reason",
            code: reason.code(),
            rows: *rows,
        };
        self.excluded.iter().map(by_rule).chain(self.quarantined.iter().map(by_reason))
    }

    /// Moves `rows` rows from used to excluded. If that is more than are used, [`Self::check_balance`] fails.
    pub fn exclude(&mut self, rule: Rule, rows: u64) {
        self.rows_used = self.rows_used.saturating_sub(rows);
        self.excluded.add(rule, rows);
    }

    /// Adds the rows of another part of the inputs.
    pub fn merge(&mut self, other: &Self) {
        self.rows_read += other.rows_read;
        self.rows_used += other.rows_used;
        self.excluded.merge(&other.excluded);
        other.quarantined.iter().for_each(|(reason, rows)| self.quarantine(*reason, *rows));
    }

    /// Subtracts a part of the inputs, all of whose rows are included here; its used rows stay counted as used.
    pub fn take_away(&mut self, part: &Self) {
        self.rows_read = self.rows_read.saturating_sub(part.rows_read);
        for (mine, theirs) in self.excluded.0.iter_mut().zip(part.excluded.0) {
            *mine = mine.saturating_sub(theirs);
        }
        for (reason, rows) in &mut self.quarantined {
            let theirs =
                part.quarantined.iter().find(|(other, _)| other == reason).map_or(0, |(_, rows)| *rows);
            *rows = rows.saturating_sub(theirs);
        }
        self.quarantined.retain(|(_, rows)| *rows > 0);
        self.use_the_rest();
    }

    /// Counts rows that could not be read; reasons keep the order in which they first came.
    pub fn quarantine(&mut self, reason: Reason, rows: u64) {
        match self.quarantined.binary_search_by_key(&reason, |(known, _)| *known) {
            Ok(place) => self.quarantined[place].1 += rows,
            Err(place) => self.quarantined.insert(place, (reason, rows)),
        }
    }

    /// All quarantined rows.
    pub fn quarantined_total(&self) -> u64 {
        self.quarantined.iter().map(|(_, rows)| rows).sum()
    }

    /// Counts all rows as used that are neither left out nor quarantined.
    pub fn use_the_rest(&mut self) {
        let left_out = self.excluded.total() + self.quarantined_total();
        self.rows_used = self.rows_read.saturating_sub(left_out);
    }

    /// Checks that every row read is accounted for.
    ///
    /// # Errors
    /// [`Error::Internal`] when the counts do not add up: a result from such rows must not leave the program.
    pub fn check_balance(&self) -> Result<()> {
        if self.is_balanced() {
            return Ok(());
        }
        Err(Error::Internal(format!(
            "the rows do not add up: {} read, but {} used, {} excluded and {} quarantined",
            self.rows_read,
            self.rows_used,
            self.excluded.total(),
            self.quarantined_total()
        )))
    }

    /// Whether every row read is accounted for.
    pub fn is_balanced(&self) -> bool {
        self.rows_read == self.rows_used + self.excluded.total() + self.quarantined_total()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_do_not_add_up_are_an_error() {
        let mut accounting = Accounting { rows_read: 5, ..Accounting::default() };
        accounting.quarantine(Reason::BadDate, 1);
        accounting.use_the_rest();
        assert_eq!(accounting.rows_used, 4);
        accounting.exclude(Rule::Unpaid, 3);
        assert!(accounting.check_balance().is_ok());
        // One row is used: two cannot be left out.
        accounting.exclude(Rule::Cancelled, 2);
        let error = accounting.check_balance().unwrap_err().to_string();
        assert!(error.contains("5 read, but 0 used, 5 excluded and 1 quarantined"), "{error}");
    }

    #[test]
    fn more_left_out_than_read_is_an_error() {
        let mut accounting = Accounting { rows_read: 2, ..Accounting::default() };
        accounting.excluded.add(Rule::BlankRow, 3);
        accounting.use_the_rest();
        assert!(accounting.check_balance().is_err());
    }
}
