//! The model as the metadata that the runtime interprets: the only mapping between them. `codegen serve` and the SDL
//! files use the metadata as it is, and [`emit`](crate::emit) prints it as Rust, so that serving and generating agree.
//!
//! Metadata is `'static`, as in generated code: it is created once per run and lives until the program ends.

use crate::config::Action;
use crate::schema::{App, Entity, Enum, Function, Operand, Policy, RowFilter, Scalar, Schema};

/// The metadata of a model.
#[derive(Debug)]
pub struct Metadata {
    /// The enumerations, in the order of [`Schema::enums`].
    pub enums: Vec<&'static meta::EnumType>,
    /// The composite types, in the order of [`Schema::composites`].
    pub composites: Vec<&'static meta::CompositeType>,
    /// The tables, in the order of [`Schema::entities`].
    pub tables: Vec<&'static meta::Table>,
}

impl Metadata {
    /// The metadata of a model.
    pub fn of(schema: &Schema) -> Self {
        let enums: Vec<&'static meta::EnumType> = schema.enums.iter().map(enumeration).collect();
        let composites = composites(schema, &enums);
        let types = Types { enums, composites };

        // Row filters refer to other tables, possibly in a circle: they refer to copies of the tables without policies.
        let tables_without_policies: Vec<&'static meta::Table> = schema
            .entities
            .iter()
            .map(|entity| table(schema, &types, entity, Vec::new()))
            .collect();

        let tables = schema
            .entities
            .iter()
            .map(|entity| {
                let policies = entity.policies.iter();
                let policies = policies.map(|found| policy(found, &tables_without_policies)).collect();
                table(schema, &types, entity, policies)
            })
            .collect();

        Self {
            tables,
            enums: types.enums,
            composites: types.composites.into_iter().flatten().collect(),
        }
    }

    /// The apps of a model, ready to be registered.
    pub fn apps(&self, schema: &Schema) -> Vec<&'static meta::App> {
        schema.apps.iter().map(|found| app(found, &self.tables)).collect()
    }
}

fn text(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn optional(text: Option<&String>) -> Option<&'static str> {
    text.map(|text| self::text(text))
}

fn list<T>(items: impl IntoIterator<Item = T>) -> &'static [T] {
    Box::leak(items.into_iter().collect::<Vec<_>>().into_boxed_slice())
}

