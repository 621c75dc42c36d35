//! The operators on JSON columns.

use super::filter::{is_null, object_members};
use super::{ColumnRef, Comparison, Condition, Expression, ParameterKind, PlanBuilder, PlanError};
use crate::selection::{Input, InputValue};
use meta::Kind;

impl PlanBuilder<'_> {
    /// Compiles `isNull`, `eq`, `ne`, `contains`, `hasKey`, `intersectsBox`, and `path` for a nested value.
    pub(super) fn json_operators(
        &mut self,
        column: ColumnRef,
        name: &str,
        input: &Input,
    ) -> Result<Condition, PlanError> {
        let expression = Expression::Column(column);
        let mut conditions = Vec::new();
        for (operator, value) in object_members(input, "operators")? {
            self.count_condition()?;
            let full = format!("{name}.{operator}");
            conditions.push(match operator.as_str() {
                "isNull" => is_null(&expression, name, value)?,
                "path" => self.json_path(column, &full, value)?,
                other => self.json_comparison(&expression, other, &full, value)?,
            });
        }
        Ok(Condition::All(conditions))
    }

    /// Compiles the operators on a nested value: `{at: ["a", "0"], eq: 1}`.
    fn json_path(&mut self, column: ColumnRef, name: &str, input: &Input) -> Result<Condition, PlanError> {
        let members = object_members(input, "a path")?;
        let at = members
            .iter()
            .find(|(key, _)| key == "at")
            .filter(|(_, at)| !at.is_null());
        let (_, at) = at.ok_or_else(|| PlanError::bad_input(format!("`{name}` needs `at`, the list of keys")))?;

        let path = self.value(&format!("{name}.at"), at, ParameterKind::JsonPath, false);
        let expression = Expression::JsonPath(column, path);

        let mut conditions = Vec::new();
        for (operator, value) in members.iter().filter(|(key, _)| key != "at") {
            self.count_condition()?;
            let full = format!("{name}.{operator}");
            conditions.push(match operator.as_str() {
                "isNull" => is_null(&expression, name, value)?,
                other => self.json_comparison(&expression, other, &full, value)?,
            });
        }

        Ok(Condition::All(conditions))
    }

    fn json_comparison(
        &mut self,
        expression: &Expression,
        operator: &str,
        name: &str,
        value: &Input,
    ) -> Result<Condition, PlanError> {
        let (comparison, kind) = match operator {
            "eq" => (Comparison::Equal, ParameterKind::Column(Kind::Json)),
            "ne" => (Comparison::NotEqual, ParameterKind::Column(Kind::Json)),
            "contains" => (Comparison::JsonContains, ParameterKind::Column(Kind::Json)),
            "hasKey" => (Comparison::JsonHasKey, ParameterKind::JsonKey),
            "intersectsBox" => {
                if matches!(&value.value, InputValue::List(items) if items.len() != 4) {
                    return Err(PlanError::bad_input(format!(
                        "`{name}` must be four numbers: west, south, east, north"
                    )));
                }
                (Comparison::IntersectsBox, ParameterKind::Array(&Kind::Float64))
            }
            other => {
                return Err(PlanError::bad_input(format!(
                    "`{name}`: JSON columns have no operator `{other}`"
                )));
            }
        };

        if value.is_null() && operator == "hasKey" {
            return Err(PlanError::bad_input(format!("`{name}` must be a key, not null")));
        }

        let parameter = self.value(name, value, kind, false);
        Ok(Condition::Compare {
            expression: expression.clone(),
            comparison,
            parameter,
        })
    }
}
