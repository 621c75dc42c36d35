SELECT json_object('products', json_group_array(json_object('id', CAST(id AS TEXT), 'category',
  json_object('id', CAST(cid AS TEXT), 'name', cname, 'slug', slug))))
FROM (SELECT p.id, c.id AS cid, c.name AS cname, c.slug FROM products p JOIN categories c ON c.id = p.category_id ORDER BY p.id LIMIT 30)
