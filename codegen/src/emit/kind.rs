//! Kinds, enumerations and composite types as Rust.

use proc_macro2::TokenStream;
use quote::quote;

use super::paths::Scope;
use super::{index, optional_text};

/// A kind.
pub(super) fn kind(scope: Scope<'_>, kind: &meta::Kind) -> TokenStream {
    match kind {
        meta::Kind::Bool => quote!(rt::Kind::Bool),
        meta::Kind::Int16 => quote!(rt::Kind::Int16),
        meta::Kind::Int32 => quote!(rt::Kind::Int32),
        meta::Kind::Int64 => quote!(rt::Kind::Int64),
        meta::Kind::UInt64 => quote!(rt::Kind::UInt64),
        meta::Kind::Float32 => quote!(rt::Kind::Float32),
        meta::Kind::Float64 => quote!(rt::Kind::Float64),
        meta::Kind::Decimal(None) => quote!(rt::Kind::Decimal(None)),
        meta::Kind::Decimal(Some(scale)) => {
            let scale = index(*scale as usize);
            quote!(rt::Kind::Decimal(Some(#scale)))
        }
        meta::Kind::Text => quote!(rt::Kind::Text),
        meta::Kind::Uuid => quote!(rt::Kind::Uuid),
        meta::Kind::DateTime => quote!(rt::Kind::DateTime),
        meta::Kind::NaiveDateTime => quote!(rt::Kind::NaiveDateTime),
        meta::Kind::Date => quote!(rt::Kind::Date),
        meta::Kind::Time => quote!(rt::Kind::Time),
        meta::Kind::Duration => quote!(rt::Kind::Duration),
        meta::Kind::Json => quote!(rt::Kind::Json),
        meta::Kind::Bytes => quote!(rt::Kind::Bytes),
        meta::Kind::Money => quote!(rt::Kind::Money),
        meta::Kind::Unknown => quote!(rt::Kind::Unknown),
        meta::Kind::Enum(ty) => {
            let path = scope.enum_static(ty.name);
            quote!(rt::Kind::Enum(&#path))
        }
        meta::Kind::Array(element) => {
            let element = self::kind(scope, element);
            quote!(rt::Kind::Array(&#element))
        }
        meta::Kind::Range(range) => {
            let (namespace, name) = (optional_text(range.namespace), range.database_type);
            let element = self::kind(scope, &range.element);
            quote!(rt::Kind::Range(&rt::RangeType { namespace: #namespace, database_type: #name, element: #element }))
        }
        meta::Kind::Composite(ty) => {
            let path = scope.composite_static(ty.name);
            quote!(rt::Kind::Composite(&#path))
        }
    }
}

/// An enumeration.
pub(super) fn enumeration(ty: &meta::EnumType) -> TokenStream {
    let name = ty.name;
    let values = ty.values.iter().map(|value| {
        let (name, label) = (value.name, value.label);
        quote!(rt::EnumValue::new(#name, #label))
    });
    let database_type = ty.database_type.map(|(namespace, name)| {
        let namespace = optional_text(namespace);
        quote!(.of_type(#namespace, #name))
    });
    let description = ty.description.map(|text| quote!(.described(#text)));

    quote!(rt::EnumType::new(#name, &[#(#values),*]) #database_type #description)
}

/// A composite type.
pub(super) fn composite(scope: Scope<'_>, ty: &meta::CompositeType) -> TokenStream {
    let name = ty.name;
    let fields = ty.fields.iter().map(|field| {
        let (name, graphql, kind) = (field.name, field.field, kind(scope, &field.kind));
        quote!(rt::CompositeField { name: #name, field: #graphql, kind: #kind })
    });
    quote!(rt::CompositeType { name: #name, fields: &[#(#fields),*] })
}
