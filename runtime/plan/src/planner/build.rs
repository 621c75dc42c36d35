//! Compiles selected fields to levels.

use super::Alias;
use super::cost::cost;
use super::input_counts::InputCounts;
use super::{
    Access, Child, ColumnRef, Comparison, Condition, Expression, Level, Order, Page, Parameter, ParameterKind,
    ParameterSource, Parent, Plan, PlanError, PlannedRoot, Program, RootSource, Select, SelectedComputedField,
};
use crate::dialect::Dialect;
use crate::model::{EntityId, Model, ResolvedTable, Root};
use crate::selection::{Input, Selected};

/// Compiles root fields into a [`Plan`].
pub struct PlanBuilder<'m> {
    pub(super) model: &'m Model,
    pub(super) dialect: &'m Dialect,
    pub(super) access: Access<'m>,
    pub(super) levels: Vec<Level>,
    pub(super) inputs: InputCounts,
    parameters: Vec<Parameter>,
}

/// What a root field selects, before its fields are planned.
#[derive(Debug, Default)]
pub struct RootSelection {
    /// The condition on the rows.
    pub condition: Option<Condition>,
    /// Their order; the primary key is added to it.
    pub order: Vec<Order>,
    /// Which part of the ordered rows, if it is fixed.
    pub page: Option<Page>,
    /// Whether the rows are locked until the transaction ends.
    pub lock: bool,
}

/// A level under construction.
pub(super) struct Draft {
    pub(super) select: Select,
    pub(super) program: Program,
    /// The keys from the row's object down to the program's current position.
    pub(super) path: Vec<String>,
    pub(super) children: Vec<Child>,
    pub(super) computed_fields: Vec<SelectedComputedField>,
}

impl<'m> PlanBuilder<'m> {
    /// An empty plan for a viewer, or for the program itself.
    pub fn new(model: &'m Model, dialect: &'m Dialect, access: Access<'m>) -> Self {
        let inputs = InputCounts::default();
        Self {
            model,
            dialect,
            access,
            levels: Vec::new(),
            inputs,
            parameters: Vec::new(),
        }
    }

    /// Compiles root fields; `__typename` is answered with `type_name`.
    pub fn operation(mut self, fields: &[Selected], type_name: &'static str) -> Result<Plan, PlanError> {
        let mut roots = Vec::with_capacity(fields.len());
        for field in fields {
            let source = match (field.name.as_str(), self.model.root(&field.name)) {
                ("__typename", _) => RootSource::Typename(type_name),
                (_, Some(Root::One(entity))) => {
                    let key = self.model.entity(entity).table.primary_key;
                    RootSource::Row(self.plan_row(entity, key, field)?)
                }
                (_, Some(Root::Unique(entity, key))) => RootSource::Row(self.plan_row(entity, key, field)?),
                (_, Some(Root::Many(entity))) => RootSource::Rows(self.plan_rows(entity, field)?),
                (_, Some(Root::Connection(entity))) => RootSource::Connection(self.connection(entity, field)?),
                (_, Some(Root::Aggregate(entity))) => {
                    let entity = self.model.entity(entity);
                    let select = self.select(entity).map_err(|error| error.at(field.position))?;
                    RootSource::Row(self.aggregate(entity, field, select)?)
                }
                (_, Some(Root::Groups(entity))) => {
                    let entity = self.model.entity(entity);
                    let page_size = self.model.limits().page_size;
                    let select = self.select(entity).map_err(|error| error.at(field.position))?;
                    RootSource::Rows(self.groups(entity, field, select, page_size)?)
                }
                (_, Some(Root::Function(entity, function))) => {
                    let (level, many) = self.function(entity, function, field)?;
                    if many {
                        RootSource::Rows(level)
                    } else {
                        RootSource::Row(level)
                    }
                }
                (name, None) => {
                    return Err(PlanError::bad_input(format!("unknown root field `{name}`")).at(field.position));
                }
            };

            roots.push(PlannedRoot {
                key: field.key.clone(),
                source,
            });
        }

        Ok(self.finish(roots))
    }

