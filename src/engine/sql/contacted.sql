-- The messages that reached each customer: of those who are kept back for comparison none did, nor is a parcel one.
contacted AS (
  SELECT
    customer_id,
    MAX(sent_on) AS last_sent_on,
    COUNT(CASE WHEN sent_on >= {{recent_from}} THEN 1 END) AS recent_count
  FROM sends
  WHERE sent_on <= {{as_of}}
    AND COALESCE(arm, '') <> '{{control}}'
    AND COALESCE(channel, '') <> '{{parcel}}'
    AND COALESCE(is_delivered, TRUE)
  GROUP BY customer_id
)
