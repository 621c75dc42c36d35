//! From a parsed document to [`Selected`] fields.

use std::collections::HashMap;

use async_graphql::parser::types::{Directive, Field, FragmentDefinition, Selection, SelectionSet};
use async_graphql::{Name, Pos, Positioned, Value, Variables};
use async_graphql_value::Value as Node;

use super::input::VariablePath;
use super::{Input, InputValue, Selected};

/// The variables of a request with their defaults.
pub type VariableScope = Variables;

/// A request whose fields cannot be collected.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct SelectionError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub position: Pos,
}

/// Collects fields of a validated document.
pub struct Collector<'a> {
    /// The document's fragments.
    pub fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// The request's variables, defaults filled in.
    pub variables: &'a VariableScope,
}

impl Collector<'_> {
    /// The fields of a selection set, in the order of their first mention.
    pub fn fields(&self, set: &SelectionSet) -> Result<Vec<Selected>, SelectionError> {
        let mut fields = Vec::new();
        self.add(set, &mut fields)?;
        Ok(fields)
    }

    /// One field with everything below it.
    pub fn field(&self, field: &Positioned<Field>) -> Result<Selected, SelectionError> {
        let node = &field.node;
        let mut arguments = Vec::with_capacity(node.arguments.len());
        for (name, value) in &node.arguments {
            if let Some(input) = self.input(&value.node) {
                arguments.push((name.node.to_string(), input));
            }
        }
        Ok(Selected {
            key: node.response_key().node.to_string(),
            name: node.name.node.to_string(),
            position: field.pos,
            positions: vec![field.pos],
            arguments,
            fields: self.fields(&node.selection_set.node)?,
        })
    }

    fn add(&self, set: &SelectionSet, fields: &mut Vec<Selected>) -> Result<(), SelectionError> {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    if self.is_included(&field.node.directives)? {
                        merge(fields, self.field(field)?);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    if self.is_included(&fragment.node.directives)? {
                        self.add(&fragment.node.selection_set.node, fields)?;
                    }
                }
                Selection::FragmentSpread(spread) => {
                    if self.is_included(&spread.node.directives)? {
                        let name = &spread.node.fragment_name.node;
                        let fragment = self.fragments.get(name).ok_or_else(|| SelectionError {
                            message: format!("Unknown fragment `{name}`"),
                            position: item.pos,
                        })?;
                        self.add(&fragment.node.selection_set.node, fields)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What `@skip` and `@include` decide.
    fn is_included(&self, directives: &[Positioned<Directive>]) -> Result<bool, SelectionError> {
        for directive in directives {
            let wanted = match directive.node.name.node.as_str() {
                "include" => true,
                "skip" => false,
                _ => continue,
            };
            let condition = directive.node.get_argument("if").and_then(|value| self.input(&value.node));
            match condition.map(|input| input.value) {
                Some(InputValue::Leaf(Value::Boolean(value))) if value == wanted => {}
                Some(InputValue::Leaf(Value::Boolean(_))) => return Ok(false),
                _ => {
                    return Err(SelectionError {
                        message: format!("`@{}` needs a boolean `if`", directive.node.name.node),
                        position: directive.pos,
                    });
                }
            }
        }
        Ok(true)
    }

    /// A value with its variables followed; `None` where the whole value is a variable that was not given.
    fn input(&self, node: &Node) -> Option<Input> {
        let value = match node {
            Node::Variable(name) => {
                let value = self.variables.get(name)?;
                return Some(Input::new(value.clone(), Some(VariablePath::root(name))));
            }
            Node::Null => Value::Null,
            Node::Number(number) => Value::Number(number.clone()),
            Node::String(text) => Value::String(text.clone()),
            Node::Boolean(value) => Value::Boolean(*value),
            Node::Binary(bytes) => Value::Binary(bytes.clone()),
            Node::Enum(name) => Value::Enum(name.clone()),
            Node::List(items) => {
                let null = || Input::new(Value::Null, None);
                let items = items.iter().map(|item| self.input(item).unwrap_or_else(null)).collect();
                return Some(Input { value: InputValue::List(items), source: None });
            }
            Node::Object(object) => {
                let object =
                    object.iter().filter_map(|(key, item)| Some((key.to_string(), self.input(item)?))).collect();
                return Some(Input { value: InputValue::Object(object), source: None });
            }
        };
        Some(Input::new(value, None))
    }
}

/// Two mentions of one key are one field with the fields of both, see "Field Collection" in the specification.
fn merge(fields: &mut Vec<Selected>, field: Selected) {
    match fields.iter_mut().find(|known| known.key == field.key) {
        Some(known) => {
            known.positions.extend(field.positions);
            for below in field.fields {
                merge(&mut known.fields, below);
            }
        }
        None => fields.push(field),
    }
}
