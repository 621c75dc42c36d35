//! Compiles `filters` to conditions.

use super::Alias;
use async_graphql_value::ConstValue as Value;

use super::{
    Case, ColumnRef, Comparison, Condition, Expression, Join, Parameter, ParameterKind, ParameterSource, PlanBuilder,
    PlanError, Subselect,
};
use crate::model::{Field, Link, ResolvedTable};
use crate::selection::{Input, InputValue};
use meta::{Cardinality, Kind, Table};

/// The tables and joins to which a filter may add: those of its statement or subselection.
pub(super) struct Scope<'s> {
    pub(super) tables: &'s mut Vec<&'static Table>,
    pub(super) joins: &'s mut Vec<Join>,
}

/// The operators by name, and their comparisons.
pub const OPERATORS: &[(&str, Comparison)] = &[
    ("eq", Comparison::Equal),
    ("ne", Comparison::NotEqual),
    ("gt", Comparison::Greater),
    ("gte", Comparison::GreaterOrEqual),
    ("lt", Comparison::Less),
    ("lte", Comparison::LessOrEqual),
    ("in", Comparison::In),
    ("notIn", Comparison::NotIn),
    ("contains", Comparison::Contains(Case::Sensitive)),
    ("icontains", Comparison::Contains(Case::Insensitive)),
    ("startsWith", Comparison::StartsWith(Case::Sensitive)),
    ("istartsWith", Comparison::StartsWith(Case::Insensitive)),
    ("endsWith", Comparison::EndsWith(Case::Sensitive)),
    ("iendsWith", Comparison::EndsWith(Case::Insensitive)),
    ("like", Comparison::Like(Case::Sensitive)),
    ("ilike", Comparison::Like(Case::Insensitive)),
    ("regex", Comparison::Regex(Case::Sensitive)),
    ("iregex", Comparison::Regex(Case::Insensitive)),
];

/// The operators on ranges; `contains` takes one value.
pub const RANGE_OPERATORS: &[(&str, Comparison)] = &[
    ("eq", Comparison::Equal),
    ("ne", Comparison::NotEqual),
    ("contains", Comparison::ArrayContains),
    ("overlaps", Comparison::ArrayOverlaps),
];

/// The operators on arrays.
pub const ARRAY_OPERATORS: &[(&str, Comparison)] = &[
    ("eq", Comparison::Equal),
    ("ne", Comparison::NotEqual),
    ("contains", Comparison::ArrayContains),
    ("containedBy", Comparison::ArrayContainedBy),
    ("overlaps", Comparison::ArrayOverlaps),
];

impl<'m> PlanBuilder<'m> {
    /// Compiles a filter on the rows of an alias. Nothing is ignored: an unknown field or operator is an error.
    pub(super) fn filter(
        &mut self,
        entity: &'m ResolvedTable,
        alias: Alias,
        input: &Input,
        scope: &mut Scope<'_>,
    ) -> Result<Condition, PlanError> {
        let mut conditions = Vec::new();
        for (name, value) in object_members(input, "a filter")? {
            let condition = self.nested(|builder| {
                Ok(match name.as_str() {
                    "and" => Condition::All(builder.filters(entity, alias, name, value, scope)?),
                    "or" => Condition::Any(builder.filters(entity, alias, name, value, scope)?),
                    "not" => Condition::Not(Box::new(builder.filter(entity, alias, value, scope)?)),
                    _ => builder.filter_field(entity, alias, name, value, scope)?,
                })
            })?;
            conditions.push(condition);
        }

        if conditions.is_empty() {
            // An empty filter restricts nothing, but takes time to plan: it counts as a condition.
            self.count_condition()?;
        }

        Ok(match conditions.len() {
            1 => conditions.swap_remove(0),
            _ => Condition::All(conditions),
        })
    }

    fn filters(
        &mut self,
        entity: &'m ResolvedTable,
        alias: Alias,
        name: &str,
        input: &Input,
        scope: &mut Scope<'_>,
    ) -> Result<Vec<Condition>, PlanError> {
        match &input.value {
            InputValue::List(items) => {
                if name == "or"
                    && let Some(as_list) = as_in_list(entity, items)
                {
                    return Ok(vec![self.filter(entity, alias, &as_list, scope)?]);
                }
                items
                    .iter()
                    .map(|item| self.filter(entity, alias, item, scope))
                    .collect()
            }
            // A single value where a list is expected is a list of one (GraphQL's input coercion).
            InputValue::Object(_) => Ok(vec![self.filter(entity, alias, input, scope)?]),
            InputValue::Leaf(_) => Err(PlanError::bad_input(format!("`{name}` must be a list of filters"))),
        }
    }

