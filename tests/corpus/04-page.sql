SELECT json_object('reviews', json_group_array(json_object('id', CAST(id AS TEXT), 'rating', rating, 'body', body)))
FROM (SELECT * FROM reviews ORDER BY id LIMIT 7 OFFSET 13)
