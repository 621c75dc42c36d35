SELECT t0."quantity", t1."id", t1."sku", t2."id", t3."id", t3."username" FROM "cart_items" t0 LEFT JOIN "products" t1 ON t1."id" = t0."product_id" LEFT JOIN "carts" t2 ON t2."id" = t0."cart_id" LEFT JOIN "users" t3 ON t3."id" = t2."user_id" WHERE (t0."cart_id" = ? AND t0."product_id" = ?);
SELECT t0."quantity" FROM "cart_items" t0 WHERE (t0."cart_id" = ? AND t0."product_id" = ?);
