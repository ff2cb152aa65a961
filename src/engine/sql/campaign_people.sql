-- Everybody in campaigns with what became of them.
outcomes AS (
  SELECT
    customer_id,
    campaign_number,
    COUNT(CASE WHEN is_within = 1 AND is_order = 1 THEN 1 END) AS order_count,
    SUM(CASE WHEN is_within = 1 AND is_counted = 1 THEN CAST(net_amount AS DECIMAL(38, 0)) END) AS net_amount,
    MIN(CASE WHEN is_within = 1 AND is_order = 1 THEN ordered_on END) AS first_ordered_on,
    COUNT(CASE WHEN is_within = 1 AND is_unpaid = 1 THEN 1 END) AS unpaid_order_count,
    SUM(CASE WHEN is_within = 1 AND is_unpaid = 1 THEN CAST(amount AS DECIMAL(38, 0)) END) AS unpaid_amount,
    COUNT(
      CASE WHEN is_within = 1 AND (is_given_back = 1 OR (is_order = 1 AND amount > 0)) THEN 1 END
    ) AS refunded_order_count,
    SUM(
      CASE WHEN is_within = 1 AND (is_counted = 1 OR is_given_back = 1) THEN CAST(amount AS DECIMAL(38, 0)) END
    ) AS refund_amount,
    SUM(
      CASE
        WHEN is_before = 1 AND is_counted = 1 AND ordered_on >= sent_on - {{days_before}}
          THEN CAST(net_amount AS DECIMAL(38, 0))
      END
    ) AS net_amount_year_before,
    COUNT(CASE WHEN is_before = 1 AND is_order = 1 THEN 1 END) AS orders_before,
    MAX(CASE WHEN is_before = 1 AND is_order = 1 THEN ordered_on END) AS last_ordered_before,
    MAX(CASE WHEN is_before = 0 AND is_order = 1 THEN 1 ELSE 0 END) AS has_ordered_since,
    COUNT(CASE WHEN is_followed = 1 AND campaign_count > 1 THEN 1 END) AS overlap_order_count,
    COUNT(
      CASE WHEN is_followed = 1 AND campaign_count > 1 AND first_campaign = campaign_number THEN 1 END
    ) AS first_overlap_count
  FROM followed
  GROUP BY customer_id, campaign_number
),
people AS (
  SELECT
    subjects.customer_id AS customer_id,
    subjects.campaign_number AS campaign_number,
    subjects.arm_number AS arm_number,
    subjects.is_shown AS is_shown,
    subjects.sent_on AS sent_on,
    subjects.last_on AS last_on,
    subjects.is_finished AS is_finished,
    subjects.is_mixed AS is_mixed,
    subjects.is_in_figures AS is_in_figures,
    subjects.message_count AS message_count,
    subjects.delivered_count AS delivered_count,
    CAST(subjects.cost AS BIGINT) AS cost,{{grouped_by}}
    COALESCE(outcomes.order_count, 0) AS order_count,
    CAST(COALESCE(outcomes.net_amount, 0) AS BIGINT) AS net_amount,
    outcomes.first_ordered_on AS first_ordered_on,
    COALESCE(outcomes.unpaid_order_count, 0) AS unpaid_order_count,
    CAST(COALESCE(outcomes.unpaid_amount, 0) AS BIGINT) AS unpaid_amount,
    COALESCE(outcomes.refunded_order_count, 0) AS refunded_order_count,
    CAST(COALESCE(outcomes.refund_amount, 0) AS BIGINT) AS refund_amount,
    CAST(COALESCE(outcomes.net_amount_year_before, 0) AS BIGINT) AS net_amount_year_before,
    COALESCE(outcomes.has_ordered_since, 0) AS has_ordered_since,
    COALESCE(outcomes.overlap_order_count, 0) AS overlap_order_count,
    COALESCE(outcomes.first_overlap_count, 0) AS first_overlap_count
  FROM subjects LEFT JOIN outcomes
    ON subjects.customer_id = outcomes.customer_id AND subjects.campaign_number = outcomes.campaign_number
)
