//! The columns of the tables that `campaign` writes.

use crate::answer::{Kind, Spec};
use crate::customers::listed;
use crate::metrics::campaign::By;
use crate::schema::names;

const ARM: Kind = Kind::LabelOr("arm");

fn named() -> [Spec; 2] {
    [Spec::new(names::CAMPAIGN_ID, Kind::Named, 0), Spec::new(names::ARM, ARM, 0)]
}

pub(super) fn arm_columns() -> Vec<Spec> {
    let mut columns = named().to_vec();
    columns.extend([
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::MESSAGE_COUNT, Kind::Count, 6),
        Spec::new(names::DELIVERED_COUNT, Kind::Count, 9),
        Spec::new(names::COST, Kind::Amount, 4),
        Spec::new(names::BUYER_COUNT, Kind::Count, 1),
        Spec::new(names::CONVERSION_RATE, Kind::Share, 0),
        Spec::new(names::RATE_LOW, Kind::Share, 5),
        Spec::new(names::RATE_HIGH, Kind::Share, 5),
        Spec::new(names::ORDER_COUNT, Kind::Count, 7),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::UNPAID_CUSTOMER_COUNT, Kind::Count, 12),
        Spec::new(names::UNPAID_ORDER_COUNT, Kind::Count, 11),
        Spec::new(names::UNPAID_AMOUNT, Kind::Amount, 10),
        Spec::new(names::AOV, Kind::Amount, 8),
        Spec::new(names::SPEND_PER_CUSTOMER, Kind::Amount, 2),
        Spec::new(names::SPEND_LOW, Kind::Amount, 13),
        Spec::new(names::SPEND_HIGH, Kind::Amount, 13),
        Spec::new(names::ROI, Kind::Number, 3),
        Spec::new(names::RETURN_ON_SPEND, Kind::Number, 14),
    ]);
    columns
}

pub(super) fn reading_columns() -> Vec<Spec> {
    let mut columns = named().to_vec();
    columns.push(Spec::new(names::EXPLANATION, Kind::Sentence("campaign"), 0));
    columns
}

fn result_columns() -> [Spec; 1] {
    [Spec::new(names::RESULT, Kind::Label("campaign_result"), 0)]
}

/// The columns that compare the two arms, both for all customers and for each group.
fn compared_columns() -> [Spec; 10] {
    [
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 5),
        Spec::new(names::CONTROL_COUNT, Kind::Count, 5),
        Spec::new(names::RATE_DIFFERENCE, Kind::Share, 0),
        Spec::new(names::RATE_DIFFERENCE_LOW, Kind::Share, 1),
        Spec::new(names::RATE_DIFFERENCE_HIGH, Kind::Share, 1),
        Spec::new(names::RATE_P_VALUE, Kind::Chance, 2),
        Spec::new(names::SPEND_DIFFERENCE, Kind::Amount, 3),
        Spec::new(names::SPEND_DIFFERENCE_LOW, Kind::Amount, 6),
        Spec::new(names::SPEND_DIFFERENCE_HIGH, Kind::Amount, 6),
        Spec::new(names::SPEND_P_VALUE, Kind::Chance, 4),
    ]
}

pub(super) fn lift_columns() -> Vec<Spec> {
    let mut columns = named().to_vec();
    columns.extend(compared_columns());
    columns.extend([
        Spec::new(names::RATE_P_VALUE_HOLM, Kind::Chance, 11),
        Spec::new(names::SPEND_P_VALUE_HOLM, Kind::Chance, 11),
        Spec::new(names::RELATIVE_LIFT, Kind::Share, 9),
        Spec::new(names::INCREMENTAL_BUYERS, Kind::Number, 7),
        Spec::new(names::INCREMENTAL_BUYERS_LOW, Kind::Number, 13),
        Spec::new(names::INCREMENTAL_BUYERS_HIGH, Kind::Number, 13),
        Spec::new(names::INCREMENTAL_NET_AMOUNT, Kind::Amount, 3),
        Spec::new(names::INCREMENTAL_NET_AMOUNT_LOW, Kind::Amount, 12),
        Spec::new(names::INCREMENTAL_NET_AMOUNT_HIGH, Kind::Amount, 12),
        Spec::new(names::INCREMENTAL_ROI, Kind::Number, 8),
        Spec::new(names::DETECTABLE_DIFFERENCE, Kind::Share, 10),
        Spec::new(names::CUPED_SPEND_DIFFERENCE, Kind::Amount, 14),
        Spec::new(names::CUPED_SPEND_DIFFERENCE_LOW, Kind::Amount, 15),
        Spec::new(names::CUPED_SPEND_DIFFERENCE_HIGH, Kind::Amount, 15),
        Spec::new(names::CUPED_SPEND_P_VALUE, Kind::Chance, 14),
        Spec::new(names::SPEND_CAP, Kind::Amount, 17),
        Spec::new(names::CAPPED_SPEND_DIFFERENCE, Kind::Amount, 16),
        Spec::new(names::CAPPED_SPEND_DIFFERENCE_LOW, Kind::Amount, 18),
        Spec::new(names::CAPPED_SPEND_DIFFERENCE_HIGH, Kind::Amount, 18),
        Spec::new(names::CAPPED_SPEND_P_VALUE, Kind::Chance, 16),
    ]);
    columns.extend(result_columns());
    let explanation = Kind::Phrase { section: "campaign_result_of", of: "campaign_result" };
    columns.push(Spec::new(names::EXPLANATION, explanation, 0));
    columns
}

