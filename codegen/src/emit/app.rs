//! An app's module: its enums and rows, then their metadata, and the list of its tables.

use proc_macro2::TokenStream;
use quote::quote;

use super::paths::Scope;
use super::{enumeration, kind, markdown, row, table, table_file};
use crate::metadata::Metadata;
use crate::schema::App;

/// The module's one-line description.
pub(super) fn description(app: &App) -> String {
    format!("The tables of the app {}.", markdown::code(&app.name))
}

/// The module with its tables inline: all rows first.
pub(super) fn items(scope: Scope<'_>, metadata: &Metadata) -> TokenStream {
    let entities = scope.app.entities.iter();
    let rows = entities.clone().map(|&at| row::row(scope, &scope.schema.entities[at]));
    let tables = entities.map(|&at| table_metadata(scope, metadata, at));
    module(scope, metadata, &quote!(#(#rows)*), &quote!(#(#tables)*))
}

/// The module with its tables in separate files.
pub(super) fn items_with_includes(scope: Scope<'_>, metadata: &Metadata) -> TokenStream {
    let files = scope.app.entities.iter().map(|&at| {
        let file = table_file(scope.app, &scope.schema.entities[at]);
        quote!(include!(#file);)
    });
    module(scope, metadata, &quote!(#(#files)*), &TokenStream::new())
}

/// A table's row and its metadata.
pub(super) fn table_items(scope: Scope<'_>, metadata: &Metadata, at: usize) -> TokenStream {
    let row = row::row(scope, &scope.schema.entities[at]);
    let table = table_metadata(scope, metadata, at);
    quote!(#row #table)
}

fn table_metadata(scope: Scope<'_>, metadata: &Metadata, at: usize) -> TokenStream {
    let entity = &scope.schema.entities[at];
    let (ident, value) = (entity.metadata.ident(), table::table(scope, metadata.tables[at]));
    let doc = format!(" The metadata of [`{}`].", entity.rust.as_str());
    quote!(#[doc = #doc] pub static #ident: rt::Table = #value;)
}

fn module(scope: Scope<'_>, metadata: &Metadata, rows: &TokenStream, tables: &TokenStream) -> TokenStream {
    let Scope { schema, app } = scope;
    let enums = app.enums.iter().map(|&at| enumeration::enumeration(&schema.enums[at]));
    let enum_metadata = app.enums.iter().map(|&at| {
        let ty = &schema.enums[at];
        let (ident, value) = (ty.metadata.ident(), kind::enumeration(metadata.enums[at]));
        let doc = format!(" The metadata of [`{}`].", ty.rust.as_str());
        quote!(#[doc = #doc] pub static #ident: rt::EnumType = #value;)
    });
    let composites = app.composites.iter().map(|&at| {
        let ty = &schema.composites[at];
        let (ident, value) = (ty.metadata.ident(), kind::composite(scope, metadata.composites[at]));
        let doc = format!(" The metadata of the composite type `{}`.", ty.type_name.as_str());
        quote!(#[doc = #doc] pub static #ident: rt::CompositeType = #value;)
    });
    let statics = app.entities.iter().map(|&at| schema.entities[at].metadata.ident());
    let name = &app.name;

    quote! {
        use runtime::codegen_support as rt;

        #(#enums)*
        #rows
        #(#enum_metadata)*
        #(#composites)*
        #tables

        /// The app, under the name that schemas use, with its tables.
        pub static APP: rt::App = rt::App::new(#name, ::core::module_path!(), &[#(&#statics),*]);

        rt::register_app!(APP);
    }
}
