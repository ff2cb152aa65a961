-- The first and the last day that events tell of, and how many are later than as-of.
SELECT
  MIN(occurred_on) AS first_day,
  MAX(occurred_on) AS last_day,
  COUNT(CASE WHEN occurred_on > {{as_of}} THEN 1 END) AS later_count
FROM events
