//! A schema in the schema definition language (SDL), and its description.

use async_graphql::{EmptySubscription, Name, SDLExportOptions, Schema, Value};

use crate::graphql::compose::Composition;
use crate::graphql::compose::builder;
use crate::graphql::request::root::Mutation;
use crate::graphql::request::root::Query;
use crate::graphql::types::building::ComposeError;
use crate::graphql::types::plain_text::clean_description;
use crate::graphql::types::plain_text::format_sdl;
use plan::selection::Selected;

/// The schema of a composition in the schema definition language. It needs no database.
pub(crate) fn sdl(composition: &Composition) -> Result<String, ComposeError> {
    let schema = builder(composition)?.finish();

    Ok(schema_to_sdl(&schema, composition.description.as_deref()))
}

/// A schema in the schema definition language.
pub(in crate::graphql) fn schema_to_sdl(
    schema: &Schema<Query, Mutation, EmptySubscription>,
    description: Option<&str>,
) -> String {
    let options = SDLExportOptions::new()
        .prefer_single_line_descriptions()
        .include_specified_by();
    let text = format_sdl(&schema.sdl_with_options(options));
    let Some(description) = description.map(clean_description) else {
        return text;
    };

    // async-graphql has no descriptions of schemas. Only the schema definition begins with this line.
    text.replacen("\nschema {\n", &format!("\n{}\nschema {{\n", quoted(&description)), 1)
}

/// A description quoted for SDL.
fn quoted(description: &str) -> String {
    if description.contains('\n') {
        return format!("\"\"\"\n{}\n\"\"\"", description.replace("\"\"\"", "\\\"\"\""));
    }

    format!("\"{}\"", description.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Sets `description` of each selected `__schema` to the schema's own: async-graphql describes schemas in general.
pub(in crate::graphql) fn set_schema_description(data: &mut Value, fields: &[Selected], description: Option<&str>) {
    let Value::Object(data) = data else { return };

    for schema in fields.iter().filter(|field| field.name == "__schema") {
        let Some(Value::Object(schema_data)) = data.get_mut(schema.key.as_str()) else {
            continue;
        };

        for field in schema.fields.iter().filter(|field| field.name == "description") {
            let description = description.map_or(Value::Null, |text| Value::from(clean_description(text)));
            schema_data.insert(Name::new(&field.key), description);
        }
    }
}
