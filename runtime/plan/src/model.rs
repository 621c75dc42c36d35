//! The tables of one schema, resolved: fields by name, relations by index, root fields.

use std::collections::HashMap;

use meta::{Cardinality, ComputedField, Relation, Table, Through};

pub use crate::limits::Limits;

/// A table of a [`Model`], by its place among [`Model::entities`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId(pub usize);

/// The tables that a schema serves. Relations to other tables are left out.
#[derive(Debug)]
pub struct Model {
    entities: Vec<ResolvedTable>,
    by_type: HashMap<&'static str, EntityId>,
    roots: HashMap<String, Root>,
    mutations: HashMap<String, Mutation>,
    extensions: Vec<ComputedField>,
    limits: Limits,
    has_policies: bool,
}

/// A table of a [`Model`].
#[derive(Debug)]
pub struct ResolvedTable {
    /// Its metadata.
    pub table: &'static Table,
    fields: HashMap<String, Field>,
    /// The relations that the schema serves, in the table's order.
    pub relations: Vec<Link>,
}

/// A relation whose two ends are in the model.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// The relation's metadata.
    pub relation: &'static Relation,
    /// The target, an index into [`Model::entities`].
    pub target: EntityId,
    /// The join table, if the relation has one.
    pub through: Option<(&'static Table, &'static Through)>,
    /// Whether the related row always exists and no policy can hide it (GraphQL non-null).
    pub required: bool,
}

/// What a field of an entity is.
#[derive(Debug, Clone, Copy)]
pub enum Field {
    /// A column, an index into [`Table::columns`].
    Column(usize),
    /// A relation.
    Relation(Link),
    /// The aggregate of a to-many relation.
    Aggregate(Link),
    /// The groups of a to-many relation.
    Groups(Link),
    /// A computed field, an index into the model's computed fields.
    Computed(usize),
}

/// What a root field returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// A single row by its primary key.
    One(EntityId),
    /// A single row by a unique key, with its column indexes.
    Unique(EntityId, &'static [usize]),
    /// A list of rows.
    Many(EntityId),
    /// A list of rows in pages, following Relay's specification.
    Connection(EntityId),
    /// The aggregate of a list.
    Aggregate(EntityId),
    /// The groups of a list.
    Groups(EntityId),
    /// The rows of a database function, an index into [`Table::functions`].
    Function(EntityId, usize),
}

/// A mutation: a root field that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mutation {
    /// The table, an index into [`Model::entities`].
    pub entity: EntityId,
    /// What it does.
    pub kind: MutationKind,
}

/// What a mutation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MutationKind {
    /// Creates a row.
    Create,
    /// Creates rows, all or none.
    CreateMany,
    /// Updates a row by its primary key.
    Update,
    /// Updates the rows that match a filter.
    UpdateMany,
    /// Updates the row with the same key, or creates it.
    Upsert,
    /// Deletes a row by its primary key.
    Delete,
    /// Deletes the rows that match a filter.
    DeleteMany,
    /// Calls a database function that returns rows.
    Call {
        /// The function, an index into [`Table::functions`].
        function: usize,
        /// Whether it returns a list of rows.
        many: bool,
    },
}

impl MutationKind {
    /// Whether it writes any number of rows.
    pub fn is_many(self) -> bool {
        matches!(
            self,
            Self::CreateMany | Self::UpdateMany | Self::DeleteMany | Self::Call { many: true, .. }
        )
    }
}

