-- All buyers, each once, and what they spent.
WITH {{ruled}},
{{summed}}
SELECT COUNT(*) AS customer_count, SUM(net_amount) AS net_amount
FROM summed
WHERE order_count > 0
