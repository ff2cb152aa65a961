-- Every place as it is written, with its orders, whether they count or not; and where customers live.
WITH {{ruled}}
SELECT 1 AS is_of_orders, country, province, city, COUNT(*) AS order_count
FROM ruled
GROUP BY country, province, city
UNION ALL
SELECT 0 AS is_of_orders, country, province, city, CAST(0 AS BIGINT) AS order_count
FROM customers
GROUP BY country, province, city
ORDER BY is_of_orders DESC, country, province, city
