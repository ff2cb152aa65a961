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
/// The customer's id.
pub const CUSTOMER_ID: &str = "customer_id";
/// Day of the last valid order.
pub const LAST_ORDERED_ON: &str = "last_ordered_on";
/// Whole days from the last valid order to as-of.
pub const RECENCY_DAYS: &str = "recency_days";
/// Distinct valid orders.
pub const ORDER_COUNT: &str = "order_count";
/// Paid minus refunded.
pub const NET_AMOUNT: &str = "net_amount";
/// Number of customers.
pub const CUSTOMER_COUNT: &str = "customer_count";
/// Share of all customers, 0 to 1.
pub const CUSTOMER_SHARE: &str = "customer_share";
/// Share of the total net amount, 0 to 1.
pub const NET_SHARE: &str = "net_share";
/// Share of the total net amount, 0 to 1; in migration, share of the customers who were in `from` on the earlier day.
pub const SHARE: &str = "share";
/// The country.
pub const COUNTRY: &str = "country";
/// The province or state.
pub const PROVINCE: &str = "province";
/// The city.
pub const CITY: &str = "city";
/// Share of the region's customers with at least two orders there, 0 to 1.
pub const REPEAT_RATE: &str = "repeat_rate";
/// An ecrm command.
pub const COMMAND: &str = "command";
/// Whether a command can run: ready, caveat or blocked.
pub const VERDICT: &str = "verdict";
/// An explanation in a sentence.
pub const EXPLANATION: &str = "explanation";
/// A file, as the user named it.
pub const FILE: &str = "file";
/// The canonical table that the rows belong to.
pub const TABLE: &str = "table";
/// The platform preset by which the file is read.
pub const PRESET: &str = "preset";
/// The text encoding of the file.
pub const ENCODING: &str = "encoding";
/// The character between the cells of a row: comma, tab, semicolon, bar or other.
pub const DELIMITER: &str = "delimiter";
/// Number of the record that holds the column headers; 0 if there is none.
pub const HEADER_RECORD: &str = "header_record";
/// Rows read.
pub const ROWS_READ: &str = "rows_read";
/// Rows that cannot be read.
pub const ROWS_QUARANTINED: &str = "rows_quarantined";
/// A column's header.
pub const HEADER: &str = "header";
/// The ecrm field that is read from the column; empty where the column is not read.
pub const FIELD: &str = "field";
/// A word for a status or kind of event, as the file has it.
pub const WORD: &str = "word";
/// How ecrm reads the word: a status, a kind of event, or unknown.
pub const MEANING: &str = "meaning";
/// Rows.
pub const ROW_COUNT: &str = "row_count";
/// What became of rows: used, excluded or quarantined.
pub const OUTCOME: &str = "outcome";
/// Code of the rule that left the rows out; of a tag, the condition that sets it.
pub const RULE: &str = "rule";
/// Why rows cannot be read, customers are left out, a contact is invalid, ids are not joined, a source was corrected or
/// a task is due.
pub const REASON: &str = "reason";
/// How the column's dates are read: dmy (day first), mdy (month first) or year_first.
pub const DATE_ORDER: &str = "date_order";
/// Dates that begin with the year.
pub const YEAR_FIRST_COUNT: &str = "year_first_count";
/// Dates that could be read either way.
pub const EITHER_COUNT: &str = "either_count";
/// Dates that can only have the day first.
pub const DAY_FIRST_COUNT: &str = "day_first_count";
/// Dates that can only have the month first.
pub const MONTH_FIRST_COUNT: &str = "month_first_count";
/// How serious the finding is: stop, caution or note.
pub const SEVERITY: &str = "severity";
/// Code of what the check found.
pub const FINDING: &str = "finding";
/// How many rows, values or ids the finding is about.
pub const COUNT: &str = "count";
/// An example of what was found.
pub const EXAMPLE: &str = "example";
/// Net amount per order.
pub const AOV: &str = "aov";
/// Net amount per buyer (客单价); of a campaign's arms, per customer, whether they bought or not.
pub const SPEND_PER_CUSTOMER: &str = "spend_per_customer";
/// Median of the days since the customers' last valid orders.
pub const MEDIAN_RECENCY_DAYS: &str = "median_recency_days";
/// Recency score, the highest for the most recent last order.
pub const R_SCORE: &str = "r_score";
/// Frequency score, the highest for the most orders.
pub const F_SCORE: &str = "f_score";
/// Monetary score, the highest for the greatest net amount.
pub const M_SCORE: &str = "m_score";
/// The RFM group that the scores make, such as champions or at_risk.
pub const RFM_GROUP: &str = "rfm_group";
/// Lifecycle segment, such as active_new or lost.
pub const SEGMENT: &str = "segment";
/// Whether the customer's net amount is high or low against the shop's spend per customer; elsewhere the value of a
/// metric, measure or parameter.
pub const VALUE: &str = "value";
/// How to treat customers of the segment: care, benefit or stimulate.
pub const MODE: &str = "mode";
/// What to do about the segment.
pub const ADVICE: &str = "advice";
/// A calendar day.
pub const DAY: &str = "day";
/// Where a customer, an order or an event came from.
pub const SOURCE: &str = "source";
/// An item's category.
pub const CATEGORY: &str = "category";
/// Distinct customers who, in the period, made the shop or an item a favourite or put an item into the cart.
pub const INTEREST_CUSTOMER_COUNT: &str = "interest_customer_count";
/// Distinct customers who made the shop a favourite in the period.
pub const FAV_SHOP: &str = "fav_shop";
/// Distinct customers who made an item a favourite in the period.
pub const FAV_ITEM: &str = "fav_item";
/// Distinct customers who put an item into the cart in the period.
pub const CART: &str = "cart";
/// How often the customer made the shop a favourite in the period.
pub const FAV_SHOP_COUNT: &str = "fav_shop_count";
/// How often the customer made an item a favourite in the period.
pub const FAV_ITEM_COUNT: &str = "fav_item_count";
/// How often the customer put an item into the cart in the period.
pub const CART_COUNT: &str = "cart_count";
/// Interest customers who bought nothing in the period.
pub const NOT_BOUGHT_IN_PERIOD_COUNT: &str = "not_bought_in_period_count";
/// Interest customers who have never bought up to as-of.
pub const NOT_YET_BOUGHT_COUNT: &str = "not_yet_bought_count";
/// Customers whose first valid order is in the period; in interest, interest customers without an interest in the 30
/// days before the period.
pub const NEW_CUSTOMER_COUNT: &str = "new_customer_count";
/// Interest customers who bought after their first interest in the period.
pub const CONVERTED_COUNT: &str = "converted_count";
/// Share of interest customers who bought after their interest, 0 to 1; in campaigns, share of the arm's customers who
/// ordered.
pub const CONVERSION_RATE: &str = "conversion_rate";
/// A region's conversion rate divided by that of the shop.
pub const CONVERSION_INDEX: &str = "conversion_index";
/// Day of the last interest.
pub const LAST_INTEREST_ON: &str = "last_interest_on";
/// Whole days from the last interest to as-of.
pub const DAYS_SINCE_INTEREST: &str = "days_since_interest";
/// Whether the customer ever bought up to as-of.
pub const HAS_BOUGHT: &str = "has_bought";
/// Whether the customer bought after the first interest in the period.
pub const IS_CONVERTED: &str = "is_converted";
/// Whether the interest is too old for a discount to help.
pub const IS_PAST_DISCOUNT_WINDOW: &str = "is_past_discount_window";
/// A key figure.
pub const METRIC: &str = "metric";
/// Length of the period in days.
pub const PERIOD_DAYS: &str = "period_days";
/// What the figure is counted in: customers, orders or amount.
pub const UNIT: &str = "unit";
/// The figure of the previous period of the same length.
pub const PREVIOUS_VALUE: &str = "previous_value";
/// The figure minus the previous one.
pub const CHANGE: &str = "change";
/// The change divided by the previous period's figure.
pub const CHANGE_RATE: &str = "change_rate";
/// Customers new in the last day.
pub const NEW_COUNT_1D: &str = "new_count_1d";
/// Customers new in the last 7 days.
pub const NEW_COUNT_7D: &str = "new_count_7d";
/// Customers new in the last 30 days.
pub const NEW_COUNT_30D: &str = "new_count_30d";
/// The figure for all time up to as-of.
pub const TOTAL: &str = "total";
/// What input the figure or the task lacks.
pub const NEEDS: &str = "needs";
/// Days after the first order at which customers are looked at; in forecasts, the days that are forecast.
pub const HORIZON_DAYS: &str = "horizon_days";
/// Customers watched for `horizon_days` who had not ordered again before.
pub const AT_RISK_COUNT: &str = "at_risk_count";
/// Customers seen to order again within `horizon_days` of the first order.
pub const REPURCHASED_COUNT: &str = "repurchased_count";
/// Kaplan-Meier estimate of the share of customers who order again within `horizon_days`, 0 to 1.
pub const REPURCHASE_RATE: &str = "repurchase_rate";
/// Lower end of the 95 % interval of `rate` or `repurchase_rate`; in a campaign's arms, of `conversion_rate`.
pub const RATE_LOW: &str = "rate_low";
/// Upper end of the 95 % interval of `rate` or `repurchase_rate`; in a campaign's arms, of `conversion_rate`.
pub const RATE_HIGH: &str = "rate_high";
/// Completed gaps between a customer's order days; of a product, between the days on which it was bought.
pub const GAP_COUNT: &str = "gap_count";
/// 25 % quantile of the completed gaps, in days.
pub const P25: &str = "p25";
/// Median of the completed gaps, in days.
pub const P50: &str = "p50";
/// 75 % quantile of the completed gaps, in days.
pub const P75: &str = "p75";
/// 80 % quantile of the completed gaps, in days.
pub const P80: &str = "p80";
/// 90 % quantile of the completed gaps, in days.
pub const P90: &str = "p90";
/// The normal repurchase cycle in days: the median of the completed gaps.
pub const CYCLE_DAYS: &str = "cycle_days";
/// Days without an order after which a customer is taken as lost.
pub const CHURN_LINE_DAYS: &str = "churn_line_days";
/// The definition of the rate, such as repeat_day_rate.
pub const DEFINITION: &str = "definition";
/// The rate by this definition, 0 to 1; of a decile of a forecast, the share of its customers who ordered.
pub const RATE: &str = "rate";
/// The number of customers or orders that the rate counts.
pub const NUMERATOR: &str = "numerator";
/// The number of customers or orders that the rate is a share of.
pub const DENOMINATOR: &str = "denominator";
/// Median of the gaps between the customer's own order days, in days.
pub const OWN_GAP_DAYS: &str = "own_gap_days";
/// Days expected from the customer's last order to the next: the own median gap, drawn toward the usual gap of the shop
/// or the product.
pub const EXPECTED_GAP_DAYS: &str = "expected_gap_days";
/// Day on which the next order is expected.
pub const NEXT_EXPECTED_ON: &str = "next_expected_on";
/// Where the customer stands in the repurchase cycle: in_cycle, due, overdue or lost.
pub const DUE_STATUS: &str = "due_status";
/// A product's id.
pub const PRODUCT_ID: &str = "product_id";
/// Title of the product or tag.
pub const TITLE: &str = "title";
/// Month of the year, 1 to 12.
pub const MONTH: &str = "month";
/// Orders of the region in all categories or months.
pub const REGION_ORDER_COUNT: &str = "region_order_count";
/// Share of the region's orders that are in the category or month, 0 to 1.
pub const REGION_SHARE: &str = "region_share";
/// Share of all orders that are in the category or month, 0 to 1.
pub const SHOP_SHARE: &str = "shop_share";
/// `region_share` divided by `shop_share`; above 1 where the region prefers the category or month.
pub const LOCATION_QUOTIENT: &str = "location_quotient";
/// Whether the counts are large enough for the row's figures to be trusted; of pairs of products, whether they are
/// unlikely to be chance.
pub const IS_RELIABLE: &str = "is_reliable";
/// What customers or decisions are grouped by, such as age_band.
pub const DIMENSION: &str = "dimension";
/// The group within the dimension; in identity, the contact that joins ids.
pub const KEY: &str = "key";
/// Day of the week, 1 for Monday to 7 for Sunday.
pub const WEEKDAY: &str = "weekday";
/// Hour of the day, 0 to 23.
pub const HOUR: &str = "hour";
/// Behaviour events.
pub const EVENT_COUNT: &str = "event_count";
/// Class by contribution: core, potential or mass.
pub const CLASS: &str = "class";
/// Net amount minus what the goods cost.
pub const MARGIN: &str = "margin";
/// Share of the total margin, 0 to 1.
pub const MARGIN_SHARE: &str = "margin_share";
/// Share of the total that comes from this customer and all who contribute more, 0 to 1.
pub const CUMULATIVE_SHARE: &str = "cumulative_share";
/// Orders at a deep discount.
pub const DEEP_DISCOUNT_ORDER_COUNT: &str = "deep_discount_order_count";
/// Whether all orders were at a deep discount.
pub const IS_PROMOTION_ONLY: &str = "is_promotion_only";
/// What is measured in the row.
pub const MEASURE: &str = "measure";
/// First day of the calendar period in which the cohort's customers first ordered.
pub const COHORT: &str = "cohort";
/// Number of calendar periods since that of the first order, which is 0.
pub const PERIOD: &str = "period";
/// Customers of the whole cohort.
pub const COHORT_CUSTOMER_COUNT: &str = "cohort_customer_count";
/// Share of the cohort that ordered in the period, 0 to 1; with `horizon_days`, the share that ordered again within
/// these.
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
/// Entry customers with at least two orders.
pub const LOYAL_COUNT: &str = "loyal_count";
/// Share of entry customers with at least two orders, 0 to 1.
pub const LOYAL_RATE: &str = "loyal_rate";
/// `loyal_rate` divided by the same share of all buyers.
pub const LOYAL_INDEX: &str = "loyal_index";
/// The other product's id.
pub const OTHER_PRODUCT_ID: &str = "other_product_id";
/// The other product's title.
pub const OTHER_TITLE: &str = "other_title";
/// Orders with the product.
pub const PRODUCT_ORDER_COUNT: &str = "product_order_count";
/// Orders with the other product.
pub const OTHER_ORDER_COUNT: &str = "other_order_count";
/// Orders with items.
pub const BASKET_COUNT: &str = "basket_count";
/// Share of all orders with items in which the pair occurs, 0 to 1.
pub const SUPPORT: &str = "support";
/// Share of the orders with the product in which the pair occurs, 0 to 1.
pub const CONFIDENCE: &str = "confidence";
/// `confidence` divided by the share of all orders with items that have the other product; above 1 where the pair is
/// more frequent than by chance.
pub const LIFT: &str = "lift";
/// Customers all of whose orders were at a deep discount.
pub const PROMOTION_ONLY_COUNT: &str = "promotion_only_count";
/// Kind of customer: converted, interested or other; of an order, the order's status.
pub const STATUS: &str = "status";
/// The customer's name.
pub const NAME: &str = "name";
/// Gender: female, male, other, or the platform's own code.
pub const GENDER: &str = "gender";
/// Day of birth.
pub const BIRTHDAY: &str = "birthday";
/// Age in whole years on the as-of day.
pub const AGE: &str = "age";
/// Member level.
pub const LEVEL: &str = "level";
/// Phone number.
pub const PHONE: &str = "phone";
/// E-mail address.
pub const EMAIL: &str = "email";
/// WeChat id.
pub const WECHAT: &str = "wechat";
/// QQ number.
pub const QQ: &str = "qq";
/// Day of registration.
pub const REGISTERED_ON: &str = "registered_on";
/// Day on which a member card was claimed.
pub const CARD_CLAIMED_ON: &str = "card_claimed_on";
/// Whether the customer wants no messages.
pub const IS_OPTED_OUT: &str = "is_opted_out";
/// Whether the customer is on the shop's blacklist.
pub const IS_BLACKLISTED: &str = "is_blacklisted";
/// Day of the first valid order.
pub const FIRST_ORDERED_ON: &str = "first_ordered_on";
/// Whole days from the first valid order to as-of.
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
/// Greatest net amount of a valid order.
pub const MAX_ORDER_AMOUNT: &str = "max_order_amount";
/// Pieces bought and kept.
pub const ITEM_COUNT: &str = "item_count";
/// Pieces per order, over the orders whose items are known.
pub const ITEMS_PER_ORDER: &str = "items_per_order";
/// Distinct products bought and kept.
pub const PRODUCT_COUNT: &str = "product_count";
/// Total amount refunded.
pub const REFUND_AMOUNT: &str = "refund_amount";
/// Orders refunded in whole or in part.
pub const REFUNDED_ORDER_COUNT: &str = "refunded_order_count";
/// Orders that are not paid, whether still open or closed.
pub const UNPAID_ORDER_COUNT: &str = "unpaid_order_count";
/// Day of the last order that is not paid.
pub const LAST_UNPAID_ON: &str = "last_unpaid_on";
/// Share of the orders at a deep discount, of those whose full price is known, 0 to 1.
pub const DEEP_DISCOUNT_SHARE: &str = "deep_discount_share";
/// The category found in the greatest number of the customer's orders.
pub const TOP_CATEGORY: &str = "top_category";
/// The product found in the greatest number of the customer's orders.
pub const TOP_PRODUCT: &str = "top_product";
/// The hour at which the customer orders most often, 0 to 23.
pub const USUAL_HOUR: &str = "usual_hour";
/// The weekday on which the customer orders most often, 1 for Monday to 7 for Sunday.
pub const USUAL_WEEKDAY: &str = "usual_weekday";
/// Whom the customer buys for: self (all orders go to the usual recipient) or gift (some go to others).
pub const ROLE: &str = "role";
/// The product to recommend.
pub const NEXT_PRODUCT: &str = "next_product";
/// Day of the last event.
pub const LAST_EVENT_ON: &str = "last_event_on";
/// Whether the shop is a favourite.
pub const IS_SHOP_FAVOURITE: &str = "is_shop_favourite";
/// How often the customer made the shop a favourite in the last 30 days.
pub const FAV_SHOP_COUNT_30D: &str = "fav_shop_count_30d";
/// How often the customer made an item a favourite in the last 30 days.
pub const FAV_ITEM_COUNT_30D: &str = "fav_item_count_30d";
/// How often the customer put an item into the cart in the last 30 days.
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
/// Whether the WeChat id is valid.
pub const HAS_WECHAT: &str = "has_wechat";
/// Whether the QQ number is valid.
pub const HAS_QQ: &str = "has_qq";
/// The customer's tags.
pub const TAGS: &str = "tags";
/// The day of a note or decision.
pub const NOTED_ON: &str = "noted_on";
/// A note by the shop; in the list of customers, the newest one on the customer.
pub const NOTE: &str = "note";
/// Probability that the customer has not stopped buying, 0 to 1.
pub const P_ALIVE: &str = "p_alive";
/// Order days expected within the forecast horizon.
pub const EXPECTED_ORDERS: &str = "expected_orders";
/// Net amount expected within the forecast horizon.
pub const EXPECTED_SPEND: &str = "expected_spend";
/// Probability of at least one order within the forecast horizon, 0 to 1.
pub const P_ORDER: &str = "p_order";
/// Lower end of the 90 % prediction interval of `expected_orders`.
pub const EXPECTED_ORDERS_LOW: &str = "expected_orders_low";
/// Upper end of the 90 % prediction interval of `expected_orders`.
pub const EXPECTED_ORDERS_HIGH: &str = "expected_orders_high";
/// Lower end of the 90 % prediction interval of `expected_spend`.
pub const EXPECTED_SPEND_LOW: &str = "expected_spend_low";
/// Upper end of the 90 % prediction interval of `expected_spend`.
pub const EXPECTED_SPEND_HIGH: &str = "expected_spend_high";
/// Whether the customer spent nothing after the first order day, so that the shop's mean is taken for an order day.
pub const IS_PRIOR: &str = "is_prior";
/// Days with an order after the day of the first one.
pub const REPEAT_DAY_COUNT: &str = "repeat_day_count";
/// A parameter of the model, or a measure of how well it fits, such as log_likelihood.
pub const PARAMETER: &str = "parameter";
/// Standard error: how far the estimate may be from the truth by chance.
pub const STANDARD_ERROR: &str = "standard_error";
/// The customers or the week that the forecast is for, or the kind of error.
pub const GROUP: &str = "group";
/// Number of actual order days.
pub const ACTUAL: &str = "actual";
/// Number of order days that the model forecast.
pub const PREDICTED: &str = "predicted";
/// Number of order days forecast from each customer's own rate so far.
pub const NAIVE: &str = "naive";
/// Tenth of the customers by `p_alive`, 1 for the lowest.
pub const DECILE: &str = "decile";
/// Customers who ordered after the day of the hold-out.
pub const ORDERED_COUNT: &str = "ordered_count";
/// The campaign a message belongs to.
pub const CAMPAIGN_ID: &str = "campaign_id";
/// Day on which the message was sent; in a control arm, on which it would have been.
pub const SENT_ON: &str = "sent_on";
/// The channel of a message or contact, such as email.
pub const CHANNEL: &str = "channel";
/// The arm of the campaign: control, or the name of a treatment.
pub const ARM: &str = "arm";
/// Whether a message arrived.
pub const IS_DELIVERED: &str = "is_delivered";
/// Whether the message was opened.
pub const IS_OPENED: &str = "is_opened";
/// Whether a link in the message was clicked.
pub const IS_CLICKED: &str = "is_clicked";
/// Cost of the messages.
pub const COST: &str = "cost";
/// The id of an order.
pub const ORDER_ID: &str = "order_id";
/// The day of an order or a credit note: of payment, else of creation.
pub const ORDERED_ON: &str = "ordered_on";
/// A time of day as `09:30:00`.
pub const TIME: &str = "time";
/// What the row is: order, credit_note, or the kind of event.
pub const KIND: &str = "kind";
/// What was paid, before refunds.
pub const PAID_AMOUNT: &str = "paid_amount";
/// Whether an order or a credit note counts.
pub const IS_COUNTED: &str = "is_counted";
/// The RFM score of the measure.
pub const SCORE: &str = "score";
/// The cut point that the value is above.
pub const ABOVE: &str = "above";
/// The cut point that the value does not exceed.
pub const UP_TO: &str = "up_to";
/// Rank among all buyers: by contribution from 1 for the best, in RFM scores from 1 for the worst.
pub const RANK: &str = "rank";
/// The mean of all buyers' scores.
pub const MEAN_SCORE: &str = "mean_score";
/// The scores that make an RFM group.
pub const RFM_RULE: &str = "rfm_rule";
/// The greatest segment limit that `recency_days` is above.
pub const ABOVE_DAYS: &str = "above_days";
/// The smallest segment limit that `recency_days` does not exceed.
pub const UP_TO_DAYS: &str = "up_to_days";
/// Orders up to as-of, those before a window too.
pub const ORDER_COUNT_EVER: &str = "order_count_ever";
/// Least number of orders of a loyal customer.
pub const LOYAL_ORDERS: &str = "loyal_orders";
/// Least net amount of a high-value customer.
pub const HIGH_VALUE: &str = "high_value";
/// Share of the total that comes from all customers who contribute more, 0 to 1.
pub const SHARE_BEFORE: &str = "share_before";
/// Share of the total that core customers make up, counted from the best, 0 to 1.
pub const CORE_SHARE: &str = "core_share";
/// Share of the total that core and potential customers together make up, counted from the best, 0 to 1.
pub const POTENTIAL_SHARE: &str = "potential_share";
/// Orders whose full price is known.
pub const PRICED_ORDER_COUNT: &str = "priced_order_count";
/// Number of gaps between the customer's order days.
pub const OWN_GAP_COUNT: &str = "own_gap_count";
/// The usual gap between order days of the product or the shop, in days.
pub const USUAL_GAP_DAYS: &str = "usual_gap_days";
/// What the usual gap is of: product or shop.
pub const USUAL_GAP_OF: &str = "usual_gap_of";
/// How many of the customer's own gaps the usual gap counts as.
pub const WEIGHT: &str = "weight";
/// Days before and after the expected day within which the customer is due.
pub const DUE_DAYS: &str = "due_days";
/// Days without an order after which this customer is lost.
pub const LOST_AFTER_DAYS: &str = "lost_after_days";
/// Day of the first event of the kind.
pub const FIRST_ON: &str = "first_on";
/// Day of the last event of the kind; in campaigns, the last of the customer's days of the campaign.
pub const LAST_ON: &str = "last_on";
/// The name of a tag.
pub const TAG: &str = "tag";
/// How the tag was set: manual or rule.
pub const ORIGIN: &str = "origin";
/// The day since which the customer has the tag.
pub const SINCE: &str = "since";
/// Customers who get the tag and did not have it.
pub const ADDED_COUNT: &str = "added_count";
/// Customers who had the tag and lose it.
pub const REMOVED_COUNT: &str = "removed_count";
/// Customers who had the tag and keep it.
pub const KEPT_COUNT: &str = "kept_count";
/// Customers whose tag was set by hand.
pub const MANUAL_COUNT: &str = "manual_count";
/// Customers whose tag was set by a rule.
pub const RULE_COUNT: &str = "rule_count";
/// Whether the rule's condition is true of the customer.
pub const IS_TRUE: &str = "is_true";
/// The day of a correction.
pub const CORRECTED_ON: &str = "corrected_on";
/// The first day of a calendar period.
pub const PERIOD_ON: &str = "period_on";
/// Share of customers with at least two orders, 0 to 1.
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
/// Whether customers with the tag get discounts.
pub const DISCOUNT: &str = "discount";
/// The id under which a person with several ids is known.
pub const PERSON: &str = "person";
/// What joins the ids to one person: decision, spelling, email or phone.
pub const KEY_KIND: &str = "key_kind";
/// All orders under the id, whether they count or not.
pub const ALL_ORDER_COUNT: &str = "all_order_count";
/// Number of customer ids that name the contact.
pub const ID_COUNT: &str = "id_count";
/// Number of contacts that the customer id names.
pub const KEY_COUNT: &str = "key_count";
/// Whether the figures are from before or after the ids are joined: before or after.
pub const STATE: &str = "state";
/// The other customer id of a pair.
pub const OTHER_ID: &str = "other_id";
/// Whether the two ids are one person: same or not_same.
pub const DECISION: &str = "decision";
/// Messages that were sent.
pub const MESSAGE_COUNT: &str = "message_count";
/// Messages that arrived.
pub const DELIVERED_COUNT: &str = "delivered_count";
/// Customers with a valid order within their days of the campaign.
pub const BUYER_COUNT: &str = "buyer_count";
/// Customers with an order that was not paid.
pub const UNPAID_CUSTOMER_COUNT: &str = "unpaid_customer_count";
/// Amount of the orders that were not paid.
pub const UNPAID_AMOUNT: &str = "unpaid_amount";
/// Lower end of the 95 % interval of `spend_per_customer`.
pub const SPEND_LOW: &str = "spend_low";
/// Upper end of the 95 % interval of `spend_per_customer`.
pub const SPEND_HIGH: &str = "spend_high";
/// Net amount minus cost, divided by cost.
pub const ROI: &str = "roi";
/// Net amount divided by cost.
pub const RETURN_ON_SPEND: &str = "return_on_spend";
/// Customers in the control arm.
pub const CONTROL_COUNT: &str = "control_count";
/// The treatment's conversion rate minus the control's.
pub const RATE_DIFFERENCE: &str = "rate_difference";
/// Lower end of the 95 % interval of `rate_difference`.
pub const RATE_DIFFERENCE_LOW: &str = "rate_difference_low";
/// Upper end of the 95 % interval of `rate_difference`.
pub const RATE_DIFFERENCE_HIGH: &str = "rate_difference_high";
/// Probability of a `rate_difference` at least this far from 0 if the treatment changes nothing.
pub const RATE_P_VALUE: &str = "rate_p_value";
/// `rate_p_value` corrected by Holm's method for several treatments in one campaign.
pub const RATE_P_VALUE_HOLM: &str = "rate_p_value_holm";
/// `rate_difference` divided by the control's conversion rate.
pub const RELATIVE_LIFT: &str = "relative_lift";
/// The treatment's net amount per customer minus the control's.
pub const SPEND_DIFFERENCE: &str = "spend_difference";
/// Lower end of the 95 % interval of `spend_difference`.
pub const SPEND_DIFFERENCE_LOW: &str = "spend_difference_low";
/// Upper end of the 95 % interval of `spend_difference`.
pub const SPEND_DIFFERENCE_HIGH: &str = "spend_difference_high";
/// Probability of a `spend_difference` at least this far from 0 if the treatment changes nothing.
pub const SPEND_P_VALUE: &str = "spend_p_value";
/// `spend_p_value` corrected by Holm's method for several treatments in one campaign.
pub const SPEND_P_VALUE_HOLM: &str = "spend_p_value_holm";
/// Buyers who would not have bought without the treatment.
pub const INCREMENTAL_BUYERS: &str = "incremental_buyers";
/// Lower end of the 95 % interval of `incremental_buyers`.
pub const INCREMENTAL_BUYERS_LOW: &str = "incremental_buyers_low";
/// Upper end of the 95 % interval of `incremental_buyers`.
pub const INCREMENTAL_BUYERS_HIGH: &str = "incremental_buyers_high";
/// Net amount that would not have come without the treatment.
pub const INCREMENTAL_NET_AMOUNT: &str = "incremental_net_amount";
/// Lower end of the 95 % interval of `incremental_net_amount`.
pub const INCREMENTAL_NET_AMOUNT_LOW: &str = "incremental_net_amount_low";
/// Upper end of the 95 % interval of `incremental_net_amount`.
pub const INCREMENTAL_NET_AMOUNT_HIGH: &str = "incremental_net_amount_high";
/// Incremental net amount minus cost, divided by cost.
pub const INCREMENTAL_ROI: &str = "incremental_roi";
/// Smallest rise of the conversion rate that arms of this size would show in 80 % of cases.
pub const DETECTABLE_DIFFERENCE: &str = "detectable_difference";
/// `spend_difference` with what customers spent in the 365 days before taken into account (CUPED).
pub const CUPED_SPEND_DIFFERENCE: &str = "cuped_spend_difference";
/// Lower end of the 95 % interval of `cuped_spend_difference`.
pub const CUPED_SPEND_DIFFERENCE_LOW: &str = "cuped_spend_difference_low";
/// Upper end of the 95 % interval of `cuped_spend_difference`.
pub const CUPED_SPEND_DIFFERENCE_HIGH: &str = "cuped_spend_difference_high";
/// Probability of a `cuped_spend_difference` at least this far from 0 if the treatment changes nothing.
pub const CUPED_SPEND_P_VALUE: &str = "cuped_spend_p_value";
/// Amount at which each customer's spend is capped: the 99.9 % quantile of the campaign's customers.
pub const SPEND_CAP: &str = "spend_cap";
/// `spend_difference` with each customer's spend capped at `spend_cap`.
pub const CAPPED_SPEND_DIFFERENCE: &str = "capped_spend_difference";
/// Lower end of the 95 % interval of `capped_spend_difference`.
pub const CAPPED_SPEND_DIFFERENCE_LOW: &str = "capped_spend_difference_low";
/// Upper end of the 95 % interval of `capped_spend_difference`.
pub const CAPPED_SPEND_DIFFERENCE_HIGH: &str = "capped_spend_difference_high";
/// Probability of a `capped_spend_difference` at least this far from 0 if the treatment changes nothing.
pub const CAPPED_SPEND_P_VALUE: &str = "capped_spend_p_value";
/// What the comparison shows, such as more, no_difference or too_few.
pub const RESULT: &str = "result";
/// All customers of the arm, those left out of its figures included.
pub const ASSIGNED_COUNT: &str = "assigned_count";
/// Share of the customers of all arms, 0 to 1.
pub const ASSIGNED_SHARE: &str = "assigned_share";
/// Share of the customers that was planned for the arm, 0 to 1.
pub const PLANNED_SHARE: &str = "planned_share";
/// Probability of arms at least this far from the planned sizes if customers were assigned as planned.
pub const SPLIT_P_VALUE: &str = "split_p_value";
/// Whether the sizes of the arms agree with the planned ones.
pub const IS_SPLIT_AS_PLANNED: &str = "is_split_as_planned";
/// Customers who are in another arm of the campaign as well.
pub const MIXED_COUNT: &str = "mixed_count";
/// Customers whose days of the campaign are not over at as-of.
pub const UNFINISHED_COUNT: &str = "unfinished_count";
/// Customers who want no messages; in care, due tasks of such customers.
pub const OPTED_OUT_COUNT: &str = "opted_out_count";
/// Customers with an order that counts for another campaign, too.
pub const OVERLAP_CUSTOMER_COUNT: &str = "overlap_customer_count";
/// Orders that count for another campaign, too.
pub const OVERLAP_ORDER_COUNT: &str = "overlap_order_count";
/// Probability of a `rate_difference` that varies at least this much between groups if the effect is the same in all.
pub const RATE_INTERACTION_P_VALUE: &str = "rate_interaction_p_value";
/// Probability of a `spend_difference` that varies at least this much between groups if the effect is the same in all.
pub const SPEND_INTERACTION_P_VALUE: &str = "spend_interaction_p_value";
/// Whether a customer counts in the figures of the arm.
pub const IS_IN_FIGURES: &str = "is_in_figures";
/// Net amount of the 365 days before the first message of a campaign.
pub const NET_AMOUNT_YEAR_BEFORE: &str = "net_amount_year_before";
/// The phone number, e-mail address or other contact by which the customer is reached.
pub const CONTACT: &str = "contact";
/// The measure in the arm that gets the message: a mean, or the number of customers.
pub const TREATMENT: &str = "treatment";
/// The measure in the arm that is held out: a mean, or the number of customers.
pub const CONTROL: &str = "control";
/// The difference of two means in standard deviations.
pub const STANDARDISED_DIFFERENCE: &str = "standardised_difference";
/// Customers for whom no input has a contact.
pub const NO_CONTACT_COUNT: &str = "no_contact_count";
/// Customers whose contact is invalid.
pub const INVALID_COUNT: &str = "invalid_count";
/// Customers who could be reached but are on the shop's blacklist; in care, due tasks of blacklisted customers.
pub const BLACKLISTED_COUNT: &str = "blacklisted_count";
/// Customers who can be reached.
pub const REACHABLE_COUNT: &str = "reachable_count";
/// Share of customers who can be reached, 0 to 1.
pub const REACHABLE_SHARE: &str = "reachable_share";
/// Lower end of the 95 % interval of `reachable_share`.
pub const REACHABLE_LOW: &str = "reachable_low";
/// Upper end of the 95 % interval of `reachable_share`.
pub const REACHABLE_HIGH: &str = "reachable_high";
/// Share of the net amount that comes from reachable customers, 0 to 1.
pub const REACHABLE_NET_SHARE: &str = "reachable_net_share";
/// Reachable customers who share a contact, all but one of each contact.
pub const DUPLICATE_COUNT: &str = "duplicate_count";
/// Customers who were sent a message through the channel.
pub const CONTACTED_COUNT: &str = "contacted_count";
/// Median of the days since the last message, of the customers who were sent one.
pub const MEDIAN_DAYS_SINCE_CONTACT: &str = "median_days_since_contact";
/// The channel that reaches the most customers of the segment.
pub const BEST_CHANNEL: &str = "best_channel";
/// The kind of care task, such as birthday or win_back.
pub const TASK: &str = "task";
/// The day on which the task is due.
pub const DUE_ON: &str = "due_on";
/// A product, by title or else by id.
pub const PRODUCT: &str = "product";
/// What a message says.
pub const TEXT: &str = "text";
/// Where the missing thing belongs: a canonical table, or the settings.
pub const INPUT: &str = "input";
/// Tasks that are due.
pub const DUE_COUNT: &str = "due_count";
/// Due tasks of customers in the standing holdout.
pub const GLOBAL_HOLDOUT_COUNT: &str = "global_holdout_count";
/// Due tasks whose message is already in the log of messages.
pub const ALREADY_SENT_COUNT: &str = "already_sent_count";
/// Due tasks of customers who got another message within the fatigue days.
pub const CONTACTED_RECENTLY_COUNT: &str = "contacted_recently_count";
/// Due tasks that gave way to a more urgent one for the same customer on the same day.
pub const SAME_DAY_COUNT: &str = "same_day_count";
/// Due tasks that are on the list.
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
/// Customers who were in `from` on the earlier day.
pub const FROM_CUSTOMER_COUNT: &str = "from_customer_count";
/// Lower end of the 95 % interval of `share`.
pub const SHARE_LOW: &str = "share_low";
/// Upper end of the 95 % interval of `share`.
pub const SHARE_HIGH: &str = "share_high";
/// A movement of customers: up, down, lost, won_back, new or other.
pub const FLOW: &str = "flow";
/// Net amount of orders and refunds dated after the earlier day.
pub const NET_AMOUNT_SINCE: &str = "net_amount_since";
/// Whether a calendar period is not over at as-of.
pub const IS_UNFINISHED: &str = "is_unfinished";
/// Whether the files cover the calendar period from its first day.
pub const IS_COVERED: &str = "is_covered";
/// Amount given back divided by the amount paid in the period, 0 to 1; above 1 where more was given back than paid.
pub const REFUND_RATE: &str = "refund_rate";
/// Orders on the day of a customer's first order.
pub const NEW_ORDER_COUNT: &str = "new_order_count";
/// Net amount of orders on the day of a customer's first order, less the period's credit notes of such orders.
pub const NEW_NET_AMOUNT: &str = "new_net_amount";
/// Customers with an order on a later day than that of the first order.
pub const RETURNING_CUSTOMER_COUNT: &str = "returning_customer_count";
/// Orders on later days than that of a customer's first order.
pub const RETURNING_ORDER_COUNT: &str = "returning_order_count";
/// Net amount of orders on later days than that of a customer's first order, less the period's credit notes of such
/// orders.
pub const RETURNING_NET_AMOUNT: &str = "returning_net_amount";
/// The first day of the same period a year before.
pub const PREVIOUS_ON: &str = "previous_on";
/// Orders of the same period a year before.
pub const PREVIOUS_ORDER_COUNT: &str = "previous_order_count";
/// Net amount of the same period a year before.
pub const PREVIOUS_NET_AMOUNT: &str = "previous_net_amount";
/// Net amount per order of the same period a year before.
pub const PREVIOUS_AOV: &str = "previous_aov";
/// Refund rate of the same period a year before.
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
/// `year_change` divided by `previous_net_amount`.
pub const YEAR_CHANGE_RATE: &str = "year_change_rate";
/// Part of `year_change` that is due to more or fewer customers.
pub const CUSTOMERS_EFFECT: &str = "customers_effect";
/// Part of `year_change` that is due to more or fewer orders per customer.
pub const FREQUENCY_EFFECT: &str = "frequency_effect";
/// Part of `year_change` that is due to a higher or lower net amount per order.
pub const AOV_EFFECT: &str = "aov_effect";
/// Part of `year_change` from rows without a known buyer or of customers without a valid order.
pub const UNNAMED_EFFECT: &str = "unnamed_effect";
/// What was decided: payment (to pay an order) or order (to order a product).
pub const PHASE: &str = "phase";
/// How long a decision took.
pub const DELAY: &str = "delay";
/// Whether a decision was impulsive or considered.
pub const MANNER: &str = "manner";
/// Decisions: orders, or products of orders.
pub const DECISION_COUNT: &str = "decision_count";
/// Share of the group's decisions that took this long, 0 to 1.
pub const DELAY_SHARE: &str = "delay_share";
/// Lower end of the 95 % interval of `delay_share`.
pub const DELAY_SHARE_LOW: &str = "delay_share_low";
/// Upper end of the 95 % interval of `delay_share`.
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
/// Kaplan-Meier estimate of the share of interest customers with a valid order within 7 days (`[interest]
/// conversion_days`) of their first interest in the period, 0 to 1.
pub const CONVERSION_7D_RATE: &str = "conversion_7d_rate";
/// Lower end of the 95 % interval of `conversion_7d_rate`.
pub const CONVERSION_7D_RATE_LOW: &str = "conversion_7d_rate_low";
/// Upper end of the 95 % interval of `conversion_7d_rate`.
pub const CONVERSION_7D_RATE_HIGH: &str = "conversion_7d_rate_high";
/// Lower end of the 95 % interval of `conversion_index`.
pub const CONVERSION_INDEX_LOW: &str = "conversion_index_low";
/// Upper end of the 95 % interval of `conversion_index`.
pub const CONVERSION_INDEX_HIGH: &str = "conversion_index_high";
/// Whether there are enough interest customers that, at the shop's rate, at least five would convert and at least five
/// would not.
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
/// Gaps still open at as-of: one for each customer, from the last order day on.
pub const OPEN_GAP_COUNT: &str = "open_gap_count";
/// 25 % quantile of all gaps, the open ones watched until as-of (Kaplan-Meier), in days; empty where it is not reached.
pub const WATCHED_P25: &str = "watched_p25";
/// Median of all gaps, the open ones watched until as-of (Kaplan-Meier), in days; empty where it is not reached.
pub const WATCHED_P50: &str = "watched_p50";
/// 75 % quantile of all gaps, the open ones watched until as-of (Kaplan-Meier), in days; empty where it is not reached.
pub const WATCHED_P75: &str = "watched_p75";
/// 80 % quantile of all gaps, the open ones watched until as-of (Kaplan-Meier), in days; empty where it is not reached.
pub const WATCHED_P80: &str = "watched_p80";
/// 90 % quantile of all gaps, the open ones watched until as-of (Kaplan-Meier), in days; empty where it is not reached.
pub const WATCHED_P90: &str = "watched_p90";
/// Buyers by their number of order days: one or several.
pub const BUYERS: &str = "buyers";
/// Kaplan-Meier estimate of the share of customers silent for as long as the churn line who order again within the next
/// 90 days (`[repurchase] return_days`), 0 to 1.
pub const RETURN_CHANCE: &str = "return_chance";
/// Customers still watched at the end of the 90 days (`[repurchase] return_days`) after the churn line.
pub const WATCHED_COUNT: &str = "watched_count";
/// Customers who have been silent for longer than the churn line.
pub const LOST_CUSTOMER_COUNT: &str = "lost_customer_count";
/// Customers who ordered again after the day of the hold-out.
pub const RETURNED_COUNT: &str = "returned_count";
/// Share of the customers who ordered again after the day of the hold-out, 0 to 1.
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
/// Kaplan-Meier estimate of the share of customers who order again within 30 days, 0 to 1.
pub const NEXT_30D_RATE: &str = "next_30d_rate";
/// Lower end of the 95 % interval of `next_30d_rate`.
pub const NEXT_30D_RATE_LOW: &str = "next_30d_rate_low";
/// Upper end of the 95 % interval of `next_30d_rate`.
pub const NEXT_30D_RATE_HIGH: &str = "next_30d_rate_high";
/// Kaplan-Meier estimate of the share of customers who order again within 90 days, 0 to 1.
pub const NEXT_90D_RATE: &str = "next_90d_rate";
/// Lower end of the 95 % interval of `next_90d_rate`.
pub const NEXT_90D_RATE_LOW: &str = "next_90d_rate_low";
/// Upper end of the 95 % interval of `next_90d_rate`.
pub const NEXT_90D_RATE_HIGH: &str = "next_90d_rate_high";
/// Kaplan-Meier estimate of the share of customers who order again within 180 days, 0 to 1.
pub const NEXT_180D_RATE: &str = "next_180d_rate";
/// Lower end of the 95 % interval of `next_180d_rate`.
pub const NEXT_180D_RATE_LOW: &str = "next_180d_rate_low";
/// Upper end of the 95 % interval of `next_180d_rate`.
pub const NEXT_180D_RATE_HIGH: &str = "next_180d_rate_high";
/// Kaplan-Meier estimate of the share of customers who order again within 365 days, 0 to 1.
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
/// Probability of a pair at least this unusual if the two products were bought independently (Fisher's exact test).
pub const P_VALUE: &str = "p_value";
}

/// What a name means, in a sentence.
pub fn meaning(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(other, _)| *other == name).map(|(_, meaning)| meaning.trim())
}
