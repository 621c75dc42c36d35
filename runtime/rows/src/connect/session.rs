//! What the program sets in each session itself, whatever the server's own settings are.
//!
//! `PostgreSQL`'s settings are beside its connection, since a pooler takes no others; `SQLite`'s are options of the file.

/// For each connection to `MySQL` or `MariaDB`: texts and numbers that do not fit are refused, each statement outside a
/// transaction is kept by itself, a transaction ends with its `COMMIT`, rows are changed by the keys of a list, foreign
/// keys hold, and a selection has all its rows. Time zone and character set are sqlx's: UTC and `utf8mb4`.
pub const MYSQL_SESSION: &str = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES,STRICT_ALL_TABLES'), \
     autocommit = 1, completion_type = 0, sql_safe_updates = 0, foreign_key_checks = 1, unique_checks = 1, \
     sql_auto_is_null = 0, sql_big_selects = 1, sql_select_limit = 18446744073709551615";
