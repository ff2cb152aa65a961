-- What the customers of each arm come to: of all of them who they are, of those who count what they did.
WITH {{ruled}},
{{campaign_subjects}},
{{campaign_followed}},
{{campaign_people}},
refusing AS (
  SELECT customer_id
  FROM customers
  WHERE is_opted_out AND (registered_on IS NULL OR registered_on <= {{as_of}})
),
shown AS (
  SELECT
    people.*,
    MIN(CASE WHEN is_in_figures = 1 THEN campaign_number END) OVER (PARTITION BY people.customer_id) AS first_campaign,
    CASE WHEN refusing.customer_id IS NOT NULL THEN 1 ELSE 0 END AS is_refusing
  FROM people LEFT JOIN refusing ON people.customer_id = refusing.customer_id
  WHERE is_shown = 1
)
SELECT
  arm_number,
  COUNT(*) AS assigned_count,
  COUNT(CASE WHEN is_finished = 0 AND is_mixed = 0 THEN 1 END) AS unfinished_count,
  MAX(CASE WHEN is_finished = 0 AND is_mixed = 0 THEN last_on END) AS waits_until,
  COUNT(CASE WHEN is_mixed = 1 THEN 1 END) AS mixed_count,
  COUNT(CASE WHEN is_refusing = 1 THEN 1 END) AS opted_out_count,
  CAST(SUM(CASE WHEN is_in_figures = 1 THEN message_count ELSE 0 END) AS BIGINT) AS message_count,
  CAST(SUM(CASE WHEN is_in_figures = 1 THEN delivered_count END) AS BIGINT) AS delivered_count,
  SUM(CASE WHEN is_in_figures = 1 THEN CAST(cost AS DECIMAL(38, 0)) END) AS cost,
  CAST(SUM(CASE WHEN is_in_figures = 1 THEN order_count ELSE 0 END) AS BIGINT) AS order_count,
  COUNT(CASE WHEN is_in_figures = 1 AND unpaid_order_count > 0 THEN 1 END) AS unpaid_customer_count,
  CAST(SUM(CASE WHEN is_in_figures = 1 THEN unpaid_order_count ELSE 0 END) AS BIGINT) AS unpaid_order_count,
  SUM(CASE WHEN is_in_figures = 1 THEN CAST(unpaid_amount AS DECIMAL(38, 0)) ELSE 0 END) AS unpaid_amount,
  CAST(SUM(CASE WHEN is_in_figures = 1 THEN refunded_order_count ELSE 0 END) AS BIGINT) AS refunded_order_count,
  SUM(CASE WHEN is_in_figures = 1 THEN CAST(refund_amount AS DECIMAL(38, 0)) ELSE 0 END) AS refund_amount,
  COUNT(CASE WHEN is_in_figures = 1 AND overlap_order_count > 0 THEN 1 END) AS overlap_customer_count,
  CAST(SUM(CASE WHEN is_in_figures = 1 THEN overlap_order_count ELSE 0 END) AS BIGINT) AS overlap_order_count,
  CAST(SUM(CASE WHEN is_in_figures = 1 THEN first_overlap_count ELSE 0 END) AS BIGINT) AS first_overlap_count,
  COUNT(CASE WHEN is_in_figures = 1 AND first_campaign = campaign_number THEN 1 END) AS first_customer_count
FROM shown
GROUP BY arm_number
ORDER BY arm_number
