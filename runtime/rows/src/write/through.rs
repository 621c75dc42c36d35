//! Children that are connected through a join table: their rows, and the rows that join them.

use super::error::hidden_column_error;
use super::link::{Tasks, not_found};
use super::statement::Values;
use super::{Path, RowInput, Selector, WriteError, Writer, Written, keys_of, reference_value};
use meta::{Action, Table, Through};
use plan::model::{EntityId, Link};
use plan::value::BindValue;

impl Writer<'_> {
    /// Writes related rows on the far side of a join table.
    pub(super) async fn write_children_through(
        &mut self,
        entity: EntityId,
        owners: &[Written],
        link: Link,
        (join, through): (&'static Table, &'static Through),
        tasks: Tasks,
    ) -> Result<(), WriteError> {
        let (owner_table, target) = (self.table(entity), self.table(link.target));
        let joining = self.model.find(join.type_name);
        let joining = joining.ok_or_else(|| plan::PlanError::bad_input("the join table is not served"))?;

        let near = |owner: usize| -> Values {
            let pairs = link.relation.pairs.iter();
            pairs
                .map(|&(here, there)| (there, reference_value(owner_table, &owners[owner], here)))
                .collect()
        };
        let far = |row: &Written| -> Values {
            through
                .pairs
                .iter()
                .map(|&(here, there)| (here, reference_value(target, row, there)))
                .collect()
        };

        let key = |near: &Values, far: &Values| -> Vec<BindValue> {
            let all: Vec<&(usize, BindValue)> = near.iter().chain(far).collect();
            let value = |column: &usize| {
                all.iter()
                    .find(|(known, _)| known == column)
                    .map(|(_, value)| value.clone())
            };
            join.primary_key
                .iter()
                .map(|column| value(column).unwrap_or(BindValue::Null))
                .collect()
        };

        let Tasks {
            creates,
            mut connects,
            disconnects,
            sets,
        } = tasks;

        for (owner, selectors, path) in sets {
            let staying = self.select(link.target, selectors.clone(), Action::Read).await?;
            let staying: Vec<Vec<BindValue>> = staying.iter().map(|row| key(&near(owner), &far(row))).collect();

            let by: Vec<usize> = near(owner).iter().map(|(column, _)| *column).collect();
            let values: Vec<BindValue> = near(owner).into_iter().map(|(_, value)| value).collect();
            let plan = self
                .planner()
                .rows_by_key(joining, &by, join.primary_key, Action::Delete)?;
            let keys = keys_of(self.dialect(), join, &by, [values.as_slice()]);

            let linked: Vec<Vec<BindValue>> = self
                .read(&plan, Some(&keys))
                .await?
                .into_iter()
                .map(|(_, row)| row)
                .collect();
            let leaving: Vec<Vec<BindValue>> = linked.iter().filter(|key| !staying.contains(key)).cloned().collect();

            if !leaving.is_empty() {
                self.permission(joining, Action::Delete)?;
                self.remove(joining, &leaving, &path).await?;
            }

            let coming = selectors
                .into_iter()
                .zip(staying)
                .filter(|(_, key)| !linked.contains(key));
            connects.extend(coming.map(|(selector, _)| (owner, selector)));
        }

        for (owner, selector) in disconnects {
            self.permission(joining, Action::Delete)?;
            let path = selector.path.clone();
            let rows = self.select(link.target, vec![selector], Action::Read).await?;

            let wanted = key(&near(owner), &far(&rows[0]));
            let asked = [(wanted.clone(), path.clone())];
            if self.find(joining, join.primary_key, &asked, Action::Delete).await?[0].is_none() {
                return Err(not_found(target, path));
            }

            self.remove(joining, &[wanted], &path).await?;
        }

        let (created_owners, inputs): (Vec<usize>, Vec<RowInput>) = creates.into_iter().unzip();
        let paths: Vec<Path> = inputs.iter().map(|input| input.path.clone()).collect();
        let made = self.create(link.target, inputs).await?;

        let (connected_owners, selectors): (Vec<usize>, Vec<Selector>) = connects.into_iter().unzip();
        let more: Vec<Path> = selectors.iter().map(|selector| selector.path.clone()).collect();
        let found = self.select(link.target, selectors, Action::Read).await?;

        let all = created_owners
            .into_iter()
            .chain(connected_owners)
            .zip(made.into_iter().chain(found));
        let rows = all.zip(paths.into_iter().chain(more)).map(|((owner, row), path)| {
            let mut values = near(owner);
            values.extend(far(&row));
            values.sort_by_key(|(column, _)| *column);
            let fixed = values.iter().map(|(column, _)| *column).collect();
            RowInput {
                path,
                values,
                set_by_writer: fixed,
                ..RowInput::default()
            }
        });
        let rows: Vec<RowInput> = rows.collect();

        let grant = self.access.permission(join, Action::Create);
        for row in &rows {
            if let Some((column, _)) = row.values.iter().find(|(column, _)| grant.hides(*column)) {
                return Err(WriteError::Inputs(vec![hidden_column_error(
                    join,
                    *column,
                    row.path.clone(),
                )]));
            }
        }

        self.create(joining, rows).await.map(drop)
    }
}
