//! The registration of a checked schema.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned as _;

use super::parse::Attributes;

/// A type's registration.
pub(super) fn expand_derive(name: &Ident, attributes: &Attributes) -> TokenStream {
    let definition = definition(attributes);
    let provided = attributes.provider.then(|| {
        quote! {
            let definition = definition
                .try_builder(<#name as support::SchemaProvider>::schema)
                .validate(<#name as support::SchemaProvider>::validate_configuration);
            let definition = match <#name as support::SchemaProvider>::description() {
                ::core::option::Option::Some(description) => definition.description(description),
                ::core::option::Option::None => definition,
            };
        }
    });

    quote! {
        const _: () = {
            use ::runtime::codegen_support as support;

            impl support::DefinedSchema for #name {
                fn definition() -> support::SchemaDefinition {
                    let definition = #definition;
                    #provided
                    definition
                }
            }

            support::submit! {
                support::Registration {
                    definition: <#name as support::DefinedSchema>::definition,
                    location: ::core::concat!(::core::file!(), ":", ::core::line!()),
                }
            }
        };
    }
}

/// The registration of a function that builds a schema.
pub(super) fn function(name: &Ident, fallible: bool, attributes: &Attributes) -> TokenStream {
    let definition = definition(attributes);
    let builder = if fallible {
        quote!(.try_builder(#name))
    } else {
        quote!(.builder(#name))
    };

    quote! {
        const _: () = {
            use ::runtime::codegen_support as support;

            support::submit! {
                support::Registration {
                    definition: || #definition #builder,
                    location: ::core::concat!(::core::file!(), ":", ::core::line!()),
                }
            }
        };
    }
}

fn definition(attributes: &Attributes) -> TokenStream {
    let Attributes {
        name: schema,
        apps,
        models,
        exclude_models,
        queries,
        mutations,
        ..
    } = attributes;

    let version = attributes.version.iter();
    let description = attributes.description.iter();
    let settings = attributes
        .settings
        .iter()
        .map(|(name, value)| quote!(.setting(#name, #value)));

    // Spanned at the path, so that a type that is not a root is an error there.
    let queries = queries
        .iter()
        .map(|path| quote_spanned!(path.span()=> .query(<#path as ::core::default::Default>::default())));
    let mutations = mutations
        .iter()
        .map(|path| quote_spanned!(path.span()=> .mutation(<#path as ::core::default::Default>::default())));

    let roots = quote!(#(#queries)* #(#mutations)*);
    let builder = (!roots.is_empty()).then(|| quote!(.builder(|schema| schema #roots)));

    let auto_discover = attributes.auto_discover.iter();
    let enabled = attributes.enabled.iter();

    quote! {
        support::SchemaDefinition::new(#schema)
            #(.version(#version))*
            #(.description(#description))*
            .apps([#(#apps),*] as [&str; _])
            .models([#(#models),*] as [&str; _])
            .exclude_models([#(#exclude_models),*] as [&str; _])
            #(#settings)*
            #(.auto_discover(#auto_discover))*
            #(.enabled(#enabled))*
            #builder
    }
}
