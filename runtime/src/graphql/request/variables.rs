//! The variables of an operation: defaults, required values, and how their values affect the plan.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Positioned, Value, Variables};
use async_graphql_value::Value as Node;

use crate::graphql::answer::AnswerError;
use crate::graphql::types::scalars::is_scalar;

/// The definitions of an operation's variables.
#[derive(Debug)]
pub(in crate::graphql) struct Definitions {
    list: Vec<Definition>,
}

#[derive(Debug)]
struct Definition {
    name: Name,
    ty: Type,
    default: Option<Value>,
    influence: Influence,
}

/// How a variable's value changes the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Influence {
    /// Its values are bound: only its presence matters.
    Presence,
    /// Its structure matters; its scalars are bound.
    Structure,
    /// The whole value matters: it decides `@skip` or selects columns.
    Whole,
}

impl Definitions {
    pub(in crate::graphql) fn of(document: &ExecutableDocument, operation: &OperationDefinition) -> Self {
        let mut deciding = BTreeSet::new();
        collect_deciding(&operation.selection_set.node, &mut deciding);
        #[expect(clippy::iter_over_hash_type, reason = "what is collected is a set")]
        for fragment in document.fragments.values() {
            collect_deciding(&fragment.node.selection_set.node, &mut deciding);
        }

        let list = operation
            .variable_definitions
            .iter()
            .map(|definition| {
                let definition = &definition.node;
                let name = definition.name.node.clone();
                let base = base_name(&definition.var_type.node);
                let influence = if deciding.contains(&name) {
                    Influence::Whole
                } else if base == "JSON" {
                    Influence::Presence
                } else if is_scalar(base) || base.ends_with("Filter") {
                    Influence::Structure
                } else {
                    Influence::Whole
                };
                Definition {
                    name,
                    ty: definition.var_type.node.clone(),
                    default: definition.default_value.as_ref().map(|value| value.node.clone()),
                    influence,
                }
            })
            .collect();

        Self { list }
    }

    /// The values with defaults filled in, or an error for each required value that is missing.
    pub(in crate::graphql) fn complete(&self, mut given: Variables) -> Result<Variables, Vec<AnswerError>> {
        let mut errors = Vec::new();
        for definition in &self.list {
            if let Some(default) = &definition.default
                && !given.contains_key(&definition.name)
            {
                given.insert(definition.name.clone(), default.clone());
            }

            let missing = matches!(given.get(&definition.name), None | Some(Value::Null));
            if missing && !definition.ty.nullable {
                errors.push(AnswerError::new(
                    format!(
                        "Variable `${}` of type `{}` needs a value",
                        definition.name, definition.ty
                    ),
                    "BAD_USER_INPUT",
                ));
            }
        }

        if errors.is_empty() { Ok(given) } else { Err(errors) }
    }

    /// A text that is equal for all values with the same plan.
    pub(in crate::graphql) fn fingerprint(&self, variables: &Variables) -> Box<str> {
        let mut text = String::new();
        for definition in &self.list {
            match variables.get(&definition.name) {
                None => text.push('-'),
                Some(value) => shape(value, definition.influence, &mut text),
            }
        }
        text.into()
    }
}

fn shape(value: &Value, influence: Influence, text: &mut String) {
    match (value, influence) {
        (value, Influence::Whole) => {
            let _ = write!(text, "={value};");
        }
        (Value::Null, _) => text.push('0'),
        (Value::List(items), Influence::Structure) => {
            text.push('[');
            if items
                .iter()
                .any(|item| matches!(item, Value::Object(_) | Value::List(_)))
            {
                for item in items {
                    shape(item, influence, text);
                }
            } else {
                // A list of scalars is one parameter, whatever its length; but a null in it is refused, and two
                // values may be the bounds of `between`.
                text.push(match (items.contains(&Value::Null), items.len()) {
                    (true, _) => 'n',
                    (false, 2) => '2',
                    (false, _) => 'v',
                });
            }
            text.push(']');
        }
        (Value::Object(fields), Influence::Structure) => {
            text.push('{');
            for (name, item) in fields {
                let _ = write!(text, "{name}:");
                shape(item, influence, text);
            }
            text.push('}');
        }
        (Value::Boolean(value), Influence::Structure) => text.push(if *value { 't' } else { 'f' }),
        _ => text.push('v'),
    }
}

fn base_name(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base_name(inner),
    }
}

/// Collects the variables of `@skip(if:)` and `@include(if:)`.
fn collect_deciding(set: &SelectionSet, names: &mut BTreeSet<Name>) {
    for item in &set.items {
        let (directives, below) = match &item.node {
            Selection::Field(field) => (&field.node.directives, Some(&field.node.selection_set)),
            Selection::InlineFragment(fragment) => (&fragment.node.directives, Some(&fragment.node.selection_set)),
            Selection::FragmentSpread(spread) => (&spread.node.directives, None),
        };
        names.extend(directives.iter().filter_map(deciding_variable));
        if let Some(below) = below {
            collect_deciding(&below.node, names);
        }
    }
}

fn deciding_variable(directive: &Positioned<Directive>) -> Option<Name> {
    match &directive.node.get_argument("if")?.node {
        Node::Variable(name) => Some(name.clone()),
        _ => None,
    }
}
