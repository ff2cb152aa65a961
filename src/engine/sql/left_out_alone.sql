-- How many rows of the files each rule leaves out, where orders count that name nobody known.
WITH {{ruled}}
SELECT rule, CAST(SUM(row_count) AS BIGINT) AS row_count
FROM ruled
WHERE rule IS NOT NULL
GROUP BY rule
ORDER BY rule
