//! Calls the hooks and plugins around a registration, in the order of their priorities.

use super::hooks::Call;
use super::{Participant, Registry, in_order};
use super::{RegistryError, SchemaDefinition, SchemaInfo};
use crate::observe::Event;
use crate::panics::catch_panic;

impl Registry {
    /// Lets hooks and plugins change or refuse a definition, then runs its own check. No lock is held: they may
    /// register schemas themselves.
    pub(super) fn run_pre_registration(&self, definition: &mut SchemaDefinition) -> Result<(), RegistryError> {
        let name = definition.name.clone();
        let refuse = |by: &str, reason: String| {
            self.observer().emit(&Event::Refused {
                schema: &name,
                by,
                reason: &reason,
            });
            RegistryError::Refused {
                schema: name.clone(),
                by: by.to_owned(),
                reason,
            }
        };

        let (hooks, plugins) = (self.hooks().list(), self.plugins().active());
        for participant in in_order(&hooks, &plugins) {
            match participant {
                Participant::Hook(hook) => {
                    let Call::PreRegistration(call) = &hook.call else {
                        continue;
                    };
                    catch_panic(|| call(self, definition)).map_err(|reason| refuse(&hook.name, reason))?;
                }
                Participant::Plugin(plugin) => {
                    catch_panic(|| plugin.on_pre_registration(self, definition))
                        .map_err(|reason| refuse(plugin.name(), reason))?;
                }
            }
        }

        if let Some(check) = definition.check.clone() {
            catch_panic(|| check(definition)).map_err(|reason| refuse("its own check", reason))?;
        }

        for plugin in &plugins {
            catch_panic(|| plugin.validate_schema(definition)).map_err(|reason| refuse(plugin.name(), reason))?;
        }

        Ok(())
    }

    /// Calls hooks and plugins after a registration; an error is reported and has no effect.
    pub(super) fn run_post_registration(&self, info: &SchemaInfo) {
        for participant in in_order(&self.hooks().list(), &self.plugins().active()) {
            match participant {
                Participant::Hook(hook) => {
                    let Call::PostRegistration(call) = &hook.call else {
                        continue;
                    };
                    self.report(&hook.name, "post_registration", catch_panic(|| call(self, info)));
                }
                Participant::Plugin(plugin) => {
                    let outcome = catch_panic(|| plugin.on_post_registration(self, info));
                    self.report(plugin.name(), "post_registration", outcome);
                }
            }
        }
    }

    /// Calls hooks and plugins after a discovery; an error is reported and has no effect.
    pub(super) fn run_discovered(&self, found: &[String]) {
        for participant in in_order(&self.hooks().list(), &self.plugins().active()) {
            match participant {
                Participant::Hook(hook) => {
                    let Call::Discovery(call) = &hook.call else { continue };
                    self.report(&hook.name, "discovery", catch_panic(|| call(self, found)));
                }
                Participant::Plugin(plugin) => {
                    let outcome = catch_panic(|| plugin.on_schema_discovery(self, found));
                    self.report(plugin.name(), "discovery", outcome);
                }
            }
        }
    }

    pub(crate) fn report(&self, name: &str, kind: &'static str, outcome: Result<(), String>) {
        if let Err(reason) = outcome {
            self.observer().emit(&Event::HookFailed {
                name,
                kind,
                reason: &reason,
            });
        }
    }
}
