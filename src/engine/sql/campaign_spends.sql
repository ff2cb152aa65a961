-- How many customers who count spent each amount and had spent each before, by arm, and by group where they are told
-- apart: means, variances, the quantile at which spends are capped, and what history explains are read off it.
WITH {{ruled}},
{{campaign_subjects}},
{{campaign_followed}},
{{campaign_people}}
SELECT
  arm_number,
  group_name,
  CASE WHEN order_count > 0 THEN 1 ELSE 0 END AS is_buyer,
  net_amount,
  net_amount_year_before,
  COUNT(*) AS customer_count
FROM people
WHERE is_shown = 1 AND is_in_figures = 1
GROUP BY arm_number, group_name, CASE WHEN order_count > 0 THEN 1 ELSE 0 END, net_amount, net_amount_year_before
