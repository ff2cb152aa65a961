//! Rows that could not be read, each with its place, the reason and the raw text, so that none is lost silently.

use crate::locale::{Words, harmless};

macro_rules! reasons {
    ($($variant:ident = $code:literal : $right:literal),+ $(,)?) => {
        /// Why a row is quarantined: a closed list, whose codes are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $(#[doc = $right] $variant),+ }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code, as it stands in `--rejects` files and manifests.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// What would have been right.
            pub fn expected(self) -> &'static str {
                match self { $(Self::$variant => $right),+ }
            }
        }
    };
}

reasons! {
    TooFewCells = "too_few_cells": "as many cells as the header has; the line may have been cut",
    TooManyCells = "too_many_cells": "as many cells as the header has; a delimiter in a cell needs quotes around it",
    UnclosedQuote = "unclosed_quote": "a closing double quote",
    OtherColumns = "other_columns": "the columns of the first header; rows below another one belong in another file",
    BadEncoding = "bad_encoding": "text in the file's encoding; --encoding names another",
    MissingOrderId = "missing_order_id": "an order id",
    RoundedId = "rounded_id": "all digits of the id; a spreadsheet has rounded it, export it again as text",
    MissingDate = "missing_date": "a date",
    BadDate = "bad_date": "a date such as 2026-05-23 or, in the order of its column, 23/05/2026",
    ImpossibleDate = "impossible_date": "a day from 1970-01-02 to 2199-12-31",
    MissingAmount = "missing_amount": "an amount",
    BadAmount = "bad_amount": "an amount such as 1234.50",
    UnknownStatus = "unknown_status": "a status word of the platform; [status] in ecrm.toml teaches others",
    UnknownKind = "unknown_kind": "a word for a kind of event; a preset of your own teaches others",
    UnknownDecision = "unknown_decision": "same or not_same",
    MissingCustomer = "missing_customer": "the customer the row is about",
    BadTag = "bad_tag": "the name of a tag: 1 to 60 characters, no semicolon, no line break",
    BadOrigin = "bad_origin": "manual or rule, or nothing, which is manual",
    BadSource = "bad_source": "the name of a source: 1 to 200 characters, no line break",
}

/// A refused record, by its number within the block.
#[derive(Debug)]
pub struct BlockReject {
    /// Number of the record within the block, from 0.
    pub index: u64,
    /// Why.
    pub reason: Reason,
    /// The column that is wrong, if it is a single one.
    pub column: Option<usize>,
    /// The text found there.
    pub seen: String,
    /// The raw record, with bytes that are no text replaced.
    pub raw: String,
}

/// A quarantined row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The file as the user named it.
    pub file: String,
    /// The record's number in the file, from 1, without counting empty lines: the row number that a spreadsheet shows
    /// if the file has no empty lines.
    pub record: u64,
    /// Why.
    pub reason: Reason,
    /// The header of the column that is wrong, if it is a single one.
    pub column: Option<String>,
    /// The text found there.
    pub seen: String,
    /// The raw record, with bytes that are no text replaced.
    pub raw: String,
}

impl Reject {
    /// A sentence with its place, the problem, the text found and what is expected.
    pub fn place(&self) -> Words {
        let header = |column: &String| vec![("header", format!("{column:?}"))];
        let column = self.column.as_ref().map(|column| Words::of("error", "reject_column", &header(column)));
        let code = self.reason.code().to_owned();
        Words::of(
            "error",
            "reject_place",
            &[
                ("file", harmless(&self.file).into_owned()),
                ("record", self.record.to_string()),
                ("column", column.map(|column| column.to_string()).unwrap_or_default()),
                ("code", code.clone()),
                ("reason", code.clone()),
                ("seen", format!("{:?}", self.seen)),
                ("wanted", code),
            ],
        )
    }
}
