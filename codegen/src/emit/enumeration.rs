//! An enumeration: the Rust enum and its metadata.

use proc_macro2::TokenStream;
use quote::quote;

use super::{doc, markdown, optional_text};
use crate::schema::Enum;

pub(super) fn items(ty: &Enum) -> TokenStream {
    let rust = ty.rust.ident();
    let metadata = ty.metadata.ident();
    let name = ty.type_name.as_str();
    let description = doc(ty.description.as_deref().unwrap_or(&format!("The values of `{name}`.")));

    let variants = ty.values.iter().map(|value| {
        let (variant, label) = (value.rust.ident(), &value.label);
        let doc = format!(" {}", markdown::code(label));
        quote!(#[doc = #doc] #[label(#label)] #variant)
    });
    let values = ty.values.iter().map(|value| {
        let (name, label) = (value.graphql.as_str(), &value.label);
        quote!(rt::EnumValue { name: #name, label: #label })
    });

    let database_type = if let Some(database_type) = &ty.database_type {
        let (namespace, name) = (optional_text(database_type.namespace.as_deref()), &database_type.name);
        quote!(Some((#namespace, #name)))
    } else {
        quote!(None)
    };
    let enum_description = optional_text(ty.description.as_deref());
    let metadata_doc = format!(" The metadata of [`{}`].", ty.rust.as_str());

    quote! {
        #description
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, runtime::DatabaseEnum)]
        #[database_enum(#metadata)]
        pub enum #rust { #(#variants),* }

        #[doc = #metadata_doc]
        pub static #metadata: rt::EnumType = rt::EnumType {
            name: #name,
            database_type: #database_type,
            description: #enum_description,
            values: &[#(#values),*],
        };
    }
}
