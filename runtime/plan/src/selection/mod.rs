//! What a client selected, independent of GraphQL's syntax: fragments expanded, directives evaluated, equal fields
//! merged, variables resolved.

mod bounds;
mod collect;
mod expansion;
mod input;
mod inputs;

pub use bounds::Bounds;
pub use collect::{Collector, SelectionError, VariableScope};
pub use expansion::{MAX_NESTING, check_expansion};
pub use input::{Input, InputValue, VariablePath};
pub use inputs::size;

use std::sync::Arc;

use async_graphql_parser::Pos;

/// A field of the answer.
#[derive(Debug, Clone)]
pub struct Selected {
    /// The key in the answer: the alias, or the field's name.
    pub key: String,
    /// The field's name.
    pub name: String,
    /// The position of its first mention in the request.
    pub position: Pos,
    /// The positions of all its mentions, which were merged into one.
    pub positions: Vec<Pos>,
    /// Its arguments, except those whose variable was not given.
    pub arguments: Vec<(String, Arc<Input>)>,
    /// The fields below it.
    pub fields: Vec<Selected>,
}

impl Selected {
    /// An argument, if it was given.
    pub fn argument(&self, name: &str) -> Option<&Input> {
        self.arguments
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, input)| input.as_ref())
    }
}