    /// Compiles one field of a filter: a column or a relation.
    fn filter_field(
        &mut self,
        entity: &'m ResolvedTable,
        alias: Alias,
        name: &str,
        value: &Input,
        scope: &mut Scope<'_>,
    ) -> Result<Condition, PlanError> {
        match entity.field(name) {
            Some(Field::Column(column)) => {
                self.check_column(entity.table, column)?;
                let meta = &entity.table.columns[column];
                let column = ColumnRef { alias, column };
                match meta.kind {
                    Kind::Json => self.json_operators(column, name, value),
                    kind => self.operators(&Expression::Column(column), kind, name, value),
                }
            }
            Some(Field::Relation(link)) if link.relation.cardinality == Cardinality::Many => {
                self.rows_filter(link, alias, value, scope)
            }
            Some(Field::Relation(link)) => {
                let (relation, target) = (link.relation, self.model.entity(link.target));
                self.count_relation()?;
                let joined = self.join(scope.tables, scope.joins, alias, link)?;

                if object_members(value, "a filter")?.is_empty() {
                    // `{}` restricts nothing: rows without a related row match, too.
                    return Ok(Condition::All(Vec::new()));
                }

                let condition = self.filter(target, joined, value, scope)?;
                let present = Expression::Column(ColumnRef {
                    alias: joined,
                    column: relation.pairs[0].1,
                });
                Ok(Condition::IsNull {
                    expression: present,
                    null: false,
                }
                .and(condition))
            }
            Some(Field::Aggregate(_) | Field::Groups(_) | Field::Computed(_)) | None => Err(PlanError::bad_input(
                format!("a filter of `{}` has no field `{name}`", entity.table.type_name),
            )),
        }
    }

    fn rows_filter(
        &mut self,
        link: Link,
        alias: Alias,
        input: &Input,
        scope: &mut Scope<'_>,
    ) -> Result<Condition, PlanError> {
        let mut conditions = Vec::new();
        for (name, value) in object_members(input, "a filter on a list")? {
            self.count_relation()?;
            conditions.push(match name.as_str() {
                "some" => {
                    let rows = self.matching_rows(link, alias, value, scope)?;
                    Condition::Exists(Box::new(rows))
                }
                "none" => {
                    let rows = self.matching_rows(link, alias, value, scope)?;
                    Condition::Not(Box::new(Condition::Exists(Box::new(rows))))
                }
                "every" => {
                    let (mut rows, holds) = self.related_rows_with_condition(link, alias, value, scope)?;
                    let fails = Condition::Not(Box::new(holds));
                    rows.condition = Some(match self.read_filter(rows.alias, scope.tables) {
                        Some(row_filter) => row_filter.and(fails),
                        None => fails,
                    });
                    Condition::Not(Box::new(Condition::Exists(Box::new(rows))))
                }
                "count" => {
                    let count = Expression::Count(Box::new(self.subselect(link, alias, scope.tables)?));
                    self.operators(&count, Kind::Int64, "count", value)?
                }
                other => {
                    return Err(PlanError::bad_input(format!(
                        "unknown field `{other}` in a filter on `{}`; expected some, none, every or count",
                        link.relation.field
                    )));
                }
            });
        }

        Ok(Condition::All(conditions))
    }

    fn matching_rows(
        &mut self,
        link: Link,
        alias: Alias,
        input: &Input,
        scope: &mut Scope<'_>,
    ) -> Result<Subselect, PlanError> {
        let (mut rows, condition) = self.related_rows_with_condition(link, alias, input, scope)?;
        if !condition.is_trivial() {
            rows.condition = Some(match rows.condition.take() {
                Some(row_filter) => row_filter.and(condition),
                None => condition,
            });
        }
        Ok(rows)
    }

    /// The related rows that the viewer may see, and the filter's condition on them.
    fn related_rows_with_condition(
        &mut self,
        link: Link,
        alias: Alias,
        input: &Input,
        scope: &mut Scope<'_>,
    ) -> Result<(Subselect, Condition), PlanError> {
        let entity = self.model.entity(link.target);
        let mut rows = self.subselect(link, alias, scope.tables)?;
        let mut inner = Scope {
            tables: scope.tables,
            joins: &mut rows.joins,
        };
        let condition = self.filter(entity, rows.alias, input, &mut inner)?;
        Ok((rows, condition))
    }

    /// Compiles the operators on one value, such as `{gt: 1, lt: 5}`.
    pub(super) fn operators(
        &mut self,
        expression: &Expression,
        kind: Kind,
        name: &str,
        input: &Input,
    ) -> Result<Condition, PlanError> {
        let mut conditions = Vec::new();
        for (operator, value) in object_members(input, "operators")? {
            self.count_condition()?;
            if value.is_null() {
                return Err(PlanError::bad_input(format!(
                    "`{name}.{operator}` must not be null; use `{name}: {{isNull: true}}`"
                )));
            }

            conditions.push(match operator.as_str() {
                "isNull" => is_null(expression, name, value)?,
                "between" => self.between(expression, kind, name, value)?,
                _ => {
                    let table = match kind {
                        Kind::Array(_) => ARRAY_OPERATORS,
                        Kind::Range(_) => RANGE_OPERATORS,
                        _ => OPERATORS,
                    };
                    let known = table.iter().find(|known| known.0 == operator);
                    let comparison = known
                        .map(|known| known.1)
                        .ok_or_else(|| PlanError::bad_input(format!("`{name}` has no operator `{operator}`")))?;
                    self.comparison(expression, kind, &format!("{name}.{operator}"), comparison, value)?
                }
            });
        }

        Ok(Condition::All(conditions))
    }

