//! Foreign keys as fields on both sides.

use std::collections::{BTreeMap, BTreeSet};

use super::field::is_own_id;
use super::{Diagnostic, Entity, GraphqlName, Relation, Through};
use crate::catalog::{Catalog, ForeignKey, ObjectName, Table};
use meta::TargetRow;

/// Returns the name of the to-one field for a key column: `product_id` gives `product`. A column without such an ending
/// keeps its name for the relation.
pub(super) fn relation_stem(column: &str) -> &str {
    ["_id", "_fk", "Id", "_ID"]
        .iter()
        .find_map(|suffix| column.strip_suffix(suffix).filter(|stem| !stem.is_empty()))
        .unwrap_or(column)
}

/// A foreign key between two entities that are both included.
struct Link {
    from: usize,
    to: usize,
    pairs: Vec<(usize, usize)>,
    stem: String,
    unique: bool,
    /// Whether rows may exist whose key refers to no row.
    unchecked: bool,
}

impl Link {
    /// The age of the key, for comparison: columns are added at a table's end, so a key whose last column comes earlier
    /// is older. The oldest key keeps the plain name when another one is added.
    fn age(&self) -> (usize, &[(usize, usize)]) {
        (
            self.pairs.iter().map(|(here, _)| *here).max().unwrap_or_default(),
            &self.pairs,
        )
    }

    fn is_first<'l>(&self, mut rivals: impl Iterator<Item = &'l Self>) -> bool {
        rivals.all(|rival| self.age() <= rival.age())
    }
}

/// Adds the relations of each entity: to-one fields first, then fields for the keys of other tables that refer to it,
/// then those through join tables.
pub(super) fn add_relations(entities: &mut [Entity], catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) {
    let by_table: BTreeMap<&ObjectName, usize> = entities
        .iter()
        .enumerate()
        .map(|(index, entity)| (&entity.table, index))
        .collect();
    let tables: BTreeMap<&ObjectName, &Table> = catalog.tables.iter().map(|table| (&table.name, table)).collect();

    let mut links = Vec::new();
    for (from, entity) in entities.iter().enumerate() {
        let table = tables[&entity.table];
        for key in &table.foreign_keys {
            match by_table.get(&key.references) {
                Some(&to) => links.extend(link(entities, table, (from, to), key)),
                None => diagnostics.push(Diagnostic::warning(
                    format!(
                        "`{}` refers to `{}`, which is left out, and so is the relation",
                        entity.table, key.references
                    ),
                    format!("include `{}` if the relation is needed", key.references.name),
                )),
            }
        }
    }

    let mut forward = Vec::new();
    for link in &links {
        let target = &entities[link.to];
        let target_row = target_row(target, tables[&target.table], link);
        if target_row != Some(TargetRow::Only) {
            diagnostics.push(ambiguous_key_warning(entities, link, target_row));
        }
        if let Some(target_row) = target_row {
            forward.push((link.from, self::to_one_relation(entities, &links, link, target_row)));
        }
    }

    let backward: Vec<(usize, Relation)> = links
        .iter()
        .map(|link| (link.to, reverse_relation(entities, &links, link)))
        .collect();
    let through = many_to_many_relations(entities, &links);

    for (owner, relation) in forward.into_iter().chain(backward).chain(through) {
        entities[owner].relations.push(relation);
    }
}

fn link(entities: &[Entity], table: &Table, (from, to): (usize, usize), key: &ForeignKey) -> Option<Link> {
    let position = |entity: &Entity, column: &str| entity.columns.iter().position(|field| field.column == column);
    let pairs = key
        .columns
        .iter()
        .zip(&key.referenced_columns)
        .map(|(here, there)| Some((position(&entities[from], here)?, position(&entities[to], there)?)))
        .collect::<Option<Vec<_>>>()?;

    let mut columns: Vec<usize> = pairs.iter().map(|(here, _)| *here).collect();
    columns.sort_unstable();
    let is_same = |other: &Vec<usize>| {
        let mut other = other.clone();
        other.sort_unstable();
        !other.is_empty() && other == columns
    };
    let unique = is_same(&entities[from].primary_key) || entities[from].unique_keys.iter().any(is_same);

    let stem = match key.columns.as_slice() {
        [column] if is_own_id(table, column) => entities[to].one.as_str().to_owned(),
        [column] => relation_stem(column).to_owned(),
        _ => entities[to].one.as_str().to_owned(),
    };

    Some(Link {
        from,
        to,
        pairs,
        stem,
        unique,
        unchecked: key.unchecked,
    })
}

