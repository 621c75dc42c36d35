//! Schemas that the linker gathered.
//!
//! A crate's registrations are in the program if the program names anything of the crate, directly or through another
//! one. A crate that is only listed in `Cargo.toml` is not linked at all; name it with `use my_schemas as _;`.

use super::SchemaDefinition;

/// A schema that `#[derive(RegisteredSchema)]` put into the program.
#[derive(Debug)]
pub struct Registration {
    /// Returns its definition.
    pub definition: fn() -> SchemaDefinition,
    /// The file and line of the type.
    pub location: &'static str,
}

inventory::collect!(Registration);

/// Returns the definitions that the linker gathered, sorted by name.
pub fn linked_registrations() -> Vec<SchemaDefinition> {
    let mut definitions: Vec<SchemaDefinition> = inventory::iter::<Registration>
        .into_iter()
        .map(|registration| (registration.definition)().location(registration.location))
        .collect();

    definitions.sort_by(|a, b| (&a.name, &a.location).cmp(&(&b.name, &b.location)));

    definitions
}
