//! Kinds of values as GraphQL types.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::Registry;

use crate::graphql::types::meta_types;
use crate::graphql::types::meta_types::add;
use crate::graphql::types::scalars;
use meta::{CompositeType, Kind, RangeType};

pub(in crate::graphql) fn register_kind(registry: &mut Registry, kind: Kind) {
    match kind {
        Kind::Array(element) => register_kind(registry, *element),
        Kind::Range(range) => register_range(registry, range),
        Kind::Composite(ty) => register_composite(registry, ty),
        Kind::Enum(ty) => {
            registry.types.entry(ty.name.to_owned()).or_insert_with(|| {
                meta_types::enumeration(ty.name, ty.description, ty.values.iter().map(|value| value.name))
            });
        }
        kind => scalars::register(registry, kind.scalar()),
    }
}

fn register_range(registry: &mut Registry, range: &RangeType) {
    let name = range.name();
    if registry.types.contains_key(&name) {
        return;
    }

    let element = range.element.scalar();
    scalars::register(registry, element);

    let mut fields = IndexMap::new();
    let no_bound = Some("Null if the range has no such bound.");
    add(&mut fields, meta_types::field("lower", no_bound, element.to_owned()));
    add(&mut fields, meta_types::field("upper", no_bound, element.to_owned()));
    add(
        &mut fields,
        meta_types::field(
            "lowerInclusive",
            Some("Whether the range includes `lower`."),
            "Boolean!".into(),
        ),
    );
    add(
        &mut fields,
        meta_types::field(
            "upperInclusive",
            Some("Whether the range includes `upper`."),
            "Boolean!".into(),
        ),
    );
    add(
        &mut fields,
        meta_types::field("isEmpty", Some("Whether the range is empty."), "Boolean!".into()),
    );

    registry.types.insert(
        name.clone(),
        meta_types::object(&name, Some("A range of values."), fields),
    );
}

fn register_composite(registry: &mut Registry, ty: &CompositeType) {
    if registry.types.contains_key(ty.name) {
        return;
    }

    let mut fields = IndexMap::new();
    for field in ty.fields {
        register_kind(registry, field.kind);
        let name = field.kind.type_name();
        let shown = field.kind.list_type(&name);
        add(&mut fields, meta_types::field(field.field, None, shown));
    }

    registry
        .types
        .insert(ty.name.to_owned(), meta_types::object(ty.name, None, fields));
}
