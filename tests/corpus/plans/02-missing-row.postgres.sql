SELECT t0."id" FROM "products" t0 WHERE (t0."id" = $1::bigint);
