SELECT t0."id" FROM "products" t0 WHERE (t0."id" = $1::bigint);
SELECT k.ord, x.* FROM unnest($1::bigint[]) WITH ORDINALITY k(k0, ord) CROSS JOIN LATERAL (SELECT t0."id" AS c0 FROM "reviews" t0 WHERE t0."product_id" = k.k0 ORDER BY t0."id" LIMIT 3) x;
SELECT k.ord, x.* FROM unnest($1::bigint[]) WITH ORDINALITY k(k0, ord) CROSS JOIN LATERAL (SELECT t0."id" AS c0, t0."quantity" AS c1 FROM "order_items" t0 WHERE t0."product_id" = k.k0 ORDER BY t0."id" LIMIT 2) x;
SELECT k.ord, x.* FROM unnest($1::bigint[]) WITH ORDINALITY k(k0, ord) CROSS JOIN LATERAL (SELECT t0."cart_id" AS c0, t0."quantity" AS c1 FROM "cart_items" t0 WHERE t0."product_id" = k.k0 ORDER BY t0."cart_id", t0."product_id" LIMIT 100) x;