    /// Compiles a selection made by Rust code, with the fields that the client selected below it.
    pub fn selection(
        mut self,
        entity: EntityId,
        selection: RootSelection,
        field: &Selected,
    ) -> Result<Plan, PlanError> {
        let level = self.root_level(entity, selection, &field.fields)?;
        let roots = vec![PlannedRoot {
            key: field.key.clone(),
            source: RootSource::Rows(level),
        }];
        Ok(self.finish(roots))
    }

    /// Compiles whole rows for typed rows: all columns, in the table's order.
    pub fn rows(mut self, entity: EntityId, selection: RootSelection) -> Result<Plan, PlanError> {
        let level = self.root_level(entity, selection, &[])?;
        let select = &mut self.levels[level].select;
        for column in 0..select.table().columns.len() {
            select.columns.push(Expression::Column(ColumnRef {
                alias: Alias::MAIN,
                column,
            }));
        }

        let roots = vec![PlannedRoot {
            key: String::new(),
            source: RootSource::Rows(level),
        }];
        Ok(self.finish(roots))
    }

    /// Compiles the number of rows: one row with one value.
    pub fn count(mut self, entity: EntityId, condition: Option<Condition>) -> Plan {
        let entity = self.model.entity(entity);
        let level = self.reserve_level(entity);
        let select = &mut self.levels[level].select;
        select.condition = condition;
        select.grouping = super::Grouping::All;
        select.add(Expression::CountRows);

        let roots = vec![PlannedRoot {
            key: String::new(),
            source: RootSource::Rows(level),
        }];
        self.finish(roots)
    }

    /// Compiles totals of the column `of`, grouped by the column `by`: the value of `by`, the number of rows, the mean
    /// and the sum.
    pub fn totals(mut self, entity: EntityId, condition: Option<Condition>, by: usize, of: usize) -> Plan {
        let entity = self.model.entity(entity);
        let level = self.reserve_level(entity);
        let (by, of) = (
            ColumnRef {
                alias: Alias::MAIN,
                column: by,
            },
            ColumnRef {
                alias: Alias::MAIN,
                column: of,
            },
        );

        let select = &mut self.levels[level].select;
        select.condition = condition;
        select.grouping = super::Grouping::By(vec![by], None);
        select.columns = vec![
            Expression::Column(by),
            Expression::CountRows,
            Expression::Aggregate(super::Aggregate::Average, of),
            Expression::Aggregate(super::Aggregate::Sum, of),
        ];

        let roots = vec![PlannedRoot {
            key: String::new(),
            source: RootSource::Rows(level),
        }];

        self.finish(roots)
    }

    /// Adds a value to bind and returns its index. A variable that is used in several places is one value.
    pub fn parameter(&mut self, parameter: Parameter) -> usize {
        if let ParameterSource::Variable(path) = &parameter.source {
            let is_same = |known: &Parameter| {
                matches!(&known.source, ParameterSource::Variable(other) if other == path)
                    && known.kind == parameter.kind
                    && known.list == parameter.list
            };
            // Few variables are used in many places, so the search ends soon.
            if let Some(known) = self.parameters.iter().position(is_same) {
                return known;
            }
        }

        self.parameters.push(parameter);
        self.parameters.len() - 1
    }

    pub(super) fn finish(mut self, roots: Vec<PlannedRoot>) -> Plan {
        // A parent comes before its children, so its own depth is known when theirs are set.
        for level in 0..self.levels.len() {
            let depth = self.levels[level].depth + 1;
            for child in 0..self.levels[level].children.len() {
                let below = self.levels[level].children[child].level;
                self.levels[below].parent = Some(Parent { level, child });
                self.levels[below].depth = depth;
            }
        }

        for level in &mut self.levels {
            level.cost = cost(&level.select);
        }

        let depth = self.levels.iter().map(|level| level.depth).max().unwrap_or(0);
        let max_answer = self.model.limits().max_answer;

        Plan {
            roots,
            levels: self.levels,
            depth,
            parameters: self.parameters,
            max_answer,
        }
    }

