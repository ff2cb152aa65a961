//! The canonical customers table: what the exports say about people beside their orders.

use polars::prelude::*;

use super::CustomerCode;
use super::coded::CodedFrame;
use crate::regions::Region;

pub use super::table::{CUSTOMER, REGION};

/// The customers of all inputs, one row each. Where several rows of the inputs differ, the last one counts.
///
/// | column | type | |
/// |---|---|---|
/// | `customer` | u32 | the customer's code among the ids of all, ascending |
/// | `birthday`, `registered_on`, `card_claimed_on` | date | |
/// | `gender`, `level`, `source` | text | as the exports write it, spellings that differ in case being one |
/// | `region` | u32 | number among [`Customers::regions`] |
/// | `row_count` | u32 | rows that say something of the customer |
/// | `name`, `phone`, `email`, `wechat`, `qq` | text | without a spreadsheet's `="…"`; masked ones unchanged |
/// | `is_opted_out`, `is_blacklisted` | bool | by the words of [`super::words::Flag`] |
/// | each of [`Customers::attributes`] | text, i64 or f64 | a further column; numbers if all its values are |
///
/// A value is null where no input says it. Columns that no input has are missing; those from `name` on are there only
/// if a question asked for them.
#[derive(Debug, Clone, Default)]
pub struct Customers {
    table: CodedFrame,
    /// The country of the platforms that the lists came from, if it is the same for all of them.
    pub home: Option<String>,
}

impl Customers {
    /// Builds it from the columns above; those of words hold numbers.
    pub fn new(table: CodedFrame) -> Self {
        Self { table, home: None }
    }

    /// The table as a frame.
    pub fn table(&self) -> &CodedFrame {
        &self.table
    }

    /// The table as a frame, to leave rows out.
    pub(super) fn table_mut(&mut self) -> &mut CodedFrame {
        &mut self.table
    }

    /// A column, as texts, numbers or dates. `None` if no input has it or no question asked for it.
    pub fn column(&self, name: &str) -> Option<Column> {
        self.table.column(name)
    }

    /// The regions of the customers, by number.
    pub fn regions(&self) -> &[Region] {
        self.table.regions()
    }

    /// The names of additional columns, which only this shop's exports have.
    pub fn attributes(&self) -> &[String] {
        self.table.further()
    }

    /// The codes of the customers, one per row, ascending.
    pub fn codes(&self) -> impl ExactSizeIterator<Item = CustomerCode> + Clone + '_ {
        self.table.codes()
    }

    /// The row of a customer, if the customer is in the table.
    pub fn row(&self, customer: CustomerCode) -> Option<usize> {
        self.table.code_numbers().binary_search(&customer.number()).ok()
    }
}

/// Columns that ecrm has for every customer, whatever the exports hold. An additional column may not have one of these
/// names.
pub const OWN_COLUMNS: [&str; 83] = [
    "customer",
    "customer_id",
    "status",
    "name",
    "gender",
    "birthday",
    "age",
    "level",
    "phone",
    "email",
    "wechat",
    "qq",
    "region",
    "country",
    "province",
    "city",
    "registered_on",
    "card_claimed_on",
    "source",
    "is_opted_out",
    "is_blacklisted",
    "row_count",
    "first_ordered_on",
    "last_ordered_on",
    "recency_days",
    "tenure_days",
    "order_count",
    "order_count_7d",
    "order_count_30d",
    "order_count_90d",
    "order_count_365d",
    "net_amount",
    "net_amount_30d",
    "net_amount_90d",
    "net_amount_365d",
    "aov",
    "max_order_amount",
    "item_count",
    "items_per_order",
    "product_count",
    "refund_amount",
    "refunded_order_count",
    "unpaid_order_count",
    "last_unpaid_on",
    "deep_discount_share",
    "r_score",
    "f_score",
    "m_score",
    "rfm_group",
    "segment",
    "value",
    "mode",
    "class",
    "due_status",
    "next_expected_on",
    "expected_gap_days",
    "top_category",
    "top_product",
    "usual_hour",
    "usual_weekday",
    "role",
    "next_product",
    "last_event_on",
    "is_shop_favourite",
    "last_interest_on",
    "days_since_interest",
    "fav_shop_count_30d",
    "fav_item_count_30d",
    "cart_count_30d",
    "view_count_30d",
    "last_rating",
    "days_since_contact",
    "contact_count_30d",
    "last_campaign_id",
    "has_phone",
    "has_email",
    "has_wechat",
    "has_qq",
    "tags",
    "note",
    "p_alive",
    "expected_orders",
    "expected_spend",
];

/// The name of an additional column: its header, with `_listed` appended if that is the name of an own column (in any
/// case) or of another additional column.
pub fn attribute_name(header: &str, taken: &[String]) -> String {
    let is_taken = |name: &str| {
        let folded = name.to_lowercase();
        OWN_COLUMNS.contains(&folded.as_str()) || taken.iter().any(|other| other == name)
    };
    let mut name = header.to_owned();
    while is_taken(&name) {
        name.push_str("_listed");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_is_a_column_of_ecrms_own_is_told_apart() {
        assert_eq!(attribute_name("身高", &[]), "身高");
        assert_eq!(attribute_name("segment", &[]), "segment_listed");
        assert_eq!(attribute_name("AOV", &[]), "AOV_listed");
        assert_eq!(attribute_name("AOV", &["AOV_listed".to_owned()]), "AOV_listed_listed");
        assert_eq!(attribute_name("Skin", &["Skin".to_owned()]), "Skin_listed");
    }
}
