SELECT json_object('products', json_group_array(json_object('name', name, 'category', json_object('name', cname), 'reviews', json(reviews))))
FROM (SELECT p.name, c.name AS cname, (SELECT json_group_array(json_object('rating', r.rating, 'body', r.body, 'user', json_object('username', r.username)))
                    FROM (SELECT reviews.*, users.username FROM reviews JOIN users ON users.id = user_id WHERE product_id = p.id ORDER BY reviews.id) r) AS reviews
      FROM products p JOIN categories c ON c.id = p.category_id ORDER BY p.id LIMIT 20)
