//! Argument values that remember which variable they came from.

use std::sync::Arc;

use async_graphql_value::{ConstValue as Value, Name};

/// A place inside a variable. Clones share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariablePath(Arc<Place>);

#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// The whole variable, by its name without `$`.
    Root(String),
    /// One step into the value at another place.
    Below(VariablePath, Step),
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// Into an object.
    Key(Name),
    /// Into a list.
    Index(usize),
}

impl VariablePath {
    /// The path of a whole variable.
    pub fn root(name: &str) -> Self {
        Self(Arc::new(Place::Root(name.to_owned())))
    }

    fn then(&self, step: Step) -> Self {
        Self(Arc::new(Place::Below(self.clone(), step)))
    }

    /// The value at this place, if the variables have one.
    pub fn follow<'v>(&self, variables: &'v async_graphql_value::Variables) -> Option<&'v Value> {
        match &*self.0 {
            Place::Root(name) => variables.get(&Name::new(name)),
            Place::Below(above, step) => match (step, above.follow(variables)?) {
                (Step::Key(key), Value::Object(object)) => object.get(key),
                (Step::Index(index), Value::List(list)) => list.get(*index),
                // A single value where a list is expected is a list of one (GraphQL's input coercion).
                (Step::Index(0), single) => Some(single),
                _ => None,
            },
        }
    }
}

/// A value given to an argument, and where a later request with the same plan finds its value.
#[derive(Debug, Clone)]
pub struct Input {
    /// The value.
    pub value: InputValue,
    /// The place in a variable that it came from; `None` if it is written in the request's text.
    pub source: Option<VariablePath>,
}

/// The structure of a value. Clones share the contents of lists and objects.
#[derive(Debug, Clone)]
pub enum InputValue {
    /// `null`, number, text, boolean or enum value.
    Leaf(Value),
    /// A list.
    List(Arc<[Input]>),
    /// An object.
    Object(Arc<[(String, Input)]>),
}

impl Input {
    /// A value, with the place in a variable that it came from, if any.
    pub fn new(value: Value, source: Option<VariablePath>) -> Self {
        let below = |step| source.as_ref().map(|path| path.then(step));
        let value = match value {
            Value::List(list) => InputValue::List(
                list.into_iter()
                    .enumerate()
                    .map(|(at, item)| Self::new(item, below(Step::Index(at))))
                    .collect(),
            ),
            Value::Object(object) => InputValue::Object(
                object
                    .into_iter()
                    .map(|(key, item)| {
                        let source = below(Step::Key(key.clone()));
                        (key.to_string(), Self::new(item, source))
                    })
                    .collect(),
            ),
            leaf => InputValue::Leaf(leaf),
        };
        Self { value, source }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.value, InputValue::Leaf(Value::Null))
    }

    /// Whether it or a value inside of it came from a variable.
    pub fn has_variables(&self) -> bool {
        self.source.is_some()
            || match &self.value {
                InputValue::Leaf(_) => false,
                InputValue::List(items) => items.iter().any(Self::has_variables),
                InputValue::Object(fields) => fields.iter().any(|(_, field)| field.has_variables()),
            }
    }

    /// The value without its sources.
    pub fn to_value(&self) -> Value {
        match &self.value {
            InputValue::Leaf(leaf) => leaf.clone(),
            InputValue::List(list) => Value::List(list.iter().map(Self::to_value).collect()),
            InputValue::Object(object) => Value::Object(
                object
                    .iter()
                    .map(|(key, item)| (async_graphql_value::Name::new(key), item.to_value()))
                    .collect(),
            ),
        }
    }
}
