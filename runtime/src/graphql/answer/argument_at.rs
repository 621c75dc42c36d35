//! Finds the argument of a document at a position: async-graphql reports only the position of an invalid value.

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Name, Pos, Positioned};
use async_graphql_value::Value;

/// The name and the value of an argument as written in the document.
pub(in crate::graphql) type Argument = (Positioned<Name>, Positioned<Value>);

/// The argument whose name or value begins at a position.
pub(in crate::graphql) fn argument_at(document: &ExecutableDocument, at: Pos) -> Option<&Argument> {
    let operations = document
        .operations
        .iter()
        .map(|(_, operation)| &operation.node.selection_set);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set);

    operations
        .chain(fragments)
        .find_map(|selection| find_in_selection(&selection.node, at))
}

/// The argument in a selection or below it. The parser's depth limit bounds the recursion.
fn find_in_selection(selection: &SelectionSet, at: Pos) -> Option<&Argument> {
    selection.items.iter().find_map(|item| match &item.node {
        Selection::Field(field) => {
            find_in_field(&field.node, at).or_else(|| find_in_selection(&field.node.selection_set.node, at))
        }
        Selection::InlineFragment(fragment) => find_in_selection(&fragment.node.selection_set.node, at),
        Selection::FragmentSpread(_) => None,
    })
}

fn find_in_field(field: &Field, at: Pos) -> Option<&Argument> {
    field
        .arguments
        .iter()
        .find(|(name, value)| name.pos == at || value.pos == at)
}

/// Whether a value is a variable or contains one.
pub(in crate::graphql) fn has_variables(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(items) => items.iter().any(has_variables),
        Value::Object(members) => members.values().any(has_variables),
        _ => false,
    }
}