/// Returns which row a key refers to. `InnoDB` allows keys to columns that are not unique, SQLite checks none of
/// them, and a child table of PostgreSQL may repeat its parent's rows. `None` if the rows cannot be told apart.
fn target_row(target: &Entity, table: &Table, link: &Link) -> Option<TargetRow> {
    let columns: BTreeSet<usize> = link.pairs.iter().map(|(_, there)| *there).collect();
    let is_within = |key: &Vec<usize>| !key.is_empty() && key.iter().all(|column| columns.contains(column));

    match is_within(&target.primary_key) || target.unique_keys.iter().any(is_within) {
        true if table.has_children => Some(TargetRow::Own),
        true => Some(TargetRow::Only),
        false if target.primary_key.is_empty() => None,
        false => Some(TargetRow::First),
    }
}

fn ambiguous_key_warning(entities: &[Entity], link: &Link, target_row: Option<TargetRow>) -> Diagnostic {
    let (from, to) = (&entities[link.from], &entities[link.to]);
    let columns: Vec<String> = link
        .pairs
        .iter()
        .map(|(_, there)| format!("`{}`", to.columns[*there].column))
        .collect();

    let shown = match target_row {
        None => "there is no field for the row that it refers to",
        Some(TargetRow::Own) => "its field returns the row of that table itself, not of a table that inherits from it",
        Some(_) => "its field returns the first of these rows by primary key",
    };
    let columns = columns.join(" and ");

    Diagnostic::warning(
        format!(
            "`{}` refers to {columns} of `{}`, which several rows may have; {shown}",
            from.table, to.table
        ),
        format!("add a unique constraint on {columns} of `{}`", to.table),
    )
}

fn to_one_relation(entities: &[Entity], links: &[Link], link: &Link, target_row: TargetRow) -> Relation {
    let rivals = links
        .iter()
        .filter(|other| other.from == link.from && other.stem == link.stem);
    let is_plain = link.is_first(rivals);

    let graphql = if !is_plain && link.pairs.len() > 1 {
        let columns: Vec<&str> = link
            .pairs
            .iter()
            .map(|(here, _)| entities[link.from].columns[*here].column.as_str())
            .collect();
        GraphqlName::field(&format!("{} by {}", link.stem, columns.join(" ")))
    } else {
        GraphqlName::field(&link.stem)
    };

    Relation {
        graphql,
        target: link.to,
        to_many: false,
        target_row,
        nullable: link.unchecked
            || target_row != TargetRow::Only
            || link
                .pairs
                .iter()
                .any(|(here, _)| entities[link.from].columns[*here].nullable),
        holds_key: true,
        pairs: link.pairs.clone(),
        through: None,
    }
}

fn reverse_relation(entities: &[Entity], links: &[Link], link: &Link) -> Relation {
    let source = &entities[link.from];
    let base = if link.unique { &source.one } else { &source.many };

    let rivals = links
        .iter()
        .filter(|other| other.from == link.from && other.to == link.to);
    let graphql = if link.is_first(rivals) {
        base.clone()
    } else {
        GraphqlName::field(&format!("{base} by {}", link.stem))
    };

    Relation {
        graphql,
        target: link.from,
        target_row: TargetRow::Only,
        to_many: !link.unique,
        nullable: link.unique,
        holds_key: false,
        pairs: link.pairs.iter().map(|&(here, there)| (there, here)).collect(),
        through: None,
    }
}

/// Returns the many-to-many fields across join tables: tables whose primary key is two foreign keys, and that have no
/// other columns.
fn many_to_many_relations(entities: &[Entity], links: &[Link]) -> Vec<(usize, Relation)> {
    let mut relations = Vec::new();
    for (index, entity) in entities.iter().enumerate() {
        let own: Vec<&Link> = links.iter().filter(|link| link.from == index).collect();
        let [first, second] = own.as_slice() else { continue };

        let mut columns: Vec<usize> = first.pairs.iter().chain(&second.pairs).map(|(here, _)| *here).collect();
        columns.sort_unstable();
        let mut key = entity.primary_key.clone();
        key.sort_unstable();

        let own = entity.columns.iter().filter(|field| field.function.is_none()).count();
        if columns != key || columns.len() != own {
            continue;
        }

        for (near, far) in [(first, second), (second, first)] {
            let target = &entities[far.to];
            let graphql = if near.to == far.to {
                // A table joined with itself: the column's name tells the directions apart.
                GraphqlName::field(&format!("{} by {}", target.many, near.stem))
            } else {
                target.many.clone()
            };
            let relation = Relation {
                graphql,
                target: far.to,
                to_many: true,
                target_row: TargetRow::Only,
                nullable: false,
                holds_key: false,
                pairs: near.pairs.iter().map(|&(here, there)| (there, here)).collect(),
                through: Some(Through {
                    entity: index,
                    pairs: far.pairs.clone(),
                }),
            };
            relations.push((near.to, relation));
        }
    }

    relations
}
