//! Random policies, viewers and queries: nothing comes back that the naive evaluator, which knows the rows that a viewer
//! may see and no others, does not find. `RANDOM_POLICIES` sets how many policies are tried on each database (20 if it
//! is not set), each with several viewers and queries.

use std::fmt::Write as _;

use async_graphql::Variables;
use codegen::catalog::Catalog;
use codegen::config::ConfigFile;
use codegen::definitions::definitions;
use codegen::metadata::Metadata;
use codegen::{schema, verify};
use runtime::Viewer;
use runtime::testing::Request;
use runtime::{Database, Registry};
use serde_json::{Value, json};
use tests::{Engine, shop, shops};

use super::data::{Cell, Data};
use super::generate::{Generator, Query};
use super::mentions::Mentions;
use super::shape::{Column, SEARCHED, TABLES, Type};
use super::{evaluate, number};

/// Viewers for each set of policies, and queries for each of them.
const VIEWERS: u64 = 4;
const QUERIES: u64 = 12;

/// The policies of one table, in order.
struct Policy {
    roles: Vec<&'static str>,
    rows: Option<Rule>,
    hidden: Vec<usize>,
}

enum Rule {
    All(Vec<Rule>),
    Any(Vec<Rule>),
    Not(Box<Rule>),
    Compare(usize, &'static str, Operand),
    IsNull(usize, bool),
    /// A relation, and a rule with one column at the end.
    Related(usize, Box<Rule>),
}

enum Operand {
    ViewerId,
    Limit,
    Literal(Cell),
}

const ROLES: &[&str] = &["anyone", "anonymous", "authenticated", "staff", "a", "b"];

impl Generator<'_> {
    fn policies(&mut self) -> Vec<Vec<Policy>> {
        (0..TABLES.len())
            .map(|table| {
                let count = if self.chance(55) { 1 + self.below(3) } else { 0 };
                (0..count).map(|_| self.policy(table)).collect()
            })
            .collect()
    }

    fn policy(&mut self, table: usize) -> Policy {
        let shape = &TABLES[table];
        let mut roles = vec![*self.pick(ROLES)];
        if self.chance(40) {
            roles.push(*self.pick(ROLES));
        }
        let others: Vec<usize> = (0..shape.columns.len()).filter(|at| !shape.key.contains(at)).collect();
        let hidden = if self.chance(25) && !others.is_empty() {
            vec![*self.pick(&others)]
        } else {
            Vec::new()
        };
        Policy {
            roles,
            rows: self.chance(75).then(|| self.rule(table, 2)),
            hidden,
        }
    }

    fn rule(&mut self, table: usize, depth: u32) -> Rule {
        let shape = &TABLES[table];
        match self.below(8) {
            0 if depth > 0 => Rule::Not(Box::new(self.rule(table, depth - 1))),
            1 if depth > 0 => Rule::All((0..2).map(|_| self.rule(table, depth - 1)).collect()),
            2 if depth > 0 => Rule::Any((0..2).map(|_| self.rule(table, depth - 1)).collect()),
            3 | 4 if shape.relations.iter().any(|relation| relation.through.is_none()) => loop {
                let at = self.below(shape.relations.len());
                if shape.relations[at].through.is_none() {
                    break Rule::Related(at, Box::new(self.comparison(shape.relations[at].target)));
                }
            },
            _ => self.comparison(table),
        }
    }

    fn comparison(&mut self, table: usize) -> Rule {
        let columns = TABLES[table].columns;
        loop {
            let at = self.below(columns.len());
            let column: &Column = &columns[at];
            if column.nullable && self.chance(30) {
                return Rule::IsNull(at, self.chance(50));
            }
            let equality = *self.pick(&["=", "<>"]);
            let order = *self.pick(&["=", "<>", "<", "<=", ">", ">="]);
            let literal = |generator: &mut Self| {
                let row = generator.below(generator.data.tables[table].len());
                Operand::Literal(generator.data.tables[table][row][at].clone())
            };
            match column.ty {
                Type::Id if self.chance(70) => return Rule::Compare(at, equality, Operand::ViewerId),
                Type::Int if self.chance(30) => return Rule::Compare(at, order, Operand::Limit),
                Type::Id | Type::Int | Type::Money => return Rule::Compare(at, order, literal(self)),
                Type::Bool | Type::Text | Type::Enum(_) => return Rule::Compare(at, equality, literal(self)),
                _ => {}
            }
        }
    }

    fn viewer(&mut self) -> Viewer {
        if self.chance(20) {
            return Viewer::anonymous();
        }
        let mut viewer = Viewer::known((1 + self.below(12)).to_string());
        viewer.roles = ["a", "b"]
            .into_iter()
            .filter(|_| self.chance(40))
            .map(str::to_owned)
            .collect();
        viewer.is_staff = self.chance(20);
        if self.chance(70) {
            viewer.claims.insert("limit".into(), json!(self.below(6)));
        }
        viewer
    }
}

