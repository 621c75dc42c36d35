//! Reads and checks `#[schema(...)]`.

use proc_macro2::{Span, TokenStream};
use syn::meta::ParseNestedMeta;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{DeriveInput, Error, ItemFn, Lit, LitBool, LitStr, Path, Result, Token, parenthesized};

use super::settings::{CHECKED_SETTINGS, FREE_SETTINGS, Kind, nearest};

/// The checked attributes of a schema.
pub(super) struct Attributes {
    pub(super) name: LitStr,
    pub(super) version: Option<LitStr>,
    pub(super) description: Option<LitStr>,
    pub(super) apps: Vec<LitStr>,
    pub(super) models: Vec<LitStr>,
    pub(super) exclude_models: Vec<LitStr>,
    pub(super) settings: Vec<(String, Lit)>,
    pub(super) queries: Vec<Path>,
    pub(super) mutations: Vec<Path>,
    pub(super) auto_discover: Option<LitBool>,
    pub(super) enabled: Option<LitBool>,
    /// Whether the type implements `SchemaProvider`.
    pub(super) provider: bool,
}

const ATTRIBUTE_NAMES: &[&str] = &[
    "name",
    "version",
    "description",
    "apps",
    "models",
    "exclude_models",
    "settings",
    "query",
    "mutation",
    "auto_discover",
    "enabled",
    "provider",
];

#[derive(Default)]
struct AttributeParser {
    name: Option<LitStr>,
    version: Option<LitStr>,
    description: Option<LitStr>,
    apps: Vec<LitStr>,
    models: Vec<LitStr>,
    exclude_models: Vec<LitStr>,
    settings: Vec<(String, Lit)>,
    queries: Vec<Path>,
    mutations: Vec<Path>,
    auto_discover: Option<LitBool>,
    enabled: Option<LitBool>,
    provider: Option<Span>,
    errors: Option<Error>,
}

/// Reads every `#[schema(...)]` of a type. All errors are returned together.
pub(super) fn attributes(input: &DeriveInput) -> Result<Attributes> {
    let mut draft = AttributeParser::default();
    for attribute in input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("schema"))
    {
        if let Err(error) = attribute.parse_nested_meta(|meta| draft.read(&meta)) {
            draft.push_error(error);
        }
    }

    if draft.name.is_none() && draft.errors.is_none() {
        draft.push_error(Error::new_spanned(
            &input.ident,
            "the schema needs a name: `#[schema(name = \"...\")]`",
        ));
    }

    if !input.generics.params.is_empty() {
        draft.push_error(Error::new_spanned(
            &input.generics,
            "a registered schema cannot have generic parameters",
        ));
    }

    draft.build()
}

/// Reads `#[register_schema(...)]` of a function. All errors are returned together.
pub(super) fn arguments(arguments: TokenStream, function: &ItemFn) -> Result<Attributes> {
    let mut draft = AttributeParser::default();
    if let Err(error) = syn::meta::parser(|meta| draft.read(&meta)).parse2(arguments) {
        draft.push_error(error);
    }

    if draft.name.is_none() && draft.errors.is_none() {
        let message = "the schema needs a name: `#[register_schema(name = \"...\")]`";
        draft.push_error(Error::new_spanned(&function.sig.ident, message));
    }

    if let Some(span) = draft.provider {
        draft.push_error(Error::new(
            span,
            "unexpected `provider`: the function itself provides the schema",
        ));
    }

    if function.sig.inputs.len() != 1 || !function.sig.generics.params.is_empty() || function.sig.asyncness.is_some() {
        let message = "the function must take one `SchemaBuilder` and return it, and be neither generic nor `async`";
        draft.push_error(Error::new_spanned(&function.sig, message));
    }

    draft.build()
}

impl AttributeParser {
    fn build(self) -> Result<Attributes> {
        match (self.errors, self.name) {
            (None, Some(name)) => Ok(Attributes {
                name,
                version: self.version,
                description: self.description,
                apps: self.apps,
                models: self.models,
                exclude_models: self.exclude_models,
                settings: self.settings,
                queries: self.queries,
                mutations: self.mutations,
                auto_discover: self.auto_discover,
                enabled: self.enabled,
                provider: self.provider.is_some(),
            }),
            (Some(errors), _) => Err(errors),
            (None, None) => unreachable!("invariant: a missing name is an error"),
        }
    }
}

