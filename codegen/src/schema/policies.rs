//! Resolves the policies of the settings: roles, row filters, hidden columns and presets.

use meta::RowFilterComparison as Comparison;

use super::row_filter::{self, Operand, ParsedRowFilter};
use super::{Diagnostic, Entity, Field};
use crate::catalog::{Table, TableKind};
use crate::config::{Action, PolicySettings, TableSettings};

/// Who may do what with a table's rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The roles it applies to.
    pub roles: Vec<String>,
    /// The actions it allows.
    pub actions: Vec<Action>,
    /// The row filter; `None` allows all rows.
    pub rows: Option<RowFilter>,
    /// Indexes of the hidden columns, which are neither shown nor written.
    pub hidden: Vec<usize>,
    /// Presets: column indexes, and the values that replace any input.
    pub preset: Vec<(usize, Operand)>,
}

/// A row filter: a condition on a row.
#[derive(Debug, Clone, PartialEq)]
pub enum RowFilter {
    /// All conditions hold.
    All(Vec<RowFilter>),
    /// At least one condition holds.
    Any(Vec<RowFilter>),
    /// The condition does not hold.
    Not(Box<RowFilter>),
    /// A column, by index, against a value.
    Compare(usize, Comparison, Operand),
    /// A column, by index, is null (`true`) or not null (`false`).
    IsNull(usize, bool),
    /// A related row exists that meets a condition.
    Related {
        /// Pairs of column indexes that must be equal: in this entity and in the related one.
        pairs: Vec<(usize, usize)>,
        /// The related entity, an index.
        target: usize,
        /// The condition on the related row.
        row_filter: Box<RowFilter>,
    },
}

/// Returns the mutations that a table's settings enable, and reports those that are not possible.
pub(super) fn actions(
    table: &Table,
    settings: &TableSettings,
    columns: &[Field],
    key_is_binary: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Action> {
    let mut actions = settings.actions.clone();
    actions.retain(|action| *action != Action::Read);
    if table.kind != TableKind::Table && !table.updatable && !actions.is_empty() {
        diagnostics.push(Diagnostic::error(
            format!(
                "[tables.{}]: the database does not allow writing to this view",
                table.name.name
            ),
            "remove `actions`, give the view `INSTEAD OF` triggers, or write to its underlying table",
        ));
    }

    let has_key = table.primary_key.is_some() || !settings.key.is_empty();
    if !has_key && actions.iter().any(|action| *action != Action::Create) {
        diagnostics.push(Diagnostic::error(
            format!(
                "[tables.{}]: rows without a primary key can be created, but not updated or deleted",
                table.name.name
            ),
            if table.kind == TableKind::Table {
                "use `actions = [\"create\"]`".to_owned()
            } else {
                format!(
                    "name the columns that identify a row: `[tables.{}] key = [\"...\"]`",
                    table.name.name
                )
            },
        ));
    }

    if key_is_binary && !actions.is_empty() {
        diagnostics.push(Diagnostic::error(
            format!(
                "[tables.{}]: rows with a binary primary key are read-only",
                table.name.name
            ),
            "remove `actions`, or write the mutations by hand",
        ));
    }

    // An input type without fields is not valid.
    let takes_values = |action: &Action| matches!(action, Action::Create | Action::Update);
    if columns.iter().all(|column| column.generated) && actions.iter().any(takes_values) {
        actions.retain(|action| !takes_values(action));
        diagnostics.push(Diagnostic::warning(
            format!(
                "[tables.{}]: the database sets all columns, so rows cannot be created or updated",
                table.name.name
            ),
            "remove `create` and `update` from `actions`",
        ));
    }

    actions
}

/// Resolves the policies of one entity. The first error is reported, and then there are none.
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
        .map(|policy| resolve_policy(entities, at, policy))
        .collect::<Result<Vec<_>, _>>();
    found.unwrap_or_else(|(message, help)| {
        diagnostics.push(Diagnostic::error(
            format!("[[tables.{table}.policies]]: {message}"),
            help,
        ));
        Vec::new()
    })
}

type PolicyError = (String, String);

fn resolve_policy(entities: &[Entity], at: usize, settings: &PolicySettings) -> Result<Policy, PolicyError> {
    let entity = &entities[at];
    if settings.roles.is_empty() {
        return Err((
            "`roles` is empty".into(),
            "`roles = [\"anyone\"]` applies to everyone".into(),
        ));
    }

    let rows = match &settings.rows {
        None => None,
        Some(text) => {
            let help = "use a condition such as `user_id = $viewer.id AND status <> 'paid'`";
            let written =
                row_filter::parse(text).map_err(|message| (format!("`{text}`: {message}"), help.to_owned()))?;
            Some(resolve_row_filter(entities, at, &written)?)
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
            "remove it from `hidden`, or give these roles no access to the table".into(),
        ));
    }

    let mut preset = Vec::new();
    for (name, value) in &settings.preset {
        let operand = match value {
            toml::Value::String(text) if text.starts_with('$') => row_filter::viewer_value(text)
                .map_err(|message| (format!("`preset.{name}`: {message}"), String::new()))?,
            toml::Value::String(text) => Operand::Text(text.clone()),
            toml::Value::Boolean(value) => Operand::Bool(*value),
            toml::Value::Integer(value) => Operand::Text(value.to_string()),
            toml::Value::Float(value) => Operand::Text(value.to_string()),
            other => {
                return Err((
                    format!("`preset.{name}`: {other} is not a valid value"),
                    "use a string, a number or a boolean".into(),
                ));
            }
        };
        preset.push((column(entity, name)?, operand));
    }

    Ok(Policy {
        roles: settings.roles.clone(),
        actions: settings.actions.clone(),
        rows,
        hidden,
        preset,
    })
}

fn resolve_row_filter(entities: &[Entity], at: usize, written: &ParsedRowFilter) -> Result<RowFilter, PolicyError> {
    let each = |parts: &[ParsedRowFilter]| {
        parts
            .iter()
            .map(|part| resolve_row_filter(entities, at, part))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(match written {
        ParsedRowFilter::All(parts) => RowFilter::All(each(parts)?),
        ParsedRowFilter::Any(parts) => RowFilter::Any(each(parts)?),
        ParsedRowFilter::Not(inner) => RowFilter::Not(Box::new(resolve_row_filter(entities, at, inner)?)),
        ParsedRowFilter::Compare(path, comparison, operand) => row_filter_at_path(entities, at, path, &|column| {
            RowFilter::Compare(column, *comparison, operand.clone())
        })?,
        ParsedRowFilter::IsNull(path, null) => {
            row_filter_at_path(entities, at, path, &|column| RowFilter::IsNull(column, *null))?
        }
    })
}

/// Returns the rule for the column at the end of a path of relations.
fn row_filter_at_path(
    entities: &[Entity],
    at: usize,
    path: &[String],
    leaf: &dyn Fn(usize) -> RowFilter,
) -> Result<RowFilter, PolicyError> {
    let entity = &entities[at];
    match path {
        [] => Err(("the name of a column is missing".into(), String::new())),
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

            let inner = row_filter_at_path(entities, relation.target, rest, leaf)?;
            Ok(RowFilter::Related {
                pairs: relation.pairs.clone(),
                target: relation.target,
                row_filter: Box::new(inner),
            })
        }
    }
}

fn column(entity: &Entity, name: &str) -> Result<usize, PolicyError> {
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
