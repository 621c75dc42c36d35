//! What a client asked for, freed of GraphQL's syntax: fragments spread, directives decided, equal fields merged,
//! variables followed.

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
    /// The field.
    pub name: String,
    /// Where it stands in the request first.
    pub position: Pos,
    /// Where all its mentions stand, which were merged into one.
    pub positions: Vec<Pos>,
    /// Its arguments; one whose variable was not given is not there.
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
