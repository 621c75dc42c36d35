//! `#[extend]`

use heck::{ToLowerCamelCase as _, ToSnakeCase as _, ToUpperCamelCase as _};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Error, Expr, FnArg, GenericArgument, Ident, ImplItem, ImplItemFn, ItemImpl, Lit, LitStr, Meta, Pat,
    Path, PathArguments, ReceiverKind, Result, ReturnType, Token, Type, Visibility,
};

/// Returns the item without the attributes of this macro, and the registration of its fields. All errors are reported
/// together.
pub(crate) fn expand(attribute: &TokenStream, mut item: ItemImpl) -> TokenStream {
    let mut errors: Option<Error> = None;
    let mut fail = |error: Error| match &mut errors {
        Some(errors) => errors.combine(error),
        None => errors = Some(error),
    };

    if !attribute.is_empty() {
        fail(Error::new_spanned(
            attribute,
            "`#[extend]` takes no arguments; name columns in `#[requires(...)]` on a method",
        ));
    }

    let row = match row_type(&item) {
        Ok(row) => Some(row),
        Err(error) => {
            fail(error);
            None
        }
    };

    let mut fields = Vec::new();
    for method in item.items.iter_mut().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    }) {
        match Field::parse(method) {
            Ok(Some(field)) => fields.push(field),
            Ok(None) => {}
            Err(error) => fail(error),
        }
    }

    if fields.is_empty() && errors.is_none() {
        errors = Some(Error::new_spanned(
            &item.self_ty,
            "no method has `#[requires(...)]`, so nothing is extended",
        ));
    }

    let registrations = match (row, errors) {
        (Some(row), None) => fields.iter().map(|field| field.registration(&row)).collect(),
        (_, errors) => errors.map(Error::into_compile_error).unwrap_or_default(),
    };

    quote!(#[allow(clippy::unused_async)] #item #registrations)
}

fn row_type(item: &ItemImpl) -> Result<Path> {
    match item.self_ty.as_ref() {
        Type::Path(ty) if ty.qself.is_none() && item.trait_.is_none() && item.generics.params.is_empty() => {
            Ok(ty.path.clone())
        }
        other => Err(Error::new_spanned(
            other,
            "`#[extend]` must be on `impl Row`, where `Row` is a generated row type",
        )),
    }
}

/// A method that becomes a field.
struct Field {
    method: ImplItemFn,
    guards: Vec<Expr>,
    columns: Vec<Ident>,
    description: Option<String>,
    takes_context: bool,
    arguments: Vec<Argument>,
    output: Type,
    fallible: bool,
}

struct Argument {
    name: Ident,
    ty: Type,
    default: Option<Expr>,
    description: Option<LitStr>,
}

impl Field {
    /// Reads a method and removes the attributes that only this macro understands. Returns `None` for a method without
    /// `#[requires]`.
    fn parse(method: &mut ImplItemFn) -> Result<Option<Self>> {
        let Some(at) = method
            .attrs
            .iter()
            .position(|attribute| attribute.path().is_ident("requires"))
        else {
            return Ok(None);
        };
        let requires = method.attrs.remove(at);
        let columns = requires.parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated)?;

        let is_guard = |attribute: &Attribute| attribute.path().is_ident("guard");
        let (guards, kept) = std::mem::take(&mut method.attrs)
            .into_iter()
            .partition::<Vec<_>, _>(is_guard);
        method.attrs = kept;
        let guards = guards
            .iter()
            .map(Attribute::parse_args)
            .collect::<Result<Vec<Expr>>>()?;