pub(super) fn group_columns(by: By) -> Vec<Spec> {
    let kind = match by {
        By::Segment => Kind::LabelOr("segment"),
        By::Channel => Kind::LabelOr("channel"),
        By::Province => Kind::Named,
    };
    let mut columns = named().to_vec();
    columns.push(Spec::new(by.column(), kind, 0));
    columns.extend(compared_columns());
    columns.extend([
        Spec::new(names::RATE_INTERACTION_P_VALUE, Kind::Chance, 7),
        Spec::new(names::SPEND_INTERACTION_P_VALUE, Kind::Chance, 8),
    ]);
    columns.extend(result_columns());
    columns
}

pub(super) fn validity_columns() -> Vec<Spec> {
    let mut columns = named().to_vec();
    columns.extend([
        Spec::new(names::ASSIGNED_COUNT, Kind::Count, 0),
        Spec::new(names::ASSIGNED_SHARE, Kind::Share, 3),
        Spec::new(names::PLANNED_SHARE, Kind::Share, 3),
        Spec::new(names::SPLIT_P_VALUE, Kind::Chance, 4),
        Spec::new(names::IS_SPLIT_AS_PLANNED, Kind::Flag, 1),
        Spec::new(names::MIXED_COUNT, Kind::Count, 1),
        Spec::new(names::UNFINISHED_COUNT, Kind::Count, 1),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::OPTED_OUT_COUNT, Kind::Count, 6),
        Spec::new(names::REFUNDED_ORDER_COUNT, Kind::Count, 5),
        Spec::new(names::REFUND_AMOUNT, Kind::Amount, 7),
        Spec::new(names::OVERLAP_CUSTOMER_COUNT, Kind::Count, 8),
        Spec::new(names::OVERLAP_ORDER_COUNT, Kind::Count, 2),
    ]);
    columns
}

fn of_customer_columns() -> Vec<Spec> {
    let mut columns = named().to_vec();
    columns.extend([
        listed(names::CUSTOMER_ID, 0),
        Spec::new(names::SENT_ON, Kind::Date, 1),
        Spec::new(names::LAST_ON, Kind::Date, 4),
    ]);
    columns
}

pub(super) fn customer_columns() -> Vec<Spec> {
    let mut columns = of_customer_columns();
    columns.extend([
        Spec::new(names::IS_IN_FIGURES, Kind::Flag, 5),
        Spec::new(names::MESSAGE_COUNT, Kind::Count, 6),
        Spec::new(names::IS_DELIVERED, Kind::Flag, 7),
        Spec::new(names::COST, Kind::Amount, 8),
        listed(names::ORDER_COUNT, 0),
        listed(names::NET_AMOUNT, 0),
        listed(names::FIRST_ORDERED_ON, 2),
        listed(names::UNPAID_ORDER_COUNT, 3),
        Spec::new(names::NET_AMOUNT_YEAR_BEFORE, Kind::Amount, 9),
    ]);
    columns
}

/// The columns of the list for a second notice.
pub fn not_joined_columns() -> Vec<Spec> {
    let mut columns = of_customer_columns();
    columns.extend([
        Spec::new(names::MESSAGE_COUNT, Kind::Count, 2),
        Spec::new(names::IS_DELIVERED, Kind::Flag, 3),
        listed(names::UNPAID_ORDER_COUNT, 0),
        Spec::new(names::IS_OPTED_OUT, Kind::Flag, 1),
    ]);
    columns
}

pub(super) fn product_columns() -> Vec<Spec> {
    let mut columns = named().to_vec();
    columns.extend([
        Spec::new(names::PRODUCT_ID, Kind::Named, 1),
        Spec::new(names::TITLE, Kind::Title, 0),
        Spec::new(names::ORDER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 2),
        Spec::new(names::QUANTITY, Kind::Number, 4),
        Spec::new(names::AMOUNT, Kind::Amount, 3),
    ]);
    columns
}
