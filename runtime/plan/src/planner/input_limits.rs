//! Limits on filters and orders, counted while they are planned, wherever they come from.

use super::{PlanBuilder, PlanError};

impl PlanBuilder<'_> {
    /// Counts a condition before it is planned; an error above `max_conditions`.
    pub(super) fn count_condition(&mut self) -> Result<(), PlanError> {
        self.inputs.conditions += 1;
        let most = self.model.limits().max_conditions;
        if self.inputs.conditions > most {
            return Err(PlanError::limit(format!(
                "the request has more than {most} filter conditions (`max_conditions`); use `in` to compare with a list"
            )));
        }
        Ok(())
    }

    /// Counts a condition on related rows, or an order by them, before it is planned; an error above
    /// `max_relation_conditions`.
    pub(super) fn count_relation(&mut self) -> Result<(), PlanError> {
        self.inputs.relation_conditions += 1;
        let most = self.model.limits().max_relation_conditions;
        if self.inputs.relation_conditions > most {
            return Err(PlanError::limit(format!(
                "the request has more than {most} conditions on related rows (`max_relation_conditions`)"
            )));
        }
        Ok(())
    }

    /// Plans a nested filter; an error if it is more than `max_filter_depth` levels deep.
    pub(super) fn nested<T>(&mut self, plan: impl FnOnce(&mut Self) -> Result<T, PlanError>) -> Result<T, PlanError> {
        self.inputs.depth += 1;
        let most = self.model.limits().max_filter_depth;
        if self.inputs.depth > most {
            return Err(PlanError::limit(format!(
                "the request nests filters more than {most} levels deep (`max_filter_depth`)"
            )));
        }

        let planned = plan(self)?;
        self.inputs.depth -= 1;
        Ok(planned)
    }

    /// Checks the number of an order's keys; an error above `max_order_keys`.
    pub(super) fn check_order_keys(&self, keys: usize) -> Result<(), PlanError> {
        let most = self.model.limits().max_order_keys;
        if keys > most {
            return Err(PlanError::limit(format!(
                "the order has more than {most} keys (`max_order_keys`)"
            )));
        }
        Ok(())
    }
}
