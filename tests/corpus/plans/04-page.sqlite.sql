SELECT t0."id", t0."rating", t0."body" FROM "reviews" t0 ORDER BY t0."id" LIMIT ? OFFSET ?;
