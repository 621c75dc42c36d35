-- Every column of every table and view, or of one, in table order, with the statement that created the table. The
-- tables in which virtual tables keep their rows are left out.
SELECT m.name AS table_name,
       m.type AS kind,
       m.sql AS ddl,
       COALESCE((SELECT MAX(x LIKE '%INSTEAD OF INSERT%') + MAX(x LIKE '%INSTEAD OF UPDATE%') + MAX(x LIKE '%INSTEAD OF DELETE%')
         FROM (SELECT replace(replace(t.sql, char(10), ' '), char(13), '') AS x FROM sqlite_master t
               WHERE t.type = 'trigger' AND t.tbl_name = m.name COLLATE NOCASE)), 0) AS instead,
       COALESCE((SELECT MAX(s.strict) FROM pragma_table_list s WHERE s.schema = 'main' AND s.name = m.name), 0) AS strict,
       c.name AS name,
       c.type AS declared,
       c."notnull" AS required,
       c.dflt_value AS default_expression,
       c.pk AS key_position,
       c.hidden AS hidden
FROM sqlite_master m
JOIN pragma_table_xinfo(m.name) c
WHERE m.type IN ('table', 'view')
  AND (?1 IS NULL OR m.name = ?1)
  AND m.name NOT IN (SELECT s.name FROM pragma_table_list s WHERE s.type = 'shadow')
  AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\'
  AND c.hidden IN (0, 2, 3)
ORDER BY m.name, c.cid
