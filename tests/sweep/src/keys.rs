//! Looks up rows by their keys, and compares relations with SQL's own joins.

use std::collections::HashMap;

use codegen::catalog::Engine;
use runtime::codegen_support::{Cardinality, Relation, Table};
use serde_json::{Value, json};

use crate::api::{Api, ROWS, first_error, id, is_readable};
use crate::fault::{Fault, Law, Report};
use crate::rows::Rows;
use crate::sql::Sql;

/// Looks up each row by each of its keys.
pub(crate) async fn look_ups(api: &Api, rows: &Rows, report: &mut Report) {
    let table = rows.table;
    for field in &api.types.get("Query").fields {
        let by_column = field
            .arguments
            .iter()
            .all(|argument| table.columns.iter().any(|column| column.field == argument.name) && argument.is_required());
        if field.ty != table.type_name || field.arguments.is_empty() || !by_column {
            continue;
        }

        let declared: Vec<String> = field
            .arguments
            .iter()
            .map(|argument| format!("${}: {}", argument.name, argument.ty))
            .collect();
        let given: Vec<String> = field
            .arguments
            .iter()
            .map(|argument| format!("{0}: ${0}", argument.name))
            .collect();
        let query = format!(
            "query({}) {{ it: {}({}) {{ {} }} }}",
            declared.join(" "),
            field.name,
            given.join(" "),
            api.identity(table)
        );

        for (at, row) in rows.answered.iter().enumerate().take(40) {
            let names = || field.arguments.iter().map(|argument| argument.name.as_str());
            // If another row is answered with the same key, either row may be found.
            let is_same = |other: &&Value| names().all(|name| other[name] == row[name]);
            let is_alone = rows.answered.iter().filter(is_same).count() == 1;
            if !is_alone || names().any(|name| row[name].is_null() || !rows.is_whole(at, name)) {
                continue;
            }

            let variables: Value = names().map(|name| (name.to_owned(), row[name].clone())).collect();
            let answer = api.ask(&query, variables.clone()).await;
            let found = &answer["data"]["it"];
            let holds = is_readable(&answer) && found.is_object() && id(found, table) == rows.ids[at];
            report.check(holds, || Fault {
                law: Law::RoundTrip,
                place: format!("Query.{}", field.name),
                message: if answer.get("errors").is_some() {
                    first_error(&answer)
                } else {
                    format!("found {found}")
                },
                request: format!("{query} {variables}"),
            });
        }
    }
}

/// Compares the rows of each relation with SQL's own join.
pub(crate) async fn relations(api: &Api, all: &HashMap<&str, &Rows>, sql: &mut Sql, rows: &Rows, report: &mut Report) {
    for relation in rows.table.relations {
        let Some(target) = all.get(relation.target) else {
            continue;
        };
        let related = Related {
            api,
            rows,
            relation,
            target: target.table,
        };
        related.check(all, sql, report).await;
    }
}

struct Related<'s> {
    api: &'s Api,
    rows: &'s Rows,
    relation: &'s Relation,
    target: &'static Table,
}

