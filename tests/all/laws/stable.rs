//! Names that stay: what is added to a database changes no name that was there.

use std::collections::BTreeMap;

use codegen::catalog::Catalog;
use codegen::config::Settings;
use codegen::schema::{Schema, build};

/// The names that change when a table, or a table's last column, is added to the others.
pub(super) fn changed_names(catalog: &Catalog) -> Vec<String> {
    let whole = names(&build(catalog, &Settings::default()));
    let mut changed = Vec::new();

    for at in 0..catalog.tables.len() {
        let table = &catalog.tables[at];
        let mut less = catalog.clone();
        less.tables.remove(at);
        for other in &mut less.tables {
            other.foreign_keys.retain(|key| key.references != table.name);
        }
        changed.extend(
            differing(&less, &whole)
                .into_iter()
                .map(|name| format!("adding `{}`: {name}", table.name)),
        );

        let last = table
            .columns
            .last()
            .map(|column| column.name.clone())
            .unwrap_or_default();
        let is_key = table
            .primary_key
            .as_ref()
            .is_some_and(|key| key.columns.contains(&last));
        let is_referred = catalog.tables.iter().flat_map(|other| &other.foreign_keys);
        let is_referred = is_referred
            .filter(|key| key.references == table.name)
            .any(|key| key.referenced_columns.contains(&last));
        if table.columns.len() < 2 || is_key || is_referred {
            continue;
        }
        let mut less = catalog.clone();
        let own = &mut less.tables[at];
        own.columns.pop();
        own.unique_keys.retain(|key| !key.columns.contains(&last));
        own.foreign_keys.retain(|key| !key.columns.contains(&last));
        let column = format!("{}.{last}", table.name);
        changed.extend(
            differing(&less, &whole)
                .into_iter()
                .map(|name| format!("adding `{column}`: {name}")),
        );
    }
    changed
}

/// What the smaller database calls otherwise than the whole one.
fn differing(less: &Catalog, whole: &BTreeMap<String, String>) -> Vec<String> {
    let before = names(&build(less, &Settings::default()));
    let is_other = |(thing, name): &(String, String)| whole.get(thing).is_some_and(|now| now != name);
    let others = before.into_iter().filter(is_other);
    others
        .map(|(thing, name)| format!("{thing} was `{name}` and is `{}`", whole[&thing]))
        .collect()
}

/// Everything that has a name in GraphQL, by what it stands for.
fn names(schema: &Schema) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for entity in &schema.entities {
        let table = entity.table.to_string();
        names.insert(format!("the type of {table}"), entity.type_name.to_string());
        names.insert(format!("the row of {table}"), entity.one.to_string());
        names.insert(format!("the rows of {table}"), entity.many.to_string());
        for field in &entity.columns {
            names.insert(format!("{table}.{}", field.column), field.graphql.to_string());
        }
        for relation in &entity.relations {
            let target = &schema.entities[relation.target];
            let column = |entity: &codegen::schema::Entity, at: usize| entity.columns[at].column.clone();
            let pairs: Vec<String> = relation
                .pairs
                .iter()
                .map(|&(here, there)| match &relation.through {
                    Some(through) => {
                        format!(
                            "{} = {}",
                            column(entity, here),
                            column(&schema.entities[through.entity], there)
                        )
                    }
                    None => format!("{} = {}", column(entity, here), column(target, there)),
                })
                .collect();
            let through = relation
                .through
                .as_ref()
                .map(|through| schema.entities[through.entity].table.to_string());
            let key = format!(
                "{table} to {} by {pairs:?} {through:?} {}",
                target.table, relation.holds_key
            );
            names.insert(key, relation.graphql.to_string());
        }
    }
    names
}
