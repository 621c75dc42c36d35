//! Random databases: tables with columns of every type, keys of every kind, hostile names, and rows of edge values.

use std::collections::HashSet;
use std::fmt::Write as _;

use tests::{Engine, Random};

use super::{mysql, names, postgres, sqlite};

/// A type as a column is declared, with values as SQL spells them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type {
    pub(super) sql: &'static str,
    pub(super) values: &'static [&'static str],
    /// Whether it can be a key's.
    pub(super) key: bool,
}

/// A type of columns.
pub(super) const fn plain(sql: &'static str, values: &'static [&'static str]) -> Type {
    Type {
        sql,
        values,
        key: false,
    }
}

/// A type of columns and keys.
pub(super) const fn keyed(sql: &'static str, values: &'static [&'static str]) -> Type {
    Type { sql, values, key: true }
}

/// A database, ready to be made.
pub(super) struct RandomDatabase {
    pub(super) seed: u64,
    pub(super) statements: Vec<String>,
    /// Switches on what can be written.
    pub(super) config: String,
}

impl RandomDatabase {
    /// What makes it.
    pub(super) fn sql(&self) -> String {
        self.statements.join(";\n")
    }
}

/// A table that other tables may refer to.
struct Made {
    name: String,
    namespace: Option<&'static str>,
    /// The one column of its key, the type and the values that its rows have.
    key: Option<(String, Type, Vec<String>)>,
}

/// Makes a database.
pub(super) struct Generator {
    engine: Engine,
    seed: u64,
    random: Random,
    types: Vec<Type>,
    made: Vec<Made>,
    statements: Vec<String>,
    config: String,
}

struct Column {
    name: String,
    ty: Type,
    nullable: bool,
    /// The values that rows take, where the column refers to another table.
    referred: Option<Vec<String>>,
}

impl Generator {
    pub(super) fn new(engine: Engine, seed: u64, lacks: &[&str]) -> Self {
        let (types, statements): (&[Type], &[&str]) = match engine {
            Engine::Postgres => (postgres::TYPES, postgres::BEFORE),
            Engine::Mariadb => (mysql::TYPES, mysql::BEFORE),
            Engine::Sqlite => (sqlite::TYPES, sqlite::BEFORE),
        };
        Self {
            engine,
            seed,
            random: Random::new(seed),
            types: types
                .iter()
                .filter(|ty| !lacks.iter().any(|word| ty.sql.contains(word)))
                .copied()
                .collect(),
            made: Vec::new(),
            statements: statements.iter().map(|sql| (*sql).to_owned()).collect(),
            config: String::new(),
        }
    }

    pub(super) fn database(mut self) -> RandomDatabase {
        let count = 2 + self.random.below(4);
        let mut taken = HashSet::new();
        for _ in 0..count {
            let name = *self.random.pick(names::TABLES);
            // MariaDB on some systems, and SQLite everywhere, take names without regard to case. And one of two tables that
            // bend to the same word has to make room, whichever was there before.
            let word = if name == "people" {
                "person"
            } else {
                name.trim_end_matches('s')
            };
            let letters: String = word
                .to_lowercase()
                .chars()
                .filter(|letter| letter.is_alphanumeric())
                .collect();
            if taken.insert(letters) {
                self.table(name);
            }
        }
        RandomDatabase {
            seed: self.seed,
            statements: self.statements,
            config: self.config,
        }
    }

    fn table(&mut self, name: &str) {
        let namespace = (self.engine == Engine::Postgres && self.random.chance(25)).then_some("far");
        let mut columns = self.columns();
        let mut parts: Vec<String> = Vec::new();
        let mut keys: Vec<String> = Vec::new();

        // No key at all, one column, or the first two.
        let width = match self.random.below(10) {
            0 => 0,
            1..=7 => 1,
            _ => 2,
        };
        let mut key = Vec::new();
        for column in columns.iter_mut().filter(|column| column.ty.key).take(width) {
            column.nullable = false;
            key.push(column.name.clone());
        }
        if !key.is_empty() {
            keys.push(format!("PRIMARY KEY ({})", self.listed(&key)));
        }
        for column in &columns {
            if column.ty.key && !key.contains(&column.name) && self.random.chance(15) {
                keys.push(format!("UNIQUE ({})", self.quoted(&column.name)));
            }
        }
        let referring = self.references(&mut columns, &mut keys);

        for column in &columns {
            let null = if column.nullable && self.engine == Engine::Mariadb {
                " NULL"
            } else if column.nullable {
                ""
            } else {
                " NOT NULL"
            };
            let default =
                if self.random.chance(10) && !referring.contains(&column.name) && !column.ty.sql.contains("IDENTITY") {
                    let value = *self.random.pick(column.ty.values);
                    format!(" DEFAULT {}", parenthesized(self.engine, value))
                } else {
                    String::new()
                };
            parts.push(format!(
                "{} {}{null}{default}",
                self.quoted(&column.name),
                column.ty.sql
            ));
        }
        if self.random.chance(15) {
            let stored = if self.random.chance(50) || self.engine == Engine::Postgres {
                "STORED"
            } else {
                "VIRTUAL"
            };
            parts.push(format!("computed INT GENERATED ALWAYS AS (1 + 1) {stored}"));
        }
        parts.extend(keys);

        let full = self.full(namespace, name);
        self.statements
            .push(format!("CREATE TABLE {full} ({})", parts.join(", ")));
        let rows = self.rows(&full, &columns);
        // Rows with a binary key are only read.
        let is_binary = |column: &Column| {
            ["BLOB", "bytea", "binary"]
                .iter()
                .any(|part| column.ty.sql.contains(part))
        };
        let has_binary_key = columns
            .iter()
            .any(|column| key.contains(&column.name) && is_binary(column));
        if !has_binary_key {
            self.configure(namespace, name, !key.is_empty());
        }
        if self.random.chance(15) {
            self.statements.push(format!(
                "CREATE VIEW {} AS SELECT * FROM {full}",
                self.quoted(&format!("{name}_seen"))
            ));
        }

        let single = match &key[..] {
            [only] => columns.iter().position(|column| column.name == *only),
            _ => None,
        };
        let key = single.map(|at| {
            let values = rows.iter().map(|row| row[at].clone()).collect();
            (columns[at].name.clone(), columns[at].ty, values)
        });
        self.made.push(Made {
            name: name.to_owned(),
            namespace,
            key,
        });
    }

    fn columns(&mut self) -> Vec<Column> {
        let count = 2 + self.random.below(6);
        let keyed: Vec<Type> = self.types.iter().filter(|ty| ty.key).copied().collect();
        let mut taken = HashSet::new();
        let mut columns = Vec::new();
        for at in 0..count {
            let ty = if at == 0 {
                *self.random.pick(&keyed)
            } else {
                *self.random.pick(&self.types.clone())
            };
            let name = if at == 0 && self.random.chance(60) {
                "id"
            } else {
                *self.random.pick(names::COLUMNS)
            };
            if taken.insert(name.to_lowercase()) {
                columns.push(Column {
                    name: name.to_owned(),
                    ty,
                    nullable: self.random.chance(60),
                    referred: None,
                });
            }
        }
        columns
    }

    /// Adds columns that refer to the key of a table that is there, and returns their names.
    fn references(&mut self, columns: &mut Vec<Column>, keys: &mut Vec<String>) -> Vec<String> {
        let mut names = Vec::new();
        for at in 0..self.made.len() {
            let Some((key, ty, values)) = self.made[at].key.clone() else {
                continue;
            };
            if !self.random.chance(50) {
                continue;
            }
            let name = format!("{}_{at}_id", ["parent", "owner", "ref"][self.random.below(3) as usize]);
            let target = self.full(self.made[at].namespace, &self.made[at].name.clone());
            keys.push(format!(
                "FOREIGN KEY ({}) REFERENCES {target} ({})",
                self.quoted(&name),
                self.quoted(&key)
            ));
            names.push(name.clone());
            columns.push(Column {
                name,
                ty,
                nullable: self.random.chance(70),
                referred: Some(values),
            });
        }
        names
    }

    fn rows(&mut self, full: &str, columns: &[Column]) -> Vec<Vec<String>> {
        let count = self.random.below(11);
        let mut rows = Vec::new();
        for _ in 0..count {
            let row: Vec<String> = columns.iter().map(|column| self.value(column)).collect();
            let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
            self.statements.push(format!(
                "INSERT INTO {full} ({}) VALUES ({})",
                self.listed(&names),
                row.join(", ")
            ));
            rows.push(row);
        }
        rows
    }

    fn value(&mut self, column: &Column) -> String {
        if column.nullable && self.random.chance(20) {
            return "NULL".to_owned();
        }
        match &column.referred {
            // SQLite checks no key unless it is asked to.
            Some(values) if !values.is_empty() && (self.engine != Engine::Sqlite || self.random.chance(85)) => {
                self.random.pick(values).clone()
            }
            _ if self.engine == Engine::Sqlite && self.random.chance(15) => {
                // Bytes in a column of texts are answered as a text, and not found by it.
                let is_text = ["TEXT", "CHAR", "CLOB", "STRING"]
                    .iter()
                    .any(|part| column.ty.sql.contains(part));
                let loose = sqlite::LOOSE.iter().filter(|value| !is_text || !value.starts_with('x'));
                (*self.random.pick(&loose.collect::<Vec<_>>())).to_string()
            }
            _ => (*self.random.pick(column.ty.values)).to_owned(),
        }
    }

    fn configure(&mut self, namespace: Option<&str>, name: &str, has_key: bool) {
        let full = namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}.{name}"));
        let operations = if has_key {
            r#""create", "update", "delete""#
        } else {
            r#""create""#
        };
        // A name in quotes is written alike in TOML and in Rust.
        let _ = writeln!(self.config, "[tables.{full:?}]\nactions = [{operations}]");
    }

    fn quoted(&self, name: &str) -> String {
        match self.engine {
            Engine::Mariadb => format!("`{}`", name.replace('`', "``")),
            _ => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    fn listed(&self, names: &[String]) -> String {
        names
            .iter()
            .map(|name| self.quoted(name))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn full(&self, namespace: Option<&str>, name: &str) -> String {
        let name = self.quoted(name);
        namespace.map_or(name.clone(), |namespace| format!("{namespace}.{name}"))
    }
}

fn parenthesized(engine: Engine, value: &str) -> String {
    if engine == Engine::Postgres {
        value.to_owned()
    } else {
        format!("({value})")
    }
}
