SELECT json_object('__typename', 'Query', 'product', json_object('__typename', 'Product', 'category', json_object('__typename', 'Category'),
  'reviews', json('[{"__typename":"Review","user":{"__typename":"User"}},{"__typename":"Review","user":{"__typename":"User"}}]')))
