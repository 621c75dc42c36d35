//! `#[derive(RegisteredSchema)]`

mod expand;
mod parse;
mod settings;

use proc_macro2::TokenStream;
use syn::{DeriveInput, Result};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let attributes = parse::attributes(input)?;
    Ok(expand::expand(&input.ident, &attributes))
}
