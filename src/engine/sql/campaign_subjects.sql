-- The arms of all campaigns, as the rows of campaign_sends say them: those of the campaign that began last first, the
-- control behind the treatments. A message that names no campaign is of one that is nameless.
arms AS (
  SELECT campaign_id, is_nameless, arm, campaign_number, arm_number, is_control, is_shown, within_days
  FROM (VALUES
    {{arms}}
  ) AS t(campaign_id, is_nameless, arm, campaign_number, arm_number, is_control, is_shown, within_days)
),
-- A message whose time of day is not known is taken as before whatever else was that day. Of messages of one moment the
-- arm says which is the first.
messages AS (
  SELECT
    sends.customer_id AS customer_id,
    arms.campaign_number AS campaign_number,
    arms.arm_number AS arm_number,
    arms.is_control AS is_control,
    arms.is_shown AS is_shown,
    arms.within_days AS within_days,
    sends.sent_on AS sent_on,
    CAST(sends.sent_on AS BIGINT) * 100000 + COALESCE(sends.second + 1, 0) AS sent_at,
    (CAST(sends.sent_on AS BIGINT) * 100000 + COALESCE(sends.second + 1, 0)) * {{arm_places}}
      + arms.arm_number AS place,
    sends.channel AS channel,
    sends.is_delivered AS is_delivered,
    sends.cost AS cost
  FROM sends INNER JOIN arms
    ON COALESCE(sends.campaign_id, '') = arms.campaign_id
    AND CASE WHEN sends.campaign_id IS NULL THEN 1 ELSE 0 END = arms.is_nameless
    AND COALESCE(sends.arm, '{{treatment}}') = arms.arm
  WHERE sends.sent_on <= {{as_of}}
),
placed AS (
  SELECT messages.*, MIN(place) OVER (PARTITION BY customer_id, campaign_number) AS first_place
  FROM messages
),
-- Everybody who was sent something, or held out of it, by campaign.
sent_to AS (
  SELECT
    customer_id,
    campaign_number,
    MIN(CASE WHEN place = first_place THEN arm_number END) AS arm_number,
    MAX(is_shown) AS is_shown,
    MIN(sent_on) AS sent_on,
    MIN(sent_at) AS first_at,
    MIN(sent_on) + MAX(within_days) AS last_on,
    CASE WHEN MIN(sent_on) + MAX(within_days) <= {{as_of}} THEN 1 ELSE 0 END AS is_finished,
    CASE WHEN MIN(arm_number) < MAX(arm_number) THEN 1 ELSE 0 END AS is_mixed,
    COUNT(CASE WHEN is_control = 0 THEN 1 END) AS message_count,
    CASE
      WHEN COUNT(CASE WHEN is_control = 0 THEN is_delivered END) > 0
        THEN COUNT(CASE WHEN is_control = 0 AND is_delivered THEN 1 END)
    END AS delivered_count,
    SUM(CASE WHEN is_control = 0 THEN CAST(cost AS DECIMAL(38, 0)) END) AS cost{{channel}}
  FROM placed
  GROUP BY customer_id, campaign_number
),
subjects AS (
  SELECT sent_to.*, CASE WHEN is_finished = 1 AND is_mixed = 0 THEN 1 ELSE 0 END AS is_in_figures
  FROM sent_to
)
