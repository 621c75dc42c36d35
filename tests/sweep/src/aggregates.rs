//! Checks every aggregate and every grouping that a table offers.

use serde_json::{Value, json};

use crate::api::{Api, first_error, is_readable};
use crate::fault::{Fault, Law, Report};
use crate::rows::Rows;

/// Requests all aggregates at once, and the groups of each column.
pub(crate) async fn check(api: &Api, rows: &Rows, report: &mut Report) {
    all(api, rows, report).await;

    let groups = format!("{}Groups", rows.table.many);
    if api.types.get("Query").field(&groups).is_some() {
        for column in &api.types.get(&format!("{}Column", rows.table.type_name)).values {
            grouped(api, rows, &groups, column, report).await;
        }
    }
}

async fn all(api: &Api, rows: &Rows, report: &mut Report) {
    let table = rows.table;
    let field = format!("{}Aggregate", table.many);
    let Some(member) = api.types.get("Query").field(&field) else {
        return;
    };
    let query = format!("{{ it: {field}{} }}", api.types.selection(member.named(), 4));

    let answer = api.ask(&query, json!({})).await;
    let answered = answer["data"]["it"].is_object() && is_readable(&answer);
    report.check(answered, || Fault {
        law: Law::Offered,
        place: field.clone(),
        message: first_error(&answer),
        request: query.clone(),
    });
    if answered {
        let count = &answer["data"]["it"]["count"];
        report.check(*count == json!(rows.answered.len()), || Fault {
            law: Law::Keys,
            place: field.clone(),
            message: format!("expected {}, found {count}", rows.answered.len()),
            request: query.clone(),
        });
    }
}

/// Checks that the groups have distinct keys and together contain all rows.
async fn grouped(api: &Api, rows: &Rows, groups: &str, column: &str, report: &mut Report) {
    let ty = api.types.get("Query").field(groups).expect("it was found").named();
    let field = rows
        .table
        .columns
        .iter()
        .find(|other| other.field == column)
        .map(|_| column)
        .unwrap_or_default();

    let rest: Vec<String> = api
        .types
        .get(ty)
        .fields
        .iter()
        .filter(|member| member.name != "key")
        .map(|member| format!("{}{}", member.name, api.types.selection(member.named(), 3)))
        .collect();
    let query = format!(
        "{{ it: {groups}(by: [{column}], limit: 1000) {{ key {{ {field} }} {} }} }}",
        rest.join(" ")
    );

    let answer = api.ask(&query, json!({})).await;
    let answered = answer["data"]["it"].is_array() && is_readable(&answer);

    let fault = |law, message: String| Fault {
        law,
        place: format!("{}.{column} groups", rows.table.type_name),
        message,
        request: query.clone(),
    };

    report.check(answered, || fault(Law::Offered, first_error(&answer)));
    if !answered {
        return;
    }

    let found = answer["data"]["it"].as_array().cloned().unwrap_or_default();
    let count: u64 = found.iter().filter_map(|group| group["count"].as_u64()).sum();
    report.check(count == rows.answered.len() as u64, || {
        fault(
            Law::Keys,
            format!("groups of {count} rows, the list has {}", rows.answered.len()),
        )
    });

    if rows.spoilt(field).is_empty() {
        let mut keys: Vec<String> = found.iter().map(|group| group["key"].to_string()).collect();
        keys.sort();
        let total = keys.len();
        keys.dedup();
        report.check(keys.len() == total, || {
            fault(Law::Keys, format!("two groups have equal keys: {}", Value::from(keys)))
        });
    }
}
