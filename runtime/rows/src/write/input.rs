//! Reads a mutation's input: values by column, and rows of related tables. It does not use the database.

use meta::{Cardinality, Kind};
use plan::bind::{list_value, scalar_value};
use plan::dialect::Dialect;
use plan::model::{EntityId, Field, Link, Model};
use plan::selection::{Input, InputValue};
use plan::sql::is_inferred;
use plan::value::BindValue;

use super::error::{ErrorCode, InputError};

/// A row as an input describes it.
#[derive(Debug, Clone, Default)]
pub struct RowInput {
    /// The path to it in the arguments.
    pub path: Vec<String>,
    /// The columns that it gives, with their values.
    pub values: Vec<(usize, BindValue)>,
    /// The columns that the writer itself has set: no policy applies to them, and they are not looked up.
    pub set_by_writer: Vec<usize>,
    /// Rows that it refers to.
    pub parents: Vec<(Link, ParentInput)>,
    /// Rows that refer to it.
    pub children: Vec<(Link, Vec<ChildInput>)>,
}

/// A row that another refers to.
#[derive(Debug, Clone)]
pub enum ParentInput {
    /// An existing row.
    Connect(Selector),
    /// A new row.
    Create(Box<RowInput>),
    /// No row; holds the path to the value.
    Disconnect(Vec<String>),
}

/// A row that refers to another.
#[derive(Debug, Clone)]
pub enum ChildInput {
    /// A new row.
    Create(RowInput),
    /// An existing row.
    Connect(Selector),
    /// A row that must no longer refer to it.
    Disconnect(Selector),
    /// Exactly these rows; holds the path to the value, too.
    Set(Vec<Selector>, Vec<String>),
}

/// Selects a row by one of its keys.
#[derive(Debug, Clone)]
pub struct Selector {
    /// The path to it in the arguments.
    pub path: Vec<String>,
    /// The key's columns.
    pub columns: Vec<usize>,
    /// Their values.
    pub values: Vec<BindValue>,
}

/// Reads inputs and collects their errors. Inputs were checked against their GraphQL types only at the operation's
/// first use, so nothing is assumed about them here.
pub struct InputReader<'r> {
    /// The tables.
    pub model: &'r Model,
    /// The SQL dialect, which decides how values are bound.
    pub dialect: &'r Dialect,
    /// The errors that were found.
    pub errors: Vec<InputError>,
}

