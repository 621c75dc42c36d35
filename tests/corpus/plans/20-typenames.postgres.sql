SELECT t1."id", t0."id" FROM "products" t0 LEFT JOIN "categories" t1 ON t1."id" = t0."category_id" WHERE (t0."id" = $1::bigint);
SELECT k.ord, x.* FROM unnest($1::bigint[]) WITH ORDINALITY k(k0, ord) CROSS JOIN LATERAL (SELECT t1."id" AS c0 FROM "reviews" t0 LEFT JOIN "users" t1 ON t1."id" = t0."user_id" WHERE t0."product_id" = k.k0 ORDER BY t0."id" LIMIT 2) x;
