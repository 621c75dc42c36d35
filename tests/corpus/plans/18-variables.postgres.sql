SELECT t0."id" FROM "products" t0 ORDER BY t0."id" LIMIT $1 OFFSET $2;
SELECT k.ord, x.* FROM unnest($1::bigint[]) WITH ORDINALITY k(k0, ord) CROSS JOIN LATERAL (SELECT t0."id" AS c0 FROM "reviews" t0 WHERE t0."product_id" = k.k0 ORDER BY t0."id" LIMIT $2) x;
