//! How a random query is written: its text and its variables.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::data::Cell;
use super::generate::{Aggregate, Field, Groups, List, Query, Root, Selection};
use super::shape::TABLES;

impl Query {
    /// The request's text and variables.
    pub(super) fn text(&self) -> (String, Value) {
        let mut writer = Writer {
            variables: Map::new(),
            definitions: Vec::new(),
            as_variables: self.as_variables,
        };
        let mut body = String::from("{");
        for (key, root) in &self.roots {
            let _ = write!(body, " {key}: ");
            match root {
                Root::Row {
                    field,
                    table,
                    key,
                    fields,
                } => {
                    let arguments: Vec<String> = key
                        .iter()
                        .map(|(at, cell)| {
                            let column = &TABLES[*table].columns[*at];
                            format!("{}: {}", column.field, cell.json(column.ty))
                        })
                        .collect();
                    let _ = write!(
                        body,
                        "{field}({}) {}",
                        arguments.join(", "),
                        writer.fields(*table, fields)
                    );
                }
                Root::List { table, list } => {
                    body.push_str(TABLES[*table].many);
                    body.push_str(&writer.list(*table, list));
                }
                Root::Aggregate { table, aggregate } => {
                    let _ = write!(
                        body,
                        "{}Aggregate{}",
                        TABLES[*table].many,
                        writer.aggregate(*table, aggregate)
                    );
                }
                Root::Groups { table, groups } => {
                    let _ = write!(body, "{}Groups{}", TABLES[*table].many, writer.groups(*table, groups));
                }
                Root::Connection { table, list, backward } => {
                    let size = if *backward { "last" } else { "first" };
                    let mut arguments = writer.list_arguments(*table, list, size);
                    if *backward && list.limit.is_none() {
                        arguments.push("last: 20".into());
                    }
                    let fields = writer.fields(*table, &list.fields);
                    let _ = write!(
                        body,
                        "{}Connection{} {{ totalCount edges {{ node {fields} }} nodes {fields} pageInfo {{ hasNextPage hasPreviousPage }} }}",
                        TABLES[*table].many,
                        in_parentheses(&arguments)
                    );
                }
            }
        }
        body.push_str(" }");
        let head = match writer.definitions.as_slice() {
            [] => String::new(),
            definitions => format!("query({}) ", definitions.join(", ")),
        };
        (head + &body, writer.variables.into())
    }
}

struct Writer {
    variables: Map<String, Value>,
    definitions: Vec<String>,
    as_variables: bool,
}

impl Writer {
    fn argument(&mut self, value: &Value, ty: &str) -> String {
        if !self.as_variables {
            return literal(value);
        }
        let name = format!("v{}", self.variables.len());
        self.definitions.push(format!("${name}: {ty}"));
        self.variables.insert(name.clone(), plain(value));
        format!("${name}")
    }

    fn list(&mut self, table: usize, list: &List) -> String {
        let mut arguments = self.list_arguments(table, list, "limit");
        if let Some(offset) = list.offset {
            arguments.push(format!("offset: {}", self.argument(&json!(offset), "Int")));
        }
        if !list.distinct.is_empty() {
            arguments.push(format!("distinctOn: {}", self.columns(table, &list.distinct)));
        }
        format!("{} {}", in_parentheses(&arguments), self.fields(table, &list.fields))
    }

    fn columns(&mut self, table: usize, columns: &[usize]) -> String {
        let names: Vec<Value> = columns
            .iter()
            .map(|&at| json!({ "$": TABLES[table].columns[at].field }))
            .collect();
        self.argument(&names.into(), &format!("[{}Column!]!", TABLES[table].type_name))
    }

    fn groups(&mut self, table: usize, groups: &Groups) -> String {
        let name = TABLES[table].type_name;
        let mut arguments = vec![format!("by: {}", self.columns(table, &groups.by))];
        if let Some(filters) = &groups.aggregate.filters {
            arguments.push(format!("filters: {}", self.argument(filters, &format!("{name}Filter"))));
        }
        if let Some(least) = groups.having {
            let having = json!({ "count": { "gte": least } });
            arguments.push(format!("having: {}", self.argument(&having, &format!("{name}Having"))));
        }
        if groups.by_count {
            let order = json!([{ "count": { "$": "DESC" } }]);
            arguments.push(format!(
                "orderBy: {}",
                self.argument(&order, &format!("[{name}GroupOrderBy!]"))
            ));
        }
        if let Some(limit) = groups.limit {
            arguments.push(format!("limit: {}", self.argument(&json!(limit), "Int")));
        }
        if groups.offset > 0 {
            arguments.push(format!("offset: {}", self.argument(&json!(groups.offset), "Int")));
        }
        let key: Vec<&str> = groups.by.iter().map(|&at| TABLES[table].columns[at].field).collect();
        let totals = aggregate_fields(table, &groups.aggregate);
        format!(
            "{} {{ key {{ {} }}{totals} }}",
            in_parentheses(&arguments),
            key.join(" ")
        )
    }

    fn list_arguments(&mut self, table: usize, list: &List, size: &str) -> Vec<String> {
        let name = TABLES[table].type_name;
        let mut arguments = Vec::new();
        if let Some(filters) = &list.filters {
            arguments.push(format!("filters: {}", self.argument(filters, &format!("{name}Filter"))));
        }
        if let Some(order) = &list.order {
            arguments.push(format!(
                "orderBy: {}",
                self.argument(order, &format!("[{name}OrderBy!]"))
            ));
        }
        if let Some(search) = &list.search {
            arguments.push(format!("search: {}", self.argument(&json!(search), "String")));
        }
        if let Some(limit) = list.limit {
            arguments.push(format!("{size}: {}", self.argument(&json!(limit), "Int")));
        }
        arguments
    }

