//! Renders the operations and policies of a table.

use proc_macro2::TokenStream;
use quote::quote;

use super::entity::{app_item, pairs};
use super::index;
use crate::config::OperationSetting;
use crate::schema::{App, Comparison, Entity, Operand, Policy, Rule, Schema};

pub(super) fn operations(entity: &Entity) -> TokenStream {
    let has = |operation| entity.operations.contains(&operation);
    let (create, update, delete) = (
        has(OperationSetting::Create),
        has(OperationSetting::Update),
        has(OperationSetting::Delete),
    );
    quote!(rt::Operations { create: #create, update: #update, delete: #delete })
}

pub(super) fn policy(schema: &Schema, app: &App, policy: &Policy) -> TokenStream {
    let roles = &policy.roles;
    let actions = policy.operations.iter().map(|operation| match operation {
        OperationSetting::Read => quote!(rt::Action::Read),
        OperationSetting::Create => quote!(rt::Action::Create),
        OperationSetting::Update => quote!(rt::Action::Update),
        OperationSetting::Delete => quote!(rt::Action::Delete),
    });

    let rows = match &policy.rows {
        None => quote!(None),
        Some(rows) => {
            let rows = rule(schema, app, rows);
            quote!(Some(#rows))
        }
    };

    let hidden = policy.hidden.iter().map(|&at| index(at));
    let preset = policy.preset.iter().map(|(column, value)| {
        let (column, value) = (index(*column), operand(value));
        quote!((#column, #value))
    });

    quote! {
        rt::Policy {
            roles: &[#(#roles),*],
            actions: &[#(#actions),*],
            rows: #rows,
            hidden: &[#(#hidden),*],
            preset: &[#(#preset),*],
        }
    }
}

fn rule(schema: &Schema, app: &App, written: &Rule) -> TokenStream {
    let each = |parts: &[Rule]| parts.iter().map(|part| rule(schema, app, part)).collect::<Vec<_>>();
    match written {
        Rule::All(parts) => {
            let parts = each(parts);
            quote!(rt::Rule::All(&[#(#parts),*]))
        }
        Rule::Any(parts) => {
            let parts = each(parts);
            quote!(rt::Rule::Any(&[#(#parts),*]))
        }
        Rule::Not(inner) => {
            let inner = rule(schema, app, inner);
            quote!(rt::Rule::Not(&#inner))
        }
        Rule::Compare(column, comparison, value) => {
            let (column, value) = (index(*column), operand(value));
            let comparison = match comparison {
                Comparison::Equal => quote!(Equal),
                Comparison::NotEqual => quote!(NotEqual),
                Comparison::Less => quote!(Less),
                Comparison::LessOrEqual => quote!(LessOrEqual),
                Comparison::Greater => quote!(Greater),
                Comparison::GreaterOrEqual => quote!(GreaterOrEqual),
            };
            quote!(rt::Rule::Compare(#column, rt::RuleComparison::#comparison, #value))
        }
        Rule::IsNull(column, null) => {
            let column = index(*column);
            quote!(rt::Rule::IsNull(#column, #null))
        }
        Rule::Related {
            pairs: columns,
            target,
            rule: inner,
        } => {
            let target = &schema.entities[*target];
            let (columns, inner) = (pairs(columns), rule(schema, app, inner));
            let target = app_item(schema, app, target.app, &target.metadata);
            quote!(rt::Rule::Related { pairs: #columns, target: &#target, rule: &#inner })
        }
    }
}

fn operand(value: &Operand) -> TokenStream {
    match value {
        Operand::ViewerId => quote!(rt::Operand::ViewerId),
        Operand::ViewerIsStaff => quote!(rt::Operand::ViewerIsStaff),
        Operand::Claim(name) => quote!(rt::Operand::Claim(#name)),
        Operand::Text(text) => quote!(rt::Operand::Text(#text)),
        Operand::Bool(value) => quote!(rt::Operand::Bool(#value)),
    }
}
