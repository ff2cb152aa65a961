-- What counts of each place, and who ordered there. same_places has the spellings of which the rows of region_places show
-- that they are another's place; without these rows, as where statements are printed, it is empty.
WITH {{ruled}},
same_places AS (
  {{same_places}}
),
located AS (
  SELECT
    customer_id,
    net_amount,
    CASE WHEN {{is_order}} THEN 1 ELSE 0 END AS is_order,
    {{country}} AS country,
    {{province}} AS province,
    {{city}} AS city
  FROM ruled
  WHERE rule IS NULL
),
of_customers AS (
  SELECT
    customer_id,
    COALESCE(same_places.of_country, located.country) AS country,
    COALESCE(same_places.of_province, located.province) AS province,
    COALESCE(same_places.of_city, located.city) AS city,
    SUM(is_order) AS order_count,
    SUM(CAST(net_amount AS DECIMAL(38, 0))) AS net_amount
  FROM located LEFT JOIN same_places
    ON located.country = same_places.country
    AND located.province = same_places.province
    AND located.city = same_places.city
  GROUP BY
    customer_id,
    COALESCE(same_places.of_country, located.country),
    COALESCE(same_places.of_province, located.province),
    COALESCE(same_places.of_city, located.city)
)
SELECT
  country,
  province,
  city,
  CAST(SUM(order_count) AS BIGINT) AS order_count,
  SUM(net_amount) AS net_amount,
  COUNT(CASE WHEN customer_id IS NOT NULL AND order_count > 0 THEN 1 END) AS customer_count,
  COUNT(CASE WHEN customer_id IS NOT NULL AND order_count > 1 THEN 1 END) AS repeater_count,
  SUM(CASE WHEN customer_id IS NOT NULL AND order_count > 0 THEN net_amount ELSE 0 END) AS known_net_amount
FROM of_customers
GROUP BY country, province, city
ORDER BY country, province, city
