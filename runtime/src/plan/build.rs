//! From selected fields to levels.

use async_graphql::Value;

use super::filter::Scope;
use super::order::complete;
use super::select::join;
use super::{
    Child, ColumnRef, Comparison, Condition, Expression, KeyLink, Level, Limit, Operation, Order, Page, Parameter,
    ParameterKind, ParameterSource, Plan, PlanError, PlannedRoot, Program, RootSource, Select, Statement,
};
use crate::json::escape;
use crate::meta::{Cardinality, Kind};
use crate::model::{Entity, Field, Model, Root};
use crate::selection::{Input, InputValue, Selected};
use crate::sql::{Dialect, render};

/// Compiles root fields into a [`Plan`].
pub struct PlanBuilder<'m> {
    pub(super) model: &'m Model,
    pub(super) dialect: &'m Dialect,
    pub(super) levels: Vec<Level>,
    parameters: Vec<Parameter>,
}

/// What a planned root field selects from, before its fields are looked at.
#[derive(Debug, Default)]
pub struct RootSelection {
    /// Which rows.
    pub condition: Option<Condition>,
    /// Their order; the primary key is added to it.
    pub order: Vec<Order>,
    /// How many of them, where it is fixed.
    pub page: Option<Page>,
}

/// The level under construction.
struct Draft {
    select: Select,
    program: Program,
    children: Vec<Child>,
}

impl<'m> PlanBuilder<'m> {
    /// An empty plan.
    pub fn new(model: &'m Model, dialect: &'m Dialect) -> Self {
        Self { model, dialect, levels: Vec::new(), parameters: Vec::new() }
    }

    /// Compiles root fields that the model knows; `__typename` among them answers `type_name`.
    pub fn operation(mut self, fields: &[Selected], type_name: &'static str) -> Result<Plan, PlanError> {
        let mut roots = Vec::with_capacity(fields.len());
        for field in fields {
            let source = match (field.name.as_str(), self.model.root(&field.name)) {
                ("__typename", _) => RootSource::Typename(type_name),
                (_, Some(Root::One(entity))) => {
                    let key = self.model.entity(entity).table.primary_key;
                    RootSource::Row(self.one(entity, key, field)?)
                }
                (_, Some(Root::Unique(entity, key))) => RootSource::Row(self.one(entity, key, field)?),
                (_, Some(Root::Many(entity))) => RootSource::Rows(self.many(entity, field)?),
                (_, Some(Root::Aggregate(entity))) => RootSource::Row(self.root_aggregate(entity, field)?),
                (name, None) => {
                    return Err(PlanError::bad_input(format!("there is no root field `{name}`")).at(field.position));
                }
            };
            roots.push(PlannedRoot { key: field.key.clone(), source });
        }
        Ok(self.finish(roots))
    }

    /// Compiles rows that Rust code asked for, with the fields that the client asked for below them.
    pub fn selection(mut self, entity: usize, selection: RootSelection, field: &Selected) -> Result<Plan, PlanError> {
        let level = self.root_level(entity, selection, &field.fields)?;
        let roots = vec![PlannedRoot { key: field.key.clone(), source: RootSource::Rows(level) }];
        Ok(self.finish(roots))
    }

    /// Compiles whole rows: all columns in the table's order, for typed rows.
    pub fn rows(mut self, entity: usize, selection: RootSelection) -> Result<Plan, PlanError> {
        let level = self.root_level(entity, selection, &[])?;
        let select = &mut self.levels[level].select;
        for column in 0..select.table().columns.len() {
            select.columns.push(Expression::Column(ColumnRef { alias: 0, column }));
        }
        self.levels[level].statement = render(self.dialect, &self.levels[level].select);
        let roots = vec![PlannedRoot { key: String::new(), source: RootSource::Rows(level) }];
        Ok(self.finish(roots))
    }

    /// Adds a value to bind and returns its index.
    pub fn parameter(&mut self, parameter: Parameter) -> usize {
        self.parameters.push(parameter);
        self.parameters.len() - 1
    }

