//! The names of output columns: the same in every format, in `--help`, in SQL and here.

/// Declares names and keeps what each means, which `ecrm define` prints.
macro_rules! names {
    ($($(#[doc = $meaning:literal])+ pub const $name:ident: &str = $text:literal;)+) => {
        $($(#[doc = $meaning])+ pub const $name: &str = $text;)+

        /// Every name with what it means, in the order of their declaration.
        pub const ALL: &[(&str, &str)] = &[$(($text, concat!($($meaning),+))),+];
    };
}

names! {
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
/// Part of the net amount of all rows, 0 to 1; of movements, part of the customers who stood there on the earlier day.
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
/// A calendar day.
pub const DAY: &str = "day";
/// Where a customer, an order or an event came from.
pub const SOURCE: &str = "source";
/// An item's category.
pub const CATEGORY: &str = "category";
/// Distinct customers who made the shop or an item a favourite or put one into the cart.
pub const INTEREST_CUSTOMER_COUNT: &str = "interest_customer_count";
/// Of these, who made the shop a favourite.
pub const FAV_SHOP: &str = "fav_shop";
/// As `fav_shop`, an item.
pub const FAV_ITEM: &str = "fav_item";
/// As `fav_shop`, put an item into the cart.
pub const CART: &str = "cart";
/// How often the customer made the shop a favourite.
pub const FAV_SHOP_COUNT: &str = "fav_shop_count";
/// As `fav_shop_count`, an item.
pub const FAV_ITEM_COUNT: &str = "fav_item_count";
/// As `fav_shop_count`, put an item into the cart.
pub const CART_COUNT: &str = "cart_count";
/// Of interest customers, those who bought nothing in the period.
pub const NOT_BOUGHT_IN_PERIOD_COUNT: &str = "not_bought_in_period_count";
/// Of interest customers, those who never bought up to as-of.
pub const NOT_YET_BOUGHT_COUNT: &str = "not_yet_bought_count";
/// Of interest customers, those without an interest in the 30 days before the period.
pub const NEW_CUSTOMER_COUNT: &str = "new_customer_count";
/// Of interest customers, those who bought after their interest.
pub const CONVERTED_COUNT: &str = "converted_count";
/// Converted of interest customers, 0 to 1.
pub const CONVERSION_RATE: &str = "conversion_rate";
/// A region's conversion rate over that of the shop.
pub const CONVERSION_INDEX: &str = "conversion_index";
/// Day of the last interest.
pub const LAST_INTEREST_ON: &str = "last_interest_on";
/// Whole days from the last interest to as-of.
pub const DAYS_SINCE_INTEREST: &str = "days_since_interest";
/// Whether the customer ever bought up to as-of.
pub const HAS_BOUGHT: &str = "has_bought";
/// Whether the customer bought after the interest.
pub const IS_CONVERTED: &str = "is_converted";
/// Whether the interest is too old for a discount to help.
pub const IS_PAST_DISCOUNT_WINDOW: &str = "is_past_discount_window";
/// A key figure.
pub const METRIC: &str = "metric";
/// Length of the period in days.
pub const PERIOD_DAYS: &str = "period_days";
/// What a figure is counted in: customers, orders or money.
pub const UNIT: &str = "unit";
/// The figure for the period of equal length before.
pub const PREVIOUS_VALUE: &str = "previous_value";
/// The figure minus the previous one.
pub const CHANGE: &str = "change";
/// The change over the previous figure.
pub const CHANGE_RATE: &str = "change_rate";
/// New in the last day.
pub const NEW_COUNT_1D: &str = "new_count_1d";
/// New in the last 7 days.
pub const NEW_COUNT_7D: &str = "new_count_7d";
/// New in the last 30 days.
pub const NEW_COUNT_30D: &str = "new_count_30d";
/// The figure for all time up to as-of.
pub const TOTAL: &str = "total";
/// What input a figure lacks.
pub const NEEDS: &str = "needs";
/// Days after the first order.
pub const HORIZON_DAYS: &str = "horizon_days";
/// Customers watched that long who had not yet ordered again.
pub const AT_RISK_COUNT: &str = "at_risk_count";
/// Customers seen to have ordered again by then.
pub const REPURCHASED_COUNT: &str = "repurchased_count";
/// Kaplan-Meier estimate of the part that orders again by then.
pub const REPURCHASE_RATE: &str = "repurchase_rate";
/// Lower end of the 95 % interval of `rate`.
pub const RATE_LOW: &str = "rate_low";
/// Upper end of the 95 % interval of `rate`.
pub const RATE_HIGH: &str = "rate_high";
/// Gaps between distinct order days.
pub const GAP_COUNT: &str = "gap_count";
/// 25 % quantile, days.
pub const P25: &str = "p25";
/// Median, days.
pub const P50: &str = "p50";
/// 75 % quantile, days.
pub const P75: &str = "p75";
/// 80 % quantile, days.
pub const P80: &str = "p80";
/// 90 % quantile, days.
pub const P90: &str = "p90";
/// The normal repurchase cycle in days.
pub const CYCLE_DAYS: &str = "cycle_days";
/// Days without an order after which a customer is taken as lost.
pub const CHURN_LINE_DAYS: &str = "churn_line_days";
/// Which of several definitions.
pub const DEFINITION: &str = "definition";
/// A rate, 0 to 1.
pub const RATE: &str = "rate";
/// What is counted in the rate.
pub const NUMERATOR: &str = "numerator";
/// What it is a part of.
pub const DENOMINATOR: &str = "denominator";
/// Median of the customer's own gaps.
pub const OWN_GAP_DAYS: &str = "own_gap_days";
/// The customer's gap, shrunk toward the shop's or the product's.
pub const EXPECTED_GAP_DAYS: &str = "expected_gap_days";
/// Day on which the next order is expected.
pub const NEXT_EXPECTED_ON: &str = "next_expected_on";
/// in_cycle, due, overdue or lost.
pub const DUE_STATUS: &str = "due_status";
/// A product's id.
pub const PRODUCT_ID: &str = "product_id";
/// A product's title.
pub const TITLE: &str = "title";
/// Month of the year, 1 to 12.
pub const MONTH: &str = "month";
/// Orders of the region.
pub const REGION_ORDER_COUNT: &str = "region_order_count";
/// Part of the region's orders.
pub const REGION_SHARE: &str = "region_share";
/// Part of all orders.
pub const SHOP_SHARE: &str = "shop_share";
/// The region's share over the shop's.
pub const LOCATION_QUOTIENT: &str = "location_quotient";
/// Whether the counts behind the quotient are large enough.
pub const IS_RELIABLE: &str = "is_reliable";
/// What customers are told apart by.
pub const DIMENSION: &str = "dimension";
/// The group of that.
pub const KEY: &str = "key";
/// Day of the week, Monday first.
pub const WEEKDAY: &str = "weekday";
/// Hour of the day, 0 to 23.
pub const HOUR: &str = "hour";
/// Behaviour events.
pub const EVENT_COUNT: &str = "event_count";
/// core, potential or mass.
pub const CLASS: &str = "class";
/// Net amount minus what the goods cost.
pub const MARGIN: &str = "margin";
/// Part of the whole margin.
pub const MARGIN_SHARE: &str = "margin_share";
/// Part of the whole that this customer and all better ones make.
pub const CUMULATIVE_SHARE: &str = "cumulative_share";
/// Orders at a deep discount.
pub const DEEP_DISCOUNT_ORDER_COUNT: &str = "deep_discount_order_count";
/// Whether all orders were at a deep discount.
pub const IS_PROMOTION_ONLY: &str = "is_promotion_only";
/// A measure.
pub const MEASURE: &str = "measure";
/// First day of the calendar period of the first order.
pub const COHORT: &str = "cohort";
/// Calendar periods since the cohort's own, which is 0.
pub const PERIOD: &str = "period";
/// Customers of the whole cohort.
pub const COHORT_CUSTOMER_COUNT: &str = "cohort_customer_count";
/// Part of the cohort that ordered in the period.
pub const RETENTION: &str = "retention";
/// Net amount of the cohort up to the period, per customer of the cohort.
pub const CUMULATIVE_PER_CUSTOMER: &str = "cumulative_per_customer";
/// Pieces.
pub const QUANTITY: &str = "quantity";
/// Amount of the items, before refunds.
pub const AMOUNT: &str = "amount";
/// Customers who bought the product on at least two days.
pub const REPEAT_CUSTOMER_COUNT: &str = "repeat_customer_count";
/// Customers whose first order held the product.
pub const ENTRY_CUSTOMER_COUNT: &str = "entry_customer_count";
/// Of these, those with at least two orders.
pub const LOYAL_COUNT: &str = "loyal_count";
/// Loyal of entry customers, 0 to 1.
pub const LOYAL_RATE: &str = "loyal_rate";
/// The loyal rate over that of all buyers.
pub const LOYAL_INDEX: &str = "loyal_index";
/// The other product's id.
pub const OTHER_PRODUCT_ID: &str = "other_product_id";
/// The other product's title.
pub const OTHER_TITLE: &str = "other_title";
/// Orders with the product.
pub const PRODUCT_ORDER_COUNT: &str = "product_order_count";
/// Orders with the other product.
pub const OTHER_ORDER_COUNT: &str = "other_order_count";
/// Orders with any product.
pub const BASKET_COUNT: &str = "basket_count";
/// Part of all baskets with both.
pub const SUPPORT: &str = "support";
/// Of the baskets with the product, the part with the other one.
pub const CONFIDENCE: &str = "confidence";
/// The confidence over the part of all baskets with the other one.
pub const LIFT: &str = "lift";
/// Customers all of whose orders were at a deep discount.
pub const PROMOTION_ONLY_COUNT: &str = "promotion_only_count";
/// converted, interested or other.
pub const STATUS: &str = "status";
/// The customer's name.
pub const NAME: &str = "name";
/// female, male, other, or the platform's own code.
pub const GENDER: &str = "gender";
/// Day of birth.
pub const BIRTHDAY: &str = "birthday";
/// Whole years on the as-of day.
pub const AGE: &str = "age";
/// Member level.
pub const LEVEL: &str = "level";
/// Phone number.
pub const PHONE: &str = "phone";
/// E-mail address.
pub const EMAIL: &str = "email";
/// WeChat.
pub const WECHAT: &str = "wechat";
/// QQ.
pub const QQ: &str = "qq";
/// Day of registration.
pub const REGISTERED_ON: &str = "registered_on";
/// Day on which a member card was claimed.
pub const CARD_CLAIMED_ON: &str = "card_claimed_on";
/// Whether the customer wants no messages.
pub const IS_OPTED_OUT: &str = "is_opted_out";
/// Whether the shop wants no more of the customer.
pub const IS_BLACKLISTED: &str = "is_blacklisted";
/// Day of the first valid order.
pub const FIRST_ORDERED_ON: &str = "first_ordered_on";
/// Days since the first valid order.
pub const TENURE_DAYS: &str = "tenure_days";
/// Valid orders of the last 7 days.
pub const ORDER_COUNT_7D: &str = "order_count_7d";
/// Valid orders of the last 30 days.
pub const ORDER_COUNT_30D: &str = "order_count_30d";
/// Valid orders of the last 90 days.
pub const ORDER_COUNT_90D: &str = "order_count_90d";
/// Valid orders of the last 365 days.
pub const ORDER_COUNT_365D: &str = "order_count_365d";
/// Net amount of the last 30 days.
pub const NET_AMOUNT_30D: &str = "net_amount_30d";
/// Net amount of the last 90 days.
pub const NET_AMOUNT_90D: &str = "net_amount_90d";
/// Net amount of the last 365 days.
pub const NET_AMOUNT_365D: &str = "net_amount_365d";
/// Net amount of the dearest valid order.
pub const MAX_ORDER_AMOUNT: &str = "max_order_amount";
/// Pieces bought and kept.
pub const ITEM_COUNT: &str = "item_count";
/// Pieces per order, of orders that say what they hold.
pub const ITEMS_PER_ORDER: &str = "items_per_order";
/// Distinct products bought and kept.
pub const PRODUCT_COUNT: &str = "product_count";
/// What went back in all.
pub const REFUND_AMOUNT: &str = "refund_amount";
/// Orders of which something went back.
pub const REFUNDED_ORDER_COUNT: &str = "refunded_order_count";
/// Orders that were never paid.
pub const UNPAID_ORDER_COUNT: &str = "unpaid_order_count";
/// Day of the last order that was never paid.
pub const LAST_UNPAID_ON: &str = "last_unpaid_on";
/// Of the orders whose full price is known, the part at a deep discount.
pub const DEEP_DISCOUNT_SHARE: &str = "deep_discount_share";
/// The category of most orders.
pub const TOP_CATEGORY: &str = "top_category";
/// The product of most orders.
pub const TOP_PRODUCT: &str = "top_product";
/// The hour of most orders, 0 to 23.
pub const USUAL_HOUR: &str = "usual_hour";
/// The weekday of most orders, Monday first.
pub const USUAL_WEEKDAY: &str = "usual_weekday";
/// Whether all orders went to the buyer's usual recipient, or some to others.
pub const ROLE: &str = "role";
/// The product to recommend.
pub const NEXT_PRODUCT: &str = "next_product";
/// Day of the last event.
pub const LAST_EVENT_ON: &str = "last_event_on";
/// Whether the shop is a favourite.
pub const IS_SHOP_FAVOURITE: &str = "is_shop_favourite";
/// Times of the last 30 days at which the shop was made a favourite.
pub const FAV_SHOP_COUNT_30D: &str = "fav_shop_count_30d";
/// Times of the last 30 days at which an item was made a favourite.
pub const FAV_ITEM_COUNT_30D: &str = "fav_item_count_30d";
/// Times of the last 30 days at which something was put into the cart.
pub const CART_COUNT_30D: &str = "cart_count_30d";
/// Views of the last 30 days.
pub const VIEW_COUNT_30D: &str = "view_count_30d";
/// Stars of the last review that gives any.
pub const LAST_RATING: &str = "last_rating";
/// Days since the last message.
pub const DAYS_SINCE_CONTACT: &str = "days_since_contact";
/// Messages of the last 30 days.
pub const CONTACT_COUNT_30D: &str = "contact_count_30d";
/// Campaign of the last message.
pub const LAST_CAMPAIGN_ID: &str = "last_campaign_id";
/// Whether the phone is a valid number.
pub const HAS_PHONE: &str = "has_phone";
/// Whether the e-mail address is valid.
pub const HAS_EMAIL: &str = "has_email";
/// Whether there is a WeChat name.
pub const HAS_WECHAT: &str = "has_wechat";
/// Whether there is a QQ number.
pub const HAS_QQ: &str = "has_qq";
/// The customer's tags.
pub const TAGS: &str = "tags";
/// The day of a note.
pub const NOTED_ON: &str = "noted_on";
/// The last note on the customer.
pub const NOTE: &str = "note";
/// Chance that the customer still buys.
pub const P_ALIVE: &str = "p_alive";
/// Orders expected within the horizon.
pub const EXPECTED_ORDERS: &str = "expected_orders";
/// Amount expected within the horizon.
pub const EXPECTED_SPEND: &str = "expected_spend";
/// Chance of at least one order within the horizon.
pub const P_ORDER: &str = "p_order";
/// Orders within the horizon: with a chance of 95 % there are at least so many.
pub const EXPECTED_ORDERS_LOW: &str = "expected_orders_low";
/// Orders within the horizon: with a chance of 95 % there are no more.
pub const EXPECTED_ORDERS_HIGH: &str = "expected_orders_high";
/// Amount within the horizon: with a chance of 95 % it is at least so much.
pub const EXPECTED_SPEND_LOW: &str = "expected_spend_low";
/// Amount within the horizon: with a chance of 95 % it is no more.
pub const EXPECTED_SPEND_HIGH: &str = "expected_spend_high";
/// Whether the customer spent nothing on a second day, so that an order is taken to come to the shop's mean.
pub const IS_PRIOR: &str = "is_prior";
/// Days with an order after the day of the first one.
pub const REPEAT_DAY_COUNT: &str = "repeat_day_count";
/// A parameter of a model, or how likely the orders are with all of them.
pub const PARAMETER: &str = "parameter";
/// How far an estimate may be from the truth by chance: its standard deviation.
pub const STANDARD_ERROR: &str = "standard_error";
/// Which customers or days are forecast together, or an error per customer.
pub const GROUP: &str = "group";
/// Order days that came.
pub const ACTUAL: &str = "actual";
/// Order days that the model had forecast.
pub const PREDICTED: &str = "predicted";
/// Order days by each customer's own rate of repeats so far.
pub const NAIVE: &str = "naive";
/// Tenths of the customers by how likely they were still to buy, 1 the least.
pub const DECILE: &str = "decile";
/// Customers who ordered.
pub const ORDERED_COUNT: &str = "ordered_count";
/// The campaign a message belongs to.
pub const CAMPAIGN_ID: &str = "campaign_id";
/// Day on which a message was sent.
pub const SENT_ON: &str = "sent_on";
/// How a message was sent.
pub const CHANNEL: &str = "channel";
/// control, or the name of a treatment.
pub const ARM: &str = "arm";
/// Whether a message arrived.
pub const IS_DELIVERED: &str = "is_delivered";
/// Whether it was opened.
pub const IS_OPENED: &str = "is_opened";
/// Whether a link in it was followed.
pub const IS_CLICKED: &str = "is_clicked";
/// What a message cost.
pub const COST: &str = "cost";
/// The id of an order.
pub const ORDER_ID: &str = "order_id";
/// The day of an order or a credit note: of payment, else of creation.
pub const ORDERED_ON: &str = "ordered_on";
/// A time of day as `09:30:00`.
pub const TIME: &str = "time";
/// What kind of thing a row is.
pub const KIND: &str = "kind";
/// What was paid, before refunds.
pub const PAID_AMOUNT: &str = "paid_amount";
/// Whether an order or a credit note counts.
pub const IS_COUNTED: &str = "is_counted";
/// A score.
pub const SCORE: &str = "score";
/// The limit that a value is above.
pub const ABOVE: &str = "above";
/// The limit that a value is not above.
pub const UP_TO: &str = "up_to";
/// A place from 1.
pub const RANK: &str = "rank";
/// The mean of all buyers' scores.
pub const MEAN_SCORE: &str = "mean_score";
/// The scores that make an RFM group.
pub const RFM_RULE: &str = "rfm_rule";
/// The limit in days that a recency is above.
pub const ABOVE_DAYS: &str = "above_days";
/// The limit in days that a recency is not above.
pub const UP_TO_DAYS: &str = "up_to_days";
/// Orders up to as-of, those before a window too.
pub const ORDER_COUNT_EVER: &str = "order_count_ever";
/// From so many orders on a customer is loyal.
pub const LOYAL_ORDERS: &str = "loyal_orders";
/// The least net amount that is high value.
pub const HIGH_VALUE: &str = "high_value";
/// The part of the whole that is made by all before.
pub const SHARE_BEFORE: &str = "share_before";
/// Core customers make the first so much of the whole.
pub const CORE_SHARE: &str = "core_share";
/// Potential customers make it up to so much.
pub const POTENTIAL_SHARE: &str = "potential_share";
/// Orders whose full price is known.
pub const PRICED_ORDER_COUNT: &str = "priced_order_count";
/// How many gaps between days with orders a customer has.
pub const OWN_GAP_COUNT: &str = "own_gap_count";
/// The gap that is usual of a product or of the shop.
pub const USUAL_GAP_DAYS: &str = "usual_gap_days";
/// Of what the usual gap is.
pub const USUAL_GAP_OF: &str = "usual_gap_of";
/// How many own gaps the usual gap weighs as much as.
pub const WEIGHT: &str = "weight";
/// Days around the expected day that are still due.
pub const DUE_DAYS: &str = "due_days";
/// The silence in days past which a customer is lost.
pub const LOST_AFTER_DAYS: &str = "lost_after_days";
/// The first day of something.
pub const FIRST_ON: &str = "first_on";
/// The last day of something.
pub const LAST_ON: &str = "last_on";
/// The name of a tag.
pub const TAG: &str = "tag";
/// Who has set a tag.
pub const ORIGIN: &str = "origin";
/// Since which day something holds.
pub const SINCE: &str = "since";
/// Who have it now and had it not.
pub const ADDED_COUNT: &str = "added_count";
/// Who had it and have it no more.
pub const REMOVED_COUNT: &str = "removed_count";
/// Who had it and have it still.
pub const KEPT_COUNT: &str = "kept_count";
/// Those by hand.
pub const MANUAL_COUNT: &str = "manual_count";
/// Those by a rule.
pub const RULE_COUNT: &str = "rule_count";
/// Whether a condition is true.
pub const IS_TRUE: &str = "is_true";
/// The day of a correction.
pub const CORRECTED_ON: &str = "corrected_on";
/// The first day of a calendar period.
pub const PERIOD_ON: &str = "period_on";
/// Customers with at least two orders, of all customers, 0 to 1.
pub const REPEAT_CUSTOMER_RATE: &str = "repeat_customer_rate";
/// Customers before corrections.
pub const CUSTOMER_COUNT_BEFORE: &str = "customer_count_before";
/// New customers before corrections.
pub const NEW_CUSTOMER_COUNT_BEFORE: &str = "new_customer_count_before";
/// Orders before corrections.
pub const ORDER_COUNT_BEFORE: &str = "order_count_before";
/// Net amount before corrections.
pub const NET_AMOUNT_BEFORE: &str = "net_amount_before";
/// Net amount per customer before corrections.
pub const SPEND_PER_CUSTOMER_BEFORE: &str = "spend_per_customer_before";
/// The repeat rate before corrections.
pub const REPEAT_CUSTOMER_RATE_BEFORE: &str = "repeat_customer_rate_before";
/// Lower end of the 95 % interval of `repeat_customer_rate_before`.
pub const REPEAT_CUSTOMER_RATE_BEFORE_LOW: &str = "repeat_customer_rate_before_low";
/// Upper end of the 95 % interval of `repeat_customer_rate_before`.
pub const REPEAT_CUSTOMER_RATE_BEFORE_HIGH: &str = "repeat_customer_rate_before_high";
/// Whether discounts go with a tag.
pub const DISCOUNT: &str = "discount";
/// The id that a person of several ids is known as.
pub const PERSON: &str = "person";
/// email, phone or decision: what makes ids one person's.
pub const KEY_KIND: &str = "key_kind";
/// Orders under an id, whatever became of them.
pub const ALL_ORDER_COUNT: &str = "all_order_count";
/// Customer ids that name a contact.
pub const ID_COUNT: &str = "id_count";
/// Contacts that a customer id names.
pub const KEY_COUNT: &str = "key_count";
/// before or after ids are joined.
pub const STATE: &str = "state";
/// The other customer id of a pair.
pub const OTHER_ID: &str = "other_id";
/// same or not_same.
pub const DECISION: &str = "decision";
/// Messages that were sent.
pub const MESSAGE_COUNT: &str = "message_count";
/// Of them, those that arrived.
pub const DELIVERED_COUNT: &str = "delivered_count";
/// Customers with an order.
pub const BUYER_COUNT: &str = "buyer_count";
/// Customers with an order that was not paid.
pub const UNPAID_CUSTOMER_COUNT: &str = "unpaid_customer_count";
/// What unpaid orders come to.
pub const UNPAID_AMOUNT: &str = "unpaid_amount";
/// Lower end of the 95 % interval of `spend`.
pub const SPEND_LOW: &str = "spend_low";
/// Upper end of the 95 % interval of `spend`.
pub const SPEND_HIGH: &str = "spend_high";
/// The net amount less the cost, over the cost.
pub const ROI: &str = "roi";
/// The net amount over the cost.
pub const RETURN_ON_SPEND: &str = "return_on_spend";
/// Customers who were held out.
pub const CONTROL_COUNT: &str = "control_count";
/// The treatment's conversion rate minus the control's.
pub const RATE_DIFFERENCE: &str = "rate_difference";
/// Lower end of the 95 % interval of `rate_difference`.
pub const RATE_DIFFERENCE_LOW: &str = "rate_difference_low";
/// Upper end of the 95 % interval of `rate_difference`.
pub const RATE_DIFFERENCE_HIGH: &str = "rate_difference_high";
/// The probability of rates so far apart by chance.
pub const RATE_P_VALUE: &str = "rate_p_value";
/// `rate_p_value` after Holm: for all treatments of the campaign together.
pub const RATE_P_VALUE_HOLM: &str = "rate_p_value_holm";
/// The rate's difference over the control's rate.
pub const RELATIVE_LIFT: &str = "relative_lift";
/// The treatment's net amount per customer minus the control's.
pub const SPEND_DIFFERENCE: &str = "spend_difference";
/// Lower end of the 95 % interval of `spend_difference`.
pub const SPEND_DIFFERENCE_LOW: &str = "spend_difference_low";
/// Upper end of the 95 % interval of `spend_difference`.
pub const SPEND_DIFFERENCE_HIGH: &str = "spend_difference_high";
/// The probability of spends so far apart by chance.
pub const SPEND_P_VALUE: &str = "spend_p_value";
/// `spend_p_value` after Holm: for all treatments of the campaign together.
pub const SPEND_P_VALUE_HOLM: &str = "spend_p_value_holm";
/// Buyers who would not have bought without it.
pub const INCREMENTAL_BUYERS: &str = "incremental_buyers";
/// Lower end of the 95 % interval of `incremental_buyers`.
pub const INCREMENTAL_BUYERS_LOW: &str = "incremental_buyers_low";
/// Upper end of the 95 % interval of `incremental_buyers`.
pub const INCREMENTAL_BUYERS_HIGH: &str = "incremental_buyers_high";
/// Net amount that would not have come without it.
pub const INCREMENTAL_NET_AMOUNT: &str = "incremental_net_amount";
/// Lower end of the 95 % interval of `incremental_net_amount`.
pub const INCREMENTAL_NET_AMOUNT_LOW: &str = "incremental_net_amount_low";
/// Upper end of the 95 % interval of `incremental_net_amount`.
pub const INCREMENTAL_NET_AMOUNT_HIGH: &str = "incremental_net_amount_high";
/// The incremental net amount less the cost, over the cost.
pub const INCREMENTAL_ROI: &str = "incremental_roi";
/// The rise of the rate that would have been told in four cases of five.
pub const DETECTABLE_DIFFERENCE: &str = "detectable_difference";
/// The difference of spends with what customers spent before taken into account.
pub const CUPED_SPEND_DIFFERENCE: &str = "cuped_spend_difference";
/// Lower end of the 95 % interval of `cuped_spend_difference`.
pub const CUPED_SPEND_DIFFERENCE_LOW: &str = "cuped_spend_difference_low";
/// Upper end of the 95 % interval of `cuped_spend_difference`.
pub const CUPED_SPEND_DIFFERENCE_HIGH: &str = "cuped_spend_difference_high";
/// Probability of a `cuped_spend_difference` this far from 0 by chance.
pub const CUPED_SPEND_P_VALUE: &str = "cuped_spend_p_value";
/// What a customer's spend is capped at.
pub const SPEND_CAP: &str = "spend_cap";
/// The difference of spends so capped.
pub const CAPPED_SPEND_DIFFERENCE: &str = "capped_spend_difference";
/// Lower end of the 95 % interval of `capped_spend_difference`.
pub const CAPPED_SPEND_DIFFERENCE_LOW: &str = "capped_spend_difference_low";
/// Upper end of the 95 % interval of `capped_spend_difference`.
pub const CAPPED_SPEND_DIFFERENCE_HIGH: &str = "capped_spend_difference_high";
/// Probability of a `capped_spend_difference` this far from 0 by chance.
pub const CAPPED_SPEND_P_VALUE: &str = "capped_spend_p_value";
/// What a comparison comes to.
pub const RESULT: &str = "result";
/// Customers of an arm, those who do not count in its figures too.
pub const ASSIGNED_COUNT: &str = "assigned_count";
/// Part of the customers of all arms.
pub const ASSIGNED_SHARE: &str = "assigned_share";
/// The part that was planned.
pub const PLANNED_SHARE: &str = "planned_share";
/// The probability of arms so far from the plan by chance.
pub const SPLIT_P_VALUE: &str = "split_p_value";
/// Whether the arms may be those that were planned.
pub const IS_SPLIT_AS_PLANNED: &str = "is_split_as_planned";
/// Customers in another arm as well.
pub const MIXED_COUNT: &str = "mixed_count";
/// Customers whose days are not over.
pub const UNFINISHED_COUNT: &str = "unfinished_count";
/// Customers who want no messages.
pub const OPTED_OUT_COUNT: &str = "opted_out_count";
/// Customers with an order that counts for another campaign, too.
pub const OVERLAP_CUSTOMER_COUNT: &str = "overlap_customer_count";
/// Orders that count for another campaign, too.
pub const OVERLAP_ORDER_COUNT: &str = "overlap_order_count";
/// The probability of rates' differences so unlike between groups by chance.
pub const RATE_INTERACTION_P_VALUE: &str = "rate_interaction_p_value";
/// The probability of spends' differences so unlike between groups by chance.
pub const SPEND_INTERACTION_P_VALUE: &str = "spend_interaction_p_value";
/// Whether a customer counts in the figures of the arm.
pub const IS_IN_FIGURES: &str = "is_in_figures";
/// Net amount of the 365 days before the first message of a campaign.
pub const NET_AMOUNT_YEAR_BEFORE: &str = "net_amount_year_before";
/// How somebody is reached.
pub const CONTACT: &str = "contact";
/// Of those who get a message.
pub const TREATMENT: &str = "treatment";
/// Of those who are held out of it.
pub const CONTROL: &str = "control";
/// The difference of two means in standard deviations.
pub const STANDARDISED_DIFFERENCE: &str = "standardised_difference";
/// Customers of whom nothing says how they are reached.
pub const NO_CONTACT_COUNT: &str = "no_contact_count";
/// Customers who cannot be reached by what is said.
pub const INVALID_COUNT: &str = "invalid_count";
/// Customers who could be reached and are on the shop's black list.
pub const BLACKLISTED_COUNT: &str = "blacklisted_count";
/// Customers who can be reached.
pub const REACHABLE_COUNT: &str = "reachable_count";
/// Part of the customers who can be reached, 0 to 1.
pub const REACHABLE_SHARE: &str = "reachable_share";
/// Lower end of the 95 % interval of `reachable`.
pub const REACHABLE_LOW: &str = "reachable_low";
/// Upper end of the 95 % interval of `reachable`.
pub const REACHABLE_HIGH: &str = "reachable_high";
/// Part of the net amount that is theirs, 0 to 1.
pub const REACHABLE_NET_SHARE: &str = "reachable_net_share";
/// Customers who are reached in the same way as another one.
pub const DUPLICATE_COUNT: &str = "duplicate_count";
/// Customers who were sent a message.
pub const CONTACTED_COUNT: &str = "contacted_count";
/// Median of the days since the last message to each of them.
pub const MEDIAN_DAYS_SINCE_CONTACT: &str = "median_days_since_contact";
/// The channel that reaches most of a group.
pub const BEST_CHANNEL: &str = "best_channel";
/// A kind of care.
pub const TASK: &str = "task";
/// The day on which it is due.
pub const DUE_ON: &str = "due_on";
/// A product, by title or else by id.
pub const PRODUCT: &str = "product";
/// What a message says.
pub const TEXT: &str = "text";
/// What is read: a canonical table, or the settings.
pub const INPUT: &str = "input";
/// Tasks that are due.
pub const DUE_COUNT: &str = "due_count";
/// Of them, those whose customer is in the standing holdout.
pub const GLOBAL_HOLDOUT_COUNT: &str = "global_holdout_count";
/// Those whose message the log has already.
pub const ALREADY_SENT_COUNT: &str = "already_sent_count";
/// Those whose customer another message reached within the days of fatigue.
pub const CONTACTED_RECENTLY_COUNT: &str = "contacted_recently_count";
/// Those that gave way to a more urgent one of the same customer and day.
pub const SAME_DAY_COUNT: &str = "same_day_count";
/// Those on the list.
pub const LISTED_COUNT: &str = "listed_count";
/// The day of a step.
pub const ON: &str = "on";
/// A step of a plan.
pub const STEP: &str = "step";
/// What a step is for.
pub const WHAT: &str = "what";
/// Where customers stood on the earlier day: a group, new_customer, returned_from_lost or outside_window.
pub const FROM: &str = "from";
/// Where customers stand on the later day: a group, or outside_window.
pub const TO: &str = "to";
/// Customers who stood there on the earlier day.
pub const FROM_CUSTOMER_COUNT: &str = "from_customer_count";
/// The lower end of the 95 % interval of share.
pub const SHARE_LOW: &str = "share_low";
/// The upper end of the 95 % interval of share.
pub const SHARE_HIGH: &str = "share_high";
/// A movement of customers: up, down, lost, won_back, new or other.
pub const FLOW: &str = "flow";
/// Paid minus refunded of what is dated after the earlier day.
pub const NET_AMOUNT_SINCE: &str = "net_amount_since";
/// Whether a calendar period is not over at as-of.
pub const IS_UNFINISHED: &str = "is_unfinished";
/// Whether the files begin no later than a calendar period.
pub const IS_COVERED: &str = "is_covered";
/// What was given back, of what was paid in a period, 0 to 1; more where what was paid before it went back.
pub const REFUND_RATE: &str = "refund_rate";
/// Orders on the day of a customer's first order.
pub const NEW_ORDER_COUNT: &str = "new_order_count";
/// Net amount of the orders of the day of each customer's first one, and of what went back of these.
pub const NEW_NET_AMOUNT: &str = "new_net_amount";
/// Customers with an order on a later day than that of the first order.
pub const RETURNING_CUSTOMER_COUNT: &str = "returning_customer_count";
/// Orders on later days than that of a customer's first order.
pub const RETURNING_ORDER_COUNT: &str = "returning_order_count";
/// Net amount of the orders of later days than that of each customer's first one, and of what went back of these.
pub const RETURNING_NET_AMOUNT: &str = "returning_net_amount";
/// The first day of the same period a year before.
pub const PREVIOUS_ON: &str = "previous_on";
/// Orders of the same period a year before.
pub const PREVIOUS_ORDER_COUNT: &str = "previous_order_count";
/// Net amount of the same period a year before.
pub const PREVIOUS_NET_AMOUNT: &str = "previous_net_amount";
/// Net amount per order of the same period a year before.
pub const PREVIOUS_AOV: &str = "previous_aov";
/// What was given back of what was paid in the same period a year before.
pub const PREVIOUS_REFUND_RATE: &str = "previous_refund_rate";
/// Customers of the same period a year before.
pub const PREVIOUS_CUSTOMER_COUNT: &str = "previous_customer_count";
/// New customers of the same period a year before.
pub const PREVIOUS_NEW_CUSTOMER_COUNT: &str = "previous_new_customer_count";
/// Orders of new customers of the same period a year before.
pub const PREVIOUS_NEW_ORDER_COUNT: &str = "previous_new_order_count";
/// Net amount of new customers of the same period a year before.
pub const PREVIOUS_NEW_NET_AMOUNT: &str = "previous_new_net_amount";
/// Returning customers of the same period a year before.
pub const PREVIOUS_RETURNING_CUSTOMER_COUNT: &str = "previous_returning_customer_count";
/// Orders of returning customers of the same period a year before.
pub const PREVIOUS_RETURNING_ORDER_COUNT: &str = "previous_returning_order_count";
/// Net amount of returning customers of the same period a year before.
pub const PREVIOUS_RETURNING_NET_AMOUNT: &str = "previous_returning_net_amount";
/// Net amount of a period minus that of the same period a year before.
pub const YEAR_CHANGE: &str = "year_change";
/// The change of the net amount since the same period a year before, over that of then.
pub const YEAR_CHANGE_RATE: &str = "year_change_rate";
/// What of a change of the net amount is due to more or fewer customers.
pub const CUSTOMERS_EFFECT: &str = "customers_effect";
/// What of a change of the net amount is due to more or fewer orders per customer.
pub const FREQUENCY_EFFECT: &str = "frequency_effect";
/// What of a change of the net amount is due to more or less per order.
pub const AOV_EFFECT: &str = "aov_effect";
/// What of a change of the net amount names no buyer.
pub const UNNAMED_EFFECT: &str = "unnamed_effect";
/// What a decision led to: payment of an order, or order of a product.
pub const PHASE: &str = "phase";
/// How long a decision took.
pub const DELAY: &str = "delay";
/// Whether a decision was impulsive or considered.
pub const MANNER: &str = "manner";
/// Decisions: orders, or products of orders.
pub const DECISION_COUNT: &str = "decision_count";
/// Part of the decisions of a group that took so long, 0 to 1.
pub const DELAY_SHARE: &str = "delay_share";
/// The lower end of the 95 % interval of delay_share.
pub const DELAY_SHARE_LOW: &str = "delay_share_low";
/// The upper end of the 95 % interval of delay_share.
pub const DELAY_SHARE_HIGH: &str = "delay_share_high";
/// Lower end of the 95 % interval of `retention`.
pub const RETENTION_LOW: &str = "retention_low";
/// Upper end of the 95 % interval of `retention`.
pub const RETENTION_HIGH: &str = "retention_high";
/// Lower end of the 95 % interval of `repeat_rate`.
pub const REPEAT_RATE_LOW: &str = "repeat_rate_low";
/// Upper end of the 95 % interval of `repeat_rate`.
pub const REPEAT_RATE_HIGH: &str = "repeat_rate_high";
/// Lower end of the 95 % interval of `repeat_customer_rate`.
pub const REPEAT_CUSTOMER_RATE_LOW: &str = "repeat_customer_rate_low";
/// Upper end of the 95 % interval of `repeat_customer_rate`.
pub const REPEAT_CUSTOMER_RATE_HIGH: &str = "repeat_customer_rate_high";
/// Lower end of the 95 % interval of `conversion_rate`.
pub const CONVERSION_RATE_LOW: &str = "conversion_rate_low";
/// Upper end of the 95 % interval of `conversion_rate`.
pub const CONVERSION_RATE_HIGH: &str = "conversion_rate_high";
/// Kaplan-Meier estimate of the part of interest customers with a valid order within 7 days (`[interest]
/// conversion_days`) of the first interest of the period, 0 to 1.
pub const CONVERSION_7D_RATE: &str = "conversion_7d_rate";
/// Lower end of the 95 % interval of `conversion_7d_rate`.
pub const CONVERSION_7D_RATE_LOW: &str = "conversion_7d_rate_low";
/// Upper end of the 95 % interval of `conversion_7d_rate`.
pub const CONVERSION_7D_RATE_HIGH: &str = "conversion_7d_rate_high";
/// Lower end of the 95 % interval of `conversion_index`.
pub const CONVERSION_INDEX_LOW: &str = "conversion_index_low";
/// Upper end of the 95 % interval of `conversion_index`.
pub const CONVERSION_INDEX_HIGH: &str = "conversion_index_high";
/// Whether so many interest customers are there that, at the shop's rate, at least five would convert and five would
/// not.
pub const IS_INDEX_RELIABLE: &str = "is_index_reliable";
/// Lower end of the 95 % interval of `location_quotient`.
pub const LOCATION_QUOTIENT_LOW: &str = "location_quotient_low";
/// Upper end of the 95 % interval of `location_quotient`.
pub const LOCATION_QUOTIENT_HIGH: &str = "location_quotient_high";
/// Lower end of the 95 % interval of `loyal_rate`.
pub const LOYAL_RATE_LOW: &str = "loyal_rate_low";
/// Upper end of the 95 % interval of `loyal_rate`.
pub const LOYAL_RATE_HIGH: &str = "loyal_rate_high";
/// Lower end of the 95 % interval of `value`, where it is estimated.
pub const VALUE_LOW: &str = "value_low";
/// Upper end of the 95 % interval of `value`, where it is estimated.
pub const VALUE_HIGH: &str = "value_high";
/// Customers whose next order is waited for: the gap since the last order day, watched until as-of.
pub const OPEN_GAP_COUNT: &str = "open_gap_count";
/// 25 % quantile in days of all gaps, those that have not ended watched until as-of (Kaplan-Meier); empty where it is
/// not reached.
pub const WATCHED_P25: &str = "watched_p25";
/// Median in days of all gaps, those that have not ended watched until as-of (Kaplan-Meier); empty where it is not
/// reached.
pub const WATCHED_P50: &str = "watched_p50";
/// 75 % quantile in days of all gaps, those that have not ended watched until as-of (Kaplan-Meier); empty where it is
/// not reached.
pub const WATCHED_P75: &str = "watched_p75";
/// 80 % quantile in days of all gaps, those that have not ended watched until as-of (Kaplan-Meier); empty where it is
/// not reached.
pub const WATCHED_P80: &str = "watched_p80";
/// 90 % quantile in days of all gaps, those that have not ended watched until as-of (Kaplan-Meier); empty where it is
/// not reached.
pub const WATCHED_P90: &str = "watched_p90";
/// Which buyers by their order days: one, or several.
pub const BUYERS: &str = "buyers";
/// Part of the customers silent for as long as the churn line who come back within the return days (Kaplan-Meier), 0
/// to 1.
pub const RETURN_CHANCE: &str = "return_chance";
/// Customers still watched at the end of the days in which somebody might come back.
pub const WATCHED_COUNT: &str = "watched_count";
/// Customers who have been silent for longer than the churn line.
pub const LOST_CUSTOMER_COUNT: &str = "lost_customer_count";
/// Customers who ordered again after the day of the hold-out.
pub const RETURNED_COUNT: &str = "returned_count";
/// Part of the customers who ordered again after the day of the hold-out, 0 to 1.
pub const RETURN_RATE: &str = "return_rate";
/// Lower end of the 95 % interval of `return_rate`.
pub const RETURN_RATE_LOW: &str = "return_rate_low";
/// Upper end of the 95 % interval of `return_rate`.
pub const RETURN_RATE_HIGH: &str = "return_rate_high";
/// Median of the days from the expected to the actual next order day; below zero where it came sooner.
pub const MEDIAN_ERROR_DAYS: &str = "median_error_days";
/// Median of the days between the expected and the actual next order day, sooner or later.
pub const MEDIAN_ABSOLUTE_ERROR_DAYS: &str = "median_absolute_error_days";
/// Number of the order day of a customer: 1 for the first.
pub const ORDER_NUMBER: &str = "order_number";
/// Kaplan-Meier estimate of the part that orders again within 30 days, 0 to 1.
pub const NEXT_30D_RATE: &str = "next_30d_rate";
/// Lower end of the 95 % interval of `next_30d_rate`.
pub const NEXT_30D_RATE_LOW: &str = "next_30d_rate_low";
/// Upper end of the 95 % interval of `next_30d_rate`.
pub const NEXT_30D_RATE_HIGH: &str = "next_30d_rate_high";
/// Kaplan-Meier estimate of the part that orders again within 90 days, 0 to 1.
pub const NEXT_90D_RATE: &str = "next_90d_rate";
/// Lower end of the 95 % interval of `next_90d_rate`.
pub const NEXT_90D_RATE_LOW: &str = "next_90d_rate_low";
/// Upper end of the 95 % interval of `next_90d_rate`.
pub const NEXT_90D_RATE_HIGH: &str = "next_90d_rate_high";
/// Kaplan-Meier estimate of the part that orders again within 180 days, 0 to 1.
pub const NEXT_180D_RATE: &str = "next_180d_rate";
/// Lower end of the 95 % interval of `next_180d_rate`.
pub const NEXT_180D_RATE_LOW: &str = "next_180d_rate_low";
/// Upper end of the 95 % interval of `next_180d_rate`.
pub const NEXT_180D_RATE_HIGH: &str = "next_180d_rate_high";
/// Kaplan-Meier estimate of the part that orders again within 365 days, 0 to 1.
pub const NEXT_365D_RATE: &str = "next_365d_rate";
/// Lower end of the 95 % interval of `next_365d_rate`.
pub const NEXT_365D_RATE_LOW: &str = "next_365d_rate_low";
/// Upper end of the 95 % interval of `next_365d_rate`.
pub const NEXT_365D_RATE_HIGH: &str = "next_365d_rate_high";
/// Median of the days to the next order day, of those who have ordered again.
pub const MEDIAN_GAP_DAYS: &str = "median_gap_days";
/// Whether the first order was at a deep discount: deep, or none.
pub const FIRST_DISCOUNT: &str = "first_discount";
/// Whether money of the first order went back: refunded, or kept; empty where nothing tells of refunds.
pub const FIRST_REFUND: &str = "first_refund";
/// The coupon that the first order used; none where it used none.
pub const COUPON_CODE: &str = "coupon_code";
/// The sale, of `[[sale]]`, on whose days the first order was; none outside them.
pub const SALE: &str = "sale";
/// Whether the orders begin in this period, so that its customers may have ordered before.
pub const IS_FIRST_OF_HISTORY: &str = "is_first_of_history";
/// Probability by chance of a pair of products in orders that is at least so unusual, by Fisher's exact test.
pub const P_VALUE: &str = "p_value";
}

/// What a name means, in a sentence.
pub fn meaning(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(other, _)| *other == name).map(|(_, meaning)| meaning.trim())
}
