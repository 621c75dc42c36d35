//! Row-level security of PostgreSQL.

use plan::dialect::Dialect;
use plan::sql::{SqlWriter, StatementKind};
use plan::viewer::Viewer;

/// Row-level security of PostgreSQL in place of policies: each request runs as a role of the database, and SQL finds
/// the viewer in settings of the session.
#[derive(Debug, Clone)]
pub struct RowSecurity {
    /// The role of anonymous viewers.
    pub anonymous: String,
    /// The role of signed-in viewers.
    pub authenticated: String,
    /// The role of signed-in viewers who are staff.
    pub staff: String,
}

impl RowSecurity {
    /// The role that a viewer's transactions run as, and the settings that they can read with `current_setting`:
    /// `viewer.id`, `viewer.roles` (a JSON list) and `viewer.claims` (a JSON object).
    pub(super) fn session(&self, viewer: &Viewer) -> (String, [(&'static str, String); 3]) {
        let role = match (viewer.is_authenticated(), viewer.is_staff) {
            (false, _) => &self.anonymous,
            (true, false) => &self.authenticated,
            (true, true) => &self.staff,
        };

        let mut writer = SqlWriter::new(&Dialect::POSTGRES);
        writer.raw("SET LOCAL ROLE ").identifier(role);
        let command = writer.finish(StatementKind::Write).sql.to_string();

        let settings = [
            ("viewer.id", viewer.id.clone().unwrap_or_default()),
            ("viewer.roles", serde_json::json!(viewer.roles).to_string()),
            (
                "viewer.claims",
                serde_json::Value::Object(viewer.claims.clone()).to_string(),
            ),
        ];

        (command, settings)
    }
}
