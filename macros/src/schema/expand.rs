//! The registration of a checked schema.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Lit};

use super::parse::Attributes;

pub(super) fn expand(name: &Ident, attributes: &Attributes) -> TokenStream {
    let Attributes { name: schema, apps, models, exclude_models, queries, mutations, .. } = attributes;
    let version = attributes.version.iter();
    let description = attributes.description.iter();
    let settings = attributes.settings.iter().map(|(name, value)| {
        let value = match value {
            Lit::Bool(value) => quote!(support::SettingValue::Bool(#value)),
            Lit::Int(value) => quote!(support::SettingValue::Int(#value)),
            other => quote!(support::SettingValue::Text(::std::string::ToString::to_string(&#other))),
        };
        quote!(.setting(#name, #value))
    });
    // Spanned at the path, so that a type that is no root is an error there.
    let queries =
        queries.iter().map(|path| quote_spanned!(path.span()=> .query(<#path as ::core::default::Default>::default())));
    let mutations = mutations
        .iter()
        .map(|path| quote_spanned!(path.span()=> .mutation(<#path as ::core::default::Default>::default())));
    let auto_discover = attributes.auto_discover.iter().map(|value| quote!(definition.auto_discover = #value;));
    let enabled = attributes.enabled.iter().map(|value| quote!(definition.enabled = #value;));
    quote! {
        const _: () = {
            use ::runtime::codegen_support as support;

            impl support::SchemaProvider for #name {
                #[allow(unused_mut)]
                fn definition() -> support::SchemaDefinition {
                    let mut definition = support::SchemaDefinition::new(#schema)
                        #(.version(#version))*
                        #(.description(#description))*
                        .apps([#(#apps),*] as [&str; _])
                        .models([#(#models),*] as [&str; _])
                        .exclude_models([#(#exclude_models),*] as [&str; _])
                        #(#settings)*
                        #(#queries)*
                        #(#mutations)*;
                    #(#auto_discover)*
                    #(#enabled)*
                    definition
                }
            }

            support::submit! {
                support::Registration {
                    definition: <#name as support::SchemaProvider>::definition,
                    location: ::core::concat!(::core::file!(), ":", ::core::line!()),
                }
            }
        };
    }
}
