-- Every buyer with the contribution and the orders at a deep discount.
WITH {{ruled}},
{{contributed}}
SELECT
  customer_id,
  last_ordered_on,
  order_count,
  net_amount,
  contribution,
  deep_count,
  priced_count,
  costless_count
FROM contributed
ORDER BY contribution DESC, customer_id
