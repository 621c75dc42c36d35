-- Every column of the connected database's tables and views, in table order. Names are also compared by their bytes,
-- since two table names may differ by case only.
SELECT t.TABLE_NAME AS table_name,
       t.TABLE_TYPE AS table_type,
       NULLIF(t.TABLE_COMMENT, '') AS table_comment,
       v.IS_UPDATABLE AS updatable,
       c.COLUMN_NAME AS name,
       c.DATA_TYPE AS type_name,
       c.COLUMN_TYPE AS column_type,
       c.COLLATION_NAME AS collation,
       c.CHARACTER_MAXIMUM_LENGTH AS length,
       COALESCE(c.NUMERIC_SCALE, c.DATETIME_PRECISION) AS scale,
       c.IS_NULLABLE AS nullable,
       c.COLUMN_DEFAULT AS default_expression,
       c.EXTRA AS extra,
       NULLIF(c.COLUMN_COMMENT, '') AS comment
FROM information_schema.TABLES t
JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME
  AND CAST(c.TABLE_NAME AS BINARY) = CAST(t.TABLE_NAME AS BINARY)
LEFT JOIN information_schema.VIEWS v ON v.TABLE_SCHEMA = t.TABLE_SCHEMA AND v.TABLE_NAME = t.TABLE_NAME
  AND CAST(v.TABLE_NAME AS BINARY) = CAST(t.TABLE_NAME AS BINARY)
WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
ORDER BY t.TABLE_NAME, c.ORDINAL_POSITION