    fn finish(self, roots: Vec<PlannedRoot>) -> Plan {
        Plan { roots, levels: self.levels, parameters: self.parameters }
    }

    /// A row by the columns of a key.
    fn one(&mut self, entity: usize, key: &[usize], field: &Selected) -> Result<usize, PlanError> {
        let table = self.model.entity(entity).table;
        let mut conditions = Vec::with_capacity(key.len());
        for &column in key {
            let meta = &table.columns[column];
            let input = field.argument(meta.field).ok_or_else(|| {
                PlanError::bad_input(format!("`{}` needs the argument `{}`", field.name, meta.field)).at(field.position)
            })?;
            let parameter = self.input(meta.field, input, ParameterKind::Column(meta.kind));
            let expression = Expression::Column(ColumnRef { alias: 0, column });
            conditions.push(Condition::Compare { expression, comparison: Comparison::Equal, parameter });
        }
        let selection = RootSelection { condition: Some(Condition::All(conditions)), ..RootSelection::default() };
        self.root_level(entity, selection, &field.fields)
    }

    fn many(&mut self, entity: usize, field: &Selected) -> Result<usize, PlanError> {
        let entity = self.model.entity(entity);
        let mut select = Select::new(entity.table);
        self.list_arguments(entity, field, self.model.limits().page_size, &mut select)?;
        self.level(entity, select, &field.fields)
    }

    /// `filters`, `orderBy`, `limit` and `offset` of a list.
    fn list_arguments(
        &mut self,
        entity: &'m Entity,
        field: &Selected,
        page_size: u64,
        select: &mut Select,
    ) -> Result<(), PlanError> {
        self.filters_argument(entity, field, select)?;
        let mut scope = Scope { tables: &mut select.tables, joins: &mut select.joins };
        let order = match field.argument("orderBy") {
            Some(input) => self.order(entity, 0, input, &mut scope).map_err(|error| error.at(field.position))?,
            None => Vec::new(),
        };
        select.order = complete(entity, order);
        select.page = Some(self.page(field, page_size));
        Ok(())
    }

    /// `filters` of a list or an aggregate.
    pub(super) fn filters_argument(
        &mut self,
        entity: &'m Entity,
        field: &Selected,
        select: &mut Select,
    ) -> Result<(), PlanError> {
        let Some(input) = field.argument("filters").filter(|input| !input.is_null()) else { return Ok(()) };
        let mut scope = Scope { tables: &mut select.tables, joins: &mut select.joins };
        let condition = self.filter(entity, 0, input, &mut scope).map_err(|error| error.at(field.position))?;
        select.condition = (!condition.is_trivial()).then_some(condition);
        Ok(())
    }

    fn root_level(&mut self, entity: usize, selection: RootSelection, fields: &[Selected]) -> Result<usize, PlanError> {
        let entity = self.model.entity(entity);
        let mut select = Select::new(entity.table);
        select.condition = selection.condition;
        select.page = selection.page;
        if select.page.is_some() {
            select.order = complete(entity, selection.order);
        }
        self.level(entity, select, fields)
    }

