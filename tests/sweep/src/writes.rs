//! Writes the values of answers back, and checks that they come back unchanged.

use runtime::codegen_support::{Kind, Table};
use serde_json::{Map, Value, json};

use crate::api::{Api, codes, first_error};
use crate::fault::{Fault, Law, Report};
use crate::rows::Rows;

/// Maximum number of rows of a table to write.
const ROWS: usize = 12;

/// Updates each row with its own values, deletes it and creates it again.
pub(crate) async fn check(api: &Api, table: &'static Table, report: &mut Report) {
    if table.primary_key.is_empty()
        || api
            .types
            .get("Mutation")
            .field(&format!("update{}", table.type_name))
            .is_none()
    {
        return;
    }
    let Some(rows) = Rows::read(api, table, report).await else {
        return;
    };

    let written = Written {
        api,
        table,
        rows: &rows,
    };
    for at in 0..rows.answered.len().min(ROWS) {
        written.update(at, report).await;
        written.remake(at, report).await;
    }
}

struct Written<'s> {
    api: &'s Api,
    table: &'static Table,
    rows: &'s Rows,
}

impl Written<'_> {
    /// Updates each column by itself with the value that was answered.
    async fn update(&self, at: usize, report: &mut Report) {
        let ty = self.table.type_name;
        let input = self.api.types.get(&format!("{ty}UpdateInput"));
        let Some((declared, given, variables)) = self.key(at, &format!("update{ty}")) else {
            return;
        };

        for column in self.table.columns {
            let Some(member) = input.input(column.field) else {
                continue;
            };
            let value = &self.rows.answered[at][column.field];
            // A JSON `null` is answered like a missing value, which the column may not accept.
            let is_json_null = value.is_null() && matches!(column.kind, Kind::Json);
            if !self.rows.is_whole(at, column.field) || member.is_required() && value.is_null() || is_json_null {
                continue;
            }
            let query = format!(
                "mutation({declared} $given: {}) {{ it: update{ty}({given}, input: {{{}: $given}}) {{ success errors {{ code message }} row: {} {{ {} }} }} }}",
                member.ty,
                column.field,
                self.table.one,
                self.api.columns(self.table)
            );

            let mut variables = variables.clone();
            variables.insert("given".into(), value.clone());
            let answer = self.api.ask(&query, Value::Object(variables.clone())).await;
            let request = format!("{query} {}", Value::Object(variables));
            self.compare(&answer, at, &[column.field], &request, report);
        }
    }

    /// Deletes the whole row and creates it again.
    async fn remake(&self, at: usize, report: &mut Report) {
        let ty = self.table.type_name;
        let input = self.api.types.get(&format!("{ty}CreateInput"));
        let row = &self.rows.answered[at];
        let fields: Vec<&str> = self
            .table
            .columns
            .iter()
            .map(|column| column.field)
            .filter(|field| input.input(field).is_some() && self.rows.is_whole(at, field) && !row[field].is_null())
            .collect();

        let required = input.inputs.iter().filter(|member| member.is_required());
        let is_given = |name: &String| !row[name].is_null() && self.rows.is_whole(at, name);
        let is_complete = required.map(|member| &member.name).all(is_given);

        let Some((declared, given, variables)) = self.key(at, &format!("delete{ty}")) else {
            return;
        };
        if !is_complete {
            return;
        }

        let delete =
            format!("mutation({declared}) {{ it: delete{ty}({given}) {{ success errors {{ code message }} }} }}");
        let answer = self.api.ask(&delete, Value::Object(variables)).await;
        if is_refused(&answer) {
            return;
        }

        let holds = answer["data"]["it"]["success"] == true;
        report.check(holds, || self.fault("delete", &failure(&answer), &delete));
        if !holds {
            return;
        }

        let create = format!(
            "mutation($input: {ty}CreateInput!) {{ it: create{ty}(input: $input) {{ success errors {{ code message field }} row: {} {{ {} }} }} }}",
            self.table.one,
            self.api.columns(self.table)
        );

        let values: Map<String, Value> = fields
            .iter()
            .map(|field| ((*field).to_owned(), row[*field].clone()))
            .collect();
        let answer = self.api.ask(&create, json!({ "input": values })).await;
        let request = format!("{create} {}", json!({ "input": values }));

        // A value that could not be read cannot be sent back.
        let errors = answer["data"]["it"]["errors"].as_array().into_iter().flatten();
        if errors.map(|error| &error["code"]).any(|code| code == "REQUIRED") {
            return;
        }

        self.compare(&answer, at, &fields, &request, report);
    }

    /// Returns how a mutation addresses a row by its key: the variable declarations, the arguments and the values.
    fn key(&self, at: usize, mutation: &str) -> Option<(String, String, Map<String, Value>)> {
        let field = self.api.types.get("Mutation").field(mutation)?;
        let arguments = || field.arguments.iter().filter(|argument| argument.name != "input");
        let declared: Vec<String> = arguments()
            .map(|argument| format!("${}: {}", argument.name, argument.ty))
            .collect();
        let given: Vec<String> = arguments()
            .map(|argument| format!("{0}: ${0}", argument.name))
            .collect();

        let row = &self.rows.answered[at];
        if arguments().any(|argument| row[&argument.name].is_null()) {
            return None;
        }

        let values = arguments()
            .map(|argument| (argument.name.clone(), row[&argument.name].clone()))
            .collect();
        Some((declared.join(" "), given.join(", "), values))
    }

    fn compare(&self, answer: &Value, at: usize, fields: &[&str], request: &str, report: &mut Report) {
        if is_refused(answer) {
            return;
        }

        let payload = &answer["data"]["it"];
        if payload["success"] != true {
            report.check(false, || self.fault(&fields.join(" "), &failure(answer), request));
            return;
        }

        for field in fields {
            let (expected, found) = (&self.rows.answered[at][*field], &payload["row"][*field]);
            report.check(expected == found, || {
                self.fault(field, &format!("expected {expected}, found {found}"), request)
            });
        }
    }

    fn fault(&self, field: &str, message: &str, request: &str) -> Fault {
        Fault {
            law: Law::RoundTrip,
            place: format!("{}.{field} written", self.table.type_name),
            message: message.to_owned(),
            request: request.to_owned(),
        }
    }
}

/// Whether a constraint of the database prevents the change: rows that refer to this one, a check, another row's key.
fn is_refused(answer: &Value) -> bool {
    let errors = answer["data"]["it"]["errors"].as_array().into_iter().flatten();
    let mut refused = errors.map(|error| error["code"].as_str().unwrap_or_default());
    refused.any(|code| ["FOREIGN_KEY", "CHECK", "UNIQUE", "CONSTRAINT", "TOO_LONG"].contains(&code))
        || codes(answer).contains(&"CONSTRAINT")
}

fn failure(answer: &Value) -> String {
    if answer.get("errors").is_some() {
        first_error(answer)
    } else {
        answer["data"]["it"]["errors"].to_string()
    }
}
