//! Calls the hooks and plugins around a registration, in the order of their priorities.

use super::Registry;
use super::hooks::Call;
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
        let mut hooks = hooks
            .iter()
            .filter_map(|hook| match &hook.call {
                Call::PreRegistration(call) => Some((hook, call)),
                _ => None,
            })
            .peekable();
        let mut plugins_left = plugins.iter().peekable();

        // Hooks and plugins are called in one order of priorities; at equal priority a hook comes first.
        loop {
            let plugin_next = match (hooks.peek(), plugins_left.peek()) {
                (Some((hook, _)), Some(plugin)) => plugin.priority() < hook.priority,
                (None, Some(_)) => true,
                (Some(_), None) => false,
                (None, None) => break,
            };
            if plugin_next {
                let Some(plugin) = plugins_left.next() else { break };
                catch_panic(|| plugin.on_pre_registration(self, definition)).map_err(|r| refuse(plugin.name(), r))?;
            } else {
                let Some((hook, call)) = hooks.next() else { break };
                catch_panic(|| call(self, definition)).map_err(|reason| refuse(&hook.name, reason))?;
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
        for hook in self.hooks().list().iter() {
            if let Call::PostRegistration(call) = &hook.call {
                self.report(&hook.name, "post_registration", catch_panic(|| call(self, info)));
            }
        }

        for plugin in self.plugins().active() {
            let outcome = catch_panic(|| plugin.on_post_registration(self, info));
            self.report(plugin.name(), "post_registration", outcome);
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
