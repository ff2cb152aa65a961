mean AS (
  SELECT COUNT(*) AS customer_count, SUM(CAST(net_amount AS DECIMAL(38, 0))) AS net_amount
  FROM buyers
),
-- The number of a group is 2 × segment + value. Of high value is who spent no less than the mean, which whole numbers
-- compare without a division.
segmented AS (
  SELECT
    customer_id,
    last_ordered_on,
    recency_days,
    order_count,
    buyers.net_amount AS net_amount,
    2 * (
      CASE
        WHEN recency_days <= {{just_bought_days}} THEN 0
        WHEN recency_days <= {{active_days}} THEN CASE WHEN orders_ever >= {{loyal_orders}} THEN 2 ELSE 1 END
        WHEN recency_days <= {{lapsing_days}} THEN CASE WHEN orders_ever >= {{loyal_orders}} THEN 4 ELSE 3 END
        ELSE 5
      END
    ) + CASE WHEN {{is_high}} THEN 0 ELSE 1 END AS group_number
  FROM buyers CROSS JOIN mean
)
