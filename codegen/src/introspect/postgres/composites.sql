-- Every attribute, in order, of the composite types that were created as types and not as the rows of a table. A domain
-- is resolved to its base type.
WITH RECURSIVE base AS (
    SELECT t.oid, t.oid AS base_oid, t.typbasetype, t.typtype
    FROM pg_type t
  UNION ALL
    SELECT b.oid, t.oid, t.typbasetype, t.typtype
    FROM base b JOIN pg_type t ON t.oid = b.typbasetype
    WHERE b.typtype = 'd'
)
SELECT n.nspname AS namespace,
       c.relname AS composite_name,
       a.attname AS name,
       element.typname AS type_name,
       element.typtype::text AS type_kind,
       element_namespace.nspname AS type_namespace,
       range_element.typname AS range_of,
       t.typcategory = 'A' AND t.typelem <> 0 AND t.typname NOT IN ('int2vector', 'oidvector') AS is_array,
       a.attndims::int AS dimensions,
       FALSE AS nondeterministic,
       NULL::text AS domain_namespace,
       NULL::text AS domain_name,
       a.atttypmod AS typmod
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN base b ON b.oid = a.atttypid AND b.typtype <> 'd'
JOIN pg_type t ON t.oid = b.base_oid
JOIN pg_type element ON element.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 AND t.typname NOT IN ('int2vector', 'oidvector') THEN t.typelem ELSE t.oid END
JOIN pg_namespace element_namespace ON element_namespace.oid = element.typnamespace
LEFT JOIN pg_range r ON r.rngtypid = element.oid
LEFT JOIN pg_type range_element ON range_element.oid = r.rngsubtype
WHERE c.relkind = 'c'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 1, 2, a.attnum
