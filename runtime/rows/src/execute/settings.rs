//! Settings of the connections to a database.

use std::time::Duration;

use super::pool::PoolSettings;

/// The default time limit of a statement.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// How to connect to a database.
#[derive(Debug, Clone, Copy)]
pub struct ConnectSettings {
    /// The size of the pool, and its timeouts.
    pub pool: PoolSettings,
    /// How long a statement may run; a tighter limit set in the database stays in force.
    pub statement_timeout: Duration,
    /// How prepared statements are kept on PostgreSQL.
    pub prepared_statements: PreparedStatements,
}

impl Default for ConnectSettings {
    fn default() -> Self {
        Self {
            pool: PoolSettings::default(),
            statement_timeout: STATEMENT_TIMEOUT,
            prepared_statements: PreparedStatements::Auto,
        }
    }
}

/// Whether prepared statements are kept by name on PostgreSQL. A pooler such as PgBouncer may give each transaction
/// another session, which does not know the statements of the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PreparedStatements {
    /// By name if the session belongs to the program alone; a pooler is detected.
    #[default]
    Auto,
    /// By name, for a pooler in session mode or one that tracks prepared statements. The names are derived from the
    /// texts.
    Named,
    /// Without names: prepared again each time.
    Unnamed,
}
