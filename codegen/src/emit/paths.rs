//! Where generated items are found: the paths to enumerations, composite types and tables from an app's module.

use proc_macro2::TokenStream;
use quote::quote;

use crate::schema::{App, RustName, Schema};

/// The module that is written, and the modules that it refers to.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// The whole model.
    pub(super) schema: &'s Schema,
    /// The app whose module is written.
    pub(super) app: &'s App,
}

impl Scope<'_> {
    /// The path to the Rust type of an enumeration, an index into the model's.
    pub(super) fn enum_type(self, index: usize) -> TokenStream {
        let ty = &self.schema.enums[index];
        self.path(ty.app, &ty.rust)
    }

    /// The path to the static of an enumeration with this GraphQL name.
    pub(super) fn enum_static(self, type_name: &str) -> TokenStream {
        let found = self.schema.enums.iter().find(|ty| ty.type_name.as_str() == type_name);
        let ty = found.expect("invariant: metadata is made of the same model");
        self.path(ty.app, &ty.metadata)
    }

    /// The path to the static of a composite type with this GraphQL name.
    pub(super) fn composite_static(self, type_name: &str) -> TokenStream {
        let mut types = self.schema.composites.iter();
        let found = types.find(|ty| ty.type_name.as_str() == type_name);
        let ty = found.expect("invariant: metadata is made of the same model");
        self.path(ty.app, &ty.metadata)
    }

    /// The path to the static of a table with this GraphQL name.
    pub(super) fn table_static(self, type_name: &str) -> TokenStream {
        let mut entities = self.schema.entities.iter();
        let found = entities.find(|entity| entity.type_name.as_str() == type_name);
        let entity = found.expect("invariant: metadata is made of the same model");
        self.path(entity.app, &entity.metadata)
    }

    /// The path to an item of the module of `owner`, an index into the apps.
    fn path(self, owner: usize, item: &RustName) -> TokenStream {
        let owner = &self.schema.apps[owner];
        let item = item.ident();
        if owner.name == self.app.name {
            return quote!(#item);
        }
        let module = owner.module.ident();
        quote!(super::#module::#item)
    }
}