    fn comparison(
        &mut self,
        expression: &Expression,
        kind: Kind,
        name: &str,
        comparison: Comparison,
        value: &Input,
    ) -> Result<Condition, PlanError> {
        let list = matches!(comparison, Comparison::In | Comparison::NotIn);
        if let (true, InputValue::List(items)) = (list, &value.value)
            && items.iter().any(Input::is_null)
        {
            return Err(PlanError::bad_input(format!(
                "`{name}` must not contain null; use `isNull` for it"
            )));
        }

        let kind = match (comparison, kind) {
            (Comparison::Like(Case::Sensitive), _) => ParameterKind::Pattern,
            (_, Kind::Array(element)) => ParameterKind::Array(element),
            (Comparison::ArrayContains, Kind::Range(range)) => ParameterKind::Column(range.element),
            (_, kind) => ParameterKind::Column(kind),
        };

        let parameter = self.value(name, value, kind, list);
        Ok(Condition::Compare {
            expression: expression.clone(),
            comparison,
            parameter,
        })
    }

    fn between(
        &mut self,
        expression: &Expression,
        kind: Kind,
        name: &str,
        value: &Input,
    ) -> Result<Condition, PlanError> {
        let bounds = match &value.value {
            InputValue::List(items) if items.len() == 2 && !items.iter().any(Input::is_null) => items,
            _ => {
                return Err(PlanError::bad_input(format!(
                    "`{name}.between` must be a list of two values"
                )));
            }
        };
        let from = self.comparison(expression, kind, name, Comparison::GreaterOrEqual, &bounds[0])?;
        let to = self.comparison(expression, kind, name, Comparison::LessOrEqual, &bounds[1])?;
        Ok(from.and(to))
    }

    pub(super) fn value(&mut self, name: &str, input: &Input, kind: ParameterKind, list: bool) -> usize {
        self.parameter(Parameter {
            kind,
            list,
            source: ParameterSource::of(input),
            name: name.to_owned(),
        })
    }
}

pub(super) fn is_null(expression: &Expression, name: &str, value: &Input) -> Result<Condition, PlanError> {
    match &value.value {
        InputValue::Leaf(Value::Boolean(null)) => Ok(Condition::IsNull {
            expression: expression.clone(),
            null: *null,
        }),
        _ => Err(PlanError::bad_input(format!("`{name}.isNull` must be true or false"))),
    }
}

pub(super) fn object_members<'i>(input: &'i Input, what: &str) -> Result<&'i [(String, Input)], PlanError> {
    match &input.value {
        InputValue::Object(members) => Ok(members),
        InputValue::Leaf(value) => Err(PlanError::bad_input(format!("{what} must be an object, not {value}"))),
        InputValue::List(_) => Err(PlanError::bad_input(format!("{what} must be an object, not a list"))),
    }
}

/// The number of conditions on one column from which they are compared as one list.
const MIN_CONDITIONS_AS_LIST: usize = 16;

/// Rewrites many conditions `{column: {eq: value}}` on one column to `{column: {in: [value, ...]}}`; `None` if they
/// have another form.
fn as_in_list(entity: &ResolvedTable, items: &[Input]) -> Option<Input> {
    fn single_member(input: &Input) -> Option<(&str, &Input)> {
        match &input.value {
            InputValue::Object(members) => match &members[..] {
                [(name, value)] => Some((name, value)),
                _ => None,
            },
            _ => None,
        }
    }

    if items.len() < MIN_CONDITIONS_AS_LIST {
        return None;
    }

    let (column, _) = single_member(&items[0])?;
    let Some(Field::Column(at)) = entity.field(column) else {
        return None;
    };
    if matches!(
        entity.table.columns[at].kind,
        Kind::Json | Kind::Array(_) | Kind::Range(_) | Kind::Composite(_)
    ) {
        return None;
    }

    let values = items.iter().map(|item| match single_member(item)? {
        (name, inner) if name == column => match single_member(inner)? {
            ("eq", value) if matches!(value.value, InputValue::Leaf(_)) && !value.is_null() => Some(value.clone()),
            _ => None,
        },
        _ => None,
    });

    let list = InputValue::List(values.collect::<Option<Vec<_>>>()?.into());
    let condition = InputValue::Object(
        [(
            "in".to_owned(),
            Input {
                value: list,
                source: None,
            },
        )]
        .into(),
    );
    let member = (
        column.to_owned(),
        Input {
            value: condition,
            source: None,
        },
    );

    Some(Input {
        value: InputValue::Object([member].into()),
        source: None,
    })
}