    fn fields(&mut self, table: usize, fields: &[Field]) -> String {
        let shape = &TABLES[table];
        let mut text = String::from("{");
        for field in fields {
            let _ = write!(text, " {}: ", field.key);
            match &field.what {
                Selection::Typename => text.push_str("__typename"),
                Selection::Column(at) => text.push_str(shape.columns[*at].field),
                Selection::One(at, fields) => {
                    let relation = &shape.relations[*at];
                    let _ = write!(text, "{} {}", relation.field, self.fields(relation.target, fields));
                }
                Selection::Many(at, list) => {
                    let relation = &shape.relations[*at];
                    let _ = write!(text, "{}{}", relation.field, self.list(relation.target, list));
                }
                Selection::Aggregate(at, aggregate) => {
                    let relation = &shape.relations[*at];
                    let _ = write!(
                        text,
                        "{}Aggregate{}",
                        relation.field,
                        self.aggregate(relation.target, aggregate)
                    );
                }
                Selection::Groups(at, groups) => {
                    let relation = &shape.relations[*at];
                    let _ = write!(text, "{}Groups{}", relation.field, self.groups(relation.target, groups));
                }
            }
        }
        text + " }"
    }

    fn aggregate(&mut self, table: usize, aggregate: &Aggregate) -> String {
        let filters = aggregate.filters.as_ref();
        let arguments: Vec<String> = filters
            .map(|filters| {
                format!(
                    "filters: {}",
                    self.argument(filters, &format!("{}Filter", TABLES[table].type_name))
                )
            })
            .into_iter()
            .collect();
        format!(
            "{} {{{} }}",
            in_parentheses(&arguments),
            aggregate_fields(table, aggregate)
        )
    }
}

fn aggregate_fields(table: usize, aggregate: &Aggregate) -> String {
    let mut text = String::new();
    for (function, at) in &aggregate.values {
        match *function {
            "count" => text.push_str(" count"),
            function => {
                let _ = write!(text, " {function} {{ {} }}", TABLES[table].columns[*at].field);
            }
        }
    }
    text
}

impl List {
    /// A change that changes nothing: of the row with a key, or of the rows of the filter.
    pub(super) fn change_text(&self, table: usize, key: Option<&Cell>) -> (String, Value) {
        let mut writer = Writer {
            variables: Map::new(),
            definitions: Vec::new(),
            as_variables: true,
        };
        let shape = &TABLES[table];
        let capital = |name: &str| format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let body = if let Some(key) = key {
            let column = &shape.columns[shape.key[0]];
            let fields = writer.fields(table, &self.fields);
            format!(
                "update{}({}: {}, input: {{}}) {{ success errors {{ field code message }} row: {} {fields} }}",
                capital(shape.one),
                column.field,
                key.json(column.ty),
                shape.one
            )
        } else {
            let filter = self.filters.clone().unwrap_or_else(|| json!({}));
            let filter = writer.argument(&filter, &format!("{}Filter!", shape.type_name));
            let fields = writer.fields(table, &self.fields);
            format!(
                "update{}(filters: {filter}, input: {{}}, confirmAll: true) \
                 {{ success affectedCount errors {{ message }} rows: {} {fields} }}",
                capital(shape.many),
                shape.many
            )
        };
        let head = match writer.definitions.as_slice() {
            [] => "mutation".to_owned(),
            definitions => format!("mutation({})", definitions.join(", ")),
        };
        (format!("{head} {{ it: {body} }}"), writer.variables.into())
    }

    /// The request for one page of a walk, its size and cursor as variables.
    pub(super) fn page_text(&self, table: usize, backward: bool) -> (String, Map<String, Value>) {
        let mut writer = Writer {
            variables: Map::new(),
            definitions: Vec::new(),
            as_variables: true,
        };
        let (size, bound) = if backward {
            ("last", "before")
        } else {
            ("first", "after")
        };
        let mut arguments = writer.list_arguments(table, self, size);
        arguments.push(format!("{bound}: $cursor"));
        writer.definitions.push("$cursor: String".into());
        let key: Vec<&str> = TABLES[table]
            .key
            .iter()
            .map(|&at| TABLES[table].columns[at].field)
            .collect();
        let text = format!(
            "query({}) {{ page: {}Connection{} {{ edges {{ cursor node {{ {} }} }} \
             pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}",
            writer.definitions.join(", "),
            TABLES[table].many,
            in_parentheses(&arguments),
            key.join(" ")
        );
        (text, writer.variables)
    }
}

fn in_parentheses(arguments: &[String]) -> String {
    if arguments.is_empty() {
        String::new()
    } else {
        format!("({})", arguments.join(", "))
    }
}

/// A value as GraphQL writes it.
fn literal(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            if let Some(name) = object.get("$") {
                name.as_str().expect("an enum's value").to_owned()
            } else {
                let members: Vec<String> = object
                    .iter()
                    .map(|(key, item)| format!("{key}: {}", literal(item)))
                    .collect();
                format!("{{{}}}", members.join(", "))
            }
        }
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// A value as JSON variables carry it.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(object) => match object.get("$") {
            Some(name) => name.clone(),
            None => object
                .iter()
                .map(|(key, item)| (key.clone(), plain(item)))
                .collect::<Map<_, _>>()
                .into(),
        },
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}
