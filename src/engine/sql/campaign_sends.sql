-- How many messages there are of each campaign, arm and day, and how many of them say what they cost; those after as-of
-- too. It says which campaigns and arms there are.
SELECT campaign_id, arm, sent_on, COUNT(*) AS message_count, COUNT(cost) AS costed_count
FROM sends
GROUP BY campaign_id, arm, sent_on
