//! The mutations and policies of a table as Rust.

use proc_macro2::TokenStream;
use quote::quote;

use super::index;
use super::paths::Scope;
use super::table::{list, pairs};

/// Which mutations a table has; nothing for none.
pub(super) fn actions(actions: meta::Actions) -> Option<TokenStream> {
    let meta::Actions { create, update, delete } = actions;
    match (create, update, delete) {
        (false, false, false) => None,
        (true, true, true) => Some(quote!(.actions(rt::Actions::ALL))),
        _ => Some(quote!(.actions(rt::Actions { create: #create, update: #update, delete: #delete }))),
    }
}

/// A policy.
pub(super) fn policy(scope: Scope<'_>, policy: &meta::Policy) -> TokenStream {
    let roles = policy.roles;
    let actions = policy.actions.iter().map(|action| match action {
        meta::Action::Read => quote!(rt::Action::Read),
        meta::Action::Create => quote!(rt::Action::Create),
        meta::Action::Update => quote!(rt::Action::Update),
        meta::Action::Delete => quote!(rt::Action::Delete),
    });
    let rows = policy.rows.as_ref().map(|rows| {
        let rows = row_filter(scope, rows);
        quote!(.rows(#rows))
    });
    let hidden = list(policy.hidden.iter().map(|&at| index(at)), "hidden");
    let preset = policy.preset.iter().map(|(column, value)| {
        let (column, value) = (index(*column), operand(*value));
        quote!((#column, #value))
    });
    let preset = list(preset, "preset");

    quote!(rt::Policy::new(&[#(#roles),*], &[#(#actions),*]) #rows #hidden #preset)
}

fn row_filter(scope: Scope<'_>, filter: &meta::RowFilter) -> TokenStream {
    let each = |parts: &[meta::RowFilter]| parts.iter().map(|part| row_filter(scope, part)).collect::<Vec<_>>();
    match filter {
        meta::RowFilter::All(parts) => {
            let parts = each(parts);
            quote!(rt::RowFilter::All(&[#(#parts),*]))
        }
        meta::RowFilter::Any(parts) => {
            let parts = each(parts);
            quote!(rt::RowFilter::Any(&[#(#parts),*]))
        }
        meta::RowFilter::Not(inner) => {
            let inner = row_filter(scope, inner);
            quote!(rt::RowFilter::Not(&#inner))
        }
        meta::RowFilter::Compare(column, comparison, value) => {
            let (column, value) = (index(*column), operand(*value));
            let comparison = match comparison {
                meta::RowFilterComparison::Equal => quote!(Equal),
                meta::RowFilterComparison::NotEqual => quote!(NotEqual),
                meta::RowFilterComparison::Less => quote!(Less),
                meta::RowFilterComparison::LessOrEqual => quote!(LessOrEqual),
                meta::RowFilterComparison::Greater => quote!(Greater),
                meta::RowFilterComparison::GreaterOrEqual => quote!(GreaterOrEqual),
            };
            quote!(rt::RowFilter::Compare(#column, rt::RowFilterComparison::#comparison, #value))
        }
        meta::RowFilter::IsNull(column, is_null) => {
            let column = index(*column);
            quote!(rt::RowFilter::IsNull(#column, #is_null))
        }
        meta::RowFilter::Related {
            pairs: columns,
            target,
            row_filter: inner,
        } => {
            let (columns, inner) = (pairs(columns), row_filter(scope, inner));
            let target = scope.table_static(target.type_name);
            quote!(rt::RowFilter::Related { pairs: #columns, target: &#target, row_filter: &#inner })
        }
    }
}

fn operand(value: meta::Operand) -> TokenStream {
    match value {
        meta::Operand::ViewerId => quote!(rt::Operand::ViewerId),
        meta::Operand::ViewerIsStaff => quote!(rt::Operand::ViewerIsStaff),
        meta::Operand::Claim(name) => quote!(rt::Operand::Claim(#name)),
        meta::Operand::Text(text) => quote!(rt::Operand::Text(#text)),
        meta::Operand::Bool(value) => quote!(rt::Operand::Bool(#value)),
    }
}
