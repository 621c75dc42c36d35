//! The arguments of lists, and the types of their pages, aggregates and groups.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaField, MetaInputValue, Registry};

use crate::graphql::types::aggregate_types::register_aggregate;
use crate::graphql::types::list_inputs::column_enum;
use crate::graphql::types::list_inputs::filter_name;
use crate::graphql::types::list_inputs::register_column_enum;
use crate::graphql::types::list_inputs::register_filter;
use crate::graphql::types::list_inputs::register_having;
use crate::graphql::types::meta_types::argument;
use crate::graphql::types::meta_types::field;
use crate::graphql::types::meta_types::object;
use crate::graphql::types::order_inputs::order_name;
use crate::graphql::types::order_inputs::register_group_order;
use crate::graphql::types::order_inputs::register_order;
use plan::model::{EntityId, Model, ResolvedTable};
use plan::{connection_type, edge_type, group_type, key_type};

/// Adds `filters`, `search`, `orderBy`, `limit` and `offset` to a list; `default` is the default limit.
pub(in crate::graphql) fn list_arguments(
    registry: &mut Registry,
    model: &Model,
    target: EntityId,
    default: u64,
    field: &mut MetaField,
) {
    filter_arguments(registry, model, target, field);
    order_argument(registry, model, target, field);
    page_arguments(model, default, field);
}

/// Adds `orderBy` if the table has anything to order by.
fn order_argument(registry: &mut Registry, model: &Model, target: EntityId, field: &mut MetaField) {
    if !model.entity(target).is_orderable() {
        return;
    }

    register_order(registry, model, target);
    let ty = format!("[{}!]", order_name(model.entity(target).table.type_name));
    field.args.extend([argument(
        "orderBy",
        Some("Sort order; the first element is the most significant."),
        &ty,
        None,
    )]);
}

fn filter_arguments(registry: &mut Registry, model: &Model, target: EntityId, field: &mut MetaField) {
    if !model.limits().filtering {
        return;
    }

    let table = model.entity(target).table;
    register_filter(registry, model, target);
    field.args.extend([argument(
        "filters",
        Some("Conditions that the rows must meet."),
        &filter_name(table.type_name),
        None,
    )]);

    if !table.search.is_empty() {
        let columns: Vec<&str> = table.search.iter().map(|&column| table.columns[column].field).collect();
        let description = format!("Rows that match this text in {}.", columns.join(" or "));
        field
            .args
            .extend([argument("search", Some(&description), "String", None)]);
    }
}

fn page_arguments(model: &Model, default: u64, field: &mut MetaField) {
    let limit = format!(
        "Maximum number of rows to return (at most {}).",
        model.limits().max_page_size
    );
    field.args.extend([
        argument("limit", Some(&limit), "Int", Some(default.to_string())),
        argument("offset", Some("Number of rows to skip."), "Int", Some("0".to_owned())),
    ]);
}

/// The argument `distinctOn`.
pub(in crate::graphql) fn distinct_argument(
    registry: &mut Registry,
    entity: &ResolvedTable,
) -> (String, MetaInputValue) {
    register_column_enum(registry, entity);
    let description = "Returns only the first row, in sort order, of the rows with equal values in these columns.";
    argument(
        "distinctOn",
        Some(description),
        &format!("[{}!]", column_enum(entity.table.type_name)),
        None,
    )
}

/// The field with the aggregates of a list.
pub(in crate::graphql) fn aggregate(registry: &mut Registry, model: &Model, target: EntityId, name: &str) -> MetaField {
    let ty = register_aggregate(registry, model.entity(target));
    let mut field = field(
        name,
        Some("Aggregates over the rows that meet the conditions."),
        format!("{ty}!"),
    );
    filter_arguments(registry, model, target, &mut field);
    field
}

/// The field with the groups of a list.
pub(in crate::graphql) fn groups(
    registry: &mut Registry,
    model: &Model,
    target: EntityId,
    name: &str,
    page_size: u64,
) -> MetaField {
    let entity = model.entity(target);
    let type_name = entity.table.type_name;
    register_group(registry, entity);
    register_column_enum(registry, entity);
    let having = register_having(registry, entity);
    let order = register_group_order(registry, entity);

    let description = "Rows grouped by columns, with aggregates per group.";
    let mut field = field(name, Some(description), format!("[{}!]!", group_type(type_name)));
    field.args.extend([argument(
        "by",
        Some("Columns to group by."),
        &format!("[{}!]!", column_enum(type_name)),
        None,
    )]);

    filter_arguments(registry, model, target, &mut field);
    field.args.extend([
        argument("having", Some("Conditions that the groups must meet."), &having, None),
        argument(
            "orderBy",
            Some("Sort order; the first element is the most significant."),
            &format!("[{order}!]"),
            None,
        ),
    ]);

    page_arguments(model, page_size, &mut field);
    field
}

