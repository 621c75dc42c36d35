SELECT t0."id" FROM "reviews" t0 ORDER BY t0."id" LIMIT ?;
SELECT t0."id" FROM "orders" t0 ORDER BY t0."id" LIMIT 20 OFFSET ?;
