-- Unique keys (whole indexes over plain columns) and foreign keys, a row for each column, in key order.
-- A foreign key that names no columns refers to the primary key: `referenced_column` is null then.
SELECT m.name AS table_name,
       'unique' AS kind,
       i.name AS name,
       c.seqno AS position,
       c.name AS column_name,
       NULL AS referenced_table,
       NULL AS referenced_column
FROM sqlite_master m
JOIN pragma_index_list(m.name) i
JOIN pragma_index_info(i.name) c
WHERE m.type = 'table' AND (?1 IS NULL OR m.name = ?1) AND i."unique" = 1 AND i.partial = 0 AND i.origin <> 'pk'
UNION ALL
SELECT m.name, 'foreign', CAST(f.id AS TEXT), f.seq, f."from", f."table", f."to"
FROM sqlite_master m
JOIN pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' AND (?1 IS NULL OR m.name = ?1)
ORDER BY 1, 2, 3, 4
