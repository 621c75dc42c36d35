//! Builds async-graphql's type metadata. Its structs gain fields between releases; only this file lists them all.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{CacheControl, Deprecation, MetaEnumValue, MetaField, MetaInputValue, MetaType};

use crate::graphql::types::plain_text::clean_description;

/// An object type.
pub(in crate::graphql) fn object(
    name: &str,
    description: Option<&str>,
    fields: IndexMap<String, MetaField>,
) -> MetaType {
    MetaType::Object {
        name: name.to_owned(),
        description: description.map(clean_description),
        fields,
        cache_control: CacheControl::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        is_subscription: false,
        rust_typename: Some(RUST_TYPENAME),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// The Rust type name of generated types. async-graphql compares it if two Rust types have the same GraphQL name.
pub(in crate::graphql) const RUST_TYPENAME: &str = "a table's generated type";

/// A field without arguments.
pub(in crate::graphql) fn field(name: &str, description: Option<&str>, ty: String) -> MetaField {
    MetaField {
        name: name.to_owned(),
        description: description.map(clean_description),
        args: IndexMap::new(),
        ty,
        deprecation: Deprecation::NoDeprecated,
        cache_control: CacheControl::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: Vec::new(),
        override_from: None,
        compute_complexity: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// An argument, or a field of an input.
pub(in crate::graphql) fn argument(
    name: &str,
    description: Option<&str>,
    ty: &str,
    default: Option<String>,
) -> (String, MetaInputValue) {
    let value = MetaInputValue {
        name: name.to_owned(),
        description: description.map(clean_description),
        ty: ty.to_owned(),
        deprecation: Deprecation::NoDeprecated,
        default_value: default,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    };
    (name.to_owned(), value)
}

/// An input object.
pub(in crate::graphql) fn input_object(
    name: &str,
    description: Option<&str>,
    fields: IndexMap<String, MetaInputValue>,
) -> MetaType {
    MetaType::InputObject {
        name: name.to_owned(),
        description: description.map(clean_description),
        input_fields: fields,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(RUST_TYPENAME),
        oneof: false,
        directive_invocations: Vec::new(),
    }
}

/// An input object that takes exactly one of its fields (`@oneOf`).
pub(in crate::graphql) fn one_of(
    name: &str,
    description: Option<&str>,
    fields: IndexMap<String, MetaInputValue>,
) -> MetaType {
    let mut object = input_object(name, description, fields);
    if let MetaType::InputObject { oneof, .. } = &mut object {
        *oneof = true;
    }
    object
}

/// An enumeration.
pub(in crate::graphql) fn enumeration<'a>(
    name: &str,
    description: Option<&str>,
    values: impl Iterator<Item = &'a str>,
) -> MetaType {
    let value = |name: &str| MetaEnumValue {
        name: name.to_owned(),
        description: None,
        deprecation: Deprecation::NoDeprecated,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        directive_invocations: Vec::new(),
    };

    MetaType::Enum {
        name: name.to_owned(),
        description: description.map(clean_description),
        enum_values: values.map(|name| (name.to_owned(), value(name))).collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(RUST_TYPENAME),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// A scalar.
pub(in crate::graphql) fn scalar(
    name: &str,
    description: &str,
    specified_by: Option<&str>,
    is_valid: fn(&async_graphql::Value) -> bool,
) -> MetaType {
    MetaType::Scalar {
        name: name.to_owned(),
        description: Some(clean_description(description)),
        is_valid: Some(std::sync::Arc::new(is_valid)),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        specified_by_url: specified_by.map(str::to_owned),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// Adds a field under its name.
pub(in crate::graphql) fn add(fields: &mut IndexMap<String, MetaField>, field: MetaField) {
    fields.insert(field.name.clone(), field);
}
