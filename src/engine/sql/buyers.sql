buyers AS (
  SELECT
    customer_id,
    last_ordered_on,
    {{as_of}} - last_ordered_on AS recency_days,
    order_count,
    orders_ever,
    CAST(net_amount AS BIGINT) AS net_amount
  FROM summed
  WHERE order_count > 0
)
