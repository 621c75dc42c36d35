-- The types whose values the database cannot compare: neither they nor what they are implicitly the same bytes as have
-- an operator class for an index.
SELECT n.nspname AS namespace,
       t.typname AS name
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'b'
  AND NOT EXISTS (
    SELECT FROM pg_opclass o
    JOIN pg_am m ON m.oid = o.opcmethod
    WHERE o.opcdefault
      AND m.amname IN ('btree', 'hash')
      AND (o.opcintype = t.oid OR EXISTS (
        SELECT FROM pg_cast k
        WHERE k.castsource = t.oid AND k.casttarget = o.opcintype AND k.castmethod = 'b' AND k.castcontext = 'i'
      ))
  )
