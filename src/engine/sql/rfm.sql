-- Buyers by their scores and days since the last order.
WITH {{ruled}},
{{summed}},
{{buyers}},
{{scored}}
SELECT
  r_score,
  f_score,
  m_score,
  recency_days,
  COUNT(*) AS customer_count,
  CAST(SUM(order_count) AS BIGINT) AS order_count,
  SUM(CAST(net_amount AS DECIMAL(38, 0))) AS net_amount
FROM scored
GROUP BY r_score, f_score, m_score, recency_days
ORDER BY r_score, f_score, m_score, recency_days
