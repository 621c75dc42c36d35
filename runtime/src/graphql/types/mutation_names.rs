//! Names of payloads and of unique keys.

use meta::Table;
use plan::model::MutationKind;

/// The name of the payload's field with the written rows.
pub(in crate::graphql) fn payload_field(table: &Table, kind: MutationKind) -> String {
    let name = if kind.is_many() { table.many } else { table.one };
    if matches!(name, "success" | "errors" | "affectedCount") {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

/// The payload's type: `CreateProductPayload`.
pub(in crate::graphql) fn payload_type(mutation: &str) -> String {
    let (first, rest) = mutation.split_at(1);
    format!("{}{rest}Payload", first.to_uppercase())
}

/// The enumeration of a table's keys: `ProductUniqueKey`.
pub(in crate::graphql) fn unique_key_enum(table: &Table) -> String {
    format!("{}UniqueKey", table.type_name)
}

/// A key's name in that enumeration: `ID`, `PRODUCT_ID_USER_ID`.
pub(in crate::graphql) fn unique_key_name(table: &Table, key: &[usize]) -> String {
    let names = key.iter().map(|&column| {
        let mut name = String::new();
        for character in table.columns[column].field.chars() {
            if character.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(character.to_uppercase());
        }
        name
    });
    names.collect::<Vec<_>>().join("_")
}

/// The keys by which a row can be upserted, each once: their columns are all inputs.
pub(in crate::graphql) fn unique_keys(table: &Table) -> Vec<&'static [usize]> {
    let all = std::iter::once(table.primary_key).chain(table.unique_keys.iter().copied());
    all.filter(|key| !key.is_empty() && key.iter().all(|&column| table.columns[column].is_input()))
        .collect()
}
