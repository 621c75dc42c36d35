SELECT t0."id", t0."name", t0."stock" FROM "products" t0 WHERE (t0."id" = $1::bigint);
