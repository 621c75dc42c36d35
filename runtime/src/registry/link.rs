//! Schemas that the linker gathered.
//!
//! A crate's registrations are in the program if the program names anything of the crate, directly or through another
//! one. A crate that stands in `Cargo.toml` only is not linked at all: `use my_schemas as _;` names it.

use super::SchemaDefinition;

/// A schema that `#[derive(RegisteredSchema)]` put into the program.
#[derive(Debug)]
pub struct Registration {
    /// Makes its definition.
    pub definition: fn() -> SchemaDefinition,
    /// The file and line of the type.
    pub location: &'static str,
}

inventory::collect!(Registration);

/// The definitions that the linker gathered, by name.
pub fn linked_registrations() -> Vec<SchemaDefinition> {
    let mut definitions: Vec<SchemaDefinition> = inventory::iter::<Registration>
        .into_iter()
        .map(|registration| (registration.definition)().location(registration.location))
        .collect();
    definitions.sort_by(|a, b| (&a.name, &a.location).cmp(&(&b.name, &b.location)));
    definitions
}
