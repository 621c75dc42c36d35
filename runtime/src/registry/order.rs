//! The one order in which hooks and plugins are called.

use std::sync::Arc;

use super::{Hook, Plugin};

/// A hook or a plugin.
#[derive(Clone, Copy)]
pub(crate) enum Participant<'p> {
    /// A hook.
    Hook(&'p Hook),
    /// A plugin.
    Plugin(&'p Arc<dyn Plugin>),
}

impl Participant<'_> {
    fn priority(&self) -> i32 {
        match self {
            Self::Hook(hook) => hook.priority,
            Self::Plugin(plugin) => plugin.priority(),
        }
    }
}

/// Hooks and plugins by their priorities, lower first; at equal priority a hook comes first.
pub(crate) fn in_order<'p>(hooks: &'p [Hook], plugins: &'p [Arc<dyn Plugin>]) -> Vec<Participant<'p>> {
    let hooks = hooks.iter().map(Participant::Hook);
    let mut all: Vec<Participant<'p>> = hooks.chain(plugins.iter().map(Participant::Plugin)).collect();
    all.sort_by_key(Participant::priority);
    all
}
