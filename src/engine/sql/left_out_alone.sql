-- How many rows of the files each rule leaves out, and how many of these are of files of items, where orders count that
-- name nobody known.
WITH {{ruled}}
SELECT rule, CAST(SUM(row_count) AS BIGINT) AS row_count, CAST(SUM(item_row_count) AS BIGINT) AS item_row_count
FROM ruled
WHERE rule IS NOT NULL
GROUP BY rule
ORDER BY rule
