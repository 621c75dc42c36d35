//! Settings that the program makes in each session, whatever the server's own settings are.
//!
//! PostgreSQL's settings are defined with its connection, since a pooler accepts no others; SQLite's are options of
//! the file.

/// The statement run on each new connection to MySQL or MariaDB. Texts and numbers that do not fit are errors, each
/// statement outside a transaction commits by itself, `COMMIT` starts no new transaction, updates by a list of keys are
/// allowed, foreign keys are checked, and a `SELECT` returns all rows. sqlx sets the time zone to UTC and the character
/// set to `utf8mb4`.
pub const MYSQL_SESSION: &str = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES,STRICT_ALL_TABLES'), \
     autocommit = 1, completion_type = 0, sql_safe_updates = 0, foreign_key_checks = 1, unique_checks = 1, \
     sql_auto_is_null = 0, sql_big_selects = 1, sql_select_limit = 18446744073709551615";
