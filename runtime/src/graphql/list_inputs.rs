//! The inputs of lists: filters and orders, one of each for a table, and the operators of each scalar.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaInputValue, Registry};

use super::meta_types::{argument, enumeration, input_object};
use super::scalars;
use crate::meta::{Cardinality, Column, Kind};
use crate::model::Model;
use crate::plan::{Comparison, DIRECTIONS, OPERATORS, count_name};

/// The filter type of a table.
pub(super) fn filter_name(type_name: &str) -> String {
    format!("{type_name}Filter")
}

/// The order type of a table.
pub(super) fn order_name(type_name: &str) -> String {
    format!("{type_name}OrderBy")
}

type Fields = IndexMap<String, MetaInputValue>;

fn add(fields: &mut Fields, name: &str, description: Option<&str>, ty: &str) {
    fields.extend([argument(name, description, ty, None)]);
}

/// Whether columns can be compared at all.
fn is_filterable(column: &Column) -> bool {
    !matches!(column.kind, Kind::Json | Kind::Array(_) | Kind::Bytes | Kind::Duration)
}

/// Adds the filter of a table, and those that it leads to.
pub(super) fn register_filter(registry: &mut Registry, model: &Model, index: usize) {
    let entity = model.entity(index);
    let name = filter_name(entity.table.type_name);
    if registry.types.contains_key(&name) {
        return;
    }
    registry.types.insert(name.clone(), input_object(&name, None, Fields::new()));
    let mut fields = Fields::new();
    for column in entity.table.columns.iter().filter(|column| is_filterable(column)) {
        let operators = register_operators(registry, column);
        add(&mut fields, column.field, column.description, &operators);
    }
    for &(relation, target) in &entity.relations {
        register_filter(registry, model, target);
        let target = filter_name(model.entity(target).table.type_name);
        if relation.cardinality == Cardinality::Many {
            let list = register_list_filter(registry, &target);
            add(&mut fields, relation.field, None, &list);
        } else {
            add(&mut fields, relation.field, None, &target);
        }
    }
    add(&mut fields, "and", Some("All of these hold; of none, it does."), &format!("[{name}!]"));
    add(&mut fields, "or", Some("Any of these holds; of none, it does not."), &format!("[{name}!]"));
    add(&mut fields, "not", Some("This does not hold."), &name);
    let description = format!("Conditions on rows of `{}`; all that are given hold.", entity.table.name);
    registry.types.insert(name.clone(), input_object(&name, Some(&description), fields));
}

/// `some`, `none`, `every` and `count` of a to-many field.
fn register_list_filter(registry: &mut Registry, target: &str) -> String {
    let name = format!("{}ListFilter", target.strip_suffix("Filter").unwrap_or(target));
    if !registry.types.contains_key(&name) {
        let mut fields = Fields::new();
        add(&mut fields, "some", Some("At least one row is such."), target);
        add(&mut fields, "none", Some("No row is such."), target);
        add(&mut fields, "every", Some("Every row is such; without rows, it holds."), target);
        let count = Column::new("count", "count", Kind::Int32);
        let operators = register_operators(registry, &count);
        add(&mut fields, "count", Some("How many rows there are."), &operators);
        registry.types.insert(name.clone(), input_object(&name, None, fields));
    }
    name
}

/// The operators on values of a column.
fn register_operators(registry: &mut Registry, column: &Column) -> String {
    let scalar = column.scalar();
    let name = format!("{scalar}Filter");
    if registry.types.contains_key(&name) {
        return name;
    }
    scalars::register(registry, scalar);
    let mut fields = Fields::new();
    for &(operator, comparison) in OPERATORS {
        if has_operator(column, comparison) {
            let is_list = matches!(comparison, Comparison::In | Comparison::NotIn);
            let ty = if is_list { format!("[{scalar}!]") } else { scalar.to_owned() };
            add(&mut fields, operator, None, &ty);
        }
    }
    if has_operator(column, Comparison::Less) {
        add(&mut fields, "between", Some("From the first to the second, both included."), &format!("[{scalar}!]"));
    }
    add(&mut fields, "isNull", None, "Boolean");
    registry.types.insert(name.clone(), input_object(&name, None, fields));
    name
}

fn has_operator(column: &Column, comparison: Comparison) -> bool {
    let is_text = !column.key && matches!(column.kind, Kind::Text | Kind::Unknown);
    match comparison {
        Comparison::Equal | Comparison::NotEqual | Comparison::In | Comparison::NotIn => true,
        Comparison::Less | Comparison::LessOrEqual | Comparison::Greater | Comparison::GreaterOrEqual => {
            !column.key && !matches!(column.kind, Kind::Bool | Kind::Enum(_) | Kind::Uuid)
        }
        _ => is_text,
    }
}

/// Adds the order of a table, and those that it leads to.
pub(super) fn register_order(registry: &mut Registry, model: &Model, index: usize) {
    let entity = model.entity(index);
    let name = order_name(entity.table.type_name);
    if registry.types.contains_key(&name) {
        return;
    }
    registry.types.entry("OrderDirection".to_owned()).or_insert_with(|| {
        let description = "Which way an order goes. Without a word on nulls they count as larger than everything.";
        enumeration("OrderDirection", Some(description), DIRECTIONS.iter().map(|direction| direction.0))
    });
    registry.types.insert(name.clone(), input_object(&name, None, Fields::new()));
    let mut fields = Fields::new();
    let sortable = |column: &&Column| !matches!(column.kind, Kind::Json | Kind::Array(_) | Kind::Unknown);
    for column in entity.table.columns.iter().filter(sortable) {
        add(&mut fields, column.field, None, "OrderDirection");
    }
    for &(relation, target) in &entity.relations {
        if relation.cardinality == Cardinality::Many {
            let count = count_name(relation.field);
            if !fields.contains_key(&count) {
                add(&mut fields, &count, Some("How many rows there are."), "OrderDirection");
            }
        } else {
            register_order(registry, model, target);
            add(&mut fields, relation.field, None, &order_name(model.entity(target).table.type_name));
        }
    }
    let description = format!("What rows of `{}` are ordered by.", entity.table.name);
    registry.types.insert(name.clone(), input_object(&name, Some(&description), fields));
}