/// The mutations of a table, with the names of their fields: `createProduct`, `updateProducts`.
pub fn mutations(table: &Table) -> Vec<(String, MutationKind)> {
    let named = |verb: &str, name: &str| {
        let (first, rest) = name.split_at(name.chars().next().map_or(0, char::len_utf8));
        format!("{verb}{}{rest}", first.to_uppercase())
    };
    let operations = table.actions;
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

    // An upsert finds its row by the values of a key.
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

impl Model {
    /// Resolves references between the tables. If two tables have the same type name, the first is used.
    pub fn new(
        tables: impl IntoIterator<Item = &'static Table>,
        extensions: Vec<ComputedField>,
        limits: Limits,
    ) -> Self {
        let mut by_type = HashMap::new();
        let mut unique: Vec<&'static Table> = Vec::new();
        for table in tables {
            by_type.entry(table.type_name).or_insert_with(|| {
                unique.push(table);
                EntityId(unique.len() - 1)
            });
        }

        let mut roots = HashMap::new();
        let mut mutations_by_field = HashMap::new();
        let tables = unique;
        let mut entities = Vec::with_capacity(tables.len());

        for (index, &table) in tables.iter().enumerate() {
            let entity = EntityId(index);
            let link = |relation: &'static Relation| {
                let through = match &relation.through {
                    None => None,
                    Some(through) => Some((tables[by_type.get(through.table)?.0], through)),
                };
                let target = *by_type.get(relation.target)?;
                let required = relation.cardinality == Cardinality::One && !tables[target.0].hides_rows();
                Some(Link {
                    relation,
                    target,
                    through,
                    required,
                })
            };
            let relations: Vec<Link> = table.relations.iter().filter_map(link).collect();

            // Columns are added last, so that they replace derived fields of the same name.
            let mut fields = HashMap::new();
            for &link in relations.iter().filter(|link| link.relation.cardinality.is_many()) {
                fields.insert(aggregate_field(link.relation.field), Field::Aggregate(link));
                if has_sortable(tables[link.target.0]) {
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
                fields.insert(extension.field.to_owned(), Field::Computed(at));
            }
            for (at, column) in table.columns.iter().enumerate() {
                fields.insert(column.field.to_owned(), Field::Column(at));
            }

            for &key in table.unique_keys {
                roots
                    .entry(unique_field(table, key))
                    .or_insert(Root::Unique(entity, key));
            }
            for (name, root) in [
                (aggregate_field(table.many), Root::Aggregate(entity)),
                (connection_field(table.many), Root::Connection(entity)),
            ] {
                roots.entry(name).or_insert(root);
            }

            if has_sortable(table) {
                roots.entry(groups_field(table.many)).or_insert(Root::Groups(entity));
            }
            if !table.primary_key.is_empty() {
                roots.insert(table.one.to_owned(), Root::One(entity));
            }
            roots.insert(table.many.to_owned(), Root::Many(entity));

            for (at, function) in table
                .functions
                .iter()
                .enumerate()
                .filter(|(_, function)| !function.writes)
            {
                roots
                    .entry(function.field.to_owned())
                    .or_insert(Root::Function(entity, at));
            }

            for (name, kind) in mutations(table).into_iter().filter(|_| limits.mutations) {
                mutations_by_field.entry(name).or_insert(Mutation { entity, kind });
            }

            entities.push(ResolvedTable {
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
            mutations: mutations_by_field,
            extensions,
            limits,
            has_policies,
        }
    }

    /// The tables, in the order of their root fields.
    pub fn entities(&self) -> &[ResolvedTable] {
        &self.entities
    }

    /// The tables with their ids.
    pub fn entities_with_ids(&self) -> impl Iterator<Item = (EntityId, &ResolvedTable)> {
        let ids = (0..self.entities.len()).map(EntityId);
        ids.zip(&self.entities)
    }

    /// A table by its id.
    pub fn entity(&self, id: EntityId) -> &ResolvedTable {
        &self.entities[id.0]
    }

    /// A table's id by its GraphQL type.
    pub fn find(&self, type_name: &str) -> Option<EntityId> {
        self.by_type.get(type_name).copied()
    }

    /// What a root field returns.
    pub fn root(&self, field: &str) -> Option<Root> {
        self.roots.get(field).copied()
    }

    /// The mutation of a root field.
    pub fn mutation(&self, field: &str) -> Option<Mutation> {
        self.mutations.get(field).copied()
    }

    /// Whether there are mutations.
    pub fn has_mutations(&self) -> bool {
        !self.mutations.is_empty()
    }

    /// Whether any table has policies.
    pub fn has_policies(&self) -> bool {
        self.has_policies
    }

    /// The computed fields.
    pub fn computed_fields(&self) -> &[ComputedField] {
        &self.extensions
    }

    /// The limits of a request.
    pub fn limits(&self) -> Limits {
        self.limits
    }
}

/// Whether a table has a column by which rows can be grouped.
fn has_sortable(table: &Table) -> bool {
    table.columns.iter().any(meta::Column::is_sortable)
}

impl ResolvedTable {
    /// Whether there is a column by which rows can be grouped.
    pub fn is_groupable(&self) -> bool {
        has_sortable(self.table)
    }

    /// Whether there is anything by which rows can be ordered.
    pub fn is_orderable(&self) -> bool {
        self.is_groupable() || self.relations.iter().any(|link| link.relation.cardinality.is_many())
    }

    /// What a field is.
    pub fn field(&self, name: &str) -> Option<Field> {
        self.fields.get(name).copied()
    }
}
