SELECT json_object('productsConnection', json_object(
  'totalCount', (SELECT COUNT(*) FROM products WHERE is_featured),
  'edges', (SELECT json_group_array(json_object('node', json_object('name', name, 'price', printf('%.2f', price), 'category', json_object('name', category))))
    FROM (SELECT p.name, p.price, c.name AS category FROM products p JOIN categories c ON c.id = p.category_id
      WHERE p.is_featured ORDER BY p.price DESC, p.id LIMIT 3)),
  'pageInfo', json_object('hasNextPage', json((SELECT CASE WHEN COUNT(*) > 3 THEN 'true' ELSE 'false' END FROM products WHERE is_featured)),
    'hasPreviousPage', json('false'))))
