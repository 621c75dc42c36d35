//! From selected fields to levels.

use async_graphql::Value;

use super::{
    Bind, Child, ColumnRef, Comparison, Condition, Direction, Join, KeyLink, Level, Operation, Order, Page, Parameter,
    ParameterKind, ParameterSource, Plan, PlanError, PlannedRoot, Program, RootSource, Select, Statement,
};
use crate::json::escape;
use crate::meta::{Cardinality, Kind};
use crate::model::{Entity, Field, Model, Root};
use crate::selection::{Input, InputValue, Selected};
use crate::sql::{Dialect, render};

/// Compiles root fields into a [`Plan`].
pub struct PlanBuilder<'m> {
    model: &'m Model,
    dialect: &'m Dialect,
    levels: Vec<Level>,
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
                (_, Some(Root::One(entity))) => RootSource::Row(self.one(entity, field)?),
                (_, Some(Root::Many(entity))) => RootSource::Rows(self.many(entity, field)?),
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
        for column in 0..select.table.columns.len() {
            select.columns.push(ColumnRef { alias: 0, column });
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

    fn one(&mut self, entity: usize, field: &Selected) -> Result<usize, PlanError> {
        let table = self.model.entity(entity).table;
        let mut conditions = Vec::with_capacity(table.primary_key.len());
        for &column in table.primary_key {
            let meta = &table.columns[column];
            let input = field.argument(meta.field).ok_or_else(|| {
                PlanError::bad_input(format!("`{}` needs the argument `{}`", field.name, meta.field)).at(field.position)
            })?;
            let parameter = self.input(meta.field, input, ParameterKind::Column(meta.kind));
            let column = ColumnRef { alias: 0, column };
            conditions.push(Condition::Compare { column, comparison: Comparison::Equal, parameter });
        }
        let selection = RootSelection { condition: Some(Condition::All(conditions)), ..RootSelection::default() };
        self.root_level(entity, selection, &field.fields)
    }

    fn many(&mut self, entity: usize, field: &Selected) -> Result<usize, PlanError> {
        let page = self.page(field, self.model.limits().page_size);
        let selection = RootSelection { page: Some(page), ..RootSelection::default() };
        self.root_level(entity, selection, &field.fields)
    }

    fn root_level(&mut self, entity: usize, selection: RootSelection, fields: &[Selected]) -> Result<usize, PlanError> {
        let entity = self.model.entity(entity);
        let mut select = Select::new(entity.table);
        select.condition = selection.condition;
        select.page = selection.page;
        if select.page.is_some() {
            select.order = complete_order(entity, selection.order);
        }
        self.level(entity, select, fields)
    }

    /// `limit` and `offset` of a list.
    fn page(&mut self, field: &Selected, default: u64) -> Page {
        let kind = ParameterKind::Limit { max: self.model.limits().max_page_size, default };
        let limit = match field.argument("limit") {
            Some(input) => self.input("limit", input, kind),
            None => self.parameter(Parameter {
                kind,
                list: false,
                source: ParameterSource::Constant(Value::from(default)),
                name: "limit".into(),
            }),
        };
        let offset = field.argument("offset").filter(|input| !is_zero(input));
        let offset = offset.map(|input| self.input("offset", input, ParameterKind::Offset));
        Page { limit: Some(limit), offset }
    }

    fn input(&mut self, name: &str, input: &Input, kind: ParameterKind) -> usize {
        let source = match &input.source {
            Some(path) => ParameterSource::Variable(path.clone()),
            None => ParameterSource::Constant(input.to_value()),
        };
        self.parameter(Parameter { kind, list: false, source, name: name.to_owned() })
    }

    /// One statement and, before it is finished, all statements below it.
    fn level(&mut self, entity: &'m Entity, select: Select, fields: &[Selected]) -> Result<usize, PlanError> {
        let at = self.levels.len();
        self.levels.push(Level {
            select: Select::new(entity.table),
            program: Program::default(),
            statement: Statement::default(),
            children: Vec::new(),
        });
        let mut draft = Draft { select, program: Program::default(), children: Vec::new() };
        draft.program.text("{");
        self.object(entity, 0, fields, &mut draft)?;
        draft.program.text("}");
        let statement = render(self.dialect, &draft.select);
        self.levels[at] = Level { select: draft.select, program: draft.program, statement, children: draft.children };
        Ok(at)
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
                (_, Some(Field::Relation(relation, target))) => {
                    let target = self.model.entity(target);
                    draft.select.joins.push(Join { from: alias, table: target.table, pairs: relation.pairs });
                    let joined = draft.select.joins.len();
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
        let owner = draft.select.table_of(alias);
        let keys: Vec<(usize, Kind)> = pairs
            .iter()
            .map(|&(here, _)| (draft.select.slot(ColumnRef { alias, column: here }), owner.columns[here].kind))
            .collect();
        let entity = self.model.entity(target);
        let mut select = Select::new(entity.table);
        select.link =
            Some(KeyLink { columns: pairs.iter().map(|&(here, there)| (there, owner.columns[here].kind)).collect() });
        select.page = Some(self.page(field, self.model.limits().nested_page_size));
        select.order = complete_order(entity, Vec::new());
        let level = self.level(entity, select, &field.fields)?;
        draft.program.push(Operation::Child(draft.children.len()));
        draft.children.push(Child { level, keys });
        Ok(())
    }
}

/// The order, completed by the primary key (all columns where there is none) so that a page is never random.
fn complete_order(entity: &Entity, mut order: Vec<Order>) -> Vec<Order> {
    let table = entity.table;
    let all: Vec<usize>;
    let key: &[usize] = if table.primary_key.is_empty() {
        all = (0..table.columns.len())
            .filter(|&at| !matches!(table.columns[at].kind, Kind::Json | Kind::Unknown))
            .collect();
        &all
    } else {
        table.primary_key
    };
    for &column in key {
        let column = ColumnRef { alias: 0, column };
        if !order.iter().any(|known| known.column == column) {
            order.push(Order { column, direction: Direction::Ascending });
        }
    }
    order
}

fn is_zero(input: &Input) -> bool {
    input.source.is_none()
        && matches!(&input.value, InputValue::Leaf(Value::Number(number)) if number.as_i64() == Some(0))
}

impl Level {
    /// Whether its statement takes the parents' keys.
    pub fn takes_keys(&self) -> bool {
        self.statement.binds.iter().any(|bind| matches!(bind, Bind::Keys(_) | Bind::KeysJson))
    }
}
