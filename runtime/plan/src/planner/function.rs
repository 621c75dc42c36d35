//! Rows of a database function, selected like those of a table.

use super::Alias;
use super::{ColumnRef, Condition, Expression, ParameterKind, Plan, PlanBuilder, PlanError, Select, Source};
use crate::model::EntityId;
use crate::selection::Selected;
use meta::{Function, Kind, Table};

impl PlanBuilder<'_> {
    /// Plans a root field. Returns the level of its rows, and whether they are a list.
    pub(super) fn function(
        &mut self,
        entity: EntityId,
        function: usize,
        field: &Selected,
    ) -> Result<(usize, bool), PlanError> {
        let entity = self.model.entity(entity);
        let function = entity.table.functions[function];
        let mut select = self.select(entity).map_err(|error| error.at(field.position))?;
        select.source = Some(self.source(function, field)?);

        if function.many {
            self.list_arguments(entity, field, self.model.limits().page_size, &mut select)?;
            return Ok((self.level(entity, select, &field.fields)?, true));
        }

        select.condition = Some(has_row(entity.table));
        Ok((self.level(entity, select, &field.fields)?, false))
    }

    /// Plans the call of a mutation: the columns of the rows that it returns, whether the viewer may see them or not.
    pub fn function_call(
        mut self,
        entity: EntityId,
        function: &'static Function,
        field: &Selected,
        columns: &[usize],
    ) -> Result<Plan, PlanError> {
        let entity = self.model.entity(entity);
        let mut select = Select::new(entity.table);
        select.source = Some(self.source(function, field)?);
        select.condition = Some(has_row(entity.table));
        Ok(self.columns_of(entity, select, columns))
    }

    fn source(&mut self, function: &'static Function, field: &Selected) -> Result<Source, PlanError> {
        let mut arguments = Vec::with_capacity(function.arguments.len());
        for (at, argument) in function.arguments.iter().enumerate() {
            let Some(input) = field.argument(argument.field) else {
                if argument.optional {
                    continue;
                }
                let message = format!("`{}` needs the argument `{}`", field.name, argument.field);
                return Err(PlanError::bad_input(message).at(field.position));
            };

            let kind = match argument.kind {
                Kind::Array(element) => ParameterKind::Array(element),
                kind => ParameterKind::Column(kind),
            };
            arguments.push((at, self.input(argument.field, input, kind)));
        }

        Ok(Source { function, arguments })
    }
}

impl Plan {
    /// Whether it reads the result of a database function, which may come from any table.
    pub fn calls_functions(&self) -> bool {
        let is_function = |column: &meta::Column| column.function.is_some();
        let calls = |select: &Select| {
            select.source.is_some() || select.tables.iter().any(|table| table.columns.iter().any(is_function))
        };
        self.levels.iter().any(|level| calls(&level.select))
    }
}

/// The condition that a row exists. A function that returns one row returns a row of nulls if it finds nothing.
fn has_row(table: &Table) -> Condition {
    let all: Vec<usize> = (0..table.columns.len())
        .filter(|&at| table.columns[at].function.is_none())
        .collect();

    let sure = if table.primary_key.is_empty() {
        &all
    } else {
        table.primary_key
    };

    let columns = sure.iter().map(|&column| Condition::IsNull {
        expression: Expression::Column(ColumnRef {
            alias: Alias::MAIN,
            column,
        }),
        null: false,
    });

    Condition::Any(columns.collect())
}