fn app(app: &App, tables: &[&'static meta::Table]) -> &'static meta::App {
    Box::leak(Box::new(meta::App {
        name: text(&app.name),
        module: module_path!(),
        tables: list(app.entities.iter().map(|&at| tables[at])),
    }))
}

fn enumeration(ty: &Enum) -> &'static meta::EnumType {
    let values = ty.values.iter().map(|value| meta::EnumValue {
        name: text(value.graphql.as_str()),
        label: text(&value.label),
    });
    Box::leak(Box::new(meta::EnumType {
        name: text(ty.type_name.as_str()),
        database_type: ty
            .database_type
            .as_ref()
            .map(|ty| (optional(ty.namespace.as_ref()), text(&ty.name))),
        description: optional(ty.description.as_ref()),
        values: list(values),
    }))
}

/// The named types of a model.
struct Types {
    enums: Vec<&'static meta::EnumType>,
    composites: Vec<Option<&'static meta::CompositeType>>,
}

/// Creates the composite types, each before the types that contain it.
fn composites(schema: &Schema, enums: &[&'static meta::EnumType]) -> Vec<Option<&'static meta::CompositeType>> {
    let mut types = Types {
        enums: enums.to_vec(),
        composites: vec![None; schema.composites.len()],
    };
    for at in 0..schema.composites.len() {
        if types.composites[at].is_none() {
            make_composite(at, schema, &mut types);
        }
    }
    types.composites
}

/// Creates a composite type, after the types that it contains.
fn make_composite(at: usize, schema: &Schema, types: &mut Types) {
    for field in &schema.composites[at].fields {
        if let Scalar::Composite(inner) = &field.scalar
            && types.composites[*inner].is_none()
        {
            make_composite(*inner, schema, types);
        }
    }

    let ty = &schema.composites[at];
    let fields = ty.fields.iter().map(|field| meta::CompositeField {
        name: text(&field.name),
        field: text(field.graphql.as_str()),
        kind: listed(kind(&field.scalar, types), field.array),
    });
    let fields = list(fields.collect::<Vec<_>>());

    types.composites[at] = Some(Box::leak(Box::new(meta::CompositeType {
        name: text(ty.type_name.as_str()),
        fields,
    })));
}

/// Wraps a column's kind into an array for each of its dimensions.
fn nested(kind: meta::Kind, field: &crate::schema::Field) -> meta::Kind {
    let dimensions = if field.array { field.dimensions } else { 0 };
    (0..dimensions).fold(kind, |kind, _| listed(kind, true))
}

fn listed(kind: meta::Kind, array: bool) -> meta::Kind {
    if array {
        meta::Kind::Array(Box::leak(Box::new(kind)))
    } else {
        kind
    }
}

fn table(schema: &Schema, types: &Types, entity: &Entity, policies: Vec<meta::Policy>) -> &'static meta::Table {
    let has = |action| entity.actions.contains(&action);

    let columns = entity.columns.iter().map(|field| meta::Column {
        name: text(&field.column),
        field: text(field.graphql.as_str()),
        kind: nested(kind(&field.scalar, types), field),
        nullable: field.nullable,
        is_id: field.is_id,
        generated: field.generated,
        has_default: field.has_default,
        max_length: field.max_length,
        description: optional(field.description.as_ref()),
        sql_type: field.sql_type.as_ref().map(|ty| meta::SqlType {
            namespace: optional(ty.namespace.as_ref()),
            name: text(&ty.name),
        }),
        incomparable: field.incomparable,
        unordered: field.unordered,
        nondeterministic: field.nondeterministic,
        loose: field.loose,
        srid: field.srid,
        function: field.function.as_ref().map(|name| meta::SqlType {
            namespace: optional(name.namespace.as_ref()),
            name: text(&name.name),
        }),
    });

    let relations = entity.relations.iter().map(|relation| meta::Relation {
        field: text(relation.graphql.as_str()),
        target: text(schema.entities[relation.target].type_name.as_str()),
        cardinality: match (relation.to_many, relation.nullable) {
            (true, _) => meta::Cardinality::Many,
            (false, true) => meta::Cardinality::Optional,
            (false, false) => meta::Cardinality::One,
        },
        holds_key: relation.holds_key,
        pairs: list(relation.pairs.iter().copied()),
        target_row: relation.target_row,
        through: relation.through.as_ref().map(|through| meta::Through {
            table: text(schema.entities[through.entity].type_name.as_str()),
            pairs: list(through.pairs.iter().copied()),
        }),
    });

    Box::leak(Box::new(meta::Table {
        type_name: text(entity.type_name.as_str()),
        one: text(entity.one.as_str()),
        many: text(entity.many.as_str()),
        namespace: optional(entity.namespace.as_ref()),
        name: text(&entity.table.name),
        description: optional(entity.description.as_ref()),
        read_only: entity.read_only,
        columns: list(columns),
        primary_key: list(entity.primary_key.iter().copied()),
        unique_keys: list(entity.unique_keys.iter().map(|key| list(key.iter().copied()))),
        constraints: list(
            entity
                .constraints
                .iter()
                // SQLite's own names of unique keys; it reports columns instead.
                .filter(|(name, _)| !name.starts_with("sqlite_autoindex_"))
                .map(|(name, columns)| (text(name), list(columns.iter().copied()))),
        ),
        relations: list(relations),
        functions: list(
            entity
                .functions
                .iter()
                .map(|function| &*Box::leak(Box::new(self::function(function, types)))),
        ),
        search: list(entity.search.iter().copied()),
        actions: meta::Actions {
            create: has(Action::Create),
            update: has(Action::Update),
            delete: has(Action::Delete),
        },
        policies: list(policies),
    }))
}

fn function(function: &Function, types: &Types) -> meta::Function {
    let sql_type = |ty: &crate::schema::TypeName| meta::SqlType {
        namespace: optional(ty.namespace.as_ref()),
        name: text(&ty.name),
    };

    let arguments = function.arguments.iter().map(|argument| meta::FunctionArgument {
        name: text(&argument.name),
        field: text(argument.graphql.as_str()),
        kind: listed(kind(&argument.scalar, types), argument.array),
        sql_type: argument.sql_type.as_ref().map(sql_type),
        optional: argument.optional,
    });

    meta::Function {
        field: text(function.graphql.as_str()),
        name: sql_type(&function.name),
        description: optional(function.description.as_ref()),
        arguments: list(arguments),
        many: function.many,
        writes: function.writes,
    }
}

fn policy(policy: &Policy, tables: &[&'static meta::Table]) -> meta::Policy {
    meta::Policy {
        roles: list(policy.roles.iter().map(|role| text(role))),
        actions: list(policy.actions.iter().map(|action| match action {
            Action::Read => meta::Action::Read,
            Action::Create => meta::Action::Create,
            Action::Update => meta::Action::Update,
            Action::Delete => meta::Action::Delete,
        })),
        rows: policy.rows.as_ref().map(|rows| row_filter(rows, tables)),
        hidden: list(policy.hidden.iter().copied()),
        preset: list(policy.preset.iter().map(|(column, value)| (*column, operand(value)))),
    }
}

fn row_filter(written: &RowFilter, tables: &[&'static meta::Table]) -> meta::RowFilter {
    let each = |parts: &[RowFilter]| list(parts.iter().map(|part| row_filter(part, tables)));
    let boxed = |inner: &RowFilter| -> &'static meta::RowFilter { Box::leak(Box::new(row_filter(inner, tables))) };

    match written {
        RowFilter::All(parts) => meta::RowFilter::All(each(parts)),
        RowFilter::Any(parts) => meta::RowFilter::Any(each(parts)),
        RowFilter::Not(inner) => meta::RowFilter::Not(boxed(inner)),
        RowFilter::Compare(column, comparison, value) => meta::RowFilter::Compare(*column, *comparison, operand(value)),
        RowFilter::IsNull(column, null) => meta::RowFilter::IsNull(*column, *null),
        RowFilter::Related {
            pairs,
            target,
            row_filter: inner,
        } => meta::RowFilter::Related {
            pairs: list(pairs.iter().copied()),
            target: tables[*target],
            row_filter: boxed(inner),
        },
    }
}

fn operand(value: &Operand) -> meta::Operand {
    match value {
        Operand::ViewerId => meta::Operand::ViewerId,
        Operand::ViewerIsStaff => meta::Operand::ViewerIsStaff,
        Operand::Claim(name) => meta::Operand::Claim(text(name)),
        Operand::Text(value) => meta::Operand::Text(text(value)),
        Operand::Bool(value) => meta::Operand::Bool(*value),
    }
}

fn kind(scalar: &Scalar, types: &Types) -> meta::Kind {
    match scalar {
        Scalar::Bool => meta::Kind::Bool,
        Scalar::Int16 => meta::Kind::Int16,
        Scalar::Int32 => meta::Kind::Int32,
        Scalar::Int64 => meta::Kind::Int64,
        Scalar::UInt64 => meta::Kind::UInt64,
        Scalar::Float32 => meta::Kind::Float32,
        Scalar::Float64 => meta::Kind::Float64,
        Scalar::Decimal(scale) => meta::Kind::Decimal(*scale),
        Scalar::Text => meta::Kind::Text,
        Scalar::Uuid => meta::Kind::Uuid,
        Scalar::DateTime => meta::Kind::DateTime,
        Scalar::NaiveDateTime => meta::Kind::NaiveDateTime,
        Scalar::Date => meta::Kind::Date,
        Scalar::Time => meta::Kind::Time,
        Scalar::Duration => meta::Kind::Duration,
        Scalar::Json => meta::Kind::Json,
        Scalar::Bytes => meta::Kind::Bytes,
        Scalar::TextForm | Scalar::Unknown => meta::Kind::Unknown,
        Scalar::Money => meta::Kind::Money,
        Scalar::Range(name, element) => meta::Kind::Range(Box::leak(Box::new(meta::RangeType {
            namespace: optional(name.namespace.as_ref()),
            database_type: text(&name.name),
            element: kind(element, types),
        }))),
        Scalar::Composite(at) => {
            meta::Kind::Composite(types.composites[*at].expect("invariant: a type is made before those that hold it"))
        }
        Scalar::Enum(at) => meta::Kind::Enum(types.enums[*at]),
    }
}
