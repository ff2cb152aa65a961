//! The names of output columns: the same in every format, in `--help`, in SQL and here.

/// The buyer's id.
pub const CUSTOMER_ID: &str = "customer_id";
/// Day of the last valid order.
pub const LAST_ORDERED_ON: &str = "last_ordered_on";
/// Whole days from the last valid order to as-of.
pub const RECENCY_DAYS: &str = "recency_days";
/// Distinct valid orders.
pub const ORDER_COUNT: &str = "order_count";
/// Paid minus refunded.
pub const NET_AMOUNT: &str = "net_amount";
/// Customers.
pub const CUSTOMER_COUNT: &str = "customer_count";
/// Part of all customers, 0 to 1.
pub const CUSTOMER_SHARE: &str = "customer_share";
/// Part of the whole net amount, 0 to 1.
pub const NET_SHARE: &str = "net_share";
/// Part of the net amount of all rows, 0 to 1.
pub const SHARE: &str = "share";
/// The country.
pub const COUNTRY: &str = "country";
/// The province or state.
pub const PROVINCE: &str = "province";
/// The city.
pub const CITY: &str = "city";
/// Customers with at least two orders, of all customers, 0 to 1.
pub const REPEAT_RATE: &str = "repeat_rate";
/// Net amount per order.
pub const AOV: &str = "aov";
/// Net amount per buyer (客单价).
pub const SPEND_PER_CUSTOMER: &str = "spend_per_customer";
/// Median of the recency in days.
pub const MEDIAN_RECENCY_DAYS: &str = "median_recency_days";
/// Recency score, the highest for the most recent.
pub const R_SCORE: &str = "r_score";
/// Frequency score.
pub const F_SCORE: &str = "f_score";
/// Monetary score.
pub const M_SCORE: &str = "m_score";
/// Group of the recency and frequency scores.
pub const RFM_GROUP: &str = "rfm_group";
/// Lifecycle segment.
pub const SEGMENT: &str = "segment";
/// `high` or `low` against the shop's spend per customer.
pub const VALUE: &str = "value";
/// `care`, `benefit` or `stimulate`.
pub const MODE: &str = "mode";
/// What to do about the segment.
pub const ADVICE: &str = "advice";
