SELECT json_object('products', (SELECT json_group_array(json_object('attributes', json(attributes), 'weight', weight, 'createdAt', replace(created_at, ' ', 'T') || 'Z'))
   FROM (SELECT * FROM products ORDER BY id LIMIT 9)),
  'orders', (SELECT json_group_array(json_object('deliveryDate', delivery_date, 'note', note)) FROM (SELECT * FROM orders ORDER BY id LIMIT 15)))
