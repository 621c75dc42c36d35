//! Tables as GraphQL types, from metadata.

use std::borrow::Cow;
use std::marker::PhantomData;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::Field as AstField;
use async_graphql::registry::{MetaField, Registry};
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};

use crate::graphql::types::building::record_clash;
use crate::graphql::types::building::resolvers_of;
use crate::graphql::types::building::with_model;
use crate::graphql::types::kind_inputs::argument_type;
use crate::graphql::types::kinds::register_kind;
use crate::graphql::types::list_types;
use crate::graphql::types::meta_types;
use crate::graphql::types::meta_types::add;
use crate::graphql::types::meta_types::argument;
use meta::{Function, Table};
use plan::model::{EntityId, Field, Link, Model, Root, aggregate_field, connection_field, groups_field, unique_field};
use rows::Entity;

/// Rows with the fields that the client selected: the result of a hand-written list resolver.
#[derive(Debug, Clone)]
pub struct Many<T>(Value, PhantomData<fn() -> T>);

/// A row with the fields that the client selected, or none: the result of a hand-written resolver.
#[derive(Debug, Clone)]
pub struct One<T>(Value, PhantomData<fn() -> T>);

impl<T> Many<T> {
    pub(in crate::graphql) fn finished(json: Vec<u8>) -> Self {
        Self(Value::Binary(json.into()), PhantomData)
    }
}

impl<T> One<T> {
    pub(in crate::graphql) fn finished(json: Vec<u8>) -> Self {
        Self(Value::Binary(json.into()), PhantomData)
    }
}

impl<T: Entity> OutputType for Many<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("[{}!]", T::TABLE.type_name))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        with_model(|model| register_type::<T>(registry, model));
        Self::qualified_type_name()
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<AstField>) -> ServerResult<Value> {
        Ok(self.0.clone())
    }
}

impl<T: Entity> OutputType for One<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::TABLE.type_name)
    }

    fn qualified_type_name() -> String {
        T::TABLE.type_name.to_owned()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        with_model(|model| register_type::<T>(registry, model));
        Self::qualified_type_name()
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<AstField>) -> ServerResult<Value> {
        Ok(self.0.clone())
    }
}

/// Registers a row type if the model serves its table. A hand-written root may return a table that its schema does not
/// serve: the type then stays without a description, and the schema is rejected (see
/// [`Composition`](super::Composition)).
fn register_type<T: Entity>(registry: &mut Registry, model: &Model) {
    if let Some(index) = model.find(T::TABLE.type_name) {
        register_entity(registry, model, index);
    }
}

/// Registers a table's type and the types that its fields refer to.
pub(in crate::graphql) fn register_entity(registry: &mut Registry, model: &Model, index: EntityId) {
    let entity = model.entity(index);
    let table = entity.table;
    if registry.types.contains_key(table.type_name) {
        return;
    }

    // The name is registered before the fields: they may refer back to this type.
    registry.types.insert(
        table.type_name.to_owned(),
        meta_types::object(table.type_name, table.description, IndexMap::new()),
    );

    let mut fields = IndexMap::new();
    for column in table.columns {
        register_kind(registry, column.kind);
        let scalar = if column.kind.is_object() {
            column.kind.type_name()
        } else {
            column.scalar().into()
        };
        let required = if column.may_be_null() { "" } else { "!" };
        let ty = format!("{}{required}", column.kind.list_type(&scalar));
        add(&mut fields, meta_types::field(column.field, column.description, ty));
    }

    for link in &entity.relations {
        let Link {
            relation,
            target,
            required,
            ..
        } = *link;

        register_entity(registry, model, target);
        let name = model.entity(target).table.type_name;

        if !relation.cardinality.is_many() {
            let required = if required { "!" } else { "" };
            add(
                &mut fields,
                meta_types::field(relation.field, Some("The related row."), format!("{name}{required}")),
            );
            continue;
        }

        let page_size = model.limits().nested_page_size;
        let aggregate_name = aggregate_field(relation.field);
        if matches!(entity.field(&aggregate_name), Some(Field::Aggregate(_))) {
            let aggregate = list_types::aggregate(registry, model, target, &aggregate_name);
            add(&mut fields, aggregate);
        }

        let groups_name = groups_field(relation.field);
        if matches!(entity.field(&groups_name), Some(Field::Groups(_))) {
            let groups = list_types::groups(registry, model, target, &groups_name, page_size);
            add(&mut fields, groups);
        }

        let mut field = meta_types::field(
            relation.field,
            Some("The related rows, ordered by primary key unless `orderBy` is given."),
            format!("[{name}!]!"),
        );
        list_types::list_arguments(registry, model, target, page_size, &mut field);
        add(&mut fields, field);
    }

    for extension in resolvers_of(table.type_name) {
        if fields.contains_key(extension.meta.field) {
            record_clash(
                extension.meta.field,
                &format!("the table `{}`", table.name),
                extension.location,
            );
        }
        add(&mut fields, (extension.describe)(registry));
    }

    registry.types.insert(
        table.type_name.to_owned(),
        meta_types::object(table.type_name, table.description, fields),
    );
}

