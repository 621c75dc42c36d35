//! The values of arguments, with variables resolved. A variable is read once, however many fields use it.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql_value::Value as Node;
use async_graphql_value::{ConstValue as Value, Name, Variables};

use super::input::VariablePath;
use super::{Input, InputValue};

/// The most bytes of variables used inside of lists and objects, each use counted: these are copied.
pub(super) const MAX_COPIED_BYTES: usize = 4 * 1024 * 1024;

/// More than [`MOST_COPIED`] bytes would be copied.
#[derive(Debug)]
pub(super) struct TooLarge;

/// Reads the arguments of one request.
pub(super) struct Inputs<'v> {
    variables: &'v Variables,
    /// The variables that have already been read.
    read: HashMap<&'v str, Arc<Input>>,
    copied: usize,
}

impl<'v> Inputs<'v> {
    pub(super) fn new(variables: &'v Variables) -> Self {
        Self {
            variables,
            read: HashMap::new(),
            copied: 0,
        }
    }

    /// An argument's value; `None` if it is a variable that was not given.
    pub(super) fn argument(&mut self, node: &'v Node) -> Result<Option<Arc<Input>>, TooLarge> {
        match node {
            Node::Variable(name) => Ok(self.variable(name)),
            _ => Ok(self.value(node)?.map(Arc::new)),
        }
    }

    fn variable(&mut self, name: &'v Name) -> Option<Arc<Input>> {
        if let Some(known) = self.read.get(name.as_str()) {
            return Some(Arc::clone(known));
        }

        let value = self.variables.get(name)?;
        let input = Arc::new(Input::new(value.clone(), Some(VariablePath::root(name))));
        self.read.insert(name.as_str(), Arc::clone(&input));
        Some(input)
    }

    fn value(&mut self, node: &'v Node) -> Result<Option<Input>, TooLarge> {
        let value = match node {
            Node::Variable(name) => {
                let Some(input) = self.variable(name) else {
                    return Ok(None);
                };

                // Lists and objects are shared; texts are copied.
                if let InputValue::Leaf(leaf) = &input.value {
                    self.copied = self.copied.saturating_add(size(leaf));
                }
                if self.copied > MAX_COPIED_BYTES {
                    return Err(TooLarge);
                }

                return Ok(Some(Input::clone(&input)));
            }
            Node::Null => Value::Null,
            Node::Number(number) => Value::Number(number.clone()),
            Node::String(text) => Value::String(text.clone()),
            Node::Boolean(value) => Value::Boolean(*value),
            Node::Binary(bytes) => Value::Binary(bytes.clone()),
            Node::Enum(name) => Value::Enum(name.clone()),
            Node::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.push(self.value(item)?.unwrap_or_else(|| Input::new(Value::Null, None)));
                }
                return Ok(Some(Input {
                    value: InputValue::List(list.into()),
                    source: None,
                }));
            }
            Node::Object(object) => {
                let mut members = Vec::with_capacity(object.len());
                for (key, item) in object {
                    if let Some(input) = self.value(item)? {
                        members.push((key.to_string(), input));
                    }
                }
                return Ok(Some(Input {
                    value: InputValue::Object(members.into()),
                    source: None,
                }));
            }
        };

        Ok(Some(Input::new(value, None)))
    }
}

/// The approximate size of a value in bytes.
pub fn size(value: &Value) -> usize {
    const VALUE_OVERHEAD: usize = 32;
    VALUE_OVERHEAD
        + match value {
            Value::String(text) => text.len(),
            Value::Binary(bytes) => bytes.len(),
            Value::List(items) => items.iter().map(size).sum(),
            Value::Object(members) => members.iter().map(|(key, item)| key.len() + size(item)).sum(),
            Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Enum(_) => 0,
        }
}
