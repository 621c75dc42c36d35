//! The model as metadata in memory, without generated code. `codegen serve` uses it, and so do the SDL files: the
//! runtime renders them, so that they cannot differ from what it serves.
//!
//! Metadata is `'static`, as in generated code: it is created once per run and lives until the program ends.

use runtime::codegen_support as rt;

use crate::config::OperationSetting;
use crate::schema::{
    App, Comparison, Entity, Enum, Function, Operand, Policy, Rule, Scalar, Schema, SettingValue, TargetRow,
};
use crate::verify::Verified;

/// Returns the apps of a model, ready to be registered.
pub fn apps(schema: &Verified<Schema>) -> Vec<&'static rt::App> {
    let enums: Vec<&'static rt::EnumType> = schema.enums.iter().map(enumeration).collect();
    let composites = composites(schema, &enums);
    let types = Types { enums, composites };

    // Row filters refer to other tables, possibly in a circle: they refer to copies of the tables without policies.
    let bare: Vec<&'static rt::Table> = schema
        .entities
        .iter()
        .map(|entity| table(schema, &types, entity, Vec::new()))
        .collect();

    let tables: Vec<&'static rt::Table> = schema
        .entities
        .iter()
        .map(|entity| {
            let policies = entity.policies.iter().map(|found| policy(found, &bare)).collect();
            table(schema, &types, entity, policies)
        })
        .collect();

    schema.apps.iter().map(|app| self::app(app, &tables)).collect()
}

