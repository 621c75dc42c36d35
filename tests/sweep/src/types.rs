//! The types of a schema, read from its introspection.

use std::collections::HashMap;

use serde_json::Value;

/// The introspection query for everything that the laws need.
pub(crate) const INTROSPECTION: &str = "{ __schema { types { kind name
    fields { name args { name type { ...Type } } type { ...Type } }
    inputFields { name type { ...Type } }
    enumValues { name } } } }
  fragment Type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }";

/// A field or an argument.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// The type in SDL, such as `[Int!]!`.
    pub(crate) ty: String,
    pub(crate) arguments: Vec<Member>,
}

impl Member {
    /// The type's name without lists and exclamation marks.
    pub(crate) fn named(&self) -> &str {
        self.ty.trim_matches(['[', ']', '!'])
    }

    /// Whether a value must be given.
    pub(crate) fn is_required(&self) -> bool {
        self.ty.ends_with('!')
    }
}

/// A type of the schema.
#[derive(Debug, Clone, Default)]
pub(crate) struct Type {
    pub(crate) kind: String,
    pub(crate) fields: Vec<Member>,
    pub(crate) inputs: Vec<Member>,
    pub(crate) values: Vec<String>,
}

impl Type {
    /// The field of that name.
    pub(crate) fn field(&self, name: &str) -> Option<&Member> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The input field of that name.
    pub(crate) fn input(&self, name: &str) -> Option<&Member> {
        self.inputs.iter().find(|field| field.name == name)
    }
}

/// All types, by name.
#[derive(Debug, Default)]
pub(crate) struct Types(HashMap<String, Type>);

impl Types {
    /// Reads the answer to [`INTROSPECTION`].
    pub(crate) fn read(answer: &Value) -> Self {
        let types = list(&answer["data"]["__schema"]["types"]).map(|ty| {
            let read = Type {
                kind: text(&ty["kind"]),
                fields: list(&ty["fields"]).map(member).collect(),
                inputs: list(&ty["inputFields"]).map(member).collect(),
                values: list(&ty["enumValues"]).map(|value| text(&value["name"])).collect(),
            };
            (text(&ty["name"]), read)
        });
        Self(types.collect())
    }

    /// The type of that name, or a type without members if there is none.
    pub(crate) fn get(&self, name: &str) -> &Type {
        static NONE: Type = Type {
            kind: String::new(),
            fields: Vec::new(),
            inputs: Vec::new(),
            values: Vec::new(),
        };
        self.0.get(name).unwrap_or(&NONE)
    }

    /// Returns a selection of all fields that need no arguments, to a depth: ` { a b { c } }`; empty for a scalar.
    pub(crate) fn selection(&self, name: &str, depth: usize) -> String {
        let ty = self.get(name);
        if ty.kind != "OBJECT" {
            return String::new();
        }

        let fields: Vec<String> = ty
            .fields
            .iter()
            .filter(|field| !field.arguments.iter().any(Member::is_required))
            .filter(|field| depth > 0 || self.get(field.named()).kind != "OBJECT")
            .map(|field| {
                format!(
                    "{}{}",
                    field.name,
                    self.selection(field.named(), depth.saturating_sub(1))
                )
            })
            .collect();
        format!(" {{ {} }}", fields.join(" "))
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn member(value: &Value) -> Member {
    Member {
        name: text(&value["name"]),
        ty: spelt(&value["type"]),
        arguments: list(&value["args"]).map(member).collect(),
    }
}

fn spelt(ty: &Value) -> String {
    match ty["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", spelt(&ty["ofType"])),
        Some("LIST") => format!("[{}]", spelt(&ty["ofType"])),
        _ => text(&ty["name"]),
    }
}
