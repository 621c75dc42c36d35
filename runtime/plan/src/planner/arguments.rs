//! Arguments of a list: `filters`, `search`, `orderBy`, `limit` and `offset`.

use super::Alias;
use async_graphql_value::ConstValue as Value;

use super::filter::Scope;
use super::{
    Case, ColumnRef, Comparison, Condition, Expression, Limit, Order, Page, Parameter, ParameterKind, ParameterSource,
    PlanBuilder, PlanError, Select,
};
use crate::model::ResolvedTable;
use crate::selection::{Input, InputValue, Selected};
use meta::{Action, Kind};

impl<'m> PlanBuilder<'m> {
    /// Plans `filters`, `search`, `orderBy`, `limit` and `offset` of a list; `page_size` is the limit if none is given.
    pub(super) fn list_arguments(
        &mut self,
        entity: &'m ResolvedTable,
        field: &Selected,
        page_size: u64,
        select: &mut Select,
    ) -> Result<(), PlanError> {
        self.filters_argument(entity, field, select)?;
        let order = self.order_argument(entity, field, select)?;
        select.order = self.with_primary_key(entity, order);
        select.page = Some(self.page(field, page_size));
        Ok(())
    }

    /// Plans `orderBy` of a list as given; the caller completes it by the primary key.
    pub(super) fn order_argument(
        &mut self,
        entity: &'m ResolvedTable,
        field: &Selected,
        select: &mut Select,
    ) -> Result<Vec<Order>, PlanError> {
        let Some(input) = field.argument("orderBy") else {
            return Ok(Vec::new());
        };

        let mut scope = Scope {
            tables: &mut select.tables,
            joins: &mut select.joins,
        };
        self.order(entity, Alias::MAIN, input, &mut scope)
            .map_err(|error| error.at(field.position))
    }

    /// Plans `filters` and `search` of a list or an aggregate.
    pub(super) fn filters_argument(
        &mut self,
        entity: &'m ResolvedTable,
        field: &Selected,
        select: &mut Select,
    ) -> Result<(), PlanError> {
        let given = |name: &str| field.argument(name).filter(|input| !input.is_null());
        let mut conditions = Vec::new();

        if let Some(input) = given("filters") {
            let mut scope = Scope {
                tables: &mut select.tables,
                joins: &mut select.joins,
            };
            conditions.push(
                self.filter(entity, Alias::MAIN, input, &mut scope)
                    .map_err(|error| error.at(field.position))?,
            );
        }

        if let Some(input) = given("search") {
            conditions.push(self.search(entity, input));
        }

        conditions.retain(|condition| !condition.is_trivial());
        select.condition = match conditions.len() {
            0 => None,
            1 => conditions.pop(),
            _ => Some(Condition::All(conditions)),
        };

        Ok(())
    }

    /// The condition that a search column has the search text: by the database's full-text search if the column is made
    /// for it, otherwise anywhere in the column, ignoring case.
    fn search(&mut self, entity: &ResolvedTable, input: &Input) -> Condition {
        let grant = self.grant(entity.table, Action::Read);
        let columns = entity
            .table
            .search
            .iter()
            .filter(|column| !grant.hides(**column))
            .map(|&column| {
                let words = matches!(entity.table.columns[column].kind, Kind::Unknown);
                let comparison = if words {
                    Comparison::Words
                } else {
                    Comparison::Contains(Case::Insensitive)
                };
                let parameter = self.input("search", input, ParameterKind::Column(Kind::Text));
                Condition::Compare {
                    expression: Expression::Column(ColumnRef {
                        alias: Alias::MAIN,
                        column,
                    }),
                    comparison,
                    parameter,
                }
            });

        Condition::Any(columns.collect())
    }

    /// Plans `limit` and `offset` of a list; `default` is the limit if none is given.
    pub(super) fn page(&mut self, field: &Selected, default: u64) -> Page {
        let max = self.model.limits().max_page_size;
        let written = |number: u64| Limit::WRITTEN.contains(&number) && number <= max;

        let constant = match field.argument("limit") {
            None => Some(default),
            Some(Input {
                source: None,
                value: InputValue::Leaf(Value::Number(number)),
            }) => number.as_u64(),
            Some(_) => None,
        };

        let limit = match (constant.filter(|&number| written(number)), field.argument("limit")) {
            (Some(number), _) => Limit::Written(number),
            (None, Some(input)) => Limit::Parameter(self.input("limit", input, ParameterKind::Limit { max, default })),
            (None, None) => Limit::Parameter(self.parameter(Parameter {
                kind: ParameterKind::Limit { max, default },
                list: false,
                source: ParameterSource::Constant(Value::from(default)),
                name: "limit".into(),
            })),
        };

        let offset = field.argument("offset").filter(|input| !is_zero(input));
        let offset = offset.map(|input| self.input("offset", input, ParameterKind::Offset));

        Page {
            limit: Some(limit),
            offset,
        }
    }
}

fn is_zero(input: &Input) -> bool {
    input.source.is_none()
        && matches!(&input.value, InputValue::Leaf(Value::Number(number)) if number.as_i64() == Some(0))
}
