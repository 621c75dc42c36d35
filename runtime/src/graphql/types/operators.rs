//! The operators of filters, by the kind of a column.

use crate::graphql::types::descriptions;
use crate::graphql::types::kind_inputs::register_range_input;
use crate::graphql::types::list_inputs::{Fields, add};
use crate::graphql::types::meta_types::input_object;
use crate::graphql::types::scalars;
use async_graphql::registry::Registry;
use meta::{Column, Kind, RangeType};
use plan::{ARRAY_OPERATORS, Comparison, OPERATORS, RANGE_OPERATORS};

/// Registers the operators on a column's values and returns the name of their type.
pub(in crate::graphql) fn register_operators(registry: &mut Registry, column: &Column) -> String {
    let scalar = column.scalar();
    match column.kind {
        Kind::Json if column.is_geometry() => return register_geometry_operators(registry),
        Kind::Json => return register_json_operators(registry),
        Kind::Array(element) if element.is_object() => return register_presence(registry),
        Kind::Array(_) => return register_array_operators(registry, column.kind),
        Kind::Range(range) => return register_range_operators(registry, range),
        Kind::Composite(_) => return register_presence(registry),
        _ if column.incomparable => return register_presence(registry),
        _ => {}
    }

    let name = if column.unordered {
        format!("{scalar}EqualityFilter")
    } else {
        format!("{scalar}Filter")
    };

    if registry.types.contains_key(&name) {
        return name;
    }

    scalars::register(registry, scalar);
    let mut fields = Fields::new();
    for &(operator, comparison) in OPERATORS {
        if has_operator(column, comparison) {
            let is_list = matches!(comparison, Comparison::In | Comparison::NotIn);
            let ty = if is_list {
                format!("[{scalar}!]")
            } else {
                scalar.to_owned()
            };
            add(&mut fields, operator, descriptions::operator(operator), &ty);
        }
    }

    if has_operator(column, Comparison::Less) {
        add(
            &mut fields,
            "between",
            Some("Between two values, inclusive."),
            &format!("[{scalar}!]"),
        );
    }

    add(&mut fields, "isNull", descriptions::operator("isNull"), "Boolean");
    registry.types.insert(name.clone(), input_object(&name, None, fields));

    name
}

/// Registers the filter for kinds that cannot be compared, which has `isNull` only.
pub(in crate::graphql) fn register_presence(registry: &mut Registry) -> String {
    registry.types.entry("PresenceFilter".to_owned()).or_insert_with(|| {
        let mut fields = Fields::new();
        add(&mut fields, "isNull", descriptions::operator("isNull"), "Boolean");
        input_object("PresenceFilter", None, fields)
    });
    "PresenceFilter".to_owned()
}

fn register_range_operators(registry: &mut Registry, range: &RangeType) -> String {
    let (element, filter) = (range.element.scalar(), format!("{}Filter", range.name()));
    if registry.types.contains_key(&filter) {
        return filter;
    }

    let input = register_range_input(registry, range);
    let mut fields = Fields::new();

    for &(operator, comparison) in RANGE_OPERATORS {
        let ty = if comparison == Comparison::ArrayContains {
            element
        } else {
            &input
        };
        add(&mut fields, operator, descriptions::range_operator(operator), ty);
    }

    add(&mut fields, "isNull", descriptions::operator("isNull"), "Boolean");
    registry
        .types
        .insert(filter.clone(), input_object(&filter, None, fields));

    filter
}

fn register_array_operators(registry: &mut Registry, kind: Kind) -> String {
    let scalar = kind.scalar();
    let operand = kind.list_type(scalar);
    let dimensions = operand.chars().take_while(|character| *character == '[').count();
    let name = format!("{scalar}{}Filter", "Array".repeat(dimensions));
    if !registry.types.contains_key(&name) {
        scalars::register(registry, scalar);
        let mut fields = Fields::new();
        for &(operator, _) in ARRAY_OPERATORS {
            add(&mut fields, operator, descriptions::array_operator(operator), &operand);
        }
        add(&mut fields, "isNull", descriptions::operator("isNull"), "Boolean");
        registry.types.insert(name.clone(), input_object(&name, None, fields));
    }
    name
}

fn register_json_operators(registry: &mut Registry) -> String {
    if !registry.types.contains_key("JSONFilter") {
        scalars::register(registry, "JSON");
        let mut path = Fields::new();
        add(
            &mut path,
            "at",
            Some("Path to the value: object keys and list positions, outermost first."),
            "[String!]!",
        );

        let mut fields = Fields::new();
        for fields in [&mut path, &mut fields] {
            add(fields, "eq", descriptions::operator("eq"), "JSON");
            add(fields, "ne", descriptions::operator("ne"), "JSON");
            add(fields, "contains", Some("Contains this value."), "JSON");
            add(fields, "hasKey", Some("Is an object with this key."), "String");
            add(fields, "isNull", Some("Whether there is no value."), "Boolean");
        }

        add(
            &mut fields,
            "path",
            Some("Conditions on a value inside of the JSON value."),
            "JSONPathFilter",
        );

        registry
            .types
            .insert("JSONPathFilter".into(), input_object("JSONPathFilter", None, path));
        registry
            .types
            .insert("JSONFilter".into(), input_object("JSONFilter", None, fields));
    }
    "JSONFilter".to_owned()
}

fn register_geometry_operators(registry: &mut Registry) -> String {
    if !registry.types.contains_key("GeometryFilter") {
        scalars::register(registry, "JSON");
        let mut fields = Fields::new();
        add(&mut fields, "eq", descriptions::operator("eq"), "JSON");
        add(&mut fields, "ne", descriptions::operator("ne"), "JSON");
        let description = "The bounding box intersects this one: west, south, east, north.";
        add(&mut fields, "intersectsBox", Some(description), "[Float!]");
        add(&mut fields, "isNull", Some("Whether there is no value."), "Boolean");
        registry
            .types
            .insert("GeometryFilter".into(), input_object("GeometryFilter", None, fields));
    }
    "GeometryFilter".to_owned()
}

pub(in crate::graphql) fn has_operator(column: &Column, comparison: Comparison) -> bool {
    let is_text = !column.is_id && matches!(column.kind, Kind::Text | Kind::Unknown);
    match comparison {
        Comparison::Equal | Comparison::NotEqual | Comparison::In | Comparison::NotIn => true,
        _ if column.unordered => false,
        Comparison::Less | Comparison::LessOrEqual | Comparison::Greater | Comparison::GreaterOrEqual => {
            !column.is_id && !matches!(column.kind, Kind::Bool | Kind::Enum(_) | Kind::Uuid | Kind::Bytes)
        }
        _ => is_text,
    }
}
