-- Buyers by segment, value and days since the last order.
WITH {{ruled}},
{{summed}},
{{buyers}},
{{segmented}}
SELECT
  group_number,
  recency_days,
  COUNT(*) AS customer_count,
  CAST(SUM(order_count) AS BIGINT) AS order_count,
  SUM(CAST(net_amount AS DECIMAL(38, 0))) AS net_amount
FROM segmented
GROUP BY group_number, recency_days
ORDER BY group_number, recency_days
