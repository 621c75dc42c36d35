SELECT json_object('users', json_group_array(json_object('username', username, 'orders', json(orders))))
FROM (SELECT u.id, u.username, (SELECT json_group_array(json_object('status', o.status, 'orderItems', json(o.items)))
   FROM (SELECT orders.status, (SELECT json_group_array(json_object('quantity', i.quantity, 'price', printf('%.2f', i.price),
              'product', json_object('name', i.pname, 'category', json_object('name', i.cname))))
            FROM (SELECT oi.*, p.name AS pname, c.name AS cname FROM order_items oi JOIN products p ON p.id = oi.product_id
                  JOIN categories c ON c.id = p.category_id WHERE oi.order_id = orders.id ORDER BY oi.id) i) AS items
         FROM orders WHERE user_id = u.id ORDER BY orders.id LIMIT 100) o) AS orders
  FROM users u ORDER BY u.id LIMIT 10)
