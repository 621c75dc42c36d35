//! The metadata of a table as Rust: a constant expression, in which what has its usual value is left out.

use proc_macro2::TokenStream;
use quote::quote;

use super::kind::kind;
use super::paths::Scope;
use super::{index, optional_text, policy};

/// The metadata of a table.
pub(super) fn table(scope: Scope<'_>, table: &meta::Table) -> TokenStream {
    let (type_name, name, one, many) = (table.type_name, table.name, table.one, table.many);
    let namespace = table.namespace.map(|namespace| quote!(.namespace(#namespace)));
    let description = table.description.map(|text| quote!(.described(#text)));
    let read_only = table.read_only.then(|| quote!(.read_only()));

    let columns = table.columns.iter().map(|found| column(scope, found));
    let primary_key = list(table.primary_key.iter().map(|&at| index(at)), "primary_key");
    let unique_keys = list(table.unique_keys.iter().map(|key| indexes(key)), "unique_keys");
    let constraints = table.constraints.iter().map(|(name, columns)| {
        let columns = indexes(columns);
        quote!((#name, #columns))
    });
    let constraints = list(constraints, "constraints");
    let relations = list(table.relations.iter().map(relation), "relations");
    let functions = list(table.functions.iter().map(|found| function(scope, found)), "functions");
    let search = list(table.search.iter().map(|&at| index(at)), "search");

    let actions = policy::actions(table.actions);
    let policies = list(
        table.policies.iter().map(|found| policy::policy(scope, found)),
        "policies",
    );

    quote! {
        rt::Table::new(#type_name, #name, #one, #many)
            #namespace
            #description
            #read_only
            .columns(&[#(#columns),*])
            #primary_key
            #unique_keys
            #constraints
            #relations
            #functions
            #search
            #actions
            #policies
    }
}

/// `.name(&[...])`, or nothing for an empty list.
pub(super) fn list<T: quote::ToTokens>(items: impl Iterator<Item = T>, name: &str) -> Option<TokenStream> {
    let items: Vec<T> = items.collect();
    let name = quote::format_ident!("{name}");
    (!items.is_empty()).then(|| quote!(.#name(&[#(#items),*])))
}

fn indexes(columns: &[usize]) -> TokenStream {
    let columns = columns.iter().map(|&at| index(at));
    quote!(&[#(#columns),*])
}

/// Pairs of column indexes that must be equal.
pub(super) fn pairs(pairs: &[(usize, usize)]) -> TokenStream {
    let pairs = pairs.iter().map(|&(here, there)| {
        let (here, there) = (index(here), index(there));
        quote!((#here, #there))
    });
    quote!(&[#(#pairs),*])
}

fn column(scope: Scope<'_>, column: &meta::Column) -> TokenStream {
    let (name, graphql, kind) = (column.name, column.field, kind(scope, &column.kind));
    let number = |number: u32| index(number as usize);

    // In the order of the builder's methods.
    let mut calls: Vec<TokenStream> = Vec::new();
    let flags = [
        (column.is_id, quote!(.id())),
        (column.nullable, quote!(.nullable())),
        (column.generated, quote!(.generated())),
        (column.has_default && !column.nullable, quote!(.has_default())),
        (column.incomparable, quote!(.incomparable())),
        (column.unordered, quote!(.unordered())),
        (column.nondeterministic, quote!(.nondeterministic())),
        (column.loose, quote!(.loose())),
    ];
    calls.extend(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, call)| call));

    if let Some(length) = column.max_length.map(number) {
        calls.push(quote!(.at_most(#length)));
    }
    if let Some(ty) = column.sql_type {
        let (namespace, name) = (optional_text(ty.namespace), ty.name);
        calls.push(quote!(.of_type(#namespace, #name)));
    }
    if let Some(srid) = column.srid.map(number) {
        calls.push(quote!(.srid(#srid)));
    }
    if let Some(function) = column.function {
        let (namespace, name) = (optional_text(function.namespace), function.name);
        calls.push(quote!(.function(#namespace, #name)));
    }
    if let Some(text) = column.description {
        calls.push(quote!(.described(#text)));
    }

    quote!(rt::Column::new(#name, #graphql, #kind) #(#calls)*)
}

fn relation(relation: &meta::Relation) -> TokenStream {
    let (field, target, columns) = (relation.field, relation.target, pairs(relation.pairs));
    let (constructor, nullable) = match (relation.cardinality, relation.holds_key) {
        (meta::Cardinality::Many, _) => (quote!(to_many), None),
        (meta::Cardinality::One, true) => (quote!(to_one), None),
        (meta::Cardinality::Optional, true) => (quote!(to_one), Some(quote!(.nullable()))),
        (meta::Cardinality::One | meta::Cardinality::Optional, false) => (quote!(has_one), None),
    };

    let through = relation.through.map(|through| {
        let (table, columns) = (through.table, pairs(through.pairs));
        quote!(.through(#table, #columns))
    });
    let target_row = match relation.target_row {
        meta::TargetRow::Only => None,
        meta::TargetRow::First => Some(quote!(.target_row(rt::TargetRow::First))),
        meta::TargetRow::Own => Some(quote!(.target_row(rt::TargetRow::Own))),
    };

    quote!(rt::Relation::#constructor(#field, #target, #columns) #nullable #through #target_row)
}

fn function(scope: Scope<'_>, function: &meta::Function) -> TokenStream {
    let sql_type = |ty: meta::SqlType| {
        let (namespace, name) = (optional_text(ty.namespace), ty.name);
        quote!(rt::SqlType { namespace: #namespace, name: #name })
    };

    let arguments = function.arguments.iter().map(|argument| {
        let (name, field, optional) = (argument.name, argument.field, argument.optional);
        let kind = kind(scope, &argument.kind);
        let sql_type = argument.sql_type.map(sql_type).map_or_else(|| quote!(None), |ty| quote!(Some(#ty)));
        quote!(rt::FunctionArgument { name: #name, field: #field, kind: #kind, sql_type: #sql_type, optional: #optional })
    });

    let (field, name) = (function.field, sql_type(function.name));
    let description = optional_text(function.description);
    let (many, writes) = (function.many, function.writes);

    quote! {
        &rt::Function {
            field: #field,
            name: #name,
            description: #description,
            arguments: &[#(#arguments),*],
            many: #many,
            writes: #writes,
        }
    }
}
