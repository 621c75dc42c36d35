//! The tables of one schema, resolved: fields by name, relations by index, root fields.

use std::collections::HashMap;

use crate::selection::Bounds;
use meta::{Cardinality, Extension, Relation, Table, Through};

/// The tables a schema serves. Relations to tables it does not serve are not there.
#[derive(Debug)]
pub struct Model {
    entities: Vec<Entity>,
    by_type: HashMap<&'static str, usize>,
    roots: HashMap<String, Root>,
    mutations: HashMap<String, Mutation>,
    extensions: Vec<Extension>,
    limits: Limits,
    has_policies: bool,
}

/// A table of a [`Model`].
#[derive(Debug)]
pub struct Entity {
    /// Its metadata.
    pub table: &'static Table,
    fields: HashMap<String, Field>,
    /// The relations that the schema serves, in the table's order.
    pub relations: Vec<Link>,
}

/// A relation with both its ends in the model.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// The relation's metadata.
    pub relation: &'static Relation,
    /// The entity it leads to.
    pub target: usize,
    /// The join table on the way.
    pub through: Option<(&'static Table, &'static Through)>,
    /// Whether there is a row that every viewer sees.
    pub required: bool,
}

/// What a field of an entity stands for.
#[derive(Debug, Clone, Copy)]
pub enum Field {
    /// A column, an index into the table's.
    Column(usize),
    /// A relation.
    Relation(Link),
    /// The aggregate of a to-many relation.
    Aggregate(Link),
    /// The groups of a to-many relation.
    Groups(Link),
    /// A field that Rust code computes, an index into [`Model::extensions`].
    Extension(usize),
}

/// What a root field stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// A single row by its primary key.
    One(usize),
    /// A single row by a unique key, with its column indexes.
    Unique(usize, &'static [usize]),
    /// A list of rows.
    Many(usize),
    /// A list of rows in pages, after Relay's specification.
    Connection(usize),
    /// The aggregate of a list.
    Aggregate(usize),
    /// The groups of a list.
    Groups(usize),
    /// The rows of a function, an index into the table's.
    Function(usize, usize),
}

/// A root field that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mutation {
    /// The table, an index into [`Model::entities`].
    pub entity: usize,
    /// What it does.
    pub kind: MutationKind,
}

/// What a root field does that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MutationKind {
    /// Makes a row.
    Create,
    /// Makes rows, all or none.
    CreateMany,
    /// Changes a row by its primary key.
    Update,
    /// Changes the rows of a filter.
    UpdateMany,
    /// Changes the row with the same key, or makes it.
    Upsert,
    /// Removes a row by its primary key.
    Delete,
    /// Removes the rows of a filter.
    DeleteMany,
    /// Calls a function that returns rows, an index into the table's.
    Call {
        /// The function.
        function: usize,
        /// Whether it returns any number of rows.
        many: bool,
    },
}

impl MutationKind {
    /// Whether it is about any number of rows.
    pub fn is_many(self) -> bool {
        matches!(
            self,
            Self::CreateMany | Self::UpdateMany | Self::DeleteMany | Self::Call { many: true, .. }
        )
    }
}

/// The mutations of a table, by the names of their fields: `createProduct`, `updateProducts`.
pub fn mutations(table: &Table) -> Vec<(String, MutationKind)> {
    let named = |verb: &str, name: &str| {
        let (first, rest) = name.split_at(name.chars().next().map_or(0, char::len_utf8));
        format!("{verb}{}{rest}", first.to_uppercase())
    };
    let operations = table.operations;
    let has_key = !table.primary_key.is_empty();
    let mut mutations = Vec::new();
    if operations.create {
        mutations.push((named("create", table.one), MutationKind::Create));
        mutations.push((named("create", table.many), MutationKind::CreateMany));
    }
    if operations.update && has_key {
        mutations.push((named("update", table.one), MutationKind::Update));
        mutations.push((named("update", table.many), MutationKind::UpdateMany));
    }
    // A row that is put is known by the values of a key.
    let is_given = |key: &&[usize]| !key.is_empty() && key.iter().all(|&column| table.columns[column].is_input());
    let mut keys = std::iter::once(table.primary_key).chain(table.unique_keys.iter().copied());
    if operations.create && operations.update && has_key && keys.any(|key| is_given(&key)) {
        mutations.push((named("upsert", table.one), MutationKind::Upsert));
    }
    if operations.delete && has_key {
        mutations.push((named("delete", table.one), MutationKind::Delete));
        mutations.push((named("delete", table.many), MutationKind::DeleteMany));
    }
    for (function, found) in table.functions.iter().enumerate().filter(|(_, found)| found.writes) {
        mutations.push((
            found.field.to_owned(),
            MutationKind::Call {
                function,
                many: found.many,
            },
        ));
    }
    mutations
}

