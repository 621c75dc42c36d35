//! `#[derive(Entity)]`

use proc_macro2::{Group, Spacing, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Data, DeriveInput, Error, Field, Fields, GenericArgument, Ident, Path, PathArguments, Result, Token,
    Type,
};

/// `#[entity(PRODUCT, columns = product)]`
struct Arguments {
    /// The static of the metadata.
    table: Path,
    /// The module of typed columns to make.
    columns: Option<Ident>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let table = input.parse()?;
        if input.is_empty() {
            return Ok(Self { table, columns: None });
        }

        input.parse::<Token![,]>()?;
        let name: Ident = input.parse()?;
        if name != "columns" {
            return Err(Error::new_spanned(name, "expected `columns = module`"));
        }
        input.parse::<Token![=]>()?;
        let columns = input.call(<Ident as syn::ext::IdentExt>::parse_any)?;
        Ok(Self {
            table,
            columns: Some(columns),
        })
    }
}

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let Arguments { table, columns } = required_attribute(input, "entity")?.parse_args()?;
    let fields: Vec<&Field> = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => fields.named.iter().collect(),
            _ => return Err(Error::new_spanned(name, "the fields of an entity must have names")),
        },
        _ => {
            return Err(Error::new_spanned(
                name,
                "`Entity` can only be derived for a struct with a field for each column",
            ));
        }
    };
    let names = fields.iter().map(|field| &field.ident);
    let columns = columns.map(|module| column_module(name, &module, &fields));

    Ok(quote! {
        const _: () = {
            use ::runtime::codegen_support as support;

            impl support::Entity for #name {
                const TABLE: &'static support::Table = &#table;

                fn read(row: &mut support::RowReader<'_>) -> ::core::result::Result<Self, support::ReadError> {
                    ::core::result::Result::Ok(Self { #(#names: row.column()?),* })
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

        #columns
    })
}

/// The module of a row's typed columns: for each a constant, and the type of its values under the same name.
fn column_module(row: &Ident, module: &Ident, fields: &[&Field]) -> TokenStream {
    let columns = fields.iter().enumerate().map(|(at, field)| {
        let name = &field.ident;
        let docs = field.attrs.iter().filter(|found| found.path().is_ident("doc"));
        let row_type = from_child_module(field.ty.to_token_stream());
        let value_type = from_child_module(value_type(&field.ty).to_token_stream());
        quote! {
            #(#docs)*
            pub const #name: ::runtime::codegen_support::TypedColumn<super::#row, #value_type> =
                ::runtime::codegen_support::TypedColumn::new(#at);
            pub type #name = #row_type;
        }
    });

    let doc = format!(" The typed columns of [`{row}`](super::{row}), and the types of their values.");
    quote! {
        #[doc = #doc]
        #[allow(dead_code, missing_docs, unused_imports, non_upper_case_globals, non_camel_case_types, clippy::module_inception)]
        pub mod #module {
            use super::*;

            #(#columns)*
        }
    }
}

/// The type of values that are not null: `T` for `Option<T>`.
fn value_type(ty: &Type) -> &Type {
    if let Type::Path(path) = ty
        && let Some(last) = path.path.segments.last()
        && last.ident == "Option"
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(inner)) = arguments.args.first()
    {
        return inner;
    }
    ty
}

/// A type as a module below the struct's names it: paths that begin with `super` need one more, `self` becomes `super`.
fn from_child_module(tokens: TokenStream) -> TokenStream {
    let mut moved = TokenStream::new();
    let mut is_path_start = true;
    for token in tokens {
        match &token {
            TokenTree::Ident(ident) if is_path_start && ident == "super" => moved.extend(quote!(super::super)),
            TokenTree::Ident(ident) if is_path_start && ident == "self" => moved.extend(quote!(super)),
            TokenTree::Group(group) => {
                let inner = from_child_module(group.stream());
                moved.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
            }
            other => moved.extend([other.clone()]),
        }
        // After `::` a path goes on.
        is_path_start =
            !matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Alone);
    }
    moved
}

/// Returns the path in `#[attribute(path)]`; an error if the attribute is missing.
pub(crate) fn required_path(input: &DeriveInput, attribute: &str) -> Result<Path> {
    required_attribute(input, attribute)?.parse_args()
}

fn required_attribute<'i>(input: &'i DeriveInput, attribute: &str) -> Result<&'i Attribute> {
    let found = input.attrs.iter().find(|found| found.path().is_ident(attribute));
    found.ok_or_else(|| {
        Error::new_spanned(
            &input.ident,
            format!("missing `#[{attribute}(...)]` with the name of the metadata's static"),
        )
    })
}
