-- How many buyers have each value of the three measures: quantiles are read off these, exactly and without a sort of all.
WITH {{ruled}},
{{summed}},
{{buyers}}
SELECT 'r' AS measure, CAST(recency_days AS BIGINT) AS measured, COUNT(*) AS customer_count
FROM buyers
GROUP BY recency_days
UNION ALL
SELECT 'f' AS measure, CAST(order_count AS BIGINT) AS measured, COUNT(*) AS customer_count
FROM buyers
GROUP BY order_count
UNION ALL
SELECT 'm' AS measure, net_amount AS measured, COUNT(*) AS customer_count
FROM buyers
GROUP BY net_amount
ORDER BY measure, measured
