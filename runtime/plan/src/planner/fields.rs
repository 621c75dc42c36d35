//! The fields of an object: columns into its row, relations into joins or levels below.

use super::Alias;
use super::build::Draft;
use super::{Child, ColumnRef, PlanBuilder, PlanError, Select, SelectedComputedField, Step};
use crate::json::{Part, RangePart, Shape, escape};
use crate::model::{Field, Link, ResolvedTable};
use crate::selection::Selected;
use meta::{Cardinality, Kind};

impl<'m> PlanBuilder<'m> {
    /// Plans the fields of one object, without its braces.
    pub(super) fn object(
        &mut self,
        entity: &'m ResolvedTable,
        alias: Alias,
        fields: &[Selected],
        draft: &mut Draft,
    ) -> Result<(), PlanError> {
        for (at, field) in fields.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            draft.program.text(&format!("{comma}{}:", escape::quoted(&field.key)));
            draft.path.push(field.key.clone());
            self.field(entity, alias, field, draft)?;
            draft.path.pop();
        }
        Ok(())
    }

    fn field(
        &mut self,
        entity: &'m ResolvedTable,
        alias: Alias,
        field: &Selected,
        draft: &mut Draft,
    ) -> Result<(), PlanError> {
        match (field.name.as_str(), entity.field(&field.name)) {
            ("__typename", _) => draft.program.text(&format!("\"{}\"", entity.table.type_name)),
            (_, Some(Field::Column(column))) => {
                self.check_column(entity.table, column)
                    .map_err(|error| error.at(field.position))?;

                let meta = &entity.table.columns[column];
                let slot = draft.select.slot(ColumnRef { alias, column });
                let (kind, required, path) = (meta.kind, !meta.may_be_null(), draft.path.as_slice().into());

                draft.program.push(if kind.is_object() {
                    Step::Structure {
                        slot,
                        kind,
                        shape: shape(kind, &field.fields)?,
                        required,
                        path,
                    }
                } else {
                    Step::Value {
                        slot,
                        kind,
                        is_id: meta.is_id,
                        required,
                        path,
                    }
                });
            }
            (_, Some(Field::Computed(extension))) => {
                let needed = self.model.computed_fields()[extension].columns;
                for &column in needed {
                    self.check_column(entity.table, column)
                        .map_err(|error| error.at(field.position))?;
                }

                let slots = needed
                    .iter()
                    .map(|&column| draft.select.slot(ColumnRef { alias, column }))
                    .collect();

                draft.program.push(Step::Computed(draft.computed_fields.len()));
                let path = draft.path.as_slice().into();
                draft.computed_fields.push(SelectedComputedField {
                    computed_field: extension,
                    slots,
                    positions: field.positions.clone(),
                    path,
                });
            }
            (_, Some(Field::Relation(link))) if link.relation.cardinality == Cardinality::Many => {
                self.linked_level(link, alias, field, draft, |builder, target, mut select| {
                    let page_size = builder.model.limits().nested_page_size;
                    builder.list_arguments(target, field, page_size, &mut select)?;
                    builder.level(target, select, &field.fields)
                })?;
            }
            (_, Some(Field::Aggregate(link))) => {
                self.linked_level(link, alias, field, draft, |builder, target, select| {
                    builder.aggregate(target, field, select)
                })?;
            }
            (_, Some(Field::Groups(link))) => {
                self.linked_level(link, alias, field, draft, |builder, target, select| {
                    let page_size = builder.model.limits().nested_page_size;
                    builder.groups(target, field, select, page_size)
                })?;
            }
            (_, Some(Field::Relation(link))) => {
                let target = self.model.entity(link.target);
                let select = &mut draft.select;
                let joined = self.join(&mut select.tables, &mut select.joins, alias, link);
                let joined = joined.map_err(|error| error.at(field.position))?;

                let presence = ColumnRef {
                    alias: joined,
                    column: link.relation.pairs[0].1,
                };
                let slot = draft.select.slot(presence);

                let required = link.required;
                let opened = draft.program.open_object(slot, required, &draft.path);
                self.object(target, joined, &field.fields, draft)?;
                draft.program.close_object(opened);
            }
            (name, None) => {
                let message = format!("`{}` has no field `{name}`", entity.table.type_name);
                return Err(PlanError::bad_input(message).at(field.position));
            }
        }

        Ok(())
    }

    /// Plans a to-many field: an operation in the program, and a separate level that `plan` makes of the linked
    /// selection.
    fn linked_level(
        &mut self,
        link: Link,
        alias: Alias,
        field: &Selected,
        draft: &mut Draft,
        plan: impl FnOnce(&mut Self, &'m ResolvedTable, Select) -> Result<usize, PlanError>,
    ) -> Result<(), PlanError> {
        let target = self.model.entity(link.target);
        let mut select = self.select(target).map_err(|error| error.at(field.position))?;
        let keys = self
            .connect(&mut draft.select, alias, link, &mut select)
            .map_err(|error| error.at(field.position))?;

        let level = plan(self, target, select)?;
        draft.program.push(Step::Child(draft.children.len()));
        draft.children.push(Child {
            level,
            keys,
            path: draft.path.as_slice().into(),
        });

        Ok(())
    }
}

/// The selected fields of an object that a column holds.
fn shape(kind: Kind, fields: &[Selected]) -> Result<Shape, PlanError> {
    let element = match kind {
        Kind::Array(element) => return shape(*element, fields),
        other => other,
    };

    let mut parts = Vec::with_capacity(fields.len());
    for field in fields {
        let part = match element {
            _ if field.name == "__typename" => Some(Part::Typename(element.type_name().into_owned())),
            Kind::Range(_) => RangePart::ALL
                .iter()
                .find(|known| known.0 == field.name)
                .map(|known| Part::Range(known.1)),
            Kind::Composite(ty) => match ty.fields.iter().position(|known| known.field == field.name) {
                Some(at) => Some(Part::Attribute(at, shape(ty.fields[at].kind, &field.fields)?)),
                None => None,
            },
            _ => None,
        };

        let part = part.ok_or_else(|| {
            let message = format!("`{}` has no field `{}`", element.type_name(), field.name);
            PlanError::bad_input(message).at(field.position)
        })?;
        parts.push((field.key.clone(), part));
    }

    Ok(Shape(parts))
}
