//! Lists in pages, following Relay's "GraphQL Cursor Connections Specification".

use super::Alias;
use super::keyset::fingerprint;
use super::{
    Cursor, Direction, Expression, Limit, Nulls, Order, Page, Parameter, ParameterKind, ParameterSource, PlanBuilder,
    PlanError, Select, Step,
};
use crate::json::escape;
use crate::model::{EntityId, ResolvedTable};
use crate::selection::{Input, InputValue, Selected};
use async_graphql_value::ConstValue as Value;
use meta::{Column, Kind};

/// A planned connection: one level of rows for each of `edges` and `nodes`, one for the count, and the parts of the
/// answer that are made of their rows.
#[derive(Debug)]
pub struct Connection {
    /// The answer's parts in order.
    pub parts: Vec<ConnectionPart>,
    /// Whether the page is counted from the end (`last`): rows are read in reverse order.
    pub backward: bool,
    /// Whether the page starts after a cursor (or ends before one, if it is read backwards).
    pub has_cursor: bool,
    /// The number of requested rows plus one.
    pub limit: Limit,
}

/// A part of a connection's answer.
#[derive(Debug)]
pub enum ConnectionPart {
    /// Literal text.
    Text(Box<[u8]>),
    /// The rows of a level, under a key.
    Rows(usize, String),
    /// The only row of the count's level.
    Count(usize),
    /// Whether there are rows after the page of this level.
    HasNextPage(usize),
    /// Whether there are rows before the page of this level.
    HasPreviousPage(usize),
    /// The first row's cursor.
    StartCursor(usize),
    /// The last row's cursor.
    EndCursor(usize),
}

/// The GraphQL type of a table's connection.
pub fn connection_type(type_name: &str) -> String {
    format!("{type_name}Connection")
}

/// The GraphQL type of a connection's edges.
pub fn edge_type(type_name: &str) -> String {
    format!("{type_name}Edge")
}

/// What all levels of one connection share.
struct Paging<'s> {
    limit: Limit,
    backward: bool,
    cursor: Option<&'s Input>,
    field: &'s Selected,
}

impl<'m> PlanBuilder<'m> {
    pub(super) fn connection(&mut self, entity: EntityId, field: &Selected) -> Result<Connection, PlanError> {
        let entity = self.model.entity(entity);
        let given = |name: &str| field.argument(name).filter(|input| !input.is_null());
        let backward = given("last").is_some();
        let (size, bound) = if backward {
            ("last", "before")
        } else {
            ("first", "after")
        };

        for other in if backward {
            ["first", "after"]
        } else {
            ["last", "before"]
        } {
            if given(other).is_some() {
                let message = format!("`{}` takes `first` with `after`, or `last` with `before`", field.name);
                return Err(PlanError::bad_input(message).at(field.position));
            }
        }

        let limit = self.page_limit(size, given(size));
        let paging = Paging {
            limit,
            backward,
            cursor: given(bound),
            field,
        };

        let mut parts = Parts::default();
        let page_level = self.connection_parts(entity, &paging, &mut parts)?;
        if let Some(place) = page_level {
            // `pageInfo` alone needs a level whose rows are only counted and used for cursors.
            let level = self.page_level(entity, &paging, true)?;
            for part in &mut parts.list[place..] {
                part.read_from(level);
            }
        }

        Ok(Connection {
            parts: parts.list,
            backward,
            has_cursor: paging.cursor.is_some(),
            limit,
        })
    }

