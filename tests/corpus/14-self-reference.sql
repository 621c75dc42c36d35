SELECT json_object('categories', json_group_array(json_object('name', name, 'categories', json(below))))
FROM (SELECT a.name, (SELECT json_group_array(json_object('name', b.name, 'categories', json(b.below))) FROM
   (SELECT c.name, (SELECT json_group_array(json_object('name', d.name, 'parent', json_object('name', c.name)))
        FROM (SELECT * FROM categories WHERE parent_id = c.id ORDER BY id LIMIT 1) d) AS below
    FROM categories c WHERE c.parent_id = a.id ORDER BY c.id) b) AS below
  FROM categories a ORDER BY a.id LIMIT 4)
