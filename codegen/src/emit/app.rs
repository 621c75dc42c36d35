//! An app's module: its enums, its tables, and the list of them.

use proc_macro2::TokenStream;
use quote::quote;

use super::{composite, entity, enumeration, markdown, table_file};
use crate::schema::{App, Schema};

/// The module's one-line description.
pub(super) fn description(app: &App) -> String {
    format!("The tables of the app {}.", markdown::code(&app.name))
}

/// Returns the module with its tables inline.
pub(super) fn items(schema: &Schema, app: &App) -> TokenStream {
    let entities = app
        .entities
        .iter()
        .map(|&at| entity::items(schema, app, &schema.entities[at]));
    module_items(schema, app, &quote!(#(#entities)*))
}

/// Returns the module with its tables in separate files.
pub(super) fn items_with_includes(schema: &Schema, app: &App) -> TokenStream {
    let files = app.entities.iter().map(|&at| {
        let file = table_file(app, &schema.entities[at]);
        quote!(include!(#file);)
    });
    module_items(schema, app, &quote!(#(#files)*))
}

fn module_items(schema: &Schema, app: &App, entities: &TokenStream) -> TokenStream {
    let enums = app.enums.iter().map(|&at| enumeration::items(&schema.enums[at]));
    let composites = app
        .composites
        .iter()
        .map(|&at| composite::items(schema, app, &schema.composites[at]));
    let tables = app.entities.iter().map(|&at| schema.entities[at].metadata.ident());
    let name = &app.name;

    quote! {
        use runtime::codegen_support as rt;

        #(#enums)*
        #(#composites)*
        #entities

        /// The app, under the name that schemas use, with its tables.
        pub static APP: rt::App = rt::App {
            name: #name,
            module: ::core::module_path!(),
            tables: &[#(&#tables),*],
        };

        rt::submit! { &APP }
    }
}
