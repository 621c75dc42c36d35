-- Every argument of every function outside the system's namespaces, by its place from 1, and its result as place 0.
-- Functions of extensions and triggers, with output or variadic arguments, or with pseudo-types are left out.
WITH RECURSIVE base AS (
    SELECT t.oid, t.oid AS base_oid, t.typbasetype, t.typtype
    FROM pg_type t
  UNION ALL
    SELECT b.oid, t.oid, t.typbasetype, t.typtype
    FROM base b JOIN pg_type t ON t.oid = b.typbasetype
    WHERE b.typtype = 'd'
), places AS (
    SELECT p.oid, 0 AS place, p.prorettype AS type, NULL::text AS name, FALSE AS optional
    FROM pg_proc p
  UNION ALL
    SELECT p.oid, a.place::int, a.type, NULLIF((p.proargnames)[a.place], ''), a.place > p.pronargs - p.pronargdefaults
    FROM pg_proc p, unnest(p.proargtypes::oid[]) WITH ORDINALITY a(type, place)
)
SELECT n.nspname AS namespace,
       p.proname AS function_name,
       p.oid::text AS function_id,
       p.provolatile = 'v' AS writes,
       p.proretset AS many,
       obj_description(p.oid, 'pg_proc') AS comment,
       places.place,
       places.name,
       places.optional,
       row_namespace.nspname AS row_namespace,
       row_class.relname AS row_table,
       element.typname AS type_name,
       element.typtype::text AS type_kind,
       element_namespace.nspname AS type_namespace,
       range_element.typname AS range_of,
       t.typcategory = 'A' AND t.typelem <> 0 AND t.typname NOT IN ('int2vector', 'oidvector') AS is_array,
       0 AS dimensions,
       FALSE AS nondeterministic,
       NULL::text AS domain_namespace,
       NULL::text AS domain_name,
       -1 AS typmod
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN places ON places.oid = p.oid
JOIN base b ON b.oid = places.type AND b.typtype <> 'd'
JOIN pg_type t ON t.oid = b.base_oid
JOIN pg_type element ON element.oid =
     CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 AND t.typname NOT IN ('int2vector', 'oidvector') THEN t.typelem ELSE t.oid END
JOIN pg_namespace element_namespace ON element_namespace.oid = element.typnamespace
LEFT JOIN pg_class row_class ON row_class.oid = t.typrelid AND row_class.relkind IN ('r', 'p', 'v', 'm', 'f')
LEFT JOIN pg_namespace row_namespace ON row_namespace.oid = row_class.relnamespace
LEFT JOIN pg_range r ON r.rngtypid = element.oid
LEFT JOIN pg_type range_element ON range_element.oid = r.rngsubtype
WHERE p.prokind = 'f'
  AND p.proargmodes IS NULL
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  AND NOT EXISTS (
    SELECT FROM places other JOIN pg_type o ON o.oid = other.type
    WHERE other.oid = p.oid AND o.typtype = 'p'
  )
ORDER BY 1, 2, pg_get_function_identity_arguments(p.oid), places.place
