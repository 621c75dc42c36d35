SELECT t0."id" FROM "products" t0 ORDER BY t0."id" LIMIT 1;
SELECT t0."name" FROM "products" t0 ORDER BY t0."id" LIMIT 2 OFFSET $1;
SELECT t0."name", t1."id" FROM "products" t0 LEFT JOIN "categories" t1 ON t1."id" = t0."category_id" WHERE (t0."id" = $1::bigint);
