-- Rows of the files of customers who registered, and of messages that were sent, after as-of.
SELECT CAST(SUM(row_count) AS BIGINT) AS row_count
FROM (
  SELECT row_count FROM customers WHERE registered_on > {{as_of}}
  UNION ALL
  SELECT 1 AS row_count FROM sends WHERE sent_on > {{as_of}}
) AS later
