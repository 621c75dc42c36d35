SELECT json_object('users', json_group_array(json_object('id', CAST(id AS TEXT)))) FROM (
  SELECT id FROM users u
  WHERE (SELECT COUNT(*) FROM reviews WHERE user_id = u.id AND body = 'Broke after a week / sad.') = 0
    AND (SELECT COUNT(*) FROM orders o WHERE user_id = u.id AND note IS NULL
         AND (SELECT COUNT(*) FROM order_items WHERE order_id = o.id AND quantity < 2) = 0) > 0
  ORDER BY id LIMIT 4 OFFSET 1)
