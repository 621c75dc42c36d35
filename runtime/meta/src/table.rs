//! A table and the GraphQL type it becomes.

use super::{Actions, Column, Function, Policy, Relation};

/// A table or view and the GraphQL type it becomes.
#[derive(Debug)]
pub struct Table {
    /// The GraphQL type.
    pub type_name: &'static str,
    /// The root field of a single row.
    pub one: &'static str,
    /// The root field of many rows.
    pub many: &'static str,
    /// The database's namespace, if it is not the default one.
    pub namespace: Option<&'static str>,
    /// The table's name in the database.
    pub name: &'static str,
    /// The type's description.
    pub description: Option<&'static str>,
    /// Whether it is read-only.
    pub read_only: bool,
    /// The columns; everything else refers to them by index.
    pub columns: &'static [Column],
    /// The primary key; empty if there is none.
    pub primary_key: &'static [usize],
    /// The unique keys.
    pub unique_keys: &'static [&'static [usize]],
    /// The names of unique keys and checks, with the columns that they cover.
    pub constraints: &'static [(&'static str, &'static [usize])],
    /// The relations: foreign keys, from both sides.
    pub relations: &'static [Relation],
    /// The functions of the database that return its rows.
    pub functions: &'static [&'static Function],
    /// The columns that `search` looks into; empty if there is no `search`.
    pub search: &'static [usize],
    /// Which mutations it has.
    pub actions: Actions,
    /// The policies.
    pub policies: &'static [Policy],
}

impl Table {
    /// A table without columns, which nobody may write.
    pub const fn new(type_name: &'static str, name: &'static str, one: &'static str, many: &'static str) -> Self {
        Self {
            type_name,
            one,
            many,
            namespace: None,
            name,
            description: None,
            read_only: false,
            columns: &[],
            primary_key: &[],
            unique_keys: &[],
            constraints: &[],
            relations: &[],
            functions: &[],
            search: &[],
            actions: Actions::NONE,
            policies: &[],
        }
    }

    /// Sets the database's namespace.
    #[must_use]
    pub const fn namespace(mut self, namespace: &'static str) -> Self {
        self.namespace = Some(namespace);
        self
    }

    /// Sets the type's description.
    #[must_use]
    pub const fn described(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Makes it read-only.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Sets the columns.
    #[must_use]
    pub const fn columns(mut self, columns: &'static [Column]) -> Self {
        self.columns = columns;
        self
    }

    /// Sets the primary key.
    #[must_use]
    pub const fn primary_key(mut self, columns: &'static [usize]) -> Self {
        self.primary_key = columns;
        self
    }

    /// Sets the unique keys.
    #[must_use]
    pub const fn unique_keys(mut self, keys: &'static [&'static [usize]]) -> Self {
        self.unique_keys = keys;
        self
    }

    /// Sets the names of unique keys and checks.
    #[must_use]
    pub const fn constraints(mut self, constraints: &'static [(&'static str, &'static [usize])]) -> Self {
        self.constraints = constraints;
        self
    }

    /// Sets the relations.
    #[must_use]
    pub const fn relations(mut self, relations: &'static [Relation]) -> Self {
        self.relations = relations;
        self
    }

    /// Sets the functions that return its rows.
    #[must_use]
    pub const fn functions(mut self, functions: &'static [&'static Function]) -> Self {
        self.functions = functions;
        self
    }

    /// Sets the columns that `search` looks into.
    #[must_use]
    pub const fn search(mut self, columns: &'static [usize]) -> Self {
        self.search = columns;
        self
    }

    /// Sets which mutations it has.
    #[must_use]
    pub const fn actions(mut self, actions: Actions) -> Self {
        self.actions = actions;
        self
    }

    /// Sets the policies.
    #[must_use]
    pub const fn policies(mut self, policies: &'static [Policy]) -> Self {
        self.policies = policies;
        self
    }
}
