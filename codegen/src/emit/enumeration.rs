//! The Rust type of an enumeration.

use proc_macro2::TokenStream;
use quote::quote;

use super::{doc, markdown};
use crate::schema::Enum;

pub(super) fn enumeration(ty: &Enum) -> TokenStream {
    let (rust, metadata, name) = (ty.rust.ident(), ty.metadata.ident(), ty.type_name.as_str());
    let description = doc(ty.description.as_deref().unwrap_or(&format!("The values of `{name}`.")));
    let variants = ty.values.iter().map(|value| {
        let (variant, label) = (value.rust.ident(), &value.label);
        let doc = format!(" {}", markdown::code(label));
        quote!(#[doc = #doc] #[label(#label)] #variant)
    });

    quote! {
        #description
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, runtime::DatabaseEnum)]
        #[database_enum(#metadata)]
        pub enum #rust { #(#variants),* }
    }
}
