-- How many rows of the files each rule leaves out, and how many of these are of files of items.
WITH {{ruled}},
{{summed}}
SELECT rule, CAST(SUM(row_count) AS BIGINT) AS row_count, CAST(SUM(item_row_count) AS BIGINT) AS item_row_count
FROM (
  SELECT rule, row_count, item_row_count FROM ruled WHERE rule IS NOT NULL
  UNION ALL
  SELECT 'no_valid_order' AS rule, row_count, item_row_count
  FROM summed
  WHERE order_count = 0 AND row_count > 0{{before_window}}
) AS left_out
GROUP BY rule
ORDER BY rule
