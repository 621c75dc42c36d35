//! Random filters, as JSON for variables and as literals for documents.

use serde_json::Value;

use super::tables::{Family, TABLES, Table};
use crate::Random;

/// How deep filters go; deeper JSON is not read by the server.
const DEPTH: usize = 20;

/// A filter of about so many bytes at most.
pub(super) fn filter(random: &mut Random, table: usize, room: usize) -> Value {
    nested(random, &TABLES[table], room, 0)
}

fn nested(random: &mut Random, table: &Table, room: usize, depth: usize) -> Value {
    if room < 64 || depth >= DEPTH {
        return condition(random, table, 1);
    }
    match random.below(10) {
        0..3 => {
            let count = random_count(random, room, 24);
            condition(random, table, count)
        }
        3 => object("not", nested(random, table, room - 8, depth + 1)),
        4..7 => {
            let count = random_count(random, room, 40);
            let all = (0..count)
                .map(|_| nested(random, table, room / count, depth + 1))
                .collect();
            together(random, all)
        }
        7 if !table.ones.is_empty() => {
            let (name, target) = random.pick(table.ones);
            let inner = nested(random, &TABLES[*target], room - 24, depth + 1);
            object(name, inner)
        }
        _ if !table.lists.is_empty() => {
            let (name, target) = random.pick(table.lists);
            let which = *random.pick(&["some", "none", "every"]);
            let inner = nested(random, &TABLES[*target], room - 32, depth + 1);
            object(name, object(which, inner))
        }
        _ => condition(random, table, 1),
    }
}

/// At least one, and no more than fit with so many bytes each.
fn random_count(random: &mut Random, room: usize, each: usize) -> usize {
    1 + random.size((room / each).max(1))
}

fn together(random: &mut Random, all: Vec<Value>) -> Value {
    let word = *random.pick(&["and", "or"]);
    object(word, Value::Array(all))
}

fn object(name: &str, value: Value) -> Value {
    Value::from_iter([(name, value)])
}

/// A condition on one column, which has so many values where it can.
fn condition(random: &mut Random, table: &Table, count: usize) -> Value {
    let (column, family) = random.pick(table.columns);
    let operator = match family {
        _ if count > 1 => *random.pick(&["in", "notIn"]),
        Family::Id => *random.pick(&["eq", "ne"]),
        Family::Text => *random.pick(&[
            "eq",
            "gt",
            "contains",
            "icontains",
            "startsWith",
            "iendsWith",
            "like",
            "regex",
        ]),
        Family::Int | Family::Decimal => *random.pick(&["eq", "ne", "gt", "lte"]),
    };
    let value: Value = match operator {
        "in" | "notIn" => (0..count).map(|_| value(random, *family)).collect(),
        "like" => "%a_%b%c%d%".into(),
        "regex" => "^(a+)+(b|bb)*(.*x){12}$".into(),
        _ => value(random, *family),
    };
    object(column, object(operator, value))
}

fn value(random: &mut Random, family: Family) -> Value {
    let number = random.below(2_000);
    match family {
        Family::Id => number.to_string().into(),
        Family::Int => number.into(),
        Family::Decimal => format!("{number}.5").into(),
        Family::Text if random.chance(1) => "long ".repeat(random.size(1_000)).into(),
        Family::Text => format!("SKU-{number:06}").into(),
    }
}

/// The value as GraphQL spells it: names of members have no quotes.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{name}:{}", literal(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(literal).collect();
            format!("[{}]", values.join(","))
        }
        // Numbers and texts without escapes are spelled alike.
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::literal;

    #[test]
    fn literals_have_bare_names() {
        let value = json!({"or": [{"id": {"eq": "1"}}, {"stock": {"gt": 2}}]});
        assert_eq!(literal(&value), "{or:[{id:{eq:\"1\"}},{stock:{gt:2}}]}");
    }
}
