//! Policies of the settings, resolved: roles, rows, hidden columns, preset values.

use super::rule::{self, Comparison, Operand, Written};
use super::{Diagnostic, Entity, Field};
use crate::catalog::{Table, TableKind};
use crate::config::{OperationSetting, PolicySettings, TableSettings};

/// Who may do what with a table's rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Whom it is for.
    pub roles: Vec<String>,
    /// What it is for.
    pub operations: Vec<OperationSetting>,
    /// Which rows; none given: all.
    pub rows: Option<Rule>,
    /// Indexes of the columns that are neither shown nor written.
    pub hidden: Vec<usize>,
    /// Values that columns get whatever the input says.
    pub preset: Vec<(usize, Operand)>,
}

/// A condition on a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// All hold.
    All(Vec<Rule>),
    /// One holds.
    Any(Vec<Rule>),
    /// It does not hold.
    Not(Box<Rule>),
    /// A column, by index, against a value.
    Compare(usize, Comparison, Operand),
    /// A column is null, or not.
    IsNull(usize, bool),
    /// There is a related row for which a rule holds.
    Related {
        /// The column indexes that are equal: here, there.
        pairs: Vec<(usize, usize)>,
        /// The related entity, an index.
        target: usize,
        /// The rule.
        rule: Box<Rule>,
    },
}

