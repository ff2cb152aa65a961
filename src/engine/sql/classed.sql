-- Places among the buyers who contribute as much as the last one of the first or the second class: of equals the one whose
-- id comes first is the better.
equals AS (
  SELECT customer_id, ROW_NUMBER() OVER (PARTITION BY contribution ORDER BY customer_id) AS place
  FROM contributed
  WHERE contribution IN ({{core_amount}}, {{potential_amount}})
),
classed AS (
  SELECT
    contributed.customer_id AS customer_id,
    CASE
      WHEN contribution > {{core_amount}} THEN 0
      WHEN contribution = {{core_amount}} AND place <= {{core_place}} THEN 0
      WHEN contribution > {{potential_amount}} THEN 1
      WHEN contribution = {{potential_amount}} AND place <= {{potential_place}} THEN 1
      ELSE 2
    END AS class_number
  FROM contributed LEFT JOIN equals ON contributed.customer_id = equals.customer_id
)
