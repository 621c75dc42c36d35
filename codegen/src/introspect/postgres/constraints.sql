-- Primary, unique, foreign keys and checks, with their columns in key order; and unique indexes over plain columns that
-- belong to no constraint (a partial index or one over expressions does not make rows unique).
SELECT n.nspname AS namespace,
       c.relname AS table_name,
       k.conname AS name,
       k.contype::text AS kind,
       (SELECT array_agg(a.attname::text ORDER BY u.position)
        FROM unnest(k.conkey) WITH ORDINALITY u(attnum, position)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum) AS columns,
       rn.nspname AS referenced_namespace,
       rc.relname AS referenced_table,
       (SELECT array_agg(a.attname::text ORDER BY u.position)
        FROM unnest(k.confkey) WITH ORDINALITY u(attnum, position)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum) AS referenced_columns,
       CASE WHEN k.contype = 'c' THEN pg_get_constraintdef(k.oid, true) END AS expression,
       k.convalidated AS validated
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class rc ON rc.oid = k.confrelid
LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c')
  -- A key of a period (PostgreSQL 18) may refer to several rows, which cover it together.
  AND (k.contype <> 'f' OR k.conparentid = 0 AND COALESCE(to_jsonb(k) ->> 'conperiod', 'false') = 'false')
  AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
UNION ALL
SELECT n.nspname,
       c.relname,
       ic.relname,
       'u',
       (SELECT array_agg(a.attname::text ORDER BY u.position)
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(attnum, position)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum
        WHERE u.position <= i.indnkeyatts),
       NULL, NULL, NULL, NULL, TRUE
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_class ic ON ic.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))
  AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 1, 2, 3
