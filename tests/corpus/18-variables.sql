SELECT json_object('products', json_group_array(json_object('id', CAST(id AS TEXT), 'reviews', json(reviews))))
FROM (SELECT p.id, (SELECT json_group_array(json_object('id', CAST(r.id AS TEXT))) FROM (SELECT * FROM reviews WHERE product_id = p.id ORDER BY id LIMIT 4) r) AS reviews
      FROM products p ORDER BY p.id LIMIT 2 OFFSET 3)
