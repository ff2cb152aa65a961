-- What each buyer contributes: the net amount less what the goods cost, which is all of it where no cost is given; and
-- whether every order is known to have been at a deep discount.
counted AS (
  SELECT
    customer_id,
    MAX(CASE WHEN {{is_order}} THEN ordered_on END) AS last_ordered_on,
    COUNT(CASE WHEN {{is_order}} THEN 1 END) AS order_count,
    SUM(CAST(net_amount AS DECIMAL(38, 0))) AS net_amount,
    SUM(CASE WHEN {{is_order}} AND cost IS NOT NULL THEN CAST(cost AS DECIMAL(38, 0)) ELSE 0 END) AS cost,
    COUNT(CASE WHEN {{is_order}} AND cost IS NULL THEN 1 END) AS costless_count,
    COUNT(CASE WHEN {{is_order}} AND full_price > 0 THEN 1 END) AS priced_count,
    COUNT(
      CASE
        WHEN {{is_order}} AND full_price > 0
          AND (CAST(full_price AS DECIMAL(38, 0)) - paid_amount) * {{whole}}
            >= CAST(full_price AS DECIMAL(38, 0)) * {{deep_discount}}
          THEN 1
      END
    ) AS deep_count
  FROM ruled
  WHERE rule IS NULL
  GROUP BY customer_id
),
contributed AS (
  SELECT
    customer_id,
    last_ordered_on,
    order_count,
    CAST(net_amount AS BIGINT) AS net_amount,
    CAST(net_amount - cost AS BIGINT) AS contribution,
    costless_count,
    priced_count,
    deep_count,
    CASE WHEN priced_count > 0 AND deep_count = order_count THEN 1 ELSE 0 END AS is_promotion_only
  FROM counted
  WHERE order_count > 0
)
