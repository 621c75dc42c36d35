//! The check between model and output: only a model that passed it can be emitted.

use crate::schema::{Diagnostic, Schema, Severity};
use crate::text::toml_key;

/// A value that passed its check; only [`verify`] creates one.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified<T>(T);

impl<T> std::ops::Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Returns a model without errors, otherwise all errors of the run together.
pub fn verify(mut schema: Schema) -> Result<Verified<Schema>, Vec<Diagnostic>> {
    if schema.entities.is_empty() {
        schema.diagnostics.push(Diagnostic::error(
            "there is no table to generate from",
            "check the database, and that `include`, `exclude` and `namespaces` keep a table",
        ));
    }

    for entity in &schema.entities {
        if entity.columns.is_empty() {
            schema.diagnostics.push(Diagnostic::error(
                format!("table `{}` has no column left", entity.table),
                format!("`[tables.{}] omit = true` leaves it out", toml_key(&entity.table.name)),
            ));
        }
    }

    let errors: Vec<Diagnostic> = schema
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .cloned()
        .collect();

    if errors.is_empty() {
        Ok(Verified(schema))
    } else {
        Err(errors)
    }
}
