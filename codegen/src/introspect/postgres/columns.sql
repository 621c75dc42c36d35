-- Every column of those tables, in table order. A domain is resolved to its base type.
WITH RECURSIVE base AS (
    SELECT t.oid, t.oid AS base_oid, t.typbasetype, t.typtype, t.typtypmod AS typmod
    FROM pg_type t
  UNION ALL
    SELECT b.oid, t.oid, t.typbasetype, t.typtype, CASE WHEN b.typmod >= 0 THEN b.typmod ELSE t.typtypmod END
    FROM base b JOIN pg_type t ON t.oid = b.typbasetype
    WHERE b.typtype = 'd'
)
SELECT n.nspname AS namespace,
       c.relname AS table_name,
       a.attname AS name,
       NOT a.attnotnull AND NOT (t.typtype = 'd' AND t.typnotnull) AS nullable,
       pg_get_expr(d.adbin, d.adrelid) AS default_expression,
       a.attidentity::text AS identity,
       CASE WHEN c.relkind = 'v' AND NOT pg_column_is_updatable(c.oid, a.attnum, TRUE) THEN 'v' ELSE a.attgenerated::text END AS generated,
       col_description(c.oid, a.attnum) AS comment,
       element.typname AS type_name,
       element.typtype::text AS type_kind,
       element_namespace.nspname AS type_namespace,
       range_element.typname AS range_of,
       base_type.typcategory = 'A' AND base_type.typelem <> 0 AND base_type.typname NOT IN ('int2vector', 'oidvector') AS is_array,
       a.attndims::int AS dimensions,
       COALESCE(NOT own_collation.collisdeterministic, FALSE) AS nondeterministic,
       CASE WHEN t.typtype = 'd' THEN domain_namespace.nspname END AS domain_namespace,
       CASE WHEN t.typtype = 'd' THEN t.typname END AS domain_name,
       CASE WHEN a.atttypmod >= 0 THEN a.atttypmod ELSE b.typmod END AS typmod
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_namespace domain_namespace ON domain_namespace.oid = t.typnamespace
JOIN base b ON b.oid = t.oid AND b.typtype <> 'd'
JOIN pg_type base_type ON base_type.oid = b.base_oid
JOIN pg_type element ON element.oid =
     CASE WHEN base_type.typcategory = 'A' AND base_type.typelem <> 0 AND base_type.typname NOT IN ('int2vector', 'oidvector') THEN base_type.typelem ELSE base_type.oid END
JOIN pg_namespace element_namespace ON element_namespace.oid = element.typnamespace
LEFT JOIN pg_collation own_collation ON own_collation.oid = a.attcollation
LEFT JOIN pg_range r ON r.rngtypid = element.oid
LEFT JOIN pg_type range_element ON range_element.oid = r.rngsubtype
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND n.nspname NOT LIKE 'pg\_temp\_%'
ORDER BY 1, 2, a.attnum
