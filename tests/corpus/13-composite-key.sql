SELECT json_object('cartItem', (SELECT json_object('quantity', i.quantity, 'product', json_object('sku', p.sku), 'cart', json_object('user', json_object('username', u.username)))
   FROM cart_items i JOIN products p ON p.id = i.product_id JOIN carts c ON c.id = i.cart_id JOIN users u ON u.id = c.user_id
   WHERE i.cart_id = 1 AND i.product_id = 188), 'other', NULL)
