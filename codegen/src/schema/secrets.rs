//! Finds columns that look like secrets and that some role may read.

use heck::ToSnakeCase as _;

use super::{Diagnostic, Entity, Scalar};
use crate::catalog::ObjectName;
use crate::config::Action;
use crate::text::{toml_key, toml_text};

/// A column that is served although its name suggests a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedSecret {
    /// The table.
    pub table: ObjectName,
    /// The table's name in the settings.
    pub setting: String,
    /// The column.
    pub column: String,
    /// The roles that policies allow to read it; empty if the table has no policies for reading, so that everyone may.
    pub roles: Vec<String>,
}

/// Returns the columns that look like secrets, that someone may read, and that no setting covers.
pub fn exposed_secrets(entities: &[Entity]) -> Vec<ExposedSecret> {
    let of_entity = |entity: &Entity| {
        let columns = entity.columns.iter().enumerate().filter(|(_, field)| field.secret);
        let exposed = columns.filter_map(|(at, field)| {
            let roles = readers(entity, at)?;
            let (table, column) = (entity.table.clone(), field.column.clone());
            Some(ExposedSecret {
                setting: setting_name(entity),
                table,
                column,
                roles,
            })
        });
        exposed.collect::<Vec<_>>()
    };

    entities.iter().flat_map(of_entity).collect()
}

impl ExposedSecret {
    /// Returns a warning whose hint lists the settings that resolve it.
    pub fn warning(&self) -> Diagnostic {
        let Self { table, column, .. } = self;
        let readers = match self.roles.as_slice() {
            [] => "everybody".to_owned(),
            roles => roles
                .iter()
                .map(|role| format!("`{role}`"))
                .collect::<Vec<_>>()
                .join(", "),
        };

        let (header, key) = (self.header(), toml_key(column));
        Diagnostic::warning(
            format!("column `{column}` of `{table}` looks like a secret, and {readers} may read it"),
            format!(
                "below `{header}` in codegen.toml, `columns.{key}.omit = true` leaves it out, \
                 `columns.{key}.shown = true` says that it is meant to be shown, and `hidden = [{}]` in a policy hides \
                 it from the policy's roles",
                toml_text(column)
            ),
        )
    }

    /// Returns the setting that shows the column, and where to write it.
    pub fn show_setting(&self) -> String {
        format!(
            "`columns.{}.shown = true` below `{}` in codegen.toml",
            toml_key(&self.column),
            self.header()
        )
    }

    fn header(&self) -> String {
        format!("[tables.{}]", toml_key(&self.setting))
    }
}

/// Whether a column's name and type are those of a secret.
pub(super) fn looks_secret(name: &str, scalar: &Scalar, key: bool) -> bool {
    let can_hold_one = match scalar {
        // The time or fact of a password change is not a password.
        Scalar::Bool
        | Scalar::DateTime
        | Scalar::NaiveDateTime
        | Scalar::Date
        | Scalar::Time
        | Scalar::Duration
        | Scalar::Enum(_) => false,
        // Nor is a number that refers to a row.
        Scalar::Int16 | Scalar::Int32 | Scalar::Int64 | Scalar::UInt64 => !key,
        _ => true,
    };

    can_hold_one && is_secret_name(name)
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_snake_case();
    let words: Vec<&str> = name.split('_').collect();
    let ends_with = |ending: &[&str]| words.ends_with(ending);
    name.contains("secret")
        || words
            .iter()
            .any(|word| word.starts_with("password") || *word == "passwd")
        || ends_with(&["token"])
        || ends_with(&["api", "key"])
        || ends_with(&["apikey"])
        || ends_with(&["pass", "hash"])
}

/// Returns the roles that may read a column: `None` if no role may, empty if there are no policies for reading.
fn readers(entity: &Entity, column: usize) -> Option<Vec<String>> {
    let reads = || {
        entity
            .policies
            .iter()
            .filter(|policy| policy.actions.contains(&Action::Read))
    };
    if reads().next().is_none() {
        return Some(Vec::new());
    }

    let shown = reads().filter(|policy| !policy.hidden.contains(&column));
    let roles: Vec<String> = shown.flat_map(|policy| policy.roles.iter().cloned()).collect();
    (!roles.is_empty()).then_some(roles)
}

fn setting_name(entity: &Entity) -> String {
    if entity.namespace.is_none() {
        entity.table.name.clone()
    } else {
        entity.table.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_any_case() {
        for name in [
            "password",
            "PASSWORD",
            "passwordHash",
            "user_password_hash",
            "passwd",
            "client_secret",
            "clientSecret",
            "SecretKey",
            "access_token",
            "accessToken",
            "token",
            "api_key",
            "apiKey",
            "APIKey",
            "stripe_api_key",
            "pass_hash",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["name", "tokens_used", "token_count", "key", "passport", "pass"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn what_cannot_hold_a_secret_is_none() {
        assert!(looks_secret("password", &Scalar::Text, false));
        assert!(looks_secret("password", &Scalar::Bytes, false));
        assert!(looks_secret("secret_code", &Scalar::Int32, false));
        assert!(!looks_secret("secret_id", &Scalar::Int32, true));
        assert!(!looks_secret("password_changed_at", &Scalar::DateTime, false));
        assert!(!looks_secret("has_password", &Scalar::Bool, false));
    }
}
