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
/// A command.
pub const COMMAND: &str = "command";
/// Whether a command can run: ready, caveat or blocked.
pub const VERDICT: &str = "verdict";
/// Something in a sentence.
pub const EXPLANATION: &str = "explanation";
/// A file, as the user named it.
pub const FILE: &str = "file";
/// A canonical table.
pub const TABLE: &str = "table";
/// A platform preset.
pub const PRESET: &str = "preset";
/// An encoding.
pub const ENCODING: &str = "encoding";
/// What stands between cells.
pub const DELIMITER: &str = "delimiter";
/// Number of the record that is the header; 0 for none.
pub const HEADER_RECORD: &str = "header_record";
/// Rows read.
pub const ROWS_READ: &str = "rows_read";
/// Rows that cannot be read.
pub const ROWS_QUARANTINED: &str = "rows_quarantined";
/// A column's header.
pub const HEADER: &str = "header";
/// Our field.
pub const FIELD: &str = "field";
/// A platform's own word.
pub const WORD: &str = "word";
/// What it was read as.
pub const MEANING: &str = "meaning";
/// Rows.
pub const ROW_COUNT: &str = "row_count";
/// What became of rows: used, excluded or quarantined.
pub const OUTCOME: &str = "outcome";
/// Code of the rule that left rows out.
pub const RULE: &str = "rule";
/// Code of the reason for which rows cannot be read.
pub const REASON: &str = "reason";
/// dmy, mdy or year_first.
pub const DATE_ORDER: &str = "date_order";
/// Dates that begin with the year.
pub const YEAR_FIRST_COUNT: &str = "year_first_count";
/// Dates that could be read either way.
pub const EITHER_COUNT: &str = "either_count";
/// Dates that can only have the day first.
pub const DAY_FIRST_COUNT: &str = "day_first_count";
/// Dates that can only have the month first.
pub const MONTH_FIRST_COUNT: &str = "month_first_count";
/// stop, caution or note.
pub const SEVERITY: &str = "severity";
/// Code of a finding.
pub const FINDING: &str = "finding";
/// How many.
pub const COUNT: &str = "count";
/// One of them.
pub const EXAMPLE: &str = "example";
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
