SELECT t0.`id` FROM `products` t0 ORDER BY t0.`id` LIMIT ? OFFSET ?;
SELECT x.ord, x.c0 FROM (SELECT k.ord AS ord, t0.`id` AS c0, ROW_NUMBER() OVER (PARTITION BY k.ord ORDER BY t0.`id`) AS rn FROM JSON_TABLE(?, '$[*]' COLUMNS (ord FOR ORDINALITY, k0 BIGINT PATH '$')) k JOIN `reviews` t0 ON t0.`product_id` = k.k0) x WHERE x.rn <= ? ORDER BY x.ord, x.rn;
