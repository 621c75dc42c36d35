//! Checks every operator that a column's filter offers, with values that the column was answered with.

use std::collections::BTreeSet;

use runtime::codegen_support::{Column, Kind};
use serde_json::{Map, Value, json};

use crate::api::{Api, ROWS, codes, first_error, id, is_readable};
use crate::fault::{Fault, Law, Report};
use crate::rows::{Rows, is_exact};

/// Maximum number of values of a column to try.
const VALUES: usize = 12;

/// The ids of the rows that an operator finds, for each operand; `None` if the request failed.
type Found = Vec<Option<BTreeSet<String>>>;

/// Checks the filter of each column.
pub(crate) async fn check(api: &Api, rows: &Rows, report: &mut Report) {
    let filter = api.types.get(&format!("{}Filter", rows.table.type_name));
    for column in rows.table.columns {
        let Some(operators) = filter.input(column.field) else {
            continue;
        };
        Filtered {
            api,
            rows,
            column,
            operators: operators.named(),
            report,
        }
        .check()
        .await;
    }
}

struct Filtered<'s> {
    api: &'s Api,
    rows: &'s Rows,
    column: &'s Column,
    /// The name of the input type with the operators.
    operators: &'s str,
    report: &'s mut Report,
}

impl Filtered<'_> {
    async fn check(&mut self) {
        let values = self.rows.values(self.column.field, VALUES);
        let offered: Vec<String> = self
            .api
            .types
            .get(self.operators)
            .inputs
            .iter()
            .map(|operator| operator.name.clone())
            .collect();
        let has = |name: &str| offered.iter().any(|operator| operator == name);

        self.nulls(has("isNull")).await;
        if has("eq") {
            self.equality(&values, &offered).await;
        }
        if has("gt") && !matches!(self.column.kind, Kind::Array(_) | Kind::Range(_)) {
            self.comparisons(&values).await;
        }
        for operator in &offered {
            self.others(operator, &values).await;
        }
    }

    /// Checks that `isNull` divides the rows into those without a value and the others.
    async fn nulls(&mut self, offered: bool) {
        // A JSON `null` is a value, but is answered like a missing one.
        if !offered || matches!(self.column.kind, Kind::Json) {
            return;
        }
        let found = self.find("isNull", &[json!(true), json!(false)]).await;
        let [Some(null), Some(other)] = &found[..] else { return };

        let field = self.column.field;
        let spoilt = owned(&self.rows.spoilt(field));
        let expected = owned(&self.rows.having(field, Value::is_null));
        let readable: BTreeSet<String> = null.difference(&spoilt).cloned().collect();
        self.compare("isNull: true", &expected, &readable, &json!(true));

        let both: BTreeSet<String> = null.union(other).cloned().collect();
        self.compare("isNull: true or false", &self.all(), &both, &json!(true));
    }

    async fn equality(&mut self, values: &[(usize, &Value)], offered: &[String]) {
        let operands: Vec<Value> = values.iter().map(|(_, value)| (*value).clone()).collect();
        let exact = is_exact(self.column.kind) && self.column.sql_type.is_none();
        let equal = self.find("eq", &operands).await;

        for (operand, found) in operands.iter().zip(&equal) {
            let Some(found) = found else { continue };
            let expected = owned(&self.rows.having(self.column.field, |value| value == operand));
            if exact {
                let found = found
                    .difference(&owned(&self.rows.spoilt(self.column.field)))
                    .cloned()
                    .collect();
                self.compare("eq", &expected, &found, operand);
            } else {
                self.within("eq", &expected, found, operand);
            }
        }

        // The results of the other operators follow from those of `eq`, whatever the database considers equal.
        let known = self.known().await;
        for (operator, negated) in [("ne", true), ("in", false), ("notIn", true)] {
            if !offered.iter().any(|name| name == operator) {
                continue;
            }
            let given: Vec<Value> = operands
                .iter()
                .map(|value| {
                    if operator == "ne" {
                        value.clone()
                    } else {
                        json!([value])
                    }
                })
                .collect();

            let found = self.find(operator, &given).await;
            for ((operand, found), equal) in operands.iter().zip(&found).zip(&equal) {
                let (Some(found), Some(equal), Some(known)) = (found, equal, &known) else {
                    continue;
                };
                let expected = if negated {
                    known.difference(equal).cloned().collect()
                } else {
                    equal.clone()
                };
                self.compare(operator, &expected, found, operand);
            }
        }

        if operands.len() > 1 && offered.iter().any(|name| name == "in") && equal.iter().all(Option::is_some) {
            let expected = equal.iter().flatten().flatten().cloned().collect();
            if let [Some(found)] = &self.find("in", &[Value::Array(operands.clone())]).await[..] {
                self.compare("in", &expected, found, &Value::Array(operands));
            }
        }
    }

    /// Checks that `lt` and `gt` divide the rows around a value, and that `lte`, `gte` and `between` agree with them.
    async fn comparisons(&mut self, values: &[(usize, &Value)]) {
        let operands: Vec<Value> = values.iter().map(|(_, value)| (*value).clone()).collect();
        let pairs: Vec<Value> = operands.iter().map(|value| json!([value, value])).collect();

        let less = self.find("lt", &operands).await;
        let greater = self.find("gt", &operands).await;
        let at_most = self.find("lte", &operands).await;
        let at_least = self.find("gte", &operands).await;
        let between = self.find("between", &pairs).await;

        for (at, (row, operand)) in values.iter().enumerate() {
            let (Some(less), Some(greater), Some(at_most), Some(at_least), Some(between)) =
                (&less[at], &greater[at], &at_most[at], &at_least[at], &between[at])
            else {
                continue;
            };

            let one = BTreeSet::from([self.rows.ids[*row].clone()]);
            self.within("lte", &one, at_most, operand);
            self.within("gte", &one, at_least, operand);

            let both: BTreeSet<String> = at_most.intersection(at_least).cloned().collect();
            self.compare("between", &both, between, operand);

            let apart = less.is_disjoint(at_least) && greater.is_disjoint(at_most);
            self.note(apart, "a row is both below and at least a value", "lt", operand);
            let below: BTreeSet<String> = at_most.difference(less).cloned().collect();
            let above: BTreeSet<String> = at_least.difference(greater).cloned().collect();
            self.compare("lte without lt, gte without gt", &below, &above, operand);
        }
    }

    /// Checks the remaining operators: some must find the value itself, the others must at least not fail.
    async fn others(&mut self, operator: &str, values: &[(usize, &Value)]) {
        let known = ["eq", "ne", "in", "notIn", "isNull", "gt", "gte", "lt", "lte", "between"];
        if known.contains(&operator) {
            return;
        }

        let ty = self
            .api
            .types
            .get(self.operators)
            .input(operator)
            .map(|member| member.ty.clone())
            .unwrap_or_default();
        let kind = self.column.kind;
        let operands: Vec<(usize, Value)> = values
            .iter()
            .filter_map(|(row, value)| Some((*row, operand_of(operator, &ty, value, kind)?)))
            .collect();

        let given: Vec<Value> = operands.iter().map(|(_, value)| value.clone()).collect();
        let found = self.find(operator, &given).await;

        let finds_itself = match operator {
            // A bound need not belong to its range.
            "contains" | "containedBy" => !matches!(self.column.kind, Kind::Range(_)),
            "icontains" | "startsWith" | "istartsWith" | "endsWith" | "iendsWith" => true,
            _ => false,
        };

        for ((row, operand), found) in operands.iter().zip(&found) {
            let Some(found) = found else { continue };
            let one = BTreeSet::from([self.rows.ids[*row].clone()]);
            if finds_itself && !has_null(operand) {
                self.within(operator, &one, found, operand);
            }
        }
    }

    /// Returns the ids of the rows whose value is not null.
    async fn known(&mut self) -> Option<BTreeSet<String>> {
        if !self.column.nullable {
            return Some(self.all());
        }
        self.find("isNull", &[json!(false)]).await.pop().flatten()
    }

    fn all(&self) -> BTreeSet<String> {
        self.rows.ids.iter().cloned().collect()
    }

    /// Sends all operands in one request; if that fails, sends each in its own request.
    async fn find(&mut self, operator: &str, operands: &[Value]) -> Found {
        if operands.is_empty() {
            return Vec::new();
        }

        let (query, variables) = self.request(operator, operands);
        let answer = self.api.ask(&query, variables).await;
        if is_readable(&answer) && answer["data"].is_object() {
            self.report.checks += operands.len() as u64;
            return (0..operands.len())
                .map(|at| Some(self.ids(&answer["data"][format!("r{at}")])))
                .collect();
        }

        let mut found = Vec::new();
        for operand in operands {
            let (query, variables) = self.request(operator, std::slice::from_ref(operand));
            let answer = self.api.ask(&query, variables.clone()).await;
            // A value need not be a valid pattern.
            let is_pattern = ["regex", "iregex", "like", "ilike"].contains(&operator);
            let wrong_pattern = is_pattern && codes(&answer).contains(&"BAD_USER_INPUT");

            let failed = !is_readable(&answer) || !answer["data"].is_object();
            self.report.check(!failed || wrong_pattern, || Fault {
                law: Law::Offered,
                place: format!("{}.{} {operator}", self.rows.table.type_name, self.column.field),
                message: first_error(&answer),
                request: format!("{query} {variables}"),
            });
            found.push((!failed).then(|| self.ids(&answer["data"]["r0"])));
        }

        found
    }

    fn ids(&self, rows: &Value) -> BTreeSet<String> {
        // A value that cannot be read is null in every list, so the ids still agree.
        rows.as_array()
            .into_iter()
            .flatten()
            .map(|row| id(row, self.rows.table))
            .collect()
    }

    fn request(&self, operator: &str, operands: &[Value]) -> (String, Value) {
        let ty = self
            .api
            .types
            .get(self.operators)
            .input(operator)
            .map(|member| member.ty.clone())
            .unwrap_or_default();

        let names: Vec<String> = (0..operands.len()).map(|at| format!("$a{at}: {ty}")).collect();
        let fields: Vec<String> = (0..operands.len())
            .map(|at| {
                format!(
                    "r{at}: {}(filters: {{{}: {{{operator}: $a{at}}}}}, limit: {ROWS}) {{ {} }}",
                    self.rows.table.many,
                    self.column.field,
                    self.api.identity(self.rows.table)
                )
            })
            .collect();

        let variables: Map<String, Value> = operands
            .iter()
            .enumerate()
            .map(|(at, value)| (format!("a{at}"), value.clone()))
            .collect();

        (
            format!("query({}) {{ {} }}", names.join(" "), fields.join(" ")),
            Value::Object(variables),
        )
    }

    fn compare(&mut self, operator: &str, expected: &BTreeSet<String>, found: &BTreeSet<String>, operand: &Value) {
        let message = format!("expected {}, found {}", brief(expected), brief(found));
        self.note(expected == found, &message, operator, operand);
    }

    fn within(&mut self, operator: &str, expected: &BTreeSet<String>, found: &BTreeSet<String>, operand: &Value) {
        let message = format!("expected at least {}, found {}", brief(expected), brief(found));
        self.note(expected.is_subset(found), &message, operator, operand);
    }

    fn note(&mut self, holds: bool, message: &str, operator: &str, operand: &Value) {
        let (table, column) = (self.rows.table, self.column);
        self.report.check(holds, || Fault {
            law: Law::RoundTrip,
            place: format!("{}.{}", table.type_name, column.field),
            message: message.to_owned(),
            request: format!(
                "{}(filters: {{{}: {{{operator}: {operand}}}}})",
                table.many, column.field
            ),
        });
    }
}

