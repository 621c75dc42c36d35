//! The registered schemas.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::doc;
use crate::schema::{Schema, SettingValue};

pub(super) fn schemas(schema: &Schema) -> TokenStream {
    let items = schema.schemas.iter().map(|api| {
        let (rust, name, version, description) = (api.rust.ident(), &api.name, &api.version, &api.description);
        let doc = doc(&api.description);
        let apps = &api.apps;

        let settings = api.settings.iter().map(|(name, value)| {
            let name: TokenStream = name.parse().unwrap_or_default();
            let value = match value {
                SettingValue::Bool(value) => quote!(#value),
                SettingValue::Int(value) => {
                    let literal = Literal::i64_unsuffixed(*value);
                    quote!(#literal)
                }
                SettingValue::Text(value) => quote!(#value),
            };
            quote!(#name = #value)
        });
        let settings = (!api.settings.is_empty()).then(|| quote!(, settings(#(#settings),*)));

        quote! {
            #doc
            #[allow(dead_code)]
            #[derive(Debug, runtime::RegisteredSchema)]
            #[schema(name = #name, version = #version, description = #description, apps(#(#apps),*) #settings)]
            pub struct #rust;
        }
    });
    quote!(#(#items)*)
}
