//! Builds the model from a catalog and the settings.

use std::collections::{BTreeMap, BTreeSet};

use super::apps::{MAIN_APP, app_of, is_included};
use super::clashes::{make_field_names_unique, make_rust_items_unique, make_type_names_unique};
use super::functions::add_functions;
use super::names::{is_transliterated, singular_and_plural};
use super::policies::{actions, policies};
use super::relations::{add_relations, relation_stem};
use super::secrets::{exposed_secrets, looks_secret};
use super::types::{composite, enumeration, place_composites, place_enums, scalar};
use super::{
    ApiSchema, App, Composite, Diagnostic, Entity, Enum, ExposedSecret, Field, GraphqlName, RustName, Scalar, Schema,
    SettingValue,
};
use crate::catalog::{Catalog, Column, Engine, Generation, ObjectName, Table, TableKind};
use crate::config::{ColumnSettings, SchemaSettings, Settings, TableSettings};
use crate::text::{self, toml_key};

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

fn entity(
    catalog: &Catalog,
    table: &Table,
    settings: &TableSettings,
    app: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Entity {
    let is_default = table.name.namespace == catalog.default_namespace;
    let (mut singular, mut plural) = singular_and_plural(&table.name.name);

    if is_transliterated(&table.name.name) {
        diagnostics.push(Diagnostic::warning(
            format!(
                "table `{}` has a name that is not valid in GraphQL; it becomes `{singular}`",
                table.name
            ),
            format!("`[tables.{}] name = \"...\"` renames it", toml_key(&table.name.name)),
        ));
    }

    if let Some(name) = &settings.name {
        if GraphqlName::from_setting(name).is_none() {
            diagnostics.push(Diagnostic::error(
                format!("[tables.{}]: `{name}` is not a valid GraphQL name", table.name.name),
                "use letters, digits and `_`, and start with a letter",
            ));
        }
        (singular, plural) = singular_and_plural(name);
    }

    let type_name = GraphqlName::type_name(&singular);
    let one = GraphqlName::field(&singular);
    let many = GraphqlName::field(&plural);
    let many = if many == one { one.suffixed("List") } else { many };

    for column in settings.columns.keys().chain(&settings.search).chain(&settings.key) {
        if !table.columns.iter().any(|known| known.name == *column) {
            diagnostics.push(Diagnostic::error(
                format!("[tables.{}]: the table has no column `{column}`", table.name.name),
                format!(
                    "its columns: {}",
                    table
                        .columns
                        .iter()
                        .map(|c| c.name.as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            ));
        }
    }
    for (column, _) in settings
        .columns
        .iter()
        .filter(|(_, column)| column.omit && column.shown)
    {
        diagnostics.push(Diagnostic::error(
            format!(
                "[tables.{}.columns.{column}]: `omit` and `shown` exclude each other",
                table.name.name
            ),
            "keep one of them",
        ));
    }

    let columns: Vec<Field> = table
        .columns
        .iter()
        .filter(|column| !settings.columns.get(&column.name).is_some_and(|column| column.omit))
        .map(|column| field(catalog, table, column, settings.columns.get(&column.name), diagnostics))
        .collect();

    let indexes = |names: &[String]| {
        names
            .iter()
            .map(|name| columns.iter().position(|field| field.column == *name))
            .collect::<Option<Vec<_>>>()
    };

    let primary_key = match table.primary_key.as_ref() {
        Some(key) => indexes(&key.columns),
        None => indexes(&settings.key),
    };

    let search = indexes(&settings.search).unwrap_or_default();
    for &column in &search {
        let is_text = matches!(columns[column].scalar, Scalar::Text) && !columns[column].array;
        if !is_text && !is_search_vector(table, &columns[column].column) {
            diagnostics.push(Diagnostic::error(
                format!(
                    "[tables.{}]: `search`: the column `{}` cannot be searched",
                    table.name.name, columns[column].column
                ),
                "list text columns or a `tsvector` column",
            ));
        }
    }

    let is_binary = |&column: &usize| columns[column].scalar == Scalar::Bytes;
    let key_is_binary = primary_key.iter().flatten().any(is_binary);
    let actions = actions(table, settings, &columns, key_is_binary, diagnostics);
    let rust = RustName::camel(type_name.as_str());

    Entity {
        table: table.name.clone(),
        namespace: (!is_default).then(|| table.name.namespace.clone()),
        app,
        module: RustName::snake(&singular),
        metadata: RustName::shouty(type_name.as_str()),
        rust,
        type_name,
        one,
        many,
        description: table.comment.as_deref().and_then(text::plain_text),
        read_only: table.kind != TableKind::Table && actions.is_empty(),
        primary_key: primary_key.unwrap_or_default(),
        constraints: constraints(table, &columns),
        unique_keys: table
            .unique_keys
            .iter()
            .filter_map(|key| indexes(&key.columns))
            .collect(),
        columns,
        relations: Vec::new(),
        search,
        actions,
        functions: Vec::new(),
        policies: Vec::new(),
    }
}

/// Maps the names of unique keys and checks to their column indexes, so that a violation can be reported with its
/// fields.
fn constraints(table: &Table, columns: &[Field]) -> Vec<(String, Vec<usize>)> {
    let index = |name: &str| columns.iter().position(|field| field.column == name);
    let keys = table.unique_keys.iter().map(|key| {
        (
            key.name.clone(),
            key.columns.iter().filter_map(|name| index(name)).collect(),
        )
    });

    let checks = table.checks.iter().map(|check| {
        let words: Vec<&str> = check
            .expression
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        let named = (0..columns.len()).filter(|&at| words.contains(&columns[at].column.as_str()));
        (check.name.clone(), named.collect())
    });

    // The name that `PostgreSQL` gives to an unnamed check of a domain.
    let of_domains = table.columns.iter().filter_map(|column| {
        let domain = column.ty.domain.as_ref()?;
        // If several columns have the domain, the database does not say which one failed.
        let is_it = |other: &&crate::catalog::Column| other.ty.domain.as_ref() == Some(domain);
        if table.columns.iter().filter(is_it).count() > 1 {
            return None;
        }
        Some((
            format!("{}_check", domain.name),
            index(&column.name).into_iter().collect(),
        ))
    });

    keys.chain(checks)
        .chain(of_domains)
        .filter(|(_, columns): &(String, Vec<usize>)| !columns.is_empty())
        .collect()
}

/// Whether the column is a `tsvector`, made for full-text search.
fn is_search_vector(table: &Table, column: &str) -> bool {
    table
        .columns
        .iter()
        .any(|known| known.name == column && known.ty.name == "tsvector")
}

/// Whether a column is a primary key called `id`.
pub(super) fn is_own_id(table: &Table, column: &str) -> bool {
    column.eq_ignore_ascii_case("id") && table.primary_key.as_ref().is_some_and(|key| key.columns == [column])
}

fn field(
    catalog: &Catalog,
    table: &Table,
    column: &Column,
    settings: Option<&ColumnSettings>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Field {
    let in_foreign_key = table.foreign_keys.iter().any(|key| key.columns.contains(&column.name));
    let in_primary_key = table
        .primary_key
        .as_ref()
        .is_some_and(|key| key.columns.contains(&column.name));
    let sole_foreign_key = table
        .foreign_keys
        .iter()
        .any(|key| key.columns == [column.name.as_str()]);

    let mut graphql = GraphqlName::field(&column.name);
    // A foreign key that is also the row's `id` keeps its name: clients identify the row by it.
    if sole_foreign_key && relation_stem(&column.name) == column.name && !is_own_id(table, &column.name) {
        graphql = graphql.suffixed("Id");
    }

    if let Some(name) = settings.and_then(|settings| settings.name.as_ref()) {
        match GraphqlName::from_setting(name) {
            Some(given) => graphql = given,
            None => diagnostics.push(Diagnostic::error(
                format!(
                    "[tables.{}.columns.{}]: `{name}` is not a valid GraphQL name",
                    table.name.name, column.name
                ),
                "use letters, digits and `_`, and start with a letter",
            )),
        }
    } else if is_transliterated(&column.name) {
        diagnostics.push(Diagnostic::warning(
            format!(
                "column `{}` of `{}` has a name that is not valid in GraphQL; it becomes `{graphql}`",
                column.name, table.name
            ),
            format!(
                "`[tables.{}.columns.{}] name = \"...\"` renames it",
                toml_key(&table.name.name),
                toml_key(&column.name)
            ),
        ));
    }

    let key = in_foreign_key || in_primary_key;
    let scalar = match settings.and_then(|settings| settings.ty) {
        Some(given) => Scalar::given(given),
        None => match scalar(catalog, &column.ty) {
            // Row IDs have 64 bits in SQLite, and so do the columns that refer to them.
            Scalar::Int32 if key && catalog.engine == crate::catalog::Engine::Sqlite => Scalar::Int64,
            scalar => scalar,
        },
    };

    if scalar == Scalar::Unknown {
        diagnostics.push(Diagnostic::warning(
            format!(
                "column `{}` of `{}` has the unknown type `{}`; it is read as text",
                column.name, table.name, column.ty.name
            ),
            format!(
                "`[tables.{}.columns.{}] omit = true` leaves it out",
                toml_key(&table.name.name),
                toml_key(&column.name)
            ),
        ));
    }

    let is_text = scalar == Scalar::Text && !column.ty.array;
    let scalar_is_unknown = scalar == Scalar::Unknown;
    let shown = settings.is_some_and(|settings| settings.shown);
    let is_referred = || {
        let mut keys = catalog.tables.iter().flat_map(|other| &other.foreign_keys);
        keys.any(|key| key.references == table.name && key.referenced_columns.contains(&column.name))
    };
    let is_unique = || table.unique_keys.iter().any(|key| key.columns.contains(&column.name));
    let sql_type = scalar.sql_type(catalog.engine, &column.ty).or_else(|| {
        let collation = scalar.key_collation(catalog.engine, &column.ty)?;
        (key || is_unique() || is_referred()).then_some(collation)
    });

    Field {
        secret: !shown && looks_secret(&column.name, &scalar, key),
        max_length: column.ty.length.filter(|_| is_text || scalar == Scalar::TextForm),
        incomparable: sql_type.is_some() && column.ty.incomparable && scalar != Scalar::Json,
        unordered: sql_type.is_some() && column.ty.unordered && scalar != Scalar::Json,
        nondeterministic: scalar == Scalar::Text && !column.ty.array && column.ty.nondeterministic,
        loose: is_loose(catalog, column, &scalar),
        function: None,
        srid: column.ty.srid,
        dimensions: column.ty.dimensions.unwrap_or(1),
        sql_type,
        rust: RustName::snake(&column.name),
        column: column.name.clone(),
        graphql,
        description: column.comment.as_deref().and_then(text::plain_text),
        scalar,
        array: column.ty.array,
        nullable: column.nullable,
        key,
        // A value of an unknown type is read in its text form and never written.
        computed: scalar_is_unknown || matches!(column.generation, Generation::Computed | Generation::IdentityAlways),
        has_default: column.nullable || column.default.is_some() || column.generation != Generation::None,
    }
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

/// Whether a column may hold values that do not fit its scalar, or that JSON cannot represent.
fn is_loose(catalog: &Catalog, column: &Column, scalar: &Scalar) -> bool {
    match catalog.engine {
        // Any value has a text form. Even a `STRICT` table may hold integers beyond 32 bits, and infinities.
        Engine::Sqlite => {
            let is_narrow = matches!(
                scalar,
                Scalar::Int16 | Scalar::Int32 | Scalar::Float32 | Scalar::Float64
            );
            is_narrow || column.loose && !matches!(scalar, Scalar::Text | Scalar::TextForm | Scalar::Unknown)
        }
        // NaN and the infinities; a `"char"` may hold half a character.
        Engine::Postgres => {
            !column.ty.array && (matches!(scalar, Scalar::Float32 | Scalar::Float64) || column.ty.name == "char")
        }
        Engine::Mysql => false,
    }
}

fn schemas(apps: &[App], settings: &Settings, diagnostics: &mut Vec<Diagnostic>) -> Vec<ApiSchema> {
    if !settings.register {
        return Vec::new();
    }
    if settings.schemas.is_empty() {
        return default_schemas(apps, settings, diagnostics);
    }

    for (name, schema) in settings.schemas.iter() {
        for app in &schema.apps {
            if !apps.iter().any(|known| known.name == *app) {
                diagnostics.push(Diagnostic::error(
                    format!("[schemas.{name}]: there is no app `{app}`"),
                    format!(
                        "the apps are: {}",
                        apps.iter().map(|app| app.name.as_str()).collect::<Vec<_>>().join(", ")
                    ),
                ));
            }
        }
    }

    settings
        .schemas
        .iter()
        .map(|(name, settings)| schema(name, settings, diagnostics))
        .collect()
}

/// Returns one schema for each app of the settings, and one over all other tables, so that the relations between their
/// namespaces are kept.
fn default_schemas(apps: &[App], settings: &Settings, diagnostics: &mut Vec<Diagnostic>) -> Vec<ApiSchema> {
    let is_declared =
        |app: &&App| app.name != MAIN_APP && settings.apps.iter().any(|(declared, _)| declared == app.name);
    let (declared, others): (Vec<&App>, Vec<&App>) = apps.iter().partition(is_declared);
    let mut named: Vec<(&str, Vec<String>)> = declared
        .iter()
        .map(|app| (app.name.as_str(), vec![app.name.clone()]))
        .collect();
    if !others.is_empty() {
        named.push((MAIN_APP, others.iter().map(|app| app.name.clone()).collect()));
    }

    named.sort();
    named
        .into_iter()
        .map(|(name, apps)| {
            schema(
                name,
                &SchemaSettings {
                    apps,
                    ..Default::default()
                },
                diagnostics,
            )
        })
        .collect()
}

fn schema(name: &str, settings: &SchemaSettings, diagnostics: &mut Vec<Diagnostic>) -> ApiSchema {
    let version = settings.version.clone().unwrap_or_else(|| "1.0.0".into());
    if semver::Version::parse(&version).is_err() {
        diagnostics.push(Diagnostic::error(
            format!("[schemas.{name}]: `{version}` is not a semantic version"),
            "use a version such as `1.2.3`",
        ));
    }

    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)) {
        diagnostics.push(Diagnostic::error(
            format!("[schemas.{name}]: a schema's name may have only letters, digits, `_` and `-`"),
            "it is the last part of `/graphql/<name>/`",
        ));
    }

    let mut values = Vec::new();
    for (key, value) in &settings.settings {
        match value {
            toml::Value::Boolean(value) => values.push((key.clone(), SettingValue::Bool(*value))),
            toml::Value::Integer(value) => values.push((key.clone(), SettingValue::Int(*value))),
            toml::Value::String(value) => values.push((key.clone(), SettingValue::Text(value.clone()))),
            _ => diagnostics.push(Diagnostic::error(
                format!("[schemas.{name}.settings]: `{key}` must be a string, an integer or a boolean"),
                "write it as in `\"text\"`, `10` or `true`",
            )),
        }
    }

    let description = settings
        .description
        .clone()
        .unwrap_or_else(|| match settings.apps.as_slice() {
            [app] if app == MAIN_APP => "The tables of the database.".into(),
            [app] => format!("The tables of the app `{app}`."),
            apps => format!(
                "The tables of the apps {}.",
                apps.iter().map(|app| format!("`{app}`")).collect::<Vec<_>>().join(", ")
            ),
        });

    let base = RustName::camel(name);
    let base = base.as_str().strip_suffix("Schema").unwrap_or(base.as_str()).to_owned();

    ApiSchema {
        rust: RustName::camel(&format!("{base}_schema")),
        name: name.to_owned(),
        version,
        description: text::plain_text(&description).unwrap_or_default(),
        apps: settings.apps.clone(),
        settings: values,
    }
}