/// The root field of a unique key: `productBySku`.
pub fn unique_field(table: &Table, key: &[usize]) -> String {
    let mut name = format!("{}By", table.one);
    for (place, &column) in key.iter().enumerate() {
        let field = table.columns[column].field;
        let (first, rest) = field.split_at(field.chars().next().map_or(0, char::len_utf8));
        if place > 0 {
            name.push_str("And");
        }
        name.push_str(&first.to_uppercase());
        name.push_str(rest);
    }
    name
}

/// The field of a list's aggregate: `productsAggregate`.
pub fn aggregate_field(many: &str) -> String {
    format!("{many}Aggregate")
}

/// The field of a list's groups: `productsGroups`.
pub fn groups_field(many: &str) -> String {
    format!("{many}Groups")
}

/// The field of a list in pages: `productsConnection`.
pub fn connection_field(many: &str) -> String {
    format!("{many}Connection")
}

/// Bounds of what one request may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows of a root list without a `limit`.
    pub page_size: u64,
    /// Rows of a nested list without a `limit`.
    pub nested_page_size: u64,
    /// The largest `limit`.
    pub max_page_size: u64,
    /// The most rows that one request could be answered with, by its limits.
    pub max_rows: u64,
    /// The most nested fields.
    pub max_depth: usize,
    /// The most root fields.
    pub max_root_fields: usize,
    /// The most fields in all, each mention of an alias counted.
    pub max_fields: usize,
    /// The most bytes of a request's document.
    pub max_document: usize,
    /// The most tokens of a request's document.
    pub max_tokens: usize,
    /// The most aliases.
    pub max_aliases: usize,
    /// The most conditions in the filters of one request, each operator of each column counted.
    pub max_conditions: usize,
    /// The most conditions on related rows among them.
    pub max_relation_conditions: usize,
    /// How deep filters may be in each other.
    pub max_filter_depth: usize,
    /// The most keys of one order.
    pub max_order_keys: usize,
    /// The most bytes of an answer.
    pub max_answer: usize,
    /// Whether lists take `filters` and `search`.
    pub filtering: bool,
    /// Whether rows can be written, as far as their tables say so.
    pub mutations: bool,
    /// Whether clients are told what triggers and functions of the database say when they refuse a write.
    pub raised_messages: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_size: 20,
            nested_page_size: 100,
            max_page_size: 1000,
            max_rows: 500_000,
            max_depth: 16,
            max_root_fields: 50,
            max_fields: 1000,
            max_document: 64 * 1024,
            max_tokens: 10_000,
            max_aliases: 100,
            max_conditions: 1000,
            max_relation_conditions: 50,
            max_filter_depth: 32,
            max_order_keys: 32,
            max_answer: 64 * 1024 * 1024,
            filtering: true,
            mutations: true,
            raised_messages: false,
        }
    }
}

impl Limits {
    /// The bounds of what a request selects.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            max_fields: self.max_fields,
            max_depth: self.max_depth,
            max_aliases: self.max_aliases,
        }
    }
}