    /// Plans a single row by the columns of a key.
    fn plan_row(&mut self, entity: EntityId, key: &[usize], field: &Selected) -> Result<usize, PlanError> {
        let table = self.model.entity(entity).table;
        let mut conditions = Vec::with_capacity(key.len());
        for &column in key {
            self.check_column(table, column)
                .map_err(|error| error.at(field.position))?;

            let meta = &table.columns[column];
            let input = field.argument(meta.field).ok_or_else(|| {
                PlanError::bad_input(format!("`{}` needs the argument `{}`", field.name, meta.field)).at(field.position)
            })?;

            let parameter = self.input(meta.field, input, ParameterKind::Column(meta.kind));
            let expression = Expression::Column(ColumnRef {
                alias: Alias::MAIN,
                column,
            });
            conditions.push(Condition::Compare {
                expression,
                comparison: Comparison::Equal,
                parameter,
            });
        }

        let selection = RootSelection {
            condition: Some(Condition::All(conditions)),
            ..RootSelection::default()
        };

        self.root_level(entity, selection, &field.fields)
            .map_err(|error| error.at(field.position))
    }

    fn plan_rows(&mut self, entity: EntityId, field: &Selected) -> Result<usize, PlanError> {
        let entity = self.model.entity(entity);
        let mut select = self.select(entity).map_err(|error| error.at(field.position))?;
        self.list_arguments(entity, field, self.model.limits().page_size, &mut select)?;
        select.distinct = self.columns_argument(entity, field, "distinctOn")?;
        self.level(entity, select, &field.fields)
    }

    fn root_level(
        &mut self,
        entity: EntityId,
        selection: RootSelection,
        fields: &[Selected],
    ) -> Result<usize, PlanError> {
        let entity = self.model.entity(entity);
        let mut select = self.select(entity)?;
        select.condition = selection.condition;
        select.page = selection.page;
        select.lock = selection.lock;
        if select.page.is_some() || select.lock {
            select.order = self.with_primary_key(entity, selection.order);
        }
        self.level(entity, select, fields)
    }

    pub(super) fn input(&mut self, name: &str, input: &Input, kind: ParameterKind) -> usize {
        self.parameter(Parameter {
            kind,
            list: false,
            source: ParameterSource::of(input),
            name: name.to_owned(),
        })
    }

    /// Plans one statement and, before it is finished, all statements below it.
    pub(super) fn level(
        &mut self,
        entity: &'m ResolvedTable,
        select: Select,
        fields: &[Selected],
    ) -> Result<usize, PlanError> {
        self.level_with(entity, select, |builder, draft| {
            draft.program.text("{");
            builder.object(entity, Alias::MAIN, fields, draft)?;
            draft.program.text("}");
            Ok(())
        })
    }

    /// Plans a level whose rows are written by the program that `write` builds.
    pub(super) fn level_with(
        &mut self,
        entity: &'m ResolvedTable,
        select: Select,
        write: impl FnOnce(&mut Self, &mut Draft) -> Result<(), PlanError>,
    ) -> Result<usize, PlanError> {
        let at = self.reserve_level(entity);
        let mut draft = Draft {
            select,
            program: Program::default(),
            path: Vec::new(),
            children: Vec::new(),
            computed_fields: Vec::new(),
        };

        write(self, &mut draft)?;
        let level = &mut self.levels[at];
        level.select = draft.select;
        level.program = draft.program;
        level.children = draft.children;
        level.computed_fields = draft.computed_fields;
        Ok(at)
    }

    /// Reserves a level's index, so that it comes before the levels below it.
    pub(super) fn reserve_level(&mut self, entity: &ResolvedTable) -> usize {
        self.levels.push(Level {
            select: Select::new(entity.table),
            program: Program::default(),
            children: Vec::new(),
            computed_fields: Vec::new(),
            single: None,
            cursor: None,
            parent: None,
            depth: 0,
            cost: 0,
        });
        self.levels.len() - 1
    }
}
