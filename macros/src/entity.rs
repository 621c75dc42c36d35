//! `#[derive(Entity)]`

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Path, Result};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let table = required_path(input, "entity")?;
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => fields.named.iter().map(|field| &field.ident).collect::<Vec<_>>(),
            _ => return Err(Error::new_spanned(name, "the fields of an entity must have names")),
        },
        _ => {
            return Err(Error::new_spanned(
                name,
                "`Entity` can only be derived for a struct with a field for each column",
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
                /// Starts a query for rows.
                pub fn find() -> support::Find<Self> {
                    support::Find::new()
                }

                /// Starts an insert.
                pub fn insert() -> support::Insert<Self> {
                    support::Insert::new()
                }

                /// Starts an update.
                pub fn update() -> support::Update<Self> {
                    support::Update::new()
                }

                /// Starts a delete.
                pub fn delete() -> support::Delete<Self> {
                    support::Delete::new()
                }
            }
        };
    })
}

/// Returns the path in `#[attribute(path)]`; an error if the attribute is missing.
pub(crate) fn required_path(input: &DeriveInput, attribute: &str) -> Result<Path> {
    let found = input.attrs.iter().find(|found| found.path().is_ident(attribute));
    let found = found.ok_or_else(|| {
        Error::new_spanned(
            &input.ident,
            format!("missing `#[{attribute}(...)]` with the name of the metadata's static"),
        )
    })?;
    found.parse_args()
}