fn register_group(registry: &mut Registry, entity: &ResolvedTable) {
    let type_name = entity.table.type_name;
    let name = group_type(type_name);
    if registry.types.contains_key(&name) {
        return;
    }

    let aggregate = register_aggregate(registry, entity);
    let mut key = IndexMap::new();
    for column in entity.table.columns.iter().filter(|column| column.is_sortable()) {
        let description = Some("Null unless the column is in `by`.");
        key.insert(
            column.field.to_owned(),
            field(column.field, description, column.scalar().to_owned()),
        );
    }

    let key_name = key_type(type_name);
    registry.types.insert(
        key_name.clone(),
        object(&key_name, Some("Values that the rows of a group share."), key),
    );

    let mut fields = IndexMap::new();
    fields.insert(
        "key".to_owned(),
        field("key", Some("Values that the rows share."), format!("{key_name}!")),
    );
    if let Some(functions) = registry.types.get(&aggregate).and_then(|ty| ty.fields()) {
        fields.extend(functions.clone());
    }

    let description = format!(
        "Rows of `{}` with equal values in the columns of `by`.",
        entity.table.name
    );
    registry
        .types
        .insert(name.clone(), object(&name, Some(&description), fields));
}

/// The field with a list in pages, following Relay's specification.
pub(in crate::graphql) fn connection(registry: &mut Registry, model: &Model, index: EntityId, name: &str) -> MetaField {
    let entity = model.entity(index);
    let table = entity.table;
    register_connection(registry, table.type_name);

    let description = format!(
        "Rows of `{}` in pages: use `first` with `after`, or `last` with `before`; {} rows if neither is given.",
        table.name,
        model.limits().page_size
    );
    let mut field = field(
        name,
        Some(&description),
        format!("{}!", connection_type(table.type_name)),
    );

    filter_arguments(registry, model, index, &mut field);
    order_argument(registry, model, index, &mut field);
    let size = format!(
        "Maximum number of rows to return (at most {}).",
        model.limits().max_page_size
    );
    field.args.extend([
        argument("first", Some(&size), "Int", None),
        argument("after", Some("Rows after this cursor."), "String", None),
        argument("last", Some(&size), "Int", None),
        argument("before", Some("Rows before this cursor."), "String", None),
    ]);

    field
}

fn register_connection(registry: &mut Registry, type_name: &str) {
    let list = |fields: Vec<MetaField>| -> IndexMap<String, MetaField> {
        fields.into_iter().map(|field| (field.name.clone(), field)).collect()
    };

    let info = list(vec![
        field(
            "hasNextPage",
            Some("Whether there are rows after this page."),
            "Boolean!".into(),
        ),
        field(
            "hasPreviousPage",
            Some("Whether there are rows before this page."),
            "Boolean!".into(),
        ),
        field(
            "startCursor",
            Some("Cursor of the first row; null if the page is empty."),
            "String".into(),
        ),
        field(
            "endCursor",
            Some("Cursor of the last row; null if the page is empty."),
            "String".into(),
        ),
    ]);

    registry
        .types
        .entry("PageInfo".to_owned())
        .or_insert_with(|| object("PageInfo", Some("Position of a page in the list."), info));

    let edge = edge_type(type_name);
    let cursor = field(
        "cursor",
        Some("Position of the row in the order, for `after` or `before`."),
        "String!".into(),
    );
    let edges = list(vec![cursor, field("node", Some("The row."), format!("{type_name}!"))]);
    registry.types.insert(
        edge.clone(),
        object(&edge, Some(&format!("A row of `{type_name}` with its cursor.")), edges),
    );

    let fields = list(vec![
        field(
            "edges",
            Some("The rows of this page with their cursors."),
            format!("[{edge}!]!"),
        ),
        field("nodes", Some("The rows of this page."), format!("[{type_name}!]!")),
        field(
            "pageInfo",
            Some("Position of this page in the list."),
            "PageInfo!".into(),
        ),
        field("totalCount", Some("Number of rows on all pages."), "Int!".into()),
    ]);

    let name = connection_type(type_name);
    registry.types.insert(
        name.clone(),
        object(&name, Some(&format!("A page of `{type_name}`.")), fields),
    );
}
