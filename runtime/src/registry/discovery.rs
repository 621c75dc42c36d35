//! Discovery: registers the schemas that the program carries.

use super::Registry;
use super::build::check_unique_app;
use super::{Origin, RegistryError, SchemaDefinition, linked_registrations};
use crate::observe::Event;
use rows::execute::Database;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

/// The result of a discovery.
#[derive(Debug)]
pub struct Discovery {
    /// The schemas that the program carries and discovery may register.
    pub found: Vec<String>,
    /// Those that were registered now.
    pub new: Vec<String>,
    /// Those that could not be registered.
    pub errors: Vec<RegistryError>,
}

impl Registry {
    /// Returns a registry with every schema that the linker gathered, except those with `auto_discover = false`. The
    /// error lists all schemas that cannot be registered.
    pub fn discover(database: Database) -> Result<Self, Vec<RegistryError>> {
        let registry = Self::new(database);
        registry.register_linked().map(|()| registry)
    }

    /// Registers the schemas that the linker gathered, as a program does at its start.
    pub fn register_linked(&self) -> Result<(), Vec<RegistryError>> {
        let discovery = self.run_discovery(Origin::Derive, false);
        if discovery.errors.is_empty() {
            Ok(())
        } else {
            Err(discovery.errors)
        }
    }

    /// Registers the schemas that the program carries and that are not registered, or no longer.
    pub fn rediscover(&self) -> Discovery {
        self.run_discovery(Origin::Discovered, true)
    }

    fn run_discovery(&self, origin: Origin, again: bool) -> Discovery {
        let definitions: Vec<SchemaDefinition> = linked_registrations()
            .into_iter()
            .filter(|definition| definition.auto_discover)
            .collect();
        let mut discovery = Discovery {
            found: definitions.iter().map(|d| d.name.clone()).collect(),
            new: Vec::new(),
            errors: Vec::new(),
        };

        // Even if no schema names them: its author could not see which one it would get.
        let names: BTreeSet<&str> = self.apps().iter().map(|app| app.name).collect();
        discovery.errors.extend(
            names
                .iter()
                .filter_map(|name| check_unique_app(self.apps(), name).err()),
        );
        if !discovery.errors.is_empty() {
            return discovery;
        }

        for definition in definitions {
            let name = definition.name.clone();
            if again && self.find(&name).is_some() {
                continue;
            }
            match self.add(definition, origin) {
                Ok(_) => discovery.new.push(name),
                // It was registered concurrently.
                Err(RegistryError::Duplicate { .. }) if again => {}
                Err(error) => discovery.errors.push(error),
            }
        }

        self.last_discovery.store(Arc::new(Some(SystemTime::now())));
        self.observer().emit(&Event::Discovery {
            found: discovery.found.len(),
            new: discovery.new.len(),
        });

        self.run_discovered(&discovery.found);

        discovery
    }
}
