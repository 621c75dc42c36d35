SELECT t0."name", t0."id" FROM "categories" t0 ORDER BY t0."id" LIMIT $1;
SELECT k.ord, x.* FROM unnest($1::bigint[]) WITH ORDINALITY k(k0, ord) CROSS JOIN LATERAL (SELECT t0."name" AS c0, t0."id" AS c1 FROM "categories" t0 WHERE t0."parent_id" = k.k0 ORDER BY t0."id" LIMIT 100) x;
SELECT k.ord, x.* FROM unnest($1::bigint[]) WITH ORDINALITY k(k0, ord) CROSS JOIN LATERAL (SELECT t0."name" AS c0, t1."id" AS c1, t1."name" AS c2 FROM "categories" t0 LEFT JOIN "categories" t1 ON t1."id" = t0."parent_id" WHERE t0."parent_id" = k.k0 ORDER BY t0."id" LIMIT 1) x;