impl Rule {
    fn text(&self, table: usize, path: &str) -> String {
        let columns = TABLES[table].columns;
        let each = |parts: &[Self], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| part.text(table, path)).collect();
            format!("({})", parts.join(word))
        };
        match self {
            Self::All(parts) => each(parts, " AND "),
            Self::Any(parts) => each(parts, " OR "),
            Self::Not(inner) => format!("NOT ({})", inner.text(table, path)),
            Self::IsNull(at, null) => {
                format!(
                    "{path}{} IS {}NULL",
                    columns[*at].stored,
                    if *null { "" } else { "NOT " }
                )
            }
            Self::Related(at, rule) => {
                let relation = &TABLES[table].relations[*at];
                rule.text(relation.target, &format!("{path}{}.", relation.field))
            }
            Self::Compare(at, operator, operand) => {
                let operand = match operand {
                    Operand::ViewerId => "$viewer.id".into(),
                    Operand::Limit => "$viewer.claims.limit".into(),
                    Operand::Literal(Cell::Text(text)) => format!("'{}'", text.replace('\'', "''")),
                    Operand::Literal(Cell::Bool(value)) => value.to_string(),
                    Operand::Literal(Cell::Null) => "'none'".into(),
                    Operand::Literal(cell) => cell.json(columns[*at].ty).to_string().trim_matches('"').to_owned(),
                };
                format!("{path}{} {operator} {operand}", columns[*at].stored)
            }
        }
    }

    /// With the logic of SQL: `None` is unknown.
    fn holds(&self, table: usize, row: &[Cell], viewer: &Viewer, data: &Data) -> Option<bool> {
        match self {
            Self::All(parts) => {
                let each: Vec<Option<bool>> = parts.iter().map(|part| part.holds(table, row, viewer, data)).collect();
                if each.contains(&Some(false)) {
                    Some(false)
                } else {
                    each.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
                }
            }
            Self::Any(parts) => {
                let each: Vec<Option<bool>> = parts.iter().map(|part| part.holds(table, row, viewer, data)).collect();
                if each.contains(&Some(true)) {
                    Some(true)
                } else {
                    each.into_iter().collect::<Option<Vec<_>>>().map(|_| false)
                }
            }
            Self::Not(inner) => inner.holds(table, row, viewer, data).map(|holds| !holds),
            Self::IsNull(at, null) => Some((row[*at] == Cell::Null) == *null),
            Self::Related(at, rule) => {
                let relation = &TABLES[table].relations[*at];
                let key = &row[relation.here];
                let others = data.tables[relation.target].iter();
                let mut linked = others.filter(|other| *key != Cell::Null && other[relation.there] == *key);
                Some(linked.any(|other| rule.holds(relation.target, other, viewer, data) == Some(true)))
            }
            Self::Compare(at, operator, operand) => {
                let value = match operand {
                    Operand::ViewerId => Cell::Int(viewer.id.as_ref()?.parse().ok()?),
                    Operand::Limit => Cell::Int(viewer.claims.get("limit")?.as_i64()?),
                    Operand::Literal(Cell::Null) => Cell::Text("none".into()),
                    Operand::Literal(cell) => cell.clone(),
                };
                if row[*at] == Cell::Null {
                    return None;
                }
                let order = row[*at].order(&value);
                Some(match *operator {
                    "=" => order.is_eq(),
                    "<>" => order.is_ne(),
                    "<" => order.is_lt(),
                    "<=" => order.is_le(),
                    ">" => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
        }
    }
}

fn is_in_role(viewer: &Viewer, role: &str) -> bool {
    match role {
        "anyone" => true,
        "anonymous" => viewer.id.is_none(),
        "authenticated" => viewer.id.is_some(),
        "staff" => viewer.is_staff,
        role => viewer.roles.iter().any(|own| own == role),
    }
}

/// What a viewer may see: the rows, hidden values emptied; the tables that are closed; the columns that are hidden.
fn visible(policies: &[Vec<Policy>], viewer: &Viewer, data: &Data) -> (Data, Vec<bool>, Vec<(usize, usize)>) {
    let mut tables = Vec::new();
    let (mut closed, mut hidden) = (Vec::new(), Vec::new());
    for (table, policies) in policies.iter().enumerate() {
        let own = policies
            .iter()
            .find(|policy| policy.roles.iter().any(|role| is_in_role(viewer, role)));
        closed.push(own.is_none() && !policies.is_empty());
        hidden.extend(
            own.iter()
                .flat_map(|policy| &policy.hidden)
                .map(|&column| (table, column)),
        );
        let rows = data.tables[table].iter().filter(|row| {
            own.and_then(|policy| policy.rows.as_ref())
                .is_none_or(|rule| rule.holds(table, row, viewer, data) == Some(true))
        });
        let emptied = rows.map(|row| {
            let mut row = row.clone();
            for &column in own.iter().flat_map(|policy| &policy.hidden) {
                row[column] = Cell::Null;
            }
            row
        });
        tables.push(emptied.collect());
    }
    (Data { tables }, closed, hidden)
}

fn config(policies: &[Vec<Policy>]) -> String {
    let mut text = String::new();
    for (table, policies) in policies.iter().enumerate() {
        let _ = writeln!(text, "[tables.{}]\nactions = [\"update\"]", TABLES[table].stored);
        if table == SEARCHED.0 {
            text.push_str("search = [\"name\", \"description\"]\n");
        }
        for policy in policies {
            let shape = &TABLES[table];
            let hidden: Vec<&str> = policy.hidden.iter().map(|&at| shape.columns[at].stored).collect();
            let _ = write!(
                text,
                "[[tables.{}.policies]]\nroles = {:?}\nactions = [\"read\"]\nhidden = {hidden:?}\n",
                shape.stored, policy.roles
            );
            if let Some(rows) = &policy.rows {
                let _ = writeln!(text, "rows = '''{}'''", rows.text(table, ""));
            }
        }
    }
    text
}

/// Whether a query names what is closed or hidden.
fn is_refused(query: &Query, closed: &[bool], hidden: &[(usize, usize)]) -> bool {
    let Mentions { tables, columns } = query.mentions();
    tables.iter().any(|&table| closed[table]) || columns.iter().any(|column| hidden.contains(column))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_comes_back_that_a_viewer_may_not_see() {
    let sqlite = shop(Engine::Sqlite).await.expect("SQLite needs no server");
    let data = Data::load(&sqlite.url).await;
    let snapshot = concat!(env!("CARGO_MANIFEST_DIR"), "/sample/catalog.json");
    let snapshot = std::fs::read_to_string(snapshot).expect("the shop's snapshot");
    let catalog = Catalog::from_snapshot(&snapshot).expect("a catalog");
    let mut databases = Vec::new();
    for shop in shops().await {
        databases.push((shop.engine, Database::connect(&shop.url, 4).await.expect("the shop")));
    }
    let (count, first) = (number("RANDOM_POLICIES", 20), number("RANDOM_SEED", 1));
    let (mut answered, mut refused) = (0, 0);
    for seed in first..first + count {
        let policies = Generator::new(seed, &data).policies();
        let text = config(&policies);
        let settings = ConfigFile::parse(&format!("trust_data = true\n{text}"))
            .and_then(|file| file.settings())
            .expect("settings");
        let model =
            verify::verify(schema::build(&catalog, &settings)).unwrap_or_else(|found| panic!("{text}\n{found:?}"));
        let apps = Metadata::of(&model).apps(&model);
        let registries: Vec<(Engine, Registry)> = databases
            .iter()
            .map(|(engine, database)| {
                let registry = Registry::with_apps(database.clone(), apps.clone());
                for definition in definitions(&model) {
                    registry
                        .register(definition.setting("max_query_complexity", i64::MAX))
                        .expect("a schema");
                }
                (*engine, registry)
            })
            .collect();
        for viewer_seed in 0..VIEWERS {
            let viewer = Generator::new(seed * 1000 + viewer_seed, &data).viewer();
            let (seen, closed, hidden) = visible(&policies, &viewer, &data);
            for query_seed in 0..QUERIES {
                let generator = Generator::new(seed * 100_000 + viewer_seed * 100 + query_seed, &data);
                let ((query_text, variables), expected) = if query_seed % 4 == 0 {
                    let change = generator.change();
                    let refused = viewer.id.is_none() || change.is_refused(&closed, &hidden);
                    (change.text(), (!refused).then(|| change.expected(&seen)))
                } else {
                    let query = generator.query();
                    let refused = is_refused(&query, &closed, &hidden);
                    (query.text(), (!refused).then(|| evaluate::query(&query, &seen)))
                };
                for (engine, registry) in &registries {
                    let request = Request {
                        query: query_text.clone(),
                        variables: Variables::from_json(variables.clone()),
                        viewer: viewer.clone(),
                        ..Request::default()
                    };
                    let engine_of = registry.find("main").expect("the schema");
                    let body = engine_of.engine().execute(request).await.body;
                    let found: Value = serde_json::from_slice(&body).expect("JSON");
                    let place = format!(
                        "seed {seed} on {engine}\n{text}\n{viewer:?}\n{query_text}\n{variables}\nfound {found}"
                    );
                    if let Some(expected) = &expected {
                        assert_eq!(found, json!({ "data": expected }), "{place}");
                        answered += 1;
                        continue;
                    }
                    let code = &found["errors"][0]["extensions"]["code"];
                    assert!(code == "FORBIDDEN" || code == "AUTHENTICATION_REQUIRED", "{place}");
                    assert!(found.get("data").is_none_or(Value::is_null), "{place}");
                    refused += 1;
                }
            }
        }
    }
    eprintln!("{count} sets of policies from seed {first}: {answered} queries answered, {refused} refused");
    assert!(
        count < 20 || answered > refused / 4 && refused > 0,
        "the policies are too lax or too strict to show anything"
    );
}
