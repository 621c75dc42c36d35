//! Writes the rows that refer to written ones: creates, connects, disconnects and sets them.

use super::create::null;
use super::error::hidden_column_error;
use super::input::child_path;
use super::shared::emptied;
use super::statement::Values;
use super::{
    ChildInput, ErrorCode, InputError, Path, RowInput, Selector, WriteError, Writer, Written, key_of, keys_of,
    reference_columns, reference_value,
};
use meta::{Action, Table};
use plan::model::{EntityId, Link};
use plan::value::BindValue;

/// The changes to the rows that refer to one row.
type Children = Vec<(Link, Vec<ChildInput>)>;

/// The changes to the rows of one relation, each with the position of the row that they refer to.
#[derive(Default)]
pub(super) struct Tasks {
    pub(super) creates: Vec<(usize, RowInput)>,
    pub(super) connects: Vec<(usize, Selector)>,
    pub(super) disconnects: Vec<(usize, Selector)>,
    /// The rows that stay connected; all others are disconnected.
    pub(super) sets: Vec<(usize, Vec<Selector>, Path)>,
}

impl Writer<'_> {
    /// Creates, connects and disconnects the rows that refer to written ones.
    pub(super) async fn write_children(
        &mut self,
        entity: EntityId,
        owners: &[Written],
        children: Vec<Children>,
    ) -> Result<(), WriteError> {
        let mut tasks: Vec<(Link, Tasks)> = Vec::new();
        for (owner, (link, inputs)) in children
            .into_iter()
            .enumerate()
            .flat_map(|(at, children)| children.into_iter().map(move |child| (at, child)))
        {
            let known = tasks
                .iter()
                .position(|(known, _)| std::ptr::eq(known.relation, link.relation));
            let at = known.unwrap_or_else(|| {
                tasks.push((link, Tasks::default()));
                tasks.len() - 1
            });

            let task = &mut tasks[at].1;
            for input in inputs {
                match input {
                    ChildInput::Create(row) => task.creates.push((owner, row)),
                    ChildInput::Connect(selector) => task.connects.push((owner, selector)),
                    ChildInput::Disconnect(selector) => task.disconnects.push((owner, selector)),
                    ChildInput::Set(selectors, path) => task.sets.push((owner, selectors, path)),
                }
            }
        }

        for (link, tasks) in tasks {
            match link.through {
                None => self.write_children_directly(entity, owners, link, tasks).await?,
                Some((table, through)) => {
                    self.write_children_through(entity, owners, link, (table, through), tasks)
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// Writes related rows that hold the foreign key themselves.
    async fn write_children_directly(
        &mut self,
        entity: EntityId,
        owners: &[Written],
        link: Link,
        tasks: Tasks,
    ) -> Result<(), WriteError> {
        let (owner_table, target) = (self.table(entity), self.table(link.target));
        let Tasks {
            creates,
            mut connects,
            disconnects,
            sets,
        } = tasks;

        let key_values = |owner: usize| -> Values {
            let pairs = link.relation.pairs.iter();
            pairs
                .map(|&(here, there)| (there, reference_value(owner_table, &owners[owner], here)))
                .collect()
        };

        for (owner, selectors, path) in sets {
            let staying = self.select(link.target, selectors.clone(), Action::Update).await?;
            let staying: Vec<Vec<BindValue>> = staying.iter().map(|row| key_of(target, row)).collect();

            let linked = self.find_children(link, &key_values(owner), Action::Update).await?;
            let leaving: Vec<Vec<BindValue>> = linked
                .iter()
                .map(|row| key_of(target, row))
                .filter(|key| !staying.contains(key))
                .collect();

            self.disconnect(link, &leaving, &path).await?;
            connects.extend(selectors.into_iter().map(|selector| (owner, selector)));
        }

        for (owner, selector) in disconnects {
            let path = selector.path.clone();
            let rows = self.select(link.target, vec![selector], Action::Update).await?;
            let linked = self.find_children(link, &key_values(owner), Action::Update).await?;

            let key = key_of(target, &rows[0]);
            if !linked.iter().any(|row| key_of(target, row) == key) {
                return Err(not_found(target, path));
            }
            self.disconnect(link, &[key], &path).await?;
        }

        let mut by_owner: Vec<(usize, Vec<Selector>)> = Vec::new();
        for (owner, selector) in connects {
            match by_owner.iter_mut().find(|(known, _)| *known == owner) {
                Some((_, selectors)) => selectors.push(selector),
                None => by_owner.push((owner, vec![selector])),
            }
        }

        for (owner, selectors) in by_owner {
            let path = selectors[0].path.clone();
            let rows = self.select(link.target, selectors.clone(), Action::Update).await?;
            // Columns that the foreign key shares with the row's primary key stay: a row of another tenant cannot be
            // connected.
            let (own, given): (Values, Values) = key_values(owner)
                .into_iter()
                .partition(|(column, _)| target.primary_key.contains(column));

            let is_other = |row: &Written| {
                own.iter()
                    .any(|(column, value)| reference_value(target, row, *column) != *value)
            };
            if !given.is_empty()
                && let Some(at) = rows.iter().position(is_other)
            {
                let field = target.columns[own[0].0].field;
                let message = format!("this `{}` has a different `{field}`", target.type_name);
                return Err(WriteError::input(
                    selectors[at].path.clone(),
                    ErrorCode::ForeignKey,
                    message,
                ));
            }

            let given = if given.is_empty() { own } else { given };
            let values = self.foreign_key_values(link, given, &path)?;
            let keys: Vec<Vec<BindValue>> = rows.iter().map(|row| key_of(target, row)).collect();
            self.update(link.target, &values, &keys, &path).await?;

            let checked = keys
                .into_iter()
                .zip(selectors)
                .map(|(key, selector)| (key, selector.path))
                .collect();
            self.check_later(link.target, Action::Update, checked);
        }

        let grant = self.access.permission(target, Action::Create);
        let rows = creates.into_iter().map(|(owner, mut row)| {
            for (column, value) in key_values(owner) {
                if grant.hides(column) && !grant.presets(column) {
                    return Err(WriteError::Inputs(vec![hidden_column_error(
                        target,
                        column,
                        row.path.clone(),
                    )]));
                }
                if row.values.iter().any(|(known, _)| *known == column) {
                    let field = target.columns[column].field;
                    let message = format!("`{field}` is taken from the enclosing row; omit it");
                    return Err(WriteError::input(
                        child_path(&row.path, field),
                        ErrorCode::Invalid,
                        message,
                    ));
                }
                row.set(column, value);
            }
            Ok(row)
        });

        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        self.create(link.target, rows).await.map(drop)
    }

    /// Reads the rows that refer to a row by this key.
    async fn find_children(&mut self, link: Link, key: &Values, action: Action) -> Result<Vec<Written>, WriteError> {
        let target = self.table(link.target);
        let by: Vec<usize> = key.iter().map(|(column, _)| *column).collect();
        let values: Vec<BindValue> = key.iter().map(|(_, value)| value.clone()).collect();

        let plan = self
            .planner()
            .rows_by_key(link.target, &by, &reference_columns(target), action)?;
        let keys = keys_of(self.dialect(), target, &by, [values.as_slice()]);
        Ok(self
            .read(&plan, Some(&keys))
            .await?
            .into_iter()
            .map(|(_, row)| row)
            .collect())
    }

    /// The values for rows that get another foreign key, with the presets of the update policy. Returns an error if the
    /// policy hides a column of the key.
    fn foreign_key_values(&mut self, link: Link, values: Values, path: &Path) -> Result<Values, WriteError> {
        let grant = self.permission(link.target, Action::Update)?;
        if let Some((column, _)) = values.iter().find(|(column, _)| grant.hides(*column)) {
            return Err(WriteError::Inputs(vec![hidden_column_error(
                self.table(link.target),
                *column,
                path.clone(),
            )]));
        }

        let mut row = RowInput {
            values,
            ..RowInput::default()
        };
        row.values.sort_by_key(|(column, _)| *column);

        for (column, value) in self.presets(link.target, grant)? {
            row.set(column, value);
        }
        Ok(row.values)
    }

    /// Sets the foreign key of rows to null. Returns a `REQUIRED` error if the key has no nullable column.
    async fn disconnect(&mut self, link: Link, keys: &[Vec<BindValue>], path: &Path) -> Result<(), WriteError> {
        if keys.is_empty() {
            return Ok(());
        }

        let (target, dialect) = (self.table(link.target), self.dialect());
        let key: Vec<usize> = link.relation.pairs.iter().map(|&(_, there)| there).collect();
        let columns = emptied(target, &key);
        if columns.is_empty() {
            let message = format!(
                "a `{}` requires the row that it belongs to; delete it instead",
                target.type_name
            );
            return Err(WriteError::input(path.clone(), ErrorCode::Required, message));
        }

        let values: Values = columns
            .into_iter()
            .map(|column| (column, null(dialect, target.columns[column].kind)))
            .collect();

        let values = self.foreign_key_values(link, values, path)?;
        self.update(link.target, &values, keys, path).await?;
        let checked = keys.iter().map(|key| (key.clone(), path.clone())).collect();
        self.check_later(link.target, Action::Update, checked);
        Ok(())
    }

    /// Finds the rows of selectors, in their order. Returns a `NOT_FOUND` error for each one that does not exist.
    pub(super) async fn select(
        &mut self,
        entity: EntityId,
        selectors: Vec<Selector>,
        action: Action,
    ) -> Result<Vec<Written>, WriteError> {
        let table = self.table(entity);

        let mut found: Vec<Option<Written>> = vec![None; selectors.len()];
        let mut remaining: Vec<usize> = (0..selectors.len()).collect();
        while let Some(&first) = remaining.first() {
            // Selectors with the same key columns are queried together.
            let columns = selectors[first].columns.clone();
            let (same, others): (Vec<usize>, Vec<usize>) =
                remaining.into_iter().partition(|&at| selectors[at].columns == columns);
            let asked: Vec<(Vec<BindValue>, Path)> = same
                .iter()
                .map(|&at| (selectors[at].values.clone(), selectors[at].path.clone()))
                .collect();
            for (at, row) in same.into_iter().zip(self.find(entity, &columns, &asked, action).await?) {
                found[at] = row;
            }
            remaining = others;
        }

        let missing: Vec<InputError> = selectors
            .iter()
            .zip(&found)
            .filter(|(_, row)| row.is_none())
            .map(|(selector, _)| InputError {
                path: selector.path.clone(),
                message: format!("there is no such `{}`", table.type_name),
                code: ErrorCode::NotFound,
            })
            .collect();

        if missing.is_empty() {
            Ok(found.into_iter().flatten().collect())
        } else {
            Err(WriteError::Inputs(missing))
        }
    }

    /// Finds rows by the columns of a key; `None` for a row that does not exist or that the action is not permitted
    /// for.
    pub(super) async fn find(
        &mut self,
        entity: EntityId,
        by: &[usize],
        asked: &[(Vec<BindValue>, Path)],
        action: Action,
    ) -> Result<Vec<Option<Written>>, WriteError> {
        let mut found = vec![None; asked.len()];
        if asked.is_empty() {
            return Ok(found);
        }

        let table = self.table(entity);
        let plan = self
            .planner()
            .rows_by_key(entity, by, &reference_columns(table), action)?;
        let keys = keys_of(
            self.dialect(),
            table,
            by,
            asked.iter().map(|(values, _)| values.as_slice()),
        );

        for (place, row) in self.read(&plan, Some(&keys)).await? {
            found[place] = Some(row);
        }

        Ok(found)
    }
}

pub(super) fn not_found(table: &Table, path: Path) -> WriteError {
    WriteError::input(
        path,
        ErrorCode::NotFound,
        format!("this `{}` is not connected here", table.type_name),
    )
}
