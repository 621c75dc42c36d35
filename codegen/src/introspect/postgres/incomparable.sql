-- The types whose values the database cannot compare or cannot order. A type can be compared if it, or a type with the
-- same bytes that it is implicitly cast to, has an operator class for an index. It can be ordered if there is also the
-- operator `<`.
WITH same AS (
    SELECT t.oid, t.oid AS compared FROM pg_type t
  UNION
    SELECT k.castsource, k.casttarget FROM pg_cast k WHERE k.castmethod = 'b' AND k.castcontext = 'i'
), known AS (
    SELECT s.oid,
           bool_or(EXISTS (
             SELECT FROM pg_opclass o
             JOIN pg_am m ON m.oid = o.opcmethod
             WHERE o.opcdefault AND m.amname IN ('btree', 'hash') AND o.opcintype = s.compared
           )) AS is_comparable,
           bool_or(EXISTS (
             SELECT FROM pg_operator o WHERE o.oprname = '<' AND o.oprleft = s.compared AND o.oprright = s.compared
           )) AS is_ordered
    FROM same s
    GROUP BY s.oid
)
SELECT n.nspname AS namespace, t.typname AS name, k.is_comparable
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN known k ON k.oid = t.oid
WHERE t.typtype = 'b' AND NOT (k.is_comparable AND k.is_ordered)