impl AttributeParser {
    fn push_error(&mut self, error: Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }

    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match key.as_str() {
            "name" => self.name = Some(self.checked_name(meta)?),
            "version" => self.version = Some(self.checked_version(meta)?),
            "description" => self.description = Some(meta.value()?.parse()?),
            "apps" => self.apps.extend(texts(meta)?),
            "models" => self.models.extend(texts(meta)?),
            "exclude_models" => self.exclude_models.extend(texts(meta)?),
            "settings" => self.settings(meta)?,
            "query" => self.queries.extend(paths(meta)?),
            "mutation" => self.mutations.extend(paths(meta)?),
            "auto_discover" => self.auto_discover = Some(meta.value()?.parse()?),
            "enabled" => self.enabled = Some(meta.value()?.parse()?),
            "provider" => self.provider = Some(syn::spanned::Spanned::span(&meta.path)),
            unknown => {
                let hint = match nearest(unknown, ATTRIBUTE_NAMES.iter().copied()) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => format!("expected one of {}", ATTRIBUTE_NAMES.join(", ")),
                };
                return Err(meta.error(format!("unknown schema attribute `{unknown}`; {hint}")));
            }
        }
        Ok(())
    }

    fn checked_name(&mut self, meta: &ParseNestedMeta<'_>) -> Result<LitStr> {
        let name: LitStr = meta.value()?.parse()?;
        let text = name.value();
        let fits = !text.is_empty()
            && text.len() <= 100
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        if !fits {
            self.push_error(Error::new(
                name.span(),
                "a schema's name must have 1 to 100 letters, digits, `_` or `-`",
            ));
        }
        Ok(name)
    }

    fn checked_version(&mut self, meta: &ParseNestedMeta<'_>) -> Result<LitStr> {
        let version: LitStr = meta.value()?.parse()?;
        if semver::Version::parse(&version.value()).is_err() {
            self.push_error(Error::new(
                version.span(),
                "the version must be a semantic version such as `1.2.3`",
            ));
        }
        Ok(version)
    }

    fn settings(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        meta.parse_nested_meta(|setting| {
            let name = setting.path.get_ident().map(ToString::to_string).unwrap_or_default();
            let value: Lit = setting.value()?.parse()?;
            match CHECKED_SETTINGS.iter().find(|known| known.0 == name) {
                Some(&(_, kind)) if !matches_kind(&value, kind) => {
                    self.push_error(Error::new(
                        value.span(),
                        format!("`{name}` must be {}", kind.expectation()),
                    ));
                }
                Some(_) => {}
                None if FREE_SETTINGS.contains(&name.as_str()) => {}
                None => {
                    let known = CHECKED_SETTINGS
                        .iter()
                        .map(|known| known.0)
                        .chain(FREE_SETTINGS.iter().copied());
                    let hint = match nearest(&name, known) {
                        Some(known) => format!("did you mean `{known}`?"),
                        None => "put free data into `metadata`".into(),
                    };
                    self.push_error(setting.error(format!("unknown schema setting `{name}`; {hint}")));
                }
            }
            self.settings.push((name, value));
            Ok(())
        })
    }
}

fn matches_kind(value: &Lit, kind: Kind) -> bool {
    match (value, kind) {
        (Lit::Bool(_), Kind::Bool) | (Lit::Str(_), Kind::Text) => true,
        (Lit::Int(number), Kind::PositiveInteger) => number.base10_parse::<i64>().is_ok_and(|number| number >= 1),
        _ => false,
    }
}

fn texts(meta: &ParseNestedMeta<'_>) -> Result<Vec<LitStr>> {
    list(meta)
}

fn paths(meta: &ParseNestedMeta<'_>) -> Result<Vec<Path>> {
    list(meta)
}

fn list<T: syn::parse::Parse>(meta: &ParseNestedMeta<'_>) -> Result<Vec<T>> {
    let content;
    parenthesized!(content in meta.input);
    Ok(Punctuated::<T, Token![,]>::parse_terminated(&content)?
        .into_iter()
        .collect())
}
