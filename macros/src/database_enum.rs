//! `#[derive(DatabaseEnum)]`

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, LitStr, Result, Variant};

use crate::entity::required_path;

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let metadata = required_path(input, "database_enum")?;
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(
            name,
            "`DatabaseEnum` can only be derived for an enum",
        ));
    };

    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let labels = data.variants.iter().map(label).collect::<Result<Vec<_>>>()?;

    Ok(quote! {
        const _: () = {
            use ::runtime::codegen_support as support;

            impl support::LabelledEnum for #name {
                const TYPE: &'static support::EnumType = &#metadata;
                const VARIANTS: &'static [Self] = &[#(Self::#variants),*];

                fn label(self) -> &'static str {
                    match self { #(Self::#variants => #labels),* }
                }
            }

            impl support::FromCell for #name {
                fn from_cell(
                    cell: &support::Cell<'_>,
                    _: support::Kind,
                ) -> ::core::result::Result<Self, ::std::string::String> {
                    support::enum_from_cell(cell)
                }
            }
        };
    })
}

fn label(variant: &Variant) -> Result<LitStr> {
    let found = variant
        .attrs
        .iter()
        .find(|attribute| attribute.path().is_ident("label"));
    found
        .ok_or_else(|| Error::new_spanned(variant, "missing `#[label(\"...\")]` with the database's label"))?
        .parse_args()
}
