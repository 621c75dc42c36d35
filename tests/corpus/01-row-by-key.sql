SELECT json_object('product', json_object('id', CAST(id AS TEXT), 'sku', sku, 'name', name, 'price', printf('%.2f', price),
  'stock', stock, 'isFeatured', json(iif(is_featured, 'true', 'false')))) FROM products WHERE id = 3