    /// `limit` and `offset` of a list.
    fn page(&mut self, field: &Selected, default: u64) -> Page {
        let max = self.model.limits().max_page_size;
        let written = |number: u64| Limit::WRITTEN.contains(&number) && number <= max;
        let constant = match field.argument("limit") {
            None => Some(default),
            Some(Input { source: None, value: InputValue::Leaf(Value::Number(number)) }) => number.as_u64(),
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
        Page { limit: Some(limit), offset }
    }

    fn input(&mut self, name: &str, input: &Input, kind: ParameterKind) -> usize {
        self.parameter(Parameter { kind, list: false, source: ParameterSource::of(input), name: name.to_owned() })
    }

    /// One statement and, before it is finished, all statements below it.
    fn level(&mut self, entity: &'m Entity, select: Select, fields: &[Selected]) -> Result<usize, PlanError> {
        let at = self.reserve(entity);
        let mut draft = Draft { select, program: Program::default(), children: Vec::new() };
        draft.program.text("{");
        self.object(entity, 0, fields, &mut draft)?;
        draft.program.text("}");
        let statement = render(self.dialect, &draft.select);
        let Draft { select, program, children } = draft;
        self.levels[at] = Level { select, program, statement, children, single: None };
        Ok(at)
    }

    /// A place for a level, so that it stands before those below it.
    pub(super) fn reserve(&mut self, entity: &Entity) -> usize {
        self.levels.push(Level {
            select: Select::new(entity.table),
            program: Program::default(),
            statement: Statement::default(),
            children: Vec::new(),
            single: None,
        });
        self.levels.len() - 1
    }

    /// The fields of one object, without its braces.
    fn object(
        &mut self,
        entity: &'m Entity,
        alias: usize,
        fields: &[Selected],
        draft: &mut Draft,
    ) -> Result<(), PlanError> {
        for (at, field) in fields.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            draft.program.text(&format!("{comma}{}:", escape::quoted(&field.key)));
            match (field.name.as_str(), entity.field(&field.name)) {
                ("__typename", _) => draft.program.text(&format!("\"{}\"", entity.table.type_name)),
                (_, Some(Field::Column(column))) => {
                    let meta = &entity.table.columns[column];
                    let slot = draft.select.slot(ColumnRef { alias, column });
                    draft.program.push(Operation::Value {
                        slot,
                        kind: meta.kind,
                        id: meta.key,
                        required: !meta.nullable,
                        field: meta.field,
                    });
                }
                (_, Some(Field::Relation(relation, target))) if relation.cardinality == Cardinality::Many => {
                    self.children(relation.pairs, target, alias, field, draft)?;
                }
                (_, Some(Field::Aggregate(relation, target))) => {
                    let (keys, link) = link(&mut draft.select, alias, relation.pairs);
                    let level = self.aggregate(self.model.entity(target), field, Some(link))?;
                    draft.program.push(Operation::Child(draft.children.len()));
                    draft.children.push(Child { level, keys });
                }
                (_, Some(Field::Relation(relation, target))) => {
                    let target = self.model.entity(target);
                    let select = &mut draft.select;
                    let joined = join(&mut select.tables, &mut select.joins, alias, relation, target.table);
                    let presence = ColumnRef { alias: joined, column: relation.pairs[0].1 };
                    let slot = draft.select.slot(presence);
                    let opened = draft.program.open_object(slot);
                    self.object(target, joined, &field.fields, draft)?;
                    draft.program.close_object(opened);
                }
                (name, None) => {
                    let message = format!("`{}` has no field `{name}`", entity.table.type_name);
                    return Err(PlanError::bad_input(message).at(field.position));
                }
            }
        }
        Ok(())
    }

    /// A to-many field: a place in the program and a level of its own.
    fn children(
        &mut self,
        pairs: &'static [(usize, usize)],
        target: usize,
        alias: usize,
        field: &Selected,
        draft: &mut Draft,
    ) -> Result<(), PlanError> {
        let (keys, link) = link(&mut draft.select, alias, pairs);
        let entity = self.model.entity(target);
        let mut select = Select::new(entity.table);
        select.link = Some(link);
        self.list_arguments(entity, field, self.model.limits().nested_page_size, &mut select)?;
        let level = self.level(entity, select, &field.fields)?;
        draft.program.push(Operation::Child(draft.children.len()));
        draft.children.push(Child { level, keys });
        Ok(())
    }
}

/// What connects a row with the rows below it: the slots of its keys, and how the level below is asked for them.
fn link(select: &mut Select, alias: usize, pairs: &'static [(usize, usize)]) -> (Vec<(usize, Kind)>, KeyLink) {
    let owner = select.tables[alias];
    let keys = pairs
        .iter()
        .map(|&(here, _)| (select.slot(ColumnRef { alias, column: here }), owner.columns[here].kind))
        .collect();
    let columns = pairs.iter().map(|&(here, there)| (there, owner.columns[here].kind)).collect();
    (keys, KeyLink { columns })
}

fn is_zero(input: &Input) -> bool {
    input.source.is_none()
        && matches!(&input.value, InputValue::Leaf(Value::Number(number)) if number.as_i64() == Some(0))
}
