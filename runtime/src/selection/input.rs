//! Argument values that remember which variable they came from.

use async_graphql::Value;

/// A place inside a variable: its name, then keys and indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariablePath {
    /// The variable, without `$`.
    pub name: String,
    /// The way down from its value.
    pub steps: Vec<Step>,
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into an object.
    Key(String),
    /// Into a list.
    Index(usize),
}

impl VariablePath {
    /// The path of a whole variable.
    pub fn root(name: &str) -> Self {
        Self { name: name.to_owned(), steps: Vec::new() }
    }

    fn then(&self, step: Step) -> Self {
        let mut path = self.clone();
        path.steps.push(step);
        path
    }

    /// The value there, if the variables have one.
    pub fn follow<'v>(&self, variables: &'v async_graphql::Variables) -> Option<&'v Value> {
        let mut value = variables.get(&async_graphql::Name::new(&self.name))?;
        for step in &self.steps {
            value = match (step, value) {
                (Step::Key(key), Value::Object(object)) => object.get(key.as_str())?,
                (Step::Index(index), Value::List(list)) => list.get(*index)?,
                // A single value where a list is expected stands for a list of one.
                (Step::Index(0), single) => single,
                _ => return None,
            };
        }
        Some(value)
    }
}

/// A value given to an argument, and where a later request with the same plan finds its own.
#[derive(Debug, Clone)]
pub struct Input {
    /// The value.
    pub value: InputValue,
    /// The variable it came from; `None` for one written in the request's text.
    pub source: Option<VariablePath>,
}

/// A value's structure.
#[derive(Debug, Clone)]
pub enum InputValue {
    /// `null`, number, text, boolean or enum value.
    Leaf(Value),
    /// A list.
    List(Vec<Input>),
    /// An object.
    Object(Vec<(String, Input)>),
}

impl Input {
    /// A value without a variable, or with the place its root came from.
    pub fn new(value: Value, source: Option<VariablePath>) -> Self {
        let below = |step| source.as_ref().map(|path| path.then(step));
        let value = match value {
            Value::List(list) => InputValue::List(
                list.into_iter().enumerate().map(|(at, item)| Self::new(item, below(Step::Index(at)))).collect(),
            ),
            Value::Object(object) => InputValue::Object(
                object
                    .into_iter()
                    .map(|(key, item)| {
                        let source = below(Step::Key(key.to_string()));
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

    /// The value alone.
    pub fn to_value(&self) -> Value {
        match &self.value {
            InputValue::Leaf(leaf) => leaf.clone(),
            InputValue::List(list) => Value::List(list.iter().map(Self::to_value).collect()),
            InputValue::Object(object) => Value::Object(
                object.iter().map(|(key, item)| (async_graphql::Name::new(key), item.to_value())).collect(),
            ),
        }
    }
}
