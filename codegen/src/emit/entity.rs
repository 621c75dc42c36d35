//! A table: the typed row, its metadata, its typed columns.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::{doc_lines, index, markdown, optional_text, policy};
use crate::schema::{App, Entity, Field, Function, Relation, RustName, Scalar, Schema, TargetRow, TypeName};

pub(super) fn items(schema: &Schema, app: &App, entity: &Entity) -> TokenStream {
    let row = row(schema, app, entity);
    let metadata = metadata(schema, app, entity);
    let columns = columns(schema, app, entity);
    quote!(#row #metadata #columns)
}

fn row(schema: &Schema, app: &App, entity: &Entity) -> TokenStream {
    let rust = entity.rust.ident();
    let metadata = entity.metadata.ident();
    let description = table_doc(entity);
    let fields = entity.columns.iter().map(|field| {
        let (name, ty, doc) = (field.rust.ident(), rust_type(schema, app, field), column_doc(field));
        quote!(#doc pub #name: #ty)
    });
    quote! {
        #description
        #[derive(Debug, Clone, PartialEq, runtime::Entity)]
        #[entity(#metadata)]
        pub struct #rust { #(#fields),* }
    }
}

fn table_doc(entity: &Entity) -> TokenStream {
    doc_lines(&entity.description.as_deref().map_or_else(
        || vec![format!("A row of {}.", markdown::code(&entity.table.name))],
        markdown::lines,
    ))
}

fn column_doc(field: &Field) -> TokenStream {
    doc_lines(&field.description.as_deref().map_or_else(
        || vec![format!("The column {}.", markdown::code(&field.column))],
        markdown::lines,
    ))
}

fn metadata(schema: &Schema, app: &App, entity: &Entity) -> TokenStream {
    let ident = entity.metadata.ident();
    let (type_name, one, many) = (entity.type_name.as_str(), entity.one.as_str(), entity.many.as_str());
    let namespace = optional_text(entity.namespace.as_deref());
    let name = &entity.table.name;
    let description = optional_text(entity.description.as_deref());
    let read_only = entity.read_only;

    let columns = entity.columns.iter().map(|field| column(schema, app, field));
    let primary_key = entity.primary_key.iter().map(|&at| index(at));
    let unique_keys = entity.unique_keys.iter().map(|key| {
        let key = key.iter().map(|&at| index(at));
        quote!(&[#(#key),*])
    });
    let constraints = entity.constraints.iter().map(|(name, columns)| {
        let columns = columns.iter().map(|&at| index(at));
        quote!((#name, &[#(#columns),*]))
    });

    let relations = entity.relations.iter().map(|relation| self::relation(schema, relation));
    let functions = entity
        .functions
        .iter()
        .map(|function| self::function(schema, app, function));
    let search = entity.search.iter().map(|&at| index(at));

    let operations = policy::operations(entity);
    let policies = entity.policies.iter().map(|rule| policy::policy(schema, app, rule));
    let doc = format!(" The metadata of [`{}`].", entity.rust.as_str());

    quote! {
        #[doc = #doc]
        pub static #ident: rt::Table = rt::Table {
            type_name: #type_name,
            one: #one,
            many: #many,
            namespace: #namespace,
            name: #name,
            description: #description,
            read_only: #read_only,
            columns: &[#(#columns),*],
            primary_key: &[#(#primary_key),*],
            unique_keys: &[#(#unique_keys),*],
            constraints: &[#(#constraints),*],
            relations: &[#(#relations),*],
            functions: &[#(#functions),*],
            search: &[#(#search),*],
            operations: #operations,
            policies: &[#(#policies),*],
        };
    }
}

fn column(schema: &Schema, app: &App, field: &Field) -> TokenStream {
    let (name, graphql) = (&field.column, field.graphql.as_str());
    let kind = kind(schema, app, field);
    let key = field.key.then(|| quote!(.key()));
    let nullable = field.nullable.then(|| quote!(.nullable()));
    let computed = field.computed.then(|| quote!(.computed()));
    let optional = (field.has_default && !field.nullable).then(|| quote!(.optional()));

    let length = field.max_length.map(|length| {
        let length = index(length as usize);
        quote!(.at_most(#length))
    });
    let sql_type = field.sql_type.as_ref().map(|ty| {
        let (namespace, name) = (optional_text(ty.namespace.as_deref()), &ty.name);
        quote!(.of_type(#namespace, #name))
    });

    let incomparable = field.incomparable.then(|| quote!(.incomparable()));
    let unordered = field.unordered.then(|| quote!(.unordered()));
    let nondeterministic = field.nondeterministic.then(|| quote!(.nondeterministic()));
    let loose = field.loose.then(|| quote!(.loose()));

    let srid = field.srid.map(|srid| {
        let srid = index(srid as usize);
        quote!(.srid(#srid))
    });
    let function = field.function.as_ref().map(|name| {
        let (namespace, name) = (optional_text(name.namespace.as_deref()), &name.name);
        quote!(.function(#namespace, #name))
    });

    let description = field.description.as_ref().map(|text| quote!(.described(#text)));
    quote!(rt::Column::new(#name, #graphql, #kind) #key #nullable #computed #optional #length #sql_type #incomparable #unordered #nondeterministic #loose #srid #function #description)
}

fn relation(schema: &Schema, relation: &Relation) -> TokenStream {
    let field = relation.graphql.as_str();
    let target = schema.entities[relation.target].type_name.as_str();
    let cardinality = match (relation.to_many, relation.nullable) {
        (true, _) => quote!(rt::Cardinality::Many),
        (false, true) => quote!(rt::Cardinality::Optional),
        (false, false) => quote!(rt::Cardinality::One),
    };

    let holds_key = relation.holds_key;
    let pairs = pairs(&relation.pairs);
    let through = match &relation.through {
        None => quote!(None),
        Some(through) => {
            let table = schema.entities[through.entity].type_name.as_str();
            let pairs = self::pairs(&through.pairs);
            quote!(Some(rt::Through { table: #table, pairs: #pairs }))
        }
    };

    let target_row = match relation.target_row {
        TargetRow::Only => quote!(rt::TargetRow::Only),
        TargetRow::First => quote!(rt::TargetRow::First),
        TargetRow::Own => quote!(rt::TargetRow::Own),
    };

    quote! {
        rt::Relation {
            field: #field,
            target: #target,
            cardinality: #cardinality,
            holds_key: #holds_key,
            pairs: #pairs,
            through: #through,
            target_row: #target_row,
        }
    }
}

fn function(schema: &Schema, app: &App, function: &Function) -> TokenStream {
    let sql_type = |ty: &TypeName| {
        let (namespace, name) = (optional_text(ty.namespace.as_deref()), &ty.name);
        quote!(rt::SqlType { namespace: #namespace, name: #name })
    };

    let arguments = function.arguments.iter().map(|argument| {
        let (name, field, optional) = (&argument.name, argument.graphql.as_str(), argument.optional);
        let kind = listed(scalar_kind(schema, app, &argument.scalar), argument.array);
        let sql_type = argument.sql_type.as_ref().map_or_else(
            || quote!(None),
            |ty| {
                let ty = sql_type(ty);
                quote!(Some(#ty))
            },
        );
        quote!(rt::FunctionArgument { name: #name, field: #field, kind: #kind, sql_type: #sql_type, optional: #optional })
    });

    let (field, name) = (function.graphql.as_str(), sql_type(&function.name));
    let description = optional_text(function.description.as_deref());
    let (many, writes) = (function.many, function.writes);

    quote! {
        &rt::Function {
            field: #field,
            name: #name,
            description: #description,
            arguments: &[#(#arguments),*],
            many: #many,
            writes: #writes,
        }
    }
}

pub(super) fn pairs(pairs: &[(usize, usize)]) -> TokenStream {
    let pairs = pairs.iter().map(|&(here, there)| {
        let (here, there) = (index(here), index(there));
        quote!((#here, #there))
    });
    quote!(&[#(#pairs),*])
}

fn columns(schema: &Schema, app: &App, entity: &Entity) -> TokenStream {
    let module = entity.module.ident();
    let rust = entity.rust.ident();

    let constants = entity.columns.iter().enumerate().map(|(at, field)| {
        let (name, doc) = (field.rust.ident(), column_doc(field));
        let ty = value_type(field, |index| {
            let rust = schema.enums[index].rust.ident();
            quote!(#rust)
        });
        let at = index(at);
        let row_type = if field.nullable {
            quote!(Option<#ty>)
        } else {
            ty.clone()
        };
        quote! {
            #doc
            pub const #name: rt::TypedColumn<#rust, #ty> = rt::TypedColumn::new(#at);
            #doc
            pub type #name = #row_type;
        }
    });

    let used: BTreeSet<usize> = entity
        .columns
        .iter()
        .filter_map(|field| match &field.scalar {
            Scalar::Enum(index) => Some(*index),
            Scalar::Range(_, element) => match element.as_ref() {
                Scalar::Enum(index) => Some(*index),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let imports = used.into_iter().map(|index| {
        let path = enum_item(schema, app, index, &schema.enums[index].rust);
        quote!(use super::#path;)
    });

    let doc = format!(
        " The typed columns of [`{}`], and the types of their values.",
        entity.rust.as_str()
    );

    quote! {
        #[doc = #doc]
        #[allow(non_upper_case_globals, non_camel_case_types, clippy::module_inception)]
        pub mod #module {
            use super::{#rust, rt};
            #(#imports)*

            #(#constants)*
        }
    }
}

/// Returns the type of a row's field.
fn rust_type(schema: &Schema, app: &App, field: &Field) -> TokenStream {
    let ty = value_type(field, |index| enum_item(schema, app, index, &schema.enums[index].rust));
    if field.nullable { quote!(Option<#ty>) } else { ty }
}

/// Returns the path of an enumeration's item in an app's module.
fn enum_item(schema: &Schema, app: &App, index: usize, item: &RustName) -> TokenStream {
    app_item(schema, app, schema.enums[index].app, item)
}

/// Returns the path in an app's module to an item of the module of `owner`, an index into the apps.
pub(super) fn app_item(schema: &Schema, app: &App, owner: usize, item: &RustName) -> TokenStream {
    let owner = &schema.apps[owner];
    let item = item.ident();
    if owner.name == app.name {
        return quote!(#item);
    }
    let module = owner.module.ident();
    quote!(super::#module::#item)
}

/// Returns the type of a column's values that are not null; `enum_type` names the enumerations.
fn value_type(field: &Field, enum_type: impl Fn(usize) -> TokenStream) -> TokenStream {
    let scalar = scalar_type(&field.scalar, &enum_type);
    let dimensions = if field.array { field.dimensions } else { 0 };
    (0..dimensions).fold(scalar, |item, _| quote!(Vec<Option<#item>>))
}

fn scalar_type(scalar: &Scalar, enum_type: &impl Fn(usize) -> TokenStream) -> TokenStream {
    match scalar {
        Scalar::Bool => quote!(bool),
        Scalar::Int16 => quote!(i16),
        Scalar::Int32 => quote!(i32),
        Scalar::Int64 => quote!(i64),
        Scalar::UInt64 => quote!(u64),
        Scalar::Float32 => quote!(f32),
        Scalar::Float64 => quote!(f64),
        Scalar::Decimal(_) | Scalar::Money => quote!(rt::Decimal),
        Scalar::Text | Scalar::Duration | Scalar::TextForm | Scalar::Unknown => quote!(String),
        Scalar::Range(_, element) => {
            let element = scalar_type(element, enum_type);
            quote!(rt::Range<#element>)
        }
        Scalar::Uuid => quote!(rt::Uuid),
        Scalar::DateTime => quote!(rt::DateTime<rt::Utc>),
        Scalar::NaiveDateTime => quote!(rt::NaiveDateTime),
        Scalar::Date => quote!(rt::NaiveDate),
        Scalar::Time => quote!(rt::NaiveTime),
        Scalar::Json | Scalar::Composite(_) => quote!(rt::Json),
        Scalar::Bytes => quote!(Vec<u8>),
        Scalar::Enum(index) => enum_type(*index),
    }
}

fn kind(schema: &Schema, app: &App, field: &Field) -> TokenStream {
    let dimensions = if field.array { field.dimensions } else { 0 };
    (0..dimensions).fold(scalar_kind(schema, app, &field.scalar), |kind, _| listed(kind, true))
}

/// Wraps the kind into an array if `array` is set.
pub(super) fn listed(kind: TokenStream, array: bool) -> TokenStream {
    if array { quote!(rt::Kind::Array(&#kind)) } else { kind }
}

pub(super) fn scalar_kind(schema: &Schema, app: &App, scalar: &Scalar) -> TokenStream {
    match scalar {
        Scalar::Bool => quote!(rt::Kind::Bool),
        Scalar::Int16 => quote!(rt::Kind::Int16),
        Scalar::Int32 => quote!(rt::Kind::Int32),
        Scalar::Int64 => quote!(rt::Kind::Int64),
        Scalar::UInt64 => quote!(rt::Kind::UInt64),
        Scalar::Float32 => quote!(rt::Kind::Float32),
        Scalar::Float64 => quote!(rt::Kind::Float64),
        Scalar::Decimal(Some(scale)) => {
            let scale = index(*scale as usize);
            quote!(rt::Kind::Decimal(Some(#scale)))
        }
        Scalar::Decimal(None) => quote!(rt::Kind::Decimal(None)),
        Scalar::Text => quote!(rt::Kind::Text),
        Scalar::Uuid => quote!(rt::Kind::Uuid),
        Scalar::DateTime => quote!(rt::Kind::DateTime),
        Scalar::NaiveDateTime => quote!(rt::Kind::NaiveDateTime),
        Scalar::Date => quote!(rt::Kind::Date),
        Scalar::Time => quote!(rt::Kind::Time),
        Scalar::Duration => quote!(rt::Kind::Duration),
        Scalar::Json => quote!(rt::Kind::Json),
        Scalar::Bytes => quote!(rt::Kind::Bytes),
        Scalar::TextForm | Scalar::Unknown => quote!(rt::Kind::Unknown),
        Scalar::Money => quote!(rt::Kind::Money),
        Scalar::Range(name, element) => {
            let element = scalar_kind(schema, app, element);
            let (namespace, name) = (optional_text(name.namespace.as_deref()), &name.name);
            quote!(rt::Kind::Range(&rt::RangeType { namespace: #namespace, database_type: #name, element: #element }))
        }
        Scalar::Composite(at) => {
            let ty = &schema.composites[*at];
            let metadata = app_item(schema, app, ty.app, &ty.metadata);
            quote!(rt::Kind::Composite(&#metadata))
        }
        Scalar::Enum(at) => {
            let metadata = enum_item(schema, app, *at, &schema.enums[*at].metadata);
            quote!(rt::Kind::Enum(&#metadata))
        }
    }
}
