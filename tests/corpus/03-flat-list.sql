SELECT json_object('users', json_group_array(json_object('id', CAST(id AS TEXT), 'username', username, 'fullName', full_name,
  'role', role, 'isActive', json(iif(is_active, 'true', 'false')), 'createdAt', replace(created_at, ' ', 'T') || 'Z')))
FROM (SELECT * FROM users ORDER BY id LIMIT 20)
