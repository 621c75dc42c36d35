//! An operation compiled: which statements run, what they bind, and how their rows become JSON. Pure.

mod access;
mod aggregate;
mod arguments;
mod around;
mod build;
mod condition;
mod connection;
mod cost;
mod error;
mod filter;
mod function;
mod groups;
mod input_limits;
mod json_filter;
mod keyset;
mod limits;
mod link;
mod order;
mod program;
mod row_bounds;
mod select;

pub use access::{Access, Grant};
pub use build::{PlanBuilder, RootSelection};
pub use condition::{Case, Comparison, Condition};
pub use connection::{Connection, ConnectionPart};
pub use error::PlanError;
pub use limits::{check_document, check_fields};
pub use program::{Operation, Program};
pub use row_bounds::{check_rows, is_heavy};
pub use select::{
    Aggregate, ColumnRef, Direction, Expression, Grouping, Join, JoinPairs, KeyLink, Limit, Nulls, Order, Page, Select,
    Source, Subselect,
};

pub use aggregate::{aggregate_type, function_type};
pub use connection::{connection_type, edge_type};
pub use filter::{ARRAY_OPERATORS, OPERATORS, RANGE_OPERATORS};
pub use groups::{group_type, key_type};
pub use keyset::{decode_cursor, encode_cursor};
pub use order::{DIRECTIONS, ONE_KEY, count_name};

use std::borrow::Cow;

use async_graphql_value::{ConstValue as Value, Name, Variables};

use crate::selection::{Input, InputValue, VariablePath};
use crate::viewer::Viewer;
use meta::{Kind, Operand};

/// An operation's planned root fields. The number of statements is the number of its [`Level`]s.
#[derive(Debug)]
pub struct Plan {
    /// The root fields, in the order of the answer.
    pub roots: Vec<PlannedRoot>,
    /// A parent stands before its children.
    pub levels: Vec<Level>,
    /// The largest [`Level::depth`].
    pub depth: usize,
    /// The values to bind, which statements refer to by index.
    pub parameters: Vec<Parameter>,
    /// The most bytes of its answer.
    pub max_answer: usize,
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
#[derive(Debug)]
pub enum RootSource {
    /// A level's rows as a list.
    Rows(usize),
    /// A level's only row, or `null`.
    Row(usize),
    /// Rows in pages.
    Connection(Connection),
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
    /// The levels below, in the order of their places in the program.
    pub children: Vec<Child>,
    /// The fields of its rows that Rust code computes.
    pub extensions: Vec<Extended>,
    /// For a level with one object for each parent, such as an aggregate: the text for a parent without rows.
    pub single: Option<Box<[u8]>>,
    /// The slots that a row's cursor is made of, where one is asked for.
    pub cursor: Option<Cursor>,
    /// The level above it.
    pub parent: Option<Parent>,
    /// How many levels are above it.
    pub depth: usize,
    /// What its filters, orders and aggregates cost beside its rows, in rows.
    pub cost: u64,
}

/// A level's place below another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    /// The level, an index into [`Plan::levels`].
    pub level: usize,
    /// Which of its children, an index into [`Level::children`].
    pub child: usize,
}

/// What a row's cursor is made of.
#[derive(Debug)]
pub struct Cursor {
    /// Tells orders apart: a cursor of another order is refused.
    pub fingerprint: u64,
    /// The order's values.
    pub slots: Vec<(usize, Kind)>,
    /// Whether the values travel as they are stored, since the order goes by that.
    pub as_stored: bool,
}

/// A level below another.
#[derive(Debug)]
pub struct Child {
    /// The level, an index into [`Plan::levels`].
    pub level: usize,
    /// The slots in the parent's row whose values are the child's keys, and how they are bound.
    pub keys: Vec<(usize, Kind)>,
    /// The keys from the parent's object down to the list, for error messages.
    pub path: Box<[String]>,
}

/// A field that Rust code computes from some columns of a row.
#[derive(Debug)]
pub struct Extended {
    /// Which one, an index into [`Model::extensions`](crate::model::Model::extensions).
    pub extension: usize,
    /// The slots of the columns that it needs, in its order.
    pub slots: Vec<usize>,
    /// Where its mentions stand in the request.
    pub positions: Vec<async_graphql_parser::Pos>,
    /// The keys from the row's object down to the field.
    pub path: Box<[String]>,
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
#[derive(Debug, Clone, Copy, PartialEq)]
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
    /// A page's size, one row more than asked for; checked against the largest page.
    First {
        /// The largest allowed.
        max: u64,
        /// The value for an explicit `null`.
        default: u64,
    },
    /// A cursor's value.
    Cursor {
        /// Its place in the cursor.
        at: usize,
        /// The order's fingerprint, which the cursor must have.
        fingerprint: u64,
        /// What it is bound as.
        kind: Kind,
    },
    /// A list of an array column's elements.
    Array(&'static Kind),
    /// A value of the viewer's; null where it has none that the column could hold.
    Viewer(Kind),
    /// A path into JSON.
    JsonPath,
    /// A key of a JSON object, as a path to it or as it is.
    JsonKey,
}

/// Where a parameter's value is found.
#[derive(Debug, Clone)]
pub enum ParameterSource {
    /// In the operation's text, or in Rust code.
    Constant(Value),
    /// In the request's variables.
    Variable(VariablePath),
    /// In what is known of the viewer.
    Viewer(Operand),
    /// A list in the operation's text with variables among its items.
    List(Vec<ParameterSource>),
    /// An object in the operation's text with variables among its values.
    Object(Vec<(Name, ParameterSource)>),
}

impl ParameterSource {
    /// Where later requests find what this one found in an argument.
    pub fn of(input: &Input) -> Self {
        match (&input.source, &input.value) {
            (Some(path), _) => Self::Variable(path.clone()),
            (None, InputValue::List(items)) if items.iter().any(Input::has_variables) => {
                Self::List(items.iter().map(Self::of).collect())
            }
            (None, InputValue::Object(fields)) if fields.iter().any(|(_, field)| field.has_variables()) => {
                Self::Object(
                    fields
                        .iter()
                        .map(|(name, field)| (Name::new(name), Self::of(field)))
                        .collect(),
                )
            }
            (None, _) => Self::Constant(input.to_value()),
        }
    }

    /// The value for a request.
    pub fn value<'v>(&'v self, variables: &'v Variables, viewer: &Viewer) -> Cow<'v, Value> {
        match self {
            Self::Constant(value) => Cow::Borrowed(value),
            Self::Variable(path) => Cow::Borrowed(path.follow(variables).unwrap_or(&Value::Null)),
            Self::Viewer(operand) => Cow::Owned(match operand {
                Operand::ViewerId => viewer.id.as_deref().map_or(Value::Null, Value::from),
                Operand::ViewerIsStaff => Value::from(viewer.is_staff),
                Operand::Claim(name) => {
                    let claim = viewer.claims.get(*name).cloned().unwrap_or_default();
                    Value::from_json(claim).unwrap_or(Value::Null)
                }
                Operand::Text(text) => Value::from(*text),
                Operand::Bool(value) => Value::from(*value),
            }),
            Self::List(items) => Cow::Owned(Value::List(
                items
                    .iter()
                    .map(|item| item.value(variables, viewer).into_owned())
                    .collect(),
            )),
            Self::Object(fields) => {
                let values = fields
                    .iter()
                    .map(|(name, field)| (name.clone(), field.value(variables, viewer).into_owned()));
                Cow::Owned(Value::Object(values.collect()))
            }
        }
    }
}
