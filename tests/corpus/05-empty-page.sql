SELECT json_object('reviews', json('[]'), 'orders', json('[]'))
