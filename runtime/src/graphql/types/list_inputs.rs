//! The inputs of lists: a filter for each table, and operators for each scalar.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaInputValue, Registry};

use crate::graphql::types::descriptions;
use crate::graphql::types::meta_types::argument;
use crate::graphql::types::meta_types::enumeration;
use crate::graphql::types::meta_types::input_object;
use crate::graphql::types::scalars;
use meta::{Cardinality, Column, CompositeType, FunctionArgument, Kind, RangeType};
use plan::model::{EntityId, Link, Model, ResolvedTable};
use plan::{ARRAY_OPERATORS, Aggregate, Comparison, OPERATORS, RANGE_OPERATORS, function_type};

/// The name of a table's filter: `ProductFilter`.
pub(in crate::graphql) fn filter_name(type_name: &str) -> String {
    format!("{type_name}Filter")
}

pub(in crate::graphql) type Fields = IndexMap<String, MetaInputValue>;

/// Adds a field to an input.
pub(in crate::graphql) fn add(fields: &mut Fields, name: &str, description: Option<&str>, ty: &str) {
    fields.extend([argument(name, description, ty, None)]);
}

/// The name of the enumeration of a table's columns, for `by` and `distinctOn`: `ProductColumn`.
pub(in crate::graphql) fn column_enum(type_name: &str) -> String {
    format!("{type_name}Column")
}

/// Registers the enumeration of a table's sortable columns.
pub(in crate::graphql) fn register_column_enum(registry: &mut Registry, entity: &ResolvedTable) {
    let name = column_enum(entity.table.type_name);
    registry.types.entry(name.clone()).or_insert_with(|| {
        let columns = entity
            .table
            .columns
            .iter()
            .filter(|column| column.is_sortable())
            .map(|column| column.field);
        enumeration(
            &name,
            Some(&format!("The columns of `{}`.", entity.table.name)),
            columns,
        )
    });
}

/// Registers the conditions on a table's groups and returns the name of their type.
pub(in crate::graphql) fn register_having(registry: &mut Registry, entity: &ResolvedTable) -> String {
    let type_name = entity.table.type_name;
    let name = format!("{type_name}Having");
    if registry.types.contains_key(&name) {
        return name;
    }

    let count = Column::new("count", "count", Kind::Int32);
    let mut fields = Fields::new();
    let operators = register_operators(registry, &count);
    add(
        &mut fields,
        "count",
        Some("Condition on the number of rows."),
        &operators,
    );

    for_functions(entity, |function, columns| {
        let mut inner = Fields::new();
        for column in columns {
            let result = Column {
                is_id: false,
                kind: function.kind(column.kind),
                ..*column
            };
            let operators = register_operators(registry, &result);
            add(&mut inner, column.field, None, &operators);
        }

        let ty = format!("{}Having", function_type(entity, function));
        registry.types.insert(ty.clone(), input_object(&ty, None, inner));
        add(
            &mut fields,
            function.name(),
            Some(&descriptions::aggregate(function)),
            &ty,
        );
    });

    let description = format!(
        "Conditions on groups of `{}`. All given conditions must hold.",
        entity.table.name
    );
    registry
        .types
        .insert(name.clone(), input_object(&name, Some(&description), fields));

    name
}

/// Calls `take` with each aggregate function and the columns that support it.
pub(in crate::graphql) fn for_functions(entity: &ResolvedTable, mut visit: impl FnMut(Aggregate, Vec<&Column>)) {
    for &function in Aggregate::ALL {
        let columns: Vec<&Column> = entity
            .table
            .columns
            .iter()
            .filter(|column| !column.is_id && function.takes(column.kind))
            .collect();
        if !columns.is_empty() {
            visit(function, columns);
        }
    }
}

/// Registers the filter of a table and the filters of its related tables.
pub(in crate::graphql) fn register_filter(registry: &mut Registry, model: &Model, index: EntityId) {
    let entity = model.entity(index);
    let name = filter_name(entity.table.type_name);
    if registry.types.contains_key(&name) {
        return;
    }

    registry
        .types
        .insert(name.clone(), input_object(&name, None, Fields::new()));

    let mut fields = Fields::new();
    for column in entity.table.columns {
        let operators = register_operators(registry, column);
        add(&mut fields, column.field, column.description, &operators);
    }

    for &Link { relation, target, .. } in &entity.relations {
        register_filter(registry, model, target);
        let target = filter_name(model.entity(target).table.type_name);
        if relation.cardinality == Cardinality::Many {
            let list = register_list_filter(registry, &target);
            add(
                &mut fields,
                relation.field,
                Some("Conditions on the related rows."),
                &list,
            );
        } else {
            add(
                &mut fields,
                relation.field,
                Some("Conditions on the related row."),
                &target,
            );
        }
    }

    add(
        &mut fields,
        "and",
        Some("All conditions must hold. An empty list matches every row."),
        &format!("[{name}!]"),
    );
    add(
        &mut fields,
        "or",
        Some("At least one must hold. An empty list matches nothing."),
        &format!("[{name}!]"),
    );
    add(&mut fields, "not", Some("The condition must not hold."), &name);

    let description = format!(
        "Conditions on rows of `{}`. All given conditions must hold.",
        entity.table.name
    );
    registry
        .types
        .insert(name.clone(), input_object(&name, Some(&description), fields));
}

/// Registers `some`, `none`, `every` and `count` of a to-many field and returns the name of their type.
fn register_list_filter(registry: &mut Registry, target: &str) -> String {
    let name = format!("{}ListFilter", target.strip_suffix("Filter").unwrap_or(target));
    if !registry.types.contains_key(&name) {
        let mut fields = Fields::new();
        add(
            &mut fields,
            "some",
            Some("At least one related row must match."),
            target,
        );
        add(&mut fields, "none", Some("No related row may match."), target);
        add(
            &mut fields,
            "every",
            Some("Every related row must match; true if there are none."),
            target,
        );

        let count = Column::new("count", "count", Kind::Int32);
        let operators = register_operators(registry, &count);
        add(
            &mut fields,
            "count",
            Some("Condition on the number of related rows."),
            &operators,
        );
        registry.types.insert(name.clone(), input_object(&name, None, fields));
    }
    name
}

/// Registers the operators on a column's values and returns the name of their type.
fn register_operators(registry: &mut Registry, column: &Column) -> String {
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
fn register_presence(registry: &mut Registry) -> String {
    registry.types.entry("PresenceFilter".to_owned()).or_insert_with(|| {
        let mut fields = Fields::new();
        add(&mut fields, "isNull", descriptions::operator("isNull"), "Boolean");
        input_object("PresenceFilter", None, fields)
    });
    "PresenceFilter".to_owned()
}

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

fn has_operator(column: &Column, comparison: Comparison) -> bool {
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
