//! The app that a table belongs to.

use crate::catalog::{Catalog, ObjectName};
use crate::config::Settings;

/// The app of tables in the default namespace that nothing else claims.
pub(super) const MAIN_APP: &str = "main";

/// Returns the app of a table: an app with a pattern that matches it; else a declared app whose name begins the table's
/// name (`users_profile`); else `main` in the default namespace, and the namespace's name elsewhere.
pub(super) fn app_of(table: &ObjectName, catalog: &Catalog, settings: &Settings) -> String {
    let named = settings
        .apps
        .iter()
        .find(|(_, patterns)| patterns.iter().any(|pattern| pattern.matches(table)));
    let prefixed = || {
        settings
            .apps
            .iter()
            .find(|(app, _)| table.name.strip_prefix(app).is_some_and(|rest| rest.starts_with('_')))
    };

    if let Some((app, _)) = named.or_else(prefixed) {
        app.to_owned()
    } else if table.namespace == catalog.default_namespace {
        MAIN_APP.to_owned()
    } else {
        table.namespace.clone()
    }
}

/// Whether `namespaces`, `include` and `exclude` keep the table.
pub(super) fn is_included(table: &ObjectName, settings: &Settings) -> bool {
    let any = |patterns: &[crate::config::Pattern]| patterns.iter().any(|pattern| pattern.matches(table));
    (settings.namespaces.is_empty() || settings.namespaces.contains(&table.namespace))
        && (settings.include.is_empty() || any(&settings.include))
        && !any(&settings.exclude)
}
