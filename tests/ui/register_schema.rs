//! `#[register_schema]` on functions that build no schema, with attributes that are wrong.

use runtime::SchemaBuilder;

#[runtime::register_schema(version = "1.0.0")]
fn nameless(schema: SchemaBuilder) -> SchemaBuilder {
    schema
}

#[runtime::register_schema(name = "a", provider)]
fn provided(schema: SchemaBuilder) -> SchemaBuilder {
    schema
}

#[runtime::register_schema(name = "b", settings(max_page_size = "many"))]
fn without_parameter() -> SchemaBuilder {
    todo!()
}

fn main() {}
