//! Aggregates: one object for all rows of a list, at the root or for each parent.

use super::Alias;
use super::{Aggregate, ColumnRef, Expression, Grouping, PlanBuilder, PlanError, Program, Select, Step};
use crate::json::escape;
use crate::model::ResolvedTable;
use crate::selection::Selected;
use meta::Kind;

impl<'m> PlanBuilder<'m> {
    /// Plans a level of aggregates: one object, or one for each parent if the selection is linked to parents.
    pub(super) fn aggregate(
        &mut self,
        entity: &'m ResolvedTable,
        field: &Selected,
        mut select: Select,
    ) -> Result<usize, PlanError> {
        let at = self.reserve_level(entity);
        select.grouping = Grouping::All;
        self.filters_argument(entity, field, &mut select)?;

        let mut text = AggregateWriter::default();
        text.literal("{");
        for (place, inner) in field.fields.iter().enumerate() {
            text.key(place, &inner.key);
            if inner.name == "__typename" {
                text.literal(&format!("\"{}\"", aggregate_type(entity)));
            } else {
                self.aggregate_value(entity, inner, &mut select, &mut text)?;
            }
        }
        text.literal("}");

        self.finish_level(at, select, text);
        Ok(at)
    }

    /// Plans a level that counts the rows of a list; its value is a bare number.
    pub(super) fn total_count(&mut self, entity: &'m ResolvedTable, field: &Selected) -> Result<usize, PlanError> {
        let at = self.reserve_level(entity);
        let mut select = self.select(entity).map_err(|error| error.at(field.position))?;
        select.grouping = Grouping::All;
        self.filters_argument(entity, field, &mut select)?;
        let mut text = AggregateWriter::default();
        text.value(&mut select, Expression::CountRows, Kind::Int32, &["totalCount"], "0");
        self.finish_level(at, select, text);
        Ok(at)
    }

    /// Plans `count`, or the object of one function: `sum { price }`.
    pub(super) fn aggregate_value(
        &self,
        entity: &ResolvedTable,
        field: &Selected,
        select: &mut Select,
        text: &mut AggregateWriter,
    ) -> Result<(), PlanError> {
        if field.name == "count" {
            text.value(select, Expression::CountRows, Kind::Int32, &[&field.key], "0");
            return Ok(());
        }

        let function = aggregate_by_name(&field.name).map_err(|error| error.at(field.position))?;
        text.literal("{");
        for (place, leaf) in field.fields.iter().enumerate() {
            text.key(place, &leaf.key);
            if leaf.name == "__typename" {
                text.literal(&format!("\"{}\"", function_type(entity, function)));
                continue;
            }

            let column = self
                .visible_column(entity, &leaf.name)
                .map_err(|error| error.at(leaf.position))?;
            let column = ColumnRef {
                alias: Alias::MAIN,
                column,
            };
            let kind = function.kind(entity.table.columns[column.column].kind);
            let expression = self.aggregate_expression(function, column);

            if matches!(expression, Expression::Aggregate(Aggregate::Variance, _)) {
                let slot = select.add(expression);
                text.program.push(Step::SquareRoot { slot });
                text.empty.push_str("null");
            } else {
                text.value(select, expression, kind, &[&field.key, &leaf.key], "null");
            }
        }
        text.literal("}");
        Ok(())
    }

    /// A function over a column, as the database supports it: without square roots, the variance instead of the
    /// deviation.
    pub(super) fn aggregate_expression(&self, function: Aggregate, column: ColumnRef) -> Expression {
        let squared = function == Aggregate::Deviation && !self.dialect.capability.square_root;
        Expression::Aggregate(if squared { Aggregate::Variance } else { function }, column)
    }

    /// The column of a field; an error if there is none, or if it is hidden from the viewer.
    pub(super) fn visible_column(&self, entity: &ResolvedTable, field: &str) -> Result<usize, PlanError> {
        let found = entity.table.columns.iter().position(|column| column.field == field);
        let column = found
            .ok_or_else(|| PlanError::bad_input(format!("`{}` has no column `{field}`", entity.table.type_name)))?;
        self.check_column(entity.table, column)?;
        Ok(column)
    }

    fn finish_level(&mut self, at: usize, select: Select, text: AggregateWriter) {
        self.levels[at].select = select;
        self.levels[at].program = text.program;
        self.levels[at].single = Some(text.empty.into_bytes().into());
    }
}

/// The aggregate function of a field.
pub(super) fn aggregate_by_name(name: &str) -> Result<Aggregate, PlanError> {
    let found = Aggregate::ALL.iter().copied().find(|function| function.name() == name);
    found.ok_or_else(|| PlanError::bad_input(format!("an aggregate has no field `{name}`")))
}

/// A program, and the JSON text of an aggregate over no rows.
#[derive(Default)]
pub(super) struct AggregateWriter {
    pub(super) program: Program,
    empty: String,
}

impl AggregateWriter {
    pub(super) fn literal(&mut self, text: &str) {
        self.program.text(text);
        self.empty.push_str(text);
    }

    pub(super) fn key(&mut self, place: usize, key: &str) {
        let comma = if place == 0 { "" } else { "," };
        self.literal(&format!("{comma}{}:", escape::quoted(key)));
    }

    fn value(&mut self, select: &mut Select, expression: Expression, kind: Kind, path: &[&str], empty: &str) {
        let slot = select.add(expression);
        let path = path.iter().map(|&key| key.to_owned()).collect();
        self.program.push(Step::Value {
            slot,
            kind,
            is_id: false,
            required: false,
            path,
        });
        self.empty.push_str(empty);
    }
}

/// The GraphQL type of a table's aggregates.
pub fn aggregate_type(entity: &ResolvedTable) -> String {
    format!("{}Aggregate", entity.table.type_name)
}

/// The GraphQL type of one function's results.
pub fn function_type(entity: &ResolvedTable, function: Aggregate) -> String {
    let name = function.name();
    let (first, rest) = name.split_at(1);
    format!("{}{}{rest}", entity.table.type_name, first.to_uppercase())
}