/// A root field that looks up a single row by the columns of a key.
fn lookup(table: &Table, key: &[usize], name: &str, description: &str) -> MetaField {
    let mut field = meta_types::field(name, Some(description), table.type_name.to_owned());
    for &column in key {
        let column = &table.columns[column];
        field.args.extend([argument(
            column.field,
            column.description,
            &format!("{}!", column.scalar()),
            None,
        )]);
    }
    field
}

/// A root field with the rows that a function of the database returns.
fn function_field(registry: &mut Registry, model: &Model, index: EntityId, function: &Function) -> MetaField {
    let table = model.entity(index).table;
    let usual = format!(
        "The rows of `{}` that the function `{}` returns.",
        table.name, function.name.name
    );
    let description = function.description.unwrap_or(&usual);
    let ty = if function.many {
        format!("[{}!]!", table.type_name)
    } else {
        table.type_name.to_owned()
    };

    let mut field = meta_types::field(function.field, Some(description), ty);
    for given in function.arguments {
        let ty = argument_type(registry, given);
        field.args.extend([argument(given.field, None, &ty, None)]);
    }
    if function.many {
        list_types::list_arguments(registry, model, index, model.limits().page_size, &mut field);
    }

    field
}

/// The root fields of all tables of a model.
pub(in crate::graphql) fn root_fields(registry: &mut Registry, model: &Model) -> IndexMap<String, MetaField> {
    let mut fields = IndexMap::new();
    for (index, entity) in model.entities_with_ids() {
        register_entity(registry, model, index);
        let table = entity.table;

        if model.root(table.one) == Some(Root::One(index)) {
            let description = format!(
                "Looks up a row of `{}` by its primary key; null if there is none.",
                table.name
            );
            add(&mut fields, lookup(table, table.primary_key, table.one, &description));
        }

        for &key in table.unique_keys {
            let name = unique_field(table, key);
            if model.root(&name) == Some(Root::Unique(index, key)) {
                let description = format!(
                    "Looks up a row of `{}` by a unique key; null if there is none.",
                    table.name
                );
                add(&mut fields, lookup(table, key, &name, &description));
            }
        }

        let description = format!(
            "Lists `{}`, ordered by primary key unless `orderBy` is given.",
            table.name
        );
        let mut field = meta_types::field(table.many, Some(&description), format!("[{}!]!", table.type_name));
        let page_size = model.limits().page_size;
        list_types::list_arguments(registry, model, index, page_size, &mut field);
        if entity.is_groupable() {
            field.args.extend([list_types::distinct_argument(registry, entity)]);
        }
        add(&mut fields, field);

        for (at, function) in table.functions.iter().enumerate() {
            if model.root(function.field) == Some(Root::Function(index, at)) {
                add(&mut fields, function_field(registry, model, index, function));
            }
        }

        let name = connection_field(table.many);
        if model.root(&name) == Some(Root::Connection(index)) {
            let connection = list_types::connection(registry, model, index, &name);
            add(&mut fields, connection);
        }

        let name = aggregate_field(table.many);
        if model.root(&name) == Some(Root::Aggregate(index)) {
            let aggregate = list_types::aggregate(registry, model, index, &name);
            add(&mut fields, aggregate);
        }

        let name = groups_field(table.many);
        if model.root(&name) == Some(Root::Groups(index)) {
            let groups = list_types::groups(registry, model, index, &name, page_size);
            add(&mut fields, groups);
        }
    }

    fields
}
