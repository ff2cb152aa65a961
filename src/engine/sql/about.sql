-- What the exports are and what they rest on.
SELECT export_sequence, json
FROM about
ORDER BY export_sequence
