SELECT json_object('reviews', json_group_array(json_object('id', CAST(id AS TEXT), 'product', json_object('category', json_object('name', cname, 'products', json(products))))))
FROM (SELECT r.id, c.name AS cname, (SELECT json_group_array(json_object('name', name)) FROM (SELECT name FROM products WHERE category_id = c.id ORDER BY id LIMIT 2)) AS products
      FROM reviews r JOIN products p ON p.id = r.product_id JOIN categories c ON c.id = p.category_id ORDER BY r.id LIMIT 6)