impl Model {
    /// Resolves the tables among each other. Of two tables with one type name the first is taken.
    pub fn new(tables: impl IntoIterator<Item = &'static Table>, extensions: Vec<Extension>, limits: Limits) -> Self {
        let mut by_type = HashMap::new();
        let mut kept: Vec<&'static Table> = Vec::new();
        for table in tables {
            by_type.entry(table.type_name).or_insert_with(|| {
                kept.push(table);
                kept.len() - 1
            });
        }
        let mut roots = HashMap::new();
        let mut written = HashMap::new();
        let tables = kept;
        let mut entities = Vec::with_capacity(tables.len());
        for (index, &table) in tables.iter().enumerate() {
            let link = |relation: &'static Relation| {
                let through = match &relation.through {
                    None => None,
                    Some(through) => Some((tables[*by_type.get(through.table)?], through)),
                };
                let target = *by_type.get(relation.target)?;
                let required = relation.cardinality == Cardinality::One && !tables[target].hides_rows();
                Some(Link {
                    relation,
                    target,
                    through,
                    required,
                })
            };
            let relations: Vec<Link> = table.relations.iter().filter_map(link).collect();
            // Columns come last, so that a name they share with a derived field is the column's.
            let mut fields = HashMap::new();
            for &link in relations.iter().filter(|link| link.relation.cardinality.is_many()) {
                fields.insert(aggregate_field(link.relation.field), Field::Aggregate(link));
                if has_sortable(tables[link.target]) {
                    fields.insert(groups_field(link.relation.field), Field::Groups(link));
                }
            }
            for &link in &relations {
                fields.insert(link.relation.field.to_owned(), Field::Relation(link));
            }
            for (at, extension) in extensions
                .iter()
                .enumerate()
                .filter(|(_, own)| own.type_name == table.type_name)
            {
                fields.insert(extension.field.to_owned(), Field::Extension(at));
            }
            for (at, column) in table.columns.iter().enumerate() {
                fields.insert(column.field.to_owned(), Field::Column(at));
            }
            for &key in table.unique_keys {
                roots
                    .entry(unique_field(table, key))
                    .or_insert(Root::Unique(index, key));
            }
            for (name, root) in [
                (aggregate_field(table.many), Root::Aggregate(index)),
                (connection_field(table.many), Root::Connection(index)),
            ] {
                roots.entry(name).or_insert(root);
            }
            if has_sortable(table) {
                roots.entry(groups_field(table.many)).or_insert(Root::Groups(index));
            }
            if !table.primary_key.is_empty() {
                roots.insert(table.one.to_owned(), Root::One(index));
            }
            roots.insert(table.many.to_owned(), Root::Many(index));
            for (at, function) in table
                .functions
                .iter()
                .enumerate()
                .filter(|(_, function)| !function.writes)
            {
                roots
                    .entry(function.field.to_owned())
                    .or_insert(Root::Function(index, at));
            }
            for (name, kind) in mutations(table).into_iter().filter(|_| limits.mutations) {
                written.entry(name).or_insert(Mutation { entity: index, kind });
            }
            entities.push(Entity {
                table,
                fields,
                relations,
            });
        }
        let has_policies = entities.iter().any(|entity| !entity.table.policies.is_empty());
        Self {
            entities,
            by_type,
            roots,
            mutations: written,
            extensions,
            limits,
            has_policies,
        }
    }

    /// The tables, in the order of their root fields.
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// A table by its index.
    pub fn entity(&self, index: usize) -> &Entity {
        &self.entities[index]
    }

    /// A table's index by its GraphQL type.
    pub fn find(&self, type_name: &str) -> Option<usize> {
        self.by_type.get(type_name).copied()
    }

    /// What a root field stands for.
    pub fn root(&self, field: &str) -> Option<Root> {
        self.roots.get(field).copied()
    }

    /// What a root field writes.
    pub fn mutation(&self, field: &str) -> Option<Mutation> {
        self.mutations.get(field).copied()
    }

    /// Whether there are root fields that write.
    pub fn has_mutations(&self) -> bool {
        !self.mutations.is_empty()
    }

    /// Whether any table has rules.
    pub fn has_policies(&self) -> bool {
        self.has_policies
    }

    /// The fields that Rust code computes.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// The bounds of a request.
    pub fn limits(&self) -> Limits {
        self.limits
    }
}

/// Whether rows can be grouped by a column.
fn has_sortable(table: &Table) -> bool {
    table.columns.iter().any(meta::Column::is_sortable)
}

impl Entity {
    /// Whether rows can be grouped by a column.
    pub fn is_groupable(&self) -> bool {
        has_sortable(self.table)
    }

    /// Whether there is anything that rows can be ordered by.
    pub fn is_orderable(&self) -> bool {
        self.is_groupable() || self.relations.iter().any(|link| link.relation.cardinality.is_many())
    }

    /// What a field stands for.
    pub fn field(&self, name: &str) -> Option<Field> {
        self.fields.get(name).copied()
    }
}
