-- How many buyers contribute each amount, and what they bought: classes, shares and the Gini coefficient are read off it.
WITH {{ruled}},
{{contributed}}
SELECT
  contribution,
  COUNT(*) AS customer_count,
  CAST(SUM(order_count) AS BIGINT) AS order_count,
  SUM(CAST(net_amount AS DECIMAL(38, 0))) AS net_amount,
  CAST(SUM(is_promotion_only) AS BIGINT) AS promotion_only_count,
  CAST(SUM(costless_count) AS BIGINT) AS costless_count
FROM contributed
GROUP BY contribution
ORDER BY contribution
