-- Of how many customers a list says whether they want messages.
SELECT COUNT(is_opted_out) AS customer_count
FROM customers
WHERE registered_on IS NULL OR registered_on <= {{as_of}}