/// The mutations that a table's settings switch on.
pub(super) fn operations(
    table: &Table,
    settings: &TableSettings,
    columns: &[Field],
    key_is_binary: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<OperationSetting> {
    let mut operations = settings.operations.clone();
    operations.retain(|operation| *operation != OperationSetting::Read);
    if table.kind != TableKind::Table && !table.updatable && !operations.is_empty() {
        diagnostics.push(Diagnostic::error(
            format!(
                "[tables.{}]: the database does not let rows of this view be written",
                table.name.name
            ),
            "remove `operations`, give the view `INSTEAD OF` triggers, or write to the table behind it",
        ));
    }
    let has_key = table.primary_key.is_some() || !settings.key.is_empty();
    if !has_key
        && operations
            .iter()
            .any(|operation| *operation != OperationSetting::Create)
    {
        diagnostics.push(Diagnostic::error(
            format!(
                "[tables.{}]: rows without a primary key can be made, not changed or removed",
                table.name.name
            ),
            if table.kind == TableKind::Table {
                "`operations = [\"create\"]`".to_owned()
            } else {
                format!(
                    "`[tables.{}] key = [\"...\"]` names the columns that tell rows apart",
                    table.name.name
                )
            },
        ));
    }
    if key_is_binary && !operations.is_empty() {
        diagnostics.push(Diagnostic::error(
            format!(
                "[tables.{}]: rows with a binary primary key are only read",
                table.name.name
            ),
            "remove `operations`, or write them by hand",
        ));
    }

    // An input without fields is no valid type.
    let takes_values =
        |operation: &OperationSetting| matches!(operation, OperationSetting::Create | OperationSetting::Update);
    if columns.iter().all(|column| column.computed) && operations.iter().any(takes_values) {
        operations.retain(|operation| !takes_values(operation));
        diagnostics.push(Diagnostic::warning(
            format!(
                "[tables.{}]: the database computes all columns, so rows are neither made nor changed",
                table.name.name
            ),
            "remove `create` and `update` from `operations`",
        ));
    }
    operations
}

/// The policies of one entity.
pub(super) fn policies(
    entities: &[Entity],
    at: usize,
    settings: &TableSettings,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Policy> {
    let table = &entities[at].table.name;
    let found = settings
        .policies
        .iter()
        .map(|policy| resolve(entities, at, policy))
        .collect::<Result<Vec<_>, _>>();
    found.unwrap_or_else(|(message, help)| {
        diagnostics.push(Diagnostic::error(
            format!("[[tables.{table}.policies]]: {message}"),
            help,
        ));
        Vec::new()
    })
}

type Mistake = (String, String);

fn resolve(entities: &[Entity], at: usize, settings: &PolicySettings) -> Result<Policy, Mistake> {
    let entity = &entities[at];
    if settings.roles.is_empty() {
        return Err((
            "`roles` is empty".into(),
            "`roles = [\"anyone\"]` is for everybody".into(),
        ));
    }
    let rows = match &settings.rows {
        None => None,
        Some(text) => {
            let help = "write it as in `user_id = $viewer.id AND status <> 'paid'`";
            let written = rule::parse(text).map_err(|message| (format!("`{text}`: {message}"), help.to_owned()))?;
            Some(resolved(entities, at, &written)?)
        }
    };
    let hidden = settings
        .hidden
        .iter()
        .map(|name| column(entity, name))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(&key) = hidden.iter().find(|column| entity.primary_key.contains(column)) {
        return Err((
            format!(
                "`hidden`: `{}` is part of the primary key, which pages and cursors need",
                entity.columns[key].column
            ),
            "close the table to these roles, or hide other columns".into(),
        ));
    }
    let mut preset = Vec::new();
    for (name, value) in &settings.preset {
        let operand = match value {
            toml::Value::String(text) if text.starts_with('$') => {
                rule::viewer_value(text).map_err(|message| (format!("`preset.{name}`: {message}"), String::new()))?
            }
            toml::Value::String(text) => Operand::Text(text.clone()),
            toml::Value::Boolean(value) => Operand::Bool(*value),
            toml::Value::Integer(value) => Operand::Text(value.to_string()),
            toml::Value::Float(value) => Operand::Text(value.to_string()),
            other => {
                return Err((
                    format!("`preset.{name}`: {other} is no value"),
                    "give a text, number or boolean".into(),
                ));
            }
        };
        preset.push((column(entity, name)?, operand));
    }
    Ok(Policy {
        roles: settings.roles.clone(),
        operations: settings.operations.clone(),
        rows,
        hidden,
        preset,
    })
}

fn resolved(entities: &[Entity], at: usize, written: &Written) -> Result<Rule, Mistake> {
    let each = |parts: &[Written]| {
        parts
            .iter()
            .map(|part| resolved(entities, at, part))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(match written {
        Written::All(parts) => Rule::All(each(parts)?),
        Written::Any(parts) => Rule::Any(each(parts)?),
        Written::Not(inner) => Rule::Not(Box::new(resolved(entities, at, inner)?)),
        Written::Compare(path, comparison, operand) => along(entities, at, path, &|column| {
            Rule::Compare(column, *comparison, operand.clone())
        })?,
        Written::IsNull(path, null) => along(entities, at, path, &|column| Rule::IsNull(column, *null))?,
    })
}

/// The rule for a column at the end of a path of relations.
fn along(entities: &[Entity], at: usize, path: &[String], leaf: &dyn Fn(usize) -> Rule) -> Result<Rule, Mistake> {
    let entity = &entities[at];
    match path {
        [] => Err(("a column is missing".into(), String::new())),
        [name] => Ok(leaf(column(entity, name)?)),
        [name, rest @ ..] => {
            let direct = entity.relations.iter().filter(|relation| relation.through.is_none());
            let known: Vec<&str> = direct.clone().map(|relation| relation.graphql.as_str()).collect();
            let relation = direct
                .clone()
                .find(|relation| relation.graphql.as_str() == name)
                .ok_or_else(|| {
                    let message = format!("`{}` has no relation `{name}`", entity.table.name);
                    (message, format!("its relations: {}", known.join(", ")))
                })?;
            let rule = along(entities, relation.target, rest, leaf)?;
            Ok(Rule::Related {
                pairs: relation.pairs.clone(),
                target: relation.target,
                rule: Box::new(rule),
            })
        }
    }
}

fn column(entity: &Entity, name: &str) -> Result<usize, Mistake> {
    entity
        .columns
        .iter()
        .position(|field| field.column == name)
        .ok_or_else(|| {
            let names: Vec<&str> = entity.columns.iter().map(|field| field.column.as_str()).collect();
            (
                format!("`{}` has no column `{name}`", entity.table.name),
                format!("its columns: {}", names.join(", ")),
            )
        })
}