    /// Plans the parts in the order of the request. Returns the index of the first part if `pageInfo` still needs a
    /// level of rows.
    fn connection_parts(
        &mut self,
        entity: &'m ResolvedTable,
        paging: &Paging<'_>,
        parts: &mut Parts,
    ) -> Result<Option<usize>, PlanError> {
        let type_name = entity.table.type_name;
        let fields = &paging.field.fields;
        let info = fields.iter().filter(|field| field.name == "pageInfo");
        let points = info
            .flat_map(|field| &field.fields)
            .any(|field| field.name.ends_with("Cursor"));

        let mut rows = None;
        parts.text("{");
        for (at, field) in fields.iter().enumerate() {
            parts.key(at, &field.key);
            match field.name.as_str() {
                "__typename" => parts.text(&format!("\"{}\"", connection_type(type_name))),
                "totalCount" => {
                    let level = self.total_count(entity, paging.field)?;
                    parts.list.push(ConnectionPart::Count(level));
                }
                "pageInfo" => parts.page_info(field),
                "nodes" | "edges" => {
                    let level = if field.name == "nodes" {
                        self.nodes(entity, paging, field, points)?
                    } else {
                        self.edges(entity, paging, field, points)?
                    };
                    rows.get_or_insert(level);
                    parts.list.push(ConnectionPart::Rows(level, field.key.clone()));
                }
                name => {
                    let message = format!("`{}` has no field `{name}`", connection_type(type_name));
                    return Err(PlanError::bad_input(message).at(field.position));
                }
            }
        }
        parts.text("}");

        match rows {
            Some(level) => {
                parts.list.iter_mut().for_each(|part| part.read_from(level));
                Ok(None)
            }
            None if parts.has_info => Ok(Some(0)),
            None => Ok(None),
        }
    }

    fn nodes(
        &mut self,
        entity: &'m ResolvedTable,
        paging: &Paging<'_>,
        field: &Selected,
        points: bool,
    ) -> Result<usize, PlanError> {
        let (select, cursor) = self.page_select(entity, paging)?;
        let level = self.level(entity, select, &field.fields)?;
        if points {
            self.add_cursor(level, cursor);
        }
        Ok(level)
    }

    fn edges(
        &mut self,
        entity: &'m ResolvedTable,
        paging: &Paging<'_>,
        field: &Selected,
        points: bool,
    ) -> Result<usize, PlanError> {
        let (select, cursor) = self.page_select(entity, paging)?;
        let has_cursor = points || field.fields.iter().any(|field| field.name == "cursor");

        let level = self.level_with(entity, select, |builder, draft| {
            draft.program.text("{");
            for (at, inner) in field.fields.iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                draft.program.text(&format!("{comma}{}:", escape::quoted(&inner.key)));
                match inner.name.as_str() {
                    "__typename" => draft
                        .program
                        .text(&format!("\"{}\"", edge_type(entity.table.type_name))),
                    "cursor" => draft.program.push(Step::Cursor),
                    _ => {
                        draft.path.push(inner.key.clone());
                        draft.program.text("{");
                        builder.object(entity, Alias::MAIN, &inner.fields, draft)?;
                        draft.program.text("}");
                        draft.path.pop();
                    }
                }
            }
            draft.program.text("}");
            Ok(())
        })?;

