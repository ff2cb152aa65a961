-- What buyers ordered, paid or not, kept or not, up to as-of. An order whose time of day is not known may have been at
-- any, and is taken as after whatever else was that day.
judged AS (
  SELECT
    customer_id,
    order_key,
    ordered_on,
    CAST(ordered_on AS BIGINT) * 100000 + COALESCE(second + 1, 99999) AS ordered_at,
    rule,
    paid_amount,
    refund_amount,
    net_amount,
    full_price,
    CASE WHEN rule IS NULL AND {{is_order}} THEN 1 ELSE 0 END AS is_order,
    MAX(CASE WHEN rule IS NULL AND {{is_order}} THEN 1 ELSE 0 END) OVER (PARTITION BY customer_id) AS is_buyer
  FROM ruled
  WHERE ordered_on <= {{as_of}} AND (rule IS NULL OR rule IN ('{{refunded}}', '{{unpaid}}', '{{closed_unpaid}}'))
),
documents AS (
  SELECT
    customer_id,
    order_key,
    ordered_on,
    ordered_at,
    paid_amount,
    net_amount,
    is_order,
    CASE WHEN rule IS NULL THEN 1 ELSE 0 END AS is_counted,
    CASE WHEN rule = '{{refunded}}' THEN 1 ELSE 0 END AS is_given_back,
    CASE WHEN rule IS NOT NULL AND rule <> '{{refunded}}' THEN 1 ELSE 0 END AS is_unpaid,
    -- What went back, or was not paid.
    CASE
      WHEN rule = '{{refunded}}' AND refund_amount > paid_amount THEN refund_amount
      WHEN rule = '{{refunded}}' THEN paid_amount
      WHEN rule IS NULL AND paid_amount < 0 THEN refund_amount - paid_amount
      WHEN rule IS NULL THEN refund_amount
      WHEN paid_amount > 0 THEN paid_amount
      ELSE COALESCE(full_price, 0)
    END AS amount
  FROM judged
  WHERE rule IS NOT NULL OR is_buyer = 1
),
ordered AS (
  SELECT
    subjects.customer_id AS customer_id,
    subjects.campaign_number AS campaign_number,
    subjects.arm_number AS arm_number,
    subjects.is_shown AS is_shown,
    subjects.sent_on AS sent_on,
    documents.order_key AS order_key,
    documents.ordered_on AS ordered_on,
    documents.paid_amount AS paid_amount,
    documents.net_amount AS net_amount,
    documents.is_order AS is_order,
    documents.is_counted AS is_counted,
    documents.is_given_back AS is_given_back,
    documents.is_unpaid AS is_unpaid,
    documents.amount AS amount,
    CASE WHEN documents.ordered_at < subjects.first_at THEN 1 ELSE 0 END AS is_before,
    CASE
      WHEN documents.ordered_at >= subjects.first_at AND documents.ordered_on <= subjects.last_on THEN 1 ELSE 0
    END AS is_within,
    CASE
      WHEN subjects.is_in_figures = 1 AND documents.is_order = 1
        AND documents.ordered_at >= subjects.first_at AND documents.ordered_on <= subjects.last_on
        THEN 1
      ELSE 0
    END AS is_followed
  FROM subjects INNER JOIN documents ON subjects.customer_id = documents.customer_id
),
-- Every order beside each campaign of its customer: how many campaigns count it, and the first of them that is shown.
followed AS (
  SELECT
    ordered.*,
    COUNT(CASE WHEN is_followed = 1 THEN 1 END) OVER (PARTITION BY customer_id, order_key) AS campaign_count,
    MIN(CASE WHEN is_followed = 1 AND is_shown = 1 THEN campaign_number END)
      OVER (PARTITION BY customer_id, order_key) AS first_campaign
  FROM ordered
)
