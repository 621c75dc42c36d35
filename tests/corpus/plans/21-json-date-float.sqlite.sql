SELECT t0."attributes", t0."weight", t0."created_at" FROM "products" t0 ORDER BY t0."id" LIMIT ?;
SELECT t0."delivery_date", t0."note" FROM "orders" t0 ORDER BY t0."id" LIMIT ?;
