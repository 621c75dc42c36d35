SELECT json_object('product', NULL)
