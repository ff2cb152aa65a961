-- What counts of each customer; who has no order among it is no buyer.
summed AS (
  SELECT
    customer_id,
    MIN(CASE WHEN rule IS NULL AND {{is_order}} THEN ordered_on END) AS first_ordered_on,
    MAX(CASE WHEN rule IS NULL AND {{is_order}} THEN ordered_on END) AS last_ordered_on,
    COUNT(CASE WHEN rule IS NULL AND {{is_order}} THEN 1 END) AS order_count,
    COUNT(CASE WHEN {{is_order}} THEN 1 END) AS orders_ever,
    SUM(CASE WHEN rule IS NULL THEN CAST(net_amount AS DECIMAL(38, 0)) END) AS net_amount,
    SUM(CASE WHEN rule IS NULL THEN row_count END) AS row_count,
    SUM(CASE WHEN rule IS NULL THEN item_row_count END) AS item_row_count
  FROM ruled
  WHERE rule IS NULL OR rule = 'outside_window'
  GROUP BY customer_id
)
