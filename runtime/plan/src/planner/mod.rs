//! A compiled operation: which statements run, what they bind, and how their rows become JSON. No I/O.

mod access;
mod aggregate;
mod arguments;
mod around;
mod build;
mod condition;
mod connection;
mod cost;
mod error;
mod fields;
mod filter;
mod function;
mod groups;
mod input_counts;
mod input_limits;
mod joins;
mod json_filter;
mod keyset;
mod limits;
mod link;
mod order;
mod permissions;
mod program;
mod row_bounds;
mod select;

pub use access::{Access, Permission};
pub use build::{PlanBuilder, RootSelection};
pub use condition::{Case, Comparison, Condition};
pub use connection::{Connection, ConnectionPart};
pub use error::PlanError;
pub use limits::{check_document, check_fields};
pub use program::{Program, Step};
pub use row_bounds::{check_rows, is_heavy};
pub use select::{
    Aggregate, Alias, ColumnRef, Direction, Expression, Grouping, Join, JoinPairs, KeyLink, Limit, Nulls, Order, Page,
    Select, Source, Subselect,
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

/// The planned root fields of an operation. Each [`Level`] is one statement.
#[derive(Debug)]
pub struct Plan {
    /// The root fields, in the order of the answer.
    pub roots: Vec<PlannedRoot>,
    /// The levels; a parent comes before its children.
    pub levels: Vec<Level>,
    /// The largest [`Level::depth`].
    pub depth: usize,
    /// The values to bind, which statements refer to by index.
    pub parameters: Vec<Parameter>,
    /// The maximum size of the answer in bytes.
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
    /// The levels below it, in the order of their operations in the program.
    pub children: Vec<Child>,
    /// The computed fields of its rows.
    pub computed_fields: Vec<SelectedComputedField>,
    /// The text for a parent without rows, if the level has one object for each parent, such as an aggregate.
    pub single: Option<Box<[u8]>>,
    /// What a row's cursor is made of, if cursors are selected.
    pub cursor: Option<Cursor>,
    /// The level above it; `None` for a root.
    pub parent: Option<Parent>,
    /// How many levels are above it.
    pub depth: usize,
    /// The cost of its filters, orders and aggregates in addition to its rows, in rows.
    pub cost: u64,
}

/// A level's link to the level above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    /// The level above, an index into [`Plan::levels`].
    pub level: usize,
    /// Which child of that level it is, an index into [`Level::children`].
    pub child: usize,
}

/// What a row's cursor is made of.
#[derive(Debug)]
pub struct Cursor {
    /// Identifies the order: a cursor of another order is rejected.
    pub fingerprint: u64,
    /// The slots of the order's values, and their kinds.
    pub slots: Vec<(usize, Kind)>,
    /// Whether the values are encoded as they are stored, because the order goes by that.
    pub as_stored: bool,
}

/// A level below another.
#[derive(Debug)]
pub struct Child {
    /// The level, an index into [`Plan::levels`].
    pub level: usize,
    /// The slots in the parent's row that hold the child's keys, and the kinds that they are bound as.
    pub keys: Vec<(usize, Kind)>,
    /// The keys from the parent's object down to the list, for error messages.
    pub path: Box<[String]>,
}

/// A selected computed field.
#[derive(Debug)]
pub struct SelectedComputedField {
    /// The field, an index into the model's computed fields.
    pub computed_field: usize,
    /// The slots of the columns that it needs, in the order in which it declares them.
    pub slots: Vec<usize>,
    /// The positions of its mentions in the request.
    pub positions: Vec<async_graphql_parser::Pos>,
    /// The keys from the row's object down to the field.
    pub path: Box<[String]>,
}

/// A value that a statement binds.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// What it is bound as.
    pub kind: ParameterKind,
    /// Whether it is a list of such values.
    pub list: bool,
    /// Where its value comes from.
    pub source: ParameterSource,
    /// The argument or field that it was given for, for error messages.
    pub name: String,
}

/// What a parameter is bound as.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ParameterKind {
    /// A column's value.
    Column(Kind),
    /// A pattern of `like`: a text in which `%` and `_` are wildcards.
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
    /// A page's size plus one row, checked against the largest page.
    First {
        /// The largest allowed.
        max: u64,
        /// The value for an explicit `null`.
        default: u64,
    },
    /// A cursor's value.
    Cursor {
        /// The index of the value in the cursor.
        at: usize,
        /// The fingerprint that the cursor must have.
        fingerprint: u64,
        /// The kind that it is bound as.
        kind: Kind,
    },
    /// A list of an array column's elements.
    Array(&'static Kind),
    /// A value of the viewer; null if the viewer has none that fits the column.
    Viewer(Kind),
    /// A path into JSON.
    JsonPath,
    /// A key of a JSON object: a path or a plain text, depending on the database.
    JsonKey,
}

/// Where a parameter's value comes from.
#[derive(Debug, Clone)]
pub enum ParameterSource {
    /// A constant of the operation's text, or of Rust code.
    Constant(Value),
    /// The request's variables.
    Variable(VariablePath),
    /// The viewer.
    Viewer(Operand),
    /// A list in the operation's text with variables among its items.
    List(Vec<ParameterSource>),
    /// An object in the operation's text with variables among its values.
    Object(Vec<(Name, ParameterSource)>),
}

impl ParameterSource {
    /// Where later requests with the same plan find the value of this input.
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

    /// The value for a request with these variables and this viewer.
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
