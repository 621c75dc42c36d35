//! `#[derive(RegisteredSchema)]` and `#[register_schema]`

mod expand;
mod parse;
mod settings;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, ItemFn, Result, ReturnType, Type};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let attributes = parse::attributes(input)?;
    Ok(expand::expand_derive(&input.ident, &attributes))
}

/// Returns the function unchanged, with its registration or the errors.
pub(crate) fn function(arguments: TokenStream, item: &ItemFn) -> TokenStream {
    let registration = match parse::arguments(arguments, item) {
        Ok(attributes) => expand::function(&item.sig.ident, is_fallible(&item.sig.output), &attributes),
        Err(error) => error.into_compile_error(),
    };
    quote!(#item #registration)
}

fn is_fallible(output: &ReturnType) -> bool {
    let ReturnType::Type(_, ty) = output else { return false };
    matches!(ty.as_ref(), Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result"))
}
