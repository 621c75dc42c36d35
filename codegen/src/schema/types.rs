//! Enumerations and composite types, and the app whose module contains each.

use super::names::singular_and_plural;
use super::{App, Composite, CompositeField, Entity, Enum, EnumValue, GraphqlName, RustName, Scalar, TypeName};
use crate::catalog::{Catalog, ColumnType, CompositeType, EnumType};
use crate::text;

pub(super) fn enumeration(catalog: &Catalog, ty: &EnumType) -> Enum {
    let words = match ty.name.name.rsplit_once('_') {
        // A `<table>_<column>` enumeration is named after one row of the table.
        Some(_) if !ty.named => {
            let table = catalog
                .tables
                .iter()
                .filter(|table| ty.name.name.starts_with(&format!("{}_", table.name.name)))
                .max_by_key(|table| table.name.name.len());
            match table {
                Some(table) => {
                    let column = &ty.name.name[table.name.name.len()..];
                    format!("{}{column}", singular_and_plural(&table.name.name).0)
                }
                None => ty.name.name.clone(),
            }
        }
        _ => ty.name.name.clone(),
    };
    let type_name = GraphqlName::type_name(&words);

    let mut values: Vec<EnumValue> = Vec::new();
    for label in &ty.labels {
        let mut graphql = GraphqlName::enum_value(label);
        let mut rust = RustName::camel(graphql.as_str());
        while values
            .iter()
            .any(|value| value.graphql == graphql || value.rust == rust)
        {
            graphql = graphql.suffixed("_");
            rust = rust.with_suffix("_");
        }
        values.push(EnumValue {
            label: label.clone(),
            rust,
            graphql,
        });
    }

    Enum {
        database_type: ty.named.then(|| TypeName {
            namespace: Some(ty.name.namespace.clone()).filter(|namespace| *namespace != catalog.default_namespace),
            name: ty.name.name.clone(),
        }),
        rust: RustName::camel(type_name.as_str()),
        metadata: RustName::shouty(type_name.as_str()),
        type_name,
        app: 0,
        description: ty.comment.as_deref().and_then(text::plain_text),
        values,
    }
}

/// Returns the scalar of a column or attribute.
pub(super) fn scalar(catalog: &Catalog, ty: &ColumnType) -> Scalar {
    let enumeration = ty.enumeration.as_ref();
    if let Some(index) = enumeration.and_then(|name| catalog.enums.iter().position(|ty| ty.name == *name)) {
        return Scalar::Enum(index);
    }
    let composite = ty.composite.as_ref();
    if let Some(index) = composite.and_then(|name| catalog.composites.iter().position(|ty| ty.name == *name)) {
        return Scalar::Composite(index);
    }
    Scalar::of(catalog.engine, ty)
}

pub(super) fn composite(catalog: &Catalog, ty: &CompositeType) -> Composite {
    let type_name = GraphqlName::type_name(&ty.name.name);
    let mut fields: Vec<CompositeField> = Vec::new();
    for attribute in &ty.attributes {
        let mut graphql = GraphqlName::field(&attribute.name);
        while fields.iter().any(|field| field.graphql == graphql) {
            graphql = graphql.suffixed("Value");
        }

        let (mut scalar, array) = (scalar(catalog, &attribute.ty), attribute.ty.array);
        if scalar == Scalar::Json && scalar.sql_type(catalog.engine, &attribute.ty).is_some() {
            // Types of extensions have their own forms for reading and writing only as whole columns.
            scalar = Scalar::Unknown;
        }

        fields.push(CompositeField {
            name: attribute.name.clone(),
            graphql,
            scalar,
            array,
        });
    }

    Composite {
        metadata: RustName::shouty(type_name.as_str()),
        type_name,
        app: 0,
        fields,
    }
}

/// The scalars of a table's columns, and of the arguments of functions that return its rows.
fn used_scalars(entity: &Entity) -> impl Iterator<Item = &Scalar> {
    let arguments = entity.functions.iter().flat_map(|function| &function.arguments);
    entity
        .columns
        .iter()
        .map(|field| &field.scalar)
        .chain(arguments.map(|argument| &argument.scalar))
}

/// Puts each composite type into the first app whose tables use it, directly or inside another type. Unused types are
/// in no app.
pub(super) fn place_composites(entities: &[Entity], composites: &mut [Composite], apps: &mut [App]) {
    let mut place: Vec<Option<usize>> = vec![None; composites.len()];
    for entity in entities {
        let mut open: Vec<&Scalar> = used_scalars(entity).collect();
        while let Some(scalar) = open.pop() {
            let Scalar::Composite(index) = scalar else { continue };
            if place[*index].is_none_or(|app| entity.app < app) {
                place[*index] = Some(entity.app);
                open.extend(composites[*index].fields.iter().map(|field| &field.scalar));
            }
        }
    }

    for (index, app) in place.into_iter().enumerate() {
        if let Some(app) = app {
            composites[index].app = app;
            apps[app].composites.push(index);
        }
    }
}

/// Puts each enumeration into the first app whose tables use it. Unused enumerations are in no app.
pub(super) fn place_enums(entities: &[Entity], composites: &[Composite], enums: &mut [Enum], apps: &mut [App]) {
    for (index, enumeration) in enums.iter_mut().enumerate() {
        let is_it = |scalar: &Scalar| *scalar == Scalar::Enum(index);
        let columns = entities.iter().filter(|entity| used_scalars(entity).any(is_it));
        let holds = |at: &usize| composites[*at].fields.iter().any(|field| is_it(&field.scalar));
        let attributes = apps.iter().position(|app| app.composites.iter().any(holds));
        if let Some(app) = columns.map(|entity| entity.app).chain(attributes).min() {
            enumeration.app = app;
            apps[app].enums.push(index);
        }
    }
}
