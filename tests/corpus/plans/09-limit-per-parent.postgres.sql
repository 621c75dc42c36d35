SELECT t0."id" FROM "users" t0 ORDER BY t0."id" LIMIT 10;
SELECT k.ord, x.* FROM unnest($1::bigint[]) WITH ORDINALITY k(k0, ord) CROSS JOIN LATERAL (SELECT t0."id" AS c0, t0."total" AS c1 FROM "orders" t0 WHERE t0."user_id" = k.k0 ORDER BY t0."id" LIMIT 2 OFFSET $2) x;
