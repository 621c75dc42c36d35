//! Kinds of values as inputs.

use crate::graphql::types::list_inputs::{Fields, add};
use crate::graphql::types::meta_types::argument;
use crate::graphql::types::meta_types::input_object;
use crate::graphql::types::scalars;
use async_graphql::registry::Registry;
use meta::{CompositeType, FunctionArgument, Kind, RangeType};

/// Registers the input type of a kind's values and returns its name. Ranges and composite types have their own input.
pub(in crate::graphql) fn register_kind_input(registry: &mut Registry, kind: Kind) -> String {
    match kind {
        Kind::Range(range) => register_range_input(registry, range),
        Kind::Composite(ty) => register_composite_input(registry, ty),
        kind => {
            crate::graphql::types::kinds::register_kind(registry, kind);
            kind.scalar().to_owned()
        }
    }
}

/// The GraphQL type of a function's argument. Registers the types that it needs.
pub(in crate::graphql) fn argument_type(registry: &mut Registry, argument: &FunctionArgument) -> String {
    let name = register_kind_input(registry, argument.kind.innermost());
    let required = if argument.optional { "" } else { "!" };
    format!("{}{required}", argument.kind.list_type(&name))
}

/// Registers the input of a composite type. Every attribute may be omitted.
fn register_composite_input(registry: &mut Registry, ty: &CompositeType) -> String {
    let input = format!("{}Input", ty.name);
    if registry.types.contains_key(&input) {
        return input;
    }

    let mut fields = Fields::new();
    for field in ty.fields {
        let name = register_kind_input(registry, field.kind.innermost());
        add(&mut fields, field.field, None, &field.kind.list_type(&name));
    }

    let description = Some("Omitted fields are null.");
    registry
        .types
        .insert(input.clone(), input_object(&input, description, fields));

    input
}

/// Registers the input of ranges and returns its name.
pub(in crate::graphql) fn register_range_input(registry: &mut Registry, range: &RangeType) -> String {
    let (element, input) = (range.element.scalar(), format!("{}Input", range.name()));
    if registry.types.contains_key(&input) {
        return input;
    }

    scalars::register(registry, element);
    let mut bounds = Fields::new();
    add(
        &mut bounds,
        "lower",
        Some("The lower bound; unbounded if omitted."),
        element,
    );
    add(
        &mut bounds,
        "upper",
        Some("The upper bound; unbounded if omitted."),
        element,
    );

    bounds.extend([
        argument(
            "lowerInclusive",
            Some("Whether the range includes the lower bound."),
            "Boolean",
            Some("true".into()),
        ),
        argument(
            "upperInclusive",
            Some("Whether the range includes the upper bound."),
            "Boolean",
            Some("false".into()),
        ),
        argument(
            "isEmpty",
            Some("Whether the range is empty, whatever its bounds."),
            "Boolean",
            Some("false".into()),
        ),
    ]);

    registry.types.insert(input.clone(), input_object(&input, None, bounds));
    input
}
