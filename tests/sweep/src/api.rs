//! A database served within this process, and the requests that the laws send to it.

use codegen::catalog::Catalog;
use codegen::config::ConfigFile;
use codegen::introspect::{DatabaseUrl, introspect};
use codegen::metadata::Metadata;
use codegen::{schema, verify};
use runtime::Viewer;
use runtime::codegen_support::Table;
use runtime::testing::Request;
use runtime::{Database, Registry, SchemaDefinition};
use serde_json::{Map, Value, json};

use crate::types::{INTROSPECTION, Types};

/// Maximum number of rows of a table that the laws look at.
pub(crate) const ROWS: usize = 1000;

/// The served API of a database.
pub(crate) struct Api {
    registry: Registry,
    pub(crate) catalog: Catalog,
    pub(crate) tables: Vec<&'static Table>,
    pub(crate) types: Types,
    pub(crate) sdl: String,
}

impl Api {
    /// Serves all tables of a database as one schema; the error says which step failed.
    pub(crate) async fn serve(url: &str, config: &str) -> Result<Self, String> {
        let parsed: DatabaseUrl = url.parse().map_err(|error| format!("{error}"))?;
        let catalog = introspect(&parsed)
            .await
            .map_err(|error| format!("introspection: {error}"))?;

        let settings = ConfigFile::parse(config)
            .and_then(|file| file.settings())
            .map_err(|error| format!("the configuration: {error}"))?;

        let model = verify::verify(schema::build(&catalog, &settings)).map_err(|found| {
            found
                .iter()
                .map(|found| found.message.clone())
                .collect::<Vec<_>>()
                .join("; ")
        })?;

        let database = Database::connect(url, 2)
            .await
            .map_err(|error| format!("connecting: {error}"))?;
        let apps = Metadata::of(&model).apps(&model);
        let tables = apps.iter().flat_map(|app| app.tables.iter().copied()).collect();
        let registry = Registry::with_apps(database, apps);

        // One schema with all apps, however the configuration divides the tables.
        let names: Vec<&str> = model.apps.iter().map(|app| app.name.as_str()).collect();
        let definition = ["max_query_depth", "max_page_size", "default_page_size"]
            .iter()
            .fold(SchemaDefinition::new("main").apps(names), |definition, setting| {
                definition.setting(setting, 1_000_000)
            })
            .setting("max_query_complexity", i64::MAX);

        registry
            .register(definition)
            .map_err(|error| format!("registration: {error}"))?;

        let mut api = Self {
            registry,
            catalog,
            tables,
            types: Types::default(),
            sdl: String::new(),
        };
        api.types = Types::read(&api.ask(INTROSPECTION, json!({})).await);
        api.sdl = api.schema().engine().sdl();
        Ok(api)
    }

    fn schema(&self) -> std::sync::Arc<runtime::testing::Registered> {
        let name = self
            .registry
            .schemas()
            .first()
            .expect("a schema for each database")
            .info
            .name
            .clone();
        self.registry.find(&name).expect("it was found a moment ago")
    }

    /// Executes a request and returns its answer.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Value {
        let request = Request {
            query: query.to_owned(),
            variables: async_graphql::Variables::from_json(variables),
            viewer: Viewer::known("1"),
            ..Request::default()
        };
        let answer = self.schema().engine().execute(request).await;
        serde_json::from_slice(&answer.body).unwrap_or_else(|error| {
            json!({"errors": [{
                "message": format!("the answer is not valid JSON: {error}"),
                "extensions": {"code": "INTERNAL_SERVER_ERROR"},
            }]})
        })
    }

    /// Returns a selection of all columns of a table.
    pub(crate) fn columns(&self, table: &Table) -> String {
        let ty = self.types.get(table.type_name);
        let fields = table.columns.iter().filter_map(|column| ty.field(column.field));
        let fields: Vec<String> = fields
            .map(|field| format!("{}{}", field.name, self.types.selection(field.named(), 5)))
            .collect();
        fields.join(" ")
    }

    /// Returns a selection that identifies a row: the fields of its primary key, or all columns without one.
    pub(crate) fn identity(&self, table: &Table) -> String {
        if table.primary_key.is_empty() {
            return self.columns(table);
        }
        table
            .primary_key
            .iter()
            .map(|&at| table.columns[at].field)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The codes of an answer's errors.
pub(crate) fn codes(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    errors
        .map(|error| error["extensions"]["code"].as_str().unwrap_or_default())
        .collect()
}

/// Whether all errors of an answer are about values that cannot be read, each of which affects its own field only.
pub(crate) fn is_readable(answer: &Value) -> bool {
    codes(answer).iter().all(|code| *code == "UNREADABLE_VALUE")
}

/// Returns the code and the message of an answer's first error.
pub(crate) fn first_error(answer: &Value) -> String {
    let error = &answer["errors"][0];
    format!(
        "{}: {}",
        error["extensions"]["code"].as_str().unwrap_or("no code"),
        error["message"]
    )
}

/// Returns the id of a row as text: its key fields as JSON, or the whole row if the table has no primary key.
pub(crate) fn id(row: &Value, table: &Table) -> String {
    if table.primary_key.is_empty() {
        return row.to_string();
    }
    let fields = table.primary_key.iter().map(|&at| table.columns[at].field);
    Value::Object(
        fields
            .map(|field| (field.to_owned(), row[field].clone()))
            .collect::<Map<_, _>>(),
    )
    .to_string()
}
