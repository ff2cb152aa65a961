-- Customers of lists by level and by the day of their card; those who registered later are not there yet.
SELECT 'level' AS said, level AS word, CAST(NULL AS INTEGER) AS claimed_on, COUNT(*) AS row_count
FROM customers
WHERE level IS NOT NULL AND (registered_on IS NULL OR registered_on <= {{as_of}})
GROUP BY level
UNION ALL
SELECT 'card' AS said, '' AS word, card_claimed_on AS claimed_on, COUNT(*) AS row_count
FROM customers
WHERE card_claimed_on IS NOT NULL AND (registered_on IS NULL OR registered_on <= {{as_of}})
GROUP BY card_claimed_on
UNION ALL
SELECT 'later' AS said, '' AS word, CAST(NULL AS INTEGER) AS claimed_on, CAST(SUM(row_count) AS BIGINT) AS row_count
FROM customers
WHERE registered_on > {{as_of}}
ORDER BY said, word, claimed_on
