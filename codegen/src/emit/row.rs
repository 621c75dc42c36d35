//! The typed row of a table. `derive(Entity)` makes the typed columns of it.

use proc_macro2::TokenStream;
use quote::quote;

use super::paths::Scope;
use super::{doc_lines, markdown};
use crate::schema::{Entity, Field, Scalar};

pub(super) fn row(scope: Scope<'_>, entity: &Entity) -> TokenStream {
    let (rust, metadata, columns) = (entity.rust.ident(), entity.metadata.ident(), entity.module.ident());
    let description = table_doc(entity);
    let fields = entity.columns.iter().map(|field| {
        let (name, ty, doc) = (field.rust.ident(), row_type(scope, field), column_doc(field));
        quote!(#doc pub #name: #ty)
    });

    quote! {
        #description
        #[derive(Debug, Clone, PartialEq, runtime::Entity)]
        #[entity(#metadata, columns = #columns)]
        pub struct #rust { #(#fields),* }
    }
}

fn table_doc(entity: &Entity) -> TokenStream {
    doc_lines(&entity.description.as_deref().map_or_else(
        || vec![format!("A row of {}.", markdown::code(&entity.table.name))],
        markdown::lines,
    ))
}

/// The database's comment, or the column's name where the field has another.
fn column_doc(field: &Field) -> TokenStream {
    match field.description.as_deref() {
        Some(comment) => doc_lines(&markdown::lines(comment)),
        None if field.column == field.rust.as_str() => doc_lines(&[]),
        None => doc_lines(&[format!("The column {}.", markdown::code(&field.column))]),
    }
}

/// The type of a row's field.
fn row_type(scope: Scope<'_>, field: &Field) -> TokenStream {
    let ty = value_type(scope, field);
    if field.nullable { quote!(Option<#ty>) } else { ty }
}

/// The type of a column's values that are not null.
fn value_type(scope: Scope<'_>, field: &Field) -> TokenStream {
    let scalar = scalar_type(scope, &field.scalar);
    let dimensions = if field.array { field.dimensions } else { 0 };
    (0..dimensions).fold(scalar, |item, _| quote!(Vec<Option<#item>>))
}

fn scalar_type(scope: Scope<'_>, scalar: &Scalar) -> TokenStream {
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
            let element = scalar_type(scope, element);
            quote!(rt::Range<#element>)
        }
        Scalar::Uuid => quote!(rt::Uuid),
        Scalar::DateTime => quote!(rt::DateTime<rt::Utc>),
        Scalar::NaiveDateTime => quote!(rt::NaiveDateTime),
        Scalar::Date => quote!(rt::NaiveDate),
        Scalar::Time => quote!(rt::NaiveTime),
        Scalar::Json | Scalar::Composite(_) => quote!(rt::Json),
        Scalar::Bytes => quote!(Vec<u8>),
        Scalar::Enum(index) => scope.enum_type(*index),
    }
}
