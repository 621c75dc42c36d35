SELECT json_object(
  'ordersGroups', (SELECT json_group_array(json_object('key', json_object('status', status), 'count', n, 'sum', json_object('total', printf('%.2f', total))))
    FROM (SELECT status, COUNT(*) AS n, SUM(total) AS total FROM orders GROUP BY status HAVING COUNT(*) > 100 ORDER BY SUM(total) DESC)),
  'categories', (SELECT json_group_array(json_object('name', c.name, 'productsGroups', json(
      (SELECT json_group_array(json_object('key', json_object('isFeatured', json(CASE f WHEN 1 THEN 'true' ELSE 'false' END)), 'count', n,
          'max', json_object('price', printf('%.2f', price))))
       FROM (SELECT is_featured AS f, COUNT(*) AS n, MAX(price) AS price FROM products WHERE category_id = c.id GROUP BY is_featured ORDER BY is_featured)))))
    FROM (SELECT * FROM categories ORDER BY id LIMIT 3) c),
  'tags', (SELECT json_group_array(json_object('name', t.name, 'products', json(
      (SELECT json_group_array(json_object('name', name)) FROM (SELECT p.name FROM products p JOIN product_tags j ON j.product_id = p.id
        WHERE j.tag_id = t.id ORDER BY p.name, p.id LIMIT 2)))))
    FROM (SELECT * FROM tags WHERE EXISTS (SELECT 1 FROM product_tags j JOIN products p ON p.id = j.product_id
        WHERE j.tag_id = tags.id AND p.name LIKE 'Red%')
      ORDER BY (SELECT COUNT(*) FROM product_tags j WHERE j.tag_id = tags.id) DESC, id LIMIT 2) t))
