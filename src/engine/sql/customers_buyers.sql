-- All buyers, whoever is listed, and their orders.
WITH {{ruled}},
{{summed}},
{{buyers}}
SELECT COUNT(*) AS customer_count, CAST(SUM(order_count) AS BIGINT) AS order_count
FROM buyers
