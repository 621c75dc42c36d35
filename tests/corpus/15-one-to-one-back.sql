SELECT json_object('users', json_group_array(json_object('id', CAST(id AS TEXT), 'cart', json(cart))))
FROM (SELECT u.id, iif(c.id IS NULL, 'null', json_object('id', CAST(c.id AS TEXT), 'updatedAt', replace(c.updated_at, ' ', 'T') || 'Z')) AS cart
      FROM users u LEFT JOIN carts c ON c.user_id = u.id ORDER BY u.id LIMIT 6)
