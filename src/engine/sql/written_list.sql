-- A list as files hold it for whoever reads on: days are dates, amounts are in units of the currency.
SELECT
  customer_id,
  DATE_FROM_UNIX_DATE(last_ordered_on) AS last_ordered_on,
  recency_days,
  order_count,
  CAST(net_amount * CAST(0.000001 AS DECIMAL(7, 6)) AS DECIMAL(38, 6)) AS net_amount,
  {{columns}}
FROM (
  {{list}}
) AS listed