/// Returns the schemas of a model.
pub fn definitions(schema: &Verified<Schema>) -> Vec<runtime::SchemaDefinition> {
    schema
        .schemas
        .iter()
        .map(|api| {
            let definition = runtime::SchemaDefinition::new(&api.name)
                .version(&api.version)
                .description(&api.description)
                .apps(&api.apps)
                .location("the configuration");
            api.settings
                .iter()
                .fold(definition, |definition, (name, value)| match value {
                    SettingValue::Bool(value) => definition.setting(name, *value),
                    SettingValue::Int(value) => definition.setting(name, *value),
                    SettingValue::Text(value) => definition.setting(name, value.as_str()),
                })
        })
        .collect()
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

fn app(app: &App, tables: &[&'static rt::Table]) -> &'static rt::App {
    Box::leak(Box::new(rt::App {
        name: text(&app.name),
        module: module_path!(),
        tables: list(app.entities.iter().map(|&at| tables[at])),
    }))
}

fn enumeration(ty: &Enum) -> &'static rt::EnumType {
    let values = ty.values.iter().map(|value| rt::EnumValue {
        name: text(value.graphql.as_str()),
        label: text(&value.label),
    });
    Box::leak(Box::new(rt::EnumType {
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
    enums: Vec<&'static rt::EnumType>,
    composites: Vec<Option<&'static rt::CompositeType>>,
}

/// Creates the composite types, each before the types that contain it.
fn composites(schema: &Schema, enums: &[&'static rt::EnumType]) -> Vec<Option<&'static rt::CompositeType>> {
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
    let fields = ty.fields.iter().map(|field| rt::CompositeField {
        name: text(&field.name),
        field: text(field.graphql.as_str()),
        kind: listed(kind(&field.scalar, types), field.array),
    });
    let fields = list(fields.collect::<Vec<_>>());

    types.composites[at] = Some(Box::leak(Box::new(rt::CompositeType {
        name: text(ty.type_name.as_str()),
        fields,
    })));
}

/// Wraps a column's kind into an array for each of its dimensions.
fn nested(kind: rt::Kind, field: &crate::schema::Field) -> rt::Kind {
    let dimensions = if field.array { field.dimensions } else { 0 };
    (0..dimensions).fold(kind, |kind, _| listed(kind, true))
}

fn listed(kind: rt::Kind, array: bool) -> rt::Kind {
    if array {
        rt::Kind::Array(Box::leak(Box::new(kind)))
    } else {
        kind
    }
}

fn table(schema: &Schema, types: &Types, entity: &Entity, policies: Vec<rt::Policy>) -> &'static rt::Table {
    let has = |operation| entity.operations.contains(&operation);

    let columns = entity.columns.iter().map(|field| rt::Column {
        name: text(&field.column),
        field: text(field.graphql.as_str()),
        kind: nested(kind(&field.scalar, types), field),
        nullable: field.nullable,
        key: field.key,
        computed: field.computed,
        optional: field.has_default,
        max_length: field.max_length,
        description: optional(field.description.as_ref()),
        sql_type: field.sql_type.as_ref().map(|ty| rt::SqlType {
            namespace: optional(ty.namespace.as_ref()),
            name: text(&ty.name),
        }),
        incomparable: field.incomparable,
        unordered: field.unordered,
        nondeterministic: field.nondeterministic,
        loose: field.loose,
        srid: field.srid,
        function: field.function.as_ref().map(|name| rt::SqlType {
            namespace: optional(name.namespace.as_ref()),
            name: text(&name.name),
        }),
    });

    let relations = entity.relations.iter().map(|relation| rt::Relation {
        field: text(relation.graphql.as_str()),
        target: text(schema.entities[relation.target].type_name.as_str()),
        cardinality: match (relation.to_many, relation.nullable) {
            (true, _) => rt::Cardinality::Many,
            (false, true) => rt::Cardinality::Optional,
            (false, false) => rt::Cardinality::One,
        },
        holds_key: relation.holds_key,
        pairs: list(relation.pairs.iter().copied()),
        target_row: match relation.target_row {
            TargetRow::Only => rt::TargetRow::Only,
            TargetRow::First => rt::TargetRow::First,
            TargetRow::Own => rt::TargetRow::Own,
        },
        through: relation.through.as_ref().map(|through| rt::Through {
            table: text(schema.entities[through.entity].type_name.as_str()),
            pairs: list(through.pairs.iter().copied()),
        }),
    });

    Box::leak(Box::new(rt::Table {
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
        operations: rt::Operations {
            create: has(OperationSetting::Create),
            update: has(OperationSetting::Update),
            delete: has(OperationSetting::Delete),
        },
        policies: list(policies),
    }))
}

fn function(function: &Function, types: &Types) -> rt::Function {
    let sql_type = |ty: &crate::schema::TypeName| rt::SqlType {
        namespace: optional(ty.namespace.as_ref()),
        name: text(&ty.name),
    };

    let arguments = function.arguments.iter().map(|argument| rt::FunctionArgument {
        name: text(&argument.name),
        field: text(argument.graphql.as_str()),
        kind: listed(kind(&argument.scalar, types), argument.array),
        sql_type: argument.sql_type.as_ref().map(sql_type),
        optional: argument.optional,
    });

    rt::Function {
        field: text(function.graphql.as_str()),
        name: sql_type(&function.name),
        description: optional(function.description.as_ref()),
        arguments: list(arguments),
        many: function.many,
        writes: function.writes,
    }
}

fn policy(policy: &Policy, tables: &[&'static rt::Table]) -> rt::Policy {
    rt::Policy {
        roles: list(policy.roles.iter().map(|role| text(role))),
        actions: list(policy.operations.iter().map(|operation| match operation {
            OperationSetting::Read => rt::Action::Read,
            OperationSetting::Create => rt::Action::Create,
            OperationSetting::Update => rt::Action::Update,
            OperationSetting::Delete => rt::Action::Delete,
        })),
        rows: policy.rows.as_ref().map(|rows| rule(rows, tables)),
        hidden: list(policy.hidden.iter().copied()),
        preset: list(policy.preset.iter().map(|(column, value)| (*column, operand(value)))),
    }
}

fn rule(written: &Rule, tables: &[&'static rt::Table]) -> rt::Rule {
    let each = |parts: &[Rule]| list(parts.iter().map(|part| rule(part, tables)));
    let boxed = |inner: &Rule| -> &'static rt::Rule { Box::leak(Box::new(rule(inner, tables))) };

    match written {
        Rule::All(parts) => rt::Rule::All(each(parts)),
        Rule::Any(parts) => rt::Rule::Any(each(parts)),
        Rule::Not(inner) => rt::Rule::Not(boxed(inner)),
        Rule::Compare(column, comparison, value) => {
            let comparison = match comparison {
                Comparison::Equal => rt::RuleComparison::Equal,
                Comparison::NotEqual => rt::RuleComparison::NotEqual,
                Comparison::Less => rt::RuleComparison::Less,
                Comparison::LessOrEqual => rt::RuleComparison::LessOrEqual,
                Comparison::Greater => rt::RuleComparison::Greater,
                Comparison::GreaterOrEqual => rt::RuleComparison::GreaterOrEqual,
            };
            rt::Rule::Compare(*column, comparison, operand(value))
        }
        Rule::IsNull(column, null) => rt::Rule::IsNull(*column, *null),
        Rule::Related {
            pairs,
            target,
            rule: inner,
        } => rt::Rule::Related {
            pairs: list(pairs.iter().copied()),
            target: tables[*target],
            rule: boxed(inner),
        },
    }
}

fn operand(value: &Operand) -> rt::Operand {
    match value {
        Operand::ViewerId => rt::Operand::ViewerId,
        Operand::ViewerIsStaff => rt::Operand::ViewerIsStaff,
        Operand::Claim(name) => rt::Operand::Claim(text(name)),
        Operand::Text(value) => rt::Operand::Text(text(value)),
        Operand::Bool(value) => rt::Operand::Bool(*value),
    }
}

fn kind(scalar: &Scalar, types: &Types) -> rt::Kind {
    match scalar {
        Scalar::Bool => rt::Kind::Bool,
        Scalar::Int16 => rt::Kind::Int16,
        Scalar::Int32 => rt::Kind::Int32,
        Scalar::Int64 => rt::Kind::Int64,
        Scalar::UInt64 => rt::Kind::UInt64,
        Scalar::Float32 => rt::Kind::Float32,
        Scalar::Float64 => rt::Kind::Float64,
        Scalar::Decimal(scale) => rt::Kind::Decimal(*scale),
        Scalar::Text => rt::Kind::Text,
        Scalar::Uuid => rt::Kind::Uuid,
        Scalar::DateTime => rt::Kind::DateTime,
        Scalar::NaiveDateTime => rt::Kind::NaiveDateTime,
        Scalar::Date => rt::Kind::Date,
        Scalar::Time => rt::Kind::Time,
        Scalar::Duration => rt::Kind::Duration,
        Scalar::Json => rt::Kind::Json,
        Scalar::Bytes => rt::Kind::Bytes,
        Scalar::TextForm | Scalar::Unknown => rt::Kind::Unknown,
        Scalar::Money => rt::Kind::Money,
        Scalar::Range(name, element) => rt::Kind::Range(Box::leak(Box::new(rt::RangeType {
            namespace: optional(name.namespace.as_ref()),
            database_type: text(&name.name),
            element: kind(element, types),
        }))),
        Scalar::Composite(at) => {
            rt::Kind::Composite(types.composites[*at].expect("invariant: a type is made before those that hold it"))
        }
        Scalar::Enum(at) => rt::Kind::Enum(types.enums[*at]),
    }
}
