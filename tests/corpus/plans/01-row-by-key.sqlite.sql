SELECT t0."id", t0."sku", t0."name", t0."price", t0."stock", t0."is_featured" FROM "products" t0 WHERE (t0."id" = ?);
