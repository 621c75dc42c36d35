SELECT t0."name", t1."id", t1."name", t0."id", t0."stock" FROM "products" t0 LEFT JOIN "categories" t1 ON t1."id" = t0."category_id" ORDER BY t0."id" LIMIT 3;
SELECT k.ord, x.* FROM unnest($1::bigint[]) WITH ORDINALITY k(k0, ord) CROSS JOIN LATERAL (SELECT t0."id" AS c0, t0."rating" AS c1 FROM "reviews" t0 WHERE t0."product_id" = k.k0 ORDER BY t0."id" LIMIT 1) x;
