SELECT json_object(
  'products', (SELECT json_group_array(json_object('name', name, 'weight', weight, 'category', json_object('name', category),
      'reviews', json(reviews), 'reviewsAggregate', json(totals)))
    FROM (SELECT p.name, p.weight, c.name AS category,
        (SELECT json_group_array(json_object('rating', rating, 'user', json_object('username', username))) FROM
          (SELECT r.rating, u.username FROM reviews r JOIN users u ON u.id = r.user_id
           WHERE r.product_id = p.id AND r.rating IN (1, 4, 5) ORDER BY u.username DESC, r.id LIMIT 2)) AS reviews,
        (SELECT json_object('count', COUNT(*), 'min', json_object('rating', MIN(rating)),
           'max', json_object('createdAt', replace(MAX(created_at), ' ', 'T') || 'Z'), 'sum', json_object('rating', CAST(SUM(rating) AS TEXT)))
         FROM reviews r WHERE r.product_id = p.id AND r.rating IN (1, 4, 5)) AS totals
      FROM products p JOIN categories c ON c.id = p.category_id JOIN categories d ON d.id = c.parent_id
      WHERE d.name LIKE 'O%' AND NOT p.price < 120.5 AND (SELECT COUNT(*) FROM reviews WHERE product_id = p.id) >= 2
      ORDER BY c.name, (SELECT COUNT(*) FROM reviews WHERE product_id = p.id) DESC, p.weight IS NULL, p.weight DESC, p.id LIMIT 5)),
  'productsAggregate', (SELECT json_object('count', COUNT(*), 'sum', json_object('price', printf('%.2f', SUM(price)), 'stock', CAST(SUM(stock) AS TEXT)),
      'max', json_object('price', printf('%.2f', MAX(price)))) FROM products WHERE price < 120.5),
  'productBySku', json_object('id', '7'))
