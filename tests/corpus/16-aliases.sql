SELECT json_object('first', json('[{"number":"1","id":"1","twice":"1"}]'),
  'second', (SELECT json_group_array(json_object('name', name)) FROM (SELECT name FROM products ORDER BY id LIMIT 2 OFFSET 5)),
  'third', (SELECT json_object('again', name, 'category', json_object('a', CAST(category_id AS TEXT), 'b', CAST(category_id AS TEXT))) FROM products WHERE id = 7))
