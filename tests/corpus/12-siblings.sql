SELECT json_object('product', json_object(
  'reviews', (SELECT json_group_array(json_object('id', CAST(id AS TEXT))) FROM (SELECT id FROM reviews WHERE product_id = 2 ORDER BY id LIMIT 3)),
  'orderItems', (SELECT json_group_array(json_object('id', CAST(id AS TEXT), 'quantity', quantity)) FROM (SELECT * FROM order_items WHERE product_id = 2 ORDER BY id LIMIT 2)),
  'cartItems', (SELECT json_group_array(json_object('cartId', CAST(cart_id AS TEXT), 'quantity', quantity)) FROM (SELECT * FROM cart_items WHERE product_id = 2 ORDER BY cart_id))))
