SELECT json_object('products', json_group_array(json_object('id', CAST(id AS TEXT), 'reviews', json(reviews))))
FROM (SELECT p.id, (SELECT json_group_array(json_object('id', CAST(r.id AS TEXT), 'rating', r.rating))
                    FROM (SELECT * FROM reviews WHERE product_id = p.id ORDER BY id) r) AS reviews
      FROM products p ORDER BY p.id LIMIT 12)
