//! Builds the model from a catalog and the settings.

use std::collections::{BTreeMap, BTreeSet};

use super::api_schemas::schemas;
use super::apps::{app_of, is_included};
use super::clashes::{make_field_names_unique, make_rust_items_unique, make_type_names_unique};
use super::entity::entity;
use super::functions::add_functions;
use super::policies::policies;
use super::relations::add_relations;
use super::secrets::exposed_secrets;
use super::types::{composite, enumeration, place_composites, place_enums};
use super::{App, Composite, Diagnostic, Entity, Enum, ExposedSecret, RustName, Schema};
use crate::catalog::{Catalog, ObjectName, Table};
use crate::config::{Settings, TableSettings};

/// Builds the model. This never fails: errors in the settings are among the model's diagnostics.
pub fn build(catalog: &Catalog, settings: &Settings) -> Schema {
    let mut diagnostics = Vec::new();
    check_patterns(catalog, settings, &mut diagnostics);
    diagnostics.extend(settings.former_keys.iter().map(|section| {
        Diagnostic::warning(
            format!("{section}: `operations` is called `actions` now"),
            "rename the key; the former name will be refused one day",
        )
    }));
    diagnostics.extend(catalog.unreadable.iter().map(|found| {
        Diagnostic::warning(
            format!(
                "`{}` is left out, since the database cannot describe it: {}",
                found.name, found.reason
            ),
            "repair or drop it, then read the database again",
        )
    }));

    let tables: Vec<&Table> = catalog
        .tables
        .iter()
        .filter(|table| is_included(&table.name, settings) && !table_settings(catalog, settings, &table.name).omit)
        .collect();

    let names: BTreeSet<String> = tables
        .iter()
        .map(|table| app_of(&table.name, catalog, settings))
        .collect();
    let mut apps: Vec<App> = names
        .into_iter()
        .map(|name| App {
            module: module(&name),
            name,
            entities: Vec::new(),
            enums: Vec::new(),
            composites: Vec::new(),
        })
        .collect();

    let mut enums: Vec<Enum> = catalog.enums.iter().map(|ty| enumeration(catalog, ty)).collect();
    let mut composites: Vec<Composite> = catalog.composites.iter().map(|ty| composite(catalog, ty)).collect();
    let mut entities = Vec::new();
    for table in tables {
        let name = app_of(&table.name, catalog, settings);
        let app = apps
            .iter()
            .position(|app| app.name == name)
            .expect("invariant: made from the same names");
        let own = table_settings(catalog, settings, &table.name);
        apps[app].entities.push(entities.len());
        entities.push(entity(catalog, table, own, app, &mut diagnostics));
    }

    add_functions(&mut entities, catalog, settings, &mut diagnostics);
    place_composites(&entities, &mut composites, &mut apps);
    place_enums(&entities, &composites, &mut enums, &mut apps);
    add_relations(&mut entities, catalog, &mut diagnostics);
    if settings.trust_data {
        apply_trust_data(&mut entities);
    }

    for entity in &mut entities {
        make_field_names_unique(entity, &mut diagnostics);
    }
    for at in 0..entities.len() {
        let own = table_settings(catalog, settings, &entities[at].table);
        entities[at].policies = policies(&entities, at, own, &mut diagnostics);
    }

    diagnostics.extend(exposed_secrets(&entities).iter().map(ExposedSecret::warning));
    make_type_names_unique(&mut entities, &mut enums, &mut composites, &mut diagnostics);
    make_rust_items_unique(&mut entities);
    let schemas = schemas(&apps, settings, &mut diagnostics);

    Schema {
        apps,
        entities,
        enums,
        composites,
        schemas,
        diagnostics,
    }
}

/// Returns the module name of an app. `mod` gets a suffix, since `mod.rs` is the folder's own file.
fn module(app: &str) -> RustName {
    let name = RustName::snake(app);
    if name.as_str() == "mod" {
        name.with_suffix("_")
    } else {
        name
    }
}

/// Reports patterns and table names that match nothing: they are usually typos.
fn check_patterns(catalog: &Catalog, settings: &Settings, diagnostics: &mut Vec<Diagnostic>) {
    for (app, patterns) in settings.apps.iter() {
        for pattern in patterns {
            if !catalog.tables.iter().any(|table| pattern.matches(&table.name)) {
                diagnostics.push(Diagnostic::warning(
                    format!("app `{app}`: no table matches `{}`", pattern.as_str()),
                    nearest_table(catalog, pattern.as_str()),
                ));
            }
        }
    }

    for name in settings.tables.keys() {
        if !catalog
            .tables
            .iter()
            .any(|table| setting_names(catalog, name, &table.name))
        {
            diagnostics.push(Diagnostic::error(
                format!("[tables.{name}]: the database has no such table"),
                nearest_table(catalog, name),
            ));
        }
    }
}

fn nearest_table(catalog: &Catalog, name: &str) -> String {
    catalog
        .tables
        .iter()
        .map(|table| table.name.name.as_str())
        .max_by(|a, b| strsim::jaro(name, a).total_cmp(&strsim::jaro(name, b)))
        .map_or_else(
            || "the database has no tables".into(),
            |nearest| format!("did you mean `{nearest}`?"),
        )
}

fn setting_names(catalog: &Catalog, setting: &str, table: &ObjectName) -> bool {
    setting == table.to_string() || table.namespace == catalog.default_namespace && setting == table.name
}

fn table_settings<'a>(catalog: &Catalog, settings: &'a Settings, table: &ObjectName) -> &'a TableSettings {
    static NONE: TableSettings = TableSettings {
        name: None,
        omit: false,
        search: Vec::new(),
        key: Vec::new(),
        actions: Vec::new(),
        policies: Vec::new(),
        columns: BTreeMap::new(),
    };
    settings
        .tables
        .iter()
        .find(|(name, _)| setting_names(catalog, name, table))
        .map_or(&NONE, |(_, settings)| settings)
}

/// Applies `trust_data`: assumes that each value fits its column's type and that each key refers to a row.
fn apply_trust_data(entities: &mut [Entity]) {
    for entity in entities {
        for field in &mut entity.columns {
            field.loose = false;
        }
        let columns = &entity.columns;
        for relation in entity.relations.iter_mut().filter(|relation| relation.holds_key) {
            relation.nullable = relation.target_row != meta::TargetRow::Only
                || relation.pairs.iter().any(|(here, _)| columns[*here].nullable);
        }
    }
}
