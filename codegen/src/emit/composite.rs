//! A composite type's metadata.

use proc_macro2::TokenStream;
use quote::quote;

use super::entity::{listed, scalar_kind};
use crate::schema::{App, Composite, Schema};

pub(super) fn items(schema: &Schema, app: &App, ty: &Composite) -> TokenStream {
    let metadata = ty.metadata.ident();
    let name = ty.type_name.as_str();
    let fields = ty.fields.iter().map(|field| {
        let (name, graphql) = (&field.name, field.graphql.as_str());
        let kind = listed(scalar_kind(schema, app, &field.scalar), field.array);
        quote!(rt::CompositeField { name: #name, field: #graphql, kind: #kind })
    });
    let doc = format!(" The metadata of the composite type `{name}`.");
    quote! {
        #[doc = #doc]
        pub static #metadata: rt::CompositeType = rt::CompositeType { name: #name, fields: &[#(#fields),*] };
    }
}
