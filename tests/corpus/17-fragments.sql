SELECT json_object('products', json_group_array(json_object('name', name, 'category', json_object('name', cname), 'reviews', json(reviews), 'stock', stock)))
FROM (SELECT p.name, p.stock, c.name AS cname, (SELECT json_group_array(json_object('id', CAST(r.id AS TEXT), 'rating', r.rating))
                    FROM (SELECT * FROM reviews WHERE product_id = p.id ORDER BY id LIMIT 1) r) AS reviews
      FROM products p JOIN categories c ON c.id = p.category_id ORDER BY p.id LIMIT 3)
