//! Totals of a column by the values of another.

use plan::sql::CompiledPlan;
use plan::value::Row;
use plan::{Access, PlanBuilder};

use super::find::constants;
use super::model::{ONLY, model_of};
use super::{Entity, Find, FromCell, ReadError, Source, TypedColumn};
use crate::execute::ExecuteError;

impl<T: Entity> Find<T> {
    /// Totals of the column `of` for each value of the column `by`, computed by the database: ratings by product,
    /// amounts by order. Values of `by` without rows are left out.
    pub async fn totals_by<K: FromCell + Send, V>(
        self,
        by: TypedColumn<T, K>,
        of: TypedColumn<T, V>,
        database: &impl Source,
    ) -> Result<Vec<(K, Totals)>, ExecuteError> {
        let model = model_of(T::TABLE);
        let mut builder = PlanBuilder::new(model, database.dialect(), Access::Program);
        let selection = self.whole().selection(&mut builder);

        let plan = builder.totals(ONLY, selection.condition, by.index(), of.index());
        let plan = CompiledPlan::new(plan, database.dialect());
        let values = constants(&plan.plan, database.dialect())?;
        let level = &plan.plan.levels[0];
        let kind = |at: usize| level.select.kind(&level.select.columns[at]);

        let (mut totals, mut failure) = (Vec::new(), None);
        let mut take = |row: &dyn Row| {
            let read = || -> Result<(K, Totals), String> {
                let cell = |at: usize| row.cell(at, kind(at)).map_err(|error| error.to_string());
                let count = i64::from_cell(&cell(1)?, kind(1))?.unsigned_abs();
                let average = Option::from_cell(&cell(2)?, kind(2))?;
                let sum = Option::from_cell(&cell(3)?, kind(3))?;
                Ok((K::from_cell(&cell(0)?, kind(0))?, Totals { count, average, sum }))
            };
            match read() {
                Ok(found) => totals.push(found),
                Err(reason) => {
                    let column = T::TABLE.columns[by.index()].name;
                    failure = Some(ReadError {
                        table: T::TABLE.name,
                        column,
                        reason,
                    });
                }
            }
            Ok(())
        };

        database.rows(&plan, &values, &mut take).await?;
        match failure {
            None => Ok(totals),
            Some(error) => Err(ExecuteError::Read(error)),
        }
    }
}

/// Totals of a column's values.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// The number of rows.
    pub count: u64,
    /// The mean of the values that are not null.
    pub average: Option<f64>,
    /// Their sum.
    pub sum: Option<rust_decimal::Decimal>,
}
