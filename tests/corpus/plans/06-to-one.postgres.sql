SELECT t0."id", t1."id", t1."name", t1."slug" FROM "products" t0 LEFT JOIN "categories" t1 ON t1."id" = t0."category_id" ORDER BY t0."id" LIMIT $1;
