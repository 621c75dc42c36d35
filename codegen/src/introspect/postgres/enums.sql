-- Enumerations with their labels in sort order.
SELECT n.nspname AS namespace,
       t.typname AS name,
       obj_description(t.oid, 'pg_type') AS comment,
       array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS labels
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_enum e ON e.enumtypid = t.oid
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
GROUP BY n.nspname, t.typname, t.oid
ORDER BY 1, 2