        if has_cursor {
            self.add_cursor(level, cursor);
        }
        Ok(level)
    }

    fn page_level(&mut self, entity: &'m ResolvedTable, paging: &Paging<'_>, points: bool) -> Result<usize, PlanError> {
        let (select, cursor) = self.page_select(entity, paging)?;
        let level = self.level_with(entity, select, |_, _| Ok(()))?;
        if points {
            self.add_cursor(level, cursor);
        }
        Ok(level)
    }

    /// Makes a level read the values of its order, so that each row gets a cursor.
    fn add_cursor(&mut self, level: usize, (fingerprint, orders): (u64, Vec<Order>)) {
        let select = &mut self.levels[level].select;
        let slots = orders
            .into_iter()
            .map(|order| {
                let kind = select.kind(&order.expression);
                let slot = match order.expression {
                    Expression::Column(column) => select.slot(column),
                    other => select.add(other),
                };
                (slot, kind)
            })
            .collect();

        self.levels[level].cursor = Some(Cursor {
            fingerprint,
            slots,
            as_stored: self.dialect.capability.loose_columns,
        });
    }

    /// Selects the rows of the page plus one, in the order in which they are read. Also returns the order's fingerprint
    /// and keys, of which cursors are made.
    fn page_select(
        &mut self,
        entity: &'m ResolvedTable,
        paging: &Paging<'_>,
    ) -> Result<(Select, (u64, Vec<Order>)), PlanError> {
        let mut select = self.select(entity).map_err(|error| error.at(paging.field.position))?;
        self.filters_argument(entity, paging.field, &mut select)?;
        let order = self.order_argument(entity, paging.field, &mut select)?;
        select.order = self.with_primary_key(entity, order);

        if self.dialect.capability.enum_positions {
            // This database orders an enum by position and compares it by label.
            for order in &mut select.order {
                if let Expression::Column(reference) = order.expression
                    && has_positions(&select.tables[reference.alias.0].columns[reference.column])
                {
                    order.expression = Expression::Position(reference);
                }
            }
        }

        let print = fingerprint(&select, &select.order);
        if paging.backward {
            select.order = select.order.iter().map(reversed).collect();
        }

        if let Some(cursor) = paging.cursor {
            let name = if paging.backward { "before" } else { "after" };
            let orders = select.order.clone();
            let behind = self.after_cursor(&select, &orders, name, cursor, print);
            select.condition = Some(match select.condition.take() {
                Some(condition) => condition.and(behind),
                None => behind,
            });
        }

        select.page = Some(Page {
            limit: Some(paging.limit),
            offset: None,
        });
        let orders = select.order.clone();
        Ok((select, (print, orders)))
    }

    /// The limit of `first` or `last`, plus one row that tells whether there is another page.
    fn page_limit(&mut self, name: &str, input: Option<&Input>) -> Limit {
        let limits = self.model.limits();
        let (max, default) = (limits.max_page_size, limits.page_size);
        let constant = match input {
            None => Some(default),
            Some(Input {
                source: None,
                value: InputValue::Leaf(Value::Number(number)),
            }) => number.as_u64(),
            Some(_) => None,
        };

        let written = constant.filter(|number| Limit::WRITTEN.contains(number) && *number <= max);
        if let Some(number) = written {
            return Limit::Written(number + 1);
        }

        let source = input.map_or_else(|| ParameterSource::Constant(Value::from(default)), ParameterSource::of);
        let kind = ParameterKind::First { max, default };
        Limit::Parameter(self.parameter(Parameter {
            kind,
            list: false,
            source,
            name: name.to_owned(),
        }))
    }
}

fn reversed(order: &Order) -> Order {
    Order {
        expression: order.expression.clone(),
        direction: match order.direction {
            Direction::Ascending => Direction::Descending,
            Direction::Descending => Direction::Ascending,
        },
        nulls: match order.nulls {
            Nulls::First => Nulls::Last,
            Nulls::Last => Nulls::First,
        },
    }
}

/// The parts of an answer; adjacent texts are joined.
#[derive(Default)]
struct Parts {
    list: Vec<ConnectionPart>,
    has_info: bool,
}

impl Parts {
    fn text(&mut self, text: &str) {
        if let Some(ConnectionPart::Text(last)) = self.list.last_mut() {
            let mut joined = std::mem::take(last).into_vec();
            joined.extend_from_slice(text.as_bytes());
            *last = joined.into();
        } else {
            self.list.push(ConnectionPart::Text(text.as_bytes().into()));
        }
    }

    fn key(&mut self, at: usize, key: &str) {
        let comma = if at == 0 { "" } else { "," };
        self.text(&format!("{comma}{}:", escape::quoted(key)));
    }

    fn page_info(&mut self, info: &Selected) {
        self.text("{");
        for (at, field) in info.fields.iter().enumerate() {
            self.key(at, &field.key);
            let part = match field.name.as_str() {
                "hasNextPage" => ConnectionPart::HasNextPage(0),
                "hasPreviousPage" => ConnectionPart::HasPreviousPage(0),
                "startCursor" => ConnectionPart::StartCursor(0),
                "endCursor" => ConnectionPart::EndCursor(0),
                _ => {
                    self.text("\"PageInfo\"");
                    continue;
                }
            };

            self.has_info = true;
            self.list.push(part);
        }
        self.text("}");
    }
}

impl ConnectionPart {
    /// Makes a part of `pageInfo` refer to a level.
    fn read_from(&mut self, rows: usize) {
        match self {
            Self::HasNextPage(level)
            | Self::HasPreviousPage(level)
            | Self::StartCursor(level)
            | Self::EndCursor(level) => *level = rows,
            Self::Text(_) | Self::Rows(..) | Self::Count(_) => {}
        }
    }
}

/// Whether a column's values are ordered by underlying numbers: a label's position, the bits of a `SET`.
fn has_positions(column: &Column) -> bool {
    matches!(column.kind, Kind::Enum(_)) || column.sql_type.is_some_and(|ty| ty.name == "set")
}