impl Related<'_> {
    async fn check(&self, all: &HashMap<&str, &Rows>, sql: &mut Sql, report: &mut Report) {
        let Some(joined) = self.joined(all, sql).await else {
            return;
        };
        let table = self.rows.table;
        let (field, ids) = (self.relation.field, self.api.identity(self.target));

        if self.relation.cardinality != Cardinality::Many {
            let query = format!("{{ it: {}(limit: {ROWS}) {{ {field} {{ {ids} }} }} }}", table.many);
            let Some(answer) = self.ask(&query, report).await else {
                return;
            };
            let found = rows_of(&answer).filter(|row| row[field].is_object()).count() as i64;
            self.compare("rows with a related row", joined.parents, found, &query, report);

            let query = format!(
                "{{ it: {}Aggregate(filters: {{{field}: {{}}}}) {{ count }} }}",
                table.many
            );
            let Some(answer) = self.ask(&query, report).await else {
                return;
            };

            // An empty condition requires nothing, not even that the row exists.
            let count = answer["it"]["count"].as_i64().unwrap_or(-1);
            let holds = count == joined.parents || count == self.rows.answered.len() as i64;
            report.check(holds, || {
                self.fault(format!("expected {}, found {count}", joined.parents), &query)
            });
            return;
        }

        let has = |name: &str| self.api.types.get(table.type_name).field(name).is_some();
        let (aggregate, connection) = (format!("{field}Aggregate"), format!("{field}Connection"));
        let mut parts = vec![format!("{field}(limit: {ROWS}) {{ {ids} }}")];
        if has(&aggregate) {
            parts.push(format!("{aggregate} {{ count }}"));
        }
        if has(&connection) {
            parts.push(format!(
                "{connection}(first: {ROWS}) {{ totalCount nodes {{ {ids} }} }}"
            ));
        }

        let query = format!("{{ it: {}(limit: {ROWS}) {{ {} }} }}", table.many, parts.join(" "));
        let Some(answer) = self.ask(&query, report).await else {
            return;
        };

        let sum = |count: &dyn Fn(&Value) -> i64| rows_of(&answer).map(count).sum::<i64>();
        let length = |rows: &Value| rows.as_array().map_or(-1, |rows| rows.len() as i64);

        self.compare(
            "related rows",
            joined.pairs,
            sum(&|row| length(&row[field])),
            &query,
            report,
        );
        if has(&aggregate) {
            let counted = sum(&|row| row[&aggregate]["count"].as_i64().unwrap_or(-1));
            self.compare("related rows counted", joined.pairs, counted, &query, report);
        }
        if has(&connection) {
            let counted = sum(&|row| row[&connection]["totalCount"].as_i64().unwrap_or(-1));
            self.compare("totals", joined.pairs, counted, &query, report);
            let listed = sum(&|row| length(&row[&connection]["nodes"]));
            self.compare("nodes", joined.pairs, listed, &query, report);
        }

        for (condition, expected) in [
            ("{some: {}}", joined.parents),
            ("{none: {}}", self.rows.answered.len() as i64 - joined.parents),
            ("{count: {gt: 0}}", joined.parents),
        ] {
            let query = format!(
                "{{ it: {}Aggregate(filters: {{{field}: {condition}}}) {{ count }} }}",
                table.many
            );
            let Some(answer) = self.ask(&query, report).await else {
                continue;
            };

            self.compare(
                condition,
                expected,
                answer["it"]["count"].as_i64().unwrap_or(-1),
                &query,
                report,
            );
        }
    }

    /// Counts the rows of SQL's own join; `None` if the counting fails or the join table was not read.
    async fn joined(&self, all: &HashMap<&str, &Rows>, sql: &mut Sql) -> Option<Joined> {
        let here = self.rows.table;
        let engine = self.api.catalog.engine;
        let name = |table: &Table| sql_name(engine, table);

        // The referenced key decides what is equal, so its column comes first, with its own type.
        let equal =
            |(left, left_at): (&str, (&Table, usize)), (right, right_at): (&str, (&Table, usize)), left_first| {
                let column = |alias: &str, (table, at): (&Table, usize)| {
                    format!("{alias}.{}", quoted(engine, table.columns[at].name))
                };
                let (first, second) = (column(left, left_at), column(right, right_at));
                let (key, other, from) = if left_first {
                    (first, second, left_at)
                } else {
                    (second, first, right_at)
                };
                format!("{key} = {}", self.cast(other, from))
            };

        let condition = match &self.relation.through {
            None => {
                let pairs = self.relation.pairs.iter().map(|&(here_at, there_at)| {
                    equal(
                        ("a", (here, here_at)),
                        ("b", (self.target, there_at)),
                        !self.relation.holds_key,
                    )
                });
                pairs.collect::<Vec<_>>().join(" AND ")
            }
            Some(through) => {
                let join = all.get(through.table)?.table;
                let first = self
                    .relation
                    .pairs
                    .iter()
                    .map(|&(a, j)| equal(("a", (here, a)), ("j", (join, j)), true));
                let second = through
                    .pairs
                    .iter()
                    .map(|&(j, b)| equal(("j", (join, j)), ("b", (self.target, b)), false));
                let on = first.chain(second).collect::<Vec<_>>().join(" AND ");
                let exists = format!("EXISTS (SELECT 1 FROM {} j WHERE {on})", name(join));
                return self.counted(sql, &exists).await;
            }
        };
        self.counted(sql, &condition).await
    }

    async fn counted(&self, sql: &mut Sql, condition: &str) -> Option<Joined> {
        let engine = self.api.catalog.engine;
        let (here, there) = (sql_name(engine, self.rows.table), sql_name(engine, self.target));
        let pairs = format!("SELECT COUNT(*) FROM {here} a JOIN {there} b ON {condition}");
        let parents = format!("SELECT COUNT(*) FROM {here} a WHERE EXISTS (SELECT 1 FROM {there} b WHERE {condition})");
        Some(Joined {
            pairs: sql.count(&pairs).await?,
            parents: sql.count(&parents).await?,
        })
    }

    /// Casts a value to the type of the key that it refers to, if the database would compare both in a third type.
    fn cast(&self, value: String, (table, at): (&Table, usize)) -> String {
        if self.api.catalog.engine != Engine::Postgres {
            return value;
        }

        let namespace = table.namespace.unwrap_or(&self.api.catalog.default_namespace);
        let found = self
            .api
            .catalog
            .tables
            .iter()
            .find(|other| other.name.name == table.name && other.name.namespace == namespace);
        let column = found.and_then(|found| {
            found
                .columns
                .iter()
                .find(|column| column.name == table.columns[at].name)
        });

        match column {
            Some(column) if matches!(column.ty.name.as_str(), "bpchar" | "citext") => {
                format!("{value}::{}", column.ty.name)
            }
            _ => value,
        }
    }

    async fn ask(&self, query: &str, report: &mut Report) -> Option<Value> {
        let mut answer = self.api.ask(query, json!({})).await;
        let holds = is_readable(&answer);
        report.check(holds, || self.fault(first_error(&answer), query));
        holds.then(|| answer["data"].take())
    }

    fn compare(&self, what: &str, expected: i64, found: i64, query: &str, report: &mut Report) {
        report.check(expected == found, || {
            self.fault(format!("{what}: SQL has {expected}, the answer has {found}"), query)
        });
    }

    fn fault(&self, message: String, query: &str) -> Fault {
        Fault {
            law: Law::Keys,
            place: format!("{}.{}", self.rows.table.type_name, self.relation.field),
            message,
            request: query.to_owned(),
        }
    }
}

/// The row counts of a join.
struct Joined {
    /// Pairs of rows.
    pairs: i64,
    /// Rows with at least one related row.
    parents: i64,
}

fn rows_of(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["it"].as_array().into_iter().flatten()
}

fn quoted(engine: Engine, name: &str) -> String {
    if engine == Engine::Mysql {
        format!("`{}`", name.replace('`', "``"))
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

fn sql_name(engine: Engine, table: &Table) -> String {
    let name = quoted(engine, table.name);
    table.namespace.map_or(name.clone(), |namespace| {
        format!("{}.{name}", quoted(engine, namespace))
    })
}
