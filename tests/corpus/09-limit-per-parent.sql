SELECT json_object('users', json_group_array(json_object('id', CAST(id AS TEXT), 'orders', json(orders))))
FROM (SELECT u.id, (SELECT json_group_array(json_object('id', CAST(o.id AS TEXT), 'total', printf('%.2f', o.total)))
                    FROM (SELECT * FROM orders WHERE user_id = u.id ORDER BY id LIMIT 2 OFFSET 1) o) AS orders
      FROM users u ORDER BY u.id LIMIT 10)
