SELECT json_object('product', json_object('id', '5', 'name', name, 'stock', stock)) FROM products WHERE id = 5
