SELECT t0."id", t1."user_id", t1."id", t1."updated_at" FROM "users" t0 LEFT JOIN "carts" t1 ON t1."user_id" = t0."id" ORDER BY t0."id" LIMIT $1;
