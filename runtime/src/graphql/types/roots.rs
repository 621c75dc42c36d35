//! The fields of the query and mutation roots: generated ones, then those of hand-written roots.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaField, Registry};

use crate::graphql::types::building::ComposeError;
use crate::graphql::types::building::record_error;
use crate::graphql::types::building::roots;
use crate::graphql::types::entity::root_fields;
use crate::graphql::types::mutation_types::mutation_root_fields;
use crate::graphql::types::scalars::add_specification_urls;

/// The fields of the query root.
pub(in crate::graphql) fn query_fields(registry: &mut Registry) -> IndexMap<String, MetaField> {
    let Some((model, queries, _)) = roots() else {
        return IndexMap::new();
    };

    let mut fields = Merged::default();
    for (name, field) in root_fields(registry, &model) {
        fields.add(name, field, "the generated fields");
    }

    for root in &queries {
        for (name, field) in root.take_fields(registry) {
            fields.add(name, field, root.rust_name);
        }
    }

    add_specification_urls(registry);
    if fields.fields.is_empty() {
        fields.error = Some(ComposeError::Empty);
    }

    fields.finish()
}

/// The fields of the mutation root.
pub(in crate::graphql) fn mutation_fields(registry: &mut Registry) -> IndexMap<String, MetaField> {
    let Some((model, _, mutations)) = roots() else {
        return IndexMap::new();
    };

    let mut fields = Merged::default();
    for (name, field) in mutation_root_fields(registry, &model) {
        fields.add(name, field, "the generated fields");
    }

    for root in &mutations {
        for (name, field) in root.take_fields(registry) {
            fields.add(name, field, root.rust_name);
        }
    }

    add_specification_urls(registry);
    fields.finish()
}

/// Fields of several roots, with the origin of each.
#[derive(Default)]
struct Merged {
    fields: IndexMap<String, MetaField>,
    origins: IndexMap<String, String>,
    error: Option<ComposeError>,
}

impl Merged {
    fn add(&mut self, name: String, field: MetaField, origin: &str) {
        if let Some(first) = self.origins.insert(name.clone(), origin.to_owned()) {
            let clash = ComposeError::Clash {
                field: name.clone(),
                first,
                second: origin.to_owned(),
            };
            self.error.get_or_insert(clash);
        }

        self.fields.insert(name, field);
    }

    fn finish(self) -> IndexMap<String, MetaField> {
        if let Some(error) = self.error {
            record_error(error);
        }
        self.fields
    }
}