impl InputReader<'_> {
    /// Reads a row of a table.
    pub fn row(&mut self, entity: EntityId, input: &Input, path: Vec<String>) -> RowInput {
        let mut row = RowInput {
            path: path.clone(),
            ..RowInput::default()
        };
        let InputValue::Object(members) = &input.value else {
            self.report(path, "expected an object");
            return row;
        };

        let owner = self.model.entity(entity);
        for (name, value) in members.iter() {
            let at = child_path(&path, name);
            match owner.field(name) {
                Some(Field::Column(column)) if owner.table.columns[column].is_input() => {
                    if let Some(value) = self.value(owner.table.columns[column].kind, value, &at) {
                        row.values.push((column, value));
                    }
                }
                Some(Field::Relation(link)) if link.relation.holds_key => {
                    if value.is_null() {
                        row.parents.push((link, ParentInput::Disconnect(at)));
                    } else if let Some(parent) = self.parent(link, value, &at) {
                        row.parents.push((link, parent));
                    }
                }
                Some(Field::Relation(link)) => {
                    let children = self.children(link, value, &at);
                    row.children.push((link, children));
                }
                _ => self.report(at, "unknown field"),
            }
        }

        row.values.sort_by_key(|(column, _)| *column);
        row
    }

    /// Reads a column's value; `None`, and an error in `errors`, if it is not valid.
    pub fn value(&mut self, kind: Kind, input: &Input, path: &[String]) -> Option<BindValue> {
        let name = path.last().map_or("value", String::as_str);
        let value = input.to_value();
        let found = match kind {
            kind if is_inferred(self.dialect, kind) => {
                scalar_value(kind, &value, name, self.dialect).map(|value| match value {
                    BindValue::Text(text) => BindValue::Label(Some(text)),
                    _ => BindValue::Label(None),
                })
            }
            Kind::Array(_) if input.is_null() => Ok(BindValue::Null),
            Kind::Array(element) => list_value(*element, &value, name, self.dialect),
            kind => scalar_value(kind, &value, name, self.dialect),
        };

        match found {
            Ok(value) => Some(value),
            Err(error) => {
                self.report(path.to_vec(), error.message);
                None
            }
        }
    }

    fn parent(&mut self, link: Link, input: &Input, path: &[String]) -> Option<ParentInput> {
        let (name, value) = self.only_member(input, path)?;
        let at = child_path(path, &name);

        match name.as_str() {
            "create" => Some(ParentInput::Create(Box::new(self.row(link.target, &value, at)))),
            "connect" => self.selector(link.target, &value, at).map(ParentInput::Connect),
            "disconnect"
                if matches!(
                    &value.value,
                    InputValue::Leaf(async_graphql_value::ConstValue::Boolean(true))
                ) =>
            {
                Some(ParentInput::Disconnect(at))
            }
            "disconnect" => {
                self.report(at, "`disconnect` must be true or omitted");
                None
            }
            _ => {
                self.report(at, "unknown field");
                None
            }
        }
    }

    fn children(&mut self, link: Link, input: &Input, path: &[String]) -> Vec<ChildInput> {
        if input.is_null() {
            return Vec::new();
        }

        let single = std::slice::from_ref(input);
        let items = match &input.value {
            InputValue::List(items) => &items[..],
            _ => single,
        };

        let mut children = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let mut path = path.to_vec();
            if link.relation.cardinality == Cardinality::Many {
                path.push(at.to_string());
            }

            let Some((name, value)) = self.only_member(item, &path) else {
                continue;
            };

            let at = child_path(&path, &name);
            match name.as_str() {
                "create" => children.push(ChildInput::Create(self.row(link.target, &value, at))),
                "connect" => children.extend(self.selector(link.target, &value, at).map(ChildInput::Connect)),
                "disconnect" => children.extend(self.selector(link.target, &value, at).map(ChildInput::Disconnect)),
                "set" => {
                    let selectors = self.selectors(link.target, &value, &at);
                    children.push(ChildInput::Set(selectors, at));
                }
                _ => self.report(at, "unknown field"),
            }
        }

        children
    }

    fn selectors(&mut self, entity: EntityId, input: &Input, path: &[String]) -> Vec<Selector> {
        let single = std::slice::from_ref(input);
        let items = match &input.value {
            InputValue::List(items) => &items[..],
            _ => single,
        };

        let each = items.iter().enumerate();
        each.filter_map(|(at, item)| self.selector(entity, item, child_path(path, &at.to_string())))
            .collect()
    }

    /// Reads the key that selects a row: the columns of its primary key, or of a unique key.
    pub fn selector(&mut self, entity: EntityId, input: &Input, path: Vec<String>) -> Option<Selector> {
        let table = self.model.entity(entity).table;
        let InputValue::Object(members) = &input.value else {
            self.report(path, "expected an object with the columns of a key");
            return None;
        };

        let mut given: Vec<(usize, BindValue)> = Vec::new();
        for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
            let Some(column) = table.columns.iter().position(|column| column.field == name) else {
                self.report(child_path(&path, name), "unknown field");
                return None;
            };
            given.push((
                column,
                self.value(table.columns[column].kind, value, &child_path(&path, name))?,
            ));
        }

        given.sort_by_key(|(column, _)| *column);
        let is_key = |key: &[usize]| {
            let mut key = key.to_vec();
            key.sort_unstable();
            key.iter().eq(given.iter().map(|(column, _)| column))
        };

        if given.is_empty() || !(is_key(table.primary_key) || table.unique_keys.iter().any(|key| is_key(key))) {
            self.report(
                path,
                format!("give all columns of one key of `{}`, and no others", table.type_name),
            );
            return None;
        }

        let (columns, values) = given.into_iter().unzip();
        Some(Selector { path, columns, values })
    }

    /// The only member of an object that must have exactly one; members that are null do not count.
    fn only_member(&mut self, input: &Input, path: &[String]) -> Option<(String, Input)> {
        let InputValue::Object(members) = &input.value else {
            self.report(path.to_vec(), "expected an object");
            return None;
        };

        let mut given = members.iter().filter(|(_, value)| !value.is_null());
        if let (Some((name, value)), None) = (given.next(), given.next()) {
            return Some((name.clone(), value.clone()));
        }

        self.report(
            path.to_vec(),
            "give exactly one of `create`, `connect`, `disconnect` and `set`",
        );
        None
    }

    fn report(&mut self, path: Vec<String>, message: impl Into<String>) {
        self.errors.push(InputError {
            path,
            message: message.into(),
            code: ErrorCode::Invalid,
        });
    }
}

/// A path with one more step.
pub(super) fn child_path(path: &[String], step: &str) -> Vec<String> {
    let mut path = path.to_vec();
    path.push(step.to_owned());
    path
}
