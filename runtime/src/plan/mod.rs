//! An operation compiled: which statements run, what they bind, and how their rows become JSON. Pure.

mod aggregate;
mod build;
mod condition;
mod error;
mod filter;
mod limits;
mod order;
mod program;
mod select;

pub use build::{PlanBuilder, RootSelection};
pub use condition::{Case, Comparison, Condition};
pub use error::PlanError;
pub use limits::check_fields;
pub use program::{Operation, Program};
pub use select::{
    Aggregate, ColumnRef, Direction, Expression, Join, KeyLink, Limit, Nulls, Order, Page, Select, Subselect,
};

pub(crate) use aggregate::{aggregate_type, function_type};
pub(crate) use filter::OPERATORS;
pub(crate) use order::{DIRECTIONS, count_name};

use std::borrow::Cow;

use async_graphql::{Value, Variables};

use crate::meta::Kind;
use crate::selection::{Input, InputValue, VariablePath};

/// An operation's planned root fields. The number of statements is the number of its [`Level`]s.
#[derive(Debug)]
pub struct Plan {
    /// The root fields, in the order of the answer.
    pub roots: Vec<PlannedRoot>,
    /// A parent stands before its children.
    pub levels: Vec<Level>,
    /// The values to bind, which statements refer to by index.
    pub parameters: Vec<Parameter>,
}

/// A root field of the answer.
#[derive(Debug)]
pub struct PlannedRoot {
    /// The key in the answer.
    pub key: String,
    /// Where its value comes from.
    pub source: RootSource,
}

/// Where a root field's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootSource {
    /// A level's rows as a list.
    Rows(usize),
    /// A level's only row, or `null`.
    Row(usize),
    /// `__typename`.
    Typename(&'static str),
}

/// One statement: the rows of a root field or of a to-many field for all its parents together.
#[derive(Debug)]
pub struct Level {
    /// What is selected.
    pub select: Select,
    /// How a row becomes JSON.
    pub program: Program,
    /// The statement's text and what it binds.
    pub statement: Statement,
    /// The levels below, in the order of their places in the program.
    pub children: Vec<Child>,
    /// For a level with one object for each parent, such as an aggregate: the text for a parent without rows.
    pub single: Option<Box<[u8]>>,
}

/// A level below another.
#[derive(Debug)]
pub struct Child {
    /// The level, an index into [`Plan::levels`].
    pub level: usize,
    /// The slots in the parent's row whose values are the child's keys, and how they are bound.
    pub keys: Vec<(usize, Kind)>,
}

/// A statement's text and its values in the order of its placeholders.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The text.
    pub sql: std::sync::Arc<str>,
    /// For each placeholder what it binds.
    pub binds: Vec<Bind>,
}

/// What a placeholder binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bind {
    /// A value of the request, an index into [`Plan::parameters`].
    Parameter(usize),
    /// The list of the parents' keys; of a composite key the column with this number.
    Keys(usize),
    /// All columns of the parents' keys as one JSON list.
    KeysJson,
}

/// A value of the request.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// What it is bound as.
    pub kind: ParameterKind,
    /// Whether it is a list of that.
    pub list: bool,
    /// Where it is found.
    pub source: ParameterSource,
    /// The name of the argument or field it was given for, for error messages.
    pub name: String,
}

/// What a parameter is bound as.
#[derive(Debug, Clone, Copy)]
pub enum ParameterKind {
    /// A column's value.
    Column(Kind),
    /// A pattern of `like`: a text in which `%` and `_` have a meaning.
    Pattern,
    /// A `limit`, checked against the largest page.
    Limit {
        /// The largest allowed.
        max: u64,
        /// The value for an explicit `null`.
        default: u64,
    },
    /// An `offset`.
    Offset,
}

/// Where a parameter's value is found.
#[derive(Debug, Clone)]
pub enum ParameterSource {
    /// In the operation's text, or in Rust code.
    Constant(Value),
    /// In the request's variables.
    Variable(VariablePath),
    /// A list in the operation's text with variables among its items.
    List(Vec<ParameterSource>),
}

impl ParameterSource {
    /// Where later requests find what this one found in an argument.
    pub fn of(input: &Input) -> Self {
        match (&input.source, &input.value) {
            (Some(path), _) => Self::Variable(path.clone()),
            (None, InputValue::List(items)) if items.iter().any(|item| item.source.is_some()) => {
                Self::List(items.iter().map(Self::of).collect())
            }
            (None, _) => Self::Constant(input.to_value()),
        }
    }

    /// The value for a request.
    pub fn value<'v>(&'v self, variables: &'v Variables) -> Cow<'v, Value> {
        match self {
            Self::Constant(value) => Cow::Borrowed(value),
            Self::Variable(path) => Cow::Borrowed(path.follow(variables).unwrap_or(&Value::Null)),
            Self::List(items) => {
                Cow::Owned(Value::List(items.iter().map(|item| item.value(variables).into_owned()).collect()))
            }
        }
    }
}
