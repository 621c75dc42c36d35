//! Aggregates: one object for all rows of a list, at the root or for each parent.

use super::{Aggregate, ColumnRef, Expression, KeyLink, Level, Operation, PlanBuilder, PlanError, Program, Select};
use crate::json::escape;
use crate::meta::Kind;
use crate::model::Entity;
use crate::selection::Selected;
use crate::sql::render;

impl<'m> PlanBuilder<'m> {
    pub(super) fn root_aggregate(&mut self, entity: usize, field: &Selected) -> Result<usize, PlanError> {
        self.aggregate(self.model.entity(entity), field, None)
    }

    /// A level of aggregates; with a link one object for each parent.
    pub(super) fn aggregate(
        &mut self,
        entity: &'m Entity,
        field: &Selected,
        link: Option<KeyLink>,
    ) -> Result<usize, PlanError> {
        let at = self.reserve(entity);
        let mut select = Select::new(entity.table);
        select.link = link;
        select.aggregated = true;
        self.filters_argument(entity, field, &mut select)?;
        let mut text = Text::default();
        text.both("{");
        for (place, inner) in field.fields.iter().enumerate() {
            text.key(place, &inner.key);
            match inner.name.as_str() {
                "__typename" => text.both(&format!("\"{}\"", aggregate_type(entity))),
                "count" => text.value(&mut select, Expression::CountRows, Kind::Int32, "count", "0"),
                _ => function(entity, inner, &mut select, &mut text)?,
            }
        }
        text.both("}");
        let statement = render(self.dialect, &select);
        let single = Some(text.empty.into_bytes().into_boxed_slice());
        self.levels[at] = Level { select, program: text.program, statement, children: Vec::new(), single };
        Ok(at)
    }
}

/// The object of one function: `sum { price }`.
fn function(entity: &Entity, field: &Selected, select: &mut Select, text: &mut Text) -> Result<(), PlanError> {
    let function = Aggregate::ALL.iter().find(|function| function.name() == field.name).ok_or_else(|| {
        PlanError::bad_input(format!("an aggregate has no field `{}`", field.name)).at(field.position)
    })?;
    text.both("{");
    for (place, leaf) in field.fields.iter().enumerate() {
        text.key(place, &leaf.key);
        if leaf.name == "__typename" {
            text.both(&format!("\"{}\"", function_type(entity, *function)));
            continue;
        }
        let columns = entity.table.columns;
        let column = columns.iter().position(|column| column.field == leaf.name).ok_or_else(|| {
            PlanError::bad_input(format!("there is no `{}` to aggregate", leaf.name)).at(leaf.position)
        })?;
        let expression = Expression::Aggregate(*function, ColumnRef { alias: 0, column });
        text.value(select, expression, function.kind(columns[column].kind), columns[column].field, "null");
    }
    text.both("}");
    Ok(())
}

/// The program of an aggregate, and beside it the text of one over no rows.
#[derive(Default)]
struct Text {
    program: Program,
    empty: String,
}

impl Text {
    fn both(&mut self, text: &str) {
        self.program.text(text);
        self.empty.push_str(text);
    }

    fn key(&mut self, place: usize, key: &str) {
        let comma = if place == 0 { "" } else { "," };
        self.both(&format!("{comma}{}:", escape::quoted(key)));
    }

    fn value(&mut self, select: &mut Select, expression: Expression, kind: Kind, field: &'static str, empty: &str) {
        select.columns.push(expression);
        let slot = select.columns.len() - 1;
        self.program.push(Operation::Value { slot, kind, id: false, required: false, field });
        self.empty.push_str(empty);
    }
}

/// The GraphQL type of a table's aggregates.
pub(crate) fn aggregate_type(entity: &Entity) -> String {
    format!("{}Aggregate", entity.table.type_name)
}

/// The GraphQL type of one function's results.
pub(crate) fn function_type(entity: &Entity, function: Aggregate) -> String {
    let name = function.name();
    let (first, rest) = name.split_at(1);
    format!("{}{}{rest}", entity.table.type_name, first.to_uppercase())
}
