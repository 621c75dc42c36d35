//! The schemas of the program: what they are made of, who registered them, and the engines that serve them.

mod build;
mod builder;
mod definition;
mod error;
mod hooks;
mod info;
mod link;
mod plugin;
mod settings;
mod store;

pub use build::{Registered, definition_sdl};
pub use builder::SchemaBuilder;
pub use definition::{DefinedSchema, Origin, SchemaDefinition, SchemaProvider};
pub use error::RegistryError;
pub(crate) use hooks::guarded;
pub use hooks::{DEFAULT_PRIORITY, Hook, HookKind, Hooks, RequestContext};
pub use info::{SchemaInfo, timestamp};
pub use link::{Registration, linked_registrations};
pub use plugin::{Installed, Plugin, Plugins, Verdict};
pub use settings::{ACTING, Caching, Effective, FREE, SettingError, SettingValue, Settings};
pub use store::{Discovery, Registry};
