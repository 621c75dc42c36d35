SELECT json_object(
  'products', (SELECT json_group_array(json_object('categoryId', CAST(category_id AS TEXT), 'price', printf('%.2f', price)))
    FROM (SELECT category_id, MIN(price) AS price FROM products GROUP BY category_id ORDER BY MIN(price) LIMIT 4)),
  'found', (SELECT json_group_array(json_object('name', name)) FROM
    (SELECT name FROM products WHERE name LIKE '%lamp%' OR description LIKE '%lamp%' ORDER BY id LIMIT 3)))
