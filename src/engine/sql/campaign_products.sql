-- What customers who count bought and kept within their days, by arm and product. An order of one line was paid for
-- that.
WITH {{ruled}},
{{campaign_subjects}},
{{campaign_followed}},
held AS (
  SELECT
    order_key,
    product_id,
    title,
    category,
    quantity,
    amount,
    is_lost,
    COUNT(*) OVER (PARTITION BY order_key) AS line_count
  FROM order_items
),
bought AS (
  SELECT
    followed.arm_number AS arm_number,
    followed.customer_id AS customer_id,
    followed.order_key AS order_key,
    held.product_id AS product_id,
    held.title AS title,
    held.category AS category,
    held.quantity AS quantity,
    CASE WHEN held.amount IS NULL AND held.line_count = 1 THEN followed.paid_amount ELSE held.amount END AS amount
  FROM followed INNER JOIN held ON followed.order_key = held.order_key
  WHERE followed.is_followed = 1
    AND followed.is_shown = 1
    AND NOT held.is_lost
    AND (held.quantity IS NULL OR held.quantity > 0)
    AND (held.amount IS NULL OR held.amount > 0)
)
SELECT
  arm_number,
  product_id,
  title,
  category,
  COUNT(DISTINCT order_key) AS order_count,
  COUNT(DISTINCT customer_id) AS customer_count,
  CASE WHEN COUNT(quantity) = COUNT(*) THEN SUM(CAST(quantity AS DECIMAL(38, 0))) END AS quantity,
  CASE WHEN COUNT(amount) = COUNT(*) THEN SUM(CAST(amount AS DECIMAL(38, 0))) END AS amount
FROM bought
GROUP BY arm_number, product_id, title, category
