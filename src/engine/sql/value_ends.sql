-- Buyers who contribute as much as the last one of the first or the second class, by the number of their class: of equals
-- the one whose id comes first is the better.
WITH {{ruled}},
{{contributed}},
placed AS (
  SELECT
    contribution,
    order_count,
    net_amount,
    is_promotion_only,
    ROW_NUMBER() OVER (PARTITION BY contribution ORDER BY customer_id) AS place
  FROM contributed
  WHERE contribution IN ({{core_amount}}, {{potential_amount}})
),
classed AS (
  SELECT
    contribution,
    order_count,
    net_amount,
    is_promotion_only,
    CASE
      WHEN contribution = {{core_amount}} AND place <= {{core_place}} THEN 0
      WHEN contribution > {{potential_amount}} THEN 1
      WHEN contribution = {{potential_amount}} AND place <= {{potential_place}} THEN 1
      ELSE 2
    END AS class_number
  FROM placed
)
SELECT
  contribution,
  class_number,
  COUNT(*) AS customer_count,
  CAST(SUM(order_count) AS BIGINT) AS order_count,
  SUM(CAST(net_amount AS DECIMAL(38, 0))) AS net_amount,
  CAST(SUM(is_promotion_only) AS BIGINT) AS promotion_only_count
FROM classed
GROUP BY contribution, class_number
ORDER BY contribution DESC, class_number
