//! Compares the pages of every order, forwards and backwards, with the whole list.

use serde_json::{Value, json};

use crate::api::{Api, ROWS, first_error, id, is_readable};
use crate::fault::{Fault, Law, Report};
use crate::rows::{Rows, is_exact};

/// The sort directions to check, each with page sizes; a negative size pages backwards.
const WALKS: &[(&str, &[i64])] = &[
    ("ASC", &[1, -2, 7]),
    ("DESC", &[-1, 2, -7]),
    ("ASC_NULLS_FIRST", &[2]),
    ("DESC_NULLS_LAST", &[-2]),
];

/// Maximum number of pages to request.
const PAGES: usize = 40;

/// Pages through the table in the order of each of its columns.
pub(crate) async fn check(api: &Api, rows: &Rows, report: &mut Report) {
    let table = rows.table;
    let order = api.types.get(&format!("{}OrderBy", table.type_name));
    let columns = table
        .columns
        .iter()
        .filter(|column| order.input(column.field).is_some());
    let connection = api
        .types
        .get("Query")
        .field(&format!("{}Connection", table.many))
        .is_some();

    // Without a key, rows that are equal in all sortable columns have no defined order.
    let has_twins = table.primary_key.is_empty() && {
        let sortable = || table.columns.iter().filter(|column| column.is_sortable());
        let mut seen = std::collections::HashSet::new();
        let values = |row: &Value| {
            sortable()
                .map(|column| row[column.field].to_string())
                .collect::<Vec<_>>()
        };
        // Numbers and intervals may be equal although they are written differently.
        !sortable().all(|column| is_exact(column.kind)) || !rows.answered.iter().all(|row| seen.insert(values(row)))
    };

    for column in columns {
        for (direction, sizes) in WALKS {
            let order = format!("[{{{}: {direction}}}]", column.field);
            let walk = Walk {
                api,
                rows,
                order: &order,
                place: format!("{}.{}", table.type_name, column.field),
            };
            let Some(list) = walk.list(report).await else { continue };
            if !connection || has_twins {
                continue;
            }
            for &size in *sizes {
                walk.pages(size, &list, report).await;
            }
        }
    }
}

struct Walk<'s> {
    api: &'s Api,
    rows: &'s Rows,
    order: &'s str,
    place: String,
}

impl Walk<'_> {
    /// Returns the ids of the whole list, and checks that it has each row once.
    async fn list(&self, report: &mut Report) -> Option<Vec<String>> {
        let query = format!(
            "{{ it: {}(orderBy: {}, limit: {ROWS}) {{ {} }} }}",
            self.rows.table.many,
            self.order,
            self.api.identity(self.rows.table)
        );
        let answer = self.api.ask(&query, json!({})).await;
        let failed = !is_readable(&answer);
        report.check(!failed, || self.fault(Law::Offered, first_error(&answer), &query));
        if failed {
            return None;
        }

        let ids = self.ids(&answer["data"]["it"]);
        let (mut found, mut expected) = (ids.clone(), self.rows.ids.clone());
        found.sort();
        expected.sort();
        report.check(found == expected, || {
            self.fault(
                Law::Order,
                format!("{} rows instead of {}", found.len(), expected.len()),
                &query,
            )
        });
        Some(ids)
    }

    async fn pages(&self, size: i64, list: &[String], report: &mut Report) {
        let (count, cursor, limit) = match size {
            ..0 => ("last", "before", -size),
            _ => ("first", "after", size),
        };
        let query = format!(
            "query($cursor: String) {{ it: {}Connection({count}: {limit}, {cursor}: $cursor, orderBy: {}) {{ nodes {{ {} }} \
             pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }} }} }}",
            self.rows.table.many,
            self.order,
            self.api.identity(self.rows.table)
        );

        let (mut seen, mut at) = (Vec::new(), Value::Null);
        for _ in 0..PAGES {
            let answer = self.api.ask(&query, json!({ "cursor": at })).await;
            if !is_readable(&answer) || !answer["data"]["it"].is_object() {
                report.check(false, || {
                    self.fault(Law::Offered, first_error(&answer), &format!("{query} {at}"))
                });
                return;
            }

            let page = &answer["data"]["it"];
            let ids = self.ids(&page["nodes"]);
            let info = &page["pageInfo"];

            let more = if size < 0 {
                seen.splice(0..0, ids);
                at = info["startCursor"].clone();
                info["hasPreviousPage"] == true
            } else {
                seen.extend(ids);
                at = info["endCursor"].clone();
                info["hasNextPage"] == true
            };

            if !more || at.is_null() {
                break;
            }
        }

        let reached = (PAGES * limit.unsigned_abs() as usize).min(list.len());
        let expected = if size < 0 {
            &list[list.len() - reached..]
        } else {
            &list[..reached]
        };
        report.check(seen == expected, || {
            let message = format!(
                "pages of {limit} {cursor}: {}, the list: {}",
                brief(&seen),
                brief(expected)
            );
            self.fault(Law::Order, message, &query)
        });
    }

    fn ids(&self, rows: &Value) -> Vec<String> {
        rows.as_array()
            .into_iter()
            .flatten()
            .map(|row| id(row, self.rows.table))
            .collect()
    }

    fn fault(&self, law: Law, message: String, request: &str) -> Fault {
        Fault {
            law,
            place: self.place.clone(),
            message,
            request: request.to_owned(),
        }
    }
}

fn brief(ids: &[String]) -> String {
    let first: Vec<&str> = ids.iter().take(8).map(String::as_str).collect();
    format!(
        "[{}{}]",
        first.join(", "),
        if ids.len() > first.len() { ", .." } else { "" }
    )
}
