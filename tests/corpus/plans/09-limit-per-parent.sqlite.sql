SELECT t0."id" FROM "users" t0 ORDER BY t0."id" LIMIT 10;
SELECT x.ord, x.c0, x.c1 FROM (SELECT k.ord AS ord, t0."id" AS c0, t0."total" AS c1, ROW_NUMBER() OVER (PARTITION BY k.ord ORDER BY t0."id") AS rn FROM (SELECT key + 1 AS ord, value FROM json_each(?)) k JOIN "orders" t0 ON t0."user_id" = k.value) x WHERE x.rn <= 2 + ? AND x.rn > ? ORDER BY x.ord, x.rn;
