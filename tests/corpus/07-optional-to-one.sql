SELECT json_object('categories', json_group_array(json_object('id', CAST(id AS TEXT), 'parent', json(parent))))
FROM (SELECT a.id, iif(b.id IS NULL, 'null', json_object('name', b.name, 'parent', json(iif(c.id IS NULL, 'null',
        json_object('name', c.name, 'parent', json(iif(d.id IS NULL, 'null', json_object('id', CAST(d.id AS TEXT))))))))) AS parent
      FROM categories a LEFT JOIN categories b ON b.id = a.parent_id LEFT JOIN categories c ON c.id = b.parent_id
      LEFT JOIN categories d ON d.id = c.parent_id ORDER BY a.id LIMIT 20)
