//! `#[derive(Entity)]`

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Path, Result};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let table = sole_path(input, "entity")?;
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => fields.named.iter().map(|field| &field.ident).collect::<Vec<_>>(),
            _ => return Err(Error::new_spanned(name, "an entity's fields have names")),
        },
        _ => {
            return Err(Error::new_spanned(
                name,
                "an entity is a struct with a field for each column",
            ));
        }
    };
    Ok(quote! {
        const _: () = {
            use ::runtime::codegen_support as support;

            impl support::Entity for #name {
                const TABLE: &'static support::Table = &#table;

                fn read(row: &mut support::RowReader<'_>) -> ::core::result::Result<Self, support::ReadError> {
                    ::core::result::Result::Ok(Self { #(#fields: row.column()?),* })
                }
            }

            impl #name {
                /// Begins a selection of rows.
                pub fn find() -> support::Find<Self> {
                    support::Find::new()
                }

                /// Begins to make rows.
                pub fn insert() -> support::Insert<Self> {
                    support::Insert::new()
                }

                /// Begins to change rows.
                pub fn update() -> support::Update<Self> {
                    support::Update::new()
                }

                /// Begins to remove rows.
                pub fn delete() -> support::Delete<Self> {
                    support::Delete::new()
                }
            }
        };
    })
}

/// The path in `#[attribute(path)]`.
pub(crate) fn sole_path(input: &DeriveInput, attribute: &str) -> Result<Path> {
    let found = input.attrs.iter().find(|found| found.path().is_ident(attribute));
    let found = found.ok_or_else(|| {
        Error::new_spanned(
            &input.ident,
            format!("`#[{attribute}(...)]` must name the static of the metadata"),
        )
    })?;
    found.parse_args()
}