        let mut inputs = method.sig.inputs.iter_mut();
        match inputs.next() {
            Some(FnArg::Receiver(receiver)) if matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) => {}
            other => {
                let span = other.map_or_else(|| method.sig.ident.span(), |other| other.span());
                return Err(Error::new(span, "a field's method must take `&self`"));
            }
        }

        let mut takes_context = false;
        let mut arguments = Vec::new();
        for input in inputs {
            let FnArg::Typed(input) = input else { continue };
            if is_context(&input.ty) {
                takes_context = true;
                continue;
            }

            let Pat::Ident(name) = input.pat.as_ref() else {
                return Err(Error::new_spanned(
                    &input.pat,
                    "an argument of a field must have a name",
                ));
            };

            let mut argument = Argument {
                name: name.ident.clone(),
                ty: (*input.ty).clone(),
                default: None,
                description: None,
            };

            let (own, kept) = std::mem::take(&mut input.attrs)
                .into_iter()
                .partition(|attribute: &Attribute| attribute.path().is_ident("graphql"));
            input.attrs = kept;
            for attribute in own {
                attribute.parse_nested_meta(|meta| {
                    if meta.path.is_ident("default") {
                        argument.default = Some(meta.value()?.parse()?);
                    } else if meta.path.is_ident("desc") {
                        argument.description = Some(meta.value()?.parse()?);
                    } else {
                        return Err(meta.error("expected `default` or `desc`"));
                    }
                    Ok(())
                })?;
            }

            arguments.push(argument);
        }

        let (output, fallible) = match &method.sig.output {
            ReturnType::Type(_, ty) => success_type(ty),
            ReturnType::Default => return Err(Error::new_spanned(&method.sig.ident, "a field must return a value")),
        };

        Ok(Some(Self {
            description: documentation(&method.attrs),
            method: ImplItemFn {
                vis: Visibility::Inherited,
                ..method.clone()
            },
            guards,
            columns: columns.into_iter().collect(),
            takes_context,
            arguments,
            output,
            fallible,
        }))
    }

    fn registration(&self, row: &Path) -> TokenStream {
        let Self {
            method,
            guards,
            columns,
            output,
            ..
        } = self;
        let name = &method.sig.ident;
        let field = name.to_string().trim_start_matches("r#").to_lower_camel_case();
        let module = column_module(row);
        let projection = format_ident!("{}Columns", name.to_string().to_upper_camel_case());

        let description = optional(self.description.as_deref());
        let describe = self.arguments.iter().map(|argument| {
            let (ty, key) = (&argument.ty, argument.key());
            let description = optional(argument.description.as_ref().map(LitStr::value).as_deref());
            let default = option_tokens(
                argument
                    .default
                    .as_ref()
                    .map(|value| quote!({ let value: #ty = #value; value })),
            );
            quote!(support::computed_field_argument::<#ty>(registry, #key, #description, #default))
        });

        let read = columns
            .iter()
            .enumerate()
            .map(|(at, column)| quote!(#column: support::project(projection, table, #at, #module::#column.index())?));

        let locals = self.arguments.iter().map(|argument| {
            let (ty, key, local) = (&argument.ty, argument.key(), &argument.name);
            let default = option_tokens(argument.default.as_ref().map(|value| quote!(|| -> #ty { #value })));
            quote!(let (_, #local) = context.param_value::<#ty>(#key, #default)?;)
        });

        let context = self.takes_context.then(|| quote!(context,));
        let names = self.arguments.iter().map(|argument| &argument.name);
        let wait = method.sig.asyncness.map(|_| quote!(.await));
        let call = quote!(row.#name(#context #(#names),*) #wait);
        let value = if self.fallible {
            quote!(#call.map_err(|error| ::async_graphql::Error::from(error).into_server_error(context.item.pos))?)
        } else {
            call
        };

        let fields = columns.iter().map(|column| quote!(#column: #module::#column));
        quote! {
            const _: () = {
                use ::runtime::codegen_support as support;

                /// The columns that the field requires.
                struct #projection { #(#fields),* }

                #[allow(clippy::unused_async)]
                impl #projection { #method }

                const COLUMNS: &[usize] = &[#(#module::#columns.index()),*];

                fn describe(registry: &mut support::TypeRegistry) -> support::MetaField {
                    let arguments = ::std::vec![#(#describe),*];
                    support::computed_field_meta::<#output>(registry, #field, #description, arguments)
                }

                fn compute<'a>(
                    projection: &'a support::Projection,
                    context: &'a support::Context<'a>,
                ) -> ::core::result::Result<support::Computation<'a>, support::ReadError> {
                    let table = <#row as support::Entity>::TABLE;
                    let row = #projection { #(#read),* };
                    ::core::result::Result::Ok(::std::boxed::Box::pin(async move {
                        #(
                            ::async_graphql::Guard::check(&(#guards), context)
                                .await
                                .map_err(|error| error.into_server_error(context.item.pos))?;
                        )*
                        #(#locals)*
                        let value = #value;
                        support::compute_value(context, value).await
                    }))
                }

                support::submit! {
                    support::ComputedFieldRegistration(|| support::FieldResolver {
                        meta: support::ComputedField {
                            type_name: <#row as support::Entity>::TABLE.type_name,
                            field: #field,
                            columns: COLUMNS,
                        },
                        describe,
                        compute,
                        location: ::core::concat!(::core::file!(), ":", ::core::line!()),
                    })
                }
            };
        }
    }
}

impl Argument {
    fn key(&self) -> String {
        self.name.to_string().trim_start_matches("r#").to_lower_camel_case()
    }
}

fn optional(text: Option<&str>) -> TokenStream {
    option_tokens(text.map(|text| quote!(#text)))
}

/// Returns the tokens of an `Option`.
fn option_tokens(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}

/// Returns the module of a row type's columns: `product` for `Product`.
fn column_module(row: &Path) -> Path {
    let mut module = row.clone();
    if let Some(last) = module.segments.last_mut() {
        last.ident = Ident::new(&last.ident.to_string().to_snake_case(), last.ident.span());
        last.arguments = PathArguments::None;
    }
    module
}

fn is_context(ty: &Type) -> bool {
    let Type::Reference(reference) = ty else { return false };
    matches!(reference.elem.as_ref(), Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Context"))
}

/// Returns the type of a method's successful result, and whether the method returns a `Result`.
fn success_type(ty: &Type) -> (Type, bool) {
    if let Type::Path(path) = ty
        && let Some(last) = path.path.segments.last()
        && last.ident == "Result"
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(inner)) = arguments.args.first()
    {
        return (inner.clone(), true);
    }
    (ty.clone(), false)
}

/// Returns the doc comment as a description.
fn documentation(attributes: &[Attribute]) -> Option<String> {
    let lines: Vec<String> = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(value) => match &value.value {
                Expr::Lit(literal) => match &literal.lit {
                    Lit::Str(text) => Some(text.value().trim().to_owned()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