/// Converts a value to the form that an operator takes; `None` if it has no such form.
fn operand_of(operator: &str, ty: &str, value: &Value, kind: Kind) -> Option<Value> {
    let is_list = ty.starts_with('[');
    match (operator, kind) {
        ("hasKey", _) => value
            .as_object()
            .and_then(|object| object.keys().next())
            .map(|key| json!(key)),
        ("path", _) => None,
        ("regex" | "iregex" | "like" | "ilike", _) => value.is_string().then(|| value.clone()),
        // A range is searched for an element: one of its bounds.
        (_, Kind::Range(_)) if !ty.contains("Input") => {
            let bound = [&value["lower"], &value["upper"]]
                .into_iter()
                .find(|bound| !bound.is_null())?;
            Some(bound.clone())
        }
        _ if is_list == value.is_array() || ty.starts_with("JSON") => Some(value.clone()),
        _ => None,
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        _ => false,
    }
}

fn owned(ids: &BTreeSet<&str>) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn brief(ids: &BTreeSet<String>) -> String {
    let first: Vec<&str> = ids.iter().take(4).map(String::as_str).collect();
    let more = if ids.len() > first.len() {
        format!(" and {} more", ids.len() - first.len())
    } else {
        String::new()
    };
    format!("[{}{more}]", first.join(", "))
}
