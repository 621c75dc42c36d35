SELECT t0."id", t1."id", t2."id", t2."name" FROM "reviews" t0 LEFT JOIN "products" t1 ON t1."id" = t0."product_id" LEFT JOIN "categories" t2 ON t2."id" = t1."category_id" ORDER BY t0."id" LIMIT $1;
SELECT k.ord, x.* FROM unnest($1::bigint[]) WITH ORDINALITY k(k0, ord) CROSS JOIN LATERAL (SELECT t0."name" AS c0 FROM "products" t0 WHERE t0."category_id" = k.k0 ORDER BY t0."id" LIMIT 2) x;
